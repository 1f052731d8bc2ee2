"""A third party's position, registered through an entry point, is used in a book like ours."""

import subprocess
import sys
import textwrap

import pytest

from headframe.errors import InputError
from headframe.registry import GROUPS, kinds, tenant

PLUGIN = '''
"""A jar: puts an asset aside, and a fairy adds a little each step (plain NumPy)."""

from typing import ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.ledger import Line
from headframe.types import STRICT, Amounts, Name


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Jar:
    """A jar with a fairy."""

    name: Name
    asset: Name
    deposit: Amounts
    gift: float = 0.0
    kind: ClassVar[str] = "jar"
    every_s: ClassVar[None] = None
    venue: ClassVar[None] = None
    fields: ClassVar[tuple] = ("inside",)
    gauges: ClassVar[tuple] = ("inside",)
    dues: ClassVar[tuple] = ()
    events: ClassVar[tuple] = ()
    extremes: ClassVar[tuple] = ()
    verbs: ClassVar[tuple] = ("open",)
    reads: ClassVar[tuple] = ()
    normals: ClassVar[tuple] = ()
    uniforms: ClassVar[tuple] = ()

    @property
    def assets(self):
        return (self.asset,)

    @property
    def lines(self):
        return (Line("principal", self.asset, True), Line("principal", self.asset),
                Line("reward", self.asset))

    def wire(self, layout, dt_s):
        return None

    def open(self, state, order, now, out):
        amount = self.deposit[self.asset]
        out.post("principal", self.asset, -amount, cash=True)
        out.post("principal", self.asset, amount)
        state["inside"] += amount

    def step(self, state, before, now, out):
        gift = np.full(state.n_paths, self.gift)
        out.post("reward", self.asset, gift)
        state["inside"] += gift

    def act(self, state, order, now, out):
        pass

    def gauge(self, state, now, out):
        out["inside"] = state["inside"]

    def holdings(self, state, now, out):
        out[self.asset] = state["inside"]

    exposure = holdings
'''

BOOK = """
name = "with a jar"
horizon = "10d"
[wallet]
eth = 2.0
[process.eth_usd]
kind = "gbm"
start = 100.0
volatility = 0.0
[position.jar]
kind = "jar"
asset = "eth"
deposit = { eth = 2.0 }
gift = 0.1
"""


def test_every_kind_that_is_listed_can_be_loaded():
    for noun in GROUPS:
        for kind in kinds(noun):
            assert tenant(noun, kind).__doc__


def test_an_unknown_kind_names_those_that_there_are():
    with pytest.raises(InputError, match=r"one of .*gbm"):
        tenant("process", "brownian")


def test_a_plugin_is_found_and_runs(tmp_path):
    (tmp_path / "jar_plugin.py").write_text(PLUGIN)
    info = tmp_path / "jar_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: jar-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[headframe.positions]\njar = jar_plugin:Jar\n")
    (tmp_path / "book.toml").write_text(BOOK)
    code = textwrap.dedent(
        """
        import headframe as hf
        answer = hf.run(hf.load("book.toml"), n_paths=1000).json()
        print(answer["wealth"]["mean"], answer["positions"]["jar"]["entries"]["reward"])
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wealth, reward = map(float, done.stdout.split())
    assert wealth == pytest.approx(300.0)
    assert reward == pytest.approx(100.0)
