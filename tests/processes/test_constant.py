"""A constant is constant, and comes back after a shock."""

import pytest

from headframe.processes.constant import Constant
from headframe.scenarios.stress import Shock


def test_a_constant_stays_and_recovers(walk):
    shock = Shock(name="peg", observable="usdc_usd", at_s="2d", lasting_s="1d", multiply=0.9)
    one = Constant(name="usdc_usd", value=1.0)
    seen = [float(now["usdc_usd"][0]) for now in walk([one], 4, n_paths=1, shocks=(shock,))]
    assert seen == pytest.approx([1.0, 1.0, 0.9, 1.0, 1.0])
