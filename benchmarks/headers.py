"""
Block headers: how many a second are verified from a file, and that memory does not grow with it.

A chain is mined with an easy target (two hashes a block), so that there is something to verify;
what a header costs to verify does not depend on its target. Each figure is a process of its own.

    python -m benchmarks.headers [--smoke]
"""

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import row, tell, write
from headframe.exact import bitcoin

EASY = replace(bitcoin.REGTEST, name="easy", genesis_hash=None)
"""A chain that never retargets, whose first block may be any."""
LEAST_HEADERS_PER_S = 200_000
"""What is asked for on one core."""
RUN = """
import resource, sys
from pathlib import Path
from benchmarks.headers import EASY
from headframe.studies.header_file import verify_file
verify_file(Path(sys.argv[1]), chain=EASY)  # compiles, or reads what was compiled
found = min((verify_file(Path(sys.argv[1]), chain=EASY) for _ in range(3)), key=lambda f: f.seconds)
print(found.headers_per_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(path):
    """Headers a second and largest resident MiB, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True
    )
    speed, memory = done.stdout.split()
    return float(speed), float(memory)


def main():
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    sizes = (2_000, 20_000) if smoke else (20_000, 900_000)
    mined = bitcoin.mine_chain(sizes[-1], chain=EASY)
    rows, last = [], (0.0, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / "headers.bin"
            path.write_bytes(mined[: 80 * size])
            last = measured(path)
            rows.append(row(f"{size:,} headers, one core", last[0], "headers/s"))
            rows.append(row(f"{size:,} headers, peak memory", last[1], "MiB"))
    ratios = [
        {
            "name": "headers a second over what is asked for",
            "value": last[0] / LEAST_HEADERS_PER_S,
            "wanted": "at least 1",
        },
        {
            "name": f"peak memory, {sizes[1]:,} over {sizes[0]:,} headers",
            "value": rows[3]["value"] / rows[1]["value"],
            "wanted": "about 1",
        },
    ]
    if smoke:
        tell(rows, ratios)
    else:
        write("headers", rows, ratios)


if __name__ == "__main__":
    main()
