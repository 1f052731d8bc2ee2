"""
The worker of a leveraged farm: it stakes the pool's shares of all positions, and says their health.

Alpha Homora called it a goblin. Positions own shares of what it has staked, so that reinvested
rewards belong to all. Health is what a position would bring if it were closed in the pool itself:
its base tokens, and what its farming tokens would sell for against the rest of the pool, swap fee
and own price impact included. It is no oracle's value, and a large position is nearer to its end
than its value says.

Contracts: npm @alpaca-finance/alpaca-contract 1.2.22, PancakeswapV2Worker02 (MIT), whose bytecode
judges this file; alpha-homora-v1 at 5017311, UniswapGoblin and SushiswapGoblin (formula notes).
The two differ in who gets the bounty, and Alpaca's worker reinvests before it does anything else.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.errors import Revert
from headframe.exact import safe_math
from headframe.exact import sushiswap_masterchef as masterchef
from headframe.exact import synthetix_staking_rewards as staking_rewards
from headframe.exact import uniswap_v2 as v2
from headframe.exact.fixed import revert_error
from headframe.exact.levered_bank import BPS
from headframe.exact.lp_strategies import Job, Strategy
from headframe.exact.uniswap_v2_router import (
    Pool,
    Purse,
    balance_of,
    give,
    move,
    reserves,
    swap_exact_tokens_for_tokens,
)

FARM: Hashable = "farm"
"""Who holds what is staked."""


@dataclass(slots=True)
class ChefStake:
    """A stake with a MasterChef, which pays whenever it is touched."""

    chef: masterchef.MasterChef
    pid: int


@dataclass(slots=True)
class Buyback:
    """A vault that is given a part of the bounty, in its token, bought along a path."""

    bps: int
    vault: Hashable
    token: Hashable
    path: tuple[Pool, ...]


@dataclass(slots=True, kw_only=True)
class Worker:
    """
    Everything that one worker stores, and where it stakes.

    `treasury` and `treasury_bounty_bps` are Alpaca's: with both, each `work` reinvests first.
    `says` stands before each of its refusals.
    """

    name: Hashable
    pool: Pool
    base: Hashable
    farm: Hashable
    reward: Hashable
    stake: ChefStake | staking_rewards.StakingRewards
    add_strategy: Strategy
    liquidate_strategy: Strategy
    ok_strategies: dict[Hashable, Strategy] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    total_share: int = 0
    reinvest_path: tuple[Pool, ...] = ()
    reinvest_bounty_bps: int = 0
    reinvest_threshold: int = 0
    reinvestors: set[Hashable] | None = None
    treasury: Hashable | None = None
    treasury_bounty_bps: int = 0
    buyback: Buyback | None = None
    buyback_amount: int = 0
    says: str = ""


# ---- what can be read ----------------------------------------------------------------------


def staked(worker: Worker) -> int:
    """Shares of the pool that the worker has staked."""
    if isinstance(worker.stake, ChefStake):
        info = worker.stake.chef.users.get((worker.stake.pid, worker.name))
        return info.amount if info else 0
    return worker.stake.balances.get(worker.name, 0)


def share_to_balance(worker: Worker, share: int) -> int:
    """Shares of the pool behind a share of the worker's stake, rounded down."""
    if worker.total_share == 0:
        return share
    return safe_math.div_down(safe_math.mul(share, staked(worker)), worker.total_share)


def balance_to_share(worker: Worker, balance: int) -> int:
    """Share of the worker's stake that shares of the pool make, rounded down."""
    if worker.total_share == 0:
        return balance
    return safe_math.div_down(safe_math.mul(balance, worker.total_share), staked(worker))


def get_mkt_sell_amount(worker: Worker, amount: int, reserve_in: int, reserve_out: int) -> int:
    """
    What an amount would sell for, rounded down; nothing for nothing.

        amount * fee * out / (in * denominator + amount * fee)

    Source: getMktSellAmount. Raises `Revert` without reserves.
    """
    if amount == 0:
        return 0
    if reserve_in <= 0 or reserve_out <= 0:
        raise _refused(worker, "getMktSellAmount", "bad reserve values")
    exchange = worker.pool.exchange
    kept = safe_math.mul(amount, exchange.fee_numerator)
    whole = safe_math.add(safe_math.mul(reserve_in, exchange.fee_denominator), kept)
    return safe_math.mul(kept, reserve_out) // whole


