"""
Amounts and users that make Aave's markets interesting: loans at the limit, users about to fall ill.
"""

import random
from types import ModuleType
from typing import Any, ClassVar

from .aave_stage import USERS
from .stage import log_uniform

COLLATERAL = int("A" * 64, 16)
"""Bits of a user's collateral."""


class AaveAmounts:
    """What a duel draws amounts and users with; `aave` is the version's exact text."""

    aave: ClassVar[ModuleType]
    ours: Any
    market: Any
    assets: tuple[str, ...]
    modes: tuple[int, ...]
    chain: Any

    @property
    def priced(self) -> tuple[str, ...]:
        """What has a price."""
        return self.assets

    def _worth(self, rng: random.Random, asset: str, low: int, high: int) -> int:
        """An amount of an asset that is worth so much, in the base currency's smallest unit."""
        unit = 10 ** self.ours.reserves[asset].configuration.decimals
        return max(log_uniform(rng, low, high) * unit // max(self.ours.prices[asset], 1), 1)

    def _loan(self, rng: random.Random, user: str, asset: str) -> int:
        now_ts = self.market.now_ts
        account = self.aave.calculate_user_account_data(self.ours, user, now_ts=now_ts)
        unit = 10 ** self.ours.reserves[asset].configuration.decimals
        most = account.available_borrows_base * unit // max(self.ours.prices[asset], 1)
        cash = self._cash(asset)
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
                self.aave.ALL,
                max(whole + rng.choice((-1, 1)), 0),
                whole * rng.randint(1, 999) // 1_000,
                whole * rng.randint(1, 999) // 1_000,
                log_uniform(rng, 1, max(whole, 2)),
                rng.randint(0, 3),
            )
        )

    def _supplied(self, asset: str, user: str) -> int:
        return self.aave.a_token_balance_of(self.ours, asset, user, now_ts=self.market.now_ts)

    def _owed(self, asset: str, user: str) -> int:
        return self.aave.variable_debt_balance_of(self.ours, asset, user, now_ts=self.market.now_ts)

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
        return self.aave.calculate_user_account_data(
            self.ours, user, now_ts=now_ts
        ).health_factor_wad

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

    def _cash(self, asset: str) -> int:
        raise NotImplementedError

    def _receive(self, asset: str, amount: int) -> None:
        raise NotImplementedError
