"""Geometric Brownian motion against its moments; 4 standard errors."""

import numpy as np
import pytest

from headframe.processes.gbm import GBM
from headframe.units import DAY_S, YEAR_S

DAYS = 60
T = DAYS * DAY_S / YEAR_S


@pytest.mark.parametrize("step_s", [DAY_S / 4, DAY_S, 10 * DAY_S])
def test_gbm_is_stepped_exactly_at_any_step(end, within, step_s):
    eth = GBM(name="eth_usd", start=2000.0, drift=0.4, volatility=0.8)
    last = end([eth], round(DAYS * DAY_S / step_s), step_s=step_s, n_paths=40_000)["eth_usd"]
    logs = np.log(last / 2000.0)
    within(logs, (0.4 - 0.32) * T)
    within((logs - logs.mean()) ** 2, 0.64 * T)
    within(last, eth.expectation(DAYS * DAY_S)["eth_usd"])
