"""
Aave 3.0: random sequences on the whole deployed market.

Moves: supply, withdraw, borrow for oneself and on lent credit, repay with money and with aTokens,
transfers of aTokens, collateral switched on and off, efficiency modes, delegation, liquidation for
the asset and for aTokens, the treasury's share minted, prices, donations, new configurations
(caps, freezes, ceilings), reads. Starts: three or four assets of 2 to 18 decimals, one of them
isolated at times, two efficiency modes, one with a price of its own.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from judge.abi import call, encode, mapping_slot, pack
from judge.chain import OWNER
from judge.duel import Move, Storage, set_up

from headframe.exact import aave_v3_0 as aave
from headframe.exact.fixed import RAY

from .aave_stage import TREASURY, USERS, configuration_word, set_market
from .stage import log_uniform

COMMON = "0x" + "cc" * 20
"""Source of the second efficiency mode's common price."""
NOBODY = "0x" + "bb" * 20
"""An asset that is not listed."""
NAMES = {aave.TREASURY: TREASURY}
MODES = ((0, 0, 1, 2), (1, 1, 1, 0), (2, 2, 2, 1))
"""Categories that a market's assets are drawn from."""
COLLATERAL = int("A" * 64, 16)
"""Bits of a user's collateral."""
MOST = (1 << 36) - 1
"""The largest cap."""


