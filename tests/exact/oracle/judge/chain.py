"""
One EVM with contracts in it: deploy, call, look into storage, let time pass.

An answer is what came back and whether the call failed; a failed call changes nothing.
"""

import re
from dataclasses import dataclass

from pyrevm import EVM, BlockEnv

from .abi import Argument, address, call, encode, words

OWNER = "0x" + "aa" * 20
"""The account that deploys, and owns what has an owner."""

_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")
_SLOT = re.compile(r"(\d+): StorageSlot { previous_or_original_value: \d+, present_value: (\d+) }")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave back."""

    data: bytes
    failed: bool = False


class Chain:
    """An EVM whose every call is a transaction without gas costs."""

    def __init__(self) -> None:
        self.evm = EVM()
        self.evm.set_balance(OWNER, 1 << 128)

    def at(self, timestamp: int, number: int = 1) -> None:
        """Set the time and the height of the block that the next calls are in."""
        self.evm.set_block_env(BlockEnv(timestamp=timestamp, number=number))

    def deploy(self, creation_code: bytes, *arguments: Argument) -> str:
        """Deploy a contract; return its address in lower case."""
        deployed: str = self.evm.deploy(OWNER, creation_code + encode(*arguments))
        return deployed.lower()

    def send(self, sender: str, to: str, data: bytes) -> Answer:
        """Call a contract with data."""
        try:
            return Answer(bytes(self.evm.message_call(sender, to, calldata=data)))
        except RuntimeError as error:
            found = _OUTPUT.search(str(error))
            return Answer(bytes.fromhex(found[1]) if found else b"", failed=True)

    def call(self, sender: str, to: str, signature: str, *arguments: Argument) -> Answer:
        """Call a contract's function."""
        return self.send(sender, to, call(signature, *arguments))

    def must(self, sender: str, to: str, signature: str, *arguments: Argument) -> list[int]:
        """Call a function that is known to succeed; return the words it answers."""
        answer = self.call(sender, to, signature, *arguments)
        if answer.failed:
            raise AssertionError(f"{signature} failed: {answer.data!r}")
        return words(answer.data)

    def address_of(self, to: str, signature: str, *arguments: Argument) -> str:
        """Read an address from a view."""
        return address(self.must(OWNER, to, signature, *arguments)[0])

    def slot(self, contract: str, slot: int) -> int:
        """Read one word of storage."""
        value: int = self.evm.storage(contract, slot)
        return value

    def storage(self, contract: str) -> dict[int, int]:
        """Every slot of a contract that was touched since it was deployed, with its value."""
        # The journal's text is the only place where the EVM lists them.
        text = self.evm.journal_str
        start = text.index("storage: {", text.index(f"{contract}: Account {{"))
        end = text.index("}, status: ", start)
        return {int(slot): int(value) for slot, value in _SLOT.findall(text, start, end)}
