"""Chains block by block: arrivals are exact, hoppers obey their rule, stretches join seamlessly."""

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.kernels.difficulty_race import HOPPING, LEVEL, SOLVE_S, TARGET
from headframe.studies import chain_race
from headframe.studies.chain_race import ALGORITHMS, MINERS, Miners, stretches


def played(algorithm, miners, n_blocks, **more):
    """Times and rows of a whole chain."""
    parts = [
        (times.copy(), rows.copy())
        for times, rows in stretches(algorithm, miners, n_blocks=n_blocks, **more)
    ]
    return np.concatenate([t for t, _ in parts]), np.concatenate([r for _, r in parts], axis=1)


def work_until(t_s, knots_s, levels):
    """Integral of the hash rate from 0: linear between its knots."""
    sums = np.concatenate([[0.0], np.cumsum(np.diff(knots_s) * levels[:-1])])
    place = np.searchsorted(knots_s, t_s, side="right") - 1
    return sums[place] + (t_s - knots_s[place]) * levels[place]


def test_a_block_takes_an_exponential_amount_of_work_whatever_the_hash_rate_does():
    asert = ALGORITHMS["asert"]
    random = np.random.default_rng(11)
    knots_s = np.concatenate([[0.0], np.cumsum(random.exponential(400, 60_000))])
    levels = np.exp(random.normal(0, 0.5, knots_s.size))
    _, rows = played(asert, MINERS["constant"], 30_000, table=(knots_s, levels))
    done = np.diff(work_until(np.cumsum(rows[SOLVE_S]), knots_s, levels), prepend=0.0)
    draws = done * rows[TARGET] / asert.spacing_s
    # Hoppers multiply whatever the others do.
    hoppers = Miners(name="hoppers", hopper_size=3.0, join=1.1, leave=1.3)
    _, mixed = played(asert, hoppers, 30_000, table=(knots_s, levels))
    done = np.diff(work_until(np.cumsum(mixed[SOLVE_S]), knots_s, levels), prepend=0.0)
    many = 1.0 + 3.0 * mixed[HOPPING]
    assert 0.05 < mixed[HOPPING].mean() < 0.95
    np.testing.assert_allclose(
        done * many * mixed[TARGET] / asert.spacing_s, draws, rtol=1e-5, atol=1e-8
    )
    # The same chain of draws under a constant hash rate, where work is time.
    _, plain = played(asert, MINERS["constant"], 30_000)
    same = plain[SOLVE_S] * plain[TARGET] / asert.spacing_s
    np.testing.assert_allclose(draws, same, rtol=1e-6, atol=1e-9)
    # Exponential with mean 1: each figure within 4 standard errors, 1 / sqrt(30,000) = 0.0058.
    assert abs(draws.mean() - 1) < 4 * 0.0058
    assert abs((draws > 1).mean() - np.exp(-1)) < 4 * 0.0028
    assert abs((draws > 3).mean() - np.exp(-3)) < 4 * 0.0013
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 4 * 0.0058


def test_hoppers_join_when_it_is_easy_and_leave_when_it_is_not():
    miners = Miners(name="hoppers", hopper_size=2.0, join=1.0, leave=1.2)
    _, rows = played(ALGORITHMS["cw-144"], miners, 20_000)
    joined, expected = False, []
    for target in rows[TARGET].tolist():
        joined = 1.0 / target <= (1.2 if joined else 1.0)
        expected.append(float(joined))
    assert rows[HOPPING].tolist() == expected
    assert rows[LEVEL].tolist() == [3.0 if on else 1.0 for on in expected]
    assert 0.1 < np.mean(expected) < 0.9


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_chain_does_not_depend_on_the_stretches_that_it_is_played_in(name, monkeypatch):
    _, whole = played(ALGORITHMS[name], MINERS["oscillating"], 9_001)
    monkeypatch.setattr(chain_race, "STRETCH", 1_777)
    _, parts = played(ALGORITHMS[name], MINERS["oscillating"], 9_001)
    # Sums of work are begun anew, and ASERT's anchor moves: rounding, and nothing else.
    for row in (TARGET, SOLVE_S, LEVEL, HOPPING):
        np.testing.assert_allclose(parts[row], whole[row], rtol=1e-9, atol=1e-9)


