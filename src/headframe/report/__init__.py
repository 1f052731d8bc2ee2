"""The same numbers for people and for programs: terminal, one HTML page, JSON."""
