"""Parity of the retarget on arrays with `exact.bitcoin`: bits exactly, floats within the bound."""

from fractions import Fraction

import numpy as np
import pytest

from headframe.exact import bitcoin
from headframe.kernels import bitcoin as kernels

ULP = 2.0**-53
T = kernels.MAINNET_TIMESPAN_S
# Where a branch turns: the clamps, the timespan itself, and one second to either side.
TURNS = [T // 4 - 1, T // 4, T // 4 + 1, T - 1, T, T + 1, 4 * T - 1, 4 * T, 4 * T + 1]


def drawn(n: int, seed: int = 2016):
    random = np.random.default_rng(seed)
    mantissa = random.integers(0x8000, 0x800000, n)
    mantissa[: n // 8] = random.choice(
        [0x8000, 0x8001, 0x7FFFFF, 0x7FFFFE, 0x1FFFFF, 0x20000], n // 8
    )
    bits = np.minimum(random.integers(5, 0x1E, n) << 24 | mantissa, kernels.MAINNET_LIMIT_BITS)
    span_s = np.where(
        random.random(n) < 0.7, random.integers(-T, 6 * T, n), random.choice(TURNS, n)
    )
    first_ts = random.integers(0, 2**32, n)
    return bits, first_ts, first_ts + span_s


@pytest.fixture(scope="module")
def paths():
    return drawn(20_000)


def test_next_bits_is_the_exact_rule_bit_for_bit(paths):
    bits, first_ts, last_ts = paths
    out = np.empty_like(bits)
    kernels.next_bits(bits, first_ts, last_ts, out)
    exact = [bitcoin.next_bits(*map(int, row)) for row in zip(*paths, strict=True)]
    assert out.tolist() == exact
    # The draw reaches every branch: shorter, same and longer length byte, and the limit.
    change = (out >> 24) - (bits >> 24)
    assert set(change.tolist()) == {-1, 0, 1}
    assert (out == kernels.MAINNET_LIMIT_BITS).any()


def test_next_bits_takes_another_chains_numbers(paths):
    rules = bitcoin.ChainParameters("other", 2**232 - 1, spacing_s=150, interval=2016)
    bits, first_ts, last_ts = paths
    out = bits.copy()
    kernels.next_bits(out, first_ts, last_ts, out, rules.timespan_s, rules.limit_bits)  # in place
    exact = [bitcoin.next_bits(*map(int, row), chain=rules) for row in zip(*paths, strict=True)]
    assert out.tolist() == exact


def test_next_difficulty_is_within_the_compact_forms_rounding(paths):
    bits, first_ts, last_ts = paths
    before, after = np.empty(bits.size), np.empty(bits.size)
    kernels.difficulty(bits, before)
    kernels.next_difficulty(before, first_ts.astype(float), last_ts.astype(float), after)
    exact = np.array([
        bitcoin.difficulty_for_display(bitcoin.next_bits(*map(int, row)))
        for row in zip(*paths, strict=True)
    ])  # fmt: skip
    ratio = exact / after
    assert ratio.min() >= 1 - 5 * ULP
    assert ratio.max() <= 1 / (1 - kernels.COMPACT_ROUNDING) + 5 * ULP
    # The bound is no looser than it need be: rounding by more than 0.9 of it does happen.
    assert ratio.max() > 1 + 0.9 * kernels.COMPACT_ROUNDING


def test_targets_are_exact_and_quotients_within_two_roundings(paths):
    bits = paths[0][:3000]
    target, difficulty, work = (np.empty(bits.size) for _ in range(3))
    kernels.target_from_compact(bits, target)
    kernels.difficulty(bits, difficulty)
    kernels.block_work(bits, work)
    for place, one in enumerate(bits.tolist()):
        assert int(target[place]) == bitcoin.target_from_compact(one)[0]
        exact = bitcoin.difficulty(one)
        assert abs(Fraction(difficulty[place]) - exact) <= 2 * Fraction(ULP) * 2 * exact
        hashes = bitcoin.block_work(one)
        assert abs(Fraction(work[place]) - hashes) <= 4 * Fraction(ULP) * hashes + 1


@pytest.mark.parametrize(
    ("bits", "first_ts", "last_ts", "expected"),
    [
        (0x1D00FFFF, 1261130161, 1262152739, 0x1D00D86A),
        (0x1D00FFFF, 1231006505, 1233061996, 0x1D00FFFF),
        (0x1C05A3F4, 1279008237, 1279297671, 0x1C0168FD),
        (0x1C387F6F, 1263163443, 1269211443, 0x1D00E1FD),
    ],
)
def test_cores_four_vectors(bits, first_ts, last_ts, expected):
    out = np.zeros(1, dtype=np.int64)
    kernels.next_bits(np.array([bits]), np.array([first_ts]), np.array([last_ts]), out)
    assert out[0] == expected


def test_under_constant_hash_rate_a_block_takes_600_5958_seconds():
    # Epochs of 2,016 exponential intervals, the difficulty by this rule from 2,015 of them.
    # Mean interval 1,209,600 / 2,014. Were epochs independent, 20,000 paths of 40 of them would
    # give a standard error of 600 / sqrt(800,000 * 2,016) = 0.015 s; it is less, because a long
    # epoch makes the next one short. The bound is four times that.
    random = np.random.default_rng(7)
    n_paths, n_epochs, burn_in = 20_000, 44, 4
    difficulty = np.full(n_paths, 1e6)
    start = np.zeros(n_paths)
    total_s = 0.0
    for epoch in range(n_epochs):
        pace_s = 600 * difficulty / 1e6
        inner_s = random.gamma(2015, pace_s)
        whole_s = inner_s + random.exponential(pace_s)
        kernels.next_difficulty(difficulty, start, inner_s, difficulty)
        if epoch >= burn_in:
            total_s += whole_s.mean()
    mean_s = total_s / (n_epochs - burn_in) / 2016
    assert abs(mean_s - 1_209_600 / 2014) < 4 * 0.015
    assert abs(mean_s - 600) > 8 * 0.015
