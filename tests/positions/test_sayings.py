"""
What is said of leveraged farming, played.

The sayings: 1,000 at five times in a farm of 20 % makes 1,000, and 600 after 10 % on what is
borrowed; ten times is wiped out by ten per cent, which is true of a plain loan and not of a farm.
"""

import math

import pytest
from scripted import gauges, opened, played, scripted, seat

from headframe.positions.aave_v3 import AaveV3
from headframe.positions.levered import Levered
from headframe.types import NEVER_S

BARE = {"fee": 0.0, "swap_cost": 0.0, "penalty": 0.0}


def farm(**changes):
    usual = {"name": "farm", "token0": "eth", "token1": "usdc", "deposit": {"usdc": 1_000.0}}
    return Levered(**(usual | BARE | {"leverage": 10.0, "threshold": 0.95} | changes))


def after(position, fall):
    values = {"eth_usd": [2_000.0, 2_000.0 * (1.0 - fall)], "usdc_usd": 1.0}
    return played(scripted(position, values=values, wallet={"usdc": 1_000.0}))


def liquidated(chunk):
    return bool(seat(chunk, "farm").state["liquidated_s"][0] < NEVER_S)


def test_a_thousand_at_five_times_makes_a_thousand_gross_and_six_hundred_net():
    """A year of fees at 20 % on 5,000, and of 10 % on 4,000, both simple: in one step."""
    terms = {"leverage": 5.0, "fee": 0.2 / 365.0, "turnover": 1.0}
    for borrow_apr, made in ((0.0, 1_000.0), (0.1, 600.0)):
        values = {"eth_usd": [2_000.0, 2_000.0], "usdc_usd": 1.0}
        book = scripted(
            farm(**terms, borrow1_apr=borrow_apr),
            values=values,
            wallet={"usdc": 1_000.0},
            step_s=365.0 * 86_400.0,
        )
        assert gauges(played(book), "farm")["equity"] - 1_000.0 == pytest.approx(made)


def test_a_plain_loan_at_ten_times_is_wiped_out_by_ten_per_cent():
    """10 of ether against 9 of dollars: nothing is left, and the lender has sold before."""
    loan = AaveV3(
        name="farm",
        supply=({"asset": "eth", "ltv": 0.94, "threshold": 0.95, "bonus": 0.0},),
        borrow=({"asset": "usdc"},),
        deposit={"usdc": 1_000.0},
        leverage=10.0,
        swap_cost=0.0,
    )
    safe, lost, gone = (after(loan, fall) for fall in (0.052, 0.053, 0.10))
    assert gauges(safe, "farm")["equity"] == pytest.approx(480.0)
    assert not liquidated(safe)
    assert liquidated(lost)
    assert gone.books["wealth"][0] == pytest.approx(0.0, abs=1e-6)


def test_a_farm_at_ten_times_keeps_487_of_a_thousand_there():
    chunk = after(farm(), 0.10)
    assert gauges(chunk, "farm")["equity"] == pytest.approx(487.0, abs=0.5)
    assert gauges(chunk, "farm")["equity"] == pytest.approx(1_000.0 * (10.0 * math.sqrt(0.9) - 9))
    assert not liquidated(chunk)


def test_it_is_zero_at_minus_19_per_cent_if_nobody_comes():
    waits = farm(liquidation={"keepers": 0.0})
    assert gauges(after(waits, 0.19), "farm")["equity"] == pytest.approx(0.0, abs=1e-6)


def test_and_is_liquidated_at_minus_10_25_per_cent():
    assert farm().liquidation_price_ratios() == pytest.approx([1.0 - 0.1025], abs=5e-5)
    assert not liquidated(after(farm(), 0.1024))
    assert liquidated(after(farm(), 0.1026))


def test_a_stable_pair_at_six_times_survives_a_depeg_of_fourteen_per_cent():
    pair = farm(leverage=6.0, threshold=0.90)
    assert pair.liquidation_price_ratios() == pytest.approx([(5.0 / 5.4) ** 2])
    assert not liquidated(after(pair, 0.142))
    assert liquidated(after(pair, 0.143))


def test_three_quarters_of_the_debt_in_ether_make_a_farm_of_three_times_neutral():
    """Alpaca's 1.5 of ether and 0.5 of dollars on 1 of equity: 1.5 held, 1.5 owed."""
    values = {"eth_usd": [2_000.0], "usdc_usd": 1.0}
    neutral = farm(leverage=3.0, debt0_share=0.75)
    chunk = opened(scripted(neutral, values=values, wallet={"usdc": 1_000.0}))
    held = seat(chunk, "farm").held
    assert held["eth"][0] == pytest.approx(0.0, abs=1e-12)
    assert seat(chunk, "farm").state["debt1"][0] == pytest.approx(500.0)
