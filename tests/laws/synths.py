"""Minters in a debt pool, for the laws: one keeps his sUSD, one trades it, one sells it."""

from typing import Any

from headframe.positions.synthetic_debt import SyntheticDebt
from headframe.processes.constant import Constant
from headframe.venues.debt_pool import DebtPool

SYNTH_AMOUNTS = {"open": 0.2, "delever": 3.5, "mint": 2.6}
"""What a minter's verbs are tried with."""


def synthetic_debt(**changes: Any) -> SyntheticDebt:
    """Two coins that move pledged against sUSD, near enough to its least ratio to be flagged."""
    usual: dict[str, Any] = {
        "name": "minter",
        "pool": "synths",
        "synths": ("eth", "btc"),
        "collateral": "comp",
        "deposit": {"usdc": 4_000.0},
        "c_ratio": 3.0,
        "issuance_c_ratio": 3.0,
        "liquidation_c_ratio": 2.6,
        "keeper_reward": 0.1,
        "delay_s": "2d",
        "gas_usd": 2.0,
        "reward_lock_s": "5d",
    }
    return SyntheticDebt(**(usual | changes))


def minters() -> tuple[SyntheticDebt, ...]:
    """One of each sort."""
    return (
        synthetic_debt(),
        synthetic_debt(name="trader", into="eth", as_synth=True),
        synthetic_debt(name="seller", into="usdc", c_ratio=4.0),
    )


def debt_pool(**changes: Any) -> DebtPool:
    """A small pool, so that our own size matters; fees and rewards."""
    usual: dict[str, Any] = {
        "name": "synths",
        "synths": {"susd": 20_000.0, "eth": 5.0, "btc": 0.1},
        "volume_usd": 4_000.0,
        "rewards_per_year": 500.0,
    }
    return DebtPool(**(usual | changes))


def dollar() -> Constant:
    """The dollar's synth at its peg."""
    return Constant(name="susd_usd", value=1.0)
