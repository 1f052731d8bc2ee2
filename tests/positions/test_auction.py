"""
A call answered by an auction, and by Euler's discount, on a farm of 10,000 at three times.

The exact texts of Maker and Euler judge the path; ends and actors are sums written out. At price
ratio k the pool holds 3 sqrt(k) of the equity against a debt of 2: it is called below 0.5487.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scripted import entry, gauges, played, scripted, seat, told

from headframe.exact import euler_v2 as euler
from headframe.exact import maker_clip as clipping
from headframe.exact import maker_math as curves
from headframe.exact import maker_vat as vats
from headframe.exact.fixed import RAY, WAD
from headframe.kernels import auction as kernel
from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3
from headframe.positions.liquidation import Auction, Liquidation
from headframe.types import NEVER_S
from headframe.units import DAY_S

START, DEPOSIT, DEBT = 2_000.0, 10_000.0, 20_000.0
RAD = RAY * WAD
FAST = {"curve": "linear", "tau_s": "2d", "tail_s": "10d", "cusp": 0.0, "buf": 1.2}
"""An auction that falls to nothing within two days, and is never reset before."""


def worth(k):
    return 3.0 * math.sqrt(k) * DEPOSIT


def farm(*, auction=None, liquidation=None, **changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": DEPOSIT},
        "leverage": 3.0,
        "threshold": 0.9,
        "fee": 0.0,
        "swap_cost": 0.0,
        "penalty": 0.05,
        "liquidation": {"rule": "auction", "auction": auction or FAST} | (liquidation or {}),
    }
    return Levered(**(usual | changes))


def play_farm(eth, *, values=None, watchers=(), step_s=DAY_S, **changes):
    world = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0} | (values or {})
    book = scripted(farm(**changes), values=world, wallet={"usdc": DEPOSIT}, step_s=step_s)
    return played(book, watchers=watchers)


def state(chunk, row):
    return float(seat(chunk, "farm").state[row][0])


# ---- the price falls as Maker's ------------------------------------------------------------

trials = settings(max_examples=150, deadline=None, derandomize=True)


@trials
@given(elapsed=st.integers(0, 10**6), tau=st.integers(1, 10**6))
def test_the_line_falls_as_the_contracts(elapsed, tau):
    """Two quotients rounded down: two rays, and the float's own rounding."""
    exact = curves.linear_decrease(tau)(RAY, elapsed) / RAY
    found = kernel.fallen(kernel.LINEAR, float(elapsed), float(tau), 1.0, -1.0)
    assert abs(found - exact) <= 4 * 2.0**-53 + 2 / RAY


