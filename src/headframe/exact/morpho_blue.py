"""
Morpho Blue to the wei: isolated lending markets in one contract, debts liquidated whole.

Suppliers lend one token, borrowers pledge another; both own shares of a pot that interest grows. A
debt beyond its limit may be liquidated whole, at a fixed incentive; when the collateral is gone,
what is still owed is taken from the suppliers at once, and nobody owes it any more.

Each function is one call of the contract: it checks, accrues, converts, books, and moves tokens.
What the contract learns from the chain is an argument: `now_ts`, the block's time, `price_e36`,
what the oracle says (asked only where there is a debt), and `callback`, what the caller does before
he pays. Amounts are given in assets or in shares, never in both.

Paper: "Morpho Blue Whitepaper" (Morpho Labs, 2023). Contract: npm @morpho-org/morpho-blue 1.0.0,
Morpho (BUSL-1.1), the compiled form of which judges this file; written from formula notes and that
behaviour, with the source closed.
Assumptions: plain ERC-20 tokens, and whoever pays has the money and has allowed it.
"""

from collections.abc import Hashable

from headframe.exact.checked_math import add, sub
from headframe.exact.morpho_blue_authority import (
    create_market,
    enable_irm,
    enable_lltv,
    set_authorization,
    set_authorization_with_sig,
    set_fee,
    set_fee_recipient,
    set_owner,
)
from headframe.exact.morpho_blue_liquidation import liquidate
from headframe.exact.morpho_blue_market import (
    Callback,
    Irm,
    Market,
    MarketParams,
    Morpho,
    Position,
    accrue,
    add128,
    call_back,
    check_amounts,
    check_authorized,
    check_collateral,
    check_liquidity,
    check_named,
    check_payable,
    check_some,
    copied,
    created,
    pay_back,
    pay_out,
    settle,
    take_in,
)
from headframe.exact.morpho_blue_math import (
    LIQUIDATION_CURSOR_WAD,
    MAX_FEE_WAD,
    MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD,
    ORACLE_PRICE_SCALE,
    VIRTUAL_ASSETS,
    VIRTUAL_SHARES,
    is_healthy,
    liquidation_incentive_factor,
    max_borrow,
    repaid_for_seized,
    seized_for_repaid,
    to_assets_down,
    to_assets_up,
    to_shares_down,
    to_shares_up,
    to_uint128,
    w_taylor_compounded,
)

__all__ = [
    "LIQUIDATION_CURSOR_WAD",
    "MAX_FEE_WAD",
    "MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD",
    "ORACLE_PRICE_SCALE",
    "VIRTUAL_ASSETS",
    "VIRTUAL_SHARES",
    "Irm",
    "Market",
    "MarketParams",
    "Morpho",
    "Position",
    "accrue_interest",
    "borrow",
    "create_market",
    "enable_irm",
    "enable_lltv",
    "expected_market",
    "flash_loan",
    "is_healthy",
    "liquidate",
    "liquidation_incentive_factor",
    "max_borrow",
    "repaid_for_seized",
    "repay",
    "seized_for_repaid",
    "set_authorization",
    "set_authorization_with_sig",
    "set_fee",
    "set_fee_recipient",
    "set_owner",
    "supply",
    "supply_collateral",
    "to_assets_down",
    "to_assets_up",
    "to_shares_down",
    "to_shares_up",
    "w_taylor_compounded",
    "withdraw",
    "withdraw_collateral",
]

# ---- interest ------------------------------------------------------------------------------


def accrue_interest(morpho: Morpho, params: MarketParams, *, now_ts: int) -> None:
    """
    Bring a market up to date.

    Source: Morpho.accrueInterest. Raises `Revert`: no such market, or as `accrue` does.
    """
    draft = created(morpho, params)
    accrue(draft, now_ts=now_ts)
    draft.book()


