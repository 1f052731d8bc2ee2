"""
Rewards that a protocol emits, diluted by all who come for them, and how much comes.

`Emissions` pays tokens per second on a schedule and publishes what that is worth a year on the
capital that shares it. `Tvl` is that capital, chasing the yield: where the yield is above what is
required capital comes in until it is not, with a lag. The two read each other across a step.
"""

import math
from typing import Any, ClassVar

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import ou as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import PriceName, QuantityName, quantities
from headframe.types import (
    STRICT,
    Block,
    Delay,
    Duration,
    Fraction,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Emissions:
    """
    A schedule of reward tokens, and the simple yearly rate that it pays on the capital staked.

        reward_apr = tokens_per_s YEAR price / tvl

    `tokens_per_s` is today's rate for the pool; it falls by a factor `kept` at the end of every
    `period_s`, the first of which ends in `next_cut_s`, and stops at `ends_s`. A halving every four
    years is `kept = 0.5`, a weekly cut of 1 % is `kept = 0.99, period_s = "7d"`; with `smooth` the
    rate falls continuously at the same pace instead. `tvl` is in the currency of `price`. Over a
    step the rate is the mean of the schedule. Publishes `_reward_apr` and `_tokens_per_s` under the
    process's own name.

    >>> farm = Emissions(name="farm", price="cake_usd", tokens_per_s=0.5, tvl=1e7, kept=0.5,
    ...                  period_s="1y")
    >>> farm.emitted(2 * 31_536_000.0)
    23652000.0
    """

    kind: ClassVar[str] = "emissions"
    name: Name
    price: PriceName
    tokens_per_s: NonNegative
    tvl: Signal
    kept: Fraction = 1.0
    period_s: Duration = YEAR_S
    next_cut_s: Delay | None = None
    smooth: bool = False
    ends_s: Duration | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _same_currency(self) -> "Emissions":
        _ = self.publishes
        currency = self.price.split("_")[1]
        if isinstance(self.tvl, str) and not self.tvl.endswith(f"_{currency}"):
            raise ValueError(f"tvl must be in the currency of price: name it ..._{currency}")
        if not isinstance(self.tvl, str) and self.tvl <= 0.0:
            raise ValueError("tvl must be above 0")
        if self.smooth and (self.kept == 0.0 or self.next_cut_s is not None):
            raise ValueError("a smooth schedule needs kept above 0, and has no next_cut_s")
        return self

    @property
    def publishes(self) -> Rows:
        """The reward rate on capital, and the tokens per second."""
        return quantities(self.name, "reward_apr", "tokens_per_s")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The token's price and the capital that shares the rewards."""
        return (self.price, self.tvl)

    def emitted(self, t_s: float) -> float:
        """Tokens that the schedule pays from the opening to a time."""
        t_s = t_s if self.ends_s is None else min(t_s, self.ends_s)
        if self.kept == 1.0:
            return self.tokens_per_s * t_s
        if self.smooth:
            speed = -math.log(self.kept) / self.period_s
            return self.tokens_per_s * -math.expm1(-speed * t_s) / speed
        first = self.period_s if self.next_cut_s is None else self.next_cut_s
        if t_s <= first:
            return self.tokens_per_s * t_s
        whole, part = divmod(t_s - first, self.period_s)
        rate = self.tokens_per_s * self.kept
        paid = self.tokens_per_s * first
        left = math.pow(self.kept, whole)
        paid += rate * self.period_s * (1.0 - left) / (1.0 - self.kept)
        return paid + rate * left * part

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        return tuple(layout.row(signal) for signal in (*self.reads, *self.publishes))

    def open(self, state: Block, now: Tick) -> None:
        """The schedule's rate at the opening."""
        self._publish(state, now, self.tokens_per_s)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """The schedule's mean rate over the step."""
        paid = self.emitted(now.t_s) - self.emitted(now.t_s - now.dt_s)
        self._publish(state, now, paid / now.dt_s)

    def _publish(self, state: Block, now: Tick, tokens_per_s: float) -> None:
        price, tvl, reward_apr, rate = (now.world.data[row] for row in state.wire)
        rate[...] = tokens_per_s
        reward_apr[...] = tokens_per_s * YEAR_S * price / tvl

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form: price over capital."""
        return {}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Tvl:
    """
    Capital staked in a pool that chases a yield.

        d ln V = ln(yield / required_apr) dt / lag + sigma dW

    A reward divided among all who stake pays yield = reward / V, so V tends to reward over
    `required_apr`: what dilution leaves is what capital asks. `yields` may be several, which add
    up: a reward's and the fees', so that when incentives end capital leaves until the fees alone
    pay what it asks. It may leave faster or slower than it comes: `leave_lag_s`. They may be
    what venues publish, with our own size in it. `floor` is the capital that stays whatever the
    yield, in the observable's own unit.

    >>> Tvl(name="farm_tvl_usd", start=2e7, yields="farm_reward_apr", required_apr=0.25,
    ...     lag_s="10d").reads_before
    ('farm_reward_apr',)
    """

    kind: ClassVar[str] = "tvl"
    name: QuantityName
    start: Positive
    yields: Signal | tuple[Signal, ...]
    required_apr: Positive
    lag_s: Duration
    leave_lag_s: Duration | None = None
    volatility: NonNegative = 0.0
    floor: Positive = 1.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("log_value", "yield")
    reads: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _some_yield(self) -> "Tvl":
        if not self.reads_before:
            raise ValueError("yields must name one yield or more")
        return self

    @property
    def publishes(self) -> Rows:
        """The capital."""
        return (self.name,)

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """The yields as they stood."""
        return self.yields if isinstance(self.yields, tuple) else (self.yields,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the capital's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step."""
        held = math.exp(-dt_s / self.lag_s)
        lag = self.lag_s / YEAR_S
        leave_lag_s = self.lag_s if self.leave_lag_s is None else self.leave_lag_s
        rows = [layout.row(signal) for signal in self.reads_before]
        return rows, record(
            come=1.0 - held,
            leave=-math.expm1(-dt_s / leave_lag_s),
            scale=self.volatility * math.sqrt(0.5 * lag * (1.0 - held * held)),
            required=self.required_apr,
            least=math.log(self.floor),
            z=layout.draw(self.name),
            row=layout.row(self.name),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["log_value"] = math.log(self.start)
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step towards where the yield would be the required one."""
        rows, wire = state.wire
        state["yield"] = before.world.data[rows].sum(axis=0)
        kernel.chased(state.data, now.draws.data, now.world.data, wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}
