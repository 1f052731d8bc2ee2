"""
Parity of the difficulty algorithms on arrays with `exact`, each within its stated bound.

Every algorithm is asked for the next target at 400 places of a chain whose times run backwards now
and then, stand still, and leap, and whose targets move; the exact rule is asked the same. What the
floats leave out bounds the difference on each side (see `kernels.retargets`).
"""

import numpy as np
import pytest

from headframe.exact import (
    bitcoin,
    bitcoin_cash,
    dash,
    dogecoin,
    ethereum_pow,
    litecoin,
    lwma,
    monero,
    zcash,
)
from headframe.kernels import retargets
from headframe.kernels.retargets import LOOKBACK
from headframe.layout import record

COMPACT = 2.0**-15  # what the compact form cuts off a target at most
ROUNDINGS = 200 * 2.0**-53  # a window of sums in doubles
N = 6_000
PLACES = np.arange(LOOKBACK, N + 1, 10)


def drawn_times(spacing_s: int, seed: int = 5) -> np.ndarray:
    """Gaps of every kind: exponential, none, backwards, very long, and runs of fast or slow."""
    random = np.random.default_rng(seed)
    pace = np.exp(np.repeat(random.normal(0, 0.7, N // 50), 50))
    gaps = random.exponential(spacing_s, N) * pace
    kind = random.random(N)
    gaps = np.where(kind < 0.05, 0.0, gaps)
    gaps = np.where(kind > 0.93, -gaps, gaps)
    gaps = np.where((kind > 0.90) & (kind < 0.91), 30.0 * spacing_s, gaps)
    return 1_600_000_000 + np.cumsum(gaps.astype(np.int64))


def drawn_walk() -> list[float]:
    """Factors that wander over a range of eight: slow waves and noise at every block."""
    noise = np.random.default_rng(6).normal(0, 0.05, N)
    return np.exp(np.sin(np.arange(N) / 300) + noise).tolist()


def drawn_bits(limit_target: int) -> list[int]:
    """Bits of targets that wander, far below the limit."""
    base = limit_target >> 40
    return [bitcoin.compact_from_target(int(base * factor)) for factor in drawn_walk()]


def targets_of(bits: list[int]) -> np.ndarray:
    return np.array([float(bitcoin.target_from_compact(one)[0]) for one in bits])


def floats(rule: int, times, targets, *, spacing_s=600, window=1, half_life_s=1, places=PLACES):
    """The kernel's targets at the places."""
    p = record(rule=rule, spacing_s=spacing_s, window=window, half_life_s=half_life_s)
    out = np.zeros(places.size)
    works = np.cumsum(1.0 / targets)
    retargets.next_targets(p, times, targets, works, places, 0, out)
    return out


def hold(ours: np.ndarray, exact: list[int], *, low: float, high: float) -> None:
    """Exact over ours lies in [1 - low, 1 + high], the places do not all agree by chance."""
    ratio = np.array([float(one) for one in exact]) / ours
    assert ratio.size == len(exact)
    assert ratio.min() >= 1 - low
    assert ratio.max() <= 1 + high
    assert np.unique(ours).size > len(exact) // 3


def compact_targets(bits: list[int]) -> list[int]:
    return [bitcoin.target_from_compact(one)[0] for one in bits]


def lists(times, bits, at, n):
    return times[at - n : at].tolist(), bits[at - n : at]


def test_bitcoin():
    times, bits = drawn_times(600), drawn_bits(bitcoin.MAINNET.limit_target)
    places = np.array([2016, 4032])
    # Many periods' ends: the chain is cut short in front, so that any place is a multiple of 2016.
    ours, exact = [], []
    for cut in range(0, 1900, 19):
        part, own = times[cut:], bits[cut:]
        # A period begins with the target that it keeps; its last block's is what counts.
        ours += floats(
            retargets.BITCOIN, part, targets_of(own), window=2016, places=places
        ).tolist()
        exact += [
            bitcoin.next_bits(own[at - 1], int(part[at - 2016]), int(part[at - 1])) for at in places
        ]
    hold(np.array(ours), compact_targets(exact), low=COMPACT + ROUNDINGS, high=ROUNDINGS)


def test_bitcoin_within_a_period_nothing_moves():
    times, bits = drawn_times(600), drawn_bits(bitcoin.MAINNET.limit_target)
    targets = targets_of(bits)
    places = np.array([2049, 3000, 4031, 4033])
    ours = floats(retargets.BITCOIN, times, targets, window=2016, places=places)
    assert ours.tolist() == targets[places - 1].tolist()


def test_litecoin_goes_back_one_block_more():
    times, bits = drawn_times(150), drawn_bits(litecoin.LIMIT_TARGET)
    ours, exact = [], []
    for cut in range(0, 1900, 19):
        part, own = times[cut:], bits[cut:]
        place = np.array([4032])
        ours += floats(
            retargets.LITECOIN, part, targets_of(own), spacing_s=150, window=2016, places=place
        ).tolist()
        first = litecoin.first_height(4032)
        exact.append(litecoin.next_bits(own[4031], int(part[first]), int(part[4031])))
    hold(np.array(ours), compact_targets(exact), low=COMPACT + ROUNDINGS, high=ROUNDINGS)


def test_asert():
    # A chain on schedule but for a random walk of days: exponents of both signs.
    random = np.random.default_rng(8)
    times = np.cumsum(random.exponential(600, N)).astype(np.int64) + 10**6
    times[3_000:] += 400_000
    bits = [0x1804DAFE] * N
    ours = floats(retargets.ASERT, times, targets_of(bits), half_life_s=172_800)
    exact = [
        bitcoin_cash.asert_next_bits(1, int(times[0]), bits[1], at - 1, int(times[at - 1]))
        for at in PLACES.tolist()
    ]
    cubic = 1.3e-4 + 1.1e-5
    hold(ours, compact_targets(exact), low=cubic + COMPACT, high=cubic)


def test_cw144():
    times, bits = drawn_times(600), drawn_bits(bitcoin.MAINNET.limit_target)
    ours = floats(retargets.CW144, times, targets_of(bits), window=144)
    exact = [bitcoin_cash.cw144_next_bits(*lists(times, bits, at, 147)) for at in PLACES.tolist()]
    works = 1e-9  # works and their quotient are whole numbers; differences of running sums
    hold(ours, compact_targets(exact), low=COMPACT + works, high=works)


def test_cw144_takes_the_block_that_the_swaps_give_for_equal_times():
    # The three blocks at each end within two seconds: mostly ties, in every order. Which of them
    # is taken decides which work is counted.
    times, bits = drawn_times(600), drawn_bits(bitcoin.MAINNET.limit_target)
    close = np.random.default_rng(4).integers(0, 2, (PLACES.size, 6))
    for at, (a, b, c, d, e, f) in zip(PLACES.tolist(), close.tolist(), strict=True):
        times[at - 147 : at - 144] = times[at - 147] + np.array([a, b, c])
        times[at - 3 : at] = times[at - 3] + np.array([d, e, f])
    ours = floats(retargets.CW144, times, targets_of(bits), window=144)
    exact = [bitcoin_cash.cw144_next_bits(*lists(times, bits, at, 147)) for at in PLACES.tolist()]
    hold(ours, compact_targets(exact), low=COMPACT + 1e-9, high=1e-9)


@pytest.mark.parametrize(("spacing_s", "window"), [(600, 45), (150, 60), (60, 90)])
def test_lwma(spacing_s, window):
    limit = 2**236 - 1
    coin = lwma.LwmaParameters(spacing_s, window, limit)
    times, bits = drawn_times(spacing_s), drawn_bits(limit)
    times[2_500:2_700] = times[2_500] + np.arange(200) // 3  # a flood: the floor of k / 10
    ours = floats(retargets.LWMA, times, targets_of(bits), spacing_s=spacing_s, window=window)
    exact = [
        lwma.lwma1_next_bits(times[at - window - 1 : at].tolist(), bits[at - window : at], coin)
        for at in PLACES.tolist()
    ]
    hold(ours, compact_targets(exact), low=COMPACT + ROUNDINGS, high=ROUNDINGS)


@pytest.mark.parametrize("height", [zcash.BLOSSOM_HEIGHT, zcash.BLOSSOM_HEIGHT - 1])
def test_zcash(height):
    spacing_s = 75 if height >= zcash.BLOSSOM_HEIGHT else 150
    times, bits = drawn_times(spacing_s), drawn_bits(zcash.LIMIT_TARGET)
    ours = floats(retargets.ZCASH, times, targets_of(bits), spacing_s=spacing_s, window=17)
    exact = [zcash.next_bits(*lists(times, bits, at, 28), height) for at in PLACES.tolist()]
    hold(ours, compact_targets(exact), low=COMPACT + 1e-9, high=ROUNDINGS)


def test_dogecoin():
    times, bits = drawn_times(60), drawn_bits(dogecoin.LIMIT_TARGET)
    ours = floats(retargets.DOGECOIN, times, targets_of(bits), spacing_s=60)
    exact = [
        dogecoin.next_bits(200_000, bits[at - 1], int(times[at - 2]), int(times[at - 1]))
        for at in PLACES.tolist()
    ]
    hold(ours, compact_targets(exact), low=COMPACT + ROUNDINGS, high=ROUNDINGS)


def test_dgw3():
    times, bits = drawn_times(150), drawn_bits(dash.LIMIT_TARGET)
    ours = floats(retargets.DGW3, times, targets_of(bits), spacing_s=150, window=24)
    exact = [dash.dgw3_next_bits(*lists(times, bits, at, 24)) for at in PLACES.tolist()]
    hold(ours, compact_targets(exact), low=COMPACT + 1e-9, high=ROUNDINGS)


def drawn_difficulties(base: int) -> list[int]:
    return [int(base * factor) for factor in drawn_walk()]


def test_monero():
    times, difficulties = drawn_times(120), drawn_difficulties(10**9)
    sums = np.cumsum(np.array(difficulties, dtype=np.int64)).tolist()
    ours = floats(
        retargets.MONERO, times, 1.0 / np.array(difficulties, float), spacing_s=120, window=720
    )
    exact = []
    for at in PLACES.tolist():
        seen = monero.window(at)
        exact.append(monero.next_difficulty(times[seen].tolist(), sums[seen]))
    ratio = np.array(exact, float) * ours  # difficulties, so the other way up
    assert ratio.min() >= 1 - 1e-9
    assert ratio.max() <= 1 + 1e-9 + 1 / min(exact)


@pytest.mark.parametrize(
    ("fork", "step_s"), [(ethereum_pow.HOMESTEAD, 10), (ethereum_pow.BYZANTIUM, 9)]
)
def test_ethereum(fork, step_s):
    gaps = np.random.default_rng(3).exponential(13, N).astype(np.int64) + 1
    gaps[::97] = 2_000  # the floor of -99 steps
    times, difficulties = np.cumsum(gaps), drawn_difficulties(10**13)
    ours = floats(
        retargets.ETHEREUM, times, 1.0 / np.array(difficulties, float), spacing_s=13, window=step_s
    )
    exact = [
        ethereum_pow.block_difficulty(
            fork,
            height=100,  # below every bomb
            ts=int(times[at - 1]),
            parent_ts=int(times[at - 2]),
            parent_difficulty=difficulties[at - 1],
        )
        for at in PLACES.tolist()
    ]
    ratio = np.array(exact, float) * ours
    assert abs(ratio - 1).max() <= 100 / min(difficulties)
    assert np.unique(ours * np.array([difficulties[at - 1] for at in PLACES.tolist()])).size > 5
