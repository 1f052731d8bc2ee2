"""Bitcoin Cash's three rules against the specifications' own sequences and vectors."""

import os
from pathlib import Path

import pytest

from headframe.errors import InputError
from headframe.exact import bitcoin_cash
from headframe.exact.bitcoin_chains import MAINNET
from headframe.exact.bitcoin_compact import compact_from_target, target_from_compact

DATA = Path(os.environ.get("HEADFRAME_DATA", Path(__file__).parents[3] / "shared" / "data"))
RUNS = sorted((DATA / "asert_vectors").glob("run*"))
LIMIT_BITS = 0x1D00FFFF


class Chain:
    """Blocks as the specifications' tests pile them up: seconds after the parent, and bits."""

    def __init__(self, bits: int) -> None:
        self.times, self.bits = [1269211443], [bits]

    def add(self, count: int, seconds: int, bits: int | None = None) -> None:
        for _ in range(count):
            self.bits.append(self.cw144() if bits is None else bits)
            self.times.append(self.times[-1] + seconds)

    def cw144(self) -> int:
        return bitcoin_cash.cw144_next_bits(self.times[-147:], self.bits[-147:])

    def emergency(self) -> int:
        return bitcoin_cash.emergency_bits(self.bits[-1], self.mtp(0), self.mtp(6))

    def mtp(self, back: int) -> int:
        end = len(self.times) - back
        return sorted(self.times[end - 11 : end])[5]


def test_cw144_reproduces_the_specifications_sequence():
    # November 13th hard-fork specification, "Test Case"; the last stretch is Bitcoin ABC's test.
    # A block's bits are what the rule gives for it, so each stretch names the bits *after* it.
    chain = Chain(0x1C0FFFFF)
    chain.add(2049, 600, 0x1C0FFFFF)
    start = chain.cw144()
    chain.add(10, 600)
    assert set(chain.bits[-10:]) == {start}
    chain.add(1, 6000)
    assert chain.cw144() == start
    chain.add(1, -4800)
    assert chain.cw144() == start
    chain.add(20, 600)
    chain.add(1, 550)
    assert chain.cw144() == start
    for count, seconds, expected in [
        (10, 550, 0x1C0FE7B1),
        (20, 10, 0x1C0DB19F),
        (1, 6000, 0x1C0D9222),
        (93, 6000, 0x1C2F13B9),
        (1, 6000, 0x1C2EE9BF),
        (192, 6000, LIMIT_BITS),
        (5, 6000, LIMIT_BITS),
        (130 + 70, 10, 0x1C4C068C),
    ]:
        chain.add(count, seconds)
        assert chain.cw144() == expected


def test_cw144_takes_the_middle_block_by_three_swaps():
    # With equal times the swaps decide which block ends the window, and so whose work counts.
    times = [600 * place for place in range(147)]
    bits = [0x1C0FFFFF] * 147
    plain = bitcoin_cash.cw144_next_bits(times, bits)
    # Newest three (t, t, t): no swap, the middle one stays; a heavy newest block is not counted.
    times[144:] = [times[145]] * 3
    bits[146] = 0x1B0FFFFF
    assert bitcoin_cash.cw144_next_bits(times, bits) == plain
    # Newest three (t+1, t, t): the first swap puts the newest in front and the oldest last, the
    # middle one stays the middle.
    times[144] += 1
    assert bitcoin_cash.cw144_next_bits(times, bits) == plain
    # Newest three (t, t+1, t): the last swap makes the newest block the middle: it is counted.
    times[144:] = [times[145], times[145] + 1, times[145]]
    assert bitcoin_cash.cw144_next_bits(times, bits) < plain


