"""The network's reports: tables fit and say the numbers; pages ask nobody for anything."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.report import network, network_page
from headframe.report.network import (
    comparison_numbers,
    print_comparison,
    print_shock,
    print_verified,
    shock_numbers,
    shock_sentences,
    verified_numbers,
)
from headframe.studies.chain_race import ALGORITHMS, MINERS
from headframe.studies.difficulty import compare
from headframe.studies.header_file import CHAINS, VerifiedFile
from headframe.studies.network_shock import Shock, daily_retargets, play_shock

START_TS = 1_620_864_000.0  # 2021-05-13


@pytest.fixture(scope="module")
def comparison():
    return compare(
        list(ALGORITHMS.values()), list(MINERS.values()), n_blocks=2_000, n_chains=2, n_drawn=300
    )


@pytest.fixture(scope="module")
def shock():
    return play_shock(Shock(share=0.5, return_s=None), n_chains=4)


@pytest.fixture(scope="module")
def history():
    days = START_TS + 86_400.0 * np.arange(40)
    return daily_retargets(days, 683_423 + 144 * np.arange(40), np.full(40, 2e13), first_ts=days[1])


@pytest.fixture
def verified():
    return VerifiedFile(
        chain=CHAINS["main"],
        from_height=2_016,
        count=10_000,
        tip_hash=bytes(range(32)),
        work=3 << 70,
        seconds=0.02,
    )


def printed(draw, *args) -> str:
    out = io.StringIO()
    draw(*args, width=80, file=out)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    return text


def test_a_comparison_on_80_columns_names_everyone_once_a_table(comparison):
    text = printed(print_comparison, comparison)
    for name in ALGORITHMS:
        assert len(re.findall(rf"^ *{name} ", text, re.MULTILINE)) == 5  # four kinds and the fall
    assert "Hoppers come and go" in text
    assert "6x below 1.3, until above 1.35" in text
    bitcoin = next(x for x in comparison.block_times if x.algorithm.name == "bitcoin")
    assert f"{bitcoin.sd_s / 600:.3f}" in text
    stolen = [x.stolen for x in comparison.block_times if x.stolen is not None]
    assert len(stolen) == 10
    assert " beyond 84 days" not in text


def test_a_fall_that_is_not_made_good_is_said(comparison):
    never = replace(comparison.responses[0], recovered_s=None, recovered_blocks=None)
    assert network.answer_words(never) == ("beyond 168 days", "")
    assert "beyond 168 days" in printed(print_comparison, replace(comparison, responses=(never,)))


def test_a_comparison_as_json(comparison):
    numbers = json.loads(json.dumps(comparison_numbers(comparison), allow_nan=False))
    assert len(numbers["block_times"]) == 40
    assert len(numbers["responses"]) == 10
    first = numbers["block_times"][0]
    assert (first["algorithm"], first["hash_rate"], first["spacing_s"]) == (
        "bitcoin",
        "constant",
        600,
    )
    assert first["mean_s"] == comparison.block_times[0].mean_s.value
    assert first["stolen"] is None


def test_a_shock_on_80_columns_says_what_happens(shock, history):
    text = printed(lambda *args, **more: print_shock(shock, START_TS, history, **more))
    flat = " ".join(text.split())
    assert "50.0% of the hash rate leaves from 2021-05-13 over 49 days" in flat
    assert "does not return" in flat
    assert f"{shock.slowest.block_s.mean / 60:.1f} minutes a block" in flat
    assert "683,424 2021-05-13" in flat
    assert "From the blocks of each day" in flat
    assert f"{history[0].new_bits:#010x}" in flat


def test_without_periods_a_shock_is_told_week_by_week():
    found = play_shock(Shock(), algorithm=ALGORITHMS["asert"], n_chains=3)
    text = printed(lambda *args, **more: print_shock(found, START_TS, **more))
    assert "Week by week" in text
    assert "minutes a block and ends" not in " ".join(text.split())
    sentences = shock_sentences(found, START_TS)
    assert "stays away for 7 days" in sentences[0]


def test_a_shock_as_json(shock, history):
    numbers = json.loads(json.dumps(shock_numbers(shock, START_TS, history), allow_nan=False))
    assert numbers["start"] == "2021-05-13"
    assert numbers["shock"]["return_s"] is None
    assert numbers["worst_block_s"] == max(numbers["over_time"]["block_s"])
    assert numbers["periods"][0]["first_height"] == 683_424
    assert numbers["history"][0]["new_bits"] == history[0].new_bits


def test_a_verified_file(verified):
    text = printed(print_verified, verified, "headers.bin")
    assert "headers.bin: fine. 10,000 headers, heights 2,016 to 12,015 of main" in text
    assert bytes(range(32))[::-1].hex() in text
    assert "2^71 or more" in text
    assert "500,000 headers a second" in text
    numbers = verified_numbers(verified)
    assert int(numbers["work"]) == 3 << 70
    assert numbers["tip_height"] == 12_015


def test_terminals_without_unicode_get_ascii(shock, comparison):
    for draw, found in ((print_shock, (shock, START_TS)), (print_comparison, (comparison,))):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding="ascii")
        draw(*found, width=80, file=out)
        out.flush()
        assert b"--" in raw.getvalue()
        assert max(map(len, raw.getvalue().splitlines())) <= 80


# pages -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["comparison", "shock"])
def html(request, comparison, shock, history):
    if request.param == "comparison":
        return network_page.comparison_page(comparison)
    return network_page.shock_page(shock, START_TS, history)


def figures(html: str) -> list[dict]:
    found = re.findall(
        r'<script type="application/json" id="[^"]*">(.*?)</script>', html, re.DOTALL
    )
    return [choice["figure"] for text in found for choice in json.loads(text)]


def test_pages_ask_nobody_for_anything(html):
    own = re.sub(r"<script>/\*\*.*?</script>", "", html, count=1, flags=re.DOTALL)
    assert len(own) < len(html) / 2  # plotly.js has been cut out
    assert not re.search(r"https?:|url\(|@import|//cdn", own)
    assert "default-src &#x27;none&#x27;" in own or "default-src 'none'" in own
    assert len(re.findall(r"\* plotly\.js v", html)) == 1


def test_every_chart_is_drawn_and_plotly_takes_it(html):
    import plotly.graph_objects as go

    drawn = re.findall(r'data-chart="([^"]*)"', html)
    identifiers = re.findall(r'<script type="application/json" id="([^"]*)">', html)
    assert drawn == identifiers
    assert len(set(identifiers)) == len(identifiers) >= 3
    for figure in figures(html):
        text = re.sub(r"var\(--[a-z-]+\)", "#123456", json.dumps(figure))
        go.Figure(json.loads(text))


def test_colours_are_of_the_style(html):
    style = html[html.index("<style>") : html.index("</style>")]
    known = set(re.findall(r"(--[a-z-]+):", style))
    assert set(re.findall(r"var\((--[a-z-]+)\)", json.dumps(figures(html)))) <= known


def test_the_page_of_a_comparison_has_a_chain_for_every_pair(comparison):
    page = network_page.comparison_page(comparison)
    assert len(figures(page)) == 1 + 1 + 40  # the fall, the shares, ten chains of four kinds
    assert page.count("<h2>The numbers: ") == 4


def test_a_page_that_cannot_be_written_is_said(shock, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        network_page.write_shock(shock, START_TS, (), tmp_path / "no" / "page.html")
    path = network_page.write_shock(shock, START_TS, (), tmp_path / "page.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
