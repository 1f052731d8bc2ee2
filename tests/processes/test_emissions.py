"""Reward schedules against sums made by hand, and capital that chases them."""

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.constant import Constant
from headframe.processes.emissions import Emissions, Tvl
from headframe.units import DAY_S, YEAR_S

CAKE = Constant(name="cake_usd", value=2.5)


def emissions(**changes):
    usual = {"name": "farm", "price": "cake_usd", "tokens_per_s": 0.01, "tvl": 1e6}
    return Emissions(**(usual | changes))


def test_the_rate_is_tokens_times_price_over_capital(end):
    now = end([CAKE, emissions()], 1, n_paths=2)
    assert now["farm_reward_apr"] == pytest.approx(0.01 * YEAR_S * 2.5 / 1e6)
    assert now["farm_tokens_per_s"] == pytest.approx(0.01)


def brute(days, step_of):
    """Tokens emitted by summing ten minutes at a time."""
    return sum(600.0 * step_of(t) for t in np.arange(0.0, days * DAY_S, 600.0))


@pytest.mark.parametrize("days", [3, 7, 10, 40])
def test_a_stepwise_schedule(days):
    farm = emissions(kept=0.9, period_s="7d", next_cut_s="4d")

    def rate(t_s):
        cuts = 0 if t_s < 4 * DAY_S else 1 + (t_s - 4 * DAY_S) // (7 * DAY_S)
        return 0.01 * 0.9**cuts

    assert farm.emitted(days * DAY_S) == pytest.approx(brute(days, rate), rel=1e-12)


def test_a_halving_every_four_years():
    farm = emissions(kept=0.5, period_s="4y")
    for n in (1, 2, 3):
        assert farm.emitted(4 * n * YEAR_S) == pytest.approx(
            0.01 * 4 * YEAR_S * (2.0 - 0.5 ** (n - 1))
        )


def test_a_smooth_schedule_halves_as_fast():
    farm = emissions(kept=0.5, period_s="100d", smooth=True)
    early, late = (farm.emitted(t * DAY_S + 1.0) - farm.emitted(t * DAY_S) for t in (0, 100))
    assert late / early == pytest.approx(0.5, rel=1e-6)


def test_a_schedule_ends_and_its_last_step_is_partial(walk):
    farm = emissions(ends_s="60h")
    paid = [now["farm_tokens_per_s"][0] for now in walk([CAKE, farm], 4, n_paths=1)]
    assert paid == pytest.approx([0.01, 0.01, 0.01, 0.005, 0.0])


def test_nothing_kept_is_nothing_paid():
    assert emissions(kept=0.0, period_s="1d").emitted(10 * DAY_S) == pytest.approx(864.0)


def test_capital_comes_until_the_yield_is_what_it_asks(end):
    farm = emissions(tvl="farm_tvl_usd")
    tvl = Tvl(
        name="farm_tvl_usd", start=2e5, yields="farm_reward_apr", required_apr=0.25, lag_s="10d"
    )
    now = end([CAKE, farm, tvl], 150, n_paths=2)
    assert now["farm_reward_apr"] == pytest.approx(0.25, rel=1e-3)
    assert now["farm_tvl_usd"] == pytest.approx(0.01 * YEAR_S * 2.5 / 0.25, rel=1e-3)


def test_half_the_gap_is_closed_at_the_pace_of_the_lag(end):
    farm = emissions(tvl="farm_tvl_usd")
    tvl = Tvl(
        name="farm_tvl_usd", start=2e5, yields="farm_reward_apr", required_apr=0.25, lag_s="10d"
    )
    rest = np.log(0.01 * YEAR_S * 2.5 / 0.25 / 2e5)
    now = end([CAKE, farm, tvl], 10, n_paths=1)
    left = np.log(0.01 * YEAR_S * 2.5 / 0.25 / now["farm_tvl_usd"][0])
    # the yield of the step before against the capital of the step before: exp(-dt / lag) a step
    assert left == pytest.approx(rest * np.exp(-1.0), rel=1e-9)


def test_loyal_capital_stays(end):
    tvl = Tvl(name="farm_tvl_usd", start=2e5, yields=0.0, required_apr=0.25, lag_s="1d", floor=5e4)
    assert end([tvl], 100, n_paths=1)["farm_tvl_usd"] == pytest.approx(5e4)


def test_the_scatter_of_capital_is_the_one_stated(end):
    farm = emissions(tvl="farm_tvl_usd")
    tvl = Tvl(
        name="farm_tvl_usd",
        start=3.1536e6,
        yields="farm_reward_apr",
        required_apr=0.25,
        lag_s="10d",
        volatility=0.6,
    )
    now = end([CAKE, farm, tvl], 100)
    expected = 0.6 * np.sqrt(0.5 * 10.0 / 365.0)
    found = np.log(now["farm_tvl_usd"]).std()
    assert found == pytest.approx(expected, rel=4.0 / np.sqrt(2 * 20_000))


@pytest.mark.parametrize(
    "changes", [{"tvl": 0.0}, {"smooth": True, "next_cut_s": "1d"}, {"smooth": True, "kept": 0.0}]
)
def test_schedules_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValidationError):
        emissions(**changes)


def pays(**changes):
    usual = {"name": "farm_tvl_usd", "start": 2e6, "yields": 0.5, "required_apr": 0.25}
    return Tvl(**(usual | {"lag_s": "10d"} | changes))


def test_yields_add_up(end):
    one = end([pays(yields=0.5)], 5, n_paths=1)["farm_tvl_usd"]
    several = end([pays(yields=(0.3, 0.15, 0.05))], 5, n_paths=1)["farm_tvl_usd"]
    assert several == pytest.approx(one, rel=1e-12)


def test_capital_may_leave_faster_than_it_comes(end):
    """d ln V = ln(yield / required) (1 - exp(-dt / lag)) a step, each way by its own lag."""
    for yields, lag in ((0.5, 10.0), (0.125, 2.0)):
        now = end([pays(yields=yields, leave_lag_s="2d")], 1, n_paths=1)
        moved = np.log(now["farm_tvl_usd"][0] / 2e6)
        assert moved == pytest.approx(np.log(yields / 0.25) * (1.0 - np.exp(-1.0 / lag)), rel=1e-9)


def test_a_capital_without_a_yield_is_refused():
    with pytest.raises(ValidationError, match="one yield or more"):
        pays(yields=())
