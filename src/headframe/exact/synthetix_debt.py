"""
Synthetix: minting synths against collateral, burning them, trading one for another, moving SNX.

Minting gives debt shares at the present debt per share, burning takes them; in between the debt of
all follows the prices of all synths that anybody holds. A trade burns one synth and mints another
at the oracle's price, without slippage, less a fee (`synthetix_exchange`) that is minted as sUSD:
the pool of minters is the counterparty.

Contracts: npm synthetix 2.102.1, Synthetix, Issuer, MultiCollateralSynth, Exchanger as deployed on
mainnet (MIT), whose bytecode judges this file. State and assumptions: `synthetix_debt_pool`.
Liquidation: `synthetix_liquidation`. Each action happens whole or not at all.
"""

from collections.abc import Hashable

from headframe.exact.fixed import revert_error
from headframe.exact.safe_math import add, sub
from headframe.exact.synthetix_debt_pool import (
    FEE_ADDRESS,
    SNX,
    SUSD,
    DebtPool,
    LiquidatorRewards,
    Settings,
    Synth,
    add_to_debt_register,
    burn_synth,
    collateral,
    collateralisation_ratio,
    debt_balance_of,
    debt_ratio,
    effective_value,
    get_reward,
    issue_synth,
    max_issuable_synths,
    remaining_issuable_synths,
    remove_from_debt_register,
    require_rates,
    take_debt_snapshot,
    total_issued_synths,
    transferable_synthetix,
    update_cached_susd_debt,
    update_cached_synth_debts,
    vest,
    whole,
)
from headframe.exact.synthetix_exchange import amounts_for_exchange

__all__ = [
    "FEE_ADDRESS",
    "SNX",
    "SUSD",
    "DebtPool",
    "LiquidatorRewards",
    "Settings",
    "Synth",
    "burn_synths",
    "burn_synths_to_target",
    "collateral",
    "collateralisation_ratio",
    "debt_balance_of",
    "debt_ratio",
    "effective_value",
    "exchange",
    "get_reward",
    "issue_max_synths",
    "issue_synths",
    "max_issuable_synths",
    "remaining_issuable_synths",
    "take_debt_snapshot",
    "total_issued_synths",
    "transfer",
    "transferable_synthetix",
    "vest",
]


def issue_synths(pool: DebtPool, account: Hashable, amount: int, *, now_ts: int) -> None:
    """
    Mint sUSD against the collateral.

    Source: Synthetix.issueSynths. Raises `Revert`: nothing, an invalid price, or more than the
    collateral allows.
    """
    if amount == 0:
        raise revert_error("cannot issue 0 synths")
    with whole(pool):
        allowed = remaining_issuable_synths(pool, account)
        require_rates(pool)
        if amount > allowed:
            raise revert_error("Amount too large", amount=amount, allowed=allowed)
        _issue(pool, account, amount, now_ts)


def issue_max_synths(pool: DebtPool, account: Hashable, *, now_ts: int) -> int:
    """Mint all sUSD that the collateral allows, which may be nothing; returns how much."""
    with whole(pool):
        allowed = remaining_issuable_synths(pool, account)
        require_rates(pool)
        _issue(pool, account, allowed, now_ts)
    return allowed


def burn_synths(pool: DebtPool, account: Hashable, amount: int, *, now_ts: int) -> int:
    """
    Burn sUSD and the debt with it; more than the debt is clipped to it. Returns how much.

    Source: Synthetix.burnSynths. Raises `Revert`: minted too recently, an invalid price, no debt,
    or fewer sUSD held.
    """
    earliest = add(pool.last_issue_ts.get(account, 0), pool.settings.minimum_stake_time_s)
    if now_ts < earliest:
        raise revert_error("Minimum stake time not reached", earliest_ts=earliest)
    with whole(pool):
        return _burn(pool, account, amount)


def burn_synths_to_target(pool: DebtPool, account: Hashable) -> int:
    """
    Burn as many sUSD as bring the ratio back to that of issuance; returns how many.

    Source: Synthetix.burnSynthsToTarget, for which no stake time counts. Raises `Revert`: an
    invalid price, no debt, a ratio that is well already, or too few sUSD held.
    """
    with whole(pool):
        return _burn(pool, account, None)


def exchange(pool: DebtPool, account: Hashable, source: str, amount: int, destination: str) -> int:
    """
    Trade one synth for another at the oracle's prices; returns what was received.

    The fee is minted as sUSD for the fee pool: the debt shrinks by it when its period is closed.
    Source: Synthetix.exchange. Returns 0 and changes nothing where prices moved too much. Raises
    `Revert`: the same synth, nothing, an invalid price, or more than is held.
    """
    _check_exchange(pool, source, amount, destination)
    with whole(pool):
        received, fee, too_volatile = amounts_for_exchange(pool, source, amount, destination)
        if too_volatile:
            return 0
        burn_synth(pool, source, account, amount)
        issue_synth(pool, destination, account, received)
        if fee > 0:
            fee_usd = effective_value(pool, destination, fee, SUSD)
            issue_synth(pool, SUSD, FEE_ADDRESS, fee_usd)
            running = pool.fee_periods[0]
            running.fees_to_distribute = add(running.fees_to_distribute, fee_usd)
        update_cached_synth_debts(pool, tuple(dict.fromkeys((source, destination, SUSD))))
    return received


def transfer(pool: DebtPool, account: Hashable, to: Hashable, amount: int) -> None:
    """
    Send SNX that no debt locks.

    Source: Synthetix.transfer. Raises `Revert`: locked, an invalid price where there is debt, or
    more than is held.
    """
    if debt_balance_of(pool, account) > 0:
        free = transferable_synthetix(pool, account)
        if amount > free:
            raise revert_error("Cannot transfer staked or escrowed SNX", amount=amount, free=free)
        require_rates(pool)
    move_snx(pool, account, to, amount)


def move_snx(pool: DebtPool, sender: Hashable, to: Hashable, amount: int) -> None:
    """Move SNX from one balance to another."""
    left = sub(pool.snx.get(sender, 0), amount)
    received = add(left if to == sender else pool.snx.get(to, 0), amount)
    pool.snx[sender] = left
    pool.snx[to] = received


def _issue(pool: DebtPool, account: Hashable, amount: int, now_ts: int) -> None:
    add_to_debt_register(pool, account, amount)
    pool.last_issue_ts[account] = now_ts
    issue_synth(pool, SUSD, account, amount)
    update_cached_susd_debt(pool, amount)


def _burn(pool: DebtPool, account: Hashable, amount: int | None) -> int:
    existing = debt_balance_of(pool, account)
    allowed = max_issuable_synths(pool, account)
    require_rates(pool)
    if existing == 0:
        raise revert_error("No debt to forgive")
    burnt = min(sub(existing, allowed) if amount is None else amount, existing)
    remove_from_debt_register(pool, account, burnt, existing)
    burn_synth(pool, SUSD, account, burnt)
    update_cached_susd_debt(pool, -burnt)
    if existing - burnt <= allowed:
        pool.deadlines.pop(account, None)
    return burnt


def _check_exchange(pool: DebtPool, source: str, amount: int, destination: str) -> None:
    if source == destination:
        raise revert_error("Can't be same synth")
    if amount == 0:
        raise revert_error("Zero amount")
    if source in pool.stale:
        raise revert_error("src rate stale or flagged")
    if destination in pool.stale:
        raise revert_error("dest rate stale or flagged")
