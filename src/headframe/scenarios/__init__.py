"""Worlds: a model of processes, a table of history, bootstrapped history, and stress laid over any."""
