"""
The range of concentrated liquidity, what is held in one already, and how money gets into it.

A range is told by prices, by ticks or by a width around the price at the opening. A pool knows only
every n-th tick, n being the spacing of its fee tier; bounds move outwards to these.
"""

import math
from typing import Literal, Protocol

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels.uniswap_v2 import SMALLEST_PRICE
from headframe.kernels.uniswap_v3 import LOG_TICK, ON_TICK, amounts
from headframe.ledger import Account
from headframe.types import STRICT, Amounts, Array, Block, NonNegative, Positive

TICK_SPACINGS = {0.0001: 1, 0.0005: 10, 0.003: 60, 0.01: 200}
"""Spacing of usable ticks by fee: the tiers of the mainnet factory."""
STEPS = 24
"""Steps towards the swap of a deposit: its error falls below a rounding for all but huge ones."""
TICK_LIMIT = 887_272
"""The last tick of a pool, up or down."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class V3Range:
    """
    A range of prices of token0 in token1: `lower` and `upper`, or ticks, or a `width` w.

    A width gives [P / (1 + w), P (1 + w)] around the price P at the opening. Ticks are those of the
    contract, of prices in smallest units. With `snap = "outward"` the bounds move outwards to ticks
    that the pool's fee tier can use (`tick_spacing` where the fee is no tier's); with "none" they
    stay as they are. `decimals0` and `decimals1` are the tokens', by which ticks are placed.

    >>> V3Range(lower=1_800.0, upper=2_400.0, decimals1=6).ticks(fee=0.003)
    (-201420, -198480)
    """

    lower: Positive | None = None
    upper: Positive | None = None
    tick_lower: int | None = None
    tick_upper: int | None = None
    width: Positive | None = None
    snap: Literal["outward", "none"] = "outward"
    tick_spacing: int | None = None
    decimals0: int = 18
    decimals1: int = 18

    @model_validator(mode="after")
    def _one_range(self) -> "V3Range":
        ends = ((self.lower, self.upper), (self.tick_lower, self.tick_upper))
        told = [pair for pair in ends if pair != (None, None)]
        if len(told) + (self.width is not None) != 1 or (told and None in told[0]):
            raise ValueError("give lower and upper, or tick_lower and tick_upper, or width")
        if told and not told[0][0] < told[0][1]:  # type: ignore[operator]
            raise ValueError(f"the lower bound {told[0][0]} must be below the upper {told[0][1]}")
        if self.tick_lower is not None and self.tick_upper is not None:
            for tick in (self.tick_lower, self.tick_upper):
                if abs(tick) > TICK_LIMIT:
                    raise ValueError(f"tick {tick}: a pool knows ticks within {TICK_LIMIT:,}")
        if self.tick_spacing is not None and not 0 < self.tick_spacing < 16_384:
            raise ValueError(f"tick_spacing {self.tick_spacing}: from 1 to 16383")
        return self

    @property
    def offset(self) -> float:
        """What is added to the logarithm of a price to have it in smallest units."""
        return math.log(10.0) * (self.decimals1 - self.decimals0)

    def spacing(self, fee: float) -> float:
        """Spacing of the ticks that bounds move to, 0 for none; by the fee's tier if not told."""
        if self.snap == "none":
            return 0.0
        if self.tick_spacing is not None:
            return float(self.tick_spacing)
        for tier, spacing in TICK_SPACINGS.items():
            if math.isclose(tier, fee, rel_tol=1e-9):
                return float(spacing)
        tiers = ", ".join(f"{tier:g}" for tier in TICK_SPACINGS)
        raise ValueError(f"fee {fee:g} is no tier ({tiers}): give range.tick_spacing or snap none")

    def bounds(self, price: Array | float) -> tuple[Array | float, Array | float]:
        """Prices of the bounds as asked for, before they move to ticks; `price` is the present."""
        if self.width is not None:
            return price / (1.0 + self.width), price * (1.0 + self.width)
        if self.lower is not None and self.upper is not None:
            return self.lower, self.upper
        ticks = (self.tick_lower or 0, self.tick_upper or 0)
        low, high = (math.exp(tick * LOG_TICK - self.offset) for tick in ticks)
        return low, high

    @property
    def half_width(self) -> float:
        """The w for which the range is [P / (1 + w), P (1 + w)] about its own middle."""
        if self.width is not None:
            return self.width
        low, high = self.bounds(1.0)
        return math.sqrt(float(high) / float(low)) - 1.0

    def ticks(self, fee: float, price: float = 1.0) -> tuple[int, int]:
        """The contract's ticks of the bounds, outwards; with a `width`, around a price."""
        per = max(self.spacing(fee), 1.0)
        low, high = ((math.log(end) + self.offset) / LOG_TICK / per for end in self.bounds(price))
        first = math.floor(low + ON_TICK)
        last = max(math.ceil(high - ON_TICK), first + 1)
        return first * int(per), last * int(per)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldRange:
    """
    Liquidity that exists already in the position's range.

    Either `liquidity`, in sqrt(token0 token1) of whole units, or what the range holds now. Fees not
    yet collected lie beside it; impermanent loss counts from now where it is not told what was put
    in.
    """

    liquidity: NonNegative | None = None
    amount0: NonNegative | None = None
    amount1: NonNegative | None = None
    uncollected0: NonNegative = 0.0
    uncollected1: NonNegative = 0.0
    entered0: NonNegative | None = None
    """Token0 put in at entry."""
    entered1: NonNegative | None = None
    """Token1 put in at entry."""
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""

    @model_validator(mode="after")
    def _told_once(self) -> "HeldRange":
        by_amounts = self.amount0 is not None and self.amount1 is not None
        if by_amounts == (self.liquidity is not None):
            raise ValueError("give either liquidity, or amount0 and amount1")
        return self


