"""An oracle posts by deviation and heartbeat, late by its lag: sequences worked by hand."""

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.processes.oracle import Oracle
from headframe.units import HOUR_S


def reported(walk, oracle, n_steps=40, n_paths=50):
    market, seen = [], []
    eth = GBM(name="eth_usd", start=2_000.0, volatility=1.0)
    for now in walk((eth, oracle), n_steps, step_s=HOUR_S, n_paths=n_paths):
        market.append(now["eth_usd"].copy())
        seen.append(now["eth_feed_reported_price"].copy())
        np.testing.assert_allclose(now["eth_feed_reported_ratio"], seen[-1] / market[-1])
    return np.array(market), np.array(seen)


def test_it_posts_when_the_market_has_moved_enough(walk):
    market, seen = reported(walk, Oracle(name="eth_feed", price="eth_usd", deviation=0.02))
    posted = market[0].copy()
    for k in range(1, len(market)):
        moved = np.abs(market[k] / posted - 1.0) >= 0.02
        posted = np.where(moved, market[k], posted)
        np.testing.assert_array_equal(seen[k], posted)
    assert 0.0 < np.mean(seen == market) < 1.0


def test_it_posts_at_its_heartbeat(walk):
    feed = Oracle(name="eth_feed", price="eth_usd", deviation=0.9, heartbeat_s="4h")
    market, seen = reported(walk, feed)
    for k in range(len(market)):
        np.testing.assert_array_equal(seen[k], market[k - k % 4])


def test_what_it_posts_is_older_by_the_lag(walk):
    feed = Oracle(name="eth_feed", price="eth_usd", lag_s="3h", every_s="1h")
    market, seen = reported(walk, feed)
    for k in range(len(market)):
        np.testing.assert_array_equal(seen[k], market[max(k - 3, 0)])


def test_a_silent_oracle_posts_nothing(walk):
    silent = Constant(name="feed_is_silent", value=1.0)
    feed = Oracle(name="eth_feed", price="eth_usd", stopped="feed_is_silent")
    eth = GBM(name="eth_usd", start=2_000.0, volatility=1.0)
    for now in walk((eth, silent, feed), 5):
        np.testing.assert_array_equal(now["eth_feed_reported_price"], 2_000.0)


@pytest.mark.parametrize(
    ("terms", "word"),
    [({"lag_s": "1h"}, "every_s"), ({"deviation": 1.0}, "deviation"),
     ({"lag_s": "1y", "every_s": 1.0}, "lag_s"), ({"price": "eth_usd_x"}, "price")],
)  # fmt: skip
def test_nonsense_is_named(terms, word):
    with pytest.raises(ValidationError, match=word):
        Oracle(**({"name": "eth_feed", "price": "eth_usd"} | terms))
