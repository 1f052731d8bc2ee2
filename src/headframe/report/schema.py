"""
The shape of the JSON that `--json` prints, written once: types for us, a JSON schema for others.

`numbers.py` builds these dictionaries and is checked against them by the type checker; a test
validates real answers against the schema that is made from them here, so the three cannot drift
apart. Amounts are in the numeraire, shares and rates are decimals, times are seconds.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The dialect of the schemas."""
CLOSED = ConfigDict(extra="forbid")
"""What is not described here does not occur."""

Probability = Annotated[float, Field(ge=0.0, le=1.0, description="A probability, 0 to 1.")]
"""A probability."""
Error = Annotated[float, Field(ge=0.0, description="A standard error.")]
"""The standard error of the number of the same name; 0 where there is one path only."""
Seconds = Annotated[float, Field(ge=0.0, description="Seconds since the start.")]
"""A time since the start."""
Quantiles = Annotated[
    dict[str, float], Field(description="Quantiles by their probability, such as '0.05'.")
]
"""Quantiles under their probabilities as text."""
ByName = Annotated[dict[str, float], Field(description="Means of all paths, by name.")]
"""Means by the name of a kind or of a line."""
ErrorsByName = Annotated[dict[str, Error], Field(description="Standard errors, by name.")]
"""Standard errors under the same names."""


@with_config(CLOSED)
class Instant(TypedDict):
    """Quantiles of wealth at one date."""

    t_s: Seconds
    quantiles: Quantiles


@with_config(CLOSED)
class WealthNumbers(TypedDict):
    """
    Wealth in the numeraire: at the opening, at the horizon, and over time.

    `mean_controlled` is the mean by control variates: often the same with far less error.
    """

    open: float
    mean: float
    mean_se: Error
    mean_controlled: float
    mean_controlled_se: Error
    quantiles: Quantiles
    quantiles_se: ErrorsByName
    over_time: list[Instant]


@with_config(CLOSED)
class ReturnNumbers(TypedDict):
    """Rates a year of 365 days; `_controlled` are those of the mean by control variates."""

    apr: float
    apr_se: Error
    apy: float
    apy_se: Error
    apr_controlled: float
    apr_controlled_se: Error
    apy_controlled: float
    apy_controlled_se: Error
    apr_quantiles: Quantiles
    apy_quantiles: Quantiles


@with_config(CLOSED)
class RiskNumbers(TypedDict):
    """Losses against the opening as positive amounts; drawdowns as shares of the peak."""

    var_95: float
    var_95_se: Error
    var_99: float
    var_99_se: Error
    cvar_95: float
    cvar_95_se: Error
    cvar_99: float
    cvar_99_se: Error
    drawdown: float
    drawdown_se: Error
    drawdown_quantiles: Quantiles


@with_config(CLOSED)
class ChanceNumbers(TypedDict):
    """A probability with its standard error and its 95 % interval, `low` to `high`."""

    probability: Probability
    se: Error
    low: Probability
    high: Probability


@with_config(CLOSED)
class EventNumbers(ChanceNumbers):
    """
    An event that happens at most once a path.

    `when_s` has quantiles of its time on the paths on which it happened; `probability_per_bin` are
    shares of all paths, between neighbours of `bins_s`.
    """

    when_s: dict[str, Seconds]
    bins_s: list[Seconds]
    probability_per_bin: list[Probability]


@with_config(CLOSED)
class ProbabilityNumbers(TypedDict):
    """Chances of the whole book; `default_causes` are named POSITION/DUE."""

    loss: Probability
    loss_se: Error
    default: Probability
    default_se: Error
    default_causes: dict[str, ChanceNumbers]
    orders_clipped_per_path: float
    orders_clipped_per_path_se: Error


@with_config(CLOSED)
class ExtremeNumbers(TypedDict):
    """The worst that a gauge came to on a path; 1e9 is the health of a position without debt."""

    mean: float
    mean_se: Error
    quantiles: Quantiles


@with_config(CLOSED)
class HeldNumbers(TypedDict):
    """A position that was held already; the run's own result counts from the opening."""

    value: float
    value_se: float
    entry_value: float | None
    entry_date: str | None
    result_so_far: float | None


@with_config(CLOSED)
class PositionNumbers(TypedDict):
    """
    A position, or the wallet: its part of the mean result.

    `entries` are values by kind, with what prices did as kind `market`; they add up to `result`.
    `quantities` are whole units by line KIND/ASSET/cash or KIND/ASSET/held.
    """

    result: float
    entries: ByName
    entries_se: ErrorsByName
    quantities: ByName
    quantities_se: ErrorsByName
    liquidation: EventNumbers
    events: dict[str, EventNumbers]
    extremes: dict[str, ExtremeNumbers]


