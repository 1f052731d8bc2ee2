"""
The leveraged farm: the composed engine against the same thing fused by hand, and against NumPy.

100,000 paths of 365 daily steps, one thread, in interleaved rounds; then the whole run with its
report, with one worker process and with two. What it shows: composing kernels from Python keeps at
least 0.7 of the speed of one hand-fused driver, and is at least three times NumPy in chunks.

    python -m benchmarks.farm [--smoke]
"""

import statistics
import sys
import time

import numpy as np

from benchmarks.farm_book import farm_book
from benchmarks.farm_fused import LIQT, WEALTH, Fused
from benchmarks.farm_numpy import NumPyFarm
from benchmarks.machine import in_turns, ratio, row, tell, write
from headframe.chunk import Chunk
from headframe.chunks import CHUNK, ranges
from headframe.loop import play
from headframe.runs import run
from headframe.scenario import Paths
from headframe.tally import Tally, save_steps


class Subjects:
    """The three ways of playing the same farm."""

    def __init__(self, n_paths):
        self.book = farm_book(n_paths)
        self.layout = self.book.plan()
        self.n_paths = n_paths
        self.fused_farm = Fused(self.book, save_steps(self.book.n_steps))
        state = self._chunk(0, 8).positions[0].state
        opening = {name: float(state[name][0]) for name in ("liquidity", "root", "debt1")}
        self.numpy_farm = NumPyFarm(self.book, opening)

    def _chunk(self, first, n):
        return Chunk(self.book, self.layout, Paths(first=first, n_paths=n, seed=self.book.seed))

    def composed(self):
        """The engine with its ledger, chunk by chunk in one thread."""
        wealth, when = [], []
        for first, n in ranges(self.n_paths, CHUNK):
            chunk = self._chunk(first, n)
            play(chunk, self.book.n_steps, (Tally(self.book.n_steps),))
            wealth.append(chunk.books["wealth"].copy())
            when.append(chunk.positions[0].state["liquidated_s"].copy())
        return np.concatenate(wealth), np.concatenate(when)

    def fused(self):
        """One compiled driver."""
        wealth, when = [], []
        for first, n in ranges(self.n_paths, CHUNK):
            out, _ = self.fused_farm.play(first, n)
            wealth.append(out[WEALTH].copy())
            when.append(out[LIQT].copy())
        return np.concatenate(wealth), np.concatenate(when)

    def numpy(self):
        """Array expressions."""
        parts = [self.numpy_farm.play(first, n) for first, n in ranges(self.n_paths, CHUNK)]
        return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))

    def check(self):
        """The three must answer the same before anything is timed."""
        (mine, my_when), (fused, its_when) = self.composed(), self.fused()
        assert np.mean(np.abs(fused / mine - 1.0) > 1e-8) < 1e-4
        assert np.mean(its_when != my_when) < 1e-4
        other, other_when = self.numpy()
        for one, two in ((mine, other), (my_when < 1e17, other_when < 1e17)):
            error = np.hypot(np.std(one), np.std(two)) / np.sqrt(self.n_paths)
            assert abs(np.mean(one) - np.mean(two)) < 5.0 * error, (np.mean(one), np.mean(two))


def whole_run(n_paths, workers):
    """Seconds of a whole run with its reduction in worker processes, after they have started."""
    book = farm_book(n_paths)
    marks = []
    run(
        book,
        executor="processes",
        workers=workers,
        progress=lambda *_: marks.append(time.perf_counter()),
    )
    first = 4 * workers
    return (marks[-1] - marks[first]) / (len(marks) - 1 - first)


def main():
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    n_paths, rounds = (16_000, 2) if smoke else (100_000, 7)
    subjects = Subjects(n_paths)
    subjects.check()
    times = in_turns(
        {"composed": subjects.composed, "fused": subjects.fused, "numpy": subjects.numpy}, rounds
    )
    steps = n_paths * subjects.book.n_steps
    rows = [
        row(
            f"leveraged farm, {name}, one thread",
            steps / statistics.median(seconds) / 1e6,
            "million path-steps/s",
            f"best {steps / min(seconds) / 1e6:.1f}",
        )
        for name, seconds in times.items()
    ]
    kept = 0.7
    ratios = [
        {
            "name": "composed engine of the fused driver",
            "value": ratio(times["fused"], times["composed"]),
            "wanted": f"{kept} or more",
        },
        {
            "name": "composed engine of NumPy in chunks",
            "value": ratio(times["numpy"], times["composed"]),
            "wanted": "3 or more",
        },
    ]
    n_long = 200_000 if smoke else 800_000
    pairs = [(whole_run(n_long, 1), whole_run(n_long, 2)) for _ in range(1 if smoke else 3)]
    ratios.append(
        {
            "name": "two worker processes of one",
            "value": statistics.median(one / two for one, two in pairs),
            "wanted": "1.8 or more",
        }
    )
    rows.append(
        row(
            "whole run with its report's sums, two worker processes",
            CHUNK * 365 / statistics.median(two for _, two in pairs) / 1e6,
            "million path-steps/s",
        )
    )
    if smoke:
        tell(rows, ratios)
    else:
        write("farm", rows, ratios)


if __name__ == "__main__":
    main()
