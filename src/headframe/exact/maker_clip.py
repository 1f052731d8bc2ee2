"""
Maker's liquidation 2.0: an unsafe vault is put up for a Dutch auction, and anybody buys a part.

`bark` takes a vault, as far as the limits on running auctions leave room, and starts an auction at
the oracle's price times `buf`. From then on the price falls along a curve. Whoever finds it low
enough takes as much collateral as he likes (`take`); what is left when the debt and its penalty
are paid returns to the owner. An auction that ran too long or fell too deep needs a `redo`.

Source: Maker Protocol technical documentation ("Liquidation 2.0 Module", 2021). The contracts (dog,
clip) are under the AGPL-3.0 and stayed closed. Judge: the compiled contracts in npm
@makerdao/testchain 1.1.33-beta5, of March 2021. Assumptions: the settlement of unbacked debt (vow)
is outside; a buyer's callback is what he does before he pays, and not part of this text. The one
reason longer than a word comes back with whatever stood in memory as its padding: here with zeros.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from headframe.exact.fixed import RAY, WAD, revert_bare, revert_error
from headframe.exact.maker_math import (
    Calc,
    add,
    atomic,
    mul,
    rdiv_down,
    rmul_down,
    sub,
    wmul_down,
)
from headframe.exact.maker_vat import BLN, Ilk, Urn, Vat, flux, grab, move, suck

CLIP, VOW = "clip", "vow"
"""Accounts of the auction house and of the system's surplus in the vat, unless named otherwise."""


@dataclass(slots=True)
class Dog:
    """Limits on running auctions, all and of this collateral, in rads with penalty; the penalty."""

    Hole: int = 0
    Dirt: int = 0
    hole: int = 0
    dirt: int = 0
    chop_wad: int = WAD
    live: int = 1


@dataclass(frozen=True, slots=True)
class Sale:
    """One auction: its place in the list, debt to raise (rad), collateral, owner, start, price."""

    pos: int
    tab: int
    lot: int
    usr: Hashable
    tic: int
    top_ray: int


@dataclass(slots=True)
class Clipper:
    """
    The auction house of one collateral type.

    `buf` over the oracle's price at the start; an auction ends after `tail` seconds or below
    `cusp` of its first price; a keeper gets `tip` and the share `chip` of the debt; `chost` is the
    least debt times penalty, below which no auction may be left.
    """

    ilk: Hashable
    calc: Calc
    buf_ray: int = RAY
    tail_s: int = 0
    cusp_ray: int = 0
    chip_wad: int = 0
    tip_rad: int = 0
    chost: int = 0
    stopped: int = 0
    kicks: int = 0
    active: list[int] = field(default_factory=list)
    sales: dict[int, Sale] = field(default_factory=dict)
    account: Hashable = CLIP
    vow: Hashable = VOW


# ---- from vault to auction -----------------------------------------------------------------


def bark(
    dog: Dog,
    clip: Clipper,
    vat: Vat,
    urn: Hashable,
    kpr: Hashable,
    *,
    price_wad: int | None,
    par_ray: int = RAY,
    now_ts: int,
) -> int:
    """
    Put an unsafe vault up for auction, all of it or what the limits leave room for.

        dart = min(art, floor(floor(room / rate) / chop)),   dink = floor(ink * dart / art)

    All of it too where less than the least debt would stay. Returns the auction's number. Source:
    Dog.bark. Raises `Revert`: safe, no room, an auction too small, or as `kick` does.
    """
    if dog.live != 1:
        raise revert_error("Dog/not-live")
    held, kind = vat.urns.get((clip.ilk, urn), Urn()), vat.ilks.get(clip.ilk, Ilk())
    rate = kind.rate_ray
    if kind.spot_ray == 0 or mul(held.ink, kind.spot_ray) >= mul(held.art, rate):
        raise revert_error("Dog/not-unsafe")
    dart = _part(dog, held, rate, kind.dust_rad)
    dink = mul(held.ink, dart) // held.art
    if dink == 0:
        raise revert_error("Dog/null-auction")
    if dart > 2**255 or dink > 2**255:
        raise revert_error("Dog/overflow")
    with atomic(vat, dog, clip):
        grab(vat, clip.ilk, urn, clip.account, clip.vow, -dink, -dart)
        tab = mul(mul(dart, rate), dog.chop_wad) // WAD
        dog.Dirt, dog.dirt = add(dog.Dirt, tab), add(dog.dirt, tab)
        return kick(
            clip, vat, tab, dink, urn, kpr, price_wad=price_wad, par_ray=par_ray, now_ts=now_ts
        )


