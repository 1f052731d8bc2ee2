"""`headframe network` as a user meets it: output, errors in one line, exit codes."""

import json
import re
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from headframe.apps import cli, network
from headframe.errors import InputError
from headframe.exact import bitcoin
from headframe.studies import header_file

RUNNER = CliRunner()
FAST = ("--blocks", "1000", "--chains", "2")
EASY = replace(bitcoin.REGTEST, name="easy", genesis_hash=None)


def invoke(*args):
    """The sub-app's answer; its errors are raised for `main` to print."""
    return RUNNER.invoke(network.app, [str(arg) for arg in args])


def said(*args) -> str:
    """One line that an error makes of it."""
    done = invoke(*args)
    assert isinstance(done.exception, InputError), done.output
    text = str(done.exception)
    assert "\n" not in text
    assert done.stdout == ""
    return text


@pytest.fixture
def easy_chain(monkeypatch):
    monkeypatch.setitem(header_file.CHAINS, "easy", EASY)


def test_difficulty_compares_what_is_asked_for():
    done = invoke("difficulty", "asert", "dash", "--hash-rate", "oscillating", *FAST, "--json")
    assert done.exit_code == 0, done.output
    numbers = json.loads(done.stdout)
    pairs = [(x["algorithm"], x["hash_rate"]) for x in numbers["block_times"]]
    assert pairs == [("asert", "oscillating"), ("dash", "oscillating")]
    assert all(x["stolen"] > 0.0 for x in numbers["block_times"])
    assert [x["algorithm"] for x in numbers["responses"]] == ["asert", "dash"]


def test_difficulty_prints_all_and_writes_a_page(tmp_path):
    page = tmp_path / "page.html"
    done = invoke("difficulty", "bitcoin", "zcash", *FAST, "--html", page)
    assert done.exit_code == 0, done.output
    assert "Hoppers come and go" in done.stdout
    assert f"page in {page}" in done.stderr
    assert "plotly.js v" in page.read_text(encoding="utf-8")


def test_difficulty_s_options_reach_the_chains():
    def numbers(*options):
        run = ("difficulty", "asert", "lwma", "--hash-rate", "constant", *FAST, "--json")
        return json.loads(invoke(*run, *options).stdout)["block_times"]

    asert, lwma = numbers()
    tuned_asert, tuned_lwma = numbers("--half-life", "1h", "--spacing", "60", "--window", "90")
    assert (asert["spacing_s"], tuned_asert["spacing_s"]) == (600, 60)
    assert tuned_lwma["difficulty_sd"] < 0.85 * lwma["difficulty_sd"]  # about 1/sqrt(2)
    # A half-life of 60 spacings for 288: sqrt(288 / 60) = 2.2 in the long run, of which 1,000
    # blocks see less for the longer one.
    assert tuned_asert["difficulty_sd"] > 1.7 * asert["difficulty_sd"]
    assert numbers("--seed", "2")[0]["mean_s"] != asert["mean_s"]
    assert numbers()[0] == asert


def test_hoppers_growth_and_lag_are_the_user_s():
    def kinds(*options):
        done = invoke("difficulty", "cw-144", *FAST, "--json", *options)
        return {x["hash_rate"]: x for x in json.loads(done.stdout)["block_times"]}

    plain = kinds()
    other = kinds(
        "--hopper-size", "0.5", "--join", "1.0", "--leave", "1.0", "--growth", "5",
        "--volatility", "3", "--lag", "1h",
    )  # fmt: skip
    assert other["constant"] == plain["constant"]
    assert other["oscillating"]["stolen"] != plain["oscillating"]["stolen"]
    assert other["growing"]["mean_s"] < plain["growing"]["mean_s"]
    assert other["price"]["difficulty_sd"] > plain["price"]["difficulty_sd"]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("sha",), "algorithm: 'sha' is not allowed; one of bitcoin"),
        (("asert", "--hash-rate", "none"), "--hash-rate: 'none' is not allowed; one of constant"),
        (("asert", "--blocks", "5"), "--blocks"),
        (("asert", "--half-life", "soon"), "--half-life: 'soon' is not allowed; write a duration"),
        (("lwma", "--window", "1"), "--window: 1 is not allowed; from 3"),
        (("asert", "--spacing", "0"), "--spacing"),
        (("asert", "--join", "2"), "hoppers"),
        (("asert", "--lag", "0s"), "miners"),
        (("asert", "--factor", "0", *FAST), "--factor"),
        (("asert", *FAST, "--html", "no/such/folder/x.html"), "cannot be written"),
    ],
)
def test_difficulty_refuses_in_one_line(args, text):
    assert text in said("difficulty", *args)


def test_shock_by_default_is_china_2021():
    done = invoke("shock", "--chains", "60", "--json")
    numbers = json.loads(done.stdout)
    slowest = max(numbers["periods"], key=lambda period: period["block_s"])
    assert slowest["first_height"] == 687_456
    # 3.2 % of luck over sqrt(60) chains: 0.4 %, four of them 0.23 minutes.
    assert slowest["block_s"] / 60 == pytest.approx(13.9, abs=0.23)
    assert numbers["start"] == "2021-05-13"
    assert numbers["history"] == []


