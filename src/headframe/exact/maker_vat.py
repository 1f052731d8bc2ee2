"""
Maker's vat: vaults with their collateral and debt, and the stablecoin as entries of one book.

Debt is *normalised*: a vault owes `art` times its type's `rate`, which only grows. `spot`
is what one unit of collateral may carry, with the safety margin already in it. The jug lets the
rate grow, the spotter sets `spot` from a price. Amounts: `wad` 18 decimals, `ray` 27, `rad` 45.

Source: Maker Protocol technical documentation ("Vat", "Rates Module", "Spot"). The contracts are
under the AGPL-3.0 and stayed closed. Judge: compiled contracts in npm @makerdao/testchain
1.1.33-beta5. Assumption: whoever calls `grab`, `fold`, `suck` and `slip` is authorised.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from headframe.exact.fixed import RAY, revert_error
from headframe.exact.maker_math import add, atomic, mul, rdiv_down, rmul_down, rpow_half_up, sub

BLN = 10**9
"""From 18 decimals to 27."""


@dataclass(frozen=True, slots=True)
class Ilk:
    """One type of collateral: all normalised debt, rate, price with margin, ceiling, least debt."""

    Art: int = 0
    rate_ray: int = 0
    spot_ray: int = 0
    line_rad: int = 0
    dust_rad: int = 0


@dataclass(frozen=True, slots=True)
class Urn:
    """One vault: collateral and normalised debt, both wads."""

    ink: int = 0
    art: int = 0


@dataclass(slots=True)
class Vat:
    """All vaults, collateral outside them, the stablecoin, and the debt that nobody backs."""

    ilks: dict[Hashable, Ilk] = field(default_factory=dict)
    urns: dict[tuple[Hashable, Hashable], Urn] = field(default_factory=dict)
    gem: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)
    dai: dict[Hashable, int] = field(default_factory=dict)
    sin: dict[Hashable, int] = field(default_factory=dict)
    can: set[tuple[Hashable, Hashable]] = field(default_factory=set)
    debt: int = 0
    vice: int = 0
    Line: int = 0


@dataclass(slots=True)
class Jug:
    """Fees of each collateral type, a second and as rays, and when they were last charged."""

    vow: Hashable
    base_ray: int = 0
    duty_ray: dict[Hashable, int] = field(default_factory=dict)
    rho_ts: dict[Hashable, int] = field(default_factory=dict)


# ---- moving what is there ------------------------------------------------------------------


def slip(vat: Vat, ilk: Hashable, usr: Hashable, wad: int) -> None:
    """Give or take collateral outside vaults: what a join adapter does."""
    vat.gem[ilk, usr] = add(vat.gem.get((ilk, usr), 0), wad)


def flux(vat: Vat, ilk: Hashable, src: Hashable, dst: Hashable, wad: int) -> None:
    """Move collateral outside vaults between users."""
    vat.gem[ilk, src] = sub(vat.gem.get((ilk, src), 0), wad)
    vat.gem[ilk, dst] = add(vat.gem.get((ilk, dst), 0), wad)


def move(vat: Vat, src: Hashable, dst: Hashable, rad: int, *, sender: Hashable) -> None:
    """Move stablecoins. Raises `Revert`: not allowed, or more than there are."""
    if not _wish(vat, src, sender):
        raise revert_error("Vat/not-allowed")
    with atomic(vat):
        vat.dai[src] = sub(vat.dai.get(src, 0), rad)
        vat.dai[dst] = add(vat.dai.get(dst, 0), rad)


def hope(vat: Vat, usr: Hashable, *, sender: Hashable) -> None:
    """Let another act on one's vaults and coins."""
    vat.can.add((sender, usr))


def suck(vat: Vat, u: Hashable, v: Hashable, rad: int) -> None:
    """Create coins for `v` against debt that nobody backs, on the account of `u`."""
    vat.sin[u] = add(vat.sin.get(u, 0), rad)
    vat.dai[v] = add(vat.dai.get(v, 0), rad)
    vat.vice, vat.debt = add(vat.vice, rad), add(vat.debt, rad)


def heal(vat: Vat, rad: int, *, sender: Hashable) -> None:
    """Cancel unbacked debt with coins."""
    with atomic(vat):
        vat.sin[sender] = sub(vat.sin.get(sender, 0), rad)
        vat.dai[sender] = sub(vat.dai.get(sender, 0), rad)
        vat.vice, vat.debt = sub(vat.vice, rad), sub(vat.debt, rad)


# ---- vaults --------------------------------------------------------------------------------


