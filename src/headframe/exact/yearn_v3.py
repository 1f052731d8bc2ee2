"""
Yearn's v3 vault to the wei: a profit is locked as shares of the vault's own, and unlocks in time.

A vault lends its depositors' assets to strategies. When a strategy reports a profit, the vault
mints itself as many shares as the profit is worth, so the price of a share stays where it was;
these shares then vanish evenly over the unlocking time, and the price rises in a straight line.
A loss, and what fees cost, burns locked shares first; only what they do not cover lowers the price.

Written from formula notes (yearn-vaults-v3, API 3.0.4, AGPL-3.0: the source stayed closed).
Judge: none. No compiled contract was found; published vectors and invariants alone hold this
file, and the bytes of its refusals are not claimed. Assumptions: plain ERC-20 asset, fees and
refunds are arguments (an accountant's answer), depositors are paid out of what is idle.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import MAX_UINT256, revert_bare

MAX_BPS_EXTENDED = 10**12
"""One in the rate at which locked shares vanish: shares a second, times this."""

VAULT = "vault"
"""The account of the vault itself: its balance are the locked shares."""


@dataclass(slots=True)
class Vault:
    """
    Everything that one vault stores.

    `stored_supply` counts locked shares until a report or burn takes them away; `total_supply`
    is what it comes to now.
    """

    profit_max_unlock_time_s: int = 10 * 86_400
    total_idle: int = 0
    stored_supply: int = 0
    balances: dict[Hashable, int] = field(default_factory=dict)
    debts: dict[Hashable, int] = field(default_factory=dict)
    profit_unlocking_rate: int = 0
    full_profit_unlock_ts: int = 0
    last_profit_update_ts: int = 0


# ---- what can be read ----------------------------------------------------------------------


def total_assets(vault: Vault) -> int:
    """Idle assets, and what strategies owe by their last reports."""
    return vault.total_idle + sum(vault.debts.values())


def unlocked_shares(vault: Vault, *, now_ts: int) -> int:
    """
    Locked shares that have vanished since the last report, rounded down.

        rate * seconds / 1e12 until the end, all of them from there on
    """
    if vault.full_profit_unlock_ts > now_ts:
        elapsed_s = now_ts - vault.last_profit_update_ts
        return vault.profit_unlocking_rate * elapsed_s // MAX_BPS_EXTENDED
    return vault.balances.get(VAULT, 0) if vault.full_profit_unlock_ts else 0


def total_supply(vault: Vault, *, now_ts: int) -> int:
    """Shares that there are, less the locked ones that have vanished."""
    return vault.stored_supply - unlocked_shares(vault, now_ts=now_ts)


def to_shares_down(vault: Vault, assets: int, *, now_ts: int) -> int:
    """Shares that assets are worth, rounded down; one each in an empty vault."""
    return _to_shares(vault, assets, now_ts, up=0)


def to_shares_up(vault: Vault, assets: int, *, now_ts: int) -> int:
    """Shares that assets are worth, rounded up."""
    return _to_shares(vault, assets, now_ts, up=1)


def to_assets_down(vault: Vault, shares: int, *, now_ts: int) -> int:
    """Assets that shares are worth, rounded down."""
    supply = total_supply(vault, now_ts=now_ts)
    return shares if supply == 0 else shares * total_assets(vault) // supply


def to_assets_up(vault: Vault, shares: int, *, now_ts: int) -> int:
    """Assets that shares are worth, rounded up."""
    supply = total_supply(vault, now_ts=now_ts)
    return shares if supply == 0 else -(-shares * total_assets(vault) // supply)


# ---- depositors ----------------------------------------------------------------------------


def deposit(vault: Vault, account: Hashable, assets: int, *, now_ts: int) -> int:
    """Pay assets in, for shares rounded down. Returns the shares. Raises `Revert` for none."""
    shares = to_shares_down(vault, assets, now_ts=now_ts)
    _check(assets > 0 and shares > 0, "nothing to mint", assets=assets, shares=shares)
    _issue(vault, account, shares)
    vault.total_idle += assets
    return shares


def mint(vault: Vault, account: Hashable, shares: int, *, now_ts: int) -> int:
    """Get so many shares, for assets rounded up. Returns the assets. Raises `Revert` for none."""
    assets = to_assets_up(vault, shares, now_ts=now_ts)
    _check(assets > 0 and shares > 0, "nothing to mint", assets=assets, shares=shares)
    _issue(vault, account, shares)
    vault.total_idle += assets
    return assets


def withdraw(vault: Vault, account: Hashable, assets: int, *, now_ts: int) -> int:
    """
    Take so many assets, for shares rounded up. Returns the shares.

    Raises `Revert`: nothing, more than is owned, or more than is idle.
    """
    shares = to_shares_up(vault, assets, now_ts=now_ts)
    _leave(vault, account, assets, shares)
    return shares


def redeem(vault: Vault, account: Hashable, shares: int, *, now_ts: int) -> int:
    """
    Give so many shares back, for assets rounded down. Returns the assets.

    Raises `Revert`: nothing, more than is owned, or more than is idle.
    """
    assets = to_assets_down(vault, shares, now_ts=now_ts)
    _leave(vault, account, assets, shares)
    return assets


# ---- strategies ----------------------------------------------------------------------------


def update_debt(vault: Vault, strategy: Hashable, target: int) -> None:
    """Move idle assets to a strategy, or back. Raises `Revert`: more than is idle."""
    moved = target - vault.debts.get(strategy, 0)
    _check(target >= 0 and moved <= vault.total_idle, "not idle", moved=moved)
    vault.total_idle -= moved
    vault.debts[strategy] = target


def process_report(
    vault: Vault,
    strategy: Hashable,
    strategy_assets: int,
    *,
    total_fees: int = 0,
    total_refunds: int = 0,
    fee_recipient: Hashable = "accountant",
    now_ts: int,
) -> tuple[int, int]:
    """
    Book what a strategy has gained or lost since its last report.

        burn = ceil(shares(loss + fees)),   lock = floor(shares(gain + refunds))
        supply = stored + lock - burn - unlocked, but never less than others' shares
        fee shares = floor(burn * fees / (loss + fees))

    Fees are paid in shares, refunds in assets; both come from an accountant and are in assets.
    Without an unlocking time nothing is locked and the price jumps. Returns gain and loss.
    Source: VaultV3._process_report.
    """
    change = strategy_assets - vault.debts.get(strategy, 0)
    gain, loss = max(change, 0), max(-change, 0)
    burn = to_shares_up(vault, loss + total_fees, now_ts=now_ts)
    fee_shares = burn * total_fees // (loss + total_fees) if total_fees else 0
    lock = 0
    if vault.profit_max_unlock_time_s:
        lock = to_shares_down(vault, gain + total_refunds, now_ts=now_ts)
    most = vault.stored_supply + lock + fee_shares
    _check(strategy_assets >= 0 and most <= MAX_UINT256, "beyond 256 bits", most=most)
    _change_locked(vault, lock - burn - unlocked_shares(vault, now_ts=now_ts))
    vault.debts[strategy] = strategy_assets
    vault.total_idle += total_refunds
    if fee_shares:
        _issue(vault, fee_recipient, fee_shares)
    _spread(vault, max(lock - burn, 0), now_ts)
    return gain, loss


def _change_locked(vault: Vault, shares: int) -> None:
    """Mint locked shares, or burn them as far as there are any."""
    held = vault.balances.get(VAULT, 0)
    change = max(shares, -held)
    vault.balances[VAULT] = held + change
    vault.stored_supply += change


def _spread(vault: Vault, newly_locked: int, now_ts: int) -> None:
    """
    Let all locked shares vanish together, over the mean of what is left of their times.

        period = (locked before * seconds left + newly locked * unlocking time) / locked
        rate = locked * 1e12 / period,   all rounded down
    """
    locked = vault.balances.get(VAULT, 0)
    if locked == 0:
        vault.full_profit_unlock_ts = 0
        return
    left_s = max(vault.full_profit_unlock_ts - now_ts, 0)
    weighted = (locked - newly_locked) * left_s + newly_locked * vault.profit_max_unlock_time_s
    period_s = weighted // locked
    # Never zero: what was locked before has time left, what is new has the whole time.
    vault.profit_unlocking_rate = locked * MAX_BPS_EXTENDED // period_s
    vault.full_profit_unlock_ts = now_ts + period_s
    vault.last_profit_update_ts = now_ts


# ---- what they have in common --------------------------------------------------------------


def _to_shares(vault: Vault, assets: int, now_ts: int, *, up: int) -> int:
    supply, held = total_supply(vault, now_ts=now_ts), total_assets(vault)
    if assets == 0 or supply == 0:
        return assets
    _check(held > 0, "shares without assets", supply=supply)
    return -(-assets * supply // held) if up else assets * supply // held


def _issue(vault: Vault, account: Hashable, shares: int) -> None:
    _check(vault.stored_supply + shares <= MAX_UINT256, "beyond 256 bits", shares=shares)
    vault.balances[account] = vault.balances.get(account, 0) + shares
    vault.stored_supply += shares


def _leave(vault: Vault, account: Hashable, assets: int, shares: int) -> None:
    held = vault.balances.get(account, 0)
    _check(0 < shares <= held, "more than is owned", shares=shares, held=held)
    _check(assets <= vault.total_idle, "more than is idle", assets=assets, idle=vault.total_idle)
    vault.balances[account] = held - shares
    vault.stored_supply -= shares
    vault.total_idle -= assets


def _check(holds: bool, why: str, **numbers: int) -> None:
    if not holds:
        raise revert_bare(why, **numbers)
