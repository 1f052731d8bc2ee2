"""
Sources of expected values: sums written out; Gearbox's own test vectors of its liquidation split;
`exact.gearbox_v3_math`, which the compiled contracts judge, on whole numbers of a small unit.
"""

import doctest

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.errors import InputError
from headframe.exact import gearbox_v3_math as exact
from headframe.policies.ramp_down import RampDown
from headframe.positions import gearbox_v3 as module
from headframe.positions.gearbox_v3 import GearboxV3
from headframe.types import NEVER_S, NO_DEBT
from headframe.units import DAY_S
from headframe.venues.gearbox_pool import GearboxPool

UNIT = 10**18
DEPOSIT = 10_000.0
WALLET = {"usdc": DEPOSIT}
ETH = {"asset": "eth", "lt": 0.9}
BTC = {"asset": "btc", "lt": 0.8}
CALM = {"liquidation": {"keepers": 0.0}}
"""Nobody liquidates."""


def account(**changes):
    usual = {
        "name": "credit",
        "underlying": "usdc",
        "tokens": (ETH,),
        "deposit": {"usdc": DEPOSIT},
        "leverage": 4.0,
        "swap_cost": 0.0,
    }
    return GearboxV3(**{k: v for k, v in (usual | changes).items() if v is not ...})


def book_of(eth=2_000.0, values=None, **changes):
    world = {"eth_usd": eth, "btc_usd": 50_000.0, "usdc_usd": 1.0} | (values or {})
    return scripted(account(**changes), values=world, wallet=WALLET)


def play(eth=2_000.0, values=None, **changes):
    return played(book_of(eth, values, **changes))


def state(chunk, row):
    return float(seat(chunk, "credit").state[row][0])


def wallet(chunk):
    return float(chunk.books["wallet/usdc"][0] + chunk.books["wallet/usd"][0])


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_account_opens_at_its_leverage():
    """40,000 of ether against 30,000: health 0.9 * 40 / 30, threshold 0.9."""
    seen = gauges(play(**CALM), "credit")
    assert seen["collateral"] == pytest.approx(40_000.0, rel=1e-12)
    assert seen["debt"] == pytest.approx(30_000.0, rel=1e-12)
    assert seen["health"] == pytest.approx(1.2, rel=1e-12)
    assert seen["leverage"] == pytest.approx(4.0, rel=1e-12)
    assert seen["threshold"] == pytest.approx(0.9, rel=1e-12)
    assert seen["until_ramp_s"] == NEVER_S


@pytest.mark.parametrize("leverage", [1.5, 4.0, 8.0])
def test_health_is_one_at_the_price_told(leverage):
    ratio = account(leverage=leverage).liquidation_price_ratio()
    assert ratio == pytest.approx((leverage - 1.0) / (leverage * 0.9), rel=1e-12)
    chunk = play([2_000.0, 2_000.0 * ratio], leverage=leverage, **CALM)
    assert gauges(chunk, "credit")["health"] == pytest.approx(1.0, rel=1e-12)


def test_a_quota_caps_what_a_token_counts():
    """Ether would count 20,250 and has a quota of 20,000; bitcoin counts 6,000."""
    tokens = (ETH | {"share": 0.75, "quota": 20_000.0}, BTC | {"share": 0.25})
    seen = gauges(play(tokens=tokens, leverage=3.0, **CALM), "credit")
    assert seen["health"] == pytest.approx(26_000.0 / 20_000.0, rel=1e-12)


def test_cash_counts_at_the_underlyings_threshold():
    seen = gauges(play(tokens=(ETH | {"share": 0.5},), lt=0.95, **CALM), "credit")
    assert seen["health"] == pytest.approx((20_000 * 0.9 + 20_000 * 0.95) / 30_000, rel=1e-12)


