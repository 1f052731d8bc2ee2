"""Joining by rule: as-of for points, sums and splits for totals, a gap for what no rule covers."""

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.errors import DataError, GapError, InputError
from headframe.scenarios.columns import Column, Series, overlap, series_of
from headframe.units import DAY_S, HOUR_S

MIDNIGHT = 1_577_836_800.0


def series(made, **rule):
    return Series.of("x", Column(column="x", **rule), made)


def grid(n, every_s=DAY_S, first_s=0.0):
    return MIDNIGHT + first_s + every_s * np.arange(n)


def test_a_point_holds_until_the_next(table):
    one = series(table(3, x=[1.0, 2.0, 3.0]))
    hourly = one.on(grid(49, HOUR_S), 1)
    assert (hourly == [1.0] * 24 + [2.0] * 24 + [3.0]).all()


def test_a_point_is_known_only_after_its_lag(table):
    one = series(table(3, x=[1.0, 2.0, 3.0]), lag_s="6h", largest_age_s="30h")
    assert one.span_ts == (MIDNIGHT + 6 * HOUR_S, MIDNIGHT + 54 * HOUR_S)
    found = one.on(grid(5, 6 * HOUR_S, 18 * HOUR_S), 1)
    assert (found == [1.0, 1.0, 2.0, 2.0, 2.0]).all()


def test_a_missing_row_is_a_gap_unless_a_largest_age_covers_it(table):
    made = table(4, x=[1.0, np.nan, 3.0, 4.0])
    with pytest.raises(GapError, match="86400 s old") as refusal:
        series(made).on(grid(4), 1)
    assert refusal.value.source == "made.csv"
    assert refusal.value.key == "x"
    assert refusal.value.timestamp.startswith("2020-01-02")
    assert (series(made, largest_age_s="1d").on(grid(4), 1) == [1.0, 1.0, 3.0, 4.0]).all()
    with pytest.raises(GapError):
        series(made, largest_age_s="23h").on(grid(4), 1)


def test_totals_are_summed_in_the_step_that_sees_them_end(table):
    # ten a day from the third day on: the day's total is known at the next midnight
    one = series(table(6, x=[1.0, 2.0, 10.0, 20.0, 30.0, 40.0]), rule="total")
    assert one.span_ts == (MIDNIGHT + DAY_S, MIDNIGHT + 6 * DAY_S)
    found = one.on(grid(6, DAY_S, DAY_S), 1)
    assert (found[1:] == [2.0, 10.0, 20.0, 30.0, 40.0]).all()
    two_days = one.on(grid(6, DAY_S, DAY_S), 2)
    assert (two_days[2:] == [12.0, 30.0, 50.0, 70.0]).all()


def test_totals_stamped_at_their_end_are_known_then(table):
    one = series(table(3, x=[1.0, 2.0, 4.0]), rule="total", stamp="end")
    assert (one.on(grid(3), 1)[1:] == [2.0, 4.0]).all()


def test_a_total_shorter_than_its_interval_needs_split(table):
    with pytest.raises(GapError, match="split = true"):
        series(table(3, x=[1.0, 2.0, 3.0]), rule="total").on(grid(49, HOUR_S, DAY_S), 1)


def test_a_split_total_is_spread_over_the_interval_after_its_own(table):
    one = series(table(3, x=[24.0, 48.0, 96.0]), rule="total", split=True)
    # the first day's 24 are known at its end and spread over the second day
    assert one.span_ts == (MIDNIGHT + 2 * DAY_S, MIDNIGHT + 4 * DAY_S)
    found = one.on(grid(49, HOUR_S, 2 * DAY_S), 1)
    assert found[1:25] == pytest.approx(2.0)
    assert found[25:49] == pytest.approx(4.0)
    assert found.sum() - found[0] == pytest.approx(48.0 + 96.0)


def test_the_opening_has_the_pace_of_the_latest_interval(table):
    one = series(table(4, x=[5.0, 6.0, 7.0, 8.0]), rule="total")
    assert one.on(grid(4, DAY_S, DAY_S), 1)[0] == 5.0
    assert one.on(grid(4, DAY_S, DAY_S), 3)[0] == 15.0


