"""
Maker's contracts out of the test chain that its package ships: all of liquidation 2.0, wired.

The package holds a snapshot of a chain, a file for each piece of code under its own hash. Factories
deploy most contracts; the price curves come as runtime code and are given a constructor here, which
does what theirs does: make the deployer a ward.
"""

import json
import random
import tarfile
from dataclasses import dataclass, field
from functools import cache

from judge.abi import Argument, call, encode, keccak, mapping_slot
from judge.artifacts import folder
from judge.chain import OWNER, Answer, Chain

PACKAGE = "@makerdao/testchain"
SNAPSHOT = "package/snapshots/default.tgz"
CODES = {
    "VatFab": "a5ade4f23c70e6e6dcea728faaee4d982800dccdf5f6ab910a07172600934af3",
    "JugFab": "a2e434c1a97166e4b0d153ce1bf39a4cf049b200780e7ace4ab7e9bad87b1e12",
    "SpotFab": "9005b3a41316f298ada4af4d4140a9a82ad4f11809750ed81212cf31ea92cb56",
    "DogFab": "b7eb7b717bfea2baf9e189139d14ed938a0335f6fa53178f8f05f57a74ddf211",
    "ClipFab": "3a59dff883a253733c0a7f87c43f54f4318be2b5bddf0e92f22a2bfa44944b19",
    "LinearDecrease": "683f0619fca35ec5871b21f3d2d00adbe8390a93d1c3848f7dd8ee93f010daa7",
    "StairstepExponentialDecrease": (
        "c43b9aec4b5a299864a871233e7b235490320fb8a3050372a1950fbc70d69e7b"
    ),
}
"""Hashes of the runtime code of what is used."""
ILK = b"ETH-A".ljust(32, b"\0")
"""The collateral type, as a word."""
ILK_WORD = int.from_bytes(ILK, "big")


@cache
def codes() -> dict[str, bytes]:
    """Runtime code by name, checked against its hash."""
    wanted = {f"!trie_db!0x{digest}": name for name, digest in CODES.items()}
    found = {}
    with tarfile.open(folder(PACKAGE) / SNAPSHOT) as archive:
        for member in archive:
            name = wanted.get(member.name.removeprefix("./"))
            content = archive.extractfile(member) if name else None
            if name and content is not None:
                found[name] = bytes.fromhex(json.load(content).removeprefix("0x"))
    for name, digest in CODES.items():
        assert keccak(found[name]).hex() == digest
    return found


def deployer(runtime: bytes) -> bytes:
    """Creation code of a runtime, with the sender as its first ward (mapping at slot 0)."""
    ward = mapping_slot(int(OWNER, 16), 0).to_bytes(32, "big")
    head = b"\x60\x01\x7f" + ward + b"\x55"  # wards[sender] = 1
    size = len(runtime).to_bytes(2, "big")
    start = (len(head) + 15).to_bytes(2, "big")
    copy = b"\x61" + size + b"\x61" + start + b"\x60\x00\x39"
    return head + copy + b"\x61" + size + b"\x60\x00\xf3" + runtime


def feed_code() -> bytes:
    """Code of a price feed: 64 bytes set price and flag, any other call is answered with both."""
    runtime = bytes.fromhex(
        "6040361460185760005460005260015460205260406000f3"  # return (word 0, word 1)
        "5b60003560005560203560015500"  # store both
    )
    return b"\x60" + bytes([len(runtime)]) + bytes.fromhex("80600b6000396000f3") + runtime


@dataclass
class MakerStage:
    """The wired contracts, their addresses, and the clock."""

    chain: Chain
    now_ts: int
    at: dict[str, str] = field(default_factory=dict)

    def must(self, name: str, signature: str, *arguments: Argument) -> list[int]:
        """Call a contract as its owner."""
        return self.chain.must(OWNER, self.at[name], signature, *arguments)

    def send(self, sender: str, name: str, signature: str, *arguments: Argument) -> Answer:
        """Call a contract as anybody."""
        return self.chain.send(sender, self.at[name], call(signature, *arguments))

    def file(self, name: str, what: str, value: int | str) -> None:
        """Set a parameter."""
        kind = "address" if isinstance(value, str) else "uint256"
        self.must(name, f"file(bytes32,{kind})", word(what), value)

    def file_ilk(self, name: str, what: str, value: int | str) -> None:
        """Set a parameter of the collateral type."""
        kind = "address" if isinstance(value, str) else "uint256"
        self.must(name, f"file(bytes32,bytes32,{kind})", ILK_WORD, word(what), value)

    def tell_price(self, price_wad: int | None) -> None:
        """Let the feed say a price, or that it has none."""
        data = encode(price_wad or 0, int(price_wad is not None))
        assert not self.chain.send(OWNER, self.at["pip"], data).failed


def word(text: str) -> int:
    """A name as a word."""
    return int.from_bytes(text.encode().ljust(32, b"\0"), "big")


def set_maker_stage(rng: random.Random) -> MakerStage:
    """Deploy the vat, its jug and spotter, the dog and one auction house, and wire them."""
    chain = Chain()
    stage = MakerStage(chain, rng.randint(1_500_000_000, 2_000_000_000))
    chain.at(stage.now_ts)
    fabs = {name: chain.deploy(deployer(codes()[name])) for name in CODES if name.endswith("Fab")}
    at = stage.at

    def made(name: str, fab: str, signature: str, *arguments: Argument) -> None:
        at[name] = chain.address_of(fabs[fab], signature, *arguments)

    made("vat", "VatFab", "newVat(address)", OWNER)
    made("jug", "JugFab", "newJug(address,address)", OWNER, at["vat"])
    made("spot", "SpotFab", "newSpotter(address,address)", OWNER, at["vat"])
    made("dog", "DogFab", "newDog(address,address)", OWNER, at["vat"])
    parts = (OWNER, at["vat"], at["spot"], at["dog"], ILK_WORD)
    made("clip", "ClipFab", "newClip(address,address,address,address,bytes32)", *parts)
    at["linear"] = chain.deploy(deployer(codes()["LinearDecrease"]))
    at["stairs"] = chain.deploy(deployer(codes()["StairstepExponentialDecrease"]))
    at["pip"] = chain.deploy(feed_code())
    for name in ("jug", "spot", "dog", "clip"):
        stage.must("vat", "rely(address)", at[name])
    stage.must("clip", "rely(address)", at["dog"])
    stage.must("dog", "rely(address)", at["clip"])
    stage.must("vat", "init(bytes32)", ILK_WORD)
    stage.must("jug", "init(bytes32)", ILK_WORD)
    stage.file_ilk("spot", "pip", at["pip"])
    stage.file_ilk("dog", "clip", at["clip"])
    return stage
