"""
Sources of expected values: shares and triggers computed elsewhere from the papers' equations, the
definition of a Nash equilibrium, and a simulation of reflected revenue.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import mining_equilibrium as equilibrium
from headframe.errors import InputError

CASES = [
    ({"discount": 0.15, "progress": 0.5, "growth": 0.05, "volatility": 0.8}, 1.0053456, 1.110455),
    ({"discount": 0.10, "progress": 0.3, "growth": 0.0, "volatility": 0.6}, 0.6149545, None),
]


def test_the_examples_run():
    outcome = doctest.testmod(equilibrium)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("costs", "shares"),
    [
        ([0.8, 1.0, 1.0], [0.428571, 0.285714, 0.285714]),
        ([0.5, 1.0, 1.0, 1.0], [0.571429, 0.142857, 0.142857, 0.142857]),
        ([1.0, 2.0, 0.5], [1 / 3, 0.0, 2 / 3]),
        ([1.0, 1.0], [0.5, 0.5]),
    ],
)
def test_oligopoly_shares(costs, shares):
    found = equilibrium.oligopoly(costs)
    assert found.shares == pytest.approx(shares, abs=5e-7)
    assert found.shares.sum() == pytest.approx(1.0)


def test_no_miner_gains_by_another_hash_rate():
    """Nash: a grid of unilateral deviations, for those who mine and for those who stay out."""
    rng, reward = np.random.default_rng(3), 900.0
    for _ in range(20):
        costs = rng.uniform(0.3, 2.0, size=rng.integers(2, 9))
        found = equilibrium.oligopoly(costs, reward=reward)
        total = found.hashrate.sum()
        income = reward * found.hashrate / total - costs * found.hashrate
        assert income == pytest.approx(found.profit, abs=1e-9)
        for i, cost in enumerate(costs):
            others = total - found.hashrate[i]
            tried = np.linspace(1e-9, 2.0 * total, 4_001)
            best = np.max(reward * tried / (tried + others) - cost * tried)
            assert best <= found.profit[i] + 1e-9


def test_arnosti_and_weinbergs_inequality():
    costs = np.array([0.5, 0.7, 0.9, 1.0])
    shares = equilibrium.oligopoly(costs).shares
    for i in np.flatnonzero(shares > 0.0):
        for j in range(4):
            least = equilibrium.least_share_of_rival(costs[i], rival_cost=costs[j])
            assert shares[j] >= least - 1e-12


def test_economies_of_scale():
    assert equilibrium.scale_economy_bounds(2.0) == (0.5, 2)
    assert equilibrium.scale_economy_bounds(1.5) == (pytest.approx(1 / 3), 3)
    assert equilibrium.scale_economy_bounds(1.1) == (pytest.approx(1 / 11), 11)


@pytest.mark.parametrize(("market", "trigger", "beta"), CASES)
def test_entry_trigger(market, trigger, beta):
    assert equilibrium.entry_trigger_ratio(**market) == pytest.approx(trigger, abs=5e-8)
    root = equilibrium.entry_beta(**market)
    if beta is not None:
        assert root == pytest.approx(beta, abs=5e-7)
    half, drift = market["volatility"] ** 2 / 2.0, market["growth"] + market["progress"]
    rate = market["discount"] + market["progress"]
    assert half * root * (root - 1.0) + drift * root - rate == pytest.approx(0.0, abs=1e-12)


def test_entry_without_progress_and_noise_pays_for_the_machine():
    trigger = equilibrium.entry_trigger_ratio(
        discount=0.1, progress=0.3, growth=0.0, volatility=1e-3
    )
    # Revenue falls at the rate of progress, at the ceiling all along: X / (r + a) = I.
    assert trigger == pytest.approx(0.4, abs=1e-4)


def test_machine_value_at_and_below_the_ceiling():
    market = CASES[1][0]
    x = np.array([1e-40, 0.3, 0.999999, 1.0])
    value = equilibrium.machine_value_ratio(x, **market)
    assert value[-1] == pytest.approx(1.0)
    assert (value[-1] - value[-2]) / 1e-6 == pytest.approx(0.0, abs=1e-5)
    assert np.all(np.diff(value) > 0.0)
    assert value[0] / x[0] == pytest.approx(0.6149545 / 0.1, rel=1e-3)


def simulated_values(market, *, dt_finest, n_paths, years, seed):
    """
    Worth at the trigger, per unit of investment, with steps of 16, 4 and 1 times the finest.

    Revenue in units of its falling ceiling, reflected there; the three share their noise.
    """
    rng = np.random.default_rng(seed)
    rate = market["discount"] + market["progress"]
    sigma = market["volatility"]
    drift = market["growth"] + market["progress"] - sigma**2 / 2.0
    trigger = equilibrium.entry_trigger_ratio(**market)
    steps = (16, 4, 1)
    log_x = np.zeros((3, n_paths))
    worth, noise = np.zeros((3, n_paths)), np.zeros((3, n_paths))
    for i in range(int(years / dt_finest)):
        fresh = rng.standard_normal(n_paths)
        for row, width in enumerate(steps):
            dt = width * dt_finest
            if i % width == 0:
                worth[row] += np.exp(log_x[row]) * np.exp(-rate * i * dt_finest) * dt
                noise[row] = 0.0
            noise[row] += fresh
            if (i + 1) % width == 0:
                step = drift * dt + sigma * np.sqrt(dt_finest) * noise[row]
                log_x[row] = np.minimum(0.0, log_x[row] + step)
    return trigger * worth


def test_reflected_revenue_pays_for_the_machine_at_rate_root_dt():
    """
    Errors of steps 16, 4, 1 fall by half each; extrapolated they vanish within the sampling error.
    """
    worth = simulated_values(CASES[1][0], dt_finest=0.01, n_paths=6_000, years=25.0, seed=7)
    error = worth.mean(axis=1) - 1.0
    assert 0.4 < (error[1] - error[2]) / (error[0] - error[1]) < 0.6
    # Of 25 years the discount leaves e^-10 = 5e-5 of the value out.
    extrapolated = 2.0 * worth[2] - worth[1]
    bound = 4.0 * extrapolated.std() / np.sqrt(extrapolated.size)
    assert abs(extrapolated.mean() - 1.0) < bound + 2e-3
    assert bound < 0.02


def test_free_entry_ratchets():
    revenue = np.array([10.0, 30.0, 20.0, 40.0])
    trigger = np.array([10.0, 10.0, 8.0, 5.0])
    hashrate = equilibrium.free_entry_hashrate(revenue, trigger=trigger, initial=2.0)
    assert hashrate == pytest.approx([2.0, 3.0, 3.0, 8.0])
    assert np.all(revenue / hashrate <= trigger + 1e-12)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="costs"):
        equilibrium.oligopoly([1.0])
    with pytest.raises(InputError, match="costs"):
        equilibrium.oligopoly([1.0, 0.0])
    with pytest.raises(InputError, match="discount"):
        equilibrium.entry_beta(discount=0.1, progress=0.3, growth=0.1, volatility=0.5)
    with pytest.raises(InputError, match="exponent"):
        equilibrium.scale_economy_bounds(1.0)
    with pytest.raises(InputError, match="revenue_to_trigger"):
        equilibrium.machine_value_ratio(1.5, **CASES[1][0])
