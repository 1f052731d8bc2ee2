"""HTML that is safe by construction."""

import json
import re

import pytest

from headframe.report.markup import Markup, data_script, tag

NASTY = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "<!--"]


@pytest.mark.parametrize("text", NASTY)
def test_text_and_attributes_are_escaped(text: str) -> None:
    made = tag("p", text, title=text)
    assert made.count("<") == 2  # the element's own
    assert "<script" not in made
    assert "<img" not in made


@pytest.mark.parametrize("text", NASTY)
def test_data_cannot_end_its_element_and_comes_back_whole(text: str) -> None:
    made = data_script({"name": text}, "x")
    inside = re.fullmatch(r"<script [^>]*>(.*)</script>", made)
    assert inside is not None
    assert "<" not in inside[1]
    assert json.loads(inside[1]) == {"name": text}


def test_markup_is_not_escaped_twice() -> None:
    assert tag("div", tag("b", "x"), Markup("<i>y</i>"), None) == "<div><b>x</b><i>y</i></div>"


def test_there_is_no_nan_in_data() -> None:
    with pytest.raises(ValueError, match="JSON"):
        data_script(float("nan"), "x")
