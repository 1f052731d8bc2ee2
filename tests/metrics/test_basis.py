"""A position that was held already: no entry cost, worth its holdings, with both bases told."""

import pytest

import headframe as hf

BOOK = """
name = "held"
cash = "usdc"
horizon = "30d"
[wallet]
usdc = 10
[process.eth_usd]
kind = "gbm"
start = 2000.0
volatility = 0.8
[process.usdc_usd]
kind = "constant"
value = 1.0
[position.farm]
kind = "levered"
token0 = "eth"
token1 = "usdc"
threshold = 0.85
gas_usd = 3.0
borrow1_apr = 0.0
[position.farm.held]
amount0 = 0.75
amount1 = 1500.0
debt1 = 2000.0
entry_date = "2026-01-03"
entry_value = 1200.0
"""


def test_what_was_held_is_worth_its_holdings_and_costs_nothing_to_enter():
    answer = hf.run(hf.book_from_toml(BOOK), n_paths=500, compared=False)
    assert answer.wealth.open == pytest.approx(1_010.0)
    found = answer.json()["held"]["farm"]
    assert found["value"] == pytest.approx(1_000.0)
    assert found["result_so_far"] == pytest.approx(-200.0)
    assert found["entry_date"] == "2026-01-03"
    entries = answer.json()["positions"]["farm"]["entries"]
    assert entries["gas"] == 0.0
    assert entries["slippage"] == 0.0


def test_a_position_opened_now_has_no_basis(farm):
    assert hf.run(farm, n_paths=200, compared=False).json()["held"] == {}
