"""
Aave 3.6's rays, percentages, scaled balances and series: random operands on the compiled libraries.

The libraries are internal; `harness/AaveV36Math.sol` opens them to calls from outside.
"""

import random
from typing import ClassVar

from judge.abi import call, encode
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain
from judge.duel import Move, Storage

from headframe.exact import aave_v3_6_math as math
from headframe.exact import aave_v3_math as half_up
from headframe.exact.fixed import RAY

from .stage import log_uniform

BUILD = "aave-v3-6"
FULL = (1 << 256) - 1
FUNCTIONS = {
    "rayMul": (half_up, "ray_mul_half_up"),
    "rayDiv": (half_up, "ray_div_half_up"),
    "wadMul": (half_up, "wad_mul_half_up"),
    "wadDiv": (half_up, "wad_div_half_up"),
    "percentMul": (half_up, "percent_mul_half_up"),
    "percentDiv": (half_up, "percent_div_half_up"),
    "rayMulFloor": (math, "ray_mul_down"),
    "rayMulCeil": (math, "ray_mul_up"),
    "rayDivFloor": (math, "ray_div_down"),
    "rayDivCeil": (math, "ray_div_up"),
    "percentMulFloor": (math, "percent_mul_down"),
    "percentMulCeil": (math, "percent_mul_up"),
    "percentDivCeil": (math, "percent_div_up"),
    "aTokenMint": (math, "a_token_mint_scaled_down"),
    "aTokenBurn": (math, "a_token_burn_scaled_up"),
    "aTokenTransfer": (math, "a_token_transfer_scaled_up"),
    "aTokenBalance": (math, "a_token_balance_down"),
    "vTokenMint": (math, "v_token_mint_scaled_up"),
    "vTokenBurn": (math, "v_token_burn_scaled_down"),
    "vTokenBalance": (math, "v_token_balance_up"),
    "compounded": (math, "calculate_compounded_interest"),
}
"""The harness's name, and where ours stands: looked up at each call, so that tests can plant."""


class AaveV36MathDuel:
    """The arithmetic's two texts."""

    name: ClassVar[str] = "aave_v3_6_math"
    judge: ClassVar[str] = (
        "official source, compiled by us: @aave-dao/aave-v3-origin 3.6.0, its libraries"
    )

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        self.harness = self.chain.deploy(creation_code(BUILD, "AaveV36Math.json"))

    def draw(self, rng: random.Random) -> Move:
        """Draw a function and operands: any, ordinary ones, and ones at the edge of 256 bits."""
        name, (module, ours) = rng.choice(list(FUNCTIONS.items()))
        a, b = log_uniform(rng, 1, FULL), rng.choice((0, 1, RAY, log_uniform(rng, 1, FULL)))
        chance = rng.random()
        if chance < 0.5:
            a, b = log_uniform(rng, 1, 10**30), log_uniform(rng, 1, 10**28)
        elif chance < 0.8:
            a = (FULL - rng.choice((0, RAY, 10_000)) // 2) // max(b, 1) + rng.randint(-1, 1)
        operands = (min(a, FULL), b)
        data = call(f"{name}(uint256,uint256)", *operands)
        return Move(
            f"{name}({operands})",
            lambda: encode(getattr(module, ours)(*operands)),
            lambda: self.chain.send(OWNER, self.harness, data),
            dict,
        )

    def everything(self) -> Storage:
        """Nothing is stored."""
        return {}
