"""
Euler v2's rates and limits: the kinked curve, interest by the second, ramps, shares.

Interest compounds every second by a power that rounds half up; debts are kept 2^31 times finer than
the asset's unit and rounded up when they are told. A limit that is lowered for liquidations falls
on a straight line over its ramp; for borrowing it falls at once.

Source: Euler Vault Kit whitepaper and documentation, formula notes; modules under the BUSL-1.1
stayed closed. Judge: numbers of the contract's tests, sums by hand, invariants. The power is that
of `maker_math`, which Maker's bytecode judges.
"""

from dataclasses import dataclass
from typing import Protocol

from headframe.errors import Revert
from headframe.exact.checked_math import add, mul
from headframe.exact.fixed import MAX_UINT256, RAY, div_up
from headframe.exact.maker_math import rpow_half_up

CONFIG_SCALE = 10_000
"""One in limits and fees."""
INTERNAL_DEBT_PRECISION_SHIFT = 31
"""Binary places by which debts are finer than the asset's unit."""
VIRTUAL_DEPOSIT = 10**6
"""Assets and shares that are always counted besides: a first depositor cannot move the price."""
UTILISATION_SCALE = (1 << 32) - 1
"""One in the utilisation that rate models see."""
SECONDS_PER_YEAR = 31_556_952
"""A year of Euler's yields: 365.2425 days."""


class Owed(Protocol):
    """A debt as it was written down: its size, and the accumulator of then."""

    @property
    def owed(self) -> int: ...
    @property
    def accumulator_ray(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IRMLinearKink:
    """A curve with one kink, a second and as rays; slopes are per unit of 2^-32 of utilisation."""

    base_rate_ray: int
    slope1: int
    slope2: int
    kink: int

    def rate_per_s(self, cash: int, borrows: int) -> int:
        """
        Rate a second at what is in the vault and lent out.

            base + slope1 * min(u, kink) + slope2 * max(u - kink, 0),   u = floor(2^32-1 lent share)
        """
        u = utilisation(cash, borrows)
        rate = add(self.base_rate_ray, mul(min(u, self.kink), self.slope1))
        return add(rate, mul(max(u - self.kink, 0), self.slope2))


def utilisation(cash: int, borrows: int) -> int:
    """Share that is lent out, of 2^32 - 1, rounded down; 0 for an empty vault."""
    whole = add(cash, borrows)
    return 0 if whole == 0 else mul(borrows, UTILISATION_SCALE) // whole


def grown_accumulator(accumulator_ray: int, rate_per_s_ray: int, elapsed_s: int) -> int:
    """
    The interest accumulator after so many seconds.

        floor((1 + rate)^seconds * accumulator),   the power rounded half up at each squaring

    What does not fit in a word leaves it as it is: the vault stays usable.
    """
    try:
        multiplier = rpow_half_up(RAY + rate_per_s_ray, elapsed_s)
    except Revert:
        return accumulator_ray
    grown = multiplier * accumulator_ray
    return accumulator_ray if grown > MAX_UINT256 else grown // RAY


def current_owed(debt: Owed, accumulator_ray: int) -> int:
    """A debt now, in 2^-31 units, rounded down: it is told in whole units, rounded up."""
    if debt.owed == 0:
        return 0
    return mul(debt.owed, accumulator_ray) // debt.accumulator_ray


def to_assets_up(owed: int) -> int:
    """A debt in whole units of the asset, rounded up."""
    return div_up(owed, 1 << INTERNAL_DEBT_PRECISION_SHIFT)


def fee_shares(cash: int, borrows: int, interest: int, shares: int, fee: int) -> int:
    """
    Shares that governor and protocol get of an interest (2^-31 units), rounded down.

        shares * assets / (assets - fee) - shares,   assets and shares with the virtual deposit
    """
    taken = mul(interest, fee) // (CONFIG_SCALE << INTERNAL_DEBT_PRECISION_SHIFT)
    assets = cash + to_assets_up(borrows) + VIRTUAL_DEPOSIT
    if taken == 0 or taken >= assets:
        return 0
    whole = shares + VIRTUAL_DEPOSIT
    return mul(assets, whole) // (assets - taken) - whole


def to_shares_down(assets: int, cash: int, borrows: int, shares: int) -> int:
    """Shares for a deposit: assets * (shares + virtual) / (assets of the vault + virtual)."""
    return mul(assets, shares + VIRTUAL_DEPOSIT) // (cash + to_assets_up(borrows) + VIRTUAL_DEPOSIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LTVConfig:
    """
    Limits of one collateral, shares of 1e4, and the ramp of the one for liquidation.

    `borrow_ltv` holds at once; liquidation goes from `initial_liquidation_ltv` to `liquidation_ltv`
    until `target_ts`, over `ramp_duration_s`.
    """

    borrow_ltv: int
    liquidation_ltv: int
    initial_liquidation_ltv: int = 0
    target_ts: int = 0
    ramp_duration_s: int = 0


def liquidation_ltv(config: LTVConfig, *, now_ts: int) -> int:
    """
    The limit at which a position may be liquidated now, rounded down.

        target + (initial - target) * seconds left / ramp,   until the ramp's end

    A limit that was raised holds at once.
    """
    low, high = config.liquidation_ltv, config.initial_liquidation_ltv
    if now_ts >= config.target_ts or low >= high:
        return low
    return low + (high - low) * (config.target_ts - now_ts) // config.ramp_duration_s
