"""
The networks that follow Bitcoin's header rules, as data.

What differs between Bitcoin's main network, its test networks and a private chain of one's own
is a handful of numbers, and they are all here: the easiest target, the time between blocks, how
often the target is retuned, which exceptions a test network makes, and where the chain starts.
Every rule takes a `ChainParameters` and reads nothing else.

Source: Bitcoin Core, `src/kernel/chainparams.cpp` (MIT), and BIP 94 for testnet4. Each genesis
hash is recomputed from its header by `tests/exact/test_bitcoin_headers.py`.
Assumptions: only rules that a header can break are listed; transactions are not looked at.
"""

from dataclasses import dataclass

from headframe.errors import InputError
from headframe.exact.bitcoin_compact import HASH_SPACE, compact_from_target

CLAMP = 4
"""One retarget moves the target by this factor at most, either way."""
MEDIAN_SPAN = 11
"""A block's time is compared with the median of this many blocks before it."""
MAX_TIMEWARP_S = 600
"""BIP 94: a period's first block may be this much older than the block before it."""


@dataclass(frozen=True)
class ChainParameters:
    """
    The numbers in which one network's header rules differ from another's.

    Parameters
    ----------
    name
        What to call the network.
    limit_target
        The easiest target that a header may carry.
    spacing_s
        Seconds aimed at between two blocks.
    interval
        Blocks in one difficulty period.
    halving_interval
        Blocks between two halvings of the subsidy.
    version_floors
        Pairs (height, version): from that height on a block's version is at least that.
    genesis_hash
        Hash of block 0 as its digest's bytes; None where any block may be the first.
    allow_min_difficulty
        Test networks: a block more than two spacings after its parent carries `limit_target`.
    retargets
        False on regtest: the target never changes.
    bip94
        Testnet4: retarget from the period's first bits, and no time warp across periods.
    """

    name: str
    limit_target: int
    spacing_s: int = 600
    interval: int = 2016
    halving_interval: int = 210_000
    version_floors: tuple[tuple[int, int], ...] = ()
    genesis_hash: bytes | None = None
    allow_min_difficulty: bool = False
    retargets: bool = True
    bip94: bool = False

    def __post_init__(self) -> None:
        if self.interval < 2 or self.spacing_s < 1:
            raise InputError(
                f"chain {self.name}",
                (self.interval, self.spacing_s),
                "a period has at least 2 blocks and a spacing at least 1 s",
            )
        # Core's own sanity check: where it fails, 256-bit arithmetic would wrap in the retarget.
        if self.retargets and self.limit_target * CLAMP * self.timespan_s >= HASH_SPACE:
            raise InputError(
                f"chain {self.name}: limit_target",
                hex(self.limit_target),
                "limit_target * 4 * timespan fits in 256 bits",
            )

    @property
    def timespan_s(self) -> int:
        """Seconds aimed at for one period: 1,209,600 on Bitcoin."""
        return self.interval * self.spacing_s

    @property
    def limit_bits(self) -> int:
        """The easiest target in compact form."""
        return compact_from_target(self.limit_target)


def _digest(shown: str) -> bytes:
    # Hashes are shown with their bytes reversed.
    return bytes.fromhex(shown)[::-1]


MAINNET = ChainParameters(
    name="main",
    limit_target=2**224 - 1,
    version_floors=((227_931, 2), (363_725, 3), (388_381, 4)),
    genesis_hash=_digest("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
)
"""Bitcoin. The version floors are BIP 34, 66 and 65, in the order in which they came."""

TESTNET3 = ChainParameters(
    name="testnet3",
    limit_target=2**224 - 1,
    version_floors=((21_111, 2), (330_776, 3), (581_885, 4)),
    genesis_hash=_digest("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
    allow_min_difficulty=True,
)
"""The third test network, with the exception that makes block storms."""

TESTNET4 = ChainParameters(
    name="testnet4",
    limit_target=2**224 - 1,
    version_floors=((1, 4),),
    genesis_hash=_digest("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
    allow_min_difficulty=True,
    bip94=True,
)
"""The fourth test network: BIP 94 mends testnet3's retarget and the time warp."""

SIGNET = ChainParameters(
    name="signet",
    limit_target=0x377AE << 216,
    version_floors=((1, 4),),
    genesis_hash=_digest("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
)
"""The signed test network; its block signatures are not in the header and not checked."""

REGTEST = ChainParameters(
    name="regtest",
    limit_target=2**255 - 1,
    halving_interval=150,
    version_floors=((1, 4),),
    genesis_hash=_digest("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
    allow_min_difficulty=True,
    retargets=False,
)
"""The local test network: every second hash is a block, and the target never changes."""

PRIVATE = ChainParameters(
    name="private",
    limit_target=2**247 - 1,
    spacing_s=10,
    interval=12,
    halving_interval=120,
)
"""A chain of one's own for tests and lessons: about 512 hashes a block, retuned every 2 minutes."""