def health(worker: Worker, id_: int) -> int:
    """
    Base tokens that a position would bring if it were closed in the pool, rounded down.

        own base + sale of own farming tokens into the rest of the pool

    Source: Goblin.health, Worker02.health. Raises `Revert` where the pool has no shares.
    """
    balance = share_to_balance(worker, worker.shares.get(id_, 0))
    base, farm = reserves(worker.pool, worker.base)
    supply = worker.pool.pair.total_supply
    own_base = safe_math.div_down(safe_math.mul(balance, base), supply)
    own_farm = safe_math.div_down(safe_math.mul(balance, farm), supply)
    sale = get_mkt_sell_amount(
        worker, own_farm, safe_math.sub(farm, own_farm), safe_math.sub(base, own_base)
    )
    return safe_math.add(sale, own_base)


# ---- what the bank asks, and anybody -------------------------------------------------------


def work(
    worker: Worker,
    purse: Purse,
    id_: int,
    *,
    owner: Hashable,
    user: Hashable,
    bank: Hashable,
    debt: int,
    strategy: Hashable,
    said: tuple[int, ...],
    now_ts: int,
    now_height: int,
) -> None:
    """
    Let a strategy do with a position's shares and the base tokens what its owner wants.

    All base tokens go back to the bank. Source: Goblin.work, Worker02.work.
    Raises `Revert`: no approved strategy, or as strategy, router, pair and farm do.
    """
    if worker.treasury is not None and worker.treasury_bounty_bps:
        _reinvest(
            worker, purse, worker.treasury, worker.treasury_bounty_bps,
            caller_balance=_own_base(worker, purse), threshold=worker.reinvest_threshold,
            now_ts=now_ts, now_height=now_height,
        )  # fmt: skip
    _remove_share(worker, purse, id_, now_ts, now_height)
    chosen = worker.ok_strategies.get(strategy)
    if chosen is None:
        raise _refused(worker, "work", "unapproved work strategy")
    job = _job(worker, owner, user, debt, said, now_ts)
    _send_shares(worker, chosen)
    move(purse, worker.base, worker.name, chosen.name, _own_base(worker, purse), "!safeTransfer")
    chosen.execute(chosen, purse, job)
    _add_share(worker, purse, id_, now_ts, now_height)
    move(purse, worker.base, worker.name, bank, _own_base(worker, purse), "!safeTransfer")


def liquidate(
    worker: Worker, purse: Purse, id_: int, *, bank: Hashable, now_ts: int, now_height: int
) -> int:
    """
    Turn a position into base tokens for the bank; return how many.

    Source: Goblin.liquidate, Worker02.liquidate.
    """
    _remove_share(worker, purse, id_, now_ts, now_height)
    strategy = worker.liquidate_strategy
    _send_shares(worker, strategy)
    job = _job(worker, None, None, 0, (0,), now_ts)
    strategy.execute(strategy, purse, job)
    amount = _own_base(worker, purse)
    move(purse, worker.base, worker.name, bank, amount, "!safeTransfer")
    return amount


def reinvest(
    worker: Worker, purse: Purse, *, caller: Hashable, now_ts: int, now_height: int
) -> None:
    """
    Sell the rewards, less the caller's bounty, into more shares of the pool for all positions.

    Source: Goblin.reinvest, Worker02.reinvest. Raises `Revert`: not a reinvestor (Alpaca only).
    """
    if worker.reinvestors is not None and caller not in worker.reinvestors:
        raise _refused(worker, "onlyReinvestor", "not reinvestor")
    _reinvest(
        worker, purse, caller, worker.reinvest_bounty_bps,
        caller_balance=0, threshold=0, now_ts=now_ts, now_height=now_height,
    )  # fmt: skip
    if worker.buyback is not None and worker.buyback_amount:
        amount, worker.buyback_amount = worker.buyback_amount, 0
        buyback = worker.buyback
        move(purse, buyback.token, worker.name, buyback.vault, amount, "!safeTransfer")


def _reinvest(
    worker: Worker,
    purse: Purse,
    payee: Hashable,
    bounty_bps: int,
    *,
    caller_balance: int,
    threshold: int,
    now_ts: int,
    now_height: int,
) -> None:
    _harvest(worker, purse, now_ts, now_height)
    reward = balance_of(purse, worker.reward, worker.name)
    if reward <= threshold:
        return
    bounty = safe_math.mul(reward, bounty_bps) // BPS
    if bounty > 0:
        _pay_bounty(worker, purse, payee, bounty, caller_balance, now_ts)
    swap_exact_tokens_for_tokens(
        purse, worker.reinvest_path, worker.reward, reward - bounty, worker.name, now_ts=now_ts
    )
    strategy = worker.add_strategy
    gained = safe_math.sub(_own_base(worker, purse), caller_balance)
    move(purse, worker.base, worker.name, strategy.name, gained, "!safeTransfer")
    strategy.execute(strategy, purse, _job(worker, None, None, 0, (0,), now_ts))
    _stake(worker, purse, _unstaked(worker), now_ts, now_height)


