"""
A book: one desk with its wallet, its positions, its rules, and the world that it faces.

A book is data. It checks itself when it is made, so that whatever runs is known to fit together:
every asset has a price, every signal an observable, every policy a position that can do what it
asks. `plan` turns it into rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from typing import Any

from headframe.clock import finest_s
from headframe.errors import InputError
from headframe.layout import WALLET, WORLD_ALWAYS, Layout, Prices, signal_row
from headframe.ledger import CASH, Line, book_rows
from headframe.place import NOWHERE, House, Place
from headframe.policy import Policy
from headframe.position import Position
from headframe.process import UNIX_TS
from headframe.scenario import Scenario
from headframe.types import Rows, Signal
from headframe.units import DAY_S
from headframe.venue import Venue


@dataclass(frozen=True, kw_only=True)
class Book:
    """
    What is owned, what is done, and in which world.

    Parameters
    ----------
    name
        What the report is called.
    scenario
        The world.
    wallet
        Whole units by asset at the start.
    positions, policies, venues
        What is owned, what we do, and what our size moves.
    places
        Where positions stand, by their name: chain, protocol, jurisdiction, and what can befall it.
    house
        The rules of the house, which the book and the desk's orders keep.
    numeraire
        The asset in which all is valued: usd, eur, btc ...
    cash
        The asset in which positions pay out; by default the numeraire.
    horizon_s, step_s
        How far to look, and the default clock, in seconds.
    trade_cost
        Share lost when assets of the wallet are traded.
    cash_sources
        Assets that may be sold, in this order, to pay a due.
    start_ts
        The calendar of the first instant, unix seconds UTC.
    n_paths, seed
        Defaults of a run.
    """

    name: str
    scenario: Scenario
    wallet: Mapping[str, float] = field(default_factory=dict)
    positions: tuple[Position, ...] = ()
    policies: tuple[Policy, ...] = ()
    venues: tuple[Venue, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    house: House = field(default_factory=House)
    numeraire: str = "usd"
    cash: str | None = None
    horizon_s: float = 365.0 * DAY_S
    step_s: float = DAY_S
    trade_cost: float = 0.001
    cash_sources: Rows = ()
    start_ts: float = 1_767_225_600.0
    n_paths: int = 10_000
    seed: int = 1

    def __post_init__(self) -> None:
        _check_numbers(self)
        _check_names(self)
        _check_places(self)
        for policy in self.policies:
            _check_policy(self, policy)
        for position in self.positions:
            venues = [venue.name for venue in self.venues]
            if position.venue is not None and position.venue not in venues:
                raise InputError(
                    f"position.{position.name}.venue",
                    position.venue,
                    f"one of {', '.join(venues)}" if venues else "the book has no venue",
                )
            check = getattr(position, "check_start", None)
            if check is not None and UNIX_TS not in self.scenario.publishes:
                check(self.start_ts)
        self.plan()
        _check_wallet(self)

    @property
    def cash_asset(self) -> str:
        """The asset in which positions pay out."""
        return self.cash or self.numeraire

    @property
    def clock_s(self) -> float:
        """The run's step: the finest clock among the members."""
        clocks: list[float | None] = list(self.scenario.clocks)
        clocks += [position.every_s for position in self.positions]
        clocks += [policy.every_s for policy in self.policies]
        return finest_s(self.step_s, clocks)

    @property
    def n_steps(self) -> int:
        """Steps of the run's clock within the horizon."""
        return int(self.horizon_s / self.clock_s + 1e-9)

    def assets(self) -> Rows:
        """Every asset that may be held."""
        names = [self.numeraire, self.cash_asset, *self.wallet, *self.cash_sources]
        for position in self.positions:
            names += position.assets
            names += [self.resolve(line.asset) for line in position.lines]
            names += [self.resolve(due.asset) for due in position.dues]
        for policy in self.policies:
            names += [self.resolve(asset) for asset in policy.trades]
        return tuple(dict.fromkeys(names))

    def wallet_assets(self) -> Rows:
        """Assets that can come to lie in the wallet; the others live in positions only."""
        names = [self.cash_asset, *self.wallet, *self.cash_sources]
        for position in self.positions:
            names += [line.asset for line in self.lines(position) if line.cash]
        for policy in self.policies:
            names += [self.resolve(asset) for asset in policy.trades]
        return tuple(dict.fromkeys(names))

    def place(self, name: str) -> Place:
        """Where a position stands."""
        return self.places.get(name, NOWHERE)

    def breach_assets(self, position: Position) -> Rows:
        """Assets in which a position may pay into the wallet, if its contract can break."""
        if not self.place(position.name).breaks:
            return ()
        names = [self.resolve(line.asset) for line in position.lines if line.cash]
        return tuple(dict.fromkeys(names))

    def resolve(self, asset: str) -> str:
        """An asset's name, with the book's cash for `CASH`."""
        return self.cash_asset if asset == CASH else asset

    def lines(self, position: Position) -> tuple[Line, ...]:
        """The entry lines of a position, with those that its dues bring."""
        lines = [Line(li.kind, self.resolve(li.asset), li.cash) for li in position.lines]
        for due in position.dues:
            asset = self.resolve(due.asset)
            lines += [Line(due.kind, asset), Line("forgiven", asset), Line("settlement", asset)]
            lines.append(Line("settlement", asset, cash=True))
        lines += [Line("breach", asset, cash=True) for asset in self.breach_assets(position)]
        return tuple(lines)

    def plan(self) -> Layout:
        """Give everything its row."""
        observables = (*self.scenario.publishes, *(n for v in self.venues for n in v.publishes))
        signals = [signal for position in self.positions for signal in position.reads]
        signals += [signal for policy in self.policies for signal in policy.reads]
        signals += [signal for venue in self.venues for signal in venue.reads]
        signals += [signal for place in self.places.values() for signal in place.reads]
        signals += self.scenario.reads
        constants = [signal_row(s) for s in signals if not isinstance(s, str)]
        assets = self.assets()
        # a venue may price what no position holds: a farm's reward, where holding is compared
        wanted = [asset for venue in self.venues for asset in getattr(venue, "priced", ())]
        priced = _with_usd(tuple(dict.fromkeys((*assets, *wanted))), observables)
        prices = Prices(observables, priced, self.numeraire)
        world = (*WORLD_ALWAYS, *observables, *prices.crosses, *constants)
        traded = [Line("trade", asset, cash=True) for asset in assets]
        traded += [Line("slippage", asset, cash=True) for asset in assets]
        accounts = {WALLET: tuple(traded)} | {p.name: self.lines(p) for p in self.positions}
        dues = {p.name: tuple((d.name, d.asset) for d in p.dues) for p in self.positions}
        layout = Layout(
            world=tuple(dict.fromkeys(world)),
            books=book_rows(assets, accounts, dues),
            assets=assets,
            cash=self.cash_asset,
            prices=prices,
            step_s=self.clock_s,
            deposits={p.name: getattr(p, "deposit", None) or {} for p in self.positions},
        )
        for place, tenant in self._readers():
            for signal in tenant.reads:
                layout.row(signal, f"{place}{_key_of(tenant, signal)}")
        return layout

    def _readers(self) -> list[tuple[str, Any]]:
        """Who reads observables, with the place where the user wrote it."""
        readers: list[tuple[str, Any]] = [(f"position.{p.name}", p) for p in self.positions]
        readers += [(f"policy.{p.name}", p) for p in self.policies]
        readers += [(f"venue.{v.name}", v) for v in self.venues]
        readers += [(f"position.{name}", place) for name, place in self.places.items()]
        processes = getattr(self.scenario, "processes", ())
        readers += [(f"process.{p.name}", p) for p in processes]
        return [*readers, ("scenario", self.scenario)]

    def with_(self, **changes: object) -> "Book":
        """The same book with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def _key_of(told: Any, signal: Signal) -> str:
    """The dotted key under which a tenant names an observable; empty where none does."""
    if isinstance(told, Mapping):
        parts = list(told.items())
    elif isinstance(told, list | tuple):
        parts = [(getattr(one, "name", k), one) for k, one in enumerate(told)]
    elif is_dataclass(told):
        parts = [(f.name, getattr(told, f.name)) for f in fields(told)]
    else:
        return ""
    for key, value in parts:
        if isinstance(value, str) and value == signal:
            return f".{key}"
        deeper = _key_of(value, signal)
        if deeper:
            return f".{key}{deeper}"
    return ""


def _with_usd(assets: Rows, observables: Rows) -> Rows:
    """Costs quoted in dollars need the dollar's price, where the world has one."""
    if "usd" in assets or not any("usd" in name.split("_") for name in observables):
        return assets
    return (*assets, "usd")


