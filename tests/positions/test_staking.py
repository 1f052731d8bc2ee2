"""Staking: rewards written out, slashing in closed form, lock-up and queue by date."""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions import staking as module
from headframe.positions.staking import Staking
from headframe.types import NEVER_S
from headframe.units import DAY_S, YEAR_S

VALUES = {"eth_usd": 2_000.0}
WALLET = {"eth": 32.0}


def stake(**changes):
    usual = {"name": "validator", "asset": "eth", "deposit": {"eth": 32.0}}
    return Staking(**{k: v for k, v in (usual | changes).items() if v is not ...})


def play_stake(n_steps, n_paths=1, watchers=(), values=None, **changes):
    book = scripted(
        stake(**changes), values=values or VALUES, wallet=WALLET, n_steps=n_steps, cash="eth"
    )
    return played(book, n_paths=n_paths, watchers=watchers)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_rewards_compound_after_the_commission():
    chunk = play_stake(5, reward_apr=0.05, commission=0.1)
    expected = 32.0 * (1 + 0.9 * 0.05 * DAY_S / YEAR_S) ** 5
    assert gauges(chunk, "validator")["staked"] == pytest.approx(expected, rel=1e-14)
    assert entry(chunk, "validator", "reward")[0] == pytest.approx(2_000 * (expected - 32.0))


def test_slashing_has_its_mean_and_its_odds():
    """Mean factor (1 - share p)^n and odds (1 - p)^n of none; bounds of 4 standard errors."""
    n_paths, n_steps = 40_000, 30
    chunk = play_stake(n_steps, n_paths, slashings_per_year=4.0, slashing_share=0.25)
    p = -math.expm1(-4.0 / 365)
    staked = seat(chunk, "validator").state["staked"] / 32.0
    mean, square = (1 - 0.25 * p) ** n_steps, (1 - (1 - 0.75**2) * p) ** n_steps
    assert abs(staked.mean() - mean) < 4 * math.sqrt((square - mean**2) / n_paths)
    spared = (1 - p) ** n_steps
    never = seat(chunk, "validator").state["slashed_s"] == NEVER_S
    assert abs(never.mean() - spared) < 4 * math.sqrt(spared * (1 - spared) / n_paths)
    assert np.array_equal(never, staked == 1.0)
    assert entry(chunk, "validator", "slashing").mean() < 0.0


def test_a_stake_without_slashing_draws_nothing():
    assert stake().uniforms == ()
    assert opened(scripted(stake(), values=VALUES, wallet=WALLET)).draws.keys == []


def leaving(day, **changes):
    """Wallet by day, where `close` is ordered on a day."""
    wallet = []

    def watch(chunk):
        if chunk.now.step == day:
            told(chunk, "validator", "close")
        wallet.append(float(chunk.books["wallet/eth"][0]))

    chunk = play_stake(8, watchers=(watch,), **changes)
    return wallet, chunk


@pytest.mark.parametrize(
    ("lockup", "queue", "day", "paid"),
    [("0d", 0.0, 2, 2), ("0d", 3.0, 2, 5), ("4d", 0.0, 2, 4), ("4d", 2.0, 2, 6), ("4d", 2.0, 5, 7)],
)
def test_the_stake_is_paid_after_lock_up_and_queue(lockup, queue, day, paid):
    wallet, _ = leaving(day, lockup_s=lockup, exit_queue_days=queue)
    assert [amount > 0.0 for amount in wallet] == [step >= paid for step in range(9)]
    assert wallet[paid] == 32.0


def test_in_the_queue_nothing_is_earned_but_everything_can_be_lost():
    wallet, _ = leaving(2, exit_queue_days=4.0, reward_apr=0.365)
    assert wallet[6] == pytest.approx(32.0 * 1.001**2, rel=1e-12)
    wallet, _ = leaving(2, exit_queue_days=4.0, slashings_per_year=1e9, slashing_share=0.5)
    assert wallet[6] == pytest.approx(32.0 * 0.5**6, rel=1e-12)


def test_the_queue_is_as_long_as_it_was_when_it_was_joined():
    values = VALUES | {"eth_exit_queue_days": [1.0, 1.0, 3.0, 9.0]}
    wallet, _ = leaving(2, values=values, exit_queue_days="eth_exit_queue_days")
    assert [amount > 0.0 for amount in wallet].index(True) == 5


def test_closing_twice_is_closing_once():
    def watch(chunk):
        if chunk.now.step in (1, 2):
            told(chunk, "validator", "close")

    chunk = play_stake(5, watchers=(watch,), exit_queue_days=2.0)
    assert chunk.books["wallet/eth"][0] == 32.0
    assert gauges(chunk, "validator")["staked"] == 0.0


def test_a_stake_that_is_held_keeps_its_lock_up():
    held = {"staked": 10.0, "locked_s": "3d"}
    wallet, chunk = leaving(1, deposit=..., held=held)
    assert chunk.books["opening"][0] == 42.0 * 2_000.0
    assert [amount > 32.0 for amount in wallet] == [step >= 3 for step in range(9)]
