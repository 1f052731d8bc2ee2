"""
Liquidation as it happens, on a leveraged farm of 10,000 at three times: sums written out.

At price ratio k the pool holds 3 sqrt(k) of the equity against a debt of 2. Sources beside these
sums: the table of Alpha Homora's health by pool share (its documentation and tests).
"""

import math

import pytest
from pydantic import ValidationError
from scripted import entry, gauges, played, scripted, seat

from headframe.kernels.levered import swap_counted
from headframe.kernels.liquidation import impact, penalty_share, swapped
from headframe.positions.levered import Levered
from headframe.positions.liquidation import Liquidation
from headframe.types import NEVER_S
from headframe.units import DAY_S

START, DEPOSIT = 2_000.0, 10_000.0


def play_farm(eth, *, liquidation=None, values=None, **changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": DEPOSIT},
        "leverage": 3.0,
        "threshold": 0.9,
        "fee": 0.0,
        "swap_cost": 0.0,
        "penalty": 0.05,
        "liquidation": liquidation or {},
    }
    world = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0} | (values or {})
    book = scripted(Levered(**(usual | changes)), values=world, wallet={"usdc": DEPOSIT})
    return played(book)


def state(chunk, row):
    return seat(chunk, "farm").state[row][0]


BELOW = 0.5
"""A price ratio below the line: (2 / (3 * 0.9))^2 = 0.5487."""


@pytest.mark.parametrize(
    ("share", "factor"),
    [(0.0, 0.99850), (0.01, 0.99353), (0.05, 0.97365), (0.10, 0.94878), (0.25, 0.87416),
     (0.50, 0.74962)],
)  # fmt: skip
def test_health_that_sells_counts_fee_and_own_impact(share, factor):
    assert swap_counted(share, 0.997) == pytest.approx(factor, abs=5e-6)


def test_a_large_share_is_closer_to_the_line_than_its_oracle_value_says():
    calm = play_farm([1.0, 1.0])
    large = play_farm([1.0, 1.0], health_sells=True, own_share=0.1, fee=0.003)
    ratio = gauges(large, "farm")["health"] / gauges(calm, "farm")["health"]
    assert ratio == pytest.approx(0.94878, abs=2e-5)


def test_keepers_who_come_late_find_another_price():
    late = {"delay_s": 2 * DAY_S}
    chunk = play_farm([1.0, BELOW, 0.45, 0.4, 0.4], liquidation=late)
    assert state(chunk, "liquidated_s") == 3 * DAY_S
    assert state(chunk, "max_hours_overdue") == 48.0
    value = 3 * math.sqrt(0.4) * DEPOSIT
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.05 * value, rel=1e-12)
    lost = 2 * DEPOSIT - 0.95 * value
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(lost, rel=1e-12)


def test_a_position_that_recovers_in_time_is_not_liquidated():
    late = {"delay_s": 2 * DAY_S}
    chunk = play_farm([1.0, BELOW, 0.7, BELOW, 0.7], liquidation=late)
    assert state(chunk, "liquidated_s") == NEVER_S
    assert state(chunk, "max_hours_overdue") == 0.0


def test_absent_keepers_let_the_debt_go_bad():
    away = {"keepers": "keepers_are_there"}
    values = {"keepers_are_there": [1.0, 0.0, 0.0, 1.0]}
    chunk = play_farm([1.0, BELOW, 0.4, 0.3], liquidation=away, values=values)
    assert state(chunk, "liquidated_s") == 3 * DAY_S
    lost = 2 * DEPOSIT - 0.95 * 3 * math.sqrt(0.3) * DEPOSIT
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(lost, rel=1e-12)


def test_a_bounty_below_the_gas_attracts_nobody():
    """The bounty at k = 0.5 is 0.05 * 21,213 = 1,060.66."""
    values = {"usd_usd": 1.0}
    for gas, met in ((1_060.0, True), (1_061.0, False)):
        chunk = play_farm([1.0, BELOW], liquidation={"gas_usd": gas})
        assert (state(chunk, "liquidated_s") < NEVER_S) == met, values


def test_a_keeper_with_a_fifth_of_the_bounty_needs_a_fifth_of_the_gas():
    for gas, met in ((212.0, True), (213.0, False)):
        chunk = play_farm([1.0, BELOW], liquidation={"gas_usd": gas, "bounty_share": 0.2})
        assert (state(chunk, "liquidated_s") < NEVER_S) == met


def test_a_guard_freezes_while_pool_and_oracle_disagree():
    """The oracle stays at 0.6 of the start while the market falls to 0.5: 1.2 apart."""
    values = {"eth_feed_reported_ratio": [1.0, 0.52 / 0.5, 0.55 / 0.45, 0.42 / 0.4]}
    terms = {"oracle0": "eth_feed_reported_ratio", "liquidation": {"guard": 1.1}}
    chunk = play_farm([1.0, 0.5, 0.45, 0.4], values=values, **terms)
    assert state(chunk, "liquidated_s") == DAY_S
    frozen = {"eth_feed_reported_ratio": [1.0, 0.56 / 0.5, 0.54 / 0.45, 0.42 / 0.4]}
    chunk = play_farm([1.0, 0.5, 0.45, 0.4], values=frozen, **terms)
    assert state(chunk, "liquidated_s") == 3 * DAY_S


