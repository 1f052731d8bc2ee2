"""
Sources of expected values: the tables of Nakamoto's section 11 and Rosenfeld's section 5, the beta
identity of Grunspan and Perez-Marco, a simulated race, and, for the break-even value, exact
probabilities of attackers who give up at a fixed deficit.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import double_spend
from headframe.errors import InputError

SHARES = (0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45)


def test_the_examples_run():
    outcome = doctest.testmod(double_spend)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("share", "confirmations", "table"),
    [
        (
            0.1,
            range(11),
            [
                1.0,
                0.2045873,
                0.0509779,
                0.0131722,
                0.0034552,
                0.0009137,
                0.0002428,
                0.0000647,
                0.0000173,
                0.0000046,
                0.0000012,
            ],
        ),
        (
            0.3,
            range(0, 55, 5),
            [
                1.0,
                0.1773523,
                0.0416605,
                0.0101008,
                0.0024804,
                0.0006132,
                0.0001522,
                0.0000379,
                0.0000095,
                0.0000024,
                0.0000006,
            ],
        ),
    ],
)
def test_nakamotos_table(share, confirmations, table):
    found = [double_spend.nakamoto_probability(z, attacker_share=share) for z in confirmations]
    assert found == pytest.approx(table, abs=5.1e-8)


def test_rosenfelds_table():
    exact = [double_spend.rosenfeld_probability(n, attacker_share=0.1) for n in range(1, 7)]
    assert exact == pytest.approx([0.20, 0.056, 0.01712, 0.00546, 0.00178, 0.00059], abs=5e-6)
    assert double_spend.rosenfeld_probability(6, attacker_share=0.3) == pytest.approx(
        0.15645, abs=5e-6
    )


def test_confirmations_for_a_risk_of_one_in_a_thousand():
    nakamoto = [
        double_spend.confirmations_for_risk(
            1e-3, attacker_share=q, probability=double_spend.nakamoto_probability
        )
        for q in SHARES
    ]
    assert nakamoto == [5, 8, 11, 15, 24, 41, 89, 340]
    exact = [double_spend.confirmations_for_risk(1e-3, attacker_share=q) for q in SHARES]
    assert exact == [6, 9, 13, 20, 32, 58, 133, 539]


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.45, 0.499])
def test_sum_and_beta_function_are_one(share):
    for n in (0, 1, 2, 6, 50, 400):
        exact = double_spend.rosenfeld_probability(n, attacker_share=share)
        assert double_spend.beta_probability(n, attacker_share=share) == pytest.approx(
            exact, rel=1e-9, abs=1e-300
        )


def test_against_rosenfelds_own_sum():
    for n, q in ((3, 0.2), (8, 0.35)):
        p = 1.0 - q
        lost = sum(math.comb(m + n - 1, m) * (p**n * q**m - p**m * q**n) for m in range(n + 1))
        assert double_spend.rosenfeld_probability(n, attacker_share=q) == pytest.approx(1.0 - lost)


def test_against_a_race():
    """4 standard errors; a race 60 blocks behind counts as lost (chance (q/p)^60 < 1e-10)."""
    q, n, n_races, rng = 0.3, 4, 100_000, np.random.default_rng(2)
    ours = rng.negative_binomial(n, 1.0 - q, size=n_races)
    gap, running = n - ours, np.ones(n_races, dtype=bool)
    while np.any(running := (gap > 0) & (gap < 60)):
        gap = gap - np.where(running, np.where(rng.random(n_races) < q, 1, -1), 0)
    won = (gap <= 0).mean()
    chance = double_spend.rosenfeld_probability(n, attacker_share=q)
    assert abs(won - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / n_races)


def break_even_at_fixed_deficit(n, q, deficit, *, n_steps=3_000):
    """Value at which an attacker breaks even who gives up when `deficit` behind; exact forwards."""
    state, win, wasted = {(0, 0): 1.0}, 0.0, 0.0
    for _ in range(n_steps):
        after = {}
        for (own, honest), chance in state.items():
            for step, likely in (((1, 0), q), ((0, 1), 1.0 - q)):
                at = (own + step[0], honest + step[1])
                if at[1] >= n and at[0] >= at[1]:
                    win += chance * likely
                elif at[1] - at[0] >= deficit:
                    wasted += chance * likely * (at[0] + 1)
                elif chance * likely > 1e-13:
                    after[at] = after.get(at, 0.0) + chance * likely
        state = after
    return wasted / win


@pytest.mark.parametrize(("n", "q"), [(1, 0.1), (2, 0.3), (4, 0.2)])
def test_best_play_needs_less_than_any_fixed_deficit_and_hardly_less_than_the_best(n, q):
    value = double_spend.break_even_blocks(n, attacker_share=q)
    fixed = [break_even_at_fixed_deficit(n, q, deficit, n_steps=400) for deficit in range(1, 9)]
    assert all(value <= other * (1.0 + 1e-6) for other in fixed)
    assert value > 0.9 * min(fixed)


def test_a_boundless_prize_is_worth_its_chance():
    for n, q in ((1, 0.1), (6, 0.3)):
        gain = double_spend._attack_gain(1e9, n, q) / 1e9
        assert gain == pytest.approx(
            double_spend.rosenfeld_probability(n, attacker_share=q), rel=1e-5
        )


def test_break_even_grows_with_depth_and_falls_with_hash_rate():
    depths = [double_spend.break_even_blocks(n, attacker_share=0.3) for n in (1, 2, 4, 8)]
    assert depths == sorted(depths)
    shares = [double_spend.break_even_blocks(3, attacker_share=q) for q in (0.1, 0.2, 0.3, 0.4)]
    assert shares == sorted(shares, reverse=True)
    assert double_spend.break_even_blocks(3, attacker_share=0.0) == math.inf


def test_confirmations_for_a_value():
    reward_usd = 200_000.0
    for value_usd in (1e4, 1e6, 3e7):
        n = double_spend.confirmations_for_value(
            value_usd, block_reward_usd=reward_usd, attacker_share=0.2
        )
        safe_usd = reward_usd * double_spend.break_even_blocks(n, attacker_share=0.2)
        assert safe_usd >= value_usd
        if n > 1:
            unsafe = double_spend.break_even_blocks(n - 1, attacker_share=0.2)
            assert reward_usd * unsafe < value_usd
    assert double_spend.confirmations_for_value(1e12, block_reward_usd=1.0, attacker_share=0.0) == 1


def test_bad_input_is_named():
    with pytest.raises(InputError, match="attacker_share"):
        double_spend.nakamoto_probability(6, attacker_share=0.5)
    with pytest.raises(InputError, match=r"at most 0\.48"):
        double_spend.break_even_blocks(6, attacker_share=0.49)
    with pytest.raises(InputError, match="confirmations"):
        double_spend.rosenfeld_probability(-1, attacker_share=0.1)
    with pytest.raises(InputError, match="risk"):
        double_spend.confirmations_for_risk(0.0, attacker_share=0.1)
    with pytest.raises(InputError, match="block_reward_usd"):
        double_spend.confirmations_for_value(1.0, block_reward_usd=0.0, attacker_share=0.1)
