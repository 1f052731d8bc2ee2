"""What an account on Aave v3 is made of: collaterals, debts, an efficiency mode."""

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.types import (
    STRICT,
    Amounts,
    Fraction,
    Name,
    NonNegative,
    NonNegativeSignal,
    Positive,
    Proper,
    Threshold,
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AaveCollateral:
    """
    One asset supplied as collateral.

    `market` names the book's `aave_reserve` of it: then its index, cash, caps and pause apply;
    without one it earns `supply_apr`, a number or an observable. `oracle` is what Aave's oracle
    reports of its price, as a ratio to the market's: `<oracle>_reported_ratio` of an oracle that is
    late, or of a staked token whose exchange rate is read and not its price.
    """

    asset: Name
    ltv: Proper
    threshold: Threshold
    bonus: NonNegative = 0.05
    protocol_fee: Fraction = 0.1
    supply_apr: NonNegativeSignal = 0.0
    market: Name | None = None
    oracle: NonNegativeSignal = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> "AaveCollateral":
        if self.ltv > self.threshold:
            raise ValueError(f"ltv {self.ltv:g} is above the threshold {self.threshold:g}")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AaveDebt:
    """One asset borrowed: `share` of the opening loan, at `borrow_apr` or from a `market`."""

    asset: Name
    share: Positive = 1.0
    borrow_apr: NonNegativeSignal = 0.0
    market: Name | None = None
    oracle: NonNegativeSignal = 1.0
    """As for a collateral."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EMode:
    """An efficiency mode: better terms for collateral in `assets`."""

    assets: tuple[Name, ...]
    ltv: Proper
    threshold: Threshold
    bonus: NonNegative


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldAccount:
    """An account that exists already, in whole units with interest so far."""

    supplied: Amounts
    borrowed: Amounts
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""
