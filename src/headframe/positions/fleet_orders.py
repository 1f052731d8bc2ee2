"""
Buying, waiting for, selling and scrapping machines, one batch at a time.

An order is paid in equal instalments, the first at once, and delivered after the lead time:

    at the order   cash     - price / instalments
                   held     + the machines to come, - what is still to be paid
    an instalment  a due, payable within the mine's grace; what is still to be paid shrinks
    at delivery    the machines begin to hash and to age; nothing is booked

So machines on order are in the books from the order on, at their price or at cost, and the price
agreed at the order stays. One order of a batch can be under way: another is not taken.

Sold are healthy machines, for what they stand for less the cost of reselling; scrapped are broken
ones first, for their scrap value and never more than they stand for. An order that is cancelled
costs a share of what was paid; where machines to come are worth less than is still to be paid for
them, walking away leaves the difference with the maker (`forgiven`).
"""

import numpy as np

from headframe.kernels.mine import (
    AGE_S,
    ARRIVES_S,
    BOOK_USD,
    BROKEN,
    LEFT,
    ORDER_USD,
    ORDERED,
    OWNED,
)
from headframe.ledger import Account
from headframe.positions.machines import USD, Machines
from headframe.types import Array, Mask

INSTALMENT = "machines"
"""The due that an instalment becomes."""
LATER_S = 1e-6
"""Times closer than this are the same: clocks are sums of doubles."""


def place(m: Machines, group: Array, count: Array, now_s: float, out: Account) -> None:
    """
    Buy machines, or order them where they have a lead time.

    A machine at market comes in at its price; what is paid above that is slippage.
    """
    if m.lead_s > 0.0:
        count = np.where(group[ORDERED] > 0.0, 0.0, count)
    paid, worth = m.paid_usd(out), m.worth_usd(out)
    later = count * paid * (m.instalments - 1) / m.instalments
    out.post("principal", USD, later - count * worth, cash=True)
    out.post("slippage", USD, count * (worth - paid), cash=True)
    out.post("principal", m.asset or USD, count * (worth if m.asset is None else 1.0))
    if m.lead_s == 0.0:
        arrive(m, group, count, count * paid)
        return
    out.post("principal", USD, -later)
    fresh = count > 0.0
    group[ORDERED] += count
    group[ORDER_USD] += count * paid
    group[LEFT] = np.where(fresh, m.instalments - 1.0, group[LEFT])
    group[ARRIVES_S] = np.where(fresh, now_s + m.lead_s, group[ARRIVES_S])


def arrive(m: Machines, group: Array, count: Array, cost_usd: Array) -> None:
    """Machines join their batch, whose age becomes the mean over old and new ones."""
    owned = group[OWNED] + count
    some = np.where(owned > 0.0, owned, 1.0)
    group[AGE_S] += (m.age_s - group[AGE_S]) * count / some
    group[OWNED] = owned
    group[BOOK_USD] += cost_usd if m.asset is None else 0.0


def to_pay_usd(m: Machines, group: Array) -> Array:
    """What is still to be paid for machines on order."""
    left: Array = group[ORDER_USD] * group[LEFT] / m.instalments
    return left


def advance(m: Machines, group: Array, now_s: float, grace_s: float, out: Account) -> None:
    """Instalments fall due, orders arrive."""
    if m.lead_s == 0.0 or not group[ORDERED].any():
        return
    every_s = m.lead_s / m.instalments
    while True:
        due = (group[LEFT] > 0.0) & (now_s + LATER_S >= group[ARRIVES_S] - every_s * group[LEFT])
        if not due.any():
            break
        amount = np.where(due, group[ORDER_USD] / m.instalments, 0.0)
        out.post("principal", USD, amount)
        out.owe(INSTALMENT, "principal", USD, amount, grace_s)
        group[LEFT] -= due
    arrived = (group[ORDERED] > 0.0) & (now_s + LATER_S >= group[ARRIVES_S])
    arrive(m, group, *(np.where(arrived, group[row], 0.0) for row in (ORDERED, ORDER_USD)))
    group[ORDERED : LEFT + 1, arrived] = 0.0


def sell(m: Machines, group: Array, count: Array, out: Account) -> None:
    """Sell machines for dollars at what they stand for, less the cost of reselling."""
    gone, worth = _leaving(m, group, count, out)
    out.post("principal", m.asset or USD, -gone)
    out.post("principal", USD, worth, cash=True)
    out.post("slippage", USD, -m.resale_cost * worth, cash=True)


def scrap(m: Machines, group: Array, count: Array, out: Account) -> None:
    """Give machines away for their scrap value; the rest of what they stood for is written off."""
    group[BROKEN] -= np.minimum(group[BROKEN], count)
    gone, worth = _leaving(m, group, count, out)
    proceeds = np.minimum(count * m.scrap_usd, worth)
    share = proceeds / np.where(worth > 0.0, worth, 1.0)
    out.post("principal", USD, proceeds, cash=True)
    out.post("principal", m.asset or USD, -share * gone)
    out.post("depreciation", m.asset or USD, -(1.0 - share) * gone)


def _leaving(m: Machines, group: Array, count: Array, out: Account) -> tuple[Array, Array]:
    """Take machines out of their batch; the quantity that leaves the books, and its worth."""
    share = count / np.where(group[OWNED] > 0.0, group[OWNED], 1.0)
    book = share * group[BOOK_USD]
    group[OWNED] -= count
    group[BOOK_USD] -= book
    if m.asset is None:
        return book, book
    return count, count * out.price(m.asset) / out.price(USD)


def cancel(m: Machines, group: Array, mask: Mask, out: Account) -> None:
    """Call off what is on order; the maker keeps a share of what was paid."""
    if m.lead_s == 0.0 or not group[ORDERED].any():
        return
    count = np.where(mask, group[ORDERED], 0.0)
    owed = np.where(mask, to_pay_usd(m, group), 0.0)
    total = np.where(mask, group[ORDER_USD], 0.0)
    worth = total if m.asset is None else count * m.worth_usd(out)
    mine, makers = np.maximum(worth - owed, 0.0), np.maximum(owed - worth, 0.0)
    back = np.minimum((1.0 - m.cancel_cost) * (total - owed), mine)
    out.post("principal", m.asset or USD, -(total if m.asset is None else count))
    out.post("principal", USD, owed - makers)
    out.post("forgiven", USD, makers)
    out.post("principal", USD, mine, cash=True)
    out.post("slippage", USD, back - mine, cash=True)
    group[ORDERED : LEFT + 1, mask] = 0.0
