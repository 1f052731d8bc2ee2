"""
How Aave 3.6 says no: custom errors, each four bytes.

Since 3.4 a refusal carries the first four bytes of the Keccak hash of `Name()` instead of a number
as text. The names are the contracts' own, from their interface; the bytes are what comes back.

Contract: @aave-dao/aave-v3-origin 3.6.0, Errors (its interface only: BUSL-1.1 until 6 March 2027).
The compiled contracts judge the bytes; a test computes them anew from the names.
"""

from collections.abc import Hashable

from headframe.errors import Revert

SELECTORS = {
    "AssetNotBorrowableInIsolation": bytes.fromhex("30d1eeb9"),
    "AssetNotListed": bytes.fromhex("b77e1e0f"),
    "BorrowCapExceeded": bytes.fromhex("77a6a896"),
    "BorrowingNotEnabled": bytes.fromhex("53587745"),
    "CollateralCannotBeLiquidated": bytes.fromhex("979b5ce8"),
    "CollateralCannotCoverNewBorrow": bytes.fromhex("911ceb81"),
    "DebtCeilingExceeded": bytes.fromhex("e24734c2"),
    "HealthFactorLowerThanLiquidationThreshold": bytes.fromhex("6679996d"),
    "HealthFactorNotBelowThreshold": bytes.fromhex("930bb771"),
    "InconsistentEModeCategory": bytes.fromhex("c1d88872"),
    "InsufficientBorrowAllowance": bytes.fromhex("1cb19ef3"),
    "InvalidAmount": bytes.fromhex("2c5211c6"),
    "InvalidBurnAmount": bytes.fromhex("2075cc10"),
    "InvalidCollateralInEmode": bytes.fromhex("d2f93f12"),
    "InvalidDebtInEmode": bytes.fromhex("2c906631"),
    "InvalidInterestRateModeSelected": bytes.fromhex("17c5a78e"),
    "InvalidMaxRate": bytes.fromhex("ee69f6c0"),
    "InvalidMintAmount": bytes.fromhex("ccfad018"),
    "InvalidOptimalUsageRatio": bytes.fromhex("35a8aee7"),
    "LtvValidationFailed": bytes.fromhex("5b263df7"),
    "MustNotLeaveDust": bytes.fromhex("b629b0e4"),
    "NoDebtOfSelectedType": bytes.fromhex("f0788fb2"),
    "NoExplicitAmountToRepayOnBehalf": bytes.fromhex("cd3779c3"),
    "NotBorrowableInEMode": bytes.fromhex("57db5bba"),
    "NotEnoughAvailableUserBalance": bytes.fromhex("47bc4b2c"),
    "ReserveAlreadyAdded": bytes.fromhex("aecc2085"),
    "ReserveFrozen": bytes.fromhex("6d305815"),
    "ReserveInactive": bytes.fromhex("90cd6f24"),
    "ReserveNotInDeficit": bytes.fromhex("94468f03"),
    "ReservePaused": bytes.fromhex("d37f5f1c"),
    "SafeCastOverflowedUintDowncast": bytes.fromhex("6dfcc650"),
    "SelfLiquidation": bytes.fromhex("44511af1"),
    "SiloedBorrowingViolation": bytes.fromhex("c27f9abe"),
    "Slope2MustBeGteSlope1": bytes.fromhex("d33c1528"),
    "SpecifiedCurrencyNotBorrowedByUser": bytes.fromhex("3653732b"),
    "SupplyCapExceeded": bytes.fromhex("f58f733a"),
    "UnderlyingBalanceZero": bytes.fromhex("5fe10377"),
    "UserCannotHaveDebt": bytes.fromhex("16f1ef81"),
    "UserInIsolationModeOrLtvZero": bytes.fromhex("0cafc072"),
}
"""Return data by name."""


def refuse(name: str, **numbers: int) -> Revert:
    """Build the refusal of that name."""
    return Revert(name, SELECTORS[name], **numbers)


def refuse_with(name: str, *words: int) -> Revert:
    """Build a refusal that carries words, such as who lacks what."""
    data = SELECTORS[name] + b"".join(word.to_bytes(32, "big") for word in words)
    return Revert(name, data)


def address_word(user: Hashable) -> int:
    """An address as a word: a number, or its text in hexadecimal; other names are at no address."""
    if isinstance(user, int):
        return user
    text = str(user)
    return int(text, 16) if text.startswith("0x") else 0
