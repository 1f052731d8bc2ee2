"""
Exact Uniswap v3 swaps a second: the readable text, its compiled twin, and degenbot, in one run.

One pool of the 30 basis point tier with 1 and with 1,000 positions; the same swaps of every size,
paid in and wanted out, one after the other, so that each meets the pool as the last one left it.
All three must end with the same amounts of every swap, the same price, tick and liquidity, to the
wei. Counted is processor time on one core; rounds are interleaved, a ratio is the median of the
rounds' ratios. The twin is given its swaps as arrays and compiled beforehand; the readable text
also keeps the pool's price memory and its fees, which degenbot's swap does not.

degenbot is installed in an environment of its own, in `.benchmarks-env/`, from Python 3.12, which
it needs; where that cannot be, its rows are left out and the run says so.

    python -m benchmarks.v3_swaps [--smoke]
"""

import atexit
import copy
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from benchmarks.machine import ratio, row, tell, write
from headframe.exact import uniswap_v3 as v3
from headframe.studies.v3_pool_twin import PoolTwin, Swaps

HERE = Path(__file__).resolve().parent
"""Where the script lies that runs inside the environment."""
PYTHON = HERE.parent / ".benchmarks-env" / "degenbot" / "bin" / "python"
"""The interpreter of degenbot's environment; git ignores the folder."""
RELEASE = "0.5.0"
"""The release that is measured."""
POSITIONS = (1, 1_000)
"""Positions in the pool."""
FEE_PIPS, SPACING = 3_000, 60
"""The pool's tier."""
LIMITS = {True: v3.MIN_SQRT_RATIO + 1, False: v3.MAX_SQRT_RATIO - 1}
"""As far as a price can go: no limit."""
READABLE, TWIN, DEGENBOT = "readable text", "compiled twin", f"degenbot {RELEASE}"
"""Who plays."""


