"""Zcash's retarget: the relations of its own gtest (MIT), and DigiShield's corners by hand."""

import pytest

from headframe.errors import InputError
from headframe.exact import zcash
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact

START_BITS = 0x1E7FFFFF
START = target_from_compact(START_BITS)[0]


def blocks(spacing_s: int, last_ts_shift_s: int = 0):
    times = [1269211443 + spacing_s * place for place in range(35)]
    times[-1] += last_ts_shift_s
    return times, [START_BITS] * 35


@pytest.mark.parametrize(("spacing_s", "height"), [(150, 35), (75, zcash.BLOSSOM_HEIGHT)])
def test_an_even_pace_loses_only_what_dividing_first_drops(spacing_s, height):
    times, bits = blocks(spacing_s)
    window_s = 17 * spacing_s
    expected = compact_from_target(START // window_s * window_s)
    assert zcash.next_bits(times, bits, height) == expected
    # Under the other era's spacing the same times are far off pace.
    assert zcash.next_bits(times, bits, zcash.BLOSSOM_HEIGHT + 35 - height) != expected


def test_the_mean_of_targets_is_the_gtests():
    # test_pow.cpp: sixteen blocks of 1e7fffff and a last one of 1e0fffff average to this.
    average = 0x796968696969696969696969696969696969696969696969696969696969
    times, bits = blocks(150, last_ts_shift_s=60)
    bits[-1] = 0x1E0FFFFF
    targets = [target_from_compact(one)[0] for one in bits[-17:]]
    assert sum(targets) // 17 == average
    found = zcash.next_bits(times, bits, 35)
    last_mtp_ts, first_mtp_ts = sorted(times[-11:])[5], sorted(times[-28:-17])[5]
    assert found == zcash.bits_from_average(
        average, last_mtp_ts=last_mtp_ts, first_mtp_ts=first_mtp_ts, height=35
    )
    assert found != zcash.bits_from_average(
        START, last_mtp_ts=last_mtp_ts, first_mtp_ts=first_mtp_ts, height=35
    )


@pytest.mark.parametrize(
    ("elapsed_s", "counted_s"),
    [
        (2550, 2550),
        (2550 + 3, 2550),  # (3) / 4 = 0
        (2550 - 3, 2550),  # towards zero: floor would give 2549
        (2550 - 4, 2549),
        (2550 + 4 * 816, 3366),
        (2550 + 4 * 816 + 4, 3366),  # +32 %
        (2550 - 4 * 408, 2142),
        (2550 - 4 * 408 - 4, 2142),  # -16 %
        (-(10**6), 2142),
    ],
)
def test_a_quarter_of_the_deviation_counts_within_bounds(elapsed_s, counted_s):
    found = zcash.bits_from_average(START, last_mtp_ts=elapsed_s, first_mtp_ts=0, height=1)
    assert found == compact_from_target(START // 2550 * counted_s)


def test_the_limit_holds():
    limit_bits = compact_from_target(zcash.LIMIT_TARGET)
    assert limit_bits == 0x1F07FFFF
    found = zcash.bits_from_average(zcash.LIMIT_TARGET, last_mtp_ts=10**6, first_mtp_ts=0, height=1)
    assert found == limit_bits
    with pytest.raises(InputError, match="average_target"):
        zcash.bits_from_average(zcash.LIMIT_TARGET + 1, last_mtp_ts=0, first_mtp_ts=0, height=1)
    with pytest.raises(InputError, match="28 times and 17 bits"):
        zcash.next_bits([0] * 27, [START_BITS] * 17, 28)
    with pytest.raises(InputError, match="sign bit"):
        zcash.next_bits(list(range(28)), [0x1E800001] * 17, 28)
