"""Stop-loss and take-profit: the day on which they close, by equity, by price, and trailing."""

import doctest

import numpy as np
import pytest
from scripted import gauges, played, scripted

from headframe.errors import InputError
from headframe.policies import stop_loss, take_profit
from headframe.policies.stop_loss import StopLoss
from headframe.policies.take_profit import TakeProfit
from headframe.positions.held_asset import HeldAsset

START = 2_000.0


def closed_on(eth, rule, **changes):
    """The day on which coins are sold, None if never."""
    coins = HeldAsset(
        **({"name": "coins", "asset": "eth", "deposit": {"eth": 1.0}, "swap_cost": 0.0} | changes)
    )
    days = []

    def watch(chunk):
        if gauges(chunk, "coins")["quantity"] == 0.0:
            days.append(chunk.now.step)

    values = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0}
    book = scripted(coins, values=values, wallet={"eth": 1.0}, policies=(rule,))
    chunk = played(book, watchers=(watch,))
    return (days[0] if days else None), chunk


@pytest.mark.parametrize("module", [stop_loss, take_profit])
def test_the_examples_run(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_stop_closes_at_the_price_that_follows_the_fall():
    day, chunk = closed_on([1.0, 0.81, 0.7, 0.9], StopLoss(name="s", position="coins", loss=0.2))
    assert day == 2
    assert chunk.books["wallet/usd"][0] == pytest.approx(0.7 * START)
    assert chunk.books["clipped"][0] == 0.0


def test_a_trailing_stop_follows_the_highest():
    eth = [1.0, 1.5, 1.25, 1.19, 1.3]
    fixed, _ = closed_on(eth, StopLoss(name="s", position="coins", loss=0.2))
    trailing, _ = closed_on(eth, StopLoss(name="s", position="coins", loss=0.2, trailing=True))
    assert (fixed, trailing) == (None, 3)


def test_a_stop_may_watch_a_price():
    rule = StopLoss(name="s", position="coins", price="eth_usd", below=1_500.0)
    assert closed_on([1.0, 0.76, 0.74], rule)[0] == 2
    rule = StopLoss(name="s", position="coins", price="usdc_usd", below=0.99)
    assert closed_on([1.0, 0.1, 0.1], rule)[0] is None


def test_a_profit_is_taken_by_equity_or_by_price():
    eth = [1.0, 1.2, 1.31, 1.1]
    assert closed_on(eth, TakeProfit(name="t", position="coins", gain=0.3))[0] == 2
    rule = TakeProfit(name="t", position="coins", price="eth_usd", above=2_300.0)
    assert closed_on(eth, rule)[0] == 1
    assert closed_on(eth, TakeProfit(name="t", position="coins", gain=0.4))[0] is None


def test_paths_close_on_their_own():
    rule = StopLoss(name="s", position="coins", loss=0.2)
    coins = HeldAsset(name="coins", asset="eth", deposit={"eth": 1.0})
    eth = [np.full(2, START), np.array([0.7, 0.9]) * START]
    book = scripted(coins, values={"eth_usd": eth}, wallet={"eth": 1.0}, policies=(rule,))
    chunk = played(book, n_paths=2)
    assert chunk.positions[0].state["quantity"] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("rule", "wrong", "says"),
    [
        (StopLoss, {}, "either loss"),
        (StopLoss, {"loss": 0.1, "below": 1.0}, "either loss"),
        (StopLoss, {"below": 1.0, "trailing": True}, "trailing needs loss"),
        (TakeProfit, {}, "either gain"),
        (TakeProfit, {"gain": 0.1, "above": 1.0}, "either gain"),
    ],
)
def test_one_level_and_only_one(rule, wrong, says):
    with pytest.raises(ValueError, match=says):
        rule(name="r", position="coins", **wrong)


def quantities(eth, rule, wallet=None):
    """Coins held after each day; a deposit of 2,000 dollars at a price of 2,000."""
    coins = HeldAsset(name="coins", asset="eth", deposit={"usd": 2_000.0}, swap_cost=0.0)
    seen = []
    values = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0}
    book = scripted(coins, values=values, wallet=wallet or {"usd": 2_000.0}, policies=(rule,))
    chunk = played(book, watchers=(lambda c: seen.append(gauges(c, "coins")["quantity"]),))
    return np.array(seen), chunk


def test_a_stop_comes_back_with_what_came_out():
    """Out at 0.75 with 1,500, in again two days later at 0.6: 1.25 coins; out again below 0.48."""
    rule = StopLoss(name="s", position="coins", loss=0.2, reopen_after_s="2d")
    seen, chunk = quantities([1.0, 0.75, 0.7, 0.6, 0.5, 0.47, 0.47], rule)
    assert seen == pytest.approx([1.0, 0.0, 0.0, 1.25, 1.25, 0.0, 0.0])
    assert chunk.books["wealth"][0] == pytest.approx(1.25 * 0.47 * START)


def test_a_stop_that_comes_back_uses_no_other_money():
    rule = StopLoss(name="s", position="coins", loss=0.2, reopen_after_s="2d")
    seen, _ = quantities([1.0, 0.75, 0.7, 0.6], rule, wallet={"usd": 9_000.0})
    assert seen[-1] == pytest.approx(1.25)


def test_a_trailing_stop_comes_back_at_a_new_high():
    rule = StopLoss(name="s", position="coins", loss=0.2, trailing=True, reopen_after_s="1d")
    seen, _ = quantities([1.0, 2.0, 1.5, 1.5, 1.3, 1.19], rule)
    assert seen[2:] == pytest.approx([0.0, 1.0, 1.0, 0.0])


def test_profit_is_taken_and_put_back():
    rule = TakeProfit(name="t", position="coins", gain=0.5, reopen_after_s="2d")
    seen, _ = quantities([1.0, 1.6, 1.6, 1.0, 1.49, 1.51], rule)
    assert seen == pytest.approx([1.0, 0.0, 0.0, 1.6, 1.6, 0.0])


def test_a_lag_closes_once_and_comes_back():
    rule = StopLoss(name="s", position="coins", loss=0.2, lag_s="1d", reopen_after_s="3d")
    seen, chunk = quantities([1.0, 0.7, 0.7, 0.7, 0.7, 0.7], rule)
    assert seen == pytest.approx([1.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    assert chunk.waiting == []


def test_what_cannot_be_opened_again_is_refused():
    coins = HeldAsset(name="coins", asset="eth", held={"quantity": 1.0})
    rule = StopLoss(name="s", position="coins", loss=0.2, reopen_after_s="2d")
    with pytest.raises(InputError, match="a position with a deposit"):
        played(scripted(coins, values={"eth_usd": START}, policies=(rule,)))
    with pytest.raises(ValueError, match="longer than lag_s"):
        TakeProfit(name="t", position="coins", gain=0.5, lag_s="1d", reopen_after_s="1d")


def test_what_was_liquidated_stays_closed():
    from headframe.positions.levered import Levered

    farm = Levered(
        name="coins", token0="eth", token1="usdc", deposit={"usdc": 1e4}, leverage=3.0,
        threshold=0.8,
    )  # fmt: skip
    rule = StopLoss(name="s", position="coins", loss=0.2, lag_s="1d", reopen_after_s="2d")
    values = {"eth_usd": [START, 0.8 * START, 0.3 * START, START], "usdc_usd": 1.0}
    book = scripted(farm, values=values, wallet={"usdc": 2e4}, policies=(rule,), n_steps=8)
    assert gauges(played(book), "coins")["equity"] == 0.0
