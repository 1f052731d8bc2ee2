"""
Alpha Homora v1 against numbers of its own tests and of notes on its code, and against what must
hold whatever happens: nothing is created, shares never dilute, the waterfall adds up.

Sources of expected values: test/StrategyAddETHOnly.test.js (shares of the pool), test/
UniswapBank.test.js (health; debt, reserve and total after a day), rates per second worked out from
the published slope; a waterfall and a guard worked by hand.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import alpha_homora_v1 as homora
from headframe.exact import alpha_homora_v1_rates as rates
from headframe.exact import levered_bank as books
from headframe.exact import lp_worker, uniswap_v2
from headframe.exact.lp_worker import Worker
from headframe.exact.synthetix_staking_rewards import StakingRewards
from headframe.exact.uniswap_v2_router import Pool, Purse, balance_of, give

ETH = 10**18
NOW = 1_600_000_000
trials = settings(max_examples=60, deadline=None, derandomize=True)


def pool_of(eth, token):
    pair = uniswap_v2.Pair()
    uniswap_v2.send(pair, eth, token)
    uniswap_v2.mint(pair, "provider", now_ts=NOW)
    return Pool(pair, "eth", "token")


def bank_with_goblin(
    *, eth=ETH, token=ETH // 10, lent=3 * ETH, work=7_000, kill=8_000, band=11_000, **changes
):
    """A bank, one goblin on a pool, one lender, and a user with money."""
    bank = homora.new_bank(now_ts=NOW)
    for key, value in changes.items():
        setattr(bank, key, value)
    plans = homora.goblin_strategies()
    bank.workers["goblin"] = Worker(
        name="goblin",
        pool=pool_of(eth, token),
        base="eth",
        farm="token",
        reward="uni",
        stake=StakingRewards(),
        add_strategy=plans["AddETHOnly"],
        liquidate_strategy=plans["Liquidate"],
        ok_strategies=plans,
    )
    bank.configs["goblin"] = homora.WorkerConfig(True, work, kill, band)
    set_price(bank)
    for user in ("lender", "alice", "bob"):
        give(bank.purse, "eth", user, 10**9 * ETH)
        give(bank.purse, "token", user, 10**9 * ETH)
    if lent:
        homora.deposit(bank, "lender", lent, now_ts=NOW)
    return bank


def set_price(bank, now_ts=NOW):
    pair = bank.workers["goblin"].pool.pair
    bank.prices["eth", "token"] = (pair.reserve1 * ETH // pair.reserve0, now_ts)


def opened(bank, principal, loan, now_ts=NOW):
    return homora.work(
        bank, "alice", 0, "goblin", principal, loan, 0, "AddETHOnly", (0,), now_ts=now_ts
    )


# ---- numbers of its tests ------------------------------------------------------------------


def test_one_side_of_ether_makes_the_shares_of_homoras_own_test():
    pool, purse = pool_of(ETH, ETH // 10), Purse()
    plan = homora.goblin_strategies()["AddETHOnly"]
    job = homora_job(pool)
    shares = []
    for _ in range(2):
        give(purse, "eth", plan.name, ETH // 10)
        plan.execute(plan, purse, job)
        shares.append(pool.pair.balance_of["goblin"])
    assert shares == [15_411_526_978_189_516, 30_136_025_967_736_232]


def homora_job(pool):
    from headframe.exact.lp_strategies import Job

    return Job(pool, "eth", "token", "goblin", None, None, 0, (0,), NOW)


def test_health_is_that_of_homoras_own_test():
    bank = bank_with_goblin(work=10**6, band=10**6, min_debt_size=0)
    id_ = opened(bank, ETH, ETH)
    assert homora.position_info(bank, id_) == (1_997_459_271_062_521_105, ETH)


def test_a_day_of_interest_is_that_of_homoras_own_test():
    """The test's simple model: 3472222222222 a second, 10 % to the reserve."""
    bank = bank_with_goblin(
        work=10**6, band=10**6, min_debt_size=0, rate=lambda debt, floating: 3_472_222_222_222
    )
    opened(bank, ETH, ETH)
    homora.deposit(bank, "lender", 0, now_ts=NOW + 86_400)
    assert bank.bank.debt_val == 1_299_999_999_999_980_800
    assert bank.bank.reserve_pool == 29_999_999_999_998_080
    assert homora.total_eth(bank) == 3_269_999_999_999_982_720