def test_emergency_rule_reproduces_bitcoin_abcs_sequence():
    # pow_tests.cpp, retargeting_test of Bitcoin ABC 0.14: two-hour blocks from block 100 on.
    limit = MAINNET.limit_target
    bits = compact_from_target(limit >> 1)
    chain = Chain(bits)
    chain.add(99, 600, bits)
    for _ in range(10):
        chain.add(1, 7200, bits)
        assert chain.emergency() == bits
    for _ in range(3):
        chain.add(1, 7200, bits)
        target = target_from_compact(bits)[0]
        bits = compact_from_target(target + target // 4)
        assert chain.emergency() == bits
    chain.add(1, 7200, bits)
    assert chain.emergency() == LIMIT_BITS
    chain.add(1, 7200, LIMIT_BITS)
    assert chain.emergency() == LIMIT_BITS


def test_emergency_rule_fires_at_twelve_hours_exactly():
    assert bitcoin_cash.emergency_bits(0x1C0FFFFF, 43_199, 0) == 0x1C0FFFFF
    assert bitcoin_cash.emergency_bits(0x1C0FFFFF, 43_200, 0) == 0x1C13FFFE


@pytest.mark.data
@pytest.mark.skipif(not RUNS, reason="research data absent: asert_vectors")
@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.name)
def test_asert_reproduces_the_published_runs(path):
    given, rows = {}, []
    for line in path.read_text().splitlines():
        if line.startswith("##"):
            name, _, value = line.removeprefix("##").partition(":")
            given[name.strip()] = value.strip()
        elif line and not line.startswith("#"):
            rows.append(line.split())
    anchor_height = int(given["anchor height"])
    parent_ts = int(given["anchor ancestor time"])
    anchor_bits = int(given["anchor nBits"], 16)
    assert len(rows) == int(given["iterations"])
    for _, height, ts, expected in rows:
        found = bitcoin_cash.asert_next_bits(
            anchor_height, parent_ts, anchor_bits, int(height), int(ts)
        )
        assert found == int(expected, 16), (path.name, height)


def test_asert_doubles_the_target_for_each_half_life_behind_schedule():
    # On schedule the anchor's own bits come back; each two days late double the target.
    for days, target in [(0, 1), (2, 2), (4, 4), (-2, 0.5), (-4, 0.25)]:
        ts = 600 * 2 + days * 86_400
        bits = bitcoin_cash.asert_next_bits(1, 0, 0x1B010000, 2, ts)
        assert target_from_compact(bits)[0] == target_from_compact(0x1B010000)[0] * target


def test_asert_divides_towards_zero():
    # 1 s ahead is 65536/172800 of a unit: towards zero it is nothing, floored it would be -1.
    assert bitcoin_cash.asert_next_bits(1, 0, 0x1B7FFFFF, 2, 1199) == 0x1B7FFFFF
    assert bitcoin_cash.asert_next_bits(1, 0, 0x1B7FFFFF, 2, 1197) < 0x1B7FFFFF


def test_asert_at_both_ends_of_the_scale():
    assert bitcoin_cash.asert_next_bits(1, 0, 0x1D00FFFF, 1, 10**15) == LIMIT_BITS
    assert bitcoin_cash.asert_next_bits(1, 0, 0x1D00FFFF, 10**9, 0) == 0x01010000
    testnet = bitcoin_cash.asert_next_bits(1, 0, 0x1B010000, 1, 600 + 3600, half_life_s=3600)
    assert testnet == 0x1B020000
    easy = 2**240 - 1
    assert (
        bitcoin_cash.asert_next_bits(1, 0, 0x1D00FFFF, 1, 10**15, limit_target=easy) == 0x1F00FFFF
    )


@pytest.mark.parametrize(
    ("arguments", "keywords", "rule"),
    [
        ((0, 0, 0x1D00FFFF, 5, 0), {}, "at or above the anchor"),
        ((6, 0, 0x1D00FFFF, 5, 0), {}, "at or above the anchor"),
        ((1, 0, 0x1D80FFFF, 5, 0), {}, "anchor_bits.*sign bit"),
        ((1, 0, 0x1D010000, 5, 0), {}, "anchor_bits.*above the chain's limit"),
        ((1, 0, 0x1D00FFFF, 5, 0), {"half_life_s": 0}, "at least 1 s"),
    ],
)
def test_asert_names_what_is_wrong(arguments, keywords, rule):
    with pytest.raises(InputError, match=rule):
        bitcoin_cash.asert_next_bits(*arguments, **keywords)


def test_windows_of_another_length_are_refused():
    with pytest.raises(InputError, match="147 blocks"):
        bitcoin_cash.cw144_next_bits([0] * 146, [LIMIT_BITS] * 146)
    with pytest.raises(InputError, match="stand for work"):
        bitcoin_cash.cw144_next_bits(list(range(147)), [0] * 147)
    with pytest.raises(InputError, match="last_bits"):
        bitcoin_cash.emergency_bits(0x1D80FFFF, 0, 0)
