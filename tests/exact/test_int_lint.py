"""`exact/` is plain integers, and the lint that says so catches what it should."""

import subprocess
import sys
from pathlib import Path

import pytest

LINT = Path(__file__).parents[2] / "tools" / "lint_exact.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(LINT), *arguments], capture_output=True, text=True)


def test_exact_is_plain_integers():
    result = run()
    assert result.stdout == ""
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a = 1.5", "float literal 1.5"),
        ("a = 1e18", "float literal 1e+18"),
        ("a = 2j", "float literal 2j"),
        ("a = b / c", "true division"),
        ("a /= b", "true division"),
        ("a = b ** -1", "negative power"),
        ("a = float(b)", "call of float()"),
        ("a = math.sqrt(b)", "math.sqrt"),
        ("from math import isqrt, log2", "math.log2"),
        ("import numpy as np", "numpy"),
        ("from numpy.random import default_rng", "numpy.random"),
        ("from decimal import Decimal", "decimal"),
    ],
)
def test_each_kind_of_float_is_reported_with_file_and_line(tmp_path, line, what):
    file = tmp_path / "coin.py"
    file.write_text(f'"""A coin."""\n\n\ndef next_bits(b, c):\n    {line}\n')
    result = run(str(tmp_path))
    assert result.returncode == 1
    assert result.stdout.startswith(f"{file}:5: ")
    assert what in result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "a = b // c",
        "from math import isqrt",
        "a = math.gcd(b, c)",
        "def shown(bits: int) -> float: ...",
        "a = '1.5 / 2'",
        "a = 2**256 - 1",
    ],
)
def test_integers_pass(tmp_path, line):
    (tmp_path / "coin.py").write_text(f"{line}\n")
    result = run(str(tmp_path))
    assert (result.returncode, result.stdout) == (0, "")


def test_an_exception_holds_for_its_function_in_its_file_only(tmp_path):
    text = "def _leaves_horizon(a, b):\n    return a / b > 0.5\n"
    (tmp_path / "dash.py").write_text(text)
    assert run(str(tmp_path)).returncode == 0
    (tmp_path / "other.py").write_text(text)
    assert run(str(tmp_path)).stdout.count("other.py:2:") == 2


def test_a_folder_without_files_is_a_finding(tmp_path):
    result = run(str(tmp_path))
    assert result.returncode == 1
    assert "no Python files here" in result.stdout
