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
    "BalanceLessThanExpected": bytes.fromhex("ce0e3f5b"),
    "BorrowAmountOutOfLimits": bytes.fromhex("ce167994"),
    "BorrowedBlockLimit": bytes.fromhex("675f1a56"),
    "BorrowingMoreThanU2Forbidden": bytes.fromhex("351f03e3"),
    "CallerNotCreditAccountOwner": bytes.fromhex("1e83c511"),
    "CallerNotCreditManager": bytes.fromhex("1f511167"),
    "CloseAccountWithNonZeroDebt": bytes.fromhex("3216f221"),
    "CreditAccountDoesNotExist": bytes.fromhex("309d1501"),
    "CreditAccountNotLiquidatable": bytes.fromhex("234b893b"),
    "CreditAccountNotLiquidatableWithLoss": bytes.fromhex("6b8c2b8c"),
    "CreditManagerCantBorrow": bytes.fromhex("9abfd950"),
    "CustomHealthFactorTooLow": bytes.fromhex("69bb8810"),
    "DebtToZeroWithActiveQuotas": bytes.fromhex("51bb745d"),
    "DebtUpdatedTwiceInOneBlock": bytes.fromhex("8b426a9a"),
    "IncorrectParameter": bytes.fromhex("47fbaa97"),
    "InsufficientRemainingFunds": bytes.fromhex("67016e2d"),
    "InsufficientVotes": bytes.fromhex("98be5b81"),
    "NoPermission": bytes.fromhex("6b895d04"),
    "NotEnoughCollateral": bytes.fromhex("532e7bb6"),
    "QuotaIsOutOfBounds": bytes.fromhex("ba04a99a"),
    "RemainingTokenBalanceIncreased": bytes.fromhex("1867c2ef"),
    "SeizedLessThanRequired": bytes.fromhex("7f98dc06"),
    "TokenAlreadyAdded": bytes.fromhex("2e5a5c77"),
    "TokenIsNotQuoted": bytes.fromhex("bfb4633c"),
    "TokenNotAllowed": bytes.fromhex("700ca0af"),
    "TooManyEnabledTokens": bytes.fromhex("30b5495c"),
    "UnderlyingIsNotLiquidatable": bytes.fromhex("c978b5ab"),
    "UpdateQuotaOnZeroDebtAccount": bytes.fromhex("20328066"),
    "ValueOutOfRange": bytes.fromhex("6477ba08"),
    "ZeroAddress": bytes.fromhex("b2335f2e"),
}
"""Return data by name."""


def refuse(name: str, **numbers: int) -> Revert:
    """Build the refusal of that name."""
    return Revert(name, SELECTORS[name], **numbers)


def refuse_with(name: str, *words: int) -> Revert:
    """Build a refusal that carries words, such as which token."""
    data = SELECTORS[name] + b"".join(word.to_bytes(32, "big") for word in words)
    return Revert(name, data)