def test_interest_compounds_and_quota_interest_does_not():
    """Sixty days at 10 %, a quota of 36,720 at 2 %, and a quarter of both to the DAO."""
    tokens = (ETH | {"quota_apr": 0.02, "quota_fee": 0.001},)
    chunk = play([2_000.0] * 61, tokens=tokens, borrow_apr=0.1, **CALM)
    base = 30_000.0 * ((1.0 + 0.1 / 365.0) ** 60 - 1.0)
    quota = 40_000.0 * 0.9 * 1.02
    quoted = quota * 0.02 * 60.0 / 365.0
    assert state(chunk, "quota_eth") == pytest.approx(quota, rel=1e-12)
    assert state(chunk, "interest") == pytest.approx(base, rel=1e-10)
    assert state(chunk, "quota_interest") == pytest.approx(quoted, rel=1e-10)
    owed = 30_000.0 + 1.25 * (base + quoted) + 0.001 * quota
    assert gauges(chunk, "credit")["debt"] == pytest.approx(owed, rel=1e-12)
    assert entry(chunk, "credit", "interest")[0] == pytest.approx(-1.25 * (base + quoted), rel=1e-9)
    assert entry(chunk, "credit", "fee")[0] == pytest.approx(-0.001 * quota, rel=1e-12)


def test_a_threshold_on_a_ramp_is_the_contracts():
    """0.9 to 0.5 over 20 days from day 2: exact's basis points, day by day."""
    token = ETH | {"lt_final": 0.5, "ramp_start_s": "2d", "ramp_s": "20d"}
    for days in (1, 2, 7, 12, 22, 23):
        chunk = play([2_000.0] * (days + 1), tokens=(token,), leverage=1.5, **CALM)
        bps = exact.get_liquidation_threshold(
            9_000, 5_000, 2 * 86_400, 20 * 86_400, now_ts=days * 86_400
        )
        seen = gauges(chunk, "credit")
        assert seen["threshold"] == pytest.approx(bps / 10_000, rel=1e-12)
        waits = max(2 - days, 0) * DAY_S if days < 22 else NEVER_S
        assert seen["until_ramp_s"] == waits
        assert seen["later_health"] == pytest.approx(0.5 * 15_000 / 5_000, rel=1e-12)


def test_a_ramp_alone_liquidates():
    """Four times: a debt ratio of 0.75 is reached when the threshold falls below it, on day 9."""
    token = ETH | {"lt_final": 0.5, "ramp_s": "20d"}
    chunk = play([2_000.0] * 12, tokens=(token,))
    assert state(chunk, "liquidated_s") == 8 * DAY_S


def split(value, debt, interest=0.0, fees=0.0, fee_bps=150, discount_bps=9_600):
    """What the contract does with whole numbers of 1e-18."""
    whole = [round(x * UNIT) for x in (debt, interest, fees, value)]
    found = exact.calc_liquidation_payments(
        debt=whole[0], accrued_interest=whole[1], accrued_fees=whole[2], total_value=whole[3],
        fee_liquidation_bps=fee_bps, liquidation_discount_bps=discount_bps,
    )  # fmt: skip
    return [x / UNIT for x in found]


@pytest.mark.parametrize("price", [1_660.0, 1_600.0, 1_560.0, 1_500.0, 1_000.0, 1.0])
def test_a_liquidation_pays_owner_and_pool_as_the_contract_does(price):
    chunk = play([2_000.0, price])
    _, remaining, _, loss = split(20.0 * price, 30_000.0)
    assert state(chunk, "liquidated_s") == DAY_S
    assert wallet(chunk) == pytest.approx(remaining, abs=1e-8)
    assert state(chunk, "deficit_usdc") == pytest.approx(loss, abs=1e-8)
    assert entry(chunk, "credit", "forgiven")[0] == pytest.approx(loss, abs=1e-8)
    assert chunk.held.data.any() == np.False_


def test_fees_bear_a_loss_before_the_pool_does():
    """Gearbox's own vectors: value 10,000; debt 6,500 or 7,000 with 2,000 or 3,000 of interest."""
    for debt, interest, loss in ((6_500.0, 2_000.0, 0.0), (7_000.0, 3_000.0, 400.0)):
        held = {
            "tokens": {"eth": 5.0},
            "quotas": {"eth": 9_000.0},
            "principal": debt,
            "interest": interest,
        }
        chunk = play(deposit=..., held=held, leverage=..., fee_interest=0.5)
        assert state(chunk, "deficit_usdc") == pytest.approx(loss, abs=1e-9)
        owed = debt + 1.5 * interest
        paid = min(9_600.0, owed)
        assert entry(chunk, "credit", "forgiven")[0] == pytest.approx(owed - paid, abs=1e-9)


def test_a_loss_policy_can_forbid_liquidations_with_a_loss():
    values = {"loss_policy_open": [0.0, 0.0, 1.0]}
    chunk = play([2_000.0, 1_500.0, 1_500.0], values, loss_policy="loss_policy_open")
    assert state(chunk, "liquidated_s") == 2 * DAY_S
    mild = play([2_000.0, 1_600.0], values, loss_policy="loss_policy_open")
    assert state(mild, "liquidated_s") == DAY_S


