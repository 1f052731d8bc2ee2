"""
Moves on an Aave v3 market that are called alike in every version.

Supply, withdraw, borrow for oneself and on lent credit, repay with money and with aTokens,
transfers of aTokens, collateral switched on and off, delegation, liquidation for the asset and for
aTokens, the treasury's share minted, prices, donations.
"""

import random
from collections.abc import Callable

from judge.abi import call, encode
from judge.chain import OWNER
from judge.duel import Move

from .aave_amounts import AaveAmounts
from .aave_stage import USERS
from .stage import log_uniform

COMMON = "0x" + "cc" * 20
"""Source of an efficiency mode's common price, where there is such a thing."""
NOBODY = "0x" + "bb" * 20
"""An asset that is not listed."""


class AaveMoves(AaveAmounts):
    """Moves, each a draw of arguments and the two ways to play them."""

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
            self.aave.supply(self.ours, caller, asset, amount, now_ts=now_ts, on_behalf_of=user)
            return b""

        data = call("supply(address,uint256,address,uint16)", asset, amount, user, 0)
        return self._move(f"supply({asset}, {amount})", ours, caller, data)

    def _draw_withdraw(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        amount = self._part(rng, self._supplied(asset, user))

        def ours() -> bytes:
            return encode(
                self.aave.withdraw(self.ours, user, asset, amount, now_ts=self.market.now_ts)
            )

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
            self.aave.borrow(
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
                self.aave.repay(
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
            return encode(
                self.aave.repay_with_a_tokens(self.ours, user, asset, amount, now_ts=now_ts)
            )

        data = call("repayWithATokens(address,uint256,uint256)", asset, amount, 2)
        return self._move(f"repay_with_a_tokens({asset}, {amount})", ours, user, data)

    def _draw_transfer(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        to, amount = rng.choice(USERS), self._part(rng, self._supplied(asset, user))

        def ours() -> bytes:
            self.aave.transfer(self.ours, user, asset, to, amount, now_ts=self.market.now_ts)
            return encode(1)

        data = call("transfer(address,uint256)", to, amount)
        a_token = self.market.tokens[asset][0]
        return self._move(f"transfer({asset}, {to}, {amount})", ours, user, data, a_token)

    def _draw_collateral(self, rng: random.Random) -> Move:
        user, asset = self._draw_holder(rng, debt=False)
        use = rng.random() < 0.5

        def ours() -> bytes:
            now_ts = self.market.now_ts
            self.aave.set_user_use_reserve_as_collateral(self.ours, user, asset, use, now_ts=now_ts)
            return b""

        data = call("setUserUseReserveAsCollateral(address,bool)", asset, use)
        return self._move(f"use_as_collateral({asset}, {use})", ours, user, data)

    def _draw_delegation(self, rng: random.Random) -> Move:
        user, to, asset = rng.choice(USERS), rng.choice(USERS), rng.choice(self.assets)
        amount = rng.choice((0, self._worth(rng, asset, 10**9, 10**15), (1 << 256) - 1))

        def ours() -> bytes:
            self.aave.approve_delegation(self.ours, user, asset, to, amount)
            return b""

        data = call("approveDelegation(address,uint256)", to, amount)
        variable = self.market.tokens[asset][-1]
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
            self.aave.liquidation_call(
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
        asset = rng.choice(self.priced)
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
            self.aave.mint_to_treasury(self.ours, assets, now_ts=self.market.now_ts)
            return b""

        data = call("mintToTreasury(address[])", [int(asset, 16) for asset in assets])
        return self._move(f"mint_to_treasury({len(assets)})", ours, OWNER, data)

    def _draw_donation(self, rng: random.Random) -> Move:
        asset = rng.choice(self.assets)
        amount = self._worth(rng, asset, 1, 10**13)

        def ours() -> bytes:
            self._receive(asset, amount)
            return encode(1)

        a_token = self.market.tokens[asset][0]
        data = call("mint(address,uint256)", a_token, amount)
        return self._move(f"donate({asset}, {amount})", ours, OWNER, data, asset)

    def _set_price(self, asset: str, price: int) -> None:
        self.ours.prices[asset] = price
        self.market.set_price(asset, price)

    def _move(
        self, label: str, ours: Callable[[], bytes], sender: str, data: bytes, to: str = ""
    ) -> Move:
        target = to or self.market.pool
        return Move(label, ours, lambda: self.chain.send(sender, target, data), self._touched)

    def _draw_e_mode(self, rng: random.Random) -> Move:
        user, number = rng.choice(USERS), rng.choice((*self.modes, *self.modes, 0, 1, 2, 3))

        def ours() -> bytes:
            self.aave.set_user_e_mode(self.ours, user, number, now_ts=self.market.now_ts)
            return b""

        return self._move(f"e_mode({number})", ours, user, call("setUserEMode(uint8)", number))

    def _draw_unlisted(self, rng: random.Random) -> Move:
        user, now_ts, nowhere, pool = USERS[1], self.market.now_ts, NOBODY, self.ours
        there = rng.choice(self.assets)

        def liquidate() -> None:
            self.aave.liquidation_call(
                pool, user, nowhere, there, USERS[0], 1, receive_a_token=False, now_ts=now_ts
            )

        signature = "liquidationCall(address,address,address,uint256,bool)"
        action, data = rng.choice(
            (
                (
                    lambda: self.aave.supply(pool, user, nowhere, 1, now_ts=now_ts),
                    call("supply(address,uint256,address,uint16)", nowhere, 1, user, 0),
                ),
                (
                    lambda: self.aave.borrow(pool, user, nowhere, 1, now_ts=now_ts),
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
        a_token, *_, variable = self.market.tokens[asset]

        def account() -> bytes:
            data = self.aave.calculate_user_account_data(pool, user, now_ts=now_ts)
            return encode(
                data.total_collateral_base,
                data.total_debt_base,
                data.available_borrows_base,
                data.liquidation_threshold_bps,
                data.ltv_bps,
                data.health_factor_wad,
            )

        def income() -> bytes:
            return encode(self.aave.get_reserve_normalized_income(reserve, now_ts=now_ts))

        def debt_index() -> bytes:
            return encode(self.aave.get_reserve_normalized_variable_debt(reserve, now_ts=now_ts))

        def supplied() -> bytes:
            return encode(self.aave.a_token_balance_of(pool, asset, user, now_ts=now_ts))

        def owed() -> bytes:
            return encode(self.aave.variable_debt_balance_of(pool, asset, user, now_ts=now_ts))

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

    def _draw_configure(self, rng: random.Random) -> Move:
        raise NotImplementedError
