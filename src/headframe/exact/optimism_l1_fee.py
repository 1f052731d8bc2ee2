"""
What the OP Stack charges for a transaction's data on Ethereum: the L1 data fee, fork by fork.

Bedrock priced calldata gas at Ethereum's base fee; Ecotone added blobs with a scalar for each;
Fjord measures the transaction by FastLZ and estimates from that what it adds to a compressed batch.
The fee is burnt on top of the execution gas, in wei of the chain's coin. Isthmus added a fee for
the chain's operator, Jovian raised its unit.

Source: specs.optimism.io (MIT), "Execution engine: L1-cost fees" and its Ecotone, Fjord, Isthmus
and Jovian parts. Judge: the bytecode of `GasPriceOracle` 1.3.0, and transactions of OP Mainnet with
the fees that its block explorer shows. Assumptions: deposits, and data of no bytes, pay nothing;
that is the caller's, as is which fork is on.
"""

from dataclasses import dataclass

from headframe.exact.fastlz import compressed_length

NON_ZERO_BYTE_GAS = 16
"""Calldata gas of a byte that is not zero."""
ZERO_BYTE_GAS = 4
"""Calldata gas of a zero byte."""
SIGNATURE_BYTES = 68
"""Bytes by which a signed transaction is longer, as the contract estimates it."""
COST_INTERCEPT = -42_585_600
"""Intercept of the regression of batch bytes on FastLZ bytes, times 1e6."""
COST_FASTLZ_COEF = 836_500
"""Its slope, times 1e6."""
MIN_TRANSACTION_SIZE = 100
"""Bytes that a transaction counts for at least."""
MILLION = 10**6
"""Scale of the scalars, and of the regression."""
JOVIAN_OPERATOR_FACTOR = 100
"""The operator fee's scalar counts for so much since Jovian."""


@dataclass(frozen=True)
class L1Prices:
    """What a chain knows of Ethereum at a block, in wei, with its own scalars times 1e6."""

    base_fee_wei: int
    base_fee_scalar: int
    blob_base_fee_wei: int = 0
    blob_base_fee_scalar: int = 0

    @property
    def scaled(self) -> int:
        """Price of sixteen units of calldata gas and of one of blob gas, by the scalars."""
        calldata = NON_ZERO_BYTE_GAS * self.base_fee_scalar * self.base_fee_wei
        return calldata + self.blob_base_fee_scalar * self.blob_base_fee_wei


def calldata_gas(data: bytes) -> int:
    """Calldata gas of a signed transaction: 16 for each byte, 4 for a zero."""
    zeros = data.count(0)
    return ZERO_BYTE_GAS * zeros + NON_ZERO_BYTE_GAS * (len(data) - zeros)


def l1_fee_bedrock_down(data_gas: int, *, base_fee_wei: int, overhead: int, scalar: int) -> int:
    """(data gas + overhead) base fee scalar / 1e6, in wei; data gas from `calldata_gas`."""
    return (data_gas + overhead) * base_fee_wei * scalar // MILLION


def l1_fee_ecotone_down(data_gas: int, prices: L1Prices) -> int:
    """Data gas (16 base fee s + blob base fee s') / 16e6, in wei."""
    return data_gas * prices.scaled // (NON_ZERO_BYTE_GAS * MILLION)


def l1_fee_fjord_down(fastlz_size: int, prices: L1Prices) -> int:
    """Estimated size (16 base fee s + blob base fee s') / 1e12, in wei; sizes are times 1e6."""
    return estimated_size_scaled(fastlz_size) * prices.scaled // (MILLION * MILLION)


def estimated_size_scaled(fastlz_size: int) -> int:
    """Batch bytes that a transaction adds, times 1e6: max(100e6, 836500 size - 42585600)."""
    regression = COST_INTERCEPT + COST_FASTLZ_COEF * fastlz_size
    return max(MIN_TRANSACTION_SIZE * MILLION, regression)


def l1_gas_used_fjord_down(fastlz_size: int) -> int:
    """The calldata gas that explorers show: 16 for each byte of the estimated size."""
    return estimated_size_scaled(fastlz_size) * NON_ZERO_BYTE_GAS // MILLION


def get_l1_fee(unsigned: bytes, prices: L1Prices) -> int:
    """
    What `GasPriceOracle.getL1Fee` answers under Fjord for a transaction that is not signed yet.

    The signature counts as 68 bytes that do not compress.
    """
    return l1_fee_fjord_down(compressed_length(unsigned) + SIGNATURE_BYTES, prices)


def get_l1_fee_upper_bound(unsigned_size: int, prices: L1Prices) -> int:
    """What `GasPriceOracle.getL1FeeUpperBound` answers for a size: FastLZ at its worst."""
    size = unsigned_size + SIGNATURE_BYTES
    return l1_fee_fjord_down(size + size // 255 + 16, prices)


def operator_fee_isthmus_down(gas_used: int, *, scalar: int, constant_wei: int) -> int:
    """Gas used scalar / 1e6 + constant, in wei."""
    return gas_used * scalar // MILLION + constant_wei


def operator_fee_jovian(gas_used: int, *, scalar: int, constant_wei: int) -> int:
    """Gas used scalar 100 + constant, in wei."""
    return gas_used * scalar * JOVIAN_OPERATOR_FACTOR + constant_wei
