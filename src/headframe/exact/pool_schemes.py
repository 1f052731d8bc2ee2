"""
The schemes by which pools pay: who bears the luck, and what a share can be worth.

Solo, pay per share (PPS, FPPS, PPS+), proportional, pay per last N shares (PPLNS) and Rosenfeld's
geometric and double geometric methods, as they work on a log of shares (`pool_shares`). All weigh
shares by their *work*, the chance to be a block (share over network difficulty), so that a change
of difficulty changes nothing for anyone: a share is worth its work times a block's reward, whenever
it is sent and whatever comes after. Only the proportional scheme breaks that rule, within a round.

    PPS, FPPS, PPS+   the operator pays and bears the luck
    proportional      a block pays the shares since the last one; can be hopped
    PPLNS             a block pays the shares in the window of work before it; hop-proof
    geometric         scores grow by a factor with each share, the operator takes part; hop-proof
    double geometric  the same, and part of the scores outlives the block; hop-proof

The amounts are before the fee, which the ledger takes from all that is paid out.

Sources: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980); his
"Double geometric method" (2011). Assumptions as in `pool_shares`.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from fractions import Fraction

from headframe.errors import InputError
from headframe.exact.pool_shares import BITS, ONE_X96, FoundBlock, Owed, Running

SCORE_BITS = 192
"""Binary places of the operator's first score in the geometric methods."""
SCORE_ROOM = 64
"""Once scores have grown by this many bits all are shifted down by as many."""
NOTHING = Fraction(0)
"""No fee, no leakage."""


@dataclass(frozen=True, kw_only=True)
class Solo:
    """Every block is the finder's."""

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Solo(owed)


@dataclass(frozen=True, kw_only=True)
class Pps:
    """
    Pay per share: work times the subsidy, for each share; the blocks are the operator's.

    >>> from headframe.exact.pool_shares import Share, replay
    >>> log = [(Share("a", ONE_X96 // 1000, subsidy_sat=312_500_000), None)]
    >>> replay(Pps(fee=Fraction(4, 100)), log).own_sat
    -312500
    """

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Pps(owed)


@dataclass(frozen=True, kw_only=True)
class Fpps:
    """Full pay per share: work times the subsidy and the fees that a block is expected to carry."""

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Fpps(owed)


@dataclass(frozen=True, kw_only=True)
class PpsPlus:
    """PPS+: the subsidy as pay per share, the fees of blocks found by PPLNS."""

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""
    window_rounds: Fraction
    """The window for the fees, in expected blocks of work."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)
        _require_window(self.window_rounds)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _PpsPlus(owed, self.window_rounds)


@dataclass(frozen=True, kw_only=True)
class Proportional:
    """A block pays the shares since the block before, in proportion to their work."""

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Proportional(owed)


@dataclass(frozen=True, kw_only=True)
class Pplns:
    """
    Pay per last N shares, N in work: a block pays B/N for each piece of work in the N before it.

    Seen from a share, it is paid by each block among the next N of work. Where a window ends within
    a share, and where in its own share a block lies, is averaged over: share i, filling (a, b] of
    the log's work, is paid by a block in share j, filling (A, C], the part

        1/N 1/(C - A) integral over u from A to C of the length of (a, b] within (u - N, u]

    of its reward. Summed over i that is 1, and over j, each a block with chance C - A, it is b - a:
    a share's expected pay is its work times the reward, to the last digit, whatever difficulties
    do. What a block pays for work before the log began is the operator's. The window is rounded
    down to 2^-96 of a block.

    Source: Rosenfeld 2011 on PPLNS that counts work and not shares; the average is ours.
    """

    fee: Fraction = NOTHING
    """The operator's fee, 0 to below 1."""
    window_rounds: Fraction
    """The window N, in expected blocks of work."""

    def __post_init__(self) -> None:
        _require_fee(self.fee)
        _require_window(self.window_rounds)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Pplns(owed, self.window_rounds)


@dataclass(frozen=True, kw_only=True)
class Geometric:
    """
    Rosenfeld's geometric method: later shares score more, a block pays by scores and clears them.

    The double geometric method without leakage, see there.
    """

    fee: Fraction = NOTHING
    """The operator's fixed fee, below 1; negative where he gives the variable fee back."""
    variable_fee: Fraction
    """What the operator keeps on average by taking part (c), strictly between 0 and 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee, least=None)
        _require_part("variable_fee", self.variable_fee, zero=False)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Scores(owed, self.variable_fee, NOTHING)


@dataclass(frozen=True, kw_only=True)
class DoubleGeometric:
    """
    Rosenfeld's double geometric method: scores that grow with each share and outlive blocks.

    With p a share's work, each multiplies the pool's score by

        r = 1 + p (1-c) (1-o) / c

    and its sender gets the increase; the operator began with all of it. A block pays everyone his
    part of the score, the operator too (on his own account), and leaves miners o of theirs; the
    operator gets the rest. A share's expected pay is (1-c) p B whatever comes after. The score is
    of the reward of the block that pays, so that a block never pays out more than it has.

    Increases are rounded down in units of 2^-192 of the pool's score, in the operator's favour.
    Source: Rosenfeld, "Double geometric method" (2011); with B in the score there, not here.
    """

    fee: Fraction = NOTHING
    """The operator's fixed fee, below 1; negative where he gives the variable fee back."""
    variable_fee: Fraction
    """What the operator keeps on average by taking part (c), strictly between 0 and 1."""
    leakage: Fraction
    """Part of the scores that outlives a block (o), 0 to below 1."""

    def __post_init__(self) -> None:
        _require_fee(self.fee, least=None)
        _require_part("variable_fee", self.variable_fee, zero=False)
        _require_part("leakage", self.leakage, zero=True)

    def open(self, owed: Owed) -> Running:
        """Start with an empty log."""
        return _Scores(owed, self.variable_fee, self.leakage)


