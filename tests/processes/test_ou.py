"""Ornstein-Uhlenbeck processes against their closed forms; 4 standard errors."""

import math

import numpy as np
import pytest

from headframe.processes.ou import OU, ExpOU, Utilisation
from headframe.units import DAY_S, YEAR_S


@pytest.mark.parametrize("step_s", [3_600.0, DAY_S, 3 * DAY_S])
def test_ou_moments_at_any_step(end, within, step_s):
    process = OU(name="eth_funding_apr", start=0.3, mean=0.1, half_life_s="4d", volatility=0.8)
    x = end([process], round(6 * DAY_S / step_s), step_s=step_s)["eth_funding_apr"]
    within(x, process.expectation(6 * DAY_S)["eth_funding_apr"])
    k = math.log(2.0) * 365.0 / 4.0
    variance = 0.64 * (1.0 - math.exp(-2.0 * k * 6.0 / 365.0)) / (2.0 * k)
    within((x - x.mean()) ** 2, variance)


def test_ou_autocorrelation_is_a_half_after_a_half_life(walk):
    process = OU(name="x", start=0.0, mean=0.0, half_life_s="4d", volatility=1.0)
    ticks = list(range(44))
    rows = [now["x"].copy() for now, _ in zip(walk([process], 44), ticks, strict=False)]
    found = np.corrcoef(rows[39], rows[43])[0, 1]
    assert found == pytest.approx(0.5, abs=4.0 * 0.75 / math.sqrt(20_000))


def test_exponential_ou_moments(end, within):
    process = ExpOU(name="turnover", start=0.4, median=0.1, half_life_s="3d", volatility=6.0)
    for days in (1, 60):
        x = end([process], days)["turnover"]
        within(x, process.expectation(days * DAY_S)["turnover"])
    k = math.log(2.0) * 365.0 / 3.0
    logs = np.log(x)
    within(logs, math.log(0.1), bias=1e-5)
    within((logs - logs.mean()) ** 2, 36.0 / (2.0 * k))
    assert process.expectation(YEAR_S)["turnover"] == pytest.approx(
        0.1 * math.exp(36.0 / (4.0 * k))
    )


def test_utilisation_is_a_share_with_the_median_given(end):
    process = Utilisation(
        name="usdc_pool_utilisation", start=0.5, median=0.85, half_life_s="3d", volatility=9.0
    )
    u = end([process], 60)["usdc_pool_utilisation"]
    assert u.min() > 0.0
    assert u.max() < 1.0
    below = (u < 0.85).mean()
    assert below == pytest.approx(0.5, abs=4.0 * 0.5 / math.sqrt(u.size))
    k = math.log(2.0) * 365.0 / 3.0
    logits = np.log(u / (1.0 - u))
    spread = 81.0 / (2.0 * k)
    assert logits.var() == pytest.approx(spread, abs=4.0 * spread * math.sqrt(2.0 / u.size))
