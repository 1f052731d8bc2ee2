"""
Hold `headframe.exact` to plain integers: no float literal, no `/`, no `float()`, no float library.

A float in consensus arithmetic is a wrong answer that looks right. This reads the syntax tree of
each file and reports `file:line: what`, one line a finding, and exits with 1 if there is any.
The functions that may use floats are listed in `EXCEPTIONS`, each with its reason; an entry that
names nothing is itself a finding.

    python tools/lint_exact.py [FOLDER ...]     (src/headframe/exact unless told otherwise)
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

EXCEPTIONS = {
    (
        "bitcoin_compact.py",
        "difficulty_for_display",
    ): "a difficulty to look at, never computed with",
    ("dash.py", "_leaves_horizon"): "Dash's Kimoto Gravity Well is in doubles in consensus itself",
}
"""(file, function) that may use floats, and why."""
INTEGER_MATH = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm", "prod"}
"""What of `math` returns integers for integers."""
FLOAT_LIBRARIES = {"cmath", "decimal", "numba", "numpy", "random", "scipy", "statistics"}
"""Libraries whose numbers are not plain integers."""
DEFAULT_FOLDER = Path(__file__).resolve().parent.parent / "src" / "headframe" / "exact"
"""Where the integer-only files are."""


def main(arguments: list[str]) -> int:
    """Lint the folders named, print the findings, return the exit code."""
    folders = [Path(argument) for argument in arguments] or [DEFAULT_FOLDER]
    findings: list[str] = []
    for folder in folders:
        files = sorted(folder.rglob("*.py"))
        if not files:
            findings.append(f"{folder}:0: no Python files here")
        for file in files:
            findings += [f"{file}:{line}: {what}" for line, what in lint(file)]
        findings += [f"{folder / name}:0: no function {function} to except"
                     for name, function in _missing(files)]  # fmt: skip
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def lint(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, what) for everything in a file that is not plain integer arithmetic."""
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    yield from _visit(tree, file.name)


def _visit(node: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef) and (name, node.name) in EXCEPTIONS:
        return
    what = _fault(node)
    if what:
        yield getattr(node, "lineno", 0), what
    for child in ast.iter_child_nodes(node):
        yield from _visit(child, name)


def _fault(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=float() | complex() as value):
            return f"float literal {value!r}"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "true division `/`: say `//` and how it rounds"
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            return "a negative power is a float"
        case ast.Call(func=ast.Name(id="float" | "complex" as kind)):
            return f"call of {kind}()"
        case ast.Attribute(value=ast.Name(id="math"), attr=attr) if attr not in INTEGER_MATH:
            return f"math.{attr} is not integer arithmetic"
        case ast.ImportFrom(module="math", names=names):
            wrong = [alias.name for alias in names if alias.name not in INTEGER_MATH]
            return f"math.{wrong[0]} is not integer arithmetic" if wrong else ""
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in FLOAT_LIBRARIES:
            return f"{module} is not integer arithmetic"
        case ast.Import(names=names):
            wrong = [a.name for a in names if a.name.split(".")[0] in FLOAT_LIBRARIES]
            return f"{wrong[0]} is not integer arithmetic" if wrong else ""
    return ""


def _missing(files: list[Path]) -> list[tuple[str, str]]:
    if not files or files[0].parent != DEFAULT_FOLDER:
        return []
    found = {
        (file.name, node.name)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    return sorted(set(EXCEPTIONS) - found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
