"""Maker's vaults and auctions without an EVM: the documentation's examples, sums by hand, ends."""

import pytest

from headframe.errors import Revert
from headframe.exact import maker_clip as clipping
from headframe.exact import maker_math as curves
from headframe.exact import maker_vat as vats
from headframe.exact.fixed import RAY, WAD, error_data

RAD = RAY * WAD
YEAR_2_PERCENT = 1_000_000_000_627_937_192_491_029_810
"""The published ray of 2 % a year, a second (docs.makerdao.com, "Rates Module")."""


def test_powers_of_the_documentation():
    """2 % a year, compounded each second of 365 days, is 1.02 to 12 digits."""
    grown = curves.rpow_half_up(YEAR_2_PERCENT, 31_536_000)
    assert abs(grown - 102 * RAY // 100) < RAY // 10**12
    assert curves.rpow_half_up(0, 0) == RAY
    assert curves.rpow_half_up(0, 5) == 0
    assert curves.rpow_half_up(3, 2, 2) == 5  # 1.5^2 = 2.25 in halves: 4.5, half up


@pytest.mark.parametrize(
    ("curve", "seconds", "share"),
    [(curves.linear_decrease(600), 150, 0.75), (curves.linear_decrease(600), 600, 0.0),
     (curves.stairstep_exponential_decrease(90, RAY * 99 // 100), 89, 1.0),
     (curves.stairstep_exponential_decrease(90, RAY * 99 // 100), 180, 0.9801),
     (curves.exponential_decrease(RAY * 99 // 100), 2, 0.9801)],
)  # fmt: skip
def test_prices_fall(curve, seconds, share):
    assert curve(1_000 * RAY, seconds) == round(share * 10_000) * RAY // 10


def house(*, ink=10 * WAD, debt=1_000 * WAD, price=99 * WAD, **terms):
    """A vault of ten ether and 1,000 coins at 150 %, whose ether fell to `price`."""
    vat, dog = vats.Vat(Line=10**9 * RAD), clipping.Dog(Hole=10**9 * RAD, hole=10**9 * RAD)
    dog.chop_wad = 113 * WAD // 100
    vat.ilks["eth"] = vats.Ilk(rate_ray=RAY, line_rad=10**9 * RAD, dust_rad=100 * RAD)
    vats.slip(vat, "eth", "alice", ink)
    vats.poke(vat, "eth", 150 * WAD, mat_ray=RAY * 3 // 2)
    vats.frob(vat, "eth", "alice", "alice", "alice", ink, debt, sender="alice")
    vats.poke(vat, "eth", price, mat_ray=RAY * 3 // 2)
    clip = clipping.Clipper("eth", curves.linear_decrease(1_000))
    clip.buf_ray, clip.tail_s, clip.cusp_ray = RAY * 6 // 5, 900, RAY // 10
    for name, value in terms.items():
        setattr(clip, name, value)
    clipping.upchost(clip, dog, vat)
    vats.suck(vat, "vow", "bob", 10**6 * RAD)
    vats.hope(vat, "clip", sender="bob")
    return vat, dog, clip


def bark(vat, dog, clip, price=99 * WAD, now_ts=0):
    return clipping.bark(dog, clip, vat, "alice", "kpr", price_wad=price, now_ts=now_ts)


def take(vat, dog, clip, *, amt, now_ts, most=10**9 * RAY, number=1):
    return clipping.take(
        clip, dog, vat, number, amt=amt, max_ray=most, who="bob", sender="bob", now_ts=now_ts
    )


def refused(reason, call, *arguments, **named):
    with pytest.raises(Revert) as caught:
        call(*arguments, **named)
    assert caught.value.data == error_data(reason)


def test_an_auction_by_hand():
    """
    Ten ether at 99 carry 660 of 1,000: up for auction at 118.8 to raise 1,130. After 500 of 1,000
    seconds it is at 59.4; five ether cost 297; twenty are wanted at 44.55 a while later: 5 go.
    """
    vat, dog, clip = house(chip_wad=WAD // 100, tip_rad=3 * RAD)
    assert bark(vat, dog, clip) == 1
    assert vat.dai["kpr"] == 3 * RAD + 1_130 * RAD // 100
    assert vat.sin["vow"] == 10**6 * RAD + 1_000 * RAD + vat.dai["kpr"]
    assert clip.sales[1].top_ray == 1_188 * RAY // 10
    assert (dog.Dirt, dog.dirt) == (1_130 * RAD, 1_130 * RAD)
    assert take(vat, dog, clip, amt=5 * WAD, now_ts=500) == (5 * WAD, 297 * RAD)
    assert dog.Dirt == 833 * RAD
    bought, owe = take(vat, dog, clip, amt=20 * WAD, now_ts=625)
    assert (bought, owe) == (5 * WAD, 5 * WAD * 4_455 * RAY // 100)
    # all is sold, 610.25 were never raised: the limit is free again, the loss the system's
    assert (dog.Dirt, clip.sales, clip.active) == (0, {}, [])
    assert vat.gem["eth", "bob"] == 10 * WAD


def test_what_is_left_returns_to_the_owner():
    """At 110: top 132, 120 ten per cent down; 1,130 buy 9.41666 ether, the rest is alice's."""
    vat, dog, clip = house(price=110 * WAD, calc=curves.linear_decrease(1_100))
    bark(vat, dog, clip, price=110 * WAD)
    bought, owe = take(vat, dog, clip, amt=10 * WAD, now_ts=100)
    price = clip.calc(132 * RAY, 100)
    assert (bought, owe) == (1_130 * RAD // price, 1_130 * RAD)
    assert vat.gem["eth", "alice"] == 10 * WAD - bought
    assert dog.Dirt == 0


def test_no_part_may_leave_too_little():
    """At least 113 must stay to be raised: a purchase that would leave less is cut."""
    vat, dog, clip = house(price=110 * WAD)
    bark(vat, dog, clip, price=110 * WAD)
    bought, owe = take(vat, dog, clip, amt=8 * WAD, now_ts=0)
    assert owe == (1_130 - 113) * RAD
    assert bought == owe // (132 * RAY)
    refused("Clipper/no-partial-purchase", take, vat, dog, clip, amt=WAD // 2, now_ts=1)


def test_an_auction_that_ran_too_long_or_fell_too_deep_needs_a_reset():
    vat, dog, clip = house()
    bark(vat, dog, clip)
    redo = {"price_wad": 50 * WAD, "now_ts": 900}
    refused("Clipper/cannot-reset", clipping.redo, clip, vat, 1, "kpr", **redo | {"now_ts": 899})
    # at 900 of 1,000 seconds a tenth is left: not below it; a second later it is
    refused("Clipper/cannot-reset", clipping.redo, clip, vat, 1, "kpr", **redo)
    refused("Clipper/needs-reset", take, vat, dog, clip, amt=WAD, now_ts=901)
    clipping.redo(clip, vat, 1, "kpr", price_wad=50 * WAD, now_ts=901)
    assert (clip.sales[1].tic, clip.sales[1].top_ray) == (901, 60 * RAY)


def test_limits_on_running_auctions():
    """Room for 565: 500 of the debt is put up; what stays is not below the least debt."""
    vat, dog, clip = house()
    dog.Hole = 565 * RAD
    bark(vat, dog, clip)
    assert vat.urns["eth", "alice"] == vats.Urn(5 * WAD, 500 * WAD)
    assert clip.sales[1].lot == 5 * WAD
    refused("Dog/liquidation-limit-hit", bark, vat, dog, clip)
    vat, dog, clip = house()
    dog.hole = 1_100 * RAD  # 973 fit, 27 would stay, below 100: all of it goes
    bark(vat, dog, clip)
    assert vat.urns["eth", "alice"] == vats.Urn(0, 0)


def test_march_2020_in_this_text():
    """Nobody bids: at the end of the line the collateral goes for nothing, the debt stays."""
    vat, dog, clip = house(cusp_ray=0, tail_s=10_000)
    bark(vat, dog, clip)
    assert take(vat, dog, clip, amt=10 * WAD, now_ts=1_000) == (10 * WAD, 0)
    assert vat.sin["vow"] == 10**6 * RAD + 1_000 * RAD
    assert vat.dai.get("vow", 0) == 0


def test_nothing_changes_where_a_call_fails():
    vat, dog, clip = house()
    bark(vat, dog, clip)
    vat.can.clear()
    before = (dict(vat.gem), dict(vat.dai), dog.Dirt, dict(clip.sales))
    refused("Vat/not-allowed", take, vat, dog, clip, amt=WAD, now_ts=10)
    assert before == (dict(vat.gem), dict(vat.dai), dog.Dirt, dict(clip.sales))
    refused("Dog/not-unsafe", bark, vat, dog, clip)


def test_the_stability_fee():
    vat, _, _ = house()
    jug = vats.Jug("vow", duty_ray={"eth": YEAR_2_PERCENT}, rho_ts={"eth": 0})
    rate = vats.drip(jug, vat, "eth", now_ts=31_536_000)
    assert abs(rate - 102 * RAY // 100) < RAY // 10**12
    assert vat.dai["vow"] == 1_000 * WAD * (rate - RAY)
    refused("Jug/invalid-now", vats.drip, jug, vat, "eth", now_ts=1)
