"""
Sources of expected values: Synthetix's litepaper (two minters of 50,000); the formula of SIP-148
solved by hand; the exact contract text on the same prices; differences of equity for exposures.
"""

import doctest
from copy import deepcopy

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.book import Book
from headframe.errors import InputError
from headframe.exact import synthetix_debt as snx
from headframe.exact.fixed import WAD
from headframe.policies.delever import Delever
from headframe.policies.hedge import Hedge
from headframe.positions import synthetic_debt as module
from headframe.positions.future import Future
from headframe.positions.synthetic_debt import SyntheticDebt
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.types import NEVER_S, Block
from headframe.units import DAY_S
from headframe.venues.debt_pool import DebtPool

BTC = 50_000.0
NOBODY = {"susd": 1e-6, "btc": 0.0}
"""Others who as good as own nothing of the pool."""
FREE = {"swap_cost": 0.0, "exchange_fee": 0.0}


def minter(name="minter", **changes):
    usual = {"pool": "snx_pool", "synths": ("btc",), "deposit": {"snx": 250_000.0}}
    return SyntheticDebt(name=name, **(usual | FREE | changes))


def pool(synths=NOBODY, **changes):
    return DebtPool(name="snx_pool", synths=synths, **changes)


def a_book(*positions, synths=NOBODY, wallet=None, policies=(), pool_terms=None, **values):
    world = {"snx_usd": 1.0, "btc_usd": BTC, "susd_usd": 1.0, "eth_usd": 2_000.0} | values
    return scripted(
        *positions,
        values=world,
        wallet={"snx": 1e6 * len(positions)} if wallet is None else wallet,
        venues=(pool(synths, **(pool_terms or {})),),
        policies=policies,
    )


def owed(chunk, name):
    return gauges(chunk, name)["debt"]


def test_the_doctest_has_its_number():
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


def test_the_litepapers_two_minters():
    """One buys a bitcoin for his 50,000, one keeps them; it gains half: both owe 62,500."""
    medhi, yan = minter("medhi", into="btc", as_synth=True), minter("yan")
    chunk = played(a_book(medhi, yan, btc_usd=[BTC, 1.5 * BTC]))
    for name, result in (("medhi", 12_500.0), ("yan", -12_500.0)):
        assert owed(chunk, name) == pytest.approx(62_500.0, rel=1e-9)
        assert gauges(chunk, name)["equity"] - 250_000.0 == pytest.approx(result, rel=1e-8)
        assert entry(chunk, name, "funding")[0] == pytest.approx(-12_500.0, rel=1e-8)


def test_a_buyer_on_the_market_is_no_part_of_the_pool():
    """Whoever sells his sUSD and buys bitcoin elsewhere leaves all debt at its dollars."""
    chunk = played(a_book(minter("out", into="btc"), minter("yan"), btc_usd=[BTC, 1.5 * BTC]))
    assert owed(chunk, "yan") == pytest.approx(50_000.0, rel=1e-9)
    assert gauges(chunk, "out")["equity"] == pytest.approx(275_000.0, rel=1e-9)


PATH = (1.0, 1.04, 0.93, 0.97, 1.2, 1.1, 0.7, 0.75, 1.3)
"""Bitcoin's price over its first."""


