"""
A file of raw block headers, verified from its first byte to its last.

The file holds 80-byte headers one after the other and nothing else, as nodes and light wallets keep
them. It is read in pieces of eight difficulty periods, each replayed by `exact.bitcoin` on digests
from the compiled double SHA-256, and each handing the next what it needs to go on; so a file of any
length takes the memory of one piece.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from headframe.errors import InputError, Revert
from headframe.exact import bitcoin
from headframe.exact.bitcoin import HEADER_BYTES, MEDIAN_SPAN, ChainParameters, HeaderContext
from headframe.kernels.sha256 import header_hashes

CHAINS = {
    chain.name: chain
    for chain in (
        bitcoin.MAINNET,
        bitcoin.TESTNET3,
        bitcoin.TESTNET4,
        bitcoin.SIGNET,
        bitcoin.REGTEST,
        bitcoin.PRIVATE,
    )
}
"""The networks whose headers can be verified, by name."""
PIECE_HEADERS = 8 * 2016
"""Headers read and verified at a time."""


@dataclass(frozen=True, kw_only=True)
class VerifiedFile:
    """A file of headers that a node would accept; `work` in hashes, `seconds` it took to verify."""

    chain: ChainParameters
    from_height: int
    count: int
    tip_hash: bytes
    work: int
    seconds: float

    @property
    def tip_height(self) -> int:
        """Height of the last header."""
        return self.from_height + self.count - 1

    @property
    def headers_per_s(self) -> float:
        """Headers verified in a second."""
        return self.count / max(self.seconds, 1e-9)


def verify_file(
    path: Path,
    *,
    chain: ChainParameters = bitcoin.MAINNET,
    from_height: int = 0,
    context: Path | None = None,
) -> VerifiedFile:
    """
    Verify every header of a file that begins at `from_height`.

    Above height 0 a `context` file is needed (see `read_context`). Raises `InputError` that names
    height and rule for a header that a node would refuse, and for bytes that are not headers.
    """
    if from_height < 0:
        raise InputError("--from-height", from_height, "0 or more")
    if (from_height == 0) != (context is None):
        said = "none at height 0" if context else f"the headers before height {from_height}"
        raise InputError("--context", None if context is None else str(context), said)
    before = None if context is None else read_context(context, from_height, chain)
    height, work, tip, start = from_height, 0, b"", time.perf_counter()
    for piece in _pieces(path):
        try:
            run = bitcoin.verify_headers(piece, height, before, chain=chain, hashes=header_hashes)
        except Revert as refused:
            raise InputError(path.name, None, refused.reason) from None
        except InputError as error:
            raise error.within(path.name) from None
        height, work, tip, before = run.next_height, work + run.work, run.tip_hash, run.context
    if height == from_height:
        raise InputError(path.name, None, "holds no headers")
    return VerifiedFile(
        chain=chain,
        from_height=from_height,
        count=height - from_height,
        tip_hash=tip,
        work=work,
        seconds=time.perf_counter() - start,
    )


def read_context(path: Path, from_height: int, chain: ChainParameters) -> HeaderContext:
    """
    What a run is judged by, from a file of the headers that stand right before it.

    The file ends with the header at `from_height - 1` and reaches back to the beginning of that
    header's period, and over eleven headers at least. Twelve headers also do where the first is the
    period's and the other eleven stand before the run. Only that they link is looked at here;
    `exact.bitcoin.verify_headers` checks the rest.

    Raises `InputError` for a file that is too short or not of whole headers.
    """
    raw = b"".join(_pieces(path))
    count, rest = divmod(len(raw), HEADER_BYTES)
    headers = [raw[k * HEADER_BYTES : (k + 1) * HEADER_BYTES] for k in range(count)]
    if rest or not headers:
        raise InputError(path.name, len(raw), "whole headers of 80 bytes, one at least")
    n_parents = min(MEDIAN_SPAN, from_height)
    age = (from_height - 1) % chain.interval  # headers of the period before the last one
    links = [
        bitcoin.parse_header(child).previous_hash == bitcoin.header_hash(parent)
        for parent, child in pairwise(headers)
    ]
    if count == n_parents + 1 and age >= n_parents and all(links[1:]):
        return HeaderContext(headers[0], tuple(headers[1:]))
    if not all(links):
        at = from_height - count + links.index(False) + 1
        raise InputError(path.name, None, f"header {at}: does not link to the one before it")
    if count <= age or count < n_parents:
        need = max(age + 1, n_parents)
        raise InputError(path.name, count, f"the last {need} headers before height {from_height}")
    return HeaderContext(headers[-1 - age], tuple(headers[-n_parents:]))


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from _read(file)
    except OSError as error:
        said = f"cannot be read: {error.strerror or error}"
        raise InputError(str(path), None, said) from None


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_HEADERS * HEADER_BYTES):
        yield piece
