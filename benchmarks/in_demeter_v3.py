"""
A position in one range of demeter's own Uniswap v3 market, run inside that library's environment.

Both tokens are put into the range on the first bar and left there; every bar adds the fees. The
bars come from a file that `benchmarks.v3_bars` writes, the answer goes to the standard output as
JSON. Only the library's own `run()` is timed: its data frames are made before.

    python in_demeter_v3.py BARS.npz
"""

import json
import logging
import statistics
import sys
import time
from decimal import Decimal
from importlib.metadata import version

import numpy as np
import pandas as pd
from demeter import Actuator, MarketInfo, Strategy, TokenInfo
from demeter.uniswap import UniLpMarket, UniV3Pool

ETH, DOLLAR = TokenInfo(name="weth", decimal=18), TokenInfo(name="usd", decimal=6)
"""The pool's tokens; prices are in dollars."""
PLAYS = 3
"""How often it is played; the median time counts."""
PER_HUNDRED = 100.0
"""The library takes a pool's fee in percent."""


class Provider(Strategy):
    """Liquidity in one range, left alone."""

    def __init__(self, bars):
        super().__init__()
        self.ticks = int(bars["tick_lower"]), int(bars["tick_upper"])
        self.liquidity = 0

    def initialize(self):
        self.pool = next(iter(self.markets.values()))
        *_, self.liquidity = self.pool.add_liquidity_by_tick(*self.ticks, trim_tick=False)


def pool_bars(bars, index):
    """The pool's bars as the library loads them: volumes and liquidity in smallest units."""
    names = {"currentLiquidity": "liquidity", "inAmount0": "volume0", "inAmount1": "volume1"}
    columns = {name: [Decimal(int(v)) for v in bars[ours]] for name, ours in names.items()}
    prices = [Decimal(str(value)) for value in bars["price"]]
    # its decimals refuse the whole numbers of numpy
    ticks = np.array([int(tick) for tick in bars["close"]], dtype=object)
    return pd.DataFrame({"closeTick": ticks, "price": prices, **columns}, index=index)


def actuator(bars):
    """The library's engine with the pool, the wallet, the prices and the strategy."""
    index = pd.date_range("2025-01-01", periods=len(bars["close"]), freq="min")
    tier = UniV3Pool(ETH, DOLLAR, float(bars["fee"]) * PER_HUNDRED, DOLLAR)
    made = Actuator()
    made.broker.add_market(UniLpMarket(MarketInfo("pool"), tier, data=pool_bars(bars, index)))
    made.broker.set_balance(ETH, Decimal(str(bars["deposit_eth"])))
    made.broker.set_balance(DOLLAR, Decimal(str(bars["deposit_usd"])))
    made.set_price(pd.DataFrame({ETH.name: bars["price"], DOLLAR.name: 1.0}, index=index))
    made.strategy = Provider(bars)
    return made


def timed(bars):
    """The actuator after its run, and the processor seconds that the run took."""
    made = actuator(bars)
    start = time.process_time()
    made.run(print_result=False)
    return made, time.process_time() - start


def main():
    """Play the bars of the file and print what the position earned."""
    logging.disable(logging.CRITICAL)
    bars = dict(np.load(sys.argv[1]))
    times = []
    for _ in range(PLAYS):
        played, seconds = timed(bars)
        times.append(seconds)
    (position,) = played.strategy.pool.positions.values()
    answer = {
        "seconds": statistics.median(times),
        "n_bars": len(played.account_status_df),
        "liquidity": int(played.strategy.liquidity),
        "fee0": float(position.pending_amount0) * 10.0**ETH.decimal,
        "fee1": float(position.pending_amount1) * 10.0**DOLLAR.decimal,
        "libraries": {name: version(name) for name in ("numpy", "pandas")},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