class _Solo:
    def __init__(self, owed: Owed) -> None:
        self.owed = owed

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        pass

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        self.owed.add(miner, (block.subsidy_sat + block.fees_sat) << BITS)


class _Pps:
    def __init__(self, owed: Owed) -> None:
        self.owed = owed

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        self.owed.add(miner, work_x96 * subsidy_sat)

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        pass


class _Fpps:
    def __init__(self, owed: Owed) -> None:
        self.owed = owed

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        self.owed.add(miner, work_x96 * (subsidy_sat + fees_sat))

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        pass


class _PpsPlus:
    def __init__(self, owed: Owed, window_rounds: Fraction) -> None:
        self.owed, self.window = owed, _Pplns(owed, window_rounds)

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        self.owed.add(miner, work_x96 * subsidy_sat)
        self.window.add(miner, work_x96, subsidy_sat, fees_sat)

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        self.window.find(miner, work_x96, block._replace(subsidy_sat=0))


class _Proportional:
    def __init__(self, owed: Owed) -> None:
        self.owed = owed
        self.round: defaultdict[str, int] = defaultdict(int)
        self.total_x96 = 0

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        self.round[miner] += work_x96
        self.total_x96 += work_x96

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        self.owed.share_out_down(block.subsidy_sat + block.fees_sat, self.round, self.total_x96)
        self.round.clear()
        self.total_x96 = 0


class _Pplns:
    def __init__(self, owed: Owed, window_rounds: Fraction) -> None:
        self.owed = owed
        self.window_x96 = (window_rounds.numerator << BITS) // window_rounds.denominator
        self.end_x96 = 0  # of the log's work
        self.last: deque[tuple[str, int, int]] = deque()  # miner, end, work of the shares kept
        self.held: defaultdict[str, int] = defaultdict(int)  # their work by miner

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        self.end_x96 = end_x96 = self.end_x96 + work_x96
        self.last.append((miner, end_x96, work_x96))
        self.held[miner] += work_x96

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        # The window's start lies between `first` and `last`, as the block lies in its share.
        last = self.end_x96 - self.window_x96
        first = last - work_x96
        self._forget_before(first)
        weights = {name: 2 * work_x96 * held for name, held in self.held.items()}
        within = min(work_x96, self.window_x96)
        weights[miner] -= 2 * work_x96**2 - (2 * work_x96 - within) * within
        for name, end, length in self.last:
            if end - length >= last or end == self.end_x96:
                break
            weights[name] -= _cut(end, length, last) - _cut(end, length, first)
        total = 2 * work_x96 * self.window_x96
        self.owed.share_out_down(block.subsidy_sat + block.fees_sat, weights, total)

    def _forget_before(self, first: int) -> None:
        shares, held = self.last, self.held
        while shares[0][1] <= first:
            name, _, length = shares.popleft()
            held[name] -= length
            if not held[name]:
                del held[name]


def _cut(end: int, length: int, start: int) -> int:
    # Twice the integral, over window starts up to `start`, of how much of a share each leaves out.
    begin = end - length
    if start <= begin:
        return 0
    return (start - begin) ** 2 if start < end else length**2 + 2 * length * (start - end)


class _Scores:
    def __init__(self, owed: Owed, variable_fee: Fraction, leakage: Fraction) -> None:
        growth = (
            (1 - variable_fee)
            * (1 - leakage)
            * Fraction(variable_fee.denominator, variable_fee.numerator)
        )
        self.owed = owed
        self.per_work, self.of = growth.numerator, growth.denominator << BITS
        self.stays, self.out_of = leakage.numerator, leakage.denominator
        self.pool = 1 << SCORE_BITS  # miners' scores and the operator's
        self.scores: defaultdict[str, int] = defaultdict(int)

    def add(self, miner: str, work_x96: int, subsidy_sat: int, fees_sat: int) -> None:
        increase = self.pool * work_x96 * self.per_work // self.of
        self.scores[miner] += increase
        self.pool += increase
        if self.pool.bit_length() > SCORE_BITS + SCORE_ROOM:
            self._shift()

    def find(self, miner: str, work_x96: int, block: FoundBlock) -> None:
        self.owed.share_out_down(block.subsidy_sat + block.fees_sat, self.scores, self.pool)
        kept = {name: score * self.stays // self.out_of for name, score in self.scores.items()}
        self._replace(kept)

    def _shift(self) -> None:
        # Only ratios count; what a miner loses by rounding down is the operator's.
        room = self.pool.bit_length() - SCORE_BITS - 1
        self.pool >>= room
        self._replace({name: score >> room for name, score in self.scores.items()})

    def _replace(self, scores: dict[str, int]) -> None:
        self.scores = defaultdict(int, {name: score for name, score in scores.items() if score})


def _require_fee(fee: Fraction, *, least: int | None = 0) -> None:
    _require_fraction("fee", fee)
    if fee >= 1 or (least is not None and fee < least):
        allowed = "must be below 1" if least is None else "must lie in [0, 1)"
        raise InputError("fee", str(fee), allowed)


def _require_part(name: str, value: Fraction, *, zero: bool) -> None:
    _require_fraction(name, value)
    if not 0 <= value < 1 or (value == 0 and not zero):
        raise InputError(name, str(value), "must lie in [0, 1)" if zero else "must lie in (0, 1)")


def _require_window(window_rounds: Fraction) -> None:
    _require_fraction("window_rounds", window_rounds)
    if window_rounds * ONE_X96 < 1:
        raise InputError("window_rounds", str(window_rounds), "must be above 0")


def _require_fraction(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Fraction | int):
        raise InputError(name, value, "must be a Fraction or a whole number: nothing is rounded")
