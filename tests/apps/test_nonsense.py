"""
Nonsense in a mine's book, as its operator meets it: one line with the field and what is allowed.

Sources of expected values: what a mine can be. Energy is not free of joules, a machine runs at most
all of the time, nothing is older than its model, an agreement lasts as long as its prices.
"""

import sys
from pathlib import Path

import pytest

from headframe.apps.cli import main

BOOK = """
name = "nonsense"
horizon = "30d"
start = 2025-01-01

[wallet]
usd = 1_000_000

[process.btc_usd]
kind = "gbm"
start = 60_000
volatility = 0.5

[process.grid_usd_per_mwh]
kind = "power"
mean = 40
half_life_s = "5h"
volatility = 300
FLOOR

[position.mine]
kind = "mine"
held = {}
difficulty = DIFFICULTY
subsidy = SUBSIDY
fees = 0.05
pool = { kind = "fpps", fee = 0.01 }
power = { POWER }

[[position.mine.fleet.machines]]
model = "antminer_s21"
count = 100
MACHINE

[policy.strike]
kind = "curtail"
position = "mine"
CURTAIL
"""
SANE = {
    "FLOOR": "floor = 0",
    "DIFFICULTY": "1.1e14",
    "SUBSIDY": "3.125",
    "POWER": 'kind = "indexed", spot_usd_per_mwh = "grid_usd_per_mwh"',
    "MACHINE": "",
    "CURTAIL": "",
}
PPA = 'kind = "ppa", block_mw = 0.3, spot_usd_per_mwh = "grid_usd_per_mwh", '


def said(folder, monkeypatch, capsys, **parts):
    """Exit code and stderr of `headframe check` on the book with some parts changed."""
    text = BOOK
    for part, value in (SANE | parts).items():
        text = text.replace(part, value)
    Path(folder, "book.toml").write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["headframe", "check", "book.toml"])
    try:
        main()
    except SystemExit as exit_:
        return exit_.code or 0, capsys.readouterr().err
    return 0, capsys.readouterr().err


def test_the_sane_book_is_fine(tmp_path, monkeypatch, capsys):
    assert said(tmp_path, monkeypatch, capsys) == (0, "")


@pytest.mark.parametrize(
    ("parts", "field", "allowed"),
    [
        ({"MACHINE": "efficiency_j_per_th = 0"}, "efficiency_j_per_th: 0", "above 0"),
        ({"MACHINE": "power_w = 0"}, "power_w: 0", "above 0"),
        ({"MACHINE": "uptime = 1.2"}, "uptime: 1.2", "at most 1"),
        ({"MACHINE": "uptime = 0"}, "uptime: 0", "above 0"),
        ({"MACHINE": "bought = 2020-01-01"}, "bought 2020-01-01", "2023-09 or later"),
        ({"MACHINE": "bought = 2025-06-01"}, "bought 2025-06-01", "the book's start, 2025-01-01"),
        ({"MACHINE": 'age_s = "10y"'}, "antminer_s21: is older", "sold since 2023-09"),
        ({"MACHINE": 'preset = "turbo"'}, "preset 'turbo'", "one of nameplate, low_power"),
        ({"MACHINE": "derate_per_c = 1.5"}, "derate_per_c: 1.5", "below 1"),
        ({"CURTAIL": "strike_usd_per_mwh = -5"}, "strike_usd_per_mwh: -5", "0 or more"),
        ({"CURTAIL": "off_below_usd_per_mwh = 5"}, "off_below_usd_per_mwh", "must be at least"),
        ({"CURTAIL": "ramp_mw_per_h = 0"}, "ramp_mw_per_h: 0", "above 0"),
        ({"CURTAIL": 'min_off_s = "-2h"'}, "min_off_s: '-2h'", "a duration"),
        ({"POWER": PPA + 'usd_per_mwh = 40, term_s = "0d"'}, "term_s: '0d'", "above 0"),
        (
            {"POWER": PPA + 'usd_per_mwh = 40, term_s = "2y", age_s = "3y"'},
            "age_s",
            "must be below term_s",
        ),
        (
            {"POWER": PPA + 'usd_per_mwh = [40, 41], term_s = "5y"'},
            "usd_per_mwh has prices for 2 years",
            "one for each year of the term",
        ),
        ({"DIFFICULTY": "0"}, "difficulty: 0", "a number above 0"),
        ({"SUBSIDY": "-3.125"}, "subsidy: -3.125", "0 or more"),
    ],
)
def test_nonsense_is_one_line_with_field_and_range(
    tmp_path, monkeypatch, capsys, parts, field, allowed
):
    code, line = said(tmp_path, monkeypatch, capsys, **parts)
    assert code == 2
    assert line.count("\n") == 1
    assert line.startswith("headframe: book.toml: ")
    assert field in line
    assert allowed in line


@pytest.mark.parametrize("floor", ["", "floor = -250"])
def test_a_strike_below_zero_is_meant_where_prices_can_be(tmp_path, monkeypatch, capsys, floor):
    parts = {"FLOOR": floor, "CURTAIL": "strike_usd_per_mwh = -5"}
    assert said(tmp_path, monkeypatch, capsys, **parts) == (0, "")
