"""
A mining pool's share ledger: who is owed what for which work, to the satoshi.

Miners of a pool send *shares*, hashes that nearly are blocks; now and then one is a block, and its
reward is divided by the pool's scheme (`pool_schemes`). This file replays a log of shares and found
blocks under a scheme and states every account: each miner's, the operator's fee, and the operator's
own account, which carries what the scheme leaves him of luck and may be negative.

Everything is whole numbers. Work is counted in blocks that it is expected to find, and amounts in
satoshi, both times 2^96; so nothing is lost over a log but what is stated here:

* a share's work is rounded down, by less than 2^-96 of a block;
* what a block pays a miner is rounded down to 2^-96 satoshi; the rest stays on the own account;
* a miner's fee is rounded up, once, when his account is stated, by less than 2^-96 satoshi;
* whole satoshi are paid, an amount short of one by less than 2^-32 counting as whole (a third,
  thrice). The fraction of each account is *dust*: it is in the pool's wallet, it belongs to the
  account's owner, and it is carried to the next statement.

Hence, with amounts in satoshi and the own account rounded down,

    paid + fee + own + dust = reward of all blocks that count

An orphaned block pays nobody and ends no round, whoever bears that under the scheme.

Sources: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980).
Assumptions: a share's chance to be a block is its difficulty over the network's, both in the same
convention; the log is whole and in order (`headframe.sources.pool_logs` sees to that).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

from headframe.errors import InputError, InvariantError

BITS = 96
"""Binary places of amounts and of work."""
ONE_X96 = 1 << BITS
"""One satoshi, or one expected block."""

GRACE_X96 = 1 << 64
"""What an account may lack of a whole satoshi because amounts were rounded down: 2^-32."""


class Share(NamedTuple):
    """An accepted share, and what a block would pay when it was sent."""

    miner: str
    """Who sent it."""
    work_x96: int
    """Its chance to be a block."""
    subsidy_sat: int = 0
    """Subsidy of a block at that time, for schemes that pay it per share."""
    fees_sat: int = 0
    """Fees that a block is expected to carry at that time, for schemes that pay them per share."""


class FoundBlock(NamedTuple):
    """A block that a share of the log turned out to be."""

    name: str
    """Its hash, or any name of its own."""
    subsidy_sat: int
    """New coins."""
    fees_sat: int
    """Its transactions' fees."""
    orphaned: bool = False
    """Whether the network went on without it."""


Event = tuple[Share, FoundBlock | None]
"""One line of the ledger: a share, and the block that it was."""


class Owed:
    """What miners have coming before the fee, in satoshi times 2^96, and the sum of it."""

    __slots__ = ("by_miner", "total_x96")

    def __init__(self) -> None:
        self.by_miner: defaultdict[str, int] = defaultdict(int)
        self.total_x96 = 0

    def add(self, miner: str, amount_x96: int) -> None:
        """Book an amount for a miner."""
        self.by_miner[miner] += amount_x96
        self.total_x96 += amount_x96

    def share_out_down(self, amount_sat: int, weights: Mapping[str, int], total: int) -> None:
        """Divide an amount by weights of `total`, each part rounded down; the rest is nobody's."""
        amount_x96, given = amount_sat << BITS, 0
        by_miner = self.by_miner
        for miner, weight in weights.items():
            part = amount_x96 * weight // total
            by_miner[miner] += part
            given += part
        self.total_x96 += given


class Running(Protocol):
    """A scheme at work; the fee is not its business."""

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        """A share came in."""

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        """The share that came in last was a block that counts."""


class Scheme(Protocol):
    """How a pool pays."""

    @property
    def fee(self) -> Fraction:
        """The operator's fee on all that is paid out."""

    def open(self, owed: Owed) -> Running:
        """Start with an empty log; what miners have coming is booked on `owed`."""


