"""
SushiSwap's second MasterChef: the same farm without minting, fed by a pool of the first.

It stakes a token made for the purpose in one pool of the first MasterChef and passes on what that
pool earns, at a rate of its own calculation: a hundred tokens a block times the pool's share of the
points, whatever the first really pays. A stake's debt is signed, so that deposits and withdrawals
need not pay; whoever wants his rewards harvests, and is refused while the contract does not hold
them: somebody must first fetch them from the first MasterChef.

Contract: SushiSwap MasterChefV2 (MIT), as compiled in PyPI web3-ethereum-defi 1.2, whose bytecode
judges this file. Assumptions: staked tokens are plain ERC-20 and stakers own what they stake; pools
without a rewarder; the owner's calls are not authorised here; no migration.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from headframe.exact import sushiswap_masterchef as v1
from headframe.exact.fixed import MAX_UINT256, revert_bare, revert_error, wrap_int

ACC_SUSHI_PRECISION = 10**12
"""One reward per staked token, in the pools' accumulators."""
MASTERCHEF_SUSHI_PER_BLOCK = 10**20
"""What the second MasterChef takes the first to pay a block, to all its pools, in wei."""
SUSHI = v1.SUSHI
"""Name of the reward token."""
ITSELF: Hashable = "MasterChefV2"
"""Name of this contract among the stakers of the first."""


@dataclass(slots=True)
class PoolInfo:
    """One pool: its token, its points, and rewards per staked token up to a block."""

    lp_token: Hashable
    alloc_point: int
    last_reward_block: int
    acc_sushi_per_share: int = 0


@dataclass(slots=True)
class UserInfo:
    """One stake in one pool; `reward_debt` is what it would have earned before, and may be < 0."""

    amount: int = 0
    reward_debt: int = 0


@dataclass(slots=True, kw_only=True)
class MasterChefV2:
    """
    Everything that one contract stores, the tokens it holds, and the MasterChef that feeds it.

    `master_pid` is its pool there.
    """

    master_chef: v1.MasterChef
    master_pid: int
    total_alloc_point: int = 0
    pools: list[PoolInfo] = field(default_factory=list)
    users: dict[tuple[int, Hashable], UserInfo] = field(default_factory=dict)
    token_balance: dict[Hashable, int] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def sushi_per_block(chef: MasterChefV2) -> int:
    """
    What this contract pays a block, rounded down.

        1e20 * points of its pool in the first MasterChef / all points there

    Source: MasterChefV2.sushiPerBlock. Raises `Revert` with no data without points.
    """
    master = chef.master_chef
    if chef.master_pid >= len(master.pools):
        raise revert_bare("no such pool", pid=chef.master_pid)
    points = master.pools[chef.master_pid].alloc_point
    return _div(_mul(MASTERCHEF_SUSHI_PER_BLOCK, points), master.total_alloc_point)


def pending_sushi(chef: MasterChefV2, pid: int, user: Hashable, *, now_height: int) -> int:
    """
    Rewards that a staker could harvest now, rounded down.

        amount * accumulator / 1e12 - debt

    Source: MasterChefV2.pendingSushi. Raises `Revert` with no data for a pool that is not there.
    """
    info = chef.users.get((pid, user), UserInfo())
    return _pending(info, _accumulator(chef, _pool(chef, pid), now_height))


# ---- what stakers do -----------------------------------------------------------------------


def deposit(chef: MasterChefV2, pid: int, amount: int, to: Hashable, *, now_height: int) -> None:
    """
    Add to somebody's stake; nothing is paid.

    Source: MasterChefV2.deposit. Raises `Revert` with no data for a pool that is not there.
    """
    pool, info = _pool(chef, pid), chef.users.get((pid, to), UserInfo())
    accumulator = _accumulator(chef, pool, now_height)
    staked = _add(info.amount, amount)
    debt = info.reward_debt + _worth(amount, accumulator)
    _book(pool, accumulator, now_height)
    chef.users[pid, to] = UserInfo(staked, debt)
    _receive(chef, pool.lp_token, amount)