CODED = {
    4_999: 3_170_979_198,
    7_500: 4_360_096_397,
    9_000: 5_073_566_717,
    9_499: 5_310_914_510,
    9_500: 12_683_916_793,
    9_999: 13_870_655_758,
    10_000: 31_709_791_983,
}


@pytest.mark.parametrize(("used_bps", "per_s"), CODED.items())
def test_the_slope_as_coded(used_bps, per_s):
    assert rates.get_interest_rate(used_bps, 10_000 - used_bps) == per_s


@pytest.mark.parametrize(
    ("used_bps", "apr"),
    [(0, 0.10), (5_000, 0.10), (7_250, 0.175), (9_500, 0.25), (9_750, 0.625), (10_000, 1.0)],
)
def test_the_slope_as_documented(used_bps, apr):
    found = rates.get_interest_rate_as_documented(used_bps, 10_000 - used_bps)
    assert found == int(apr * 10**4 + 0.5) * 10**14 // (365 * 86_400)


# ---- worked by hand ------------------------------------------------------------------------


def test_the_bounty_comes_first_so_that_bad_debt_begins_below_a_debt_ratio_of_one():
    """Of 100 the killer takes 5: a debt of 95 is paid, a debt of 96 leaves 1 to the lenders."""
    assert books.waterfall(100, 90, kill_bps=500) == books.Payout(5, 0, 5)
    assert books.waterfall(100, 95, kill_bps=500) == books.Payout(5, 0, 0)
    assert books.waterfall(100, 96, kill_bps=500) == books.Payout(5, 0, 0)


def sink(bank, share):
    """Somebody sells tokens into the pool until its ether is a share of what it was."""
    pair = bank.workers["goblin"].pool.pair
    product = pair.reserve0 * pair.reserve1
    left = int(pair.reserve0 * share)
    pair.balance0, pair.balance1 = left, product // left + 1
    uniswap_v2.sync(pair, now_ts=NOW)


def test_a_farm_beyond_the_kill_factor_is_killed_and_the_loss_is_the_lenders():
    bank = bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=100 * ETH)
    id_ = opened(bank, 10 * ETH, 20 * ETH)
    with pytest.raises(Revert, match="can't liquidate"):
        homora.kill(bank, "bob", id_, now_ts=NOW)
    sink(bank, 0.66)
    set_price(bank)
    health, debt = homora.position_info(bank, id_)
    before, killer = homora.total_eth(bank), balance_of(bank.purse, "eth", "bob")
    paid = homora.kill(bank, "bob", id_, now_ts=NOW)
    assert abs(paid.prize - health * 5 // 100) <= 2
    assert balance_of(bank.purse, "eth", "bob") - killer == paid.prize
    assert health > debt * 95 // 100
    assert paid.left == 0
    assert 0 < before - homora.total_eth(bank) <= debt - health * 95 // 100 + 2


def test_where_pool_and_oracle_part_nobody_is_killed_and_nobody_borrows():
    bank = bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=100 * ETH)
    id_ = opened(bank, 10 * ETH, 20 * ETH)
    sink(bank, 0.5)
    with pytest.raises(Revert, match="price too high"):
        homora.kill(bank, "bob", id_, now_ts=NOW)
    with pytest.raises(Revert, match="price too high"):
        opened(bank, 10 * ETH, 5 * ETH)
    set_price(bank)
    with pytest.raises(Revert, match="price too stale"):
        homora.kill(bank, "bob", id_, now_ts=NOW + 7 * 86_400 + 1)
    assert homora.kill(bank, "bob", id_, now_ts=NOW).prize > 0


def test_more_than_the_work_factor_allows_is_refused_and_nothing_has_happened():
    bank = bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=100 * ETH)
    before = homora.total_eth(bank), bank.bank.debt_val, bank.bank.next_position_id
    with pytest.raises(Revert, match="bad work factor"):
        opened(bank, 10 * ETH, 24 * ETH)
    with pytest.raises(Revert, match="too small debt size"):
        opened(bank, 10 * ETH, ETH)
    assert (homora.total_eth(bank), bank.bank.debt_val, bank.bank.next_position_id) == before


