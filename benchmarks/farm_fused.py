"""
The same farm fused by hand: one compiled driver, 256 paths at a time, all in the nearest caches.

This is what the composed engine is held against. It takes its constants from the book's own wires,
draws the same random numbers, takes the same decisions in the same order and keeps the same sums
(values by kind, quantities by line, market results, wealth, drawdown, least health, time of
liquidation); the benchmark checks that both give the same figures before it times them.
"""

import math

import numba
import numpy as np

from headframe.kernels.compiled import SCALAR_FLAGS
from headframe.kernels.elementary import exp, log, sincos_turn
from headframe.kernels.philox import HALF_WORD, WORD, open_unit, philox4x32, stream_key
from headframe.kernels.prices import add_jumps
from headframe.kernels.uniswap_v2 import root_of
from headframe.types import NO_DEBT

LANES = 256
"""Paths that run side by side."""
STREAMS = (
    "a_usd",
    "b_usd",
    "cake_usd",
    "ab_pool_turnover",
    "b_market_utilisation",
    "a_usd.jump",
    "b_usd.jump",
)
"""Five normals, then two uniforms."""
# fmt: off
(PA, PB, PC, PA0, PB0, PC0, TURN, UTIL, RATE, TURNOVER, GA, GB,
 LIQ, ROOT, D0, D1, REW, HEALTH, MINH, LIQT, CASH, HX, HY, HR, WEALTH, PEAK, DRAW,
 M_FARM, M_WALLET, V_REB, V_FEE, V_INT, V_REW, V_SLIP, V_GAS, V_PEN, V_FORG, V_PRIN,
 Q_REB0, Q_REB1, Q_FEE0, Q_FEE1, Q_INT1, Q_REW, Q_SLIP0, Q_SLIP1, Q_SLIPR, Q_GAS0, Q_GAS1,
 Q_GASR, Q_PEN0, Q_PEN1, Q_FORG1, Q_PRIN0, Q_PRIN1, Q_PRINR, Q_CASH) = range(57)
# fmt: on
"""Rows of a block of lanes."""
N_ROWS = 57
OPTIONS = {"error_model": "numpy", "fastmath": SCALAR_FLAGS, "nogil": True, "cache": True}


@numba.njit(**OPTIONS)
def draw(even, odd, first, pair, keys):
    """Draws of two steps, the prices' correlation included."""
    for s in range(7):
        one, two = even[s], odd[s]
        k0, k1 = keys[s] & WORD, keys[s] >> HALF_WORD
        for i in range(LANES):
            path = np.uint64(first + i)
            a, b, c, d = philox4x32(
                path & WORD, path >> HALF_WORD, np.uint64(pair), np.uint64(0), k0, k1
            )
            one[i] = open_unit(a, b)
            two[i] = open_unit(c, d)
        if s < 5:
            for i in range(LANES):
                radius = math.sqrt(-2.0 * log(one[i]))
                sine, cosine = sincos_turn(two[i])
                one[i] = radius * cosine
                two[i] = radius * sine


@numba.njit(**OPTIONS)
def move(s, z, pa, pb, pc, pt, pu, pr, rho):
    """The world's step."""
    a, b, c, t, u, r = pa[0], pb[0], pc[0], pt[0], pu[0], pr[0]
    ga, gb, za, zb, ua, ub = s[GA], s[GB], z[0], z[1], z[5], z[6]
    a_drift, a_scale, b_drift, b_scale = a.drift, a.scale, b.drift, b.scale
    rest = math.sqrt(1.0 - rho * rho)
    for i in range(LANES):
        ga[i] = a_drift + a_scale * za[i]
        gb[i] = b_drift + b_scale * (rest * zb[i] + rho * za[i])
    add_jumps(ga, ua, a.chance, a.mean, a.sd)
    add_jumps(gb, ub, b.chance, b.mean, b.sd)
    prices, old = (s[PA], s[PB]), (s[PA0], s[PB0])
    pa_, pb_, pa0, pb0 = prices[0], prices[1], old[0], old[1]
    for i in range(LANES):
        pa0[i] = pa_[i]
        pa_[i] *= exp(ga[i])
    for i in range(LANES):
        pb0[i] = pb_[i]
        pb_[i] *= exp(gb[i])
    pc_, pc0, zc, c_drift, c_scale = s[PC], s[PC0], z[2], c.drift, c.scale
    for i in range(LANES):
        pc0[i] = pc_[i]
        pc_[i] *= exp(c_drift + c_scale * zc[i])
    x, turnover, zt, mean, held, scale = s[TURN], s[TURNOVER], z[3], t.mean, t.held, t.scale
    for i in range(LANES):
        x[i] = mean + held * (x[i] - mean) + scale * zt[i]
        turnover[i] = exp(x[i])
    y, rate, zu, mean, held, scale = s[UTIL], s[RATE], z[4], u.mean, u.held, u.scale
    base, slope1, slope2, kink = r.base_apr, r.slope1_apr, r.slope2_apr, r.kink
    for i in range(LANES):
        y[i] = mean + held * (y[i] - mean) + scale * zu[i]
        used = 1.0 / (1.0 + exp(-y[i]))
        below, above = min(used, kink) / kink, max(used - kink, 0.0) / (1.0 - kink)
        rate[i] = base + slope1 * below + slope2 * above


