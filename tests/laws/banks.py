"""A bank of leveraged farming with a farm and a lender in it, for the laws."""

import defi

from headframe.venues.bank_market import BankMarket


def bank_market() -> BankMarket:
    """A bank whose rate jumps with our debt."""
    return BankMarket(
        name="bank", asset="usdc", supplied=100_000.0, utilisation=0.8, curve="alpha_homora_v1"
    )


def farm():
    """A farm that borrows from it."""
    return defi.levered(borrow1_apr="bank_borrow_apr")


def lender():
    """A lender to it."""
    return defi.lending(supply_apr="bank_supply_apr", utilisation="bank_market_utilisation")
