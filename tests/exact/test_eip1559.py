"""EIP-1559 and EIP-4844 against the clients' vectors and the first block of London."""

import pytest

from headframe.errors import InputError
from headframe.exact.eip1559 import (
    BPO2,
    CANCUN,
    GAS_PER_BLOB,
    OPTIMISM_BEDROCK,
    OPTIMISM_CANYON,
    PRAGUE,
    BlobRule,
    FeeRule,
    base_fee_per_blob_gas,
    fake_exponential,
    next_base_fee,
    next_excess_blob_gas,
    next_excess_blob_gas_reserved,
)

M = 10**6
# reth, crates/primitives/src/basefee.rs (MIT or Apache-2.0): base fee, gas used, gas limit, and the
# next base fee by the rules of Ethereum, of OP Mainnet before Canyon, and of OP Sepolia
RETH = [
    (1000000000, 10 * M, 10 * M, 1125000000, 1100000048, 1180000000),
    (1000000000, 10 * M, 12 * M, 1083333333, 1080000000, 1146666666),
    (1000000000, 10 * M, 14 * M, 1053571428, 1065714297, 1122857142),
    (1072671875, 9 * M, 10 * M, 1179939062, 1167067046, 1244299375),
    (1059263476, 10001000, 14 * M, 1116028649, 1128881311, 1189416692),
    (1049238967, 0, 2 * M, 918084097, 1028254188, 1028254188),
    (1049238967, 10 * M, 18 * M, 1063811730, 1098203452, 1144836295),
    (0, 10 * M, 18 * M, 1, 1, 1),
    (1, 10 * M, 18 * M, 2, 2, 2),
    (2, 10 * M, 18 * M, 3, 3, 3),
]
SEPOLIA = FeeRule(elasticity=10, denominator=50)


@pytest.mark.parametrize("vector", RETH, ids=range(len(RETH)))
def test_base_fee_is_that_of_reth(vector):
    fee, used, limit, *expected = vector
    rules = (FeeRule(), OPTIMISM_BEDROCK, SEPOLIA)
    found = [next_base_fee(fee, gas_used=used, gas_limit=limit, rule=rule) for rule in rules]
    assert found == expected


# go-ethereum, consensus/misc/eip1559: at the target, below and above it
@pytest.mark.parametrize(
    ("used", "expected"), [(10 * M, 10**9), (9 * M, 987_500_000), (11 * M, 1_012_500_000)]
)
def test_base_fee_is_that_of_geth(used, expected):
    assert next_base_fee(10**9, gas_used=used, gas_limit=20 * M) == expected


def test_base_fee_after_the_first_block_of_london():
    # mainnet 12,965,000 (gas limit 30,029,122; used 30,025,257), and the header of 12,965,001
    assert next_base_fee(10**9, gas_used=30_025_257, gas_limit=30_029_122) == 1_124_967_822


def test_canyon_moves_a_fifth_as_fast():
    # a full block: 5 times the target above it, over 250: 2 %
    assert next_base_fee(10**9, gas_used=30 * M, gas_limit=30 * M, rule=OPTIMISM_CANYON) == (
        1_020_000_000
    )


def test_seven_wei_never_fall():
    assert [next_base_fee(k, gas_used=0, gas_limit=30 * M) for k in (7, 8, 9)] == [7, 7, 8]


def test_a_chain_may_set_a_floor():
    assert next_base_fee(1_000, gas_used=0, gas_limit=30 * M, least_wei=990) == 990


@pytest.mark.parametrize(
    ("used", "limit", "what"), [(31 * M, 30 * M, "gas_used"), (0, 1, "gas_limit")]
)
def test_impossible_blocks_are_refused(used, limit, what):
    with pytest.raises(InputError, match=what):
        next_base_fee(10**9, gas_used=used, gas_limit=limit)


# go-ethereum, consensus/misc/eip4844: TestFakeExponential
EXPONENTIAL = [
    ((1, 0, 1), 1),
    ((38493, 0, 1000), 38493),
    ((0, 1234, 2345), 0),
    ((1, 2, 1), 6),
    ((1, 4, 2), 6),
    ((1, 3, 1), 16),
    ((1, 6, 2), 18),
    ((1, 4, 1), 49),
    ((1, 8, 2), 50),
    ((10, 8, 2), 542),
    ((11, 8, 2), 596),
    ((1, 5, 1), 136),
    ((1, 5, 2), 11),
    ((2, 5, 2), 23),
    ((1, 50_000_000, 2_225_652), 5_709_098_764),
]


@pytest.mark.parametrize(("arguments", "expected"), EXPONENTIAL, ids=range(len(EXPONENTIAL)))
def test_fake_exponential_is_that_of_geth(arguments, expected):
    assert fake_exponential(*arguments) == expected


def test_blob_price_doubles_where_the_proposal_says():
    # go-ethereum, TestCalcBlobFee: the first excess at which the price is 2 wei under Cancun
    assert [base_fee_per_blob_gas(x, CANCUN) for x in (0, 2_314_057, 2_314_058)] == [1, 1, 2]


def test_excess_below_the_target_is_none():
    assert next_excess_blob_gas(0, 4 * GAS_PER_BLOB, CANCUN) == GAS_PER_BLOB
    assert next_excess_blob_gas(GAS_PER_BLOB, 2 * GAS_PER_BLOB, CANCUN) == 0


# go-ethereum, consensus/misc/eip4844: TestCalcExcessBlobGasEIP7918 and TestCalcBlobFeePostOsaka
RESERVED = [
    (0, 6 * GAS_PER_BLOB, 10**9, PRAGUE, 262_144),
    (0, 6 * GAS_PER_BLOB, 1, PRAGUE, 0),
    (5_149_252, 1_310_720, 30, BlobRule(9, 14, 8_832_827), 5_617_366),
    (19_251_039, 2_490_368, 50, BlobRule(21, 32, 20_609_697), 20_107_103),
]


@pytest.mark.parametrize("vector", RESERVED, ids=range(len(RESERVED)))
def test_reserved_excess_is_that_of_geth(vector):
    excess, used, base_fee, rule, expected = vector
    assert next_excess_blob_gas_reserved(excess, used, rule, base_fee_wei=base_fee) == expected


def test_blob_price_rests_at_a_sixteenth_of_the_base_fee():
    excess, fee = 0, 2 * 10**9
    for _ in range(2_000):  # blobs at the target: only the reserve moves the price
        used = BPO2.target * GAS_PER_BLOB
        excess = next_excess_blob_gas_reserved(excess, used, BPO2, base_fee_wei=fee)
    # one more excess above the reserve: up to 1/3 of the target over the update fraction
    assert fee / 16 <= base_fee_per_blob_gas(excess, BPO2) <= 1.06 * fee / 16
