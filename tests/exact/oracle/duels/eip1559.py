"""The blob base fee: what an EVM by others answers to the opcode BLOBBASEFEE."""

import random
from typing import ClassVar

from judge.abi import encode
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage
from pyrevm import BlockEnv

from headframe.exact import eip1559

from .stage import log_uniform

ASK = bytes.fromhex("4a60005260206000f3")
"""BLOBBASEFEE, MSTORE at 0, RETURN 32 bytes."""


class BlobBaseFeeDuel:
    """Prices at excesses, under Cancun's update fraction: the EVM knows that one."""

    name: ClassVar[str] = "eip1559"
    judge: ClassVar[str] = "independent implementation: revm (pyrevm), opcode BLOBBASEFEE, Cancun"

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        copy = bytes.fromhex(f"60{len(ASK):02x}600c60003960{len(ASK):02x}6000f3")
        self.contract = self.chain.deploy(copy + ASK)

    def draw(self, rng: random.Random) -> Move:
        """A price, up to some 1e13 gwei."""
        excess = log_uniform(rng, 1, 1 << 27) if rng.random() < 0.95 else 0

        def ours() -> bytes:
            return encode(eip1559.base_fee_per_blob_gas(excess, eip1559.CANCUN))

        def theirs() -> Answer:
            self.chain.evm.set_block_env(BlockEnv(timestamp=1, excess_blob_gas=excess))
            return self.chain.send(OWNER, self.contract, b"")

        return Move("blob_base_fee()", ours, theirs, dict)

    def everything(self) -> Storage:
        """The answers are all there is."""
        return {}
