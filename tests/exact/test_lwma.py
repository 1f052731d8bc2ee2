"""LWMA against exact fractions: no vectors were published, so the formula itself is the judge."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from headframe.errors import InputError
from headframe.exact import lwma
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact

LIMIT = 2**243 - 1
COIN = lwma.LwmaParameters(spacing_s=150, window=60, limit_target=LIMIT)


def drawn(seed: int, low_s: int, high_s: int):
    random_ = random.Random(seed)
    times = [10**9]
    for _ in range(COIN.window):
        times.append(times[-1] + random_.randint(low_s, high_s))
    bits = [0x1D00FFFF + random_.randint(-2000, 2000) for _ in range(COIN.window)]
    return times, bits


def ideal(solve_s: list[int], bits: list[int]) -> Fraction:
    """Mean target times the weighted mean solve time over the spacing, with no rounding."""
    n = len(solve_s)
    mean_s = Fraction(sum(i * s for i, s in enumerate(solve_s, 1)), n * (n + 1) // 2)
    return Fraction(sum(target_from_compact(one)[0] for one in bits), n) * mean_s / COIN.spacing_s


def within_rounding(found_bits: int, target: Fraction) -> bool:
    # Each of N targets loses less than k N, times t <= 6 k: below 6 N k^2... relative to a target
    # of 2^208 that is nothing; the compact form rounds down by less than 2^-15.
    found = target_from_compact(found_bits)[0]
    return target * (1 - Fraction(1, 2**15)) - 2**60 < found <= target


@pytest.mark.parametrize("seed", range(20))
def test_both_forms_are_the_weighted_mean_where_times_increase(seed):
    times, bits = drawn(seed, 1, 600)
    solve_s = [later - earlier for earlier, later in pairwise(times)]
    for rule in (lwma.lwma1_next_bits, lwma.lwma1_monotone_next_bits):
        assert within_rounding(rule(times, bits, COIN), ideal(solve_s, bits))


@pytest.mark.parametrize("seed", range(20))
def test_the_2018_form_counts_negative_solve_times_down_to_its_floor(seed):
    times, bits = drawn(seed, -1500, 2000)
    solve_s = [later - earlier for earlier, later in pairwise(times)]
    assert min(solve_s) < -900 or max(solve_s) > 900
    clamped = [max(-900, min(s, 900)) for s in solve_s]
    found = lwma.lwma1_next_bits(times, bits, COIN)
    assert within_rounding(found, max(ideal(clamped, bits), ideal([15] * 60, bits)))
    limited = lwma.LwmaParameters(150, 60, LIMIT, -lwma.future_time_limit_s(150, 60))
    clamped = [max(-450, min(s, 900)) for s in solve_s]
    found = lwma.lwma1_next_bits(times, bits, limited)
    assert within_rounding(found, max(ideal(clamped, bits), ideal([15] * 60, bits)))


@pytest.mark.parametrize("seed", range(20))
def test_the_2019_form_makes_times_increase_first(seed):
    times, bits = drawn(seed, -1500, 2000)
    forward, solve_s = [times[0]], []
    for ts in times[1:]:
        forward.append(ts if ts > forward[-1] else forward[-1] + 1)
        solve_s.append(min(900, forward[-1] - forward[-2]))
    found = lwma.lwma1_monotone_next_bits(times, bits, COIN)
    assert within_rounding(found, ideal(solve_s, bits))
    assert found != lwma.lwma1_next_bits(times, bits, COIN)


def test_a_stopped_clock_counts_for_a_tenth():
    # All times equal: t would be 0 in the 2018 form; the floor k/10 takes the target to a tenth.
    bits = [0x1D00FFFF] * 60
    found = target_from_compact(lwma.lwma1_next_bits([0] * 61, bits, COIN))[0]
    assert abs(Fraction(found, target_from_compact(bits[0])[0]) - Fraction(1, 10)) < Fraction(
        1, 10**4
    )


def test_the_newest_solve_time_weighs_n_times_the_oldest():
    bits = [0x1D00FFFF] * 60
    steady = [150 * place for place in range(61)]
    base = target_from_compact(lwma.lwma1_next_bits(steady, bits, COIN))[0]
    late = [*steady[:-1], steady[-1] + 150]
    newest = target_from_compact(lwma.lwma1_next_bits(late, bits, COIN))[0] - base
    early = [steady[0] - 150, *steady[1:]]
    oldest = target_from_compact(lwma.lwma1_next_bits(early, bits, COIN))[0] - base
    assert Fraction(newest, oldest) == pytest.approx(60, rel=0.03)


def test_the_target_never_leaves_the_limit():
    bits = [compact_from_target(LIMIT)] * 60
    slow = [10**6 * place for place in range(61)]
    assert lwma.lwma1_next_bits(slow, bits, COIN) == compact_from_target(LIMIT)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="61 times, 60 bits"):
        lwma.lwma1_next_bits([0] * 60, [0x1D00FFFF] * 60, COIN)
    with pytest.raises(InputError, match="sign bit"):
        lwma.lwma1_monotone_next_bits(list(range(61)), [0x1D80FFFF] * 60, COIN)
    with pytest.raises(InputError, match="above 0"):
        lwma.LwmaParameters(0, 60, LIMIT)
    assert lwma.future_time_limit_s(60, 90) == 300
    assert lwma.future_time_limit_s(600, 45) == 1350
