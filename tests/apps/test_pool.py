"""`headframe pool` as a user meets it: numbers, files, and one line for each mistake."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headframe.apps.pool import app
from headframe.errors import DataError, GapError, InputError

SHARES = """time,miner,difficulty,network_difficulty,share,height
1700000000,ann,4,8,s1,840000
1700000001,bob,2,8,s2,840000
1700000002,cid,2,16,s3,840001
1700000003,bob,1,16,s4,840001
"""
BLOCKS = """share,height,fees_sat,status
s2,840000,1000,confirmed
s4,840001,7,confirmed
"""
REWARD = 2 * 312_500_000 + 1007


@pytest.fixture
def logs(tmp_path):
    (tmp_path / "shares.csv").write_text(SHARES)
    (tmp_path / "blocks.csv").write_text(BLOCKS)
    return tmp_path


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def payouts(folder, *words):
    return call("payouts", folder / "shares.csv", folder / "blocks.csv", *words)


def told(result):
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def mistake(result, kind=InputError):
    assert isinstance(result.exception, kind), (result.exception, result.output)
    return str(result.exception)


ALL_SCHEMES = [
    ("solo",),
    ("pps",),
    ("fpps", "--fees-sat", 500),
    ("pps+", "--window", "1.5"),
    ("proportional",),
    ("pplns", "--window", "0.5"),
    ("geometric", "--variable-fee", "0.1"),
    ("double-geometric", "--variable-fee", "0.1", "--leakage", "0.5"),
]


@pytest.mark.parametrize("scheme", ALL_SCHEMES, ids=lambda scheme: scheme[0])
def test_every_scheme_accounts_for_every_satoshi(logs, scheme):
    answer = told(payouts(logs, "--scheme", *scheme, "--fee", "0.02", "--json"))
    parts = ("pay_sat", "fee_sat", "own_sat", "dust_sat")
    assert sum(answer[part] for part in parts) == answer["reward_sat"] == REWARD
    assert {miner["miner"] for miner in answer["miners"]} <= {"ann", "bob", "cid"}


def test_proportional_by_hand(logs):
    """First block 2:1 between ann and bob; second 2:1 between cid and bob; fee 1 %."""
    answer = told(payouts(logs, "--scheme", "proportional", "--fee", "0.01", "--json"))
    paid = {miner["miner"]: miner["pay_sat"] for miner in answer["miners"]}
    first, second = 312_501_000, 312_500_007
    assert paid["ann"] == math.floor(0.99 * first * 2 / 3)
    assert paid["cid"] == math.floor(0.99 * second * 2 / 3)
    assert paid["bob"] == math.floor(0.99 * (first + second) / 3)


@pytest.mark.parametrize(
    ("scheme", "fees_sat"), [(("pps",), 0), (("fpps", "--fees-sat", 800), 800)]
)
def test_pay_per_share_by_hand(logs, scheme, fees_sat):
    """Works 1/2, 1/4 + 1/16 and 1/8 of the subsidy at their heights, and of fees with FPPS."""
    answer = told(payouts(logs, "--scheme", *scheme, "--json"))
    reward = 312_500_000 + fees_sat
    paid = {miner["miner"]: miner["pay_sat"] for miner in answer["miners"]}
    assert paid == {"ann": reward // 2, "bob": reward * 5 // 16, "cid": reward // 8}
    assert answer["own_sat"] == REWARD - sum(paid.values()) - answer["dust_sat"]
    other = told(payouts(logs, "--scheme", *scheme, "--subsidy-sat", 16_000, "--json"))
    assert other["pay_sat"] == (16_000 + fees_sat) * 15 // 16


def test_the_report_of_payouts(logs):
    result = payouts(logs, "--scheme", "pplns", "--window", "2")
    assert result.exit_code == 0
    assert "= reward" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_what_was_paid_is_not_paid_again(logs):
    out = logs / "payouts.csv"
    first = payouts(logs, "--scheme", "proportional", "--out", out)
    assert "3 payouts in" in first.stderr
    with out.open(newline="") as text:
        paid = {row["miner"]: int(row["paid_sat"]) for row in csv.DictReader(text)}
    again = told(payouts(logs, "--scheme", "proportional", "--paid", out, "--json"))
    assert again["pay_sat"] == 0
    assert again["paid_before_sat"] == sum(paid.values())
    with (logs / "shares.csv").open("a") as shares, (logs / "blocks.csv").open("a") as blocks:
        shares.write("1700000004,ann,16,16,s5,840002\n")
        blocks.write("s5,840002,1,confirmed\n")
    later = told(payouts(logs, "--scheme", "proportional", "--paid", out, "--json"))
    assert [miner["pay_sat"] for miner in later["miners"]] == [312_500_001, 0, 0]


def test_a_block_that_has_not_matured_waits(logs):
    text = BLOCKS.replace("7,confirmed", "7,pending")
    (logs / "blocks.csv").write_text(text)
    answer = told(payouts(logs, "--scheme", "solo", "--json"))
    assert answer["reward_sat"] == 312_501_000
    assert (answer["n_blocks_pending"], answer["pending_sat"]) == (1, 312_500_007)


def test_an_orphan_can_be_named(logs):
    answer = told(payouts(logs, "--scheme", "solo", "--orphan", "840001", "--json"))
    assert (answer["n_blocks_orphaned"], answer["orphaned_sat"]) == (1, 312_500_007)
    said = mistake(payouts(logs, "--scheme", "solo", "--orphan", "840009"))
    assert said.startswith("orphan: '840009'")


def test_smaller_amounts_wait(logs):
    answer = told(payouts(logs, "--scheme", "solo", "--minimum-sat", 10**9, "--json"))
    assert (answer["pay_sat"], answer["waiting_sat"]) == (0, REWARD)


def test_miners_there_are(logs):
    (logs / "miners.txt").write_text("ann\nbob\n")
    said = mistake(payouts(logs, "--scheme", "solo", "--miners", logs / "miners.txt"))
    assert said.startswith("shares.csv line 4, miner: 'cid'")


def test_a_gap_and_nothing_is_written(logs):
    (logs / "shares.csv").write_text(SHARES.replace("1700000003", "1700009003"))
    out = logs / "payouts.csv"
    result = payouts(logs, "--scheme", "solo", "--max-gap", "1h", "--out", out)
    assert "9001 s without a share" in mistake(result, GapError)
    assert issubclass(GapError, DataError)
    assert not out.exists()
    assert payouts(logs, "--scheme", "solo", "--out", out).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pplns",), "--window: is needed with this scheme, pplns"),
        (("solo", "--window", "2"), "--window: is not for this scheme, solo"),
        (("geometric",), "--variable-fee: is needed"),
        (("double-geometric", "--variable-fee", "0.1"), "--leakage: is needed"),
        (("solo", "--fee", "2%"), "--fee: '2%' is not allowed"),
        (("solo", "--fee", "1.5"), "fee: '3/2' is not allowed"),
        (("pplns", "--window", "0"), "window_rounds: '0' is not allowed"),
        (("solo", "--network-difficulty", "0"), "--network-difficulty: '0'"),
        (("solo", "--max-gap", "soon"), "--max-gap: 'soon'"),
        (("fpps",), "shares.csv: needs a column fees_sat"),
        (("solo", "--paid", "none.csv"), "none.csv: no such file"),
    ],
)
def test_mistakes_are_named(logs, words, said):
    assert mistake(payouts(logs, "--scheme", *words)).startswith(said)


def test_an_unknown_scheme_is_a_usage_error(logs):
    assert payouts(logs, "--scheme", "slush").exit_code == 2


def test_the_command_says_one_line_and_exits_with_2(logs):
    (logs / "shares.csv").write_text(SHARES.replace("cid,2", "cid,-2"))
    command = Path(sys.executable).parent / "headframe"
    words = ["pool", "payouts", logs / "shares.csv", logs / "blocks.csv", "--scheme", "solo"]
    done = subprocess.run([command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    told = "headframe: shares.csv line 4, difficulty: '-2' is not allowed; a number above 0\n"
    assert done.stderr == told


def choose(*words):
    return call("choose", "--hashrate", "200TH/s", *words)


def test_choosing_for_a_small_and_a_large_miner():
    """Small ones buy calm; the larger a miner, the more of his luck he can bear himself."""
    small = told(choose("--wealth", 50_000, "--json"))
    assert small["offers"][-1]["scheme"] == "Solo"
    assert small["best"] == small["offers"][0]["name"] != "own node"
    large = told(call("choose", "--hashrate", "20EH/s", "--wealth", "5e9", "--json"))
    assert large["best"] == "own node"
    assert small["solo_is_best_from_th_s"] > 200.0
    assert large["solo_is_best_from_th_s"] < 20e6
    # Wealth per TH/s is the same in both, and so is the size from which mining alone is best.
    assert small["solo_is_best_from_th_s"] == pytest.approx(
        large["solo_is_best_from_th_s"], rel=1e-6
    )


def test_the_fee_worth_paying_alone_is_the_closed_form():
    """1 - (1 - e^(-a B)) / (a B), whatever the hash rate."""
    answer = told(
        choose("--aversion-per-usd", "2e-6", "--btc-usd", 60_000, "--fees-btc", 0, "--json")
    )
    alone = next(offer for offer in answer["offers"] if offer["name"] == "own node")
    ab = 2e-6 * 60_000 * 3.125
    assert alone["fee_worth_paying_to_be_rid_of_luck"] == pytest.approx(
        1 + math.expm1(-ab) / ab, rel=1e-9
    )
    sure = next(offer for offer in answer["offers"] if offer["name"] == "FPPS")
    assert sure["fee_worth_paying_to_be_rid_of_luck"] == pytest.approx(0.04)
    assert sure["cost_of_luck_usd"] == pytest.approx(0.0, abs=1e-9)


def test_own_offers():
    answer = told(
        choose(
            "--wealth", 1e5, "--risk-aversion", 2, "--horizon", "30d", "--discount-apr", 0.05,
            "--json",
            "--offer", "tiny,pplns,fee=0.001,window=8,pool=20PH/s",
            "--offer", "mid,geometric,variable-fee=0.2,fee=-0.2,pool=1EH/s",
            "--offer", "sure,fpps,fee=0.02",
        )
    )  # fmt: skip
    assert {offer["name"] for offer in answer["offers"]} == {"tiny", "mid", "sure"}
    assert answer["best"] == "sure"
    assert answer["assumptions"]["horizon_days"] == 30.0


def test_a_miner_who_looks_at_the_mean_takes_the_lowest_fee():
    answer = told(choose("--aversion-per-usd", 0, "--json"))
    assert answer["best"] == "own node"
    assert answer["solo_is_best_from_th_s"] == 0.0


def test_the_report_of_a_choice():
    result = choose("--wealth", 50_000)
    assert result.exit_code == 0
    assert "is worth most to this miner" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--wealth: your wealth in USD"),
        (("--wealth", -1), "wealth_usd"),
        (("--wealth", 1, "--horizon", "soon"), "--horizon: 'soon'"),
        (("--wealth", 1, "--offer", "x"), "--offer: 'x'"),
        (("--wealth", 1, "--offer", "x,slush"), "--offer: 'slush'"),
        (("--wealth", 1, "--offer", "x,pplns"), "--offer: 'pplns' is not allowed; needs window="),
        (("--wealth", 1, "--offer", "x,fpps,window=2"), "--offer: 'fpps' is not allowed; takes no"),
        (("--wealth", 1, "--offer", "x,fpps,tip=2"), "--offer: 'tip=2'"),
        (("--wealth", 1, "--offer", "x,fpps,fee=4%"), "--offer, fee: '4%'"),
        (("--wealth", 1, "--offer", "x,fpps,fee=1"), "fee: 1"),
        (("--wealth", 1, "--offer", "x,fpps", "--offer", "x,solo"), "--offer"),
        (("--wealth", 1, "--offer", "x,fpps,pool=big"), "--offer, pool: 'big'"),
        (("--wealth", 1, "--difficulty", 0), "difficulty"),
    ],
)
def test_mistakes_in_a_choice_are_named(words, said):
    assert mistake(choose(*words)).startswith(said)


def test_a_hash_rate_needs_its_unit():
    assert mistake(call("choose", "--hashrate", "200", "--wealth", 1)).startswith(
        "--hashrate: '200'"
    )
