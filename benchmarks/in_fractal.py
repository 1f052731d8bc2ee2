"""
The leveraged liquidity position in fractal-defi, run inside that library's own environment.

Ether is collateral on its Aave entity, dollars are borrowed against it and put into its Uniswap v2
entity, both in one strategy. Every bar accrues interest and fees and looks for a liquidation;
`predict` delevers when the health factor falls below the trigger. The market comes from a file that
`benchmarks.competitors` writes, the answer goes to the standard output as JSON. Only the library's
own `run()` is timed: its observations are made before.

    python in_fractal.py MARKET.npz
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import numpy as np
from fractal.core.base import (
    Action,
    ActionToTake,
    BaseStrategy,
    BaseStrategyParams,
    NamedEntity,
    Observation,
)
from fractal.core.entities import (
    AaveEntity,
    AaveGlobalState,
    UniswapV2LPConfig,
    UniswapV2LPEntity,
    UniswapV2LPGlobalState,
)

LOAN, POOL = "loan", "pool"
"""The names under which the strategy registers its two entities."""
PLAYS = 3
"""How often it is played; the median time counts."""


@dataclass
class Terms(BaseStrategyParams):
    """The strategy's parameters: opening amounts, two health factors, and fractions."""

    collateral_eth: float
    borrow_usd: float
    trigger: float
    target: float
    threshold: float
    max_ltv: float
    fee: float


def order(entity, action, **amounts):
    """One order; an amount may be a function of the strategy, asked when it is carried out."""
    return ActionToTake(entity, Action(action, amounts))


def cash_usd(farm):
    """What lies uninvested in the pool's entity."""
    return farm.pool.internal_state.cash


class Farm(BaseStrategy[Terms]):
    """Borrow against ether, provide liquidity, delever at the trigger."""

    def set_up(self):
        terms = self._params
        self.loan = AaveEntity(
            max_ltv=terms.max_ltv, liq_thr=terms.threshold, collateral_is_volatile=True
        )
        self.pool = UniswapV2LPEntity(
            UniswapV2LPConfig(pool_fee_rate=terms.fee, fees_compounding_model="compound")
        )
        self.register_entity(NamedEntity(LOAN, self.loan))
        self.register_entity(NamedEntity(POOL, self.pool))
        self.opened, self.delevered = False, 0

    def predict(self):
        if not self.opened:
            self.opened = True
            return self.opening()
        if self.loan.health_factor >= self._params.trigger or not self.pool.is_position:
            return []
        self.delevered += 1
        return self.delevering()

    def opening(self):
        """Collateral in, loan out, all of it into the pool."""
        borrowed = self._params.borrow_usd
        return [
            order(LOAN, "deposit", amount_in_notional=self._params.collateral_eth),
            order(LOAN, "borrow", amount_in_product=borrowed),
            order(POOL, "deposit", amount_in_notional=borrowed),
            order(POOL, "open_position", amount_in_notional=borrowed),
        ]

    def delevering(self):
        """Leave the pool, repay down to the target, enter again with what is left."""
        due_usd = self.loan.calculate_repay(self._params.threshold / self._params.target)

        def repaid_usd(farm):
            return min(due_usd, cash_usd(farm))

        orders = [
            order(POOL, "close_position"),
            order(LOAN, "repay", amount_in_product=repaid_usd),
            order(POOL, "withdraw", amount_in_notional=repaid_usd),
        ]
        if due_usd < self.pool.balance * (1.0 - self._params.fee):
            orders.append(order(POOL, "open_position", amount_in_notional=cash_usd))
        return orders


def observations(market):
    """What the library sees of each bar, in its own objects; the pool keeps its fees."""
    yields = market["turnover"] * market["fee"]
    grown = np.concatenate(([1.0], np.cumprod(1.0 + yields)[:-1]))
    tvl_usd = market["pool_usd"] * grown
    columns = (
        market["eth_usd"],
        market["supply_apr"] / market["bars_per_year"],
        market["borrow_apr"] / market["bars_per_year"],
        tvl_usd,
        tvl_usd * market["turnover"],
        tvl_usd * yields,
    )
    start, hour = datetime(2025, 1, 1, tzinfo=UTC), timedelta(hours=1)
    return [
        Observation(
            start + k * hour,
            {
                LOAN: AaveGlobalState(eth, 1.0, supply, borrow),
                POOL: UniswapV2LPGlobalState(tvl, volume, fees, 1.0, eth),
            },
        )
        for k, (eth, supply, borrow, tvl, volume, fees) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]


def timed(terms, seen):
    """The strategy and its record after a run, and the processor seconds that the run took."""
    farm = Farm(params=terms)
    start = time.process_time()
    result = farm.run(seen)
    return farm, result, time.process_time() - start


def main():
    """Play the market of the file and print what came out."""
    market = dict(np.load(sys.argv[1]))
    terms = Terms(**{field.name: float(market[field.name]) for field in fields(Terms)})
    seen, times = observations(market), []
    for _ in range(PLAYS):
        farm, result, seconds = timed(terms, seen)
        times.append(seconds)
    answer = {
        "seconds": statistics.median(times),
        "n_bars": len(result.timestamps),
        "wealth_usd": farm.total_balance,
        "delevered": farm.delevered,
        "libraries": {name: version(name) for name in ("numpy", "pandas")},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
