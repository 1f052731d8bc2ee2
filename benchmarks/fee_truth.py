"""
How true fees from bars are, in full: 50 seeds of 20,000 swaps in the exact pool, 30 cells.

Writes `benchmarks/results/fee_truth.json` and the table in docs/protocols/uniswap_v3.md. What is
played is told in `headframe.studies.fee_truth`. Takes some two minutes on one core.

    python -m benchmarks.fee_truth [--smoke]
"""

import json
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import RESULTS, machine
from headframe.studies import fee_truth

PAGE = Path(__file__).resolve().parent.parent / "docs" / "protocols" / "uniswap_v3.md"
"""The page with the table."""
BLOCK = re.compile(r"(<!-- fee-truth -->\n).*?(<!-- /fee-truth -->)", re.DOTALL)
"""The marked block of the page."""
SEEDS = 50
"""Flows played in each column."""
AT_MINUTES, AT_DAYS = 0.005, 0.05
"""Median errors that are demanded: of minutes everywhere, of days for the wide range at 3 %."""


def percent(value):
    """A share in percent, with two digits that mean something."""
    return f"{100.0 * value:.2g} %" if value < 0.1 else f"{100.0 * value:.0f} %"


def entry(cell):
    """A cell of the table: the median and its interval."""
    return f"{percent(cell.median)} ({percent(cell.low)} to {percent(cell.high)})"


def table(cells):
    """Lines of the table: a row for each volatility, range and rule, a column for each bar."""
    at = {(c.volatility, c.half_width, c.bar, c.rule): c for c in cells}
    bars = list(dict.fromkeys(c.bar for c in cells))
    lines = ["| a day, range | rule | " + " | ".join(bars) + " |"]
    lines.append("|---|---|" + "---|" * len(bars))
    for volatility, half, rule in dict.fromkeys(
        (c.volatility, c.half_width, c.rule) for c in cells
    ):
        row = [entry(at[volatility, half, bar, rule]) for bar in bars]
        plural = "spacing" if half == 1 else "spacings"
        name = f"{100 * volatility:.0f} %, ±{half} {plural}"
        lines.append(f"| {name} | {rule} | " + " | ".join(row) + " |")
    return lines


def check(cells):
    """The demands: minutes everywhere, days where the range is wide, nowhere worse than usual."""
    at = {(c.volatility, c.half_width, c.bar, c.rule): c for c in cells}
    ours, usual = fee_truth.RULES
    for (volatility, half, bar, rule), cell in at.items():
        if rule == ours:
            assert cell.median <= at[volatility, half, bar, usual].median, cell
            assert bar != "1 minute" or cell.median <= AT_MINUTES, cell
    assert at[0.03, 10, "1 day", ours].median <= AT_DAYS


def main():
    """Play, check, write."""
    smoke = "--smoke" in sys.argv
    found = fee_truth.errors(range(3 if smoke else SEEDS), days=2 if smoke else 5)
    cells = fee_truth.cells(found)
    lines = table(cells)
    print("\n".join(lines))
    if smoke:
        return
    check(cells)
    result = {
        "benchmark": "fee_truth",
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "rows": [],
        "ratios": [],
        "cells": [asdict(cell) for cell in cells],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "fee_truth.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    text = "\n".join(lines) + "\n"
    PAGE.write_text(BLOCK.sub(lambda m: m[1] + text + m[2], page), encoding="utf-8")


if __name__ == "__main__":
    main()
