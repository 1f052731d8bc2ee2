"""Euler's liquidation: the contract's published numbers, sums by hand, what must hold."""

import random
from fractions import Fraction

import pytest

from headframe.errors import Revert
from headframe.exact import euler_v2 as euler
from headframe.exact import euler_v2_math as rates
from headframe.exact.fixed import RAY, WAD

E = 10**18


def vault(**changes):
    it = euler.Vault(euler.VaultConfig(**({"max_liquidation_discount": 2_000} | changes)))
    it.collateral["alice"] = 40 * E
    euler.borrow(it, "alice", 5 * E, now_ts=0)
    return it


def valued(price_cents, *, balance=40 * E, ltv_percent=30, debt=5 * E):
    """Collateral at one, debt at a price: the contract's own test has 2.20, then 2.50."""
    return euler.Valuation(
        collateral_value=balance,
        collateral_adjusted_value=balance * ltv_percent // 100,
        liability_value=debt * price_cents // 100,
    )


def liquidate(it, valuation, **terms):
    return euler.liquidate(it, "bob", "alice", valuation, **({"now_ts": 0} | terms))


def test_the_contracts_own_numbers():
    """40 * 0.3 = 12 over 11 is 1.0909; over 12.5 it is 0.96: 13.0208 of collateral for 12.5."""
    it = vault()
    healthy = valued(220)
    assert healthy.collateral_adjusted_value * WAD // healthy.liability_value == 12 * WAD // 11
    assert euler.check_liquidation(it, "bob", "alice", healthy, now_ts=0) == (0, 0)
    under = valued(250)
    assert euler.discount_factor(12 * E, 125 * E // 10, 2_000) == 96 * WAD // 100
    repay, gained = euler.check_liquidation(it, "bob", "alice", under, now_ts=0)
    assert repay == 5 * E
    assert gained == 125 * E // 10 * 100 // 96  # 13.020833...
    assert liquidate(it, under) == (5 * E, gained, 0)
    assert euler.debt_of(it, "alice", now_ts=0) == 0
    assert euler.debt_of(it, "bob", now_ts=0) == 5 * E
    assert it.collateral == {"alice": 40 * E - gained, "bob": gained}


def test_the_discount_grows_as_health_falls_up_to_its_maximum():
    for score, factor in ((100, 100), (96, 96), (81, 81), (80, 80), (50, 80)):
        assert euler.discount_factor(score, 100, 2_000) == factor * WAD // 100


def test_a_part_costs_its_part_and_no_more_may_be_repaid():
    it, under = vault(), valued(250)
    _, whole = euler.check_liquidation(it, "bob", "alice", under, now_ts=0)
    assert liquidate(it, under, repay=2 * E)[1] == 2 * whole // 5
    refused("E_ExcessiveRepayAmount", it, under, repay=5 * E + 1)
    refused("E_MinYield", it, under, min_yield=whole + 1)


def test_collateral_that_falls_short_and_the_lenders_loss():
    """Debt of 5 worth 50 against 40: factor 0.8, all 40 for a repayment worth 32, which is 3.2."""
    it = vault()
    repay, gained, lost = liquidate(it, valued(1_000))
    assert (repay, gained, lost) == (32 * E // 10, 40 * E, 18 * E // 10)
    assert euler.debt_of(it, "alice", now_ts=0) == 0
    assert it.total_borrows == (32 * E // 10) << 31
    kept = vault(socialise_debt=False)
    assert liquidate(kept, valued(1_000))[2] == 0
    assert euler.debt_of(kept, "alice", now_ts=0) == 18 * E // 10


def test_worthless_collateral_is_given_away():
    it = vault()
    nothing = euler.Valuation(
        collateral_value=0, collateral_adjusted_value=0, liability_value=5 * E
    )
    assert liquidate(it, nothing) == (0, 40 * E, 5 * E)


def refused(name, it, valuation, **terms):
    with pytest.raises(Revert) as caught:
        liquidate(it, valuation, **terms)
    assert caught.value.data == euler.SELECTORS[name]


def test_who_and_when():
    it = vault(liquidation_cool_off_s=60)
    refused("E_LiquidationCoolOff", it, valued(250), now_ts=59)
    assert liquidate(it, valued(250), now_ts=60)[0] == 5 * E
    with pytest.raises(Revert) as caught:
        euler.liquidate(it, "alice", "alice", valued(250), now_ts=99)
    assert caught.value.data == euler.SELECTORS["E_SelfLiquidation"]


def test_errors_are_the_hashes_of_their_names():
    keccak = pytest.importorskip("Crypto.Hash.keccak")
    for name, data in euler.SELECTORS.items():
        assert keccak.new(digest_bits=256, data=f"{name}()".encode()).digest()[:4] == data


def test_a_limit_that_falls_does_so_for_liquidation_on_a_line():
    """From 90 to 50 % in twenty days: 80 % after five (as Gearbox's published ramp)."""
    day = 86_400
    config = rates.LTVConfig(
        borrow_ltv=4_000, liquidation_ltv=5_000, initial_liquidation_ltv=9_000,
        target_ts=20 * day, ramp_duration_s=20 * day,
    )  # fmt: skip
    assert [rates.liquidation_ltv(config, now_ts=k * day) for k in (0, 5, 20, 21)] == [
        9_000, 8_000, 5_000, 5_000,
    ]  # fmt: skip


def test_the_curve_and_a_year_of_seconds():
    """Up to 80 % 0 to 4 % a year, then to 100 %: rates a second that compound to those yields."""
    kink = rates.UTILISATION_SCALE * 8 // 10
    curve = rates.IRMLinearKink(
        base_rate_ray=0, slope1=361_718_388, slope2=24_123_704_987, kink=kink
    )
    rate = curve.rate_per_s(20, 80)
    year = rates.grown_accumulator(RAY, rate, rates.SECONDS_PER_YEAR)
    assert year / RAY == pytest.approx(1.04, abs=1e-8)
    top = rates.grown_accumulator(RAY, curve.rate_per_s(0, 100), rates.SECONDS_PER_YEAR)
    assert top / RAY == pytest.approx(2.0, abs=1e-6)
    assert rates.utilisation(0, 0) == 0


def test_an_accumulator_that_does_not_fit_stays_as_it_is():
    assert rates.grown_accumulator(7 * RAY, RAY, 10**6) == 7 * RAY


def test_fees_are_shares_of_the_interest():
    """A tenth of 100 of interest in a vault of 1,100: shares that are worth 10 once issued."""
    shares = rates.fee_shares(500 * E, (600 * E) << 31, (100 * E) << 31, 1_000 * E, 1_000)
    worth = Fraction(shares * (1_100 * E + 10**6), 1_000 * E + 10**6 + shares)
    assert 0 <= 10 * E - worth < 2


@pytest.mark.parametrize("seed", range(4))
def test_debt_is_never_lost_and_discounts_stay_within_their_maximum(seed):
    """Debts of all accounts come to the vault's, within a unit each; yields within the discount."""
    rng = random.Random(seed)
    it = vault(socialise_debt=False)
    it.rate_per_s_ray = rng.randint(0, 10**20)
    now = 0
    for _ in range(200):
        now += rng.choice((0, 1, 3_600, 86_400))
        debt = euler.debt_of(it, "alice", now_ts=now)
        held = it.collateral["alice"]
        view = euler.Valuation(
            collateral_value=held,
            collateral_adjusted_value=held * rng.randint(20, 90) // 100,
            liability_value=max(debt * rng.randint(50, 500) // 100, 1),
        )
        most, gained = euler.check_liquidation(it, "bob", "alice", view, now_ts=now)
        part = rng.randint(0, most)
        repaid, got, _ = liquidate(it, view, repay=part, now_ts=now)
        assert repaid == part
        assert got * most <= gained * part + most
        paid = Fraction(repaid * view.liability_value, max(debt, 1))
        assert paid * 10_000 >= (got - 1) * (10_000 - 2_000) - 10**6
        owed = sum(euler.debt_of(it, who, now_ts=now) for who in it.debts)
        assert abs(owed - rates.to_assets_up(it.total_borrows)) <= len(it.debts) + 200
        if rng.random() < 0.2:
            euler.borrow(it, "alice", rng.randint(1, E), now_ts=now)
