"""The compiled pool: bit for bit the readable text's, over 100,000 swaps and at the edges."""

import copy
import random

import numpy as np
import pytest

from headframe.errors import InputError, Revert
from headframe.exact import uniswap_v3 as v3
from headframe.kernels import uniswap_v3_pool as kernel
from headframe.kernels.wide_int import from_limbs, to_limbs
from headframe.studies.v3_pool_twin import OUTCOMES, PoolTwin, Swaps

TIERS = {100: 1, 500: 10, 3_000: 60, 10_000: 200}
POSITIONS = (1, 30, 1_000)
SWAPS = 8_500
"""Of each of twelve pools: 102,000 in all."""


def make_pool(rng, fee_pips, n_positions, *, middle=0, reach=100):
    """A pool around a tick; positions begin within `reach` spacings of it."""
    spacing = TIERS[fee_pips]
    middle -= middle % spacing
    pool = v3.create_pool(fee_pips, spacing)
    first, last = v3.get_sqrt_ratio_at_tick(middle), v3.get_sqrt_ratio_at_tick(middle + spacing)
    v3.initialize(pool, rng.randrange(first, last), now_ts=0)
    v3.set_fee_protocol(pool, *rng.choice([(0, 0), (4, 10), (0, 7)]))
    for owner in range(n_positions):
        lower = middle + rng.randint(-reach, reach) * spacing
        upper = lower + rng.randint(1, reach) * spacing
        if owner == 0:
            lower, upper = middle - reach * spacing, middle + reach * spacing
        v3.mint(pool, owner, lower, upper, int(10 ** rng.uniform(3, 24)), now_ts=0)
    return pool


def make_swaps(rng, pool, count, *, reach=150, digits=25.0):
    """Swaps of every size and both kinds; some with nothing, some with a limit behind the price."""
    middle = pool.tick
    width = reach * pool.tick_spacing
    low = max(v3.MIN_TICK + 1, middle - width)
    high = min(v3.MAX_TICK - 1, middle + width)
    swaps = []
    for _ in range(count):
        down = rng.random() < 0.5
        limit = v3.get_sqrt_ratio_at_tick(low if down else high)
        if rng.random() < 0.3:
            limit = v3.get_sqrt_ratio_at_tick(rng.randint(low, high)) + rng.choice([-1, 0, 1, 999])
        amount = int(10 ** rng.uniform(0, digits)) * rng.choice([1, 1, -1])
        swaps.append((down, 0 if rng.random() < 0.002 else amount, limit))
    return swaps


def readable(pool, swaps):
    """What the readable text makes of swaps: amounts, price, tick, liquidity, outcome of each."""
    rows = []
    for down, amount, limit in swaps:
        try:
            changes, outcome = v3.swap(pool, down, amount, limit, now_ts=0), "done"
        except Revert as refused:
            changes, outcome = (0, 0), refused.reason
        rows.append((*changes, pool.sqrt_price_x96, pool.tick, pool.liquidity, outcome))
    return rows


def compiled(twin, swaps):
    """The same of the twin."""
    played = twin.swap_all(*(list(column) for column in zip(*swaps, strict=True)))
    return list(
        zip(
            played.amounts0,
            played.amounts1,
            played.sqrt_prices_x96,
            played.ticks.tolist(),
            played.liquidities,
            [OUTCOMES[k] for k in played.outcomes],
            strict=True,
        )
    )


def check(pool, swaps):
    """Play swaps on both texts; every swap and everything left behind must be equal."""
    twin, brought = PoolTwin.from_pool(pool), copy.deepcopy(pool)
    rows = readable(pool, swaps)
    for at, (got, wanted) in enumerate(zip(compiled(twin, swaps), rows, strict=True)):
        assert got == wanted, (at, swaps[at])
    twin.write_to(brought)
    forget_memory(brought)
    expected = copy.deepcopy(pool)
    forget_memory(expected)
    assert brought == expected
    return rows


def forget_memory(pool):
    """Drop the price memory, which the twin leaves out."""
    pool.observations = None
    for info in pool.ticks.values():
        info.tick_cumulative_outside = info.seconds_per_liquidity_outside_x128 = 0
        info.seconds_outside = 0


@pytest.mark.parametrize("n_positions", POSITIONS)
@pytest.mark.parametrize("fee_pips", TIERS)
def test_every_swap_is_equal_bit_for_bit(fee_pips, n_positions):
    rng = random.Random(fee_pips * 10_000 + n_positions)
    pool = make_pool(rng, fee_pips, n_positions, middle=rng.randint(-100_000, 100_000))
    growth = {tick: info.fee_growth_outside0_x128 for tick, info in pool.ticks.items()}
    rows = check(pool, make_swaps(rng, pool, SWAPS))
    outcomes = [row[-1] for row in rows]
    assert {"done", "AS", "SPL"} == set(outcomes)
    assert outcomes.count("done") > 0.5 * SWAPS
    crossed = sum(growth[t] != info.fee_growth_outside0_x128 for t, info in pool.ticks.items())
    assert crossed > 0.5 * len(pool.ticks) or n_positions == 1
    assert len({row[3] for row in rows}) > 50


