"""
The hash rate as what competing miners do: a fleet of classes by efficiency, in a race without a
referee.

Each miner runs a machine while it earns its power, and orders the best one on sale while that pays
itself back in time. Machines arrive months later, into a difficulty that everyone's machines have
raised; then the least efficient stand still, and are scrapped. No one coordinates, and everyone who
is late pays: the race prunes its slowest. Where the book needs no such detail, `HashRate` gives the
reduced form, a hash rate that follows revenue with a lag.

Fitted to seven years of bitcoin, 2018 to 2024 (`studies.mining_race_fit`): see `MiningRace`.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.kernels import mining_race as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import HashRateName, quantities
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    NonNegative,
    Positive,
    Proper,
    Rows,
    Signal,
)
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    J_PER_KWH,
    KW_PER_MW,
    KWH_PER_MWH,
    TH_PER_EH,
    W_PER_KW,
    YEAR_S,
)

SPREADS = 3.0
"""The worst class lies this many spreads above the middle of the opening fleet."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MiningRace:
    """
    A network's hash rate as the sum of a fleet over efficiency classes, in free competition.

    It opens with a fleet log-normal about `start_j_per_th` (`start_spread`, no better than the best
    machine on sale) of which `start_eh_s` run, and with `ordered_eh_s` on order. The best machine
    on sale needs `frontier_j_per_th` and costs `machine_usd_per_th` at the opening; both fall, at
    the rates `progress` and `cost_decline` a year, the first not below `limit_j_per_th`.

    * *Run*: of a class the share whose miners' power costs less than it breaks even at; power is
      log-logistic about `power` (USD/MWh), `power_shape` the steeper the less prices differ.
    * *Order*: while the best machine pays itself back within `payback_s` at today's hashprice,
      `eagerness` times the excess return a year of all that is installed, but not more than
      factories build: `capacity_eh_s` a year, growing at `capacity_growth`.
    * *Arrive*: after `lead_s` on average, a Gamma variate of shape 3.
    * *Age out*: after `life_s` on average; what stands still is scrapped after `scrap_s`.

    `online` is the share that may run at all: an embargo, a storm. `overhead` is a site's power
    over its machines', and `pool_fee` the pools'. Publishes the hash rate under its own name, and
    beside it what is installed and ordered, the mean J/TH of what runs, and the power drawn in MW.

    The defaults continue from 2025 on what was fitted to bitcoin's hash rate from 2018 to 2024,
    with price and fees given: the root mean square of ln(model / real) is 0.131, that of the
    exponential which fits the same days best 0.181. Fitted to 2018 to 2021 alone it is 0.16 over
    the three years that follow, the exponential's 0.19. The fit is `studies.mining_race_fit`.

    Sources: J. Prat and B. Walter, "An equilibrium model of the market for bitcoin mining" (JPE
    2021) for entry at a trigger; CBECI methodology for profitability by class; the fit is ours.

    >>> MiningRace(name="btc_network_eh_s", start_eh_s=800.0, start_j_per_th=22.0).publishes
    ('btc_network_eh_s', 'btc_network_installed_eh_s', 'btc_network_ordered_eh_s', \
'btc_network_j_per_th', 'btc_network_power_mw')
    """

    kind: ClassVar[str] = "mining_race"
    name: HashRateName
    start_eh_s: Positive
    start_j_per_th: Positive
    start_spread: Positive = 0.25
    ordered_eh_s: NonNegative = 0.0
    frontier_j_per_th: Positive = 15.0
    progress: NonNegative = 0.24
    limit_j_per_th: Positive = 3.0
    classes: int = Field(default=14, ge=4, le=100)
    machine_usd_per_th: Positive = 12.0
    cost_decline: NonNegative = 0.24
    payback_s: Duration = 3 * YEAR_S
    eagerness: NonNegative = 2.0
    capacity_eh_s: Positive = 575.0
    capacity_growth: float = 0.37
    lead_s: Duration = 120 * DAY_S
    life_s: Duration = 4 * YEAR_S
    scrap_s: Duration = YEAR_S
    power: Signal = 50.0
    power_shape: Positive = 5.0
    overhead: float = Field(default=1.0, ge=1.0)
    pool_fee: Proper = 0.02
    online: Signal = 1.0
    price: Signal = "btc_usd"
    fees: Signal = "btc_fees_btc_per_block"
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    difficulty: Signal = "btc_chain_difficulty"
    every_s: Duration | None = None

    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def fields(self) -> Rows:
        """Installed by class, worst first; orders by stage; what holds for one step."""
        classes = tuple(f"class_{k}_eh_s" for k in range(self.classes))
        stages = tuple(f"order_{k}_eh_s" for k in range(kernel.STAGES))
        return (*classes, *stages, "odds", "running", "used", "all", "opened")

    @property
    def publishes(self) -> Rows:
        """Hash rate; installed, ordered, mean efficiency and power."""
        stem = self.name.removesuffix("_eh_s")
        leaves = ("installed_eh_s", "ordered_eh_s", "j_per_th", "power_mw")
        return (self.name, *quantities(stem, *leaves))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Price, fees, power and who may run, as they are now."""
        return (self.price, self.fees, self.power, self.online)

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """Subsidy and difficulty as they stood."""
        return (self.subsidy, self.difficulty)

    @property
    def efficiencies(self) -> Array:
        """J/TH of the classes, worst first, in equal ratios down to the limit."""
        worst = self.start_j_per_th * math.exp(SPREADS * self.start_spread)
        return np.geomspace(
            max(worst, 1.01 * self.limit_j_per_th), self.limit_j_per_th, self.classes
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, rows, and the classes."""
        j_per_mwh = J_PER_KWH * KWH_PER_MWH
        names = ("hash_rate", "installed", "ordered", "efficiency", "drawn")
        constants = record(
            classes=self.classes,
            beta=self.power_shape,
            # a machine of 1 J/TH turns an MWh into so many blocks at difficulty 1
            usd_per_mwh=(1.0 - self.pool_fee) * j_per_mwh * HASHES_PER_TH / HASHES_PER_DIFFICULTY,
            start_eh_s=self.start_eh_s,
            kept=math.exp(-dt_s / self.life_s),
            scrapped=-math.expm1(-dt_s / self.scrap_s),
            moved=-math.expm1(-kernel.STAGES * dt_s / self.lead_s),
            eagerness=self.eagerness * dt_s / YEAR_S,
            overhead=self.overhead,
            payback_mwh=self.payback_s / j_per_mwh,
            mw_per_j=self.overhead * TH_PER_EH / (W_PER_KW * KW_PER_MW),
            price=layout.row(self.price),
            fees=layout.row(self.fees),
            power=layout.row(self.power),
            online=layout.row(self.online),
            subsidy=layout.row(self.subsidy),
            difficulty=layout.row(self.difficulty),
            **{k: layout.row(name) for k, name in zip(names, self.publishes, strict=True)},
        )
        efficiencies = self.efficiencies
        efforts = (efficiencies * self.overhead) ** self.power_shape
        return constants, efficiencies, efforts, dt_s

    def open(self, state: Block, now: Tick) -> None:
        """The fleet's shape; what it amounts to, the first hashprice tells at the first step."""
        constants, efficiencies, _, _ = state.wire
        weights = np.exp(
            -0.5 * (np.log(efficiencies / self.start_j_per_th) / self.start_spread) ** 2
        )
        weights[efficiencies < self.frontier_j_per_th] = 0.0
        if weights.sum() == 0.0:
            weights[0] = 1.0
        shares = weights / weights.sum()
        state.data[:] = 0.0
        state.data[: self.classes] = self.start_eh_s * shares[:, None]
        first = state.row("order_0_eh_s")
        state.data[first : first + kernel.STAGES] = self.ordered_eh_s / kernel.STAGES
        state["running"] = self.start_eh_s
        state["all"] = self.start_eh_s
        state["used"] = self.start_eh_s * float(shares @ efficiencies)
        kernel.publish(state.data, now.world.data, constants)
        now.world[self.name] = self.start_eh_s

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Look at the hashprice, run what pays, wear out, deliver and order."""
        constants, efficiencies, efforts, dt_s = state.wire
        data, world = state.data, now.world.data
        kernel.break_even_odds(data, before.world.data, world, constants)
        kernel.run(data, efforts, efficiencies, constants)
        if state["opened"][0] == 0.0:
            kernel.settle(data, constants)
            kernel.run(data, efforts, efficiencies, constants)
            state["opened"] = 1.0
        kernel.publish(data, world, constants)
        kernel.wear_out(data, efforts, constants)
        years = now.t_s / YEAR_S
        frontier = self.frontier_at(years)
        place, share = self._place(frontier, efficiencies)
        kernel.deliver(data, place, share, constants)
        cost = self.machine_usd_per_th * math.exp(-self.cost_decline * years)
        most = self.capacity_eh_s * math.exp(self.capacity_growth * years) * dt_s / YEAR_S
        kernel.order(data, world, frontier, cost, most, constants)

    def frontier_at(self, years: float) -> float:
        """J/TH of the best machine on sale, so many years after the opening."""
        return max(self.frontier_j_per_th * math.exp(-self.progress * years), self.limit_j_per_th)

    def _place(self, frontier: float, efficiencies: Array) -> tuple[int, float]:
        """The classes on either side of a machine, and the share of the worse: the mean is kept."""
        above = int(np.searchsorted(-efficiencies, -frontier, side="right")) - 1
        place = min(max(above, 0), self.classes - 2)
        worse, better = float(efficiencies[place]), float(efficiencies[place + 1])
        return place, min(max((frontier - better) / (worse - better), 0.0), 1.0)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form: price, hash rate and difficulty go round."""
        return {}