def expected_market(morpho: Morpho, params: MarketParams, *, now_ts: int) -> Market:
    """The market as it would stand were its interest accrued now; nothing changes."""
    draft = created(morpho, params)
    accrue(draft, now_ts=now_ts)
    return draft.market


# ---- suppliers -----------------------------------------------------------------------------


def supply(
    morpho: Morpho,
    params: MarketParams,
    *,
    on_behalf: Hashable | None,
    assets: int = 0,
    shares: int = 0,
    now_ts: int,
    callback: Callback | None = None,
) -> tuple[int, int]:
    """
    Lend to a market.

    Assets buy shares rounded down, shares cost assets rounded up. Source: Morpho.supply. Returns
    assets and shares. Raises `Revert`: no such market, both or neither amount, nobody named,
    beyond 128 bits.
    """
    draft = created(morpho, params)
    check_amounts(assets, shares)
    check_named(on_behalf)
    accrue(draft, now_ts=now_ts)
    market = draft.market
    pot = market.total_supply_assets, market.total_supply_shares
    if assets > 0:
        shares = to_shares_down(assets, *pot)
    else:
        assets = to_assets_up(shares, *pot)
    position = draft.position(on_behalf)
    position.supply_shares = add(position.supply_shares, shares)
    market.total_supply_shares = add128(market.total_supply_shares, to_uint128(shares))
    market.total_supply_assets = add128(market.total_supply_assets, to_uint128(assets))
    settle(draft, callback, taken=(params.loan_token, assets))
    return assets, shares


def withdraw(
    morpho: Morpho,
    params: MarketParams,
    *,
    sender: Hashable,
    on_behalf: Hashable,
    receiver: Hashable | None,
    assets: int = 0,
    shares: int = 0,
    now_ts: int,
) -> tuple[int, int]:
    """
    Take a supply back, as far as it is not lent out.

    Assets cost shares rounded up, shares give assets rounded down. Source: Morpho.withdraw.
    Returns assets and shares. Raises `Revert`: no such market, both or neither amount, no
    receiver, not allowed, more than is held (panic 0x11), or not enough left in the market.
    """
    draft = created(morpho, params)
    check_amounts(assets, shares)
    check_named(receiver)
    check_authorized(morpho, sender, on_behalf)
    accrue(draft, now_ts=now_ts)
    market = draft.market
    pot = market.total_supply_assets, market.total_supply_shares
    if assets > 0:
        shares = to_shares_up(assets, *pot)
    else:
        assets = to_assets_down(shares, *pot)
    position = draft.position(on_behalf)
    position.supply_shares = sub(position.supply_shares, shares)
    market.total_supply_shares = sub(market.total_supply_shares, to_uint128(shares))
    market.total_supply_assets = sub(market.total_supply_assets, to_uint128(assets))
    check_liquidity(market)
    check_payable(morpho, params.loan_token, assets)
    draft.book()
    pay_out(morpho, params.loan_token, assets)
    return assets, shares


# ---- borrowers -----------------------------------------------------------------------------


def borrow(
    morpho: Morpho,
    params: MarketParams,
    *,
    sender: Hashable,
    on_behalf: Hashable,
    receiver: Hashable | None,
    assets: int = 0,
    shares: int = 0,
    price_e36: int,
    now_ts: int,
) -> tuple[int, int]:
    """
    Borrow against collateral that is pledged already.

    Assets cost shares of the debt rounded up, shares give assets rounded down. Source:
    Morpho.borrow. Returns assets and shares. Raises `Revert`: no such market, both or neither
    amount, no receiver, not allowed, beyond the limit, or not enough left in the market.
    """
    draft = created(morpho, params)
    check_amounts(assets, shares)
    check_named(receiver)
    check_authorized(morpho, sender, on_behalf)
    accrue(draft, now_ts=now_ts)
    market = draft.market
    pot = market.total_borrow_assets, market.total_borrow_shares
    if assets > 0:
        shares = to_shares_up(assets, *pot)
    else:
        assets = to_assets_down(shares, *pot)
    position = draft.position(on_behalf)
    position.borrow_shares = add128(position.borrow_shares, to_uint128(shares))
    market.total_borrow_shares = add128(market.total_borrow_shares, to_uint128(shares))
    market.total_borrow_assets = add128(market.total_borrow_assets, to_uint128(assets))
    check_collateral(draft, position, price_e36)
    check_liquidity(market)
    check_payable(morpho, params.loan_token, assets)
    draft.book()
    pay_out(morpho, params.loan_token, assets)
    return assets, shares


