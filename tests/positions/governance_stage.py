"""A lock of 1,000 tokens at 2 dollars each, played for some days."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scripted import played, scripted

from headframe.position import Order
from headframe.positions.vote_escrow import VoteEscrow
from headframe.units import DAY_S

TOKENS = 1_000.0


@dataclass(frozen=True)
class CloseOnce:
    """Closes the lock on a day."""

    day: int
    name: str = "close"
    every_s: float | None = None
    lag_s: float = 0.0
    fields: ClassVar[tuple[str, ...]] = ()
    trades: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[Any, ...]] = ()
    needs: ClassVar[tuple[Any, ...]] = (("lock", (), ("close",)),)

    def wire(self, layout, dt_s):
        return None

    def open(self, state, view, now):
        return None

    def decide(self, state, view, now):
        if now.step != self.day:
            return ()
        return (Order(position="lock", verb="close", mask=np.ones(state.n_paths, np.bool_)),)


def escrow(**changes):
    usual = {
        "name": "lock",
        "asset": "crv",
        "deposit": {"crv": TOKENS},
        "others_votes": 1e6,
        "swap_cost": 0.0,
    }
    return VoteEscrow(**{k: v for k, v in (usual | changes).items() if v is not ...})


def played_lock(days, close_at=None, **changes):
    policies = () if close_at is None else (CloseOnce(close_at),)
    book = scripted(
        escrow(**changes),
        values={"crv_usd": 2.0},
        wallet={"crv": TOKENS},
        n_steps=days,
        step_s=DAY_S,
        policies=policies,
    )
    return played(book)
