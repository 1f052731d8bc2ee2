"""
Uniswap v3's ticks and prices, and liquidity from amounts, asked of the deployed contracts directly.

A pool tells the tick of a price when it is initialised; wiped clean, it can be asked again. A price
exactly at a tick, and one wei below, pin the price of that tick. The position manager tells the
liquidity that two amounts give.
"""

import random

from judge.artifacts import creation_code
from judge.chain import OWNER, Answer, Chain

from .stage import PURSE, Stage, set_stage
from .uniswap_v3 import FACTORY, V3_CORE

PERIPHERY = "@uniswap/v3-periphery"
MANAGER = (
    "package/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
)
CREATE = "createPool(address,address,uint24)"
MINT = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
FOREVER = (1 << 256) - 1


class PriceOracle:
    """A pool without liquidity, to be initialised again and again."""

    def __init__(self) -> None:
        self.stage: Stage = set_stage(random.Random(0))
        self.chain: Chain = self.stage.chain
        factory = self.chain.deploy(creation_code(V3_CORE, FACTORY))
        self.pool = self.chain.address_of(factory, CREATE, *self.stage.tokens, 3_000)

    def tick_at(self, sqrt_price_x96: int) -> int | Answer:
        """Tick of a price, or the refusal."""
        self.chain.evm.insert_account_storage(self.pool, 0, 0)
        answer = self.chain.call(OWNER, self.pool, "initialize(uint160)", sqrt_price_x96)
        if answer.failed:
            return answer
        tick = self.chain.slot(self.pool, 0) >> 160 & 0xFFFFFF
        return tick - (tick >> 23 << 24)


class LiquidityOracle:
    """A pool at a price, with the position manager before it."""

    def __init__(self, sqrt_price_x96: int) -> None:
        stage = set_stage(random.Random(1), actors=1)
        self.chain, self.tokens = stage.chain, stage.tokens
        self.chain.at(1_700_000_000)
        factory = self.chain.deploy(creation_code(V3_CORE, FACTORY))
        pool = self.chain.address_of(factory, CREATE, *self.tokens, 3_000)
        self.chain.must(OWNER, pool, "initialize(uint160)", sqrt_price_x96)
        self.manager = self.chain.deploy(creation_code(PERIPHERY, MANAGER), factory, OWNER, OWNER)
        for token in self.tokens:
            self.chain.must(OWNER, token, "approve(address,uint256)", self.manager, FOREVER)

    def liquidity(self, lower: int, upper: int, amount0: int, amount1: int) -> int | Answer:
        """Liquidity that two amounts give in a range, or the refusal."""
        assert max(amount0, amount1) < PURSE
        answer = self.chain.call(
            OWNER, self.manager, MINT, *self.tokens, 3_000, lower, upper, amount0, amount1,
            0, 0, OWNER, FOREVER,
        )  # fmt: skip
        if answer.failed:
            return answer
        return int.from_bytes(answer.data[32:64], "big")
