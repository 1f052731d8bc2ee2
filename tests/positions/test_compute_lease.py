"""Sources of expected values: a contract written out by hand, day by day. A year has 365 days."""

import doctest

import pytest
from scripted import entry, played, scripted, seat, told

from headframe.positions import compute_lease as module
from headframe.positions.compute_lease import ComputeLease

DAY_S = 86_400.0
TERMS = {
    "mw": 2.0,
    "usd_per_mw_year": 365_000.0,  # 1,000 USD a megawatt and day
    "take_or_pay_share": 0.6,
    "use_share": 0.5,
    "running_usd_per_mw_year": 73_000.0,  # 200 USD
    "capital_usd_per_mw": 4_000.0,
    "delay_s": "3d",
    "term_s": "8d",
}


def play(days, *, signed=1, mw=2.0, usd=20_000.0, values=None, orders=(), **terms):
    """Sign on a day, and give further orders `(day, verb)`."""
    lease = ComputeLease(name="tenant", **(TERMS | terms))

    def watch(chunk):
        if chunk.now.step == signed:
            told(chunk, "tenant", "convert", mw)
        for day, verb in orders:
            if chunk.now.step == day:
                told(chunk, "tenant", verb)

    world = {"btc_usd": 60_000.0} | (values or {})
    book = scripted(lease, values=world, wallet={"usd": usd}, n_steps=days)
    return played(book, watchers=[watch])


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_what_is_not_signed_earns_and_costs_nothing():
    chunk = play(20, signed=99)
    assert chunk.books["wallet/usd"][0] == 20_000.0


def test_capital_at_once_nothing_while_it_is_built_and_then_take_or_pay():
    """Signed on day 1, built by day 4: on day 6 two days of 2 MW at six tenths of 1,000."""
    chunk = play(6)
    assert entry(chunk, "tenant", "principal")[0] == pytest.approx(0.0)
    assert entry(chunk, "tenant", "compute")[0] == pytest.approx(2 * 2 * 600.0)
    assert entry(chunk, "tenant", "hosting")[0] == pytest.approx(-2 * 2 * 200.0)
    assert entry(chunk, "tenant", "depreciation")[0] == pytest.approx(-8_000.0 * 2 / 8)
    assert chunk.books["wallet/usd"][0] == pytest.approx(20_000.0 - 8_000.0 + 4 * 400.0)
    assert seat(chunk, "tenant").held["usd"][0] == pytest.approx(6_000.0)


def test_a_tenant_that_uses_more_than_he_must_pays_for_it():
    chunk = play(6, use_share=0.9)
    assert entry(chunk, "tenant", "compute")[0] == pytest.approx(2 * 2 * 900.0)


def test_it_ends_with_its_term_and_the_building_is_written_off():
    chunk = play(20)
    assert entry(chunk, "tenant", "compute")[0] == pytest.approx(8 * 2 * 600.0)
    assert entry(chunk, "tenant", "depreciation")[0] == pytest.approx(-8_000.0)
    assert seat(chunk, "tenant").held["usd"][0] == pytest.approx(0.0, abs=1e-9)


def test_the_price_is_that_of_the_signing():
    offers = [365_000.0, 365_000.0, *[9e9] * 19]
    chunk = play(20, usd_per_mw_year="lease_offer_usd", values={"lease_offer_usd": offers})
    assert entry(chunk, "tenant", "compute")[0] == pytest.approx(8 * 2 * 600.0)


def test_no_more_is_built_than_can_be_paid_and_nothing_is_signed_twice():
    chunk = play(6, usd=6_000.0, orders=[(3, "convert")])
    assert seat(chunk, "tenant").state["signed_mw"][0] == pytest.approx(1.5)
    assert seat(chunk, "tenant").state["signed_s"][0] == DAY_S


def test_who_walks_away_loses_the_building():
    chunk = play(9, orders=[(5, "close")])
    assert entry(chunk, "tenant", "compute")[0] == pytest.approx(1 * 2 * 600.0)
    assert entry(chunk, "tenant", "depreciation")[0] == pytest.approx(-8_000.0)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"mw": -1.0}, "mw"),
        ({"take_or_pay_share": 1.1}, "take_or_pay_share"),
        ({"usd_per_mw_year": -1.0}, "0 or more"),
        ({"term_s": "0d"}, "term_s"),
    ],
)
def test_nonsense_is_named(terms, says):
    with pytest.raises(ValueError, match=says):
        ComputeLease(name="tenant", **(TERMS | terms))
