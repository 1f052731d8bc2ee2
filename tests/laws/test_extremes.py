"""
Law 11: however mad the world, every number is one, and what broke says so.

Prices fall or rise by nine orders of magnitude, at once, slowly or for two days; rates stand at
ten thousand percent, gas at a million dollars, turnover at nothing, pools are drained to a cent.
Worlds are drawn by hypothesis, the same in every run; all verbs are given on the way.
"""

from dataclasses import replace

import defi
import defi_v3
import loans
import numpy as np
import pytest
import samples
import vaults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import in_book, with_fault
from tenants import every, played, sample_of, stormy

from headframe.processes.constant import Constant
from headframe.scenarios.stress import Shock
from headframe.tally import path_columns
from headframe.types import NEVER_S
from headframe.units import DAY_S

SLOW_DAYS = 12
"""Over so many days a slow change comes."""
PRICES = ("eth_usd", "usdc_usd", "comp_usd", "btc_usd")
"""Prices of the usual world."""
FEW = settings(
    max_examples=2, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
SOME = settings(FEW, max_examples=8)


def change(observable, factor, how):
    """Shocks that multiply an observable by a factor: at once, slowly, or for two days."""
    if how == "slowly":
        return tuple(
            Shock(
                name=f"{observable}_{k}",
                observable=observable,
                at_s=(3 + k) * DAY_S,
                multiply=factor ** (1.0 / SLOW_DAYS),
            )
            for k in range(SLOW_DAYS)
        )
    lasting = {"lasting_s": 2 * DAY_S} if how == "for two days" else {}
    shock = Shock(
        name=observable, observable=observable, at_s=5 * DAY_S, multiply=factor, **lasting
    )
    return (shock,)


MAD = st.lists(
    st.builds(
        change,
        st.sampled_from(PRICES),
        st.sampled_from([1e-9, 1e9]),
        st.sampled_from(["at once", "slowly", "for two days"]),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda shocks: shocks[0].observable,
)
"""One or two prices that leave the earth."""


def check_numbers(book):
    """Play a book and hold all that it keeps and all that it tells to be numbers."""
    with np.errstate(all="ignore"):
        chunk = played(book)  # the books have been checked there
    kept = path_columns(chunk)
    for seat in (*chunk.positions, *chunk.venues, *chunk.policies):
        member = getattr(seat, "position", None) or getattr(seat, "venue", None) or seat.policy
        kept |= {f"{member.name}/{row}": seat.state[row] for row in seat.state.rows}
    for seat in chunk.positions:
        seat.position.gauge(seat.state, chunk.now, seat.gauges)
        kept |= {f"gauge/{seat.position.name}/{row}": seat.gauges[row] for row in seat.gauges.rows}
    wrong = [name for name, row in kept.items() if not np.isfinite(row).all()]
    assert not wrong, f"not finite: {', '.join(wrong)}"
    return chunk


def struck(book, shocks):
    """The book in the same world with shocks."""
    flat = tuple(shock for group in shocks for shock in group)
    return book.with_(scenario=replace(book.scenario, shocks=flat))


@every("position", "policy")
def test_prices_may_leave_the_earth(noun, kind):
    book = stormy(sample_of(noun, kind))

    @FEW
    @given(MAD)
    def plays(shocks):
        check_numbers(struck(book, shocks))

    plays()


OBSERVED = {
    "usdc_borrow_apr": (0.1, 100.0),
    "chain_gas_usd": (2.0, 1e6),
    "pool_depth_usd": (1e6, 0.01),
    "eth_usdc_turnover": (0.4, 0.0),
    "keepers_that_come": (1.0, 0.0),
}
"""What else leaves the earth: where it stands at first, and where at the end."""
LIQUIDATION = {"gas_usd": "chain_gas_usd", "keepers": "keepers_that_come", "close_factor": 0.5}
LEVERED = {
    "borrow1_apr": "usdc_borrow_apr",
    "gas_usd": "chain_gas_usd",
    "pool_usd": "pool_depth_usd",
    "turnover": "eth_usdc_turnover",
    "liquidation": LIQUIDATION,
}
KINDS = {
    "levered": lambda: defi.levered(**LEVERED),
    "levered_v3": lambda: defi_v3.levered_v3(**LEVERED),
    "aave_v3": lambda: loans.aave_v3(
        gas_usd="chain_gas_usd", borrow=({"asset": "usdc", "borrow_apr": "usdc_borrow_apr"},)
    ),
    "morpho_blue": lambda: loans.morpho_blue(
        gas_usd="chain_gas_usd", borrow_apr="usdc_borrow_apr", pool_usd="pool_depth_usd"
    ),
    "loan": lambda: defi.loan(gas_usd="chain_gas_usd", borrow_apr="usdc_borrow_apr"),
    "vault": lambda: vaults.vault(gas_usd="chain_gas_usd", strategy_apr="usdc_borrow_apr"),
}
"""Every leveraged kind, with its signals as observables."""


def signalled(kind):
    """A leveraged position in a world whose signals can be struck."""
    constants = tuple(Constant(name=name, value=at[0]) for name, at in OBSERVED.items())
    amounts = samples.POSITIONS[kind].amounts
    sample = samples.Sample(
        lambda: samples.book(KINDS[kind](), processes=constants), amounts=amounts
    )
    return stormy(sample)


SIGNALS = st.lists(st.sampled_from(sorted(OBSERVED)), min_size=1, unique=True)
"""Some of the signals."""


@pytest.mark.parametrize("kind", KINDS)
def test_rates_gas_depth_and_turnover_may_stand_at_their_ends(kind):
    book = signalled(kind)

    @SOME
    @given(MAD, SIGNALS, st.integers(2, 12))
    def plays(shocks, names, day):
        ends = tuple(
            Shock(name=name, observable=name, at_s=day * DAY_S, replace=OBSERVED[name][1])
            for name in names
        )
        check_numbers(struck(book, (*shocks, ends)))

    plays()


@pytest.mark.parametrize("kind", ["levered", "levered_v3", "aave_v3", "morpho_blue", "loan"])
@pytest.mark.parametrize("how", ["at once", "slowly"])
def test_what_the_fall_kills_is_flagged(kind, how):
    """Collateral at a billionth: the event is there on every path, and nothing is owed any more."""
    book = samples.POSITIONS[kind].book()
    chunk = check_numbers(
        struck(book, (change("eth_usd", 1e-9, how), change("btc_usd", 1e-9, how)))
    )
    seat = chunk.positions[0]
    assert (seat.state["liquidated_s"] < NEVER_S).all()
    assert (seat.gauges["debt"] <= 1e-6 * 2e4).all()
    assert (chunk.books["wealth"] > 0.0).all()


def test_a_number_that_is_none_is_noticed():
    sound = with_fault()

    def step(state, before, now, out):
        sound.step(state, before, now, out)
        state["quantity"] *= np.where(now.t_s > 5 * DAY_S, np.nan, 1.0)

    with pytest.raises((AssertionError, ArithmeticError)):
        check_numbers(in_book(with_fault(step=step)).book())
