"""
The OP Stack's L1 data fee: its own `GasPriceOracle`, asked about random transactions.

A sequence stands in one fork (Bedrock, Ecotone or Fjord), which the contracts learn as the chain
teaches them. Moves: new prices of Ethereum, the fee and the gas of a transaction, the upper bound.
Transactions are drawn as such look: words of zeros with numbers, selectors, addresses that recur,
noise, from nothing to 12 kB, so that FastLZ finds matches short, long, near and too far.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode, selector
from judge.artifacts import load
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage
from pyrevm import AccountInfo

from headframe.exact import optimism_l1_fee as fees
from headframe.exact.fastlz import compressed_length

from .stage import log_uniform

PACKAGE = "@eth-optimism/contracts-bedrock"
ARTIFACT = "package/forge-artifacts/{name}.sol/{name}.json"
DEPOSITOR = "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001"
ORACLE, L1_BLOCK = "0x420000000000000000000000000000000000000f", "0x" + "42" + "0" * 36 + "15"
FORKS = ("bedrock", "ecotone", "fjord")


class OptimismL1FeeDuel:
    """The fee's two texts, in one fork."""

    name: ClassVar[str] = "optimism_l1_fee"
    judge: ClassVar[str] = (
        "release artifact: @eth-optimism/contracts-bedrock 0.17.3, GasPriceOracle 1.3.0"
    )

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        for address, name in ((ORACLE, "GasPriceOracle"), (L1_BLOCK, "L1Block")):
            code = load(PACKAGE, ARTIFACT.format(name=name))["deployedBytecode"]["object"]
            account = AccountInfo(code=bytes.fromhex(code.removeprefix("0x")))
            self.chain.evm.insert_account_info(address, account)
        self.fork = rng.choice(FORKS)
        if self.fork != "bedrock":
            self.chain.must(DEPOSITOR, ORACLE, "setEcotone()")
        if self.fork == "fjord":
            self.chain.must(DEPOSITOR, ORACLE, "setFjord()")
        self.overhead = 0
        self._learn(rng)

    def draw(self, rng: random.Random) -> Move:
        """Draw a question, now and then after new prices."""
        if rng.random() < 0.1:
            self._learn(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {self._fee: 12, self._gas: 4}
        if self.fork == "fjord":
            kinds[self._bound] = 4
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _learn(self, rng: random.Random) -> None:
        """The depositor's transaction at the head of a block: what Ethereum charges now."""
        base_fee, blob_fee = log_uniform(rng, 1, 10**13), log_uniform(rng, 1, 10**13)
        scalars = log_uniform(rng, 1, 10**7), log_uniform(rng, 1, 10**7)
        if self.fork == "bedrock":
            self.overhead = rng.choice((0, 188, 2_100, rng.randint(0, 10_000)))
            self.prices = fees.L1Prices(base_fee, scalars[0])
            values = (1, 1, base_fee, 0, 0, 0, self.overhead, scalars[0])
            signature = f"setL1BlockValues({'uint64,uint64,uint256,bytes32,uint64,'}"
            signature += "bytes32,uint256,uint256)"
            self.chain.must(DEPOSITOR, L1_BLOCK, signature, *values)
            return
        self.prices = fees.L1Prices(base_fee, scalars[0], blob_fee, scalars[1])
        packed = b"".join(s.to_bytes(4, "big") for s in scalars) + bytes(24)
        packed += encode(base_fee, blob_fee, 0, 0)
        data = selector("setL1BlockValuesEcotone()") + packed
        assert not self.chain.send(DEPOSITOR, L1_BLOCK, data).failed

    def _fee(self, rng: random.Random) -> Move:
        data = transaction(rng)

        def ours() -> int:
            return self._l1_fee(data)

        return self._move(f"fee_{self.fork}()", ours, _bytes_call("getL1Fee(bytes)", data))

    def _l1_fee(self, data: bytes) -> int:
        if self.fork == "fjord":
            return fees.get_l1_fee(data, self.prices)
        gas = fees.calldata_gas(data) + fees.SIGNATURE_BYTES * fees.NON_ZERO_BYTE_GAS
        if self.fork == "ecotone":
            return fees.l1_fee_ecotone_down(gas, self.prices)
        return fees.l1_fee_bedrock_down(
            gas,
            base_fee_wei=self.prices.base_fee_wei,
            overhead=self.overhead,
            scalar=self.prices.base_fee_scalar,
        )

    def _gas(self, rng: random.Random) -> Move:
        data = transaction(rng)

        def ours() -> int:
            if self.fork == "fjord":
                size = compressed_length(data) + fees.SIGNATURE_BYTES
                return fees.l1_gas_used_fjord_down(size)
            gas = fees.calldata_gas(data) + fees.SIGNATURE_BYTES * fees.NON_ZERO_BYTE_GAS
            return gas + (self.overhead if self.fork == "bedrock" else 0)

        return self._move(f"gas_{self.fork}()", ours, _bytes_call("getL1GasUsed(bytes)", data))

    def _bound(self, rng: random.Random) -> Move:
        size = log_uniform(rng, 1, 10**6)

        def ours() -> int:
            return fees.get_l1_fee_upper_bound(size, self.prices)

        return self._move("bound()", ours, call("getL1FeeUpperBound(uint256)", size))

    def _move(self, label: str, ours: Callable[[], int], data: bytes) -> Move:
        def told() -> bytes:
            return encode(ours())

        def theirs() -> Answer:
            return self.chain.send(OWNER, ORACLE, data)

        return Move(label, told, theirs, dict)

    def everything(self) -> Storage:
        """The answers are all there is."""
        return {}


def transaction(rng: random.Random) -> bytes:
    """Bytes as a transaction has them: words, things that recur, noise; now and then far apart."""
    if rng.random() < 0.02:  # a word that recurs at about the farthest that a reference reaches
        word = rng.randbytes(20)
        return word + rng.randbytes(8_191 - 20 + rng.randint(-1, 2)) + word + rng.randbytes(20)
    wanted, data = log_uniform(rng, 1, 1 << rng.randint(4, 13)), bytearray()
    known = [rng.randbytes(rng.choice((4, 20, 32, 7))) for _ in range(4)]
    while len(data) < wanted:
        kind = rng.randrange(6)
        if kind == 0:
            data += rng.randbytes(rng.randint(1, 70))
        elif kind == 1:
            data += rng.choice(known)
        elif kind == 2:
            data += log_uniform(rng, 1, 1 << 120).to_bytes(32, "big")
        elif kind == 3:
            data += bytes(log_uniform(rng, 1, 700))
        elif kind == 4 and data:
            start = rng.randrange(len(data))
            data += data[start : start + log_uniform(rng, 1, 400)]
        else:
            data += bytes(12) + rng.choice(known)[:20]
    return bytes(data[: max(wanted - rng.choice((0, 0, 1, 13)), 0)])


def _bytes_call(signature: str, data: bytes) -> bytes:
    padded = data + bytes(-len(data) % 32)
    return selector(signature) + encode(32, len(data)) + padded
