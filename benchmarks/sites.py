"""
Ten sites for a year of hours: how long the dispatch of a mining company takes.

Ten mines in three power zones with spikes and negative prices, each with two models of machines,
its own contract and its own strike rule, on 10,000 paths of 8,760 hourly steps, two worker
processes. What it shows: a year of a company's hours in under a minute on two cores.

    python -m benchmarks.sites [--smoke]
"""

import sys
import time
from dataclasses import replace

from benchmarks.machine import row, tell, write
from headframe.book import Book
from headframe.policies.curtail import Curtail
from headframe.positions.mine import Mine
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.processes.power import Power
from headframe.runs import run
from headframe.scenarios.model import Model
from headframe.units import HOUR_S

N_SITES, N_PATHS, HOURS = 10, 10_000, 8_760
LIMIT_S = 60.0
"""What is wanted."""
ZONES = ("west", "north", "south")


def power(zone: str) -> Power:
    """The hourly price of a zone: a daily shape, deviations, spikes both ways."""
    return Power(
        name=f"{zone}_usd_per_mwh",
        mean=27.0,
        by_hour=tuple(6.0 * (6 < h < 22) - 4.0 for h in range(24)),
        half_life_s=19_000.0,
        volatility=430.0,
        spikes_per_year=180.0,
        spike_median=46.0,
        spike_sd=0.5,
        spike_up_share=0.93,
        spike_half_life_s=9_000.0,
        floor=-250.0,
        cap=5_000.0,
    )


def site(k: int) -> Mine:
    """One site: new and old machines under one of two contracts."""
    zone = ZONES[k % len(ZONES)]
    spot = f"{zone}_usd_per_mwh"
    contract = (
        {"kind": "indexed", "spot_usd_per_mwh": spot, "adder_usd_per_mwh": 5.0}
        if k % 2
        else {
            "kind": "block",
            "block_mw": 10.0,
            "usd_per_mwh": 40.0,
            "spot_usd_per_mwh": spot,
            "adder_usd_per_mwh": 5.0,
        }
    )
    machines = (
        {"model": "antminer_s21", "count": 2_000 + 100 * k},
        {"model": "antminer_s19j_pro_96", "count": 1_000},
    )
    return Mine(
        name=f"site{k}",
        fleet={"machines": machines, "pue": 1.05},
        held={},
        pool={"kind": "fpps", "fee": 0.01},
        power=contract,
        difficulty="btc_network_difficulty",
        subsidy=3.125,
        fees=0.05,
        every_s=HOUR_S,
    )


def company(n_sites: int, hours: int, n_paths: int) -> Book:
    """Ten sites under one roof."""
    rules = [
        Curtail(name=f"strike{k}", position=f"site{k}", on_above_usd_per_mwh=2.0, every_s=HOUR_S)
        for k in range(n_sites)
    ]
    world = (
        GBM(name="btc_usd", start=64_000.0, volatility=0.5),
        Constant(name="btc_network_difficulty", value=1.2e14),
        *(power(zone) for zone in ZONES),
    )
    return Book(
        name="a company",
        scenario=Model(processes=world),
        wallet={"usd": 5e7},
        positions=tuple(site(k) for k in range(n_sites)),
        policies=tuple(rules),
        cash_sources=("btc",),
        step_s=HOUR_S,
        horizon_s=hours * HOUR_S,
        n_paths=n_paths,
    )


def main() -> None:
    """Play it and write down how long it took."""
    smoke = "--smoke" in sys.argv
    n_paths, hours = (2_000, 72) if smoke else (N_PATHS, HOURS)
    book = company(N_SITES, hours, n_paths)
    terms = {"n_paths": n_paths, "executor": "processes", "workers": 2, "chunk": n_paths // 2}
    run(replace(book, horizon_s=24 * HOUR_S), **terms)
    started = time.perf_counter()
    run(book, **terms)
    seconds = time.perf_counter() - started
    steps = N_SITES * hours * n_paths
    rows = [
        row("ten sites, a year of hours, two worker processes", seconds, "s", f"{n_paths:,} paths"),
        row("site-hours", steps / seconds / 1e6, "million/s"),
    ]
    ratios = [{"name": "seconds", "value": seconds, "wanted": f"{LIMIT_S:g} or less"}]
    tell(rows, ratios)
    if not smoke:
        write("sites", rows, ratios)


if __name__ == "__main__":
    main()
