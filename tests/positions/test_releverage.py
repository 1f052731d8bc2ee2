"""Changing leverage and debts: balance sheets by hand, and the golden prices of mixed debt."""

import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3
from headframe.positions.threshold_change import ThresholdChange, still_to_come, threshold_at
from headframe.types import NEVER_S
from headframe.units import DAY_S

START = 2_000.0
FLAT = {"eth_usd": START, "usdc_usd": 1.0}


def levered(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"eth": 2.5, "usdc": 5_000.0},
        "leverage": 2.0,
        "threshold": 5 / 6,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return Levered(**(usual | changes))


def ranged(**changes):
    bounds = {"lower": START / 1.5, "upper": START * 1.5, "snap": "none"}
    bare = levered(**changes)
    keys = ("name", "token0", "token1", "deposit", "leverage", "threshold", "fee", "swap_cost")
    kept = {key: getattr(bare, key) for key in keys} | changes
    return LeveredV3(range=bounds, **kept)


WALLET = {"eth": 2.5, "usdc": 5_000.0}


def desk(farm, values=FLAT, **rest):
    return scripted(farm, values=values, wallet=WALLET, **rest)


@pytest.mark.parametrize("kind", [levered, ranged])
def test_without_costs_leverage_is_borrowed_and_repaid(kind):
    chunk = opened(desk(kind()))
    for target in (3.0, 1.5, 1.0, 2.5):
        told(chunk, "farm", "lever", target)
        found = gauges(chunk, "farm")
        assert found["leverage"] == pytest.approx(target, rel=1e-9)
        assert found["equity"] == pytest.approx(10_000.0, rel=1e-9)
        assert found["debt_usdc"] == pytest.approx((target - 1.0) * 10_000.0, abs=1e-4)


def test_what_raising_and_lowering_cost():
    """
    At 0.3 % half of a dollar loan is swapped: V + B (1 - c) = 3 (E - c B) with c = 0.15 %;
    back: 30,000' (1 - s) = 2 (E - 0.003 V s), all of what is sold pays.
    """
    chunk = opened(desk(levered()))
    priced = desk(levered(swap_cost=0.003))
    chunk = opened(priced)
    start = gauges(chunk, "farm")
    value, debt = start["collateral"], start["debt"]
    equity = value - debt
    told(chunk, "farm", "lever", 3.0)
    borrowed = (3.0 * equity - value) / (1.0 - 0.0015 + 3.0 * 0.0015)
    found = gauges(chunk, "farm")
    assert found["debt_usdc"] == pytest.approx(debt + borrowed, rel=1e-10)
    assert found["equity"] == pytest.approx(equity - 0.0015 * borrowed, rel=1e-10)
    value, equity = found["collateral"], found["equity"]
    sold = (value - 2.0 * equity) / (1.0 - 2.0 * 0.003)
    told(chunk, "farm", "lever", 2.0)
    found = gauges(chunk, "farm")
    assert found["equity"] == pytest.approx(equity - 0.003 * sold, rel=1e-10)
    assert found["debt"] == pytest.approx(value - equity - 0.997 * sold, rel=1e-10)


def test_gas_is_paid_once_and_dust_is_not_moved():
    chunk = opened(desk(levered(gas_usd=10.0)))
    paid = entry(chunk, "farm", "gas")[0]
    told(chunk, "farm", "lever", 3.0)
    assert entry(chunk, "farm", "gas")[0] - paid == pytest.approx(-10.0)
    before = gauges(chunk, "farm")
    told(chunk, "farm", "lever", before["leverage"] * (1.0 + 1e-4))
    assert gauges(chunk, "farm") == before


@pytest.mark.parametrize("kind", [levered, ranged])
def test_no_lender_lends_beyond_a_health_of_1(kind):
    """A threshold of 5/6 carries six times and no more."""
    chunk = opened(desk(kind()))
    told(chunk, "farm", "lever", 6.01)
    assert gauges(chunk, "farm")["leverage"] == pytest.approx(2.0)
    told(chunk, "farm", "lever", 5.99)
    assert gauges(chunk, "farm")["leverage"] == pytest.approx(5.99)
    assert gauges(chunk, "farm")["health"] > 1.0


