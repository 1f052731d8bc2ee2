"""
What the duels of farms set up alike: staked tokens, stakers with money and allowances, blocks.
"""

import random
from dataclasses import dataclass

from judge.abi import mapping_slot
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain

from .stage import PURSE, V2_CORE

USERS = tuple(f"0x{digit * 40}" for digit in "1234")
"""Accounts that stake."""
DEV = "0x" + "de" * 20
"""Whom the developers' share goes to."""
FOREVER = (1 << 256) - 1
SUSHI_PACKAGE = "web3-ethereum-defi"


@dataclass
class FarmStage:
    """A chain with staked tokens and a clock of blocks."""

    chain: Chain
    tokens: list[str]
    now_ts: int
    now_height: int

    def let_blocks_pass(self, rng: random.Random) -> None:
        """Move on by no block, a few, or many."""
        blocks = rng.choice((0, 0, 1, 1, 2, rng.randint(0, 100), rng.randint(0, 10_000)))
        self.now_height += blocks
        self.now_ts += blocks * 12 + rng.choice((0, 0, 1, rng.randint(0, 100)))
        self.chain.at(self.now_ts, self.now_height)

    def approve(self, token: str, spender: str) -> None:
        """Let a contract take any amount of a token from every staker."""
        for user in (*USERS, OWNER):
            self.chain.must(user, token, "approve(address,uint256)", spender, FOREVER)

    def words_of(self, token: str, balances: dict[str, int], slot: int) -> dict[int, int]:
        """Words in which a token keeps balances."""
        return {mapping_slot(int(who, 16), slot): held for who, held in balances.items()}


def set_farm_stage(rng: random.Random, tokens: int) -> FarmStage:
    """Deploy tokens and hand them to the stakers."""
    chain = Chain()
    stage = FarmStage(chain, [], rng.randint(1_500_000_000, 2_000_000_000), rng.randint(10, 10**7))
    chain.at(stage.now_ts, stage.now_height)
    code = creation_code(V2_CORE, "package/build/ERC20.json")
    for _ in range(tokens):
        token = chain.deploy(code, FOREVER)
        stage.tokens.append(token)
        for user in USERS:
            chain.must(OWNER, token, "transfer(address,uint256)", user, PURSE)
    return stage


def sushi_code(name: str) -> bytes:
    """Code of one of SushiSwap's contracts."""
    return creation_code(SUSHI_PACKAGE, f"eth_defi/abi/sushi/{name}.json")