def test_health_is_taken_at_the_oracles_price_and_money_at_the_markets():
    values = {"eth_feed_reported_ratio": [1.0, 0.5]}
    chunk = play_farm([1.0, 1.0], values=values, oracle0="eth_feed_reported_ratio")
    assert state(chunk, "liquidated_s") == DAY_S
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.05 * 3 * DEPOSIT, rel=1e-12)
    assert chunk.books["wallet/usd"][0] == pytest.approx(0.85 * DEPOSIT, rel=1e-12)


def test_a_close_factor_repays_a_part_and_leaves_a_healthier_farm():
    """k = 0.5: V = 21,213, D = 20,000; half the debt takes a share 10,000 / (0.95 V)."""
    chunk = play_farm([1.0, BELOW], liquidation={"close_factor": 0.5})
    value = 3 * math.sqrt(BELOW) * DEPOSIT
    share = DEPOSIT / (0.95 * value)
    told = gauges(chunk, "farm")
    assert told["debt"] == pytest.approx(DEPOSIT, rel=1e-12)
    assert told["collateral"] == pytest.approx((1 - share) * value, rel=1e-12)
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.05 * share * value, rel=1e-12)
    assert told["health"] == pytest.approx(0.9 * (1 - share) * value / DEPOSIT, rel=1e-12)
    assert state(chunk, "liquidations") == 1.0


def test_below_a_health_all_of_it_is_closed():
    terms = {"close_factor": 0.5, "full_below": 0.97}
    assert state(play_farm([1.0, BELOW], liquidation=terms), "debt1") == 0.0
    assert state(play_farm([1.0, 0.54], liquidation=terms), "debt1") > 0.0


def test_lenders_first_means_that_the_bounty_is_what_is_left():
    """k = 0.46: V = 20,347 leaves 347 over the debt, less than the bounty of 1,017."""
    chunk = play_farm([1.0, 0.46], liquidation={"senior": "lenders"})
    left = 3 * math.sqrt(0.46) * DEPOSIT - 2 * DEPOSIT
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-left, rel=1e-9)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(0.0, abs=1e-8)


def test_unwinding_through_a_shallow_pool_costs():
    """k = 0.5: 10,606.60 of ETH is sold, but 9,393.40 suffices: depth 40,000 a side."""
    chunk = play_farm([1.0, BELOW], pool_usd=80_000.0)
    half = 0.5 * 3 * math.sqrt(BELOW) * DEPOSIT
    # the opening pays its own impact, so the farm is smaller than without
    opened = 1.0 + entry(chunk, "farm", "slippage")[0] / DEPOSIT
    assert opened < 1.0
    sold = min(2 * DEPOSIT - half, half)
    assert swapped(half, half, 0.0, 2 * DEPOSIT) == pytest.approx(sold)
    assert impact(sold, 40_000.0) == pytest.approx(sold / (sold + 40_000.0))


def test_penalties_that_grow():
    """Euler: a point for each point of health; a Dutch auction: in time."""
    assert penalty_share(1, 0.15, 0.96, 0.0, 0.0) == pytest.approx(0.04)
    assert penalty_share(1, 0.15, 0.80, 0.0, 0.0) == pytest.approx(0.15)
    assert penalty_share(2, 0.10, 0.99, 900.0, 3_600.0) == pytest.approx(0.025)
    health = 0.9 * 3 * math.sqrt(BELOW) / 2
    chunk = play_farm([1.0, BELOW], liquidation={"rule": "health"}, penalty=0.15)
    expected = -(1 - health) * 3 * math.sqrt(BELOW) * DEPOSIT
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(expected, rel=1e-9)


def test_a_dutch_auction_that_pays_its_gas_only_after_a_while():
    """10 % within four days on 21,213 at k = 0.5: above 1,000 of gas after two days."""
    terms = {"rule": "time", "ramp_s": 4 * DAY_S, "gas_usd": 1_000.0}
    chunk = play_farm([1.0] + [BELOW] * 5, liquidation=terms, penalty=0.1)
    assert state(chunk, "liquidated_s") == 3 * DAY_S
    expected = -0.05 * 3 * math.sqrt(BELOW) * DEPOSIT
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("terms", "word"),
    [({"guard": 0.9}, "guard"), ({"rule": "time"}, "ramp_s"), ({"close_factor": 1.5}, "close"),
     ({"delay_s": -1.0}, "delay_s"), ({"senior": "owner"}, "senior")],
)  # fmt: skip
def test_nonsense_is_named(terms, word):
    with pytest.raises(ValidationError, match=word):
        Liquidation(**terms)
