"""The worked example of CONTRIBUTING.md works as it stands there, milestone by milestone."""

import doctest
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module

import pytest

from headframe import positions, registry
from headframe.book_file import load_book
from headframe.runs import run

PATH = re.compile(r"^# (src/headframe/|tests/)(\S+)\.py\n")
"""The first line of a block that is a file of the repository."""


@pytest.fixture(scope="module")
def contributing(blocks_of):
    return blocks_of("CONTRIBUTING.md")


@pytest.fixture(scope="module")
def files(contributing):
    """Texts by module: what the example writes."""
    found = {}
    for block in contributing:
        named = PATH.match(block.text)
        if named and block.language == "python":
            found[(named[1] + named[2]).removeprefix("src/").replace("/", ".")] = block.text
    return found


@pytest.fixture(scope="module")
def weighted(files, tmp_path_factory):
    """The kernel and the position, loaded under the names that they would have."""
    folder = tmp_path_factory.mktemp("weighted")
    names = [name for name in files if name.startswith("headframe.")]
    for name in names:
        file = folder / f"{name.replace('.', '_')}.py"
        file.write_text(files[name], encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        setattr(import_module(parent), last, module)
        spec.loader.exec_module(module)
    positions.BUILT_IN["weighted_pool"] = "headframe.positions.weighted_pool:WeightedPool"
    registry.kinds.cache_clear()
    yield sys.modules["headframe.positions.weighted_pool"]
    del positions.BUILT_IN["weighted_pool"]
    registry.kinds.cache_clear()
    for name in names:
        parent, _, last = name.rpartition(".")
        delattr(sys.modules[parent], last)
        del sys.modules[name]


@pytest.fixture
def weighted_book(contributing, tmp_path):
    (block,) = [b for b in contributing if b.language == "toml"]
    path = tmp_path / "weighted.toml"
    path.write_text(block.text, encoding="utf-8")
    return path


def test_the_judges_speak(contributing, weighted):
    shown = "\n".join(b.text for b in contributing if b.language == "pycon")
    test = doctest.DocTestParser().get_doctest(shown, {}, "CONTRIBUTING", None, 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.tries >= 5
    assert runner.failures == 0


def test_the_example_of_the_position_itself(weighted):
    assert doctest.testmod(weighted).failed == 0


def test_the_books_close(weighted, weighted_book):
    kept = run(load_book(weighted_book), n_paths=2_000)
    assert kept.worst_gap < 1e-12


def test_a_weight_above_one_is_refused_in_a_line(weighted, weighted_book):
    with pytest.raises(ValueError, match=r"position\.lp\.weight.*at most 1"):
        load_book(weighted_book, {"position.lp.weight": 1.2})


def test_the_shown_test_passes_and_can_fail(files, weighted, weighted_book):
    text = files["tests.positions.test_weighted_pool"]
    found = {}
    exec(compile(text, "test_weighted_pool.py", "exec"), found)
    shown = found["test_mean_rebalancing_is_the_closed_form"]
    shown(weighted_book)
    book = weighted_book.read_text(encoding="utf-8").replace("weight = 0.8", "weight = 0.7")
    weighted_book.write_text(book, encoding="utf-8")
    with pytest.raises(AssertionError):
        shown(weighted_book)


def test_a_forgotten_entry_is_found(files, weighted_book, weighted, tmp_path, monkeypatch):
    """The bug that step 6 plants: one fee is not booked, and the books no longer close."""
    from headframe.errors import InvariantError

    kernel = files["headframe.kernels.weighted_pool"]
    broken = re.sub(r" +moved\[i\] \+= .*\n", "", kernel)
    assert broken != kernel
    file = tmp_path / "broken_kernel.py"
    file.write_text(broken, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("broken_kernel", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(weighted, "kernel", module)
    with pytest.raises(InvariantError, match="do not close"):
        run(load_book(weighted_book), n_paths=1_000, executor="serial")


def test_the_laws_hold_for_it(contributing, files, repository, tmp_path):
    """Step 6, in a copy of the source in which the example has been followed to the letter."""
    shutil.copytree(repository / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.nb?"))
    for folder in ("laws", "stage"):
        shutil.copytree(repository / "tests" / folder, tmp_path / "tests" / folder)
    for name in ("kernels", "positions"):
        path = tmp_path / "src" / "headframe" / name / "weighted_pool.py"
        path.write_text(files[f"headframe.{name}.weighted_pool"], encoding="utf-8")
    entries = [b.text for b in contributing if b.text.startswith('"weighted_pool": ')]
    registered = tmp_path / "src" / "headframe" / "positions" / "__init__.py"
    insert(registered, r"^BUILT_IN.* = \{\n", entries[0])
    samples = tmp_path / "tests" / "laws" / "samples.py"
    insert(samples, r"^POSITIONS.* = \{\n", entries[1])
    insert(
        samples, r"^import defi\n", "from headframe.positions.weighted_pool import WeightedPool\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--import-mode=importlib", "tests/laws", "-k", "weighted"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 8


def insert(path, after: str, text: str) -> None:
    """Put text into a file, after the first line that matches."""
    old = path.read_text(encoding="utf-8")
    new, found = re.subn(after, lambda match: match[0] + text, old, count=1, flags=re.MULTILINE)
    assert found == 1, f"{path.name} has no line like {after}"
    path.write_text(new, encoding="utf-8")


def test_chores_are_those_of_the_makefile(repository):
    made = (repository / "Makefile").read_text(encoding="utf-8")
    words = set(re.findall(r"^([a-z-]+):.*##", made, re.MULTILINE))
    told = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `make ([a-z-]+)` \|", told, re.MULTILINE)) == words