def _check_numbers(book: Book) -> None:
    if not book.step_s > 0.0:
        raise InputError("step", book.step_s, "a length of time above 0")
    if book.horizon_s < book.step_s:
        raise InputError("horizon", book.horizon_s, f"at least one step, {book.step_s:g} s")
    if not 0.0 <= book.trade_cost < 1.0:
        raise InputError("trade_cost", book.trade_cost, "a share from 0 to below 1")
    for asset, amount in book.wallet.items():
        if not 0.0 <= amount < float("inf"):
            raise InputError(f"wallet.{asset}", amount, "0 or more")
    if book.n_paths < 1:
        raise InputError("paths", book.n_paths, "1 or more")


def _check_names(book: Book) -> None:
    seen: set[str] = {WALLET}
    names = [position.name for position in book.positions]
    names += [policy.name for policy in book.policies]
    names += [venue.name for venue in book.venues]
    for name in names:
        if name in seen:
            raise InputError("name", name, "each name once, and not 'wallet'")
        seen.add(name)


def _check_places(book: Book) -> None:
    known = {position.name: position for position in book.positions}
    for name, place in book.places.items():
        if name not in known:
            allowed = f"one of {', '.join(known)}" if known else "the book has no position"
            raise InputError(f"places.{name}", name, allowed)
        closes = place.breaks or place.forced_out != 0.0
        if closes and "close" not in known[name].verbs:
            key = "kept" if place.breaks else "forced_out"
            raise InputError(f"position.{name}.{key}", None, "needs a position that can close")
    for name, position in known.items():
        book.house.check(name, book.place(name), getattr(position, "leverage", None))


