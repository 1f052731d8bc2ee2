"""Both MasterChefs without an EVM: numbers of the compiled contracts, refusals, invariants."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import sushiswap_masterchef as v1
from headframe.exact import sushiswap_masterchef_v2 as v2
from headframe.exact.fixed import error_data

TOKEN = 10**18


def chef(*, bonus_end_block: int = 10**6, points: tuple[int, ...] = (1,)) -> v1.MasterChef:
    farm = v1.MasterChef(
        sushi_per_block=100 * TOKEN, start_block=0, bonus_end_block=bonus_end_block
    )
    for pid, point in enumerate(points):
        v1.add(farm, point, f"lp{pid}", False, now_height=0)
    return farm


def test_fifty_blocks_of_the_bonus():
    # Compiled contract: 50 blocks of 100 at ten times are 50,000, and 5,000 for the developers.
    farm = chef()
    v1.deposit(farm, 0, "a", TOKEN, now_height=100)
    assert v1.pending_sushi(farm, 0, "a", now_height=150) == 50_000 * TOKEN
    assert v1.withdraw(farm, 0, "a", TOKEN, now_height=150) == 50_000 * TOKEN
    assert farm.dev_minted == 5_000 * TOKEN


def test_bonus_blocks_count_tenfold():
    farm = chef(bonus_end_block=100)
    spans = [v1.get_multiplier(farm, a, b) for a, b in ((0, 50), (90, 110), (100, 130))]
    assert spans == [500, 110, 30]


def test_two_pools_of_one_token_dilute_each_other():
    # The trap of this farm: a pool divides by all the tokens held, whoever staked them where.
    farm = chef(points=(1, 1))
    farm.pools[1].lp_token = "lp0"
    for pid in (0, 1):
        v1.deposit(farm, pid, "a", TOKEN, now_height=100)
    pending = sum(v1.pending_sushi(farm, pid, "a", now_height=101) for pid in (0, 1))
    assert pending == 500 * TOKEN


def test_a_refused_update_of_all_moves_none():
    farm = chef(points=(1, 1))
    v1.deposit(farm, 0, "a", TOKEN, now_height=10)
    v1.deposit(farm, 1, "a", TOKEN, now_height=10)
    farm.pools[1].alloc_point = 1 << 255
    before = copy.deepcopy(farm)
    for action in (
        lambda: v1.mass_update_pools(farm, now_height=20),
        lambda: v1.add(farm, 1, "lp2", True, now_height=20),
        lambda: v1.set_(farm, 0, 1, True, now_height=20),
    ):
        with pytest.raises(Revert) as refusal:
            action()
        assert refusal.value.data == error_data("SafeMath: multiplication overflow")
        assert farm == before


def test_refusals_of_the_first():
    farm = chef()
    v1.deposit(farm, 0, "a", TOKEN, now_height=10)
    before = copy.deepcopy(farm)
    with pytest.raises(Revert) as refusal:
        v1.withdraw(farm, 0, "a", TOKEN + 1, now_height=20)
    assert refusal.value.data == error_data("withdraw: not good")
    with pytest.raises(Revert) as refusal:
        v1.deposit(farm, 7, "a", 1, now_height=20)
    assert refusal.value.data == b""
    assert farm == before


calls = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(0, 1), st.booleans(),
        st.integers(0, 1 << 80), st.integers(0, 50),
    ),
    max_size=30,
)  # fmt: skip


@given(calls)
def test_no_more_is_paid_than_was_minted(moves):
    farm, height, paid = chef(points=(3, 7), bonus_end_block=200), 1, 0
    for user, pid, leaves, amount, blocks in moves:
        height += blocks
        info = farm.users.get((pid, user), v1.UserInfo())
        action = v1.withdraw if leaves else v1.deposit
        amount = min(amount, info.amount) if leaves else amount
        paid += action(farm, pid, user, amount, now_height=height)
    minted = paid + farm.token_balance.get(v1.SUSHI, 0)
    assert minted <= v1.get_multiplier(farm, 0, height) * farm.sushi_per_block
    for pid in (0, 1):
        staked = sum(info.amount for (p, _), info in farm.users.items() if p == pid)
        assert farm.token_balance.get(f"lp{pid}", 0) == staked


def second(points: int = 9) -> v2.MasterChefV2:
    """Second MasterChef behind a pool with 5 of 12 points, as in the recorded run."""
    farm = v2.MasterChefV2(master_chef=chef(points=(7, 5), bonus_end_block=0), master_pid=1)
    v2.init(farm, TOKEN, now_height=160)
    v2.add(farm, points, "lp", now_height=160)
    return farm


def test_a_run_recorded_from_the_compiled_contracts():
    farm = second()
    assert v2.sushi_per_block(farm) == 41666666666666666666
    v2.deposit(farm, 0, TOKEN, "a", now_height=160)
    v2.withdraw(farm, 0, "a", 10**16, now_height=200)
    assert farm.pools[0].acc_sushi_per_share == 1666666666666666
    assert farm.users[0, "a"] == v2.UserInfo(99 * 10**16, -16666666666666660000)


def test_rewards_must_be_fetched_before_they_are_harvested():
    farm = second()
    v2.deposit(farm, 0, TOKEN, "a", now_height=160)
    before = copy.deepcopy(farm)
    for action in (
        lambda: v2.harvest(farm, 0, "a", now_height=200),
        lambda: v2.withdraw_and_harvest(farm, 0, "a", TOKEN, now_height=200),
    ):
        with pytest.raises(Revert) as refusal:
            action()
        assert refusal.value.data == error_data("BoringERC20: Transfer failed")
        assert farm == before
    fetched = v2.harvest_from_master_chef(farm, now_height=200)
    paid = v2.withdraw_and_harvest(farm, 0, "a", TOKEN, now_height=200)
    # Divided twice by different sums, the two differ by dust alone.
    assert 0 <= fetched - paid < 10**7


def due(farm: v2.MasterChefV2, user: str, now_height: int) -> int:
    """Rewards due; like the contract's sum, it may lie a wei below zero."""
    info = farm.users.get((0, user), v2.UserInfo())
    v2.update_pool(farm, 0, now_height=now_height)
    return info.amount * farm.pools[0].acc_sushi_per_share // 10**12 - info.reward_debt


