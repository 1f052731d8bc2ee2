"""The polynomials against extended precision, at the accuracy that each states."""

import numba
import numpy as np
import pytest
from scipy import special

from headframe.kernels import elementary
from headframe.kernels.compiled import SAFE_FLAGS

N = 400_000


def compiled(scalar):
    """The function over an array, with the flags that the kernels have."""

    @numba.njit(error_model="numpy", fastmath=SAFE_FLAGS)
    def over(x, out):
        for i in range(x.size):
            out[i] = scalar(x[i])

    def run(x):
        out = np.empty_like(x)
        over(x, out)
        return out

    return run


def spread_over(low, high, seed):
    return np.random.default_rng(seed).uniform(low, high, N)


def relative(found, expected):
    return float(np.max(np.abs((found - expected) / expected)))


extended = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 60,
    reason="this machine has no extended precision to compare to",
)


@extended
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-40.0, 40.0), (-708.0, 708.0)])
def test_exp(low, high):
    x = spread_over(low, high, 1)
    assert relative(compiled(elementary.exp)(x), np.exp(x.astype(np.longdouble))) < 3e-16


def test_exp_beyond_its_limits_is_held_and_finite():
    found = compiled(elementary.exp)(np.array([-1e9, -708.0, 708.0, 1e9]))
    assert found[0] == found[1] > 0.0
    assert found[2] == found[3] < np.inf


@extended
@pytest.mark.parametrize(("low", "high"), [(0.5, 2.0), (1e-8, 1e8), (0.999, 1.001)])
def test_log(low, high):
    x = spread_over(low, high, 2)
    assert relative(compiled(elementary.log)(x), np.log(x.astype(np.longdouble))) < 3e-16


@extended
def test_log_over_all_magnitudes():
    x = np.ldexp(spread_over(0.5, 1.0, 3), np.random.default_rng(4).integers(-1000, 1000, N))
    assert relative(compiled(elementary.log)(x), np.log(x.astype(np.longdouble))) < 3e-16


@extended
def test_sine_and_cosine_of_a_turn():
    u = np.append(
        spread_over(0.0, 1.0, 5)[:20_000], [0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0 - 2.0**-53]
    )
    # 2 pi to the full width of the extended format
    turn = u.astype(np.longdouble) * (2 * np.longdouble("3.14159265358979323846264338327950288"))
    both = numba.njit(fastmath=SAFE_FLAGS)(lambda x: elementary.sincos_turn(x))
    found = np.array([both(x) for x in u])
    assert np.abs(found[:, 0] - np.sin(turn)).max() < 1e-15
    assert np.abs(found[:, 1] - np.cos(turn)).max() < 1e-15


def test_normal_quantile():
    p = np.concatenate(
        [spread_over(1e-12, 1.0 - 1e-12, 6), 10.0 ** spread_over(-300.0, -1.0, 7)[: N // 10]]
    )
    found = compiled(elementary.normal_quantile)(p)
    expected = special.ndtri(p)
    # near the median the quantile crosses zero: there the error is absolute
    assert np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-2)) < 1e-14


def test_normal_quantile_is_odd():
    p = spread_over(1e-6, 0.5, 8)
    quantile = compiled(elementary.normal_quantile)
    assert np.abs(quantile(p) + quantile(1.0 - p)).max() < 1e-9
