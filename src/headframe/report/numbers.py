"""
The answer as JSON: plain numbers under stable names, and the schema that describes them.

Amounts are in the numeraire, shares and rates are decimals, times are seconds. A number that was
found by simulation stands beside its standard error, under the same name with `_se`.
"""

from collections.abc import Mapping
from typing import Any

from headframe.book import Book
from headframe.metric import Estimate
from headframe.metrics.attribution import Share
from headframe.metrics.events import Event
from headframe.metrics.tail import Chance
from headframe.report.answer import Answer
from headframe.studies.compare import Alternative

FORMAT = 1
"""Version of this JSON; a number is never renamed without raising it."""


def numbers(answer: Answer) -> dict[str, Any]:
    """Everything that the report tells."""
    kept, book = answer.kept, answer.book
    return {
        "format": FORMAT,
        "name": book.name,
        "seed": kept.settings.seed,
        "n_paths": kept.n_paths,
        "n_paths_asked": kept.settings.n_paths,
        "partial": answer.partial,
        "antithetic": kept.settings.antithetic,
        "n_steps": book.n_steps,
        "step_s": book.clock_s,
        "horizon_s": book.n_steps * book.clock_s,
        "numeraire": book.numeraire,
        "wealth": _wealth(answer),
        "returns": _returns(answer),
        "risk": _risk(answer),
        "probability": _probability(answer),
        "positions": {
            share.account: _position(answer, share) for share in answer.shares
        },
        "break_evens": [
            {"asset": p.asset, "price_ratios": list(p.break_evens)} for p in answer.profiles
        ],
        "alternatives": [_alternative(a) for a in answer.alternatives],
        "largest_gap_in_the_books": kept.worst_gap,
        "notes": list(answer.notes),
    }


def _wealth(answer: Answer) -> dict[str, Any]:
    w = answer.wealth
    return {
        "open": w.open,
        **_with_se("mean", w.mean),
        **_with_se("mean_controlled", w.controlled),
        "quantiles": {f"{p:g}": e.value for p, e in w.quantiles.items()},
        "quantiles_se": {f"{p:g}": e.se for p, e in w.quantiles.items()},
        "over_time": [
            {"t_s": t_s, "quantiles": _plain(quantiles)} for t_s, quantiles in w.over_time.items()
        ],
    }


def _returns(answer: Answer) -> dict[str, Any]:
    r = answer.rates
    return {
        **_with_se("apr", r.apr),
        **_with_se("apy", r.apy),
        "apr_quantiles": _plain(r.apr_quantiles),
        "apy_quantiles": _plain(r.apy_quantiles),
    }


def _risk(answer: Answer) -> dict[str, Any]:
    t = answer.tail
    out: dict[str, Any] = {}
    for level, estimate in t.var.items():
        out |= _with_se(f"var_{100 * level:.0f}", estimate)
    for level, estimate in t.cvar.items():
        out |= _with_se(f"cvar_{100 * level:.0f}", estimate)
    out |= _with_se("drawdown", t.drawdown)
    out["drawdown_quantiles"] = _plain(t.drawdown_quantiles)
    return out


def _probability(answer: Answer) -> dict[str, Any]:
    t = answer.tail
    return {
        "loss": t.loss.probability,
        "loss_se": t.loss.se,
        "default": t.default.probability,
        "default_se": t.default.se,
        "default_causes": {name: _chance(c) for name, c in t.causes.items()},
        **_with_se("orders_clipped_per_path", answer.kept.moments.estimate("clipped")),
    }


def _position(answer: Answer, share: Share) -> dict[str, Any]:
    mine = [event for event in answer.events if event.position == share.account]
    liquidations = [event for event in mine if event.name == "liquidated"]
    never = Chance(0.0, 0.0, 0.0, 0.0)
    return {
        "result": share.total,
        "entries": {kind: e.value for kind, e in share.kinds.items()},
        "entries_se": {kind: e.se for kind, e in share.kinds.items()},
        "quantities": {line: e.value for line, e in share.quantities.items()},
        "liquidation": _event(liquidations[0]) if liquidations else _chance(never),
        "events": {event.name: _event(event) for event in mine},
        "extremes": {
            x.name: {**_with_se("mean", x.mean), "quantiles": _plain(x.quantiles)}
            for x in answer.extremes
            if x.position == share.account
        },
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        **_chance(event.chance),
        "when_s": _plain(event.when_s),
        "bins_s": list(event.bins_s),
        "probability_per_bin": list(event.per_bin),
    }


def _alternative(other: Alternative) -> dict[str, Any]:
    return {
        "name": other.name,
        **{k: v for f, e in other.figures.items() for k, v in _with_se(f, e).items()},
        "difference": {k: v for f, e in other.differences.items() for k, v in _with_se(f, e).items()},
    }


def _chance(chance: Chance) -> dict[str, float]:
    return {
        "probability": chance.probability,
        "se": chance.se,
        "low": chance.low,
        "high": chance.high,
    }


def _with_se(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_se": estimate.se}


def _plain(quantiles: Mapping[float, float]) -> dict[str, float]:
    return {f"{p:g}": value for p, value in quantiles.items()}


def comparison_numbers(found: list[Alternative], book: Book) -> dict[str, Any]:
    """What `headframe compare --json` prints; the first alternative is what others differ from."""
    return {
        "format": FORMAT,
        "against": found[0].name,
        "numeraire": book.numeraire,
        "alternatives": [_alternative(other) for other in found],
    }
