"""Supply: compound interest written out, and the wait when all is lent."""

import doctest

import pytest
from scripted import entry, gauges, played, scripted, seat, told

from headframe.positions import lending as module
from headframe.positions.lending import Lending
from headframe.units import DAY_S, YEAR_S

WALLET = {"usdc": 1_000.0}


def supply(**changes):
    usual = {"name": "aave", "asset": "usdc", "deposit": {"usdc": 1_000.0}}
    return Lending(**{k: v for k, v in (usual | changes).items() if v is not ...})


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_interest_is_the_products_of_its_steps():
    rates = [9.0, 0.1, 0.2, 0.4]
    book = scripted(
        supply(supply_apr="usdc_supply_apr"),
        values={"usdc_usd": 1.0, "usdc_supply_apr": rates},
        wallet=WALLET,
    )
    chunk, expected = played(book), 1_000.0
    for rate in rates[1:]:
        expected *= 1.0 + rate * DAY_S / YEAR_S
    assert gauges(chunk, "aave")["supplied_usdc"] == pytest.approx(expected, rel=1e-14)
    assert entry(chunk, "aave", "interest")[0] == pytest.approx(expected - 1_000.0, rel=1e-9)


def test_an_own_clock_accrues_over_its_own_step():
    book = scripted(
        supply(supply_apr=0.365, every_s="2d"), values={"usdc_usd": 1.0}, wallet=WALLET, n_steps=5
    )
    assert gauges(played(book), "aave")["supplied"] == pytest.approx(1_000 * 1.002**2, rel=1e-14)


def test_whoever_wants_out_of_a_market_that_is_lent_out_waits():
    book = scripted(
        supply(supply_apr=0.365, utilisation="usdc_pool_utilisation"),
        values={"usdc_usd": 1.0, "usdc_pool_utilisation": [0.9, 1.0, 1.0, 0.99, 0.5]},
        wallet=WALLET,
        cash="usdc",
    )
    seen = []

    def watch(chunk):
        if chunk.now.step == 1:
            told(chunk, "aave", "close")
        seen.append((float(chunk.books["wallet/usdc"][0]), gauges(chunk, "aave")["supplied"]))

    played(book, watchers=(watch,))
    assert [wallet for wallet, _ in seen[:3]] == [0.0, 0.0, 0.0]
    assert seen[2][1] == pytest.approx(1_000.0 * 1.001**2)
    assert seen[3] == (pytest.approx(1_000.0 * 1.001**3), 0.0)
    assert seen[4] == seen[3]


def test_an_order_to_close_nothing_does_not_wait_for_the_next_deposit():
    book = scripted(
        supply(utilisation="usdc_pool_utilisation"),
        values={"usdc_usd": 1.0, "usdc_pool_utilisation": 0.5},
        wallet=WALLET,
        cash="usdc",
    )
    chunk = played(book)
    for verb in ("close", "close", "open"):
        told(chunk, "aave", verb)
    assert seat(chunk, "aave").state["leaving"][0] == 0.0
    assert gauges(chunk, "aave")["supplied"] == pytest.approx(1_000.0)


def test_a_supply_that_is_held_starts_as_it_is():
    book = scripted(
        supply(deposit=..., held={"supplied": 700.0}), values={"usdc_usd": 1.0}, n_steps=1
    )
    assert played(book).books["wealth"][0] == 700.0
