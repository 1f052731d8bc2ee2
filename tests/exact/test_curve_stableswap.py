"""
Curve's stableswap pool without a judge at hand.

Sources of expected values: numbers worked out beforehand from the contract's formula notes (1,000
and 1,000 coins, A = 100); the invariant's own equation in fractions; sums written out.
"""

import random
from copy import deepcopy
from fractions import Fraction

import pytest

from headframe.errors import Revert
from headframe.exact import curve_stableswap as curve
from headframe.exact.curve_stableswap_math import get_d
from headframe.exact.fixed import WAD

NOW = 1_700_000_000
DAY = 86_400


def pool(*coins, a=100, fee=4_000_000, admin_fee=5 * 10**9, decimals=None, a_precision=100):
    """A pool after its first deposit, of whole coins."""
    places = decimals or [18] * len(coins)
    made = curve.new_pool(places, a=a, fee=fee, admin_fee=admin_fee, a_precision=a_precision)
    curve.add_liquidity(made, [c * 10**d for c, d in zip(coins, places, strict=True)], now_ts=NOW)
    return made


def test_a_trade_of_a_tenth_of_the_pool_gives_the_known_numbers():
    free = pool(1_000, 1_000, fee=0)
    assert curve.get_dy(free, 0, 1, 100 * WAD, now_ts=NOW) == 99_900_110_864_758_514_706
    assert curve.get_dy(pool(1_000, 1_000), 0, 1, 100 * WAD, now_ts=NOW) == (
        99_860_150_820_412_611_301
    )


def test_the_invariant_of_a_lopsided_pool_is_the_known_number():
    assert get_d([1_500 * WAD, 500 * WAD], 100, 1) == 1_996_715_821_544_259_128_824
    assert get_d([1_500 * WAD, 500 * WAD], 10_000, 100) == 1_996_715_821_544_259_128_824


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_balanced_pool_holds_d_coins(n):
    assert get_d([10**24] * n, 20_000, 100) == n * 10**24


def off(d, xp, a):
    """By how much D misses its equation: A n^n S + D - A n^n D - D^(n+1) / (n^n prod), in D."""
    n, ann = len(xp), a * len(xp)
    product = Fraction(d)
    for x in xp:
        product *= Fraction(d, x * n)
    return ann * sum(xp) + d - ann * d - product


def test_d_solves_its_equation_to_a_few_units():
    rng = random.Random(1)
    for _ in range(300):
        a = rng.choice((1, 10, 100, 2_000))
        xp = [rng.randint(10**20, 30 * 10**20) for _ in range(rng.choice((2, 3, 4)))]
        d = get_d(xp, a, 1)
        # What is missed falls with D: the solution lies where its sign turns.
        assert off(d - 4, xp, a) > 0 > off(d + 4, xp, a)


@pytest.mark.parametrize("admin_fee", [0, 5 * 10**9])
def test_no_sequence_of_trades_lowers_what_a_share_is_worth(admin_fee):
    rng = random.Random(2)
    made = pool(1_000, 3_000, 500, admin_fee=admin_fee)
    before = curve.get_virtual_price(made, now_ts=NOW)
    for _ in range(200):
        i, j = rng.sample(range(3), 2)
        curve.exchange(made, i, j, rng.randint(1, 100 * WAD), now_ts=NOW)
        after = curve.get_virtual_price(made, now_ts=NOW)
        assert after >= before - 1
        before = after


@pytest.mark.parametrize("way", ["proportion", "one_coin", "imbalance", "trade"])
def test_there_and_back_gains_nothing(way):
    rng = random.Random(3)
    for _ in range(100):
        made = pool(1_000, 2_000, fee=rng.choice((0, 4_000_000)))
        paid = rng.randint(1, 500 * WAD)
        if way == "trade":
            got = curve.exchange(made, 0, 1, paid, now_ts=NOW)[0]
            assert curve.exchange(made, 1, 0, got, now_ts=NOW)[0] <= paid
            continue
        amounts = [paid, 2 * paid] if way == "proportion" else [paid, 0]
        shares = curve.add_liquidity(made, amounts, now_ts=NOW)
        if way == "proportion":
            back = curve.remove_liquidity(made, shares)
            assert back[0] <= paid
            assert back[1] <= 2 * paid
        elif way == "one_coin":
            assert curve.remove_liquidity_one_coin(made, shares, 0, now_ts=NOW)[0] <= paid
        else:
            assert curve.remove_liquidity_imbalance(made, amounts, now_ts=NOW) >= shares