def _pay_bounty(
    worker: Worker, purse: Purse, payee: Hashable, bounty: int, caller_balance: int, now_ts: int
) -> None:
    buyback, part = worker.buyback, 0
    if buyback is not None:
        part = safe_math.mul(bounty, buyback.bps) // BPS
    if buyback is not None and part > 0:
        swap_exact_tokens_for_tokens(
            purse, buyback.path, worker.reward, part, worker.name, now_ts=now_ts
        )
        held = balance_of(purse, buyback.token, worker.name)
        if buyback.token == worker.base:
            # The contract forgets what it kept before: the sum is all but the caller's own.
            worker.buyback_amount = safe_math.sub(held, caller_balance)
        else:
            worker.buyback_amount = 0
            move(purse, buyback.token, worker.name, buyback.vault, held, "!safeTransfer")
    move(purse, worker.reward, worker.name, payee, bounty - part, "!safeTransfer")


def _own_base(worker: Worker, purse: Purse) -> int:
    held = balance_of(purse, worker.base, worker.name)
    return safe_math.sub(held, worker.buyback_amount)


def _job(
    worker: Worker,
    owner: Hashable,
    user: Hashable,
    debt: int,
    said: tuple[int, ...],
    now_ts: int,
) -> Job:
    return Job(
        worker.pool, worker.base, worker.farm, worker.name, owner, user, debt, said, now_ts
    )  # fmt: skip


def _refused(worker: Worker, where: str, why: str) -> Revert:
    return revert_error(f"{worker.says}{where}:: {why}" if worker.says else why)


# ---- shares --------------------------------------------------------------------------------


def _unstaked(worker: Worker) -> int:
    return worker.pool.pair.balance_of.get(worker.name, 0)


def _send_shares(worker: Worker, strategy: Strategy) -> None:
    v2.transfer(worker.pool.pair, worker.name, strategy.name, _unstaked(worker))


def _add_share(worker: Worker, purse: Purse, id_: int, now_ts: int, now_height: int) -> None:
    balance = _unstaked(worker)
    if balance > 0:
        share = balance_to_share(worker, balance)
        _stake(worker, purse, balance, now_ts, now_height)
        worker.shares[id_] = worker.shares.get(id_, 0) + share
        worker.total_share += share


def _remove_share(worker: Worker, purse: Purse, id_: int, now_ts: int, now_height: int) -> None:
    share = worker.shares.get(id_, 0)
    if share > 0:
        balance = share_to_balance(worker, share)
        _unstake(worker, purse, balance, now_ts, now_height)
        worker.total_share = safe_math.sub(worker.total_share, share)
        worker.shares[id_] = 0


def _stake(worker: Worker, purse: Purse, amount: int, now_ts: int, now_height: int) -> None:
    stake = worker.stake
    v2.transfer(worker.pool.pair, worker.name, FARM, amount)
    if isinstance(stake, ChefStake):
        paid = masterchef.deposit(stake.chef, stake.pid, worker.name, amount, now_height=now_height)
        give(purse, worker.reward, worker.name, paid)
    else:
        staking_rewards.stake(stake, worker.name, amount, now_ts=now_ts)


def _unstake(worker: Worker, purse: Purse, amount: int, now_ts: int, now_height: int) -> None:
    stake = worker.stake
    if isinstance(stake, ChefStake):
        paid = masterchef.withdraw(
            stake.chef, stake.pid, worker.name, amount, now_height=now_height
        )
        give(purse, worker.reward, worker.name, paid)
    else:
        staking_rewards.withdraw(stake, worker.name, amount, now_ts=now_ts)
    v2.transfer(worker.pool.pair, FARM, worker.name, amount)


def _harvest(worker: Worker, purse: Purse, now_ts: int, now_height: int) -> None:
    stake = worker.stake
    if isinstance(stake, ChefStake):
        paid = masterchef.withdraw(stake.chef, stake.pid, worker.name, 0, now_height=now_height)
    else:
        paid = staking_rewards.get_reward(stake, worker.name, now_ts=now_ts)
    give(purse, worker.reward, worker.name, paid)
