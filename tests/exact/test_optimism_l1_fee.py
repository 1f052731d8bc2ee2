"""The OP Stack's data fee: transactions of OP Mainnet, and examples of the specification."""

import json
from pathlib import Path

import pytest

from headframe.exact import optimism_l1_fee as fees
from headframe.exact.fastlz import compressed_length

VECTORS = json.loads((Path(__file__).parent / "vectors" / "optimism_l1_fee.json").read_text())
TRANSACTIONS = VECTORS["transactions"]
THOUSANDS = fees.L1Prices(1_000, 1_000, 1_000, 1_000)
FACADE = bytes.fromhex("facade")


@pytest.mark.parametrize("found", TRANSACTIONS, ids=[t["fork"] for t in TRANSACTIONS])
def test_a_transaction_paid_what_the_explorer_shows(found):
    signed = bytes.fromhex(found["signed"])
    prices = fees.L1Prices(*(found[k] for k in fees.L1Prices.__dataclass_fields__))
    if found["fork"] == "ecotone":
        gas = fees.calldata_gas(signed)
        fee = fees.l1_fee_ecotone_down(gas, prices)
    else:
        size = compressed_length(signed)
        gas, fee = fees.l1_gas_used_fjord_down(size), fees.l1_fee_fjord_down(size, prices)
    assert (gas, fee) == (found["l1_gas_used"], found["l1_fee_wei"])


def test_the_known_compressed_size():
    example = VECTORS["example"]
    size = compressed_length(bytes.fromhex(example["signed"]))
    assert size == example["fastlz_size"]
    assert fees.estimated_size_scaled(size) == example["estimated_size_scaled"]
    assert fees.l1_fee_fjord_down(size, THOUSANDS) == 2_148


def test_three_bytes_in_each_fork():
    # op-revm's tests: 1,048, 51 and 1,700 wei
    gas = fees.calldata_gas(FACADE)
    bedrock = fees.l1_fee_bedrock_down(gas, base_fee_wei=1_000, overhead=1_000, scalar=1_000)
    ecotone = fees.l1_fee_ecotone_down(gas, THOUSANDS)
    fjord = fees.l1_fee_fjord_down(compressed_length(FACADE), THOUSANDS)
    assert (bedrock, ecotone, fjord) == (1_048, 51, 1_700)


def test_operator_fees():
    # op-revm's tests: 1,000 gas at a scalar of 1,000 and a constant of 10 wei
    assert fees.operator_fee_isthmus_down(1_000, scalar=1_000, constant_wei=10) == 11
    assert fees.operator_fee_jovian(1_000, scalar=1_000, constant_wei=10) == 100_000_010


def test_nothing_and_noise_do_not_shrink():
    noise = bytes((k * k * 131 + 7 * k) % 251 for k in range(64))
    assert (compressed_length(b""), compressed_length(noise[:32])) == (0, 33)
    # 64 zeros by hand: 2 as they are and their count, a long reference, the last 5 and their count
    assert compressed_length(bytes(64)) == (2 + 1) + 3 + (5 + 1)