def test_header_times_are_true_times_in_whole_seconds():
    times, rows = played(ALGORITHMS["zcash"], MINERS["constant"], 5_000)
    assert times.tolist() == np.floor(np.cumsum(rows[SOLVE_S])).astype(int).tolist()
    times, rows = played(ALGORITHMS["ethereum"], MINERS["constant"], 5_000)
    assert np.diff(times).min() == 1  # a block's time is after its parent's


def test_luck_belongs_to_seed_and_chain_and_not_to_the_algorithm():
    def luck(name, **more):
        algorithm = ALGORITHMS[name]
        _, rows = played(algorithm, MINERS["constant"], 2_000, **more)
        return rows[SOLVE_S] * rows[TARGET] / algorithm.spacing_s

    assert luck("dash") == pytest.approx(luck("bitcoin"), rel=1e-9)
    assert abs(np.corrcoef(luck("dash"), luck("dash", chain=1))[0, 1]) < 4 / 2_000**0.5
    assert abs(np.corrcoef(luck("dash"), luck("dash", seed=2))[0, 1]) < 4 / 2_000**0.5


def test_a_hash_rate_grows_at_its_rate():
    knots_s, levels = MINERS["growing"].table(31_536_000.0, chain=0, seed=1)
    year = np.interp([0.0, 31_536_000.0], knots_s, np.log(levels))
    assert year[1] - year[0] == pytest.approx(0.75, rel=1e-9)


def test_a_hash_rate_follows_its_price_with_a_lag():
    # Far behind the price it is smooth, close behind it moves as the price does: sd 0.8 a year.
    slow, fast = (Miners(name="p", volatility=0.8, lag_s=lag) for lag in (86_400.0 * 30, 3_600.0))
    lively = []
    for miners in (slow, fast):
        knots_s, levels = miners.table(86_400.0 * 365, chain=3, seed=5)
        day = np.interp(np.arange(365) * 86_400.0, knots_s, np.log(levels))
        lively.append(float(np.diff(day).std() * 365**0.5))
    assert lively[0] < 0.2
    # 364 daily returns: standard error 0.8 / sqrt(2 * 364) = 0.03; the lag takes some 4 % off.
    assert lively[1] == pytest.approx(0.78, abs=4 * 0.03)


def test_numbers_can_be_changed_where_the_rule_has_them():
    assert ALGORITHMS["lwma"].tuned(spacing_s=120, window=90).memory == 90
    assert ALGORITHMS["asert"].tuned(spacing_s=60, half_life_s=3_600).memory == 90
    assert ALGORITHMS["bitcoin"].tuned(window=9, half_life_s=9) == ALGORITHMS["bitcoin"]
    assert ALGORITHMS["ethereum"].tuned(spacing_s=60) == ALGORITHMS["ethereum"]
    for bad in ({"spacing_s": 0}, {"window": 2}, {"window": 5_000}):
        with pytest.raises(InputError, match="is not allowed"):
            ALGORITHMS["lwma"].tuned(**bad)
    with pytest.raises(InputError, match="--half-life"):
        ALGORITHMS["asert"].tuned(half_life_s=0)


@pytest.mark.parametrize(
    "bad",
    [
        {"hopper_size": -1.0},
        {"hopper_size": 1.0, "join": 1.2, "leave": 1.1},
        {"volatility": -0.1},
        {"lag_s": 0.0},
    ],
)
def test_impossible_miners_are_refused(bad):
    with pytest.raises(InputError):
        Miners(name="bad", **bad)
