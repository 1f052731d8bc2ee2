"""Ethereum's difficulty against `ethereum/tests` (MIT) and the specification's numbers."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from headframe.errors import InputError
from headframe.exact import ethereum_pow
from headframe.exact.ethereum_pow import BYZANTIUM, FORKS, FRONTIER, HOMESTEAD, block_difficulty

LINES = (Path(__file__).parent / "vectors" / "ethereum_difficulty.csv").read_text().splitlines()
ROWS = list(csv.DictReader(line for line in LINES if not line.startswith("#")))


@pytest.mark.parametrize("fork", sorted({row["fork"] for row in ROWS}))
def test_published_vectors(fork):
    rows = [row for row in ROWS if row["fork"] == fork]
    assert len(rows) >= 7
    for row in rows:
        found = block_difficulty(
            getattr(ethereum_pow, fork),
            height=int(row["height"], 16),
            ts=int(row["ts"], 16),
            parent_ts=int(row["parent_ts"], 16),
            parent_difficulty=int(row["parent_difficulty"], 16),
            parent_has_ommers=row["parent_ommers"] == "1",
        )
        assert found == int(row["difficulty"], 16), row


# Computed from the execution specification (CC0), and the main network's block 1.
@pytest.mark.parametrize(
    ("fork", "height", "parent", "elapsed_s", "ommers", "expected"),
    [
        (FRONTIER, 1, 17_179_869_184, 1_438_269_988, False, 17_171_480_576),
        (FRONTIER, 1000, 2048 * 1000, 12, False, 2049 * 1000),
        (FRONTIER, 1000, 2048 * 1000, 13, False, 2047 * 1000),
        (HOMESTEAD, 1_150_001, 10**13, 1, False, 10_004_882_813_012),
        (HOMESTEAD, 1_150_001, 10**13, 10, False, 10_000_000_000_512),
        (HOMESTEAD, 1_150_001, 10**13, 20, False, 9_995_117_188_012),
        (HOMESTEAD, 1_150_001, 10**13, 1000, False, 9_516_601_563_012),
        (HOMESTEAD, 1_150_001, 10**13, 10**6, False, 9_516_601_563_012),
        (BYZANTIUM, 4_370_000, 3 * 10**15, 1, False, 3_001_464_843_752_048),
        (BYZANTIUM, 4_370_000, 3 * 10**15, 1, True, 3_002_929_687_502_048),
    ],
)
def test_specification_numbers(fork, height, parent, elapsed_s, ommers, expected):
    found = block_difficulty(
        fork,
        height=height,
        ts=elapsed_s,
        parent_ts=0,
        parent_difficulty=parent,
        parent_has_ommers=ommers,
    )
    assert found == expected


def test_the_bomb_is_added_before_the_floor_is_applied():
    rule = {"ts": 1, "parent_ts": 0, "parent_difficulty": 1000}
    assert block_difficulty(HOMESTEAD, height=100_000, **rule) == 131_072
    # 2^16 + 1000 is still below the floor: had the floor come first, it would be 196,608.
    assert block_difficulty(HOMESTEAD, height=1_800_000, **rule) == 131_072
    assert block_difficulty(HOMESTEAD, height=1_900_000, **rule) == 2**17 + 1000


def test_each_glacier_is_the_last_rule_at_a_lower_height():
    rule = {"ts": 13, "parent_ts": 0, "parent_difficulty": 10**16}
    for earlier, later in pairwise(FORKS[2:]):
        delay = later.bomb_delay - earlier.bomb_delay
        for height in (15_000_000, 15_099_999, 15_100_000, 15_537_393):
            assert block_difficulty(later, height=height + delay, **rule) == block_difficulty(
                earlier, height=height, **rule
            )
        assert ethereum_pow.bomb(15_100_000, later) < ethereum_pow.bomb(15_100_000, earlier)


def test_the_bomb_at_each_forks_first_block():
    # Exponent (height - delay) // 100,000 - 2 with the delays of EIPs 649 to 5133.
    exponents = {4_370_000: 11, 7_280_000: 20, 9_200_000: 0, 12_965_000: 30}
    exponents |= {13_773_000: 28, 15_050_000: 34, 1_150_000: 9}
    for height, exponent in exponents.items():
        assert ethereum_pow.bomb(height, ethereum_pow.fork_at(height)) == 2**exponent
    assert ethereum_pow.bomb(199_999, FRONTIER) == 0
    assert ethereum_pow.bomb(200_000, FRONTIER) == 1
    assert ethereum_pow.bomb(9_199_999, ethereum_pow.MUIR_GLACIER) == 0


def test_forks_by_height():
    assert [fork.name for fork in FORKS] == [
        ethereum_pow.fork_at(fork.from_height).name for fork in FORKS
    ]
    assert ethereum_pow.fork_at(1_149_999) is FRONTIER
    assert ethereum_pow.fork_at(15_537_393).name == "Gray Glacier"
    with pytest.raises(InputError, match="the last block with work"):
        ethereum_pow.fork_at(15_537_394)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="not before the parent's time 5"):
        block_difficulty(FRONTIER, height=1, ts=4, parent_ts=5, parent_difficulty=1)
    with pytest.raises(InputError, match="above 0"):
        block_difficulty(FRONTIER, height=0, ts=6, parent_ts=5, parent_difficulty=1)
