"""
How much leverage a lender's factors allow at the opening, and the one line that says so.

Two factors stand between an opening and its end. A position may be opened while its debt is at most
`work_factor` of its collateral, and is liquidated once the debt exceeds `threshold` of it: Alpha
Homora and Alpaca call them work and kill factor, lending markets loan to value and liquidation
threshold. A dollar of debt may count more than a dollar (a borrow factor), one of collateral less.
"""


def greatest_leverage(factor: float, *, borrow_factor: float = 1.0) -> float:
    """
    Leverage at which the debt is a factor T of the collateral: b / (b - T), b the borrow factor.

    Source: Alpha Homora v2's documentation. Infinite where nothing is spare.

    >>> round(greatest_leverage(0.7), 4)
    3.3333
    """
    spare = borrow_factor - factor
    return borrow_factor / spare if spare > 0.0 else float("inf")


def check_leverage(
    leverage: float,
    *,
    threshold: float,
    work_factor: float | None = None,
    borrow_factor: float = 1.0,
    counted: float = 1.0,
) -> None:
    """
    Refuse a leverage beyond what the factors allow; `counted` is what counts of the collateral.

    Raises `ValueError`: at or beyond the threshold, beyond the work factor, or a work factor that
    is above the threshold.
    """
    ratio = 1.0 - 1.0 / leverage
    said = f", counted {borrow_factor:g} times by the borrow factors," if borrow_factor > 1 else ","
    most = greatest_leverage(threshold * counted, borrow_factor=borrow_factor)
    if ratio * borrow_factor >= threshold * counted:
        raise ValueError(
            f"leverage {leverage:g} opens at a debt ratio of {ratio:.4f}{said} which is not below "
            f"the liquidation threshold {threshold:g}; allowed is a leverage below {most:g}"
        )
    if work_factor is None:
        return
    if work_factor > threshold:
        raise ValueError(f"work_factor {work_factor:g} must be at most the threshold {threshold:g}")
    most = greatest_leverage(work_factor * counted, borrow_factor=borrow_factor)
    if leverage > most * (1.0 + 1e-12):
        raise ValueError(
            f"leverage {leverage:g} opens at a debt ratio of {ratio:.4f}{said} beyond the work "
            f"factor {work_factor:g}; allowed is a leverage of at most {most:g}"
        )
