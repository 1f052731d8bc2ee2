"""
Sources of expected values: plates and the measured S19j Pro; two S21 on test (490 MHz up to 40
degrees, 440 at 47, a stop above); months of release; and sums written out.
"""

import doctest
from datetime import UTC, datetime

import pytest
from scripted import gauges, opened, played, scripted, seat

from headframe.book_file import book_from_toml
from headframe.errors import InputError
from headframe.positions import machines as module
from headframe.positions.machines import Machines
from headframe.positions.mine import Mine

DAY_S, YEAR_S = 86_400.0, 31_536_000.0
S21 = {"model": "antminer_s21", "count": 100}
OWN = {"model": "own", "count": 1, "hashrate_th_s": 100, "efficiency_j_per_th": 30.0}


def ts(year, month, day):
    return datetime(year, month, day, tzinfo=UTC).timestamp()


def make_mine(machines, held=True, **fleet):
    return Mine(
        name="mine",
        fleet={"machines": [machines], **fleet},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": 0.0},
        difficulty=1.2e14,
        subsidy=3.125,
        fees=0.0,
        **({"held": {}} if held else {}),
    )


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# what a machine does -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "th_s", "watts"),
    [
        ({}, 200.0, 3500.0),
        ({"preset": "low_power"}, 200 * 74.5 / 96, 3500 * 1905 / 2850),
        ({"meter_error": 0.05}, 200.0, 3675.0),
        ({"meter_error": -0.1}, 200.0, 3150.0),
        ({"power_w": 3600.0}, 200.0, 3600.0),  # a meter goes before a plate
        ({"power_w": 3600.0, "meter_error": 0.05}, 200.0, 3780.0),
        ({"hashrate_th_s": 188.0, "efficiency_j_per_th": 18.0}, 188.0, 3384.0),
        ({"hashrate_th_s": 190.0}, 190.0, 3500.0),
        (
            {
                "preset": "winter",
                "presets": [{"name": "winter", "hashrate_th_s": 230, "power_w": 4300}],
            },
            230.0,
            4300.0,
        ),
    ],
)
def test_hash_rate_and_power_at_a_setting(changes, th_s, watts):
    machines = Machines(**S21, **changes)
    assert machines.th_s == pytest.approx(th_s, rel=1e-12)
    assert machines.power_kw * 1e3 == pytest.approx(watts, rel=1e-12)


@pytest.mark.parametrize(
    ("ambient_c", "share"),
    [
        (-10.0, 1.0),
        (40.0, 1.0),
        (43.5, (490 + 440) / 2 / 490),  # half way
        (47.0, 440 / 490),
        (47.001, 0.0),
    ],
)
def test_heat_slows_air_cooled_machines_down_and_stops_them(ambient_c, share):
    chunk = opened(
        scripted(make_mine(S21, ambient_c=ambient_c), values={"btc_usd": [60_000.0] * 2})
    )
    found = gauges(chunk, "mine")
    assert found["work_th_s"] == pytest.approx(20_000.0 * share, rel=1e-12)
    assert found["power_mw"] == pytest.approx(0.35 * share, rel=1e-12)


def test_fans_work_harder_above_the_mild_temperature():
    values = {"btc_usd": [60_000.0] * 4, "site_ambient_c": [20.0, 30.0, 35.0, 10.0]}
    mine = make_mine(S21, pue=1.05, pue_per_c=0.004, ambient_c="site_ambient_c")
    seen = []
    played(
        scripted(mine, values=values),
        watchers=[lambda c: seen.append(gauges(c, "mine")["power_mw"])],
    )
    assert seen == pytest.approx([0.35 * pue for pue in (1.05, 1.09, 1.11, 1.05)], rel=1e-12)


def test_the_heat_of_a_step_is_that_of_its_beginning():
    """Work of a day is done at the capacity measured before it, as prices are known then."""
    values = {"btc_usd": [60_000.0] * 3, "site_ambient_c": [20.0, 47.0, 20.0]}
    mine = make_mine(S21, ambient_c="site_ambient_c")
    seen = []
    played(
        scripted(mine, values=values),
        watchers=[lambda c: seen.append(seat(c, "mine").state["work_th"][0] / DAY_S)],
    )
    assert seen == pytest.approx([0.0, 20_000.0, 20_000.0 * 440 / 490], rel=1e-12)


def test_own_figures_of_heat_go_before_those_of_the_cooling():
    usual = Machines(model="antminer_s21_hyd", count=1).heat
    assert usual == (45.0, 0.01, 60.0)
    assert Machines(**S21, cooling="immersion").heat == (45.0, 0.01, 60.0)
    own = Machines(**S21, derate_from_c=30.0, derate_per_c=0.02, stop_above_c=45.0).heat
    assert own == (30.0, 0.02, 45.0)


