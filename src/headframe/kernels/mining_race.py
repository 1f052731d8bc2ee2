"""
The race of miners on chunks: machines by efficiency, switched off, ordered, delivered, outdated.

The machines of the world stand in classes by joules per terahash. Miners pay different prices for
power, log-logistic about a median c; of a class that breaks even at a price b runs the share of
miners whose power is cheaper,

    on = x / (x + (e o)^beta),   x = (b_1 / c)^beta,   b_1 the break-even price of 1 J/TH,

so that no class is switched off at one blow (e is the class's efficiency, o a site's overhead).
Nobody coordinates: each looks at the hashprice that the difficulty of the last retarget leaves, and
what all of them do changes it only by the next.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import exp, log

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

STAGES = 3
"""Stages that an order passes: the time to delivery is a Gamma variate of this shape."""
LEAST_EH_S = 1e-9
"""A network never stands quite still: its difficulty would have no meaning."""
ODDS, RUNNING, USED, ALL = range(4)
"""Rows after classes and stages: x, EH/s that run, the same times their J/TH, EH/s installed."""


@kernel
def break_even_odds(state: Floats, before: Floats, now: Floats, p: Record) -> None:
    """
    Row `ODDS`: x = (b_1 / c)^beta, from the price now and the difficulty of the last step.

        b_1 = price (subsidy + fees) / difficulty (1 - pool fee) * `usd_per_mwh`
    """
    q = p[0]
    beta, scale = q.beta, q.usd_per_mwh
    odds = state[q.classes + STAGES + ODDS]
    price, fees, power = now[q.price], now[q.fees], now[q.power]
    subsidy, difficulty = before[q.subsidy], before[q.difficulty]
    for i in range(odds.size):
        pays = price[i] * (subsidy[i] + fees[i]) / difficulty[i] * scale
        odds[i] = exp(beta * log(max(pays / power[i], 1e-300)))


@kernel
def run(state: Floats, efforts: Floats, efficiencies: Floats, p: Record) -> None:
    """Rows `RUNNING`, `USED` and `ALL`: what runs of each class; `efforts` are (e o)^beta."""
    q = p[0]
    tail = q.classes + STAGES
    odds, running, used, everything = (
        state[tail + ODDS],
        state[tail + RUNNING],
        state[tail + USED],
        state[tail + ALL],
    )
    running[:] = 0.0
    used[:] = 0.0
    everything[:] = 0.0
    for k in range(q.classes):
        held, effort, j_per_th = state[k], efforts[k], efficiencies[k]
        for i in range(held.size):
            on = held[i] * (odds[i] / (odds[i] + effort))
            running[i] += on
            used[i] += on * j_per_th
            everything[i] += held[i]


@kernel
def settle(state: Floats, p: Record) -> None:
    """At the first step: scale the classes so that the opening hash rate is what runs of them."""
    q = p[0]
    running = state[q.classes + STAGES + RUNNING]
    for i in range(running.size):
        scale = q.start_eh_s / max(running[i], 1e-300)
        for k in range(q.classes):
            state[k, i] *= scale


@kernel
def wear_out(state: Floats, efforts: Floats, p: Record) -> None:
    """Machines fail with age, and those that stand still are sold for scrap: the fit survive."""
    q = p[0]
    odds = state[q.classes + STAGES + ODDS]
    kept, scrapped = q.kept, q.scrapped
    for k in range(q.classes):
        held, effort = state[k], efforts[k]
        for i in range(held.size):
            off = effort / (odds[i] + effort)
            held[i] *= kept * (1.0 - scrapped * off)


@kernel
def deliver(state: Floats, place: int, share: float, p: Record) -> None:
    """
    Move orders one step on; what arrives joins the class `place` by `share`, and the next better.

    Each stage passes on the part `moved` of what it holds, the last one into the fleet.
    """
    q = p[0]
    first = q.classes
    worse, better = state[place], state[place + 1]
    for i in range(worse.size):
        arrived = state[first + STAGES - 1, i] * q.moved
        worse[i] += arrived * share
        better[i] += arrived * (1.0 - share)
    for stage in range(STAGES - 1, -1, -1):
        held = state[first + stage]
        for i in range(held.size):
            passed = held[i] * q.moved
            held[i] -= passed
            if stage < STAGES - 1:
                state[first + stage + 1, i] += passed


@kernel
def order(
    state: Floats, now: Floats, frontier_j_per_th: float, cost: float, most_eh_s: float, p: Record
) -> None:
    """
    Order the best machine on sale while it pays itself back in time, up to what can be built.

        margin = (b_1 - e o c) per TH/s,   return = margin payback / cost
        orders = min(most, eagerness (return - 1) installed)

    `cost` is of 1 TH/s of the best machine in USD, `most_eh_s` the capacity for this step.
    """
    q = p[0]
    tail = q.classes + STAGES
    odds, everything, power = state[tail + ODDS], state[tail + ALL], now[q.power]
    needs, payback = frontier_j_per_th * q.overhead, q.payback_mwh / cost
    orders = state[q.classes]
    for i in range(odds.size):
        pays = power[i] * exp(log(odds[i]) / q.beta)
        gain = (pays - needs * power[i]) * payback - 1.0
        orders[i] += min(most_eh_s, max(gain, 0.0) * q.eagerness * everything[i])


@kernel
def publish(state: Floats, now: Floats, p: Record) -> None:
    """Hash rate, what is installed and ordered, mean efficiency, and power drawn in MW."""
    q = p[0]
    tail = q.classes + STAGES
    running, used, everything = state[tail + RUNNING], state[tail + USED], state[tail + ALL]
    hash_rate, installed, ordered = now[q.hash_rate], now[q.installed], now[q.ordered]
    efficiency, drawn, online = now[q.efficiency], now[q.drawn], now[q.online]
    for i in range(running.size):
        hash_rate[i] = max(running[i] * online[i], LEAST_EH_S)
        installed[i] = everything[i]
        efficiency[i] = used[i] / max(running[i], 1e-300)
        drawn[i] = used[i] * online[i] * q.mw_per_j
        ordered[i] = 0.0
    for stage in range(STAGES):
        held = state[q.classes + stage]
        for i in range(held.size):
            ordered[i] += held[i]