@trials
@given(
    elapsed=st.integers(0, 10**5), step=st.integers(1, 3_600), cut=st.integers(RAY // 2, RAY - 1)
)
def test_the_stairs_fall_as_the_contracts(elapsed, step, cut):
    """
    Each squaring rounds half a ray; a float's power by its logarithm errs by n log(cut) roundings.
    """
    exact = curves.stairstep_exponential_decrease(step, cut)(RAY, elapsed) / RAY
    log_cut = math.log(cut / RAY)
    found = kernel.fallen(kernel.STAIRS, float(elapsed), 1.0, float(step), log_cut)
    steps = elapsed // step
    bound = (8.0 + 4.0 * steps * abs(log_cut) + 2.0 * steps) * 2.0**-53
    assert abs(found - exact) <= bound * exact + (steps + 2) / RAY + 1e-290


def test_what_a_buyer_pays_at_most():
    """V 1,000, tab 800: a part of 80 %; 10 of gas and 5 %: 800 * 1,000 / (840 + 10)."""
    whole = kernel.reservation((500.0, 500.0), (0.0, 700.0), 800.0, 0.0, 0.0, 0.0)
    assert whole == pytest.approx(1_000.0)
    priced = kernel.reservation((500.0, 500.0), (0.0, 700.0), 800.0, 0.0, 10.0, 0.05)
    assert priced == pytest.approx(800.0 * 1_000.0 / 850.0)
    # V 600 below the tab: all of it, less gas, over the margin
    under = kernel.reservation((300.0, 300.0), (0.0, 700.0), 800.0, 0.0, 10.0, 0.05)
    assert under == pytest.approx(590.0 / 1.05)


# ---- the path is the contract's ------------------------------------------------------------


@pytest.mark.parametrize("curve", ["linear", "stairs"])
@pytest.mark.parametrize("margin", [0.0, 0.07])
@pytest.mark.parametrize("k", [0.54, 0.45, 0.35])
def test_a_sale_is_the_contracts(curve, margin, k):
    """
    The same vault, feed and auction in `exact.maker_clip`, a step a minute; the buyer buys there at
    the first minute at which the price leaves him his margin. Payment, collateral and what returns
    agree to the float's rounding; on the line the twin sells within the minute, a minute's fall
    dearer at most.
    """
    step_s, cut, buf = 60.0, 0.99, 1.3
    terms = {"curve": curve, "step_s": step_s, "cut": cut, "buf": buf, "margin": margin,
             "tau_s": 21_600.0, "tail_s": 30_000.0, "cusp": 0.1}  # fmt: skip
    chunk = play_farm([1.0] + [k] * 300, auction=terms, step_s=step_s)
    # the vault: one unit of collateral per cent of liquidity, priced in cents of value
    vat, dog = vats.Vat(Line=10**9 * RAD), clipping.Dog(Hole=10**9 * RAD, hole=10**9 * RAD)
    dog.chop_wad = 105 * WAD // 100
    vat.ilks["lp"] = vats.Ilk(rate_ray=RAY, line_rad=10**9 * RAD)
    ink = 10**6 * WAD
    per_unit = [int(worth(x) / 10**6 * 1e18) for x in (1.0, k)]
    vats.slip(vat, "lp", "alice", ink)
    vats.poke(vat, "lp", per_unit[0], mat_ray=RAY * 10 // 9)
    vats.frob(vat, "lp", "alice", "alice", "alice", ink, int(DEBT) * WAD, sender="alice")
    vats.poke(vat, "lp", per_unit[1], mat_ray=RAY * 10 // 9)
    calc = (
        curves.linear_decrease(21_600)
        if curve == "linear"
        else curves.stairstep_exponential_decrease(60, 99 * RAY // 100)
    )
    clip = clipping.Clipper("lp", calc, buf_ray=13 * RAY // 10, tail_s=30_000, cusp_ray=RAY // 10)
    vats.suck(vat, "vow", "bob", 10**6 * RAD)
    vats.hope(vat, "clip", sender="bob")
    price_wad = per_unit[1]
    clipping.bark(dog, clip, vat, "alice", "kpr", price_wad=price_wad, now_ts=60)
    for now in range(60, 20_000, 60):
        _, price = clipping.status(clip, clip.sales[1], now_ts=now)
        if price * (1.0 + margin) <= price_wad * 10**9 * (1 + 1e-12):
            sold, owe = clipping.take(
                clip, dog, vat, 1, amt=ink, max_ray=price, who="bob", sender="bob", now_ts=now
            )
            break
    paid, part = owe / RAD, sold / ink
    assert state(chunk, "liquidated_s") == now
    slack = 1e-9 if curve == "stairs" else 60.0 / 21_600.0 * buf
    lenders = min(paid, DEBT)
    forgiven = entry(chunk, "farm", "forgiven")[0]
    assert forgiven == pytest.approx(DEBT - lenders, abs=slack * worth(k) + 1e-6)
    left = gauges(chunk, "farm")["collateral"]
    assert left == pytest.approx((1.0 - part) * worth(k), abs=slack * worth(k) + 1e-6)
    taken = -entry(chunk, "farm", "penalty")[0]
    assert taken == pytest.approx(part * worth(k) - lenders, abs=slack * worth(k) + 1e-6)


# ---- ends and actors -----------------------------------------------------------------------


def test_among_rivals_it_sells_at_the_market_and_the_rest_stays_without_debt():
    """k = 0.54: V = 22,045, to be raised 21,000: 1,000 for the protocol, 1,045 are the owner's."""
    chunk = play_farm([1.0, 0.54, 0.54, 0.54])
    seen = gauges(chunk, "farm")
    assert state(chunk, "liquidated_s") == 2 * DAY_S
    assert seen["debt"] == pytest.approx(0.0, abs=1e-9)
    assert seen["collateral"] == pytest.approx(worth(0.54) - 21_000.0, rel=1e-9)
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-1_000.0, rel=1e-9)
    assert state(chunk, "auction_s") == NEVER_S


def test_gas_and_margin_are_the_owners_loss():
    """To raise 21,000 at 1 % and 100 of gas a buyer needs 21,310 of value for it."""
    terms = {"auction": FAST | {"margin": 0.01}, "liquidation": {"gas_usd": 100.0}}
    chunk = play_farm([1.0, 0.54, 0.54], **terms)
    left = worth(0.54) - 21_310.0
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(left, rel=1e-9)


def test_a_borrow_factor_calls_earlier_and_leaves_the_first_price():
    """Debt counts 1.1 and calls at 0.66; the first price is 1.2 V all the same."""
    there = {"keepers_are_there": [1.0, 1.0, 0.0, 1.0]}
    chunk = play_farm(
        [1.0] + [0.66] * 3, values=there, borrow1_factor=1.1,
        liquidation={"keepers": "keepers_are_there"},
        auction=FAST | {"tau_s": "4d"},
    )  # fmt: skip
    # 1.2 V falls by a quarter a day: 0.9 V at the last look, and V = 24,372 is worth more than that
    price = 0.9 * worth(0.66)
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(
        worth(0.66) * (1.0 - 21_000.0 / price), rel=1e-9
    )


def test_lenders_lose_what_the_market_does_not_pay():
    chunk = play_farm([1.0, 0.4, 0.4])
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(DEBT - worth(0.4), rel=1e-9)
    assert chunk.books["wallet/usd"][0] == pytest.approx(0.0, abs=1e-9)


def test_march_2020_no_keeper_for_two_days_and_it_goes_for_nothing():
    """The price reaches zero while nobody is there; who then comes bids zero."""
    there = {"keepers_are_there": [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]}
    chunk = play_farm(
        [1.0] + [0.54] * 5, values=there, liquidation={"keepers": "keepers_are_there"}
    )
    assert state(chunk, "liquidated_s") == 4 * DAY_S
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(DEBT, rel=1e-12)
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-worth(0.54), rel=1e-12)
    assert gauges(chunk, "farm")["collateral"] == 0.0


def test_a_keeper_back_early_pays_what_the_price_has_come_to():
    """A day without keepers: half of 1.2 V is gone, all of V sells for 0.6 V."""
    there = {"keepers_are_there": [1.0, 1.0, 0.0, 1.0]}
    chunk = play_farm(
        [1.0] + [0.54] * 3, values=there, liquidation={"keepers": "keepers_are_there"}
    )
    paid = 0.6 * worth(0.54)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(DEBT - paid, rel=1e-9)


def test_a_buyer_without_rivals_waits_for_the_last_price():
    """Down to 0.4 of 1.2 V on the line: a day and a fifth after the start."""
    alone = FAST | {"cusp": 0.4, "rivals": 0.0}
    chunk = play_farm([1.0] + [0.54] * 4, auction=alone)
    assert state(chunk, "liquidated_s") == 3 * DAY_S
    paid = 0.4 * 1.2 * worth(0.54)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(DEBT - paid, rel=1e-9)


def test_what_nobody_wants_is_set_up_again():
    """A margin of 90 % is more than the auction ever leaves: every day ends in a reset."""
    picky = FAST | {"cusp": 0.7, "margin": 0.9}
    chunk = play_farm([1.0] + [0.54] * 5, auction=picky)
    assert state(chunk, "liquidated_s") == NEVER_S
    assert state(chunk, "resets") == 4.0
    assert gauges(chunk, "farm")["debt"] == pytest.approx(DEBT)


def test_an_auction_goes_on_when_the_price_recovers():
    """Called at 0.5, at 0.7 a day later: of 25,100 so much is sold as raises 21,000."""
    chunk = play_farm([1.0, 0.5, 0.7], auction=FAST | {"tau_s": "1d"})
    assert state(chunk, "liquidated_s") == 2 * DAY_S
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(worth(0.7) - 21_000.0, rel=1e-9)


def test_what_is_up_for_auction_is_not_the_owners_to_change():
    """Delevering does nothing; closing pays the penalty of 1,000 beside the debt."""
    seen = []

    def act(chunk):
        if chunk.now.step == 1:
            told(chunk, "farm", "delever", 1.5)
            seen.append(gauges(chunk, "farm")["debt"])
            told(chunk, "farm", "close")
            seen.append(float(chunk.books["wallet/usd"][0]))

    chunk = play_farm([1.0, 0.54, 0.54], watchers=(act,))
    assert seen == [pytest.approx(DEBT), pytest.approx(worth(0.54) - 21_000.0, rel=1e-9)]
    assert state(chunk, "auction_s") == NEVER_S


def test_a_shallow_pool_makes_the_buyer_pay_less():
    deep = play_farm([1.0, 0.4, 0.4])
    shallow = play_farm([1.0, 0.4, 0.4], pool_usd=2e5)
    lost = [entry(chunk, "farm", "forgiven")[0] for chunk in (deep, shallow)]
    assert lost[1] > lost[0] + 500.0


def test_a_range_can_be_sold_by_auction_too():
    position = LeveredV3(
        name="farm", token0="eth", token1="usdc", deposit={"usdc": DEPOSIT}, leverage=3.0,
        threshold=0.9, fee=0.0, swap_cost=0.0, penalty=0.05,
        range={"lower": 1_000.0, "upper": 4_000.0, "snap": "none"},
        liquidation={"rule": "auction", "auction": FAST},
    )  # fmt: skip
    world = {"eth_usd": [2_000.0, 1_220.0, 1_220.0], "usdc_usd": 1.0}
    calm = played(
        scripted(replace(position, liquidation=Liquidation(keepers=0.0)), values=world,
                 wallet={"usdc": DEPOSIT})
    )  # fmt: skip
    value = gauges(calm, "farm")["collateral"]
    assert 21_000.0 < value < DEBT / 0.9
    chunk = played(scripted(position, values=world, wallet={"usdc": DEPOSIT}))
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(value - 21_000.0, rel=1e-6)
    assert gauges(chunk, "farm")["debt"] == pytest.approx(0.0, abs=1e-6)


# ---- Euler's ------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0.54, 0.5, 0.47, 0.42, 0.3])
def test_a_takeover_is_eulers(k):
    """The same account in `exact.euler_v2`: debt taken over, collateral for it, lenders' loss."""
    terms = {"rule": "health", "takes": "needed"}
    chunk = play_farm([1.0, k], penalty=0.15, liquidation=terms)
    held, owed = round(worth(k) * 10**12), round(DEBT * 10**12)
    vault = euler.Vault(euler.VaultConfig(max_liquidation_discount=1_500))
    vault.collateral["alice"] = held
    euler.borrow(vault, "alice", owed, now_ts=0)
    view = euler.Valuation(
        collateral_value=held, collateral_adjusted_value=held * 9 // 10, liability_value=owed
    )
    repaid, gained, lost = euler.liquidate(vault, "bob", "alice", view, now_ts=0)
    seen = gauges(chunk, "farm")
    assert seen["debt"] == pytest.approx(0.0, abs=1e-6)
    assert seen["collateral"] == pytest.approx((held - gained) / 1e12, abs=1e-6)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(lost / 1e12, abs=1e-6)
    assert -entry(chunk, "farm", "penalty")[0] == pytest.approx((gained - repaid) / 1e12, abs=1e-6)


# ---- extremes and nonsense -----------------------------------------------------------------


@pytest.mark.parametrize("curve", ["linear", "stairs", "exponential"])
@pytest.mark.parametrize("last", [1e-9, 1e-4, 1e4, 1e9])
def test_extreme_prices_stay_finite(curve, last):
    terms = {"curve": curve, "tail_s": "1d"}
    chunk = play_farm([1.0, 0.54, last, last, last], auction=terms, pool_usd=1e6)
    assert np.isfinite(chunk.books.data).all()
    assert np.isfinite(seat(chunk, "farm").state.data).all()


@pytest.mark.parametrize(
    ("terms", "word"),
    [({"rule": "auction", "close_factor": 0.5}, "auction"), ({"takes": "some"}, "takes"),
     ({"auction": {"buf": 0.9}}, "buf"), ({"auction": {"cut": 1.0}}, "cut"),
     ({"auction": {"curve": "steps"}}, "curve"), ({"auction": {"tail_s": 0}}, "tail_s")],
)  # fmt: skip
def test_nonsense_is_named(terms, word):
    with pytest.raises(ValidationError, match=word):
        Liquidation(**terms)


def test_the_last_price_of_the_stairs_is_the_last_step_above_the_end():
    """0.99^91 = 0.4007 is the last step above 0.4."""
    assert Auction(tail_s=86_400).least() == pytest.approx(0.99**91)
    assert Auction(tail_s=900).least() == pytest.approx(0.99**10)
