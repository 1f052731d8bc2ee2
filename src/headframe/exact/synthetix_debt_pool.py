"""
What Synthetix's contracts store between them, and what can be read from it.

Synths are minted against one collateral, and all who minted owe one common debt: the value of all
synths at the oracle's prices. A minter owes his debt shares times the debt per share. Whoever holds
a synth that rises makes the debt of all others grow; whoever minted sUSD and bought it is hedged
only against his own part. The debt is cached: it moves when somebody takes a snapshot or trades.

    debt ratio  = total debt / total shares  (27 places, half up; 1 where there are no shares)
    debt of one = shares * debt ratio        (half up)

Contracts: npm synthetix 2.102.1, Issuer, DebtCache, LiquidatorRewards, MultiCollateralSynth and the
aggregators of debt and debt ratio as deployed on mainnet (MIT), whose bytecode judges this.
Assumptions: one chain, no futures and no loans in other collateral, no circuit breaker trips, no
discounted redemption, no waiting period after an exchange.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields

from headframe.errors import Revert
from headframe.exact import synthetix_debt_share as debt_share
from headframe.exact import synthetix_reward_escrow as reward_escrow
from headframe.exact.fixed import RAY, WAD, revert_error, wrap_uint
from headframe.exact.safe_math import add, mul, sub
from headframe.exact.synthetix_decimals import (
    divide_decimal_down,
    divide_decimal_half_up,
    divide_decimal_precise_half_up,
    multiply_decimal_down,
    multiply_decimal_half_up,
    multiply_decimal_precise_half_up,
)

SUSD = "sUSD"
"""The synth that is minted and burned; its rate is 1."""
SNX = "SNX"
"""The collateral."""
FEE_ADDRESS = "fees"
"""Who holds the fees of trades until their period is closed."""
PRECISION_STEP = 10**9
"""From 18 places to 27."""


@dataclass(slots=True)
class Settings:
    """
    What governance sets, as wads unless told otherwise.

    Ratios are debt over collateral: an issuance ratio of 0.2 is a c-ratio of 500 %.
    """

    issuance_ratio: int
    liquidation_ratio: int
    snx_liquidation_penalty: int
    self_liquidation_penalty: int
    flag_reward: int
    liquidate_reward: int
    liquidation_delay_s: int
    minimum_stake_time_s: int = 0
    liquidation_escrow_duration_s: int = 31_536_000
    fee_period_duration_s: int = 604_800
    target_threshold: int = WAD // 100
    exchange_fee_rates: dict[str, int] = field(default_factory=dict)
    dynamic_fee_threshold: int = 0
    dynamic_fee_weight_decay: int = 0
    dynamic_fee_rounds: int = 0
    max_dynamic_fee: int = 0


@dataclass(slots=True)
class Synth:
    """A synth: what there is of it, and who holds it."""

    total_supply: int = 0
    balances: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True)
class LiquidatorRewards:
    """Collateral taken from liquidated accounts, shared by debt shares (SIP-148)."""

    balance: int = 0
    accumulated_per_share: int = 0
    claimable: dict[Hashable, int] = field(default_factory=dict)
    entry_accumulated: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True)
class FeePeriod:
    """A period's number (its beginning), debt and shares at its end, fees and rewards."""

    fee_period_id: int = 0
    start_time: int = 0
    debt: int = 0
    shares: int = 0
    fees_to_distribute: int = 0
    fees_claimed: int = 0
    rewards_to_distribute: int = 0
    rewards_claimed: int = 0


def _first_periods() -> list[FeePeriod]:
    return [FeePeriod(1), FeePeriod()]


@dataclass(slots=True)
class DebtPool:
    """
    The whole system: prices by round (the newest last), synths, cached debt, shares, collateral.

    `stale` names the prices that the oracle calls invalid. `deadlines` are those of flagged
    accounts, `flaggers` who flagged them last. `fee_periods` are the running one and the last.
    """

    settings: Settings
    prices: dict[str, list[int]]
    synths: dict[str, Synth]
    stale: set[str] = field(default_factory=set)
    cached_synth_debt: dict[str, int] = field(default_factory=dict)
    cached_debt: int = 0
    cache_ts: int = 0
    cache_invalid: bool = True
    shares: debt_share.DebtShares = field(default_factory=debt_share.DebtShares)
    rewards: LiquidatorRewards = field(default_factory=LiquidatorRewards)
    snx: dict[Hashable, int] = field(default_factory=dict)
    escrow: reward_escrow.RewardEscrow = field(default_factory=reward_escrow.RewardEscrow)
    last_issue_ts: dict[Hashable, int] = field(default_factory=dict)
    deadlines: dict[Hashable, int] = field(default_factory=dict)
    flaggers: dict[Hashable, Hashable] = field(default_factory=dict)
    fee_periods: list[FeePeriod] = field(default_factory=_first_periods)
    last_fee_withdrawal: dict[Hashable, int] = field(default_factory=dict)


