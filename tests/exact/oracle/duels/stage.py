"""
What the duels set up alike: test tokens, actors with money, a clock that may wrap around.
"""

import random
from dataclasses import dataclass, field

from judge import actor
from judge.abi import mapping_slot
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain

V2_CORE = "@uniswap/v2-core"
PURSE = 1 << 253
"""What every actor owns of every token, in its smallest unit: never the limit of a move."""


@dataclass
class Stage:
    """A chain with two tokens (in the order of their addresses) and some actors."""

    chain: Chain
    tokens: tuple[str, str]
    actors: list[str]
    now_ts: int
    chances: list[int] = field(default_factory=lambda: [0, 0, 0, 1, 12, 60, 3_600, 86_400])

    def let_time_pass(self, rng: random.Random) -> None:
        """Move on by nothing, seconds, or days."""
        most = rng.choice(self.chances)
        self.now_ts += rng.randint(0, most)
        self.chain.at(self.now_ts)

    def balance(self, token: int, holder: str) -> tuple[str, int]:
        """Where a token keeps a holder's balance: contract and slot."""
        return self.tokens[token], mapping_slot(int(holder, 16), 1)


def set_stage(rng: random.Random, actors: int = 3) -> Stage:
    """Deploy tokens and actors at a time that was drawn, now and then close to 2^32."""
    chain = Chain()
    now_ts = rng.randint(1_500_000_000, 2_000_000_000)
    if rng.random() < 0.2:
        now_ts = (1 << 32) - rng.randint(1, 100_000)
    chain.at(now_ts)
    code = creation_code(V2_CORE, "package/build/ERC20.json")
    first, second = sorted(chain.deploy(code, (1 << 256) - 1) for _ in range(2))
    players = [chain.deploy(actor.creation_code(OWNER)) for _ in range(actors)]
    for token in (first, second):
        for player in players:
            chain.must(OWNER, token, "transfer(address,uint256)", player, PURSE)
    return Stage(chain, (first, second), players, now_ts)


def log_uniform(rng: random.Random, low: int, high: int) -> int:
    """A whole number whose size, not its value, is drawn evenly."""
    bits = rng.randint(low.bit_length(), high.bit_length())
    return min(max(rng.getrandbits(bits) | 1 << (bits - 1), low), high)