def withdraw(chef: MasterChefV2, pid: int, user: Hashable, amount: int, *, now_height: int) -> None:
    """
    Take from a stake; rewards stay due, through a debt that may fall below zero.

    Source: MasterChefV2.withdraw. Raises `Revert` for more than the stake.
    """
    pool, info = _pool(chef, pid), chef.users.get((pid, user), UserInfo())
    accumulator = _accumulator(chef, pool, now_height)
    debt = info.reward_debt - _worth(amount, accumulator)
    left = _sub(info.amount, amount)
    _check_held(chef, pool.lp_token, amount)
    _book(pool, accumulator, now_height)
    chef.users[pid, user] = UserInfo(left, debt)
    _receive(chef, pool.lp_token, -amount)


def harvest(chef: MasterChefV2, pid: int, user: Hashable, *, now_height: int) -> int:
    """
    Receive the rewards due.

    Source: MasterChefV2.harvest. Returns the rewards paid. Raises `Revert` where the contract holds
    less: `harvest_from_master_chef` fetches more.
    """
    pool, info = _pool(chef, pid), chef.users.get((pid, user), UserInfo())
    accumulator = _accumulator(chef, pool, now_height)
    pending = _pending(info, accumulator)
    _check_held(chef, SUSHI, pending)
    _book(pool, accumulator, now_height)
    chef.users[pid, user] = UserInfo(info.amount, _worth(info.amount, accumulator))
    _receive(chef, SUSHI, -pending)
    return pending


def withdraw_and_harvest(
    chef: MasterChefV2, pid: int, user: Hashable, amount: int, *, now_height: int
) -> int:
    """
    Receive the rewards due and take from a stake.

    Source: MasterChefV2.withdrawAndHarvest. Returns the rewards paid.
    Raises `Revert` as its two parts do.
    """
    pool, info = _pool(chef, pid), chef.users.get((pid, user), UserInfo())
    accumulator = _accumulator(chef, pool, now_height)
    pending = _pending(info, accumulator)
    debt = _worth(info.amount, accumulator) - _worth(amount, accumulator)
    left = _sub(info.amount, amount)
    _check_held(chef, SUSHI, pending)
    _check_held(chef, pool.lp_token, amount + (pending if pool.lp_token == SUSHI else 0))
    _book(pool, accumulator, now_height)
    chef.users[pid, user] = UserInfo(left, debt)
    _receive(chef, SUSHI, -pending)
    _receive(chef, pool.lp_token, -amount)
    return pending


def emergency_withdraw(chef: MasterChefV2, pid: int, user: Hashable) -> int:
    """
    Take the whole stake and forgo the rewards.

    Source: MasterChefV2.emergencyWithdraw. Returns the stake.
    """
    staked = chef.users.get((pid, user), UserInfo()).amount
    pool = _pool(chef, pid)
    _check_held(chef, pool.lp_token, staked)
    chef.users[pid, user] = UserInfo()
    _receive(chef, pool.lp_token, -staked)
    return staked


# ---- what the owner does, and anybody ------------------------------------------------------


def init(chef: MasterChefV2, dummy_amount: int, *, now_height: int) -> None:
    """
    Stake the token made for the purpose in the first MasterChef.

    Source: MasterChefV2.init. Raises `Revert` for nothing to stake.
    """
    if dummy_amount <= 0:
        raise revert_error("MasterChefV2: Balance must exceed 0")
    _stake_in_master(chef, dummy_amount, now_height)


def harvest_from_master_chef(chef: MasterChefV2, *, now_height: int) -> int:
    """
    Fetch the rewards of the pool in the first MasterChef.

    Source: MasterChefV2.harvestFromMasterChef. Returns the rewards fetched.
    """
    return _stake_in_master(chef, 0, now_height)


def add(chef: MasterChefV2, alloc_point: int, lp_token: Hashable, *, now_height: int) -> None:
    """
    Open a pool for a token; the others' points shrink for their blocks since the last update, too.

    Source: MasterChefV2.add. Raises `Revert` for points beyond 64 bits.
    """
    total = _add(chef.total_alloc_point, alloc_point)
    pool = PoolInfo(lp_token, _to64(alloc_point), _to64(now_height))
    chef.total_alloc_point = total
    chef.pools.append(pool)


def set_(chef: MasterChefV2, pid: int, alloc_point: int) -> None:
    """
    Give a pool other points (the contract's `set`), back to its last update.

    Source: MasterChefV2.set. Raises `Revert` for points beyond 64 bits.
    """
    pool = _pool(chef, pid)
    total = _add(_sub(chef.total_alloc_point, pool.alloc_point), alloc_point)
    pool.alloc_point = _to64(alloc_point)
    chef.total_alloc_point = total


