"""
What a leveraged farm does with its tokens and its shares of a pool: six strategies to the wei.

A strategy is a contract of its own. The worker hands it all base tokens and all shares of the pool;
it hands back what it made. What a router leaves over stays with the strategy, and belongs to
whoever comes next: that dust is part of the state.

Contracts: Alpaca's PancakeswapV2RestrictedStrategy... (npm @alpaca-finance/alpaca-contract 1.2.22,
MIT), Alpha Homora v1's Strategy... (formula notes). Judge: Alpaca's bytecode, in the duel of
`alpaca`. The two differ in the fee, in the words of refusals, and in which token is named first
when liquidity is added.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from headframe.exact import safe_math
from headframe.exact import uniswap_v2 as v2
from headframe.exact.fixed import revert_error
from headframe.exact.uniswap_v2_router import (
    Pool,
    Purse,
    add_liquidity,
    balance_of,
    move,
    remove_liquidity,
    reserves,
    swap_exact_tokens_for_tokens,
    swap_tokens_for_exact_tokens,
)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker asks of a strategy: whose farm, how much it owes, and what its owner said."""

    pool: Pool
    base: Hashable
    farm: Hashable
    worker: Hashable
    owner: Hashable
    user: Hashable
    debt: int
    said: tuple[int, ...]
    now_ts: int


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy's contract: its address, what it does, and its words where it gets too little."""

    name: Hashable
    execute: Callable[["Strategy", Purse, Job], None]
    refusal: str
    base_first: bool = True


def add_base_token_only(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    Swap a part of the base tokens, add both to the pool. Said: the least shares wanted.

    Source: StrategyAddETHOnly, StrategyAddBaseTokenOnly.
    """
    balance = balance_of(purse, job.base, strategy.name)
    swapped = v2.optimal_one_sided_deposit(
        balance, reserves(job.pool, job.base)[0], **_fees(job.pool)
    )
    _sell(strategy, purse, job, job.base, swapped)
    _add_all(strategy, purse, job, job.said[0])


def add_two_sides_optimal(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    Take farming tokens from the owner, swap the surplus side, add both. Said: how many, the least.

    Source: StrategyAddTwoSidesOptimal. Raises `Revert` where the owner has less.
    """
    wanted, least = job.said
    move(purse, job.farm, job.owner, strategy.name, wanted, "!safeTransferFrom")
    swapped, is_farm = v2.optimal_two_sided_deposit(
        balance_of(purse, job.base, strategy.name),
        balance_of(purse, job.farm, strategy.name),
        *reserves(job.pool, job.base),
        **_fees(job.pool),
    )
    if swapped > 0:
        _sell(strategy, purse, job, job.farm if is_farm else job.base, swapped)
    _add_all(strategy, purse, job, least)


def liquidate(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    Take all liquidity out and sell all farming tokens. Said: the least base tokens after the debt.

    Source: StrategyLiquidate.
    """
    remove_liquidity(purse, job.pool, _shares(strategy, job), strategy.name, now_ts=job.now_ts)
    _sell(strategy, purse, job, job.farm, balance_of(purse, job.farm, strategy.name))
    balance = balance_of(purse, job.base, strategy.name)
    # Alpaca asks for the least beyond the debt; Homora, and whoever kills, names no debt.
    _ask(strategy, safe_math.sub(balance, job.debt), job.said[0])
    _hand_back(strategy, purse, job)


def withdraw_minimize_trading(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    Take all liquidity out, sell only what the debt needs, give the farming tokens to the owner.

    Said: the least farming tokens. Source: StrategyWithdrawMinimizeTrading.
    """
    remove_liquidity(purse, job.pool, _shares(strategy, job), strategy.name, now_ts=job.now_ts)
    _buy_missing(strategy, purse, job, job.debt)
    _hand_back(strategy, purse, job)
    _hand_out(strategy, purse, job, job.said[0])


def partial_close_liquidate(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    The same as `liquidate` with a part of the shares.

    Said: most shares, most of the debt to repay, least base tokens beyond that.
    Source: Alpaca's StrategyPartialCloseLiquidate.
    """
    most, repay, least = job.said
    less_debt, before = min(repay, job.debt), balance_of(purse, job.base, strategy.name)
    shares = min(_shares(strategy, job), most)
    remove_liquidity(purse, job.pool, shares, strategy.name, now_ts=job.now_ts)
    _sell(strategy, purse, job, job.farm, balance_of(purse, job.farm, strategy.name))
    gained = safe_math.sub(balance_of(purse, job.base, strategy.name), before)
    _ask(strategy, safe_math.sub(gained, less_debt), least)
    _hand_back(strategy, purse, job)


def partial_close_minimize_trading(strategy: Strategy, purse: Purse, job: Job) -> None:
    """
    The same as `withdraw_minimize_trading` with a part of the shares and of the debt.

    Said: most shares, most of the debt to repay, least farming tokens.
    Source: Alpaca's StrategyPartialCloseMinimizeTrading.
    """
    most, repay, least = job.said
    shares = min(_shares(strategy, job), most)
    remove_liquidity(purse, job.pool, shares, strategy.name, now_ts=job.now_ts)
    _buy_missing(strategy, purse, job, min(job.debt, repay))
    _hand_back(strategy, purse, job)
    _hand_out(strategy, purse, job, least)


def _fees(pool: Pool) -> dict[str, int]:
    exchange = pool.exchange
    return {
        "fee_numerator": exchange.fee_numerator,
        "fee_denominator": exchange.fee_denominator,
    }


def _shares(strategy: Strategy, job: Job) -> int:
    return job.pool.pair.balance_of.get(strategy.name, 0)


def _sell(strategy: Strategy, purse: Purse, job: Job, token: Hashable, amount: int) -> None:
    swap_exact_tokens_for_tokens(
        purse, (job.pool,), token, amount, strategy.name, now_ts=job.now_ts
    )


def _buy_missing(strategy: Strategy, purse: Purse, job: Job, debt: int) -> None:
    missing = debt - balance_of(purse, job.base, strategy.name)
    if missing > 0:
        most = balance_of(purse, job.farm, strategy.name)
        swap_tokens_for_exact_tokens(
            purse, job.pool, job.farm, missing, most, strategy.name, now_ts=job.now_ts
        )


def _add_all(strategy: Strategy, purse: Purse, job: Job, least: int) -> None:
    base = balance_of(purse, job.base, strategy.name)
    farm = balance_of(purse, job.farm, strategy.name)
    first, amounts = (job.base, (base, farm)) if strategy.base_first else (job.farm, (farm, base))
    more = add_liquidity(purse, job.pool, first, amounts, strategy.name, now_ts=job.now_ts)
    _ask(strategy, more, least)
    _return_shares(strategy, job)


def _ask(strategy: Strategy, got: int, least: int) -> None:
    if got < least:
        raise revert_error(strategy.refusal, got=got, least=least)


def _return_shares(strategy: Strategy, job: Job) -> None:
    v2.transfer(job.pool.pair, strategy.name, job.worker, _shares(strategy, job))


def _hand_back(strategy: Strategy, purse: Purse, job: Job) -> None:
    held = balance_of(purse, job.base, strategy.name)
    move(purse, job.base, strategy.name, job.worker, held, "!safeTransfer")
    _return_shares(strategy, job)


def _hand_out(strategy: Strategy, purse: Purse, job: Job, least: int) -> None:
    held = balance_of(purse, job.farm, strategy.name)
    _ask(strategy, held, least)
    move(purse, job.farm, strategy.name, job.user, held, "!safeTransfer")
