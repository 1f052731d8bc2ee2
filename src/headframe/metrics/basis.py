"""What was held already: what it cost, what it is worth at the opening, and the result so far."""

from dataclasses import dataclass

from headframe.book import Book
from headframe.metric import Estimate
from headframe.tally import Kept


@dataclass(frozen=True)
class Basis:
    """
    A position that started from present holdings.

    `value` is its worth at the opening; `entry_value` and `entry_date` are what the book says was
    paid for it and when. The result of a run counts from the opening; `so_far` is what came before.
    """

    position: str
    value: Estimate
    entry_value: float | None
    entry_date: str | None

    @property
    def so_far(self) -> float | None:
        """Result between entry and opening, where the entry's value is known."""
        return None if self.entry_value is None else self.value.value - self.entry_value


def bases(kept: Kept, book: Book) -> list[Basis]:
    """One for each position that was held already."""
    found = []
    for position in book.positions:
        held = getattr(position, "held", None)
        if held is not None:
            found.append(
                Basis(
                    position=position.name,
                    value=kept.moments.estimate(f"held/{position.name}"),
                    entry_value=getattr(held, "entry_value", None),
                    entry_date=getattr(held, "entry_date", None),
                )
            )
    return found
