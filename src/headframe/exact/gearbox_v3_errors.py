"""
How Gearbox v3 says no: custom errors, each four bytes.

A refusal carries the first four bytes of the Keccak hash of `NameException()`. The names are the
contracts' own, from their interface; the bytes are what comes back.

Contract: npm @gearbox-protocol/core-v3 1.52.1, IExceptions (MIT). The compiled contracts judge the
bytes; a test computes them anew from the names.
"""

from headframe.errors import Revert

SELECTORS = {
    "AmountCantBeZero": bytes.fromhex("872160bd"),
    "BorrowingMoreThanU2Forbidden": bytes.fromhex("351f03e3"),
    "CallerNotCreditManager": bytes.fromhex("1f511167"),
    "CreditManagerCantBorrow": bytes.fromhex("9abfd950"),
    "DebtToZeroWithActiveQuotas": bytes.fromhex("51bb745d"),
    "DebtUpdatedTwiceInOneBlock": bytes.fromhex("8b426a9a"),
    "IncorrectParameter": bytes.fromhex("47fbaa97"),
    "InsufficientRemainingFunds": bytes.fromhex("67016e2d"),
    "InsufficientVotes": bytes.fromhex("98be5b81"),
    "NotEnoughCollateral": bytes.fromhex("532e7bb6"),
    "QuotaIsOutOfBounds": bytes.fromhex("ba04a99a"),
    "TokenAlreadyAdded": bytes.fromhex("2e5a5c77"),
    "TokenIsNotQuoted": bytes.fromhex("bfb4633c"),
    "TokenNotAllowed": bytes.fromhex("700ca0af"),
    "UpdateQuotaOnZeroDebtAccount": bytes.fromhex("20328066"),
    "ValueOutOfRange": bytes.fromhex("6477ba08"),
    "ZeroAddress": bytes.fromhex("b2335f2e"),
}
"""Return data by name."""


def refuse(name: str, **numbers: int) -> Revert:
    """Build the refusal of that name."""
    return Revert(name, SELECTORS[name], **numbers)
