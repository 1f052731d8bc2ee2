"""
The race's kernels against the same rules written for one path at a time, in the reader's words.

Plain floats and no rows: within 1e-12, some dozens of roundings of sums and of exp and log.
"""

import math

import numpy as np
import pytest

from headframe.kernels import mining_race as kernel
from headframe.layout import record

CLASSES = 5
EFFICIENCIES = np.array([100.0, 50.0, 25.0, 12.5, 6.25])
N_PATHS = 37
BETA, OVERHEAD = 4.0, 1.1
EFFORTS = (EFFICIENCIES * OVERHEAD) ** BETA
ROWS = ("price", "fees", "subsidy", "difficulty", "power", "online")
OUT = ("hash_rate", "installed", "ordered", "efficiency", "drawn")
USD_PER_MWH = 0.98 * 3.6e9 * 1e12 / 2**32
YEAR_S, DAY_S = 31_536_000.0, 86_400.0


@pytest.fixture
def p():
    return record(
        classes=CLASSES,
        beta=BETA,
        usd_per_mwh=USD_PER_MWH,
        start_eh_s=600.0,
        kept=0.999,
        scrapped=0.003,
        moved=0.025,
        eagerness=2.0 / 365,
        overhead=OVERHEAD,
        payback_mwh=3 * YEAR_S / 3.6e9,
        mw_per_j=OVERHEAD * 1e6 / 1e6,
        **{name: row for row, name in enumerate((*ROWS, *OUT))},
    )


@pytest.fixture
def world():
    random = np.random.default_rng(12)
    rows = np.zeros((len(ROWS) + len(OUT), N_PATHS))
    rows[0] = 60_000 * np.exp(random.normal(0, 1.0, N_PATHS))
    rows[1], rows[2] = 0.1, 3.125
    rows[3] = 1e14
    rows[4] = 50 * np.exp(random.normal(0, 0.2, N_PATHS))
    rows[5] = random.uniform(0.4, 1.0, N_PATHS)
    return rows


@pytest.fixture
def state():
    random = np.random.default_rng(13)
    rows = np.zeros((CLASSES + kernel.STAGES + 4, N_PATHS))
    rows[: CLASSES + kernel.STAGES] = random.uniform(0, 200, (CLASSES + kernel.STAGES, N_PATHS))
    return rows


def odds(world, i):
    pays = world[0, i] * (world[2, i] + world[1, i]) / world[3, i] * USD_PER_MWH
    return pays, (pays / world[4, i]) ** BETA


