"""
What Arbitrum charges for a transaction: gas of its own, and a poster's charge turned into gas.

The transaction's data are compressed by Brotli alone; sixteen units for each byte that is left are
charged at ArbOS's price per unit, and the charge is divided by the chain's base fee, so that it
comes as more gas of the same price. The base fee rises with a backlog of gas above the chain's
target, never below a floor.

Source: docs.arbitrum.io, "Gas and fees" (how the parent chain is charged, total fee), and E.
Felten, "Multi-constraint pricing" (research.arbitrum.io, 2025): B <- B + g, B <- max(0, B - s T),
P = P_min e^(B / (A T)). ArbOS's own source, under BUSL, was not opened: which way it rounds the
gas is not in the documents, and down is assumed here. Judge: none but worked examples; the
exponential, whose integer form is not documented, is left to `kernels/gas_price.py`.
"""

from dataclasses import dataclass, replace

UNITS_PER_BYTE = 16
"""Units that a compressed byte counts for: calldata gas of a byte that is not zero."""


@dataclass(frozen=True)
class Target:
    """A gas target, how long usage may stay above it before the price is e times as high."""

    gas_per_s: int
    window_s: int
    backlog_gas: int = 0

    def used(self, gas: int) -> "Target":
        """After a transaction."""
        return replace(self, backlog_gas=self.backlog_gas + gas)

    def elapsed(self, seconds: int) -> "Target":
        """After some time: the target's gas is worked off."""
        return replace(self, backlog_gas=max(self.backlog_gas - seconds * self.gas_per_s, 0))


ARBITRUM_ONE = Target(gas_per_s=7_000_000, window_s=102)
"""Arbitrum One until ArbOS 51; since January 2026 it has six targets of 10 to 60 Mgas/s."""


def poster_units(compressed_size: int) -> int:
    """Data units of a transaction: 16 for each byte after Brotli."""
    return UNITS_PER_BYTE * compressed_size


def poster_charge_wei(compressed_size: int, *, price_per_unit_wei: int) -> int:
    """What posting the transaction is charged at: units times ArbOS's price."""
    return poster_units(compressed_size) * price_per_unit_wei


def poster_gas_down(compressed_size: int, *, price_per_unit_wei: int, base_fee_wei: int) -> int:
    """The same as gas of the chain: charge // base fee; receipts show it as `gasUsedForL1`."""
    return poster_charge_wei(compressed_size, price_per_unit_wei=price_per_unit_wei) // base_fee_wei


def transaction_fee_wei(
    gas_used: int, compressed_size: int, *, price_per_unit_wei: int, base_fee_wei: int
) -> int:
    """
    The whole fee: base fee (gas + poster gas).

    Tips are ignored by the sequencer. Source: docs.arbitrum.io, "Total fee and gas estimation".
    """
    poster = poster_gas_down(
        compressed_size, price_per_unit_wei=price_per_unit_wei, base_fee_wei=base_fee_wei
    )
    return base_fee_wei * (gas_used + poster)