@dataclass(frozen=True)
class MinerAccount:
    """A miner's account."""

    miner: str
    """His name."""
    n_shares: int
    """Shares accepted."""
    work_x96: int
    """Their work: expected blocks times 2^96."""
    credited_x96: int
    """What he has earned after the fee: satoshi times 2^96."""

    @property
    def credited_sat(self) -> int:
        """Whole satoshi of it: what can be paid."""
        return (self.credited_x96 + GRACE_X96) >> BITS

    @property
    def dust_x96(self) -> int:
        """The rest, below one satoshi (and above -2^-32): carried for him."""
        return self.credited_x96 - (self.credited_sat << BITS)


@dataclass(frozen=True)
class Statement:
    """All accounts of a pool after a log; `InvariantError` if they do not add up."""

    miners: tuple[MinerAccount, ...]
    """Miners' accounts by name."""
    n_shares: int
    """Shares accepted."""
    n_blocks: int
    """Blocks that count."""
    n_orphaned: int
    """Blocks that do not."""
    reward_sat: int
    """Subsidy and fees of the blocks that count."""
    orphaned_sat: int
    """What the others would have paid."""
    fee_x96: int
    """The operator's fee."""
    own_x96: int
    """The operator's own account: his luck where he pays per share, else what nobody earned."""
    lowest_x96: int
    """Lowest that fee and own account together ever stood, 0 at the start: the reserve needed."""
    open_work_x96: int
    """Work since the last block that counts."""

    def __post_init__(self) -> None:
        credited_x96 = sum(account.credited_x96 for account in self.miners)
        if credited_x96 + self.fee_x96 + self.own_x96 != self.reward_sat << BITS:
            raise InvariantError("the accounts of the pool do not add up to its blocks' reward")
        parts = self.credited_sat + self.fee_sat + self.own_sat + self.dust_sat
        if parts != self.reward_sat or not 0 <= self.dust_sat < len(self.miners) + 2:
            raise InvariantError("a satoshi of the pool's reward is missing or paid twice")

    @property
    def credited_sat(self) -> int:
        """What can be paid to miners, in whole satoshi each."""
        return sum(account.credited_sat for account in self.miners)

    @property
    def fee_sat(self) -> int:
        """The operator's fee in whole satoshi, rounded down."""
        return self.fee_x96 >> BITS

    @property
    def own_sat(self) -> int:
        """The operator's own account in whole satoshi, rounded down; it may be negative."""
        return self.own_x96 >> BITS

    @property
    def lowest_sat(self) -> int:
        """Lowest balance of the operator, rounded down."""
        return self.lowest_x96 >> BITS

    @property
    def dust_sat(self) -> int:
        """The fractions of all accounts together: whole satoshi that stay in the pool's wallet."""
        held_x96 = sum(account.dust_x96 for account in self.miners)
        held_x96 += self.fee_x96 - (self.fee_sat << BITS) + self.own_x96 - (self.own_sat << BITS)
        return held_x96 >> BITS


def share_work_x96_down(*, difficulty: Fraction, network_difficulty: Fraction) -> int:
    """
    Chance of a share to be a block, times 2^96, rounded down: no more is paid than was worked.

        work = difficulty / network difficulty

    Source: Rosenfeld 2011, p = d / D. `InputError` where a difficulty is not above 0, where the
    share's is above the network's (each such share would be a block), or too small to count.
    """
    for name, value in (("difficulty", difficulty), ("network_difficulty", network_difficulty)):
        if value <= 0:
            raise InputError(name, str(value), "must be above 0")
    if difficulty > network_difficulty:
        raise InputError(
            "difficulty", str(difficulty), f"at most the network's {network_difficulty}"
        )
    work_x96 = (
        (difficulty.numerator * network_difficulty.denominator << BITS)
        // (difficulty.denominator * network_difficulty.numerator)
    )  # fmt: skip
    if work_x96 == 0:
        raise InputError("difficulty", str(difficulty), "at least 2^-96 of the network's")
    return work_x96


