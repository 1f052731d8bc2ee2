"""
What a block charges for gas: the base fee of EIP-1559 and the blob base fee of EIP-4844.

Each block moves its base fee by at most an eighth, up where its parent used more gas than the
target and down where it used less. Blobs have a market of their own: the price is an exponential of
all the blob gas ever used above the target, by a Taylor series of integers.

Source: EIP-1559, EIP-4844, EIP-7691 (Prague), EIP-7892 (blob-parameter-only forks), EIP-7918 (the
blob's reserve price), each with its text under CC0; the OP Stack's numbers from specs.optimism.io,
"Execution engine". Judge: vectors of the clients, the first block of London, and the blob price of
an EVM written by others (revm). Assumptions: the transition block of London is the caller's.
"""

from dataclasses import dataclass

from headframe.errors import InputError

GAS_PER_BLOB = 1 << 17
"""Blob gas of one blob, whether it is full or not."""
MIN_BASE_FEE_PER_BLOB_GAS = 1
"""Least blob base fee, in wei."""
BLOB_BASE_COST = 1 << 13
"""Execution gas whose price a whole blob must at least cost, since EIP-7918."""


@dataclass(frozen=True)
class FeeRule:
    """One chain's numbers: gas limit over gas target, and the most that a full block changes."""

    elasticity: int = 2
    denominator: int = 8


ETHEREUM = FeeRule()
"""Mainnet: blocks hold twice the target, a full one raises the base fee by an eighth."""
OPTIMISM_BEDROCK = FeeRule(elasticity=6, denominator=50)
"""OP Mainnet until Canyon."""
OPTIMISM_CANYON = FeeRule(elasticity=6, denominator=250)
"""OP Mainnet since Canyon; since Holocene each chain's owner may set both."""


@dataclass(frozen=True)
class BlobRule:
    """One fork's blobs: target and most in a block, and how slowly the price follows the excess."""

    target: int
    most: int
    update_fraction: int

    @property
    def target_gas(self) -> int:
        """Blob gas of the target."""
        return self.target * GAS_PER_BLOB


CANCUN = BlobRule(target=3, most=6, update_fraction=3_338_477)
"""Since 2024-03-13 (EIP-4844)."""
PRAGUE = BlobRule(target=6, most=9, update_fraction=5_007_716)
"""Since 2025-05-07 (EIP-7691), and unchanged in Osaka."""
BPO1 = BlobRule(target=10, most=15, update_fraction=8_346_193)
"""Since 2025-12-09 (EIP-7892)."""
BPO2 = BlobRule(target=14, most=21, update_fraction=11_684_671)
"""Since 2026-01-07 (EIP-7892)."""


def next_base_fee(
    base_fee_wei: int,
    *,
    gas_used: int,
    gas_limit: int,
    rule: FeeRule = ETHEREUM,
    least_wei: int = 0,
) -> int:
    """
    Base fee of the next block, from its parent's.

        target = limit // elasticity
        above:  fee + max(fee (used - target) // target // denominator, 1)
        below:  fee - fee (target - used) // target // denominator

    Both changes are rounded down, so a fee of 7 wei and less never falls. `least_wei` is the
    minimum base fee that an OP Stack chain may set since Jovian. Source: EIP-1559, "Specification".
    Raises `InputError` where the target is zero or a block is fuller than its limit.
    """
    target = gas_limit // rule.elasticity
    if target < 1:
        raise InputError("gas_limit", gas_limit, f"at least {rule.elasticity}")
    if not 0 <= gas_used <= gas_limit:
        raise InputError("gas_used", gas_used, f"0 to the limit of {gas_limit}")
    if gas_used > target:
        rise = base_fee_wei * (gas_used - target) // target // rule.denominator
        return max(base_fee_wei + max(rise, 1), least_wei)
    fall = base_fee_wei * (target - gas_used) // target // rule.denominator
    return max(base_fee_wei - fall, least_wei)


def fake_exponential(factor: int, numerator: int, denominator: int) -> int:
    """
    Factor * e ** (numerator / denominator) by its Taylor series, each term rounded down.

    Source: EIP-4844, "Helpers".
    """
    total, term, k = 0, factor * denominator, 1
    while term > 0:
        total += term
        term = term * numerator // (denominator * k)
        k += 1
    return total // denominator


def base_fee_per_blob_gas(excess_blob_gas: int, rule: BlobRule) -> int:
    """Blob base fee in wei at an excess of blob gas. Source: EIP-4844."""
    return fake_exponential(MIN_BASE_FEE_PER_BLOB_GAS, excess_blob_gas, rule.update_fraction)


def next_excess_blob_gas(excess_blob_gas: int, blob_gas_used: int, rule: BlobRule) -> int:
    """Excess of the next block, max(excess + used - target, 0). Source: EIP-4844, until Osaka."""
    return max(excess_blob_gas + blob_gas_used - rule.target_gas, 0)


def next_excess_blob_gas_reserved(
    excess_blob_gas: int, blob_gas_used: int, rule: BlobRule, *, base_fee_wei: int
) -> int:
    """
    Excess of the next block where a blob has a reserve price in execution gas.

    While BLOB_BASE_COST gas costs more than a blob, the excess cannot fall: it grows by
    used (most - target) // most, so that the blob base fee ends at a sixteenth of the base fee at
    least. Source: EIP-7918, since Osaka (2025-12-03); `base_fee_wei` is the parent's.
    """
    if excess_blob_gas + blob_gas_used < rule.target_gas:
        return 0
    blob_wei = GAS_PER_BLOB * base_fee_per_blob_gas(excess_blob_gas, rule)
    if BLOB_BASE_COST * base_fee_wei > blob_wei:
        return excess_blob_gas + blob_gas_used * (rule.most - rule.target) // rule.most
    return next_excess_blob_gas(excess_blob_gas, blob_gas_used, rule)
