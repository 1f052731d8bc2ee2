"""
LWMA: the linearly weighted moving average of zawy12, in its two published forms.

Most coins below the largest use some LWMA. The last N solve times are averaged with weights 1 to
N, the newest heaviest, so that a flood of rented hash rate is met within blocks; the mean of the
last N targets is scaled by that average over the spacing aimed at. Coins differ in what they do
with a time stamp that runs backwards, and that is all the difference between the two forms here:

* `lwma1_next_bits` (LWMA-1 of 2018, "for BTC clones"): solve times may be negative, down to a
  floor that coins set to -6 T or to minus their future time limit.
* `lwma1_monotone_next_bits` (LWMA-1 of 2019): times are first made to increase, by 1 s at least.

Source: zawy12, `difficulty-algorithms` issue 3, comments of 2018-11-27 and 2019 (code under MIT),
by behaviour. No published vectors; `tests/exact/test_lwma.py` holds it to exact fractions.
Assumptions: other variants (a floor of N k / 3, weights with k N N) are other rules and not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headframe.errors import InputError
from headframe.exact.bitcoin_compact import compact_from_target, valid_target

LONGEST_SOLVE_SPACINGS = 6
"""A solve time counts for this many spacings at most."""


@dataclass(frozen=True)
class LwmaParameters:
    """
    One coin's numbers: seconds between blocks, blocks in the window, easiest target.

    zawy12 suggests a window of 45 at 600 s, 60 at 150 s and 90 at 60 s. `lowest_solve_s` is the
    least that a solve time counts for in the 2018 form; None stands for -6 spacings.
    """

    spacing_s: int
    window: int
    limit_target: int
    lowest_solve_s: int | None = None

    def __post_init__(self) -> None:
        if self.spacing_s < 1 or self.window < 1:
            raise InputError("lwma", (self.spacing_s, self.window), "spacing and window above 0")

    @property
    def full_weight(self) -> int:
        """Weighted sum of N solve times that are all on time: N (N + 1) T / 2."""
        return self.window * (self.window + 1) * self.spacing_s // 2


def future_time_limit_s(spacing_s: int, window: int) -> int:
    """Future time limit that zawy12 asks of a coin: N T / 20, at least 300 s."""
    return max(300, window * spacing_s // 20)


def lwma1_next_bits(times: Sequence[int], bits: Sequence[int], coin: LwmaParameters) -> int:
    """
    Bits of the next block by LWMA-1 of 2018, from the last N + 1 times and N bits, oldest first.

        t = sum_i i * clamp(t_i - t_{i-1}, lowest, 6 T),  at least k / 10,  k = N (N + 1) T / 2
        target' = t * sum_i (target_i // (k N)),  at most the limit

    Each target is divided before it is summed, so up to N units of t are lost to rounding.

    Source: zawy12, issue 3, 2018-11-27. Raises `InputError` for wrong lengths or bits.
    """
    _check_lengths(times, bits, coin)
    highest_s = LONGEST_SOLVE_SPACINGS * coin.spacing_s
    lowest_s = -highest_s if coin.lowest_solve_s is None else coin.lowest_solve_s
    weighted_s = sum(
        weight * max(lowest_s, min(times[weight] - times[weight - 1], highest_s))
        for weight in range(1, coin.window + 1)
    )
    weighted_s = max(weighted_s, coin.full_weight // 10)
    return _scaled_bits(weighted_s, bits, coin)


def lwma1_monotone_next_bits(
    times: Sequence[int], bits: Sequence[int], coin: LwmaParameters
) -> int:
    """
    Bits of the next block by LWMA-1 of 2019, from the last N + 1 times and N bits, oldest first.

        s_i = max(t_i, s_{i-1} + 1),  t = sum_i i * min(s_i - s_{i-1}, 6 T)
        target' = t * sum_i (target_i // (k N)),  at most the limit

    Source: zawy12, issue 3, the form of 2019. Raises `InputError` for wrong lengths or bits.
    """
    _check_lengths(times, bits, coin)
    highest_s = LONGEST_SOLVE_SPACINGS * coin.spacing_s
    weighted_s, previous_ts = 0, times[0]
    for weight in range(1, coin.window + 1):
        this_ts = max(times[weight], previous_ts + 1)
        weighted_s += weight * min(this_ts - previous_ts, highest_s)
        previous_ts = this_ts
    return _scaled_bits(weighted_s, bits, coin)


def _scaled_bits(weighted_s: int, bits: Sequence[int], coin: LwmaParameters) -> int:
    share = coin.full_weight * coin.window
    summed = sum(valid_target(one, limit_target=coin.limit_target) // share for one in bits)
    return compact_from_target(min(weighted_s * summed, coin.limit_target))


def _check_lengths(times: Sequence[int], bits: Sequence[int], coin: LwmaParameters) -> None:
    if len(times) != coin.window + 1 or len(bits) != coin.window:
        raise InputError(
            "times, bits", (len(times), len(bits)), f"{coin.window + 1} times, {coin.window} bits"
        )
