"""What we do: one file a policy. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "delever": "headframe.policies.delever:Delever",
    "compound": "headframe.policies.compound:Compound",
}
"""Kinds of policy by the name that a book uses."""
