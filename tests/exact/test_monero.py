"""Monero's difficulty against its own data file (BSD-3-Clause), line by line."""

from itertools import accumulate
from pathlib import Path

import pytest

from headframe.errors import InputError
from headframe.exact import monero

VECTORS = Path(__file__).parent / "vectors" / "monero_difficulty.txt"
ROWS = [
    tuple(map(int, line.split()))
    for line in VECTORS.read_text().splitlines()
    if not line.startswith("#")
]


def test_every_line_of_moneros_data_follows_from_those_before():
    times = [ts for ts, _ in ROWS]
    cumulative = list(accumulate(difficulty for _, difficulty in ROWS))
    assert len(ROWS) == 1000
    for n_blocks, (_, difficulty) in enumerate(ROWS):
        seen = monero.window(n_blocks)
        assert monero.next_difficulty(times[seen], cumulative[seen]) == difficulty, n_blocks


def test_windows_lag_and_are_cut():
    assert monero.window(0) == slice(0, 0)
    assert monero.window(734) == slice(0, 720)
    assert monero.window(735) == slice(0, 720)
    assert monero.window(736) == slice(1, 721)
    # 720 blocks at pace: sixty at each end do not matter, however wild their times.
    times = [120 * place for place in range(720)]
    cumulative = [1000 * (place + 1) for place in range(720)]
    assert monero.next_difficulty(times, cumulative) == 1000
    wild = [-(10**9)] * 60 + times[60:660] + [10**9] * 60
    assert monero.next_difficulty(wild, cumulative) == 1000
    wild[60] = -(10**9)
    assert monero.next_difficulty(wild, cumulative) < 1000


def test_rounding_is_up_and_a_standing_clock_counts_for_one_second():
    assert monero.next_difficulty([], []) == monero.next_difficulty([5], [9]) == 1
    assert monero.next_difficulty([0, 7], [1, 2]) == 18  # 120 / 7 = 17.14
    assert monero.next_difficulty([0, 7], [1, 2], target_s=60) == 9
    assert monero.next_difficulty([5, 5], [1, 4]) == 360


def test_bad_input_is_named():
    with pytest.raises(InputError, match="equally many"):
        monero.next_difficulty([0, 1], [1])
    with pytest.raises(InputError, match="720 at the most"):
        monero.next_difficulty([0] * 721, [1] * 721)
    with pytest.raises(InputError, match="increasing"):
        monero.next_difficulty([0, 1], [2, 2])
    with pytest.raises(InputError, match="n_blocks"):
        monero.window(-1)
