"""
Difficulty algorithms: blocks played a second on one core, beside a public simulator of the same.

The public figures are those of `kyuupichan/difficulty` (Python), measured once on a machine of
this kind: about 100,000 blocks a second with cw-144 and wtema, 14,000 with wt-144. It plays a game
of two chains with three sorts of miners; beside it stands our game of steady miners and hoppers.
wt-144 weighs the last 144 block times linearly, as LWMA does, which therefore plays with that
window; wtema is ASERT's first-order form.

The last rows are the long run that pins Bitcoin's mean interval, 1,209,600 / 2,014 = 600.5958 s.

    python -m benchmarks.difficulty [--smoke]
"""

import statistics
import sys
import time

from benchmarks.machine import in_turns, row, tell, write
from headframe.studies.chain_race import ALGORITHMS, MINERS
from headframe.studies.difficulty import block_times

PUBLIC_BLOCKS_PER_S = {"cw-144": 100_000, "asert": 100_000, "lwma": 14_000}
"""What the public simulator does with cw-144, wtema and wt-144."""
WANTED = 20
"""So many times its blocks a second."""
MEAN_S = 1_209_600 / 2014
"""Bitcoin's mean interval under constant hash rate."""


def main():
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    n_blocks, rounds = (20_000, 1) if smoke else (200_000, 7)
    named = {
        name: one.tuned(window=144 if name == "lwma" else None) for name, one in ALGORITHMS.items()
    }
    subjects = {
        f"{name}, {kind}": lambda one=one, kind=kind: block_times(
            one, MINERS[kind], n_blocks=n_blocks, n_chains=1
        )
        for name, one in named.items()
        for kind in ("constant", "oscillating")
    }
    seconds = in_turns(subjects, rounds)
    speed = {
        name: (n_blocks + 4 * named[name.split(",")[0]].memory) / statistics.median(times)
        for name, times in seconds.items()
    }
    rows = [row(f"{name}: blocks a second", one, "blocks/s") for name, one in speed.items()]
    ratios = [
        {
            "name": f"{name} with hoppers over the public simulator",
            "value": speed[f"{name}, oscillating"] / public,
            "wanted": f"at least {WANTED}",
        }
        for name, public in PUBLIC_BLOCKS_PER_S.items()
    ]
    rows += long_run(200_000 if smoke else 20_000_000)
    if smoke:
        tell(rows, ratios)
    else:
        write("difficulty", rows, ratios)


def long_run(n_blocks):
    """Seconds that a long chain of Bitcoin takes, and how far its mean is from 600.5958 s."""
    start = time.perf_counter()
    found = block_times(ALGORITHMS["bitcoin"], MINERS["constant"], n_blocks=n_blocks, n_chains=1)
    seconds = time.perf_counter() - start
    mean_s = found.mean_s.value
    note = f"{mean_s - MEAN_S:+.4f} s from 600.5958 s; wanted within 0.02 s"
    return [
        row(f"{n_blocks:,} blocks of Bitcoin", seconds, "s"),
        row("their mean interval", mean_s, "s", note),
    ]


if __name__ == "__main__":
    main()
