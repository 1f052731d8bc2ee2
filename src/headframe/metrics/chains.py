"""
What each chain came to: the result of the positions that stand on it, and the gas of it.

    net = sum over its positions of (what prices did + every entry),   before gas = net - gas

Sums are taken path by path in the tally, so that each mean has its own standard error: gas and the
rest move together, and their errors do not add up.
"""

from dataclasses import dataclass

from headframe.book import Book
from headframe.metric import Estimate
from headframe.tally import CHAIN_FIGURES, ELSEWHERE, Kept, chains_of
from headframe.types import Rows


@dataclass(frozen=True)
class ChainShare:
    """One chain's part of the mean result; without a name it is what stands on none, the wallet."""

    chain: str | None
    positions: Rows
    before_gas: Estimate
    gas: Estimate
    net: Estimate


def chains(kept: Kept, book: Book) -> list[ChainShare]:
    """Every chain's part, what stands on none last; nothing where no position names a chain."""
    return [_share(kept, chain, names) for chain, names in chains_of(book).items()]


def _share(kept: Kept, chain: str, names: Rows) -> ChainShare:
    figures = [kept.moments.estimate(f"chain/{chain}/{figure}") for figure in CHAIN_FIGURES]
    return ChainShare(None if chain == ELSEWHERE else chain, names, *figures)