@numba.njit(**OPTIONS)
def accrue(s, p, reward_apr):
    """Market results, rebalancing, fees, rewards, interest, health."""
    q = p[0]
    pa, pb, pc, pa0, pb0, pc0 = s[PA], s[PB], s[PC], s[PA0], s[PB0], s[PC0]
    hx, hy, hr, cash, m_farm, m_wallet = s[HX], s[HY], s[HR], s[CASH], s[M_FARM], s[M_WALLET]
    for i in range(LANES):
        m_wallet[i] += cash[i] * (pb[i] - pb0[i])
        m_farm[i] += hx[i] * (pa[i] - pa0[i]) + hy[i] * (pb[i] - pb0[i]) + hr[i] * (pc[i] - pc0[i])
    liq, root, turnover = s[LIQ], s[ROOT], s[TURNOVER]
    reb0, reb1, reb, fee0, fee1, fees = (
        s[Q_REB0],
        s[Q_REB1],
        s[V_REB],
        s[Q_FEE0],
        s[Q_FEE1],
        s[V_FEE],
    )
    per_day, per_input = q.fee * q.days, q.fee / (1.0 - q.fee)
    for i in range(LANES):
        new = root_of(pa[i], pb[i])
        x, y = liq[i] / new, liq[i] * new
        dx, dy = x - liq[i] / root[i], y - liq[i] * root[i]
        root[i] = new
        reb0[i] += dx
        reb1[i] += dy
        reb[i] += dx * pa[i] + dy * pb[i]
        value = x * pa[i] + y * pb[i]
        arbitrage = per_input * (max(dx, 0.0) * pa[i] + max(dy, 0.0) * pb[i])
        earned = value * per_day * turnover[i] + arbitrage
        grown = earned / (value if value > 0.0 else 1.0)
        fee0[i] += x * grown
        fee1[i] += y * grown
        fees[i] += earned
        liq[i] *= 1.0 + grown
    rew, q_rew, v_rew, years = s[REW], s[Q_REW], s[V_REW], q.years
    for i in range(LANES):
        tokens = 2.0 * liq[i] * math.sqrt(pa[i] * pb[i]) * reward_apr * years / pc[i]
        rew[i] += tokens
        q_rew[i] += tokens
        v_rew[i] += tokens * pc[i]
    d1, rate, q_int, v_int = s[D1], s[RATE], s[Q_INT1], s[V_INT]
    for i in range(LANES):
        more = d1[i] * rate[i] * years
        d1[i] += more
        q_int[i] -= more
        v_int[i] -= more * pb[i]


