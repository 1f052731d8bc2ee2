"""Rates as processes: they follow the utilisation of now, and may be given a number instead."""

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.constant import Constant
from headframe.processes.ou import Utilisation
from headframe.processes.rates import AdaptiveRate, KinkedRate
from headframe.scenarios.stress import Shock
from headframe.units import DAY_S

CURVE = {"slope1_apr": 0.055, "slope2_apr": 0.4, "kink": 0.92, "reserve_factor": 0.1}
LENT = Utilisation(
    name="usdc_pool_utilisation", start=0.8, median=0.9, half_life_s="3d", volatility=9.0
)


def test_rates_follow_the_utilisation_of_now(walk):
    kinked = KinkedRate(name="usdc", utilisation=LENT.name, **CURVE)
    for now in walk([kinked, LENT], 10, n_paths=500):
        u = now[LENT.name]
        steep = 0.055 + 0.4 * (u - 0.92) / 0.08
        expected = np.where(u <= 0.92, 0.055 * u / 0.92, steep)
        assert np.abs(now["usdc_borrow_apr"] - expected).max() < 1e-14
        assert np.abs(now["usdc_supply_apr"] - expected * u * 0.9).max() < 1e-14


def test_a_number_serves_as_utilisation(end):
    now = end([KinkedRate(name="usdc", utilisation=0.8, **CURVE)], 1, n_paths=3)
    assert now["usdc_borrow_apr"] == pytest.approx(0.0478260869565217)


def test_a_full_market_asks_the_highest_rate_while_it_is_full(walk):
    shock = Shock(
        name="full", kind="full_utilisation", observable=LENT.name, at_s="3d", lasting_s="2d"
    )
    kinked = KinkedRate(name="usdc", utilisation=LENT.name, **CURVE)
    ticks = walk([LENT, kinked], 8, n_paths=200, shocks=(shock,))
    full = [bool((now["usdc_borrow_apr"] == 0.455).all()) for now in ticks]
    assert full == [False] * 3 + [True] * 2 + [True] + [False] * 3


def test_the_adaptive_rate_compounds_at_its_speed(walk):
    lent = Constant(name="usdc_pool_utilisation", value=1.0)
    rate = AdaptiveRate(name="usdc", utilisation=lent.name)
    target = [now["usdc_target_apr"][0] for now in walk([lent, rate], 10, n_paths=1)]
    assert target[0] == 0.04
    # exp(50 / 365) a day, but for the contract's exponential (2^q (1 + r + r^2 / 2))
    assert np.allclose(np.diff(np.log(target)), 50.0 * DAY_S / 31_536_000.0, rtol=0.005)


def test_in_equilibrium_the_adaptive_rate_rests(end):
    now = end([AdaptiveRate(name="usdc", utilisation=0.9, reserve_factor=0.25)], 30, n_paths=2)
    assert now["usdc_borrow_apr"] == pytest.approx(0.04)
    assert now["usdc_supply_apr"] == pytest.approx(0.04 * 0.9 * 0.75)


def test_a_start_outside_the_bounds_is_refused():
    with pytest.raises(ValidationError, match="between least_apr and most_apr"):
        AdaptiveRate(name="usdc", utilisation=0.9, start_target_apr=3.0)