@pytest.mark.parametrize("kind", [levered, ranged])
def test_debt_is_moved_at_the_cost_of_a_swap(kind):
    """20,000 of dollars owed; for 5 ether 10,000 are borrowed, 30 are lost, 9,970 repaid."""
    chunk = opened(desk(kind(leverage=3.0)))
    told(chunk, "farm", "rebalance_debt", 5.0)
    assert gauges(chunk, "farm")["debt_usdc"] == pytest.approx(10_000.0, rel=1e-9)
    dear = opened(desk(kind(leverage=3.0, swap_cost=0.003)))
    owed, equity = gauges(dear, "farm")["debt_usdc"], gauges(dear, "farm")["equity"]
    told(dear, "farm", "rebalance_debt", 5.0)
    found = gauges(dear, "farm")
    assert found["debt_eth"] == pytest.approx(5.0)
    assert found["debt_usdc"] == pytest.approx(owed - 9_970.0)
    assert found["equity"] == pytest.approx(equity - 30.0)
    told(dear, "farm", "rebalance_debt", 0.0)
    assert gauges(dear, "farm")["debt_usdc"] == pytest.approx(owed - 9_970.0 + 10_000.0 / 0.997)
    assert gauges(dear, "farm")["debt_eth"] == pytest.approx(0.0, abs=1e-9)


def test_all_of_the_debt_is_the_most_that_is_moved():
    chunk = opened(desk(levered(leverage=3.0)))
    told(chunk, "farm", "rebalance_debt", 50.0)
    assert gauges(chunk, "farm")["debt_eth"] == pytest.approx(10.0, rel=1e-9)
    assert gauges(chunk, "farm")["debt_usdc"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("end", "liquidated"), [(3.98, False), (4.02, True), (0.251, False), (0.249, True)]
)
def test_half_the_debt_moved_is_liquidated_at_a_quarter_and_at_four(end, liquidated):
    """Three times, a = 0.5, threshold 5/6: 0.25 and 4 exactly (the mixed root formula)."""
    values = {"eth_usd": [START, START, end * START], "usdc_usd": 1.0}

    class Mover:
        name, every_s, lag_s, fields, trades, reads = "mover", None, 0.0, (), (), ()
        needs = (("farm", (), ("rebalance_debt",)),)

        def wire(self, layout, dt_s):
            return None

        def open(self, state, view, now):
            return None

        def decide(self, state, view, now):
            from headframe.position import Order

            mask = view.gauge("farm", "debt") > 0.0
            if now.step != 1:
                return ()
            return (Order(position="farm", verb="rebalance_debt", mask=mask, amount=5.0),)

    chunk = played(desk(levered(leverage=3.0), values=values, policies=(Mover(),)))
    assert (seat(chunk, "farm").state["liquidated_s"][0] < NEVER_S) == liquidated


def test_nothing_is_done_while_the_guard_holds():
    """Pool and oracle are 10 % apart, the guard allows 5 %."""
    farm = levered(oracle0=0.9, liquidation={"guard": 1.05}, threshold=0.95)
    chunk = opened(desk(farm))
    for verb, amount in (("lever", 3.0), ("lever", 1.5), ("rebalance_debt", 2.0)):
        told(chunk, "farm", verb, amount)
        assert gauges(chunk, "farm")["leverage"] == pytest.approx(2.0)
        assert gauges(chunk, "farm")["debt_eth"] == 0.0


@pytest.mark.parametrize("kind", [levered, ranged])
def test_a_threshold_that_falls_liquidates_on_its_day(kind):
    """A debt ratio of 2/3 is met by the ramp from 0.8 to 0.65 after 8.9 of its ten days."""
    changes = ({"at_s": "2d", "to": 0.65, "over_s": "10d"},)
    farm = kind(leverage=3.0, threshold=0.8, threshold_changes=changes)
    chunk = played(desk(farm, n_steps=20))
    assert seat(chunk, "farm").state["liquidated_s"][0] == 11 * DAY_S
    spared = played(desk(kind(leverage=3.0, threshold=0.8), n_steps=20))
    assert seat(spared, "farm").state["liquidated_s"][0] == NEVER_S


def test_thresholds_by_date():
    changes = (
        ThresholdChange(at_s="10d", to=0.7),
        ThresholdChange(at_s="20d", to=0.9, over_s="10d"),
    )
    at = [threshold_at(0.8, changes, day * DAY_S) for day in (0, 9.99, 10, 15, 25, 40)]
    assert at == pytest.approx([0.8, 0.8, 0.7, 0.7, 0.8, 0.9])
    worst = [still_to_come(0.8, changes, day * DAY_S) for day in (0, 15, 40)]
    assert worst == pytest.approx([0.7 / 0.8, 1.0, 1.0])
    with pytest.raises(ValueError, match="before the one before it has ended"):
        levered(
            threshold_changes=({"at_s": 10.0, "to": 0.8, "over_s": 5.0}, {"at_s": 14.0, "to": 1})
        )
