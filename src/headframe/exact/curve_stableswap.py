"""
Curve's stableswap pool: coins that should cost the same, traded along one curve.

The pool holds n coins, each brought to 18 decimals by a rate. Trades keep the invariant D and pay a
fee; half of it, usually, is set aside for the protocol and leaves the pool's balances. Depositors
own shares of D. Paying in or out in another proportion than the pool's is a trade in disguise and
pays `fee n / (4 (n - 1))` on what deviates. The amplification A moves in a straight line over days
when it is changed.

Source: M. Egorov, "StableSwap" (2019); formula notes and the behaviour of pools of the first
template (plain coins); the Vyper source, whose licence is Curve's own, was not opened. Judge: an
independent implementation (curvesim 0.5.0, PyPI) on pools within a hundred to one of balance, for
trades, deposits, all three ways out, views, balances and what is set aside, A differing from move
to move. Not judged, as it has none: refusals and their return data, a ramp's line and limits,
`withdraw_admin_fees`. Assumptions: plain ERC-20 coins; who may call what, and the pause that some
pools have, are the caller's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from headframe.exact.curve_stableswap_math import get_d, get_y, get_y_d
from headframe.exact.fixed import WAD, revert_bare, revert_error

FEE_DENOMINATOR = 10**10
"""One in fees."""
MAX_A = 10**6
"""The largest amplification."""
MAX_A_CHANGE = 10
"""A ramp changes A by no more than this factor."""
MIN_RAMP_TIME_S = 86_400
"""A ramp takes a day at least, and the next begins a day after the last at the earliest."""
MAX_FEE = 5 * 10**9
"""The largest fee: a half."""


@dataclass(slots=True, kw_only=True)
class StableSwap:
    """
    Everything that one pool stores.

    `rates` bring a balance to 18 decimals: 1e18 times 10^(18 - decimals). `initial_a` and
    `future_a` are A times `a_precision`, 1 in the oldest pools and 100 in the others.
    `admin_balances` is what the contract holds beyond its balances.
    """

    balances: list[int]
    rates: list[int]
    fee: int
    admin_fee: int
    initial_a: int
    future_a: int
    initial_a_time: int = 0
    future_a_time: int = 0
    a_precision: int = 100
    total_supply: int = 0
    admin_balances: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.admin_balances = self.admin_balances or [0] * len(self.balances)


def new_pool(
    decimals: Sequence[int], *, a: int, fee: int, admin_fee: int, a_precision: int = 100
) -> StableSwap:
    """
    Make an empty pool of coins with so many decimals each.

    >>> new_pool([6, 18], a=200, fee=4_000_000, admin_fee=5_000_000_000).rates[0]
    1000000000000000000000000000000
    """
    if fee > MAX_FEE or admin_fee > FEE_DENOMINATOR:
        raise revert_bare("a fee is too large", fee=fee, admin_fee=admin_fee)
    return StableSwap(
        balances=[0] * len(decimals),
        rates=[WAD * 10 ** (18 - places) for places in decimals],
        fee=fee,
        admin_fee=admin_fee,
        initial_a=a * a_precision,
        future_a=a * a_precision,
        a_precision=a_precision,
    )


# ---- what can be read ----------------------------------------------------------------------


def a_precise(pool: StableSwap, *, now_ts: int) -> int:
    """
    A times its precision, on the straight line of a ramp, rounded towards where it began.

        A0 + (A1 - A0) (t - t0) / (t1 - t0)
    """
    a0, a1, end = pool.initial_a, pool.future_a, pool.future_a_time
    if now_ts >= end:
        return a1
    passed, whole = now_ts - pool.initial_a_time, end - pool.initial_a_time
    if a1 > a0:
        return a0 + (a1 - a0) * passed // whole
    return a0 - (a0 - a1) * passed // whole


def a(pool: StableSwap, *, now_ts: int) -> int:
    """A as a whole number, rounded down."""
    return a_precise(pool, now_ts=now_ts) // pool.a_precision


def xp(pool: StableSwap, balances: Sequence[int] | None = None) -> list[int]:
    """Balances (the pool's own by default) at 18 decimals, rounded down."""
    given = pool.balances if balances is None else balances
    return [rate * x // WAD for rate, x in zip(pool.rates, given, strict=True)]


def invariant(pool: StableSwap, *, now_ts: int, balances: Sequence[int] | None = None) -> int:
    """D of the pool now, or of other balances in it."""
    return get_d(xp(pool, balances), a_precise(pool, now_ts=now_ts), pool.a_precision)


def get_virtual_price(pool: StableSwap, *, now_ts: int) -> int:
    """
    What a share is worth in balanced coins, as a wad, rounded down: D / supply.

    Raises `Revert` with no data for a pool without shares.
    """
    _check_supply(pool)
    return invariant(pool, now_ts=now_ts) * WAD // pool.total_supply


def get_dy(pool: StableSwap, i: int, j: int, dx: int, *, now_ts: int) -> int:
    """
    Coins j that a trade of dx coins i would bring, after its fee.

        (x_j - y - 1) (1 - fee), brought back to the coin's decimals

    The 1 keeps the pool from losing to the rounding of y. Raises `Revert` as `exchange` does.
    """
    dy, fee = _trade(pool, i, j, dx, now_ts)
    return (dy - fee) * WAD // pool.rates[j]


def calc_token_amount(
    pool: StableSwap, amounts: Sequence[int], is_deposit: bool, *, now_ts: int
) -> int:
    """
    Shares for paying amounts in or out, leaving the fee aside: an estimate and no more.

        |D1 - D0| supply / D0, rounded down
    """
    d0 = invariant(pool, now_ts=now_ts)
    sign = 1 if is_deposit else -1
    after = [x + sign * part for x, part in zip(pool.balances, amounts, strict=True)]
    _check_positive(after)
    d1 = invariant(pool, now_ts=now_ts, balances=after)
    if d0 == 0:
        raise revert_bare("the pool is empty")
    return abs(d1 - d0) * pool.total_supply // d0


def calc_withdraw_one_coin(pool: StableSwap, token_amount: int, i: int, *, now_ts: int) -> int:
    """Coins i that burning shares would bring, after the fee."""
    return _one_coin(pool, token_amount, i, now_ts)[0]


# ---- what traders and depositors do --------------------------------------------------------


def exchange(
    pool: StableSwap, i: int, j: int, dx: int, *, min_dy: int = 0, now_ts: int
) -> tuple[int, int]:
    """
    Trade dx coins i for coins j.

    Returns the coins paid out and the fee in coins j. The protocol's part of the fee leaves the
    balances; both are rounded down. Raises `Revert`: too little, or coins that are not there.
    """
    dy, fee = _trade(pool, i, j, dx, now_ts)
    rate = pool.rates[j]
    paid = (dy - fee) * WAD // rate
    admin = (fee * pool.admin_fee // FEE_DENOMINATOR) * WAD // rate
    if paid < min_dy:
        raise revert_error("Exchange resulted in fewer coins than expected", dy=paid, least=min_dy)
    left = pool.balances[j] - paid - admin
    if left < 0:
        raise revert_bare("the pool has too little", balance=pool.balances[j])
    pool.balances[i] += dx
    pool.balances[j] = left
    pool.admin_balances[j] += admin
    return paid, fee * WAD // rate


def add_liquidity(
    pool: StableSwap, amounts: Sequence[int], *, min_mint_amount: int = 0, now_ts: int
) -> int:
    """
    Pay coins in, and receive shares.

        first:  D1          after that:  supply (D2 - D0) / D0, rounded down

    D2 is the invariant after a fee on what each balance deviates from growing in proportion.
    Raises `Revert`: the first deposit lacks a coin, nothing was added, too few shares.
    """
    supply, old = pool.total_supply, pool.balances
    new = [x + part for x, part in zip(old, amounts, strict=True)]
    if supply == 0 and min(amounts) <= 0:
        raise revert_bare("the first deposit needs all coins")
    d0 = invariant(pool, now_ts=now_ts) if supply else 0
    d1 = invariant(pool, now_ts=now_ts, balances=new)
    if d1 <= d0:
        raise revert_bare("nothing is added", d0=d0, d1=d1)
    kept, admin, minted = new, [0] * len(new), d1
    if supply:
        kept, admin, d2 = _charge_imbalance(pool, new, d0, d1, now_ts)
        minted = supply * (d2 - d0) // d0 if d2 >= d0 else -1
    if minted < min_mint_amount:
        raise revert_error("Slippage screwed you", minted=minted, least=min_mint_amount)
    _settle(pool, kept, admin, supply + minted)
    return minted


def remove_liquidity(
    pool: StableSwap, amount: int, *, min_amounts: Sequence[int] | None = None
) -> list[int]:
    """
    Burn shares for a part of every coin, rounded down, without a fee.

    Raises `Revert`: no shares, or less than wanted of a coin.
    """
    _check_burn(pool, amount)
    paid = [x * amount // pool.total_supply for x in pool.balances]
    for part, least in zip(paid, min_amounts or [0] * len(paid), strict=True):
        if part < least:
            raise revert_error("Withdrawal resulted in fewer coins than expected", part=part)
    kept = [x - part for x, part in zip(pool.balances, paid, strict=True)]
    _settle(pool, kept, [0] * len(kept), pool.total_supply - amount)
    return paid


def remove_liquidity_one_coin(
    pool: StableSwap, token_amount: int, i: int, *, min_amount: int = 0, now_ts: int
) -> tuple[int, int]:
    """
    Burn shares for one coin.

    Returns the coins paid and the fee in them. Raises `Revert`: no shares, no such coin, too few.
    """
    dy, fee = _one_coin(pool, token_amount, i, now_ts)
    if dy < min_amount:
        raise revert_error("Not enough coins removed", dy=dy, least=min_amount)
    admin = [0] * len(pool.balances)
    admin[i] = fee * pool.admin_fee // FEE_DENOMINATOR
    kept = list(pool.balances)
    kept[i] -= dy + admin[i]
    _check_positive(kept, least=0)
    _settle(pool, kept, admin, pool.total_supply - token_amount)
    return dy, fee


def remove_liquidity_imbalance(
    pool: StableSwap, amounts: Sequence[int], *, max_burn_amount: int | None = None, now_ts: int
) -> int:
    """
    Take given amounts of the coins, and burn the shares that they cost.

        (D0 - D2) supply / D0, rounded down, and one more

    Returns the shares burnt. Raises `Revert`: nothing burnt, more than allowed, more than there is.
    """
    _check_supply(pool)
    new = [x - part for x, part in zip(pool.balances, amounts, strict=True)]
    _check_positive(new, least=0)
    d0 = invariant(pool, now_ts=now_ts)
    d1 = invariant(pool, now_ts=now_ts, balances=new)
    kept, admin, d2 = _charge_imbalance(pool, new, d0, d1, now_ts)
    burnt = (d0 - d2) * pool.total_supply // d0
    if burnt <= 0:
        raise revert_bare("no shares are burnt", d0=d0, d2=d2)
    burnt += 1
    if burnt > pool.total_supply or (max_burn_amount is not None and burnt > max_burn_amount):
        raise revert_error("Slippage screwed you", burnt=burnt)
    _settle(pool, kept, admin, pool.total_supply - burnt)
    return burnt


# ---- what the owner does -------------------------------------------------------------------


def ramp_a(pool: StableSwap, future_a: int, future_time: int, *, now_ts: int) -> None:
    """
    Let A move to another value, in a straight line until a time.

    Raises `Revert` with no data: too soon after the last ramp, too fast, too far, out of range.
    """
    now_a, target = a_precise(pool, now_ts=now_ts), future_a * pool.a_precision
    too_soon = now_ts < pool.initial_a_time + MIN_RAMP_TIME_S
    too_fast = future_time < now_ts + MIN_RAMP_TIME_S
    if too_soon or too_fast or not 0 < future_a < MAX_A:
        raise revert_bare("A cannot be moved so", future_a=future_a, future_time=future_time)
    if max(now_a, target) > MAX_A_CHANGE * min(now_a, target):
        raise revert_bare("A moves too far", a_now=now_a, target=target)
    pool.initial_a, pool.future_a = now_a, target
    pool.initial_a_time, pool.future_a_time = now_ts, future_time


def stop_ramp_a(pool: StableSwap, *, now_ts: int) -> None:
    """Leave A where it is now."""
    pool.initial_a = pool.future_a = a_precise(pool, now_ts=now_ts)
    pool.initial_a_time = pool.future_a_time = now_ts


def withdraw_admin_fees(pool: StableSwap) -> list[int]:
    """Pay out what was set aside of the fees; returns it by coin."""
    paid, pool.admin_balances = pool.admin_balances, [0] * len(pool.balances)
    return paid


# ---- inside --------------------------------------------------------------------------------


def _trade(pool: StableSwap, i: int, j: int, dx: int, now_ts: int) -> tuple[int, int]:
    """Coins j of a trade before its fee, and the fee, both at 18 decimals."""
    balances = xp(pool)
    if not 0 <= i < len(balances):
        raise revert_bare("no such coin", i=i)
    x = balances[i] + dx * pool.rates[i] // WAD
    amp = a_precise(pool, now_ts=now_ts)
    y = get_y(i, j, x, balances, amp, pool.a_precision)
    dy = balances[j] - y - 1
    if dy < 0:
        raise revert_bare("nothing is paid out", y=y)
    return dy, dy * pool.fee // FEE_DENOMINATOR


def imbalance_fee(pool: StableSwap) -> int:
    """The fee on what deviates: half of a trade's, as every deviation is counted twice."""
    n = len(pool.balances)
    return pool.fee * n // (4 * (n - 1))


def _charge_imbalance(
    pool: StableSwap, new: list[int], d0: int, d1: int, now_ts: int
) -> tuple[list[int], list[int], int]:
    """
    Charge each balance for deviating from d1 / d0 times its old.

    Gives the balances to keep (all but the protocol's part of the fee), that part, and the
    invariant without the fees.
    """
    rate = imbalance_fee(pool)
    ideal = [d1 * x // d0 for x in pool.balances]
    fees = [abs(w - x) * rate // FEE_DENOMINATOR for w, x in zip(ideal, new, strict=True)]
    admin = [fee * pool.admin_fee // FEE_DENOMINATOR for fee in fees]
    kept = [x - part for x, part in zip(new, admin, strict=True)]
    charged = [x - fee for x, fee in zip(new, fees, strict=True)]
    _check_positive(charged, least=0)
    return kept, admin, invariant(pool, now_ts=now_ts, balances=charged)


def _one_coin(pool: StableSwap, token_amount: int, i: int, now_ts: int) -> tuple[int, int]:
    """Coins i for shares after the fee, and the fee, in the coin's own decimals."""
    _check_burn(pool, token_amount)
    amp, precision, rate = a_precise(pool, now_ts=now_ts), pool.a_precision, imbalance_fee(pool)
    balances = xp(pool)
    d0 = get_d(balances, amp, precision)
    d1 = d0 - token_amount * d0 // pool.total_supply
    new_y = get_y_d(amp, i, balances, d1, precision)
    reduced = []
    for k, x in enumerate(balances):
        share = x * d1 // d0
        deviates = share - new_y if k == i else x - share
        if deviates < 0:
            raise revert_bare("does not fit in uint256", value=deviates)
        reduced.append(x - rate * deviates // FEE_DENOMINATOR)
    y = get_y_d(amp, i, reduced, d1, precision)
    if reduced[i] - y < 1:
        raise revert_bare("nothing is paid out", y=y)
    # One less, lest the rounding of y pays out more than the shares are worth.
    dy = (reduced[i] - y - 1) * WAD // pool.rates[i]
    without_fee = (balances[i] - new_y) * WAD // pool.rates[i]
    return dy, without_fee - dy


def _settle(pool: StableSwap, kept: list[int], admin: list[int], supply: int) -> None:
    pool.balances, pool.total_supply = kept, supply
    pool.admin_balances = [x + part for x, part in zip(pool.admin_balances, admin, strict=True)]


def _check_supply(pool: StableSwap) -> None:
    if pool.total_supply == 0:
        raise revert_bare("the pool has no shares")


def _check_burn(pool: StableSwap, amount: int) -> None:
    _check_supply(pool)
    if not 0 <= amount <= pool.total_supply:
        raise revert_bare("not so many shares", amount=amount, supply=pool.total_supply)


def _check_positive(values: Sequence[int], least: int = 0) -> None:
    if min(values) < least:
        raise revert_bare("does not fit in uint256", value=min(values))
