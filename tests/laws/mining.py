"""Climate, and what is done with machines, of the sample books."""

from typing import Any

from headframe.policies.convert import Convert
from headframe.policies.retire import Retire
from headframe.policies.upgrade import Upgrade
from headframe.positions.compute_lease import ComputeLease
from headframe.processes.climate import Climate
from headframe.processes.intermittent import Intermittent


def climate(**changes: Any) -> Climate:
    """A place whose heat machines feel."""
    usual: dict[str, Any] = {
        "name": "texas",
        "mean_c": 30.0,
        "yearly_c": 8.0,
        "daily_c": 7.0,
        "weather_sd_c": 12.0,
        "weather_half_life_s": "2d",
        "utc_offset_h": -6.0,
    }
    return Climate(**(usual | changes))


def flow() -> Intermittent:
    """Gas of a well that is shut in every few days, in a place with a day and with weather."""
    hours = tuple(0.6 + 0.4 * (6 <= h < 18) for h in range(24))
    return Intermittent(
        name="well_flow_share", by_hour=hours, median=0.8, spread=1.0, flows_s="3d", stops_s="2d"
    )


def flared() -> dict[str, Any]:
    """A mine that runs as far as the gas goes."""
    return {"kind": "onsite", "capacity_mw": 0.005, "available": "well_flow_share"}


def lease(**changes: Any) -> ComputeLease:
    """A tenant for two of the mine's kilowatts, built for in three days, for eight."""
    usual: dict[str, Any] = {
        "name": "tenant",
        "mw": 0.002,
        "usd_per_mw_year": 5e6,
        "take_or_pay_share": 0.6,
        "use_share": "well_flow_share",
        "running_usd_per_mw_year": 4e5,
        "capital_usd_per_mw": 1e4,
        "delay_s": "3d",
        "term_s": "8d",
    }
    return ComputeLease(**(usual | changes))


def convert(**changes: Any) -> Convert:
    """Old machines give way to a tenant."""
    usual = {"name": "turn", "position": "mine", "lease": "tenant", "batch": "antminer_s19"}
    return Convert(**(usual | changes))


def warm_fleet() -> dict[str, Any]:
    """Machines that the heat slows down and stops, under fans that work harder in it."""
    machines = {"model": "antminer_s21", "count": 2, "price_usd": 1_500.0}
    return {
        "machines": [machines],
        "pue": 1.05,
        "pue_per_c": 0.004,
        "ambient_c": "texas_ambient_c",
    }


def two_generations() -> dict[str, Any]:
    """Old machines that hardly pay, and new ones that are not there yet."""
    old = {"model": "antminer_s19", "count": 4, "price_usd": 400.0, "resale_cost": 0.1}
    new = {"model": "antminer_s21_xp", "count": 0, "price_usd": 1_000.0}
    new |= {"lead_s": "3d", "instalments": 3}
    return {"machines": [old | {"failures_per_year": 5.0}, new]}


def upgrade(**changes: Any) -> Upgrade:
    """A purchase that pays on some days."""
    usual: dict[str, Any] = {
        "name": "next",
        "position": "mine",
        "batch": "antminer_s21_xp",
        "replaces": "antminer_s19",
        "count": 1.0,
        "payback_s": "150d",
        "cash_floor_usd": 500.0,
        "cooldown_s": "4d",
    }
    return Upgrade(**(usual | changes))


def retire(**changes: Any) -> Retire:
    """Old machines that go after three bad days."""
    usual: dict[str, Any] = {"name": "old", "position": "mine", "batch": "antminer_s19"}
    return Retire(**(usual | {"for_s": "3d"} | changes))
