"""
Sources of expected values: Eyal and Sirer's threshold and figures from their equation 8 computed
elsewhere, Grunspan and Perez-Marco's ten weeks, and a simulation of the state machine.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import selfish_mining
from headframe.errors import InputError

WEEK_S = 604_800.0


def simulated(alpha, gamma, *, n_chains=2_000, n_blocks=2_000, seed=5):
    """
    Eyal and Sirer's pool, block by block: blocks of pool and others in the chain, per chain.

    `lead` is the private lead, `race` marks two published branches of one block each.
    """
    rng = np.random.default_rng(seed)
    lead, race = np.zeros(n_chains, dtype=int), np.zeros(n_chains, dtype=bool)
    pool, others = np.zeros(n_chains), np.zeros(n_chains)
    for _ in range(n_blocks):
        ours, on_ours = rng.random(n_chains) < alpha, rng.random(n_chains) < gamma
        pool += race & ours  # our second block on our branch wins the race
        pool += race  # and whoever extends our branch pays our first
        lost = race & ~ours & ~on_ours
        pool -= lost
        others += 2.0 * lost + (race & ~ours & on_ours)
        calm = ~race
        found_by_us, found_by_them = calm & ours, calm & ~ours
        others += found_by_them & (lead == 0)
        pool += 2.0 * (found_by_them & (lead == 2))
        pool += found_by_them & (lead > 2)
        race = found_by_them & (lead == 1)
        settled = found_by_them & (lead <= 2)
        lead = np.where(settled, 0, lead - (found_by_them & (lead > 2)) + found_by_us)
    return pool, others, n_blocks


def test_the_examples_run():
    outcome = doctest.testmod(selfish_mining)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("alpha", "gamma", "share"),
    [
        (1 / 3, 0.0, 0.333333),
        (0.25, 0.5, 0.25),
        (0.4, 0.0, 0.483721),
        (0.35, 0.5, 0.416034),
        (0.3, 1.0, 0.380622),
    ],
)
def test_revenue_share(alpha, gamma, share):
    assert selfish_mining.selfish_revenue_share(alpha, gamma=gamma) == pytest.approx(
        share, abs=5e-7
    )


def test_threshold():
    gamma = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    alpha = selfish_mining.selfish_threshold(gamma)
    assert alpha == pytest.approx([1 / 3, 0.3, 0.25, 1 / 6, 0.0])
    # At the threshold, and only there, selfish mining earns what honest mining does.
    assert selfish_mining.selfish_revenue_share(alpha, gamma=gamma) == pytest.approx(alpha)
    assert np.all(selfish_mining.selfish_revenue_share(alpha + 0.01, gamma=gamma) > alpha + 0.01)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.2, 0.9), (0.35, 0.0), (0.4, 0.5)])
def test_against_the_state_machine(alpha, gamma):
    """Share and growth: 4 standard errors over independent chains, plus 1e-3 for the start."""
    pool, others, n_blocks = simulated(alpha, gamma)
    share = selfish_mining.selfish_revenue_share(alpha, gamma=gamma)
    residual = pool - share * (pool + others)
    error = residual.std() / math.sqrt(residual.size)
    assert abs(residual.mean()) < 4.0 * error + 1e-3 * n_blocks
    assert abs(residual.mean()) / (pool + others).mean() < 2e-3
    growth = (pool + others) / n_blocks
    bound = 4.0 * growth.std() / math.sqrt(growth.size) + 1e-3
    assert abs(growth.mean() - selfish_mining.chain_growth(alpha)) < bound


def test_break_even_takes_ten_weeks_for_a_tenth_of_the_hash_rate():
    assert selfish_mining.break_even_s(0.1, gamma=0.9) / WEEK_S == pytest.approx(10.0, abs=0.5)


def test_break_even_is_where_the_two_incomes_meet():
    alpha, gamma = 0.4, 0.0
    time_s = selfish_mining.break_even_s(alpha, gamma=gamma)
    growth = selfish_mining.chain_growth(alpha)
    share = selfish_mining.selfish_revenue_share(alpha, gamma=gamma)
    first_s = 2016 * 600.0 / growth
    selfish = share * (2016 + (time_s - first_s) / 600.0)
    assert selfish == pytest.approx(alpha * time_s / 600.0)
    assert selfish_mining.break_even_s(0.3, gamma=0.0) == math.inf


def test_bad_input_is_named():
    with pytest.raises(InputError, match="alpha"):
        selfish_mining.selfish_revenue_share(0.5, gamma=0.0)
    with pytest.raises(InputError, match="gamma"):
        selfish_mining.selfish_threshold(1.1)
    with pytest.raises(InputError, match="period_blocks"):
        selfish_mining.break_even_s(0.4, gamma=0.0, period_blocks=0)