@with_config(CLOSED)
class AdvertisedNumbers(TypedDict):
    """
    A position's yield at the opening, taken apart: simple yearly rates on equity, no estimates.

    `advertised_apr` is fees and emissions less interest; `stays_apr` is left when emissions end and
    nobody leaves, `leaves_apr` when capital leaves with an elasticity of 1 and `capital_left` of it
    stays.
    """

    leverage: float
    fees_apr: float
    emissions_apr: float
    borrow_apr: float
    advertised_apr: float
    stays_apr: float
    leaves_apr: float
    capital_left: float


@with_config(CLOSED)
class ChainNumbers(TypedDict):
    """
    A chain's part of the mean result: `before_gas` and `gas`, which is negative, add up to `net`.

    `chain` is null for what stands on none, the wallet among it. Empty where no position names one.
    """

    chain: str | None
    positions: list[str]
    before_gas: float
    before_gas_se: Error
    gas: float
    gas_se: Error
    net: float
    net_se: Error


@with_config(CLOSED)
class LeadNumbers(TypedDict):
    """Time from a call to the liquidation, in seconds, on the `n_paths` that had both."""

    n_paths: int
    quantiles_s: Quantiles
    quantiles_s_se: ErrorsByName


@with_config(CLOSED)
class AlertNumbers(TypedDict):
    """
    A health at which an alert rings: how likely, how often, and how long before a liquidation.

    `warned` is the share of the liquidations before which it rang.
    """

    alert: str
    health: float
    called: ChanceNumbers
    calls_per_path: float
    calls_per_path_se: Error
    warned: Probability
    warned_se: Error
    first_lead: LeadNumbers
    last_lead: LeadNumbers


@with_config(CLOSED)
class LiquidityNumbers(TypedDict):
    """What of the wealth at the end is locked, and the rest, which can be spent."""

    locked: float
    locked_se: Error
    liquid: float
    liquid_se: Error
    liquid_quantiles: Quantiles


@with_config(CLOSED)
class InsuranceNumbers(TypedDict):
    """Premiums paid for a cover, and its `fair_premium`: the mean of what it paid."""

    position: str
    premium: float
    premium_se: Error
    fair_premium: float
    fair_premium_se: Error


@with_config(CLOSED)
class BreakEvenNumbers(TypedDict):
    """Final prices over opening prices at which the mean result changes its sign."""

    asset: str
    price_ratios: list[float]


FigureNumbers = TypedDict(
    "FigureNumbers",
    {
        "wealth": float,
        "wealth_se": Error,
        "return": float,
        "return_se": Error,
        "drawdown": float,
        "drawdown_se": Error,
        "loss": float,
        "loss_se": Error,
        "liquidated": float,
        "liquidated_se": Error,
        "default": float,
        "default_se": Error,
    },
)
"""What is compared between books: `return` is a Python word, hence this spelling."""
FigureNumbers.__pydantic_config__ = CLOSED  # type: ignore[attr-defined]


@with_config(CLOSED)
class AlternativeNumbers(FigureNumbers):
    """A book beside the first: its figures, and by how much they differ on the same paths."""

    name: str
    difference: FigureNumbers


@with_config(CLOSED)
class ResultNumbers(TypedDict):
    """Everything that a report tells of a run."""

    format: int
    name: str
    seed: int
    n_paths: Annotated[int, Field(ge=1)]
    n_paths_asked: Annotated[int, Field(ge=1)]
    partial: Annotated[bool, Field(description="The run was interrupted before its last path.")]
    antithetic: bool
    n_steps: Annotated[int, Field(ge=1)]
    step_s: Seconds
    horizon_s: Seconds
    numeraire: str
    wealth: WealthNumbers
    returns: ReturnNumbers
    risk: RiskNumbers
    probability: ProbabilityNumbers
    positions: dict[str, PositionNumbers]
    held: Annotated[dict[str, HeldNumbers], Field(description="Positions held already.")]
    chains: list[ChainNumbers]
    liquidity: LiquidityNumbers
    insurance: list[InsuranceNumbers]
    alerts: Annotated[list[AlertNumbers], Field(description="Bands of the policy `alert`.")]
    advertised: Annotated[
        dict[str, AdvertisedNumbers], Field(description="Yields of the opening, by position.")
    ]
    break_evens: list[BreakEvenNumbers]
    alternatives: list[AlternativeNumbers]
    largest_gap_in_the_books: Annotated[float, Field(description="As a share of turnover.")]
    notes: list[str]


@with_config(CLOSED)
class ComparisonNumbers(TypedDict):
    """Books beside each other on the same paths; differences are against the first."""

    format: int
    n_steps: Annotated[int, Field(ge=1)]
    horizon_s: Seconds
    numeraire: str
    books: list[AlternativeNumbers]


def result_schema() -> dict[str, Any]:
    """JSON schema of what `headframe run --json` prints."""
    return _schema(ResultNumbers, "headframe result")


def comparison_schema() -> dict[str, Any]:
    """JSON schema of what `headframe compare --json` prints."""
    return _schema(ComparisonNumbers, "headframe comparison")


def _schema(shape: Any, title: str) -> dict[str, Any]:
    from pydantic import TypeAdapter

    return {"$schema": DRAFT, **TypeAdapter(shape).json_schema(), "title": title}
