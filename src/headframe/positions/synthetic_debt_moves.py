"""
What happens to a position in a debt pool, and what is done with it: the moves of `synthetic_debt`.

Amounts of debt are dollars, which is what sUSD is worth to the pool; values that are booked are at
the market's price of sUSD. `p` is the position, which is parameters only.
"""

from typing import Any

import numpy as np

from headframe.ledger import Account
from headframe.positions import transfers
from headframe.positions.transfers import SMALLEST_PRICE
from headframe.process import Tick
from headframe.types import NEVER_S, NO_DEBT, Array, Block, Mask, Rows

FIELDS: Rows = (
    "collateral",
    "escrow",
    "dollars",
    "into",
    "shares",
    "debt",
    "minted_dollars",
    "minted_into",
    "health",
    "min_health",
    "liquidated_s",
    "called_s",
    "liquidations",
    "released_s",
)
"""Rows of the state: what is held, owed, and minted; health; and when what happened."""
OF_POOL: Rows = ("debt_per_share", "fee_apr", "burned_share", "rewards_per_share")
"""What a position reads of its pool, beside the composition."""
ALL = 1e30
"""Dollars beyond any amount: sell all of it."""


# ---- prices and debt -------------------------------------------------------------------------


def in_usd(state: Block, price: str, now: Tick) -> Array:
    """A price in dollars, never 0."""
    wire, world = state.wire[0], now.world.data
    found: Array = np.maximum(world[wire[price]] / world[wire["price_usd"]], SMALLEST_PRICE)
    return found


def snx_usd(state: Block, now: Tick) -> Array:
    """The collateral's price in dollars, as the protocol's oracle reports it."""
    reported: Array = in_usd(state, "price_snx", now) * now.world.data[state.wire[0]["oracle"]]
    return np.maximum(reported, SMALLEST_PRICE)


def into_usd(state: Block, now: Tick) -> Array:
    """The price in dollars of what the minted sUSD became."""
    return in_usd(state, "price_into", now)


def per_share(state: Block, tick: Tick) -> Array:
    """Dollars that a share owes."""
    found: Array = tick.world.data[state.wire[0]["debt_per_share"]]
    return found


def debt_at(p: Any, state: Block, health: Array, now: Tick) -> Array:
    """The debt at which the health would be this."""
    worth = (state["collateral"] + state["escrow"]) * snx_usd(state, now)
    allowed: Array = worth / (health * p.liquidation_c_ratio)
    return allowed


def measure(p: Any, state: Block, now: Tick) -> None:
    """Health = c-ratio over that of liquidation, and the least of it so far."""
    owed = state["debt"]
    allowed = debt_at(p, state, np.ones_like(owed), now)
    ratio = allowed / np.maximum(np.maximum(owed, allowed / NO_DEBT), 1e-300)
    state["health"] = np.where(owed > 0.0, ratio, NO_DEBT)
    np.minimum(state["min_health"], state["health"], out=state["min_health"])


# ---- what the pool does ----------------------------------------------------------------------


def accrue(p: Any, state: Block, now: Tick, out: Account) -> None:
    """What the others' synths gained is owed; fees and rewards come by share of the debt."""
    wire, world = state.wire[0], now.world.data
    owed = state["shares"] * per_share(state, now)
    unburned = owed / (1.0 - world[wire["burned_share"]])
    out.post("funding", p.usd_synth, state["debt"] - unburned)
    out.post("fee", p.usd_synth, unburned - owed)
    state["debt"] = owed
    least = p.issuance_c_ratio * (1.0 - p.claim_slack) / p.liquidation_c_ratio
    well = state["health"] >= least
    fees = np.where(well, state["debt"] * world[wire["fee_apr"]] * wire["years"], 0.0)
    out.post("fee", p.usd_synth, fees)
    state["dollars"] += fees
    rewards = state["shares"] * world[wire["rewards_per_share"]] * wire["years"]
    rewards = np.where(well, rewards, 0.0)
    out.post("reward", p.collateral, rewards)
    state["escrow"] += rewards
    state["released_s"][rewards > 0.0] = now.t_s + p.reward_lock_s


def release(p: Any, state: Block, now: Tick, out: Account) -> None:
    """Rewards whose lock is over go to the wallet, as the tokens that they are."""
    free = (state["released_s"] <= now.t_s) & (state["shares"] <= 0.0) & (state["escrow"] > 0.0)
    if not free.any():
        return
    paid = np.where(free, state["escrow"], 0.0)
    out.post("principal", p.collateral, -paid)
    out.post("principal", p.collateral, paid, cash=True)
    state["escrow"] -= paid


def liquidate(p: Any, state: Block, now: Tick, out: Account) -> None:
    """
    Flag at the least c-ratio; after the delay remove debt until that of issuance is met again.

        removed = (D - V r) / (1 - (1 + penalty) r),   r = 1 / c-ratio of issuance

    with V what is left after the keeper's reward; all of it where that does not suffice.
    """
    mended = state["health"] >= p.issuance_c_ratio / p.liquidation_c_ratio
    flagged = np.where(state["health"] <= 1.0, np.minimum(state["called_s"], now.t_s), NEVER_S)
    state["called_s"] = np.where(mended, NEVER_S, np.minimum(state["called_s"], flagged))
    struck = (now.t_s - state["called_s"] >= p.delay_s) & (state["shares"] > 0.0)
    if struck.any():
        _seize(p, state, struck, now, out)


