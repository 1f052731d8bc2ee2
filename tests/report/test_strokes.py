"""Charts out of characters: exact widths, sides that do not depend on colour."""

import pytest

from headframe.report import strokes
from headframe.report.formats import tick_labels


@pytest.mark.parametrize("width", [7, 20, 41])
@pytest.mark.parametrize("span", [(-10.0, 0.0), (-10.0, 3.0), (0.0, 5.0), (0.0, 0.0)])
def test_a_bar_has_its_width_and_its_side(width: int, span: tuple[float, float]) -> None:
    low, high = span
    for value in (low, 0.5 * low, 1e-9 * low, 0.0, 1e-9 * high, 0.5 * high, high):
        bar = strokes.bar(value, low, high, width).plain
        left, right = bar.split("│")
        assert len(bar) == width
        assert (left.strip() != "") == (value < 0.0)
        assert (right.strip() != "") == (value > 0.0)


def test_bars_on_one_axis_share_their_zero() -> None:
    zeros = {strokes.bar(v, -545.0, 62.0, 36).plain.index("│") for v in (-545.0, -3.0, 0.0, 62.0)}
    assert len(zeros) == 1


def test_the_longest_bar_fills_its_side_and_half_is_half() -> None:
    assert strokes.bar(8.0, 0.0, 8.0, 9).plain == "│" + "█" * 8
    assert strokes.bar(4.0, 0.0, 8.0, 9).plain == "│" + "█" * 4 + " " * 4
    assert strokes.bar(4.5, 0.0, 8.0, 9).plain == "│" + "█" * 4 + "▌" + " " * 3


def test_columns_rise_with_their_values() -> None:
    drawn = strokes.columns([0.0, 0.001, 1.0, 2.0, 3.0, 8.0]).plain
    assert drawn[0] == "·"
    heights = [strokes.LEVELS.index(sign) for sign in drawn[1:]]
    assert heights == sorted(heights)
    assert heights[0] == 0
    assert heights[-1] == 7


def test_merging_keeps_the_sum() -> None:
    values = [float(k) for k in range(24)]
    assert sum(strokes.merged(values, 10)) == sum(values)
    assert len(strokes.merged(values, 10)) <= 10


def _quantiles(middle: float, spread: float) -> dict[float, float]:
    return {
        0.05: middle - 2 * spread,
        0.25: middle - spread,
        0.5: middle,
        0.75: middle + spread,
        0.95: middle + 2 * spread,
    }


def test_the_fan_shows_the_median_once_in_every_column() -> None:
    over_time = {float(k): _quantiles(100.0 + 3.0 * k, 2.0 * k) for k in range(25)}
    rows = strokes.fan(over_time, 100.0, 50, 10)
    assert [len(row.plain) for row in rows] == [50] * 10
    for column in range(50):
        signs = [row.plain[column] for row in rows]
        assert sum(sign in strokes.LINE for sign in signs) == 1
    assert "░" in rows[0].plain  # the top of the widest band
    assert rows[9].plain[-1] == "░"
    assert set(rows[0].plain[:5]) == {" "}  # nothing stands above a narrow beginning


def test_a_fan_without_width_is_a_line() -> None:
    over_time = {0.0: _quantiles(100.0, 0.0), 1.0: _quantiles(100.0, 0.0)}
    drawn = "".join(row.plain for row in strokes.fan(over_time, 100.0, 20, 10))
    assert sum(sign in strokes.LINE for sign in drawn) == 20


@pytest.mark.parametrize("span", [(0.0, 1.0), (2358.0, 19936.0), (-0.37, 2.8), (1e6, 1.1e6)])
def test_ticks_are_round_and_within(span: tuple[float, float]) -> None:
    found = strokes.ticks(*span)
    assert 2 <= len(found) <= 5
    assert all(span[0] - 1e-9 <= tick <= span[1] + 1e-9 for tick in found)
    assert all(len(label) < 10 for label in tick_labels(found))


def test_every_sign_has_a_plain_one() -> None:
    signs = strokes.LEVELS + strokes.LINE + "▌▐░▒│└┤╌·±╭╮╰╯─"
    assert all(strokes.PLAIN[sign].isascii() for sign in signs)
