"""Reports about pools: what is told adds up, fits a terminal, and is exact in the files."""

import csv
import io
import json
from fractions import Fraction

import pytest

from headframe.errors import InputError
from headframe.exact.pool_payments import payments
from headframe.exact.pool_schemes import Pps, Proportional
from headframe.exact.pool_shares import ONE_X96, FoundBlock, Share, replay
from headframe.report.pool import (
    PAYOUT_COLUMNS,
    Payouts,
    hash_rate,
    payout_numbers,
    print_payouts,
    write_payouts,
)


def paid_out(scheme=None, n_miners=30, **options):
    events = [
        (Share(f"bc1q{'x' * 30}{n:04d}", ONE_X96 // (50 + n), 10**9), None) for n in range(n_miners)
    ]
    events.append((Share("last", ONE_X96 // 9, 10**9), FoundBlock("x", 10**9, 12_345)))
    stated = replay(scheme or Proportional(fee=Fraction(1, 50)), events)
    made = payments(stated, paid_before_sat=options.pop("before", {}), **options)
    return Payouts("proportional, fee 0.02", stated, made, 3, 1, 99)


def printed(payouts, width=80):
    out = io.StringIO()
    print_payouts(payouts, width=width, file=out)
    return out.getvalue()


def test_the_terminal_report_fits_and_adds_up():
    payouts = paid_out()
    text = printed(payouts)
    assert max(map(len, text.splitlines())) <= 80
    assert "last" in text
    assert "11 more" in text
    assert "31 shares accepted, 3 rejected; blocks: 1 paid, 0 orphaned, 1 pending." in text
    lines = [line.split() for line in text.split("It adds up")[1].splitlines() if line.strip()]
    told = {line[0]: line for line in lines}
    numbers = [
        int(
            next(
                word for word in told[name] if word.lstrip("-").replace(",", "").isdigit()
            ).replace(",", "")
        )
        for name in ("waiting", "fee", "own", "dust", "=")
    ]
    paid = [int(line[2].replace(",", "")) for line in lines if line[0] == "paid"]
    assert sum(paid) + sum(numbers[:-1]) == numbers[-1] == 10**9 + 12_345


def test_an_operator_in_the_red_is_told():
    payouts = paid_out(Pps())
    assert payouts.statement.own_sat >= 0 or "needed a reserve" in printed(payouts)
    assert "needed a reserve of" in printed(paid_out(Pps()))


def test_numbers_are_json_and_add_up():
    told = json.loads(json.dumps(payout_numbers(paid_out(minimum_sat=30_000_000)), allow_nan=False))
    parts = ("paid_before_sat", "pay_sat", "waiting_sat", "fee_sat", "own_sat", "dust_sat")
    assert sum(told[part] for part in parts) == told["reward_sat"] == 10**9 + 12_345
    assert told["waiting_sat"] > 0
    assert sum(miner["pay_sat"] for miner in told["miners"]) == told["pay_sat"]
    assert told["n_shares_rejected"] == 3


def test_the_file_of_payouts_is_exact(tmp_path):
    before = {"last": 10**9}
    payouts = paid_out(before=before)
    write_payouts(payouts, tmp_path / "payouts.csv")
    with (tmp_path / "payouts.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert tuple(rows[0]) == PAYOUT_COLUMNS
    assert sum(int(row["pay_sat"]) for row in rows) == payouts.pay_sat
    for row in rows:
        carried = int(row["credited_sat"]) - int(row["paid_sat"])
        assert 0 <= float(row["carried_sat"]) - carried < 1
    last = next(row for row in rows if row["miner"] == "last")
    assert (last["pay_sat"], last["paid_sat"]) == ("0", str(10**9))
    assert float(last["carried_sat"]) < 0
    assert last["work_blocks"] == "0.111111111111"
    with pytest.raises(InputError, match="--out"):
        write_payouts(payouts, tmp_path / "none" / "payouts.csv")


def test_hash_rates():
    assert hash_rate(85_765.0) == "85.8 PH/s"
    assert hash_rate(0.5) == "0.5 TH/s"
