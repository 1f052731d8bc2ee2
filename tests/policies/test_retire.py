"""
Sources of expected values: margins by hand, at a millionth of a coin per TH/s and day.

    old   20 TH/s, 1.5 kW at 50 USD per MWh: obsolete below 90,000 USD a coin (1.80 a day)
"""

import doctest

import pytest
from scripted import entry, played, scripted, seat

from headframe.policies import retire as module
from headframe.policies.retire import Retire
from headframe.positions.mine import Mine

DIFFICULTY = 86_400e12 * 3.125 * 1e6 / 2**32
OLD = {
    "model": "old",
    "count": 10,
    "hashrate_th_s": 20,
    "power_w": 1_500,
    "asset": "old",
    "resale_cost": 0.1,
    "scrap_usd": 5.0,
}
UP, DOWN = 100_000.0, 80_000.0


def left(coin, do=None, rule=None, machines=None, **values):
    mine = Mine(
        name="mine",
        fleet={
            "machines": [{**OLD, **(machines or {})}],
            "ambient_c": "site_ambient_c",
        },
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": 50.0},
        difficulty=DIFFICULTY,
        subsidy=3.125,
        fees=0.0,
        billing_s="52w",
    )
    usual = {"name": "old", "position": "mine", "batch": "old", "for_s": "4d"}
    book = scripted(
        mine,
        values={"btc_usd": coin, "old_usd": 100.0, "site_ambient_c": 20.0, **values},
        n_steps=len(coin) - 1,
        policies=(Retire(**(usual | (rule or {}))),),
        start_ts=1_780_272_000.0,
    )
    seen = []

    def watch(chunk):
        if do is not None:
            do(chunk)
        seen.append(seat(chunk, "mine").state["old_owned"][0])

    return played(book, watchers=[watch]), seen


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_machines_go_when_they_have_not_paid_for_long():
    chunk, seen = left([UP] * 3 + [DOWN] * 8)
    assert seen == [10.0] * 7 + [0.0] * 4  # below since day 3, for four days on day 7
    assert chunk.books["wallet/usd"][0] == pytest.approx(10 * 90.0)
    assert entry(chunk, "mine", "slippage")[0] == pytest.approx(-100.0)


def test_a_day_that_pays_starts_the_clock_anew():
    _, seen = left([UP] * 3 + [DOWN] * 2 + [UP] + [DOWN] * 8)
    assert seen == [10.0] * 10 + [0.0] * 4


def test_below_another_margin():
    # at 100,000 the margin is 0.20 a day
    assert left([UP] * 8, rule={"below_usd_per_day": 0.19})[1][-1] == 10.0
    assert left([UP] * 8, rule={"below_usd_per_day": 0.21})[1][-1] == 0.0


def test_a_price_of_power_of_its_own_decides():
    # at 60 USD per MWh energy is 2.16 a day
    assert left([UP] * 8, rule={"power_usd_per_mwh": 60.0})[1][-1] == 0.0
    assert left([DOWN] * 8, rule={"power_usd_per_mwh": 40.0})[1][-1] == 10.0


def test_scrap_instead_of_sale():
    chunk, seen = left([DOWN] * 8, rule={"how": "scrap"})
    assert seen[-1] == 0.0
    assert chunk.books["wallet/usd"][0] == pytest.approx(50.0)
    assert entry(chunk, "mine", "depreciation")[0] == pytest.approx(-950.0)


def test_of_broken_ones_the_scrap_is_sold():
    def breaking(chunk):
        if chunk.now.step == 3:
            seat(chunk, "mine").state["old_broken"][:] = 4.0

    chunk, seen = left([DOWN] * 8, breaking)
    assert seen[-1] == 0.0
    assert chunk.books["wallet/usd"][0] == pytest.approx(6 * 90.0 + 4 * 5.0)


def test_while_no_machine_runs_the_clock_stands_still():
    # On days 2 and 3 heat stops everything: no price of power is known, and nothing is sold then.
    heat = [20.0, 20.0, 60.0, 60.0, 20.0, 20.0, 20.0, 20.0, 20.0]
    _, seen = left([DOWN] * 9, site_ambient_c=heat, rule={"for_s": "2d"})
    assert seen == [10.0] * 4 + [0.0] * 5
