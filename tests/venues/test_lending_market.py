"""
Sources of expected values: Aave's curve at 80, 95 and 100 % as the contract computes it; Morpho's
rate after five days at full utilisation; utilisation with our own part written out.
"""

import doctest

import pytest
from scripted import entry, opened, played, scripted

from headframe.positions.lending import Lending
from headframe.positions.levered import Levered
from headframe.positions.loan import Loan
from headframe.units import DAY_S, YEAR_S
from headframe.venues import lending_market as module
from headframe.venues.lending_market import AdaptiveMarket, KinkedMarket

VALUES = {"eth_usd": 2_000.0, "usdc_usd": 1.0}
AAVE = {
    "name": "aave_usdc",
    "asset": "usdc",
    "slope1_apr": 0.055,
    "slope2_apr": 0.4,
    "kink": 0.92,
    "reserve_factor": 0.1,
}


def loan(debt, **changes):
    held = {"collateral": debt / 1_000.0, "debt": debt}
    usual = {
        "name": "loan",
        "collateral_asset": "eth",
        "debt_asset": "usdc",
        "held": held,
        "threshold": 0.8,
        "borrow_apr": "aave_usdc_borrow_apr",
    }
    return Loan(**(usual | changes))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("utilisation", "borrow", "supply"),
    [
        (0.8, 0.047826086956521739, 0.034434782608695652),
        (0.95, 0.205, 0.175275),
        (1.0, 0.455, 0.4095),
    ],
)
def test_the_others_alone_pay_the_contracts_rates(utilisation, borrow, supply):
    market = KinkedMarket(supplied=1e9, utilisation=utilisation, **AAVE)
    position = Lending(name="s", asset="usdc", held={"supplied": 0.0}, venue="aave_usdc")
    chunk = opened(scripted(position, values=VALUES, venues=(market,)))
    assert chunk.now["aave_usdc_borrow_apr"][0] == pytest.approx(borrow, rel=1e-14)
    assert chunk.now["aave_usdc_supply_apr"][0] == pytest.approx(supply, rel=1e-14)


def test_our_debt_makes_borrowing_dearer_and_our_supply_cheaper():
    """80,000 of 100,000 lent; 15,000 of ours make it 95 %, with 50,000 of supply 63.3 %."""
    market = KinkedMarket(supplied=100_000.0, utilisation=0.8, **AAVE)
    supply = Lending(name="supply", asset="usdc", held={"supplied": 50_000.0}, venue="aave_usdc")
    one = opened(scripted(loan(15_000.0), values=VALUES, venues=(market,)))
    assert one.now["aave_usdc_borrow_apr"][0] == pytest.approx(0.205, rel=1e-12)
    both = opened(scripted(loan(15_000.0), supply, values=VALUES, venues=(market,)))
    used = 95_000.0 / 150_000.0
    assert both.now["aave_usdc_market_utilisation"][0] == pytest.approx(used, rel=1e-12)
    assert both.now["aave_usdc_borrow_apr"][0] == pytest.approx(0.055 * used / 0.92, rel=1e-12)


def test_interest_is_charged_at_the_rate_that_our_debt_makes():
    market = KinkedMarket(supplied=100_000.0, utilisation=0.8, **AAVE)
    chunk = played(scripted(loan(15_000.0), values=VALUES, venues=(market,), n_steps=1))
    expected = 15_000.0 * 0.205 * DAY_S / YEAR_S
    assert entry(chunk, "loan", "interest")[0] == pytest.approx(-expected, rel=1e-12)


def test_utilisation_stays_at_one_when_we_borrow_more_than_there_is():
    market = KinkedMarket(supplied=100_000.0, utilisation=0.8, **AAVE)
    chunk = opened(scripted(loan(90_000.0), values=VALUES, venues=(market,)))
    assert chunk.now["aave_usdc_market_utilisation"][0] == 1.0
    empty = KinkedMarket(supplied=0.0, utilisation=0.8, **AAVE)
    chunk = opened(scripted(loan(0.0), values=VALUES, venues=(empty,)))
    assert chunk.now["aave_usdc_market_utilisation"][0] == 0.0


def test_a_farm_that_reads_the_rate_is_in_the_market():
    market = KinkedMarket(supplied=100_000.0, utilisation=0.8, **AAVE)
    farm = Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        deposit={"usdc": 7_500.0},
        leverage=3.0,
        borrow1_apr="aave_usdc_borrow_apr",
        swap_cost=0.0,
    )
    book = scripted(farm, values=VALUES, wallet={"usdc": 7_500.0}, venues=(market,), n_steps=1)
    chunk = played(book)
    assert chunk.now["aave_usdc_borrow_apr"][0] == pytest.approx(0.205, rel=1e-9)


def test_morphos_curve_after_five_days_of_full_utilisation():
    """One step of five days at u = 1: 23.143 % a year, as the contract has it."""
    market = AdaptiveMarket(name="aave_usdc", asset="usdc", supplied=100.0, utilisation=1.0)
    book = scripted(loan(1.0), values=VALUES, venues=(market,), n_steps=1, step_s=5 * DAY_S)
    chunk = played(book)
    assert chunk.now["aave_usdc_borrow_apr"][0] == pytest.approx(
        7_338_724_560e-18 * YEAR_S, rel=1e-8
    )
    assert chunk.now["aave_usdc_target_apr"][0] == pytest.approx(
        2_516_027_586e-18 * YEAR_S, rel=1e-8
    )


def test_a_rate_at_target_outside_its_bounds_is_refused():
    with pytest.raises(ValueError, match="between least_apr and most_apr"):
        AdaptiveMarket(name="m", asset="usdc", supplied=1.0, utilisation=0.5, start_target_apr=3.0)


@pytest.mark.parametrize("market", [KinkedMarket, AdaptiveMarket])
@pytest.mark.parametrize(("key", "value"), [("utilisation", -0.1), ("supplied", -1.0)])
def test_a_market_that_cannot_be_is_refused(market, key, value):
    usual = {"name": "m", "asset": "usdc", "supplied": 1.0, "utilisation": 0.5}
    if market is KinkedMarket:
        usual |= {"slope1_apr": 0.05, "slope2_apr": 0.4, "kink": 0.9}
    with pytest.raises(ValueError, match=key):
        market(**(usual | {key: value}))
