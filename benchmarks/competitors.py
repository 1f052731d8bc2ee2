"""
The same kind of strategy in two other open libraries, and in headframe, in one run.

A leveraged liquidity position: liquidity in a pool, a debt on a lending market, interest, fees, a
rule that delevers, liquidation. In fractal-defi and in demeter it is ether as collateral on Aave,
dollars borrowed against it and put into an ether/dollar pool (neither can borrow against the
liquidity itself); both are given the same market, drawn beforehand, and must end with the same
wealth. headframe plays its leveraged farm (`farm_book`), which on every step also draws its own
market, with a second price, jumps and a rate that follows utilisation, and compounds its rewards.

Counted are path-steps (bars) a second of processor time on one thread, so that waiting for other
work on the machine does not count (a busy machine still slows everything, so its load is written
down); of the libraries only their own `run()`, without imports or data. Rounds are
interleaved; a ratio is the median of the rounds' ratios. The libraries play one path at a time and
keep a record of every bar, which slows them down as it grows: hence 365 bars, as many as the farm
has steps, and a year of hours where that takes seconds. headframe plays many paths side by side and
keeps sums. That is the point of it, and where the ratio comes from: with a single path it has no
such advantage, which is measured too.

Each library is installed in an environment of its own, in `.benchmarks-env/`, when it is not there.

    python -m benchmarks.competitors [--smoke]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.farm import Subjects
from benchmarks.machine import ratio, row, tell, write
from headframe.chunks import CHUNK
from headframe.units import HOUR_S, HOURS_PER_DAY, YEAR_S

HERE = Path(__file__).resolve().parent
"""Where the scripts lie that run inside the environments."""
ENVIRONMENTS = HERE.parent / ".benchmarks-env"
"""Where the environments lie; git ignores it."""
SEED = 1
"""Of the market that both libraries play; its ether falls early enough for them to delever."""
QUIET = {**os.environ, "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
"""No progress bars, one thread."""
START_USD, DRIFT, VOLATILITY = 2_000.0, 0.05, 0.6
"""Ether's opening price, its drift and its volatility a year."""
POOL_USD, DAILY_TURNOVER = 10_000_000.0, 0.13
"""The pool's opening reserves, and the share of them that is traded in a day."""
TERMS = {
    "collateral_eth": 0.5,
    "borrow_usd": 0.5 * START_USD * 0.85 / 1.275,
    "trigger": 1.05,
    "target": 1.275,
    "threshold": 0.85,
    "max_ltv": 0.8,
    "penalty": 0.05,
    "fee": 0.003,
}
"""The position: it opens at the health factor to which it also delevers, as `farm_book` does."""
SHORT, LONG = 365, 8_760
"""Bars: as many as the farm has steps, and a year of hours."""
KIND = "leveraged liquidity position"
"""What is played, as the rows call it."""
WANTED = "1000 or more"
"""How many times faster than either library one thread of the engine is meant to be."""
SAME = 0.0005
"""Relative difference of wealth let pass: one reinvests its fees, the other lays them aside."""


@dataclass(frozen=True)
class Competitor:
    """A library, and how it is asked."""

    name: str
    project: str
    release: str
    what: str
    lengths: tuple[int, ...]
    script: str | None = None
    """What runs inside its environment; `in_NAME.py` where not told."""

    @property
    def title(self):
        """The library with its version."""
        return f"{self.project} {self.release}"

    @property
    def python(self):
        """The interpreter of its environment."""
        return ENVIRONMENTS / self.name / "bin" / "python"

    def is_installed(self):
        """Does its environment hold the version that is asked for?"""
        if not self.python.exists():
            return False
        ask = f"from importlib.metadata import version; print(version({self.project!r}))"
        told = subprocess.run([self.python, "-Ic", ask], capture_output=True, text=True)
        return told.stdout.strip() == self.release

    def install(self):
        """Make its environment; needs the network."""
        print(f"installing {self.title} into its own environment", flush=True)
        quiet = ("--quiet", "--disable-pip-version-check")
        wanted = f"{self.project}=={self.release}"
        try:
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENTS / self.name], check=True)
            subprocess.run([self.python, "-m", "pip", "install", *quiet, wanted], check=True)
        except subprocess.CalledProcessError:
            sys.exit(f"competitors: {self.title} could not be installed; it needs the network")

    def play(self, market, n_bars):
        """What it answers after the first bars of a market: seconds, wealth, deleverings."""
        first = {name: v[:n_bars] if np.ndim(v) else v for name, v in market.items()}
        script = HERE / (self.script or f"in_{self.name}.py")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "market.npz"
            np.savez(path, **first)
            done = subprocess.run(
                [self.python, "-I", script, path], stdout=subprocess.PIPE, env=QUIET, check=True
            )
        answer = json.loads(done.stdout)
        assert answer["n_bars"] == n_bars, answer
        return answer


