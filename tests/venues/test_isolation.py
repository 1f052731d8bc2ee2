"""A loss stays in its market: bad debt of one borrower, and lenders of two markets beside it."""

import numpy as np
from scripted import entry, played, scripted

from headframe.positions.lending import Lending
from headframe.positions.morpho_blue import MorphoBlue
from headframe.venues.morpho_market import MorphoMarket

CRASH = [2_000.0, 2_000.0, 400.0, 400.0]


def lender(name, market):
    return Lending(name=name, asset="usdc", deposit={"usdc": 10_000.0}, market=market)


def test_bad_debt_is_borne_by_the_lenders_of_its_market_alone():
    """Debt of 14,000 on 10 eth; at 400 the keeper takes all of it and 14,000 are not covered."""
    markets = (
        MorphoMarket(name="eth_market", asset="usdc", supplied=30_000.0, borrowed=10_000.0),
        MorphoMarket(name="btc_market", asset="usdc", supplied=30_000.0, borrowed=10_000.0),
    )
    borrower = MorphoBlue(
        name="borrower",
        collateral_asset="eth",
        loan_asset="usdc",
        held={"collateral": 10.0, "debt": 14_000.0},
        market="eth_market",
        lltv=0.86,
    )
    chunk = played(
        scripted(
            borrower,
            lender("near", "eth_market"),
            lender("far", "btc_market"),
            values={"eth_usd": CRASH, "usdc_usd": 1.0},
            wallet={"usdc": 20_000.0},
            venues=markets,
            step_s=3_600.0,
        )
    )
    forgiven = entry(chunk, "borrower", "forgiven")
    near, far = entry(chunk, "near", "forgiven"), entry(chunk, "far", "forgiven")
    assert np.all(forgiven > 9_000.0)
    assert np.allclose(near, -forgiven * 10_000.0 / 40_000.0, rtol=1e-3)
    assert np.all(far == 0.0)
