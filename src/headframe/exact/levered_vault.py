"""
The vault of leveraged farming: deposit, withdraw, work, kill, and the guard that may freeze both.

A position is opened, changed and closed by one call, `work`: all its debt is taken off the books,
the worker plays a strategy with the principal and the loan, what comes back repays, and what is
still owed must stand the test of health times work factor. Anybody (Alpaca: a known liquidator) may
kill a position whose health times kill factor falls below its debt. Both factors are told only
while the pool agrees with an oracle: where they part, nobody can borrow, and nobody can liquidate.

Alpha Homora v1's Bank and Alpaca's Vault are one text in two dialects, which `Dialect` tells apart.
Contracts and judge: see `levered_bank`. Assumptions: callers are people, not contracts; the debt
token and its staking (Alpaca's FairLaunch) are left out; native coins are tokens like others.
Each action is atomic: a `Revert` leaves everything as it was.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from copy import deepcopy

from headframe.errors import Revert
from headframe.exact import levered_bank as books
from headframe.exact import lp_worker as farming
from headframe.exact import safe_math
from headframe.exact.fixed import revert_error
from headframe.exact.levered_bank import BPS, Payout, Position
from headframe.exact.levered_vault_state import (
    Vault,
    floating,
    is_reserve_consistent,
    is_stable,
    kill_factor,
    position_of,
    raw_kill_factor,
    work_factor,
    worker_of,
)
from headframe.exact.uniswap_v2_router import move

# ---- lenders -------------------------------------------------------------------------------


def deposit(vault: Vault, lender: Hashable, amount: int, *, now_ts: int) -> int:
    """
    Lend tokens for shares; return the shares.

    Source: Bank.deposit, Vault.deposit. Raises `Revert`: too few shares in all (Alpaca).
    """
    with _atomic(vault):
        _pay_in(vault, lender, amount)
        _accrue(vault, amount, now_ts)
        share = books.deposit(vault.bank, lender, amount, floating(vault))
        _check_supply(vault)
    return share


def withdraw(vault: Vault, lender: Hashable, share: int, *, now_ts: int) -> int:
    """
    Give shares back for tokens; return the amount.

    Source: Bank.withdraw, Vault.withdraw. Raises `Revert`: more shares than one has, more tokens
    than the vault has at hand, too few shares left in all (Alpaca).
    """
    with _atomic(vault):
        _accrue(vault, 0, now_ts)
        amount = books.withdraw(vault.bank, lender, share, floating(vault))
        _pay_out(vault, lender, amount)
        _check_supply(vault)
    return amount


def withdraw_reserve(vault: Vault, to: Hashable, value: int) -> None:
    """Pay out of the reserve. Source: withdrawReserve. Raises `Revert` for more than there is."""
    with _atomic(vault):
        vault.bank.reserve_pool = safe_math.sub(vault.bank.reserve_pool, value)
        _pay_out(vault, to, value)


def reduce_reserve(vault: Vault, value: int) -> None:
    """Give a part of the reserve to the lenders. Source: reduceReserve."""
    with _atomic(vault):
        vault.bank.reserve_pool = safe_math.sub(vault.bank.reserve_pool, value)


# ---- farmers -------------------------------------------------------------------------------


def work(
    vault: Vault,
    user: Hashable,
    id_: int,
    worker: Hashable,
    principal: int,
    loan: int,
    max_return: int,
    strategy: Hashable,
    said: tuple[int, ...],
    *,
    now_ts: int,
    now_height: int = 0,
) -> int:
    """
    Open a position (`id_` 0) or change one; return its number.

    Principal and loan go to the worker, whose strategy hands back what it does not keep. Of that
    at most `max_return` repays, the rest is the user's.
    Source: Bank.work, Vault.work. Raises `Revert`: not one's own, no worker, no debt accepted, too
    little money, too small a debt, beyond the work factor, or as the guard and the farm do.
    """
    with _atomic(vault):
        _pay_in(vault, user, principal)
        _accrue(vault, principal, now_ts)
        id_, position = _opened(vault, user, id_, worker)
        _check_worker(vault, worker, loan, now_ts)
        debt = safe_math.add(books.remove_debt(vault.bank, position), loan)
        back = _played(
            vault, position, id_, user, debt, principal + loan, strategy, said, now_ts, now_height
        )
        less_debt = min(debt, back, max_return)
        debt -= less_debt
        if debt > 0:
            _check_debt(vault, worker, id_, debt, now_ts)
            books.add_debt(vault.bank, position, debt)
        if back > less_debt:
            _pay_out(vault, user, back - less_debt)
    return id_


def add_collateral(
    vault: Vault,
    user: Hashable,
    id_: int,
    amount: int,
    go_rogue: bool,
    strategy: Hashable,
    said: tuple[int, ...],
    *,
    now_ts: int,
    now_height: int = 0,
) -> None:
    """
    Raise a position's health with more tokens, guard or no guard (`go_rogue`).

    Source: Vault.addCollateral (Alpaca only). Raises `Revert`: not one's own, not active, no
    approved strategy, health that does not rise or stays within 1 % of the kill factor.
    """
    with _atomic(vault):
        _pay_in(vault, user, amount)
        _accrue(vault, amount, now_ts)
        if id_ == 0:
            raise revert_error("no id 0")
        position = position_of(vault, id_)
        before = farming.health(worker_of(vault, position.worker), id_)
        _check_owner_active(position, user, before)
        if strategy not in vault.add_strategies:
            raise revert_error("!approved strat")
        _check_guard(vault, position.worker, go_rogue, now_ts)
        debt = books.debt_share_to_val(vault.bank, position.debt_share)
        back = _played(vault, position, id_, user, debt, amount, strategy, said, now_ts, now_height)
        _check_guard(vault, position.worker, go_rogue, now_ts)
        _check_healthier(vault, position, id_, before, debt, back)


def kill(vault: Vault, killer: Hashable, id_: int, *, now_ts: int, now_height: int = 0) -> Payout:
    """
    Close a position whose debt exceeds its health times the kill factor, and share out.

    Source: Bank.kill, Vault.kill. Raises `Revert`: not a known liquidator (Alpaca), no debt, still
    healthy, or as the guard and the farm do.
    """
    if vault.dialect.known_liquidators and killer not in vault.liquidators:
        raise revert_error("!whitelisted liquidator")
    with _atomic(vault):
        _accrue(vault, 0, now_ts)
        position = vault.bank.positions.get(id_)
        if position is None or position.debt_share <= 0:
            raise revert_error("no debt")
        debt = books.remove_debt(vault.bank, position)
        worker = worker_of(vault, position.worker)
        health = farming.health(worker, id_)
        factor = kill_factor(vault, position.worker, now_ts=now_ts)
        if safe_math.mul(health, factor) >= safe_math.mul(debt, BPS):
            raise revert_error("can't liquidate", health=health, debt=debt)
        back = farming.liquidate(
            worker, vault.purse, id_, bank=vault.name, now_ts=now_ts, now_height=now_height
        )
        payout = books.waterfall(
            back, debt, kill_bps=vault.kill_bps, treasury_bps=vault.kill_treasury_bps
        )
        _pay_out(vault, killer, payout.prize)
        _pay_out(vault, vault.treasury, payout.treasury)
        _pay_out(vault, position.owner, payout.left)
    return payout


def reinvest(
    vault: Vault, worker: Hashable, caller: Hashable, *, now_ts: int, now_height: int = 0
) -> None:
    """Let a worker sell its rewards into more shares of the pool. Source: reinvest."""
    with _atomic(vault):
        farming.reinvest(
            worker_of(vault, worker), vault.purse, caller=caller, now_ts=now_ts,
            now_height=now_height,
        )  # fmt: skip


# ---- pieces --------------------------------------------------------------------------------


@contextmanager
def _atomic(vault: Vault) -> Iterator[None]:
    """Put everything back where an action is refused, so that nothing has happened."""
    state = (vault.bank, vault.purse, vault.workers)
    kept = deepcopy(state)
    try:
        yield
    except Revert:
        vault.bank, vault.purse, vault.workers = kept
        raise


def _opened(vault: Vault, user: Hashable, id_: int, worker: Hashable) -> tuple[int, Position]:
    bank = vault.bank
    if id_ == 0:
        id_ = bank.next_position_id
        bank.next_position_id += 1
        bank.positions[id_] = Position(worker, user)
        return id_, bank.positions[id_]
    position = bank.positions.get(id_)
    if position is None:
        raise revert_error("bad position id", id=id_)
    if position.worker != worker:
        raise revert_error(f"bad position {vault.dialect.worker}")
    if position.owner != user:
        raise revert_error("not position owner")
    return id_, position


def _check_worker(vault: Vault, worker: Hashable, loan: int, now_ts: int) -> None:
    if worker not in vault.configs:
        raise revert_error(f"not a {vault.dialect.worker}")
    if loan == 0:
        return
    is_stable(vault, worker, now_ts=now_ts)
    if not vault.configs[worker].accept_debt:
        raise revert_error(vault.dialect.accept)


def _played(
    vault: Vault,
    position: Position,
    id_: int,
    user: Hashable,
    debt: int,
    sent: int,
    strategy: Hashable,
    said: tuple[int, ...],
    now_ts: int,
    now_height: int,
) -> int:
    """Let the worker play; return what came back."""
    held = floating(vault)
    if sent > held:
        raise revert_error(vault.dialect.funds, sent=sent, held=held)
    worker = worker_of(vault, position.worker)
    move(vault.purse, vault.token, vault.name, worker.name, sent, vault.dialect.transfer)
    farming.work(
        worker, vault.purse, id_, owner=position.owner, user=user, bank=vault.name, debt=debt,
        strategy=strategy, said=said, now_ts=now_ts, now_height=now_height,
    )  # fmt: skip
    return safe_math.sub(floating(vault), held - sent)


def _check_debt(vault: Vault, worker: Hashable, id_: int, debt: int, now_ts: int) -> None:
    if debt < vault.min_debt_size:
        raise revert_error("too small debt size", debt=debt)
    health = farming.health(worker_of(vault, worker), id_)
    factor = work_factor(vault, worker, now_ts=now_ts)
    if safe_math.mul(health, factor) < safe_math.mul(debt, BPS):
        raise revert_error("bad work factor", health=health, debt=debt)


def _check_owner_active(position: Position, user: Hashable, health: int) -> None:
    if position.owner != user:
        raise revert_error("!position owner")
    if health == 0:
        raise revert_error("!active position")


def _check_guard(vault: Vault, worker: Hashable, go_rogue: bool, now_ts: int) -> None:
    if go_rogue:
        is_reserve_consistent(vault, worker)
    else:
        is_stable(vault, worker, now_ts=now_ts)


def _check_healthier(
    vault: Vault, position: Position, id_: int, before: int, debt: int, back: int
) -> None:
    after = farming.health(worker_of(vault, position.worker), id_)
    if back != 0:
        raise revert_error("back !0", back=back)
    if after <= before:
        raise revert_error("health !increase", before=before, after=after)
    factor = safe_math.sub(raw_kill_factor(vault, position.worker), 100)
    if safe_math.mul(debt, BPS) > safe_math.mul(after, factor):
        raise revert_error("debtRatio > killFactor margin", debt=debt, health=after)


def _accrue(vault: Vault, value: int, now_ts: int) -> None:
    if now_ts > vault.bank.last_accrue_time:
        rate = vault.rate(vault.bank.debt_val, safe_math.sub(floating(vault), value))
        books.accrue(vault.bank, rate, vault.reserve_pool_bps, now_ts=now_ts)


def _check_supply(vault: Vault) -> None:
    least = vault.dialect.supply_above
    if least and vault.bank.total_supply <= least:
        raise revert_error("no tiny shares", supply=vault.bank.total_supply)


def _pay_in(vault: Vault, frm: Hashable, amount: int) -> None:
    move(vault.purse, vault.token, frm, vault.name, amount, vault.dialect.transfer_from)


def _pay_out(vault: Vault, to: Hashable, amount: int) -> None:
    move(vault.purse, vault.token, vault.name, to, amount, vault.dialect.transfer)