def frob(
    vat: Vat,
    ilk: Hashable,
    u: Hashable,
    v: Hashable,
    w: Hashable,
    dink: int,
    dart: int,
    *,
    sender: Hashable,
) -> None:
    """
    Change a vault: collateral from or to `v`, coins to or from `w`.

        safe where rate * art <= spot * ink;  no debt, or at least `dust`

    Raises `Revert`: unknown type, ceiling, unsafe, not allowed, dust, or what does not fit.
    """
    kind, old = vat.ilks.get(ilk, Ilk()), vat.urns.get((ilk, u), Urn())
    if kind.rate_ray == 0:
        raise revert_error("Vat/ilk-not-init")
    urn = Urn(add(old.ink, dink), add(old.art, dart))
    kind = replace(kind, Art=add(kind.Art, dart))
    dtab, tab = mul(kind.rate_ray, dart), mul(kind.rate_ray, urn.art)
    debt = add(vat.debt, dtab)
    within = mul(kind.Art, kind.rate_ray) <= kind.line_rad and debt <= vat.Line
    if dart > 0 and not within:
        raise revert_error("Vat/ceiling-exceeded")
    calm = dart <= 0 and dink >= 0
    if not calm and tab > mul(urn.ink, kind.spot_ray):
        raise revert_error("Vat/not-safe", tab=tab)
    if not calm and not _wish(vat, u, sender):
        raise revert_error("Vat/not-allowed-u")
    if dink > 0 and not _wish(vat, v, sender):
        raise revert_error("Vat/not-allowed-v")
    if dart < 0 and not _wish(vat, w, sender):
        raise revert_error("Vat/not-allowed-w")
    if urn.art != 0 and tab < kind.dust_rad:
        raise revert_error("Vat/dust", tab=tab)
    gem, dai = sub(vat.gem.get((ilk, v), 0), dink), add(vat.dai.get(w, 0), dtab)
    vat.gem[ilk, v], vat.dai[w], vat.debt = gem, dai, debt
    vat.urns[ilk, u], vat.ilks[ilk] = urn, kind


def grab(
    vat: Vat, ilk: Hashable, u: Hashable, v: Hashable, w: Hashable, dink: int, dart: int
) -> None:
    """Take a vault's collateral for `v` and put its debt on the account of `w`: liquidation."""
    kind, old = vat.ilks[ilk], vat.urns.get((ilk, u), Urn())
    dtab = mul(kind.rate_ray, dart)
    vat.urns[ilk, u] = Urn(add(old.ink, dink), add(old.art, dart))
    vat.ilks[ilk] = replace(kind, Art=add(kind.Art, dart))
    vat.gem[ilk, v] = sub(vat.gem.get((ilk, v), 0), dink)
    vat.sin[w] = sub(vat.sin.get(w, 0), dtab)
    vat.vice = sub(vat.vice, dtab)


def fold(vat: Vat, ilk: Hashable, u: Hashable, rate: int) -> None:
    """Let the rate grow; what all vaults then owe more is income of `u`."""
    kind = vat.ilks[ilk]
    vat.ilks[ilk] = replace(kind, rate_ray=add(kind.rate_ray, rate))
    rad = mul(kind.Art, rate)
    vat.dai[u], vat.debt = add(vat.dai.get(u, 0), rad), add(vat.debt, rad)


def _wish(vat: Vat, usr: Hashable, by: Hashable) -> bool:
    return usr == by or (usr, by) in vat.can


# ---- rates and prices ----------------------------------------------------------------------


def drip(jug: Jug, vat: Vat, ilk: Hashable, *, now_ts: int) -> int:
    """
    Charge the stability fee since the last time; returns the new rate.

        rate <- floor((base + duty)^seconds * rate),   the power rounded half up

    Source: "Rates Module". Raises `Revert`: a time before the last one, or what does not fit.
    """
    since = jug.rho_ts.get(ilk, 0)
    if now_ts < since:
        raise revert_error("Jug/invalid-now", now_ts=now_ts)
    before = vat.ilks.get(ilk, Ilk()).rate_ray
    growth = rpow_half_up(add(jug.base_ray, jug.duty_ray.get(ilk, 0)), now_ts - since)
    rate = rmul_down(growth, before)
    with atomic(vat, jug):
        fold(vat, ilk, jug.vow, rate - before)
        jug.rho_ts[ilk] = now_ts
    return rate


def poke(
    vat: Vat, ilk: Hashable, price_wad: int | None, *, mat_ray: int, par_ray: int = RAY
) -> int:
    """
    Set `spot` from a price: price / par / liquidation ratio, each rounded down; 0 without a price.

    Source: "Spot". `mat_ray` is the liquidation ratio, 1.5 for 150 %.
    """
    spot = 0
    if price_wad is not None:
        spot = rdiv_down(rdiv_down(mul(price_wad, BLN), par_ray), mat_ray)
    vat.ilks[ilk] = replace(vat.ilks.get(ilk, Ilk()), spot_ray=spot)
    return spot
