"""
Energy use of a network, estimated from below: which machines can still be running?

Nobody sees the machines behind a hash rate. But a miner whose power costs more than his machine
earns switches it off, so the price of power and hashprice together say which models on the market
can be in use. If all hash rate came from the best of them, the network would need the least power;
if all came from the worst that still pays, the most; a weighted basket of all that pay is the best
guess. Each is multiplied by what the sites add to the machines (PUE). Emissions follow from where
the hash rate is and how dirty the grids are there.

The three figures answer under stated assumptions, none is a measurement: the index's own history
was revised by a tenth and more when its basket changed.

Sources: the methodology of the Cambridge Bitcoin Electricity Consumption Index (Cambridge Centre
for Alternative Finance, 2019, revised 2023), after M. Bevand's estimates of 2017. The constants
below are the index's published assumptions as commonly quoted; every one is a parameter.

>>> bounds = energy_bounds(800e6, [98.0, 29.5, 17.5], hashprice_usd=50.0, power_usd_per_kwh=0.05)
>>> [round(gw * 1e-6, 2) for gw in (bounds.lower_kw, bounds.best_kw, bounds.upper_kw)]
[14.14, 20.68, 28.32]
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import (
    require_at_least,
    require_non_negative,
    require_positive,
)
from headframe.analytics.hashprice import breakeven_usd_per_kwh
from headframe.errors import InputError
from headframe.types import Array, Mask
from headframe.units import (
    DAY_S,
    DAYS_PER_YEAR,
    HOUR_S,
    HOURS_PER_DAY,
    KWH_PER_MWH,
    W_PER_KW,
    YEAR_S,
)

POWER_USD_PER_KWH = 0.05
"""The index's price of power for miners worldwide."""
LIFETIME_S = 5.0 * YEAR_S
"""The index's life of a machine, from its release."""
PUE_LOWER = 1.01
"""Power of a site over that of its machines, in the lower bound."""
PUE_BEST = 1.10
"""The same in the best guess."""
PUE_UPPER = 1.20
"""The same in the upper bound."""


@dataclass(frozen=True)
class EnergyBounds:
    """Power that a network draws, in kW, between two bounds."""

    lower_kw: float
    """If all machines were of the most efficient model."""
    best_kw: float
    """With a weighted basket of all models that pay."""
    upper_kw: float
    """If all machines were of the least efficient model that pays."""
    breakeven_j_per_th: float
    """Efficiency at which a machine's power just takes all it earns."""

    @property
    def best_mwh_per_year(self) -> float:
        """Best guess of a year's energy at this power, in MWh (1e6 of them are one TWh)."""
        return self.best_kw * HOURS_PER_DAY * DAYS_PER_YEAR / KWH_PER_MWH


def breakeven_j_per_th(
    *, hashprice_usd: float, power_usd_per_kwh: float, pue: float = 1.0, pool_fee: float = 0.0
) -> float:
    """
    Efficiency of the worst machine that still pays its power.

        J/TH = hashprice (1 - f) / (power price * PUE), in joules per terahash

    `hashprice_usd` is in USD per PH/s and day. It is the break-even power price of a machine of
    1 J/TH, divided by the price of power.
    """
    require_positive(power_usd_per_kwh=power_usd_per_kwh)
    require_at_least(1.0, pue=pue)
    at_one_joule = breakeven_usd_per_kwh(
        hashprice_usd=hashprice_usd, efficiency_j_per_th=1.0, pool_fee=pool_fee
    )
    return float(at_one_joule / (power_usd_per_kwh * pue))


def on_the_market(
    release_ts: npt.ArrayLike, *, at_ts: float, lifetime_s: float = LIFETIME_S
) -> Mask:
    """Which models have been released and are not past their life at a time (unix seconds)."""
    require_positive(lifetime_s=lifetime_s)
    age_s = at_ts - np.asarray(release_ts, dtype=np.float64)
    return np.asarray((age_s >= 0.0) & (age_s <= lifetime_s))