def test_health_is_taken_at_the_oracles_price_and_a_late_oracle_keeps_keepers_away():
    """The market is at 1,400 while the oracle still says 1,640: nobody pays 96 % of that."""
    values = {"feed_ratio_now": [1.0, 1_640.0 / 1_400.0, 1.0]}
    late = play([2_000.0, 1_400.0, 1_400.0], values, tokens=(ETH | {"oracle": "feed_ratio_now"},))
    assert state(late, "liquidated_s") == 2 * DAY_S
    assert state(late, "deficit_usdc") == pytest.approx(30_000.0 - 0.96 * 28_000.0, rel=1e-12)


def test_keepers_wait_for_their_gas():
    gas = {"liquidation": {"gas_usd": 1_400.0}}
    assert state(play([2_000.0, 1_650.0], **gas), "liquidated_s") == NEVER_S
    paid = {"liquidation": {"gas_usd": 1_300.0}}
    assert state(play([2_000.0, 1_650.0], **paid), "liquidated_s") == DAY_S


def test_a_partial_liquidation_brings_health_back():
    """32,800 of ether against 30,000 at a threshold of 0.9, back to 1.02."""
    chunk = play([2_000.0, 1_640.0], partial_to=1.02)
    seen = gauges(chunk, "credit")
    assert state(chunk, "liquidations") == 1.0
    assert seen["health"] == pytest.approx(1.02, rel=1e-9)
    # h (D - (1 - f) R) = T (V - R / d)
    repaid = (1.02 * 30_000 - 0.9 * 32_800) / (1.02 * 0.985 - 0.9 / 0.96)
    amount = round(repaid * UNIT)
    to_debt, fee, seized = exact.calc_partial_liquidation(
        amount, fee_liquidation_bps=150, liquidation_discount_bps=9_600, seized_at_par=amount
    )
    assert seen["debt"] == pytest.approx(30_000.0 - to_debt / UNIT, rel=1e-9)
    assert seen["collateral"] == pytest.approx(32_800.0 - seized / UNIT, rel=1e-9)
    lost = (seized - to_debt) / UNIT
    assert entry(chunk, "credit", "penalty")[0] == pytest.approx(-lost, rel=1e-9)
    assert fee > 0


def test_what_is_too_small_or_too_deep_for_a_part_is_liquidated_whole():
    small = play([2_000.0, 1_640.0], partial_to=1.02, min_debt=29_000.0)
    assert gauges(small, "credit")["collateral"] == 0.0
    deep = play([2_000.0, 1_500.0], partial_to=1.02)
    assert gauges(deep, "credit")["collateral"] == 0.0


@pytest.mark.parametrize("cost", [0.0, 0.01])
def test_delever_and_lever_reach_their_targets(cost):
    chunk = opened(book_of(swap_cost=cost, **CALM))
    told(chunk, "credit", "delever", 1.5)
    seen = gauges(chunk, "credit")
    assert seen["health"] == pytest.approx(1.5, rel=1e-9)
    told(chunk, "credit", "lever", 5.0)
    again = gauges(chunk, "credit")
    assert again["leverage"] == pytest.approx(5.0, rel=1e-9)
    # V + (1 - c) b = L (V - D - c b)
    value, debt = seen["collateral"], seen["debt"]
    borrowed = (5.0 * (value - debt) - value) / (1.0 - cost + 5.0 * cost)
    assert again["debt"] - debt == pytest.approx(borrowed, rel=1e-8)
    told(chunk, "credit", "lever", 2.0)
    assert gauges(chunk, "credit")["leverage"] == pytest.approx(2.0, rel=1e-9)
    before = gauges(chunk, "credit")["debt"]
    told(chunk, "credit", "delever", 1.05)
    assert gauges(chunk, "credit")["debt"] == before


def test_leverage_stops_at_a_health_of_one():
    """Twenty times is asked; health is 1 where 0.9 V = D, at ten times."""
    chunk = opened(book_of(**CALM))
    told(chunk, "credit", "lever", 20.0)
    seen = gauges(chunk, "credit")
    assert seen["health"] == pytest.approx(1.0, rel=1e-9)
    assert seen["leverage"] == pytest.approx(10.0, rel=1e-6)


