"""
From a chunk of paths to what is kept of it, and from many to one.

A tally looks on while a chunk is played, saves wealth at a few dates, and at the end reduces the
books to moments and sketches. What it costs in memory depends on what the report shows and not on
how many paths are run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from headframe.book import Book
from headframe.chunk import Chunk, PositionSeat
from headframe.layout import WALLET, Layout
from headframe.loop import play
from headframe.metric import BLOCK, EXACT, BlockMoments, Moments, Sketch
from headframe.scenario import Paths
from headframe.types import NEVER_S, Array, Rows

SAVES = 24
"""Dates, after the opening, at which the distribution of wealth is kept."""
ELSEWHERE = "-"
"""Stands for no chain: no name can be this."""
CHAIN_FIGURES = ("before_gas", "gas", "net")
"""What is kept of a chain."""
LOCKED = "locked_value"
"""The gauge of what a position cannot sell yet, in the numeraire."""
PROFILE_EDGES = np.linspace(-3.0, 3.0, 121)
"""Cells of the logarithm of a final price over its opening, for the profile of result by price."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a run is made: how many paths, from which seed, with which reduction of variance."""

    n_paths: int
    seed: int
    antithetic: bool = False

    @property
    def exact(self) -> bool:
        """Whether the run is small enough to keep all values."""
        return self.n_paths <= EXACT

    def paths(self, first: int, n_paths: int) -> Paths:
        """A range of its paths."""
        return Paths(first=first, n_paths=n_paths, seed=self.seed, antithetic=self.antithetic)


def save_steps(n_steps: int) -> tuple[int, ...]:
    """Steps at which wealth is kept: the opening, and evenly to the horizon."""
    return tuple(dict.fromkeys(round(k * n_steps / SAVES) for k in range(SAVES + 1)))


@dataclass(eq=False)
class Kept:
    """What is kept of the paths run so far."""

    settings: Settings
    saved_s: tuple[float, ...]
    controls: Mapping[str, float]
    rows: Rows
    joint: Rows
    n_paths: int = 0
    worst_gap: float = 0.0
    moments: Moments = field(init=False)
    sketches: dict[str, Sketch] = field(default_factory=dict)
    profiles: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.moments = Moments(self.rows, self.joint)

    def add(self, part: "Part") -> None:
        """Add a chunk; chunks come in the order of their paths."""
        self.n_paths += part.n_paths
        self.worst_gap = max(self.worst_gap, part.worst_gap)
        self.moments.add(part.blocks)
        for name, sketch in part.sketches.items():
            if name not in self.sketches:
                self.sketches[name] = Sketch(exact=sketch.exact)
            self.sketches[name].add(sketch)
        for name, blocks in part.profiles.items():
            for block in blocks:
                self.profiles[name] = self.profiles.get(name, 0.0) + block


@dataclass(frozen=True, eq=False)
class Part:
    """What one chunk contributes: small, and free of paths."""

    n_paths: int
    worst_gap: float
    rows: Rows
    joint: Rows
    blocks: BlockMoments
    sketches: dict[str, Sketch]
    profiles: dict[str, list[Array]]


class Tally:
    """Looks on while a chunk is played."""

    def __init__(self, n_steps: int) -> None:
        self.at = {step: k for k, step in enumerate(save_steps(n_steps))}
        self.wealth: list[Array] = []
        self.opening_prices: dict[str, Array] = {}
        self.held_values: dict[str, Array] = {}

    def __call__(self, chunk: Chunk) -> None:
        """Save wealth where it is due."""
        if chunk.now.step == 0:
            for asset in chunk.layout.assets:
                self.opening_prices[asset] = chunk.now.world.data[chunk.layout.price(asset)].copy()
            for seat in chunk.positions:
                if getattr(seat.position, "held", None) is not None:
                    self.held_values[seat.position.name] = seat.value(chunk.layout, chunk.now)
        if chunk.now.step in self.at:
            self.wealth.append(chunk.books["wealth"].copy())


def tally_chunk(book: Book, layout: Layout, settings: Settings, first: int, n_paths: int) -> Part:
    """Play a range of paths and reduce it: the unit of work of every executor."""
    chunk = Chunk(book, layout, settings.paths(first, n_paths))
    tally = Tally(book.n_steps)
    play(chunk, book.n_steps, (tally,))
    columns = path_columns(chunk) | {f"held/{k}": v for k, v in tally.held_values.items()}
    return reduce_columns(columns, chunk, tally, settings)


def outcome_columns(chunk: Chunk) -> dict[str, Array]:
    """How each path ended, the book as a whole."""
    books = chunk.books
    wealth, opening = books["wealth"], books["opening"]
    return {
        "wealth": wealth,
        "opening": opening,
        "pnl": wealth - opening,
        "return": (wealth - opening) / np.where(opening > 0.0, opening, 1.0),
        "drawdown": books["drawdown"],
        "loss": (wealth < opening * (1.0 - 1e-12)).astype(np.float64),
        "default": (books["defaulted_s"] < NEVER_S).astype(np.float64),
    }


def path_columns(chunk: Chunk) -> dict[str, Array]:
    """What is known of each path at the horizon, by name: `wealth`, `value/farm/fee`, ..."""
    books, horizon = chunk.books, chunk.now.t_s
    columns = outcome_columns(chunk) | {"clipped": books["clipped"]}
    number = 0
    for seat in chunk.positions:
        name = seat.position.name
        for due in seat.position.dues:
            number += 1
            cause = (books["default_cause"] == number).astype(np.float64)
            columns[f"default/{name}/{due.name}"] = cause
        for event, times in events_of(seat):
            columns[f"event/{name}/{event}"] = (times <= horizon).astype(np.float64)
        for extreme in seat.position.extremes:
            columns[f"extreme/{name}/{extreme}"] = seat.state[extreme]
    for name, (numbers, _) in told_by_policies(chunk).items():
        columns |= {f"alert/{name}/{row}": values for row, values in numbers.items()}
    for row in books.rows:
        if row.startswith(("market/", "value/", "quantity/")):
            columns[row] = books[row]
    columns |= chain_columns(chunk)
    for asset in chunk.layout.assets:
        price = chunk.now.world.data[chunk.layout.price(asset)]
        columns[f"price/{asset}"] = price
    columns |= locked_columns(chunk)
    for name in controls_of(chunk.book):
        columns[f"control/{name}"] = chunk.now.world[name]
    return columns


