"""headframe."""
