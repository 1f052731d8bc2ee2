"""
The answer as JSON: plain numbers under stable names, shaped as `schema.py` says.

Amounts are in the numeraire, shares and rates are decimals, times are seconds. A number that was
found by simulation stands beside its standard error, under the same name with `_se`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from headframe.book import Book
from headframe.metric import Estimate
from headframe.metrics.advertised import Advertised
from headframe.metrics.alerts import Band, Lead
from headframe.metrics.attribution import Share
from headframe.metrics.basis import Basis
from headframe.metrics.chains import ChainShare
from headframe.metrics.events import Event
from headframe.metrics.insurance import Insurance
from headframe.metrics.liquidity import Liquidity
from headframe.metrics.tail import Chance
from headframe.report.earnings import earnings
from headframe.report.findings import Findings
from headframe.report.schema import (
    AdvertisedNumbers,
    AlertNumbers,
    AlternativeNumbers,
    ChainNumbers,
    ChanceNumbers,
    ComparisonNumbers,
    EventNumbers,
    FigureNumbers,
    HeldNumbers,
    InsuranceNumbers,
    LeadNumbers,
    LiquidityNumbers,
    PositionNumbers,
    ProbabilityNumbers,
    ResultNumbers,
    ReturnNumbers,
    RiskNumbers,
    WealthNumbers,
)
from headframe.studies.compare import Alternative

FORMAT = 1
"""Version of this JSON; a number is never renamed without raising it."""


def numbers(answer: Findings) -> dict[str, Any]:
    """Everything that the report tells."""
    return dict(result_numbers(answer))


def comparison_numbers(alternatives: Sequence[Alternative], book: Book) -> dict[str, Any]:
    """Books beside the first, which is `book`."""
    compared: ComparisonNumbers = {
        "format": FORMAT,
        "n_steps": book.n_steps,
        "horizon_s": book.n_steps * book.clock_s,
        "numeraire": book.numeraire,
        "books": [_alternative(other) for other in alternatives],
    }
    return dict(compared)


def result_numbers(answer: Findings) -> ResultNumbers:
    """The same, as the type checker knows it."""
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
        "positions": {share.account: _position(answer, share) for share in answer.shares},
        "held": {basis.position: _held(basis) for basis in answer.bases},
        "chains": [_chain(share) for share in answer.chains],
        "liquidity": _liquidity(answer.liquidity),
        "insurance": [_insurance(one) for one in answer.insurance],
        "alerts": [_band(band) for band in answer.alerts],
        "advertised": {one.position: _advertised(one) for one in answer.advertised},
        "break_evens": [
            {"asset": p.asset, "price_ratios": list(p.break_evens)} for p in answer.profiles
        ],
        "alternatives": [_alternative(other) for other in answer.alternatives],
        "largest_gap_in_the_books": kept.worst_gap,
        "notes": list(answer.notes),
    }


def _held(basis: Basis) -> HeldNumbers:
    return {
        "value": basis.value.value,
        "value_se": basis.value.se,
        "entry_value": basis.entry_value,
        "entry_date": basis.entry_date,
        "result_so_far": basis.so_far,
    }


def _advertised(one: Advertised) -> AdvertisedNumbers:
    return {
        "leverage": one.leverage,
        "fees_apr": one.fees_apr,
        "emissions_apr": one.emissions_apr,
        "borrow_apr": one.borrow_apr,
        "advertised_apr": one.advertised_apr,
        "stays_apr": one.stays_apr,
        "leaves_apr": one.leaves_apr,
        "capital_left": one.capital_left,
    }


def _chain(share: ChainShare) -> ChainNumbers:
    return {
        "chain": share.chain,
        "positions": list(share.positions),
        "before_gas": share.before_gas.value,
        "before_gas_se": share.before_gas.se,
        "gas": share.gas.value,
        "gas_se": share.gas.se,
        "net": share.net.value,
        "net_se": share.net.se,
    }


def _insurance(one: Insurance) -> InsuranceNumbers:
    return {
        "position": one.position,
        "premium": one.premium.value,
        "premium_se": one.premium.se,
        "fair_premium": one.fair_premium.value,
        "fair_premium_se": one.fair_premium.se,
    }


def _liquidity(found: Liquidity) -> LiquidityNumbers:
    return {
        "locked": found.locked.value,
        "locked_se": found.locked.se,
        "liquid": found.liquid.value,
        "liquid_se": found.liquid.se,
        "liquid_quantiles": _plain(found.liquid_quantiles),
    }


def _wealth(answer: Findings) -> WealthNumbers:
    w = answer.wealth
    return {
        "open": w.open,
        "mean": w.mean.value,
        "mean_se": w.mean.se,
        "mean_controlled": w.controlled.value,
        "mean_controlled_se": w.controlled.se,
        "quantiles": {f"{p:g}": e.value for p, e in w.quantiles.items()},
        "quantiles_se": {f"{p:g}": e.se for p, e in w.quantiles.items()},
        "over_time": [{"t_s": t_s, "quantiles": _plain(q)} for t_s, q in w.over_time.items()],
    }


def _returns(answer: Findings) -> ReturnNumbers:
    r = answer.rates
    better = earnings(answer.wealth, r, answer.kept.saved_s[-1])
    return {
        "apr": r.apr.value,
        "apr_se": r.apr.se,
        "apy": r.apy.value,
        "apy_se": r.apy.se,
        "apr_controlled": better.apr.value,
        "apr_controlled_se": better.apr.se,
        "apy_controlled": better.apy.value,
        "apy_controlled_se": better.apy.se,
        "apr_quantiles": _plain(r.apr_quantiles),
        "apy_quantiles": _plain(r.apy_quantiles),
    }


def _risk(answer: Findings) -> RiskNumbers:
    t = answer.tail
    return {
        "var_95": t.var[0.95].value,
        "var_95_se": t.var[0.95].se,
        "var_99": t.var[0.99].value,
        "var_99_se": t.var[0.99].se,
        "cvar_95": t.cvar[0.95].value,
        "cvar_95_se": t.cvar[0.95].se,
        "cvar_99": t.cvar[0.99].value,
        "cvar_99_se": t.cvar[0.99].se,
        "drawdown": t.drawdown.value,
        "drawdown_se": t.drawdown.se,
        "drawdown_quantiles": _plain(t.drawdown_quantiles),
    }


def _probability(answer: Findings) -> ProbabilityNumbers:
    t, clipped = answer.tail, answer.kept.moments.estimate("clipped")
    return {
        "loss": t.loss.probability,
        "loss_se": t.loss.se,
        "default": t.default.probability,
        "default_se": t.default.se,
        "default_causes": {name: _chance(cause) for name, cause in t.causes.items()},
        "orders_clipped_per_path": clipped.value,
        "orders_clipped_per_path_se": clipped.se,
    }


def _position(answer: Findings, share: Share) -> PositionNumbers:
    mine = {event.name: event for event in answer.events if event.position == share.account}
    never = Event(share.account, "liquidated", Chance(0.0, 0.0, 0.0, 0.0), {}, (), ())
    return {
        "result": share.total,
        "entries": _values(share.kinds),
        "entries_se": _errors(share.kinds),
        "quantities": _values(share.quantities),
        "quantities_se": _errors(share.quantities),
        "liquidation": _event(mine.get("liquidated", never)),
        "events": {name: _event(event) for name, event in mine.items()},
        "extremes": {
            x.name: {"mean": x.mean.value, "mean_se": x.mean.se, "quantiles": _plain(x.quantiles)}
            for x in answer.extremes
            if x.position == share.account
        },
    }


def _event(event: Event) -> EventNumbers:
    return {
        **_chance(event.chance),
        "when_s": _plain(event.when_s),
        "bins_s": list(event.bins_s),
        "probability_per_bin": list(event.per_bin),
    }


def _band(band: Band) -> AlertNumbers:
    return {
        "alert": band.alert,
        "health": band.health,
        "called": _chance(band.called),
        "calls_per_path": band.calls.value,
        "calls_per_path_se": band.calls.se,
        "warned": band.warned.value,
        "warned_se": band.warned.se,
        "first_lead": _lead(band.first),
        "last_lead": _lead(band.last),
    }


def _lead(lead: Lead) -> LeadNumbers:
    return {
        "n_paths": lead.n_paths,
        "quantiles_s": {f"{p:g}": e.value for p, e in lead.quantiles_s.items()},
        "quantiles_s_se": {f"{p:g}": e.se for p, e in lead.quantiles_s.items()},
    }


def _alternative(other: Alternative) -> AlternativeNumbers:
    return {
        "name": other.name,
        **_figures(other.figures),
        "difference": _figures(other.differences),
    }


def _figures(figures: Mapping[str, Estimate]) -> FigureNumbers:
    out: dict[str, float] = {}
    for name, estimate in figures.items():
        out |= {name: estimate.value, f"{name}_se": estimate.se}
    return cast(FigureNumbers, out)


def _chance(chance: Chance) -> ChanceNumbers:
    return {
        "probability": chance.probability,
        "se": chance.se,
        "low": chance.low,
        "high": chance.high,
    }


def _values(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {name: estimate.value for name, estimate in estimates.items()}


def _errors(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {name: estimate.se for name, estimate in estimates.items()}


def _plain(quantiles: Mapping[float, float]) -> dict[str, float]:
    return {f"{p:g}": value for p, value in quantiles.items()}
