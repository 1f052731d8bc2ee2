"""Morpho Blue's actions without an EVM: a market worked by hand, refusals, what must hold."""

import copy

import pytest

from headframe.errors import Revert
from headframe.exact import morpho_blue as mb
from headframe.exact.fixed import WAD, error_data, panic_data

USD, ETH = 10**6, 10**18
"""Units of the loan token and of the collateral."""
LLTV = 8 * 10**17
"""80 %: the incentive is 1 / 0.94 = 1.063829787234042553."""


def dollars(usd_per_eth: int) -> int:
    """The oracle's price: units of loan token per unit of collateral, times 1e36."""
    return usd_per_eth * 10**24


def constant_irm(market: mb.Market, kept: int, now_ts: int) -> tuple[int, int]:
    """A rate of 1e-7 a second: a tenth in a million seconds."""
    return 10**11, kept


def opened(*, supplied: int = 2_000 * USD, borrowed: int = 0, irm=None, fee_wad: int = 0):
    """A market with a supplier, and a borrower with one ether pledged."""
    morpho = mb.Morpho(owner="owner")
    params = mb.MarketParams("usdc", "eth", "oracle", irm, LLTV)
    mb.enable_irm(morpho, irm, sender="owner")
    mb.enable_lltv(morpho, LLTV, sender="owner")
    mb.create_market(morpho, params, now_ts=0)
    if fee_wad:
        mb.set_fee_recipient(morpho, "treasury", sender="owner")
        mb.set_fee(morpho, params, fee_wad, sender="owner", now_ts=0)
    mb.supply(morpho, params, on_behalf="lender", assets=supplied, now_ts=0)
    mb.supply_collateral(morpho, params, on_behalf="alice", assets=ETH)
    if borrowed:
        borrow(morpho, params, borrowed)
    return morpho, params


def borrow(morpho, params, assets, *, sender="alice", price=None):
    return mb.borrow(
        morpho, params, sender=sender, on_behalf="alice", receiver=sender, assets=assets,
        price_e36=dollars(2_000) if price is None else price, now_ts=0,
    )  # fmt: skip


def liquidate(morpho, params, price_usd, **amount):
    return mb.liquidate(
        morpho, params, borrower="alice", price_e36=dollars(price_usd), now_ts=0, **amount
    )


def withdraw(morpho, params, *, now_ts=0, sender="lender", **amount):
    return mb.withdraw(
        morpho, params, sender=sender, on_behalf="lender", receiver="lender", now_ts=now_ts,
        **amount,
    )  # fmt: skip


def test_the_first_supplier_gets_a_million_shares_a_unit():
    morpho, params = opened()
    assert morpho.positions[params, "lender"].supply_shares == 2_000 * USD * 10**6
    assert morpho.balances == {"usdc": 2_000 * USD, "eth": ETH}
    assert withdraw(morpho, params, shares=2_000 * USD * 10**6) == (2_000 * USD, 2 * 10**15)
    assert morpho.balances["usdc"] == 0


def test_an_ether_at_2000_carries_1600_and_not_a_unit_more():
    morpho, params = opened()
    assert borrow(morpho, params, 1_600 * USD) == (1_600 * USD, 1_600 * USD * 10**6)
    with pytest.raises(Revert) as refused:
        borrow(morpho, params, 1)
    assert refused.value.data == error_data("insufficient collateral")


def test_interest_is_three_terms_of_the_exponential_and_the_fee_is_paid_in_shares():
    # 800 at a tenth: 0.1 + 0.01 / 2 + 0.001 / 6 = 0.105166..., interest 84.133333 (down).
    # A tenth of it is the fee, 8.413333: its shares are priced before the fee is in the pot.
    morpho, params = opened(
        supplied=1_000 * USD, borrowed=800 * USD, irm=constant_irm, fee_wad=WAD // 10
    )
    mb.accrue_interest(morpho, params, now_ts=10**6)
    market = morpho.markets[params]
    assert market.total_borrow_assets == 884_133_333
    assert market.total_supply_assets == 1_084_133_333
    fee_shares = 8_413_333 * (10**15 + 10**6) // (1_084_133_333 - 8_413_333 + 1)
    assert morpho.positions[params, "treasury"].supply_shares == fee_shares
    assert market.total_supply_shares == 10**15 + fee_shares
    # The lender's part is nine tenths of the interest, rounded against him.
    paid, _ = mb.repay(morpho, params, on_behalf="alice", shares=800 * USD * 10**6, now_ts=10**6)
    assert paid == 884_133_333
    assets, _ = withdraw(morpho, params, shares=10**15, now_ts=10**6)
    assert assets == 1_075_719_999


