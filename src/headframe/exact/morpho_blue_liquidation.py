"""
Morpho Blue's liquidation: any part of a bad debt, a fixed incentive, and losses taken at once.

Contract: npm @morpho-org/morpho-blue 1.0.0 (BUSL-1.1), the compiled form of which judges this file;
written from formula notes and that behaviour, the source closed. Paper: "Morpho Blue Whitepaper"
(Morpho Labs, 2023).
Assumption: the liquidator has the money and has allowed it.
"""

from collections.abc import Hashable

from headframe.exact.checked_math import sub
from headframe.exact.fixed import revert_error
from headframe.exact.morpho_blue_market import (
    Callback,
    Draft,
    Market,
    MarketParams,
    Morpho,
    Position,
    accrue,
    check_amounts,
    check_payable,
    created,
    pay_back,
    settle,
    within_limit,
)
from headframe.exact.morpho_blue_math import (
    repaid_for_seized,
    seized_for_repaid,
    to_assets_up,
    to_uint128,
)


def liquidate(
    morpho: Morpho,
    params: MarketParams,
    *,
    borrower: Hashable,
    seized_assets: int = 0,
    repaid_shares: int = 0,
    price_e36: int,
    now_ts: int,
    callback: Callback | None = None,
) -> tuple[int, int]:
    """
    Repay a debt that is beyond its limit, and take collateral for it with an incentive.

    The liquidator names the collateral that he wants or the shares of debt that he repays, up to
    the whole. Collateral for a debt rounds down, debt for collateral up. Where no collateral is
    left, the rest of the debt leaves both pots: the suppliers lose it now.
    Source: Morpho.liquidate. Returns the collateral taken and the assets repaid. Raises `Revert`:
    no such market, both or neither amount, a debt within its limit, more collateral or debt than
    there is (panic 0x11).
    """
    draft = created(morpho, params)
    check_amounts(seized_assets, repaid_shares)
    accrue(draft, now_ts=now_ts)
    market, position = draft.market, draft.position(borrower)
    if within_limit(draft, position, price_e36):
        raise revert_error("position is healthy", price_e36=price_e36)
    pot = market.total_borrow_assets, market.total_borrow_shares
    seized, repaid = _converted(draft, seized_assets, repaid_shares, price_e36)
    repaid_assets = to_assets_up(repaid, *pot)
    position.borrow_shares = sub(position.borrow_shares, to_uint128(repaid))
    pay_back(market, repaid_assets, repaid)
    position.collateral = sub(position.collateral, to_uint128(seized))
    if position.collateral == 0:
        _write_off(market, position)
    check_payable(morpho, params.collateral_token, seized)
    settle(
        draft,
        callback,
        taken=(params.loan_token, repaid_assets),
        paid=(params.collateral_token, seized),
    )
    return seized, repaid_assets


def _converted(draft: Draft, seized: int, repaid: int, price_e36: int) -> tuple[int, int]:
    """Collateral and shares of debt of a liquidation, of which one was named."""
    terms = {
        "price_e36": price_e36,
        "lltv_wad": draft.params.lltv_wad,
        "total_borrow_assets": draft.market.total_borrow_assets,
        "total_borrow_shares": draft.market.total_borrow_shares,
    }
    if seized > 0:
        return seized, repaid_for_seized(seized, **terms)
    return seized_for_repaid(repaid, **terms), repaid


def _write_off(market: Market, position: Position) -> None:
    shares = position.borrow_shares
    owed = to_assets_up(shares, market.total_borrow_assets, market.total_borrow_shares)
    bad_debt = min(market.total_borrow_assets, owed)
    market.total_borrow_assets -= bad_debt
    market.total_supply_assets = sub(market.total_supply_assets, bad_debt)
    market.total_borrow_shares -= shares
    position.borrow_shares = 0