def chains_of(book: Book) -> dict[str, Rows]:
    """Accounts by the chain that they stand on; no chain last, and nothing if none is named."""
    found: dict[str, Rows] = {}
    for position in book.positions:
        chain = book.place(position.name).chain or ELSEWHERE
        found[chain] = (*found.get(chain, ()), position.name)
    rest = (*found.pop(ELSEWHERE, ()), WALLET)
    return found | {ELSEWHERE: rest} if found else {}


def chain_columns(chunk: Chunk) -> dict[str, Array]:
    """What each chain came to on each path, before its gas, in gas, and net of it."""
    columns: dict[str, Array] = {}
    books = chunk.books
    for chain, names in chains_of(chunk.book).items():
        net, gas = np.zeros(books.n_paths), np.zeros(books.n_paths)
        for row in books.rows:
            what, _, rest = row.partition("/")
            account, _, kind = rest.partition("/")
            if what in ("market", "value") and account in names:
                net += books[row]
                gas += books[row] if kind == "gas" else 0.0
        found = zip(CHAIN_FIGURES, (net - gas, gas, net), strict=True)
        columns |= {f"chain/{chain}/{figure}": values for figure, values in found}
    return columns


def locked_columns(chunk: Chunk) -> dict[str, Array]:
    """What cannot be sold at the end and what can, where any position knows of a lock."""
    locking = [seat for seat in chunk.positions if LOCKED in seat.gauges]
    if not locking:
        return {}
    locked = np.zeros(chunk.paths.n_paths)
    for seat in locking:
        seat.position.gauge(seat.state, chunk.now, seat.gauges)
        locked += seat.gauges[LOCKED]
    return {"locked": locked, "liquid": chunk.books["wealth"] - locked}


def events_of(seat: PositionSeat) -> Iterator[tuple[str, Array]]:
    """What happens once to a position or to its place, with the times on all paths."""
    for event in seat.position.events:
        yield event, seat.state[event]
    for event in seat.place.events:
        yield event, seat.mishaps[event]


def told_by_policies(chunk: Chunk) -> dict[str, tuple[dict[str, Array], dict[str, Array]]]:
    """What policies that listen have heard, by name: numbers of all paths, samples of some."""
    listeners = [seat for seat in chunk.policies if hasattr(seat.policy, "tell")]
    return {seat.policy.name: seat.policy.tell(seat.state) for seat in listeners}


def controls_of(book: Book) -> dict[str, float]:
    """Observables whose mean at the horizon is known in closed form, with that mean."""
    known = getattr(book.scenario, "expectation", None)
    return dict(known(book.n_steps * book.clock_s)) if known is not None else {}


def reduce_columns(
    columns: dict[str, Array], chunk: Chunk, tally: Tally, settings: Settings
) -> Part:
    """Reduce columns to block moments, sketches and profiles."""
    rows = tuple(columns)
    joint = ("wealth", *(name for name in rows if name.startswith("control/")))
    at = np.array([rows.index(name) for name in joint], np.int64)
    values = np.stack([columns[name] for name in rows])
    paired = settings.antithetic and values.shape[1] % 2 == 0
    sketched = {name: columns[name] for name in ("return", "pnl", "drawdown")}
    sketched |= {name: columns[name] for name in rows if name.startswith("extreme/")}
    sketched |= {name: columns[name] for name in ("liquid",) if name in columns}
    sketched |= {f"wealth/{k}": wealth for k, wealth in enumerate(tally.wealth)}
    for seat in chunk.positions:
        for event, times in events_of(seat):
            sketched[f"event/{seat.position.name}/{event}"] = times[times <= chunk.now.t_s]
    for name, (_, samples) in told_by_policies(chunk).items():
        sketched |= {f"alert/{name}/{row}": values for row, values in samples.items()}
    return Part(
        n_paths=values.shape[1],
        worst_gap=chunk.ledger.check(),
        rows=rows,
        joint=joint,
        blocks=BlockMoments.of(values, at, paired=paired),
        sketches={k: Sketch.of(v, exact=settings.exact) for k, v in sketched.items()},
        profiles=_profiles(columns, tally, chunk.layout.assets),
    )


def _profiles(columns: dict[str, Array], tally: Tally, assets: Rows) -> dict[str, list[Array]]:
    """By asset and block: count, sum and sum of squares of the result, by cell of final price."""
    out: dict[str, list[Array]] = {}
    pnl = columns["pnl"]
    for asset in assets:
        ratio = columns[f"price/{asset}"] / tally.opening_prices[asset]
        if np.all(ratio == ratio[0]):
            continue
        cell = np.clip(np.digitize(np.log(ratio), PROFILE_EDGES) - 1, 0, PROFILE_EDGES.size - 2)
        size = PROFILE_EDGES.size - 1
        out[asset] = [
            np.stack(
                [
                    np.bincount(cell[k : k + BLOCK], weights=w[k : k + BLOCK], minlength=size)
                    for w in (np.ones_like(pnl), pnl, pnl * pnl)
                ]
            )
            for k in range(0, pnl.size, BLOCK)
        ]
    return out
