"""How an alert's bands are told: one table, the same on the terminal and on the page."""

from headframe.metric import Estimate
from headframe.metrics.alerts import Band, Lead
from headframe.report.findings import Findings
from headframe.report.formats import clock, percent_with_error, with_error, words
from headframe.report.story import horizon_s


def call_heads(answer: Findings) -> tuple[str, ...]:
    """
    Heads of the table: the health, the chance of a call, calls a path, the share of liquidations
    with one before, and the median time from the first and from the last call to the liquidation.
    """
    word, _ = clock(horizon_s(answer))
    return ("called", "chance", "calls", "warned", f"first, {word}s", "last")


def call_rows(answer: Findings) -> list[tuple[str, ...]]:
    """A row a band, as a falling health meets them."""
    return [_row(band, answer) for band in answer.alerts]


def _row(band: Band, answer: Findings) -> tuple[str, ...]:
    called = Estimate(band.called.probability, band.called.se)
    several = len({other.alert for other in answer.alerts}) > 1
    warned = percent_with_error(band.warned) if band.first.n_paths else ""
    return (
        f"{words(band.alert)} {band.health:g}" if several else f"{band.health:g}",
        percent_with_error(called),
        with_error(band.calls),
        warned,
        _time(band.first, answer),
        _time(band.last, answer),
    )


def _time(lead: Lead, answer: Findings) -> str:
    if not lead.quantiles_s:
        return ""
    _, size_s = clock(horizon_s(answer))
    half = lead.quantiles_s[0.5]
    return with_error(Estimate(half.value / size_s, half.se / size_s))
