"""The command line as a user meets it: stdout, stderr and exit codes."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).parent / "headframe"


@pytest.fixture
def book(tmp_path, farm_toml):
    path = tmp_path / "book.toml"
    path.write_text(farm_toml)
    return path


def headframe(*args, cwd=None):
    return subprocess.run(
        [COMMAND, *map(str, args)], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_json_is_all_there_is_on_stdout(book):
    done = headframe("run", book, "--paths", 2000, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["n_paths"] == 2000
    assert answer["positions"]["farm"]["liquidation"]["probability"] >= 0.0
    assert set(answer["probability"]) >= {"loss", "default"}


def test_the_report_is_printed_at_80_columns(book):
    done = headframe("run", book, "--paths", 2000)
    assert done.returncode == 0, done.stderr
    assert "a farm" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_set_changes_the_book(book):
    one = headframe("run", book, "--paths", 2000, "--json", "--no-alternatives")
    other = headframe(
        "run",
        book,
        "--paths",
        2000,
        "--json",
        "--no-alternatives",
        "--set",
        "position.farm.leverage=1",
        "--set",
        "name=plain",
    )
    assert json.loads(other.stdout)["name"] == "plain"
    assert json.loads(one.stdout)["wealth"]["mean"] != json.loads(other.stdout)["wealth"]["mean"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "no.toml"), "no.toml"),
        (("run", "BOOK", "--set", "position.farm.leverage=0"), "position.farm.leverage"),
        (("run", "BOOK", "--set", "leverage"), "KEY=VALUE"),
        (("run", "BOOK", "--trace", "x"), "--trace"),
        (("run", "BOOK", "--trace", "0", "--trace-file", "a.xls"), ".csv or .parquet"),
        (("run", "BOOK", "--paths", "0"), "--paths"),
        (("check", "BOOK", "--set", "numeraire=eur"), "eur"),
        (("example", "nothing"), "one of"),
        (("nonsense",), "nonsense"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(book, args, said):
    done = headframe(*(book if a == "BOOK" else a for a in args), cwd=book.parent)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_what_a_book_holds(book):
    done = headframe("check", book)
    assert done.returncode == 0
    assert "1 position, 1 policy, 0 venues; 30 steps" in done.stdout


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_trace_writes_the_journal(book, suffix):
    file = book.parent / f"journal.{suffix}"
    done = headframe(
        "run",
        book,
        "--paths",
        1000,
        "--json",
        "--no-alternatives",
        "--trace",
        "0,2",
        "--trace-file",
        file,
    )
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    if suffix == "csv":
        rows = list(csv.DictReader(file.open()))
        assert {row["path"] for row in rows} == {"0", "2"}
        assert set(rows[0]) >= {"t_s", "position", "kind", "asset", "quantity", "price"}
    else:
        duckdb = pytest.importorskip("duckdb")
        count = duckdb.sql(f"select count(*), count(distinct path) from '{file}'").fetchall()[0]
        assert count[0] > 100
        assert count[1] == 2


def test_compare_prints_differences(book):
    done = headframe("compare", book, "--paths", 2000, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["books"]
    assert found[0]["difference"]["wealth"] == 0.0
    assert len(found) >= 2
    assert "wealth_se" in found[1]["difference"]


def test_schemas_are_json(book):
    for flag in ((), ("--result",)):
        done = headframe("schema", *flag)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["type"] == "object"


def test_list_names_the_kinds():
    done = headframe("list", "--json")
    assert done.returncode == 0, done.stderr
    assert "gbm" in json.loads(done.stdout)["process"]


def test_list_machines_is_the_catalogue_at_80_columns():
    done = headframe("list", "machines")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["model", "preset", "TH/s", "W", "J/TH", "cooling", "since"]
    (s21,) = (line.split() for line in lines if line.startswith("antminer_s21 "))
    assert s21 == ["antminer_s21", "nameplate", "200", "3500", "17.5", "air", "2023-09"]
    names = {line.split()[0] for line in lines[1:] if line[:1].isalpha()}
    assert {"phenom_x6", "whatsminer_m30s_plus_plus", "bitaxe_gamma"} <= names


def test_list_machines_as_json_says_who_says_so():
    done = headframe("list", "machines", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    presets = found["machines"]["antminer_s19j_pro_96"]["presets"]
    assert presets["underclocked"]["efficiency_j_per_th"] == pytest.approx(1905 / 74.5)
    assert presets["underclocked"]["basis"] == "measured"
    assert "hashprophet" in found["sources"]


def test_list_gas_is_the_table():
    done = headframe("list", "gas")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    (supply,) = (line.split() for line in done.stdout.splitlines() if " supply " in line)
    assert supply == ["aave_v3", "supply", "147,000", "244"]
    found = json.loads(headframe("list", "gas", "--json").stdout)
    assert "aave-v3-origin" in found["aave_v3"]["supply"]["source"]


def test_what_cannot_be_listed_is_bad_usage():
    done = headframe("list", "maschines")
    assert done.returncode == 2
    assert done.stdout == ""
