"""
SushiSwap's first MasterChef: a fixed number of tokens a block, shared by pools, then by stakes.

Each pool has points; a block's rewards go to the pools in proportion, and within a pool to the
stakers. As in most farms one number per pool, the reward per staked token since birth (times 1e12),
makes that a subtraction. Early blocks pay tenfold. The rewards do not exist before somebody asks:
each update mints them, and a tenth more for the developers. A pool's stake is whatever the contract
holds of its token: two pools of one token, or a pool of the reward itself, dilute each other.

Contract: SushiSwap MasterChef (MIT), as compiled in PyPI web3-ethereum-defi 1.2, whose bytecode
judges this file. Assumptions: staked tokens are plain ERC-20 and stakers own what they stake; the
owner's calls are not authorised here; no migration.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from headframe.exact import safe_math
from headframe.exact.fixed import revert_bare, revert_error

ACC_SUSHI_PRECISION = 10**12
"""One reward per staked token, in the pools' accumulators."""
BONUS_MULTIPLIER = 10
"""How many times its reward a block pays until the bonus ends."""
DEV_SHARE = 10
"""The developers receive one part in so many on top."""
SUSHI: Hashable = "SUSHI"
"""Name of the reward token, for a pool that stakes it."""


@dataclass(slots=True)
class PoolInfo:
    """One pool: its token, its points, and rewards per staked token up to a block."""

    lp_token: Hashable
    alloc_point: int
    last_reward_block: int
    acc_sushi_per_share: int = 0


@dataclass(slots=True)
class UserInfo:
    """One stake in one pool; `reward_debt` is what it would have earned before it came."""

    amount: int = 0
    reward_debt: int = 0


@dataclass(slots=True, kw_only=True)
class MasterChef:
    """
    Everything that one contract stores, and the tokens it holds.

    `token_balance` is what it holds by token, `SUSHI` among them; `dev_minted` what the developers
    received.
    """

    sushi_per_block: int
    start_block: int
    bonus_end_block: int
    total_alloc_point: int = 0
    dev_minted: int = 0
    pools: list[PoolInfo] = field(default_factory=list)
    users: dict[tuple[int, Hashable], UserInfo] = field(default_factory=dict)
    token_balance: dict[Hashable, int] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def get_multiplier(chef: MasterChef, from_: int, to: int) -> int:
    """
    Blocks from one to another, those of the bonus counted tenfold.

    Source: MasterChef.getMultiplier. Raises `Revert` where the blocks run backwards.
    """
    end = chef.bonus_end_block
    if to <= end:
        return safe_math.mul(safe_math.sub(to, from_), BONUS_MULTIPLIER)
    if from_ >= end:
        return safe_math.sub(to, from_)
    return safe_math.add(safe_math.mul(end - from_, BONUS_MULTIPLIER), to - end)


def pending_sushi(chef: MasterChef, pid: int, user: Hashable, *, now_height: int) -> int:
    """
    Rewards that a staker would receive now, rounded down.

        amount * accumulator / 1e12 - debt

    Source: MasterChef.pendingSushi. Raises `Revert` with no data for a pool that is not there.
    """
    pool, info = _pool(chef, pid), chef.users.get((pid, user), UserInfo())
    _, accumulator = _accrued(chef, pool, now_height)
    return _pending(info, accumulator)


# ---- what stakers do -----------------------------------------------------------------------


def deposit(chef: MasterChef, pid: int, user: Hashable, amount: int, *, now_height: int) -> int:
    """
    Receive the rewards due, then add to a stake.

    Source: MasterChef.deposit. Returns the rewards paid.
    Raises `Revert` with no data for a pool that is not there.
    """
    pool = _pool(chef, pid)
    info = chef.users.get((pid, user), UserInfo())
    reward, accumulator = _accrued(chef, pool, now_height)
    pending = _pending(info, accumulator) if info.amount > 0 else 0
    staked = safe_math.add(info.amount, amount)
    debt = _debt(staked, accumulator)
    _book_reward(chef, pool, reward, accumulator, now_height)
    paid = _pay(chef, pending)
    chef.users[pid, user] = UserInfo(staked, debt)
    _receive(chef, pool.lp_token, amount)
    return paid


def withdraw(chef: MasterChef, pid: int, user: Hashable, amount: int, *, now_height: int) -> int:
    """
    Receive the rewards due, then take from a stake.

    Source: MasterChef.withdraw. Returns the rewards paid. Raises `Revert` for more than the stake.
    """
    pool = _pool(chef, pid)
    info = chef.users.get((pid, user), UserInfo())
    if amount > info.amount:
        raise revert_error("withdraw: not good", amount=amount, staked=info.amount)
    reward, accumulator = _accrued(chef, pool, now_height)
    pending = _pending(info, accumulator)
    left = info.amount - amount
    debt = _debt(left, accumulator)
    _book_reward(chef, pool, reward, accumulator, now_height)
    paid = _pay(chef, pending)
    chef.users[pid, user] = UserInfo(left, debt)
    _receive(chef, pool.lp_token, -amount)
    return paid


