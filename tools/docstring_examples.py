"""
Show the doctests of docstrings as code: used by mkdocstrings when the documentation is built.

A docstring's `>>>` lines stand in plain prose, which Markdown takes for quotations. This puts a
fence around each run of them, up to the next blank line.
"""

import re

from griffe import Docstring, Extension, Object

EXAMPLE = re.compile(r"(?:^>>> .*\n?(?:^(?!\s*$).*\n?)*)+", re.MULTILINE)
"""A run of examples: from a prompt to the next blank line."""


def fenced(text: str) -> str:
    r"""
    A docstring's text with its examples in fences.

    >>> fenced("Say.\n\n>>> [1]\n[1]\n\nMore.")
    'Say.\n\n```pycon\n>>> [1]\n[1]\n```\n\nMore.'
    """
    return EXAMPLE.sub(lambda match: f"```pycon\n{match[0].rstrip()}\n```\n", text).rstrip()


class DocstringExamples(Extension):
    """Fence the examples of every docstring that is loaded."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        """Rewrite one object's docstring."""
        docstring: Docstring | None = obj.docstring
        if docstring is not None and ">>> " in docstring.value:
            docstring.value = fenced(docstring.value)
