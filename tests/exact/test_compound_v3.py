"""Comet without an EVM: published numbers, sums by hand, a second text, invariants."""

import copy
import random
from dataclasses import replace
from decimal import Decimal

import pytest

from headframe.errors import Revert
from headframe.exact import compound_v3 as comet
from headframe.exact import compound_v3_errors as errors
from headframe.exact.fixed import WAD, panic_data

USD, ETH, BTC = 10**6, 10**18, 10**8
YEAR = 31_536_000
PRICES = {"usdc": 10**8, "eth": 2_000 * 10**8, "btc": 30_000 * 10**8}
SUPPLY = comet.Curve(
    kink_wad=8 * WAD // 10,
    base_per_year_wad=0,
    slope_low_per_year_wad=4 * WAD // 100,
    slope_high_per_year_wad=4 * WAD // 10,
)
BORROW = comet.Curve(
    kink_wad=8 * WAD // 10,
    base_per_year_wad=WAD // 100,
    slope_low_per_year_wad=5 * WAD // 100,
    slope_high_per_year_wad=3 * WAD // 10,
)


def collateral(asset="eth", scale=ETH, *, borrow=80, liquidate=85, factor=95, cap=10**30):
    return comet.AssetConfig(
        asset=asset,
        scale=scale,
        borrow_collateral_factor_wad=borrow * WAD // 100,
        liquidate_collateral_factor_wad=liquidate * WAD // 100,
        liquidation_factor_wad=factor * WAD // 100,
        supply_cap=cap,
    )


def configuration(*assets, **changes):
    usual = {
        "base_token": "usdc",
        "base_scale": USD,
        "supply": SUPPLY,
        "borrow": BORROW,
        "store_front_price_factor_wad": WAD // 2,
        "base_borrow_min": 100 * USD,
        "target_reserves": 10**12,
        "assets": assets or (collateral(), collateral("btc", BTC, borrow=70, liquidate=80)),
    }
    return comet.Configuration(**(usual | changes))


def market(*, lent=100_000 * USD, owed=0, eth=ETH, **changes):
    """A lender, and alice with ether pledged and a debt."""
    it = comet.Comet(configuration(**changes), "governor")
    comet.supply(it, "usdc", lent, sender="lender", now_ts=0)
    comet.supply(it, "eth", eth, sender="alice", now_ts=0)
    if owed:
        withdraw(it, owed)
    return it


def withdraw(it, amount, *, asset="usdc", sender="alice", prices=PRICES, now_ts=0):
    return comet.withdraw(it, asset, amount, sender=sender, prices=prices, now_ts=now_ts)


def refused(name, call, *arguments, **named):
    with pytest.raises(Revert) as caught:
        call(*arguments, **named)
    assert caught.value.data == errors.SELECTORS[name], caught.value.reason


def test_errors_are_the_hashes_of_their_names():
    keccak = pytest.importorskip("Crypto.Hash.keccak")
    for name, data in errors.SELECTORS.items():
        assert keccak.new(digest_bits=256, data=f"{name}()".encode()).digest()[:4] == data


@pytest.mark.parametrize(("u", "supply", "borrow"), [(0.1, 0.004, 0.015), (0.9, 0.072, 0.08)])
def test_rates_of_the_contracts_own_tests(u, supply, borrow):
    it = comet.Comet(configuration(), "governor")
    u_wad = round(u * 10) * WAD // 10
    assert comet.get_supply_rate(it, u_wad) * YEAR / WAD == pytest.approx(supply, abs=1e-9)
    assert comet.get_borrow_rate(it, u_wad) * YEAR / WAD == pytest.approx(borrow, abs=1e-9)


