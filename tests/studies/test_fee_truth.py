"""
Fees from bars against the exact pool, in small: ten seeds, two days, two lengths of bars.

The full study is `python -m benchmarks.fee_truth`; docs/protocols/uniswap_v3.md has its table.
"""

import numpy as np
import pytest

from headframe.studies import fee_truth
from headframe.studies.v3_bars import Bars
from headframe.units import HOUR_S, MINUTE_S


@pytest.fixture(scope="module")
def found():
    bars = {"1 minute": MINUTE_S, "4 hours": 4 * HOUR_S}
    return fee_truth.errors(range(10), volatilities=(0.06,), bars=bars, days=2)


@pytest.fixture(scope="module")
def cells(found):
    return {(c.half_width, c.bar, c.rule): c for c in fee_truth.cells(found)}


@pytest.mark.parametrize("half", fee_truth.HALF_WIDTHS)
def test_a_minute_is_within_half_a_percent(cells, half):
    cell = cells[half, "1 minute", "headframe"]
    assert cell.n == 20
    assert cell.median < 0.005
    assert cell.low <= cell.median <= cell.high


@pytest.mark.parametrize("half", fee_truth.HALF_WIDTHS)
@pytest.mark.parametrize("bar", ["1 minute", "4 hours"])
def test_it_is_nowhere_worse_than_the_usual_rule(cells, half, bar):
    ours, usual = (cells[half, bar, rule] for rule in fee_truth.RULES)
    assert ours.median <= usual.median
    assert ours.largest > -1.0


def test_a_cut_loses_nothing():
    flow = fee_truth.play(3, 0.03, days=1, swaps_per_day=500)
    bars = fee_truth.cut(flow, MINUTE_S)
    assert np.asarray(bars.close).size == 1_440
    assert np.sum(bars.volume0) == pytest.approx(flow.paid0.sum())
    assert np.sum(bars.volume1) == pytest.approx(flow.paid1.sum())
    assert np.asarray(bars.close)[-1] == flow.tick[-1]
    assert np.max(bars.high) == max(flow.tick.max(), flow.first_tick)
    assert np.all(np.asarray(bars.open)[1:] == np.asarray(bars.close)[:-1])


def test_the_price_moves_as_much_as_it_is_told_to():
    """Realised variance of 2,000 swaps: 2 + kurtosis terms of exponential sizes give 7 % or so."""
    flow = fee_truth.play(1, 0.06, days=1, swaps_per_day=2_000)
    moves = np.diff(flow.tick, prepend=flow.first_tick) * np.log(1.0001)
    assert np.sqrt(np.sum(moves**2)) == pytest.approx(0.06, rel=0.15)


def test_the_usual_rule_is_the_share_of_the_move():
    """By hand: inside, outside on one side, half way out, right through."""
    close = [10.0, 90.0, 80.0, 40.0, -140.0]
    nothing = [0.0] * 5
    bars = Bars(
        open=[0.0, 0, 0, 0, 0], high=close, low=close, close=close,
        volume0=nothing, volume1=nothing, liquidity=nothing,
    )  # fmt: skip
    share = fee_truth.share_of_move(bars, -60, 60)
    assert share.tolist() == pytest.approx([1.0, 50 / 80, 0.0, 20 / 40, 100 / 180])
