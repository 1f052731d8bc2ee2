"""
What a looped position costs to open: turn by turn, or at once with a flash loan.

Each turn of a loop is a transaction that pays gas, and a swap that moves a pool a little; a flash
loan does it all in one transaction, for its fee and the impact of one large swap. All amounts are
in dollars; `depth_usd` is the value of one side of the pool through which swaps go (a constant
product's: out = depth b / (depth + b)), and 0 stands for a market without end. The pool is taken to
recover between turns.

>>> round(multiple(0.8, 3), 3)
2.952
"""

from headframe.analytics.domain import (
    require_at_least,
    require_inner_share,
    require_non_negative,
    require_positive,
)
from headframe.errors import InputError


def multiple(ltv: float, turns: int, *, keep: float = 1.0) -> float:
    """
    Collateral over what was paid in, after so many turns at a loan to value l.

        1 + k l (1 - (k l)^n) / (1 - k l)  =  (1 - l^(n+1)) / (1 - l)  where swaps keep all, k = 1

    Source: the sum of a geometric series.
    """
    _require_loop(ltv, turns)
    ratio = keep * ltv
    return 1.0 + ratio * (1.0 - ratio**turns) / (1.0 - ratio)


def swap_loss(value_usd: float, *, swap_cost: float, depth_usd: float = 0.0) -> float:
    """What a swap costs: b (c + (1 - c) b / (b + depth)), the fee and the own impact after it."""
    impact = value_usd / (value_usd + depth_usd) if depth_usd > 0.0 else 0.0
    return value_usd * (swap_cost + (1.0 - swap_cost) * impact)


def cost_of_turns(
    equity_usd: float,
    *,
    ltv: float,
    turns: int,
    swap_cost: float = 0.0,
    gas_usd: float = 0.0,
    depth_usd: float = 0.0,
) -> float:
    """
    What looping costs turn by turn: one transaction to supply, one a turn, and a swap a turn.

        (n + 1) gas + sum over k of loss(b_k),   b_k = l * collateral that the last turn added
    """
    _require_loop(ltv, turns)
    _require_costs(equity_usd, swap_cost, gas_usd, depth_usd)
    spent, added = (turns + 1) * gas_usd, equity_usd
    for _ in range(turns):
        borrowed = ltv * added
        lost = swap_loss(borrowed, swap_cost=swap_cost, depth_usd=depth_usd)
        spent += lost
        added = borrowed - lost
    return spent


def cost_at_once(
    equity_usd: float,
    *,
    leverage: float,
    swap_cost: float = 0.0,
    flash_fee: float = 0.0,
    gas_usd: float = 0.0,
    depth_usd: float = 0.0,
) -> float:
    """
    What the same collateral costs at once: gas, the flash loan's fee on what it lends, one swap.

        gas + f b + loss(b),   b = what is lent and swapped, such that b - loss(b) = (L - 1) equity

    Source: Aave's flash loans cost 0.05 %, Balancer's and Morpho's nothing (their documentation).
    """
    require_at_least(1.0, leverage=leverage)
    _require_costs(equity_usd, swap_cost, gas_usd, depth_usd)
    require_non_negative(flash_fee=flash_fee)
    wanted = (leverage - 1.0) * equity_usd
    kept = 1.0 - swap_cost
    if depth_usd > 0.0 and wanted >= kept * depth_usd:
        raise InputError("leverage", leverage, "a pool cannot give more than it has: depth_usd")
    # (1 - c) b depth / (b + depth) = wanted
    lent = wanted / kept
    if depth_usd > 0.0:
        lent = wanted * depth_usd / (kept * depth_usd - wanted)
    return gas_usd + flash_fee * lent + lent - wanted


def _require_loop(ltv: float, turns: int) -> None:
    require_inner_share(ltv=ltv)
    require_at_least(0, turns=turns)


def _require_costs(equity_usd: float, swap_cost: float, gas_usd: float, depth_usd: float) -> None:
    require_positive(equity_usd=equity_usd)
    require_non_negative(swap_cost=swap_cost, gas_usd=gas_usd, depth_usd=depth_usd)
