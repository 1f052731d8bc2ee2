"""The README keeps its promises: two commands near the top, and Python that runs as it stands."""

import os
import re
import subprocess
import sys

import pytest

FIRST = (
    "python3 -m venv .venv && .venv/bin/pip install -e '.[all,test]' && .venv/bin/headframe demo"
)
"""Installs and shows."""
SECOND = ".venv/bin/python -m pytest -q"
"""Tests."""


@pytest.fixture(scope="module")
def readme(repository):
    return (repository / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_stand_near_the_top_in_order(readme):
    lines = readme.splitlines()
    assert lines.count(FIRST) == 1
    assert lines.count(SECOND) == 1
    assert lines.index(FIRST) < lines.index(SECOND) < 25
    for uv in ("uv run --all-extras headframe demo", "uv run --all-extras pytest"):
        assert uv in readme


def test_nothing_else_looks_like_one_of_the_commands(readme):
    """CI reads the commands from the README: they must be told apart by their form alone."""
    form = r"^(python3 -m venv \.venv && .*headframe demo|\.venv/bin/python -m pytest -q)$"
    assert len(re.findall(form, readme, re.MULTILINE)) == 2


@pytest.mark.parametrize("number", [0, 1])
def test_the_python_examples_run(blocks_of, workplace, number):
    shown = blocks_of("README.md")
    (book,) = [block for block in shown if block.language == "toml"]
    (workplace / "book.toml").write_text(book.text, encoding="utf-8")
    examples = [block.text for block in shown if block.language == "python"]
    assert len(examples) == 2
    text = re.sub(r"n_paths=[\d_]+", "n_paths=1_000", examples[number])
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=workplace,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "a farm" in done.stdout
    assert "How it was made" in done.stdout


def test_the_longer_example_has_ten_lines(blocks_of):
    examples = [block.text for block in blocks_of("README.md") if block.language == "python"]
    statement = examples[0].split("\n\n", 1)[1]
    assert len(statement.strip().splitlines()) <= 10


def test_book_and_python_are_the_same_book(blocks_of):
    from headframe.book_file import book_from_toml

    shown = blocks_of("README.md")
    (toml,) = [block.text for block in shown if block.language == "toml"]
    python = next(block.text for block in shown if block.language == "python")
    names: dict = {}
    exec(python.replace("hf.run(book, n_paths=20_000).report()", ""), names)
    assert names["book"] == book_from_toml(toml)
