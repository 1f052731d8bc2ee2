"""
Faulty tenants: each breaks one law, so that the law can be seen to notice.

A planted position wraps a sound one and changes a single method; everything else is the sound
one's.
"""

import defi
import samples

from headframe.ledger import Line
from headframe.position import Order


class Planted:
    """A sound tenant with a fault."""

    def __init__(self, sound, **faults):
        self._sound = sound
        self.__dict__ |= faults

    def __getattr__(self, name):
        return getattr(self.__dict__["_sound"], name)


def in_book(tenant, **rest):
    """A sample whose book holds the planted position."""
    return samples.Sample(lambda: samples.book(tenant, **rest))


def with_fault(**faults):
    """A planted position around a plain lump of coins, which may book rewards and fees."""
    sound = defi.held_asset()
    extra = tuple(Line(kind, sound.asset) for kind in ("reward", "fee", "penalty"))
    lines = (*sound.lines, *extra, Line("reward", "usdc"))
    return Planted(sound, lines=lines, **faults)


def everywhere(chunk, position, verb, amount):
    """An order on all paths."""
    mask = chunk.books["opening"] == chunk.books["opening"]
    return Order(position=position, verb=verb, mask=mask, amount=amount)
