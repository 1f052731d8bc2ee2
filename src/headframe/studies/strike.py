"""
The strike table of a site: at which power price each model goes to which preset, now.

A *site* is its machines (from the catalogue or its own figures), the pool's fee, what delivery adds
to the market's price, and how fast it may switch. From the network's state the hashprice follows,
from the hashprice a strike for each step of each machine's menu, by marginal efficiency.

    site strike   = hashprice (1 - pool fee) added TH/s / (added MW x PUE)
    market strike = site strike - adder

A hedge does not move a strike: hashprice sold forward is paid whether the machines run or not, and
a block of power bought forward is worth what it could be sold back for. With `sell_back_cost` that
price, and not what was paid for the block, is what running costs: the market's less the cost.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from headframe.analytics import hashprice
from headframe.analytics.power_steps import Step, steps
from headframe.errors import InputError
from headframe.positions.machines import Machines
from headframe.types import STRICT, Delay, Name, NonNegative, Positive, Proper
from headframe.units import KW_PER_MW


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Reserve:
    """
    Megawatts that the site has sold as reserve: it must run them, to be able to drop them.

    The capacity payment `usd_per_mw_h` is earned in each of the `hours` (of the day, all by
    default) in which at least `mw` runs; `penalty_usd_per_mw_h` is due for what is missing.
    """

    mw: Positive
    usd_per_mw_h: NonNegative
    penalty_usd_per_mw_h: NonNegative = 0.0
    hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = tuple(range(24))


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Site:
    """
    Machines under one roof, and the terms on which they run.

    `band_usd_per_mwh` is the hysteresis: a batch goes up below its strike less half of it, and down
    above its strike and half of it. A batch rests at least `min_off_s` and runs at least
    `min_on_s`; the site's load moves by at most `ramp_mw_per_h`; starting a megawatt costs
    `start_usd_per_mw`.
    """

    name: Name
    machines: Annotated[tuple[Machines, ...], Field(min_length=1)]
    pue: Annotated[float, Field(ge=1.0, le=10.0)] = 1.0
    pool_fee: Proper = 0.0
    adder_usd_per_mwh: float = 0.0
    sell_back_cost_usd_per_mwh: NonNegative | None = None
    band_usd_per_mwh: NonNegative = 0.0
    min_on_s: Delay = 0.0
    min_off_s: Delay = 0.0
    ramp_mw_per_h: Positive | None = None
    start_usd_per_mw: NonNegative = 0.0
    reserve: Reserve | None = None

    @property
    def delivery_usd_per_mwh(self) -> float:
        """What a megawatt-hour costs here beyond the market's price."""
        back = self.sell_back_cost_usd_per_mwh
        return self.adder_usd_per_mwh if back is None else -back


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Network:
    """What hashing earns now: the coin's price, difficulty, subsidy and fees a block."""

    btc_usd: Positive
    difficulty: Positive
    subsidy_btc: NonNegative = 3.125
    fees_btc: NonNegative = 0.0

    @property
    def usd_per_ph_day(self) -> float:
        """Hashprice in USD per PH/s and day."""
        return float(
            hashprice.usd_per_ph_day(
                difficulty=self.difficulty,
                subsidy_btc=self.subsidy_btc,
                fees_btc=self.fees_btc,
                btc_usd=self.btc_usd,
            )
        )


@plain_dataclass(frozen=True)
class Strike:
    """One step of one batch: from a preset to the next, and the price up to which it pays."""

    batch: str
    count: float
    step: Step
    mw: float
    """What the step adds to the site's load with all machines of the batch, overhead included."""
    site_usd_per_mwh: float
    market_usd_per_mwh: float

    @property
    def usd_per_h(self) -> float:
        """What the step earns in an hour, before its power."""
        return self.mw * self.site_usd_per_mwh


@plain_dataclass(frozen=True)
class StrikeTable:
    """Every step of a site, the dearest first; and the presets that are never worth setting."""

    site: Site
    network: Network
    strikes: tuple[Strike, ...]
    never: tuple[tuple[str, str], ...]

    @property
    def mw(self) -> float:
        """Load with everything at its strongest worthwhile preset."""
        return sum(strike.mw for strike in self.strikes)

    def of(self, batch: str) -> tuple[Strike, ...]:
        """The steps of one batch, in the order in which they are gone up."""
        return tuple(s for s in self.strikes if s.batch == batch)

    @property
    def batches(self) -> tuple[str, ...]:
        """Names of the batches, in the site's order."""
        return tuple(m.label for m in self.site.machines)


def strike_table(site: Site, network: Network) -> StrikeTable:
    """The strikes of a site in a state of the network."""
    strikes: list[Strike] = []
    never: list[tuple[str, str]] = []
    for batch in site.machines:
        worth = steps(batch.settings)
        for step in worth:
            price = step.strike_usd_per_mwh(
                hashprice_usd=network.usd_per_ph_day, pool_fee=site.pool_fee, pue=site.pue
            )
            mw = batch.count * step.added_kw * site.pue * batch.uptime / KW_PER_MW
            market = price - site.delivery_usd_per_mwh
            strikes.append(Strike(batch.label, batch.count, step, mw, price, market))
        reached = {step.above.name for step in worth}
        never += [(batch.label, s.name) for s in batch.settings if s.name not in reached]
    strikes.sort(key=lambda s: -s.site_usd_per_mwh)
    return StrikeTable(site, network, tuple(strikes), tuple(never))


def load_site(path: str | Path) -> Site:
    """Read a site from a TOML file; raises `InputError` naming file, key and what is allowed."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise InputError(str(path), None, f"cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), None, f"is not TOML: {error}") from None
    site: Site = checked(Site, data, str(path))
    return site


def checked(kind: type[Any], values: Mapping[str, Any], source: str) -> Any:
    """An object of a parameter class; the first thing that is wrong is named in one line."""
    try:
        return TypeAdapter(kind).validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        said = first["msg"].removeprefix("Value error, ")
        value = None if isinstance(first["input"], Mapping) else first["input"]
        raise InputError(f"{source}: {place}", value, said) from None
