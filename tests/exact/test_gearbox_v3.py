"""Gearbox v3's own test vectors, and numbers worked out by hand."""

import pytest

from headframe.errors import Revert
from headframe.exact import gearbox_v3 as gb
from headframe.exact import gearbox_v3_liquidation as gl
from headframe.exact import gearbox_v3_math as math
from headframe.exact import gearbox_v3_pool as gp
from headframe.exact import gearbox_v3_quotas as gq
from headframe.exact import gearbox_v3_rates as gr
from headframe.exact.fixed import RAY

DAY_S = 86_400
YEAR_S = 365 * DAY_S


@pytest.mark.parametrize(
    ("discount", "fee", "debt", "interest", "expected"),
    [
        (9_600, 150, 5_000, 2_000, (8_150, 1_450, 1_150, 0)),
        (9_600, 150, 6_500, 2_000, (9_600, 0, 1_100, 0)),
        (9_600, 150, 7_000, 3_000, (9_600, 0, 0, 400)),
        (9_800, 100, 5_000, 2_000, (8_100, 1_700, 1_100, 0)),
        (9_800, 100, 6_800, 2_000, (9_800, 0, 1_000, 0)),
        (9_800, 100, 7_000, 3_000, (9_800, 0, 0, 200)),
    ],
)
def test_liquidation_payments_are_those_of_gearboxs_own_tests(
    discount, fee, debt, interest, expected
):
    """CreditLogic.unit.t.sol: value 10,000, DAO's fee on interest 50 %."""
    assert (
        math.calc_liquidation_payments(
            debt=debt,
            accrued_interest=interest,
            accrued_fees=interest // 2,
            total_value=10_000,
            fee_liquidation_bps=fee,
            liquidation_discount_bps=discount,
        )
        == expected
    )


def test_a_threshold_ramps_in_a_straight_line():
    """9,000 to 5,000 over 20 days: 8,000 after 5."""

    def ramp(day):
        return math.get_liquidation_threshold(
            9_000, 5_000, 10**9, 20 * DAY_S, now_ts=10**9 + day * DAY_S
        )

    assert [ramp(day) for day in (-1, 0, 5, 20, 21)] == [9_000, 9_000, 8_000, 5_000, 5_000]