def _check_policy(book: Book, policy: Policy) -> None:
    known = {position.name: position for position in book.positions}
    for name, gauges, verbs in policy.needs:
        place = f"policy.{policy.name}"
        if name not in known:
            allowed = f"one of {', '.join(known)}" if known else "the book has no position"
            raise InputError(f"{place}.position", name, allowed)
        position = known[name]
        for gauge in gauges:
            if gauge not in position.gauges:
                raise InputError(place, name, f"a position with the gauge {gauge}")
        for verb in verbs:
            if verb not in position.verbs:
                raise InputError(place, name, f"a position that can {verb}")
        check = getattr(policy, "check_prices", None)
        if check is not None:
            check(position, partial(_least, book.scenario))


def _least(scenario: Scenario, signal: Signal) -> float | None:
    """The least that a signal can be, where its world knows it."""
    if not isinstance(signal, str):
        return float(signal)
    known = getattr(scenario, "least", None)
    return None if known is None else known(signal)


def _check_wallet(book: Book) -> None:
    """Deposits are paid from the wallet: it must hold them."""
    need: dict[str, float] = {}
    for position in book.positions:
        for asset, quantity in (getattr(position, "deposit", None) or {}).items():
            need[asset] = need.get(asset, 0.0) + quantity
            have = book.wallet.get(asset, 0.0)
            if need[asset] > have * (1.0 + 1e-12):
                raise InputError(
                    f"position.{position.name}.deposit.{asset}",
                    quantity,
                    f"at most what the wallet holds, {have:g} {asset} for all positions",
                )
