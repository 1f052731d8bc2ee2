"""
Sources of expected values: the table of Sapirshtein, Sompolinsky and Zohar (branches up to 95, five
digits cut off), bounds computed elsewhere with a sparse solver, their thresholds 0.3294 and 0.2321,
the limit alpha / (1 - alpha), and a simulation of the policy found.
"""

import doctest
import math
import time

import numpy as np
import pytest

from headframe.analytics import optimal_selfish_mining as optimal
from headframe.analytics.optimal_selfish_mining import Action, Fork
from headframe.analytics.selfish_mining import selfish_revenue_share
from headframe.errors import InputError

PAPER_LENGTH = 95
ELSEWHERE = {
    0.0: {1 / 3: 0.33705, 0.35: 0.37077, 0.375: 0.42600, 0.4: 0.48864},
    0.5: {1 / 3: 0.39183, 0.35: 0.43018, 0.375: 0.49620, 0.4: 0.57251},
}
ELSEWHERE_LOWER = {0.0: {0.425: 0.56797, 0.45: 0.66840, 0.475: 0.79981}, 0.5: {0.45: 0.75964}}


def test_the_examples_run():
    outcome = doctest.testmod(optimal)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("alpha", "share"),
    [
        (1 / 3, 0.33705),
        (0.35, 0.37077),
        (0.375, 0.42600),
        (0.4, 0.48866),
        (0.425, 0.56808),
        (0.45, 0.66891),
        (0.475, 0.80172),
    ],
)
def test_the_papers_table(alpha, share):
    found = optimal.truncated_revenue_share(
        alpha, gamma=0.0, max_length=PAPER_LENGTH, tail="forced"
    )
    assert share <= found < share + 1e-5


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_converged_in_the_truncation_up_to_two_fifths(gamma):
    for alpha, share in ELSEWHERE[gamma].items():
        bounds = optimal.optimal_revenue_share(alpha, gamma=gamma)
        assert 0.0 <= bounds.upper - bounds.lower < 1e-4
        assert bounds.lower == pytest.approx(share, abs=5e-5)
        longer = optimal.optimal_revenue_share(alpha, gamma=gamma, max_length=120)
        assert abs(longer.lower - bounds.lower) < 1e-6


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_bounds_above_two_fifths_hold_the_truth(gamma):
    for alpha, forced in ELSEWHERE_LOWER[gamma].items():
        short, long = (
            optimal.optimal_revenue_share(alpha, gamma=gamma, max_length=n) for n in (40, 80)
        )
        # Longer branches tighten both ends; a lower bound found elsewhere is below the upper one.
        assert short.lower <= long.lower + 1e-8
        assert long.lower < long.upper <= short.upper + 1e-8
        assert forced - 1e-5 <= long.lower
        assert long.upper - long.lower < 5e-3


def test_the_lower_bound_is_what_longer_forced_truncations_grow_to():
    lower = optimal.optimal_revenue_share(0.45, gamma=0.0).lower
    forced = [
        optimal.truncated_revenue_share(0.45, gamma=0.0, max_length=n, tail="forced")
        for n in (80, 160, 320)
    ]
    assert forced[0] < forced[1] < forced[2] <= lower + 1e-7
    assert lower - forced[2] < 5e-5


@pytest.mark.parametrize("ties", ["first_seen", "random"])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.35, 0.0), (0.44, 0.0), (0.4, 0.5)])
def test_the_over_payment_is_one_for_every_state(alpha, gamma, ties):
    """Worth of all states up to 40, followed up to 200, is between the two ends, at the root."""
    share = optimal.truncated_revenue_share(
        alpha, gamma=gamma, max_length=200, tail="run_down", ties=ties
    )
    game = {
        tail: optimal._Game.of(alpha, gamma=gamma, max_length=200, tail=tail, ties=ties)
        for tail in ("run_down", "over_paid")
    }
    worth = game["run_down"].solve(share)[0][:, :40, :40]
    slack = 1e-6
    assert np.all(worth <= game["over_paid"]._edge(share)[:40, :40] + slack)
    assert np.all(worth >= game["run_down"]._edge(share)[:40, :40] - slack)


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.4, 0.45])
def test_a_perfect_network_position_takes_alpha_over_the_rest(alpha):
    bounds = optimal.optimal_revenue_share(alpha, gamma=1.0)
    assert bounds.lower == pytest.approx(alpha / (1.0 - alpha), abs=1e-7)
    assert bounds.upper == pytest.approx(alpha / (1.0 - alpha), abs=1e-7)


