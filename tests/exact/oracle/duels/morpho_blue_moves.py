"""
The calls of Morpho Blue about money: each with what ours does and the data of theirs.
"""

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.abi import call, encode

from headframe.errors import Revert
from headframe.exact import morpho_blue as mb
from headframe.exact import morpho_blue_math as math
from headframe.exact.fixed import div_up

from .stage import log_uniform

if TYPE_CHECKING:
    from .morpho_blue import MorphoBlueDuel

ZERO = "0x" + "00" * 20
PARAMS = "(address,address,address,address,uint256)"
WAD = 10**18


@dataclass(frozen=True)
class Act:
    """One call on both texts, before it is a move."""

    label: str
    ours: Callable[[], bytes]
    sender: str
    data: bytes


def address_of(user: Hashable | None) -> str:
    """Address of a user; the zero address for nobody."""
    return ZERO if user is None else str(user)


class Draws:
    """Draws of calls, from the state of a duel."""

    def __init__(self, duel: "MorphoBlueDuel") -> None:
        self.duel = duel
        self.acting: str | None = None
        """Who makes the calls that are drawn, if they are made within his callback."""

    def draw(self, rng: random.Random) -> Act:
        """Draw a call."""
        kinds: dict[Callable[[random.Random], Act], int] = {
            self.supply: 12,
            self.withdraw: 12,
            self.borrow: 14,
            self.repay: 12,
            self.supply_collateral: 8,
            self.withdraw_collateral: 9,
            self.liquidate: 18,
            self.accrue: 4,
            self.flash_loan: 4,
        }
        drawn = rng.choices(list(kinds), list(kinds.values()))[0]
        if rng.random() < 0.9:
            # Before there is a debt, only a borrower can go on; before collateral, a pledge.
            if drawn in (self.repay, self.liquidate) and not self._holders("borrow_shares"):
                drawn = self.borrow
            if drawn in (self.borrow, self.withdraw_collateral) and not self._holders("collateral"):
                drawn = self.supply_collateral
            if drawn in (self.withdraw, self.borrow) and not self._holders("supply_shares"):
                drawn = self.supply
        return drawn(rng)

    # ---- suppliers and borrowers -----------------------------------------------------------

    def supply(self, rng: random.Random) -> Act:
        params, _ = self.market(rng)
        amount = self._amount(rng), 0
        if rng.random() < 0.3:
            amount = 0, amount[0] * 10**6
        return self._paying(rng, "supply", mb.supply, params, amount)

    def repay(self, rng: random.Random) -> Act:
        params, market, user, held = self._holder(rng, "borrow_shares")
        pot = market.total_borrow_assets, market.total_borrow_shares
        amount = self._part(rng, held.borrow_shares, math.to_assets_up, pot)
        return self._paying(rng, "repay", mb.repay, params, amount, user)

    def withdraw(self, rng: random.Random) -> Act:
        params, market, user, held = self._holder(rng, "supply_shares")
        pot = market.total_supply_assets, market.total_supply_shares
        amount = self._part(rng, held.supply_shares, math.to_assets_down, pot)
        free = max(market.total_supply_assets - market.total_borrow_assets, 0)
        if amount[0] > free > 0 and rng.random() < 0.8:
            amount = (min(amount[0], free + rng.choice((0, 0, 1))), 0)
        sender, receiver = self._sender(rng, user), self._receiver(rng)
        assets, shares = self._spoilt(rng, amount)

        def ours() -> bytes:
            return encode(*mb.withdraw(
                self.duel.ours, params, sender=sender, on_behalf=user, receiver=receiver,
                assets=assets, shares=shares, now_ts=self.now_ts,
            ))  # fmt: skip

        signature = f"withdraw({PARAMS},uint256,uint256,address,address)"
        arguments = (assets, shares, address_of(user), address_of(receiver))
        return self.act(f"withdraw({assets}, {shares})", ours, sender, signature, params, arguments)

    def borrow(self, rng: random.Random) -> Act:
        for _ in range(4):
            params, market, user, held = self._holder(rng, "collateral")
            most = self._borrowable(params, market, held)
            if most:
                break
        if not most and rng.random() < 0.8:
            return rng.choice((self.supply, self.supply_collateral))(rng)
        pot = market.total_borrow_assets, market.total_borrow_shares
        some = (most, rng.randint(0, most), most - 1, most + 1)
        assets = max(rng.choices(some, (3, 6, 2, 1))[0], 1)
        amount = (assets, 0)
        if rng.random() < 0.3:
            amount = (0, math.to_shares_up(assets, *pot) if assets < 1 << 120 else assets)
        sender, receiver = self._sender(rng, user), self._receiver(rng)
        assets, shares = self._spoilt(rng, amount)

        def ours() -> bytes:
            return encode(*mb.borrow(
                self.duel.ours, params, sender=sender, on_behalf=user, receiver=receiver,
                assets=assets, shares=shares, price_e36=self._price(params), now_ts=self.now_ts,
            ))  # fmt: skip

        signature = f"borrow({PARAMS},uint256,uint256,address,address)"
        arguments = (assets, shares, address_of(user), address_of(receiver))
        return self.act(f"borrow({assets}, {shares})", ours, sender, signature, params, arguments)

    def supply_collateral(self, rng: random.Random) -> Act:
        params, _ = self.market(rng)
        on_behalf = self._receiver(rng)
        assets = self._amount(rng) if rng.random() < 0.95 else 0
        sender = self._caller(rng)
        inner = self._inner(rng, sender)

        def ours() -> bytes:
            mb.supply_collateral(
                self.duel.ours, params, on_behalf=on_behalf, assets=assets,
                callback=inner and self._as_callback(inner),
            )  # fmt: skip
            return b""

        signature = f"supplyCollateral({PARAMS},uint256,address,bytes)"
        arguments = (assets, address_of(on_behalf), self._orders(inner))
        return self.act(f"supply_collateral({assets})", ours, sender, signature, params, arguments)

    def withdraw_collateral(self, rng: random.Random) -> Act:
        params, market, user, held = self._holder(rng, "collateral")
        assets = rng.choice((held.collateral, rng.randint(0, held.collateral)))
        if held.borrow_shares and rng.random() < 0.6:
            assets = self._spare(params, market, held)
        assets = max(assets + rng.choice((0, 0, 0, 1, -1)), 0)
        sender, receiver = self._sender(rng, user), self._receiver(rng)

        def ours() -> bytes:
            mb.withdraw_collateral(
                self.duel.ours, params, sender=sender, on_behalf=user, receiver=receiver,
                assets=assets, price_e36=self._price(params), now_ts=self.now_ts,
            )  # fmt: skip
            return b""

        signature = f"withdrawCollateral({PARAMS},uint256,address,address)"
        arguments = (assets, address_of(user), address_of(receiver))
        return self.act(
            f"withdraw_collateral({assets})", ours, sender, signature, params, arguments
        )

    def _paying(
        self,
        rng: random.Random,
        name: str,
        action: Callable[..., tuple[int, int]],
        params: mb.MarketParams,
        amount: tuple[int, int],
        user: Hashable | None = None,
    ) -> Act:
        on_behalf = user if user is not None and rng.random() < 0.97 else self._receiver(rng)
        assets, shares = self._spoilt(rng, amount)
        sender = self._caller(rng)
        inner = self._inner(rng, sender)

        def ours() -> bytes:
            return encode(*action(
                self.duel.ours, params, on_behalf=on_behalf, assets=assets, shares=shares,
                now_ts=self.now_ts, callback=inner and self._as_callback(inner),
            ))  # fmt: skip

        signature = f"{name}({PARAMS},uint256,uint256,address,bytes)"
        arguments = (assets, shares, address_of(on_behalf), self._orders(inner))
        return self.act(f"{name}({assets}, {shares})", ours, sender, signature, params, arguments)

    # ---- liquidators, and others -----------------------------------------------------------

    def liquidate(self, rng: random.Random) -> Act:
        params, market, user, held = self._holder(rng, "borrow_shares")
        if held.borrow_shares and rng.random() < 0.9:
            self._sink(rng, params, market, held)
        terms = {
            "price_e36": self._price(params), "lltv_wad": params.lltv_wad,
            "total_borrow_assets": market.total_borrow_assets,
            "total_borrow_shares": market.total_borrow_shares,
        }  # fmt: skip
        seized, repaid = 0, rng.choice((held.borrow_shares, rng.randint(0, held.borrow_shares)))
        if rng.random() < 0.5:
            seized, repaid = rng.choice((held.collateral, rng.randint(0, held.collateral))), 0
        elif rng.random() < 0.5 and held.collateral < 1 << 100 and terms["price_e36"] < 1 << 140:
            # Near the shares that exhaust the collateral, where what is left is written off.
            seized, repaid = 0, max(mb.repaid_for_seized(held.collateral, **terms) - 1, 0)
        if not seized and not repaid and rng.random() < 0.9:
            repaid = 1
        seized, repaid = self._spoilt(rng, (seized, repaid))
        sender = self._caller(rng)
        inner = self._inner(rng, sender)

        def ours() -> bytes:
            return encode(*mb.liquidate(
                self.duel.ours, params, borrower=user, seized_assets=seized,
                repaid_shares=repaid, price_e36=self._price(params), now_ts=self.now_ts,
                callback=inner and self._as_callback(inner),
            ))  # fmt: skip

        signature = f"liquidate({PARAMS},address,uint256,uint256,bytes)"
        arguments = (address_of(user), seized, repaid, self._orders(inner))
        label = f"liquidate({seized}, {repaid})"
        return self.act(label, ours, sender, signature, params, arguments)

    def accrue(self, rng: random.Random) -> Act:
        params, _ = self.market(rng)

        def ours() -> bytes:
            mb.accrue_interest(self.duel.ours, params, now_ts=self.now_ts)
            return b""

        return self.act(
            "accrue()", ours, self._caller(rng), f"accrueInterest({PARAMS})", params, ()
        )

    def flash_loan(self, rng: random.Random) -> Act:
        token = rng.choice(self.duel.stage.tokens)
        held = self.duel.ours.balances.get(token, 0)
        assets = rng.choice((held, rng.randint(0, held), held + 1))
        sender = self._caller(rng)
        inner = self._inner(rng, sender, always=True)

        def ours() -> bytes:
            callback = inner and self._as_callback(inner)
            mb.flash_loan(self.duel.ours, token, assets, callback)
            return b""

        data = call("flashLoan(address,uint256,bytes)", token, assets, self._orders(inner))
        return Act(f"flash_loan({assets})", ours, sender, data)

    # ---- what draws have in common ---------------------------------------------------------

    @property
    def now_ts(self) -> int:
        return self.duel.stage.now_ts

    def new_params(self, rng: random.Random) -> mb.MarketParams:
        tokens = rng.choices(self.duel.stage.tokens, k=2)
        lltvs = [*self.duel.ours.enabled_lltvs, 77 * 10**16]
        irm = rng.choice(list(self.duel.irms))
        return mb.MarketParams(*tokens, rng.choice(list(self.duel.oracles)), irm, rng.choice(lltvs))

    def words(self, params: mb.MarketParams) -> tuple[int | str, ...]:
        """The five words of a market's parameters."""
        irm = self.duel.irms[params.irm]
        return (str(params.loan_token), str(params.collateral_token), str(params.oracle), irm,
                params.lltv_wad)  # fmt: skip

    def act(
        self,
        label: str,
        ours: Callable[[], bytes],
        sender: str,
        signature: str,
        params: mb.MarketParams,
        arguments: tuple[int | str | bytes, ...],
    ) -> Act:
        return Act(label, ours, sender, call(signature, *self.words(params), *arguments))

    def market(self, rng: random.Random) -> tuple[mb.MarketParams, mb.Market]:
        if rng.random() < 0.02:
            return self.new_params(rng), mb.Market()
        params = rng.choice(self.duel.markets[:4])
        return params, self.duel.ours.markets[params]

    def _holders(self, what: str) -> list[tuple[mb.MarketParams, Hashable]]:
        markets = self.duel.markets[:4]
        return [
            (params, user)
            for (params, user), position in self.duel.ours.positions.items()
            if getattr(position, what) and user is not None and params in markets
        ]

    def _holder(
        self, rng: random.Random, what: str
    ) -> tuple[mb.MarketParams, mb.Market, Hashable, mb.Position]:
        ours, held = self.duel.ours, self._holders(what)
        allowed = [(self.acting, self.acting)] if self.acting else list(ours.authorized)
        owners = {who for who, _ in allowed} | set(() if self.acting else self.duel.stage.users)
        if rng.random() < 0.85:
            # Who can be acted for: users themselves, and whoever has allowed another.
            held = [entry for entry in held if entry[1] in owners] or held
        if held and rng.random() < 0.97:
            params, user = rng.choice(held)
            return params, ours.markets[params], user, ours.positions[params, user]
        params, market = self.market(rng)
        user = rng.choice(self.duel.people)
        return params, market, user, ours.positions.get((params, user), mb.Position())

    def _amount(self, rng: random.Random) -> int:
        return log_uniform(rng, 1, 1 << rng.choices((90, 10, 128, 140), (80, 10, 3, 1))[0])

    def _part(
        self,
        rng: random.Random,
        shares: int,
        convert: Callable[[int, int, int], int],
        pot: tuple[int, int],
    ) -> tuple[int, int]:
        some = max(rng.choice((shares, rng.randint(0, shares), rng.randint(0, shares))), 1)
        some += rng.choices((0, 1), (15, 1))[0]
        if rng.random() < 0.5:
            return 0, some
        return max(convert(some, *pot) + rng.choice((0, 0, 0, 1)), 1), 0

    def _spoilt(self, rng: random.Random, amount: tuple[int, int]) -> tuple[int, int]:
        if rng.random() < 0.98:
            return amount
        return rng.choice(((0, 0), (1, 1), (1 << 255, 0), (0, 1 << 130)))

    def _caller(self, rng: random.Random) -> str:
        return self.acting or rng.choice(self.duel.stage.users)

    def _sender(self, rng: random.Random, user: Hashable) -> str:
        if self.acting:
            return self.acting
        if rng.random() < 0.9 and user in self.duel.stage.users:
            return str(user)
        allowed = [str(other) for who, other in self.duel.ours.authorized if who == user]
        if allowed and rng.random() < 0.9:
            return rng.choice(sorted(allowed))
        return rng.choice(self.duel.people)

    def _receiver(self, rng: random.Random) -> str | None:
        return rng.choice(self.duel.people) if rng.random() < 0.97 else None

    def _price(self, params: mb.MarketParams) -> int:
        return self.duel.oracles[str(params.oracle)].word

    def _accrued(self, params: mb.MarketParams, market: mb.Market) -> mb.Market:
        """The market as the call will find it, or as it stands where it cannot accrue."""
        try:
            return mb.expected_market(self.duel.ours, params, now_ts=self.now_ts)
        except Revert:
            return market

    def _borrowable(self, params: mb.MarketParams, market: mb.Market, held: mb.Position) -> int:
        """What could still be borrowed: a draw, so that its own rounding does not matter."""
        market = self._accrued(params, market)
        limit = held.collateral * self._price(params) // 10**36 * params.lltv_wad // WAD
        pot = market.total_borrow_assets, market.total_borrow_shares
        free = max(market.total_supply_assets - market.total_borrow_assets, 0)
        return min(max(limit - math.to_assets_up(held.borrow_shares, *pot), 0), free)

    def _spare(self, params: mb.MarketParams, market: mb.Market, held: mb.Position) -> int:
        price = self._price(params)
        if not price or not params.lltv_wad:
            return 0
        market = self._accrued(params, market)
        pot = market.total_borrow_assets, market.total_borrow_shares
        owed = math.to_assets_up(held.borrow_shares, *pot)
        needed = div_up(div_up(owed * WAD, params.lltv_wad) * 10**36, price)
        return max(held.collateral - needed, 0)

    def _sink(
        self, rng: random.Random, params: mb.MarketParams, market: mb.Market, held: mb.Position
    ) -> None:
        """Turn the price to where a debt is around its limit, or far beyond it."""
        market = self._accrued(params, market)
        pot = market.total_borrow_assets, market.total_borrow_shares
        owed = math.to_assets_up(held.borrow_shares, *pot)
        lltv = params.lltv_wad
        sunk = (lltv, rng.randint(lltv, WAD), rng.randint(WAD, 2 * WAD), rng.randint(1, 3 * WAD))
        ltv_wad = rng.choices(sunk, (1, 6, 3, 1))[0]
        if held.collateral and ltv_wad:
            price = owed * WAD // ltv_wad * 10**36 // held.collateral
            self.duel.oracles[str(params.oracle)].turn(max(price + rng.choice((0, 0, 1, -1)), 0))

    # ---- calls within callbacks ------------------------------------------------------------

    def _inner(self, rng: random.Random, sender: str, always: bool = False) -> Act | None:
        """Draw what a user does when he is called back; mostly nothing."""
        if not always and rng.random() < 0.85:
            return None
        draw = rng.choice((
            self.supply, self.repay, self.borrow, self.withdraw, self.withdraw_collateral,
            self.supply_collateral, self.accrue,
        ))  # fmt: skip
        before, self.acting = self.acting, sender
        try:
            return draw(rng)
        finally:
            self.acting = before

    def _as_callback(self, inner: Act) -> Callable[[], None]:
        def act() -> None:
            inner.ours()

        return act

    def _orders(self, inner: Act | None) -> bytes:
        return b"" if inner is None else encode(self.duel.contract) + inner.data