def make_pool(n_positions):
    """A pool around the price 1: one wide position, the others anywhere within it."""
    rng = random.Random(n_positions)
    pool = v3.create_pool(FEE_PIPS, SPACING)
    v3.initialize(pool, v3.get_sqrt_ratio_at_tick(0) + 12_345, now_ts=0)
    v3.mint(pool, 0, -500 * SPACING, 500 * SPACING, 10**24 // n_positions, now_ts=0)
    for owner in range(1, n_positions):
        lower, width = rng.randint(-200, 200) * SPACING, rng.randint(1, 200) * SPACING
        v3.mint(pool, owner, lower, lower + width, rng.randint(10**18, 10**22), now_ts=0)
    return pool


def make_swaps(n_swaps):
    """Direction and amount of each: from dust to a percent of the price, a third wanted out."""
    rng = random.Random(1)
    swaps = []
    for _ in range(n_swaps):
        amount = int(10 ** rng.uniform(12.0, 21.7))
        swaps.append((rng.random() < 0.5, amount if rng.random() < 0.67 else -amount))
    return swaps


def in_text(pool, swaps):
    """Seconds, amounts and end of the readable text."""
    pool, amounts = copy.deepcopy(pool), []
    start = time.process_time()
    for down, amount in swaps:
        amounts.append(v3.swap(pool, down, amount, LIMITS[down], now_ts=0))
    seconds = time.process_time() - start
    return seconds, amounts, [pool.sqrt_price_x96, pool.tick, pool.liquidity]


def in_twin(pool, swaps):
    """The same of the twin; it plays the swaps many times over, each time from the start."""
    columns = [down for down, _ in swaps], [amount for _, amount in swaps]
    given = Swaps.of(*columns, [LIMITS[down] for down in columns[0]])
    twins = [PoolTwin.from_pool(pool) for _ in range(10)]
    start = time.process_time()
    for twin in twins:
        played = twin.play(given)
    seconds = (time.process_time() - start) / len(twins)
    amounts = list(zip(played.amounts0, played.amounts1, strict=True))
    end = played.sqrt_prices_x96[-1], int(played.ticks[-1]), played.liquidities[-1]
    return seconds, amounts, list(end)


def in_degenbot(pool, swaps):
    """The same of degenbot, in its environment and in a home of its own, which it writes to."""
    told = {"fee_pips": pool.fee_pips, "tick_spacing": pool.tick_spacing, "swaps": swaps}
    told |= {name: getattr(pool, name) for name in ("sqrt_price_x96", "tick", "liquidity")}
    told["ticks"] = [(t, i.liquidity_net, i.liquidity_gross) for t, i in pool.ticks.items()]
    home = degenbot_home()
    path = Path(home) / "pool.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    command = [PYTHON, "-I", HERE / "in_degenbot.py", path]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=in_home(home), check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["release"] == RELEASE, answer["release"]
    return answer["seconds"], [tuple(pair) for pair in answer["amounts"]], answer["end"]


@cache
def degenbot_home():
    """A folder for this run; its first import makes a database there and may find it locked."""
    home = tempfile.mkdtemp(prefix="degenbot-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    subprocess.run([PYTHON, "-Ic", "import degenbot"], env=in_home(home), capture_output=True)
    return home


def in_home(home):
    """The environment with another home."""
    return {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home}


def degenbot_is_ready(smoke):
    """Is degenbot there? Installs it, but not for a short run."""
    if not PYTHON.exists() and not smoke:
        install()
    if PYTHON.exists():
        ask = "from importlib.metadata import version; print(version('degenbot'))"
        told = subprocess.run([PYTHON, "-Ic", ask], capture_output=True, text=True)
        if told.stdout.strip() == RELEASE:
            return True
    print(f"v3_swaps: degenbot {RELEASE} is not installed here; its rows are left out", flush=True)
    return False


def install():
    """Make degenbot's environment; needs the network and a Python 3.12."""
    python = shutil.which("python3.12")
    if python is None:
        print("v3_swaps: no python3.12 on the path, which degenbot needs", flush=True)
        return
    subprocess.run([python, "-m", "venv", PYTHON.parent.parent], check=True)
    wanted = ["--quiet", "--disable-pip-version-check", f"degenbot=={RELEASE}"]
    subprocess.run([PYTHON, "-m", "pip", "install", *wanted], check=False)


def rounds(players, pool, swaps, n_rounds):
    """Seconds a swap in each round by player; every answer must be every other's."""
    times = {name: [] for name in players}
    for _ in range(n_rounds):
        answers = {name: player(pool, swaps) for name, player in players.items()}
        for name, (seconds, amounts, end) in answers.items():
            assert (amounts, end) == answers[READABLE][1:], name
            times[name].append(seconds / len(swaps))
    return times


def results(times, note):
    """Rows and ratios of every number of positions."""
    rows, ratios = [], []
    for n, by_player in times.items():
        for name, seconds in by_player.items():
            title = f"exact v3 swaps, {name}, {n:,} position{'s' if n > 1 else ''}"
            rows.append(row(title, 1.0 / statistics.median(seconds), "swaps/s", note))
    one, many = (times[n] for n in POSITIONS)
    if DEGENBOT in one:
        value = ratio(one[DEGENBOT], one[READABLE])
        name = f"readable text of {DEGENBOT}, 1 position"
        ratios.append({"name": name, "value": value, "wanted": "2 or more"})
        value = ratio(many[DEGENBOT], many[READABLE])
        name = f"readable text of {DEGENBOT}, 1,000 positions"
        ratios.append({"name": name, "value": value, "wanted": ""})
    for name in (READABLE, TWIN):
        value = ratio(one[name], many[name])
        wanted = "about 1: flat"
        ratios.append({"name": f"{name}, 1,000 positions of 1", "value": value, "wanted": wanted})
    value = ratio(one[READABLE], one[TWIN])
    ratios.append({"name": "twin of the readable text, 1 position", "value": value, "wanted": ""})
    value = min(1e-6 / statistics.median(by_player[TWIN]) for by_player in (one, many))
    ratios.append({"name": "twin, million swaps/s", "value": value, "wanted": "1 or more"})
    return rows, ratios


def main():
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    players = {READABLE: in_text, TWIN: in_twin}
    if degenbot_is_ready(smoke):
        players[DEGENBOT] = in_degenbot
    swaps, n_rounds = make_swaps(500 if smoke else 10_000), 1 if smoke else 5
    load = os.getloadavg()[0]
    pools = {n: make_pool(n) for n in POSITIONS}
    in_twin(pools[1], swaps[:10])
    times = {n: rounds(players, pool, swaps, n_rounds) for n, pool in pools.items()}
    note = f"{len(swaps):,} swaps; other work on the machine: load average {load:.1f}"
    rows, ratios = results(times, note)
    if smoke:
        tell(rows, ratios)
    else:
        write("v3_swaps", rows, ratios)


if __name__ == "__main__":
    main()
