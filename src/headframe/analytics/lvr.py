"""
Loss-versus-rebalancing: what a pool's provider pays to those who trade against a stale price.

Compare a pool position with a portfolio that always holds the same amount of the risky token but
trades it at the market's price. The pool trades the same amounts at worse prices. The difference,
LVR, only grows, needs no view of where the price goes, and is what fees must beat. `volatility` is
per square root of a year and results are per year; any other unit of time serves as well if it is
used for both.

>>> round(float(constant_product_apr(0.8)), 6)  # a pool at 80 % volatility loses 8 % a year
0.08
"""

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_inner_share,
    require_non_negative,
    require_positive,
    require_range,
)
from headframe.analytics.first_passage import OVERSHOOT
from headframe.analytics.impermanent_loss import concentration


def constant_product_apr(volatility: Real) -> Real:
    """
    LVR of a constant-product pool, as a rate on its value.

        sigma^2 / 8

    Source: Milionis, Moallemi, Roughgarden, Zhang, "Automated Market Making and
    Loss-Versus-Rebalancing" (arXiv 2208.06046), example 3 with weights one half.
    """
    return weighted_apr(volatility, weight=0.5)


def weighted_apr(volatility: Real, *, weight: Real) -> Real:
    """
    LVR of a weighted pool, as a rate on its value.

        sigma^2 w (1 - w) / 2

    Source: Milionis et al. (arXiv 2208.06046), geometric mean market makers.
    """
    require_non_negative(volatility=volatility)
    require_inner_share(weight=weight)
    return volatility**2 * weight * (1.0 - weight) / 2.0


def concentrated_quote_per_year(
    volatility: Real, *, liquidity: Real, price: Real, price_lower: Real, price_upper: Real
) -> Real:
    """
    LVR of a Uniswap v3 position in quote tokens a year, while the price stays where it is.

        L sigma^2 sqrt(P) / 4 inside the range, 0 outside

    Source: Milionis et al. (arXiv 2208.06046), sigma^2 P^2 |x'(P)| / 2 with x = L/sqrt(P) + const.
    """
    require_non_negative(volatility=volatility, liquidity=liquidity)
    require_positive(price=price)
    require_range(price_lower=price_lower, price_upper=price_upper)
    active = (price >= price_lower) & (price <= price_upper)
    rate: Real = np.where(active, liquidity * volatility**2 * np.sqrt(price) / 4.0, 0.0)[()]
    return rate


def concentrated_apr(
    volatility: Real, *, price: Real, price_lower: Real, price_upper: Real
) -> Real:
    """
    LVR of a Uniswap v3 position, as a rate on its present value.

        sigma^2 / 8 / (1 - (sqrt(pa/P) + sqrt(P/pb)) / 2) inside the range, 0 outside

    A range concentrates the loss by the same multiple as the fees. Source: as
    `concentrated_quote_per_year`, over L (2 sqrt(P) - P/sqrt(pb) - sqrt(pa)).
    """
    require_positive(price=price)
    multiple = concentration(price=price, price_lower=price_lower, price_upper=price_upper)
    return multiple * constant_product_apr(volatility)


def expected_loss(volatility: Real, *, years: Real) -> Real:
    """
    Expected loss of a constant-product position against rebalancing, over one whole period.

        1 - E[sqrt(P_T/P_0)] = 1 - exp(-sigma^2 T / 8)

    Share of the value at the start, for a log-normal price without drift, rebalanced once, at the
    start. The mean shortfall against holding is the same; the distributions are not (arXiv
    2410.00854). Source: the moment of order one half of a log-normal price.
    """
    require_non_negative(volatility=volatility, years=years)
    loss: Real = -np.expm1(-(volatility**2) * years / 8.0)
    return loss


def arbitrage_share(*, block_volatility: Real, spread: Real) -> Real:
    """
    Share of LVR that arbitrageurs still take when the pool charges and blocks come at even times.

        1 / (1 + gamma / (2 * 0.5826 * sigma_b))

    `block_volatility` is that of one block interval, sigma sqrt(dt). `spread` is the *whole* width
    between the pool's bid and ask, as in the paper: a pool with a 30 basis point fee on either side
    quotes a spread of 60. Source: Nezlobin and Tassy (arXiv 2505.05113), abstract, over
    sigma_b^2/2; quasi-exact where the spread is not small beside the block volatility.
    """
    require_positive(block_volatility=block_volatility)
    require_non_negative(spread=spread)
    return 1.0 / (1.0 + spread / (2.0 * OVERSHOOT * block_volatility))


def arbitrage_per_block(*, block_volatility: Real, spread: Real) -> Real:
    """
    Expected arbitrage profit in one block, per unit of liquidity P^2 |x'(P)|.

        sigma_b^2 / (2 + 1.7164 gamma / sigma_b),  1.7164 = 1/0.5826

    A quarter of it is the loss as a share of a constant-product pool's value. Arguments and source:
    see `arbitrage_share`, and mind what `spread` is.
    """
    share = arbitrage_share(block_volatility=block_volatility, spread=spread)
    return block_volatility**2 / 2.0 * share


def arbitrage_per_block_poisson(*, block_volatility: Real, spread: Real) -> Real:
    """
    The same where blocks come at random (Poisson) times; `block_volatility` of the mean interval.

        sigma_b^2 / (2 + sqrt(2) gamma / sigma_b)

    Always more than with even blocks. Source: Milionis, Moallemi, Roughgarden, "Automated Market
    Making and Arbitrage Profits in the Presence of Fees" (arXiv 2305.14604), P_trade, with the
    fee of one side being half of `spread`.
    """
    require_positive(block_volatility=block_volatility)
    require_non_negative(spread=spread)
    profit: Real = block_volatility**2 / (2.0 + np.sqrt(2.0) * spread / block_volatility)
    return profit
