"""
Machines of one batch: what they do at their setting, how they wear, what they cost.

A batch is a number of machines of one model, bought together. Its figures come from the catalogue
by the model's name, or from the book: what a meter shows goes before what a plate says, and
`meter_error` is how far the plate is known to be off. A setting is a preset of a menu; there is no
slider between presets, because firmware has none.

Heat. A machine gives its full hash rate up to `derate_from_c` of ambient temperature, loses
`derate_per_c` of it for each degree above, at the same joules a terahash, and stops above
`stop_above_c`. The defaults for air are those of two S21 on test (BTCWire, 11 March 2024): 490 MHz
up to 40 degrees, 440 in the heat, a stop above 47. Machines in water or oil feel the ambient air by
their dry coolers: their defaults are assumptions.
"""

from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.machine_catalogue import (
    NAMEPLATE,
    Cooling,
    MachineModel,
    Preset,
    catalogue,
    model,
)
from headframe.analytics.power_steps import Setting
from headframe.ledger import Account
from headframe.types import (
    STRICT,
    Array,
    Delay,
    Duration,
    Name,
    NonNegative,
    Positive,
    Proper,
    Threshold,
)
from headframe.units import DAY_S, W_PER_KW, YEAR_S

USD = "usd"
"""What machines, power and work on the site are paid in."""
MeterError = Annotated[float, Field(gt=-0.5, le=1.0)]
"""What the wall sees more than the plate says, as a share: -0.5 to 1."""
Instalments = Annotated[int, Field(ge=1, le=60)]
"""Payments of an order, the first at the order itself."""


class Heat(NamedTuple):
    """How heat slows a machine down."""

    from_c: float
    per_c: float
    stop_c: float


