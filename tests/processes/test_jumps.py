"""Jump diffusion against its moments; 4 standard errors."""

import math

import numpy as np

from headframe.processes.gbm import GBM
from headframe.processes.jumps import Jumps
from headframe.units import DAY_S, YEAR_S

DAYS = 60
T = DAYS * DAY_S / YEAR_S


def jumpy(**changes):
    usual = {"drift": 0.3, "volatility": 0.5, "jumps_per_year": 12.0}
    sizes = {"jump_mean": -0.1, "jump_sd": 0.15}
    return Jumps(name="eth_usd", start=100.0, **(usual | sizes | changes))


def test_jumps_keep_the_mean_and_add_their_variance(end, within):
    process = jumpy()
    last = end([process], DAYS, n_paths=100_000)["eth_usd"]
    within(last, process.expectation(DAYS * DAY_S)["eth_usd"])
    logs = np.log(last / 100.0)
    # at most one jump a step: a Bernoulli sum, with mean p m and variance p (m^2 + d^2) - (p m)^2
    p = 1.0 - math.exp(-12.0 / 365.0)
    growth = math.exp(-0.1 + 0.5 * 0.15**2) - 1.0
    drift = (0.3 - 0.125) * T - DAYS * math.log1p(p * growth)
    within(logs, drift - DAYS * p * 0.1)
    variance = 0.25 * T + DAYS * (p * (0.01 + 0.0225) - (p * 0.1) ** 2)
    within((logs - logs.mean()) ** 2, variance)


def test_jumps_come_as_often_as_they_should(walk):
    process = jumpy(volatility=0.0, jump_sd=0.0)
    before, count, n = None, 0, 20_000
    for now in walk([process], 30, n_paths=n):
        if before is not None:
            count += int((np.log(now["eth_usd"] / before) < -0.05).sum())
        before = now["eth_usd"].copy()
    p = 1.0 - math.exp(-12.0 / 365.0)
    assert abs(count - 30 * n * p) < 4.0 * math.sqrt(30 * n * p)


def test_jumps_without_jumps_are_gbm(end):
    gbm = GBM(name="eth_usd", start=100.0, drift=0.3, volatility=0.5)
    calm = end([jumpy(jumps_per_year=0.0)], DAYS, n_paths=1000)["eth_usd"].copy()
    plain = end([gbm], DAYS, n_paths=1000)["eth_usd"]
    assert np.abs(calm / plain - 1.0).max() < 1e-12