@contextmanager
def whole(pool: DebtPool) -> Iterator[None]:
    """Do a transaction whole or not at all."""
    kept = deepcopy(pool)
    try:
        yield
    except Revert:
        for part in fields(kept):
            setattr(pool, part.name, getattr(kept, part.name))
        raise


# ---- prices and debt -----------------------------------------------------------------------


def rate(pool: DebtPool, key: str) -> int:
    """The newest price in dollars, as a wad; sUSD is always 1."""
    return WAD if key == SUSD else pool.prices[key][-1]


def effective_value(pool: DebtPool, source: str, amount: int, destination: str) -> int:
    """An amount of one synth in another: half up into dollars, half up out of them."""
    if source == destination:
        return amount
    to = rate(pool, destination)
    if to == 0:
        return 0
    return divide_decimal_half_up(multiply_decimal_half_up(amount, rate(pool, source)), to)


def synth_value(pool: DebtPool, key: str) -> int:
    """Dollars that all of a synth is worth, half up (and once more by a discount of 1)."""
    value = multiply_decimal_half_up(pool.synths[key].total_supply, rate(pool, key))
    return multiply_decimal_half_up(value, WAD)


def total_issued_synths(pool: DebtPool) -> int:
    """The debt of all, as it was cached last."""
    return pool.cached_debt


def debt_ratio(pool: DebtPool) -> int:
    """Debt per share, as a ray, half up; 1 where there are no shares."""
    supply = debt_share.total_supply(pool.shares)
    if supply == 0:
        return RAY
    return divide_decimal_half_up(mul(pool.cached_debt, PRECISION_STEP), supply)


def shares_for_debt(pool: DebtPool, amount: int) -> int:
    """Shares that stand for a debt, half up; none where a share owes nothing."""
    ratio = debt_ratio(pool)
    return 0 if ratio == 0 else divide_decimal_precise_half_up(amount, ratio)


def debt_balance_of(pool: DebtPool, account: Hashable, currency: str = SUSD) -> int:
    """
    What an account owes, in sUSD or told in another currency, half up.

    Raises `Revert` where the currency's rate is 0.
    """
    shares = debt_share.balance_of(pool.shares, account)
    if shares == 0:
        return 0
    owed = multiply_decimal_precise_half_up(shares, debt_ratio(pool))
    return divide_decimal_half_up(owed, rate(pool, currency))


# ---- collateral ----------------------------------------------------------------------------


def earned(pool: DebtPool, account: Hashable) -> int:
    """Liquidation rewards that an account may claim: they count as collateral."""
    rewards = pool.rewards
    rise = sub(rewards.accumulated_per_share, rewards.entry_accumulated.get(account, 0))
    gained = multiply_decimal_down(debt_share.balance_of(pool.shares, account), rise)
    return add(gained, rewards.claimable.get(account, 0))


def collateral(pool: DebtPool, account: Hashable) -> int:
    """SNX of an account: its own, escrowed, and liquidation rewards not yet claimed."""
    own = add(pool.snx.get(account, 0), reward_escrow.balance_of(pool.escrow, account))
    return add(own, earned(pool, account))


def collateralisation_ratio(pool: DebtPool, account: Hashable) -> int:
    """Debt over collateral, both in SNX, half up: 0.2 is a c-ratio of 500 %."""
    debt = debt_balance_of(pool, account, SNX)
    held = collateral(pool, account)
    return 0 if held == 0 else divide_decimal_half_up(debt, held)


def max_issuable_synths(pool: DebtPool, account: Hashable) -> int:
    """How much sUSD the collateral allows in all, rounded down."""
    value = multiply_decimal_half_up(collateral(pool, account), rate(pool, SNX))
    return multiply_decimal_down(value, pool.settings.issuance_ratio)


def remaining_issuable_synths(pool: DebtPool, account: Hashable) -> int:
    """How much sUSD may still be minted."""
    owed = debt_balance_of(pool, account)
    return max(max_issuable_synths(pool, account) - owed, 0)


def transferable_synthetix(pool: DebtPool, account: Hashable) -> int:
    """SNX that may leave: what the debt does not lock at the issuance ratio; escrow never may."""
    debt = debt_balance_of(pool, account, SNX)
    locked = divide_decimal_half_up(debt, pool.settings.issuance_ratio)
    return max(pool.snx.get(account, 0) - locked, 0)


def require_rates(pool: DebtPool) -> None:
    """Refuse where the collateral's price is invalid."""
    if SNX in pool.stale:
        raise revert_error("A synth or SNX rate is invalid")


