"""
An account on Comet and its market, day by day beside `exact.compound_v3`; ends by hand.

The curve is that of the contract's own tests, the collateral's factors are 80, 85 and 95 %.
"""

import doctest

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.exact import compound_v3 as exact
from headframe.exact.fixed import WAD
from headframe.positions import compound_v3 as module
from headframe.positions.compound_v3 import CompoundV3
from headframe.positions.lending import Lending
from headframe.types import NEVER_S
from headframe.units import DAY_S
from headframe.venues import comet_market as venue
from headframe.venues.comet_market import CometMarket

USD, ETH = 10**6, 10**18
FACTORS = {"borrow_factor": 0.8, "threshold": 0.85, "liquidation_factor": 0.95}


@pytest.mark.parametrize("text", [module, venue])
def test_the_examples_run(text):
    outcome = doctest.testmod(text)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def account(**changes):
    usual = {
        "name": "comet",
        "base_asset": "usdc",
        "collateral": ({"asset": "eth"} | FACTORS,),
        "swap_cost": 0.0,
    }
    return CompoundV3(**(usual | changes))


def market(**changes):
    usual = {
        "name": "third",
        "asset": "usdc",
        "supplied": "others_supply_of_usdc",
        "borrowed": 0.0,
        "curve": "contract_tests",
    }
    return CometMarket(**(usual | changes))