@pytest.mark.parametrize("fee_pips", [3_000, 10_000])
@pytest.mark.parametrize("middle", [-885_000, -500_000, 500_000, 885_000])
def test_prices_near_the_last_ticks(fee_pips, middle):
    rng = random.Random(middle)
    spacing = TIERS[fee_pips]
    pool = make_pool(rng, fee_pips, 20, middle=middle, reach=1_000 // spacing)
    check(pool, make_swaps(rng, pool, 500, reach=100_000 // spacing, digits=38.2))


def test_the_most_liquidity_and_the_largest_amounts():
    rng = random.Random(5)
    pool = v3.create_pool(3_000, 60)
    v3.initialize(pool, 1 << 96, now_ts=0)
    v3.mint(pool, "whole", -887_220, 887_220, pool.max_liquidity_per_tick, now_ts=0)
    v3.mint(pool, "half", -6_000, 6_000, pool.max_liquidity_per_tick, now_ts=0)
    ends = {True: v3.MIN_SQRT_RATIO + 1, False: v3.MAX_SQRT_RATIO - 1}
    most = (1 << 127) - 1
    swaps = [(True, most, ends[True]), (False, -most, ends[False]), (False, most, ends[False])]
    swaps += [(True, -most - 1, ends[True]), (False, -1, ends[False]), (True, 1, ends[True])]
    for _ in range(300):
        down = rng.random() < 0.5
        swaps.append((down, rng.randint(-most, most) >> rng.randint(0, 126), ends[down]))
    rows = check(pool, swaps)
    assert max(abs(row[0]) for row in rows) > 1 << 120


def test_a_payment_too_wide_for_the_contracts_word():
    # L 2^96 + amount * root exceeds 256 bits: the contract's coarser quotient.
    pool = v3.create_pool(3_000, 60)
    v3.initialize(pool, v3.get_sqrt_ratio_at_tick(887_100), now_ts=0)
    v3.mint(pool, "wide", -887_220, 887_220, pool.max_liquidity_per_tick, now_ts=0)
    limit = v3.MIN_SQRT_RATIO + 1
    amounts = (1 << 120, (1 << 101) + 12_345, (1 << 99) - 1, 1)
    rows = check(pool, [(True, amount, limit) for amount in amounts])
    assert all(row[-1] == "done" for row in rows)


def test_a_pool_that_holds_too_little_refuses_and_stays():
    pool = make_pool(random.Random(1), 500, 5)
    pool.balance1 = 10
    limit = v3.get_sqrt_ratio_at_tick(pool.tick - 50)
    rows = check(pool, [(True, -10, limit), (True, -11, limit), (True, -1, limit)])
    assert [row[-1] for row in rows] == ["done", "TF", "TF"]


def test_a_pool_without_liquidity_walks_to_its_limit():
    pool = v3.create_pool(10_000, 200)
    v3.initialize(pool, 1 << 96, now_ts=0)
    rows = check(pool, [(True, 5, 1 << 90), (False, 5, 1 << 98), (False, -5, 1 << 99)])
    assert rows[-1][:3] == (0, 0, 1 << 99)


def test_a_batch_in_two_halves_is_the_batch():
    rng = random.Random(3)
    pool = make_pool(rng, 3_000, 40)
    swaps = make_swaps(rng, pool, 400)
    whole, halves = PoolTwin.from_pool(pool), PoolTwin.from_pool(pool)
    parts = compiled(halves, swaps[:150]) + compiled(halves, swaps[150:])
    assert parts == compiled(whole, swaps)


def test_roots_and_ticks_are_the_readable_texts():
    rng = random.Random(4)
    ticks = [*range(-887_272, -887_072), *range(-100, 100), *range(887_073, 887_273)]
    ticks += [rng.randint(-887_272, 887_272) for _ in range(3_000)]
    out = np.zeros((len(ticks), 3), dtype=np.uint64)
    kernel.roots_of_ticks(np.array(ticks), out)
    roots = [v3.get_sqrt_ratio_at_tick(tick) for tick in ticks]
    assert from_limbs(out) == roots
    near = [root + d for root in roots for d in (-1, 0, 1, root >> 17)]
    near = [root for root in near if v3.MIN_SQRT_RATIO <= root < v3.MAX_SQRT_RATIO]
    found = np.zeros(len(near), dtype=np.int64)
    kernel.ticks_of_roots(to_limbs(near, 3, place="roots"), found)
    assert found.tolist() == [v3.get_tick_at_sqrt_ratio(root) for root in near]


def test_bad_input_is_refused_by_name():
    with pytest.raises(InputError, match=r"swaps.amounts\[0\].*-2\^127 to below 2\^127"):
        Swaps.of([True], [1 << 127], [1 << 90])
    with pytest.raises(InputError, match=r"swaps.limits\[1\].*2\^160"):
        Swaps.of([True, True], [1, 1], [1 << 90, 1 << 160])
    with pytest.raises(InputError, match=r"swaps.limits.*as many as amounts: 1"):
        Swaps.of([True], [1], [])
    with pytest.raises(InputError, match="call initialize first"):
        PoolTwin.from_pool(v3.create_pool(500, 10))
    pool = make_pool(random.Random(1), 500, 3)
    twin = PoolTwin.from_pool(pool)
    v3.mint(pool, "new", -887_270, 887_270, 10, now_ts=0)
    with pytest.raises(InputError, match="the ticks that the twin has"):
        twin.write_to(pool)
    with pytest.raises(InputError, match="the fee and tick spacing"):
        twin.write_to(make_pool(random.Random(1), 3_000, 3))
