"""
What hashing earns: hashprice, and the power price at which a machine breaks even.

A hash finds a block with probability 1/(difficulty * 2^32), and a block pays subsidy and fees. So a
hash rate's expected income needs no view of the network's hash rate: difficulty stands for it.
*Hashprice* is the income of one petahash per second over one day. `fees_btc` is the mean fee total
of one block; the index providers average it over 144 blocks.

>>> usd = usd_per_ph_day(difficulty=86.388e12, subsidy_btc=6.25, fees_btc=0.7745, btc_usd=63_507.69)
>>> round(float(usd), 2)
103.88
>>> round(float(breakeven_usd_per_kwh(hashprice_usd=usd, efficiency_j_per_th=17.5, pool_fee=0)), 4)
0.2473
"""

from headframe.analytics.domain import (
    Real,
    require_non_negative,
    require_positive,
    require_proper_share,
)
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    J_PER_KWH,
    KWH_PER_MWH,
    TH_PER_PH,
)


def expected_blocks(*, hashrate_th_s: Real, seconds: Real, difficulty: Real) -> Real:
    """
    Mean number of blocks that a hash rate finds in a time; the number itself is Poisson.

        hashes / (D 2^32)

    Source: Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980); the
    exact (2^16 - 1)/2^48 in place of 2^-32 differs by 0.0015 %.
    """
    require_non_negative(hashrate_th_s=hashrate_th_s, seconds=seconds)
    require_positive(difficulty=difficulty)
    return hashrate_th_s * HASHES_PER_TH * seconds / (difficulty * HASHES_PER_DIFFICULTY)


def expected_btc(
    *,
    hashrate_th_s: Real,
    seconds: Real,
    difficulty: Real,
    subsidy_btc: Real,
    fees_btc: Real,
    pool_fee: Real,
) -> Real:
    """
    Mean income in coins of a hash rate over a time, after the pool's fee.

        hashes / (D 2^32) (subsidy + fees) (1 - f)
    """
    require_non_negative(subsidy_btc=subsidy_btc, fees_btc=fees_btc)
    require_proper_share(pool_fee=pool_fee)
    blocks = expected_blocks(hashrate_th_s=hashrate_th_s, seconds=seconds, difficulty=difficulty)
    return blocks * (subsidy_btc + fees_btc) * (1.0 - pool_fee)


def btc_per_ph_day(*, difficulty: Real, subsidy_btc: Real, fees_btc: Real) -> Real:
    """
    Hashprice in coins: expected BTC of 1 PH/s over one day, before the pool's fee.

        (subsidy + fees) 86400 10^15 / (D 2^32)

    Source: Luxor, derivatives glossary ("expected value of 1 PH/s per day"). Markets that quote BTC
    and those that quote USD write the same word.
    """
    return expected_btc(
        hashrate_th_s=TH_PER_PH,
        seconds=DAY_S,
        difficulty=difficulty,
        subsidy_btc=subsidy_btc,
        fees_btc=fees_btc,
        pool_fee=0.0,
    )


def usd_per_ph_day(*, difficulty: Real, subsidy_btc: Real, fees_btc: Real, btc_usd: Real) -> Real:
    """Hashprice in dollars: `btc_per_ph_day` times the price of a coin."""
    require_non_negative(btc_usd=btc_usd)
    coins = btc_per_ph_day(difficulty=difficulty, subsidy_btc=subsidy_btc, fees_btc=fees_btc)
    return coins * btc_usd


def breakeven_usd_per_kwh(
    *, hashprice_usd: Real, efficiency_j_per_th: Real, pool_fee: Real
) -> Real:
    """
    Power price at which a machine's income just pays its power.

        hashprice (1 - f) / (energy of 1 PH/s over a day in kWh)

    `hashprice_usd` is in USD per PH/s and day. Uptime cancels. Cooling and overhead belong in the
    efficiency (multiply it by PUE); hosting and staff are not in it. Source: income per joule.
    """
    require_non_negative(hashprice_usd=hashprice_usd)
    require_positive(efficiency_j_per_th=efficiency_j_per_th)
    require_proper_share(pool_fee=pool_fee)
    energy_kwh = TH_PER_PH * DAY_S * efficiency_j_per_th / J_PER_KWH
    return hashprice_usd * (1.0 - pool_fee) / energy_kwh


def strike_usd_per_mwh(*, hashprice_usd: Real, efficiency_j_per_th: Real, pool_fee: Real) -> Real:
    """Power price above which a machine should stand still: the break-even price, per MWh."""
    per_kwh = breakeven_usd_per_kwh(
        hashprice_usd=hashprice_usd, efficiency_j_per_th=efficiency_j_per_th, pool_fee=pool_fee
    )
    return per_kwh * KWH_PER_MWH


def power_cost_usd_per_btc(
    *,
    difficulty: Real,
    subsidy_btc: Real,
    fees_btc: Real,
    efficiency_j_per_th: Real,
    power_usd_per_kwh: Real,
    pool_fee: Real,
) -> Real:
    """
    Power bill of one coin mined, after the pool's fee.

        D 2^32 J/TH / ((subsidy + fees) (1 - f)) at the power price

    Source: the inverse of `expected_btc` per joule; it equals the coin's price exactly where power
    costs the break-even price.
    """
    require_positive(efficiency_j_per_th=efficiency_j_per_th)
    require_non_negative(power_usd_per_kwh=power_usd_per_kwh)
    per_th = expected_btc(
        hashrate_th_s=1.0,
        seconds=1.0,
        difficulty=difficulty,
        subsidy_btc=subsidy_btc,
        fees_btc=fees_btc,
        pool_fee=pool_fee,
    )
    require_positive(reward_btc=subsidy_btc + fees_btc)
    return efficiency_j_per_th / J_PER_KWH * power_usd_per_kwh / per_th