def emergency_withdraw(chef: MasterChef, pid: int, user: Hashable) -> int:
    """
    Take the whole stake and forgo the rewards.

    Source: MasterChef.emergencyWithdraw. Returns the stake.
    """
    pool = _pool(chef, pid)
    staked = chef.users.get((pid, user), UserInfo()).amount
    chef.users[pid, user] = UserInfo()
    _receive(chef, pool.lp_token, -staked)
    return staked


# ---- what the owner does, and anybody ------------------------------------------------------


def add(
    chef: MasterChef, alloc_point: int, lp_token: Hashable, with_update: bool, *, now_height: int
) -> None:
    """
    Open a pool for a token; without an update its points count for blocks long past, too.

    Source: MasterChef.add. Raises `Revert` as `update_pool` does.
    """
    fresh = _brought_up_to_date(chef, now_height) if with_update else chef
    total = safe_math.add(chef.total_alloc_point, alloc_point)
    _adopt(chef, fresh)
    chef.total_alloc_point = total
    chef.pools.append(PoolInfo(lp_token, alloc_point, max(now_height, chef.start_block)))


def set_(
    chef: MasterChef, pid: int, alloc_point: int, with_update: bool, *, now_height: int
) -> None:
    """
    Give a pool other points (the contract's `set`).

    Source: MasterChef.set. Raises `Revert` as `update_pool` does.
    """
    fresh = _brought_up_to_date(chef, now_height) if with_update else chef
    without = safe_math.sub(chef.total_alloc_point, _pool(chef, pid).alloc_point)
    total = safe_math.add(without, alloc_point)
    _adopt(chef, fresh)
    chef.total_alloc_point, chef.pools[pid].alloc_point = total, alloc_point


def mass_update_pools(chef: MasterChef, *, now_height: int) -> None:
    """Bring every pool up to date. Source: MasterChef.massUpdatePools."""
    _adopt(chef, _brought_up_to_date(chef, now_height))


def update_pool(chef: MasterChef, pid: int, *, now_height: int) -> None:
    """
    Mint a pool's rewards since its last block, and a tenth more for the developers.

        reward = blocks * per block * points / all points;  accumulator += reward * 1e12 / stakes

    Source: MasterChef.updatePool. Rounded down; blocks without stakes pay nobody.
    Raises `Revert` without points, or with no data for a pool that is not there.
    """
    pool = _pool(chef, pid)
    reward, accumulator = _accrued(chef, pool, now_height)
    _book_reward(chef, pool, reward, accumulator, now_height)


def _pool(chef: MasterChef, pid: int) -> PoolInfo:
    # An old compiler's index out of bounds is an invalid opcode: no data comes back.
    if pid >= len(chef.pools):
        raise revert_bare("no such pool", pid=pid)
    return chef.pools[pid]


def _accrued(chef: MasterChef, pool: PoolInfo, now_height: int) -> tuple[int, int]:
    """Rewards since the pool's last block, and the accumulator with them; changes nothing."""
    stakes = chef.token_balance.get(pool.lp_token, 0)
    if now_height <= pool.last_reward_block or stakes == 0:
        return 0, pool.acc_sushi_per_share
    multiplier = get_multiplier(chef, pool.last_reward_block, now_height)
    minted = safe_math.mul(multiplier, chef.sushi_per_block)
    points = safe_math.mul(minted, pool.alloc_point)
    reward = safe_math.div_down(points, chef.total_alloc_point)
    rise = safe_math.mul(reward, ACC_SUSHI_PRECISION) // stakes
    return reward, safe_math.add(pool.acc_sushi_per_share, rise)


def _pending(info: UserInfo, accumulator: int) -> int:
    return safe_math.sub(_debt(info.amount, accumulator), info.reward_debt)


def _debt(amount: int, accumulator: int) -> int:
    return safe_math.mul(amount, accumulator) // ACC_SUSHI_PRECISION


def _book_reward(
    chef: MasterChef, pool: PoolInfo, reward: int, accumulator: int, now_height: int
) -> None:
    pool.acc_sushi_per_share = accumulator
    pool.last_reward_block = max(pool.last_reward_block, now_height)
    _receive(chef, SUSHI, reward)
    chef.dev_minted += reward // DEV_SHARE


def _pay(chef: MasterChef, pending: int) -> int:
    # The contract pays what it has, should rounding ever leave it a few wei short.
    paid = min(pending, chef.token_balance.get(SUSHI, 0))
    _receive(chef, SUSHI, -paid)
    return paid


def _receive(chef: MasterChef, token: Hashable, amount: int) -> None:
    chef.token_balance[token] = chef.token_balance.get(token, 0) + amount


def _brought_up_to_date(chef: MasterChef, now_height: int) -> MasterChef:
    """Copy the contract with all pools up to date: if one of them refuses, none has moved."""
    pools, balances = [replace(pool) for pool in chef.pools], dict(chef.token_balance)
    fresh = replace(chef, pools=pools, token_balance=balances)
    for pid in range(len(pools)):
        update_pool(fresh, pid, now_height=now_height)
    return fresh


def _adopt(chef: MasterChef, fresh: MasterChef) -> None:
    chef.pools, chef.token_balance = fresh.pools, fresh.token_balance
    chef.dev_minted = fresh.dev_minted
