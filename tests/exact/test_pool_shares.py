"""The ledger around the schemes: work of a share, orphans, the operator's balance, refusals."""

import doctest
from dataclasses import replace
from fractions import Fraction

import pytest

from headframe.errors import InputError, InvariantError
from headframe.exact import pool_payments, pool_shares
from headframe.exact.pool_payments import payments
from headframe.exact.pool_schemes import Geometric, Pplns, Pps, Proportional, Solo
from headframe.exact.pool_shares import (
    BITS,
    ONE_X96,
    FoundBlock,
    MinerAccount,
    Share,
    replay,
    share_work_x96_down,
)

HALF = ONE_X96 // 2


def test_the_examples_run():
    for module in (pool_shares, pool_payments):
        outcome = doctest.testmod(module)
        assert outcome.attempted > 0
        assert outcome.failed == 0


def test_work_is_rounded_down_and_exact_where_it_can_be():
    half = share_work_x96_down(difficulty=Fraction(1, 4), network_difficulty=Fraction(1, 2))
    assert half == HALF
    third = share_work_x96_down(difficulty=Fraction(1), network_difficulty=Fraction(3))
    assert third * 3 == ONE_X96 - ONE_X96 % 3
    # A share of difficulty 1 in a network of 1.25e14 keeps fifteen digits.
    real = Fraction("124932866006548.16")
    work = share_work_x96_down(difficulty=Fraction(1), network_difficulty=real)
    assert Fraction(work, ONE_X96) * real == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(
    ("difficulty", "network", "place"),
    [
        (Fraction(0), Fraction(1), "difficulty"),
        (Fraction(-1), Fraction(1), "difficulty"),
        (Fraction(1), Fraction(0), "network_difficulty"),
        (Fraction(1), Fraction(-7), "network_difficulty"),
        (Fraction(2), Fraction(1), "difficulty"),
        (Fraction(1), Fraction(2**97), "difficulty"),
    ],
)
def test_difficulties_that_make_no_sense_are_refused(difficulty, network, place):
    with pytest.raises(InputError) as refusal:
        share_work_x96_down(difficulty=difficulty, network_difficulty=network)
    assert refusal.value.place == place


