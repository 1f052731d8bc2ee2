"""
What a duel over Morpho Blue needs: dials for prices and rates, users who act in callbacks, keys.

A dial is a contract of our own: its owner sends a word, anybody else is answered that word,
whatever he asks. So it is an oracle and an interest model. A user is a contract that forwards its
owner's calls, and when Morpho calls it back, makes the call that the data names. A signer is a key
on secp256k1 whose signatures allow others to act.
"""

import random
import re
from dataclasses import dataclass

from judge.abi import address, encode, keccak
from judge.actor import OPCODES, assemble
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain

from .stage import PURSE, V2_CORE

OPCODES |= {"SLOAD": 0x54, "SSTORE": 0x55}

_DIAL = """
    CALLER {owner} EQ @set JUMPI
    0 SLOAD 0 MSTORE 32 0 RETURN
  :set 0 CALLDATALOAD 0 SSTORE STOP
"""
# In a callback (selector, amount, offset, length, data) the data begin at byte 100 with a target.
_USER = """
    CALLER {owner} EQ @forward JUMPI
    32 68 CALLDATALOAD SUB DUP1 132 0 CALLDATACOPY
    0 0 SWAP2 0 0 100 CALLDATALOAD GAS CALL
    @answer JUMPI RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
  :forward
    32 CALLDATASIZE SUB DUP1 32 0 CALLDATACOPY
    0 0 SWAP2 0 0 0 CALLDATALOAD GAS CALL
    @answer JUMPI RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
  :answer RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 RETURN
"""


def own_code(source: str) -> bytes:
    """Code that deploys one of our own contracts."""
    body = assemble(re.sub(r"{owner}", OWNER, source))
    return assemble(f"{len(body)} DUP1 13 0 CODECOPY 0 RETURN").ljust(13, b"\0") + body


class Dial:
    """A word that others read: a price, or a rate."""

    def __init__(self, chain: Chain, word: int) -> None:
        self.chain = chain
        self.address = chain.deploy(own_code(_DIAL))
        self.turn(word)

    def turn(self, word: int) -> None:
        """Set the word on both sides."""
        self.word = word
        assert not self.chain.send(OWNER, self.address, encode(word)).failed

    def rate(self, market: object, kept: int, now_ts: int) -> tuple[int, int]:
        """The word as an interest model that keeps nothing."""
        return self.word, kept


@dataclass
class MorphoStage:
    """A chain with two tokens, and users that are contracts."""

    chain: Chain
    tokens: list[str]
    users: list[str]
    signers: list["Signer"]
    now_ts: int

    def let_time_pass(self, rng: random.Random) -> None:
        """Move on by nothing, seconds, days or years."""
        spans = (0, 1, 12, 3_600, 86_400, 30 * 86_400, 10**9)
        self.now_ts += rng.randint(0, rng.choices(spans, (60, 20, 20, 20, 20, 10, 1))[0])
        self.chain.at(self.now_ts)

    def approve(self, spender: str) -> None:
        """Let a contract take any amount of both tokens from every user."""
        forever = encode(spender, (1 << 256) - 1)
        for token in self.tokens:
            for user in self.users:
                data = encode(token) + keccak(b"approve(address,uint256)")[:4] + forever
                assert not self.chain.send(OWNER, user, data).failed


def set_morpho_stage(rng: random.Random, users: int = 4) -> MorphoStage:
    """Deploy tokens and users, at a time that was drawn."""
    chain = Chain()
    now_ts = rng.randint(1_500_000_000, 2_000_000_000)
    chain.at(now_ts)
    code = creation_code(V2_CORE, "package/build/ERC20.json")
    tokens = [chain.deploy(code, (1 << 256) - 1) for _ in range(2)]
    players = [chain.deploy(own_code(_USER)) for _ in range(users)]
    for token in tokens:
        for player in players:
            chain.must(OWNER, token, "transfer(address,uint256)", player, PURSE)
    signers = [Signer(rng.randrange(1, Signer.ORDER)) for _ in range(2)]
    return MorphoStage(chain, tokens, players, signers, now_ts)


class Signer:
    """
    A key on secp256k1, and ECDSA with it, slow and short; never for anything but tests.

    Source: SEC 1, version 2.0, section 4.1; SEC 2, section 2.4.1.
    """

    FIELD = (1 << 256) - (1 << 32) - 977
    ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    BASE = (
        0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
        0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    )

    def __init__(self, key: int) -> None:
        self.key = key
        x, y = self._times(key)
        digest = keccak(x.to_bytes(32, "big") + y.to_bytes(32, "big"))
        self.address = address(int.from_bytes(digest, "big"))

    def sign(self, digest: bytes, nonce: int) -> tuple[int, int, int]:
        """Signature (v, r, s) of a digest."""
        x, y = self._times(nonce)
        r = x % self.ORDER
        s = pow(nonce, -1, self.ORDER) * (int.from_bytes(digest, "big") + r * self.key) % self.ORDER
        return 27 + y % 2, r, s

    def _times(self, scalar: int) -> tuple[int, int]:
        total, step = None, self.BASE
        while scalar:
            if scalar & 1:
                total = step if total is None else self._plus(total, step)
            step = self._plus(step, step)
            scalar >>= 1
        assert total is not None
        return total

    def _plus(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        if a == b:
            slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, self.FIELD)
        else:
            slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, self.FIELD)
        x = (slope * slope - a[0] - b[0]) % self.FIELD
        return x, (slope * (a[0] - x) - a[1]) % self.FIELD
