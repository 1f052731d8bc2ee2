"""
A contract of our own: it forwards its owner's calls, and pays when a pool calls it back.

Uniswap's pools ask for their money in a callback, so their caller must be a contract. Called by the
owner, the actor takes the first word of the data as the target and passes the rest on, with the
answer as it came. Called by anybody else it is in a callback: the last five words of the data say
which two tokens to send to the caller, and how much of each:

    due_i = counted * max(owed_i, 0) + extra_i

where `owed_i` are the first two arguments of the callback.
"""

import re

from .abi import encode

OPCODES = {
    "STOP": 0x00, "ADD": 0x01, "MUL": 0x02, "SUB": 0x03, "SGT": 0x13, "EQ": 0x14, "ISZERO": 0x15,
    "SHL": 0x1B, "CALLER": 0x33, "CALLDATALOAD": 0x35, "CALLDATASIZE": 0x36, "CALLDATACOPY": 0x37,
    "RETURNDATASIZE": 0x3D, "RETURNDATACOPY": 0x3E, "POP": 0x50, "MSTORE": 0x52, "JUMPI": 0x57,
    "GAS": 0x5A, "JUMPDEST": 0x5B, "DUP1": 0x80, "DUP2": 0x81, "SWAP2": 0x91, "CALL": 0xF1,
    "RETURN": 0xF3, "REVERT": 0xFD, "CODECOPY": 0x39,
}  # fmt: skip
"""The opcodes used, by the names of the yellow paper."""

_PAY = """
    {owed} CALLDATALOAD 0 DUP2 SGT MUL                  ; max(owed, 0)
    96 CALLDATASIZE SUB CALLDATALOAD MUL                ; counted or not
    {extra} CALLDATASIZE SUB CALLDATALOAD ADD           ; plus extra: due
    DUP1 ISZERO @paid{i} JUMPI
    0xa9059cbb 224 SHL 0 MSTORE CALLER 4 MSTORE DUP1 36 MSTORE      ; transfer(caller, due)
    0 0 68 0 0 {token} CALLDATASIZE SUB CALLDATALOAD GAS CALL
    @paid{i} JUMPI 0 0 REVERT
  :paid{i} POP
"""

_SOURCE = (
    "CALLER {owner} EQ @forward JUMPI"
    + _PAY.format(i=0, owed=4, extra=64, token=160)
    + _PAY.format(i=1, owed=36, extra=32, token=128)
    + """
    STOP
  :forward
    32 CALLDATASIZE SUB DUP1 32 0 CALLDATACOPY
    0 0 SWAP2 0 0 0 CALLDATALOAD GAS CALL
    RETURNDATASIZE 0 0 RETURNDATACOPY
    @ok JUMPI RETURNDATASIZE 0 REVERT
  :ok RETURNDATASIZE 0 RETURN
"""
)


def creation_code(owner: str) -> bytes:
    """Code that deploys an actor for an owner."""
    body = assemble(_SOURCE.format(owner=owner))
    return assemble(f"{len(body)} DUP1 12 0 CODECOPY 0 RETURN").ljust(12, b"\0") + body


def forward(target: str, data: bytes) -> bytes:
    """Data that makes an actor call a target."""
    return encode(target) + data


def payment(token0: str, token1: str, counted: bool, extra0: int = 0, extra1: int = 0) -> bytes:
    """Orders to the actor for its callback."""
    return encode(token0, token1, int(counted), extra0, extra1)


def assemble(source: str) -> bytes:
    """Turn opcode names, numbers (pushed), `@label` (pushed) and `:label` into code."""
    code, labels, uses = bytearray(), {}, {}
    for token in re.sub(r";.*", "", source).split():
        if token in OPCODES:
            code.append(OPCODES[token])
        elif token.startswith(":"):
            labels[token[1:]] = len(code)
            code.append(OPCODES["JUMPDEST"])
        elif token.startswith("@"):
            uses[len(code) + 1] = token[1:]
            code += b"\x61\0\0"
        else:
            number = int(token, 0)
            width = max(1, (number.bit_length() + 7) // 8)
            code += bytes([0x5F + width]) + number.to_bytes(width, "big")
    for place, label in uses.items():
        code[place : place + 2] = labels[label].to_bytes(2, "big")
    return bytes(code)