class InRange(Protocol):
    """What a position needs to have money put into its range."""

    @property
    def token0(self) -> str: ...
    @property
    def token1(self) -> str: ...
    @property
    def deposit(self) -> Amounts | None: ...
    @property
    def swap_cost(self) -> float: ...


def deposit_loss(
    state: Block, sides: tuple[Array, Array], prices: list[Array], depth: Array | float, fee: float
) -> Array:
    """
    What a deposit into a range loses to the fee of its swap and to its own impact, at fair value.

    Some s of the token that is too much is swapped in a pool of depth r, out = r g s / (r + g s)
    with g = 1 - f, such that nothing is left over at the price that the swap leaves behind:

        (A - s) / U_a = (B + out) / U_b,   U the values of the two tokens of one liquidity there

    The liquidity counts at the price that arbitrage brings the pool back to. All by value. The root
    is found by steps that each shrink its error about s / r times.
    """
    rows = ("root", "root_lower", "root_upper")
    root, lower, upper = (state[row] for row in rows)
    ones, r, g = np.ones_like(root), np.maximum(depth, SMALLEST_PRICE), 1.0 - fee
    unit = amounts(ones, root, lower, upper)
    per = [np.maximum(unit[k] * prices[k], 0.0) for k in range(2)]
    first = sides[0] * per[1] > sides[1] * per[0]
    rich, poor = np.where(first, sides[0], sides[1]), np.where(first, sides[1], sides[0])
    swapped, got, here = np.zeros_like(root), np.zeros_like(root), per
    for _ in range(STEPS):
        got = r * g * swapped / (r + g * swapped)
        moved = (r + swapped) / np.maximum(r - got, SMALLEST_PRICE)
        at = root * np.sqrt(np.where(first, 1.0 / moved, moved))
        unit = amounts(ones, at, lower, upper)
        here = [np.maximum(unit[k] * prices[k], 0.0) for k in range(2)]
        mine, other = (np.where(first, here[k], here[1 - k]) for k in range(2))
        rate = r * g / (r + g * swapped)
        needed = np.maximum(mine * rate + other, SMALLEST_PRICE)
        swapped = np.clip((rich * other - poor * mine) / needed, 0.0, rich)
    got = r * g * swapped / (r + g * swapped)
    bought = (rich + poor - swapped + got) / np.maximum(here[0] + here[1], SMALLEST_PRICE)
    loss: Array = np.maximum(rich + poor - bought * (per[0] + per[1]), 0.0)
    return loss


def invest(
    position: InRange,
    state: Block,
    have: tuple[Array, Array],
    out: Account,
    *,
    gas: Array,
    times: Array | None = None,
    depth: Array | float = 0.0,
) -> Array:
    """
    Swap what is there to the range's proportion and give the liquidity that it buys.

    `have` are tokens that the position holds already; with `times`, the deposit is paid in from the
    wallet so many times. What is lacking of a token is swapped at the position's cost; where
    `depth`, the value of one side of the pool, is above 0, with its impact: see `deposit_loss`. Gas
    is paid out of the tokens, no more than these.
    """
    tokens = (position.token0, position.token1)
    prices = [np.maximum(out.price(token), SMALLEST_PRICE) for token in tokens]
    ones = np.ones_like(have[0])
    unit = amounts(ones, state["root"], state["root_lower"], state["root_upper"])
    per = [unit[k] * prices[k] for k in range(2)]
    one = np.maximum(per[0] + per[1], SMALLEST_PRICE)
    mine = [have[k] * prices[k] for k in range(2)]
    total = mine[0] + mine[1]
    if times is not None:
        for asset, quantity in (position.deposit or {}).items():
            paid = np.minimum(quantity * times, np.maximum(out.wallet(asset), 0.0))
            out.post("principal", asset, -paid, cash=True)
            worth = paid * out.price(asset)
            total = total + worth
            for k, token in enumerate(tokens):
                mine[k] = mine[k] + (worth if asset == token else 0.0)
    want = [total * part / one for part in per]
    lacking = np.maximum(want[0] - mine[0], 0.0) + np.maximum(want[1] - mine[1], 0.0)
    cost = position.swap_cost * lacking
    if np.any(np.asarray(depth) > 0.0):
        # other assets are bought where they lack, at the market, before anything goes to the pool
        others = np.maximum(total - mine[0] - mine[1], 0.0)
        share = (1.0 - position.swap_cost) * others / np.maximum(lacking, SMALLEST_PRICE)
        sides = [mine[k] + share * np.maximum(want[k] - mine[k], 0.0) for k in range(2)]
        moved = deposit_loss(state, (sides[0], sides[1]), prices, depth, position.swap_cost)
        cost = np.where(depth > 0.0, position.swap_cost * others + moved, cost)
    burnt = np.where(total > 0.0, np.minimum(gas, total - cost), 0.0)
    for k, token in enumerate(tokens):
        share = per[k] / one / prices[k]
        out.post("principal", token, want[k] / prices[k] - have[k])
        out.post("slippage", token, -cost * share)
        out.post("gas", token, -burnt * share)
    bought: Array = (total - cost - burnt) / one
    return bought
