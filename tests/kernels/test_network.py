"""The chain's kernel against the consensus rules, on draws that are written by hand."""

import numba
import numpy as np
import pytest

from headframe.exact.bitcoin import subsidy_sat
from headframe.kernels import network as kernel
from headframe.layout import record

HASHES = 1e18 / 2**32
WIRE = {
    "blocks_per_eh_s": HASHES,
    "z": 0,
    "first": 1,
    "within": 2,
    "hash_rate": 0,
    "difficulty": 1,
    "mean_difficulty": 2,
    "height": 3,
    "blocks": 4,
    "issued": 5,
    "subsidy": 6,
}


def chain(n_paths, *, height, difficulty, found, first_s=0.0):
    state = np.zeros((11, n_paths))
    state[kernel.HEIGHT], state[kernel.DIFFICULTY] = height, difficulty
    state[kernel.FOUND], state[kernel.FIRST_S] = found, first_s
    return state


def step(state, eh_s, *, t_s, dt_s=86_400.0, z=0.0, first=0.5, within=0.5):
    n = state.shape[1]
    now = np.zeros((7, n))
    now[0] = eh_s
    draws = np.empty((3, n))
    draws[0], draws[1], draws[2] = z, first, within
    kernel.mine_blocks(state, draws, now, t_s, record(dt_s=dt_s, **WIRE))
    return now


@pytest.mark.parametrize(
    "height", [0, 1, 209_999, 210_000, 839_999, 840_000, 840_001, 6_929_999, 6_930_000]
)
def test_subsidy_is_the_consensus_one(height):
    found = numba.njit(lambda h: kernel.subsidy_sat(h))(float(height))
    assert found == subsidy_sat(height)


def test_subsidy_at_every_halving_and_beside_it():
    sat = numba.njit(lambda h: kernel.subsidy_sat(h))
    for height in range(210_000, 33 * 210_000, 210_000):
        for near in (height - 1, height, height + 1):
            assert sat(float(near)) == subsidy_sat(near)


def test_a_period_at_twice_the_hash_rate_ends_in_half_the_time_and_doubles_the_difficulty():
    difficulty = 1e12
    eh_s = 2.0 * difficulty / (HASHES * 600.0)
    # the whole period is ahead: its first block comes at once, its Gamma variate is its mean
    state = chain(1, height=2015, difficulty=difficulty, found=0)
    total, ended_s = 0.0, None
    for day in range(1, 9):
        now = step(state, eh_s, t_s=day * 86_400.0, first=1.0 - 1e-15)
        total += now[4, 0]
        assert now[3, 0] == 2015 + total
        if now[1, 0] != difficulty and ended_s is None:
            ended_s, at_day = state[kernel.LAST_S, 0], day
    assert at_day == 7
    # Wilson and Hilferty's median of a Gamma(2015) is 2015 - 1/3
    assert ended_s == pytest.approx((2015.0 - 1.0 / 3.0) * 300.0, rel=1e-6)
    assert now[1, 0] / difficulty == pytest.approx(1_209_600.0 / ended_s, rel=1e-6)


def test_the_mean_difficulty_is_harmonic_across_a_retarget():
    difficulty = 1e12
    eh_s = difficulty / (HASHES * 600.0)
    state = chain(1, height=4030 - 72, difficulty=difficulty, found=1943, first_s=-1_500_000.0)
    now = step(state, eh_s, t_s=86_400.0, z=0.0)
    ended_s, after = state[kernel.LAST_S, 0], now[1, 0]
    assert 0.0 < ended_s < 86_400.0
    assert after == pytest.approx(difficulty * 1_209_600.0 / (ended_s + 1_500_000.0), rel=1e-12)
    harmonic = 86_400.0 / (ended_s / difficulty + (86_400.0 - ended_s) / after)
    assert now[2, 0] == pytest.approx(harmonic, rel=1e-12)
    # the retarget changes nothing about what has been found before it
    assert now[3, 0] - (4030 - 72) == now[4, 0] == 73 + state[kernel.FOUND, 0]


@pytest.mark.parametrize(("speed", "clamped"), [(100.0, 4.0), (0.2, 0.25)])
def test_a_retarget_is_clamped_to_a_factor_of_four(speed, clamped):
    difficulty = 1e12
    eh_s = speed * difficulty / (HASHES * 600.0)
    state = chain(1, height=2015, difficulty=difficulty, found=0)
    t_s = 0.0
    while state[kernel.DIFFICULTY, 0] == difficulty:
        t_s += 3_600.0
        step(state, eh_s, t_s=t_s, dt_s=3_600.0)
    assert state[kernel.DIFFICULTY, 0] == difficulty * clamped


def test_a_halving_inside_a_step_splits_its_issuance():
    difficulty = 1e12
    eh_s = difficulty / (HASHES * 600.0)
    # 839,999 is the last block of the old subsidy; 100 of this step's blocks come before it
    height = 839_999 - 100
    state = chain(1, height=height, difficulty=difficulty, found=(height + 1) % 2016)
    now = step(state, eh_s, t_s=86_400.0)
    blocks = now[4, 0]
    assert blocks > 100
    assert now[5, 0] == pytest.approx(100 * 6.25 + (blocks - 100) * 3.125, abs=1e-9)
    assert now[6, 0] == 3.125


def test_no_hash_rate_no_blocks():
    state = chain(3, height=1000, difficulty=1e6, found=1001)
    now = step(state, 0.0, t_s=86_400.0)
    assert (now[4] == 0.0).all()
    assert (now[2] == 1e6).all()


def test_two_periods_in_a_step_are_both_counted():
    difficulty = 1e12
    eh_s = 500.0 * difficulty / (HASHES * 600.0)
    state = chain(1, height=2015, difficulty=difficulty, found=0)
    now = step(state, eh_s, t_s=86_400.0)
    # each retarget is held to four times: 1, 4, 16 ... until a day is too short for a period
    work, level, whole = 72_000.0, 1.0, 0
    while work > 2016.0 * level:
        work -= 2016.0 * level
        level *= 4.0
        whole += 1
    assert whole == 3
    assert now[1, 0] == difficulty * 4.0**whole
    assert now[4, 0] == pytest.approx(whole * 2016 + work / level, rel=0.01)
