"""Where the money comes from and goes: the mean result of each account by entry kind.

Prices are one source (`market`: quantity held before times the change of its price), entries the
others; together they are the change of wealth on every path, so their means are the mean result.
"""

from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.tally import Kept


@dataclass(frozen=True)
class Share:
    """One account's part of the result: by kind in the numeraire, and quantities by line."""

    account: str
    kinds: dict[str, Estimate]
    quantities: dict[str, Estimate]

    @property
    def total(self) -> float:
        """The account's mean result; principal moves out of one account into another."""
        return sum(estimate.value for estimate in self.kinds.values())


def attribution(kept: Kept) -> list[Share]:
    """Every account's part of the mean result."""
    accounts = [row.split("/")[1] for row in kept.rows if row.startswith("market/")]
    return [_share(kept, account) for account in accounts]


def _share(kept: Kept, account: str) -> Share:
    kinds = {"market": kept.moments.estimate(f"market/{account}")}
    value, quantity = f"value/{account}/", f"quantity/{account}/"
    for row in kept.rows:
        if row.startswith(value):
            kinds[row.removeprefix(value)] = kept.moments.estimate(row)
    lines = [row for row in kept.rows if row.startswith(quantity)]
    return Share(
        account, kinds, {r.removeprefix(quantity): kept.moments.estimate(r) for r in lines}
    )


def by_kind(shares: list[Share]) -> dict[str, float]:
    """The whole book's mean result by kind, zero sums left out, largest first."""
    total: dict[str, float] = {}
    for share in shares:
        for kind, estimate in share.kinds.items():
            total[kind] = total.get(kind, 0.0) + estimate.value
    scale = max((abs(v) for v in total.values()), default=0.0)
    kept = {kind: v for kind, v in total.items() if abs(v) > 1e-9 * scale}
    return dict(sorted(kept.items(), key=lambda item: -item[1]))
