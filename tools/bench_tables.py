"""
Write the benchmarks' figures into the documentation, so that no table is ever typed.

A result is a JSON file in `benchmarks/results/`:

    {"benchmark": "farm", "machine": {"cpu": ...}, "date": "2026-11-21",
     "rows": [{"name": ..., "value": 61.2, "unit": ..., "note": ...}],
     "ratios": [{"name": ..., "value": 0.93, "wanted": "0.7 or more"}]}

A document asks for one with a marked block, whose inside is replaced:

    <!-- bench:farm -->
    <!-- /bench -->

    python tools/bench_tables.py            write README.md and docs/speed.md
    python tools/bench_tables.py --check    exit 1, naming the file, where one of them is stale
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""
RESULTS = ROOT / "benchmarks" / "results"
"""Where benchmarks write."""
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "speed.md")
"""Files that hold marked blocks."""
BLOCK = re.compile(r"(<!-- bench:([a-z0-9_]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)
"""A marked block: its opening, the benchmark's name, its closing."""
NOT_MEASURED = "*Not measured yet: `make bench` writes the figures.*\n"
"""What stands where a result is missing."""


def number(value: float) -> str:
    """
    A figure with three significant digits, whole from a hundred on.

    >>> [number(v) for v in (61.234, 0.9312, 1234567.0, 8.0, 0.0)]
    ['61.2', '0.931', '1,234,567', '8', '0']
    """
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """
    Lines of a Markdown table; figures stand in the second column, on the right.

    >>> table(("what", "value"), [("cold start", "2.1 s")])
    ['| what | value |', '|---|---:|', '| cold start | 2.1 s |']
    """
    rule = "".join("---:|" if k == 1 else "---|" for k in range(len(head)))
    lines = ["| " + " | ".join(head) + " |", "|" + rule]
    return [*lines, *("| " + " | ".join(cells) + " |" for cells in rows)]


def text(result: Mapping[str, Any]) -> str:
    """The block of one result: its rows, its ratios, its machine, its date."""
    lines: list[str] = []
    if result["rows"]:
        rows = [
            (row["name"], f"{number(row['value'])} {row['unit']}".strip(), row.get("note", ""))
            for row in result["rows"]
        ]
        lines += table(("what", "measured", ""), rows)
    if result.get("ratios"):
        ratios = [
            (ratio["name"], number(ratio["value"]), str(ratio.get("wanted", "")))
            for ratio in result["ratios"]
        ]
        lines += ["", *table(("ratio, within one run", "measured", "wanted"), ratios)]
    return "\n".join([*lines, "", f"{machine(result['machine'])}; {result['date']}.", ""])


def machine(parts: Mapping[str, Any]) -> str:
    """
    One line for a machine; what is not known by name stands at the end as `key value`.

    >>> machine({"cpu": "AMD EPYC", "vectors": "avx512f", "cores": 2, "memory_gib": 23.4,
    ...          "system": "Linux x86_64", "numba": "0.68.1"})
    'AMD EPYC, avx512f, 2 cores, 23.4 GiB, Linux x86_64, numba 0.68.1'
    """
    forms = {"cpu": "{}", "vectors": "{}", "cores": "{} cores", "memory_gib": "{} GiB"}
    forms |= {"system": "{}"}
    return ", ".join(forms.get(name, f"{name} {{}}").format(part) for name, part in parts.items())


def filled(document: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """A document with every marked block rewritten."""

    def one(match: re.Match[str]) -> str:
        name = match[2]
        inside = text(results[name]) if name in results else NOT_MEASURED
        return f"{match[1]}{inside}{match[3]}"

    return BLOCK.sub(one, document)


def read_results(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Every result by the name of its benchmark."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return {result["benchmark"]: result for result in found}


def main(arguments: list[str]) -> int:
    """Write the documents, or check them."""
    results, stale = read_results(), []
    for path in DOCUMENTS:
        old = path.read_text(encoding="utf-8")
        new = filled(old, results)
        if new != old:
            stale.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    for path in stale:
        print(f"{path}: {'stale' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
