"""Leverage by volatility: the target, the fading memory, the band, and what it is for."""

import doctest

import numpy as np
import pytest
from scripted import gauges, played, scripted, seat

from headframe.book import Book
from headframe.policies import follow_volatility as module
from headframe.policies.follow_volatility import FollowVolatility
from headframe.positions.levered import Levered
from headframe.processes.constant import Constant
from headframe.processes.heston import Heston
from headframe.scenarios.model import Model
from headframe.units import DAY_S

START = 2_000.0


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "leverage": 2.0,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return Levered(**(usual | changes))


def rule(**changes):
    usual = {
        "name": "calm",
        "position": "farm",
        "price": "eth_usd",
        "budget": 1.2,
        "start_volatility": 0.6,
        "most": 4.0,
        "memory_s": "10d",
        "band": 0.1,
    }
    return FollowVolatility(**(usual | changes))


def leverages(eth, policy):
    seen = []
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(policy,))
    played(book, watchers=(lambda chunk: seen.append(gauges(chunk, "farm")["leverage"]),))
    return np.array(seen)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_calm_market_lets_leverage_rise_by_its_memory():
    """Without moves variance fades by a tenth a day; 2 / 0.9^(n/2) is 10 % off on day 3."""
    seen = leverages([START] * 6, rule())
    wanted = 2.0 / 0.9 ** (np.arange(6) / 2.0)
    assert seen[:3] == pytest.approx([2.0, 2.0, 2.0])  # 5 and 10 % below: within the band
    assert seen[3] == pytest.approx(wanted[3], rel=1e-9)
    free = leverages([START] * 6, rule(band=0.0))
    assert free[1:] == pytest.approx(wanted[1:], rel=1e-9)


def test_a_move_lowers_it():
    """ln 1.1 in a day is 182 % a year: variance 0.9 x 0.36 + 0.1 x (ln 1.1)^2 x 365."""
    seen = leverages([START, 1.1 * START], rule(band=0.0, cooldown_s=0.0))
    variance = 0.9 * 0.36 + 0.1 * np.log(1.1) ** 2 * 365.0
    assert seen[1] == pytest.approx(1.2 / np.sqrt(variance), rel=1e-3)


def test_least_most_and_the_cool_down():
    assert leverages([START] * 40, rule(most=2.5, band=0.0))[-1] == pytest.approx(2.5)
    wild = [START * (1.3 if k % 2 else 1.0) for k in range(9)]
    assert leverages(wild, rule(least=1.5, band=0.0))[-1] == pytest.approx(1.5)
    seen = leverages([START] * 10, rule(band=0.0, cooldown_s="4d"))
    changed = [k for k in range(1, 10) if seen[k] != pytest.approx(seen[k - 1], rel=1e-12)]
    assert changed == [1, 5, 9]
    with pytest.raises(ValueError, match="above most"):
        rule(least=5.0)


def test_it_evens_out_the_risk_where_volatility_moves():
    """Heston's volatility: squared results spread less; 2,000 paths, the same for both."""
    price = Heston(
        name="eth_usd", start=START, start_variance=0.36, long_variance=0.36, reversion=4.0,
        variance_volatility=1.5, rho=0.0,
    )  # fmt: skip
    book = Book(
        name="moving",
        scenario=Model(processes=(price, Constant(name="usdc_usd", value=1.0))),
        wallet={"usdc": 1e4},
        positions=(farm(),),
        policies=(rule(most=3.0),),
        horizon_s=120 * DAY_S,
    )
    followed, fixed = (
        played(b, n_paths=2_000).books["wealth"] / 1e4 - 1.0
        for b in (book, book.with_(policies=()))
    )
    tails = [np.mean((x - x.mean()) ** 4) / x.var() ** 2 for x in (followed, fixed)]
    assert tails[0] < tails[1]


def test_what_is_liquidated_stays_so():
    values = {"eth_usd": [START, 0.1 * START, 0.1 * START], "usdc_usd": 1.0}
    book = scripted(
        farm(threshold=0.8), values=values, wallet={"usdc": 1e4}, policies=(rule(band=0.0),)
    )
    chunk = played(book)
    assert seat(chunk, "farm").state["liquidity"][0] == 0.0
