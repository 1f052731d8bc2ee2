"""Gas: a price in gwei, and what transactions cost at the coin's price."""

import numpy as np
import pytest

from headframe.processes.gas import Gas
from headframe.processes.gbm import GBM
from headframe.scenarios.stress import Shock

ETH = GBM(name="eth_usd", start=2000.0, volatility=0.9)


def gas(**changes):
    usual = {"start_gwei": 40.0, "median_gwei": 10.0, "half_life_s": "2d", "volatility": 8.0}
    return Gas(name="mainnet_gas", units={"harvest": 350_000, "exit": 600_000}, **(usual | changes))


def test_a_cost_is_gas_times_price(walk):
    for now in walk([gas(), ETH], 5, n_paths=100):
        expected = now["mainnet_gas_gwei"] * 1e-9 * 350_000 * now["eth_usd"]
        assert np.allclose(now["mainnet_gas_usd_per_harvest"], expected, rtol=1e-14)
        ratio = now["mainnet_gas_usd_per_exit"] / now["mainnet_gas_usd_per_harvest"]
        assert np.allclose(ratio, 600 / 350, rtol=1e-14)


def test_known_cost_at_the_opening(walk):
    # 350,000 gas at 40 gwei and 2,000 USD an ether
    now = next(walk([gas(), ETH], 1, n_paths=1))
    assert now["mainnet_gas_usd_per_harvest"][0] == pytest.approx(28.0)


def test_gas_returns_to_its_median(end):
    gwei = end([gas(), ETH], 40)["mainnet_gas_gwei"]
    assert (gwei < 10.0).mean() == pytest.approx(0.5, abs=4.0 * 0.5 / np.sqrt(gwei.size))


def test_a_spike_reaches_what_it_is_laid_over(walk):
    shock = Shock(name="rush", kind="gas_spike", observable="mainnet_gas_usd_per_exit", at_s="2d")
    calm = [now["mainnet_gas_usd_per_exit"].copy() for now in walk([gas(), ETH], 4, n_paths=9)]
    rush = [
        now["mainnet_gas_usd_per_exit"].copy()
        for now in walk([gas(), ETH], 4, n_paths=9, shocks=(shock,))
    ]
    assert np.allclose(np.array(rush)[:, 0] / np.array(calm)[:, 0], [1.0, 1.0, 15.0, 15.0, 1.0])
