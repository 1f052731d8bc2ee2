"""Moments and sketches against NumPy on the same numbers, and their merges against each other."""

import numpy as np
import pytest

from headframe.metric import BLOCK, BlockMoments, Moments, Sketch, wilson

RNG = np.random.default_rng(7)


def moments_of(values, joint=(), paired=False):
    rows = [f"r{k}" for k in range(values.shape[0])]
    names = [rows[k] for k in joint]
    moments = Moments(rows, names)
    moments.add(BlockMoments.of(values, np.array(joint, np.int64), paired=paired))
    return moments


def test_mean_and_error_are_numpys():
    values = RNG.lognormal(size=(3, 5_300)) + 1e6
    moments = moments_of(values)
    for k in range(3):
        estimate = moments.estimate(f"r{k}")
        assert estimate.value == pytest.approx(values[k].mean(), rel=1e-14)
        assert estimate.se == pytest.approx(values[k].std(ddof=1) / np.sqrt(5_300), rel=1e-9)


def test_the_split_into_chunks_does_not_show():
    values = RNG.normal(size=(2, 10 * BLOCK))
    whole = moments_of(values, joint=(0, 1))
    parts = Moments(("r0", "r1"), ("r0", "r1"))
    for first, last in ((0, 3), (3, 4), (4, 10)):
        part = values[:, first * BLOCK : last * BLOCK]
        parts.add(BlockMoments.of(part, np.array([0, 1]), paired=False))
    assert np.array_equal(whole.mean, parts.mean)
    assert np.array_equal(whole.squares, parts.squares)
    assert np.array_equal(whole.products, parts.products)


def test_antithetic_pairs_are_one_observation():
    half = RNG.normal(size=(1, 4_000))
    values = np.empty((1, 8_000))
    values[:, 0::2], values[:, 1::2] = half, -half
    estimate = moments_of(values, paired=True).estimate("r0")
    assert estimate.value == pytest.approx(0.0, abs=1e-16)
    assert estimate.se == pytest.approx(0.0, abs=1e-16)


def test_a_control_with_a_known_mean_takes_its_part_of_the_noise():
    x = RNG.normal(3.0, 1.0, 20_000)
    y = 2.0 * x + RNG.normal(0.0, 0.1, 20_000)
    moments = moments_of(np.stack([y, x]), joint=(0, 1))
    plain, controlled = moments.estimate("r0"), moments.controlled("r0", {"r1": 3.0})
    assert controlled.se == pytest.approx(0.1 / np.sqrt(20_000), rel=0.03)
    assert abs(controlled.value - 6.0) < 4 * controlled.se < plain.se


@pytest.mark.parametrize("p", [0.0, 0.01, 0.05, 0.5, 0.95, 1.0])
def test_quantiles_of_a_small_run_are_numpys(p):
    values = RNG.normal(size=4_321)
    sketch = Sketch.of(values[:2_000], exact=True)
    sketch.add(Sketch.of(values[2_000:], exact=True))
    assert sketch.quantile(p) == pytest.approx(np.quantile(values, p), abs=1e-14)


@pytest.mark.parametrize("values", [RNG.lognormal(9.0, 1.0, 300_000), RNG.normal(size=300_000)])
def test_quantiles_of_a_large_run_are_within_a_cell(values):
    sketch = Sketch(exact=False)
    for part in np.split(values, 30):
        sketch.add(Sketch.of(part, exact=False))
    assert sketch.n == 300_000
    for p in (0.01, 0.25, 0.5, 0.75, 0.99):
        assert sketch.quantile(p) == pytest.approx(np.quantile(values, p), rel=1.3e-4, abs=1.3e-4)


def test_a_sketch_does_not_depend_on_the_order_of_merging():
    values = RNG.normal(size=50_000)
    one, other = Sketch(exact=False), Sketch(exact=False)
    parts = np.split(values, 10)
    for part in parts:
        one.add(Sketch.of(part, exact=False))
    for part in reversed(parts):
        other.add(Sketch.of(part, exact=False))
    for mine, its in zip(one.points(), other.points(), strict=True):
        assert np.array_equal(mine, its)


def test_quantile_and_tail_errors_cover_the_truth():
    """Standard normal: 200 samples; z-scores of the 5 % quantile and of its tail mean."""
    off = []
    for _ in range(200):
        sketch = Sketch.of(RNG.normal(size=4_000), exact=True)
        quantile, tail = sketch.quantile_estimate(0.05), sketch.tail_mean(0.05)
        off.append([(quantile.value + 1.644854) / quantile.se, (tail.value + 2.062713) / tail.se])
    spread = np.std(off, axis=0)
    assert np.all(spread > 0.8)
    assert np.all(spread < 1.25)


def test_zero_is_kept_as_zero():
    assert Sketch.of(np.zeros(10), exact=False).quantile(0.5) == 0.0


def test_wilson_interval_stays_within_bounds():
    assert wilson(0.0, 100)[0] == 0.0
    assert wilson(0.0, 100)[1] == pytest.approx(0.0370, abs=1e-4)
    low, high = wilson(0.5, 400)
    assert (low, high) == pytest.approx((0.4512, 0.5488), abs=1e-4)
