"""
Alpha Homora v1 to the wei: the bank of ether, its goblins, and the killing of farms.

Lenders deposit ether; farmers borrow it, swap a part, and hold more of a Uniswap pool than they
could pay for. Health counts what closing would bring in that very pool. A farm whose health times
kill factor falls below its debt may be killed by anybody, who takes 5 % of the proceeds before the
bank sees any: bad debt begins below a debt ratio of 100 %. And since the kill factor is told only
while pool and oracle agree, a crash can freeze the very liquidations that it makes necessary.

The actions are those of `levered_vault`, under the contract's names; this file says what is
Homora's. Source: formula notes on alpha-homora-v1-eth-contract at 5017311 (Bank, UniswapGoblin,
SushiswapGoblin, strategies; no licence given, source closed to us). Judge: **no bytecode** of
Homora's own; numbers of its tests; what it shares with Alpaca is judged through Alpaca's bytecode.
Its own order of checks and the words of its refusals are unjudged.
"""

from collections.abc import Callable, Hashable

from headframe.exact import alpha_homora_v1_rates
from headframe.exact import lp_strategies as strategies
from headframe.exact.levered_vault import (
    deposit,
    kill,
    reduce_reserve,
    reinvest,
    withdraw,
    withdraw_reserve,
    work,
)
from headframe.exact.levered_vault_state import (
    Dialect,
    Vault,
    WorkerConfig,
    is_stable,
    kill_factor,
    pending_interest,
    position_info,
    work_factor,
)
from headframe.exact.levered_vault_state import total_token as total_eth
from headframe.exact.lp_strategies import Strategy

__all__ = [
    "HOMORA",
    "Vault",
    "WorkerConfig",
    "deposit",
    "goblin_strategies",
    "is_stable",
    "kill",
    "kill_factor",
    "new_bank",
    "pending_interest",
    "position_info",
    "reduce_reserve",
    "reinvest",
    "total_eth",
    "withdraw",
    "withdraw_reserve",
    "work",
    "work_factor",
]

HOMORA = Dialect(
    worker="goblin",
    accept="goblin not accept more debt",
    funds="insufficient ETH in the bank",
    guard="",
    oracle="",
    oldest_s=7 * 86_400,
    supply_above=0,
    known_liquidators=False,
    transfer="!safeTransferETH",
)
"""Homora's words and rules: an oracle no older than a week, anybody may kill."""
_STRATEGIES: dict[str, tuple[Callable[..., None], str]] = {
    "AddETHOnly": (strategies.add_base_token_only, "LP tokens"),
    "AddTwoSidesOptimal": (strategies.add_two_sides_optimal, "LP tokens"),
    "Liquidate": (strategies.liquidate, "ETH"),
    "WithdrawMinimizeTrading": (strategies.withdraw_minimize_trading, "Tokens"),
}


def goblin_strategies() -> dict[str, Strategy]:
    """The four strategies; they name the token before the ether when they add liquidity."""
    return {
        kind: Strategy(kind, execute, f"insufficient {what} received", base_first=False)
        for kind, (execute, what) in _STRATEGIES.items()
    }


def new_bank(name: Hashable = "bank", *, now_ts: int) -> Vault:
    """
    A bank with the parameters of Homora's announcements.

    Reserve 10 % of interest, 5 % of a killed farm to its killer, no debt below 2 ether.
    """
    bank = Vault(
        dialect=HOMORA,
        name=name,
        token="eth",
        rate=alpha_homora_v1_rates.get_interest_rate,
        min_debt_size=2 * 10**18,
        reserve_pool_bps=1_000,
        kill_bps=500,
    )
    bank.bank.last_accrue_time = now_ts
    return bank
