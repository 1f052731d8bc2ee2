"""Bitcoin's numbers: compact targets, work, retarget, subsidy. Vectors of Bitcoin Core (MIT)."""

import csv
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import InputError
from headframe.exact import bitcoin

DATA = Path(os.environ.get("HEADFRAME_DATA", Path(__file__).parents[3] / "shared" / "data"))
EPOCHS = DATA / "btc_difficulty_epochs.csv"

# Bitcoin Core, arith_uint256_tests.cpp, bignum_SetCompact: bits, target, bits again, sign.
COMPACT = [
    (0x00000000, 0, 0, False),
    (0x00123456, 0, 0, False),
    (0x01003456, 0, 0, False),
    (0x02000056, 0, 0, False),
    (0x03000000, 0, 0, False),
    (0x04000000, 0, 0, False),
    (0x00923456, 0, 0, False),
    (0x01803456, 0, 0, False),
    (0x02800056, 0, 0, False),
    (0x03800000, 0, 0, False),
    (0x04800000, 0, 0, False),
    (0x01123456, 0x12, 0x01120000, False),
    (0x01FEDCBA, 0x7E, 0x01FE0000, True),
    (0x02123456, 0x1234, 0x02123400, False),
    (0x03123456, 0x123456, 0x03123456, False),
    (0x04123456, 0x12345600, 0x04123456, False),
    (0x04923456, 0x12345600, 0x04923456, True),
    (0x05009234, 0x92340000, 0x05009234, False),
    (0x20123456, 0x123456 << 232, 0x20123456, False),
]


@pytest.mark.parametrize(("bits", "target", "again", "negative"), COMPACT)
def test_compact_agrees_with_core(bits, target, again, negative):
    assert bitcoin.target_from_compact(bits) == (target, negative, False)
    assert bitcoin.compact_from_target(target, negative=negative) == again


def test_compact_overflow_and_the_sign_that_never_arises():
    assert bitcoin.target_from_compact(0xFF123456)[1:] == (False, True)
    assert bitcoin.compact_from_target(0x80) == 0x02008000
    # Core: size 34 holds one byte, 33 two bytes, 32 three.
    assert bitcoin.target_from_compact(0x220000FF) == (0xFF << 248, False, False)
    assert bitcoin.target_from_compact(0x22000100)[2]
    assert bitcoin.target_from_compact(0x2100FFFF) == (0xFFFF << 240, False, False)
    assert bitcoin.target_from_compact(0x21010000)[2]
    assert bitcoin.target_from_compact(0x23000001)[2]
    assert not bitcoin.target_from_compact(0x207FFFFF)[2]
    assert not bitcoin.target_from_compact(0xFF000000)[2]


@given(st.integers(0, 2**256 - 1))
def test_compact_rounds_down_by_less_than_one_part_in_2_to_the_15(target):
    again, negative, overflow = bitcoin.target_from_compact(bitcoin.compact_from_target(target))
    assert not negative
    assert not overflow
    assert again <= target
    assert (target - again) << 15 <= target
    assert bitcoin.compact_from_target(again) == bitcoin.compact_from_target(target)


@pytest.mark.parametrize(("function", "value"), [
    (bitcoin.target_from_compact, -1),
    (bitcoin.target_from_compact, 1 << 32),
    (bitcoin.compact_from_target, -1),
    (bitcoin.compact_from_target, 1 << 256),
])  # fmt: skip
def test_values_out_of_range_are_named(function, value):
    with pytest.raises(InputError, match="unsigned"):
        function(value)


@pytest.mark.parametrize(
    ("bits", "shown"),
    [
        (0x1D00FFFF, 1.0),
        (0x1B0404CB, 16307.420938523983),
        (0x1C05A3F4, 45.38582234101263),
        (0x171398CE, 14363025673659.965),
        (0x1702068F, 138955357012247.3),
    ],
)
def test_difficulty(bits, shown):
    assert bitcoin.difficulty_for_display(bits) == shown
    assert bitcoin.difficulty(bits) * bitcoin.target_from_compact(bits)[0] == 0xFFFF << 208


@pytest.mark.parametrize(
    ("bits", "rule"),
    [(0x1D80FFFF, "sign bit"), (0xFF123456, "overflows"), (0x1D000000, "zero")],
)
def test_difficulty_of_impossible_bits_names_the_rule(bits, rule):
    with pytest.raises(InputError, match=rule):
        bitcoin.difficulty(bits)
    assert bitcoin.block_work(bits) == 0


@given(st.integers(1, 2**256 - 2))
def test_work_is_cores_two_s_complement_expression(target):
    bits = bitcoin.compact_from_target(target)
    held = bitcoin.target_from_compact(bits)[0]
    assert bitcoin.block_work(bits) == (2**256 - 1 - held) // (held + 1) + 1


# Bitcoin Core, pow_tests.cpp: bits, first time, last time, next bits.
RETARGETS = [
    (0x1D00FFFF, 1261130161, 1262152739, 0x1D00D86A),
    (0x1D00FFFF, 1231006505, 1233061996, 0x1D00FFFF),
    (0x1C05A3F4, 1279008237, 1279297671, 0x1C0168FD),
    (0x1C387F6F, 1263163443, 1269211443, 0x1D00E1FD),
]


@pytest.mark.parametrize(("bits", "first_ts", "last_ts", "expected"), RETARGETS)
def test_retarget_agrees_with_core(bits, first_ts, last_ts, expected):
    assert bitcoin.next_bits(bits, first_ts, last_ts) == expected
    assert bitcoin.permitted_transition(4032, bits, expected)


