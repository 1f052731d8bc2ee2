"""
The hedge: exposure from the closed form of a leveraged farm's delta, the band, and what hedging is
for: less variance.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, played, scripted

from headframe.analytics import leverage
from headframe.book import Book
from headframe.policies import hedge as module
from headframe.policies.hedge import Hedge
from headframe.positions.future import Future
from headframe.positions.levered import Levered
from headframe.positions.option import Option
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S

START = 2_000.0
WALLET = {"usdc": 20_000.0}


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "leverage": 3.0,
        "swap_cost": 0.0,
        "fee": 0.0,
    }
    return Levered(**(usual | changes))


def short(**changes):
    usual = {
        "name": "short",
        "asset": "eth",
        "margin_asset": "usdc",
        "deposit": {"usdc": 5_000.0},
        "target_margin": 0.3,
        "fee": 0.0005,
    }
    return Future(**(usual | changes))


def rule(**changes):
    return Hedge(
        **({"name": "neutral", "position": "short", "asset": "eth", "band": 0.25} | changes)
    )


def sizes(eth, policy, wallet=WALLET, **changes):
    seen = []

    def watch(chunk):
        seen.append(gauges(chunk, "short")["size"])

    values = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0}
    book = scripted(farm(), short(**changes), values=values, wallet=wallet, policies=(policy,))
    return seen, played(book, watchers=(watch,))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("k", [0.8, 1.0, 1.25])
def test_the_size_is_the_farms_delta(k):
    seen, _ = sizes([1.0, k], rule(band=0.0))
    delta = float(leverage.delta(k, leverage=3.0, volatile_debt_share=0.0))
    assert seen[1] == pytest.approx(-delta * 10_000.0 / START, rel=1e-9)


def test_nothing_is_traded_within_the_band_and_all_of_it_outside():
    """Delta in ETH is 7.5 / sqrt(k): off by 0.24 at k = 1.067 and by 0.26 at 1.072."""
    seen, chunk = sizes([1.0, 1.0, 1.067, 1.072, 1.01, 0.94], rule())
    assert seen[1] == seen[2] == pytest.approx(-7.5)
    low, high = 7.5 / 1.072**0.5, 7.5 / 0.94**0.5
    assert seen[3] == seen[4] == pytest.approx(-low)
    assert seen[5] == pytest.approx(-high)
    traded = 7.5 + (7.5 - low) * 1.072 + (high - low) * 0.94
    assert entry(chunk, "short", "fee")[0] == pytest.approx(-0.0005 * START * traded)


def test_the_wallet_counts_and_so_does_a_target():
    seen, _ = sizes([1.0, 1.0], rule(band=0.0), wallet=WALLET | {"eth": 2.0})
    assert seen[1] == pytest.approx(-9.5)
    seen, _ = sizes([1.0, 1.0], rule(band=0.0, target=5.0))
    assert seen[1] == pytest.approx(-2.5)


def test_a_thin_margin_is_filled_up_within_the_band():
    terms = {"target_margin": 0.3, "deposit": {"usdc": 4_500.0}, "size": -7.5}
    eth = [1.0, 1.0, 1.05]
    _, left = sizes(eth, rule(band=1.0), **terms)
    _, filled = sizes(eth, rule(band=1.0, margin_floor=0.25), **terms)
    assert gauges(left, "short")["margin_ratio"] == pytest.approx(0.3 - 0.05 * 1.3 / 1.05, rel=0.02)
    assert gauges(filled, "short")["margin_ratio"] == pytest.approx(0.3)


def test_hedging_takes_most_of_the_variance_away():
    """The same paths with and without: what is left is the curvature between two trades."""
    processes = (
        GBM(name="eth_usd", start=START, volatility=0.6),
        Constant(name="usdc_usd", value=1.0),
    )
    book = Book(
        name="hedged",
        scenario=Model(processes=processes),
        wallet=WALLET,
        positions=(farm(), short()),
        policies=(rule(),),
        horizon_s=30 * DAY_S,
    )
    hedged = played(book, n_paths=2_000).books["wealth"]
    bare = played(book.with_(policies=()), n_paths=2_000).books["wealth"]
    assert hedged.std() < 0.35 * bare.std()
    assert np.isfinite(hedged).all()


def test_with_the_debts_three_times_is_neutral_at_three_quarters():
    """The published table: leverage 3 has no slope where a = 0.75 of the debt is in the token."""
    neutral = Hedge(name="neutral", position="farm", asset="eth", band=0.0, by="debt")
    values = {"eth_usd": [START, START], "usdc_usd": 1.0}
    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(neutral,))
    found = gauges(played(book), "farm")
    assert found["debt_eth"] * START == pytest.approx(0.75 * 20_000.0)
    assert found["debt_usdc"] == pytest.approx(0.25 * 20_000.0)


def test_moving_debts_pays_a_swap_and_keeps_to_its_band_and_cool_down():
    """
    Delta is x - d with x = 15,000 / (2,000 sqrt(k)) ether: after k = 0.9 it is 0.405 too long.
    """
    seen = []
    eth = [START, START, 0.9 * START, 0.8 * START, 0.8 * START]
    rules = {"name": "neutral", "position": "farm", "asset": "eth", "by": "debt"}

    def debts(**changes):
        seen.clear()
        book = scripted(
            farm(swap_cost=0.003),
            values={"eth_usd": eth, "usdc_usd": 1.0},
            wallet={"usdc": 1e4},
            policies=(Hedge(**(rules | changes)),),
        )
        return played(book, watchers=(lambda c: seen.append(gauges(c, "farm")["debt_eth"]),))

    debts(band=0.45)
    assert seen[1] == seen[2]
    assert seen[3] > seen[2]
    chunk = debts(band=0.3, cooldown_s="2d")
    assert seen[1] == seen[2] < seen[3] == seen[4]
    shifted = seen[1] * START + (seen[3] - seen[1]) * 0.8 * START
    opening = 0.5 * 30_000.0 * 0.003  # half of all is swapped when it is bought
    assert -entry(chunk, "farm", "slippage")[0] == pytest.approx(
        opening + 0.003 * shifted, rel=1e-3
    )


def puts(**changes):
    usual = {
        "name": "floor",
        "asset": "eth",
        "settle_asset": "usdc",
        "size": 0.0,
        "tenor_s": "60d",
        "volatility": 0.6,
        "spread": 0.0,
    }
    return Option(**(usual | changes))


def test_with_options_the_exposure_is_bought_away():
    """A put at the money for 60 days moves by Phi(d1) - 1, d1 = 0.3 sqrt(60 / 365)."""
    neutral = Hedge(name="neutral", position="floor", asset="eth", band=0.1, by="option")
    values = {"eth_usd": [START, START], "usdc_usd": 1.0}
    lp = farm(leverage=1.0)
    book = scripted(lp, puts(), values=values, wallet={"usdc": 12_000.0}, policies=(neutral,))
    found = gauges(played(book), "floor")
    d1 = 0.3 * math.sqrt(60 / 365)
    unit = 0.5 * math.erfc(-d1 / math.sqrt(2.0)) - 1.0
    assert found["size"] == pytest.approx(2.5 / -unit, rel=1e-9)


def test_with_options_gamma_is_bought_back():
    """Liquidity of 10,000 has gamma -L / (2 P^1.5), a put phi(d1) / (S sigma sqrt(t))."""
    flat = Hedge(name="flat", position="floor", asset="eth", band=0.0, by="gamma", of=("farm",))
    values = {"eth_usd": [START, START], "usdc_usd": 1.0}
    lp = farm(leverage=1.0)
    book = scripted(lp, puts(), values=values, wallet={"usdc": 12_000.0}, policies=(flat,))
    chunk = played(book)
    spread = 0.6 * math.sqrt(60 / 365)
    own = math.exp(-((spread / 2.0) ** 2) / 2.0) / math.sqrt(2.0 * math.pi) / (START * spread)
    liquidity = 5_000.0 / START**0.5
    assert gauges(chunk, "floor")["size"] == pytest.approx(
        0.5 * liquidity / START**1.5 / own, rel=1e-9
    )
    assert chunk.books["wealth"][0] == pytest.approx(12_000.0)


def test_a_hedge_is_told_one_way():
    with pytest.raises(ValueError, match="of names the positions"):
        Hedge(name="h", position="p", asset="eth", band=0.0, of=("farm",))
    with pytest.raises(ValueError, match="of names the positions"):
        Hedge(name="h", position="p", asset="eth", band=0.0, by="gamma")
    with pytest.raises(ValueError, match="margin_floor is a future's"):
        Hedge(name="h", position="p", asset="eth", band=0.0, by="debt", margin_floor=0.1)
