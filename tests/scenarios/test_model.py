"""Processes together: their order, their clocks, their circles."""

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.processes.constant import Constant
from headframe.processes.gas import Gas
from headframe.processes.gbm import GBM
from headframe.processes.rates import KinkedRate
from headframe.scenarios.model import Model
from headframe.scenarios.stress import Shock
from headframe.units import DAY_S, HOUR_S

ETH = GBM(name="eth_usd", start=2000.0, volatility=0.8)
CURVE = {"slope1_apr": 0.1, "slope2_apr": 1.0, "kink": 0.8}


def rate(name, reads):
    return KinkedRate(name=name, utilisation=reads, **CURVE)


def test_processes_stand_after_what_they_read():
    gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d", volatility=1.0)
    assert [p.name for p in Model(processes=(gas, ETH)).processes] == ["eth_usd", "main_gas"]


def test_a_circle_of_reads_is_shown():
    circle = (
        rate("one", "three_borrow_apr"),
        rate("two", "one_borrow_apr"),
        rate("three", "two_borrow_apr"),
    )
    with pytest.raises(InputError, match="circle") as refusal:
        Model(processes=circle)
    for name in ("one", "two", "three"):
        assert name in str(refusal.value.value)


def test_two_publishers_of_one_observable_are_refused():
    with pytest.raises(InputError, match="published by eth_usd too"):
        Model(processes=(ETH, Constant(name="eth_usd", value=1.0)))


def test_an_observable_that_nobody_publishes_is_named(watch):
    with pytest.raises(InputError, match="some_utilisation_share"):
        watch(Model(processes=(rate("usdc", "some_utilisation_share"),)), 1)


def test_a_correlation_across_clocks_is_refused(watch):
    slow = GBM(name="btc_usd", start=1.0, volatility=0.5, every_s="7d")
    model = Model(processes=(ETH, slow), correlations={("eth_usd", "btc_usd"): 0.5})
    with pytest.raises(InputError, match="same clock"):
        watch(model, 7)


def test_a_slow_process_moves_on_its_own_clock_and_rests_between(watch):
    daily = GBM(name="btc_usd", start=60_000.0, volatility=0.5, every_s="1d")
    hourly = GBM(name="sol_usd", start=100.0, volatility=0.5, every_s="1h")
    seen = watch(Model(processes=(daily, hourly)), 3, n_paths=50)
    assert seen["btc_usd"].shape == (4, 50)
    seen = watch(Model(processes=(daily, hourly)), 72, step_s=HOUR_S, n_paths=50)
    moved = (np.diff(seen["btc_usd"], axis=0) != 0.0).all(axis=1)
    assert list(np.flatnonzero(moved)) == [23, 47, 71]
    assert (np.diff(seen["sol_usd"], axis=0) != 0.0).all()


def test_a_process_draws_the_same_at_the_same_strike_whatever_the_runs_step(watch):
    daily = GBM(name="btc_usd", start=60_000.0, volatility=0.5, every_s="1d")
    by_day = watch(Model(processes=(daily,)), 3, n_paths=20)["btc_usd"]
    by_hour = watch(Model(processes=(daily,)), 72, step_s=HOUR_S, n_paths=20)["btc_usd"]
    assert (by_day == by_hour[::24]).all()


def test_a_shock_comes_and_goes_between_the_strikes_of_a_slow_process(watch):
    daily = GBM(name="btc_usd", start=60_000.0, volatility=0.5, every_s="1d")
    shock = Shock(name="dip", observable="btc_usd", at_s="5h", lasting_s="3h", multiply=0.5)
    calm = watch(Model(processes=(daily,)), 30, step_s=HOUR_S, n_paths=5)["btc_usd"]
    dipped = watch(Model(processes=(daily,), shocks=(shock,)), 30, step_s=HOUR_S, n_paths=5)
    ratio = dipped["btc_usd"][:, 0] / calm[:, 0]
    assert list(np.flatnonzero(ratio == 0.5)) == [5, 6, 7]
    assert (np.delete(ratio, [5, 6, 7]) == 1.0).all()


def test_expectations_leave_out_what_a_shock_may_move():
    shock = Shock(name="dip", observable="eth_usd", at_s="5d", multiply=0.5)
    btc = GBM(name="btc_usd", start=60_000.0, volatility=0.5)
    assert set(Model(processes=(ETH, btc)).expectation(DAY_S)) == {"eth_usd", "btc_usd"}
    assert set(Model(processes=(ETH, btc), shocks=(shock,)).expectation(DAY_S)) == {"btc_usd"}


def test_a_shock_on_nothing_is_refused():
    shock = Shock(name="dip", observable="doge_usd", at_s="5d", multiply=0.5)
    with pytest.raises(InputError, match=r"shock\.dip.*doge_usd"):
        Model(processes=(ETH,), shocks=(shock,))