def test_coins_are_conserved_and_half_the_fee_is_set_aside():
    made = pool(1_000, 1_000)
    paid, fee = curve.exchange(made, 0, 1, 100 * WAD, now_ts=NOW)
    assert fee == 99_900_110_864_758_514_706 * 4 // 10_000
    assert made.admin_balances == [0, fee // 2]
    assert made.balances == [1_100 * WAD, 1_000 * WAD - paid - fee // 2]
    assert curve.withdraw_admin_fees(made) == [0, fee // 2]
    assert made.admin_balances == [0, 0]


def test_small_decimals_are_brought_to_eighteen():
    made = pool(1_000, 1_000, decimals=[6, 18])
    assert made.total_supply == 2_000 * WAD
    assert curve.get_dy(made, 1, 0, 100 * WAD, now_ts=NOW) == 99_860_150
    assert curve.get_dy(made, 0, 1, 100 * 10**6, now_ts=NOW) == 99_860_150_820_412_611_301


def test_an_imbalanced_deposit_pays_the_fee_on_what_deviates():
    free, charged = pool(1_000, 1_000, fee=0), pool(1_000, 1_000, admin_fee=0)
    without = curve.add_liquidity(free, [100 * WAD, 0], now_ts=NOW)
    with_fee = curve.add_liquidity(charged, [100 * WAD, 0], now_ts=NOW)
    # Both coins deviate by about 50, at .0004 2 / (4 1) = .0002: some .02 coins of 100.
    assert (without - with_fee) / WAD == pytest.approx(0.02, rel=0.001)


def test_a_ramp_is_a_straight_line():
    made = pool(1_000, 1_000, a=100)
    curve.ramp_a(made, 300, NOW + 2 * DAY, now_ts=NOW)
    seen = [curve.a_precise(made, now_ts=NOW + k * DAY // 2) for k in range(6)]
    assert seen == [10_000, 15_000, 20_000, 25_000, 30_000, 30_000]
    curve.stop_ramp_a(made, now_ts=NOW + DAY)
    assert curve.a(made, now_ts=NOW + 9 * DAY) == 200
    curve.ramp_a(made, 100, NOW + 4 * DAY, now_ts=NOW + 2 * DAY)
    assert curve.a(made, now_ts=NOW + 3 * DAY) == 150


@pytest.mark.parametrize(
    ("future_a", "seconds"),
    [(1_001, DAY), (9, DAY), (200, DAY - 1), (0, DAY), (10**6, DAY)],
)
def test_a_ramp_has_limits(future_a, seconds):
    made = pool(1_000, 1_000, a=100)
    before = deepcopy(made)
    with pytest.raises(Revert) as refused:
        curve.ramp_a(made, future_a, NOW + seconds, now_ts=NOW)
    assert refused.value.data == b""
    assert made == before
    curve.ramp_a(made, 1_000, NOW + DAY, now_ts=NOW)
    with pytest.raises(Revert):
        curve.ramp_a(made, 900, NOW + 3 * DAY, now_ts=NOW + DAY - 1)


REFUSED = {
    "same coin": lambda p: curve.exchange(p, 0, 0, 1, now_ts=NOW),
    "no such coin": lambda p: curve.exchange(p, 0, 2, 1, now_ts=NOW),
    "too little out": lambda p: curve.exchange(p, 0, 1, WAD, min_dy=WAD, now_ts=NOW),
    "nothing in": lambda p: curve.add_liquidity(p, [0, 0], now_ts=NOW),
    "too few shares": lambda p: curve.add_liquidity(
        p, [WAD, 0], min_mint_amount=2 * WAD, now_ts=NOW
    ),
    "too many shares": lambda p: curve.remove_liquidity(p, p.total_supply + 1),
    "too few coins": lambda p: curve.remove_liquidity(p, WAD, min_amounts=[WAD, WAD]),
    "more than one coin": lambda p: curve.remove_liquidity_one_coin(
        p, p.total_supply + 1, 0, now_ts=NOW
    ),
    "too few of one coin": lambda p: curve.remove_liquidity_one_coin(
        p, WAD, 0, min_amount=2 * WAD, now_ts=NOW
    ),
    "more than there is": lambda p: curve.remove_liquidity_imbalance(
        p, [1_001 * WAD, 0], now_ts=NOW
    ),
    "too dear": lambda p: curve.remove_liquidity_imbalance(
        p, [WAD, 0], max_burn_amount=WAD // 2, now_ts=NOW
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_refused_move_changes_nothing(why):
    made = pool(1_000, 1_000)
    before = deepcopy(made)
    with pytest.raises(Revert):
        REFUSED[why](made)
    assert made == before


def test_the_first_deposit_needs_every_coin():
    made = curve.new_pool([18, 18], a=100, fee=0, admin_fee=0)
    with pytest.raises(Revert):
        curve.add_liquidity(made, [WAD, 0], now_ts=NOW)
    assert made.total_supply == 0
