"""
The solved step against the chains' rules block by block.

EIP-1559: users who spend a given amount fill a block with target * w / base fee, at most its limit.
The kernel solves that in one step. Against whole wei, and gas that is a whole number, a block errs
by at most 1 wei of fee and 1 gas of fill (w / d over the target), and forgets an eighth of what it
had erred before; so the bound below is 8 (1 + 2 w / (d target)) wei, plus a doubling in full
blocks where errors grow with the fee.
"""

import math

import numpy as np
import pytest

from headframe.exact.arbitrum_gas import Target
from headframe.exact.eip1559 import OPTIMISM_CANYON, FeeRule, next_base_fee
from headframe.kernels import gas_price as kernel
from headframe.processes.arbitrum_gas import ArbitrumGas
from headframe.processes.ethereum_gas import RULE
from headframe.processes.fee_market import Rule

LIMIT = 60_000_000
GWEI = 10**9


def followed(fee, wanted, blocks, rule):
    return kernel.followed(fee, wanted, float(blocks), rule.fullest, rule.log_rise, rule.log_held)


def block_by_block(fee_wei, wanted_wei, blocks, rule):
    target = LIMIT // rule.elasticity
    for _ in range(blocks):
        used = min(target * wanted_wei // fee_wei, LIMIT)
        fee_wei = next_base_fee(fee_wei, gas_used=used, gas_limit=LIMIT, rule=rule)
    return fee_wei


MAINNET = (FeeRule(), RULE)
OPTIMISM = (OPTIMISM_CANYON, Rule(denominator=250.0, fullest=6.0, block_s=2.0))


@pytest.mark.parametrize(("exact", "ours"), [MAINNET, OPTIMISM], ids=["mainnet", "op"])
@pytest.mark.parametrize("blocks", [1, 7, 300, 1_800])
@pytest.mark.parametrize(
    ("fee", "wanted"),
    [(10, 10), (10, 11), (10, 19), (10, 3), (10, 35), (1, 900), (200, 2), (0.05, 0.06)],
)
def test_a_step_is_its_blocks(exact, ours, blocks, fee, wanted):
    fee_wei, wanted_wei = round(fee * GWEI), round(wanted * GWEI)
    expected = block_by_block(fee_wei, wanted_wei, blocks, exact)
    found = followed(float(fee_wei), float(wanted_wei), blocks, ours)
    d, target = exact.denominator, LIMIT // exact.elasticity
    bound = 2 * d * (1 + 2 * max(fee_wei, wanted_wei) / (d * target))
    assert abs(found - expected) <= bound


def test_ten_times_the_price_takes_twenty_blocks():
    # 1.125^20 = 10.5: the known speed limit of EIP-1559
    assert followed(1.0, 1e9, 20, RULE) == pytest.approx(1.125**20, rel=1e-12)


def test_arbitrum_is_its_backlog():
    """P = P_min e^(B / (A T)), second by second, with users who spend a given amount."""
    gas = ArbitrumGas(name="a_b_gas", l1_base_fee_gwei=0.0, l1_blob_gwei=0.0)
    target, floor, wanted = Target(gas_per_s=7_000_000, window_s=102), 0.02, 0.1
    price, parts = floor, 50  # a fiftieth of a second at a time: the exponential is continuous
    for _ in range(120 * parts):
        used = round(target.gas_per_s * wanted / price / parts)
        backlog = max(target.backlog_gas + used - target.gas_per_s // parts, 0)
        target = Target(target.gas_per_s, target.window_s, backlog)
        price = floor * math.exp(backlog / (target.window_s * target.gas_per_s))
    assert followed(floor, wanted, 120, gas.rule) == pytest.approx(price, rel=2e-3)


def test_no_number_overflows():
    for fee, wanted in ((7e-9, 1e17), (1e17, 1e-17), (1e-9, 1e-9)):
        assert np.isfinite(followed(fee, wanted, 1e6, RULE))