def test_the_clamps_are_at_a_quarter_and_four_times_to_the_second():
    def after(bits, span_s):
        return bitcoin.next_bits(bits, 10**9, 10**9 + span_s)

    low, high = 0x1B7FFFFF, 0x1B1FFFFF  # four times either way, no digit of these is lost
    assert after(low, -(10**9)) == after(low, 302_399) == after(low, 302_400) < after(low, 302_401)
    assert after(high, 4_838_399) < after(high, 4_838_400) == after(high, 4_838_401)
    assert after(high, 10**9) == after(high, 4_838_400) == 0x1B7FFFFC
    assert after(low, 1_209_600) == low


def test_permitted_transition_agrees_with_core_at_both_clamps():
    assert not bitcoin.permitted_transition(68544, 0x1C05A3F4, 0x1C0168FD - 1)
    assert not bitcoin.permitted_transition(46368, 0x1C387F6F, 0x1D00E1FD + 1)
    assert bitcoin.permitted_transition(46369, 0x1C387F6F, 0x1C387F6F)
    assert not bitcoin.permitted_transition(46369, 0x1C387F6F, 0x1C387F6E)
    assert bitcoin.permitted_transition(1, 0x1D00FFFF, 0x1B0404CB, chain=bitcoin.TESTNET3)


@pytest.mark.parametrize("bits", [0x1D80D86A, 0xFF123456, 0x1D000000, 0x1D010000])
def test_impossible_bits_are_never_permitted(bits):
    assert not bitcoin.permitted_transition(2016, 0x1D00FFFF, bits)
    with pytest.raises(InputError, match="last_bits"):
        bitcoin.next_bits(bits, 0, 1209600)


@given(st.integers(0x1B008000, 0x1B7FFFFF), st.integers(-(10**7), 10**7))
def test_every_retarget_is_a_permitted_transition(bits, span_s):
    assert bitcoin.permitted_transition(2016, bits, bitcoin.next_bits(bits, 0, span_s))


def test_regtest_never_retargets():
    assert bitcoin.next_bits(0x207FFFFF, 0, 1, chain=bitcoin.REGTEST) == 0x207FFFFF


# Bitcoin Core, pow_tests.cpp: CheckProofOfWork.
def test_proof_of_work_check_agrees_with_core():
    limit = bitcoin.MAINNET.limit_target
    assert not bitcoin.check_proof_of_work(1, bitcoin.compact_from_target(limit, negative=True))
    assert not bitcoin.check_proof_of_work(1, 0xFF7FFFFF)
    assert not bitcoin.check_proof_of_work(1, bitcoin.compact_from_target(2 * limit))
    assert not bitcoin.check_proof_of_work(2 * limit, bitcoin.compact_from_target(limit))
    assert not bitcoin.check_proof_of_work(0, bitcoin.compact_from_target(0))
    held = 0xFFFF << 208
    assert bitcoin.check_proof_of_work(held, 0x1D00FFFF)
    assert not bitcoin.check_proof_of_work(held + 1, 0x1D00FFFF)
    assert bitcoin.check_proof_of_work(held.to_bytes(32, "little"), 0x1D00FFFF)
    with pytest.raises(InputError, match="32 bytes"):
        bitcoin.check_proof_of_work(b"short", 0x1D00FFFF)


def test_subsidy():
    assert bitcoin.subsidy_sat(0) == bitcoin.subsidy_sat(209_999) == 5_000_000_000
    assert bitcoin.subsidy_sat(210_000) == 2_500_000_000
    assert bitcoin.subsidy_sat(840_000) == 312_500_000
    assert bitcoin.subsidy_sat(32 * 210_000) == 1
    assert bitcoin.subsidy_sat(33 * 210_000) == 0
    assert bitcoin.subsidy_sat(64 * 210_000) == bitcoin.subsidy_sat(65 * 210_000) == 0
    # Core, validation_tests.cpp: the sum over all blocks.
    total_sat = sum(bitcoin.subsidy_sat(era * 210_000) * 210_000 for era in range(70))
    assert total_sat == 2_099_999_997_690_000
    with pytest.raises(InputError, match="height"):
        bitcoin.subsidy_sat(-1)


def test_a_chain_whose_retarget_would_wrap_in_256_bits_is_refused():
    with pytest.raises(InputError, match="fits in 256 bits"):
        bitcoin.ChainParameters(name="too easy", limit_target=2**234)
    with pytest.raises(InputError, match="2 blocks"):
        bitcoin.ChainParameters(name="no period", limit_target=2**200, interval=1)


@pytest.mark.data
@pytest.mark.skipif(not EPOCHS.exists(), reason=f"research data absent: {EPOCHS.name}")
def test_all_real_bitcoin_periods():
    with EPOCHS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 474
    previous = None
    for row in rows:
        bits, target = int(row["nbits_hex"], 16), int(row["target_hex"], 16)
        height = int(row["start_height"])
        assert bitcoin.target_from_compact(bits) == (target, False, False)
        assert bitcoin.compact_from_target(target) == bits
        assert bitcoin.difficulty_for_display(bits) == pytest.approx(
            float(row["difficulty"]), rel=1e-12
        )
        if previous is not None:
            assert bitcoin.permitted_transition(height, previous, bits)
            change = bitcoin.difficulty(bits) / bitcoin.difficulty(previous) - 1
            assert abs(change * 100 - Fraction(row["change_pct"])) < Fraction(1, 10**5)
        previous = bits
    assert height == 953_568
