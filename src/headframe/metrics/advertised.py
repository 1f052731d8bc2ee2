"""
What each farm would advertise at the opening, taken apart, and what remains without incentives.

Pages show fees and emissions as one number, of now and before one's own money is in it. Here they
stand apart, with the interest of the debt, on equity; beside them what is left when emissions end:
while nobody has left yet, and when capital has left by an elasticity of 1.
"""

from dataclasses import dataclass

from headframe.analytics.incentives import YieldParts, after_incentives
from headframe.book import Book
from headframe.chunk import Chunk
from headframe.scenario import Paths
from headframe.types import Signal

ELASTICITY = 1.0
"""Capital that leaves: half the yield, half the capital. See `analytics.incentives`."""


@dataclass(frozen=True)
class Advertised:
    """
    A position's yield at the opening: simple yearly rates on equity, which add up.

    `fees_apr` and `emissions_apr` are those of all its assets, `borrow_apr` the cost of its debt;
    `stays_apr` is what is left of the whole when emissions end and nobody leaves, `leaves_apr` when
    a part of the capital does and `capital_left` of it stays.
    """

    position: str
    leverage: float
    fees_apr: float
    emissions_apr: float
    borrow_apr: float
    stays_apr: float
    leaves_apr: float
    capital_left: float

    @property
    def advertised_apr(self) -> float:
        """All of it."""
        return self.fees_apr + self.emissions_apr - self.borrow_apr

    @classmethod
    def of(cls, position: str, parts: YieldParts) -> "Advertised":
        """A position's parts, brought on equity."""
        left = after_incentives(
            fees_apr=max(parts.fees_apr, 0.0),
            emissions_apr=max(parts.emissions_apr, 0.0),
            capital_elasticity=ELASTICITY,
        )
        return cls(
            position=position,
            leverage=parts.leverage,
            fees_apr=parts.leverage * parts.fees_apr,
            emissions_apr=parts.leverage * parts.emissions_apr,
            borrow_apr=(parts.leverage - 1.0) * parts.borrow_apr,
            stays_apr=parts.without_emissions_apr(),
            leaves_apr=parts.without_emissions_apr(capital_elasticity=ELASTICITY),
            capital_left=float(left.capital),
        )


def advertised(book: Book) -> list[Advertised]:
    """Every position that has something to advertise, at the prices and rates of the opening."""
    offers = [p for p in book.positions if getattr(p, "advertised", None) is not None]
    if not offers:
        return []
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=1, seed=book.seed))
    world, at = chunk.now.world.data, chunk.layout

    def look(signal: Signal) -> float:
        return float(world[at.row(signal)][0])

    def price(asset: str) -> float:
        return float(world[at.price(asset)][0])

    found = [(p.name, p.advertised(look, price)) for p in offers]  # type: ignore[attr-defined]
    return [Advertised.of(name, parts) for name, parts in found if parts is not None]
