"""
Write the count of what the judges saw into `docs/judges.md`, so that no count is ever typed.

Each duel of `tests/exact/oracle` leaves a JSON file when `HEADFRAME_ORACLE_REPORT` names a folder;
`make oracle` has them in `tests/exact/oracle/results/` and then runs this.

    python tools/oracle_table.py            write the table
    python tools/oracle_table.py --check    exit 1 where it is stale
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""
RESULTS = ROOT / "tests" / "exact" / "oracle" / "results"
"""Where the long run leaves its counts."""
PAGE = ROOT / "docs" / "judges.md"
"""The page that shows them."""
BLOCK = re.compile(r"(<!-- judges -->\n).*?(<!-- /judges -->)", re.DOTALL)
"""The marked block."""
HEAD = ("text", "judge", "seeds", "actions", "of these refused", "words compared", "mismatches")
"""Columns of the table."""


def row(result: Mapping[str, Any]) -> tuple[str, ...]:
    """
    One duel's line.

    >>> facts = {"protocol": "uniswap_v2", "judge": "release artifact", "first_seed": 0,
    ...          "last_seed": 9, "actions": 1000, "refused": 10, "words_compared": 5000,
    ...          "mismatches": []}
    >>> row(facts)[3:]
    ('1,000', '10', '5,000', '**0**')
    """
    return (
        f"`{result['protocol']}`",
        result["judge"],
        f"{result['first_seed']} to {result['last_seed']}",
        f"{result['actions']:,}",
        f"{result['refused']:,}",
        f"{result['words_compared']:,}",
        f"**{len(result['mismatches'])}**",
    )


def table(results: list[Mapping[str, Any]]) -> str:
    """The whole block: a line a duel, the sums, and the machine they ran in."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|---:|---:|---:|---:|---:|"]
    lines += ["| " + " | ".join(row(result)) + " |" for result in results]
    actions = sum(result["actions"] for result in results)
    missed = sum(len(result["mismatches"]) for result in results)
    evms = sorted({result["evm"] for result in results})
    lines += ["", f"Together {actions:,} actions and {missed} mismatches; {', '.join(evms)}."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check the page."""
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    old = PAGE.read_text(encoding="utf-8")
    new = BLOCK.sub(lambda m: m[1] + table(results) + m[2], old)
    if "--check" in sys.argv:
        if new != old:
            print(f"{PAGE.relative_to(ROOT)} is stale: run tools/oracle_table.py")
        return int(new != old)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
