"""
A Uniswap v3 pool's whole state as a JSON file: a replay ends with one and the next begins from it.

Numbers wider than 53 bits are text, as JSON readers round them; narrower ones may be either. The
file is checked when it is read: ticks must add up to the liquidity that is active, positions to the
ticks, so that a snapshot that lacks something is refused and not replayed.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from headframe.errors import InputError, Revert
from headframe.exact.uniswap_v3 import (
    Observation,
    Pool,
    PositionInfo,
    TickInfo,
    create_pool,
    get_tick_at_sqrt_ratio,
)
from headframe.exact.uniswap_v3_math import FEE_DENOMINATOR_PIPS, get_sqrt_ratio_at_tick
from headframe.exact.uniswap_v3_pool import MAX_TICK_SPACING

FORMAT = 1
"""Version of the file; a name is never changed without raising it."""
GLOBALS = (
    "sqrt_price_x96", "tick", "liquidity", "fee_growth_global0_x128", "fee_growth_global1_x128",
    "fee_protocol0", "fee_protocol1", "protocol_fees0", "protocol_fees1", "balance0", "balance1",
)  # fmt: skip
"""What a pool keeps once."""
SIGNED = {"tick", "liquidity_net", "tick_cumulative_outside", "tick_cumulative", "tick_lower",
          "tick_upper"}  # fmt: skip
"""Numbers that may be negative."""
_SAFE = 1 << 53


def write_state(pool: Pool, path: Path) -> None:
    """Write a pool's state; `InputError` where the file cannot be written."""
    ring = pool.observations
    state: dict[str, Any] = {
        "format": FORMAT, "fee_pips": pool.fee_pips, "tick_spacing": pool.tick_spacing,
        **{name: _said(getattr(pool, name)) for name in GLOBALS},
        "ticks": [{"tick": t, **_parts(pool.ticks[t])} for t in pool.initialized_ticks],
        "positions": [
            {"owner": str(owner), "tick_lower": lower, "tick_upper": upper, **_parts(position)}
            for (owner, lower, upper), position in pool.positions.items()
        ],
        "observations": {
            "index": ring.index, "cardinality": ring.cardinality,
            "cardinality_next": ring.cardinality_next,
            "notes": [[_said(part) for part in note] for note in ring.notes],
        },
    }  # fmt: skip
    try:
        path.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError("--save", str(path), error.strerror or str(error)) from None


def read_state(path: Path) -> Pool:
    """
    Read a pool's state.

    Raises `InputError` that names the file and the key: no JSON, a number that is missing or none,
    a price without its tick, ticks or positions that do not add up.
    """
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(path), None, error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise InputError(path.name, None, "is no JSON") from None
    try:
        pool = _pool(_Keys("", state))
        _check(pool)
    except InputError as error:
        raise error.within(path.name) from None
    return pool


def _said(value: int) -> int | str:
    return value if -_SAFE < value < _SAFE else str(value)


def _parts(info: TickInfo | PositionInfo) -> dict[str, int | str]:
    return {part.name: _said(getattr(info, part.name)) for part in fields(info)}


