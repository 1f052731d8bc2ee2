"""
Megawatts of a mine turned into contracted compute: now, never, or later if it pays by then.

A mine has power, land and a grid connection; a tenant of compute pays for them by contract. Turning
a megawatt costs capital, takes time in which it earns nothing, and ends its mining. The contract is
*take or pay*: a share of its revenue is due whatever is used.

    compute  A = (paid revenue - running cost) (e^(-r d) - e^(-r (d + n))) / r
    mine     B = margin (1 - e^(-(r - g)(d + n))) / (r - g)
    now      A - B - K,    waiting T years    e^(-rT) E[(A - B - K)^+]

with delay d, term n, discount r, and the mining margin's growth g. Until it is decided both values
move, lognormally and together; once signed, the contract is fixed. Without capital it is the
exchange option of Margrabe (1978); with it the option on a spread. After the real options of S.
McDonald and D. Siegel, "The value of waiting to invest" (Quarterly Journal of Economics 101, 1986),
with a last date for the decision and none before it.
"""

import math
from dataclasses import dataclass

import numpy as np

from headframe.analytics.domain import (
    require_finite,
    require_non_negative,
    require_positive,
    require_share,
)
from headframe.analytics.exchange_option import spread_call
from headframe.errors import InputError
from headframe.types import Array


@dataclass(frozen=True)
class Conversion:
    """
    What a megawatt is worth either way, in USD, at the instant of the decision.

    `now` is the gain over staying a mine if it is turned at once (negative: a loss), `option` the
    worth today of the right to turn it at the end of the wait and not before. Where `now` is above
    `option`, waiting does not pay.
    """

    compute_usd_per_mw: float
    mine_usd_per_mw: float
    now_usd_per_mw: float
    option_usd_per_mw: float


def convert(
    *,
    revenue_usd_per_mw_year: float,
    take_or_pay_share: float,
    use_share: float,
    running_usd_per_mw_year: float,
    capital_usd_per_mw: float,
    delay_years: float,
    term_years: float,
    mining_usd_per_mw_year: float,
    mining_growth: float,
    discount: float,
    wait_years: float,
    volatility_compute: float,
    volatility_mine: float,
    correlation: float,
) -> Conversion:
    """
    Contracted compute against mining on, for a megawatt; rates are continuous and yearly.

    The tenant pays the larger of `take_or_pay_share` and `use_share` of the revenue.
    `mining_usd_per_mw_year` is the mine's margin after power, its option to stand still included.
    While it is waited the forward of either value stays where it is: the contract on offer is as
    long later as now, and the mine is the one that there is then. Errors: a contract that does not
    pay its running cost has no value to exchange.
    """
    require_share(take_or_pay_share=take_or_pay_share, use_share=use_share)
    require_non_negative(
        running_usd_per_mw_year=running_usd_per_mw_year,
        capital_usd_per_mw=capital_usd_per_mw,
        delay_years=delay_years,
        wait_years=wait_years,
    )
    require_positive(
        revenue_usd_per_mw_year=revenue_usd_per_mw_year,
        term_years=term_years,
        mining_usd_per_mw_year=mining_usd_per_mw_year,
    )
    require_finite(mining_growth=mining_growth, discount=discount)
    net = revenue_usd_per_mw_year * max(take_or_pay_share, use_share) - running_usd_per_mw_year
    if net <= 0.0:
        raise InputError(
            "running_usd_per_mw_year", running_usd_per_mw_year, "below the revenue that is paid"
        )
    end = delay_years + term_years
    compute = net * float(annuities(discount, end) - annuities(discount, delay_years))
    mine = mining_usd_per_mw_year * float(annuities(discount - mining_growth, end))
    later = spread_call(
        compute,
        mine,
        strike=capital_usd_per_mw,
        volatility_a=volatility_compute,
        volatility_b=volatility_mine,
        correlation=correlation,
        years=wait_years,
    )
    return Conversion(
        compute_usd_per_mw=compute,
        mine_usd_per_mw=mine,
        now_usd_per_mw=compute - mine - capital_usd_per_mw,
        option_usd_per_mw=math.exp(-discount * wait_years) * later,
    )


def annuities(rate: float, years: Array | float) -> Array:
    """Present value of one a year, paid without pause; `years` where the rate is 0."""
    span = np.asarray(years, np.float64)
    return span if abs(rate) < 1e-12 else -np.expm1(-rate * span) / rate
