"""
Starting and memory: the first run ever, the next, and how much a run of ten million paths holds.

Each figure is a process of its own. The first run compiles every kernel that the farm needs; the
next finds them on disk. Memory is the largest resident size of the process, which must not grow
with the number of paths beyond what the report keeps.

    python -m benchmarks.start [--smoke]
"""

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.machine import row, tell, write

RUN = """
import resource, sys
from benchmarks.farm_book import farm_book
from headframe.report.findings import find
from headframe.runs import run
n = int(sys.argv[1])
kept = run(farm_book(n), workers=2)
found = find(farm_book(n), kept)
assert found.kept.n_paths == n
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(n_paths, cache):
    """Seconds and largest resident MiB of a run in a process of its own."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(n_paths)],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - start, float(done.stdout)


def main():
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    sizes = (8_000, 200_000) if smoke else (100_000, 1_000_000, 10_000_000)
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        cold, _ = measured(8_000, cache)
        warm, _ = measured(8_000, cache)
        rows.append(row("first run, compiling (8,000 paths x 365)", cold, "s"))
        rows.append(row("next run (8,000 paths x 365)", warm, "s"))
        for n_paths in sizes:
            seconds, memory = measured(n_paths, cache)
            rate = n_paths * 365 / seconds / 1e6
            name = f"{n_paths:,} paths x 365, two threads, whole process"
            rows.append(row(name, seconds, "s", f"{rate:.1f} million path-steps/s"))
            rows.append(row(f"{n_paths:,} paths x 365, peak memory", memory, "MiB"))
    wanted = [
        {
            "name": "peak memory of the longest run, MiB",
            "value": rows[-1]["value"],
            "wanted": "below 1000",
        }
    ]
    if smoke:
        tell(rows, wanted)
    else:
        write("start", rows, wanted)


if __name__ == "__main__":
    main()
