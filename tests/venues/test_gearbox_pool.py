"""
Sources of expected values: the curve of Gearbox v3 by its exact text, which the compiled contract
judges; utilisation, revenue and losses written out.
"""

import doctest

import pytest
from pydantic import ValidationError
from scripted import gauges, opened, played, scripted

from headframe.exact import gearbox_v3_rates as exact
from headframe.exact.fixed import RAY
from headframe.positions.gearbox_v3 import GearboxV3
from headframe.positions.lending import Lending
from headframe.venues import gearbox_pool as module
from headframe.venues.gearbox_pool import GearboxPool

VALUES = {"eth_usd": 2_000.0, "usdc_usd": 1.0}
CURVE = exact.LinearInterestRateModel(
    u1_bps=8_000, u2_bps=9_000, base_bps=0, slope1_bps=100, slope2_bps=1_000, slope3_bps=10_000
)


def pool(**changes):
    usual = {"name": "gear", "asset": "usdc", "supplied": 100_000.0, "utilisation": 0.6}
    return GearboxPool(**(usual | changes))


def account(**changes):
    usual = {
        "name": "credit",
        "underlying": "usdc",
        "tokens": ({"asset": "eth", "lt": 0.9, "quota_apr": 0.02},),
        "deposit": {"usdc": 10_000.0},
        "leverage": 3.0,
        "market": "gear",
        "swap_cost": 0.0,
    }
    return GearboxV3(**(usual | changes))


def rate(utilisation_bps):
    return exact.calc_borrow_rate(CURVE, 10_000, 10_000 - utilisation_bps) / RAY


def stepped(*positions, values=None, n_steps=2, **changes):
    book = scripted(
        *positions, values=VALUES | (values or {}), wallet={"usdc": 20_000.0},
        venues=(pool(**changes),), n_steps=n_steps,
    )  # fmt: skip
    return played(book)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("used", [0.0, 0.35, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_without_us_the_rate_is_the_contracts(used):
    chunk = opened(scripted(values=VALUES, venues=(pool(utilisation=used),)))
    world = chunk.now.world
    assert world["gear_borrow_apr"][0] == pytest.approx(rate(round(used * 10_000)), abs=1e-15)
    left = max(100_000.0 * (0.9 - used), 0.0)
    assert world["gear_borrowable"][0] == pytest.approx(left, abs=1e-9)


def test_our_debt_raises_the_rate():
    """20,000 more of 100,000: 80 % is lent, a step later."""
    chunk = stepped(account())
    world, cost = chunk.now.world, 30_000.0 * 0.9 * 1.02 * 0.02
    interest = gauges(chunk, "credit")["debt"]
    assert interest > 20_000.0
    assert world["gear_market_utilisation"][0] == pytest.approx(0.8, abs=1e-5)
    assert world["gear_borrow_apr"][0] == pytest.approx(rate(8_000), abs=1e-4)
    assert world["gear_quota_revenue"][0] == pytest.approx(cost, rel=1e-12)
    u, apr = world["gear_market_utilisation"][0], world["gear_borrow_apr"][0]
    assert world["gear_supply_apr"][0] == pytest.approx(u * apr + cost / 100_000.0, rel=1e-12)


def test_a_loss_burns_the_treasury_first_and_then_falls_on_lenders():
    """Ether at 1,200 from 2,000: 18,000 of it, 17,280 of funds, 20,000 owed."""
    eth = {"eth_usd": [2_000.0, 1_200.0, 1_200.0, 1_200.0]}
    lender = Lending(
        name="lender", asset="usdc", deposit={"usdc": 10_000.0}, swap_cost=0.0,
        lost_share="gear_lost_share",
    )  # fmt: skip
    deficit = 20_000.0 - 0.96 * 18_000.0
    for treasury, loss in ((0.0, deficit), (1_000.0, deficit - 1_000.0), (5_000.0, 0.0)):
        chunk = stepped(account(), lender, values=eth, n_steps=3, treasury=treasury)
        borne = loss * 10_000.0 / 110_000.0
        held = gauges(chunk, "lender")["supplied"]
        assert held == pytest.approx(10_000.0 - borne, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"u1": 0.95}, "u1 0.95 must be below u2 0.9"),
        ({"slope1_apr": 0.5}, "slopes must not fall"),
        ({"withdraw_fee": 0.02}, "withdraw_fee 0.02 is above 0.01"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(changes, words):
    with pytest.raises(ValidationError, match=words):
        pool(**changes)
