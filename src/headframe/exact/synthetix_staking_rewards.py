"""
Synthetix's staking contract: a sum of rewards, spread evenly over a period, shared by stake.

The farm that most others copied. The distributor hands over rewards and says so; from then on a
fixed number of tokens a second accrues to all stakes together. One number, the reward per staked
token since birth, is brought up to date by every call; what a staker earned is his balance times
its rise since he was last seen. What falls while nobody stakes is lost, and so is the remainder of
dividing the sum by the seconds.

Contract: npm synthetix 2.102.1, StakingRewards as deployed on mainnet (MIT), whose bytecode judges
this file. Assumptions: rewards and stakes are different plain ERC-20 tokens, stakers own what they
stake, and who may call what (owner, distributor) is the caller's business.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import WAD, revert_error
from headframe.exact.safe_math import add, div_down, mul, sub

DEFAULT_DURATION_S = 604_800
"""Seconds over which a sum of rewards is spread: a week."""


@dataclass(slots=True)
class StakingRewards:
    """
    Everything that one contract stores, and the rewards it holds.

    `rewards` is what stakers are owed as of their last call, `reward_balance` what the contract
    could pay.
    """

    rewards_duration: int = DEFAULT_DURATION_S
    period_finish: int = 0
    reward_rate: int = 0
    last_update_time: int = 0
    reward_per_token_stored: int = 0
    total_supply: int = 0
    reward_balance: int = 0
    paused: bool = False
    last_pause_time: int = 0
    balances: dict[Hashable, int] = field(default_factory=dict)
    rewards: dict[Hashable, int] = field(default_factory=dict)
    user_reward_per_token_paid: dict[Hashable, int] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def last_time_reward_applicable(farm: StakingRewards, *, now_ts: int) -> int:
    """Now, or the end of the period if that is over."""
    return min(now_ts, farm.period_finish)


def reward_per_token(farm: StakingRewards, *, now_ts: int) -> int:
    """
    Rewards per staked token since birth, as a wad, rounded down.

        stored + seconds since the last call * rate * 1e18 / supply

    Source: StakingRewards.rewardPerToken. Raises `Revert` where a product exceeds 256 bits, or
    where the period was ended before the last call.
    """
    if farm.total_supply == 0:
        return farm.reward_per_token_stored
    dt_s = sub(last_time_reward_applicable(farm, now_ts=now_ts), farm.last_update_time)
    rise = div_down(mul(mul(dt_s, farm.reward_rate), WAD), farm.total_supply)
    return add(farm.reward_per_token_stored, rise)


def earned(farm: StakingRewards, account: Hashable, *, now_ts: int) -> int:
    """
    Rewards that an account is owed now, rounded down.

        balance * (reward per token - that at the last call) / 1e18 + owed at the last call

    Source: StakingRewards.earned. Raises `Revert` as `reward_per_token` does.
    """
    per_token = reward_per_token(farm, now_ts=now_ts)
    rise = sub(per_token, farm.user_reward_per_token_paid.get(account, 0))
    gained = div_down(mul(farm.balances.get(account, 0), rise), WAD)
    return add(gained, farm.rewards.get(account, 0))


def get_reward_for_duration(farm: StakingRewards) -> int:
    """Rewards of a whole period at the present rate: the sum less what division lost."""
    return mul(farm.reward_rate, farm.rewards_duration)


# ---- what stakers do -----------------------------------------------------------------------


def stake(farm: StakingRewards, account: Hashable, amount: int, *, now_ts: int) -> None:
    """
    Add to a stake.

    Source: StakingRewards.stake. Raises `Revert`: paused, nothing to stake, or as `earned` does.
    """
    if farm.paused:
        raise revert_error("This action cannot be performed while the contract is paused")
    per_token, owed = _accrued(farm, account, now_ts)
    if amount <= 0:
        raise revert_error("Cannot stake 0")
    supply = add(farm.total_supply, amount)
    _book(farm, account, per_token, owed, now_ts)
    farm.total_supply = supply
    farm.balances[account] = farm.balances.get(account, 0) + amount


def withdraw(farm: StakingRewards, account: Hashable, amount: int, *, now_ts: int) -> None:
    """
    Take from a stake; rewards stay owed.

    Source: StakingRewards.withdraw. Raises `Revert`: nothing, or more than the stake.
    """
    per_token, owed = _accrued(farm, account, now_ts)
    if amount <= 0:
        raise revert_error("Cannot withdraw 0")
    supply = sub(farm.total_supply, amount)
    left = sub(farm.balances.get(account, 0), amount)
    _book(farm, account, per_token, owed, now_ts)
    farm.total_supply, farm.balances[account] = supply, left


def get_reward(farm: StakingRewards, account: Hashable, *, now_ts: int) -> int:
    """
    Pay what an account is owed.

    Source: StakingRewards.getReward. Returns the rewards paid. Raises `Revert` where the contract
    holds less than it owes.
    """
    per_token, owed = _accrued(farm, account, now_ts)
    _check_payable(farm, owed)
    _book(farm, account, per_token, 0, now_ts)
    farm.reward_balance -= owed
    return owed


def exit_(farm: StakingRewards, account: Hashable, *, now_ts: int) -> int:
    """
    Take the whole stake and all rewards.

    Source: StakingRewards.exit. Returns the rewards paid. Raises `Revert` as its two parts do.
    """
    _, owed = _accrued(farm, account, now_ts)
    staked = farm.balances.get(account, 0)
    if staked > 0:
        _check_payable(farm, owed)
    withdraw(farm, account, staked, now_ts=now_ts)
    return get_reward(farm, account, now_ts=now_ts)


# ---- what owner and distributor do ---------------------------------------------------------


def send_rewards(farm: StakingRewards, amount: int) -> None:
    """Send rewards to the contract, ahead of `notify_reward_amount`."""
    farm.reward_balance += amount


def notify_reward_amount(farm: StakingRewards, reward: int, *, now_ts: int) -> None:
    """
    Start a period with a sum of rewards, and with what is left of the one that runs.

        rate = (reward + seconds left * rate) / duration, rounded down

    Source: StakingRewards.notifyRewardAmount. Raises `Revert` where the contract holds less than
    the period needs.
    """
    per_token = reward_per_token(farm, now_ts=now_ts)
    leftover = 0
    if now_ts < farm.period_finish:
        leftover = mul(farm.period_finish - now_ts, farm.reward_rate)
    rate = div_down(add(reward, leftover), farm.rewards_duration)
    if rate > div_down(farm.reward_balance, farm.rewards_duration):
        raise revert_error("Provided reward too high", reward=reward, held=farm.reward_balance)
    farm.reward_per_token_stored, farm.reward_rate = per_token, rate
    farm.last_update_time, farm.period_finish = now_ts, now_ts + farm.rewards_duration


def set_rewards_duration(farm: StakingRewards, rewards_duration: int, *, now_ts: int) -> None:
    """
    Change the length of the periods to come.

    Source: StakingRewards.setRewardsDuration. Raises `Revert` while a period runs.
    """
    if now_ts <= farm.period_finish:
        raise revert_error(
            "Previous rewards period must be complete before changing the duration "
            "for the new period",
            period_finish=farm.period_finish,
        )
    farm.rewards_duration = rewards_duration


def update_period_finish(farm: StakingRewards, timestamp: int, *, now_ts: int) -> None:
    """
    Let the running period end at another time.

    Source: StakingRewards.updatePeriodFinish. Nothing stops a time before the last call, after
    which every call with a stake reverts, nor one for which the rewards do not suffice.
    """
    per_token = reward_per_token(farm, now_ts=now_ts)
    farm.reward_per_token_stored = per_token
    farm.last_update_time = last_time_reward_applicable(farm, now_ts=now_ts)
    farm.period_finish = timestamp


def set_paused(farm: StakingRewards, paused: bool, *, now_ts: int) -> None:
    """Stop new stakes, or allow them; leaving is always possible. Source: Pausable.setPaused."""
    if paused and not farm.paused:
        farm.last_pause_time = now_ts
    farm.paused = paused


def _check_payable(farm: StakingRewards, owed: int) -> None:
    if owed > farm.reward_balance:
        raise revert_error("SafeERC20: low-level call failed", owed=owed, held=farm.reward_balance)


def _accrued(farm: StakingRewards, account: Hashable, now_ts: int) -> tuple[int, int]:
    return reward_per_token(farm, now_ts=now_ts), earned(farm, account, now_ts=now_ts)


def _book(farm: StakingRewards, account: Hashable, per_token: int, owed: int, now_ts: int) -> None:
    farm.reward_per_token_stored = per_token
    farm.last_update_time = last_time_reward_applicable(farm, now_ts=now_ts)
    farm.rewards[account] = owed
    farm.user_reward_per_token_paid[account] = per_token
