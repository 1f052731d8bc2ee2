"""`headframe strike` as a user has it: table, JSON, schedule, and one line for what is wrong."""

import csv
import json

import pytest

from headframe.apps.cli import main

SITE = """
name = "yard"
pool_fee = 0.01
adder_usd_per_mwh = 2.0
[[machines]]
model = "antminer_s21"
count = 100
"""


@pytest.fixture
def yard(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    rows = "".join(f"2025-01-01T{h:02d}:00:00Z,{40 + 5 * h}\n" for h in range(24))
    (tmp_path / "power.csv").write_text("time,usd_per_mwh\n" + rows)
    (tmp_path / "net.csv").write_text("time,price_usd,difficulty\n2025-01-01,90000,1.1e14\n")
    return tmp_path


def run(*arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["headframe", *(str(a) for a in arguments)])
        try:
            main()
        except SystemExit as stop:
            return stop.code or 0
    return 0


def test_a_table_from_flags(yard, capsys):
    assert run("strike", yard / "site.toml", "--price", 90_000, "--difficulty", 1.1e14) == 0
    said = capsys.readouterr().out
    assert "antminer_s21" in said
    assert "Strikes of yard" in said


def test_flags_and_a_table_give_the_same_numbers(yard, capsys):
    run("strike", yard / "site.toml", "--price", 90_000, "--difficulty", 1.1e14, "--json")
    flags = json.loads(capsys.readouterr().out)
    run("strike", yard / "site.toml", "--network", yard / "net.csv", "--json")
    assert json.loads(capsys.readouterr().out) == flags
    # 3.125 BTC over 1.1e14 x 2^32 hashes at 90,000 USD: 51.4344 USD a PH/s and day
    assert flags["hashprice_usd_per_ph_day"] == pytest.approx(
        3.125 * 86_400e15 / (1.1e14 * 2**32) * 90_000, rel=1e-12
    )
    last = flags["strikes"][-1]
    assert last["market_strike_usd_per_mwh"] == pytest.approx(
        last["site_strike_usd_per_mwh"] - 2.0, abs=1e-9
    )


def test_a_schedule_that_a_controller_can_follow(yard, capsys):
    out = yard / "plan.csv"
    code = run("strike", yard / "site.toml", "--network", yard / "net.csv", "--power",
               yard / "power.csv", "--schedule", out, "--optimum")  # fmt: skip
    assert code == 0
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 24
    assert rows[0]["time"] == "2025-01-01T00:00:00Z"
    assert rows[0]["preset"] == "nameplate"
    assert rows[-1]["preset"] == "off"
    assert float(rows[-1]["site_mw"]) == 0.0
    assert "less than the optimum" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("change", "arguments", "word"),
    [
        ("", ["--price", "1"], "--difficulty"),
        ("", ["--price", "0", "--difficulty", "1e14"], "btc_usd"),
        ("", ["--price", "1", "--difficulty", "1e14", "--optimum"], "--power"),
        ("pue = 0.5", ["--price", "1", "--difficulty", "1e14"], "pue"),
        ('model = "antminer_s99"', ["--price", "1", "--difficulty", "1e14"], "antminer_s99"),
        ("count = -1", ["--price", "1", "--difficulty", "1e14"], "count"),
        ('preset = "turbo"\ncount = 1', ["--price", "1", "--difficulty", "1e14"], "turbo"),
    ],
)
def test_what_is_wrong_is_one_line(yard, capsys, change, arguments, word):
    lines = [s for s in SITE.splitlines() if not change or s.split(" =")[0] not in change]
    if change.startswith("pue"):
        lines.insert(0, change)
    elif change:
        lines.append(change)
    (yard / "site.toml").write_text("\n".join(lines))
    assert run("strike", yard / "site.toml", *arguments) == 2
    said = capsys.readouterr().err.strip()
    assert word in said
    assert "\n" not in said


def test_a_hole_in_the_prices_is_named(yard, capsys):
    text = (yard / "power.csv").read_text().splitlines()
    del text[5]
    (yard / "power.csv").write_text("\n".join(text))
    code = run("strike", yard / "site.toml", "--network", yard / "net.csv", "--power",
               yard / "power.csv")  # fmt: skip
    assert code == 2
    assert "line 6" in capsys.readouterr().err
