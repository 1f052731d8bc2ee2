"""The race of miners: who runs, who is ordered, who is pruned, and seven years of bitcoin."""

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.errors import InputError
from headframe.processes.constant import Constant
from headframe.processes.mining_race import MiningRace
from headframe.processes.network import Chain
from headframe.units import DAY_S

STARTS = {"start_eh_s": 800.0, "start_j_per_th": 22.0}
PATHS = 50


def race(**changes) -> MiningRace:
    return MiningRace(name="btc_network_eh_s", **(STARTS | changes))


def world(*, price=90_000.0, **changes):
    """Price and fees that stay, the race, and a chain that answers."""
    return (
        Constant(name="btc_usd", value=price),
        Constant(name="btc_fees_btc_per_block", value=0.05),
        race(**changes),
        Chain(name="btc_chain", start_height=880_000),
    )


def path(ticks, name) -> list[float]:
    """Means of an observable over time."""
    return [float(now[name].mean()) for now in ticks]


def test_it_opens_with_what_runs_and_keeps_it_where_nothing_pays(walk):
    # Nothing on order, no orders (a machine costs a fortune), nothing ages: only noise of blocks.
    still = {"machine_usd_per_th": 1e9, "life_s": "1000y", "scrap_s": "1000y", "progress": 0.0}
    found = path(walk(world(**still), 30, n_paths=PATHS), "btc_network_eh_s")
    assert found[0] == 800.0
    # The first step sees the difficulty of 800 EH/s, and runs it.
    assert found[1] == pytest.approx(800.0, rel=1e-9)
    assert found[30] == pytest.approx(800.0, rel=0.01)


def test_a_fall_in_price_switches_the_least_efficient_off_at_once(walk):
    ticks = [
        (now["btc_network_eh_s"][0], now["btc_network_j_per_th"][0], now["btc_network_power_mw"][0])
        for now in walk(
            (
                Constant(name="btc_usd", value=90_000.0),
                Constant(name="btc_fees_btc_per_block", value=0.05),
                Constant(name="grid_usd_per_mwh", value=50.0),
                race(power="grid_usd_per_mwh"),
                Chain(name="btc_chain", start_height=880_000),
            ),
            3,
            n_paths=2,
        )
    ]
    dear = [
        (now["btc_network_eh_s"][0], now["btc_network_j_per_th"][0])
        for now in walk(world(power=50.0), 3, n_paths=2)
    ]
    assert dear[2] == pytest.approx(ticks[2][:2], rel=1e-12)  # a number or an observable
    low = next(
        (now["btc_network_eh_s"][0], now["btc_network_j_per_th"][0])
        for now in walk(_priced([90_000.0, 90_000.0, 45_000.0]), 3, n_paths=2)
        if now.step == 3
    )
    assert low[0] < 0.8 * ticks[2][0]
    assert low[1] < 0.95 * ticks[2][1]


def _priced(prices):
    """The world with a price that follows a list, day by day."""
    return tuple(_Listed(tuple(prices)) if p.name == "btc_usd" else p for p in world())


class _Listed:
    """A price from a list, its last value for ever."""

    name, every_s, fields, publishes = "btc_usd", None, (), ("btc_usd",)
    reads = reads_before = normals = uniforms = ()

    def __init__(self, prices):
        self.prices = prices

    def wire(self, layout, dt_s):
        return None

    def open(self, state, now):
        now.world["btc_usd"] = self.prices[0]

    def step(self, state, before, now):
        now.world["btc_usd"] = self.prices[min(now.step, len(self.prices)) - 1]

    def expectation(self, t_s):
        return {}


def test_switching_off_is_undone_by_the_retarget_that_it_brings(walk):
    # Half the price: hash rate leaves, difficulty follows, hashprice recovers, and some come back.
    found = path(walk(_priced([90_000.0] * 2 + [45_000.0]), 60, n_paths=200), "btc_network_eh_s")
    assert found[4] < 0.85 * found[2]
    assert found[60] > 1.05 * found[4]
    assert found[60] < found[2]


def test_orders_arrive_after_the_lead_time(walk):
    no_more = {"machine_usd_per_th": 1e9, "life_s": "1000000y", "scrap_s": "1000000y"}
    ticks = list_of(walk(world(ordered_eh_s=300.0, lead_s="60d", **no_more), 400, n_paths=2))
    assert ticks[0][1] == 300.0
    total = [installed + ordered for installed, ordered in ticks[1:]]
    assert total == pytest.approx([total[0]] * len(total), rel=1e-5)
    assert ticks[400][1] < 0.01
    # A third of the orders stands in each stage, so two stages' waits on average; in days that is
    # 2 / (1 - e^(-3/60)) = 41.0, half a step late at each stage.
    arrived = np.diff([installed for installed, _ in ticks[1:]])
    days = (arrived * np.arange(1, arrived.size + 1)).sum() / arrived.sum()
    assert days == pytest.approx(2.0 / -np.expm1(-3.0 / 60.0), rel=0.01)


