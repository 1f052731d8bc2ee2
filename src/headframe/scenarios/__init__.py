"""Worlds: a model of processes, history as it was or resampled, and stress laid over any."""

BUILT_IN: dict[str, str] = {
    "bootstrap": "headframe.scenarios.bootstrap:Bootstrap",
    "history": "headframe.scenarios.history:History",
}
"""Kinds of scenario that read tables, by the name that a book uses."""