def test_repaying_in_assets_and_in_shares():
    morpho, params = opened(borrowed=1_000 * USD)
    half = {"on_behalf": "alice", "now_ts": 0}
    assert mb.repay(morpho, params, assets=500 * USD, **half) == (500 * USD, 500 * USD * 10**6)
    assert mb.repay(morpho, params, shares=500 * 10**12, **half) == (500 * USD, 500 * 10**12)
    market = morpho.markets[params]
    assert (market.total_borrow_assets, market.total_borrow_shares) == (0, 0)
    with pytest.raises(Revert) as refused:
        mb.repay(morpho, params, shares=1, **half)
    assert refused.value.data == panic_data(0x11)


def test_a_debt_is_liquidated_whole():
    # At 1900 the limit is 1520. All of 1600 repaid buys 1600 * 1.0638... = 1702.127659 of
    # collateral (down), 0.895856662631578947 ether; the rest stays the borrower's.
    morpho, params = opened(borrowed=1_600 * USD)
    with pytest.raises(Revert) as refused:
        liquidate(morpho, params, 2_000, repaid_shares=1)
    assert refused.value.data == error_data("position is healthy")
    seized, repaid = liquidate(morpho, params, 1_900, repaid_shares=1_600 * 10**12)
    assert (seized, repaid) == (895_856_662_631_578_947, 1_600 * USD)
    position = morpho.positions[params, "alice"]
    assert (position.borrow_shares, position.collateral) == (0, ETH - seized)
    assert morpho.markets[params].total_supply_assets == 2_000 * USD


def test_bad_debt_is_the_suppliers_loss_at_once():
    # At 1000 the whole ether pays for 1000 / 1.0638... = 940.000001 (up); of 1600 are left
    # 659.999999, which leave both pots, and the lender's 2000 are 1340.000001.
    morpho, params = opened(borrowed=1_600 * USD)
    assert liquidate(morpho, params, 1_000, seized_assets=ETH) == (ETH, 940_000_001)
    market = morpho.markets[params]
    assert (market.total_borrow_assets, market.total_borrow_shares) == (0, 0)
    assert market.total_supply_assets == 1_340_000_001
    assert morpho.positions[params, "alice"] == mb.Position()
    assert withdraw(morpho, params, shares=2 * 10**15)[0] == 1_340_000_001


def test_a_unit_of_collateral_left_keeps_the_bad_debt_on_the_books():
    morpho, params = opened(borrowed=1_600 * USD)
    liquidate(morpho, params, 1_000, seized_assets=ETH - 1)
    assert morpho.markets[params].total_supply_assets == 2_000 * USD
    assert morpho.markets[params].total_borrow_assets == 1_600 * USD - 940_000_001


def test_what_is_lent_out_cannot_be_withdrawn():
    morpho, params = opened(borrowed=1_600 * USD)
    withdraw(morpho, params, assets=400 * USD)
    with pytest.raises(Revert) as refused:
        withdraw(morpho, params, assets=1)
    assert refused.value.data == error_data("insufficient liquidity")


def test_who_is_allowed_may_act_for_another():
    morpho, params = opened()
    with pytest.raises(Revert) as refused:
        borrow(morpho, params, USD, sender="bob")
    assert refused.value.data == error_data("unauthorized")
    mb.set_authorization(morpho, "bob", True, sender="alice")
    assert borrow(morpho, params, USD, sender="bob")[0] == USD


def test_collateral_comes_back_as_far_as_the_debt_allows():
    # 800 at 2000 and 80 % need half an ether.
    morpho, params = opened(borrowed=800 * USD)
    terms = {"sender": "alice", "on_behalf": "alice", "receiver": "alice", "now_ts": 0}
    mb.withdraw_collateral(morpho, params, assets=ETH // 2, price_e36=dollars(2_000), **terms)
    with pytest.raises(Revert) as refused:
        mb.withdraw_collateral(morpho, params, assets=1, price_e36=dollars(2_000), **terms)
    assert refused.value.data == error_data("insufficient collateral")


@pytest.mark.parametrize(
    "act",
    [
        lambda m, p: mb.supply(m, p, on_behalf="x", assets=1, shares=1, now_ts=9),
        lambda m, p: mb.supply(m, p, on_behalf=None, assets=1, now_ts=9),
        lambda m, p: mb.repay(m, p, on_behalf="alice", shares=10**30, now_ts=9),
        lambda m, p: withdraw(m, p, assets=10**12, now_ts=9),
        lambda m, p: mb.flash_loan(m, "usdc", 10**30),
    ],
)
def test_what_is_refused_changes_nothing(act):
    morpho, params = opened(borrowed=800 * USD, irm=constant_irm)
    before = copy.deepcopy(morpho)
    with pytest.raises(Revert):
        act(morpho, params)
    assert morpho == before


def test_a_refusal_in_a_callback_undoes_the_call():
    morpho, params = opened()
    before = copy.deepcopy(morpho)
    with pytest.raises(Revert):
        mb.flash_loan(
            morpho, "usdc", 2_000 * USD, lambda: withdraw(morpho, params, assets=USD) and None
        )
    assert morpho == before
