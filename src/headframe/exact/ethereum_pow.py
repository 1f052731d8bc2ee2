"""
Ethereum's difficulty under proof of work, from Frontier to Gray Glacier, with the bomb.

Until September 2022 each block's difficulty was its parent's, moved by 1/2048 steps that depend on
how long it took, plus a "bomb" that doubles every 100,000 blocks, planted so that the chain would
have to move on. Six upgrades postponed it by pretending that the height is lower. Three formulas
for the step and seven delays make thirteen forks, given here as data.

Order of floor and bomb: the bomb is added first and the floor of 131,072 applied to the sum. The
Yellow Paper and the execution specification say so and the published test "CustomMainNetwork"
needs it (a parent of 1,000 at height 4,270,000 gives 2^40 + 1,000). Some clients raise the step to
the floor before they add the bomb; on the main network no block tells the two apart.

Source: `ethereum/execution-specs`, `calculate_block_difficulty` of each fork (CC0); EIPs 2, 100,
649, 1234, 2384, 3554, 4345, 5133; vectors of `ethereum/tests` (MIT).
Assumptions: heights are the main network's where they matter (`fork_at`); a block's time is not
before its parent's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from headframe.errors import InputError

FLOOR = 131_072
"""The least difficulty."""
STEP_DIVISOR = 2048
"""One step is the parent's difficulty over this."""
BOMB_PERIOD = 100_000
"""The bomb doubles every so many blocks."""
MOST_STEPS_DOWN = 99
"""A block lowers difficulty by this many steps at most, from Homestead on."""
FRONTIER_TURN_S = 13
"""Frontier: a block before this many seconds raises difficulty, one at or after lowers it."""


def frontier_steps(elapsed_s: int, _parent_has_ommers: bool) -> int:
    """Frontier: one step up below 13 s, one down from there on."""
    return 1 if elapsed_s < FRONTIER_TURN_S else -1


def homestead_steps(elapsed_s: int, _parent_has_ommers: bool) -> int:
    """Homestead (EIP-2): 1 - elapsed // 10, at least -99."""
    return max(1 - elapsed_s // 10, -MOST_STEPS_DOWN)


def byzantium_steps(elapsed_s: int, parent_has_ommers: bool) -> int:
    """Byzantium (EIP-100): (2 if the parent has ommers else 1) - elapsed // 9, at least -99."""
    return max((2 if parent_has_ommers else 1) - elapsed_s // 9, -MOST_STEPS_DOWN)


@dataclass(frozen=True)
class Fork:
    """
    One fork's difficulty rule: from which height, which steps, how far the bomb is put off.

    Parameters
    ----------
    name
        The fork's name.
    from_height
        First block of the main network under it.
    steps
        Steps of 1/2048 from (seconds since the parent, whether the parent has ommers).
    bomb_delay
        Blocks taken off the height before the bomb looks at it.
    """

    name: str
    from_height: int
    steps: Callable[[int, bool], int]
    bomb_delay: int


FRONTIER = Fork("Frontier", 0, frontier_steps, 0)
"""The first rule; the bomb is below one until height 200,000."""
HOMESTEAD = Fork("Homestead", 1_150_000, homestead_steps, 0)
"""EIP-2; unchanged through Tangerine Whistle and Spurious Dragon."""
BYZANTIUM = Fork("Byzantium", 4_370_000, byzantium_steps, 3_000_000)
"""EIP-100 and EIP-649."""
CONSTANTINOPLE = Fork("Constantinople", 7_280_000, byzantium_steps, 5_000_000)
"""EIP-1234; unchanged in Istanbul."""
MUIR_GLACIER = Fork("Muir Glacier", 9_200_000, byzantium_steps, 9_000_000)
"""EIP-2384; unchanged in Berlin."""
LONDON = Fork("London", 12_965_000, byzantium_steps, 9_700_000)
"""EIP-3554."""
ARROW_GLACIER = Fork("Arrow Glacier", 13_773_000, byzantium_steps, 10_700_000)
"""EIP-4345."""
GRAY_GLACIER = Fork("Gray Glacier", 15_050_000, byzantium_steps, 11_400_000)
"""EIP-5133, the last before the merge at height 15,537,394."""

FORKS = (
    FRONTIER,
    HOMESTEAD,
    BYZANTIUM,
    CONSTANTINOPLE,
    MUIR_GLACIER,
    LONDON,
    ARROW_GLACIER,
    GRAY_GLACIER,
)
"""The forks that changed difficulty, oldest first."""
MERGE_HEIGHT = 15_537_394
"""First block of the main network without proof of work."""


def fork_at(height: int) -> Fork:
    """Fork whose rule the main network's block at a height follows; `InputError` after PoW."""
    if not 0 <= height < MERGE_HEIGHT:
        raise InputError("height", height, f"0 to {MERGE_HEIGHT - 1}, the last block with work")
    return [fork for fork in FORKS if fork.from_height <= height][-1]


def block_difficulty(
    fork: Fork,
    *,
    height: int,
    ts: int,
    parent_ts: int,
    parent_difficulty: int,
    parent_has_ommers: bool = False,
) -> int:
    """
    Difficulty of the block at `height` and `ts`.

        difficulty = max(parent + parent // 2048 * steps + bomb, 131,072)
        bomb = 2^((height - delay) // 100,000 - 2),  nothing for a negative exponent

    Source: execution specification `calculate_block_difficulty`. Raises `InputError` for a time
    before the parent's or a parent without difficulty.
    """
    if ts < parent_ts:
        raise InputError("ts", ts, f"not before the parent's time {parent_ts}")
    if height < 1 or parent_difficulty < 1:
        raise InputError("height, parent_difficulty", (height, parent_difficulty), "above 0")
    step = parent_difficulty // STEP_DIVISOR
    moved = parent_difficulty + step * fork.steps(ts - parent_ts, parent_has_ommers)
    return max(moved + bomb(height, fork), FLOOR)


def bomb(height: int, fork: Fork) -> int:
    """
    What the bomb adds to a block's difficulty; 0 while its exponent is negative.

    >>> bomb(13_000_000, LONDON)
    2147483648
    """
    exponent = (height - fork.bomb_delay) // BOMB_PERIOD - 2
    return 1 << exponent if exponent >= 0 else 0
