"""
Uniswap v2's quotes: the router's pure functions against ours, call by call.

There is no state; a move is one question, with numbers of every size up to 256 bits.
"""

import random
from typing import ClassVar

from judge.abi import encode
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage

from headframe.exact import uniswap_v2 as v2

from .stage import log_uniform

PERIPHERY = "@uniswap/v2-periphery"


class UniswapV2RouterDuel:
    """The router's two texts."""

    name: ClassVar[str] = "uniswap_v2_router"
    judge: ClassVar[str] = "release artifact: @uniswap/v2-periphery 1.1.0-beta.0, Router02"

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        code = creation_code(PERIPHERY, "package/build/UniswapV2Router02.json")
        self.router = self.chain.deploy(code, OWNER, OWNER)

    def draw(self, rng: random.Random) -> Move:
        """Draw a question."""
        numbers = [log_uniform(rng, 1, 1 << rng.choice((40, 112, 112, 255))) for _ in range(3)]
        if rng.random() < 0.1:
            numbers[rng.randrange(3)] = 0
        if rng.random() < 0.1:
            numbers[2] = numbers[0] + rng.randint(-1, 1)
        numbers = [max(number, 0) for number in numbers]
        name, ours = rng.choice(
            (("getAmountOut", v2.get_amount_out), ("getAmountIn", v2.get_amount_in))
        )

        def theirs() -> Answer:
            signature = f"{name}(uint256,uint256,uint256)"
            return self.chain.call(OWNER, self.router, signature, *numbers)

        return Move(f"{name}({numbers})", lambda: encode(ours(*numbers)), theirs, dict)

    def everything(self) -> Storage:
        """Nothing is stored."""
        return {}
