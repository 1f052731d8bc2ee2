"""
Uniswap v3 without an EVM: published vectors, a recorded sequence, refusals, what must always hold.

The deployed pool itself judges in `oracle/test_uniswap_v3.py`.
"""

import copy
import random
from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import uniswap_v3 as v3
from headframe.exact.fixed import MAX_UINT128, Q96, error_data, isqrt
from headframe.exact.uniswap_v3_math import _RECIPROCAL_ROOTS_X128

ETH = 10**18
ticks = st.integers(v3.MIN_TICK, v3.MAX_TICK)
prices = st.integers(v3.MIN_SQRT_RATIO, v3.MAX_SQRT_RATIO - 1)
liquidities = st.integers(1, (1 << 110))
LOW, HIGH = v3.MIN_SQRT_RATIO + 1, v3.MAX_SQRT_RATIO - 1


def encode_price(reserve1: int, reserve0: int) -> int:
    return isqrt((reserve1 << 192) // reserve0)


# ---- published vectors (Uniswap v4-core: SwapMath.t.sol, SqrtPriceMath.t.sol, TickMath.t.sol) ----


def test_swap_step_vectors():
    one, two = encode_price(1, 1), 2 * ETH
    step = v3.compute_swap_step(one, encode_price(1_000, 100), two, ETH, 600)
    assert step[1:] == (999400000000000000, 666399946655997866, 600000000000000)
    step = v3.compute_swap_step(one, encode_price(10_000, 100), two, -ETH, 600)
    assert step[1:] == (2 * ETH, ETH, 1200720432259356)


def test_delta_and_price_vectors():
    one, above = encode_price(1, 1), encode_price(121, 100)
    assert v3.get_amount0_delta_up(one, above, ETH) == 90909090909090910
    assert v3.get_amount0_delta_down(one, above, ETH) == 90909090909090909
    assert v3.get_amount1_delta_up(one, above, ETH) == 100000000000000000
    assert v3.get_amount1_delta_down(one, above, ETH) == 99999999999999999
    following = v3.get_next_sqrt_price_from_input(one, ETH, ETH // 10, True)
    assert following == 72025602285694852357767227579


def test_extreme_ticks():
    assert v3.get_sqrt_ratio_at_tick(v3.MIN_TICK) == 4295128739
    assert (
        v3.get_sqrt_ratio_at_tick(v3.MAX_TICK) == 1461446703485210103287273052203988822378723970342
    )
    assert v3.get_tick_at_sqrt_ratio(v3.MAX_SQRT_RATIO - 1) == v3.MAX_TICK - 1


def test_the_twenty_constants_are_powers_of_the_base():
    with localcontext() as context:
        context.prec = 120
        for k, root_x128 in enumerate(_RECIPROCAL_ROOTS_X128):
            exact = 2**128 / Decimal("1.0001") ** (Decimal(2**k) / 2)
            assert abs(root_x128 - exact) <= Decimal("0.5")


# ---- a sequence recorded from the deployed pool ---------------------------------------------

RECORDED_MINTS = [
    (-887220, 887220, 10**21, (23522155552775928853, 42513110575955978975437)),
    (74940, 75060, 3 * 10**22 + 7, (2113716156261350207, 3820255693646183285999)),
    (74400, 75000, 5 * 10**21 + 1, (0, 6281952096785942561484)),
    (75000, 75600, 8 * 10**21 + 3, (5561204151615550498, 1)),
    (74700, 74940, 12345678901234567890, (0, 6241536899555750141)),
]
RECORDED_SWAPS = [
    (True, 10**18, (1000000000000000000, -1799823406485856515285),
     3364274614216895859784301130896, 74976, 36000000000000000000008),
    (True, 3 * 10**18 + 1, (3000000000000000001, -5352423225112578183951),
     3324307341823203094805128091502, 74737, 6012345678901234567891),
    (False, 77 * 10**20 + 5, (-4278194579729411705, 7700000000000000000005),
     3369301462476560395335892403336, 75006, 39000000000000000000010),
    (False, -(2 * 10**18 + 3), (-2000000000000000003, 3635830060080905338775),
     3376665461309117175500531930556, 75049, 39000000000000000000010),
    (True, -(4 * 10**21 + 9), (2214085160158285498, -4000000000000000000009),
     3368539495923038781901177889654, 75001, 39000000000000000000010),
    (True, 10**19, (10000000000000000000, -16675553944816751777742),
     2859786628564479867409337182107, 71726, 1000000000000000000000),
]  # fmt: skip


def test_a_sequence_recorded_from_the_deployed_pool():
    pool, now_ts = v3.create_pool(3_000, 60), 1_700_000_000
    v3.initialize(pool, 3368235633698730256523845491383, now_ts=now_ts)
    v3.increase_observation_cardinality_next(pool, 8)
    v3.set_fee_protocol(pool, 6, 0)
    for lower, upper, liquidity, owed in RECORDED_MINTS:
        assert v3.mint(pool, "a", lower, upper, liquidity, now_ts=now_ts) == owed
    for down, specified, moved, price_x96, tick, liquidity in RECORDED_SWAPS:
        now_ts += 13
        assert v3.swap(pool, down, specified, LOW if down else HIGH, now_ts=now_ts) == moved
        assert (pool.sqrt_price_x96, pool.tick, pool.liquidity) == (price_x96, tick, liquidity)
    now_ts += 60
    burnt = v3.burn(pool, "a", 74940, 75060, 3 * 10**22 + 7, now_ts=now_ts)
    assert burnt == (4233782664244247447, 0)
    assert v3.collect(pool, "a", 74940, 75060) == (4248832366235769989, 21100011588709820683)
    assert pool.fee_growth_global0_x128 == 3883738807163283152851155665515480
    assert pool.fee_growth_global1_x128 == 676659210246924701892933581559809570
    assert (pool.protocol_fees0, pool.protocol_fees1) == (8107042580079139, 0)
    assert v3.observe(pool, [0, 60, 100], now_ts=now_ts) == (
        [10150557, 5846997, 2846532],
        [21729296124291080901, 1312354109034773094, 915474469585897483],
    )


# ---- what must always hold -------------------------------------------------------------------


@given(prices)
def test_a_tick_is_the_floor_of_its_price(price_x96):
    tick = v3.get_tick_at_sqrt_ratio(price_x96)
    assert v3.get_sqrt_ratio_at_tick(tick) <= price_x96 < v3.get_sqrt_ratio_at_tick(tick + 1)


@given(ticks)
def test_a_ticks_price_is_a_power_of_the_base(tick):
    with localcontext() as context:
        context.prec = 100
        exact = Decimal("1.0001") ** (Decimal(tick) / 2) * 2**96
        # Twenty factors rounded to 2^-128, twenty products cut there, of a reciprocal this small.
        relative = 40 * Decimal("1.0001") ** (Decimal(abs(tick)) / 2) / 2**128
        assert abs(v3.get_sqrt_ratio_at_tick(tick) - exact) <= 1 + exact * relative


@given(
    prices,
    prices,
    liquidities,
    st.integers(1, 1 << 120),
    st.sampled_from([100, 500, 3_000, 10_000]),
)
def test_a_step_never_favours_the_trader(price, target, liquidity, payment, fee_pips):
    following, amount_in, amount_out, fee = v3.compute_swap_step(
        price, target, liquidity, payment, fee_pips
    )
    assert min(price, target) <= following <= max(price, target)
    assert amount_in + fee <= payment
    assert fee * 1_000_000 >= (amount_in + fee) * fee_pips - 1_000_000 or following == price
    low, high = sorted((price, following))
    if price >= target:
        assert amount_in * low * high >= (liquidity << 96) * (high - low)
        assert amount_out << 96 <= liquidity * (high - low)
    else:
        assert amount_in << 96 >= liquidity * (high - low)
        assert amount_out * low * high <= (liquidity << 96) * (high - low)


@given(ticks, ticks, prices, st.integers(0, 1 << 100), st.integers(0, 1 << 100))
def test_liquidity_of_amounts_holds_no_more_than_the_amounts(a, b, price, amount0, amount1):
    assume(a != b)
    low, high = sorted(map(v3.get_sqrt_ratio_at_tick, (a, b)))
    try:
        liquidity = v3.get_liquidity_for_amounts(price, low, high, amount0, amount1)
    except Revert as refusal:
        assert refusal.data == b""
        return
    held0, held1 = v3.get_amounts_for_liquidity(price, low, high, liquidity)
    assert held0 <= amount0
    assert held1 <= amount1


def busy_pool(seed: int = 0, positions: int = 20) -> v3.Pool:
    rng, pool = random.Random(seed), v3.create_pool(3_000, 60)
    v3.initialize(pool, Q96, now_ts=1_000)
    v3.mint(pool, "base", -887_220, 887_220, 10**20, now_ts=1_000)
    for owner in range(positions):
        lower = rng.randrange(-40, 40) * 60
        upper = lower + 60 * rng.randrange(1, 30)
        v3.mint(pool, owner, lower, upper, rng.randrange(10**17, 10**20), now_ts=1_000)
    return pool


def trade(pool: v3.Pool, seed: int, swaps: int) -> None:
    rng = random.Random(seed)
    for n in range(swaps):
        down = rng.random() < 0.5
        v3.swap(pool, down, rng.randrange(1, 10**18), LOW if down else HIGH, now_ts=1_010 + n)


@given(st.integers(0, 1 << 32))
@settings(max_examples=10, deadline=None)
def test_everybody_can_leave_and_only_dust_stays(seed):
    pool = busy_pool(seed)
    trade(pool, seed, 50)
    for (owner, lower, upper), position in list(pool.positions.items()):
        v3.burn(pool, owner, lower, upper, position.liquidity, now_ts=2_000)
        v3.collect(pool, owner, lower, upper)
    assert (pool.ticks, pool.initialized_ticks, pool.liquidity) == ({}, [], 0)
    # Each mint, burn, fee credit and step of a swap rounds for the pool by less than a few wei.
    assert 0 <= pool.balance0 < 1_000
    assert 0 <= pool.balance1 < 1_000


def test_active_liquidity_is_the_sum_of_the_nets_below():
    pool = busy_pool(1)
    for seed in range(20):
        trade(pool, seed, 5)
        below = [t for t in pool.initialized_ticks if t <= pool.tick]
        assert pool.liquidity == sum(pool.ticks[t].liquidity_net for t in below)
        assert pool.initialized_ticks == sorted(pool.ticks)


def test_fees_of_a_lone_provider_are_the_fees_paid():
    pool = v3.create_pool(500, 10)
    v3.initialize(pool, Q96, now_ts=1)
    v3.mint(pool, "a", -600, 600, 10**22, now_ts=1)
    paid = sum(v3.swap(pool, True, ETH, LOW, now_ts=n)[0] for n in range(2, 12))
    v3.burn(pool, "a", -600, 600, 0, now_ts=12)
    fees, _ = v3.collect(pool, "a", -600, 600)
    assert paid == 10 * ETH
    # A payment that ends within a range leaves the fee and the rounding of its step to the pool.
    assert paid * 500 // 1_000_000 - 1 <= fees <= paid * 500 // 1_000_000 + 20


def test_mean_tick_is_the_tick_that_held():
    pool = v3.create_pool(3_000, 60)
    v3.initialize(pool, v3.get_sqrt_ratio_at_tick(6_932), now_ts=100)
    (then, now), _ = v3.observe(pool, [40, 0], now_ts=150)
    assert (now - then) // 40 == 6_932


def test_memory_survives_the_end_of_the_clock():
    pool, birth_ts = v3.create_pool(3_000, 60), (1 << 32) - 10
    v3.initialize(pool, v3.get_sqrt_ratio_at_tick(7), now_ts=birth_ts)
    v3.increase_observation_cardinality_next(pool, 5)
    v3.mint(pool, "a", -60, 60, 10**18, now_ts=birth_ts + 20)
    v3.mint(pool, "a", -60, 60, 10**18, now_ts=birth_ts + 30)
    assert v3.observe(pool, [35, 25, 15, 0], now_ts=birth_ts + 35)[0] == [0, 70, 140, 245]


# ---- refusals ----------------------------------------------------------------------------------


def fresh() -> v3.Pool:
    return v3.create_pool(3_000, 60)


def priced() -> v3.Pool:
    pool = fresh()
    v3.initialize(pool, Q96, now_ts=1)
    return pool


REFUSED = [
    (fresh, lambda p: v3.mint(p, "a", -60, 60, 1, now_ts=2), "LOK"),
    (fresh, lambda p: v3.burn(p, "a", -60, 60, 1, now_ts=2), "LOK"),
    (fresh, lambda p: v3.collect(p, "a", -60, 60), "LOK"),
    (fresh, lambda p: v3.swap(p, True, 1, LOW, now_ts=2), "LOK"),
    (fresh, lambda p: v3.swap(p, True, 0, LOW, now_ts=2), "AS"),
    (fresh, lambda p: v3.flash(p, 1, 1), "LOK"),
    (fresh, lambda p: v3.set_fee_protocol(p, 4, 4), "LOK"),
    (fresh, lambda p: v3.collect_protocol(p), "LOK"),
    (fresh, lambda p: v3.increase_observation_cardinality_next(p, 4), "LOK"),
    (fresh, lambda p: v3.observe(p, [0], now_ts=2), "I"),
    (fresh, lambda p: v3.initialize(p, 1, now_ts=2), "R"),
    (priced, lambda p: v3.initialize(p, Q96, now_ts=2), "AI"),
    (priced, lambda p: v3.flash(p, 0, 0), "L"),
    (priced, lambda p: v3.swap(p, True, 1, Q96, now_ts=2), "SPL"),
    (priced, lambda p: v3.swap(p, False, 1, Q96, now_ts=2), "SPL"),
    (priced, lambda p: v3.mint(p, "a", 60, 60, 1, now_ts=2), "TLU"),
    (priced, lambda p: v3.mint(p, "a", -887_273, 60, 1, now_ts=2), "TLM"),
    (priced, lambda p: v3.mint(p, "a", 60, 887_273, 1, now_ts=2), "TUM"),
    (priced, lambda p: v3.mint(p, "a", -60, 60, 0, now_ts=2), None),
    (priced, lambda p: v3.mint(p, "a", -60, 61, 1, now_ts=2), None),
    (priced, lambda p: v3.mint(p, "a", -60, 60, 1 << 127, now_ts=2), None),
    (priced, lambda p: v3.mint(p, "a", -60, 60, 1 << 126, now_ts=2), "LO"),
    (priced, lambda p: v3.set_fee_protocol(p, 3, 0), None),
    (priced, lambda p: v3.snapshot_cumulatives_inside(p, -60, 60, now_ts=2), None),
    (priced, lambda p: v3.burn(p, "a", -60, 60, 0, now_ts=2), "NP"),
    (busy_pool, lambda p: v3.burn(p, "base", -887_220, 887_220, 10**21, now_ts=1_001), "LS"),
    (busy_pool, lambda p: v3.mint(p, "a", -60, 60, 10**20, now_ts=1_001, paid=(0, 10**20)), "M0"),
    (busy_pool, lambda p: v3.mint(p, "a", -60, 60, 10**20, now_ts=1_001, paid=(10**20, 0)), "M1"),
    (busy_pool, lambda p: v3.swap(p, True, 10**20, LOW, now_ts=1_001, paid=10**20 - 1), "IIA"),
    (busy_pool, lambda p: v3.flash(p, 10**6, 0, paid=(10**6 + 2_999, 0)), "F0"),
    (busy_pool, lambda p: v3.flash(p, 0, 10**6, paid=(0, 10**6 + 2_999)), "F1"),
    (busy_pool, lambda p: v3.flash(p, 10**40, 0), "TF"),
    (busy_pool, lambda p: v3.observe(p, [2], now_ts=1_001), "OLD"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "action", "reason"), REFUSED)
def test_a_refusal_carries_its_bytes_and_changes_nothing(start, action, reason):
    pool = start()
    before = copy.deepcopy(pool)
    with pytest.raises(Revert) as refusal:
        action(pool)
    assert refusal.value.data == (error_data(reason) if reason else b"")
    assert pool == before


def test_fee_tiers_of_a_factory():
    tiers = v3.factory_fee_tiers()
    v3.enable_fee_amount(tiers, 100, 1)
    assert tiers == {100: 1, 500: 10, 3_000: 60, 10_000: 200}
    for fee_pips, spacing in ((500, 10), (1_000_000, 1), (200, 0), (200, 16_384)):
        with pytest.raises(Revert) as refusal:
            v3.enable_fee_amount(tiers, fee_pips, spacing)
        assert refusal.value.data == b""


def test_liquidity_per_tick_is_bounded_as_the_whitepaper_says():
    # The pools of the four tiers; numbers of the deployed contracts' maxLiquidityPerTick.
    limits = [v3.create_pool(1, s).max_liquidity_per_tick for s in (1, 10, 60, 200)]
    assert limits == [
        191757530477355301479181766273477,
        1917569901783203986719870431555990,
        11505743598341114571880798222544994,
        38350317471085141830651933667504588,
    ]
    assert all(
        limit * (2 * (887_272 // s) + 1) <= MAX_UINT128
        for limit, s in zip(limits, (1, 10, 60, 200), strict=True)
    )


def test_the_last_wei_of_the_protocol_stays():
    pool = busy_pool()
    v3.set_fee_protocol(pool, 4, 0)
    v3.swap(pool, True, 10**18, LOW, now_ts=1_001)
    due = pool.protocol_fees0
    assert due > 1
    assert v3.collect_protocol(pool) == (due - 1, 0)
    assert v3.collect_protocol(pool) == (0, 0)


def test_seconds_inside_a_range_are_those_spent_there():
    pool = priced()
    v3.mint(pool, "a", -600, 600, 10**18, now_ts=10)
    v3.mint(pool, "b", -60, 60, 10**18, now_ts=10)
    start = v3.snapshot_cumulatives_inside(pool, -60, 60, now_ts=10)
    v3.swap(pool, True, 10**18, v3.get_sqrt_ratio_at_tick(-300), now_ts=35)
    end = v3.snapshot_cumulatives_inside(pool, -60, 60, now_ts=99)
    assert end[2] - start[2] == 25
