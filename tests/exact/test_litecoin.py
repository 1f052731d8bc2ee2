"""Litecoin's retarget against its own tests (`pow_tests.cpp`, MIT)."""

import pytest

from headframe.errors import InputError
from headframe.exact import litecoin
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact


@pytest.mark.parametrize(
    ("bits", "first_ts", "last_ts", "expected"),
    [
        (0x1C0AC141, 1358118740, 1358378777, 0x1C093F8D),
        (0x1E0FFFF0, 1317972665, 1318480354, 0x1E0FFFFF),
        (0x1B075CF1, 1401682934, 1401757934, 0x1B01D73C),
        (0x1B015318, 1463690315, 1464900315, 0x1B054C60),
    ],
)
def test_retarget_agrees_with_litecoin_core(bits, first_ts, last_ts, expected):
    assert litecoin.next_bits(bits, first_ts, last_ts) == expected


def test_the_window_is_the_full_period_but_for_the_first():
    assert litecoin.first_height(2016) == 0
    assert litecoin.first_height(4032) == 2015
    with pytest.raises(InputError, match="multiple of 2016"):
        litecoin.first_height(2017)


def test_near_the_limit_the_product_would_not_fit_and_is_halved_first():
    bits = compact_from_target(litecoin.LIMIT_TARGET)
    target = target_from_compact(bits)[0]
    longest_s = 4 * litecoin.TIMESPAN_S
    assert target * longest_s >= 2**256 > (target >> 1) * longest_s
    assert litecoin.next_bits(bits, 0, longest_s) == bits
    # Just below the top bit the product fits as it is, and both sides of the border agree.
    for bits in (0x1E07FFFF, 0x1E080000, 0x1E080001):
        assert litecoin.next_bits(bits, 0, litecoin.TIMESPAN_S) == bits
        shorter = compact_from_target(target_from_compact(bits)[0] // 4)
        assert litecoin.next_bits(bits, 0, 0) == shorter


def test_bad_bits_are_named():
    with pytest.raises(InputError, match="above the chain's limit"):
        litecoin.next_bits(0x1E100000, 0, 1)