HEAT: dict[Cooling, Heat] = {
    "air": Heat(40.0, (1.0 - 440.0 / 490.0) / 7.0, 47.0),
    "hydro": Heat(45.0, 0.01, 60.0),
    "immersion": Heat(45.0, 0.01, 60.0),
}
"""Derating by cooling: air as measured, the others assumed."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OwnPreset:
    """
    A setting of one's own: watts at the wall and terahashes a second, as a meter shows them.

    >>> OwnPreset(name="winter", hashrate_th_s=230.0, power_w=4_300.0).name
    'winter'
    """

    name: Name
    hashrate_th_s: Positive
    power_w: Positive


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Machines:
    """
    Machines of one model and age.

    `model` names a row of `analytics.machine_figures`, which then knows hash rate and
    power at each `preset`; a model of one's own needs `hashrate_th_s` and `efficiency_j_per_th` or
    `power_w`, or `presets`. Figures given beside a known model go before the catalogue's.
    `efficiency_j_per_th` is that of a new machine; `degradation_per_year` is the share of hash rate
    lost each year of age at the same power. `uptime` is the share of time that a healthy machine
    hashes and draws power. `failures_per_year` are breakdowns of a running machine, each mended in
    `repair_s` on average for `repair_usd`; `losses_per_year` are for good. Age is `age_s` at the
    opening, or follows from the date `bought`. `price_usd` is what one costs: without it a machine
    with an `asset` is bought at its price. What is ordered arrives after `lead_s` and is paid in so
    many `instalments`, evenly from the order on. `batch` tells machines of one model apart.

    >>> Machines(model="s21", count=100, hashrate_th_s=200, efficiency_j_per_th=17.5,
    ...          price_usd=2699).power_kw
    3.5
    >>> Machines(model="antminer_s19j_pro_96", count=10, preset="underclocked").power_kw
    1.905
    """

    model: Name
    batch: Name | None = None
    count: NonNegative
    preset: Name = NAMEPLATE
    presets: tuple[OwnPreset, ...] = ()
    hashrate_th_s: Positive | None = None
    efficiency_j_per_th: Positive | None = None
    power_w: Positive | None = None
    meter_error: MeterError = 0.0
    uptime: Threshold = 1.0
    age_s: Delay = 0.0
    bought: date | None = None
    degradation_per_year: Proper = 0.0
    failures_per_year: NonNegative = 0.0
    repair_s: Duration = 14.0 * DAY_S
    repair_usd: NonNegative = 0.0
    losses_per_year: NonNegative = 0.0
    cooling: Cooling | None = None
    derate_from_c: float | None = None
    derate_per_c: Proper | None = None
    stop_above_c: float | None = None
    price_usd: NonNegative | None = None
    asset: Name | None = None
    life_s: Duration = 4.0 * YEAR_S
    salvage: Proper = 0.0
    resale_cost: Proper = 0.0
    scrap_usd: NonNegative = 0.0
    lead_s: Delay = 0.0
    instalments: Instalments = 1
    cancel_cost: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0

    @model_validator(mode="after")
    def _fits(self) -> "Machines":
        if self.asset == USD:
            raise ValueError("asset must be the machine's own name, priced by <asset>_usd")
        if self.efficiency_j_per_th is not None and self.power_w is not None:
            raise ValueError("give efficiency_j_per_th or power_w, not both")
        if self.instalments > 1 and self.lead_s == 0.0:
            raise ValueError("instalments need a lead_s above 0: they end before the delivery")
        if self.heat.stop_c <= self.heat.from_c:
            raise ValueError("stop_above_c must be above derate_from_c")
        if self.bought is not None and self.age_s > 0.0:
            raise ValueError("give bought or age_s, not both")
        _ = self.setting
        since = self.released
        if self.bought is not None and since is not None and self.bought < since:
            raise ValueError(
                f"bought {self.bought} lies before the first month of {self.model}: "
                f"{since:%Y-%m} or later"
            )
        return self

    @property
    def label(self) -> str:
        """What this batch is called."""
        return self.batch or self.model

    @property
    def known(self) -> MachineModel | None:
        """The catalogue's row, where it has one."""
        return catalogue().get(self.model)

    @property
    def released(self) -> date | None:
        """The first day of the month since which the model is sold, where that is known."""
        return None if self.known is None else self.known.released

    @property
    def menu(self) -> tuple[Preset, ...]:
        """The presets that the machine can be set to: the book's own, else the catalogue's."""
        if self.presets:
            return tuple(
                Preset(p.name, p.hashrate_th_s, p.power_w, "measured", "the book")
                for p in self.presets
            )
        if self.hashrate_th_s is not None and self._watts(self.hashrate_th_s) is not None:
            watts = self._watts(self.hashrate_th_s) or 0.0
            return (Preset(NAMEPLATE, self.hashrate_th_s, watts, "nameplate", "the book"),)
        return model(self.model).presets

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The menu as the wall sees it, with what its figures are known to be off."""
        scale = 1.0 + self.meter_error
        return tuple(Setting(p.name, p.hashrate_th_s, p.power_w * scale) for p in self.menu)

    def _watts(self, th_s: float) -> float | None:
        if self.power_w is not None:
            return self.power_w
        return None if self.efficiency_j_per_th is None else self.efficiency_j_per_th * th_s

    @property
    def setting(self) -> Preset:
        """What one new machine does at its preset: measured figures first, then the menu's."""
        found = next((preset for preset in self.menu if preset.name == self.preset), None)
        if found is None:
            menu = ", ".join(preset.name for preset in self.menu)
            raise ValueError(
                f"preset {self.preset!r} is not on the menu of {self.model}: one of {menu}"
            )
        th_s = self.hashrate_th_s if self.hashrate_th_s is not None else found.hashrate_th_s
        watts = self._watts(th_s)
        watts = found.power_w if watts is None else watts
        return Preset(found.name, th_s, watts * (1.0 + self.meter_error), found.basis, found.source)

    @property
    def heat(self) -> Heat:
        """How heat slows it down: the book's own figures, else those of its cooling."""
        usual = HEAT[self.cooling or (self.known.cooling if self.known else "air")]
        own = (self.derate_from_c, self.derate_per_c, self.stop_above_c)
        return Heat(*(u if o is None else o for o, u in zip(own, usual, strict=True)))

    @property
    def th_s(self) -> float:
        """Hash rate of one new machine."""
        return self.setting.hashrate_th_s

    @property
    def power_kw(self) -> float:
        """Power of one machine at its plug."""
        return self.setting.power_w / W_PER_KW

    @property
    def priced(self) -> bool:
        """Whether it is known what one costs."""
        return self.price_usd is not None or self.asset is not None

    @property
    def wears(self) -> bool:
        """Whether machines break down or are lost."""
        return self.failures_per_year > 0.0 or self.losses_per_year > 0.0

    @property
    def depreciation_usd_per_s(self) -> float:
        """What one machine at cost loses a second: price less salvage, over its life."""
        if self.asset is not None or self.price_usd is None:
            return 0.0
        return self.price_usd * (1.0 - self.salvage) / self.life_s

    def aged(self, start_ts: Array | float) -> Array | float:
        """Age at an opening, in seconds: as given, or since the day it was bought."""
        if self.bought is None:
            return self.age_s
        return start_ts - day_ts(self.bought)

    def book_usd(self, age_s: Array | float) -> Array | float:
        """Book value of one machine at an age; 0 where it is at market or has no known price."""
        if self.asset is not None or self.price_usd is None:
            return 0.0
        written_off = (1.0 - self.salvage) * np.minimum(age_s / self.life_s, 1.0)
        return self.price_usd * (1.0 - written_off)

    def paid_usd(self, out: Account) -> Array | float:
        """What one machine costs now."""
        if self.price_usd is not None:
            return self.price_usd
        return out.price(self.asset or USD) / out.price(USD)

    def worth_usd(self, out: Account) -> Array | float:
        """What one machine stands for in the books when it is bought."""
        return self.paid_usd(out) if self.asset is None else out.price(self.asset) / out.price(USD)

    def complaint(self, start_ts: float, *, held: bool) -> str | None:
        """What is wrong with the batch in a book that starts then; None where nothing is."""
        if self.count == 0.0:
            return None
        start, since = datetime.fromtimestamp(start_ts, UTC).date(), self.released
        if self.bought is not None and self.bought > start:
            return f"bought {self.bought} lies after the book's start, {start}"
        if since is None or self.bought is not None:
            return None
        first_ts = start_ts - self.age_s if held else start_ts + self.lead_s
        first = datetime.fromtimestamp(first_ts, UTC).date()
        if first < since:
            what = "is older than its model" if held else "is delivered before it is sold"
            return f"{what}: {first}, but {self.model} is sold since {since:%Y-%m}"
        return None


def day_ts(day: date) -> float:
    """Unix time of a day's midnight, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