def _part(dog: Dog, held: Urn, rate: int, dust: int) -> int:
    if not (dog.Hole > dog.Dirt and dog.hole > dog.dirt):
        raise revert_error("Dog/liquidation-limit-hit")
    room = min(dog.Hole - dog.Dirt, dog.hole - dog.dirt)
    if dog.chop_wad == 0:
        raise revert_bare("no penalty set")
    dart = min(held.art, mul(room, WAD) // rate // dog.chop_wad)
    if held.art > dart:
        if mul(held.art - dart, rate) < dust:
            return held.art
        if mul(dart, rate) < dust:
            raise revert_error("Dog/dusty-auction-from-partial-liquidation")
    return dart


def kick(
    clip: Clipper,
    vat: Vat,
    tab: int,
    lot: int,
    usr: Hashable,
    kpr: Hashable,
    *,
    price_wad: int | None,
    par_ray: int = RAY,
    now_ts: int,
) -> int:
    """
    Start an auction at price * buf, and pay the keeper tip + chip * tab out of thin air.

    Source: Clipper.kick. Raises `Revert`: stopped, nothing to sell or to raise, no price.
    """
    _check_running(clip, 1)
    if tab == 0:
        raise revert_error("Clipper/zero-tab")
    if lot == 0:
        raise revert_error("Clipper/zero-lot")
    if not usr:
        raise revert_error("Clipper/zero-usr")
    with atomic(clip, vat):
        clip.kicks += 1
        clip.active.append(clip.kicks)
        top = _top(clip, feed_price(price_wad, par_ray))
        clip.sales[clip.kicks] = Sale(len(clip.active) - 1, tab, lot, usr, now_ts, top)
        _reward(clip, vat, tab, kpr)
    return clip.kicks


def redo(
    clip: Clipper,
    vat: Vat,
    number: int,
    kpr: Hashable,
    *,
    price_wad: int | None,
    par_ray: int = RAY,
    now_ts: int,
) -> None:
    """
    Start an auction again that ran too long or fell too deep, at a fresh price.

    A keeper is paid where debt and collateral are both worth at least `chost`. Source:
    Clipper.redo. Raises `Revert`: stopped, no such auction, still good, no price.
    """
    _check_running(clip, 2)
    sale = _sale(clip, number)
    done, _ = status(clip, sale, now_ts=now_ts)
    if not done:
        raise revert_error("Clipper/cannot-reset")
    feed = feed_price(price_wad, par_ray)
    top = _top(clip, feed)
    with atomic(clip, vat):
        clip.sales[number] = replace(sale, tic=now_ts, top_ray=top)
        rewarded = clip.tip_rad > 0 or clip.chip_wad > 0
        if rewarded and sale.tab >= clip.chost and mul(sale.lot, feed) >= clip.chost:
            _reward(clip, vat, sale.tab, kpr)


# ---- buying --------------------------------------------------------------------------------


def take(
    clip: Clipper,
    dog: Dog,
    vat: Vat,
    number: int,
    *,
    amt: int,
    max_ray: int,
    who: Hashable,
    sender: Hashable,
    now_ts: int,
) -> tuple[int, int]:
    """
    Buy up to `amt` of an auction's collateral at its price now.

        owe = slice * price, never more than is to be raised;  no less than chost may be left of it

    Returns collateral (wad) and payment (rad). When all is raised what is left goes to the owner;
    when all is sold what is not raised is the system's loss. Source: Clipper.take. Raises `Revert`:
    stopped, no such auction, it needs a reset, dearer than `max_ray`, a part that would leave too
    little, or the buyer lacks the coins.
    """
    _check_running(clip, 3)
    sale = _sale(clip, number)
    done, price = status(clip, sale, now_ts=now_ts)
    if done:
        raise revert_error("Clipper/needs-reset")
    if max_ray < price:
        raise revert_error("Clipper/too-expensive", price=price)
    bought, owe = _slice(clip, sale, min(sale.lot, amt), price)
    tab, lot = sale.tab - owe, sale.lot - bought
    with atomic(clip, dog, vat):
        flux(vat, clip.ilk, clip.account, who, bought)
        # The auction house moves the buyer's coins: he must have allowed it to.
        move(vat, sender, clip.vow, owe, sender=clip.account)
        raised = tab + owe if lot == 0 else owe
        dog.Dirt, dog.dirt = sub(dog.Dirt, raised), sub(dog.dirt, raised)
        if lot == 0:
            _remove(clip, number)
        elif tab == 0:
            flux(vat, clip.ilk, clip.account, sale.usr, lot)
            _remove(clip, number)
        else:
            clip.sales[number] = replace(sale, tab=tab, lot=lot)
    return bought, owe


def _slice(clip: Clipper, sale: Sale, wanted: int, price: int) -> tuple[int, int]:
    owe = mul(wanted, price)
    if owe > sale.tab:
        if price == 0:
            raise revert_bare("division by zero")
        return sale.tab // price, sale.tab
    if owe < sale.tab and wanted < sale.lot and sale.tab - owe < clip.chost:
        if sale.tab <= clip.chost:
            raise revert_error("Clipper/no-partial-purchase")
        owe = sale.tab - clip.chost
        if price == 0:
            raise revert_bare("division by zero")
        return owe // price, owe
    return wanted, owe


def yank(clip: Clipper, dog: Dog, vat: Vat, number: int, *, sender: Hashable) -> None:
    """Cancel an auction and hand its collateral to governance. Source: Clipper.yank."""
    sale = _sale(clip, number)
    with atomic(clip, dog, vat):
        dog.Dirt, dog.dirt = sub(dog.Dirt, sale.tab), sub(dog.dirt, sale.tab)
        flux(vat, clip.ilk, clip.account, sender, sale.lot)
        _remove(clip, number)


# ---- prices --------------------------------------------------------------------------------


def feed_price(price_wad: int | None, par_ray: int = RAY) -> int:
    """The oracle's price over the target price, a ray rounded down. Raises `Revert`: no price."""
    if price_wad is None:
        raise revert_error("Clipper/invalid-price")
    return rdiv_down(mul(price_wad, BLN), par_ray)


def status(clip: Clipper, sale: Sale, *, now_ts: int) -> tuple[bool, int]:
    """
    Whether an auction needs a reset, and its price now.

        t > tail  or  price / top < cusp
    """
    elapsed_s = sub(now_ts, sale.tic)
    price = clip.calc(sale.top_ray, elapsed_s)
    return elapsed_s > clip.tail_s or rdiv_down(price, sale.top_ray) < clip.cusp_ray, price


def upchost(clip: Clipper, dog: Dog, vat: Vat) -> None:
    """Take over the least debt times the penalty. Source: Clipper.upchost."""
    clip.chost = wmul_down(vat.ilks.get(clip.ilk, Ilk()).dust_rad, dog.chop_wad)


def _top(clip: Clipper, feed: int) -> int:
    top = rmul_down(feed, clip.buf_ray)
    if top == 0:
        raise revert_error("Clipper/zero-top-price")
    return top


def _reward(clip: Clipper, vat: Vat, tab: int, kpr: Hashable) -> None:
    if clip.tip_rad > 0 or clip.chip_wad > 0:
        suck(vat, clip.vow, kpr, add(clip.tip_rad, wmul_down(tab, clip.chip_wad)))


def _sale(clip: Clipper, number: int) -> Sale:
    sale = clip.sales.get(number)
    if sale is None:
        raise revert_error("Clipper/not-running-auction")
    return sale


def _remove(clip: Clipper, number: int) -> None:
    """Take an auction off the list; the last one moves to its place."""
    last = clip.active[-1]
    if last != number:
        place = clip.sales[number].pos
        clip.active[place] = last
        clip.sales[last] = replace(clip.sales[last], pos=place)
    clip.active.pop()
    del clip.sales[number]


def _check_running(clip: Clipper, level: int) -> None:
    if clip.stopped >= level:
        raise revert_error("Clipper/stopped-incorrect")
