"""
The mine: a fleet, a pool and a power contract under one roof.

Every step the fleet hands its work to the pool and its energy to the power contract, each books its
own kinds of entry, and then the fleet is a step older:

    fleet    work (TH) and energy (kWh); `hosting`, `depreciation`
    pool     coins into the wallet: `reward` before the pool's fee, and the `fee`
    power    dollars owed: `power`

The network enters by three observables: difficulty, and the coins of a block as subsidy and fees.

    coins = hashes / (difficulty 2^32) x (subsidy + fees)

Power and hosting are owed as they arise and billed every `billing_s`; a bill is a due that is
payable within `grace_s`, with recourse: unpaid then, the path fails with the bill as its cause and
its machines are sold. Until it is billed a cost is a debt that the mine holds; from then on it
stands among the dues.
"""

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import mine_running as running
from headframe.positions import pool as pools
from headframe.positions import power_bill as power
from headframe.positions.fleet import Fleet
from headframe.positions.fleet_orders import INSTALMENT
from headframe.positions.held_asset import HeldAsset
from headframe.positions.machines import USD
from headframe.positions.mine_law import Law
from headframe.positions.mine_running import GAUGES, MINE_ROWS, Wire
from headframe.positions.pool import Pool
from headframe.positions.power_contract import PowerContract
from headframe.positions.power_riders import PowerRider
from headframe.positions.rider import not_negative
from headframe.positions.rider_carbon import Carbon
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Block,
    Delay,
    Duration,
    Name,
    NonNegative,
    Rows,
    Signal,
)
from headframe.units import DAY_S, HASHES_PER_DIFFICULTY, HASHES_PER_TH