def update_pool(chef: MasterChefV2, pid: int, *, now_height: int) -> None:
    """
    Credit a pool's rewards since its last block; nothing is minted.

        reward = blocks * per block * points / all points;  accumulator += reward * 1e12 / stakes

    Source: MasterChefV2.updatePool. Rounded down; blocks without stakes pay nobody.
    Raises `Revert` with no data without points or for a pool that is not there.
    """
    pool = _pool(chef, pid)
    _book(pool, _accumulator(chef, pool, now_height), now_height)


def mass_update_pools(chef: MasterChefV2, pids: Sequence[int], *, now_height: int) -> None:
    """Bring several pools up to date. Source: MasterChefV2.massUpdatePools."""
    pools = [_pool(chef, pid) for pid in pids]
    accumulators = [_accumulator(chef, pool, now_height) for pool in pools]
    for pool, accumulator in zip(pools, accumulators, strict=True):
        _book(pool, accumulator, now_height)


def _pool(chef: MasterChefV2, pid: int) -> PoolInfo:
    # An old compiler's index out of bounds is an invalid opcode: no data comes back.
    if pid >= len(chef.pools):
        raise revert_bare("no such pool", pid=pid)
    return chef.pools[pid]


def _accumulator(chef: MasterChefV2, pool: PoolInfo, now_height: int) -> int:
    """Rewards per staked token as of a block; changes nothing."""
    stakes = chef.token_balance.get(pool.lp_token, 0)
    if now_height <= pool.last_reward_block or stakes == 0:
        return pool.acc_sushi_per_share
    paid = _mul(now_height - pool.last_reward_block, sushi_per_block(chef))
    reward = _div(_mul(paid, pool.alloc_point), chef.total_alloc_point)
    rise = _to128(_mul(reward, ACC_SUSHI_PRECISION) // stakes)
    return _to128(pool.acc_sushi_per_share + rise, "BoringMath: Add Overflow")


def _pending(info: UserInfo, accumulator: int) -> int:
    pending = _worth(info.amount, accumulator) - info.reward_debt
    if pending < 0:
        raise revert_error("Integer < 0", pending=pending)
    return pending


def _worth(amount: int, accumulator: int) -> int:
    return wrap_int(_mul(amount, accumulator) // ACC_SUSHI_PRECISION, 256)


def _book(pool: PoolInfo, accumulator: int, now_height: int) -> None:
    pool.acc_sushi_per_share = accumulator
    pool.last_reward_block = max(pool.last_reward_block, now_height)


def _receive(chef: MasterChefV2, token: Hashable, amount: int) -> None:
    chef.token_balance[token] = chef.token_balance.get(token, 0) + amount


def _check_held(chef: MasterChefV2, token: Hashable, amount: int) -> None:
    held = chef.token_balance.get(token, 0)
    if amount > held:
        raise revert_error("BoringERC20: Transfer failed", amount=amount, held=held)


def _stake_in_master(chef: MasterChefV2, amount: int, now_height: int) -> int:
    master = chef.master_chef
    fetched = v1.deposit(master, chef.master_pid, ITSELF, amount, now_height=now_height)
    _receive(chef, SUSHI, fetched)
    return fetched


def _add(a: int, b: int) -> int:
    if a + b > MAX_UINT256:
        raise revert_error("BoringMath: Add Overflow", a=a, b=b)
    return a + b


def _sub(a: int, b: int) -> int:
    if b > a:
        raise revert_error("BoringMath: Underflow", a=a, b=b)
    return a - b


def _mul(a: int, b: int) -> int:
    if a * b > MAX_UINT256:
        raise revert_error("BoringMath: Mul Overflow", a=a, b=b)
    return a * b


def _div(a: int, b: int) -> int:
    # An old compiler's division by zero is an invalid opcode: no data comes back.
    if b == 0:
        raise revert_bare("division by zero", numerator=a)
    return a // b


def _to64(value: int) -> int:
    if value >= 1 << 64:
        raise revert_error("BoringMath: uint64 Overflow", value=value)
    return value


def _to128(value: int, reason: str = "BoringMath: uint128 Overflow") -> int:
    if value >= 1 << 128:
        raise revert_error(reason, value=value)
    return value
