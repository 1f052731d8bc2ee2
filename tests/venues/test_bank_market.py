"""
Sources of expected values: Homora's slope as coded at 94 and 95 % (16.6 and 40 % a year), Alpaca's
at 89 and 95 % (20 and 85 %, its own test); utilisation with our own part written out.
"""

import doctest

import pytest
from scripted import entry, opened, played, scripted

from headframe.positions.lending import Lending
from headframe.positions.levered import Levered
from headframe.units import DAY_S, YEAR_S
from headframe.venues import bank_market as module
from headframe.venues.bank_market import BankMarket

VALUES = {"eth_usd": 2_000.0, "usdc_usd": 1.0}


def farm(debt):
    held = {"amount0": 100.0, "amount1": 200_000.0, "debt1": debt}
    return Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        held=held,
        borrow1_apr="bank_borrow_apr",
        venue="bank",
    )


def bank(**changes):
    usual = {
        "name": "bank",
        "asset": "usdc",
        "supplied": 100_000.0,
        "utilisation": 0.94,
        "curve": "alpha_homora_v1",
    }
    return BankMarket(**(usual | changes))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("curve", "debt", "apr"),
    [
        ("alpha_homora_v1", 0.0, 0.166),
        ("alpha_homora_v1", 1_000.0, 0.4),
        ("alpha_homora_v1_documented", 1_000.0, 0.25),
        ("alpaca_1", 1_000.0, 0.85),
        ("alpaca_11", 6_000.0, 0.4),
    ],
)
def test_our_debt_is_in_the_utilisation_that_the_curve_sees(curve, debt, apr):
    book = scripted(farm(debt), values=VALUES, venues=(bank(curve=curve),))
    assert opened(book).now["bank_borrow_apr"][0] == pytest.approx(apr, abs=1e-12)


def test_interest_jumps_where_our_debt_takes_homoras_bank_to_95_per_cent():
    chunk = played(scripted(farm(1_000.0), values=VALUES, venues=(bank(),), n_steps=1))
    expected = 1_000.0 * 0.4 * DAY_S / YEAR_S
    assert entry(chunk, "farm", "interest")[0] == pytest.approx(-expected, rel=1e-12)


def test_lenders_have_the_rest_of_the_interest():
    supply = Lending(name="s", asset="usdc", held={"supplied": 0.0}, venue="bank")
    book = scripted(supply, values=VALUES, venues=(bank(utilisation=0.89, curve="alpaca_1"),))
    assert opened(book).now["bank_supply_apr"][0] == pytest.approx(0.2 * 0.89 * 0.81, abs=1e-12)


def test_a_curve_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="alpaca_1"):
        bank(curve="alpaca_16")


@pytest.mark.parametrize(
    ("key", "value"), [("utilisation", -0.1), ("utilisation", 1.01), ("supplied", -1.0)]
)
def test_a_bank_that_cannot_be_is_refused(key, value):
    with pytest.raises(ValueError, match=key):
        bank(**{key: value})