def replay(scheme: Scheme, events: Iterable[Event]) -> Statement:
    """
    Replay a pool's log under a scheme and state all accounts.

    Each event is a share and, where it was one, its block, in the order in which shares came in.
    Raises `InputError` naming the share (counted from 1) or the block that cannot be.

    >>> from headframe.exact.pool_schemes import Proportional
    >>> half = ONE_X96 // 2
    >>> block = FoundBlock("first", subsidy_sat=100, fees_sat=1)
    >>> log = [(Share("a", half), None), (Share("b", half), None), (Share("b", half), block)]
    >>> stated = replay(Proportional(fee=Fraction(1, 100)), log)
    >>> [account.credited_sat for account in stated.miners], stated.fee_sat, stated.dust_sat
    ([33, 66], 1, 1)
    """
    owed, desk = Owed(), _Desk(scheme.fee)
    running = scheme.open(owed)
    add = running.add
    tallies: dict[str, list[int]] = {}
    n_shares, worked_x96, work_at_block_x96 = 0, 0, 0
    for (miner, work_x96, subsidy_sat, fees_sat), block in events:
        n_shares += 1
        if not 0 < work_x96 <= ONE_X96 or subsidy_sat < 0 or fees_sat < 0:
            _refuse_share(n_shares, work_x96, subsidy_sat, fees_sat)
        add(miner, work_x96, subsidy_sat, fees_sat)
        worked_x96 += work_x96
        tally = tallies.get(miner)
        if tally is None:
            tallies[miner] = [1, work_x96]
        else:
            tally[0] += 1
            tally[1] += work_x96
        if block is not None and desk.counts(block, owed):
            running.find(miner, work_x96, block)
            desk.look(owed)
            work_at_block_x96 = worked_x96
    return desk.statement(owed, tallies, n_shares, worked_x96 - work_at_block_x96)


class _Desk:
    # The operator's side of a replay: the blocks and what they brought, and how low he stood.
    def __init__(self, fee: Fraction) -> None:
        self.kept, self.of = fee.denominator - fee.numerator, fee.denominator
        self.names: set[str] = set()
        self.n_blocks = self.n_orphaned = self.reward_sat = self.orphaned_sat = 0
        self.lowest_x96 = 0

    def counts(self, block: FoundBlock, owed: Owed) -> bool:
        if block.name in self.names:
            raise InputError(f"block {block.name}", None, "is there twice; it is paid once")
        if block.subsidy_sat < 0 or block.fees_sat < 0:
            raise InputError(f"block {block.name}", None, "subsidy and fees must be 0 or more")
        self.names.add(block.name)
        amount_sat = block.subsidy_sat + block.fees_sat
        if block.orphaned:
            self.n_orphaned += 1
            self.orphaned_sat += amount_sat
            return False
        self.look(owed)  # at his lowest just before the reward comes in
        self.n_blocks += 1
        self.reward_sat += amount_sat
        return True

    def look(self, owed: Owed) -> None:
        paid_x96 = owed.total_x96 * self.kept // self.of
        self.lowest_x96 = min(self.lowest_x96, (self.reward_sat << BITS) - paid_x96)

    def statement(
        self, owed: Owed, tallies: Mapping[str, list[int]], n_shares: int, open_work_x96: int
    ) -> Statement:
        self.look(owed)
        miners, credited_x96 = [], 0
        for miner, (count, work_x96) in sorted(tallies.items()):
            amount_x96 = owed.by_miner[miner] * self.kept // self.of
            credited_x96 += amount_x96
            miners.append(MinerAccount(miner, count, work_x96, amount_x96))
        return Statement(
            miners=tuple(miners),
            n_shares=n_shares,
            n_blocks=self.n_blocks,
            n_orphaned=self.n_orphaned,
            reward_sat=self.reward_sat,
            orphaned_sat=self.orphaned_sat,
            fee_x96=owed.total_x96 - credited_x96,
            own_x96=(self.reward_sat << BITS) - owed.total_x96,
            lowest_x96=self.lowest_x96,
            open_work_x96=open_work_x96,
        )


def _refuse_share(number: int, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
    if not 0 < work_x96 <= ONE_X96:
        raise InputError(f"share {number}, work_x96", work_x96, "above 0 and at most 2^96")
    name, value = ("subsidy_sat", subsidy_sat) if subsidy_sat < 0 else ("fees_sat", fees_sat)
    raise InputError(f"share {number}, {name}", value, "0 or more")