def list_of(ticks):
    return [
        (float(now["btc_network_installed_eh_s"][0]), float(now["btc_network_ordered_eh_s"][0]))
        for now in ticks
    ]


def test_a_dear_coin_calls_forth_machines_and_a_cheap_one_does_not(walk):
    cheap = path(walk(world(price=45_000.0), 300, n_paths=PATHS), "btc_network_eh_s")
    dear = path(walk(world(price=250_000.0), 300, n_paths=PATHS), "btc_network_eh_s")
    assert cheap[300] < 1.0 * cheap[1]
    assert dear[300] > 1.15 * dear[1]


def test_factories_bound_what_can_be_ordered(walk):
    bounds = {"capacity_eh_s": 100.0, "capacity_growth": 0.0, "lead_s": "1000y"}
    ticks = list_of(walk(world(price=1e6, **bounds), 365, n_paths=2))
    # Orders of a step are seen at the next one.
    assert ticks[365][1] == pytest.approx(100.0 * 364 / 365, rel=1e-5)


def test_the_race_prunes_the_least_efficient(walk):
    ticks = path(
        walk(world(price=120_000.0, start_j_per_th=30.0), 1_000, n_paths=2), "btc_network_j_per_th"
    )
    assert ticks[-1] < 0.75 * ticks[1]
    assert ticks[-1] > 10.0


def test_what_may_not_run_does_not(walk):
    banned = (
        *world(online="network_online_share"),
        Constant(name="network_online_share", value=0.4),
    )
    found = path(walk(banned, 2, n_paths=2), "btc_network_eh_s")
    assert found[1] == pytest.approx(0.4 * 800.0, rel=1e-9)


def test_power_is_efficiency_times_hash_rate_and_overhead(end):
    now = end(world(overhead=1.2), 5, n_paths=2)
    eh_s, j_per_th = now["btc_network_eh_s"][0], now["btc_network_j_per_th"][0]
    # 1 EH/s at 1 J/TH draws a megawatt.
    assert now["btc_network_power_mw"][0] == pytest.approx(1.2 * eh_s * j_per_th, rel=1e-12)


@pytest.mark.parametrize("bound", [{}, {"capacity_eh_s": 1e6, "eagerness": 0.5}])
def test_hours_and_days_tell_the_same_story(walk, bound):
    world_ = world(price=150_000.0, **bound)  # orders bound by factories, or by eagerness
    days = path(walk(world_, 60, n_paths=400), "btc_network_eh_s")
    hours = path(walk(world_, 60 * 24, step_s=DAY_S / 24, n_paths=400), "btc_network_eh_s")
    # Pipelines and orders are stepped: half a step of growth apart, 0.5 % at most.
    assert hours[-1] == pytest.approx(days[-1], rel=0.005)


def test_a_machine_joins_the_classes_about_it_and_keeps_its_mean():
    one = race()
    efficiencies = one.efficiencies
    assert efficiencies[0] > one.start_j_per_th
    assert efficiencies[-1] == pytest.approx(one.limit_j_per_th)
    for frontier in (efficiencies[0], 40.0, 15.0, 8.0, efficiencies[-1]):
        place, share = one._place(float(frontier), efficiencies)
        mean = share * efficiencies[place] + (1 - share) * efficiencies[place + 1]
        assert mean == pytest.approx(frontier, rel=1e-12)
    assert one.frontier_at(1.0) == pytest.approx(15.0 * np.exp(-0.24))
    assert one.frontier_at(100.0) == 3.0


def test_no_machine_is_better_at_the_opening_than_the_best_on_sale(walk):
    ticks = walk(world(frontier_j_per_th=20.0), 1, n_paths=2)
    next(ticks)
    now = next(ticks)
    assert now["btc_network_j_per_th"][0] > 20.0
    # All better than anything on sale: the worst class takes them.
    ticks = walk(world(frontier_j_per_th=400.0), 1, n_paths=2)
    assert next(ticks)["btc_network_j_per_th"][0] == pytest.approx(race().efficiencies[0])


@pytest.mark.parametrize(
    "bad",
    [
        {"start_eh_s": 0.0},
        {"start_j_per_th": -1.0},
        {"classes": 3},
        {"overhead": 0.9},
        {"pool_fee": 1.0},
        {"lead_s": "soon"},
        {"power_shape": 0.0},
        {"unknown": 1},
    ],
)
def test_impossible_races_are_refused(bad):
    with pytest.raises((ValidationError, InputError)):
        race(**bad)


def test_the_name_must_be_that_of_a_hash_rate():
    with pytest.raises((ValidationError, InputError), match="_eh_s"):
        MiningRace(name="btc_network", **STARTS)
