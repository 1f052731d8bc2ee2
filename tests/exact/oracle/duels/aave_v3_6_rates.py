"""
Aave 3.6's rate strategy: random curves, allowed or not, and random reserves on the contract.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import encode, mapping_slot, pack, selector
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain
from judge.duel import Move, Storage

from headframe.exact import aave_v3_6_rates as rates

from .aave_v3_6_math import BUILD
from .stage import log_uniform

FULL = (1 << 256) - 1
CONFIGURATOR = int.from_bytes(b"POOL_CONFIGURATOR".ljust(32, b"\0"), "big")
RESERVE = "0x" + "bb" * 20
SLOT = 0
"""Of the mapping from reserves to curves."""
SET = "setInterestRateParams(address,(uint16,uint32,uint32,uint32))"
CALCULATE = "calculateInterestRates((uint256,uint256,uint256,uint256,uint256,address,bool,uint256))"


class AaveV36RatesDuel:
    """The strategy's two texts."""

    name: ClassVar[str] = "aave_v3_6_rates"
    judge: ClassVar[str] = (
        "official source, compiled by us: @aave-dao/aave-v3-origin 3.6.0, "
        "DefaultReserveInterestRateStrategyV2"
    )

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        name = "PoolAddressesProvider.json"
        provider = self.chain.deploy(creation_code(BUILD, name), b"market", OWNER)
        self.chain.must(OWNER, provider, "setAddress(bytes32,address)", CONFIGURATOR, OWNER)
        code = creation_code(BUILD, "DefaultReserveInterestRateStrategyV2.json")
        self.contract = self.chain.deploy(code, provider)
        self.curve = rates.InterestRateStrategy(
            optimal_usage_ratio_bps=9_200,
            base_variable_borrow_rate_bps=0,
            variable_rate_slope1_bps=550,
            variable_rate_slope2_bps=4_000,
        )
        data = selector(SET) + encode(RESERVE, 9_200, 0, 550, 4_000)
        assert not self.chain.send(OWNER, self.contract, data).failed

    def draw(self, rng: random.Random) -> Move:
        """Draw a new curve, or a reserve to ask rates for."""
        return self._draw_curve(rng) if rng.random() < 0.2 else self._draw_rates(rng)

    def _draw_curve(self, rng: random.Random) -> Move:
        slope1, slope2 = sorted((log_uniform(rng, 1, 60_000), log_uniform(rng, 1, 100_000)))
        if rng.random() < 0.1:
            slope1, slope2 = slope2, slope1
        optimal = rng.choice((0, 99, 100, 9_900, 9_901, *(rng.randint(1, 9_950),) * 8))
        base = rng.choice((0, rng.randint(0, 500), max(100_000 - slope1 - slope2, 0)))
        base += rng.choice((0, 0, 1))
        parameters = (optimal, base, slope1, slope2)

        def ours() -> bytes:
            self.curve = rates.InterestRateStrategy(
                optimal_usage_ratio_bps=optimal,
                base_variable_borrow_rate_bps=base,
                variable_rate_slope1_bps=slope1,
                variable_rate_slope2_bps=slope2,
            )
            return b""

        return self._move(f"curve{parameters}", ours, selector(SET) + encode(RESERVE, *parameters))

    def _draw_rates(self, rng: random.Random) -> Move:
        available, debt = log_uniform(rng, 1, 10**30), log_uniform(rng, 1, 10**30)
        added, taken = rng.choice((0, available // 3)), rng.choice((0, 0, available))
        deficit = rng.choice((0, log_uniform(rng, 1, 10**30)))
        factor = rng.choice((0, 1_000, rng.randint(0, 10_000), 10_001))
        odd = rng.random()
        if odd < 0.1:
            available, taken = (0, 0) if odd < 0.05 else (available, available + added + 1)
        elif odd < 0.2:
            debt = 0
        elif odd < 0.3:
            debt = rng.choice((FULL, FULL >> 88, FULL >> 90, log_uniform(rng, 1, FULL)))
        elif odd < 0.35:
            deficit = FULL

        def ours() -> bytes:
            found = rates.calculate_interest_rates(
                self.curve,
                available_liquidity=available,
                total_debt=debt,
                reserve_factor_bps=factor,
                deficit=deficit,
                liquidity_added=added,
                liquidity_taken=taken,
            )
            return encode(found.liquidity_rate_ray, found.variable_borrow_rate_ray)

        words = (deficit, added, taken, debt, factor, RESERVE, 1, available)
        return self._move(f"rates{words}", ours, selector(CALCULATE) + encode(*words))

    def _move(self, label: str, ours: Callable[[], bytes], data: bytes) -> Move:
        theirs = self.chain.send
        return Move(
            label,
            ours,
            lambda: theirs(OWNER, self.contract, data),
            self.everything,
        )

    def everything(self) -> Storage:
        """The curve, packed."""
        curve = self.curve
        word = pack(
            (curve.optimal_usage_ratio_bps, 16),
            (curve.base_variable_borrow_rate_bps, 32),
            (curve.variable_rate_slope1_bps, 32),
            (curve.variable_rate_slope2_bps, 32),
        )
        return {self.contract: {mapping_slot(int(RESERVE, 16), SLOT): word}}
