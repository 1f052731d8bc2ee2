"""Yearn's vault without a judge: published numbers, reports worked by hand, what must hold."""

import copy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import yearn_v3 as yearn

UNIT, DAY_S = 10**18, 86_400


def invested(assets: int = 1_000 * UNIT, days: int = 10) -> yearn.Vault:
    """A vault whose one depositor's assets are all with one strategy."""
    vault = yearn.Vault(profit_max_unlock_time_s=days * DAY_S)
    yearn.deposit(vault, "alice", assets, now_ts=0)
    yearn.update_debt(vault, "s", assets)
    return vault


def price(vault: yearn.Vault, now_ts: int) -> Fraction:
    supply = yearn.total_supply(vault, now_ts=now_ts)
    return Fraction(yearn.total_assets(vault), supply)


def test_a_profit_of_a_tenth_unlocks_over_ten_days():
    # 1,000 and 100 of profit, unlocked in 10 days: 1.0, 1.047619 = 1100 / 1050, 1.1.
    vault = invested()
    assert yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0) == (100 * UNIT, 0)
    assert price(vault, 0) == 1
    assert float(price(vault, 5 * DAY_S)) == pytest.approx(1100 / 1050, abs=1e-15)
    assert price(vault, 10 * DAY_S) == Fraction(11, 10)
    assert price(vault, 99 * DAY_S) == Fraction(11, 10)


def test_a_profit_as_large_as_the_deposit_doubles_the_price_in_the_end():
    # yearn-vaults-v3's own test: the price of a share is 1, then 2.
    vault = invested()
    yearn.process_report(vault, "s", 2_000 * UNIT, now_ts=0)
    assert [price(vault, t * DAY_S) for t in (0, 10)] == [1, 2]
    yearn.update_debt(vault, "s", 0)
    assert yearn.redeem(vault, "alice", 1_000 * UNIT, now_ts=10 * DAY_S) == 2_000 * UNIT


def test_fees_on_a_profit_come_out_of_the_locked_shares():
    # Gain 100, fees 10: 100 - 10 = 90 shares locked, 10 given away; in the end 1100 / 1010.
    vault = invested()
    yearn.process_report(vault, "s", 1_100 * UNIT, total_fees=10 * UNIT, now_ts=0)
    assert vault.balances == {"alice": 1_000 * UNIT, "vault": 90 * UNIT, "accountant": 10 * UNIT}
    assert price(vault, 0) == 1
    assert price(vault, 10 * DAY_S) == Fraction(1100, 1010)


def test_a_loss_is_taken_from_the_locked_shares_first():
    # Day 5: 50 of 100 shares are left, the price is 1100 / 1050. A loss of 30 burns
    # 30 * 1050 / 1100 = 28.636... of them; the price stays, and the rest unlocks as before.
    vault = invested()
    yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0)
    assert yearn.process_report(vault, "s", 1_070 * UNIT, now_ts=5 * DAY_S) == (0, 30 * UNIT)
    locked = vault.balances["vault"]
    # Quotients rounded up and down: within a unit of 50 - 28.636... shares.
    assert abs(locked - (50 * UNIT - Fraction(30 * 1050 * UNIT, 1100))) <= 1
    assert float(price(vault, 5 * DAY_S)) == pytest.approx(1100 / 1050, abs=1e-15)
    assert price(vault, 10 * DAY_S) == Fraction(1070, 1000)


def test_a_loss_beyond_the_locked_shares_lowers_the_price():
    # Locked 100, loss 250: the first hundred is absorbed at a price of 1, the rest is not.
    vault = invested()
    yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0)
    yearn.process_report(vault, "s", 850 * UNIT, now_ts=0)
    assert vault.balances["vault"] == 0
    assert price(vault, 0) == Fraction(85, 100)


def test_a_refund_makes_good_for_a_loss():
    # Loss 50, refund 50: 50 shares locked and 50 burnt, and the assets are what they were.
    vault = invested()
    yearn.process_report(vault, "s", 950 * UNIT, total_refunds=50 * UNIT, now_ts=0)
    assert (vault.total_idle, vault.balances["vault"]) == (50 * UNIT, 0)
    assert price(vault, 0) == 1


def test_a_second_profit_stretches_the_unlocking_by_weight():
    # Day 5: about 50 shares with 5 days left; another 110 assets are 105 shares for 10 days.
    # (50 * 5 + 105 * 10) / 155 = 8.387... days.
    vault = invested()
    yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0)
    yearn.process_report(vault, "s", 1_210 * UNIT, now_ts=5 * DAY_S)
    days = Fraction(vault.full_profit_unlock_ts - 5 * DAY_S, DAY_S)
    assert abs(days - Fraction(1300, 155)) < Fraction(1, DAY_S)
    assert vault.profit_unlocking_rate == vault.balances["vault"] * 10**12 // (days * DAY_S)


def test_without_an_unlocking_time_the_price_jumps():
    vault = invested(days=0)
    yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0)
    assert price(vault, 0) == Fraction(11, 10)


@pytest.mark.parametrize(
    "act",
    [
        lambda v: yearn.deposit(v, "bob", 0, now_ts=0),
        lambda v: yearn.mint(v, "bob", 0, now_ts=0),
        lambda v: yearn.redeem(v, "alice", 1, now_ts=0),
        lambda v: yearn.withdraw(v, "bob", 1, now_ts=0),
        lambda v: yearn.update_debt(v, "other", 1),
    ],
)
def test_what_is_refused_changes_nothing(act):
    vault = invested()
    before = copy.deepcopy(vault)
    with pytest.raises(Revert):
        act(vault)
    assert vault == before


amount = st.integers(1, 10**27)
report = st.tuples(st.integers(0, 3 * 10**6), st.integers(-999, 999), st.integers(0, 200))


@given(amount, st.lists(report, max_size=6))
def test_shares_add_up_and_nobody_gains_by_a_round_trip(first, reports):
    vault, now_ts = invested(first), 0
    for elapsed_s, per_mille, fee_per_mille in reports:
        now_ts += elapsed_s
        debt = vault.debts["s"]
        change = debt * per_mille // 1_000
        fees = max(change, 0) * fee_per_mille // 1_000
        before = price(vault, now_ts)
        yearn.process_report(vault, "s", debt + change, total_fees=fees, now_ts=now_ts)
        if vault.debts["s"] == 0:
            return
        assert vault.stored_supply == sum(vault.balances.values())
        assert 0 <= yearn.unlocked_shares(vault, now_ts=now_ts) <= vault.balances["vault"]
        if change >= 0 and yearn.total_supply(vault, now_ts=now_ts) > 10**6:
            # Locked, a profit moves the price by roundings alone.
            assert abs(price(vault, now_ts) / before - 1) < Fraction(1, 10**5)
        paid = yearn.to_assets_up(vault, 1_000, now_ts=now_ts)
        if paid and yearn.to_shares_down(vault, paid, now_ts=now_ts):
            shares = yearn.deposit(vault, "bob", paid, now_ts=now_ts)
            assert yearn.redeem(vault, "bob", shares, now_ts=now_ts) <= paid


@given(st.integers(0, 20 * DAY_S), st.integers(0, 20 * DAY_S))
def test_the_price_never_falls_between_reports(first_ts, second_ts):
    vault = invested()
    yearn.process_report(vault, "s", 1_100 * UNIT, now_ts=0)
    early, late = sorted((first_ts, second_ts))
    assert price(vault, early) <= price(vault, late)
