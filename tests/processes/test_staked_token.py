"""A staked token's exchange rate, its discount, and what an oracle of the rate reports."""

import doctest

import pytest
from pydantic import ValidationError

from headframe.processes import staked_token as module
from headframe.processes.constant import Constant
from headframe.processes.staked_token import StakedToken


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_exchange_rate_grows_and_the_discount_does_not_touch_it(end):
    token = StakedToken(
        name="wsteth",
        base="eth",
        start_rate=1.2,
        reward_apr=0.0365,
        discount="wsteth_market_discount",
    )
    now = end([Constant(name="wsteth_market_discount", value=0.06), token], 10, n_paths=2)
    assert now["wsteth_exchange_rate"] == pytest.approx(1.2 * 1.0001**10)
    assert now["wsteth_eth"] == pytest.approx(1.2 * 1.0001**10 * 0.94)
    assert now["wsteth_reported_ratio"] == pytest.approx(1.0 / 0.94)


def test_a_discount_of_everything_is_refused():
    with pytest.raises(ValidationError, match="leaves nothing"):
        StakedToken(name="wsteth", base="eth", discount=1.0)
    with pytest.raises(ValidationError, match="no underscore"):
        StakedToken(name="wst_eth", base="eth")


def test_whatever_an_observable_says_the_price_stays_above_zero(end):
    token = StakedToken(name="wsteth", base="eth", discount="wsteth_market_discount")
    now = end([Constant(name="wsteth_market_discount", value=7.0), token], 1, n_paths=1)
    assert 0.0 < now["wsteth_eth"][0] < 1e-5
    assert now["wsteth_reported_ratio"][0] * now["wsteth_eth"][0] == pytest.approx(1.0)