@given(calls)
def test_coming_and_going_leaves_the_rewards_due_but_for_a_wei(moves):
    farm, height = second(), 160
    for user, _, leaves, amount, blocks in moves:
        height += blocks
        before = due(farm, user, height)
        if leaves:
            staked = farm.users.get((0, user), v2.UserInfo()).amount
            v2.withdraw(farm, 0, user, min(amount, staked), now_height=height)
        else:
            v2.deposit(farm, 0, amount, user, now_height=height)
        assert abs(due(farm, user, height) - before) <= 1


def test_that_wei_can_block_a_harvest():
    # As the compiled contract does: each call rounds its own part of the debt down.
    farm = second()
    v2.deposit(farm, 0, 76, "b", now_height=160)
    v2.deposit(farm, 0, 2, "a", now_height=162)
    v2.withdraw(farm, 0, "a", 1, now_height=162)
    with pytest.raises(Revert) as refusal:
        v2.harvest(farm, 0, "a", now_height=162)
    assert refusal.value.data == error_data("Integer < 0")


def test_refusals_of_the_second():
    farm = second()
    v2.deposit(farm, 0, TOKEN, "a", now_height=160)
    before = copy.deepcopy(farm)
    for action, data in (
        (lambda: v2.withdraw(farm, 0, "a", TOKEN + 1, now_height=170),
         error_data("BoringMath: Underflow")),
        (lambda: v2.add(farm, 1 << 64, "lp", now_height=170),
         error_data("BoringMath: uint64 Overflow")),
        (lambda: v2.init(farm, 0, now_height=170),
         error_data("MasterChefV2: Balance must exceed 0")),
        (lambda: v2.update_pool(farm, 1, now_height=170), b""),
        (lambda: v2.mass_update_pools(farm, [0, 1], now_height=170), b""),
    ):  # fmt: skip
        with pytest.raises(Revert) as refusal:
            action()
        assert refusal.value.data == data
        assert farm == before
