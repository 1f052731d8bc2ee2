"""
Calls and answers as bytes: the part of the contract ABI that the duels need.

Integers (signed ones in two's complement), addresses and booleans are words; `bytes` and lists of
words are dynamic. Written for speed: one call is encoded in a few microseconds.
Source: Solidity documentation, "Contract ABI Specification".
"""

from collections.abc import Sequence
from functools import cache

from Crypto.Hash import keccak as _keccak

WORD = 1 << 256
Argument = int | str | bytes | Sequence[int]


def keccak(data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=data).digest()


@cache
def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


def encode(*arguments: Argument) -> bytes:
    """Arguments, or the values that a function returns."""
    heads: list[bytes] = []
    tails: list[bytes] = []
    offset = 32 * len(arguments)
    for argument in arguments:
        if isinstance(argument, int):
            heads.append((argument % WORD).to_bytes(32, "big"))
        elif isinstance(argument, str):
            heads.append(int(argument, 16).to_bytes(32, "big"))
        else:
            tail = _dynamic(argument)
            heads.append(offset.to_bytes(32, "big"))
            tails.append(tail)
            offset += len(tail)
    return b"".join(heads + tails)


def call(signature: str, *arguments: Argument) -> bytes:
    """Data of a call: the selector and its arguments."""
    return selector(signature) + encode(*arguments)


def words(data: bytes) -> list[int]:
    """An answer's words as unsigned integers."""
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


def address(word: int) -> str:
    """Lower-case address in the low 160 bits of a word."""
    return f"0x{word % (1 << 160):040x}"


def _dynamic(argument: bytes | Sequence[int]) -> bytes:
    size = len(argument).to_bytes(32, "big")
    if isinstance(argument, bytes):
        return size + argument + bytes(-len(argument) % 32)
    return size + b"".join((value % WORD).to_bytes(32, "big") for value in argument)


@cache
def mapping_slot(key: int | bytes, slot: int) -> int:
    """Storage slot of a mapping's entry. Source: Solidity, "Layout of State Variables"."""
    word = key if isinstance(key, bytes) else (key % WORD).to_bytes(32, "big")
    return int.from_bytes(keccak(word + slot.to_bytes(32, "big")), "big")


def pack(*fields: tuple[int, int]) -> int:
    """A storage word of several (value, bits), the first in the lowest bits."""
    word = place = 0
    for value, bits in fields:
        word |= (value % (1 << bits)) << place
        place += bits
    return word