def test_never_below_eyal_and_sirer_nor_honest_mining():
    for alpha in (0.0, 0.1, 0.25, 0.32, 0.36, 0.44):
        for gamma in (0.0, 0.3, 0.9):
            lower = optimal.optimal_revenue_share(alpha, gamma=gamma, max_length=40).lower
            known = max(alpha, float(selfish_revenue_share(alpha, gamma=gamma)))
            assert known - 1e-8 <= lower <= alpha / (1.0 - alpha)


def test_thresholds():
    assert optimal.optimal_threshold(0.0) == pytest.approx(0.3294, abs=1e-4)
    assert optimal.optimal_threshold(0.5, ties="random") == pytest.approx(0.2321, abs=1e-4)
    assert optimal.optimal_threshold(1.0) == pytest.approx(0.0, abs=1e-4)
    assert optimal.optimal_threshold(0.5) == pytest.approx(0.25, abs=1e-4)


def test_policy_of_the_smallest_states():
    policy = optimal.optimal_policy(0.35, gamma=0.0, max_length=30)
    assert policy.shape == (3, 30, 30)
    assert policy[Fork.IRRELEVANT, 1, 0] == Action.WAIT
    assert policy[Fork.RELEVANT, 0, 1] == Action.ADOPT
    assert policy[Fork.RELEVANT, 2, 1] == Action.OVERRIDE
    matching = optimal.optimal_policy(0.35, gamma=0.5, max_length=30)
    assert matching[Fork.RELEVANT, 1, 1] == Action.MATCH


@pytest.mark.parametrize(("alpha", "gamma"), [(0.4, 0.0), (0.35, 0.5)])
def test_the_policy_earns_its_bound_in_a_simulation(alpha, gamma):
    """Own less share times all blocks: 0 within 4 standard errors, and the share within 3e-3."""
    policy = optimal.optimal_policy(alpha, gamma=gamma)
    share = optimal.optimal_revenue_share(alpha, gamma=gamma).lower
    own, others = played(policy, alpha, gamma, n_chains=2_000, n_blocks=2_000, seed=3)
    residual = own - share * (own + others)
    assert abs(residual.mean()) < 4.0 * residual.std() / math.sqrt(residual.size) + 2.0
    assert own.sum() / (own + others).sum() == pytest.approx(share, abs=3e-3)


def played(policy, alpha, gamma, *, n_chains, n_blocks, seed):
    """Blocks of attacker and others in the chain when a policy is played, per chain."""
    rng = np.random.default_rng(seed)
    a, h = np.zeros(n_chains, dtype=int), np.zeros(n_chains, dtype=int)
    fork = np.full(n_chains, int(Fork.IRRELEVANT))
    own, others = np.zeros(n_chains), np.zeros(n_chains)
    for _ in range(n_blocks):
        rim = len(policy[0]) - 1
        act = policy[fork, np.minimum(a, rim), np.minimum(h, rim)]
        run_down = np.where(a == h + 1, Action.OVERRIDE, np.where(a > h, Action.WAIT, Action.ADOPT))
        act = np.where((a > rim) | (h > rim), run_down, act)
        adopt, override = act == Action.ADOPT, act == Action.OVERRIDE
        racing = (act == Action.MATCH) | ((act == Action.WAIT) & (fork == Fork.ACTIVE) & (a >= h))
        others += np.where(adopt, h, 0)
        own += np.where(override, h + 1, 0)
        a = np.where(adopt, 0, np.where(override, a - h - 1, a))
        h = np.where(adopt | override, 0, h)
        ours, on_ours = rng.random(n_chains) < alpha, rng.random(n_chains) < gamma
        split = racing & ~ours & on_ours  # an honest block on our published branch settles it
        own += np.where(split, h, 0)
        a = np.where(ours, a + 1, np.where(split, a - h, a))
        h = np.where(ours, h, np.where(split, 1, h + 1))
        after_ours = np.where(racing, int(Fork.ACTIVE), int(Fork.IRRELEVANT))
        fork = np.where(ours, after_ours, int(Fork.RELEVANT))
    return own, others


def test_a_point_takes_no_more_than_seconds():
    optimal.optimal_revenue_share(0.3, gamma=0.5)  # compile
    start = time.perf_counter()
    optimal.optimal_revenue_share(0.45, gamma=0.5)
    assert time.perf_counter() - start < 5.0


def test_bad_input_is_named():
    with pytest.raises(InputError, match="alpha"):
        optimal.optimal_revenue_share(0.5, gamma=0.0)
    with pytest.raises(InputError, match="gamma"):
        optimal.optimal_revenue_share(0.4, gamma=-0.1)
    with pytest.raises(InputError, match="max_length"):
        optimal.optimal_revenue_share(0.4, gamma=0.0, max_length=3)
    with pytest.raises(InputError, match="ties"):
        optimal.optimal_revenue_share(0.4, gamma=0.0, ties="coin")