@numba.njit(**OPTIONS)
def measure(s, p):
    """Health, and the least of it."""
    threshold = p[0].threshold
    pa, pb, liq, d0, d1, health, least = s[PA], s[PB], s[LIQ], s[D0], s[D1], s[HEALTH], s[MINH]
    for i in range(LANES):
        allowed = threshold * 2.0 * liq[i] * math.sqrt(pa[i] * pb[i])
        debt = d0[i] * pa[i] + d1[i] * pb[i]
        ratio = allowed / max(max(debt, allowed / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        least[i] = min(least[i], ratio)


@numba.njit(**OPTIONS)
def liquidate(s, p, t_s):
    """The liquidator takes the bounty, the lenders their debt, the owner the rest in cash."""
    q = p[0]
    for i in range(LANES):
        if s[HEALTH, i] < 1.0:
            x, y = s[LIQ, i] / s[ROOT, i], s[LIQ, i] * s[ROOT, i]
            value = x * s[PA, i] + y * s[PB, i]
            debt = s[D0, i] * s[PA, i] + s[D1, i] * s[PB, i]
            left = 1.0 - q.penalty
            lost = max(debt - left * value, 0.0) / debt
            reward = s[REW, i] * s[PC, i]
            cash = (max(left * value - debt, 0.0) + reward) / s[PB, i]
            s[Q_PEN0, i] -= q.penalty * x
            s[Q_PEN1, i] -= q.penalty * y
            s[V_PEN, i] -= q.penalty * value
            s[Q_FORG1, i] += lost * s[D1, i]
            s[V_FORG, i] += lost * debt
            s[Q_PRIN0, i] -= left * x
            s[Q_PRIN1, i] += (1.0 - lost) * s[D1, i] - left * y
            s[Q_PRINR, i] -= s[REW, i]
            s[Q_CASH, i] += cash
            s[CASH, i] += cash
            s[V_PRIN, i] += (1.0 - lost) * debt - left * value - reward + cash * s[PB, i]
            s[LIQ, i] = 0.0
            s[D0, i] = 0.0
            s[D1, i] = 0.0
            s[REW, i] = 0.0
            s[HEALTH, i] = NO_DEBT
            s[LIQT, i] = min(s[LIQT, i], t_s)


@numba.njit(**OPTIONS)
def act(s, p, gas, trigger, target, compounding):
    """Delever below the trigger; compound when it is the day."""
    q = p[0]
    keep = 1.0 - q.swap_cost
    for i in range(LANES):
        if s[HEALTH, i] < trigger and s[LIQ, i] > 0.0:
            x, y = s[LIQ, i] / s[ROOT, i], s[LIQ, i] * s[ROOT, i]
            value = x * s[PA, i] + y * s[PB, i]
            debt = s[D0, i] * s[PA, i] + s[D1, i] * s[PB, i]
            slope = target * keep - q.threshold
            share = (target * (debt + gas) - q.threshold * value) / (value * slope)
            share = min(share, (debt + gas) / (value * keep), 1.0)
            if share * value * keep > gas:
                repaid = min((share * value * keep - gas) / debt, 1.0)
                cost, burnt = share * q.swap_cost, gas / value
                left = share * keep - burnt
                s[LIQ, i] *= 1.0 - share
                s[Q_SLIP0, i] -= cost * x
                s[Q_SLIP1, i] -= cost * y
                s[V_SLIP, i] -= cost * value
                s[Q_GAS0, i] -= burnt * x
                s[Q_GAS1, i] -= burnt * y
                s[V_GAS, i] -= gas
                s[Q_PRIN0, i] -= left * x
                s[Q_PRIN1, i] += repaid * s[D1, i] - left * y
                s[V_PRIN, i] += repaid * debt - left * value
                s[D0, i] *= 1.0 - repaid
                s[D1, i] *= 1.0 - repaid
    measure(s, p)
    if compounding:
        for i in range(LANES):
            gross = s[REW, i] * s[PC, i]
            net = gross * keep - gas
            if net > 0.0 and s[LIQ, i] > 0.0:
                one = s[PA, i] / s[ROOT, i] + s[PB, i] * s[ROOT, i]
                added = net / one
                s[Q_SLIPR, i] -= q.swap_cost * s[REW, i]
                s[V_SLIP, i] -= q.swap_cost * gross
                s[Q_GASR, i] -= gas / s[PC, i]
                s[V_GAS, i] -= gas
                s[Q_PRINR, i] -= s[REW, i] * keep - gas / s[PC, i]
                s[Q_PRIN0, i] += added / s[ROOT, i]
                s[Q_PRIN1, i] += added * s[ROOT, i]
                s[LIQ, i] += added
                s[REW, i] = 0.0
        measure(s, p)


@numba.njit(**OPTIONS)
def mark(s):
    """Holdings, wealth, its peak and its deepest fall."""
    liq, root, d0, d1, rew = s[LIQ], s[ROOT], s[D0], s[D1], s[REW]
    hx, hy, hr, cash = s[HX], s[HY], s[HR], s[CASH]
    pa, pb, pc, wealth, peak, fall = s[PA], s[PB], s[PC], s[WEALTH], s[PEAK], s[DRAW]
    for i in range(LANES):
        hx[i] = liq[i] / root[i] - d0[i]
        hy[i] = liq[i] * root[i] - d1[i]
        hr[i] = rew[i]
    for i in range(LANES):
        wealth[i] = cash[i] * pb[i] + hx[i] * pa[i] + hy[i] * pb[i] + hr[i] * pc[i]
        top = max(peak[i], wealth[i])
        peak[i] = top
        fall[i] = max(fall[i], (top - wealth[i]) / max(top, 1e-300))


@numba.njit(**OPTIONS)
def drive(start, keys, first, n_paths, n_steps, saves, wires, numbers, out, saved):
    """Play paths `first` to `first + n_paths` and keep the rows of every path in `out`."""
    pa, pb, pc, pt, pu, pr, p = wires
    rho, reward_apr, gas, trigger, target, step_s = numbers
    s = np.empty((N_ROWS, LANES))
    even, odd = np.empty((7, LANES)), np.empty((7, LANES))
    for base in range(0, n_paths, LANES):
        for row in range(N_ROWS):
            s[row, :] = start[row]
        m = min(LANES, n_paths - base)
        save = 0
        for step in range(1, n_steps + 1):
            if step % 2 == 1:
                draw(even, odd, first + base, (step - 1) // 2, keys)
            z = even if step % 2 == 1 else odd
            move(s, z, pa, pb, pc, pt, pu, pr, rho)
            accrue(s, p, reward_apr)
            measure(s, p)
            liquidate(s, p, step * step_s)
            act(s, p, gas, trigger, target, step % 7 == 0)
            mark(s)
            if step == saves[save]:
                saved[save, base : base + m] = s[WEALTH, :m]
                save += 1
        out[:, base : base + m] = s[:, :m]


class Fused:
    """The fused farm for a book of `farm_book`."""

    def __init__(self, book, saves):
        layout = book.plan()
        wires, *_ = book.scenario.wire(layout, layout.step_s)
        by_name = {p.name: w for p, w in zip(book.scenario.processes, wires, strict=True)}
        farm, guard = book.positions[0], book.policies[0]
        names = ("a_usd", "b_usd", "cake_usd", "ab_pool_turnover", "b_market_utilisation", "b")
        self.wires = (*(by_name[name] for name in names), farm.wire(layout, layout.step_s))
        rho = float(next(iter(book.scenario.correlations.values())))
        self.numbers = (
            rho,
            farm.reward_apr,
            farm.gas_usd,
            guard.trigger,
            guard.target,
            layout.step_s,
        )
        self.keys = np.array([stream_key(book.seed, name) for name in STREAMS])
        self.n_steps = book.n_steps
        self.saves = np.array([step for step in saves if step], np.int64)
        self.start = self._start(book, layout)

    def _start(self, book, layout):
        """The opening, taken from the composed engine's own first instant."""
        from headframe.chunk import Chunk
        from headframe.scenario import Paths

        chunk = Chunk(book, layout, Paths(first=0, n_paths=8, seed=book.seed))
        state, books, now = chunk.positions[0].state, chunk.books, chunk.now
        held = chunk.positions[0].held
        start = np.zeros(N_ROWS)
        for row, name in ((PA, "a_usd"), (PB, "b_usd"), (PC, "cake_usd")):
            start[row] = now[name][0]
        start[TURN] = math.log(now["ab_pool_turnover"][0])
        used = now["b_market_utilisation"][0]
        start[UTIL] = math.log(used / (1.0 - used))
        names = (
            "liquidity",
            "root",
            "debt0",
            "debt1",
            "reward",
            "health",
            "min_health",
            "liquidated_s",
        )
        for row, name in zip(range(LIQ, LIQT + 1), names, strict=True):
            start[row] = state[name][0]
        start[HX], start[HY], start[HR] = held["a"][0], held["b"][0], held["cake"][0]
        for row, name in ((WEALTH, "wealth"), (PEAK, "peak"), (DRAW, "drawdown")):
            start[row] = books[name][0]
        for row, (kind, asset, cash) in QUANTITIES.items():
            start[row] = books.data[layout.quantity("farm", kind, asset, cash=cash)][0]
        for row, kind in VALUES.items():
            start[row] = books.data[layout.value("farm", kind)][0]
        return start

    def play(self, first, n_paths):
        """All rows of all paths at the horizon, and wealth at the dates that are kept."""
        out = np.empty((N_ROWS, n_paths))
        saved = np.empty((self.saves.size, n_paths))
        drive(
            self.start,
            self.keys,
            first,
            n_paths,
            self.n_steps,
            self.saves,
            self.wires,
            self.numbers,
            out,
            saved,
        )
        return out, saved


VALUES = {
    V_REB: "rebalancing",
    V_FEE: "fee",
    V_INT: "interest",
    V_REW: "reward",
    V_SLIP: "slippage",
    V_GAS: "gas",
    V_PEN: "penalty",
    V_FORG: "forgiven",
    V_PRIN: "principal",
}
"""Rows that hold values by kind."""
QUANTITIES = {
    Q_REB0: ("rebalancing", "a", False),
    Q_REB1: ("rebalancing", "b", False),
    Q_FEE0: ("fee", "a", False),
    Q_FEE1: ("fee", "b", False),
    Q_INT1: ("interest", "b", False),
    Q_REW: ("reward", "cake", False),
    Q_SLIP0: ("slippage", "a", False),
    Q_SLIP1: ("slippage", "b", False),
    Q_SLIPR: ("slippage", "cake", False),
    Q_GAS0: ("gas", "a", False),
    Q_GAS1: ("gas", "b", False),
    Q_GASR: ("gas", "cake", False),
    Q_PEN0: ("penalty", "a", False),
    Q_PEN1: ("penalty", "b", False),
    Q_FORG1: ("forgiven", "b", False),
    Q_PRIN0: ("principal", "a", False),
    Q_PRIN1: ("principal", "b", False),
    Q_PRINR: ("principal", "cake", False),
    Q_CASH: ("principal", "b", True),
}
"""Rows that hold quantities by line."""
