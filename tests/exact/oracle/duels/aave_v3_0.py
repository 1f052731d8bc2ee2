"""
Aave 3.0: random sequences on the whole deployed market.

Moves: supply, withdraw, borrow for oneself and on lent credit, repay with money and with aTokens,
transfers of aTokens, collateral switched on and off, efficiency modes, delegation, liquidation for
the asset and for aTokens, the treasury's share minted, prices, donations, new configurations
(caps, freezes, ceilings), reads. Starts: three or four assets of 2 to 18 decimals, one of them
isolated at times, two efficiency modes, one with a price of its own.
"""

import random
from dataclasses import replace
from typing import ClassVar

from judge.abi import call, mapping_slot, pack
from judge.chain import OWNER
from judge.duel import Move

from headframe.exact import aave_v3_0 as aave
from headframe.exact.fixed import RAY

from .aave_moves import COMMON
from .aave_stage import USERS, configuration_word, list_asset, set_e_mode, set_market
from .aave_storage import AaveStorage
from .stage import log_uniform

MODES = ((0, 0, 1, 2), (1, 1, 1, 0), (2, 2, 2, 1))
"""Categories that a market's assets are drawn from."""
MOST = (1 << 36) - 1
"""The largest cap."""


class AaveV30Duel(AaveStorage):
    """The market's two texts."""

    name: ClassVar[str] = "aave_v3_0"
    aave = aave
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
        self._begin(rng)

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
            set_e_mode(self.market, number, mode)
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
        asset = list_asset(self.market, configuration, strategy)
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

    @property
    def priced(self) -> tuple[str, ...]:
        """Assets, and the source of the common price."""
        return (*self.assets, COMMON)

    def _cash(self, asset: str) -> int:
        return self._held(asset)

    def _held(self, asset: str) -> int:
        held: int = self.ours.reserves[asset].underlying_balance
        return held

    def _receive(self, asset: str, amount: int) -> None:
        self.ours.reserves[asset].underlying_balance += amount

    # ---- storage ---------------------------------------------------------------------------

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
