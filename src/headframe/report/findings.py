"""What a run found: all that a report tells, gathered once, whatever it is then told on."""

from collections.abc import Sequence
from dataclasses import dataclass

from headframe.book import Book
from headframe.metrics.advertised import Advertised, advertised
from headframe.metrics.alerts import Band, alerts
from headframe.metrics.attribution import Share, attribution
from headframe.metrics.basis import Basis, bases
from headframe.metrics.breakeven import Profile, profiles
from headframe.metrics.chains import ChainShare, chains
from headframe.metrics.events import Event, Extreme, events, extremes
from headframe.metrics.insurance import Insurance, insurance
from headframe.metrics.liquidity import Liquidity, liquidity
from headframe.metrics.returns import Rates, Wealth, rates, wealth
from headframe.metrics.tail import Tail, tail
from headframe.studies.compare import Alternative
from headframe.tally import Kept


@dataclass(frozen=True, eq=False)
class Findings:
    """The metrics of a run of a book and, where asked for, what its alternatives come to."""

    book: Book
    kept: Kept
    wealth: Wealth
    rates: Rates
    tail: Tail
    events: tuple[Event, ...]
    extremes: tuple[Extreme, ...]
    shares: tuple[Share, ...]
    profiles: tuple[Profile, ...]
    liquidity: Liquidity
    bases: tuple[Basis, ...] = ()
    chains: tuple[ChainShare, ...] = ()
    insurance: tuple[Insurance, ...] = ()
    advertised: tuple[Advertised, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    alerts: tuple[Band, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether the run was interrupted before its last path."""
        return self.kept.n_paths < self.kept.settings.n_paths


def find(
    book: Book, kept: Kept, others: Sequence[Alternative] = (), notes: Sequence[str] = ()
) -> Findings:
    """Gather the metrics of what was kept."""
    return Findings(
        book=book,
        kept=kept,
        wealth=wealth(kept),
        rates=rates(kept),
        tail=tail(kept),
        events=tuple(events(kept)),
        extremes=tuple(extremes(kept)),
        shares=tuple(attribution(kept)),
        profiles=tuple(profiles(kept)),
        bases=tuple(bases(kept, book)),
        chains=tuple(chains(kept, book)),
        insurance=tuple(insurance(kept)),
        advertised=tuple(advertised(book)),
        liquidity=liquidity(kept),
        alternatives=tuple(others),
        alerts=tuple(alerts(kept)),
        notes=(*getattr(book.scenario, "notes", ()), *notes),
    )
