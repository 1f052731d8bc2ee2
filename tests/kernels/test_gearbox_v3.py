"""
The float twin of Gearbox v3 against `exact.gearbox_v3_math` and `exact.gearbox_v3_rates`.

Amounts are drawn in whole units of 1e18, so that a unit of rounding in exact is 1e-18 of one. Each
bound is the number of roundings on the exact side, in that unit (times what the result multiplies
it by), and 2^-53 for each operation on the float side, times the largest number in the sum.
"""

import numpy as np
import pytest

from headframe.exact import gearbox_v3_math as exact
from headframe.exact import gearbox_v3_rates as rates
from headframe.exact.fixed import RAY
from headframe.kernels import gearbox_v3 as kernel

UNIT = 10**18
EPS = 2.0**-53
YEAR_S = 365 * 86_400
DRAWS = 2_000


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def whole(x):
    """A float as an integer of 1e-18, exactly what the float is to 1e-18."""
    return round(float(x) * UNIT)


def test_liquidation_payments(rng):
    """Two quotients on the exact side; at most six operations on numbers of the account's size."""
    for _ in range(DRAWS):
        debt, value = rng.uniform(1e2, 1e6), rng.uniform(1e2, 1.5e6)
        interest, fees = debt * rng.uniform(0.0, 0.2), debt * rng.uniform(0.0, 0.05)
        fee_bps, premium_bps = int(rng.integers(0, 300)), int(rng.integers(0, 1_000))
        theirs = exact.calc_liquidation_payments(
            debt=whole(debt), accrued_interest=whole(interest), accrued_fees=whole(fees),
            total_value=whole(value), fee_liquidation_bps=fee_bps,
            liquidation_discount_bps=10_000 - premium_bps,
        )  # fmt: skip
        ours = kernel.payments(
            debt, interest, fees, value, fee_bps / 10_000, 1.0 - premium_bps / 10_000
        )
        bound = 6 / UNIT + 10 * EPS * (debt + interest + fees + value)
        assert np.abs(np.array(ours) - np.array(theirs) / UNIT).max() <= bound


def test_the_order_of_repayment(rng):
    """Six quotients on the exact side, each of a unit; fifteen operations on the debt's size."""
    for _ in range(DRAWS):
        debt = rng.uniform(1e2, 1e6)
        growth = int(rng.uniform(0.0, 2e26))
        interest = exact.calc_accrued_interest(whole(debt), RAY, RAY + growth)
        quota, fees = debt * rng.uniform(0, 0.05), debt * rng.uniform(0, 0.01)
        fee_bps = int(rng.choice([0, 1_000, 2_500, 5_000]))
        owed = debt + (interest / UNIT + quota) * (1 + fee_bps / 10_000) + fees
        amount = owed * rng.choice([0.002, 0.02, 0.1, 0.5, 0.99]) * rng.uniform(0.5, 1.0)
        left = exact.calc_decrease(
            whole(amount), debt=whole(debt), index_now_ray=RAY + growth, index_then_ray=RAY,
            quota_interest=whole(quota), quota_fees=whole(fees), fee_interest_bps=fee_bps,
        )  # fmt: skip
        rest = exact.calc_accrued_interest(left[0], left[1], RAY + growth)
        theirs = np.array([left[0], rest, left[3], left[4]]) / UNIT
        ours = kernel.decrease(amount, debt, interest / UNIT, quota, fees, fee_bps / 10_000)
        # A new index is known to one part in 1e27 of itself, and that times the debt is one unit.
        bound = 8 / UNIT + 30 * EPS * owed
        assert np.abs(np.array(ours) - theirs).max() <= bound


def test_thresholds_on_a_ramp(rng):
    """Exact rounds down to a basis point."""
    for _ in range(DRAWS):
        first, last = (int(x) for x in rng.integers(0, 10_001, 2))
        start, ramp = int(rng.integers(0, 10**6)), int(rng.integers(1, 2**24))
        t_s = int(rng.integers(0, start + 2 * ramp))
        theirs = exact.get_liquidation_threshold(first, last, start, ramp, now_ts=t_s)
        ours = kernel.threshold_at(first / 10_000, last / 10_000, start, ramp, t_s)
        assert -4 * EPS <= ours - theirs / 10_000 <= 1e-4 + 4 * EPS


def test_what_counts(rng):
    """One quotient on the exact side, two operations."""
    for _ in range(DRAWS):
        value, lt_bps = rng.uniform(1, 1e6), int(rng.integers(0, 10_001))
        quota = value * rng.uniform(0.5, 1.5)
        theirs = exact.calc_one_token_collateral(whole(value), lt_bps, whole(quota))
        ours = kernel.counted(value, lt_bps / 10_000, quota)
        assert abs(ours - theirs / UNIT) <= 2 / UNIT + 4 * EPS * value