def test_price_efficiency_and_energy_of_one_machine_can_be_read():
    machines = {**S21, "price_usd": 2_600.0, "uptime": 0.9, "degradation_per_year": 0.05}
    machines["age_s"] = "1y"
    chunk = opened(
        scripted(
            make_mine(machines, pue=1.1),
            values={"btc_usd": [60_000.0] * 2},
            start_ts=ts(2026, 1, 1),
        )
    )
    found = gauges(chunk, "mine")
    # 200 TH/s for a day at difficulty 1.2e14, 90 % of the time, 5 % slower by age
    coins = 200e12 * 86_400 / (1.2e14 * 2**32) * 3.125
    income = coins * 60_000.0 * 0.9 * 0.95
    assert found["antminer_s21_income_usd_per_day"] == pytest.approx(income, rel=1e-9)
    assert found["antminer_s21_kwh_per_day"] == pytest.approx(3.5 * 0.9 * 1.1 * 24)
    assert found["antminer_s21_price_usd"] == 2_600.0
    assert (found["antminer_s21_owned"], found["antminer_s21_ordered"]) == (100.0, 0.0)


# dates ---------------------------------------------------------------------------------------


def test_age_follows_from_the_day_of_purchase():
    machines = Machines(**S21, bought="2024-07-01", price_usd=3_000.0, life_s="4y")
    assert machines.aged(ts(2026, 7, 1)) == 730 * DAY_S
    assert machines.book_usd(730 * DAY_S) == pytest.approx(1_500.0)
    book = scripted(
        make_mine({**S21, "bought": "2024-07-01", "price_usd": 3_000.0}),
        values={"btc_usd": [60_000.0] * 2},
        start_ts=ts(2026, 7, 1),
    )
    assert seat(opened(book), "mine").held["usd"][0] == pytest.approx(150_000.0)


def started(machines, day, **mine):
    return scripted(
        make_mine(machines, **mine),
        values={"btc_usd": [60_000.0] * 2},
        wallet={"usd": 1e6},
        start_ts=day,
    )


@pytest.mark.parametrize(
    ("machines", "held", "day", "says"),
    [
        ({"age_s": "3y"}, True, ts(2026, 1, 1), r"is older than its model: 2023-01-02, but"),
        ({"bought": "2026-02-01"}, True, ts(2026, 1, 1), r"bought 2026-02-01 lies after the book"),
        ({"price_usd": 9.0}, False, ts(2023, 8, 1), r"delivered before it is sold: 2023-08-01"),
        (
            {"price_usd": 9.0, "lead_s": "30d"},
            False,
            ts(2023, 8, 1),
            r"delivered before it is sold: 2023-08-31",
        ),
    ],
)
def test_machines_from_before_their_month_of_release_are_refused(machines, held, day, says):
    with pytest.raises(InputError, match=says) as caught:
        started({**S21, **machines}, day, held=held)
    assert "antminer_s21" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("machines", "held", "day"),
    [
        ({"age_s": "2y"}, True, ts(2026, 1, 1)),
        ({"bought": "2023-09-01"}, True, ts(2026, 1, 1)),
        ({"price_usd": 9.0, "lead_s": "31d"}, False, ts(2023, 8, 1)),
        ({"count": 0, "age_s": "9y"}, True, ts(2026, 1, 1)),  # none there, none too old
        ({**OWN, "age_s": "30y"}, True, ts(2026, 1, 1)),  # the catalogue knows nothing of it
        ({"model": "bitaxe_supra", "age_s": "9y"}, True, ts(2026, 1, 1)),  # undated there
    ],
)
def test_machines_that_there_were_are_taken(machines, held, day):
    assert started({**S21, **machines}, day, held=held).positions


def test_a_purchase_before_the_release_is_refused_whatever_the_book():
    with pytest.raises(ValueError, match="bought 2023-08-31 lies before the first month"):
        Machines(**S21, bought="2023-08-31")


def test_a_book_of_text_says_where_the_date_is_wrong():
    text = """
        name = "late"
        start = 2026-01-01
        [process.btc_usd]
        kind = "constant"
        value = 60_000.0
        [position.mine]
        kind = "mine"
        held = {}
        difficulty = 1.2e14
        subsidy = 3.125
        fees = 0.0
        pool = { kind = "fpps", fee = 0.0 }
        power = { kind = "fixed", usd_per_mwh = 50 }
        [[position.mine.fleet.machines]]
        model = "antminer_s21"
        count = 1
        bought = 2026-06-01
    """
    with pytest.raises(InputError) as caught:
        book_from_toml(text)
    assert str(caught.value) == (
        "book: position.mine.fleet.machines, antminer_s21: "
        "bought 2026-06-01 lies after the book's start, 2026-01-01"
    )


# refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "antminer_s22"}, "did you mean"),
        ({"preset": "turbo"}, "one of nameplate, low_power"),
        ({"power_w": 1.0, "efficiency_j_per_th": 1.0}, "not both"),
        ({"bought": "2024-01-01", "age_s": 1.0}, "not both"),
        ({"instalments": 3}, "instalments need a lead_s"),
        ({"instalments": 61, "lead_s": "1d"}, "instalments"),
        ({"stop_above_c": 39.0}, "stop_above_c must be above"),
        ({"meter_error": -0.5}, "meter_error"),
        ({"cancel_cost": 1.1}, "cancel_cost"),
    ],
)
def test_impossible_machines_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        Machines(**{**S21, **changes})
