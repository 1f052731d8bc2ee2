"""
Sources of expected values: a megawatt under contract and mining on, by hand. Ten machines of 100
TH/s at 2 kW earn 48 USD a PH/s and day: 48 - 24 = 24 USD a day on 20 kW, 1,200 a megawatt, 438,000
a year. Without discounting a contract of net 600,000 a year over ten years, after one of building,
is worth 6 million against 11 x 438,000 = 4.818 million: 1.182 million more.
"""

import doctest
import math

import pytest
from scripted import entry, played, scripted, seat

from headframe.policies import convert as module
from headframe.policies.convert import Convert
from headframe.positions.compute_lease import ComputeLease
from headframe.positions.mine import Mine

PRICE = 48.0 * 1e14 * 2**32 / (86_400 * 1e15)
RIG = {"model": "rig", "count": 10, "hashrate_th_s": 100.0, "power_w": 2_000.0}


def signed(*, capital, mw=0.009, usd=1e5, n_steps=3, coin=PRICE, **changes):
    """Megawatts signed, machines left, and the chunk."""
    mine = Mine(
        name="mine",
        fleet={"machines": [RIG]},
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": 50.0},
        difficulty=1e14,
        subsidy=1.0,
        fees=0.0,
    )
    lease = ComputeLease(
        name="tenant",
        mw=mw,
        usd_per_mw_year=1_000_000.0,
        take_or_pay_share=0.8,
        use_share=0.5,
        running_usd_per_mw_year=200_000.0,
        capital_usd_per_mw=capital,
        delay_s="365d",
        term_s=10 * 365 * 86_400.0,
    )
    usual = {"name": "turn", "position": "mine", "lease": "tenant", "batch": "rig"}
    rule = Convert(**(usual | {"discount_apr": 0.0} | changes))
    book = scripted(
        mine,
        lease,
        values={"btc_usd": coin},
        wallet={"usd": usd},
        n_steps=n_steps,
        policies=(rule,),
    )
    chunk = played(book)
    mw = seat(chunk, "tenant").state["signed_mw"][0]
    return mw, seat(chunk, "mine").state["rig_owned"][0], chunk


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("capital", "turns"), [(1.18e6, True), (1.185e6, False)])
def test_it_is_signed_where_the_contract_is_worth_more(capital, turns):
    mw, left, chunk = signed(capital=capital)
    assert mw == (0.009 if turns else 0.0)
    assert left == (5.0 if turns else 10.0)  # 4.5 machines used the 9 kW
    paid = entry(chunk, "tenant", "principal")[0]
    assert paid == pytest.approx(0.0)
    assert seat(chunk, "tenant").held["usd"][0] == pytest.approx(mw * capital)


def test_a_discount_and_a_fading_margin_move_the_line():
    """Margins that fall by a tenth a year are worth 438,000 (1 - e^-1.1) / 0.1."""
    line = 6.0e6 - 438_000.0 * (1.0 - math.exp(-1.1)) / 0.1
    for capital, turns in ((line - 1e3, True), (line + 1e3, False)):
        mw, _, _ = signed(capital=capital, growth_apr=-0.1)
        assert (mw > 0.0) == turns
    # at a discount of 5 %: 600,000 (e^-.05 - e^-.55) / .05 - 438,000 (1 - e^-.55) / .05
    paid = 6e5 * (math.exp(-0.05) - math.exp(-0.55)) / 0.05
    line = paid - 438_000.0 * (1.0 - math.exp(-0.55)) / 0.05
    for capital, turns in ((line - 1e3, True), (line + 1e3, False)):
        mw, _, _ = signed(capital=capital, discount_apr=0.05)
        assert (mw > 0.0) == turns


def test_the_right_to_wait_is_a_hurdle():
    assert signed(capital=1.0e6, hurdle_usd_per_mw=1.8e5)[0] == 0.009
    assert signed(capital=1.0e6, hurdle_usd_per_mw=1.9e5)[0] == 0.0


def test_neither_money_nor_megawatts_that_are_not_there():
    assert signed(capital=1.0e6, cash_floor_usd=92_000.0)[0] == 0.0
    assert signed(capital=1.0e6, cash_floor_usd=90_000.0)[0] == 0.009
    assert signed(capital=1.0e6, mw=0.021, usd=1e6)[0] == 0.0


def test_a_dear_coin_keeps_the_mine():
    assert signed(capital=0.0, coin=2.0 * PRICE)[0] == 0.0
