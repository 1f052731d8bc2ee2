"""The page: one file that asks nobody for anything, and shows what the answer says."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from headframe.errors import InputError
from headframe.report import story
from headframe.report.findings import Findings
from headframe.report.page import content, page, write_page, write_pages


class Reader(HTMLParser):
    """Elements, identifiers, addresses, scripts and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.identifiers: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self.drawn: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.policy = ""
        self.open: list[str] = []
        self._script: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append(tag)
        self.attributes += found
        self.addresses += [
            str(v) for k, v in attrs if k in ("src", "href", "action", "data", "srcset")
        ]
        self.identifiers += [str(found["id"])] if "id" in found else []
        self.drawn += [str(found["data-chart"])] if "data-chart" in found else []
        self._script = found
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(found["content"])
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append((self._script, data))
        elif self.open and self.open[-1] != "style":
            self.text += data

    def charts(self) -> dict[str, list[dict[str, Any]]]:
        """Figures by the identifier of their data."""
        return {
            str(attributes["id"]): [choice["figure"] for choice in json.loads(text)]
            for attributes, text in self.scripts
            if attributes.get("type") == "application/json"
        }


def _read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def _named(answer: Findings, name: str) -> Findings:
    return replace(answer, book=answer.book.with_(name=name))


def test_nothing_is_asked_from_anyone(farm: Findings, desk: Findings) -> None:
    html = page([farm, desk], "two books")
    reader = _read(html)
    assert all(address.startswith(("#", "data:")) for address in reader.addresses)
    outside = html
    for attributes, text in reader.scripts:
        if "type" not in attributes and "plotly.js v" in text:
            outside = outside.replace(text, "")
    assert not re.search(r"https?:|url\(|@import|//cdn|@font-face", outside)
    assert reader.policy.startswith("default-src 'none';")  # nor could it be
    assert "on" not in {name[:2] for name in reader.attributes}  # no inline handlers either


def test_the_bundle_is_there_once_however_many_books(farm: Findings, single: Findings) -> None:
    html = page([farm, farm, single], "three books")
    assert len(re.findall(r"\* plotly\.js v", html)) == 1
    reader = _read(html)
    assert len(set(reader.identifiers)) == len(reader.identifiers)
    assert sum(identifier == "article" for identifier in reader.elements) == 3
    assert sum(address.startswith("#book-") for address in reader.addresses) == 6  # bar and table


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b </title>"]
)
def test_names_stay_names(farm: Findings, name: str) -> None:
    plain, nasty = _read(page([farm], "x")), _read(page([_named(farm, name)], name))
    assert nasty.elements == plain.elements
    assert name in nasty.text


def test_charts_cannot_be_made_to_hold_markup(farm: Findings) -> None:
    """plotly.js reads a little HTML in labels: names of positions arrive there escaped."""
    first = farm.alternatives[1]
    others = (farm.alternatives[0], replace(first, name='<a href="http://x.example">y</a>'))
    reader = _read(content([replace(farm, alternatives=others)], "x"))
    labels = reader.charts()["book-3x-eth-usdc-farm-alternatives"][0]["data"][0]["y"]
    assert labels == ["&lt;a href=&quot;http://x.example&quot;&gt;y&lt;/a&gt;"]


def test_every_chart_has_its_data_and_every_colour_its_name(answer: Findings) -> None:
    html = page([answer], "x")
    reader = _read(html)
    assert sorted(reader.drawn) == sorted(reader.charts())
    style = html[html.index("<style>") : html.index("</style>")]
    known = set(re.findall(r"(--[a-z-]+):", style))
    used = set(re.findall(r"var\((--[a-z-]+)\)", style + json.dumps(reader.charts())))
    assert used <= known


def test_plotly_takes_every_chart(answer: Findings) -> None:
    import plotly.graph_objects as go

    for figures in _read(content([answer], "x")).charts().values():
        for figure in figures:
            text = re.sub(r"var\(--[a-z-]+\)", "#123456", json.dumps(figure))
            go.Figure(json.loads(text))


def _numbers(text: str) -> str:
    return " ".join(text.split())


def test_the_page_says_what_the_terminal_says(answer: Findings) -> None:
    said = _numbers(_read(content([answer], "x")).text)
    for sentence in (story.headline(answer), story.result_sentence(answer)):
        assert _numbers(sentence) in said
    for sentence in story.odds_sentences(answer):
        assert _numbers(sentence) in said


def test_waterfalls_end_at_the_mean_result(answer: Findings) -> None:
    result = answer.wealth.mean.value - answer.wealth.open
    charts = _read(content([answer], "x")).charts()
    flows = [figures for name, figures in charts.items() if name.endswith("-flows")]
    if not story.flows(answer):
        assert flows == []
        return
    for figure in flows[0][:2] if len(flows[0]) > 1 else flows[0]:
        bars = figure["data"][0]["x"]
        assert bars[-1] == pytest.approx(result, rel=1e-5)
        assert sum(bars[:-1]) == pytest.approx(result, rel=1e-4)
    each = [figure["data"][0]["x"][-1] for figure in flows[0][2:]]
    if each:
        assert sum(each) == pytest.approx(result, rel=1e-4)


def test_timing_adds_up_to_the_probability(farm: Findings) -> None:
    figures = _read(content([farm], "x")).charts()["book-3x-eth-usdc-farm-when"]
    bars, line = figures[0]["data"]
    chance = farm.events[0].chance.probability
    assert sum(bars["y"]) == pytest.approx(chance, rel=1e-4)
    assert line["y"][-1] == pytest.approx(chance, rel=1e-4)
    assert line["y"] == sorted(line["y"])


def test_the_distribution_holds_all_but_the_best_hundredth(farm: Findings) -> None:
    figure = _read(content([farm], "x")).charts()["book-3x-eth-usdc-farm-result"][0]
    bars = figure["data"][0]
    assert sum(bars["y"]) == pytest.approx(0.99, abs=0.006)
    lost = sum(y for x, y in zip(bars["x"], bars["y"], strict=True) if x < 0.0)
    assert lost == pytest.approx(farm.tail.loss.probability, abs=0.003)  # zero is an edge
    marks = {note["text"]: note["x"] for note in figure["layout"]["annotations"]}
    assert marks["CVaR 95%"] < marks["VaR 95%"] < marks["median"]


def test_an_interrupted_run_says_so(partial: Findings, farm: Findings) -> None:
    assert "PARTIAL: interrupted after 4,000 of 9,000" in _read(content([partial], "x")).text
    assert "PARTIAL" not in _read(content([farm], "x")).text


def test_causes_of_default_are_told(owing: Findings) -> None:
    said = _read(content([owing], "x")).text
    assert "power bill of mine" in said
    assert "the history has no pool volume" in said


def test_it_is_written_where_it_should_be(farm: Findings, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert write_page(farm, path) == path
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert write_pages([farm, farm], path, "x") == path
    with pytest.raises(InputError, match="cannot be written"):
        write_page(farm, tmp_path / "nowhere" / "page.html")