def test_a_repayment_goes_to_fees_quota_interest_interest_and_principal_in_that_order():
    terms = {
        "debt": 1_000_000,
        "index_now_ray": RAY + RAY // 10,
        "index_then_ray": RAY,
        "quota_interest": 20_000,
        "quota_fees": 5_000,
        "fee_interest_bps": 2_500,
    }
    # 5,000 of fees; 20,000 and a quarter of it; 100,000 and a quarter of it; then principal.
    assert math.calc_decrease(4_000, **terms) == (1_000_000, RAY, 4_000, 20_000, 1_000)
    assert math.calc_decrease(17_500, **terms) == (1_000_000, RAY, 7_500, 10_000, 0)
    assert math.calc_decrease(30_000, **terms) == (1_000_000, RAY, 10_000, 0, 0)
    debt, index, profit, quota, fees = math.calc_decrease(92_500, **terms)
    assert (debt, profit, quota, fees) == (1_000_000, 22_500, 0, 0)
    # Half of the interest is paid: what is left of it is what the new index says.
    assert math.calc_accrued_interest(debt, index, terms["index_now_ray"]) == 50_000
    assert math.calc_decrease(155_000, **terms) == (1_000_000, RAY + RAY // 10, 35_000, 0, 0)
    assert math.calc_decrease(655_000, **terms)[0] == 500_000


def test_borrowing_more_leaves_the_interest_owed():
    debt, index = math.calc_increase(500_000, 1_000_000, RAY + RAY // 10, RAY)
    assert debt == 1_500_000
    assert math.calc_accrued_interest(debt, index, RAY + RAY // 10) == 100_000


def test_a_quota_caps_what_a_token_counts():
    price = RAY  # a unit of the underlying is worth a unit
    tokens = [(1_000, 800, 9_000), (1_000, 2_000, 9_000)]
    found = math.calc_collateral(
        tokens, underlying_usd=100, lt_underlying_bps=9_500, underlying_price_ray=price
    )
    assert found == (2_100, 800 + 900 + 95)


def test_a_partial_liquidation_hands_over_at_a_discount():
    """1,000 repaid, fee 1.5 %, discount 4 %: 15 to the DAO, 1,041 of collateral at par."""
    assert math.calc_partial_liquidation(
        1_000, fee_liquidation_bps=150, liquidation_discount_bps=9_600, seized_at_par=1_000
    ) == (985, 15, 1_041)


def curve(**changes):
    words = {
        "u1_bps": 7_000, "u2_bps": 9_000, "base_bps": 0, "slope1_bps": 100, "slope2_bps": 125,
        "slope3_bps": 10_000,
    }  # fmt: skip
    return gr.LinearInterestRateModel(**(words | changes))


def test_the_curve_bends_twice():
    rates = [gr.calc_borrow_rate(curve(), 10_000, 10_000 - u) for u in (0, 3_500, 7_000, 8_000)]
    assert [r // (RAY // 10**6) for r in rates] == [0, 5_000, 10_000, 16_250]
    high = [gr.calc_borrow_rate(curve(), 10_000, 10_000 - u) for u in (9_000, 9_500, 10_000)]
    assert [r // (RAY // 10**6) for r in high] == [22_500, 522_500, 1_022_500]


def test_borrowing_above_the_second_kink_can_be_forbidden():
    closed = curve(forbids_above_u2=True)
    with pytest.raises(Revert) as refusal:
        gr.calc_borrow_rate(closed, 10_000, 999, check_optimal_borrowing=True)
    assert refusal.value.reason == "BorrowingMoreThanU2Forbidden"
    assert gr.available_to_borrow(closed, 10_000, 3_000) == 2_000
    assert gr.available_to_borrow(curve(), 10_000, 3_000) == 3_000


def test_voters_set_the_quota_rate():
    gauge = gr.Gauge()
    gr.add_quota_token(gauge, "token", 100, 500)
    assert gr.get_rates(gauge, ["token"]) == [100]
    gr.vote(gauge, "lender", "token", 3, lp_side=True)
    gr.vote(gauge, "farmer", "token", 1, lp_side=False)
    assert gr.get_rates(gauge, ["token"]) == [400]


def test_a_loss_burns_the_treasurys_shares_first():
    """Lenders 1,000, treasury 50: a loss of 80 burns the 50, and the lenders bear 30."""
    pool = gp.Pool(curve(), "treasury", opened_ts=10**9)
    gp.deposit(pool, receiver="lender", assets=1_000, now_ts=10**9)
    gp.deposit(pool, receiver="treasury", assets=50, now_ts=10**9)
    gp.set_credit_manager_debt_limit(pool, "manager", 10**6)
    gp.lend_credit_account(pool, manager="manager", amount=500, now_ts=10**9)
    pool.available_liquidity += 420
    uncovered = gp.repay_credit_account(
        pool, manager="manager", repaid=500, profit=0, loss=80, now_ts=10**9
    )
    assert uncovered == 30
    assert pool.shares == {"lender": 1_000, "treasury": 0}
    assert gp.convert_to_assets_down(pool, 1_000, now_ts=10**9) == 970


def test_lenders_earn_interest_and_quota_revenue():
    """500 of 1,000 lent at 5/7 %, and 10 a year of quotas: 13.57 in a year, rounded down twice."""
    pool = gp.Pool(curve(), "treasury", opened_ts=10**9)
    gp.deposit(pool, receiver="lender", assets=1_000_000, now_ts=10**9)
    gp.set_credit_manager_debt_limit(pool, "manager", 10**9)
    gp.lend_credit_account(pool, manager="manager", amount=500_000, now_ts=10**9)
    keeper = gq.QuotaKeeper(pool, last_rate_update_ts=10**9)
    gq.add_quota_token(keeper, "token")
    gq.set_token_limit(keeper, "token", 10**9)
    gq.update_rates(keeper, lambda tokens: [100], now_ts=10**9)
    gq.update_quota(
        keeper, account="account", token="token", change=1_000_000, min_quota=0,
        max_quota=10**12, now_ts=10**9,
    )  # fmt: skip
    later = 10**9 + YEAR_S
    assert pool.quota_revenue == 10_000
    assert gp.expected_liquidity(pool, now_ts=later) == 1_000_000 + 3_571 + 10_000
    owed = gq.get_quota_and_outstanding_interest(keeper, "account", "token", now_ts=later)
    assert owed == (1_000_000, 10_000)


# ---- credit accounts -------------------------------------------------------------------------

UNIT = 10**18
START_TS = 10**9


def manager_of(**changes):
    """A pool of 1,000,000 without interest; a manager takes a token of one dollar at 90 %."""
    pool = gp.Pool(curve(slope1_bps=0, slope2_bps=0), "treasury", opened_ts=START_TS)
    gp.deposit(pool, receiver="lender", assets=10**6 * UNIT, now_ts=START_TS)
    gp.set_credit_manager_debt_limit(pool, "manager", 10**6 * UNIT)
    keeper = gq.QuotaKeeper(pool, last_rate_update_ts=START_TS)
    gq.add_quota_token(keeper, "token")
    gq.set_token_limit(keeper, "token", 10**6 * UNIT)
    gq.update_rates(keeper, lambda tokens: [100], now_ts=START_TS)
    dollars = {"usdc": 10**8, "token": 10**8}
    usual = {
        "name": "manager", "pool": pool, "keeper": keeper, "underlying": "usdc",
        "oracle": gb.Oracle(dict(dollars), dict(dollars), {"usdc": 18, "token": 18}),
        "thresholds": {"usdc": gb.Threshold(9_450), "token": gb.Threshold(9_000)},
        "fee_interest_bps": 2_500, "fee_liquidation_bps": 150, "liquidation_discount_bps": 9_600,
        "max_enabled_tokens": 4, "min_debt": UNIT, "max_debt": 10**5 * UNIT,
        "max_debt_per_block_multiplier": 255,
        "balances": {(who, t): 10**7 * UNIT for who in ("alice", "keeper") for t in dollars},
    }  # fmt: skip
    return gb.CreditManager(**(usual | changes))


def opened_account(manager):
    """8,000 borrowed against 10,000 of the token, with a quota of 9,000."""
    gb.open_credit_account(manager, "account", sender="alice", now=gb.Now(START_TS, 1), calls=[
        lambda s: gb.add_collateral(s, "token", 10_000 * UNIT),
        lambda s: gb.increase_debt(s, 8_000 * UNIT),
        lambda s: gb.change_quota(s, "token", 9_000 * UNIT, 0),
        lambda s: gb.withdraw_collateral(s, "usdc", 8_000 * UNIT, "alice"),
    ])  # fmt: skip


def test_an_account_owes_its_debt_and_its_quotas_interest_with_the_daos_fee():
    """A year later: 8,000, 1 % of 9,000, and a quarter of that."""
    manager = manager_of()
    opened_account(manager)
    found = gb.calc_debt_and_collateral(manager, "account", now_ts=START_TS + YEAR_S)
    assert found.total_debt == 8_000 * UNIT + 90 * UNIT + 90 * UNIT // 4
    assert found.twv_usd == 9_000 * 10**8
    assert found.total_value == 10_000 * UNIT


def test_a_call_that_leaves_too_little_leaves_everything_as_it_was():
    manager = manager_of()
    opened_account(manager)
    with pytest.raises(Revert, match="NotEnoughCollateral"):
        gb.multicall(manager, "account", sender="alice", now=gb.Now(START_TS, 2), calls=[
            lambda s: gb.withdraw_collateral(s, "token", 1_200 * UNIT, "alice"),
        ])  # fmt: skip
    assert manager.balances["account", "token"] == 10_000 * UNIT


def test_a_whole_liquidation_pays_pool_dao_and_owner():
    """The token at 0.88: 8,800 of value, 8,448 paid, 8,000 and 132 to the pool, 316 to Alice."""
    manager = manager_of()
    opened_account(manager)
    manager.oracle.main["token"] = 88 * 10**6
    gl.liquidate_credit_account(
        manager, "account", sender="keeper", to="keeper", now=gb.Now(START_TS, 2),
        calls=[
            lambda s: gb.add_collateral(s, "usdc", 8_448 * UNIT),
            lambda s: gb.withdraw_collateral(s, "token", 10_000 * UNIT, "keeper"),
        ],
    )  # fmt: skip
    assert manager.balances["account", "usdc"] == 316 * UNIT
    assert manager.pool.shares["treasury"] == 132 * UNIT
    assert manager.pool.total_debt.borrowed == 0


def test_a_partial_liquidation_repays_and_seizes_at_the_discount():
    """1,920 repaid at 0.88: 28.80 to the DAO, 1,891.20 of the debt; 2,000 of value is seized."""
    manager = manager_of()
    opened_account(manager)
    manager.oracle.main["token"] = 88 * 10**6
    seized = gl.partially_liquidate_credit_account(
        manager, "account", sender="keeper", token="token", repaid=1_920 * UNIT, min_seized=0,
        to="keeper", now=gb.Now(START_TS, 2),
    )  # fmt: skip
    assert seized == 1_920 * UNIT * 10**8 // (88 * 10**6) * 10_000 // 9_600
    assert manager.accounts["account"].debt == 8_000 * UNIT - 18_912 * UNIT // 10
    assert manager.balances["treasury", "usdc"] == 288 * UNIT // 10


def test_a_loss_ends_borrowing_and_can_be_forbidden():
    """The token at 0.8: 7,680 of funds against 8,000."""
    manager = manager_of()
    opened_account(manager)
    manager.oracle.main["token"] = 80 * 10**6
    terms = {
        "sender": "keeper", "to": "keeper", "now": gb.Now(START_TS, 2),
        "calls": [lambda s: gb.add_collateral(s, "usdc", 7_680 * UNIT),
                  lambda s: gb.withdraw_collateral(s, "token", 10_000 * UNIT, "keeper")],
    }  # fmt: skip
    with pytest.raises(Revert, match="CreditAccountNotLiquidatableWithLoss"):
        gl.liquidate_credit_account(manager, "account", loss_is_allowed=False, **terms)
    gl.liquidate_credit_account(manager, "account", **terms)
    assert manager.max_debt_per_block_multiplier == 0
    assert manager.keeper.tokens["token"].limit == 0
    lenders = gp.expected_liquidity(manager.pool, now_ts=START_TS)
    assert lenders == (10**6 - 320) * UNIT