# ---- what changes shares, rewards and the cache --------------------------------------------


def update_entry(pool: DebtPool, account: Hashable) -> None:
    """Settle an account's liquidation rewards, before its shares change. 128 bits are kept."""
    rewards = pool.rewards
    first = account not in rewards.entry_accumulated
    claimable = 0 if first else wrap_uint(earned(pool, account), 128)
    rewards.claimable[account] = claimable
    rewards.entry_accumulated[account] = wrap_uint(rewards.accumulated_per_share, 128)


def notify_reward_amount(pool: DebtPool, reward: int) -> None:
    """Share collateral among all debt shares, rounded down."""
    supply = debt_share.total_supply(pool.shares)
    if supply > 0:
        rewards = pool.rewards
        rise = divide_decimal_down(reward, supply)
        rewards.accumulated_per_share = add(rewards.accumulated_per_share, rise)


def get_reward(pool: DebtPool, account: Hashable, *, now_ts: int) -> int:
    """Move an account's liquidation rewards into its escrow; returns how much."""
    with whole(pool):
        update_entry(pool, account)
        reward = pool.rewards.claimable[account]
        if reward > 0:
            pool.rewards.claimable[account] = 0
            pool.rewards.balance = sub(pool.rewards.balance, reward)
            pool.escrow.held = add(pool.escrow.held, reward)
            reward_escrow.append_vesting_entry(
                pool.escrow,
                account,
                reward,
                pool.settings.liquidation_escrow_duration_s,
                now_ts=now_ts,
            )
    return reward


def vest(pool: DebtPool, account: Hashable, entry_ids: list[int], *, now_ts: int) -> int:
    """Take due entries out of escrow; returns how much. Source: RewardEscrowV2.vest."""
    total = reward_escrow.vest(pool.escrow, account, entry_ids, now_ts=now_ts)
    pool.snx[account] = add(pool.snx.get(account, 0), total)
    return total


def issue_synth(pool: DebtPool, key: str, account: Hashable, amount: int) -> None:
    """Mint a synth."""
    synth = pool.synths[key]
    synth.balances[account] = add(synth.balances.get(account, 0), amount)
    synth.total_supply = add(synth.total_supply, amount)


def burn_synth(pool: DebtPool, key: str, account: Hashable, amount: int) -> None:
    """Burn a synth. Raises `Revert` where fewer are held."""
    synth = pool.synths[key]
    synth.balances[account] = sub(synth.balances.get(account, 0), amount)
    synth.total_supply = sub(synth.total_supply, amount)


def add_to_debt_register(pool: DebtPool, account: Hashable, amount: int) -> None:
    """Give the shares of a new debt; where a share owes nothing, one share a dollar."""
    update_entry(pool, account)
    debt_share.mint_share(pool.shares, account, shares_for_debt(pool, amount) or amount)


def remove_from_debt_register(
    pool: DebtPool, account: Hashable, removed: int, existing: int
) -> None:
    """Take the shares of a debt that is gone; all of them where all of it is."""
    update_entry(pool, account)
    held = debt_share.balance_of(pool.shares, account)
    if removed != existing:
        held = min(shares_for_debt(pool, removed), held)
    debt_share.burn_share(pool.shares, account, held)


def update_cached_susd_debt(pool: DebtPool, change: int) -> None:
    """Let the cached debt follow sUSD that was minted (above 0) or burned."""
    step = sub if change <= 0 else add
    size = abs(change)
    pool.cached_synth_debt[SUSD] = step(pool.cached_synth_debt.get(SUSD, 0), size)
    pool.cached_debt = step(pool.cached_debt, size)


def update_cached_synth_debts(pool: DebtPool, keys: tuple[str, ...]) -> None:
    """Value some synths anew, at today's prices, and let the cached debt follow."""
    before = sum(pool.cached_synth_debt.get(key, 0) for key in keys)
    for key in keys:
        pool.cached_synth_debt[key] = synth_value(pool, key)
    after = sum(pool.cached_synth_debt[key] for key in keys)
    if before != after:
        pool.cached_debt = sub(add(pool.cached_debt, after), before)


def take_debt_snapshot(pool: DebtPool, *, now_ts: int) -> None:
    """Value all synths anew: what anybody may do at any time. Source: DebtCache."""
    with whole(pool):
        total = 0
        for key in pool.synths:
            pool.cached_synth_debt[key] = synth_value(pool, key)
            total = add(total, pool.cached_synth_debt[key])
        pool.cached_debt, pool.cache_ts = total, now_ts
        pool.cache_invalid = any(key in pool.stale for key in pool.synths if key != SUSD)