def exact_debts(amounts):
    """The contract's text on the same prices: others hold sUSD and bitcoin, one of us mints."""
    terms = dict.fromkeys(
        ("snx_liquidation_penalty", "self_liquidation_penalty", "flag_reward", "liquidate_reward"),
        WAD // 10,
    )
    settings = snx.Settings(
        issuance_ratio=WAD // 5, liquidation_ratio=WAD // 2, liquidation_delay_s=1, **terms
    )
    system = snx.DebtPool(
        settings=settings,
        prices={"SNX": [WAD], "sBTC": [int(BTC) * WAD]},
        synths={"sUSD": snx.Synth(), "sBTC": snx.Synth()},
        snx={"others": 10**9 * WAD, "us": 250_000 * WAD},
    )
    snx.issue_synths(system, "others", int(amounts["susd"] + amounts["btc"] * BTC) * WAD, now_ts=0)
    snx.exchange(system, "others", "sUSD", int(amounts["btc"] * BTC) * WAD, "sBTC")
    snx.issue_synths(system, "us", 50_000 * WAD, now_ts=0)
    found = []
    for ratio in PATH:
        system.prices["sBTC"].append(int(ratio * BTC * 10**6) * WAD // 10**6)
        snx.take_debt_snapshot(system, now_ts=0)
        found.append(snx.debt_balance_of(system, "us") / WAD)
    return found


def test_the_debt_follows_the_contracts_text():
    """Parity over prices that move; bound: 1e-12 of the debt, some tens of float roundings."""
    amounts = {"susd": 200_000.0, "btc": 4.0}
    found = []
    book = a_book(minter(), synths=amounts, btc_usd=[BTC * ratio for ratio in PATH])
    played(book, watchers=(lambda chunk: found.append(owed(chunk, "minter")),))
    assert found == pytest.approx(exact_debts(amounts)[-len(found) :], rel=1e-12)
    assert len(found) >= len(PATH) - 1


def test_others_who_mint_and_trade_move_nobodys_debt():
    values = {
        "susd_minted_there": [2e5, 3e5, 1e5, 1e5 + 2 * BTC],
        "btc_held_there": [4.0, 4.0, 4.0, 2.0],
    }
    synths = {"susd": "susd_minted_there", "btc": "btc_held_there"}
    chunk = played(a_book(minter(), synths=synths, **values))
    assert owed(chunk, "minter") == pytest.approx(50_000.0, rel=1e-12)


@pytest.mark.parametrize("peg", [1.0, 0.9])
def test_the_exposure_is_what_the_equity_does(peg):
    """To the first order and beyond: the debt is linear in the price of the others' synth."""
    prices = {"btc_usd": [BTC, BTC, BTC * 1.3], "susd_usd": peg}
    book = a_book(minter(), synths={"susd": 2e5, "btc": 4.0}, **prices)
    seen = []

    def look(chunk):
        s = seat(chunk, "minter")
        out = Block.zeros(s.position.assets, 1)
        s.position.exposure(s.state, chunk.now, out)
        seen.append((float(out["btc"][0]), gauges(chunk, "minter")["equity"]))

    played(book, watchers=(look,))
    short = seen[-2][0]
    part = 4.0 / (2e5 + 4 * BTC + 50_000.0)
    assert short == pytest.approx(-50_000.0 * part * peg, rel=1e-9)
    assert seen[-1][1] - seen[-2][1] == pytest.approx(short * 0.3 * BTC, rel=1e-9)


def hedged(policies):
    future = Future(
        name="long", asset="btc", margin_asset="usd", deposit={"usd": 20_000.0}, size=0.0, fee=0.0
    )
    return Book(
        name="hedged",
        scenario=Model(
            processes=(
                GBM(name="btc_usd", start=BTC, volatility=0.8),
                Constant(name="snx_usd", value=1.0),
                Constant(name="susd_usd", value=1.0),
            )
        ),
        wallet={"snx": 1e6, "usd": 20_000.0},
        positions=(minter(), future),
        policies=policies,
        venues=(pool({"susd": 2e5, "btc": 4.0}),),
        horizon_s=30 * DAY_S,
    )


def test_a_hedge_sees_the_pool():
    """Long what others hold: from the first order on, wealth moves on no path."""
    neutral = Hedge(name="neutral", position="long", asset="btc", band=0.0)
    seen = []
    book = hedged((neutral,))
    played(book, n_paths=200, watchers=(lambda c: seen.append(c.books["wealth"].copy()),))
    assert seen[-1] == pytest.approx(seen[1], rel=1e-12)
    bare = played(hedged(()), n_paths=200).books["wealth"]
    assert np.std(bare) > 4_000.0


def crash(**changes):
    """A million of SNX at c-ratio 5, which falls to 0.4: 2.0, where it is flagged."""
    terms = {"deposit": {"snx": 1e6}, "liquidation_c_ratio": 2.0, "delay_s": "1d"} | changes
    return minter(**terms)


def test_liquidation_restores_the_ratio_of_issuance_and_the_others_owe_the_rest():
    """D 200,000; V 399,988 after 30 SNX; S = (D - V/5) / (1 - 1.3/5) = 162,165.41."""
    others = {"susd": 2e5, "btc": 0.0}
    chunk = played(a_book(crash(), synths=others, snx_usd=[1.0, 0.4, 0.4]))
    worth = 0.4 * (1e6 - 30.0)
    removed = (200_000.0 - worth / 5) / (1 - 1.3 / 5)
    state = seat(chunk, "minter").state
    assert state["liquidated_s"][0] == 2 * DAY_S
    assert owed(chunk, "minter") == pytest.approx(200_000.0 - removed, rel=1e-9)
    assert state["collateral"][0] == pytest.approx(1e6 - 30.0 - removed * 1.3 / 0.4, rel=1e-9)
    assert gauges(chunk, "minter")["c_ratio"] == pytest.approx(5.0, rel=1e-9)
    penalty = entry(chunk, "minter", "penalty")[0]
    assert penalty == pytest.approx(-0.3 * removed - 30.0 * 0.4, rel=1e-9)
    after = played(a_book(crash(), synths=others, snx_usd=[1.0, 0.4, 0.4, 0.4]))
    left = 200_000.0 - removed
    whole = 4e5 * left / (left + 2e5)  # all the debt, by what is left of the shares
    assert owed(after, "minter") == pytest.approx(whole, rel=1e-9)


def test_a_flag_stays_until_the_ratio_of_issuance_is_met():
    """Back above the least ratio but not at that of issuance: it is liquidated all the same."""
    above = [1.0, 0.39, 0.6, 0.6]
    assert (
        seat(played(a_book(crash(delay_s="2d"), snx_usd=above)), "minter").state["liquidated_s"][0]
        == 3 * DAY_S
    )
    mended = [1.0, 0.39, 1.0, 0.6]
    chunk = played(a_book(crash(delay_s="2d"), snx_usd=mended))
    assert seat(chunk, "minter").state["liquidated_s"][0] == NEVER_S


def test_where_all_is_not_enough_the_others_lose():
    """At 0.15 a million is worth 150,000 less 4.5 for the keeper, against 200,000."""
    chunk = played(a_book(crash(), snx_usd=[1.0, 0.15, 0.15]))
    assert owed(chunk, "minter") == 0.0
    assert seat(chunk, "minter").state["collateral"][0] == 0.0
    assert entry(chunk, "minter", "forgiven")[0] == pytest.approx(50_004.5, rel=1e-9)
    assert gauges(chunk, "minter")["equity"] == pytest.approx(200_000.0, rel=1e-9)


def test_fees_and_rewards_come_by_share_while_the_ratio_is_that_of_issuance():
    terms = {"volume_usd": 1e6, "fee": 0.003, "rewards_per_year": 36_500.0, "fees": "claimed"}
    book = a_book(minter(), synths={"susd": 2e5, "btc": 0.0}, pool_terms=terms,
                  snx_usd=[1.0, 1.0, 1.0])  # fmt: skip
    chunk = played(book)
    # the first day's rates are those of a pool without us; then we are a fifth of it
    assert entry(chunk, "minter", "fee")[0] == pytest.approx(2 * 600.0, rel=0.02)
    assert entry(chunk, "minter", "reward")[0] == pytest.approx(2 * 20.0, rel=0.02)
    poor = a_book(minter(), synths={"susd": 2e5, "btc": 0.0}, pool_terms=terms,
                  snx_usd=[1.0, 0.9, 0.9])  # fmt: skip
    poor_chunk = played(poor)
    assert entry(poor_chunk, "minter", "fee")[0] < 0.6 * entry(chunk, "minter", "fee")[0]


@pytest.mark.parametrize("price", [1.0, 0.9])
def test_burned_fees_lower_everybodys_debt(price):
    """3,000 a day of which we owe a fifth, whatever our c-ratio: 600, booked as fees."""
    terms = {"volume_usd": 1e6, "fee": 0.003}
    book = a_book(minter(), synths={"susd": 2e5, "btc": 0.0}, pool_terms=terms,
                  snx_usd=[1.0, price, price])  # fmt: skip
    chunk = played(book)
    first = 50_000.0 * (1.0 - 3_000.0 / 250_000.0)
    # the others mint what was burned of theirs: the pool is 200,000 of theirs and ours again
    second = first * (1.0 - 3_000.0 / 250_000.0)
    assert owed(chunk, "minter") == pytest.approx(second, rel=1e-9)
    assert entry(chunk, "minter", "fee")[0] == pytest.approx(50_000.0 - second, rel=1e-9)
    assert entry(chunk, "minter", "funding")[0] == pytest.approx(0.0, abs=1e-6)


def test_rewards_are_locked_and_come_as_tokens():
    terms = {"rewards_per_year": 365_000.0}
    book = a_book(minter(reward_lock_s="2d"), pool_terms=terms, snx_usd=[1.0] * 6)

    def leave(chunk):
        if chunk.now.step == 1:
            told(chunk, "minter", "close")

    chunk = played(book, watchers=(leave,))
    piled = entry(chunk, "minter", "reward")[0]
    assert piled == pytest.approx(1_000.0, rel=1e-6)
    assert chunk.books["wallet/snx"][0] == pytest.approx(750_000.0 + piled, rel=1e-9)
    assert chunk.books["wealth"][0] == pytest.approx(1e6 + piled, rel=1e-9)


@pytest.mark.parametrize(
    "terms",
    [{}, {"into": "btc", "as_synth": True}, {"into": "btc"}],
    ids=["kept", "traded", "sold"],
)
def test_burning_reaches_the_target_after_its_costs(terms):
    costs = {"exchange_fee": 0.003, "swap_cost": 0.004, "gas_usd": 5.0}
    book = a_book(minter(**(terms | costs)), synths={"susd": 2e5, "btc": 4.0}, snx_usd=[1.0, 0.8])
    chunk = played(book)
    wealth = float(chunk.books["wealth"][0])
    told(chunk, "minter", "delever", 3.0)
    assert gauges(chunk, "minter")["health"] == pytest.approx(3.0, rel=1e-9)
    assert float(chunk.books["wealth"][0]) <= wealth - 5.0 + 1e-6


@pytest.mark.parametrize(("verb", "amount"), [("delever", 8.0), ("mint", 3.4), ("close", 1.0)])
@pytest.mark.parametrize(
    "terms",
    [{}, {"into": "btc", "as_synth": True}, {"into": "btc"}],
    ids=["kept", "traded", "sold"],
)
def test_what_one_does_moves_nobody_elses_debt(verb, amount, terms):
    """Burning, minting and trading are at today's price: the pool passes nothing on."""
    one = minter("one", c_ratio=6.0, exchange_fee=0.003, **terms)
    book = a_book(one, minter("other"), synths={"susd": 2e5, "btc": 4.0}, snx_usd=[1.0] * 4)

    def act(chunk):
        if chunk.now.step == 1:
            told(chunk, "one", verb, amount)

    chunk = played(book, watchers=(act,))
    assert owed(chunk, "other") == pytest.approx(50_000.0, rel=1e-12)
    assert entry(chunk, "other", "funding")[0] == pytest.approx(0.0, abs=1e-6)


def test_minting_stops_at_the_ratio_of_issuance():
    chunk = played(a_book(minter(c_ratio=8.0), synths={"susd": 2e5, "btc": 0.0}))
    told(chunk, "minter", "mint", 0.1)
    assert gauges(chunk, "minter")["c_ratio"] == pytest.approx(5.0, rel=1e-9)
    before = deepcopy(gauges(chunk, "minter"))
    told(chunk, "minter", "mint", 6.0)
    assert gauges(chunk, "minter") == before


def test_closing_at_a_depeg_is_cheap():
    """The debt is told in sUSD: at 0.9 who sold his at 1 buys it back a tenth cheaper."""
    book = a_book(minter(into="usd"), wallet={"snx": 250_000.0}, susd_usd=[1.0, 0.9])
    chunk = played(book)
    told(chunk, "minter", "close")
    assert chunk.books["wealth"][0] == pytest.approx(255_000.0, rel=1e-9)


def test_a_policy_that_burns_in_time_is_not_flagged():
    fall = [1.0, 0.8, 0.6, 0.45, 0.4, 0.36]
    careful = Delever(name="careful", position="minter", trigger=1.2, target=2.0)
    for policies, lost in (((), True), ((careful,), False)):
        chunk = played(a_book(crash(), snx_usd=fall, policies=policies))
        assert bool(seat(chunk, "minter").state["liquidated_s"][0] < NEVER_S) is lost


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"c_ratio": 4.0}, "c_ratio 4 is below issuance_c_ratio 5"),
        ({"liquidation_c_ratio": 6.0}, "liquidation_c_ratio 6 is above issuance_c_ratio 5"),
        ({"penalty": 4.0}, "penalty 4 must be below issuance_c_ratio - 1 = 4"),
        ({"synths": ("susd",)}, "leave it out"),
        ({"as_synth": True, "into": "eth"}, "into eth must be one of synths"),
        ({"collateral": "btc"}, "collateral btc cannot be"),
        ({"deposit": None}, "give either deposit"),
    ],
)
def test_bad_terms_are_named(changes, said):
    with pytest.raises(ValueError, match=said):
        minter(**changes)


