"""
What cover cost and what it should have cost: the premium paid, and the mean of what it paid.

The mean payout over all paths is the premium at which neither side gains: the fair premium of the
simulated losses, without the loading for capital and costs that an insurer must ask.
"""

from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.tally import Kept


@dataclass(frozen=True)
class Insurance:
    """One position's premiums, positive as paid, and its fair premium."""

    position: str
    premium: Estimate
    fair_premium: Estimate


def insurance(kept: Kept) -> list[Insurance]:
    """Every position that books both premiums and payouts."""
    found = []
    for row in kept.rows:
        if not (row.startswith("value/") and row.endswith("/premium")):
            continue
        position = row.split("/")[1]
        if f"value/{position}/payout" in kept.rows:
            paid = kept.moments.estimate(row)
            fair = kept.moments.estimate(f"value/{position}/payout")
            found.append(Insurance(position, Estimate(-paid.value, paid.se), fair))
    return found