def test_the_rate_of_mainnets_usdc_market_in_2022():
    """Base 1.5 %, slopes 3.5 and 25 %, kink at 80 %: 1.5 + 2.8 + 2.5 = 6.8 % at 90 %."""
    curve = replace(
        BORROW,
        base_per_year_wad=15 * WAD // 1_000,
        slope_low_per_year_wad=35 * WAD // 1_000,
        slope_high_per_year_wad=WAD // 4,
    )
    it = comet.Comet(configuration(borrow=curve), "governor")
    assert comet.get_borrow_rate(it, 9 * WAD // 10) * YEAR / WAD == pytest.approx(0.068, abs=1e-9)


@pytest.mark.parametrize(
    ("price", "factor", "paid", "bought"),
    [(200, 60, 200 * USD, 125 * ETH // 100), (9, 80, 810 * USD, 100 * ETH)],
)
def test_the_storefronts_quotes_of_the_contracts_own_tests(price, factor, paid, bought):
    comp = collateral("comp", factor=factor)
    it = comet.Comet(configuration(comp), "governor")
    prices = {"usdc": 10**8, "comp": price * 10**8}
    assert comet.quote_collateral(it, "comp", paid, prices=prices) == bought


def test_an_ether_at_2000_carries_1600_and_not_a_unit_more():
    it = market()
    withdraw(it, 1_600 * USD)
    assert comet.borrow_balance_of(it, "alice", now_ts=0) == 1_600 * USD
    refused("NotCollateralized", withdraw, it, 1)


def test_withdrawing_beyond_the_balance_is_borrowing():
    it = market()
    comet.supply(it, "usdc", 50 * USD, sender="alice", now_ts=0)
    withdraw(it, 250 * USD)
    assert it.users["alice"].principal == -200 * USD
    assert it.totals.total_borrow_base == 200 * USD
    assert it.totals.total_supply_base == 100_000 * USD
    refused("BorrowTooSmall", withdraw, market(), 99 * USD)


def test_interest_by_hand():
    """
    Utilisation 0.5: borrow 1 + 2.5 = 3.5 % a year, supply 2 %, a second as floors of their parts.
    """
    it = market(lent=10_000 * USD, owed=5_000 * USD, eth=10 * ETH)
    comet.accrue_account(it, "alice", now_ts=YEAR)
    borrow_s = 10**16 // YEAR + (5 * 10**16 // YEAR) * 5 // 10
    supply_s = (4 * 10**16 // YEAR) * 5 // 10
    assert it.totals.base_borrow_index == 10**15 + 10**15 * borrow_s * YEAR // WAD
    assert it.totals.base_supply_index == 10**15 + 10**15 * supply_s * YEAR // WAD
    assert comet.borrow_balance_of(it, "alice", now_ts=YEAR) == 5_174_999_999
    assert comet.balance_of(it, "lender", now_ts=YEAR) == 10_199_999_999
    # reserves: 5,000 cash less 10,199.999999 plus 5,174.999999
    assert comet.get_reserves(it, now_ts=YEAR) == -25_000_000


def test_paying_with_max_pays_exactly_the_debt():
    it = market(lent=10_000 * USD, owed=5_000 * USD, eth=10 * ETH)
    comet.supply(it, "usdc", comet.MAX, sender="alice", now_ts=YEAR)
    # the debt is rounded down when told and up when kept: the contract may be owed a unit
    assert it.users["alice"].principal in (-1, 0)
    assert it.balances["usdc"] == 5_000 * USD + 5_174_999_999


def test_absorption_by_hand():
    """
    At 1,800 the limit is 1,530 < 1,600. Credit 0.95 * 1,800 = 1,710: alice is left with 110 of
    supply, the market with an ether; the reserves pay 1,710.
    """
    it = market(owed=1_600 * USD)
    refused("NotLiquidatable", comet.absorb, it, ["alice"], prices=PRICES, now_ts=0)
    low = PRICES | {"eth": 1_800 * 10**8}
    comet.absorb(it, ["alice"], prices=low, now_ts=0)
    assert comet.balance_of(it, "alice", now_ts=0) == 110 * USD
    assert it.totals.total_borrow_base == 0
    assert it.totals.total_supply_base == 100_110 * USD
    assert comet.get_reserves(it, now_ts=0) == -1_710 * USD
    assert comet.get_collateral_reserves(it, "eth") == ETH
    # the storefront: discount 0.5 * 0.05 = 2.5 %, so 1,755 an ether
    bought = comet.buy_collateral(
        it, "eth", min_amount=ETH, base_amount=1_755 * USD, prices=low, now_ts=0
    )
    assert bought == ETH
    assert comet.get_reserves(it, now_ts=0) == 45 * USD


def test_a_debt_beyond_the_credit_is_the_reserves_loss():
    """At 1,000: credit 950 against 1,600. The balance is zero, not negative."""
    it = market(owed=1_600 * USD)
    low = PRICES | {"eth": 1_000 * 10**8}
    comet.absorb(it, ["alice"], prices=low, now_ts=0)
    assert it.users["alice"].principal == 0
    assert comet.get_reserves(it, now_ts=0) == -1_600 * USD


def test_all_are_absorbed_or_none():
    it = market(owed=1_600 * USD)
    comet.supply(it, "eth", ETH, sender="bob", now_ts=0)
    before = copy.deepcopy(it)
    low = PRICES | {"eth": 1_800 * 10**8}
    refused("NotLiquidatable", comet.absorb, it, ["alice", "bob"], prices=low, now_ts=0)
    assert it == before


def test_the_storefront_closes_at_the_reserves_target():
    it = market(owed=1_600 * USD, target_reserves=0)
    comet.supply(it, "eth", ETH, sender="bob", now_ts=0)
    buy = {"min_amount": 0, "base_amount": USD, "prices": PRICES, "now_ts": 0}
    refused("NotForSale", comet.buy_collateral, it, "eth", **buy)
    low = PRICES | {"eth": 1_800 * 10**8}
    comet.absorb(it, ["alice"], prices=low, now_ts=0)
    much = buy | {"base_amount": 1_756 * USD, "prices": low}
    refused("InsufficientReserves", comet.buy_collateral, it, "eth", **much)
    dear = buy | {"min_amount": ETH, "prices": low}
    refused("TooMuchSlippage", comet.buy_collateral, it, "eth", **dear)


def test_transfers_borrow_for_the_giver_and_repay_for_the_receiver():
    it = market(owed=500 * USD)
    comet.supply(it, "eth", ETH, sender="bob", now_ts=0)
    give = {"sender": "bob", "dst": "alice", "prices": PRICES, "now_ts": 0}
    comet.transfer(it, "usdc", 800 * USD, **give)
    assert it.users["bob"].principal == -800 * USD
    assert it.users["alice"].principal == 300 * USD
    assert it.totals.total_borrow_base == 800 * USD
    assert it.totals.total_supply_base == 100_300 * USD
    refused("NotCollateralized", comet.transfer, it, "eth", ETH, **give)
    refused("NoSelfTransfer", comet.transfer, it, "eth", 1, **(give | {"dst": "bob"}))


def test_who_may_and_what_runs():
    it = market(owed=500 * USD)
    on = {"prices": PRICES, "now_ts": 0}
    refused("Unauthorized", comet.withdraw, it, "usdc", USD, sender="eve", source="alice", **on)
    comet.allow(it, "eve", True, sender="alice")
    comet.withdraw(it, "usdc", USD, sender="eve", source="alice", **on)
    refused("Unauthorized", comet.pause, it, ["supply"], sender="eve")
    comet.pause(it, ["withdraw"], sender="governor")
    refused("Paused", withdraw, it, USD)
    refused("BadAsset", comet.supply, it, "doge", 1, sender="eve", now_ts=0)
    refused("Unauthorized", comet.withdraw_reserves, it, 1, sender="eve", now_ts=0)
    refused("InsufficientReserves", comet.withdraw_reserves, it, 1, sender="governor", now_ts=0)


def test_caps_and_prices():
    it = comet.Comet(configuration(collateral(cap=ETH)), "governor")
    comet.supply(it, "eth", ETH, sender="alice", now_ts=0)
    refused("SupplyCapExceeded", comet.supply, it, "eth", 1, sender="alice", now_ts=0)
    comet.supply(it, "usdc", 1_000 * USD, sender="lender", now_ts=0)
    refused("BadPrice", withdraw, it, 200 * USD, prices={"usdc": 10**8, "eth": 0})
    with pytest.raises(Revert) as caught:
        withdraw(it, ETH + 1, asset="eth")
    assert caught.value.data == panic_data(0x11)
    refused("TransferOutFailed", withdraw, it, 1_500 * USD)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("BadDiscount", {"store_front_price_factor_wad": WAD + 1}),
     ("BadMinimum", {"base_min_for_rewards": 0}),
     ("TooManyAssets", {"assets": tuple(collateral(k) for k in range(16))}),
     ("BorrowCFTooLarge", {"assets": (collateral(borrow=85),)}),
     ("LiquidateCFTooLarge", {"assets": (collateral(liquidate=101),)})],
)  # fmt: skip
def test_configurations_that_the_contract_refuses(name, changes):
    refused(name, configuration, **changes)


def test_rewards_follow_time_and_share():
    """Speed 1e15 a second over an index scale of 1e15: one reward a second to all suppliers."""
    it = market(base_tracking_supply_speed=10**15, base_min_for_rewards=USD)
    comet.supply(it, "usdc", 300_000 * USD, sender="second", now_ts=0)
    for who in ("lender", "second"):
        comet.accrue_account(it, who, now_ts=1_000)
    earned = [it.users[who].base_tracking_accrued for who in ("lender", "second")]
    assert earned == [250 * 10**6, 750 * 10**6]


# ---- a second text, in sixty digits -----------------------------------------------------------


class Plain:
    """The market without rounding: balances grow by the products of the same rates."""

    def __init__(self):
        self.supply, self.borrow, self.at = Decimal(1), Decimal(1), 0
        self.principals = {}

    def accrue(self, now):
        lent = self.supply * sum(max(p, 0) for p in self.principals.values())
        owed = self.borrow * sum(max(-p, 0) for p in self.principals.values())
        u = owed / lent if lent else Decimal(0)

        def rate(curve):
            below, above = min(u, Decimal("0.8")), max(u - Decimal("0.8"), Decimal(0))
            yearly = (
                curve.base_per_year_wad
                + curve.slope_low_per_year_wad * below
                + curve.slope_high_per_year_wad * above
            )
            return Decimal(yearly) / WAD / YEAR

        dt, self.at = now - self.at, now
        self.supply *= 1 + rate(SUPPLY) * dt
        self.borrow *= 1 + rate(BORROW) * dt

    def balance(self, who):
        principal = self.principals.get(who, Decimal(0))
        return principal * (self.supply if principal >= 0 else self.borrow)

    def change(self, who, amount):
        new = self.balance(who) + amount
        self.principals[who] = new / (self.supply if new >= 0 else self.borrow)


@pytest.mark.parametrize("seed", range(6))
def test_sequences_stay_with_the_second_text_and_round_for_the_market(seed):
    """
    Random calls, refused ones included. The second text keeps no roundings, so it parts by a unit
    or two a call; rates are floors a second, 1e-8 of them. Reserves never fall, but for what
    absorption pays out and a unit of either sum, and the sums of principals are the accounts' own.
    """
    rng = random.Random(seed)
    it, plain = market(lent=10**6 * USD, eth=0), Plain()
    plain.change("lender", Decimal(10**6 * USD))
    users, now, calls = ("alice", "bob", "carl", "lender"), 0, 0
    prices = dict(PRICES)
    for _ in range(400):
        now += rng.choice((0, 1, 12, 3_600, 86_400))
        prices["eth"] = max(prices["eth"] * rng.randint(90, 111) // 100, 10**8)
        who, other = rng.sample(users, 2)
        amount = rng.choice((rng.randint(1, 10**5), rng.randint(1, 2_000))) * USD
        kind = rng.choice(("supply", "withdraw", "transfer", "pledge", "absorb"))
        before, parted = comet.get_reserves(it, now_ts=now), copy.deepcopy(plain)
        paid = 0
        try:
            if kind == "supply":
                comet.supply(it, "usdc", amount, sender=who, now_ts=now)
                plain.accrue(now), plain.change(who, amount)
            elif kind == "withdraw":
                withdraw(it, amount, sender=who, prices=prices, now_ts=now)
                plain.accrue(now), plain.change(who, -amount)
            elif kind == "transfer":
                comet.transfer(it, "usdc", amount, sender=who, dst=other, prices=prices, now_ts=now)
                plain.accrue(now), plain.change(who, -amount), plain.change(other, amount)
            elif kind == "pledge":
                comet.supply(it, "eth", rng.randint(1, 50) * ETH, sender=who, now_ts=now)
            else:
                value = it.collateral.get((who, "eth"), 0) * prices["eth"] // ETH // 100
                comet.absorb(it, [who], prices=prices, now_ts=now)
                plain.accrue(now)
                paid = value * 95 // 100
                paid = max(paid, -int(plain.balance(who))) + 2
                plain.change(who, max(Decimal(value * 95) / 100, -plain.balance(who)))
            calls += 1
        except Revert:
            plain = parted
        assert comet.get_reserves(it, now_ts=now) >= before - paid - 2  # both sums are floors
        principals = [user.principal for user in it.users.values()]
        assert it.totals.total_supply_base == sum(max(p, 0) for p in principals)
        assert it.totals.total_borrow_base == sum(max(-p, 0) for p in principals)
        for user in users:
            real = comet.balance_of(it, user, now_ts=plain.at)
            real -= comet.borrow_balance_of(it, user, now_ts=plain.at)
            held = plain.balance(user)
            if it.totals.last_accrual_time == plain.at:
                assert abs(real - held) <= 3 * calls + abs(held) * Decimal("2e-8")
    assert calls > 100