VERBS: Rows = ("open", "close", "run", "dispatch")
"""What the mine as a whole can be told to do; each batch of machines has its own."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldMine:
    """A mine that runs already: its machines are ours, and some power is used but not billed."""

    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid for it, in the numeraire: the report shows the result since then beside it."""
    power_unbilled_usd: NonNegative = 0.0
    costs_unbilled_usd: NonNegative = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mine:
    """
    A proof-of-work mine.

    Opened now it buys its fleet from the wallet's dollars, as far as they go; with `held` the
    machines are there already. `subsidy` and `fees` are coins a block. `mean_difficulty` is what
    the work of a step is paid by, where a process publishes it: a retarget may fall inside a step;
    else it is `difficulty`. `hedge_horizon_s` is how much of the future output, at the difficulty
    now, counts as exposure to the coin. `riders` are charges and credits beside
    the power contract, by their names: demand charges, coincident peaks, reserves, heat, carbon.

    >>> s21 = {"model": "s21", "count": 1000, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
    >>> mine = Mine(name="mine", fleet={"machines": [s21]}, held={},
    ...             pool={"kind": "fpps", "fee": 0}, difficulty=1.2e14,
    ...             power={"kind": "fixed", "usd_per_mwh": 50})
    >>> round(mine.expected_coins_per_day(difficulty=1.2e14, reward_per_block=3.2), 6)
    0.107288
    """

    kind: ClassVar[str] = "mine"
    name: Name
    fleet: Fleet
    pool: Pool
    power: PowerContract
    riders: dict[Name, PowerRider] = Field(default_factory=dict)
    law: Law = Field(default_factory=Law)
    held: HeldMine | None = None
    coin: Name = "btc"
    difficulty: Signal = "btc_chain_difficulty"
    mean_difficulty: Signal | None = None
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    fees: Signal = "btc_fees_btc_per_block"
    billing_s: Duration = 30.0 * DAY_S
    grace_s: Delay = 15.0 * DAY_S
    hedge_horizon_s: Delay = 0.0
    every_s: Duration | None = None

    venue: ClassVar[str | None] = None
    normals: ClassVar[Rows] = ()

    @field_validator("difficulty", "mean_difficulty")
    @classmethod
    def _some_difficulty(cls, value: Signal | None) -> Signal | None:
        if isinstance(value, float) and value <= 0.0:
            raise ValueError("a number above 0, or the name of an observable")
        return value

    @field_validator("subsidy", "fees")
    @classmethod
    def _some_coins(cls, value: Signal) -> Signal:
        return not_negative(value)

    @model_validator(mode="after")
    def _all_paid(self) -> "Mine":
        if self.coin == USD or self.coin in self.fleet.assets:
            raise ValueError("coin must be neither the money nor a machine")
        for machines in self.fleet.machines:
            if self.held is None and machines.price_usd is None and machines.asset is None:
                raise ValueError(
                    f"machines {machines.label} are bought at the opening: give price_usd, or an "
                    "asset with a price; or give held = {} where they are yours already"
                )
        return self

    # what it declares ------------------------------------------------------------------------

    @property
    def deposit(self) -> dict[str, float] | None:
        """What the opening takes from the wallet, as far as prices are known."""
        cost = self.fleet.price_usd + power.capex_usd(self.riders)
        return None if self.held is not None else {USD: cost}

    @property
    def fields(self) -> Rows:
        """The mine's own rows, then those of its parts."""
        parts = (*self.fleet.fields, *pools.POOL_ROWS, *self.law.fields)
        return (*MINE_ROWS, *parts, *power.fields(self.riders))

    @property
    def events(self) -> Rows:
        """When it first stood still, when it first did not pay, and when the law closed it."""
        closed = () if self.law.closure is None else ("closed_s",)
        return ("shutdown_s", "uneconomic_s", *closed)

    @property
    def gauges(self) -> Rows:
        """Those of the mine, then those of each batch, then the riders' sums."""
        riders = power.fields(self.riders)[len(power.CONTRACT_ROWS) :]
        return (*GAUGES, *self.fleet.gauges, *riders)

    @property
    def verbs(self) -> Rows:
        """Those of the mine, then buying, selling and scrapping of each batch."""
        return (*VERBS, *self.fleet.verbs)

    def check_start(self, start_ts: float) -> None:
        """Refuse machines that a book which starts then cannot have yet."""
        for m in self.fleet.machines:
            wrong = m.complaint(start_ts, held=self.held is not None)
            if wrong is not None:
                place = f"position.{self.name}.fleet.machines, {m.label}"
                raise InputError(place, None, wrong)

    def least_power_usd_per_mwh(self, least: Callable[[Signal], float | None]) -> float | None:
        """The least that one more unit of power can cost; None where that is not known."""
        return power.least_usd_per_mwh(self.power, self.riders, least)

    @property
    def assets(self) -> Rows:
        """Dollars (machines at cost, less what is not yet billed), machines, and coins to come."""
        return (USD, *self.fleet.assets, self.coin)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the parts."""
        paid = (*pools.lines(self.coin), *power.lines(self.riders))
        return (*self.fleet.lines, *paid, *self.law.lines)

    @property
    def extremes(self) -> Rows:
        """The least margin, and all that was emitted."""
        emitted = (f"{n}_emitted_t" for n, r in self.riders.items() if isinstance(r, Carbon))
        return ("min_margin_usd_per_mwh", *emitted)

    @property
    def dues(self) -> tuple[Due, ...]:
        """The bills, and instalments of machines where there are any."""
        bills = [("power", "power"), ("hosting", "hosting")]
        if self.fleet.in_instalments:
            bills.append((INSTALMENT, "principal"))
        if self.law.taxes:
            bills.append(("tax", "tax"))
        return tuple(
            Due(name=name, asset=USD, kind=kind, grace_s=self.grace_s) for name, kind in bills
        )

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The network, and the signals of the parts."""
        chain = (self.difficulty, self._worked_at, self.subsidy, self.fees)
        bought = power.reads(self.power, self.riders)
        return (*chain, self.pool.others_eh_s, *self.fleet.reads, *bought, *self.law.reads)

    @property
    def _worked_at(self) -> Signal:
        return self.difficulty if self.mean_difficulty is None else self.mean_difficulty

    @property
    def uniforms(self) -> Rows:
        """The pool's luck, and what befalls machines."""
        riders = power.uniforms(self.riders, self.name)
        return (*self.pool.uniforms(self.name), *self.fleet.uniforms(self.name), *riders)

    def expected_coins_per_day(self, *, difficulty: float, reward_per_block: float) -> float:
        """Coins a day with all machines new and running, after the pool's fee."""
        th_s = sum(m.count * m.th_s * m.uptime for m in self.fleet.machines)
        blocks = th_s * DAY_S * HASHES_PER_TH / (difficulty * HASHES_PER_DIFFICULTY)
        return blocks * reward_per_block * (1.0 - self.pool.fee)

    def alternatives(self) -> dict[str, tuple[HeldAsset, ...]]:
        """What one might do instead: buy coins for what the machines cost."""
        if not self.deposit or self.deposit[USD] <= 0.0:
            return {}
        return {
            "buying the coin": (HeldAsset(name=self.name, asset=self.coin, deposit=self.deposit),)
        }

    def wire(self, layout: Layout, dt_s: float) -> Wire:
        """The constants of each part."""
        chain = {
            "difficulty": layout.row(self.difficulty),
            "subsidy": layout.row(self.subsidy),
            "fees": layout.row(self.fees),
            "price": layout.price(self.coin),
            "price_usd": layout.price(USD),
        }
        work = chain | {"difficulty": layout.row(self._worked_at)}
        kinds = tuple(dict.fromkeys(line.kind for line in self.lines))
        return Wire(
            dt_s=dt_s,
            fleet=self.fleet.wire(layout, self.name, dt_s, float(self.pool.fee)),
            pool=pools.wire(self.pool, layout, self.name, self.coin, work, dt_s),
            power=power.wire(self.power, self.riders, layout, self.name, dt_s),
            law=self.law.wire(layout, self.name, kinds),
            mine=record(
                **chain,
                off_grid=int(self.power.terms.off_grid),
                fee=float(self.pool.fee),
            ),
        )

    # what happens to it ----------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the fleet, as much of it as the wallet can pay; or take over what is held."""
        running.open_mine(self, state, order, now, out)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Work, be paid, use power, wear, and every so often send the bills."""
        running.step(self, state, before, now, out)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `run` at a share of full load; `dispatch` at a power price in USD/MWh: every batch to the
        preset that pays there; `buy_`, `sell_`, `scrap_` of a batch: so many machines;
        `close`: sell the machines and have the bills sent.
        """
        running.act(self, state, order, now, out)

    # what is seen of it ----------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Load, hash rate, power, hashprice, break-even, margin, coins mined, costs not billed."""
        running.gauge(self, state, now, out)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Machines, at market or at book value, less what is owed and not yet billed."""
        running.holdings(self, state, out)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """Holdings, and the coins of the hedge horizon at the load and difficulty now."""
        running.exposure(self, state, now, out)
