"""The vault: fees and unlocking worked by hand, losses, and the wait while it is blocked."""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions import vault as module
from headframe.positions.vault import Vault
from headframe.units import DAY_S, YEAR_S

WALLET = {"usdc": 1_000.0}
DAILY = DAY_S / YEAR_S
"""A day in years: an apr of `x / DAILY` earns x in a day."""


def vault(**changes):
    usual = {
        "name": "yv",
        "asset": "usdc",
        "deposit": {"usdc": 1_000.0},
        "performance_fee": 0.0,
        "gas_usd": 0.0,
    }
    return Vault(**{k: v for k, v in (usual | changes).items() if v is not ...})


def supplied(book):
    """What the shares are worth after every step, the opening first."""
    seen = []
    played(book, watchers=(lambda chunk: seen.append(gauges(chunk, "yv")["supplied"]),))
    return seen


def aprs(*daily, **more):
    """Yields by day, the opening first, in a world with a dollar."""
    yields = [0.0, *(x / DAILY for x in daily)]
    return {"usdc_usd": 1.0, "strategy_yield": yields, **more}


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_profit_unlocks_in_a_straight_line_of_shares():
    # A tenth on day one, unlocked in ten days: 1000 until then, 1047.619 half-way, 1100.
    values = aprs(0.1, *[0.0] * 10)
    seen = supplied(scripted(vault(strategy_apr="strategy_yield"), values=values, wallet=WALLET))
    assert seen[-11] == pytest.approx(1_000.0)
    assert seen[-6] == pytest.approx(1_000.0 * 1_100 / 1_050)
    assert seen[-1] == pytest.approx(1_100.0)


def test_a_performance_fee_is_taken_in_shares():
    # Gain 100, fee 10: 90 shares are locked, 10 go to the manager; in the end 1000 * 1100 / 1010.
    book = scripted(
        vault(strategy_apr="strategy_yield", performance_fee=0.1),
        values=aprs(0.1, *[0.0] * 10),
        wallet=WALLET,
    )
    chunk = played(book)
    assert gauges(chunk, "yv")["supplied"] == pytest.approx(1_000.0 * 1_100 / 1_010)
    assert entry(chunk, "yv", "fee")[0] == pytest.approx(-10.0)
    assert entry(chunk, "yv", "interest")[0] == pytest.approx(1_000.0 * 1_100 / 1_010 - 990.0)


def test_a_management_fee_alone_dilutes():
    # 0.365 a year is a thousandth a day: each report adds a thousandth of the shares.
    book = scripted(vault(management_fee=0.365), values={"usdc_usd": 1.0}, wallet=WALLET, n_steps=3)
    chunk = played(book)
    assert gauges(chunk, "yv")["supplied"] == pytest.approx(1_000.0 / 1.001**3, rel=1e-12)
    assert entry(chunk, "yv", "interest")[0] == pytest.approx(
        1_000.0 / 1.001**3 - 1_000.0 + sum(1.0 / 1.001**k for k in range(3)), abs=1e-9
    )


def test_a_loss_eats_what_is_locked_and_then_the_price():
    # Of a profit of 100 next to nothing unlocks in a day. A loss of 5 % of 1100 burns 55 of the
    # locked shares; one of 20 % of 1045 is more than is left of them: 836 for 1000 shares.
    values = aprs(0.1, -0.05, -0.2, 0.0)
    seen = supplied(
        scripted(
            vault(strategy_apr="strategy_yield", unlock_s="1000d"), values=values, wallet=WALLET
        )
    )
    assert seen[-4] == pytest.approx(1_000.0)
    assert seen[-3] == pytest.approx(1_000.0 * 1_100 / 1_099.9, rel=1e-9)
    assert seen[-2:] == [pytest.approx(836.0), pytest.approx(836.0)]


def test_until_the_report_who_leaves_leaves_at_the_old_price():
    book = scripted(
        vault(strategy_apr="strategy_yield", report_every_s="3d"),
        values=aprs(-0.5, 0.0, 0.0),
        wallet=WALLET,
        cash="usdc",
    )
    assert [round(x) for x in supplied(book)[-3:]] == [1_000, 1_000, 500]


def test_profit_that_was_locked_before_unlocks_to_us_too():
    # A hundredth of the deposits is locked and unlocks in four days.
    book = scripted(
        vault(locked_share=0.01, unlock_left_s="4d"),
        values={"usdc_usd": 1.0},
        wallet=WALLET,
        n_steps=4,
    )
    seen = supplied(book)
    assert seen[-3] == pytest.approx(1_000.0 * 1.01 / 1.005)
    assert seen[-1] == pytest.approx(1_010.0)


