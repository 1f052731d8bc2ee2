"""Climate, and what is done with machines, of the sample books."""

from typing import Any

from headframe.processes.climate import Climate


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


def warm_fleet() -> dict[str, Any]:
    """Machines that the heat slows down and stops, under fans that work harder in it."""
    machines = {"model": "antminer_s21", "count": 2, "price_usd": 1_500.0}
    return {
        "machines": [machines],
        "pue": 1.05,
        "pue_per_c": 0.004,
        "ambient_c": "texas_ambient_c",
    }
