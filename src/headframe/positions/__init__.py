"""What is owned: one file a position. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "levered": "headframe.positions.levered:Levered",
    "mine": "headframe.positions.mine:Mine",
}
"""Kinds of position by the name that a book uses."""