def test_an_order_to_close_waits_while_withdrawals_are_blocked():
    book = scripted(
        vault(blocked="paused_flag_now"),
        values={"usdc_usd": 1.0, "paused_flag_now": [0.0, 1.0, 1.0, 0.0]},
        wallet=WALLET,
        cash="usdc",
    )
    seen = []

    def watch(chunk):
        if chunk.now.step == 1:
            told(chunk, "yv", "close")
        seen.append(float(chunk.books["wallet/usdc"][0]))

    chunk = played(book, watchers=(watch,))
    assert seen[-3:] == [0.0, 0.0, pytest.approx(1_000.0)]
    assert seat(chunk, "yv").state["leaving"][0] == 0.0


def test_a_late_deposit_buys_at_the_price_of_then():
    book = scripted(
        vault(strategy_apr="strategy_yield", unlock_s=0.0),
        values=aprs(1.0),
        wallet={"usdc": 2_000.0},
        cash="usdc",
    )
    chunk = played(book)
    told(chunk, "yv", "open", 0.5)
    assert seat(chunk, "yv").state["shares"][0] == pytest.approx(1_250.0)
    assert gauges(chunk, "yv")["supplied"] == pytest.approx(2_500.0)


def test_a_vault_without_assets_takes_no_money():
    book = scripted(
        vault(strategy_apr="strategy_yield"),
        values=aprs(-1.0),
        wallet={"usdc": 2_000.0},
        cash="usdc",
    )
    chunk = played(book)
    told(chunk, "yv", "open", 1.0)
    assert chunk.books["wallet/usdc"][0] == 1_000.0
    assert gauges(chunk, "yv")["supplied"] == 0.0


def test_losses_strike_as_often_as_they_should():
    # Twice a year a tenth is lost, by independent draws: E[worth] = (1 - chance / 10)^days.
    # Bounds: four standard errors; 0.03 is four of a share of 4,000 paths.
    book = scripted(
        vault(losses_per_year=2.0, loss_share=0.1), values={"usdc_usd": 1.0}, wallet=WALLET,
        n_steps=180,
    )  # fmt: skip
    chunk = played(book, n_paths=4_000)
    worth = chunk.books["wealth"] / 1_000.0
    chance = -math.expm1(-2.0 * DAILY)
    expected = (1.0 - 0.1 * chance) ** 180
    error = np.std(worth) / math.sqrt(worth.size)
    assert abs(np.mean(worth) - expected) < 4.0 * error
    struck = chunk.positions[0].state["lost_s"] < 1e17
    assert np.mean(struck) == pytest.approx(1.0 - (1.0 - chance) ** 180, abs=0.03)


def test_shares_that_are_held_start_as_they_are():
    book = scripted(
        vault(deposit=..., held={"supplied": 700.0}), values={"usdc_usd": 1.0}, n_steps=1
    )
    assert opened(book).books["wealth"][0] == 700.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"deposit": ...}, "either deposit"),
        ({"locked_share": 0.1}, "given together"),
        ({"performance_fee": 1.0}, "less than 1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(changes, words):
    with pytest.raises(ValueError, match=words):
        vault(**changes)


def test_a_harvest_costs_all_depositors_its_gas_before_the_fee():
    """1,000 earn 100, harvesting costs 5: a fee of a tenth on 95, in shares at the old price."""
    position = vault(
        strategy_apr="strategy_yield",
        performance_fee=0.1,
        unlock_s=0.0,
        harvest_gas_usd=5.0,
        vault_usd=1_100.0,
    )
    chunk = played(scripted(position, values=aprs(0.1), wallet=WALLET))
    left = 1_000.0 * 1_095.0 / (1_000.0 + 9.5)
    assert gauges(chunk, "yv")["supplied"] == pytest.approx(left)
    assert entry(chunk, "yv", "gas")[0] == pytest.approx(-5.0)
    assert entry(chunk, "yv", "fee")[0] == pytest.approx(-9.5)
    earned = sum(entry(chunk, "yv", kind)[0] for kind in ("interest", "fee", "gas"))
    assert earned == pytest.approx(left - 1_000.0)


def test_a_large_vault_harvests_for_nothing_and_a_small_one_loses_by_it():
    def ends(vault_usd):
        position = vault(
            strategy_apr=0.08,
            performance_fee=0.1,
            unlock_s=0.0,
            harvest_gas_usd=20.0,
            vault_usd=vault_usd,
        )
        book = scripted(position, values={"usdc_usd": 1.0}, wallet=WALLET, n_steps=365)
        return gauges(played(book), "yv")["supplied"]

    assert ends(1e9) == pytest.approx(1_000.0 * math.exp(0.072), rel=1e-4)
    # 20 dollars a day are 7,300 a year: 7.3 % of 100,000, more than the strategy's 8 % less that
    assert ends(1e5) == pytest.approx(1_000.0 * math.exp(0.9 * (0.08 - 0.073)), rel=1e-3)
    assert ends(5e4) < 1_000.0


def test_gas_of_harvests_needs_to_know_who_bears_it():
    with pytest.raises(ValueError, match="needs vault_usd"):
        vault(harvest_gas_usd=5.0)