def _seize(p: Any, state: Block, struck: Mask, now: Tick, out: Account) -> None:
    price, owed = snx_usd(state, now), state["debt"].copy()
    held = state["collateral"] + state["escrow"]
    reward = np.minimum(p.keeper_reward, held)
    worth = (held - reward) * price
    r = 1.0 / p.issuance_c_ratio
    removed = np.maximum(owed - worth * r, 0.0) / (1.0 - (1.0 + p.penalty) * r)
    whole = (removed * (1.0 + p.penalty) >= worth) | (removed >= owed)
    removed = np.where(whole, owed, removed)
    taken = np.where(whole, worth, removed * (1.0 + p.penalty))
    removed, taken, reward = (np.where(struck, x, 0.0) for x in (removed, taken, reward))
    paid = np.minimum(removed, taken)
    out.post("principal", p.usd_synth, paid)
    out.post("forgiven", p.usd_synth, removed - paid)
    out.post("principal", p.collateral, -paid / price)
    out.post("penalty", p.collateral, -((taken - paid) / price + reward))
    gone = taken / price + reward
    own = np.minimum(gone, state["collateral"])
    state["collateral"] -= own
    state["escrow"] = np.maximum(state["escrow"] - (gone - own), 0.0)
    _give_shares_back(state, removed)
    state["liquidated_s"][struck] = np.minimum(state["liquidated_s"][struck], now.t_s)
    state["called_s"][struck] = NEVER_S
    state["liquidations"][struck] += 1.0


# ---- what we do ------------------------------------------------------------------------------


def mint(p: Any, state: Block, dollars: Array, now: Tick, out: Account) -> None:
    """Mint sUSD with shares at today's debt per share, and turn it into what is wanted."""
    state["shares"] += dollars / per_share(state, now)
    state["debt"] += dollars
    state["minted_dollars"] += dollars
    if p.into == p.usd_synth:
        state["dollars"] += dollars
        return
    cost, value = _cost(p), dollars * (1.0 - _cost(p))
    bought = value / into_usd(state, now)
    out.post("fee" if p.as_synth else "slippage", p.usd_synth, -cost * dollars)
    if p.as_synth:  # the fee stays in the pool as sUSD that others hold
        state["minted_dollars"] -= value
        state["minted_into"] += bought
    else:
        bought = bought * in_usd(state, "price_dollar", now)
    out.post("principal", p.usd_synth, -value)
    out.post("principal", p.into, bought)
    state["into"] += bought


def burn(p: Any, state: Block, dollars: Array, now: Tick, out: Account) -> None:
    """Burn sUSD and shares with it: what is held first, then what selling brings; no more."""
    wanted = np.clip(dollars, 0.0, state["debt"])
    gas = transfers.gas_cost(state.wire, now) / now.world.data[state.wire[0]["price_usd"]]
    gas = gas / in_usd(state, "price_dollar", now)
    needed = np.where(wanted > 0.0, wanted + gas, 0.0)
    short = np.maximum(needed - state["dollars"], 0.0)
    got = _raise(p, state, short, now, out)
    there = np.minimum(state["dollars"] + got, needed)
    paid = np.where(there > gas, np.minimum(gas, there), 0.0)
    burned = np.where(there > gas, np.minimum(there - gas, wanted), 0.0)
    out.post("gas", p.usd_synth, -paid)
    state["dollars"] = np.maximum(state["dollars"] + got - paid - burned, 0.0)
    state["minted_dollars"] -= burned
    _give_shares_back(state, burned)


def _raise(p: Any, state: Block, dollars: Array, now: Tick, out: Account) -> Array:
    """Sell of what the sUSD became until so many sUSD come in, or all of it."""
    if p.into == p.usd_synth:
        return np.zeros_like(dollars)
    cost, price = _cost(p), into_usd(state, now)
    if not p.as_synth:
        price = price / in_usd(state, "price_dollar", now)
    sold = np.minimum(dollars / (price * (1.0 - cost)), state["into"])
    got: Array = sold * price * (1.0 - cost)
    out.post("fee" if p.as_synth else "slippage", p.into, -cost * sold)
    out.post("principal", p.into, -(1.0 - cost) * sold)
    out.post("principal", p.usd_synth, got)
    state["into"] -= sold
    if p.as_synth:
        state["minted_into"] -= sold
        state["minted_dollars"] += sold * price
    return got


def close(p: Any, state: Block, mask: Mask, now: Tick, out: Account) -> None:
    """Burn what is held, sell the rest, repay the rest; rewards stay until their lock is over."""
    open_ = mask & (state["collateral"] + state["dollars"] + state["into"] > 0.0)
    if p.as_synth:
        state["dollars"] += _raise(p, state, np.where(open_, ALL, 0.0), now, out)
    owed = np.where(open_, state["debt"], 0.0)
    dollars = np.where(open_, state["dollars"], 0.0)
    burned = np.minimum(owed, dollars)
    held = {
        p.collateral: np.where(open_, state["collateral"], 0.0),
        p.usd_synth: dollars - burned,
    }
    if p.into != p.usd_synth:
        held[p.into] = np.where(open_, state["into"], 0.0)
    gas = transfers.gas_cost(state.wire, now)
    transfers.wind_up(held, {p.usd_synth: owed - burned}, out, swap_cost=p.swap_cost, gas=gas)
    state["minted_dollars"] -= owed
    for row in ("collateral", "dollars", "into", "shares", "debt"):
        state[row][open_] = 0.0
    state["called_s"][open_] = NEVER_S
    unlocked = open_ & (state["released_s"] == NEVER_S)
    state["released_s"][unlocked] = now.t_s + p.reward_lock_s


def _cost(p: Any) -> float:
    return float(p.exchange_fee if p.as_synth else p.swap_cost)


def _give_shares_back(state: Block, dollars: Array) -> None:
    owed = state["debt"]
    left = 1.0 - np.minimum(dollars / np.where(owed > 0.0, owed, 1.0), 1.0)
    state["shares"] *= left
    state["debt"] *= left
