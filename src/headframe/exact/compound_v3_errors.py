"""
How Comet (Compound III) says no: custom errors, each four bytes, and casts that name their type.

A refusal carries the first four bytes of the Keccak hash of `Name()`. Sums and differences that do
not fit are the compiler's own panics (`checked_math`); a cast that loses something is an error of
the contract, named after the type.

Contract: compound-finance/comet (BUSL-1.1), its public interface only. A test computes the bytes
anew from the names.
"""

from headframe.errors import Revert

SELECTORS = {
    "BadAsset": bytes.fromhex("36405305"),
    "BadDiscount": bytes.fromhex("49b9231e"),
    "BadMinimum": bytes.fromhex("6e772475"),
    "BadPrice": bytes.fromhex("fd1ee349"),
    "BorrowCFTooLarge": bytes.fromhex("c9f5d8e4"),
    "BorrowTooSmall": bytes.fromhex("e273b446"),
    "InsufficientReserves": bytes.fromhex("945e9268"),
    "InvalidInt104": bytes.fromhex("9369ae35"),
    "InvalidInt256": bytes.fromhex("e7e828ad"),
    "InvalidUInt104": bytes.fromhex("1b8f24aa"),
    "InvalidUInt128": bytes.fromhex("ec5d4e22"),
    "InvalidUInt64": bytes.fromhex("e54396a2"),
    "LiquidateCFTooLarge": bytes.fromhex("4d6b3250"),
    "NegativeNumber": bytes.fromhex("6c76c96e"),
    "NoSelfTransfer": bytes.fromhex("e397a99b"),
    "NotCollateralized": bytes.fromhex("14c5f7b6"),
    "NotForSale": bytes.fromhex("1d99ddbf"),
    "NotLiquidatable": bytes.fromhex("ddeb79ba"),
    "Paused": bytes.fromhex("9e87fac8"),
    "SupplyCapExceeded": bytes.fromhex("f58f733a"),
    "TimestampTooLarge": bytes.fromhex("3d32ffdb"),
    "TooManyAssets": bytes.fromhex("df8153c7"),
    "TooMuchSlippage": bytes.fromhex("fa6ad355"),
    "TransferOutFailed": bytes.fromhex("cefaffeb"),
    "Unauthorized": bytes.fromhex("82b42900"),
}
"""Return data by name."""


def refuse(name: str, **numbers: int) -> Revert:
    """Build the refusal of that name."""
    return Revert(name, SELECTORS[name], **numbers)


def safe64(value: int) -> int:
    """The value itself. Raises `Revert("InvalidUInt64")` where 64 bits do not hold it."""
    return _narrow(value, 64)


def safe104(value: int) -> int:
    """The value itself. Raises `Revert("InvalidUInt104")` where 104 bits do not hold it."""
    return _narrow(value, 104)


def safe128(value: int) -> int:
    """The value itself. Raises `Revert("InvalidUInt128")` where 128 bits do not hold it."""
    return _narrow(value, 128)


def signed104(value: int) -> int:
    """An unsigned value as a signed word. Raises `Revert("InvalidInt104")` from 2^103 on."""
    if value >= 1 << 103:
        raise refuse("InvalidInt104", value=value)
    return value


def signed256(value: int) -> int:
    """An unsigned value as a signed word. Raises `Revert("InvalidInt256")` from 2^255 on."""
    if value >= 1 << 255:
        raise refuse("InvalidInt256", value=value)
    return value


def _narrow(value: int, bits: int) -> int:
    if value >= 1 << bits:
        raise refuse(f"InvalidUInt{bits}", value=value)
    return value
