"""
Bitcoin's proof-of-work consensus, exact to the bit: the front door to its files.

* `bitcoin_compact`: targets in 32 bits, difficulty, work.
* `bitcoin_chains`: the networks' parameters, as data.
* `bitcoin_consensus`: retarget, permitted change, subsidy, the proof-of-work check.
* `bitcoin_headers`: 80-byte headers and their hashes.
* `bitcoin_replay`: the replay of any run of headers.
* `bitcoin_mining`: a small miner that does the work, for tests and lessons.

>>> from headframe.exact import bitcoin
>>> run = bitcoin.verify_headers(bitcoin.mine_chain(30, chain=bitcoin.PRIVATE), 0,
...                              chain=bitcoin.PRIVATE)
>>> run.count, run.next_height
(30, 30)

Source: Bitcoin Core (MIT), by behaviour; each file names its own.
Assumptions: header rules only.
"""

from headframe.exact.bitcoin_chains import (
    MAINNET,
    MAX_TIMEWARP_S,
    MEDIAN_SPAN,
    PRIVATE,
    REGTEST,
    SIGNET,
    TESTNET3,
    TESTNET4,
    ChainParameters,
)
from headframe.exact.bitcoin_compact import (
    block_work,
    compact_from_target,
    difficulty,
    difficulty_for_display,
    target_from_compact,
)
from headframe.exact.bitcoin_consensus import (
    check_proof_of_work,
    next_bits,
    permitted_transition,
    subsidy_sat,
)
from headframe.exact.bitcoin_headers import (
    HEADER_BYTES,
    Header,
    header_hash,
    header_hashes,
    parse_header,
    serialize_header,
    shown_hash,
)
from headframe.exact.bitcoin_mining import MinedHeader, mine_chain, mine_header
from headframe.exact.bitcoin_replay import HeaderContext, HeaderRun, verify_headers

__all__ = [
    "HEADER_BYTES",
    "MAINNET",
    "MAX_TIMEWARP_S",
    "MEDIAN_SPAN",
    "PRIVATE",
    "REGTEST",
    "SIGNET",
    "TESTNET3",
    "TESTNET4",
    "ChainParameters",
    "Header",
    "HeaderContext",
    "HeaderRun",
    "MinedHeader",
    "block_work",
    "check_proof_of_work",
    "compact_from_target",
    "difficulty",
    "difficulty_for_display",
    "header_hash",
    "header_hashes",
    "mine_chain",
    "mine_header",
    "next_bits",
    "parse_header",
    "permitted_transition",
    "serialize_header",
    "shown_hash",
    "subsidy_sat",
    "target_from_compact",
    "verify_headers",
]