def test_shock_takes_a_share_a_date_and_times(tmp_path):
    page = tmp_path / "shock.html"
    done = invoke(
        "shock", "--share", "0.2", "--date", "2027-01-01", "--leave", "3d", "--stay", "0d",
        "--return", "never", "--algorithm", "asert", "--chains", "4", "--html", page,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    flat = " ".join(done.stdout.split())
    assert "20.0% of the hash rate leaves from 2027-01-01 over 3 days and does not return" in flat
    assert "Week by week" in flat
    assert page.exists()


def daily_table(path, n_days: int):
    rows = ["date,difficulty,height_end"]
    for day in range(n_days):
        month, rest = divmod(day, 28)
        rows.append(f"2024-{month + 1:02d}-{rest + 1:02d},1e12,{403_199 + 144 * day}")
    path.write_text("\n".join(rows) + "\n")
    return path


def test_shock_shows_what_daily_blocks_say(tmp_path):
    table = daily_table(tmp_path / "blocks.csv", 28)
    run = ("shock", "--date", "2024-01-02", "--chains", "2", "--daily", table, "--json")
    history = json.loads(invoke(*run).stdout)["history"]
    assert [one["height"] for one in history] == [405_216]
    assert history[0]["change"] == pytest.approx(1 / 2015, abs=2.0**-15)
    assert "at least one whole period" in said(*run[:-1], "--until", "2024-01-10")


@pytest.mark.data
def test_shock_tells_2021_from_daily_blocks(data_folder):
    done = invoke(
        "shock", "--chains", "2", "--daily", data_folder / "btc_daily.csv", "--until", "2021-08-01"
    )
    changes = re.findall(r"(?:685,440|687,456|689,472|691,488) .* ([+-]\d+\.\d\d) ", done.stdout)
    assert [float(x) for x in changes] == pytest.approx([-15.97, -5.30, -27.94, -4.81], abs=0.3)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--share", "1.2"), "--share: 1.2 is not allowed; above 0 and below 1"),
        (("--date", "tomorrow"), "--date: 'tomorrow' is not allowed; a date such as"),
        (("--leave", "long"), "--leave: 'long' is not allowed; write a duration"),
        (("--return", "-1d"), "--return"),
        (("--algorithm", "x"), "algorithm: 'x'"),
        (("--height", "-1"), "--height"),
        (("--chains", "1"), "--chains"),
        (("--pace", "0"), "--pace"),
        (("--chains", "2", "--daily", "absent.csv"), "cannot be read"),
    ],
)
def test_shock_refuses_in_one_line(args, text):
    assert text in said("shock", *args)


def test_shock_names_a_column_that_is_missing(tmp_path):
    table = tmp_path / "blocks.csv"
    table.write_text("date,blocks\n2024-01-01,144\n2024-01-02,150\n")
    assert "height_end" in said("shock", "--chains", "2", "--daily", table)


# verify ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def private_chain() -> bytes:
    return bitcoin.mine_chain(100, chain=bitcoin.PRIVATE)


def test_verify_says_what_a_file_holds(tmp_path, private_chain):
    path = tmp_path / "private.bin"
    path.write_bytes(private_chain)
    done = invoke("verify", path, "--chain", "private")
    assert done.exit_code == 0, done.output
    assert "private.bin: fine. 100 headers, heights 0 to 99 of private" in done.stdout
    tip = bitcoin.shown_hash(bitcoin.header_hash(private_chain[-80:]))
    assert tip in done.stdout
    numbers = json.loads(invoke("verify", path, "--chain", "private", "--json").stdout)
    assert numbers["tip_hash"] == tip
    assert numbers["count"] == 100


def test_verify_goes_on_from_a_height(tmp_path, private_chain):
    before, after = tmp_path / "before.bin", tmp_path / "after.bin"
    before.write_bytes(private_chain[: 80 * 60])
    after.write_bytes(private_chain[80 * 60 :])
    done = invoke(
        "verify", after, "--chain", "private", "--from-height", "60", "--context", before, "--json"
    )
    assert json.loads(done.stdout)["tip_height"] == 99


def test_the_genesis_block_is_mainnet_s_by_default(tmp_path, private_chain):
    path = tmp_path / "genesis.bin"
    path.write_bytes(
        bytes.fromhex(
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12"
            "b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
        )
    )
    assert "heights 0 to 0 of main" in invoke("verify", path).stdout
    path.write_bytes(private_chain)
    assert "bad-diffbits: header 0: bits" in said("verify", path)


def test_an_error_is_one_line_and_exit_code_2(tmp_path, private_chain, monkeypatch, capsys):
    path = tmp_path / "broken.bin"
    path.write_bytes(private_chain[: 80 * 50] + private_chain[80 * 51 :])
    monkeypatch.setattr(cli, "app", network.app)
    monkeypatch.setattr(sys, "argv", ["headframe", "verify", str(path), "--chain", "private"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("headframe: broken.bin: prev-blk-not-found: header 50: it points to ")
    assert err.count("\n") == 1


def test_verify_refuses_a_chain_that_it_does_not_know(tmp_path):
    assert "--chain: 'bsv' is not allowed; one of main" in said(
        "verify", tmp_path, "--chain", "bsv"
    )
    assert "cannot be read" in said("verify", tmp_path / "absent")


def test_help_is_there_for_each():
    for command in ("difficulty", "shock", "verify"):
        done = invoke(command, "--help")
        assert done.exit_code == 0
        assert "--json" in done.stdout
