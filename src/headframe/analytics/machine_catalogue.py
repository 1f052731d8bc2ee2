"""
Machines by name: what each does at its settings, since when it was sold, and who says so.

A setting is a *preset*: watts at the wall and terahashes a second. A machine has a menu of them and
no slider, as firmware does: it accepts presets that were tuned, not any wattage. The figures stand
in `machine_figures`; each preset says on which *basis* it stands:

    nameplate   the maker's or a dealer's figure
    measured    somebody's meter
    derived     from published frequency and voltage, by TH/s ~ f and W ~ f V^2
    assumed     what one machine was measured to do, carried over to another

Only `low_power` is assumed. One S19j Pro, underclocked to 77.6 % of its hash rate, took 66.8 % of
its power (74.5 of 96 TH/s, 1,905 of 2,850 W); air-cooled machines sold since 2020 without a
published lower setting are given that one. Hold it against your own before money depends on it.
"""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Literal

from headframe.analytics.machine_figures import PRESETS, ROWS

Cooling = Literal["air", "hydro", "immersion"]
"""How a machine gets rid of its heat."""
Basis = Literal["nameplate", "measured", "derived", "assumed"]
"""What a preset's figures rest on."""
NAMEPLATE = "nameplate"
"""The preset that every machine has."""
LOW_POWER = "low_power"
"""The preset that is assumed where none was published."""
LOW_HASHRATE, LOW_WATTS = 74.5 / 96.0, 1905.0 / 2850.0
"""What `low_power` leaves of hash rate and power."""
LOW_SINCE = date(2020, 1, 1)
"""Machines sold since then are given `low_power`."""


@dataclass(frozen=True)
class Preset:
    """
    One setting on a machine's menu.

    >>> Preset("nameplate", 200.0, 3500.0).efficiency_j_per_th
    17.5
    """

    name: str
    hashrate_th_s: float
    power_w: float
    basis: Basis = "nameplate"
    source: str = ""

    @property
    def efficiency_j_per_th(self) -> float:
        """Joules a terahash: W / (TH/s)."""
        return self.power_w / self.hashrate_th_s


@dataclass(frozen=True)
class MachineModel:
    """
    A model: its menu of presets, its cooling, and the first month in which it was sold.

    `released` is the first day of that month, or None where no source gives one.

    >>> model("antminer_s21").preset("nameplate").efficiency_j_per_th
    17.5
    """

    name: str
    title: str
    maker: str
    hardware: str
    cooling: Cooling
    released: date | None
    presets: tuple[Preset, ...]
    source: str

    def preset(self, name: str) -> Preset:
        """A preset of the menu; `ValueError` names the menu where it is not on it."""
        for preset in self.presets:
            if preset.name == name:
                return preset
        menu = ", ".join(preset.name for preset in self.presets)
        raise ValueError(f"{name!r} is not on the menu of {self.name}: one of {menu}")


@cache
def catalogue() -> dict[str, MachineModel]:
    """Every model by its name, oldest kinds first as in `machine_figures`."""
    models: dict[str, MachineModel] = {}
    for name, maker, title, hardware, cooling, month, th_s, watts, source in ROWS:
        released = None if month is None else date.fromisoformat(f"{month}-01")
        menu = [Preset(NAMEPLATE, th_s, watts, "nameplate", source)]
        menu += [Preset(*row) for row in PRESETS.get(name, ())]  # type: ignore[arg-type]
        if len(menu) == 1 and cooling == "air" and (released or date.min) >= LOW_SINCE:
            low = Preset(
                LOW_POWER, th_s * LOW_HASHRATE, watts * LOW_WATTS, "assumed", "hashprophet"
            )
            menu.append(low)
        models[name] = MachineModel(
            name,
            title,
            maker,
            hardware,
            cooling,  # type: ignore[arg-type]
            released,
            tuple(menu),
            source,
        )
    return models


def model(name: str) -> MachineModel:
    """
    A model by its name; `ValueError` names close ones where there is none.

    >>> model("antminer_s9").released.isoformat()
    '2016-06-01'
    """
    found = catalogue().get(name)
    if found is None:
        close = get_close_matches(name, catalogue(), n=3, cutoff=0.5)
        hint = (
            f"did you mean {', '.join(close)}?" if close else "its names stand in machine_figures"
        )
        raise ValueError(f"{name!r} is not in the catalogue of machines; {hint}")
    return found
