"""The documentation holds together: links lead somewhere, lists are complete, tables are fresh."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as the site makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(re.sub(r"[\s\-]+", "-", plain.strip()))
    return found


@pytest.mark.parametrize("page", [*TOP, *PAGES], ids=name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(prose(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name(page)}: {target}"
        assert there.is_relative_to(ROOT), f"{name(page)}: {target} leads out of the repository"
        if anchor:
            assert anchor in anchors(there), f"{name(page)}: {target}"


@pytest.mark.parametrize("page", [*TOP, *PAGES], ids=name)
def test_nothing_points_outside_the_repository(page):
    text = page.read_text(encoding="utf-8")
    for outside in ("/home/", "/root/", "/tmp/", "/work/", "../shared", "DESIGN.md", "STYLE.md"):
        assert outside not in text, f"{name(page)} mentions {outside}"


def test_every_page_is_in_the_navigation():
    told = re.findall(r"(?<=[ :])([\w\-/]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) == {str(page.relative_to(DOCS)) for page in PAGES}


def test_the_site_asks_for_nothing_from_elsewhere():
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^  font: false$", config, re.MULTILINE)
    assert "http" not in config


def test_every_decision_is_listed():
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    listed = (DOCS / "adr" / "index.md").read_text(encoding="utf-8")
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in decisions:
        assert f"({path.name})" in listed
        text = path.read_text(encoding="utf-8")
        for part in ("**Status:**", "## Context", "## Decision", "## Rejected", "## Consequences"):
            assert part in text, f"{path.name} lacks {part}"


def modules() -> set[str]:
    """Modules that a reader of the reference may look for."""
    found = set()
    for path in (ROOT / "src" / "headframe").rglob("*.py"):
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        if parts[-1] != "__init__" and parts[1] not in ("apps", "report"):
            found.add(".".join(parts))
    return found


def test_every_module_has_its_place_in_the_reference():
    text = "\n".join(p.read_text(encoding="utf-8") for p in (DOCS / "reference").glob("*.md"))
    told = set(re.findall(r"^::: (headframe[\w.]*)", text, re.MULTILINE))
    covered = {
        module
        for module in modules()
        if any(module == t or t.startswith(f"{module}.") for t in told)
    }
    assert modules() - covered == set(), "run tools/reference_lists.py"
    for target in told:
        module = target if target in modules() else target.rpartition(".")[0]
        assert importlib.util.find_spec(module), f"the reference names {target}"


@pytest.mark.parametrize("kind", ["process", "venue", "position", "policy", "scenario"])
def test_every_kind_has_its_keys_in_the_reference(kind):
    from headframe.registry import GROUPS

    built_in = importlib.import_module(f"headframe.{GROUPS[kind]}").BUILT_IN
    text = (DOCS / "reference" / "kinds.md").read_text(encoding="utf-8")
    for name_ in built_in:
        assert f"### `{name_}`" in text, f"run tools/book_tables.py: {name_} is missing"


@pytest.mark.parametrize("tool", ["bench_tables", "book_tables", "oracle_table", "reference_lists"])
def test_written_pages_are_fresh(tool):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / f"{tool}.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"python tools/{tool}.py\n{done.stdout}{done.stderr}"


def test_every_position_has_a_protocol_page():
    from headframe.positions import BUILT_IN

    text = "\n".join(p.read_text(encoding="utf-8") for p in (DOCS / "protocols").glob("*.md"))
    for kind in BUILT_IN:
        assert f"`{kind}`" in text, f"no protocol page names {kind}"


def test_the_floors_are_those_that_are_checked():
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = [re.findall(r"\w+", layer) for layer in contracts["contracts"][0]["layers"]]
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(apps .*?)```", text, re.DOTALL)[1].splitlines()
    assert len(shown) == len(floors)
    for line, names in zip(shown, floors, strict=True):
        told = re.findall(r"\w+", line)
        assert set(names) <= set(told[: len(names)]), f"{line} should be {names}"


def test_every_kind_of_entry_is_explained():
    from headframe.ledger import KINDS

    text = (DOCS / "concepts.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"`{kind}`" in text


def test_every_option_of_run_and_compare_is_told():
    from typer.main import get_command

    from headframe.apps.cli import app

    text = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    commands = get_command(app).commands
    for command in commands:
        assert f"headframe {command}" in text
    for command in ("run", "compare"):
        for option in commands[command].params:
            for flag in option.opts + option.secondary_opts:
                if flag.startswith("--") and flag != "--alternatives":
                    assert flag in text, f"{command} {flag}"


def test_every_number_of_the_json_is_told():
    from headframe.report.schema import result_schema

    schema = result_schema()
    parts = [schema, *schema["$defs"].values()]
    keys = {key for part in parts for key in part["properties"] if not key.endswith("_se")}
    text = (DOCS / "how-to" / "json.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[a-z_0-9]+", text))
    assert keys - {"se"} - told == set()


def test_bench_tables_write_what_was_measured(tmp_path):
    spec = importlib.util.spec_from_file_location("bench_tables", ROOT / "tools/bench_tables.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    result = {
        "benchmark": "farm",
        "machine": {"cpu": "a processor", "cores": 2},
        "date": "2026-11-21",
        "rows": [{"name": "composed", "value": 61.234, "unit": "million a second", "note": "x"}],
        "ratios": [{"name": "composed over fused", "value": 0.9312, "wanted": "0.7 or more"}],
    }
    blocks = [f"<!-- bench:{name} -->\nold\n<!-- /bench -->" for name in ("farm", "other")]
    filled = tool.filled("\n".join(["before", *blocks]), {"farm": result})
    assert "old" not in filled
    assert "| composed | 61.2 million a second | x |" in filled
    assert "| composed over fused | 0.931 | 0.7 or more |" in filled
    assert "a processor, 2 cores; 2026-11-21." in filled
    assert filled.startswith("before\n")
    assert tool.NOT_MEASURED in filled
    assert tool.filled(filled, {"farm": result}) == filled
