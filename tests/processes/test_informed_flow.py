"""
A pool's volume taken apart, against an arbitrageur who trades block by block.

The arbitrageur of this test knows nothing of the formulas: at every block he buys or sells until
the pool's price stands a fee away from the market's, pays his fee, and keeps the rest.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.processes import informed_flow as module
from headframe.processes.constant import Constant
from headframe.processes.informed_flow import InformedFlow
from headframe.units import DAY_S, YEAR_S


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def arbitraged(*, sigma, fee, block_s, n_blocks, n_pools, seed=1):
    """
    Fees, profit and volume of an arbitrageur, as shares of a pool's value, a block.

    A pool of liquidity 1 at root price r holds 1/r and r: its value at the market's price m is
    m / r + r. Fees are paid on top of what he brings in and do not join the pool.
    """
    rng = np.random.default_rng(seed)
    market = np.zeros(n_pools)
    pool = np.zeros(n_pools)
    band = -math.log1p(-fee)
    fees = profit = volume = 0.0
    for block in range(n_blocks):
        market += sigma * math.sqrt(block_s / YEAR_S) * rng.standard_normal(n_pools)
        new = np.clip(pool, market - band, market + band)
        m, r, s = np.exp(market), np.exp(0.5 * pool), np.exp(0.5 * new)
        value = m / r + r
        brought = np.where(new > pool, s - r, (1.0 / s - 1.0 / r) * m)  # in quote, by market
        taken = np.where(new > pool, (1.0 / r - 1.0 / s) * m, r - s)
        paid = brought / (1.0 - fee)
        if block > n_blocks // 5:  # the distance from the market has become what it stays
            fees += float(np.mean((paid - brought) / value))
            profit += float(np.mean((taken - paid) / value))
            volume += float(np.mean(paid / value))
        pool = new
    counted = n_blocks - n_blocks // 5 - 1
    return fees / counted, profit / counted, volume / counted


@pytest.mark.parametrize(
    ("sigma", "fee", "block_s"),
    [(0.8, 0.003, 12.0), (0.8, 0.0005, 12.0), (1.2, 0.003, 300.0), (0.5, 0.01, 12.0)],
)
def test_an_arbitrageur_leaves_what_the_formula_says(sigma, fee, block_s):
    """
    Within 3 %: the fee's square, and the scatter of some five million blocks.

    Loss to him, fees back and volume are three of the process's numbers.
    """
    n_blocks = max(4_000, int(40.0 * (2.0 * fee) ** 2 / (sigma**2 * block_s / YEAR_S)))
    n_pools = max(200, 5_000_000 // n_blocks)
    fees, profit, volume = arbitraged(
        sigma=sigma, fee=fee, block_s=block_s, n_blocks=min(n_blocks, 12_000), n_pools=n_pools
    )
    loss = sigma**2 / 8.0 * block_s / YEAR_S
    flow = InformedFlow(name="flow", turnover=1e6, volatility=sigma, fee=fee, block_s=block_s)
    noise, share, kept = flow.parts(1e6, sigma)
    assert fees + profit == pytest.approx(loss, rel=0.03)
    assert fees / (fees + profit) == pytest.approx(float(kept), rel=0.03)
    assert volume == pytest.approx(1e6 * float(share) * block_s / DAY_S, rel=0.03)
    assert float(noise) == pytest.approx(1e6 * (1.0 - float(share)))


def test_all_volume_pays_its_fee_and_all_loss_is_taken():
    """Noise fees and what comes back are the fee on all volume: sigma^2/8 is lost besides."""
    flow = InformedFlow(name="flow", turnover=0.3, volatility=0.8, fee=0.003)
    noise, _, kept = flow.parts(0.3, 0.8)
    per_year = 0.003 * float(noise) * 365.0 + 0.8**2 / 8.0 * float(kept)
    assert per_year == pytest.approx(0.003 * 0.3 * 365.0, rel=1e-12)


def test_more_arbitrage_than_volume_leaves_no_noise():
    noise, share, kept = InformedFlow(name="flow", turnover=0.01, volatility=2.0).parts(0.01, 2.0)
    assert (float(noise), float(share)) == (0.0, 1.0)
    assert 0.0 < float(kept) < 1.0


@pytest.mark.parametrize("fee", [0.0, 0.003])
def test_a_price_that_stands_still_has_only_noise(fee):
    noise, share, kept = InformedFlow(name="f", turnover=0.2, volatility=0.0, fee=fee).parts(0.2, 0)
    assert (float(noise), float(share), float(kept)) == (0.2, 0.0, 1.0)


def test_what_it_publishes_is_what_it_says(end):
    flow = InformedFlow(name="pool", turnover="pool_daily_turnover", volatility=0.8)
    now = end([Constant(name="pool_daily_turnover", value=0.1), flow], 1, n_paths=2)
    parts = [now[name][0] for name in flow.publishes]
    assert parts == pytest.approx([float(part) for part in flow.parts(0.1, 0.8)])
