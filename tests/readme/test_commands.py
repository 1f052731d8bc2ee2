"""
Every `headframe` command that a page shows is run, in the order of the page.

A block whose first line is a comment with a file's name (`# my.toml`) writes that file. Commands
run in this process, with few paths, over few days and with one worker; what stands behind a pipe
is another program's. A page's `pyproject.toml` is installed, a page's scripts and tests are run. A
comment `# exit code 2` after a command says that it is meant to fail.
"""

import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib

import pytest

from headframe.apps.cli import main
from headframe.registry import kinds

LEFT_OUT = {"demo", "serve"}
"""Commands that their own tests run."""
FEW_PATHS = "1000"
"""Paths of a run here, whatever the page asks for."""
SHORT = "horizon=10d"
"""The horizon of a run here, where the page does not set one."""
FILE_NAME = re.compile(r"^# ([a-z0-9_]+\.(?:toml|py|csv))\n")
"""The first line of a block that is a file."""


CALL = re.compile(r"(\.venv/bin/|uv run (--\S+ )*)?(headframe |python [a-z_]+\.py)")
"""A line that calls headframe, or a script that the page shows."""


def commands(text: str) -> list[str]:
    """Lines that call headframe, continued lines joined."""
    joined = text.replace("\\\n", " ")
    found = [line.strip() for line in joined.splitlines()]
    return [line for line in found if CALL.match(line)]


def arguments(command: str) -> tuple[list[str], str | None]:
    """The command's own arguments as this test runs them, and the file that it writes to."""
    plain, _, _ = command.partition("#")
    plain = plain.split("|")[0]
    plain, _, target = plain.partition(">")
    words = shlex.split(plain)
    words = words[next(k for k, word in enumerate(words) if word.endswith("headframe")) + 1 :]
    if words[0] in ("run", "compare"):
        words = _few(words)
    return words, target.strip() or None


def _few(words: list[str]) -> list[str]:
    kept, skip = [], False
    for word in words:
        if skip or word in ("--paths", "--executor", "--workers", "--scheduler"):
            skip = not skip
            continue
        kept.append(word)
    short = [] if any(word.startswith("horizon=") for word in kept) else ["--set", SHORT]
    return [*kept, *short, "--paths", FEW_PATHS, "--workers", "1"]


def run_here(words: list[str], monkeypatch) -> int:
    """The exit code of the command line, called in this process."""
    monkeypatch.setattr(sys, "argv", ["headframe", *words])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def run_tests(path) -> None:
    """Run a file of tests that a page shows."""
    in_a_process(path, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name)


def run_script(path) -> None:
    """Run a script that a page shows."""
    in_a_process(path, path.name)


def in_a_process(path, *words: str) -> None:
    """Run Python as a reader would, in the folder of the page's files."""
    command = [sys.executable, *words]
    environment = os.environ | {"PYTHONPATH": str(path.parent)}
    done = subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def install(workplace, monkeypatch):
    """Put a package of a page where Python finds it, with its entry points."""

    def to_path(pyproject: str) -> None:
        project = tomllib.loads(pyproject)["project"]
        info = workplace / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (info / "METADATA").write_text(head)
        lines = []
        for group, points in project["entry-points"].items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        monkeypatch.syspath_prepend(workplace)
        importlib.invalidate_caches()
        kinds.cache_clear()

    yield to_path
    kinds.cache_clear()


def test_commands_of_a_page(
    document, blocks_of, repository, workplace, install, monkeypatch, capsys
):
    if document.name == "CONTRIBUTING.md":
        pytest.skip("the worked example has a test of its own")
    page = document.read_text(encoding="utf-8")
    for block in blocks_of(document.relative_to(repository)):
        named = FILE_NAME.match(block.text)
        if named:
            (workplace / named[1]).write_text(block.text, encoding="utf-8")
        if named and named[1] == "pyproject.toml":
            install(block.text)
        if named and named[1].startswith("test_"):
            run_tests(workplace / named[1])
        if block.language != "bash":
            continue
        for command in commands(block.text):
            if command.startswith("python "):
                run_script(workplace / shlex.split(command)[1])
                continue
            words, target = arguments(command)
            if words[0] in LEFT_OUT:
                continue
            capsys.readouterr()
            code = run_here(words, monkeypatch)
            said = capsys.readouterr()
            wanted = 2 if "# exit code 2" in command else 0
            assert code == wanted, f"{block}: {command}\n{said.err}"
            if code == 2 and "\nheadframe: " in page:
                assert said.err.strip() in page, f"{block}: {command} says {said.err}"
            if target:
                (workplace / target).write_text(said.out, encoding="utf-8")


def test_arguments_are_taken_apart():
    command = "headframe run my.toml --paths 100_000 --executor dask --json | jq .wealth"
    assert arguments(command) == (
        ["run", "my.toml", "--json", "--set", SHORT, "--paths", FEW_PATHS, "--workers", "1"],
        None,
    )
    assert arguments("headframe example desk > my.toml") == (["example", "desk"], "my.toml")