def test_a_proportional_round_by_hand():
    """Three shares of work 1/2, 1/4, 1/4; block of 1001 sat; fee 1 %: 495.495 and 247.7475 each."""
    works = {"a": HALF, "b": HALF // 2, "c": HALF // 2}
    events = [(Share(name, work), None) for name, work in works.items()]
    events[-1] = (events[-1][0], FoundBlock("x", 1000, 1))
    stated = replay(Proportional(fee=Fraction(1, 100)), events)
    assert [account.credited_sat for account in stated.miners] == [495, 247, 247]
    assert (stated.fee_sat, stated.own_sat) == (10, 0)
    assert stated.dust_sat == 1001 - 495 - 247 - 247 - 10
    held = [Fraction(account.dust_x96, ONE_X96) for account in stated.miners]
    assert [float(part) for part in held] == pytest.approx([0.495, 0.7475, 0.7475])


def test_dust_is_carried_and_comes_out_when_it_is_whole():
    """Three miners share 100 sat a block: 33 each, and after three blocks 100 each."""

    def log(n_blocks):
        for n in range(3 * n_blocks):
            block = FoundBlock(str(n), 100, 0) if n % 3 == 2 else None
            yield Share("abc"[n % 3], ONE_X96 // 8), block

    first, third = replay(Proportional(), log(1)), replay(Proportional(), log(3))
    assert [account.credited_sat for account in first.miners] == [33, 33, 33]
    assert first.dust_sat == 1
    paid = {
        payment.account.miner: payment.pay_sat for payment in payments(first, paid_before_sat={})
    }
    later = payments(third, paid_before_sat=paid)
    assert [payment.pay_sat for payment in later] == [67, 67, 67]
    assert (third.fee_sat, third.own_sat, third.dust_sat) == (0, 0, 0)
    second = payments(replay(Proportional(), log(2)), paid_before_sat=paid)
    assert [payment.paid_sat for payment in second] == [66, 66, 66]


def test_an_orphan_pays_nobody_and_ends_no_round():
    lost = FoundBlock("lost", 500, 7, orphaned=True)
    events = [(Share("a", HALF), lost), (Share("b", HALF), FoundBlock("x", 500, 0))]
    stated = replay(Proportional(), events)
    assert [account.credited_sat for account in stated.miners] == [250, 250]
    assert (stated.n_blocks, stated.n_orphaned, stated.orphaned_sat) == (1, 1, 507)
    alone = replay(Solo(), events)
    assert [account.credited_sat for account in alone.miners] == [0, 500]
    score = Geometric(variable_fee=Fraction(1, 2))
    whole = replay(score, [(events[0][0], None), events[1]])
    assert whole.miners == replay(score, events).miners
    # Paid per share the miners do not notice; the operator does.
    per_share = [(share._replace(subsidy_sat=500), block) for share, block in events]
    assert replay(Pps(), per_share).own_sat == 500 - 500


def test_difficulty_may_change_within_a_round():
    """Shares of equal difficulty while the network's doubles: the first did twice the work."""
    works = [
        share_work_x96_down(difficulty=Fraction(1), network_difficulty=Fraction(network))
        for network in (4, 8)
    ]
    events = [(Share("a", works[0]), None), (Share("b", works[1]), FoundBlock("x", 900, 0))]
    credited = {
        account.miner: account.credited_sat for account in replay(Proportional(), events).miners
    }
    assert credited == {"a": 600, "b": 300}


def test_a_new_pool_pays_its_first_window_to_the_operator():
    """A block in the first share, of work 1/2; window of one round: half of a half is filled."""
    stated = replay(Pplns(window_rounds=Fraction(1)), [(Share("a", HALF), FoundBlock("x", 800, 0))])
    assert stated.miners[0].credited_sat == 200
    assert stated.own_sat == 600


def test_the_operators_balance_and_how_low_it_stood():
    """Pays 50 a share, of which he keeps 5; blocks of 100 after the third and fourth share."""
    events = [(Share("a", HALF, 100), None)] * 2
    events += [(Share("a", HALF, 100), FoundBlock(str(k), 100, 0)) for k in range(2)]
    stated = replay(Pps(fee=Fraction(1, 10)), events)
    assert (stated.credited_sat, stated.fee_sat, stated.own_sat) == (180, 20, 0)
    assert stated.lowest_sat == -135
    shy = replay(Pps(fee=Fraction(1, 10)), events[:2])
    assert (shy.own_sat, shy.lowest_sat, shy.open_work_x96) == (-100, -90, ONE_X96)


def test_work_since_the_last_block_is_told():
    events = [(Share("a", HALF), FoundBlock("x", 1, 0)), (Share("b", HALF // 2), None)]
    assert replay(Solo(), events).open_work_x96 == HALF // 2


def test_a_block_is_paid_once():
    events = [(Share("a", HALF), FoundBlock("x", 1, 0))] * 2
    with pytest.raises(InputError, match="block x: is there twice"):
        replay(Solo(), events)


@pytest.mark.parametrize(
    ("share", "place"),
    [
        (Share("a", 0), "share 2, work_x96"),
        (Share("a", -1), "share 2, work_x96"),
        (Share("a", ONE_X96 + 1), "share 2, work_x96"),
        (Share("a", 1, -1), "share 2, subsidy_sat"),
        (Share("a", 1, 0, -1), "share 2, fees_sat"),
    ],
)
def test_shares_out_of_range_are_named(share, place):
    with pytest.raises(InputError) as refusal:
        replay(Solo(), [(Share("a", 1), None), (share, None)])
    assert refusal.value.place == place


def test_negative_rewards_are_refused():
    with pytest.raises(InputError, match="block x"):
        replay(Solo(), [(Share("a", 1), FoundBlock("x", 1, -1))])


def test_a_statement_that_does_not_add_up_cannot_be_made():
    stated = replay(Solo(), [(Share("a", HALF), FoundBlock("x", 10, 0))])
    for change in ({"fee_x96": 1}, {"own_x96": -ONE_X96}, {"reward_sat": 11}):
        with pytest.raises(InvariantError):
            replace(stated, **change)
    with pytest.raises(InvariantError):
        replace(stated, miners=(*stated.miners, MinerAccount("b", 1, 1, 1)))


def account(miner, credited_sat):
    return MinerAccount(miner, 1, HALF, (credited_sat << BITS) + 5)


def statement(*accounts):
    events = [(Share("a", HALF), FoundBlock("x", 10**6, 0))]
    whole = replay(Solo(), events)
    credited = sum(entry.credited_x96 for entry in accounts)
    return replace(whole, miners=accounts, own_x96=(whole.reward_sat << BITS) - credited)


def test_payments_are_what_is_due_and_at_least_the_minimum():
    stated = statement(account("a", 100), account("b", 99), account("c", 500), account("d", 0))
    made = payments(stated, paid_before_sat={"c": 450, "a": 0}, minimum_sat=100)
    assert [payment.pay_sat for payment in made] == [100, 0, 0, 0]
    assert [payment.paid_sat for payment in made] == [100, 0, 450, 0]
    assert [payment.carried_x96 for payment in made] == [5, (99 << BITS) + 5, (50 << BITS) + 5, 5]


def test_who_was_paid_too_much_is_paid_nothing():
    (made,) = payments(statement(account("a", 100)), paid_before_sat={"a": 130})
    assert (made.pay_sat, made.paid_sat, made.carried_x96) == (0, 130, (-30 << BITS) + 5)


def test_payments_refuse_what_cannot_be():
    stated = statement(account("a", 100))
    with pytest.raises(InputError, match="'z' is not allowed"):
        payments(stated, paid_before_sat={"z": 1})
    with pytest.raises(InputError, match="paid before, a"):
        payments(stated, paid_before_sat={"a": -1})
    with pytest.raises(InputError, match="minimum_sat"):
        payments(stated, paid_before_sat={}, minimum_sat=-1)
    assert payments(stated, paid_before_sat={"z": 0})[0].pay_sat == 100
