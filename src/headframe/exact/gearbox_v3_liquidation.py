"""
Gearbox v3's liquidations: an account as a whole for its value less a premium, or a part of it.

Anybody may liquidate an account whose tokens count less than it owes. Of the whole he pays the
value less his premium in the underlying; pool and DAO are paid out of that, the fees last, and the
rest is the owner's. In part he repays some of the debt for a token, and the account must be healthy
after it. A loss burns the treasury's shares of the pool first, and ends all borrowing.

Contracts: npm @gearbox-protocol/core-v3 1.52.1, CreditFacadeV3 and CreditManagerV3 (BUSL-1.1), the
compiled forms of which judge this file; written from formula notes and that behaviour. Assumptions:
no expiry, no bots, and a loss policy that is asked from outside.
"""

from collections.abc import Hashable

from headframe.exact.gearbox_v3 import add_collateral, decrease
from headframe.exact.gearbox_v3_account import (
    Call,
    CreditManager,
    DebtData,
    Now,
    Session,
    atomically,
    calc_debt_and_collateral,
    check_debt_block,
    check_debt_limits,
    full_collateral_check,
)
from headframe.exact.gearbox_v3_errors import refuse, refuse_with
from headframe.exact.gearbox_v3_math import (
    PERCENTAGE_FACTOR,
    calc_liquidation_payments,
    calc_partial_liquidation,
)
from headframe.exact.gearbox_v3_pool import repay_credit_account
from headframe.exact.gearbox_v3_quotas import remove_quotas


def _liquidatable(manager: CreditManager, account: Hashable, now: Now) -> DebtData:
    if account not in manager.accounts:
        raise refuse("CreditAccountDoesNotExist")
    found = calc_debt_and_collateral(manager, account, now_ts=now.ts)
    if found.debt == 0 or found.twv_usd >= found.total_debt_usd:
        raise refuse("CreditAccountNotLiquidatable", twv_usd=found.twv_usd)
    return found


def has_bad_debt(manager: CreditManager, found: DebtData) -> bool:
    """
    Whether a liquidation would leave the pool a loss.

        value * discount < (debt + interest) * 10,000
    """
    funds = found.total_value * manager.liquidation_discount_bps
    return funds < (found.debt + found.accrued_interest) * PERCENTAGE_FACTOR


def liquidate_credit_account(
    manager: CreditManager,
    account: Hashable,
    *,
    sender: Hashable,
    to: Hashable,
    calls: list[Call],
    now: Now,
    loss_is_allowed: bool = True,
) -> None:
    """
    Liquidate a whole account: the liquidator pays in the underlying and takes tokens by his calls.

    What the account's underlying then exceeds of the owner's part goes to him. A loss sets limits
    of the account's quotas to 0 and ends all borrowing. `loss_is_allowed` is what the loss policy
    says. Source: CreditFacadeV3.liquidateCreditAccount. Raises `Revert`: healthy, a loss that the
    policy forbids, as the calls do, or too little left for the owner.
    """
    found = _liquidatable(manager, account, now)
    if has_bad_debt(manager, found) and not loss_is_allowed:
        raise refuse("CreditAccountNotLiquidatableWithLoss")

    def action() -> None:
        own = manager.accounts[account]
        before = {token: manager.balances.get((account, token), 0) for token in own.quoted}
        session = Session(manager, account, sender, now)
        for call in calls:
            call(session)
        for token, held in before.items():
            if manager.balances.get((account, token), 0) > held:
                raise refuse_with("RemainingTokenBalanceIncreased", int(str(token), 16))
        _settle_liquidation(manager, account, found, to, now)

    atomically(manager, action)


def _settle_liquidation(
    manager: CreditManager, account: Hashable, found: DebtData, to: Hashable, now: Now
) -> None:
    own, u, pool = manager.accounts[account], manager.underlying, manager.pool
    check_debt_block(own, now)
    to_pool, remaining, profit, loss = calc_liquidation_payments(
        debt=found.debt,
        accrued_interest=found.accrued_interest,
        accrued_fees=found.accrued_fees,
        total_value=found.total_value,
        fee_liquidation_bps=manager.fee_liquidation_bps,
        liquidation_discount_bps=manager.liquidation_discount_bps,
    )
    if own.quoted:
        remove_quotas(
            manager.keeper, account=account, tokens=own.quoted, set_limits_to_zero=loss > 0,
            now_ts=now.ts,
        )  # fmt: skip
    if to_pool:
        manager.move(account, u, -to_pool)
        pool.available_liquidity += to_pool
    repay_credit_account(
        pool, manager=manager.name, repaid=found.debt, profit=profit, loss=loss, now_ts=now.ts
    )
    held = manager.balances.get((account, u), 0)
    if held < remaining:
        raise refuse("InsufficientRemainingFunds", held=held, remaining=remaining)
    if held > remaining:
        manager.move(account, u, remaining - held)
        manager.move(to, u, held - remaining)
    own.debt, own.quota_interest, own.quota_fees, own.quoted = 0, 0, 0, []
    own.last_debt_block = now.block
    if loss:
        manager.max_debt_per_block_multiplier = 0


def partially_liquidate_credit_account(
    manager: CreditManager,
    account: Hashable,
    *,
    sender: Hashable,
    token: Hashable,
    repaid: int,
    min_seized: int,
    to: Hashable,
    now: Now,
) -> int:
    """
    Repay some of the debt for a token; the account must then be healthy. Returns what was seized.

        fee = repaid * fee;  seized = repaid in the token at the oracle's prices / discount

    Source: CreditFacadeV3.partiallyLiquidateCreditAccount. Raises `Revert`: healthy before or not
    after, the underlying itself, less than the liquidator wants, out of limits.
    """
    seized = [0]

    def action() -> None:
        _liquidatable(manager, account, now)
        if token == manager.underlying:
            raise refuse("UnderlyingIsNotLiquidatable")
        session = Session(manager, account, sender, now)
        add_collateral(session, manager.underlying, repaid)
        to_debt, fee, seized[0] = calc_partial_liquidation(
            repaid,
            fee_liquidation_bps=manager.fee_liquidation_bps,
            liquidation_discount_bps=manager.liquidation_discount_bps,
            seized_at_par=manager.oracle.convert(repaid, manager.underlying, token),
        )
        if seized[0] < min_seized:
            raise refuse_with("SeizedLessThanRequired", seized[0])
        decrease(session, to_debt)
        check_debt_limits(manager, manager.accounts[account].debt, grows=False)
        manager.move(account, manager.underlying, -fee)
        manager.move(manager.pool.treasury, manager.underlying, fee)
        manager.move(account, token, -seized[0])
        manager.move(to, token, seized[0])
        full_collateral_check(session)

    atomically(manager, action)
    return seized[0]
