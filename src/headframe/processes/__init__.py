"""How the world moves: one file a family of processes. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "constant": "headframe.processes.constant:Constant",
    "gbm": "headframe.processes.gbm:GBM",
    "jumps": "headframe.processes.jumps:Jumps",
}
"""Kinds of process by the name that a book uses."""
