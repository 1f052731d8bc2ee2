"""What the pages show is run: examples with their numbers, books, and the commands around them."""

import doctest
import tomllib

import pytest

from headframe.book_file import book_from_toml


def test_numbers_on_a_page(document, blocks_of, repository):
    if document.name == "CONTRIBUTING.md":
        pytest.skip("the worked example has a test of its own")
    shown = blocks_of(document.relative_to(repository))
    text = "\n".join(block.text for block in shown if block.language == "pycon")
    test = doctest.DocTestParser().get_doctest(text, {}, document.name, str(document), 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.failures == 0


def test_book_on_a_page(toml_block, workplace):
    data = tomllib.loads(toml_block.text)
    if "name" not in data or not {"process", "scenario"} & set(data):
        pytest.skip("a fragment: shown inside a book elsewhere, or printed by a command")
    if data.get("scenario", {}).get("kind", "model") != "model":
        pytest.skip("a book that reads a table: the page's own commands run it")
    if any("file" in table.get("fleet", {}) for table in data.get("position", {}).values()):
        pytest.skip("a book that reads a fleet: the page's own commands run it")
    if toml_block.path.name == "CONTRIBUTING.md" or "plugin" in toml_block.path.name:
        pytest.skip("a book with a kind that its own test registers")
    book = book_from_toml(toml_block.text, source=str(toml_block), folder=workplace)
    assert book.n_steps > 0
