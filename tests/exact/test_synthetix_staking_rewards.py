"""StakingRewards without an EVM: golden numbers, refusals, what must always hold."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import synthetix_staking_rewards as snx
from headframe.exact.fixed import error_data

TOKEN = 10**18
DAY_S = 86_400


def funded(reward: int = 1_000 * TOKEN, now_ts: int = 1_000) -> snx.StakingRewards:
    farm = snx.StakingRewards()
    snx.send_rewards(farm, reward)
    snx.notify_reward_amount(farm, reward, now_ts=now_ts)
    return farm


def test_a_thousand_tokens_over_a_week():
    # 1,000 tokens in 7 days; a quarter of the stake for a day.
    farm = funded()
    assert farm.reward_rate == 1653439153439153
    assert 1_000 * TOKEN - snx.get_reward_for_duration(farm) == 265600
    snx.stake(farm, "a", 25 * TOKEN, now_ts=1_000)
    snx.stake(farm, "b", 75 * TOKEN, now_ts=1_000)
    assert snx.earned(farm, "a", now_ts=1_000 + DAY_S) == 35714285714285704800


def test_the_deployed_contract_pays_a_rate_times_seconds_to_a_lone_staker():
    farm = snx.StakingRewards()
    snx.send_rewards(farm, 604_800 * TOKEN)
    snx.notify_reward_amount(farm, 604_800 * TOKEN, now_ts=0)
    snx.stake(farm, "a", 5 * TOKEN, now_ts=0)
    assert snx.earned(farm, "a", now_ts=3_600) == 3_600 * TOKEN


def test_a_new_sum_joins_what_is_left():
    farm = funded(604_800)
    snx.send_rewards(farm, 604_800)
    snx.notify_reward_amount(farm, 604_800, now_ts=1_000 + 302_400)
    assert (farm.reward_rate, farm.period_finish) == (1, 1_000 + 302_400 + 604_800)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["stake", "withdraw", "claim"]),
            st.integers(1, 1 << 90), st.integers(0, 2 * DAY_S),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_more_is_paid_than_was_given(calls):
    farm, now_ts, paid = funded(), 1_000, 0
    for account, kind, amount, dt_s in calls:
        now_ts += dt_s
        if kind == "stake":
            snx.stake(farm, account, amount, now_ts=now_ts)
        elif kind == "claim":
            paid += snx.get_reward(farm, account, now_ts=now_ts)
        elif farm.balances.get(account, 0) > 0:
            staked = min(amount, farm.balances[account])
            snx.withdraw(farm, account, staked, now_ts=now_ts)
    owed = sum(snx.earned(farm, account, now_ts=now_ts) for account in "abc")
    assert paid + owed <= farm.reward_rate * min(now_ts - 1_000, 604_800)
    assert farm.total_supply == sum(farm.balances.values())
    assert farm.reward_balance == 1_000 * TOKEN - paid


REFUSED = [
    (lambda f: snx.stake(f, "b", 0, now_ts=2_000), "Cannot stake 0"),
    (lambda f: snx.withdraw(f, "b", 0, now_ts=2_000), "Cannot withdraw 0"),
    (lambda f: snx.withdraw(f, "b", 1, now_ts=2_000), "SafeMath: subtraction overflow"),
    (lambda f: snx.exit_(f, "b", now_ts=2_000), "Cannot withdraw 0"),
    (lambda f: snx.notify_reward_amount(f, 9 * TOKEN, now_ts=2_000), "Provided reward too high"),
    (
        lambda f: snx.set_rewards_duration(f, 1, now_ts=2_000),
        "Previous rewards period must be complete before changing the duration for the new period",
    ),
]


@pytest.mark.parametrize(("action", "reason"), REFUSED)
def test_a_refusal_carries_its_bytes_and_changes_nothing(action, reason):
    farm = funded()
    snx.stake(farm, "a", TOKEN, now_ts=1_500)
    before = copy.deepcopy(farm)
    with pytest.raises(Revert) as refusal:
        action(farm)
    assert refusal.value.data == error_data(reason)
    assert farm == before


def test_a_pause_stops_stakes_but_not_leaving():
    farm = funded()
    snx.stake(farm, "a", TOKEN, now_ts=1_500)
    snx.set_paused(farm, True, now_ts=1_600)
    with pytest.raises(Revert, match="paused"):
        snx.stake(farm, "a", TOKEN, now_ts=1_700)
    assert snx.exit_(farm, "a", now_ts=1_800) > 0


def test_rewards_promised_beyond_the_purse_cannot_be_claimed():
    farm = funded()
    snx.stake(farm, "a", TOKEN, now_ts=1_000)
    snx.update_period_finish(farm, 10**9, now_ts=1_000)
    before = copy.deepcopy(farm)
    for claim in (snx.get_reward, snx.exit_):
        with pytest.raises(Revert) as refusal:
            claim(farm, "a", now_ts=10**8)
        assert refusal.value.data == error_data("SafeERC20: low-level call failed")
        assert farm == before