def repay(
    morpho: Morpho,
    params: MarketParams,
    *,
    on_behalf: Hashable | None,
    assets: int = 0,
    shares: int = 0,
    now_ts: int,
    callback: Callback | None = None,
) -> tuple[int, int]:
    """
    Repay somebody's debt.

    Assets cancel shares rounded down, shares cost assets rounded up; the last share may cost a
    unit more than the pot still holds, which then stays at zero. Source: Morpho.repay. Returns
    assets and shares. Raises `Revert`: no such market, both or neither amount, nobody named, more
    than is owed (panic 0x11).
    """
    draft = created(morpho, params)
    check_amounts(assets, shares)
    check_named(on_behalf)
    accrue(draft, now_ts=now_ts)
    market = draft.market
    pot = market.total_borrow_assets, market.total_borrow_shares
    if assets > 0:
        shares = to_shares_down(assets, *pot)
    else:
        assets = to_assets_up(shares, *pot)
    position = draft.position(on_behalf)
    position.borrow_shares = sub(position.borrow_shares, to_uint128(shares))
    pay_back(market, assets, shares)
    settle(draft, callback, taken=(params.loan_token, assets))
    return assets, shares


def supply_collateral(
    morpho: Morpho,
    params: MarketParams,
    *,
    on_behalf: Hashable | None,
    assets: int,
    callback: Callback | None = None,
) -> None:
    """
    Pledge collateral. It earns nothing, is never lent, and interest need not accrue for it.

    Source: Morpho.supplyCollateral. Raises `Revert`: no such market, nothing, nobody named, or
    beyond 128 bits.
    """
    draft = created(morpho, params)
    check_some(assets)
    check_named(on_behalf)
    position = draft.position(on_behalf)
    position.collateral = add128(position.collateral, to_uint128(assets))
    settle(draft, callback, taken=(params.collateral_token, assets))


def withdraw_collateral(
    morpho: Morpho,
    params: MarketParams,
    *,
    sender: Hashable,
    on_behalf: Hashable,
    receiver: Hashable | None,
    assets: int,
    price_e36: int,
    now_ts: int,
) -> None:
    """
    Take collateral back, as far as the debt allows.

    Source: Morpho.withdrawCollateral. Raises `Revert`: no such market, nothing, no receiver, not
    allowed, more than is pledged (panic 0x11), or a debt beyond its limit.
    """
    draft = created(morpho, params)
    check_some(assets)
    check_named(receiver)
    check_authorized(morpho, sender, on_behalf)
    accrue(draft, now_ts=now_ts)
    position = draft.position(on_behalf)
    position.collateral = sub(position.collateral, to_uint128(assets))
    check_collateral(draft, position, price_e36)
    check_payable(morpho, params.collateral_token, assets)
    draft.book()
    pay_out(morpho, params.collateral_token, assets)


def flash_loan(
    morpho: Morpho, token: Hashable, assets: int, callback: Callback | None = None
) -> None:
    """
    Lend tokens, whosever they are, for the length of one call, free of charge.

    Source: Morpho.flashLoan. Raises `Revert`: nothing, or more than the contract holds.
    """
    check_some(assets)
    check_payable(morpho, token, assets)
    if callback is None:
        return
    before = copied(morpho)
    pay_out(morpho, token, assets)
    call_back(morpho, callback, before)
    take_in(morpho, token, assets)
