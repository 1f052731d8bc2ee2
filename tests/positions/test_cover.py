"""Cover of contracts and of impermanent loss, against sums done by hand and fair premiums."""

import doctest
import math

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, played, scripted, seat

from headframe.analytics.cover import fair_breach_premium, fair_il_premium
from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.positions import cover, il_cover
from headframe.positions.cover import Cover
from headframe.positions.il_cover import ImpermanentLossCover
from headframe.processes.constant import Constant
from headframe.processes.contract_risk import ContractRisk
from headframe.processes.gbm import GBM
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.units import DAY_S, YEAR_S

WALLET = {"usd": 1_000.0}
KEPT = [1.0] * 10 + [0.25] * 31


@pytest.mark.parametrize("module", [cover, il_cover])
def test_the_examples_run(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def bought(kept=KEPT, n_steps=40, **changes):
    usual = {"name": "cover", "asset": "usd", "amount": 10_000.0, "insures": "bank_is_kept"}
    position = Cover(**(usual | {"price": 0.0365, "period_s": "20d"} | changes))
    book = scripted(position, values={"bank_is_kept": kept}, wallet=WALLET, n_steps=n_steps)
    return played(book)


def test_premium_and_payout_by_hand():
    """0.0365 a year is 1 a day and 10,000: 20 for the period; a quarter is kept, 7,500 is paid."""
    chunk = bought()
    assert entry(chunk, "cover", "premium")[0] == pytest.approx(-20.0)
    assert entry(chunk, "cover", "payout")[0] == pytest.approx(7_500.0)
    assert seat(chunk, "cover").state["paid_s"][0] == 10 * DAY_S


def test_a_deductible_and_an_assessment():
    chunk = bought(deductible=0.05, assessed_s="15d")
    assert entry(chunk, "cover", "payout")[0] == pytest.approx(7_000.0)
    assert seat(chunk, "cover").state["paid_s"][0] == 25 * DAY_S


def test_what_breaks_after_the_end_is_not_covered_unless_it_renews():
    late = [1.0] * 30 + [0.25] * 11
    assert entry(bought(late, renews=False), "cover", "payout")[0] == 0.0
    renewed = bought(late)
    assert entry(renewed, "cover", "payout")[0] == pytest.approx(7_500.0)
    assert entry(renewed, "cover", "premium")[0] == pytest.approx(-40.0)


def test_it_pays_once():
    chunk = bought([1.0] * 5 + [0.5] * 5 + [1.0] * 5 + [0.0] * 26)
    assert entry(chunk, "cover", "payout")[0] == pytest.approx(5_000.0)


def test_a_wallet_that_is_short_insures_less():
    chunk = bought(price=36.5)
    assert entry(chunk, "cover", "premium")[0] == pytest.approx(-1_000.0)
    assert entry(chunk, "cover", "payout")[0] == pytest.approx(7_500.0 * 1_000.0 / 20_000.0)


def test_a_claim_may_be_refused():
    book = scripted(
        Cover(name="cover", asset="usd", amount=1_000.0, insures="bank_is_kept", accepted=0.7),
        values={"bank_is_kept": KEPT},
        wallet=WALLET,
        n_steps=20,
    )
    paid = entry(played(book, n_paths=20_000), "cover", "payout") > 0.0
    assert abs(paid.mean() - 0.7) < 4 * math.sqrt(0.21 / 20_000)


def test_the_mutual_asks_what_its_contract_asks():
    """F13 of the reference: 880 of 1,000 used, 100 more at 2 %: 2.0 and a surge of 6.4."""
    mutual = {"capacity": 1_000.0, "used": 880.0, "base_price": 0.02}
    chunk = bought(price=0.0, amount=100.0, mutual=mutual, period_s="365d")
    assert entry(chunk, "cover", "premium")[0] == pytest.approx(-8.4)


def simulated(position, *processes, n_paths=40_000, days=90):
    book = Book(
        name="cover",
        scenario=Model(processes=processes),
        wallet={"usd": 1e9},
        positions=(position,),
        horizon_s=days * DAY_S,
    )
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=3))
    play(chunk, book.n_steps)
    payouts = entry(chunk, "cover", "payout")
    return payouts.mean(), payouts.std() / math.sqrt(n_paths)


def test_the_fair_premium_of_a_breach_is_its_mean_payout():
    risk = ContractRisk(name="contracts", protocols={"gmx": {"per_year": 0.8, "recovery": 0.25}})
    position = Cover(name="cover", asset="usd", amount=1_000.0, insures="contracts_gmx_kept")
    mean, se = simulated(position, risk)
    fair = fair_breach_premium(1_000.0, 0.8, 90 * DAY_S / YEAR_S, kept=0.25)
    assert abs(mean - fair) < 4 * se


def test_the_fair_premium_of_impermanent_loss_is_its_mean_payout():
    position = ImpermanentLossCover(
        name="cover", token0="eth", token1="usd", asset="usd", amount=1_000.0, period_s="90d"
    )
    mean, se = simulated(position, GBM(name="eth_usd", start=2_000.0, volatility=0.8))
    assert abs(mean - fair_il_premium(1_000.0, 0.8, 90 * DAY_S / YEAR_S)) < 4 * se


def covered(prices, **changes):
    usual = {"name": "cover", "token0": "eth", "token1": "usd", "asset": "usd", "amount": 1_000.0}
    position = ImpermanentLossCover(**(usual | {"period_s": "20d", "renews": False} | changes))
    book = scripted(position, values={"eth_usd": prices}, wallet=WALLET, n_steps=30)
    return entry(played(book), "cover", "payout")[0]


def test_impermanent_loss_by_hand():
    """At four times the price: (1 + 4) / 2 - 2 = 0.5 of what was put in."""
    prices = [100.0] * 5 + [400.0] * 26
    assert covered(prices) == pytest.approx(500.0)
    assert covered(prices, deductible=0.1) == pytest.approx(400.0)
    assert covered(prices, full_s="40d") == pytest.approx(250.0)
    assert covered(prices, cliff_s="30d") == 0.0
    assert covered([100.0] * 31) == 0.0


def test_extreme_prices_stay_finite():
    assert np.isfinite(covered([1e-9] + [1e9] * 30))
    assert np.isfinite(covered([1e9] + [0.0] * 30))


@pytest.mark.parametrize(
    ("cls", "changes", "word"),
    [
        (Cover, {"mutual": {"capacity": 1e3, "base_price": 0.02}}, "what is free, 1000"),
        (Cover, {"price": 0.1, "mutual": {"capacity": 1e9, "base_price": 0.02}}, "either price"),
        (Cover, {"accepted": 1.5}, "less than or equal to 1"),
        (ImpermanentLossCover, {"token1": "eth"}, "must differ"),
        (ImpermanentLossCover, {"cliff_s": "9d", "full_s": "5d"}, "at least cliff_s"),
    ],
)
def test_nonsense_is_named(cls, changes, word):
    own = {"insures": 1.0} if cls is Cover else {"token0": "eth", "token1": "usd"}
    usual = {"name": "cover", "asset": "usd", "amount": 10_000.0} | own
    with pytest.raises((ValidationError, ValueError), match=word):
        cls(**(usual | changes))


def test_a_constant_kept_never_breaks():
    position = Cover(name="cover", asset="usd", amount=1_000.0, insures=1.0)
    mean, _ = simulated(position, Constant(name="eur_usd", value=1.0), n_paths=10)
    assert mean == 0.0