def test_a_class_runs_as_far_as_power_is_cheaper_than_its_break_even(state, world, p):
    kernel.break_even_odds(state, world, world, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    kernel.publish(state, world, p)
    for i in range(N_PATHS):
        pays, _ = odds(world, i)
        running = used = 0.0
        for k, e in enumerate(EFFICIENCIES):
            # Log-logistic distribution of the power price, at the price of breaking even.
            share = 1 / (1 + (world[4, i] / (pays / (e * OVERHEAD))) ** BETA)
            running += state[k, i] * share
            used += state[k, i] * share * e
        assert world[6, i] == pytest.approx(running * world[5, i], rel=1e-12)
        assert world[7, i] == pytest.approx(state[:CLASSES, i].sum(), rel=1e-12)
        assert world[8, i] == pytest.approx(state[CLASSES : CLASSES + 3, i].sum(), rel=1e-12)
        assert world[9, i] == pytest.approx(used / running, rel=1e-12)
        assert world[10, i] == pytest.approx(used * world[5, i] * OVERHEAD, rel=1e-12)


def test_half_of_a_class_runs_where_it_breaks_even_at_the_median_of_power(state, world, p):
    # Price such that 25 J/TH with the overhead breaks even at the power price.
    world[4] = 50.0
    world[0] = 50.0 * 25.0 * OVERHEAD * world[3] / (world[1] + world[2]) / USD_PER_MWH
    state[:CLASSES] = 0.0
    state[2] = 80.0
    kernel.break_even_odds(state, world, world, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    assert state[CLASSES + 3 + kernel.RUNNING] == pytest.approx(40.0, rel=1e-12)


def test_the_opening_is_scaled_to_the_hash_rate_that_runs(state, world, p):
    kernel.break_even_odds(state, world, world, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    shape = state[1] / state[0]
    orders = state[CLASSES].copy()
    kernel.settle(state, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    assert state[CLASSES + 3 + kernel.RUNNING] == pytest.approx(600.0, rel=1e-12)
    assert state[1] / state[0] == pytest.approx(shape, rel=1e-12)
    assert state[CLASSES].tolist() == orders.tolist()


def test_what_stands_still_goes_first(state, world, p):
    before = state.copy()
    kernel.break_even_odds(state, world, world, p)
    kernel.wear_out(state, EFFORTS, p)
    for i in range(N_PATHS):
        _, x = odds(world, i)
        for k in range(CLASSES):
            off = 1 - x / (x + EFFORTS[k])
            assert state[k, i] == pytest.approx(before[k, i] * 0.999 * (1 - 0.003 * off), rel=1e-12)
    lost = 1 - state[:CLASSES] / before[:CLASSES]
    assert (np.diff(lost, axis=0) <= 1e-15).all()  # the less efficient, the faster


def test_deliveries_lose_nothing_and_take_three_stages(state, p):
    before = state.copy()
    kernel.deliver(state, 2, 0.3, p)
    whole = slice(0, CLASSES + 3)
    assert state[whole].sum(axis=0) == pytest.approx(before[whole].sum(axis=0), rel=1e-12)
    arrived = before[CLASSES + 2] * 0.025
    assert state[2] - before[2] == pytest.approx(0.3 * arrived, rel=1e-9)
    assert state[3] - before[3] == pytest.approx(0.7 * arrived, rel=1e-9)
    assert state[CLASSES] == pytest.approx(before[CLASSES] * 0.975, rel=1e-12)
    assert state[CLASSES + 1] == pytest.approx(
        before[CLASSES + 1] * 0.975 + before[CLASSES] * 0.025, rel=1e-12
    )


def test_the_time_to_delivery_is_that_of_a_gamma_of_shape_three(p):
    state = np.zeros((CLASSES + 3 + 4, 1))
    state[CLASSES] = 1.0
    arrived = []
    for _ in range(2_000):
        before = state[2, 0]
        kernel.deliver(state, 2, 1.0, p)
        arrived.append(state[2, 0] - before)
    step = np.arange(1, 2_001)
    mean = (arrived * step).sum()
    # Three geometric waits of mean 1/0.025 steps.
    assert sum(arrived) == pytest.approx(1.0, rel=1e-9)
    assert mean == pytest.approx(120.0, rel=1e-9)
    variance = (arrived * step**2).sum() - mean**2
    assert variance == pytest.approx(3 * 0.975 / 0.025**2, rel=1e-9)


def test_orders_come_while_a_machine_pays_itself_back(state, world, p):
    before = state[CLASSES].copy()
    kernel.break_even_odds(state, world, world, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    kernel.order(state, world, 15.0, 12.0, 1.5, p)
    seen = set()
    for i in range(N_PATHS):
        pays, _ = odds(world, i)
        # USD per TH/s: income less power at 15 W, over three years.
        margin = (pays - 15.0 * OVERHEAD * world[4, i]) / 3.6e9 * 3 * YEAR_S
        wanted = max(margin / 12.0 - 1, 0) * 2.0 / 365 * state[:CLASSES, i].sum()
        ordered = state[CLASSES, i] - before[i]
        assert ordered == pytest.approx(min(wanted, 1.5), rel=1e-9, abs=1e-12)
        seen.add("none" if wanted == 0 else "all" if wanted > 1.5 else "some")
    assert seen == {"none", "some", "all"}


def test_a_network_never_stands_quite_still(state, world, p):
    world[5] = 0.0
    kernel.break_even_odds(state, world, world, p)
    kernel.run(state, EFFORTS, EFFICIENCIES, p)
    kernel.publish(state, world, p)
    assert world[6].tolist() == [kernel.LEAST_EH_S] * N_PATHS
    assert np.isfinite(world).all()
    assert math.isclose(world[10].max(), 0.0)
