"""
What trading one synth for another costs in Synthetix: base fees, and a fee for moving prices.

Both synths have a base fee; they add up. Since the oracle lags the market, a second fee grows with
what the oracle's last rounds moved beyond a threshold, each older round weighing less (SIP-184):

    f_i = f_(i+1) * decay + max(|p_i - p_(i+1)| / p_(i+1) - threshold, 0),   p_0 the newest price

capped; beyond the cap nothing is traded at all.

Contract: npm synthetix 2.102.1, Exchanger as deployed on mainnet (MIT), whose bytecode judges this
file. Assumptions: those of `synthetix_debt_pool`; no parameters of one's own for an integration.
"""

from itertools import pairwise

from headframe.exact.fixed import WAD
from headframe.exact.safe_math import add, sub
from headframe.exact.synthetix_debt_pool import SUSD, DebtPool, effective_value
from headframe.exact.synthetix_decimals import divide_decimal_down, multiply_decimal_down


def amounts_for_exchange(
    pool: DebtPool, source: str, amount: int, destination: str
) -> tuple[int, int, bool]:
    """What is received and the fee, both in the destination, and whether prices move too much."""
    value = effective_value(pool, source, amount, destination)
    fee_rate, too_volatile = fee_rate_for_exchange(pool, source, destination)
    if too_volatile:
        return 0, 0, True
    received = multiply_decimal_down(value, sub(WAD, fee_rate))
    return received, value - received, False


def fee_rate_for_exchange(pool: DebtPool, source: str, destination: str) -> tuple[int, bool]:
    """Base fees and dynamic fee together, as a wad, and whether prices move too much."""
    rates = pool.settings.exchange_fee_rates
    base = add(rates.get(source, 0), rates.get(destination, 0))
    dynamic, too_volatile = dynamic_fee_rate_for_exchange(pool, source, destination)
    return add(base, dynamic), too_volatile


def dynamic_fee_rate_for_exchange(
    pool: DebtPool, source: str, destination: str
) -> tuple[int, bool]:
    """The fees of both prices together, capped once more, and whether any cap was reached."""
    to, to_over = _dynamic_fee_rate(pool, destination)
    of, of_over = _dynamic_fee_rate(pool, source)
    most = pool.settings.max_dynamic_fee
    over = to + of > most
    return min(to + of, most), over or to_over or of_over


def dynamic_fee(prices: list[int], *, threshold: int, weight_decay: int) -> int:
    """
    The fee for how prices moved, the newest price first, as a wad.

    A price of 0 stands for a round that was not there: nothing moved from it.
    """
    fee = 0
    for price, previous in reversed(list(pairwise(prices))):
        fee = multiply_decimal_down(fee, weight_decay)
        if previous:
            moved = divide_decimal_down(abs(price - previous), previous)
            fee = add(fee, max(moved - threshold, 0))
    return fee


def _dynamic_fee_rate(pool: DebtPool, key: str) -> tuple[int, bool]:
    settings = pool.settings
    if key == SUSD or settings.dynamic_fee_rounds <= 1:
        return 0, False
    newest_first = pool.prices[key][::-1][: settings.dynamic_fee_rounds]
    missing = settings.dynamic_fee_rounds - len(newest_first)
    fee = dynamic_fee(
        newest_first + [0] * missing,
        threshold=settings.dynamic_fee_threshold,
        weight_decay=settings.dynamic_fee_weight_decay,
    )
    return min(fee, settings.max_dynamic_fee), fee > settings.max_dynamic_fee