COMPETITORS = (
    Competitor(
        name="fractal",
        project="fractal-defi",
        release="1.3.1",
        what="Aave and Uniswap v2 entities in one strategy",
        lengths=(SHORT, LONG),
    ),
    Competitor(
        name="demeter",
        project="zelos-demeter",
        release="1.3.0",
        what="Aave v3 and Uniswap v3 markets in one actuator",
        lengths=(SHORT,),
    ),
)
"""Who is asked."""


def market(n_bars):
    """Hours of ether's price (a geometric random walk), of the pool that follows it, of rates."""
    rng = np.random.default_rng(SEED)
    dt = HOUR_S / YEAR_S
    normal, shock, spread = rng.normal(size=(3, n_bars))
    moves = (DRIFT - VOLATILITY**2 / 2.0) * dt + VOLATILITY * np.sqrt(dt) * normal
    moves[0] = 0.0
    relative = np.exp(np.cumsum(moves))
    return {
        "eth_usd": START_USD * relative,
        "pool_usd": POOL_USD * np.sqrt(relative),
        "turnover": DAILY_TURNOVER / HOURS_PER_DAY * np.exp(0.5 * shock),
        "supply_apr": np.full(n_bars, 0.02),
        "borrow_apr": 0.06 * np.exp(0.2 * spread),
        "bars_per_year": 1.0 / dt,
        **TERMS,
    }


def engine_seconds(subjects):
    """Processor seconds a path-step of the composed engine."""
    start = time.process_time()
    subjects.composed()
    return (time.process_time() - start) / (subjects.n_paths * subjects.book.n_steps)


def rounds(subjects, trials, n_rounds):
    """Seconds a path-step in each round, by trial (the engine's is None), and the last answers."""
    played = market(LONG)
    times, answers = {trial: [] for trial in (None, *trials)}, {}
    for _ in range(n_rounds):
        times[None].append(engine_seconds(subjects))
        for competitor, n_bars in trials:
            answer = competitor.play(played, n_bars)
            times[competitor, n_bars].append(answer["seconds"] / n_bars)
            answers[competitor, n_bars] = answer
    return times, answers


def check(answers):
    """The libraries must have played the same thing, delevering included."""
    one, two = (answers[competitor, SHORT] for competitor in COMPETITORS)
    assert abs(one["wealth_usd"] / two["wealth_usd"] - 1.0) < SAME, (one, two)
    assert one["delevered"] == two["delevered"] > 0, (one, two)


def note(competitor, answer):
    """What a library played, and on what."""
    libraries = ", ".join(f"{name} {version}" for name, version in answer["libraries"].items())
    return f"{competitor.what}, {answer['delevered']} delevering(s); {libraries}"


def rate(name, seconds, remark):
    """A row: path-steps a second."""
    value = 1.0 / statistics.median(seconds)
    return row(f"{KIND}, {name}", value, "path-steps/s", remark)


def results(subjects, alone, times, answers, load):
    """Rows and ratios."""
    steps = f"{subjects.n_paths:,} paths of {subjects.book.n_steps} steps"
    shape = f"{steps}; other work on the machine: load average {load:.1f}"
    rows = [
        rate("headframe", times[None], shape),
        rate("headframe, one path", alone, "bound by calls, not by arithmetic"),
    ]
    ratios = []
    for (competitor, n_bars), answer in answers.items():
        title, seconds = f"{competitor.title}, {n_bars:,} bars", times[competitor, n_bars]
        rows.append(rate(title, seconds, note(competitor, answer)))
        value = ratio(seconds, times[None])
        ratios.append({"name": f"headframe of {title}", "value": value, "wanted": WANTED})
    return rows, ratios


def ready(smoke):
    """Are both installed? Installs them, but not for a short run."""
    absent = [competitor for competitor in COMPETITORS if not competitor.is_installed()]
    if absent and smoke:
        names = " and ".join(competitor.title for competitor in absent)
        print(f"competitors: measures only where {names} can be installed; nothing to do here")
        return False
    for competitor in absent:
        competitor.install()
    return True


def main():
    """Measure, or with --smoke only see that it works where the libraries are installed."""
    smoke = "--smoke" in sys.argv
    if not ready(smoke):
        return
    load = os.getloadavg()[0]
    trials = [(one, n_bars) for one in COMPETITORS for n_bars in one.lengths]
    if smoke:
        trials = [trial for trial in trials if trial[1] == SHORT]
    n_rounds, subjects, single = 1 if smoke else 5, Subjects(4 * CHUNK), Subjects(1)
    for warm_up in (subjects, single):
        warm_up.composed()
    times, answers = rounds(subjects, trials, n_rounds)
    check(answers)
    alone = [engine_seconds(single) for _ in range(n_rounds)]
    rows, ratios = results(subjects, alone, times, answers, load)
    if smoke:
        tell(rows, ratios)
    else:
        write("competitors", rows, ratios)


if __name__ == "__main__":
    main()
