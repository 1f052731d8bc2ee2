"""
Sources of expected values: Aave's documentation (10,000 at 80 % against 6,000 is 1.3333) and
Blacktide's example (1.6); closed forms of the liquidation price and of looping.
"""

import doctest
from dataclasses import replace

import pytest
from scripted import entry, gauges, opened, played, scripted

from headframe.positions import aave_v3 as module
from headframe.positions.aave_v3 import AaveV3


def account(supplied, borrowed, **changes):
    usual = {
        "name": "aave",
        "supply": tuple({"asset": a, "ltv": 0.8, "threshold": 0.8} for a in supplied),
        "borrow": tuple({"asset": a} for a in borrowed),
        "held": {"supplied": supplied, "borrowed": borrowed},
    }
    return AaveV3(**(usual | changes))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("eth", "debt", "health"), [(5.0, 6_000.0, 4 / 3), (10.0, 1e4, 1.6)])
def test_published_health_factors(eth, debt, health):
    chunk = opened(
        scripted(
            account({"eth": eth}, {"usdc": debt}), values={"eth_usd": [2_000.0], "usdc_usd": 1.0}
        )
    )
    assert gauges(chunk, "aave")["health"] == pytest.approx(health, rel=1e-12)


def test_liquidation_prices_of_a_long_and_of_a_short():
    values = {"eth_usd": [2_000.0], "usdc_usd": 1.0}
    long = opened(scripted(account({"eth": 10.0}, {"usdc": 10_000.0}), values=values))
    assert gauges(long, "aave")["liquidation_price"] == pytest.approx(1_250.0)
    short = opened(scripted(account({"usdc": 10_000.0}, {"eth": 3.0}), values=values))
    assert 1.0 / gauges(short, "aave")["liquidation_price"] == pytest.approx(8_000.0 / 3.0)


@pytest.mark.parametrize(("loops", "multiple"), [(1, 1.8), (2, 2.44), (3, 2.952), (100, 5.0)])
def test_loops_multiply(loops, multiple):
    looped = replace(
        account({"eth": 1.0}, {"usdc": 0.0}),
        held=None,
        deposit={"eth": 1.0},
        ltv=0.8 - 1e-12,
        loops=loops,
        swap_cost=0.0,
    )
    assert looped.multiple() == pytest.approx(multiple, rel=1e-8)


@pytest.mark.parametrize(
    ("version", "eth", "price", "debt"),
    [("3.0", 10.0, 1_240.0, 5_000.0), ("3.6", 10.0, 1_240.0, 5_000.0), ("3.0", 10.0, 1_150.0, 0.0)],
)
def test_the_close_factor_of_the_version(version, eth, price, debt):
    held = account({"eth": eth}, {"usdc": 10_000.0}, version=version)
    chunk = played(scripted(held, values={"eth_usd": [2_000.0, price], "usdc_usd": 1.0}, n_steps=1))
    assert gauges(chunk, "aave")["debt"] == pytest.approx(debt)


def test_below_two_thousand_dollars_all_of_it_goes_in_the_later_version():
    """1,500 of debt at a health of 0.992: half in 3.0, all in 3.6."""
    for version, left in (("3.0", 750.0), ("3.6", 0.0)):
        held = account({"eth": 1.5}, {"usdc": 1_500.0}, version=version)
        values = {"eth_usd": [2_000.0, 1_240.0], "usdc_usd": 1.0}
        chunk = played(scripted(held, values=values, n_steps=1))
        assert gauges(chunk, "aave")["debt"] == pytest.approx(left)


def test_what_collateral_does_not_cover_is_forgiven():
    values = {"eth_usd": [2_000.0, 900.0], "usdc_usd": 1.0}
    chunk = played(scripted(account({"eth": 10.0}, {"usdc": 1e4}), values=values, n_steps=1))
    assert entry(chunk, "aave", "forgiven")[0] == pytest.approx(1e4 - 9_000.0 / 1.05)
