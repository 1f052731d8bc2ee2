"""Arbitrum's poster charge: examples worked by hand from its documentation."""

import pytest

from headframe.exact import arbitrum_gas as gas

GWEI = 10**9


def test_a_charge_comes_as_gas():
    # 200 bytes after Brotli: 3,200 units; at 1.5 gwei 4,800 gwei; at 0.02 gwei a gas 240,000 gas
    charge = gas.poster_charge_wei(200, price_per_unit_wei=3 * GWEI // 2)
    assert charge == 4_800 * GWEI
    prices = {"price_per_unit_wei": 3 * GWEI // 2, "base_fee_wei": GWEI // 50}
    assert gas.poster_gas_down(200, **prices) == 240_000
    # 300,000 gas of its own: 540,000 gas at 0.02 gwei
    assert gas.transaction_fee_wei(300_000, 200, **prices) == 10_800 * GWEI


def test_the_fee_is_the_formula_of_the_documents():
    # TXFEES = P (L2G + L1P L1S / P), to the wei that dividing by P may cost
    for price, unit, size in ((10_000_000, 31, 7), (20_000_001, 123_456_789, 411), (7, 5, 1)):
        found = gas.transaction_fee_wei(90_000, size, price_per_unit_wei=unit, base_fee_wei=price)
        expected = price * 90_000 + unit * 16 * size
        assert expected - price < found <= expected


def test_when_congested_the_same_charge_is_less_gas():
    # "as the price of L2 gas increased, the amount of L2 gas used would decrease" (Goldman, 2022)
    used = [
        gas.poster_gas_down(100, price_per_unit_wei=GWEI, base_fee_wei=p) for p in (10**7, 10**8)
    ]
    assert used == [160_000, 16_000]


def test_backlog_is_worked_off_at_the_target():
    target = gas.ARBITRUM_ONE.used(20_000_000)
    assert [target.elapsed(s).backlog_gas for s in (0, 1, 2, 3)] == [
        20_000_000,
        13_000_000,
        6_000_000,
        0,
    ]


@pytest.mark.parametrize("seconds", [1, 60])
def test_an_idle_chain_has_no_backlog(seconds):
    assert gas.ARBITRUM_ONE.elapsed(seconds).backlog_gas == 0
