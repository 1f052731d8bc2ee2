"""
Aave's wads and rays: random operands, up to where they overflow, on the package's own wrapper.
"""

import random
from typing import ClassVar

from judge.abi import call, encode
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain
from judge.duel import Move, Storage

from headframe.exact import aave_v3_math as math
from headframe.exact.fixed import RAY, WAD

from .stage import log_uniform

PATH = "package/artifacts/contracts/mocks/tests/WadRayMathWrapper.sol/WadRayMathWrapper.json"
FULL = (1 << 256) - 1
FUNCTIONS = {
    "wadMul": (math.wad_mul_half_up, 2),
    "wadDiv": (math.wad_div_half_up, 2),
    "rayMul": (math.ray_mul_half_up, 2),
    "rayDiv": (math.ray_div_half_up, 2),
    "rayToWad": (math.ray_to_wad_half_up, 1),
    "wadToRay": (math.wad_to_ray, 1),
}


class AaveV3MathDuel:
    """The fixed point's two texts."""

    name: ClassVar[str] = "aave_v3_math"
    judge: ClassVar[str] = "release artifact: @aave/core-v3 1.19.3, WadRayMathWrapper"

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        self.wrapper = self.chain.deploy(creation_code("@aave/core-v3", PATH))

    def draw(self, rng: random.Random) -> Move:
        """Draw a function and operands; often halves, and often ones at the edge of 256 bits."""
        name, (function, count) = rng.choice(list(FUNCTIONS.items()))
        a, b = log_uniform(rng, 1, FULL), rng.choice((0, 1, WAD, RAY, log_uniform(rng, 1, FULL)))
        if rng.random() < 0.3:
            a = (FULL - rng.choice((WAD, RAY)) // 2) // max(b, 1) + rng.randint(-1, 1)
        if rng.random() < 0.2:
            a = rng.randint(0, 10**6) * WAD + WAD // 2 + rng.randint(-1, 0)
        operands = (min(a, FULL), b)[:count]
        signature = f"{name}({','.join(['uint256'] * count)})"
        data = call(signature, *operands)
        return Move(
            f"{name}({operands})",
            lambda: encode(function(*operands)),  # type: ignore[operator]
            lambda: self.chain.send(OWNER, self.wrapper, data),
            dict,
        )

    def everything(self) -> Storage:
        """Nothing is stored."""
        return {}