def energy_bounds(
    hashrate_th_s: float,
    efficiency_j_per_th: npt.ArrayLike,
    *,
    hashprice_usd: float,
    power_usd_per_kwh: float = POWER_USD_PER_KWH,
    weights: npt.ArrayLike = 1.0,
    pool_fee: float = 0.0,
) -> EnergyBounds:
    """
    Lower bound, best guess and upper bound of the network's power.

        power = hashrate * J/TH * PUE,  over machines with  J/TH * PUE <= break-even

    `efficiency_j_per_th` holds the models on the market (`on_the_market` picks them), `weights`
    their shares of the hash rate in the best guess: equal by default, as the index had it until
    2023; since then newer models count more. Where no model pays, the network is taken to run on
    the most efficient one. `hashprice_usd` is in USD per PH/s and day; smooth it over some days,
    since machines are not switched off for a bad hour.
    """
    models, shares = _models(efficiency_j_per_th, weights)
    require_non_negative(hashrate_th_s=hashrate_th_s)
    limit = breakeven_j_per_th(
        hashprice_usd=hashprice_usd, power_usd_per_kwh=power_usd_per_kwh, pool_fee=pool_fee
    )
    best = _running(models, limit / PUE_BEST)
    basket = float(np.average(models[best], weights=shares[best] if shares[best].any() else None))
    worst = float(models[_running(models, limit / PUE_UPPER)].max())
    kw = float(hashrate_th_s) / W_PER_KW
    lower_kw, best_kw = kw * float(models.min()) * PUE_LOWER, kw * basket * PUE_BEST
    return EnergyBounds(lower_kw, best_kw, max(best_kw, kw * worst * PUE_UPPER), limit)


def energy_kwh(power_kw: npt.ArrayLike, *, every_s: float = DAY_S) -> float:
    """Energy of a series of powers that each lasted `every_s`."""
    require_positive(every_s=every_s)
    power = np.asarray(power_kw, dtype=np.float64)
    require_non_negative(power_kw=power)
    return float(power.sum()) * every_s / HOUR_S


def grid_intensity_t_per_mwh(
    shares: Mapping[str, float], intensity_t_per_mwh: Mapping[str, float]
) -> float:
    """
    Mean emissions of a network's power, in tonnes of CO2 per MWh (= kg per kWh).

        sum share_c * intensity_c / sum share_c

    `shares` of the hash rate by country or grid; each needs an intensity. Location-based: what the
    local grid emits on average, not what a certificate says.
    """
    missing = sorted(set(shares) - set(intensity_t_per_mwh))
    if missing:
        raise InputError(
            "intensity_t_per_mwh", missing[0], "must have every place that has a share"
        )
    require_non_negative(**{f"shares.{place}": share for place, share in shares.items()})
    total = sum(shares.values())
    require_positive(shares=total)
    return sum(share * intensity_t_per_mwh[place] for place, share in shares.items()) / total


def emissions_t(energy_mwh: float, *, intensity_t_per_mwh: float) -> float:
    """Tonnes of CO2 of an amount of energy: energy times the grid's intensity."""
    require_non_negative(energy_mwh=energy_mwh, intensity_t_per_mwh=intensity_t_per_mwh)
    return energy_mwh * intensity_t_per_mwh


def _models(efficiency_j_per_th: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Array, Array]:
    models = np.asarray(efficiency_j_per_th, dtype=np.float64).ravel()
    if models.size == 0:
        raise InputError("efficiency_j_per_th", [], "must have at least one model")
    shares = np.broadcast_to(np.asarray(weights, dtype=np.float64), models.shape)
    require_positive(efficiency_j_per_th=models)
    require_non_negative(weights=shares)
    return models, shares


def _running(models: Array, limit_j_per_th: float) -> Mask:
    pays = models <= limit_j_per_th
    return np.asarray(pays if pays.any() else models == models.min())
