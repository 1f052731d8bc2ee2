"""
What a vault of leveraged farming stores, what can be read of it, and the guard.

Both factors of a worker are told only while the pool's price is near an oracle's, the oracle is not
old, and the pool holds what its reserves say; otherwise asking for them reverts, and whoever asks
reverts with them. So the guard that keeps a manipulated pool from being borrowed against also keeps
a crashed one from being liquidated.

Contracts: Alpha Homora v1's Bank, ConfigurableInterestBankConfig and UniswapGoblinConfig (formula
notes); Alpaca's Vault, ConfigurableInterestVaultConfig and WorkerConfig (npm
@alpaca-finance/alpaca-contract 1.2.22, MIT), whose bytecode judges this file in the duel of
`alpaca`.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from headframe.errors import Revert
from headframe.exact import levered_bank as books
from headframe.exact import lp_worker as farming
from headframe.exact import safe_math
from headframe.exact.fixed import WAD, revert_bare, revert_error
from headframe.exact.levered_bank import BPS, Bank, Position
from headframe.exact.lp_worker import Worker
from headframe.exact.uniswap_v2_router import Purse, balance_of


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what two vaults of one kind differ, but for their parameters."""

    worker: str
    accept: str
    funds: str
    guard: str
    oracle: str
    oldest_s: int
    supply_above: int
    known_liquidators: bool
    transfer: str = "!safeTransfer"
    transfer_from: str = "!safeTransferFrom"


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a vault allows a worker: new debt or none, its factors, how far pool and oracle part."""

    accept_debt: bool
    work_factor: int
    kill_factor: int
    max_price_diff: int


@dataclass(slots=True, kw_only=True)
class Vault:
    """
    One vault with its workers, and who holds what of the tokens that they touch.

    `rate` is the interest model: (debt, floating) to a wad per second. `prices` are the oracle's,
    by both token names in the pool's order: a wad, and when it was set.
    """

    dialect: Dialect
    name: Hashable
    token: Hashable
    rate: Callable[[int, int], int]
    min_debt_size: int = 0
    reserve_pool_bps: int = 0
    kill_bps: int = 0
    kill_treasury_bps: int = 0
    treasury: Hashable | None = None
    liquidators: set[Hashable] = field(default_factory=set)
    add_strategies: set[Hashable] = field(default_factory=set)
    configs: dict[Hashable, WorkerConfig] = field(default_factory=dict)
    prices: dict[tuple[Hashable, Hashable], tuple[int, int]] = field(default_factory=dict)
    bank: Bank = field(default_factory=Bank)
    purse: Purse = field(default_factory=Purse)
    workers: dict[Hashable, Worker] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def floating(vault: Vault) -> int:
    """Tokens that the vault has at hand."""
    return balance_of(vault.purse, vault.token, vault.name)


def total_token(vault: Vault) -> int:
    """What the lenders own. Source: totalETH, totalToken."""
    return books.total_token(vault.bank, floating(vault))


def pending_interest(vault: Vault, value: int, *, now_ts: int) -> int:
    """Interest since the last call, at the rate without `value`, which has just come in."""
    if now_ts <= vault.bank.last_accrue_time:
        return 0
    rate = vault.rate(vault.bank.debt_val, safe_math.sub(floating(vault), value))
    return books.pending_interest(vault.bank, rate, now_ts=now_ts)


def position_info(vault: Vault, id_: int) -> tuple[int, int]:
    """Health and debt of a position. Raises `Revert` with no data where there is none."""
    position = position_of(vault, id_)
    health = farming.health(worker_of(vault, position.worker), id_)
    return health, books.debt_share_to_val(vault.bank, position.debt_share)


def is_reserve_consistent(vault: Vault, worker: Hashable) -> bool:
    """
    Whether the pool holds at most 1 % more than its reserves say.

    Raises `Revert` where it holds more: the check never answers no.
    """
    pair = worker_of(vault, worker).pool.pair
    for token, held, reserve in (("t0", pair.balance0, pair.reserve0),
                                 ("t1", pair.balance1, pair.reserve1)):  # fmt: skip
        if safe_math.mul(held, 100) > safe_math.mul(reserve, 101):
            raise _unstable(vault, "isReserveConsistent", f"bad {token} balance")
    return True


def is_stable(vault: Vault, worker: Hashable, *, now_ts: int) -> bool:
    """
    Whether the pool's price is within the worker's band around an oracle's price that is not old.

        oracle / diff <= reserve1 / reserve0 <= oracle * diff

    Source: isStable of UniswapGoblinConfig and WorkerConfig. Raises `Revert` where it is not: the
    check never answers no.
    """
    is_reserve_consistent(vault, worker)
    pool = worker_of(vault, worker).pool
    price, last_update = vault.prices.get((pool.token0, pool.token1), (0, 0))
    if price == 0 or last_update == 0:
        raise revert_error(f"{vault.dialect.oracle}bad price data")
    if last_update < now_ts - vault.dialect.oldest_s:
        raise _unstable(vault, "isStable", "price too stale")
    spot = safe_math.div_down(safe_math.mul(pool.pair.reserve1, WAD), pool.pair.reserve0)
    most = config_of(vault, worker).max_price_diff
    if safe_math.mul(spot, BPS) > safe_math.mul(price, most):
        raise _unstable(vault, "isStable", "price too high")
    if safe_math.mul(spot, most) < safe_math.mul(price, BPS):
        raise _unstable(vault, "isStable", "price too low")
    return True


def work_factor(vault: Vault, worker: Hashable, *, now_ts: int) -> int:
    """Most debt for 10000 of health after `work`. Raises `Revert` while the guard holds."""
    is_stable(vault, worker, now_ts=now_ts)
    return config_of(vault, worker).work_factor


def kill_factor(vault: Vault, worker: Hashable, *, now_ts: int) -> int:
    """Debt for 10000 of health above which one is killed. Raises while the guard holds."""
    is_stable(vault, worker, now_ts=now_ts)
    return config_of(vault, worker).kill_factor


def raw_kill_factor(vault: Vault, worker: Hashable) -> int:
    """The kill factor, whatever the guard says. Source: Alpaca's rawKillFactor."""
    return config_of(vault, worker).kill_factor


def position_of(vault: Vault, id_: int) -> Position:
    """The position of a number. Raises `Revert` with no data where there is none."""
    # A position that was never opened has no worker: the call to nobody fails without a word.
    if id_ not in vault.bank.positions:
        raise revert_bare("no such position", id=id_)
    return vault.bank.positions[id_]


def worker_of(vault: Vault, worker: Hashable) -> Worker:
    """A worker by its name. Raises `Revert` with no data where there is none."""
    if worker not in vault.workers:
        raise revert_bare("no such worker")
    return vault.workers[worker]


def config_of(vault: Vault, worker: Hashable) -> WorkerConfig:
    """What the vault allows a worker; nothing where it was never told."""
    return vault.configs.get(worker, WorkerConfig(False, 0, 0, 0))


def _unstable(vault: Vault, where: str, why: str) -> Revert:
    guard = vault.dialect.guard
    return revert_error(f"{guard}{where}:: {why}" if guard else why)