def contract(*, lent=10_000 * USD, eth=5 * ETH):
    """The exact market with a lender, and alice's collateral."""
    curve = {"kink_wad": 8 * WAD // 10}
    config = exact.Configuration(
        base_token="usdc", base_scale=USD, base_borrow_min=1, target_reserves=10**15,
        supply=exact.Curve(base_per_year_wad=0, slope_low_per_year_wad=4 * WAD // 100,
                           slope_high_per_year_wad=4 * WAD // 10, **curve),
        borrow=exact.Curve(base_per_year_wad=WAD // 100, slope_low_per_year_wad=5 * WAD // 100,
                           slope_high_per_year_wad=3 * WAD // 10, **curve),
        store_front_price_factor_wad=WAD // 2,
        assets=(exact.AssetConfig(
            asset="eth", scale=ETH, borrow_collateral_factor_wad=8 * WAD // 10,
            liquidate_collateral_factor_wad=85 * WAD // 100,
            liquidation_factor_wad=95 * WAD // 100, supply_cap=10**30),),
    )  # fmt: skip
    it = exact.Comet(config, "governor")
    exact.supply(it, "usdc", lent, sender="lender", now_ts=0)
    exact.supply(it, "eth", eth, sender="alice", now_ts=0)
    return it


def eight(price):
    return {"usdc": 10**8, "eth": round(price * 10**8)}


@pytest.mark.parametrize("last", [2_000.0, 1_700.0, 1_000.0])
@pytest.mark.parametrize("debt", [7_900.0, 3_000.0])
def test_the_path_is_the_contracts(last, debt):
    """
    Sixty days with our own debt in the utilisation, then a price: debt, what absorption leaves, and
    what it costs the reserves when the storefront has sold all. Rates are floors a second, 1e-8 of
    them; balances are whole units of 1e-6, sixty accruals.
    """
    it, days, prices = contract(), 60, [2_000.0] * 60 + [last]
    exact.withdraw(it, "usdc", round(debt * USD), sender="alice", prices=eight(2_000.0), now_ts=0)
    others = [10_000.0]
    for day in range(1, days + 1):
        exact.accrue_account(it, "alice", now_ts=day * 86_400)
        others.append(exact.balance_of(it, "lender", now_ts=day * 86_400) / USD)
    now = days * 86_400
    owed = exact.borrow_balance_of(it, "alice", now_ts=now) / USD
    absorbed = exact.is_liquidatable(it, "alice", prices=eight(last))
    before = exact.get_reserves(it, now_ts=now)
    if absorbed:
        exact.absorb(it, ["alice"], prices=eight(last), now_ts=now)
        price = round(last * 0.975 * USD)
        exact.buy_collateral(
            it, "eth", min_amount=0, base_amount=5 * price, prices=eight(last), now_ts=now
        )
        assert exact.get_collateral_reserves(it, "eth") == 0
    lost = (before - exact.get_reserves(it, now_ts=now)) / USD

    position = account(
        market="third", venue="third", held={"collateral": {"eth": 5.0}, "debt": debt}
    )
    world = {"eth_usd": prices, "usdc_usd": 1.0, "others_supply_of_usdc": others}
    book = scripted(position, values=world, venues=(market(),))
    chunk = played(book)
    seen = gauges(chunk, "comet")
    interest = entry(chunk, "comet", "interest")[0]
    assert interest == pytest.approx(debt - owed, abs=2e-4)
    assert (seat(chunk, "comet").state["liquidated_s"][0] < NEVER_S) == absorbed
    balance = exact.balance_of(it, "alice", now_ts=now) / USD
    balance -= exact.borrow_balance_of(it, "alice", now_ts=now) / USD
    assert seen["supplied_usdc"] - seen["debt_usdc"] == pytest.approx(balance, abs=2e-4)
    assert seen["pledged_eth"] * ETH == it.collateral["alice", "eth"]
    assert seen["deficit_usdc"] == pytest.approx(lost, abs=2e-4)
    # what lies between the two curves, before the market has heard of the absorption
    assert chunk.now.world["third_reserves"][0] == pytest.approx(before / USD, abs=5e-4)


def test_rates_follow_our_own_size():
    """Owing 8,000 of 10,000 is the kink: 1 + 4 %, suppliers 3.2 %; alone in the market at 2,000 a
    fifth of it."""
    for debt, borrow, supply in ((8_000.0, 0.05, 0.032), (2_000.0, 0.02, 0.008)):
        position = account(
            market="third", venue="third", held={"collateral": {"eth": 9.0}, "debt": debt}
        )
        values = {"eth_usd": 2_000.0, "usdc_usd": 1.0, "others_supply_of_usdc": 10_000.0}
        chunk = opened(scripted(position, values=values, venues=(market(),)))
        world = chunk.now.world
        assert world["third_borrow_apr"][0] == pytest.approx(borrow, rel=1e-12)
        assert world["third_supply_apr"][0] == pytest.approx(supply, rel=1e-12)


def test_absorption_by_hand():
    """
    One ether, 1,600 owed, at 1,800: credit 1,710, so 110 of base stays; 90 is the penalty. The
    storefront sells at 97.5 %: the reserves pay 1,710 and get 1,755.
    """
    position = account(held={"collateral": {"eth": 1.0}, "debt": 1_600.0})
    chunk = played(scripted(position, values={"eth_usd": [2_000.0, 1_800.0], "usdc_usd": 1.0}))
    seen = gauges(chunk, "comet")
    assert seen["supplied_usdc"] == pytest.approx(110.0)
    assert seen["penalty_usd"] == pytest.approx(90.0)
    assert seen["deficit_usdc"] == pytest.approx(-45.0)
    assert entry(chunk, "comet", "penalty")[0] == pytest.approx(-90.0)
    assert entry(chunk, "comet", "forgiven")[0] == pytest.approx(0.0, abs=1e-9)


def test_a_debt_beyond_the_credit_is_the_markets_loss():
    """At 1,000: credit 950; 650 are forgiven. Reserves pay 1,600 and get 975."""
    position = account(held={"collateral": {"eth": 1.0}, "debt": 1_600.0})
    chunk = played(scripted(position, values={"eth_usd": [2_000.0, 1_000.0], "usdc_usd": 1.0}))
    assert entry(chunk, "comet", "forgiven")[0] == pytest.approx(650.0)
    assert gauges(chunk, "comet")["deficit_usdc"] == pytest.approx(625.0)
    assert gauges(chunk, "comet")["equity"] == 0.0


def test_absorption_is_at_the_oracles_price():
    """The feed says 1,800, the market 1,500: the owner gets 1,710 of credit for 1,500."""
    position = account(
        held={"collateral": {"eth": 1.0}, "debt": 1_600.0},
        collateral=({"asset": "eth", "oracle": "eth_feed_reported_ratio"} | FACTORS,),
    )
    values = {
        "eth_usd": [2_000.0, 1_500.0], "usdc_usd": 1.0, "eth_feed_reported_ratio": [1.0, 1.2],
    }  # fmt: skip
    chunk = played(scripted(position, values=values))
    assert gauges(chunk, "comet")["supplied_usdc"] == pytest.approx(110.0)
    assert entry(chunk, "comet", "penalty")[0] == pytest.approx(210.0)
    assert chunk.books["wealth"][0] == pytest.approx(110.0)


def test_without_absorbers_it_goes_on():
    position = account(
        held={"collateral": {"eth": 1.0}, "debt": 1_600.0}, absorbers="somebody_is_there"
    )
    values = {
        "eth_usd": [2_000.0, 1_800.0, 1_800.0], "usdc_usd": 1.0,
        "somebody_is_there": [1.0, 0.0, 1.0],
    }  # fmt: skip
    chunk = played(scripted(position, values=values))
    assert seat(chunk, "comet").state["liquidated_s"][0] == 2 * DAY_S


def test_paying_in_more_than_is_owed_is_supply():
    position = account(held={"collateral": {"eth": 1.0}, "debt": 500.0})
    book = scripted(position, values={"eth_usd": 2_000.0, "usdc_usd": 1.0}, wallet={"usdc": 900.0})
    chunk = opened(book)
    told(chunk, "comet", "repay", 800.0)
    seen = gauges(chunk, "comet")
    assert (seen["debt_usdc"], seen["supplied_usdc"]) == (0.0, 300.0)
    told(chunk, "comet", "borrow", 700.0)
    seen = gauges(chunk, "comet")
    assert (seen["debt_usdc"], seen["supplied_usdc"]) == (pytest.approx(400.0), 0.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(800.0)


def test_borrowing_is_held_to_the_borrow_factor():
    position = account(held={"collateral": {"eth": 1.0}, "debt": 0.0})
    chunk = opened(scripted(position, values={"eth_usd": 2_000.0, "usdc_usd": 1.0}))
    told(chunk, "comet", "borrow", 5_000.0)
    assert gauges(chunk, "comet")["debt_usdc"] == pytest.approx(1_600.0, rel=1e-8)


def test_who_leaves_without_base_in_it_needs_no_cash():
    """The market is lent out: a borrower can go, a lender cannot."""
    position = account(
        market="third", venue="third", held={"collateral": {"eth": 6.0}, "debt": 10_000.0}
    )
    lender = Lending(
        name="lender", asset="usdc", held={"supplied": 1_000.0}, market="third", venue="third"
    )
    values = {"eth_usd": 2_000.0, "usdc_usd": 1.0, "others_supply_of_usdc": 9_000.0}
    chunk = opened(scripted(position, lender, values=values, venues=(market(),), cash="usdc"))
    told(chunk, "lender", "close")
    assert gauges(chunk, "lender")["supplied"] == pytest.approx(1_000.0)
    told(chunk, "comet", "close")
    assert gauges(chunk, "comet")["debt_usdc"] == 0.0
    assert chunk.books["wallet/usdc"][0] == pytest.approx(2_000.0)


def test_leverage_opens_at_its_multiple():
    position = account(deposit={"eth": 1.0}, leverage=3.0)
    book = scripted(position, values={"eth_usd": 2_000.0, "usdc_usd": 1.0}, wallet={"eth": 1.0})
    seen = gauges(opened(book), "comet")
    assert seen["pledged_eth"] == pytest.approx(3.0)
    assert seen["debt_usdc"] == pytest.approx(4_000.0)
    assert seen["health"] == pytest.approx(0.85 * 6_000.0 / 4_000.0)
    assert position.liquidation_price_ratio() == pytest.approx((2 / 3) / 0.85)


@pytest.mark.parametrize("last", [1e-9, 1e9])
def test_extreme_prices_stay_finite(last):
    position = account(
        market="third", venue="third", held={"collateral": {"eth": 5.0}, "debt": 7_000.0}
    )
    values = {
        "eth_usd": [2_000.0, last, last], "usdc_usd": 1.0, "others_supply_of_usdc": 10_000.0
    }  # fmt: skip
    chunk = played(scripted(position, values=values, venues=(market(),)))
    assert np.isfinite(chunk.books.data).all()
    assert np.isfinite(chunk.now.world.data).all()


@pytest.mark.parametrize(
    ("terms", "word"),
    [({"collateral": ()}, "collateral"), ({"ltv": 0.81}, "borrow_factor"),
     ({"leverage": 6.0}, "borrow_factor"), ({"base_asset": "eth"}, "each asset once"),
     ({"collateral": ({"asset": "eth", "borrow_factor": 0.9},)}, "threshold"),
     ({"held": {"collateral": {"btc": 1.0}}, "deposit": None}, "btc"),
     ({"loops": 2, "leverage": 2.0}, "loops")],
)  # fmt: skip
def test_nonsense_is_named(terms, word):
    with pytest.raises(ValidationError, match=word):
        account(**({"deposit": {"eth": 1.0}} | terms))


def test_a_market_that_lends_more_than_it_has_is_refused():
    with pytest.raises(ValidationError, match="borrowed 11 is more than supplied 10"):
        market(supplied=10.0, borrowed=11.0)
