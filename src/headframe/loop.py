"""
The loop: between two instants the world moves, what I own pays or costs me, and then I may act.

The order of a step: scenario, venues, what prices did to what was held; positions accrue, pay and
are liquidated; contracts break and laws force out; policies decide; orders are carried out at this
instant's prices; dues are settled; the ledger marks.
"""

from collections.abc import Callable, Sequence

from headframe.chunk import Chunk
from headframe.kernels import ledger as sums
from headframe.mishaps import befall
from headframe.orders import carry_out, place
from headframe.process import UNIX_TS
from headframe.refusals import check_opening
from headframe.settlement import settle
from headframe.view import SeatView

Watcher = Callable[[Chunk], None]
"""What looks on after each step: a tally, a trace."""


def play(chunk: Chunk, n_steps: int, watchers: Sequence[Watcher] = ()) -> None:
    """Step a chunk to the horizon, letting watchers look on from the opening to the end."""
    check_opening(chunk)
    view = SeatView(chunk)
    for seat in chunk.policies:
        seat.policy.open(seat.state, view, chunk.now)
    for watch in watchers:
        watch(chunk)
    for _ in range(n_steps):
        step(chunk)
        for watch in watchers:
            watch(chunk)
    chunk.ledger.check()


def step(chunk: Chunk) -> None:
    """One step of the run's clock."""
    move_world(chunk)
    revalue(chunk)
    step_positions(chunk)
    befall(chunk)
    decide(chunk)
    settle(chunk)
    chunk.hold()
    chunk.mark()
    for seat in chunk.positions:
        if seat.clock.every > 1 and seat.clock.strikes(chunk.now.step):
            seat.clock.keep(chunk.now)


def move_world(chunk: Chunk) -> None:
    """The scenario moves, the venues answer with our own size in them."""
    chunk.before, chunk.now = chunk.now, chunk.before
    now, before = chunk.now, chunk.before
    chunk.ledger.now = now
    now.step = before.step + 1
    now.t_s = now.step * chunk.layout.step_s
    if not chunk.dated:
        now.world[UNIX_TS] = chunk.book.start_ts + now.t_s
    chunk.book.scenario.step(chunk.scenario, before, now)
    now.dt_s = chunk.layout.step_s
    if chunk.venues:
        chunk.cross()  # venues see the prices of now, ours made from others among them
    for seat in chunk.venues:
        seat.venue.step(seat.state, seat.own(before), before, now)
    chunk.cross()


def revalue(chunk: Chunk) -> None:
    """What prices alone did to what was held."""
    before, now = chunk.before.world.data, chunk.now.world.data
    sums.revalue(chunk.books.data, chunk.held.data, before, now, chunk.moving)


def step_positions(chunk: Chunk) -> None:
    """Positions accrue, pay and are liquidated, each on its own clock."""
    now = chunk.now
    if chunk.draws.keys:
        now.draws = chunk.draws.at(now.step - 1)
    for seat in chunk.positions:
        if seat.clock.strikes(now.step):
            now.dt_s = seat.clock.dt_s
            seat.position.step(seat.state, seat.clock.before(chunk.before), now, seat.account)


def decide(chunk: Chunk) -> None:
    """Policies decide on what they see, and what is due of their orders is carried out."""
    if not chunk.policies:
        return
    view = SeatView(chunk)
    for seat in chunk.policies:
        if seat.clock.strikes(chunk.now.step):
            place(chunk, seat.policy.decide(seat.state, view, chunk.now), seat.policy.lag_s)
    carry_out(chunk)
