"""Dash's rules: a real block for Dark Gravity Wave, high-precision arithmetic for Kimoto's well."""

import random
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest

from headframe.errors import InputError
from headframe.exact import bitcoin, dash
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact

# dash: src/test/pow_tests.cpp (MIT): main network blocks 123,433 to 123,456.
REAL = [
    (1408728124, 0x1B104BE1), (1408728332, 0x1B10E09E), (1408728479, 0x1B11A33C),
    (1408728495, 0x1B121CF3), (1408728608, 0x1B11951E), (1408728744, 0x1B11ABAC),
    (1408728756, 0x1B118D9C), (1408728950, 0x1B1123F9), (1408729116, 0x1B1141BF),
    (1408729179, 0x1B110764), (1408729305, 0x1B107556), (1408729474, 0x1B104297),
    (1408729576, 0x1B1063D0), (1408729587, 0x1B10E878), (1408729647, 0x1B0DFAFF),
    (1408729678, 0x1B0C9AB8), (1408730179, 0x1B0C03D6), (1408730862, 0x1B0DD168),
    (1408730914, 0x1B10B864), (1408731242, 0x1B0FED89), (1408731256, 0x1B113FF1),
    (1408732229, 0x1B10460B), (1408732257, 0x1B13B83F), (1408732489, 0x1B1418D4),
]  # fmt: skip
TIMES, BITS = [ts for ts, _ in REAL], [bits for _, bits in REAL]


def test_dark_gravity_wave_gives_the_real_next_block():
    assert dash.dgw3_next_bits(TIMES, BITS) == 0x1B1441DE
    # Older blocks change nothing.
    assert dash.dgw3_next_bits([0, *TIMES], [0x1B00FFFF, *BITS]) == 0x1B1441DE


def test_dark_gravity_wave_counts_the_newest_block_twice():
    even = [150 * place for place in range(24)]
    base = [0x1B100000] * 24
    on_pace = Fraction(23, 24)  # 23 intervals against 24 spacings
    plain = target_from_compact(dash.dgw3_next_bits(even, base))[0]
    target = target_from_compact(base[0])[0]
    assert Fraction(plain, target) == pytest.approx(on_pace, rel=1e-4)
    for place, weight in [(23, 2), (22, 1), (0, 1)]:
        bits = list(base)
        bits[place] = 0x1B200000  # twice the target
        found = Fraction(target_from_compact(dash.dgw3_next_bits(even, bits))[0], target)
        assert found == pytest.approx(on_pace * (1 + Fraction(weight, 25)), rel=1e-4)


def test_dark_gravity_wave_is_clamped_by_three():
    base = [0x1B100000] * 24
    target = target_from_compact(base[0])[0]
    for last_ts, factor in [(10**6, 3), (0, Fraction(1, 3)), (-(10**6), Fraction(1, 3))]:
        found = dash.dgw3_next_bits([0] * 23 + [last_ts], base)
        assert found == compact_from_target(int(target * factor))
    with pytest.raises(InputError, match="at least 24"):
        dash.dgw3_next_bits(TIMES[1:], BITS[1:])
    with pytest.raises(InputError, match="sign bit"):
        dash.dgw3_next_bits(TIMES, [0x1B800001] * 24)


def test_the_first_rule_is_bitcoins_with_other_numbers():
    assert bitcoin.next_bits(0x1E00FFFF, 0, 86_400, chain=dash.EARLY) == 0x1E00FFFF
    assert bitcoin.next_bits(0x1E00FFFF, 0, 0, chain=dash.EARLY) == 0x1D3FFFC0
    assert dash.EARLY.timespan_s == 86_400
    assert (dash.KGW_FEWEST, dash.KGW_MOST) == (86_400 // 40 // 150, 7 * 86_400 // 150)


def kimoto_in_decimals(times: list[int], bits: list[int]) -> int:
    """The rule again, the event horizon in 60 digits, the mean as its definition says."""
    getcontext().prec = 60
    mean = Fraction(0)
    for mass in range(1, 4033):
        target = target_from_compact(bits[-mass])[0]
        if mass == 1:
            mean = target
        elif target >= mean:
            mean = (target - mean) // mass + mean
        else:
            mean = mean - (mean - target) // mass
        span_s = max(0, times[-1] - times[-mass])
        pace = Decimal(150 * mass) / span_s if span_s else Decimal(1)
        horizon = 1 + Decimal("0.7084") * (Decimal(mass) / Decimal("28.2")) ** Decimal("-1.228")
        if mass >= 14 and (pace <= 1 / horizon or pace >= horizon):
            break
    scaled = mean * span_s // (150 * mass) if span_s else mean
    return compact_from_target(min(scaled, dash.LIMIT_TARGET))


@pytest.mark.parametrize("seed", range(12))
def test_kimotos_well_agrees_with_high_precision(seed):
    random_ = random.Random(seed)
    pace = [0.2, 0.7, 0.9, 1.0, 1.1, 1.5, 4.0][seed % 7]
    times = [0]
    for _ in range(4100):
        times.append(times[-1] + int(random_.expovariate(1 / (150 * pace))) - 20 * (seed % 3))
    bits = [0x1C0F0000 + random_.randint(-0x8000, 0x8000) for _ in times]
    assert dash.kgw_next_bits(times, bits) == kimoto_in_decimals(times, bits)


@pytest.mark.parametrize("mass", [14, 15, 28, 29, 100, 576, 1000, 2500, 4031])
def test_kimotos_event_horizon_is_where_sixty_digits_put_it(mass):
    getcontext().prec = 60
    horizon = 1 + Decimal("0.7084") * (Decimal(mass) / Decimal("28.2")) ** Decimal("-1.228")
    fast_s = int(150 * mass / horizon)  # the longest time that is still too fast
    slow_s = int(150 * mass * horizon) + 1  # the shortest that is too slow
    assert dash._leaves_horizon(mass, fast_s)
    assert not dash._leaves_horizon(mass, fast_s + 1)
    assert not dash._leaves_horizon(mass, slow_s - 1)
    assert dash._leaves_horizon(mass, slow_s)
    assert not dash._leaves_horizon(mass, 0)


def test_kimotos_well_needs_blocks_and_stops_where_it_may():
    even = [150 * place for place in range(4100)]
    bits = [0x1C0F0000] * 4100
    # At an even pace the horizon is left only deep in the window (the missing first interval).
    assert dash.kgw_next_bits(even, bits) == kimoto_in_decimals(even, bits)
    with pytest.raises(InputError, match="more blocks before these, 4032 at the most"):
        dash.kgw_next_bits(even[-20:], bits[-20:])
    # Ten times too fast: fourteen blocks decide.
    fast = [15 * place for place in range(14)]
    found = target_from_compact(dash.kgw_next_bits(fast, bits[:14]))[0]
    assert (
        found * 150 * 14 <= target_from_compact(bits[0])[0] * 15 * 13 < (found * 150 * 14) * 1.001
    )
    # A clock that stands still leaves the mean alone, and the well looks back to its end.
    assert dash.kgw_next_bits([7] * 4032, bits[:4032]) == bits[0]
