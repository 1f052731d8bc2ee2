"""Dogecoin's retargets against its own tests (`dogecoin_tests.cpp`, MIT): real blocks."""

import pytest

from headframe.errors import InputError
from headframe.exact import dogecoin
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact


@pytest.mark.parametrize(
    ("height", "bits", "first_ts", "last_ts", "expected"),
    [
        (240, 0x1E0FFFF0, 1386474927, 1386475638, 0x1E00FFFF),
        (9600, 0x1C1A1206, 1386942008, 1386954113, 0x1C15EA59),
        (145_001, 0x1B499DFD, 1395094427, 1395094679, 0x1B671062),
        (145_108, 0x1B3439CD, 1395100835, 1395101360, 0x1B4E56B3),
        (149_424, 0x1B446F21, 1395380517, 1395380447, 0x1B335358),
        (145_002, 0x1B671062, 1395094679, 1395094727, 0x1B6558A4),
    ],
)
def test_real_blocks(height, bits, first_ts, last_ts, expected):
    assert dogecoin.next_bits(height, bits, first_ts, last_ts) == expected


def test_early_rises_were_limited_by_height():
    bits = 0x1C100000
    target = target_from_compact(bits)[0]
    for height, factor in [(4800, 16), (5040, 8), (9840, 8), (10_080, 4), (144_960, 4)]:
        assert dogecoin.next_bits(height, bits, 0, 0) == compact_from_target(target // factor)
        assert dogecoin.next_bits(height, bits, 0, 10**6) == compact_from_target(target * 4)


def test_bits_stay_between_early_retargets():
    assert dogecoin.next_bits(241, 0x1E00FFFF, 0, 1) == 0x1E00FFFF
    # 145,000 is itself still an early height, and no retarget.
    assert dogecoin.next_bits(145_000, 0x1B499DFD, 0, 1) == 0x1B499DFD


def test_the_window_starts_one_block_earlier_but_for_the_first():
    assert dogecoin.first_height(240) == 0
    assert dogecoin.first_height(480) == 239
    assert dogecoin.first_height(9600) == 9359
    assert dogecoin.first_height(145_001) == 144_999
    with pytest.raises(InputError, match="multiple of 240"):
        dogecoin.first_height(241)


def test_the_limit_and_bad_bits():
    limit_bits = compact_from_target(dogecoin.LIMIT_TARGET)
    assert limit_bits == 0x1E0FFFFF
    assert dogecoin.next_bits(200_000, limit_bits, 0, 10**6) == limit_bits
    with pytest.raises(InputError, match="sign bit"):
        dogecoin.next_bits(200_000, 0x1B800001, 0, 1)
