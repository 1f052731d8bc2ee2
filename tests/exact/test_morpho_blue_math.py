"""Morpho's arithmetic without a judge: golden numbers, and who loses each rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import morpho_blue_math as math
from headframe.exact.fixed import MAX_UINT256, WAD, error_data, panic_data

amount = st.integers(0, (1 << 110) - 1)


@pytest.mark.parametrize(
    ("lltv_thousandths", "expected"),
    [
        (385, 1150000000000000000),
        (625, 1126760563380281690),
        (770, 1074113856068743286),
        (800, 1063829787234042553),
        (860, 1043841336116910229),
        (915, 1026167265264238070),
        (945, 1016776817488561260),
        (965, 1010611419909044972),
        (980, 1006036217303822937),
    ],
)
def test_incentives_of_the_deployed_markets(lltv_thousandths, expected):
    assert math.liquidation_incentive_factor(lltv_thousandths * 10**15) == expected


@given(st.integers(0, 10**12), st.integers(0, 10**9))
def test_compounding_is_three_terms_and_at_most_three_wei_less(x_wad, n):
    z = Fraction(x_wad * n, WAD)
    series = (z + z**2 / 2 + z**3 / 6) * WAD
    found = math.w_taylor_compounded(x_wad, n)
    # The floor of the second term loses up to a wei, and z/3 of it again in the third.
    assert series - 2 - z / 3 < found <= series


@given(amount, amount, amount)
def test_going_there_and_back_never_gains(assets, total_assets, total_shares):
    pot = (total_assets, total_shares)
    assert math.to_assets_down(math.to_shares_down(assets, *pot), *pot) <= assets
    assert math.to_assets_up(math.to_shares_up(assets, *pot), *pot) >= assets
    assert math.to_shares_down(math.to_assets_down(assets, *pot), *pot) <= assets
    assert math.to_shares_up(math.to_assets_up(assets, *pot), *pot) >= assets
    assert 0 <= math.to_shares_up(assets, *pot) - math.to_shares_down(assets, *pot) <= 1


def test_first_supplier_gets_a_million_shares_a_unit():
    assert math.to_shares_down(5, 0, 0) == 5 * 10**6


@given(
    st.integers(1, 1 << 80), st.integers(10**20, 10**40), st.integers(0, WAD - 1),
    amount, amount,
)  # fmt: skip
def test_a_liquidator_never_takes_more_than_the_incentive(shares, price, lltv, assets, supply):
    market = {"price_e36": price, "lltv_wad": lltv}
    market |= {"total_borrow_assets": assets, "total_borrow_shares": supply}
    seized = math.seized_for_repaid(shares, **market)
    repaid = math.to_assets_up(shares, assets, supply)
    factor = Fraction(math.liquidation_incentive_factor(lltv), WAD)
    assert Fraction(seized * price, 10**36) <= repaid * factor
    owed_for_it = math.repaid_for_seized(seized, **market)
    assert owed_for_it <= shares + 1 + (supply + 10**6) // (assets + 1)


def test_refusals_carry_their_bytes():
    refused = [
        (lambda: math.mul_div_down(1 << 200, 1 << 56, 1), panic_data(0x11)),
        (lambda: math.mul_div_down(1, 1, 0), panic_data(0x12)),
        (lambda: math.mul_div_up(1, 1, 0), panic_data(0x11)),
        (lambda: math.mul_div_up(MAX_UINT256, 1, 2), panic_data(0x11)),
        (lambda: math.to_uint128(1 << 128), error_data("max uint128 exceeded")),
        (lambda: math.w_taylor_compounded(1 << 128, 1), panic_data(0x11)),
    ]
    for action, data in refused:
        with pytest.raises(Revert) as refusal:
            action()
        assert refusal.value.data == data


def test_no_debt_is_healthy_at_any_price():
    pot = {"total_borrow_assets": 0, "total_borrow_shares": 0}
    assert math.is_healthy(0, 0, price_e36=0, lltv_wad=0, **pot)
    assert not math.is_healthy(0, 1, price_e36=0, lltv_wad=0, **pot)
