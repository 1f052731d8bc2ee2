"""Code blocks of the documentation, with where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
"""The repository."""
FENCE = re.compile(r"^( *)```([a-z]*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
"""A fenced code block: its indent, its language, its text."""


@dataclass(frozen=True)
class CodeBlock:
    """A code block of a document."""

    path: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def documents() -> list[Path]:
    """Every page that people read."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(path: Path) -> Iterator[CodeBlock]:
    """The code blocks of a document, without their indent."""
    text = path.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        indent = match[1]
        lines = [line.removeprefix(indent) for line in match[3].splitlines()]
        line = text.count("\n", 0, match.start()) + 2
        yield CodeBlock(path, line, match[2], "\n".join(lines) + "\n")


def of_language(language: str) -> list[CodeBlock]:
    """Every block of a language in every document."""
    return [b for path in documents() for b in blocks(path) if b.language == language]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`toml_block`, `shell_block`: one test for each block of that language."""
    for name, language in (("toml_block", "toml"), ("shell_block", "bash")):
        if name in metafunc.fixturenames:
            found = of_language(language)
            metafunc.parametrize(name, found, ids=[str(block) for block in found])
    if "document" in metafunc.fixturenames:
        found_pages = documents()
        names = [str(page.relative_to(ROOT)) for page in found_pages]
        metafunc.parametrize("document", found_pages, ids=names)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def blocks_of():
    """A document's code blocks, by its path below the root."""
    return lambda path: list(blocks(ROOT / path))


@pytest.fixture
def workplace(tmp_path, monkeypatch) -> Path:
    """An empty folder with the example books, in which commands may write."""
    for example in sorted((ROOT / "examples").glob("*.toml")):
        (tmp_path / example.name).write_text(example.read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
