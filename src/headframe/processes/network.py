"""
The Bitcoin network: the hash rate follows revenue, blocks follow the hash rate, difficulty follows
blocks, and hashprice is what all of it leaves for one petahash.

Three processes, so that a stress on one reaches the others: `HashRate` reads the price now and the
difficulty as it stood before, `Chain` finds blocks with the hash rate now and retargets at every
2,016th, `Hashprice` reads the lot. Fees are whatever the book says they are: a constant, or an
exponential Ornstein-Uhlenbeck process named `btc_fees_btc_per_block`.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.kernels import network as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import HashRateName, PriceName, quantities
from headframe.types import (
    STRICT,
    Block,
    Delay,
    Duration,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    MINUTE_S,
    TH_PER_EH,
    TH_PER_PH,
    WEEK_S,
    YEAR_S,
)

SPACING_S = 10.0 * MINUTE_S
"""The interval between blocks that the difficulty aims at."""
BLOCKS_PER_EH_S = TH_PER_EH * HASHES_PER_TH / HASHES_PER_DIFFICULTY
"""Blocks expected of 1 EH/s in a second at difficulty 1."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HashRate:
    """
    A network's hash rate that follows what hashing pays, with a lag.

        d ln H = (ln H* - ln H) dt / lag + sigma dW
        ln H* = ln H0 + progress t + elasticity ln(h / h0)
        h = price (subsidy + fees) / difficulty

    `elasticity` is how many percent more hash rate one percent more hashprice calls forth. Since
    the difficulty follows, in the long run one percent more revenue brings e / (1 + e) percent.
    `progress` is the growth a year at an unchanged hashprice: better machines. h0 is the hashprice
    at the opening, at which miners are content with H0. Miners with nearly free power stay: the
    hash rate does not fall below `floor_share` of H0. Revenue drives hash rate, not the reverse:
    J. Prat and B. Walter, "An equilibrium model of the market for bitcoin mining" (JPE 2021); the
    lagged response is a reduced form of it.

    >>> HashRate(name="btc_network_eh_s", start_eh_s=900.0, lag_s="120d").reads
    ('btc_usd', 'btc_fees_btc_per_block')
    """

    kind: ClassVar[str] = "hash_rate"
    name: HashRateName
    start_eh_s: Positive
    lag_s: Duration
    elasticity: NonNegative = 1.0
    progress: float = 0.0
    volatility: NonNegative = 0.0
    floor_share: NonNegative = 0.0
    price: Signal = "btc_usd"
    fees: Signal = "btc_fees_btc_per_block"
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    difficulty: Signal = "btc_chain_difficulty"
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("log_eh_s", "content")
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The hash rate in EH/s."""
        return (self.name,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Price and fees as they are now."""
        return (self.price, self.fees)

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """Subsidy and difficulty as they stood."""
        return (self.subsidy, self.difficulty)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the hash rate's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The pull of one step, the scale of its shock, and rows."""
        held = math.exp(-dt_s / self.lag_s)
        lag = self.lag_s / YEAR_S
        return record(
            pull=1.0 - held,
            scale=self.volatility * math.sqrt(0.5 * lag * (1.0 - held * held)),
            elasticity=self.elasticity,
            log_start=math.log(self.start_eh_s),
            log_floor=math.log(max(self.floor_share * self.start_eh_s, 1e-12)),
            z=layout.draw(self.name),
            row=layout.row(self.name),
            price=layout.row(self.price),
            fees=layout.row(self.fees),
            subsidy=layout.row(self.subsidy),
            difficulty=layout.row(self.difficulty),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start_eh_s`; what miners are content with is read off at the first step."""
        state["log_eh_s"] = math.log(self.start_eh_s)
        now.world[self.name] = self.start_eh_s

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step towards the hash rate that the hashprice calls forth."""
        then, q = before.world.data, state.wire[0]
        if state.data[1, 0] == 0.0:
            reward = then[q["subsidy"]] + then[q["fees"]]
            state["content"] = then[q["price"]] * reward / then[q["difficulty"]]
        growth = self.progress * now.t_s / YEAR_S
        kernel.hash_rate(state.data, now.draws.data, then, now.world.data, state.wire, growth)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form: price, hash rate and difficulty go round."""
        return {}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Chain:
    """
    Bitcoin's chain: blocks as a counting process, difficulty, height and subsidy.

    Publishes, each under the process's own name: `_blocks` found and `_issuance_btc` created in the
    step, `_height` of the tip, `_difficulty` now, `_mean_difficulty` that a steady hash rate faced
    over the step (the harmonic mean: a retarget may fall inside it), and
    `_subsidy_btc_per_block` of the next block.

    At a constant hash rate the mean interval is 1,209,600 / 2,014 s, because the rule measures
    2,015 intervals and calls them 2,016. `start_difficulty` is by default what the opening hash
    rate would keep at ten minutes, `period_age_s` (since the period's first block) what such a
    schedule makes it. One step is a week at most.

    >>> Chain(name="btc_chain", start_height=840_000).publishes[0]
    'btc_chain_difficulty'
    """

    kind: ClassVar[str] = "chain"
    name: Name
    start_height: int = Field(ge=0)
    start_difficulty: Positive | None = None
    period_age_s: Delay | None = None
    hash_rate: Signal = "btc_network_eh_s"
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "difficulty",
        "height",
        "first_s",
        "last_s",
        "found",
        "to_first",
        "to_last",
        "left_s",
        "blocks",
        "issued_btc",
        "s_per_difficulty",
    )
    reads_before: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_name(self) -> "Chain":
        _ = self.publishes
        return self

    @property
    def publishes(self) -> Rows:
        """Difficulty, its mean over the step, height, blocks, issuance and subsidy."""
        return quantities(
            self.name,
            "difficulty",
            "mean_difficulty",
            "height",
            "blocks",
            "issuance_btc",
            "subsidy_btc_per_block",
        )

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The hash rate, in EH/s."""
        return (self.hash_rate,)

    @property
    def normals(self) -> Rows:
        """How long the next period takes."""
        return (f"{self.name}.period",)

    @property
    def uniforms(self) -> Rows:
        """When its first block comes, and how many blocks come within the step."""
        return (f"{self.name}.first", f"{self.name}.blocks")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The length of a step, and rows."""
        if dt_s > WEEK_S:
            raise InputError(f"process.{self.name}.every_s", dt_s, "a step of a week at most")
        names = ("difficulty", "mean_difficulty", "height", "blocks", "issued", "subsidy")
        rows = zip(names, self.publishes, strict=True)
        return record(
            dt_s=dt_s,
            blocks_per_eh_s=BLOCKS_PER_EH_S,
            z=layout.draw(f"{self.name}.period"),
            first=layout.draw(f"{self.name}.first"),
            within=layout.draw(f"{self.name}.blocks"),
            hash_rate=layout.row(self.hash_rate),
            **{field: layout.row(name) for field, name in rows},
        )

    def open(self, state: Block, now: Tick) -> None:
        """The tip as given; the period under way is drawn at the first step."""
        rate = now.world.data[state.wire[0]["hash_rate"]]
        implied = np.maximum(rate * BLOCKS_PER_EH_S * SPACING_S, 1.0)
        found = (self.start_height + 1) % int(kernel.PERIOD_BLOCKS)
        age_s = self.period_age_s if self.period_age_s is not None else (found - 1) * SPACING_S
        state["difficulty"] = implied if self.start_difficulty is None else self.start_difficulty
        state["height"] = self.start_height
        state["found"] = found
        state["first_s"] = -age_s if found else 0.0
        kernel.publish(state.data, now.world.data, 0.0, state.wire)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Find blocks for one step."""
        kernel.mine_blocks(state.data, now.draws.data, now.world.data, now.t_s, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form for a hash rate that moves."""
        return {}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Hashprice:
    """
    What one petahash per second is expected to earn in a day, before a pool's fee.

        (subsidy + fees) 86400 10^15 / (difficulty 2^32),   in coins and at the coin's price

    Source: Luxor, derivatives glossary. Publishes `_btc_per_ph_day` and `_usd_per_ph_day` under the
    process's own name; coin and currency are those of `price`.

    >>> Hashprice(name="btc_hashprice").publishes
    ('btc_hashprice_btc_per_ph_day', 'btc_hashprice_usd_per_ph_day')
    """

    kind: ClassVar[str] = "hashprice"
    name: Name
    price: PriceName = "btc_usd"
    fees: Signal = "btc_fees_btc_per_block"
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    difficulty: Signal = "btc_chain_difficulty"
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """Hashprice in coins and in money."""
        return quantities(self.name, *(f"{unit}_per_ph_day" for unit in self.price.split("_")))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Price, fees, subsidy and difficulty."""
        return (self.price, self.fees, self.subsidy, self.difficulty)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        return tuple(layout.row(signal) for signal in (*self.reads, *self.publishes))

    def open(self, state: Block, now: Tick) -> None:
        """As of the opening."""
        world = now.world.data
        price, fees, subsidy, difficulty, coins, money = (world[row] for row in state.wire)
        np.add(subsidy, fees, out=coins)
        coins *= DAY_S * TH_PER_PH * HASHES_PER_TH / HASHES_PER_DIFFICULTY
        coins /= difficulty
        np.multiply(coins, price, out=money)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """As of now."""
        self.open(state, now)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}
