"""Every number that a docstring shows is computed: the doctests of the package."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import headframe


def modules() -> list[str]:
    found = pkgutil.walk_packages(headframe.__path__, "headframe.")
    return sorted(module.name for module in found)


@pytest.mark.parametrize("name", modules())
def test_doctests_of_a_module(name):
    results = doctest.testmod(import_module(name))
    assert results.failed == 0


def test_there_are_doctests_to_run():
    finder = doctest.DocTestFinder(exclude_empty=True)
    counted = {
        name: sum(len(test.examples) for test in finder.find(import_module(name)))
        for name in modules()
    }
    assert sum(counted.values()) > 100
    for name in ("headframe.positions.levered", "headframe.processes.gbm", "headframe.metric"):
        assert name in counted
