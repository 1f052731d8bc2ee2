"""Worlds: a model of processes, a table of history, bootstrapped history, and stress laid over any."""

BUILT_IN: dict[str, str] = {}
"""Kinds of scenario that read a table, by the name that a book uses."""