def test_a_ratio_of_totals_is_taken_of_the_sums(table):
    made = table(5, x=[10.0, 20.0, 30.0, 40.0, 50.0], blocks=[100.0, 150.0, 100.0, 160.0, 100.0])
    one = series(made, rule="total", per="blocks")
    assert one.on(grid(4, DAY_S, DAY_S), 1)[1:] == pytest.approx([20 / 150, 0.3, 0.25])
    assert one.on(grid(5, DAY_S, DAY_S), 2)[2] == pytest.approx(50.0 / 250.0)


def test_nothing_can_be_divided_by_nothing(table):
    made = table(3, x=[1.0, 2.0, 3.0], blocks=[1.0, 0.0, 1.0])
    with pytest.raises(GapError, match="blocks is 0") as refusal:
        series(made, rule="total", per="blocks").on(grid(3, DAY_S, DAY_S), 1)
    assert refusal.value.timestamp.startswith("2020-01-03")


def test_a_hole_among_totals_is_a_gap(table):
    made = table(5, x=[1.0, 2.0, np.nan, 4.0, 5.0])
    with pytest.raises(GapError, match="every 86400 s, the next comes after 172800 s"):
        series(made, rule="total").on(grid(4, DAY_S, DAY_S), 1)


def test_nothing_learnt_later_reaches_an_earlier_step(table):
    rng = np.random.default_rng(1)
    values, blocks = rng.random(60) + 1.0, rng.integers(100, 200, 60) * 1.0
    rules = [
        {},
        {"lag_s": "5h", "largest_age_s": "2d"},
        {"rule": "total"},
        {"rule": "total", "per": "blocks"},
        {"rule": "total", "split": True},
    ]
    for rule in rules:
        every_s = HOUR_S if rule.get("split") else DAY_S
        times = MIDNIGHT + 3 * DAY_S + every_s * np.arange(30 * round(DAY_S / every_s))
        before = series(table(60, x=values, blocks=blocks), **rule).on(times, 1)
        for cut in (10, 20, 29):
            other, fewer = values.copy(), blocks.copy()
            other[cut:] *= 7.0
            fewer[cut:] += 1.0
            after = series(table(60, x=other, blocks=fewer), **rule).on(times, 1)
            early = times < MIDNIGHT + cut * DAY_S
            assert (before[early] == after[early]).all(), (rule, cut)
            assert (before != after).any()


def test_a_hole_before_the_time_that_is_used_does_not_matter(table):
    made = table(8, x=[1.0, np.nan, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    found = series(made, rule="total").on(grid(4, DAY_S, 4 * DAY_S), 1)
    assert found[1:].tolist() == [5.0, 6.0, 7.0]


def test_tables_are_found_by_name(table):
    tables = {"one": table(3, x=[1.0, 2.0, 3.0]), "two": table(3, y=[1.0, 2.0, 3.0])}
    columns = {"a_usd": Column(table="one", column="x"), "b_usd": Column(table="two", column="y")}
    assert [one.name for one in series_of(columns, tables)] == ["a_usd", "b_usd"]
    with pytest.raises(InputError, match=r"column\.a_usd\.table"):
        series_of({"a_usd": Column(column="x")}, tables)
    with pytest.raises(InputError, match="'three' is not allowed; one of one, two"):
        series_of({"a_usd": Column(table="three", column="x")}, tables)


def test_tables_without_common_time_are_a_gap(table):
    apart = table(3, first_ts=MIDNIGHT + 99 * DAY_S, x=[1.0, 2.0, 3.0])
    both = (series(table(3, x=[1.0, 2.0, 3.0])), series(apart))
    with pytest.raises(GapError, match="no time in common"):
        overlap(both)


def test_an_empty_column_is_said_to_be(table):
    with pytest.raises(DataError, match="fewer than two values"):
        series(table(3, x=[np.nan, 1.0, np.nan]))


@pytest.mark.parametrize(
    "rule",
    [
        {"per": "y"},
        {"split": True},
        {"stamp": "end"},
        {"rule": "total", "largest_age_s": "2d"},
        {"rule": "mean"},
        {"lag_s": -1.0},
    ],
)
def test_rules_that_do_not_fit_are_refused(rule):
    with pytest.raises(ValidationError):
        Column(column="x", **rule)