class AaveV30Duel:
    """The market's two texts."""

    name: ClassVar[str] = "aave_v3_0"
    judge: ClassVar[str] = "release artifact: @aave/core-v3 1.19.3, Pool with its libraries, tokens"

    def __init__(self, rng: random.Random) -> None:
        self.market = set_market(rng)
        self.chain = self.market.chain
        self.ours = aave.Pool()
        self.modes = rng.choice(MODES)
        self._draw_modes(rng)
        isolated = rng.randrange(4) if rng.random() < 0.6 else None
        for number in range(rng.choice((3, 4))):
            self._draw_asset(rng, isolated=number == isolated)
        self.assets = tuple(str(asset) for asset in self.ours.reserves)
        if rng.random() < 0.7:
            self.market.let_supply_isolated(USERS[0])
            self.ours.isolated_collateral_suppliers.add(USERS[0])
        self.constants = {
            contract: self.chain.storage(contract)
            for contract in (
                self.market.pool,
                *(t for ts in self.market.tokens.values() for t in ts),
            )
        }
        for _ in range(rng.randint(4, 12)):
            set_up(self._draw_supply(rng))
        for _ in range(rng.randint(0, 6)):
            set_up(self._draw_borrow(rng))

    def _draw_modes(self, rng: random.Random) -> None:
        for number, source in ((1, None), (2, COMMON)):
            ltv = rng.randint(1, 9_700)
            threshold = rng.randint(ltv, 9_800)
            bonus = rng.randint(10_001, 10_500)
            mode = aave.EModeCategory(
                ltv_bps=ltv,
                liquidation_threshold_bps=threshold,
                liquidation_bonus_bps=bonus,
                price_source=source,
            )
            self.ours.e_mode_categories[number] = mode
            self.market.set_e_mode(number, mode)
        self._set_price(COMMON, rng.choice((0, log_uniform(rng, 10**6, 10**12))))

    def _draw_asset(self, rng: random.Random, isolated: bool) -> None:
        optimal = rng.randint(10, 99) * 10**25
        strategy = aave.InterestRateStrategy(
            optimal_usage_ratio_ray=optimal + rng.choice((0, rng.randrange(10**24))),
            base_variable_borrow_rate_ray=rng.choice((0, 0, log_uniform(rng, 1, RAY // 20))),
            variable_rate_slope1_ray=log_uniform(rng, 1, RAY // 10),
            variable_rate_slope2_ray=log_uniform(rng, RAY // 100, 3 * RAY),
            stable_rate_slope1_ray=log_uniform(rng, 1, RAY // 10),
            stable_rate_slope2_ray=log_uniform(rng, RAY // 100, 3 * RAY),
            base_stable_rate_offset_ray=log_uniform(rng, 1, RAY // 20),
        )
        configuration = self._draw_configuration(rng, rng.choice((2, 6, 8, 18, 18)), isolated)
        asset = self.market.list_asset(configuration, strategy)
        aave.init_reserve(self.ours, asset, configuration, strategy)
        self._set_price(asset, log_uniform(rng, 10**5, 10**13))

    def _draw_configuration(
        self, rng: random.Random, decimals: int, isolated: bool
    ) -> aave.ReserveConfiguration:
        ltv = rng.randint(3_000, 8_500)
        threshold = rng.randint(ltv, 9_000)
        return aave.ReserveConfiguration(
            decimals=decimals,
            ltv_bps=ltv,
            liquidation_threshold_bps=threshold,
            liquidation_bonus_bps=rng.randint(10_001, 11_500),
            borrowable_in_isolation=rng.random() < 0.6,
            siloed_borrowing=rng.random() < 0.05,
            reserve_factor_bps=rng.choice((0, 1_000, rng.randint(1, 10_000))),
            liquidation_protocol_fee_bps=rng.choice((0, 1_000, rng.randint(1, 10_000))),
            e_mode_category=rng.choice(self.modes),
            debt_ceiling=log_uniform(rng, 10**4, 10**9) if isolated else 0,
        )

    # ---- moves -----------------------------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self.market.let_time_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_supply: 14,
            self._draw_withdraw: 11,
            self._draw_borrow: 20,
            self._draw_repay: 12,
            self._draw_repay_with_a_tokens: 4,
            self._draw_transfer: 5,
            self._draw_collateral: 5,
            self._draw_e_mode: 5,
            self._draw_delegation: 4,
            self._draw_liquidation: 50 if self._ill() else 2,
            self._draw_price: 14,
            self._draw_treasury: 3,
            self._draw_configure: 4,
            self._draw_donation: 1,
            self._draw_unlisted: 1,
            self._draw_read: 6,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _draw_supply(self, rng: random.Random) -> Move:
        caller, asset = rng.choice(USERS), rng.choice(self.assets)
        user = caller if rng.random() < 0.9 else rng.choice(USERS)
        amount = self._worth(rng, asset, 10**9, 10**15)
        if rng.random() < 0.05:
            amount = rng.choice((0, 1, 2, log_uniform(rng, 1 << 100, 1 << 130)))

        def ours() -> bytes:
            now_ts = self.market.now_ts
            aave.supply(self.ours, caller, asset, amount, now_ts=now_ts, on_behalf_of=user)
            return b""

        data = call("supply(address,uint256,address,uint16)", asset, amount, user, 0)
        return self._move(f"supply({asset}, {amount})", ours, caller, data)

    def _draw_withdraw(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        amount = self._part(rng, self._supplied(asset, user))

        def ours() -> bytes:
            return encode(aave.withdraw(self.ours, user, asset, amount, now_ts=self.market.now_ts))

        data = call("withdraw(address,uint256,address)", asset, amount, user)
        return self._move(f"withdraw({asset}, {amount})", ours, user, data)

    def _draw_borrow(self, rng: random.Random) -> Move:
        caller, asset = rng.choice(USERS), rng.choice(self.assets)
        user = caller if rng.random() < 0.9 else rng.choice(USERS)
        lent = list(self.ours.reserves[asset].borrow_allowance)
        if lent and rng.random() < 0.2:
            user, caller = (str(side) for side in rng.choice(lent))
        mode = 2 if rng.random() < 0.97 else rng.randint(0, 3)
        amount = self._loan(rng, user, asset)

        def ours() -> bytes:
            aave.borrow(
                self.ours,
                caller,
                asset,
                amount,
                now_ts=self.market.now_ts,
                on_behalf_of=user,
                interest_rate_mode=mode,
            )
            return b""

        data = call("borrow(address,uint256,uint256,uint16,address)", asset, amount, mode, 0, user)
        return self._move(f"borrow({asset}, {amount}, {user})", ours, caller, data)

    def _draw_repay(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=True)
        caller = user if rng.random() < 0.8 else rng.choice(USERS)
        mode = 2 if rng.random() < 0.97 else rng.randint(0, 3)
        amount = self._part(rng, self._owed(asset, user))

        def ours() -> bytes:
            return encode(
                aave.repay(
                    self.ours,
                    caller,
                    asset,
                    amount,
                    now_ts=self.market.now_ts,
                    on_behalf_of=user,
                    interest_rate_mode=mode,
                )
            )

        data = call("repay(address,uint256,uint256,address)", asset, amount, mode, user)
        return self._move(f"repay({asset}, {amount}, {user})", ours, caller, data)

    def _draw_repay_with_a_tokens(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=True)
        amount = self._part(rng, min(self._owed(asset, user), self._supplied(asset, user)))

        def ours() -> bytes:
            now_ts = self.market.now_ts
            return encode(aave.repay_with_a_tokens(self.ours, user, asset, amount, now_ts=now_ts))

        data = call("repayWithATokens(address,uint256,uint256)", asset, amount, 2)
        return self._move(f"repay_with_a_tokens({asset}, {amount})", ours, user, data)

    def _draw_transfer(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        to, amount = rng.choice(USERS), self._part(rng, self._supplied(asset, user))

        def ours() -> bytes:
            aave.transfer(self.ours, user, asset, to, amount, now_ts=self.market.now_ts)
            return encode(1)

        data = call("transfer(address,uint256)", to, amount)
        a_token = self.market.tokens[asset][0]
        return self._move(f"transfer({asset}, {to}, {amount})", ours, user, data, a_token)

    def _draw_collateral(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        use = rng.random() < 0.5

        def ours() -> bytes:
            now_ts = self.market.now_ts
            aave.set_user_use_reserve_as_collateral(self.ours, user, asset, use, now_ts=now_ts)
            return b""

        data = call("setUserUseReserveAsCollateral(address,bool)", asset, use)
        return self._move(f"use_as_collateral({asset}, {use})", ours, user, data)

    def _draw_e_mode(self, rng: random.Random) -> Move:
        user, number = rng.choice(USERS), rng.choice((*self.modes, *self.modes, 0, 1, 2, 3))

        def ours() -> bytes:
            aave.set_user_e_mode(self.ours, user, number, now_ts=self.market.now_ts)
            return b""

        return self._move(f"e_mode({number})", ours, user, call("setUserEMode(uint8)", number))

    def _draw_delegation(self, rng: random.Random) -> Move:
        user, to, asset = rng.choice(USERS), rng.choice(USERS), rng.choice(self.assets)
        amount = rng.choice((0, self._worth(rng, asset, 10**9, 10**15), (1 << 256) - 1))

        def ours() -> bytes:
            aave.approve_delegation(self.ours, user, asset, to, amount)
            return b""

        data = call("approveDelegation(address,uint256)", to, amount)
        variable = self.market.tokens[asset][2]
        return self._move(f"delegate({asset}, {to}, {amount})", ours, user, data, variable)

    def _draw_liquidation(self, rng: random.Random) -> Move:
        user, debt_asset = self._draw_holder(rng, debt=True, unhealthy=rng.random() < 0.9)
        flags = self.ours.users_config.get(user, 0)
        backing = [a for number, a in enumerate(self.assets) if flags >> 2 * number + 1 & 1]
        asset = rng.choice(backing if backing and rng.random() < 0.95 else self.assets)
        liquidator = rng.choice(USERS)
        amount = self._part(rng, self._owed(debt_asset, user))
        as_a_token = rng.random() < 0.4

        def ours() -> bytes:
            aave.liquidation_call(
                self.ours,
                liquidator,
                asset,
                debt_asset,
                user,
                amount,
                receive_a_token=as_a_token,
                now_ts=self.market.now_ts,
            )
            return b""

        signature = "liquidationCall(address,address,address,uint256,bool)"
        data = call(signature, asset, debt_asset, user, amount, as_a_token)
        label = f"liquidate({user}, {asset}, {debt_asset}, {amount}, {as_a_token})"
        return self._move(label, ours, liquidator, data)

    def _draw_price(self, rng: random.Random) -> Move:
        asset = rng.choice((*self.assets, COMMON))
        price = self.ours.prices[asset] * rng.randint(80, 125) // 100
        if rng.random() < 0.7:
            asset, price = self._squeeze(rng)
        if not 0 < price < 10**16 or rng.random() < 0.01:
            price = rng.choice((0, 10**8, 10**8))

        def ours() -> bytes:
            self.ours.prices[asset] = price
            return b""

        data = call("setAssetPrice(address,uint256)", asset, price)
        return self._move(f"price({asset}, {price})", ours, OWNER, data, self.market.oracle)

    def _draw_treasury(self, rng: random.Random) -> Move:
        assets = rng.choices(self.assets, k=rng.randint(1, 3))

        def ours() -> bytes:
            aave.mint_to_treasury(self.ours, assets, now_ts=self.market.now_ts)
            return b""

        data = call("mintToTreasury(address[])", [int(asset, 16) for asset in assets])
        return self._move(f"mint_to_treasury({len(assets)})", ours, OWNER, data)

    def _draw_configure(self, rng: random.Random) -> Move:
        asset = rng.choice(self.assets)
        reserve = self.ours.reserves[asset]
        unit = 10**reserve.configuration.decimals
        scaled_debt = reserve.variable_debt_token.scaled_total_supply
        supplied = (reserve.underlying_balance + scaled_debt) // unit
        change: dict[str, object] = rng.choice(
            (
                {"supply_cap": min(rng.randint(supplied // 2, 2 * supplied + 1), MOST)},
                {"borrow_cap": min(rng.randint(0, scaled_debt // unit * 2 + 1), MOST)},
                {"ltv_bps": rng.choice((0, rng.randint(1, 8_000)))},
                {"frozen": True},
                {"paused": rng.random() < 0.5},
                {"active": rng.random() < 0.5},
                {"borrowing_enabled": rng.random() < 0.5},
                {"siloed_borrowing": rng.random() < 0.3},
                {"debt_ceiling": rng.choice((0, log_uniform(rng, 10**4, 10**9)))},
                {"liquidation_threshold_bps": rng.choice((0, rng.randint(1, 9_000)))},
                {"e_mode_category": rng.choice(self.modes)},
                {"reserve_factor_bps": rng.randint(0, 10_000)},
                self._restored(),
                self._restored(),
                self._restored(),
                self._restored(),
            )
        )
        changed = replace(reserve.configuration, **change)  # type: ignore[arg-type]

        def ours() -> bytes:
            reserve.configuration = changed
            return b""

        word = configuration_word(changed)
        data = call("setConfiguration(address,(uint256))", asset, word)
        return self._move(f"configure({asset}, {change})", ours, OWNER, data)

    def _restored(self) -> dict[str, object]:
        flags = {"frozen": False, "paused": False, "active": True, "borrowing_enabled": True}
        return {**flags, "supply_cap": 0, "borrow_cap": 0, "ltv_bps": 7_000,
                "liquidation_threshold_bps": 7_500}  # fmt: skip

    def _draw_donation(self, rng: random.Random) -> Move:
        asset = rng.choice(self.assets)
        amount = self._worth(rng, asset, 1, 10**13)

        def ours() -> bytes:
            self.ours.reserves[asset].underlying_balance += amount
            return encode(1)

        a_token = self.market.tokens[asset][0]
        data = call("mint(address,uint256)", a_token, amount)
        return self._move(f"donate({asset}, {amount})", ours, OWNER, data, asset)

    def _draw_unlisted(self, rng: random.Random) -> Move:
        user, now_ts, nowhere, pool = USERS[1], self.market.now_ts, NOBODY, self.ours
        there = rng.choice(self.assets)

        def liquidate() -> None:
            aave.liquidation_call(
                pool, user, nowhere, there, USERS[0], 1, receive_a_token=False, now_ts=now_ts
            )

        signature = "liquidationCall(address,address,address,uint256,bool)"
        action, data = rng.choice(
            (
                (
                    lambda: aave.supply(pool, user, nowhere, 1, now_ts=now_ts),
                    call("supply(address,uint256,address,uint16)", nowhere, 1, user, 0),
                ),
                (
                    lambda: aave.borrow(pool, user, nowhere, 1, now_ts=now_ts),
                    call("borrow(address,uint256,uint256,uint16,address)", nowhere, 1, 2, 0, user),
                ),
                (liquidate, call(signature, nowhere, there, USERS[0], 1, False)),
            )
        )

        def ours() -> bytes:
            action()
            return b""

        return self._move("unlisted()", ours, user, data)

    def _draw_read(self, rng: random.Random) -> Move:
        user, asset, now_ts = rng.choice(USERS), rng.choice(self.assets), self.market.now_ts
        pool, reserve = self.ours, self.ours.reserves[asset]
        a_token, _, variable = self.market.tokens[asset]

        def account() -> bytes:
            data = aave.calculate_user_account_data(pool, user, now_ts=now_ts)
            return encode(
                data.total_collateral_base,
                data.total_debt_base,
                data.available_borrows_base,
                data.liquidation_threshold_bps,
                data.ltv_bps,
                data.health_factor_wad,
            )

        def income() -> bytes:
            return encode(aave.get_reserve_normalized_income(reserve, now_ts=now_ts))

        def debt_index() -> bytes:
            return encode(aave.get_reserve_normalized_variable_debt(reserve, now_ts=now_ts))

        def supplied() -> bytes:
            return encode(aave.a_token_balance_of(pool, asset, user, now_ts=now_ts))

        def owed() -> bytes:
            return encode(aave.variable_debt_balance_of(pool, asset, user, now_ts=now_ts))

        views = (
            (account, self.market.pool, call("getUserAccountData(address)", user)),
            (income, self.market.pool, call("getReserveNormalizedIncome(address)", asset)),
            (
                debt_index,
                self.market.pool,
                call("getReserveNormalizedVariableDebt(address)", asset),
            ),
            (supplied, a_token, call("balanceOf(address)", user)),
            (owed, variable, call("balanceOf(address)", user)),
        )
        ours, contract, data = rng.choice(views)
        return self._move(f"read_{ours.__name__}()", ours, OWNER, data, contract)

    # ---- amounts ---------------------------------------------------------------------------

    def _worth(self, rng: random.Random, asset: str, low: int, high: int) -> int:
        """An amount of an asset that is worth so much, in the base currency's smallest unit."""
        unit = 10 ** self.ours.reserves[asset].configuration.decimals
        return max(log_uniform(rng, low, high) * unit // max(self.ours.prices[asset], 1), 1)

    def _loan(self, rng: random.Random, user: str, asset: str) -> int:
        now_ts = self.market.now_ts
        account = aave.calculate_user_account_data(self.ours, user, now_ts=now_ts)
        unit = 10 ** self.ours.reserves[asset].configuration.decimals
        most = account.available_borrows_base * unit // max(self.ours.prices[asset], 1)
        cash = self.ours.reserves[asset].underlying_balance
        return rng.choice(
            (
                most,
                most + 1,
                min(cash, most),
                min(cash, most) * rng.randint(1, 999) // 1_000,
                min(cash, most) * rng.randint(1, 999) // 1_000,
                log_uniform(rng, 1, max(min(cash, most), 2)),
                cash + rng.randint(-1, 1) if cash else 1,
                rng.randint(0, 3),
            )
        )

    def _part(self, rng: random.Random, whole: int) -> int:
        return rng.choice(
            (
                whole,
                aave.ALL,
                max(whole + rng.choice((-1, 1)), 0),
                whole * rng.randint(1, 999) // 1_000,
                whole * rng.randint(1, 999) // 1_000,
                log_uniform(rng, 1, max(whole, 2)),
                rng.randint(0, 3),
            )
        )

    def _supplied(self, asset: str, user: str) -> int:
        return aave.a_token_balance_of(self.ours, asset, user, now_ts=self.market.now_ts)

    def _owed(self, asset: str, user: str) -> int:
        return aave.variable_debt_balance_of(self.ours, asset, user, now_ts=self.market.now_ts)

    def _draw_holder(
        self, rng: random.Random, *, debt: bool, unhealthy: bool = False
    ) -> tuple[str, str]:
        """A user and an asset; mostly ones that have to do with each other."""
        holders = [
            (user, asset)
            for asset, reserve in self.ours.reserves.items()
            for user in USERS
            if (reserve.variable_debt_token if debt else reserve.a_token).scaled_balance_of.get(
                user
            )
        ]
        if unhealthy:
            ill = self._ill()
            holders = [(user, asset) for user, asset in holders if user in ill] or holders
        if holders and rng.random() < 0.95:
            user, asset = rng.choice(holders)
            return user, str(asset)
        return rng.choice(USERS), rng.choice(self.assets)

    def _health(self, user: str) -> int:
        now_ts = self.market.now_ts
        return aave.calculate_user_account_data(self.ours, user, now_ts=now_ts).health_factor_wad

    def _ill(self) -> set[str]:
        flags = self.ours.users_config
        backed = (user for user in USERS if flags.get(user, 0) & COLLATERAL)
        return {user for user in backed if self._health(user) < 10**18}

    def _squeeze(self, rng: random.Random) -> tuple[str, int]:
        """A price that brings some debtor's health factor close to one, or well below."""
        user, debt_asset = self._draw_holder(rng, debt=True)
        health = min(self._health(user), 10**20)
        wanted = rng.choice((rng.randint(70, 102), rng.randint(94, 101))) * 10**16
        held = [a for a in self.assets if self._supplied(a, user) and a != debt_asset]
        if not held or rng.random() < 0.3:
            return debt_asset, self.ours.prices[debt_asset] * health // wanted
        asset = rng.choice(held)
        return asset, self.ours.prices[asset] * wanted // max(health, 1)

    def _set_price(self, asset: str, price: int) -> None:
        self.ours.prices[asset] = price
        self.market.set_price(asset, price)

    def _move(
        self, label: str, ours: Callable[[], bytes], sender: str, data: bytes, to: str = ""
    ) -> Move:
        target = to or self.market.pool
        return Move(label, ours, lambda: self.chain.send(sender, target, data), self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the pool and of every token, constants included."""
        words = self._touched()
        return {contract: self.constants[contract] | words.get(contract, {})
                for contract in self.constants}  # fmt: skip

    def _touched(self) -> Storage:
        pool = self.market.pool
        storage: Storage = {pool: self._users()}
        for asset, reserve in self.ours.reserves.items():
            a_token, _, variable = self.market.tokens[str(asset)]
            storage[pool] |= self._reserve(str(asset), reserve)
            storage[a_token] = _scaled(reserve.a_token, 52)
            storage[variable] = _scaled(reserve.variable_debt_token, 56)
            for (delegator, delegatee), allowed in reserve.borrow_allowance.items():
                inner = mapping_slot(int(str(delegator), 16), 54)
                storage[variable][mapping_slot(int(str(delegatee), 16), inner)] = allowed
            held = {mapping_slot(int(a_token, 16), 0): reserve.underlying_balance}
            storage[str(asset)] = held
        return storage

    def _users(self) -> dict[int, int]:
        words = {mapping_slot(int(str(user), 16), 53): data
                 for user, data in self.ours.users_config.items()}  # fmt: skip
        for user, number in self.ours.users_e_mode_category.items():
            words[mapping_slot(int(str(user), 16), 56)] = number
        return words

    def _reserve(self, asset: str, reserve: aave.Reserve) -> dict[int, int]:
        slot = mapping_slot(int(asset, 16), 52)
        return {
            slot: configuration_word(reserve.configuration),
            slot + 1: pack((reserve.liquidity_index, 128), (reserve.current_liquidity_rate, 128)),
            slot + 2: pack(
                (reserve.variable_borrow_index, 128), (reserve.current_variable_borrow_rate, 128)
            ),
            slot + 3: pack(
                (reserve.current_stable_borrow_rate, 128),
                (reserve.last_update_timestamp, 40),
                (reserve.id, 16),
            ),
            slot + 8: reserve.accrued_to_treasury,
            slot + 9: reserve.isolation_mode_total_debt,
        }


def _scaled(token: aave.ScaledBalanceToken, first: int) -> dict[int, int]:
    words = {first + 2: token.scaled_total_supply}
    for user in token.previous_index.keys() | token.scaled_balance_of.keys():
        address = int(NAMES.get(user, str(user)), 16)
        words[mapping_slot(address, first)] = pack(
            (token.scaled_balance_of.get(user, 0), 128), (token.previous_index.get(user, 0), 128)
        )
    return words
