"""What is locked at the end, and what can be spent, against a stake worked out by hand."""

import pytest

from headframe.book import Book
from headframe.metrics.liquidity import liquidity
from headframe.positions.staking import Staking
from headframe.processes.gbm import GBM
from headframe.report.answer import run as answer_of
from headframe.runs import run
from headframe.scenarios.model import Model
from headframe.units import DAY_S


def desk(lockup_s):
    stake = Staking(name="stake", asset="eth", deposit={"eth": 3.0}, lockup_s=lockup_s)
    return Book(
        name="locked",
        scenario=Model(processes=(GBM(name="eth_usd", start=1_000.0, volatility=0.5),)),
        wallet={"eth": 4.0},
        positions=(stake,),
        horizon_s=30 * DAY_S,
    )


def test_three_quarters_are_locked_where_the_lock_outlasts_the_run():
    found = liquidity(run(desk("60d"), n_paths=2_000))
    assert found.locked.value == pytest.approx(3.0 * found.liquid.value)
    assert found.liquid_quantiles[0.05] < found.liquid.value < found.liquid_quantiles[0.95]


def test_nothing_is_locked_once_the_lock_is_over():
    kept = run(desk("10d"), n_paths=2_000)
    found = liquidity(kept)
    assert found.locked.value == 0.0
    assert found.liquid.value == pytest.approx(kept.moments.estimate("wealth").value)


def test_the_report_says_what_can_be_spent(capsys):
    answer = answer_of(desk("60d"), n_paths=1_000)
    answer.report()
    said = " ".join(capsys.readouterr().out.split())
    assert "At the end 75.0% of the wealth is locked" in said
    assert answer.json()["liquidity"]["locked"] > 0.0
