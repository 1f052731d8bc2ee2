"""
Two texts of a protocol play the same moves, and are compared after each.

A duel holds our state and the deployed contract side by side. It draws a move from a random
generator; the runner plays the move on both and compares what came back, bytes of a refusal
included, then every storage word that the move may have touched, and at the end of the sequence
every word that the contract ever touched. A sequence is determined by its seed alone.
"""

import json
import os
import platform
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar, Protocol

from headframe.errors import Revert

from .chain import Answer, Chain

MOVES_PER_SEQUENCE = 100
"""Moves after which a new start is drawn; everything is compared then."""

Storage = dict[str, dict[int, int]]
"""Words by slot by contract."""


@dataclass(frozen=True)
class Move:
    """One action on both texts."""

    label: str
    ours: Callable[[], bytes]
    theirs: Callable[[], Answer]
    touched: Callable[[], Storage]


class Duel(Protocol):
    """A protocol's two texts, at a start that was drawn."""

    name: ClassVar[str]
    judge: ClassVar[str]
    chain: Chain

    def __init__(self, rng: random.Random) -> None: ...
    def draw(self, rng: random.Random) -> Move: ...
    def everything(self) -> Storage: ...


@dataclass
class Tally:
    """What a number of sequences came to."""

    protocol: str
    judge: str
    first_seed: int
    sequences: int = 0
    actions: int = 0
    refused: int = 0
    words_compared: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    mismatches: list[dict[str, object]] = field(default_factory=list)


def run(duel_type: type[Duel], *, actions: int, first_seed: int, stop_at: int = 10) -> Tally:
    """Play sequences until so many actions agreed, or `stop_at` sequences did not."""
    tally = Tally(duel_type.name, duel_type.judge, first_seed)
    begun = time.monotonic()
    while tally.actions < actions and len(tally.mismatches) < stop_at:
        seed = first_seed + tally.sequences
        play(duel_type, seed, min(MOVES_PER_SEQUENCE, actions - tally.actions), tally)
        tally.sequences += 1
    tally.seconds = time.monotonic() - begun
    return tally


def play(duel_type: type[Duel], seed: int, moves: int, tally: Tally) -> None:
    """Play one sequence; the first mismatch ends it, since the two have parted."""
    rng = random.Random(f"{duel_type.name} {seed}")
    try:
        duel = duel_type(rng)
    except PartedError as parted:
        tally.mismatches.append({"seed": seed, "move": "start", **parted.args[0]})
        return
    if found := _compare_everything(duel, tally):
        tally.mismatches.append({"seed": seed, "move": "start", **found})
        return
    for number in range(moves):
        move = duel.draw(rng)
        found = _compare_move(duel, move, tally)
        tally.actions += 1
        tally.kinds[move.label.split("(")[0]] += 1
        if found:
            tally.mismatches.append({"seed": seed, "move": number, "call": move.label, **found})
            return
    if found := _compare_everything(duel, tally):
        tally.mismatches.append({"seed": seed, "move": "end", **found})


class PartedError(AssertionError):
    """The two texts parted while the start was set up."""


def set_up(move: Move) -> None:
    """Play a move on the way to the start: only the answers are compared."""
    ours, theirs = _answers(move)
    if ours != theirs:
        raise PartedError({"call": move.label, "ours": _show(ours), "theirs": _show(theirs)})


def _answers(move: Move) -> tuple[Answer, Answer]:
    try:
        return Answer(move.ours()), move.theirs()
    except Revert as refusal:
        return Answer(refusal.data, failed=True), move.theirs()


def _compare_move(duel: Duel, move: Move, tally: Tally) -> dict[str, object]:
    ours, theirs = _answers(move)
    if ours != theirs:
        return {"ours": _show(ours), "theirs": _show(theirs)}
    if ours.failed:
        tally.refused += 1
        tally.refusals[reason(ours.data)] += 1
    for contract, slots in move.touched().items():
        tally.words_compared += len(slots)
        for slot, value in slots.items():
            deployed = duel.chain.slot(contract, slot)
            if deployed != value:
                return _difference(contract, slot, value, deployed)
    return {}


def _compare_everything(duel: Duel, tally: Tally) -> dict[str, object]:
    for contract, ours in duel.everything().items():
        theirs = duel.chain.storage(contract)
        tally.words_compared += len(theirs)
        for slot in theirs.keys() | ours.keys():
            if theirs.get(slot, 0) != ours.get(slot, 0):
                return _difference(contract, slot, ours.get(slot, 0), theirs.get(slot, 0))
    return {}


def _difference(contract: str, slot: int, ours: int, theirs: int) -> dict[str, object]:
    return {"contract": contract, "slot": hex(slot), "ours": hex(ours), "theirs": hex(theirs)}


def _show(answer: Answer) -> str:
    return f"{'refused' if answer.failed else 'returned'} 0x{answer.data.hex()}"


def reason(data: bytes) -> str:
    """Name a refusal for the count."""
    if data[:4] == bytes.fromhex("08c379a0"):
        return data[68 : 68 + int.from_bytes(data[36:68], "big")].decode(errors="replace")
    return f"0x{data[:36].hex()}" if data else "no data"


def actions_wanted(default: int) -> int:
    """Number of actions to play: `HEADFRAME_ORACLE_ACTIONS`, or the test's own."""
    return int(os.environ.get("HEADFRAME_ORACLE_ACTIONS") or default)


def seed_wanted() -> int:
    """First seed: `HEADFRAME_ORACLE_SEED`, or 0."""
    return int(os.environ.get("HEADFRAME_ORACLE_SEED") or 0)


def report(tally: Tally) -> None:
    """Write the tally as JSON into the folder `HEADFRAME_ORACLE_REPORT`, if that is set."""
    folder = os.environ.get("HEADFRAME_ORACLE_REPORT")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        facts = vars(tally) | {
            "last_seed": tally.first_seed + tally.sequences - 1,
            "evm": f"pyrevm {version('pyrevm')}",
            "python": platform.python_version(),
        }
        text = json.dumps(facts, indent=2, sort_keys=True)
        (Path(folder) / f"{tally.protocol}.json").write_text(text + "\n")
