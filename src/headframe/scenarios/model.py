"""
A world made of processes: sorted so that each finds what it reads, fed from one set of shocks.

The graph of what is read *now* must have no cycle; what is read of the step *before* may go round
(difficulty follows hash rate, hash rate follows revenue, revenue follows difficulty).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headframe.clock import Clock
from headframe.errors import InputError
from headframe.layout import Layout
from headframe.process import Process, Tick
from headframe.scenario import Paths
from headframe.scenarios.draws import Draws, Streams, cholesky_root
from headframe.scenarios.stress import Shock, check_shocks, strike_all
from headframe.types import Block, Rows, Signal


def in_order(processes: tuple[Process, ...]) -> tuple[Process, ...]:
    """Sort processes so that each stands after those whose observables it reads now."""
    owner = {name: process for process in processes for name in process.publishes}
    placed: dict[str, Process] = {}
    open_names: list[str] = []

    def place(process: Process) -> None:
        if process.name in placed:
            return
        if process.name in open_names:
            circle = " -> ".join([*open_names[open_names.index(process.name) :], process.name])
            raise InputError(
                f"process {process.name}", circle, "reads must not go round in a circle"
            )
        open_names.append(process.name)
        for name in process.reads:
            if isinstance(name, str) and name in owner:
                place(owner[name])
        open_names.pop()
        placed[process.name] = process

    for process in processes:
        place(process)
    return tuple(placed.values())


@dataclass(eq=False)
class Seat:
    """
    A process at work in one chunk.

    `calm` keeps what a process with a slow clock published, before any shock: shocks come and go
    between its strikes.
    """

    process: Process
    state: Block
    clock: Clock
    calm: Block | None = None

    def publish(self, shocks: tuple[Shock, ...], now: Tick, *, fresh: bool) -> None:
        """Lay the shocks over what the process published, now or at its last strike."""
        if self.calm is not None:
            for name in self.process.publishes:
                if fresh:
                    self.calm[name] = now[name]
                else:
                    now.world[name] = self.calm[name]
        if shocks:
            strike_all(shocks, now, self.process.publishes)


@dataclass(eq=False)
class ModelState:
    """A chunk of a model: its seats in order, and the draws of each clock."""

    seats: list[Seat]
    draws: dict[int, Draws]


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    A scenario of processes with one correlation table over their shocks, and stress laid over it.

    `correlations` maps pairs of shock names to a number in [-1, 1]; others are independent.
    """

    processes: tuple[Process, ...]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for process in self.processes:
            for name in process.publishes:
                if name in seen:
                    raise InputError(
                        f"process {process.name}", name, f"published by {seen[name]} too"
                    )
                seen[name] = process.name
        check_shocks(self.shocks, tuple(seen))
        object.__setattr__(self, "processes", in_order(self.processes))
        self._check_correlations()

    @property
    def publishes(self) -> Rows:
        """All observables, in the order of the processes."""
        return tuple(name for process in self.processes for name in process.publishes)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Observables that processes read, now or before."""
        return tuple(n for p in self.processes for n in (*p.reads, *p.reads_before))

    @property
    def clocks(self) -> tuple[float, ...]:
        """Clocks of processes that have their own."""
        return tuple(p.every_s for p in self.processes if p.every_s is not None)

    def least(self, name: str) -> float | None:
        """The least that an observable can be, where its process says so and no shock moves it."""
        if any(shock.observable == name for shock in self.shocks):
            return None
        owners = [process for process in self.processes if name in process.publishes]
        known: float | None = getattr(owners[0], "least", None) if owners else None
        return known

    def limit(self, horizon_s: float) -> int | None:
        """A model has as many paths as one wants."""
        return None

    def expectation(self, t_s: float) -> dict[str, float]:
        """Means at `t_s` known in closed form, by observable; none where a shock may move it."""
        shocked = {shock.observable for shock in self.shocks}
        known = {k: v for p in self.processes for k, v in p.expectation(t_s).items()}
        return {name: mean for name, mean in known.items() if name not in shocked}

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants and row numbers of every process, and the streams of each clock."""
        step_s = layout.step_s
        every = [round((p.every_s or dt_s) / step_s) for p in self.processes]
        streams = {}
        for clock in dict.fromkeys(every):
            members = [p for p, e in zip(self.processes, every, strict=True) if e == clock]
            normals = tuple(name for p in members for name in p.normals)
            uniforms = tuple(name for p in members for name in p.uniforms)
            streams[clock] = Streams.of(normals, uniforms, self._within(normals))
        wires = [
            process.wire(layout.drawing(streams[e].rows), e * step_s)
            for process, e in zip(self.processes, every, strict=True)
        ]
        return wires, every, streams, step_s

    def _check_correlations(self) -> None:
        """Every pair names known shocks, and all pairs together are possible."""
        known = [name for process in self.processes for name in process.normals]
        named = tuple(dict.fromkeys(name for pair in self.correlations for name in pair))
        for name in named:
            if name not in known:
                raise InputError("correlation", name, f"shocks are {', '.join(sorted(known))}")
        cholesky_root(named, self.correlations)

    def _within(self, normals: Rows) -> dict[tuple[str, str], float]:
        """The correlations among these shocks; a pair across clocks cannot be honoured."""
        for one, other in self.correlations:
            if (one in normals) != (other in normals):
                pair = f"{one}, {other}"
                raise InputError("correlation", pair, "both shocks must have the same clock")
        return {p: v for p, v in self.correlations.items() if p[0] in normals and p[1] in normals}

    def open(self, wired: Any, paths: Paths, now: Tick) -> ModelState:
        """The first state and observables of a chunk."""
        wires, every, streams, step_s = wired
        seats = []
        for process, wire, e in zip(self.processes, wires, every, strict=True):
            state = Block.zeros(process.fields, paths.n_paths, wire)
            process.open(state, now)
            calm = Block.zeros(process.publishes, paths.n_paths) if e > 1 else None
            seats.append(Seat(process, state, Clock(e, step_s), calm))
            seats[-1].publish(self.shocks, now, fresh=True)
        for seat in seats:
            seat.clock.keep(now)
        return ModelState(seats, {e: Draws(s, paths) for e, s in streams.items()})

    def step(self, state: ModelState, before: Tick, now: Tick) -> None:
        """Move every process whose clock strikes; the others keep their last values."""
        fresh: dict[int, Block] = {}
        for seat in state.seats:
            clock, process = seat.clock, seat.process
            if not clock.strikes(now.step):
                seat.publish(self.shocks, now, fresh=False)
                continue
            if clock.every not in fresh:
                fresh[clock.every] = state.draws[clock.every].at(clock.count(now.step))
            now.draws, now.dt_s = fresh[clock.every], clock.dt_s
            process.step(seat.state, clock.before(before), now)
            seat.publish(self.shocks, now, fresh=True)
        for seat in state.seats:
            if seat.clock.every > 1 and seat.clock.strikes(now.step):
                seat.clock.keep(now)
