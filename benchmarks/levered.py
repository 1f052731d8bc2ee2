"""
The leveraged farm as the protocol runs it, against the simple one of `benchmarks.farm`.

The rich farm has debts in both tokens, a bank whose rate its own debt moves, oracles that post by
deviation and heartbeat, health at the oracle's prices, a guard that freezes, keepers that come late
and weigh their gas, half closed at a time, and a pool of finite depth that its own swaps move. Both
are played by the composed engine in one thread, in interleaved rounds. What it shows: the rich
position keeps at least half the speed of the simple one.

    python -m benchmarks.levered [--smoke]
"""

import statistics
import sys
from dataclasses import replace

from benchmarks.farm_book import FARM, PROCESSES, farm_book
from benchmarks.machine import in_turns, ratio, row, tell, write
from headframe.book import Book
from headframe.chunk import Chunk
from headframe.chunks import CHUNK, ranges
from headframe.loop import play
from headframe.positions.liquidation import Liquidation
from headframe.processes.oracle import Oracle
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.tally import Tally
from headframe.venues.bank_market import BankMarket

ORACLES = (
    Oracle(name="a_feed", price="a_usd", deviation=0.01, heartbeat_s="3d"),
    Oracle(name="b_feed", price="b_usd", deviation=0.01, heartbeat_s="3d"),
)
"""What the protocol reads."""
BANK = BankMarket(
    name="bank",
    asset="b",
    supplied=100_000.0,
    utilisation="b_market_utilisation",
    curve="alpha_homora_v1",
)
"""Who lends, and how its rate answers."""
RICH = replace(
    FARM,
    debt0_share=0.25,
    borrow0_apr=0.03,
    borrow1_apr="bank_borrow_apr",
    venue="bank",
    oracle0="a_feed_reported_ratio",
    oracle1="b_feed_reported_ratio",
    pool_usd=5e6,
    liquidation=Liquidation(close_factor=0.5, guard=1.2, delay_s=86_400.0, gas_usd=20.0),
)
"""The same farm with all that decides."""


def rich_book(n_paths: int) -> Book:
    """The book of `benchmarks.farm_book` with the rich farm in it."""
    model = Model(processes=(*PROCESSES, *ORACLES), correlations={("a_usd", "b_usd"): 0.5})
    return replace(farm_book(n_paths), scenario=model, positions=(RICH,), venues=(BANK,))


def bare_book(n_paths: int) -> Book:
    """The simple farm in the rich farm's world: what the position alone costs."""
    model = Model(processes=(*PROCESSES, *ORACLES), correlations={("a_usd", "b_usd"): 0.5})
    return replace(farm_book(n_paths), scenario=model)


def composed(book: Book) -> None:
    """Play all paths chunk by chunk in one thread."""
    layout = book.plan()
    for first, n in ranges(book.n_paths, CHUNK):
        chunk = Chunk(book, layout, Paths(first=first, n_paths=n, seed=book.seed))
        play(chunk, book.n_steps, (Tally(book.n_steps),))


def main() -> None:
    """Measure, or with --smoke only see that it works."""
    smoke = "--smoke" in sys.argv
    n_paths, rounds = (12_000, 1) if smoke else (48_000, 7)
    books = {
        "simple": farm_book(n_paths),
        "simple, in the rich one's world": bare_book(n_paths),
        "rich": rich_book(n_paths),
    }
    times = in_turns({name: lambda b=book: composed(b) for name, book in books.items()}, rounds)
    steps = n_paths * books["rich"].n_steps
    rows = [
        row(
            f"leveraged farm, {name}, one thread",
            steps / statistics.median(seconds) / 1e6,
            "million path-steps/s",
            f"best {steps / min(seconds) / 1e6:.1f}",
        )
        for name, seconds in times.items()
    ]
    ratios = [
        {
            "name": "rich farm of the simple one",
            "value": ratio(times["simple"], times["rich"]),
            "wanted": "0.5 or more",
        },
        {
            "name": "rich farm of the simple one in the same world",
            "value": ratio(times["simple, in the rich one's world"], times["rich"]),
            "wanted": "",
        },
    ]
    if smoke:
        tell(rows, ratios)
    else:
        write("levered", rows, ratios)


if __name__ == "__main__":
    main()
