"""
Exact v3 swaps a second through degenbot; runs inside its own environment, prints one line of JSON.

Its pools want a node and a database when they are made, so one is made without its constructor and
given the same state that the constructor would set: a fee, a spacing, ticks. Its swap does not move
the pool; the state after each swap is handed over as its own updates do.
"""

import dataclasses
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from degenbot.uniswap.v3_liquidity_pool import UniswapV3Pool
from degenbot.uniswap.v3_types import (
    UniswapV3BitmapAtWord,
    UniswapV3LiquidityAtTick,
    UniswapV3PoolState,
)

TOKENS = "token0", "token1"


def make_pool(told):
    """A pool of theirs in the state told."""
    pool = UniswapV3Pool.__new__(UniswapV3Pool)
    pool.fee, pool.tick_spacing = told["fee_pips"], told["tick_spacing"]
    pool.token0, pool.token1 = TOKENS
    pool.sparse_liquidity_map = False
    pool._swap_step_cache = {}
    pool._swap_step_cache_lock = Lock()
    words, last = {}, 887_272 // told["tick_spacing"] // 256 + 1
    for tick, _, _ in told["ticks"]:
        place = tick // told["tick_spacing"]
        words[place >> 8] = words.get(place >> 8, 0) | 1 << (place & 255)
    pool._state = UniswapV3PoolState(
        address="0x" + "00" * 20,
        block=0,
        liquidity=told["liquidity"],
        sqrt_price_x96=told["sqrt_price_x96"],
        tick=told["tick"],
        tick_bitmap={
            word: UniswapV3BitmapAtWord(bitmap=words.get(word, 0), block=0)
            for word in range(-last, last + 1)
        },
        tick_data={
            tick: UniswapV3LiquidityAtTick(liquidity_net=net, liquidity_gross=gross, block=0)
            for tick, net, gross in told["ticks"]
        },
    )
    return pool


def play(pool, swaps):
    """Seconds of processor time, and the amounts and state after the swaps."""
    amounts = []
    start = time.process_time()
    for down, amount in swaps:
        token_in = TOKENS[0] if down else TOKENS[1]
        if amount > 0:
            done = pool.simulate_exact_input_swap(token_in, amount)
        else:
            done = pool.simulate_exact_output_swap(TOKENS[1] if down else TOKENS[0], -amount)
        end = done.final_state
        pool._state = end
        amounts.append((done.amount0_delta, done.amount1_delta))
    seconds = time.process_time() - start
    return seconds, amounts, dataclasses.astuple(end)


def main():
    """Read the pool and the swaps, play them, tell."""
    told = json.loads(Path(sys.argv[1]).read_text())
    pool = make_pool(told)
    seconds, amounts, _ = play(pool, told["swaps"])
    end = pool.state
    answer = {
        "seconds": seconds,
        "amounts": amounts,
        "end": [end.sqrt_price_x96, end.tick, end.liquidity],
        "release": version("degenbot"),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
