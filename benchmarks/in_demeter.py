"""
The leveraged liquidity position in demeter, run inside that library's own environment.

Ether is supplied to its Aave v3 market, dollars are borrowed against it and put over the full range
of its Uniswap v3 market (which makes it a v2 position), both in one actuator. Every bar accrues
interest and fees and looks for a liquidation; a trigger delevers when the health factor falls. The
market comes from a file that `benchmarks.competitors` writes, the answer goes to the standard
output as JSON. Only the library's own `run()` is timed: its data frames are made before.

    python in_demeter.py MARKET.npz
"""

import json
import logging
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from demeter import Actuator, MarketInfo, MarketTypeEnum, Strategy, TokenInfo
from demeter.aave import AaveV3Market
from demeter.strategy.trigger import CustomizedTrigger
from demeter.uniswap import UniLpMarket, UniV3Pool

ETH = TokenInfo(name="weth", decimal=18)
"""What is supplied as collateral; the pool's second token."""
DOLLAR = TokenInfo(name="usd", decimal=6)
"""What is borrowed; the pool's first token and its quote. Under the name of the lending market's
quote no bar has to convert one into the other, which saves the library a tenth of its time."""
FULL_RANGE = 887_220
"""The last tick that a pool of the 0.003 tier (tick spacing 60) may use."""
TICK = 1.0001
"""The price ratio of two neighbouring ticks."""
PLAYS = 3
"""How often it is played; the median time counts."""
PER_HUNDRED, BPS_PER_ONE = 100.0, 10_000
"""The library takes a pool's fee in percent, its risk parameters in basis points."""
RISK = {
    "name": ("Dollar", "Wrapped Ether"),
    "symbol": (DOLLAR.name, ETH.name),
    "usageAsCollateralEnabled": True,
    "reserveFactor": 0,
    "borrowingEnabled": True,
    "optimalUsageRatio": 0,
    "variableRateSlope1": 0,
    "variableRateSlope2": 0,
    "baseVariableBorrowRate": 0,
    "supplyCap": 0,
    "borrowCap": 0,
    "borrowableInIsolation": True,
    "flashLoanEnabled": True,
}
"""Columns that its table of risk parameters must have, besides those that come with the market."""


class Farm(Strategy):
    """Borrow against ether, provide liquidity, delever at the trigger."""

    def __init__(self, market):
        super().__init__()
        names = ("collateral_eth", "borrow_usd", "trigger", "target", "threshold")
        self.terms = {name: Decimal(str(market[name])) for name in names}
        self.delevered = 0

    def initialize(self):
        self.pool, self.loan = self.markets.values()
        self.loan.supply(ETH, self.terms["collateral_eth"])
        self.loan.borrow(DOLLAR, self.terms["borrow_usd"])
        self.enter()
        self.triggers.append(CustomizedTrigger(self.is_due, self.delever))

    def is_due(self, _):
        """Is the health factor below the trigger, and is there liquidity to leave?"""
        return self.loan.health_factor < self.terms["trigger"] and bool(self.pool.positions)

    def delever(self, _):
        """Leave the pool, repay down to the target, enter again with what is left."""
        self.delevered += 1
        self.pool.remove_all_liquidity()
        self.pool.sell(self.broker.get_token_balance(ETH))
        allowed_usd = (
            self.loan.total_collateral_value * self.terms["threshold"] / self.terms["target"]
        )
        due_usd = self.loan.total_borrows_value - allowed_usd
        cash_usd = self.broker.get_token_balance(DOLLAR)
        self.loan.repay(DOLLAR, min(due_usd, cash_usd))
        if due_usd < cash_usd:
            self.enter()

    def enter(self):
        """All cash into the pool, half of it as ether."""
        self.pool.add_liquidity_by_value(-FULL_RANGE, FULL_RANGE)


def pool_bars(market, index):
    """The pool's bars as the library loads them: volumes and liquidity in smallest units."""
    usd, eth = 10.0**DOLLAR.decimal, 10.0**ETH.decimal
    half_usd, price = market["pool_usd"] / 2.0, market["eth_usd"]
    whole = {
        "currentLiquidity": np.sqrt(half_usd * usd * (half_usd / price * eth)),
        "inAmount0": half_usd * market["turnover"] * usd,
        "inAmount1": half_usd * market["turnover"] / price * eth,
    }
    columns = {name: [Decimal(int(value)) for value in row] for name, row in whole.items()}
    ticks = np.floor(np.log(eth / usd / price) / np.log(TICK)).astype(int)
    prices = [Decimal(str(value)) for value in price]
    return pd.DataFrame({"closeTick": ticks, "price": prices, **columns}, index=index)


def loan_bars(apr, bars_per_year, index):
    """A token's bars on the lending market: rates per year and the indices they compound to."""
    grown = np.cumprod(1.0 + apr / bars_per_year)
    rates = ("liquidity_rate", "stable_borrow_rate", "variable_borrow_rate")
    indices = ("liquidity_index", "variable_borrow_index")
    columns = {**dict.fromkeys(rates, apr), **dict.fromkeys(indices, grown)}
    return pd.DataFrame(columns, index=index)


def lending_market(market, index):
    """The lending market with its bars; the library reads risk parameters from a file only."""
    bps = {
        "baseLTVasCollateral": market["max_ltv"],
        "reserveLiquidationThreshold": market["threshold"],
        "reserveLiquidationBonus": 1.0 + market["penalty"],
    }
    bps = {name: round(float(value) * BPS_PER_ONE) for name, value in bps.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "risk.csv"
        pd.DataFrame({**RISK, **bps}).to_csv(path, index=False)
        made = AaveV3Market(
            MarketInfo("loan", MarketTypeEnum.aave_v3), str(path), tokens=[DOLLAR, ETH]
        )
    for token, apr in ((ETH, "supply_apr"), (DOLLAR, "borrow_apr")):
        made.set_token_data(token, loan_bars(market[apr], market["bars_per_year"], index))
    return made


def actuator(market):
    """The library's engine with both markets, the wallet, the prices and the strategy."""
    index = pd.date_range("2025-01-01", periods=len(market["eth_usd"]), freq="h")
    tier = UniV3Pool(DOLLAR, ETH, float(market["fee"]) * PER_HUNDRED, DOLLAR)
    pool = UniLpMarket(MarketInfo("pool"), tier, data=pool_bars(market, index))
    made = Actuator()
    made.broker.add_market(pool)
    made.broker.add_market(lending_market(market, index))
    made.broker.set_balance(DOLLAR, 0)
    made.broker.set_balance(ETH, Decimal(str(market["collateral_eth"])))
    made.set_price(pd.DataFrame({ETH.name: market["eth_usd"], DOLLAR.name: 1.0}, index=index))
    made.strategy = Farm(market)
    return made


def timed(market):
    """The actuator after its run, and the processor seconds that the run took."""
    made = actuator(market)
    start = time.process_time()
    made.run(print_result=False)
    return made, time.process_time() - start


def main():
    """Play the market of the file and print what came out."""
    logging.disable(logging.CRITICAL)
    market = dict(np.load(sys.argv[1]))
    times = []
    for _ in range(PLAYS):
        played, seconds = timed(market)
        times.append(seconds)
    answer = {
        "seconds": statistics.median(times),
        "n_bars": len(played.account_status_df),
        "wealth_usd": float(played.final_status.net_value),
        "delevered": played.strategy.delevered,
        "libraries": {name: version(name) for name in ("numpy", "pandas")},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
