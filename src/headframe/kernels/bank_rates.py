"""
Borrow rates of the banks behind leveraged farms on chunks: curves of three pieces and a last rate.

Alpha Homora v1's triple slope, as coded and as documented, Alpaca's fifteen and its double slope
are all of one shape: a line up to each of three ends, and one rate where everything is lent. The
curves may jump at the ends. Rates are decimals a year, utilisation the share of the bank's money
that is lent. Twins of `exact.alpha_homora_v1_rates` and `exact.alpaca_rates`; bounds in
`tests/kernels/test_bank_rates.py`.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@dataclass(frozen=True)
class Curve:
    """
    Ends of the pieces, and for each its rate at `from_` and its slope; the rate of a full bank.

    `grain` is how finely the contract sees utilisation (Homora: whole basis points), 0 for finely.
    """

    end1: float
    end2: float
    start2: float
    start3: float
    base1: float
    base2: float
    base3: float
    slope1: float
    slope2: float
    slope3: float
    full: float
    grain: float = 0.0


def _triple(kink: float, plateau: float, last: float) -> Curve:
    return Curve(
        end1=kink, end2=0.9, start2=kink, start3=0.9, base1=0.0, base2=plateau, base3=plateau,
        slope1=plateau / kink, slope2=0.0, slope3=(last - plateau) / 0.1, full=last,
    )  # fmt: skip


_ALPACA = (
    (0.6, 0.2, 1.5), (0.75, 0.2, 1.5), (0.8, 0.2, 1.5), (0.85, 0.2, 1.5), (0.675, 0.2, 1.5),
    (0.85, 0.175, 1.5), (0.7, 0.2, 1.5), (0.5, 0.1, 1.5), (0.3, 0.08, 1.5), (0.4, 0.08, 1.5),
    (0.5, 0.1, 0.4), (0.6, 0.2, 0.4), (0.3, 0.08, 0.4), (0.4, 0.08, 0.4), (0.7, 0.2, 0.4),
)  # fmt: skip
"""End of the first slope, plateau, last rate of TripleSlopeModel, TripleSlopeModel2 to 15."""

CURVES: dict[str, Curve] = {
    "alpha_homora_v1": Curve(
        end1=0.5, end2=0.95, start2=0.5, start3=0.75, base1=0.1, base2=0.1, base3=0.25,
        slope1=0.0, slope2=0.15, slope3=0.75, full=1.0, grain=1e4,
    ),
    "alpha_homora_v1_documented": Curve(
        end1=0.5, end2=0.95, start2=0.5, start3=0.95, base1=0.1, base2=0.1, base3=0.25,
        slope1=0.0, slope2=0.15 / 0.45, slope3=0.75 / 0.05, full=1.0, grain=1e4,
    ),
    **{f"alpaca_{number}": _triple(*terms) for number, terms in enumerate(_ALPACA, 1)},
    "alpaca_two_slope": Curve(
        end1=0.8, end2=0.8, start2=0.8, start3=0.8, base1=0.0, base2=0.5, base3=0.5,
        slope1=0.5 / 0.8, slope2=0.0, slope3=0.5 / 0.2, full=1.0,
    ),
}  # fmt: skip
"""Curves by their names in books."""


@inline
def seen(utilisation: float, grain: float) -> float:
    """Utilisation as the contract sees it: rounded down to its grain."""
    # A hair above, so that 0.95 stored just below 0.95 is 9,500 basis points.
    whole = math.floor(utilisation * grain + 1e-9)
    return whole / grain if grain > 0.0 else utilisation


@inline
def piece(used: float, base: float, slope: float, start: float) -> float:
    """Rate on one piece: base + slope (u - start)."""
    return base + slope * (used - start)


@kernel
def three_pieces(now: Floats, p: Record) -> None:
    """
    Borrow and supply rate at the utilisation of now.

        u < end1: first piece;  u < end2: second;  u < 1: third;  else the rate of a full bank
        supply = borrow u (1 - reserve share)
    """
    q = p[0]
    end1, end2, full, grain = q.end1, q.end2, q.full, q.grain
    base1, base2, base3 = q.base1, q.base2, q.base3
    slope1, slope2, slope3 = q.slope1, q.slope2, q.slope3
    start2, start3, kept = q.start2, q.start3, 1.0 - q.reserve_factor
    utilisation, borrow, supply = now[q.utilisation], now[q.borrow], now[q.supply]
    for i in range(utilisation.size):
        used = seen(utilisation[i], grain)
        low = piece(used, base1, slope1, 0.0)
        middle = piece(used, base2, slope2, start2)
        high = piece(used, base3, slope3, start3)
        rate = low if used < end1 else (middle if used < end2 else high)
        rate = rate if used < 1.0 else full
        borrow[i] = rate
        supply[i] = rate * utilisation[i] * kept
