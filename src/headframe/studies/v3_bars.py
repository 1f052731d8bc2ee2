"""
Fees of a concentrated position from bars of its pool.

Bars are what a data source gives for a Uniswap v3 pool: ticks at the open, high, low and close,
what was paid in of each token, and the mean active liquidity. `fees_from_bars` says what a position
in a range would have earned in each bar, and what it holds at its close; a year of minutes takes a
fraction of a second. How far that is from the pool's own arithmetic is measured by
`studies.fee_truth`, whose table stands in docs/protocols/uniswap_v3.md.

Amounts, volumes and liquidity are in smallest units (wei), as the pool's events have them, but as
floats. `volume` is what came *in* and not what went out: the positive amounts of the swap events,
fee included. `liquidity` is the mean of the active liquidity over the bar's swaps, best weighted by
their volume.

>>> bars = Bars(open=[0.0], high=[150.0], low=[-50.0], close=[100.0], volume0=[6e15],
...             volume1=[8e15], liquidity=[1e18])
>>> earned = fees_from_bars(bars, tick_lower=-60, tick_upper=60, liquidity=1e15, fee=0.003)
>>> [round(float(share), 3) for share in (earned.share0[0], earned.share1[0])]
[0.512, 0.546]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headframe.errors import InputError
from headframe.kernels import uniswap_v3_bars as kernel
from headframe.kernels.uniswap_v3 import LOG_TICK
from headframe.layout import record
from headframe.types import Array

TICK_LIMIT = 887_272
"""The last tick that a pool knows, up or down."""
Column = Array | Sequence[float]
"""One value a bar."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """
    Bars of a pool, one value each a bar; see the module for units.

    Ticks that are whole numbers are taken as the contract's, which round down: half a tick is
    added. Ticks with a fraction are taken as they are.
    """

    open: Column
    high: Column
    low: Column
    close: Column
    volume0: Column
    volume1: Column
    liquidity: Column

    def rows(self) -> Array:
        """The bars as the kernel takes them; raises `InputError` naming what does not fit."""
        columns = {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}
        size = columns["close"].shape
        ticks = [columns[name] for name in ("open", "high", "low", "close")]
        whole = all(bool(np.all(column == np.floor(column))) for column in ticks)
        block = np.empty((len(columns), *size))
        for row, (name, column) in enumerate(columns.items()):
            place = f"bars.{name}"
            if column.ndim != 1 or column.shape != size:
                raise InputError(place, column.shape, f"one value a bar, as close has: {size}")
            if not np.all(np.isfinite(column)):
                raise InputError(place, "a value that is not finite", "finite numbers")
            if row > kernel.CLOSE and np.any(column < 0):
                raise InputError(place, float(np.min(column)), "0 or more")
            if row <= kernel.CLOSE and np.any(np.abs(column) > TICK_LIMIT):
                raise InputError(place, float(column[np.argmax(np.abs(column))]), "a tick")
            block[row] = column
        if np.any(block[kernel.HIGH] < block[kernel.LOW]):
            raise InputError("bars.high", "a high below its low", "high at least low")
        if whole:
            block[: kernel.CLOSE + 1] += 0.5
        return block


@dataclass(frozen=True, eq=False)
class Earned:
    """What a position earned in each bar, and what it held at its close, in smallest units."""

    fee0: Array
    fee1: Array
    amount0: Array
    amount1: Array
    share0: Array
    """Share of the bar's volume of token0 that was traded inside the range."""
    share1: Array
    """The same of token1."""
    price: Array
    """Price of token0 in token1 at the close, in smallest units."""

    @property
    def total0(self) -> float:
        """Fees of all bars, token0."""
        return float(self.fee0.sum())

    @property
    def total1(self) -> float:
        """Fees of all bars, token1."""
        return float(self.fee1.sum())

    @property
    def value(self) -> Array:
        """Tokens in the range and fees so far, in token1 at each close."""
        have0 = self.amount0 + np.cumsum(self.fee0)
        worth: Array = have0 * self.price + self.amount1 + np.cumsum(self.fee1)
        return worth


def fees_from_bars(
    bars: Bars,
    *,
    tick_lower: float,
    tick_upper: float,
    liquidity: float,
    fee: float,
    included: bool = False,
) -> Earned:
    """
    Fees of a position per bar and token.

        fee = fee rate * volume * L / (active liquidity + L) * share inside the range

    `included` says that the bars' liquidity counts the position already: its own is then not added.
    Raises `InputError` for a range that is empty or leaves the ticks, a liquidity below 0, a fee
    outside [0, 1), or bars that do not fit together.
    """
    if not -TICK_LIMIT <= tick_lower < tick_upper <= TICK_LIMIT:
        allowed = f"below the upper tick {tick_upper:g}, both within {TICK_LIMIT:,}"
        raise InputError("tick_lower", tick_lower, allowed)
    if not 0.0 <= liquidity < math.inf:
        raise InputError("liquidity", liquidity, "0 or more")
    if not 0.0 <= fee < 1.0:
        raise InputError("fee", fee, "a share from 0 to below 1")
    block = bars.rows()
    out = np.empty((6, block.shape[1]))
    constants = record(
        lower=float(tick_lower),
        upper=float(tick_upper),
        root_lower=math.exp(0.5 * LOG_TICK * tick_lower),
        root_upper=math.exp(0.5 * LOG_TICK * tick_upper),
        liquidity=float(liquidity),
        added=0.0 if included else float(liquidity),
        fee=float(fee),
    )
    kernel.fees(block, out, constants)
    fee0, fee1, amount0, amount1, share0, share1 = out
    price = np.exp(LOG_TICK * block[kernel.CLOSE])
    return Earned(fee0, fee1, amount0, amount1, share0, share1, price)
