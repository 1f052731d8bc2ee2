"""Stochastic variance against Heston's moments; 4 standard errors and, where said, the scheme."""

import math

import numpy as np
import pytest

from headframe.processes.gbm import GBM
from headframe.processes.heston import Heston
from headframe.units import DAY_S, YEAR_S

DAYS = 60
T = DAYS * DAY_S / YEAR_S


def heston(**changes):
    usual = {
        "start_variance": 0.9,
        "long_variance": 0.4,
        "reversion": 6.0,
        "variance_volatility": 1.2,
        "rho": -0.5,
    }
    return Heston(name="eth_usd", start=100.0, drift=0.2, **(usual | changes))


def test_heston_moments(end, within):
    process = heston()
    now = end([process], DAYS, n_paths=60_000)
    within(now["eth_usd"], process.expectation(DAYS * DAY_S)["eth_usd"])
    # Euler's own mean: (1 - k dt) a step; truncation acts on few paths, 0.3 % is allowed for it
    held = (1.0 - 6.0 / 365.0) ** DAYS
    mean = 0.4 + 0.5 * held
    within(now["eth_usd_variance"], mean, bias=0.003 * mean)
    assert mean == pytest.approx(process.mean_variance(DAYS * DAY_S), rel=0.01)
    # E[ln S] = ln S0 + mu T - E[int v] / 2, with the sum that Euler takes for the integral
    integral = sum(0.4 + 0.5 * (1.0 - 6.0 / 365.0) ** k for k in range(DAYS)) / 365.0
    within(np.log(now["eth_usd"] / 100.0), 0.2 * T - 0.5 * integral, bias=0.003 * integral)


def test_heston_variance_of_variance(end, within):
    # Var v(T) = xi^2 [v0 (e^-kT - e^-2kT) / k + theta (1 - e^-kT)^2 / (2 k)]
    process = heston(variance_volatility=0.6)
    v = end([process], DAYS, n_paths=60_000)["eth_usd_variance"]
    e = math.exp(-6.0 * T)
    expected = 0.36 * (0.9 * (e - e * e) / 6.0 + 0.4 * (1.0 - e) ** 2 / 12.0)
    within((v - v.mean()) ** 2, expected, bias=0.01 * expected)


def test_heston_shocks_have_the_correlation_asked_for(walk):
    ticks = walk([heston(variance_volatility=0.5)], 1, n_paths=40_000)
    first = next(ticks)
    price0, variance0 = first["eth_usd"].copy(), first["eth_usd_variance"].copy()
    now = next(ticks)
    moved = np.log(now["eth_usd"] / price0), now["eth_usd_variance"] - variance0
    assert np.corrcoef(*moved)[0, 1] == pytest.approx(-0.5, abs=4.0 * 0.75 / math.sqrt(40_000))


def test_heston_correlates_with_other_prices_as_asked(end):
    btc = GBM(name="btc_usd", start=1.0, volatility=0.6)
    pairs = {("eth_usd", "btc_usd"): 0.7}
    now = end([heston(), btc], 1, n_paths=40_000, correlations=pairs)
    logs = np.log(now["eth_usd"]), np.log(now["btc_usd"])
    assert np.corrcoef(*logs)[0, 1] == pytest.approx(0.7, abs=4.0 * 0.51 / math.sqrt(40_000))


def test_heston_variance_never_shows_negative(walk):
    wild = heston(variance_volatility=4.0, long_variance=0.1)
    assert min(now["eth_usd_variance"].min() for now in walk([wild], 60, n_paths=2_000)) >= 0.0