def test_a_ramp_is_met_by_the_policy_for_it():
    """0.9 to 0.8 over two days from day 20, at four times: 1.0667 after it without the policy."""
    token = ETH | {"lt_final": 0.8, "ramp_start_s": "20d", "ramp_s": "2d"}
    rule = RampDown(
        name="notice", position="credit", at_s="20d", before_s="10d", parts=3, target=1.2
    )
    values = {"eth_usd": 2_000.0, "btc_usd": 50_000.0, "usdc_usd": 1.0}
    book = scripted(
        account(tokens=(token,), leverage=4.0), values=values, wallet=WALLET, policies=(rule,),
        n_steps=25,
    )  # fmt: skip
    assert gauges(opened(book), "credit")["later_health"] == pytest.approx(0.8 * 4.0 / 3.0)
    assert gauges(played(book), "credit")["health"] == pytest.approx(1.2, rel=1e-6)


def test_a_loan_stays_within_its_limits():
    chunk = opened(book_of(max_debt=32_000.0, min_debt=25_000.0, **CALM))
    told(chunk, "credit", "lever", 9.0)
    assert state(chunk, "principal") == pytest.approx(32_000.0, rel=1e-9)
    told(chunk, "credit", "delever", 1.2)
    assert gauges(chunk, "credit")["debt"] == pytest.approx(30_000.0, rel=1e-9)
    told(chunk, "credit", "delever", 3.0)  # not with 25,000 left: all is repaid
    seen = gauges(chunk, "credit")
    assert (seen["debt"], seen["health"]) == (0.0, NO_DEBT)
    assert seen["equity"] == pytest.approx(DEPOSIT, rel=1e-9)


def test_closing_returns_the_equity_and_is_refused_under_water():
    chunk = opened(book_of([2_000.0], **CALM))
    told(chunk, "credit", "close")
    assert wallet(chunk) == pytest.approx(DEPOSIT, rel=1e-12)
    assert not chunk.held.data.any()
    under = played(book_of([2_000.0, 1_400.0], **CALM))
    told(under, "credit", "close")
    assert gauges(under, "credit")["debt"] == pytest.approx(30_000.0)


def test_the_pool_limits_what_can_be_borrowed():
    pool = GearboxPool(name="gear", asset="usdc", supplied=200_000.0, utilisation=0.8)
    world = {"eth_usd": 2_000.0, "btc_usd": 50_000.0, "usdc_usd": 1.0}
    with pytest.raises(InputError, match="that the pool has"):
        opened(scripted(account(market="gear"), values=world, wallet=WALLET, venues=(pool,)))
    fits = opened(
        scripted(account(market="gear", leverage=2.9), values=world, wallet=WALLET, venues=(pool,))
    )
    assert gauges(fits, "credit")["debt"] == pytest.approx(19_000.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leverage": 10.0}, "leverage 10 opens at a debt ratio of 0.9000"),
        ({"tokens": (ETH | {"quota": 20_000.0},)}, "eth 0.9 up to 20000"),
        ({"min_debt": 50_000.0}, "leverage 4 borrows 30000 usdc, allowed is 50000"),
        ({"max_debt": 20_000.0}, "allowed is 0 to 20000"),
        ({"tokens": (ETH, ETH)}, "each asset once"),
        ({"tokens": (ETH, BTC)}, "must not add up to more than 1"),
        ({"tokens": ({"asset": "usdc", "lt": 0.9},)}, "the underlying not among the tokens"),
        ({"liquidation": {"close_factor": 0.5}}, "close_factor is not Gearbox's"),
        ({"liquidation": {"guard": 1.1}}, "guard is not Gearbox's"),
        ({"partial_to": 0.9}, "greater than or equal to 1"),
        ({"deposit": ...}, "give either deposit"),
        ({"min_debt": 2.0, "max_debt": 1.0}, "min_debt 2 is above max_debt 1"),
        ({"premium": 0.99, "fee_liquidation": 0.02}, "together must be below 1"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(changes, words):
    with pytest.raises(ValidationError, match=words):
        account(**changes)


@pytest.mark.parametrize("price", [1e-9, 1e-3, 1e9])
def test_extreme_prices_leave_finite_books(price):
    chunk = play([2_000.0, price, price], swap_cost=0.003, borrow_apr=5.0, pool_usd=1e7)
    assert np.isfinite(chunk.books.data).all()
    assert np.isfinite(seat(chunk, "credit").state.data).all()