def test_closing_by_least_trading_leaves_the_tokens_to_the_owner():
    bank = bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=100 * ETH)
    id_ = opened(bank, 10 * ETH, 12 * ETH)
    held = balance_of(bank.purse, "token", "alice")
    homora.work(
        bank, "alice", id_, "goblin", 0, 0, 10**30, "WithdrawMinimizeTrading", (0,), now_ts=NOW
    )
    assert bank.bank.debt_val == 0
    assert balance_of(bank.purse, "token", "alice") > held + 9 * ETH
    assert lp_worker.health(bank.workers["goblin"], id_) == 0


# ---- whatever happens ----------------------------------------------------------------------

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["lend", "leave", "open", "close", "kill", "wait", "sink"]),
        st.integers(1, 10**6),
    ),
    min_size=5,
    max_size=40,
)


def _play(bank, ids, what, size, now_ts):
    amount = size * ETH // 10_000
    if what == "lend":
        homora.deposit(bank, "lender", amount, now_ts=now_ts)
    elif what == "leave":
        share = bank.bank.balance_of["lender"] * (size % 100) // 100
        homora.withdraw(bank, "lender", share, now_ts=now_ts)
    elif what == "open":
        set_price(bank, now_ts)
        ids.append(opened(bank, amount, 2 * amount, now_ts))
    elif what == "sink":
        sink(bank, 0.7 + size % 60 / 100)
    elif ids and what == "close":
        plan = ("Liquidate", "WithdrawMinimizeTrading")[size % 2]
        id_ = ids[size % len(ids)]
        homora.work(bank, "alice", id_, "goblin", 0, 0, 10**30, plan, (0,), now_ts=now_ts)
    elif ids and what == "kill":
        set_price(bank, now_ts)
        homora.kill(bank, "bob", ids[size % len(ids)], now_ts=now_ts)


def _ether(bank):
    pair = bank.workers["goblin"].pool.pair
    held = sum(v for (token, _), v in bank.purse.held.items() if token == "eth")
    return held + pair.balance0


@trials
@given(actions=ACTIONS)
def test_ether_is_conserved_and_debts_are_shared_out(actions):
    """Only `sink`, a trade with the outside, changes the ether; debts by share never exceed it."""
    bank, ids, now_ts = (
        bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=200 * ETH),
        [],
        NOW,
    )
    for what, size in actions:
        now_ts += size if what == "wait" else 1
        before = _ether(bank)
        try:
            _play(bank, ids, what, size, now_ts)
        except Revert:
            assert _ether(bank) == before
        assert what == "sink" or _ether(bank) == before
        shares = [p.debt_share for p in bank.bank.positions.values()]
        assert sum(shares) == bank.bank.debt_share
        owed = sum(books.debt_share_to_val(bank.bank, share) for share in shares)
        assert bank.bank.debt_val - len(shares) <= owed <= bank.bank.debt_val


@trials
@given(actions=ACTIONS, amount=st.integers(1, 10**24))
def test_a_lender_never_takes_out_more_than_he_brought(actions, amount):
    """Depositing and leaving at once is never a gain, and never a loss to those who stay."""
    bank, ids, now_ts = (
        bank_with_goblin(eth=1_000 * ETH, token=1_000 * ETH, lent=200 * ETH),
        [],
        NOW,
    )
    for what, size in actions:
        now_ts += size if what == "wait" else 1
        try:
            _play(bank, ids, what, size, now_ts)
        except Revert:
            continue
    homora.deposit(bank, "lender", 0, now_ts=now_ts)
    if bank.bank.total_supply == 0:
        return
    before, supply = homora.total_eth(bank), bank.bank.total_supply
    share = homora.deposit(bank, "bob", amount, now_ts=now_ts)
    assert homora.total_eth(bank) * supply >= before * bank.bank.total_supply
    assert homora.withdraw(bank, "bob", share, now_ts=now_ts) <= amount


@given(back=st.integers(0, 10**40), debt=st.integers(0, 10**40), kill=st.integers(0, 10_000),
       treasury=st.integers(0, 10_000))  # fmt: skip
def test_the_waterfall_adds_up(back, debt, kill, treasury):
    if kill + treasury > 10_000:
        treasury = 10_000 - kill
    paid = books.waterfall(back, debt, kill_bps=kill, treasury_bps=treasury)
    bank = back - paid.prize - paid.treasury - paid.left
    assert bank >= 0
    assert bank == min(debt, back - paid.prize - paid.treasury)
    assert paid.prize * 10_000 <= back * kill
