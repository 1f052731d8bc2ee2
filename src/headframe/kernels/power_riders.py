"""
Charges and credits beside a mine's price of energy, on chunks: one loop for each kind.

Each loop works out what a rider costs in the step (a credit is negative), adds it to what is owed
and books it: quantity in dollars, value at the dollar's price of now.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.power import SOLAR_YEAR_S
from headframe.units import KW_PER_MW, KWH_PER_MWH

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@kernel
def demand_charge(
    own: Floats,
    unbilled: Floats,
    energy_kwh: Floats,
    is_open: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """
    The highest power of the billing period, at a price a kilowatt, charged as the peak rises.

        billed kW = max(peak, ratchet x highest peak ever),   rows: billed kW, highest peak
    """
    q = p[0]
    per_kw, ratchet, per_hour = q.usd_per_kw, q.ratchet, 1.0 / q.hours
    billed, highest, price = own[0], own[1], now[q.price_usd]
    quantity, value = books[q.quantity], books[q.value]
    for i in range(billed.size):
        kw = energy_kwh[i] * per_hour
        highest[i] = max(highest[i], kw)
        now_kw = max(billed[i], max(kw, ratchet * highest[i] * is_open[i]))
        cost = per_kw * (now_kw - billed[i])
        billed[i] = now_kw
        unbilled[i] += cost
        quantity[i] -= cost
        value[i] -= cost * price[i]


@kernel
def coincident_peak(
    own: Floats,
    unbilled: Floats,
    energy_kwh: Floats,
    is_open: Floats,
    before: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """
    Next year's transmission charge by the load in the system's peak of each month.

    Where `record` is 2 the interval is the first of a season's month, where it is 1 it is the
    highest so far and takes the place of the one before. What is measured is owed from then on and
    payable over the next year. Rows: load at the month's peak so far (MW), measured, payable, paid
    a second, load that this year's charge rests on.
    """
    q = p[0]
    per_mw, seconds, yearly = q.usd_per_mw, q.seconds, q.usd_per_mw_s
    per_kwh, per_year_s = 1.0 / (q.hours * KW_PER_MW), q.per_year_s
    month, measured, due, due_per_s, last = own[0], own[1], own[2], own[3], own[4]
    record, price = now[q.record], now[q.price_usd]
    ts, ts_before = now[q.calendar], before[q.calendar]
    quantity, value = books[q.quantity], books[q.value]
    for i in range(month.size):
        # New Year: what was measured becomes payable, and the old charge has run out
        turned = math.floor(ts[i] / SOLAR_YEAR_S) > math.floor(ts_before[i] / SOLAR_YEAR_S)
        due[i] += measured[i] if turned else 0.0
        due_per_s[i] = due[i] * per_year_s if turned else due_per_s[i]
        measured[i] = 0.0 if turned else measured[i]
        last[i] = 0.0 if turned else last[i]
        mw = energy_kwh[i] * per_kwh
        replaced = month[i] if record[i] < 1.5 else 0.0
        hit = 1.0 if record[i] > 0.5 else 0.0
        change = hit * (mw - replaced) * per_mw
        month[i] = mw if record[i] > 0.5 else month[i]
        measured[i] += change
        this_year = last[i] * yearly * seconds * is_open[i]
        paid = min(due[i], due_per_s[i] * seconds)
        due[i] -= paid
        unbilled[i] += paid + this_year
        quantity[i] -= change + this_year
        value[i] -= (change + this_year) * price[i]


@kernel
def call_reserve(
    own: Floats,
    load: Floats,
    capacity_kw: Floats,
    is_open: Floats,
    draws: Floats,
    p: Record,
) -> None:
    """
    A reserve is called or let go by chance, and called load goes off: rows deployed, load before.

        chance to be called 1 - exp(-rate dt),  to be let go 1 - exp(-dt / mean time)
    """
    q = p[0]
    called, freed, kw = q.called, q.freed, q.response_kw
    deployed, base, u = own[0], own[1], draws[q.u]
    for i in range(load.size):
        stays = 1.0 if u[i] >= freed else 0.0
        starts = 1.0 if u[i] < called else 0.0
        deployed[i] = (stays if deployed[i] > 0.5 else starts) * is_open[i]
        base[i] = load[i]
        some = capacity_kw[i] if capacity_kw[i] > 0.0 else 1.0
        load[i] = max(load[i] - deployed[i] * kw / some, 0.0)


@kernel
def pay_reserve(
    own: Floats,
    unbilled: Floats,
    load: Floats,
    capacity_kw: Floats,
    is_open: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """
    Capacity that stands ready is paid for, energy given up too, and what is missing is fined.

        ready = min(obliged, load before),  given = load before - load now
        short = obliged - ready, or obliged - given while called
    """
    q = p[0]
    obliged_mw, hours, fine = q.obliged_mw, q.hours, q.penalty_usd_per_mwh
    deployed, base, short_sum = own[0], own[1], own[2]
    capacity, energy, price = now[q.capacity], now[q.energy], now[q.price_usd]
    quantity, value = books[q.quantity], books[q.value]
    fined, fined_value = books[q.fined_quantity], books[q.fined_value]
    for i in range(load.size):
        mw = capacity_kw[i] / KW_PER_MW
        obliged = obliged_mw * is_open[i]
        ready = min(obliged, base[i] * mw)
        given = deployed[i] * min(obliged, (base[i] - load[i]) * mw)
        short = (obliged - (given if deployed[i] > 0.5 else ready)) * hours
        income = (ready * capacity[i] + given * energy[i]) * hours
        penalty = short * fine
        short_sum[i] += short
        unbilled[i] += penalty - income
        quantity[i] += income
        value[i] += income * price[i]
        fined[i] -= penalty
        fined_value[i] -= penalty * price[i]


@kernel
def credit_curtailment(
    own: Floats,
    unbilled: Floats,
    energy_kwh: Floats,
    is_open: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """
    What was not used of a baseline during an event is paid for.

        credit = event x max(baseline - load, 0) x hours x price
    """
    q = p[0]
    baseline = q.baseline_mw * q.hours
    event, pays, price = now[q.event], now[q.pays], now[q.price_usd]
    quantity, value, credited = books[q.quantity], books[q.value], own[0]
    for i in range(credited.size):
        share = min(max(event[i], 0.0), 1.0) * is_open[i]
        mwh = share * max(baseline - energy_kwh[i] / KWH_PER_MWH, 0.0)
        credit = mwh * pays[i]
        credited[i] += mwh
        unbilled[i] -= credit
        quantity[i] += credit
        value[i] += credit * price[i]


@kernel
def use_heat(
    own: Floats,
    unbilled: Floats,
    energy_kwh: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """
    Heat that somebody needs is paid what his boiler's fuel would have cost.

        useful = min(share x energy, demand),   credit = useful x fuel price / boiler efficiency
    """
    q = p[0]
    share, hours, per_fuel = q.share, q.hours, q.per_efficiency
    demand, fuel, price = now[q.demand], now[q.fuel], now[q.price_usd]
    quantity, value, used = books[q.quantity], books[q.value], own[0]
    for i in range(used.size):
        mwh = min(share * energy_kwh[i] / KWH_PER_MWH, max(demand[i], 0.0) * hours)
        credit = mwh * fuel[i] * per_fuel
        used[i] += mwh
        unbilled[i] -= credit
        quantity[i] += credit
        value[i] += credit * price[i]


@kernel
def wear_off(own: Floats, now: Floats, books: Floats, p: Record) -> None:
    """Equipment is written off in a straight line: so much a step, down to nothing."""
    q = p[0]
    share, book, bought, price = q.written_off, own[1], own[2], now[q.price_usd]
    quantity, value = books[q.depreciation_quantity], books[q.depreciation_value]
    for i in range(book.size):
        gone = min(book[i], bought[i] * share)
        book[i] -= gone
        quantity[i] -= gone
        value[i] -= gone * price[i]


@kernel
def emit(
    own: Floats,
    unbilled: Floats,
    energy_kwh: Floats,
    now: Floats,
    books: Floats,
    p: Record,
) -> None:
    """Tonnes of CO2 by the grid's intensity, and what each costs."""
    q = p[0]
    t_per_kg = q.t_per_kg
    intensity, per_t, price = now[q.intensity], now[q.per_t], now[q.price_usd]
    quantity, value, emitted = books[q.quantity], books[q.value], own[0]
    for i in range(emitted.size):
        tonnes = energy_kwh[i] / KWH_PER_MWH * (intensity[i] * t_per_kg)
        cost = tonnes * per_t[i]
        emitted[i] += tonnes
        unbilled[i] += cost
        quantity[i] -= cost
        value[i] -= cost * price[i]
