"""
Aave 3.6: random sequences on the whole compiled market.

The moves are those of 3.0 (`aave_moves`); new configurations change caps, freezes, terms and the
bitmaps of efficiency modes. Starts: three or four assets of 2 to 18 decimals, two efficiency modes.
"""

import random
from dataclasses import replace
from typing import ClassVar

from judge.abi import call, mapping_slot, pack
from judge.chain import OWNER
from judge.duel import Move

from headframe.exact import aave_v3_6 as aave

from .aave_storage import AaveStorage
from .aave_v3_6_stage import BITMAPS, configuration_word, list_asset, set_e_mode, set_market
from .stage import log_uniform

MOST = (1 << 36) - 1
"""The largest cap."""


class AaveV36Duel(AaveStorage):
    """The market's two texts."""

    name: ClassVar[str] = "aave_v3_6"
    aave = aave
    judge: ClassVar[str] = (
        "official source, compiled by us: @aave-dao/aave-v3-origin 3.6.0, Pool with its libraries, "
        "tokens, rate strategy"
    )
    modes = (0, 1, 1, 2)

    def __init__(self, rng: random.Random) -> None:
        self.market = set_market(rng)
        self.chain = self.market.chain
        self.ours = aave.Pool()
        for _ in range(rng.choice((3, 4))):
            self._draw_asset(rng)
        self.assets = tuple(str(asset) for asset in self.ours.reserves)
        for number in (1, 2):
            self._draw_mode(rng, number)
        self._begin(rng)

    def _draw_mode(self, rng: random.Random, number: int) -> None:
        ltv = rng.randint(1, 9_700)
        collateral, zero = rng.randrange(16), rng.randrange(16) if rng.random() < 0.3 else 0
        mode = aave.EModeCategory(
            ltv_bps=ltv,
            liquidation_threshold_bps=rng.randint(ltv, 9_800),
            liquidation_bonus_bps=rng.randint(10_001, 10_500),
            collateral_bitmap=collateral,
            borrowable_bitmap=rng.randrange(16) | rng.randrange(16),
            ltvzero_bitmap=collateral & zero,
        )
        self.ours.e_mode_categories[number] = mode
        set_e_mode(self.market, number, mode)

    def _draw_asset(self, rng: random.Random) -> None:
        slope1 = log_uniform(rng, 1, 1_000)
        strategy = aave.InterestRateStrategy(
            optimal_usage_ratio_bps=rng.randint(100, 9_900),
            base_variable_borrow_rate_bps=rng.choice((0, 0, log_uniform(rng, 1, 500))),
            variable_rate_slope1_bps=slope1,
            variable_rate_slope2_bps=max(slope1, log_uniform(rng, 100, 30_000)),
        )
        configuration = self._draw_configuration(rng, rng.choice((2, 6, 8, 18, 18)))
        asset = list_asset(self.market, configuration, strategy)
        aave.init_reserve(self.ours, asset, configuration, strategy)
        self._set_price(asset, log_uniform(rng, 10**5, 10**13))

    def _draw_configuration(self, rng: random.Random, decimals: int) -> aave.ReserveConfiguration:
        ltv = rng.randint(3_000, 8_500)
        return aave.ReserveConfiguration(
            decimals=decimals,
            ltv_bps=ltv,
            liquidation_threshold_bps=rng.randint(ltv, 9_000),
            liquidation_bonus_bps=rng.randint(10_001, 11_500),
            reserve_factor_bps=rng.choice((0, 1_000, rng.randint(1, 10_000))),
            liquidation_protocol_fee_bps=rng.choice((0, 1_000, rng.randint(1, 10_000))),
        )

    def _draw_configure(self, rng: random.Random) -> Move:
        if rng.random() < 0.1:
            return self._draw_bitmap(rng)
        asset = rng.choice(self.assets)
        reserve = self.ours.reserves[asset]
        unit = 10**reserve.configuration.decimals
        scaled_debt = reserve.variable_debt_token.scaled_total_supply
        supplied = (reserve.virtual_underlying_balance + scaled_debt) // unit
        change: dict[str, object] = rng.choice(
            (
                {"supply_cap": min(rng.randint(supplied // 2, 2 * supplied + 1), MOST)},
                {"borrow_cap": min(rng.randint(0, scaled_debt // unit * 2 + 1), MOST)},
                {"ltv_bps": rng.choice((0, rng.randint(1, 8_000)))},
                {"frozen": True},
                {"paused": rng.random() < 0.5},
                {"active": rng.random() < 0.5},
                {"borrowing_enabled": rng.random() < 0.5},
                {"liquidation_threshold_bps": rng.choice((0, rng.randint(1, 9_000)))},
                {"reserve_factor_bps": rng.randint(0, 10_000)},
                *(self._restored(),) * 4,
            )
        )
        changed = replace(reserve.configuration, **change)  # type: ignore[arg-type]

        def ours() -> bytes:
            reserve.configuration = changed
            return b""

        data = call("setConfiguration(address,(uint256))", asset, configuration_word(changed))
        return self._move(f"configure({asset}, {change})", ours, OWNER, data)

    def _restored(self) -> dict[str, object]:
        flags = {"frozen": False, "paused": False, "active": True, "borrowing_enabled": True}
        return {**flags, "supply_cap": 0, "borrow_cap": 0, "ltv_bps": 7_000,
                "liquidation_threshold_bps": 7_500}  # fmt: skip

    def _draw_bitmap(self, rng: random.Random) -> Move:
        number, (name, field), bitmap = rng.choice((1, 2)), rng.choice(BITMAPS), rng.randrange(16)
        modes = self.ours.e_mode_categories

        def ours() -> bytes:
            modes[number] = replace(modes[number], **{field: bitmap})
            return b""

        data = call(f"configureEModeCategory{name}Bitmap(uint8,uint128)", number, bitmap)
        return self._move(f"configure({number}, {field}, {bitmap})", ours, OWNER, data)

    def _cash(self, asset: str) -> int:
        cash: int = self.ours.reserves[asset].virtual_underlying_balance
        return cash

    def _receive(self, asset: str, amount: int) -> None:
        self.ours.reserves[asset].underlying_balance += amount

    # ---- storage ---------------------------------------------------------------------------

    def _held(self, asset: str) -> int:
        held: int = self.ours.reserves[asset].underlying_balance
        return held

    def _reserve(self, asset: str, reserve: aave.Reserve) -> dict[int, int]:
        slot = mapping_slot(int(asset, 16), 52)
        return {
            slot: configuration_word(reserve.configuration),
            slot + 1: pack((reserve.liquidity_index, 128), (reserve.current_liquidity_rate, 128)),
            slot + 2: pack(
                (reserve.variable_borrow_index, 128), (reserve.current_variable_borrow_rate, 128)
            ),
            slot + 3: pack(
                (reserve.deficit, 128), (reserve.last_update_timestamp, 40), (reserve.id, 16)
            ),
            slot + 8: pack(
                (reserve.accrued_to_treasury, 128), (reserve.virtual_underlying_balance, 128)
            ),
        }

    def _users(self) -> dict[int, int]:
        words = super()._users()
        for number, mode in self.ours.e_mode_categories.items():
            slot = mapping_slot(number, 55)
            words[slot] = pack(
                (mode.ltv_bps, 16),
                (mode.liquidation_threshold_bps, 16),
                (mode.liquidation_bonus_bps, 16),
                (mode.collateral_bitmap, 128),
            )
            words[slot + 2] = pack((mode.borrowable_bitmap, 128), (mode.ltvzero_bitmap, 128))
        return words
