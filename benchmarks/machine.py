"""Which machine this is, how to time in turns, and how results are written down."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
"""Where the results are kept."""


def machine() -> dict[str, Any]:
    """Processor, cores, memory, Python and the libraries that matter."""
    cpu, flags = "unknown", ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        cpu = next((li.split(":")[1].strip() for li in lines if li.startswith("model name")), cpu)
        flags = next((li for li in lines if li.startswith("flags")), "")
    vectors = next((v for v in ("avx512f", "avx2", "sse4_2") if v in flags), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": cpu,
        "vectors": vectors,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "llvmlite")},
    }


def in_turns(subjects: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each subject in each round; every round runs them all, one after the other."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for subject in subjects.values():
        subject()
    for _ in range(rounds):
        for name, subject in subjects.items():
            start = time.perf_counter()
            subject()
            times[name].append(time.perf_counter() - start)
    return times


def ratio(slower: Sequence[float], faster: Sequence[float]) -> float:
    """The median over rounds of how many times faster the second is."""
    return statistics.median(a / b for a, b in zip(slower, faster, strict=True))


def row(name: str, value: float, unit: str, note: str = "") -> dict[str, Any]:
    """One figure."""
    return {"name": name, "value": value, "unit": unit, "note": note}


def write(
    benchmark: str, rows: Sequence[Mapping[str, Any]], ratios: Sequence[Mapping[str, Any]]
) -> Path:
    """Write a result; prints it too."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{benchmark}.json"
    result = {
        "benchmark": benchmark,
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "rows": list(rows),
        "ratios": list(ratios),
    }
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    tell(rows, ratios)
    print(f"written to {path}")
    return path


def tell(rows: Sequence[Mapping[str, Any]], ratios: Sequence[Mapping[str, Any]]) -> None:
    """Print figures and ratios."""
    for entry in rows:
        print(f"{entry['name']:58s} {entry['value']:12.4g} {entry['unit']:22s} {entry['note']}")
    for entry in ratios:
        print(f"{entry['name']:58s} {entry['value']:12.4g} wanted {entry['wanted']}")