def test_a_partial_liquidation_reaches_its_target(rng):
    """The amount is put into exact's own figures: debt and weighted value meet at the target."""
    reached = 0
    for _ in range(DRAWS):
        debt, lt_bps = rng.uniform(1e3, 1e6), int(rng.integers(7_000, 9_300))
        value = debt * rng.uniform(0.95, 1.0) / (lt_bps / 10_000)
        quota = value * lt_bps / 10_000 * rng.uniform(0.97, 1.1)
        counted = min(value * lt_bps / 10_000, quota)
        spare = max(value - quota / (lt_bps / 10_000), 0.0)
        target = rng.uniform(1.0, 1.05)
        amount = kernel.partial_amount(
            target * debt - counted, spare, lt_bps / 10_000, target, 0.015, 0.96
        )
        if not 0.0 < amount < 0.96 * value:
            continue
        reached += 1
        to_debt, _, seized = exact.calc_partial_liquidation(
            whole(amount), fee_liquidation_bps=150, liquidation_discount_bps=9_600,
            seized_at_par=whole(amount),
        )  # fmt: skip
        after = exact.calc_one_token_collateral(whole(value) - seized, lt_bps, whole(quota))
        owed = whole(debt) - to_debt
        # Its own error is amplified by 1 over the slope, which is 0.04 at the least here.
        assert after / owed == pytest.approx(target, rel=200 * EPS)
    assert reached > DRAWS / 2


def curve(rng):
    u1, u2 = sorted(int(x) for x in rng.choice(np.arange(100, 9_900), 2, replace=False))
    s1, s2, s3 = sorted(int(x) for x in rng.integers(0, 10_001, 3))
    words = (u1, u2, int(rng.integers(0, 1_000)), s1, s2, s3)
    names = ("u1_bps", "u2_bps", "base_bps", "slope1_bps", "slope2_bps", "slope3_bps")
    return words, rates.LinearInterestRateModel(**dict(zip(names, words, strict=True)))


def test_the_curve(rng):
    """Utilisation is known to 1e-18, each piece to 1e-27; steepest is a slope of 1 over 1e-2."""
    for _ in range(DRAWS):
        (u1, u2, base, *slopes), model = curve(rng)
        expected = int(rng.integers(10**17, 10**18)) * 10**6
        available = int(expected * rng.uniform(0.0, 1.0))
        theirs = rates.calc_borrow_rate(model, expected, available)
        used = rates.utilisation_wad_down(expected, available) / 10**18
        bps = [x / 10_000 for x in (base, *slopes, u1, u2)]
        ours = kernel.two_kink_apr(used, *bps)
        narrow = min(u1, u2 - u1, 10_000 - u2) / 10_000
        bound = 10 * EPS + 2 * max(bps[1:4]) * EPS / narrow
        assert abs(ours - theirs / RAY) <= bound


def test_what_may_be_borrowed(rng):
    """One quotient, four operations on the pool's size."""
    for _ in range(DRAWS):
        (u1, u2, base, s1, s2, s3), _ = curve(rng)
        model = rates.LinearInterestRateModel(
            u1_bps=u1, u2_bps=u2, base_bps=base, slope1_bps=s1, slope2_bps=s2, slope3_bps=s3,
            forbids_above_u2=True,
        )  # fmt: skip
        expected = rng.uniform(1e3, 1e8)
        available = expected * rng.uniform(0.0, 1.1)
        theirs = rates.available_to_borrow(model, whole(expected), whole(available)) / UNIT
        ours = kernel.borrowable(expected, available, u2 / 10_000, True)
        assert abs(ours - theirs) <= 2 / UNIT + 8 * EPS * expected


def test_interest_of_a_year_of_updates(rng):
    """An index that is updated daily is the twin's compounding, to 365 roundings of each side."""
    for _ in range(50):
        apr_ray = int(rng.uniform(1.0, 5e26))
        index, owed = RAY, 1_000.0
        for _ in range(365):
            grown = exact.calc_linear_growth(apr_ray, 0, now_ts=86_400)
            index = index * (RAY + grown) // RAY
            owed += owed * (apr_ray / RAY) * (86_400 / YEAR_S)
        theirs = 1_000.0 + exact.calc_accrued_interest(1_000 * UNIT, RAY, index) / UNIT
        assert owed == pytest.approx(theirs, rel=4 * 365 * EPS + 2 * 365e-27)
