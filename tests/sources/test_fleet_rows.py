"""
A fleet as a file: what is read of a good one, what of it reaches the book, and that whatever is
wrong is one line that names the row and the column.

The good ones are written by hand; the bad ones have one thing wrong, and some are noise.
"""

import csv
import doctest
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import headframe
from headframe.analytics.machine_catalogue import catalogue
from headframe.book_schema import book_schema
from headframe.errors import HeadframeError, InputError
from headframe.positions.machines import Machines
from headframe.sources import fleet_rows as module
from headframe.sources.fleet_rows import COLUMNS, read_fleet, spelt

FLEET = """model,count,preset,site,bought,price_usd,note
Antminer S21,120,,Texas,2024-03-15,3150,first lot
Antminer S19j Pro 96,400,underclocked,texas,2022-01-20,5900,
antminer_s21,60,low power,Oslo,2025-02-01,2800,

S21+ of ours,3,,texas,,,see mail
"""
GOOD = FLEET.replace("S21+ of ours", "antminer s21+")
BOOK = """
name = "fleet"
start = 2026-01-01
[wallet]
usd = 1_000_000
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
[position.mine.fleet]
file = "fleet.csv"
pue = 1.05
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "fleet.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def rows(folder, text=GOOD, **options):
    (folder / "fleet.csv").write_text(text, encoding="utf-8")
    return [row.values for row in read_fleet(folder / "fleet.csv", **options)]


def refusal(read):
    with pytest.raises(InputError) as refused:
        read()
    said = str(refused.value)
    assert len(said.splitlines()) == 1
    return said


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_good_fleet(folder):
    assert rows(folder) == [
        {
            "model": "antminer_s21",
            "batch": "antminer_s21",
            "count": 120.0,
            "bought": date(2024, 3, 15),
            "price_usd": 3150.0,
        },
        {
            "model": "antminer_s19j_pro_96",
            "batch": "antminer_s19j_pro_96",
            "count": 400.0,
            "preset": "underclocked",
            "bought": date(2022, 1, 20),
            "price_usd": 5900.0,
        },
        {
            "model": "antminer_s21",
            "batch": "antminer_s21_2",
            "count": 60.0,
            "preset": "low_power",
            "bought": date(2025, 2, 1),
            "price_usd": 2800.0,
        },
        {"model": "antminer_s21_plus", "batch": "antminer_s21_plus", "count": 3.0},
    ]


def test_the_lines_of_a_site_are_numbered_as_in_the_file(folder):
    found = read_fleet(folder / "fleet.csv", site="TEXAS ")
    assert [row.line for row in found] == [2, 3, 6]
    assert [row.values["count"] for row in found] == [120.0, 400.0, 3.0]
    remark = "# fleet.csv\nmodel,count\n# sold: s7,9\nAntminer S9,1\n"
    (folder / "remarks.csv").write_text(remark)
    assert [row.line for row in read_fleet(folder / "remarks.csv")] == [4]
    (only,) = read_fleet(folder / "fleet.csv", site="oslo")
    assert only.values["batch"] == "antminer_s21"


def test_every_title_of_the_catalogue_can_be_spelt():
    """A maker's + is `plus` in the catalogue's names, with few exceptions of longer titles."""
    for model in catalogue().values():
        assert spelt(model.name) == model.name
    wanted = {"Antminer S21 XP+ Hyd": "antminer_s21_xp_plus_hyd", "Avalon Mini 3": "avalon_mini_3"}
    wanted["WhatsMiner M30S++"] = "whatsminer_m30s_plus_plus"
    assert {title: spelt(title) for title in wanted} == wanted
    assert set(wanted.values()) <= set(catalogue())


def test_columns_are_those_of_a_batch():
    fields = set(Machines.__dataclass_fields__)
    assert set(COLUMNS) - {"site", "note"} <= fields


# what of it reaches a book -------------------------------------------------------------------


def test_a_book_names_a_fleet(folder):
    book = headframe.load(folder / "book.toml")
    mine = book.positions[0]
    assert [m.label for m in mine.fleet.machines] == [
        "antminer_s21",
        "antminer_s19j_pro_96",
        "antminer_s21_2",
        "antminer_s21_plus",
    ]
    kw = 120 * 3.5 + 400 * 1.905 + 60 * 3.5 * 1905 / 2850 + 3 * 3.878
    assert mine.fleet.nameplate_mw == pytest.approx(1.05 * kw / 1_000)
    assert mine.fleet.machines[1].bought == date(2022, 1, 20)


def test_a_site_and_machines_of_the_books_own(folder):
    text = BOOK + 'site = "oslo"\n[[position.mine.fleet.machines]]\nmodel = "antminer_t21"\ncount=1'
    (folder / "book.toml").write_text(text)
    book = headframe.load(folder / "book.toml")
    assert [m.label for m in book.positions[0].fleet.machines] == ["antminer_t21", "antminer_s21"]
    other = headframe.load(folder / "book.toml", {"position.mine.fleet.site": "texas"})
    assert len(other.positions[0].fleet.machines) == 4


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("antminer_s21,60", "antminer_s22,60", "line 4: 'antminer_s22' is not in the catalogue"),
        ("underclocked", "turbo", "line 3: preset 'turbo' is not on the menu"),
        ("2022-01-20", "2012-01-20", "line 3: bought 2012-01-20 lies before the first month"),
        ("5900", "-1", "line 3, price_usd: -1.0 is not allowed"),
    ],
)
def test_what_the_mine_refuses_names_the_line(folder, old, new, says):
    assert old in GOOD
    (folder / "fleet.csv").write_text(GOOD.replace(old, new))
    said = refusal(lambda: headframe.load(folder / "book.toml"))
    assert f"book.toml: fleet.csv {says}" in said


def test_without_a_reader_a_book_of_text_refuses_a_file():
    said = refusal(lambda: headframe.book_from_toml(BOOK))
    assert "position.mine.fleet.file" in said
    assert "needs a reader" in said


def test_the_schema_of_a_book_knows_the_file():
    fleet = book_schema()["$defs"]["Fleet"]
    assert {"file", "site", "ignore", "machines"} <= set(fleet["properties"])
    assert "machines" not in fleet["required"]


# what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: column model is missing; there is nothing"),
        ("model,count\n", "fleet.csv: has no machines"),
        ("model;count\ns9;1\n", "line 1: 'model;count' is not allowed"),
        ("model,number\ns9,1\n", "line 1: 'number' is not allowed"),
        ("model\ns9\n", "line 1: column count is missing; there is model"),
        ("model,count,prise_usd\ns9,1,2\n", "did you mean 'price_usd'?"),
        ("model,count,count\ns9,1,2\n", "line 1: 'count' is not allowed; a column's name stands"),
        ("model,count\n\ns9,1,2\n", "line 3: 3 cells under 2 names"),
        ("model,count\ns9,\n", "line 2, count: is empty"),
        ("model,count\ns9,1.5\n", "line 2, count: '1.5' is not allowed; a whole number"),
        ("model,count\ns9,inf\n", "line 2, count: 'inf' is not allowed"),
        ('model,count\ns9,"1,200"\n', "line 2, count: '1,200' is not allowed"),
        ("model,count,price_usd\ns9,1,$20\n", "line 2, price_usd: '$20' is not allowed"),
        ("model,count,bought\ns9,1,15.3.2024\n", "line 2, bought: '15.3.2024' is not allowed"),
        ("model,count,life_s\ns9,1,4 years\n", "line 2, life_s: '4 years' is not allowed"),
        ("model,count\n!!!,1\n", "line 2, model: '!!!'"),
        ("model,count\n9s,1\n", "line 2, model: '9s' is not allowed"),
        ("model,count,batch\ns9,1,a\ns9,1,A\n", "line 3, batch: 'a' is not allowed; stands on"),
        ('model,count\n"s9,1\n', "no CSV"),
    ],
)
def test_what_is_wrong_is_named(folder, text, says):
    assert says in refusal(lambda: rows(folder, text))


def test_a_site_that_is_not_there_names_those_that_are(folder):
    assert "there is Texas, texas, Oslo" in refusal(lambda: rows(folder, site="Ohio"))
    assert "there is nothing" in refusal(lambda: rows(folder, "model,count\ns9,1\n", site="Ohio"))


def test_columns_are_passed_over_only_where_it_is_said(folder):
    text = "model,count,rack\ns9,1,A 7\n"
    assert "'rack' is not allowed" in refusal(lambda: rows(folder, text))
    assert rows(folder, text, ignore=("rack",)) == [{"model": "s9", "batch": "s9", "count": 1.0}]


def test_a_file_that_is_not_there_or_no_text(folder):
    assert "cannot be read" in refusal(lambda: read_fleet(folder / "none.csv"))
    (folder / "fleet.csv").write_bytes(b"model,count\ns9,\xff\xfe\n")
    assert "is not UTF-8 text" in refusal(lambda: read_fleet(folder / "fleet.csv"))


# noise ---------------------------------------------------------------------------------------

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELL = st.one_of(
    st.sampled_from(
        ["", "1", "-1", "1e400", "nan", "Antminer S21", "2024-03-15", "4y", '"', "texas"]
    ),
    st.text(max_size=12),
)


@QUICK
@given(data=st.binary(max_size=200))
def test_noise_is_refused_in_one_line(folder, data):
    (folder / "fleet.csv").write_bytes(data)
    refusal(lambda: read_fleet(folder / "fleet.csv"))


@QUICK
@given(
    header=st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=8),
    body=st.lists(st.lists(CELL, min_size=1, max_size=8), max_size=4),
)
def test_any_cells_are_rows_or_one_line(folder, header, body):
    with (folder / "fleet.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *body])
    try:
        found = read_fleet(folder / "fleet.csv")
    except InputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        names = [row.values["batch"] for row in found]
        assert len(set(names)) == len(names) >= 1


@QUICK
@given(
    body=st.lists(
        st.tuples(
            st.sampled_from(["Antminer S21", "Antminer S9", "own", "WhatsMiner M30S++"]),
            CELL,
            CELL,
            CELL,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_fleet_makes_a_book_or_is_refused_in_one_line(folder, body):
    with (folder / "fleet.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("model", "count", "preset", "bought"), *body])
    try:
        headframe.load(folder / "book.toml")
    except HeadframeError as error:
        assert len(str(error).splitlines()) == 1


@QUICK
@given(
    fleet=st.lists(
        st.tuples(
            st.sampled_from(sorted(catalogue())),
            st.integers(0, 99_999),
            st.floats(0.0, 1e5),
            st.sampled_from(["texas", "Oslo", "site 3, hall 2"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_written_is_read(folder, fleet):
    with (folder / "fleet.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("model", "count", "price_usd", "site"), *fleet])
    found = read_fleet(folder / "fleet.csv")
    kept = [(r.values["model"], r.values["count"], r.values["price_usd"]) for r in found]
    assert kept == [row[:3] for row in fleet]
    for site in {row[3] for row in fleet}:
        at = read_fleet(folder / "fleet.csv", site=site)
        assert len(at) == sum(row[3] == site for row in fleet)
