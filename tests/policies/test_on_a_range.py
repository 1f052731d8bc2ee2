"""What acts on a leveraged farm acts on one in a range, too: debts, leverage, announced changes."""

import numpy as np
import pytest
from scripted import entry, gauges, played, scripted, seat

from headframe.policies.follow_volatility import FollowVolatility
from headframe.policies.hedge import Hedge
from headframe.policies.ramp_down import RampDown
from headframe.positions.levered_v3 import LeveredV3
from headframe.types import NEVER_S

START = 2_000.0


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "range": {"lower": 1_000.0, "upper": 4_000.0, "snap": "none"},
        "leverage": 3.0,
        "threshold": 0.85,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return LeveredV3(**(usual | changes))


def run(position, policies, eth, watchers=()):
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    book = scripted(position, values=values, wallet={"usdc": 1e4}, policies=policies)
    return played(book, watchers=watchers)


def test_a_neutral_debt_is_the_ether_in_the_range():
    """From 1,000 to 4,000 around 2,000 half of 30,000 is ether: 7.5 of it are owed."""
    rule = Hedge(name="neutral", position="farm", asset="eth", band=0.0, by="debt")
    found = gauges(run(farm(), (rule,), [START, START]), "farm")
    assert found["debt_eth"] == pytest.approx(7.5)
    assert found["debt_usdc"] == pytest.approx(5_000.0)


def test_a_neutral_debt_follows_the_price():
    """x = L (1/sqrt(p) - 1/sqrt(b)) at 1,800; at 1,500 all of the debt is not enough."""
    rule = Hedge(name="neutral", position="farm", asset="eth", band=0.0, by="debt")
    found = gauges(run(farm(), (rule,), [START, START, 1_800.0, 1_800.0]), "farm")
    liquidity = 30_000.0 / (2.0 * np.sqrt(START) * (1.0 - np.sqrt(0.5)))
    owned = liquidity * (1.0 / np.sqrt(1_800.0) - 1.0 / np.sqrt(4_000.0))
    assert found["debt_eth"] == pytest.approx(owned, rel=1e-9)
    found = gauges(run(farm(), (rule,), [START, START, 1_500.0, 1_500.0]), "farm")
    assert found["debt_eth"] == pytest.approx(7.5 + 5_000.0 / 1_500.0)
    assert found["debt_usdc"] == pytest.approx(0.0, abs=1e-9)


def test_leverage_follows_volatility_down():
    """A budget of 1.2 at a volatility of 0.6 asks for twice; the price stands still at first."""
    rule = FollowVolatility(
        name="calm",
        position="farm",
        price="eth_usd",
        budget=1.2,
        start_volatility=0.6,
        most=4.0,
        memory_s="1000000d",
        band=0.1,
    )
    found = gauges(run(farm(), (rule,), [START, START]), "farm")
    assert found["leverage"] == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize("warned", [False, True])
def test_an_announced_threshold_liquidates_only_who_does_not_act(warned):
    """At three times the health is 0.65 / (2 / 3) after the change, which is below 1."""
    position = farm(threshold_changes=({"at_s": "5d", "to": 0.65},))
    rule = RampDown(name="notice", position="farm", at_s="5d", before_s="3d", parts=2, target=1.1)
    chunk = run(position, (rule,) if warned else (), [START] * 9)
    ended = seat(chunk, "farm").state["liquidated_s"][0]
    if not warned:
        assert ended == 5 * 86_400.0
        return
    assert ended == NEVER_S
    assert gauges(chunk, "farm")["health"] == pytest.approx(1.1, rel=1e-6)
    assert entry(chunk, "farm", "slippage")[0] == 0.0