class _Keys:
    """An object of the file, and where it stands."""

    def __init__(self, place: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise InputError(place or "the state", value, "an object with names")
        self.place, self.value = place, value

    def get(self, key: str) -> Any:
        place = f"{self.place}.{key}" if self.place else key
        if key not in self.value:
            raise InputError(place, None, "is missing")
        return self.value[key]

    def number(self, key: str) -> int:
        return _number(f"{self.place}.{key}" if self.place else key, key, self.get(key))

    def each(self, key: str) -> list[Any]:
        value = self.get(key)
        if not isinstance(value, list):
            raise InputError(key, value, "a list")
        return value


def _number(place: str, key: str, value: Any) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    digits = text[1:] if text.startswith("-") and key in SIGNED else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 78:
        kind = "a whole number" if key in SIGNED else "a whole number of 0 or more"
        raise InputError(place, value, kind)
    return int(text)


def _pool(state: _Keys) -> Pool:
    if state.number("format") != FORMAT:
        raise InputError("format", state.get("format"), f"{FORMAT}")
    fee_pips, spacing = state.number("fee_pips"), state.number("tick_spacing")
    if fee_pips >= FEE_DENOMINATOR_PIPS or not 0 < spacing < MAX_TICK_SPACING:
        raise InputError("fee_pips, tick_spacing", (fee_pips, spacing), "a fee below a whole")
    pool = create_pool(fee_pips, spacing)
    for name in GLOBALS:
        setattr(pool, name, state.number(name))
    for place, value in enumerate(state.each("ticks")):
        keys = _Keys(f"ticks[{place}]", value)
        info = TickInfo(**{part.name: keys.number(part.name) for part in fields(TickInfo)})
        pool.ticks[keys.number("tick")] = info
    pool.initialized_ticks = sorted(pool.ticks)
    for place, value in enumerate(state.each("positions")):
        keys = _Keys(f"positions[{place}]", value)
        key = (str(keys.get("owner")), keys.number("tick_lower"), keys.number("tick_upper"))
        named = {part.name: keys.number(part.name) for part in fields(PositionInfo)}
        pool.positions[key] = PositionInfo(**named)
    _read_ring(pool, _Keys("observations", state.get("observations")))
    return pool


def _read_ring(pool: Pool, keys: _Keys) -> None:
    ring = pool.observations
    ring.index, ring.cardinality = keys.number("index"), keys.number("cardinality")
    ring.cardinality_next = keys.number("cardinality_next")
    for place, note in enumerate(keys.each("notes")):
        where = f"observations.notes[{place}]"
        if not isinstance(note, list) or len(note) != len(Observation._fields):
            raise InputError(where, note, f"{len(Observation._fields)} numbers")
        pairs = zip(Observation._fields[:3], note, strict=False)
        first, second, third = (_number(where, name, value) for name, value in pairs)
        ring.notes.append(Observation(first, second, third, initialized=bool(note[3])))
    if len(ring.notes) != ring.cardinality_next or not (
        ring.index < max(ring.cardinality, 1) <= max(ring.cardinality_next, 1)
    ):
        raise InputError("observations", None, "as many notes as cardinality_next says")


def _check(pool: Pool) -> None:
    """Refuse a state that no pool can be in."""
    try:
        tick = get_tick_at_sqrt_ratio(pool.sqrt_price_x96)
        at_tick = get_sqrt_ratio_at_tick(tick) == pool.sqrt_price_x96
    except Revert:
        raise InputError("sqrt_price_x96", pool.sqrt_price_x96, "a pool's price") from None
    # A swap that falls onto a tick's price has already crossed it.
    if pool.tick != tick and not (at_tick and pool.tick == tick - 1):
        raise InputError("tick", pool.tick, f"{tick}, by the price")
    gross, net = dict.fromkeys(pool.ticks, 0), dict.fromkeys(pool.ticks, 0)
    for (_, lower, upper), position in pool.positions.items():
        if position.liquidity and not (lower < upper and {lower, upper} <= pool.ticks.keys()):
            raise InputError("positions", (lower, upper), "a range between two of its ticks")
        for end, sign in ((lower, 1), (upper, -1)) if position.liquidity else ():
            gross[end] += position.liquidity
            net[end] += sign * position.liquidity
    for place, info in pool.ticks.items():
        if (info.liquidity_gross, info.liquidity_net) != (gross[place], net[place]):
            raise InputError(f"tick {place}", None, "its liquidity is not that of its positions")
    active = sum(change for place, change in net.items() if place <= pool.tick)
    if active != pool.liquidity:
        raise InputError("liquidity", pool.liquidity, f"{active}, by the ticks")
    if pool.observations.cardinality < 1:
        raise InputError("observations", None, "a pool with a price has one note at least")