def test_a_synth_that_is_not_named_is_told():
    whole = {"susd": 1e5, "btc": 1.0, "eth": 10.0}
    with pytest.raises(InputError, match=r"snx_pool.synths: 'eth' .* name eth under synths of"):
        opened(a_book(minter(), synths=whole))
    known = a_book(minter(), synths=whole, wallet={"snx": 1e6, "eth": 1.0})
    with pytest.raises(InputError, match=r"minter.synths: .* name all synths of snx_pool"):
        opened(known)


@pytest.mark.parametrize("price", [1e-9, 1e9])
@pytest.mark.parametrize("which", ["snx_usd", "btc_usd", "susd_usd"])
def test_extreme_prices_stay_finite(which, price):
    values = {"snx_usd": 1.0, "btc_usd": BTC, "susd_usd": 1.0}
    values[which] = [values[which], values[which] * price, values[which]]
    for terms in ({}, {"into": "btc", "as_synth": True}, {"into": "btc"}):
        chunk = played(a_book(minter(**terms), synths={"susd": 1e5, "btc": 1.0}, **values))
        told(chunk, "minter", "delever", 2.0)
        for block in (chunk.books, chunk.held, seat(chunk, "minter").state):
            assert np.isfinite(block.data).all()


def test_what_is_held_already_goes_on():
    held = {"collateral": 250_000.0, "debt": 50_000.0, "usd_synth": 20_000.0, "into": 0.5}
    book = a_book(minter(deposit=None, held=held, into="btc"), synths={"susd": 2e5, "btc": 0.0})
    assert gauges(opened(book), "minter")["c_ratio"] == pytest.approx(5.0)
    chunk = played(book)
    assert gauges(chunk, "minter")["equity"] == pytest.approx(250_000.0 - 30_000.0 + 25_000.0)
    assert gauges(chunk, "minter")["c_ratio"] == pytest.approx(5.0)
