"""What our own size moves: one file a venue. `BUILT_IN` says what a book may name."""

BUILT_IN: dict[str, str] = {}
"""Kinds of venue by the name that a book uses."""
