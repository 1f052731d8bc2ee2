"""The picture for the README: the same to the byte, and it asks for nothing."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from headframe.report.findings import Findings

TOOL = Path(__file__).parents[2] / "tools" / "draw_report.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_report", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_deterministic_svg(farm: Findings, tool: ModuleType) -> None:
    first, second = tool.picture(farm), tool.picture(farm)
    assert first == second
    root = ElementTree.fromstring(first)
    text = "".join(root.itertext()).replace("\xa0", " ")
    assert "What can kill it" in text
    links = re.findall(r"https?://[^\"' )]+", first)
    assert set(links) == {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "@font-face" not in first
