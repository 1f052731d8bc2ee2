"""
Alpaca Finance's leveraged yield farming to the wei: vault, worker, strategies.

Lenders deposit one token into a vault; farmers borrow it to hold more of a PancakeSwap pool than
they could pay for, and stake the pool's shares for CAKE. It is Alpha Homora v1's accounting with a
treasury that is paid beside the killer (both before the debt), killers who must be known, a minimum
of lenders' shares, collateral that can be added while the guard holds, and a worker that reinvests
before anything else it does.

The actions are those of `levered_vault`, under the contract's names; this file says what is
Alpaca's.
Contract: npm @alpaca-finance/alpaca-contract 1.2.22 (before AIP-42): Vault, PancakeswapV2Worker02,
WorkerConfig, ConfigurableInterestVaultConfig, PancakeswapV2Restricted... strategies (MIT), whose
bytecode judges this file and all beneath it. Parameters: notes on deploy files and documentation.
"""

from collections.abc import Callable, Hashable

from headframe.exact import alpaca_rates
from headframe.exact import lp_strategies as strategies
from headframe.exact.levered_vault import (
    add_collateral,
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
    is_reserve_consistent,
    is_stable,
    kill_factor,
    pending_interest,
    position_info,
    raw_kill_factor,
    total_token,
    work_factor,
)
from headframe.exact.lp_strategies import Strategy

__all__ = [
    "ALPACA",
    "Vault",
    "WorkerConfig",
    "add_collateral",
    "deposit",
    "is_reserve_consistent",
    "is_stable",
    "kill",
    "kill_factor",
    "new_vault",
    "pending_interest",
    "position_info",
    "raw_kill_factor",
    "reduce_reserve",
    "reinvest",
    "restricted_strategies",
    "total_token",
    "withdraw",
    "withdraw_reserve",
    "work",
    "work_factor",
]

ALPACA = Dialect(
    worker="worker",
    accept="worker not accept more debt",
    funds="insufficient funds in the vault",
    guard="WorkerConfig::",
    oracle="SimplePriceOracle::getPrice:: ",
    oldest_s=86_400,
    supply_above=10**17,
    known_liquidators=True,
)
"""Alpaca's words and rules: an oracle no older than a day, no vault of tiny shares."""
WORKER_SAYS = "PancakeswapV2Worker02::"
"""What stands before the worker's refusals."""
_NOT_ENOUGH = "::execute:: insufficient {} received"
_STRATEGIES: dict[str, tuple[Callable[..., None], str]] = {
    "AddBaseTokenOnly": (strategies.add_base_token_only, "LP tokens"),
    "AddTwoSidesOptimal": (strategies.add_two_sides_optimal, "LP tokens"),
    "Liquidate": (strategies.liquidate, "baseToken"),
    "WithdrawMinimizeTrading": (strategies.withdraw_minimize_trading, "farming tokens"),
    "PartialCloseLiquidate": (strategies.partial_close_liquidate, "baseToken"),
    "PartialCloseMinimizeTrading": (strategies.partial_close_minimize_trading, "farming tokens"),
}


def restricted_strategies(names: dict[str, Hashable] | None = None) -> dict[str, Strategy]:
    """The six strategies by what their contracts are called after PancakeswapV2Restricted..."""
    return {
        kind: Strategy(
            (names or {}).get(kind, kind),
            execute,
            f"PancakeswapV2RestrictedStrategy{kind}" + _NOT_ENOUGH.format(what),
        )
        for kind, (execute, what) in _STRATEGIES.items()
    }


def new_vault(name: Hashable, token: Hashable, *, now_ts: int) -> Vault:
    """
    A vault with the parameters of Alpaca's documentation and deploy files.

    Reserve 19 % of interest; of a killed farm 1 % to the killer and 4 % to the treasury.
    """
    vault = Vault(
        dialect=ALPACA,
        name=name,
        token=token,
        rate=alpaca_rates.get_interest_rate,
        reserve_pool_bps=1_900,
        kill_bps=100,
        kill_treasury_bps=400,
        treasury="treasury",
    )
    vault.bank.last_accrue_time = now_ts
    return vault
