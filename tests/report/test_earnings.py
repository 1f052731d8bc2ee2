"""The better mean and its rates, against formulas worked out by hand."""

import pytest

from headframe.metric import Estimate
from headframe.metrics.returns import Rates, Wealth
from headframe.report.earnings import earnings
from headframe.units import YEAR_S


def _wealth(plain: Estimate, controlled: Estimate) -> Wealth:
    return Wealth(open=100.0, mean=plain, controlled=controlled, quantiles={}, over_time={})


RATES = Rates(apr=Estimate(0.3, 0.1), apy=Estimate(0.32, 0.11), apr_quantiles={}, apy_quantiles={})


def test_control_variates_are_told_where_they_are_better() -> None:
    e = earnings(_wealth(Estimate(112.0, 4.0), Estimate(110.0, 1.0)), RATES, 0.5 * YEAR_S)
    assert e.controlled
    assert e.result == Estimate(10.0, 1.0)
    assert e.apr.value == pytest.approx(0.2)
    assert e.apr.se == pytest.approx(0.02)
    assert e.apy.value == pytest.approx(0.21)  # 1.1^2 - 1
    assert e.apy.se == pytest.approx(0.022)  # 2 x 1.1 x 0.01


def test_the_plain_mean_and_its_rates_stay_where_nothing_is_better() -> None:
    e = earnings(_wealth(Estimate(112.0, 4.0), Estimate(112.0, 4.0)), RATES, 0.5 * YEAR_S)
    assert not e.controlled
    assert (e.apr, e.apy) == (RATES.apr, RATES.apy)
    assert e.share.value == pytest.approx(0.12)


def test_a_result_within_two_errors_is_not_clear() -> None:
    near = earnings(_wealth(Estimate(107.9, 4.0), Estimate(107.9, 4.0)), RATES, YEAR_S)
    far = earnings(_wealth(Estimate(108.1, 4.0), Estimate(108.1, 4.0)), RATES, YEAR_S)
    assert (near.clear, far.clear) == (False, True)
