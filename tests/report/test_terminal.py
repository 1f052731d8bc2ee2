"""The terminal report: 80 columns, every sort of answer, numbers that add up."""

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from headframe.report import story
from headframe.report.comparison import print_comparison
from headframe.report.findings import Findings
from headframe.report.terminal import print_findings

SECTIONS = (
    "What it earns",
    "Where the money comes from and goes",
    "What can kill it",
    "How it was",
)


def _printed(answer: Findings, width: int = 80) -> str:
    out = io.StringIO()
    print_findings(answer, width=width, file=out)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 110])
def test_no_line_is_wider_than_the_terminal(answer: Findings, width: int) -> None:
    lines = _printed(answer, width).splitlines()
    assert max(cell_len(line) for line in lines) == width
    assert len(lines) > 30


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d.,]*\d%?|\d%?", text))


@pytest.mark.parametrize("width", [64, 80])
def test_no_number_is_cut_off(answer: Findings, width: int) -> None:
    """A terminal crops what is too wide without a word: all numbers must still be there."""
    assert _numbers(_printed(answer, width)) == _numbers(_printed(answer, 110))


def test_every_question_is_answered_in_order(answer: Findings) -> None:
    text = _printed(answer)
    places = [text.index(title) for title in SECTIONS]
    assert places == sorted(places)
    assert "nan" not in text.lower().replace("finan", "")
    assert "\x1b" not in text  # a file gets no colours


def test_names_are_not_taken_for_markup(desk: Findings) -> None:
    assert "two farms [bold]and[/bold] spare ether" in _printed(desk)


def test_terminals_without_unicode_get_ascii(answer: Findings) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    print_findings(answer, width=80, file=out)
    out.flush()
    lines = raw.getvalue().decode("ascii").splitlines()
    assert max(len(line) for line in lines) <= 80
    assert "?" not in "".join(lines)  # every sign has a plain one
    assert _numbers("".join(lines)) == _numbers(_printed(answer))  # and nothing is cut off


def test_the_bars_numbers_add_up_to_the_result(desk: Findings) -> None:
    text = _printed(desk, 110)
    part = text[text.index(SECTIONS[1]) : text.index(SECTIONS[2])]
    flows = [float(n) for n in re.findall(r"^ {4}\S.*?[█▌│] +([+-]\S+)", part, re.M)]
    result = float(re.search(r"^  result +([+-]\S+)", part, re.M)[1])  # type: ignore[index]
    assert len(flows) > 8
    assert sum(flows) == pytest.approx(result, abs=1e-5 * len(flows))
    assert result == pytest.approx(desk.wealth.mean.value - desk.wealth.open, abs=1e-5)


@pytest.mark.parametrize("width", [64, 80, 110])
def test_bars_stand_on_one_axis_and_fill_it(desk: Findings, width: int) -> None:
    text = _printed(desk, width)
    part = text[text.index(SECTIONS[1]) : text.index(SECTIONS[2])]
    drawn = [line for line in part.splitlines() if "│" in line]
    every = [flow for account in story.flows(desk) for flow in account.flows]
    flows = [flow for flow in every if round(flow.value.value, 5) != 0.0]  # as it is printed
    assert len(drawn) == len(flows)
    assert len({line.index("│") for line in drawn}) == 1
    longest = max(flows, key=lambda flow: flow.value.value)
    lengths = [line.count("█") + 0.5 * line.count("▌") for line in drawn]
    row = next(k for k, line in enumerate(drawn) if longest.label in line)
    assert lengths[row] == max(lengths) > 5
    others = [flow.value.value / longest.value.value for flow in flows]
    assert lengths[1] == pytest.approx(others[1] * lengths[0], abs=0.5)


def test_control_variates_stand_beside_the_plain_mean(farm: Findings) -> None:
    assert farm.wealth.controlled.se < farm.wealth.mean.se
    text = _printed(farm)
    assert "mean by control variates" in text
    assert "by control variates" in text[text.index(SECTIONS[1]) :]


def test_an_interrupted_run_says_so_at_both_ends(partial: Findings, farm: Findings) -> None:
    said = "PARTIAL: interrupted after 4,000 of 9,000 paths"
    assert _printed(partial).count(said) == 2
    assert "PARTIAL" not in _printed(farm)


def test_causes_and_notes_are_told(owing: Findings) -> None:
    text = _printed(owing)
    assert re.search(r"mine power bill +3\.1% ", text)
    assert re.search(r"loan margin call +0\.90% ", text)
    assert "Note: the history has no pool volume" in text


def test_events_come_with_interval_and_time(farm: Findings) -> None:
    text = _printed(farm)
    line = next(x for x in text.splitlines() if x.startswith("  farm liquidated"))
    event = farm.events[0]
    assert f"{100 * event.chance.probability:.1f}%" in line
    assert f" {event.when_s[0.5] / 86_400:.0f}  " in line
    assert re.search(r"[▁▂▃▄▅▆▇█·]{12}", line)


def test_one_path_has_no_errors_and_no_odds(single: Findings) -> None:
    text = _printed(single)
    assert "±" not in text
    assert "95% interval" not in text
    assert "says nothing of the odds" in " ".join(text.replace("│", " ").split())


def test_a_still_world_has_no_errors(still: Findings) -> None:
    text = _printed(still)
    assert "±" not in text.replace("± 0.00", "")
    assert "on every path alike" in text


def test_without_positions_nothing_comes_in(empty: Findings) -> None:
    assert "Nothing came in and nothing went out." in _printed(empty)


def test_debt_free_health_is_said_in_words(farm: Findings) -> None:
    quantiles = dict.fromkeys(farm.extremes[0].quantiles, 1e9)
    free = replace(farm, extremes=(replace(farm.extremes[0], quantiles=quantiles),))
    line = next(x for x in _printed(free).splitlines() if "least health" in x)
    assert line.count("no debt") == 5


def test_a_comparison_tells_differences_with_errors(farm: Findings) -> None:
    out = io.StringIO()
    print_comparison(farm.alternatives, [farm.book], width=80, file=out)
    text = out.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    for other in farm.alternatives[1:]:
        line = next(x for x in text.splitlines() if x.strip().startswith(other.name))
        value = other.differences["wealth"].value
        first = re.search(r"([+-][\d,.]+) ± ", line)
        assert first is not None
        assert float(first[1].replace(",", "")) == pytest.approx(value, rel=0.06)


def test_a_book_alone_has_nothing_to_be_held_against(farm: Findings) -> None:
    out = io.StringIO()
    print_comparison(farm.alternatives[:1], [farm.book], width=80, file=out)
    assert "nothing to hold" in out.getvalue()


def test_the_headline_is_the_storys(farm: Findings) -> None:
    text = " ".join(_printed(farm).replace("│", " ").split())
    assert story.headline(farm) in text
    assert story.result_sentence(farm) in text
