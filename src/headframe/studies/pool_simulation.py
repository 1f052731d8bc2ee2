"""
Pools by simulation: random share logs played through the exact ledger.

The closed forms of `analytics.pool_variance`, `pool_ruin` and `pool_hopping` rest on limits (many
shares a round, Poisson blocks). Here nothing is assumed but that a share is a block with the chance
that its work says: a log is drawn share by share, `exact.pool_shares` pays it out, and what comes
out is counted. It answers where there is no closed form (the double geometric method, hoppers
beside others), and it is what the closed forms are held against.

All shares of a log are alike and `shares_per_round` of them find a block on average, so a result
differs from the limit by about one part in so many. Amounts are in rewards of a block, which is
constant. The same seed gives the same logs.

>>> from headframe.exact.pool_schemes import Pps
>>> paid = income(Pps(), rounds=2, every=10, shares_per_round=50, n_runs=3, seed=1)
>>> round(paid.mean.value, 9), round(paid.variance.value, 9)
(0.2, 0.0)
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from headframe.analytics.domain import require_count, require_non_negative
from headframe.exact.pool_shares import ONE_X96, Event, FoundBlock, Scheme, Share, replay
from headframe.metric import Estimate

REWARD_SAT = 10**12
"""Subsidy of a simulated block: so large that the satoshi does not show."""
COUNTED, OTHERS, HOPPER = "counted", "others", "hopper"
"""Who sends the shares of a simulated log."""

Sender = Callable[[int, int], str]
"""Who sends the next share, given its number and the shares since the last block."""


@dataclass(frozen=True)
class Income:
    """What some work was paid, over many logs, in rewards of a block."""

    mean: Estimate
    """Mean."""
    variance: Estimate
    """Variance, about the simulated mean."""


@dataclass(frozen=True)
class Hopping:
    """What work was paid, over its fair pay (its expected blocks, each a reward)."""

    hopper: Estimate
    """Pay of the hopper's work in the pool."""
    loyal: Estimate
    """Pay of those who stayed."""


def share_log(
    sender: Sender, *, shares_per_round: int, n_shares: int, rng: Random
) -> Iterator[Event]:
    """Draw a log of equal shares, each of which is a block with chance 1 / `shares_per_round`."""
    require_count(shares_per_round=shares_per_round, n_shares=n_shares)
    work_x96, chance = ONE_X96 // shares_per_round, 1.0 / shares_per_round
    age = 0
    for number in range(n_shares):
        share = Share(sender(number, age), work_x96, REWARD_SAT)
        age += 1
        block = None
        if rng.random() < chance:
            block, age = FoundBlock(str(number), REWARD_SAT, 0), 0
        yield share, block


def income(
    scheme: Scheme,
    *,
    rounds: int,
    every: int,
    shares_per_round: int,
    n_runs: int,
    seed: int,
    margin_rounds: int = 0,
) -> Income:
    """
    Income of the work of a steady miner over a horizon, counted whenever it is paid.

    Parameters
    ----------
    rounds
        The horizon: expected blocks of the pool.
    every
        One in so many of the pool's shares is the miner's.
    margin_rounds
        Rounds before and after the horizon, in which others mine: as long as the scheme remembers.
    """
    require_count(rounds=rounds, every=every, n_runs=n_runs)
    margin, horizon = margin_rounds * shares_per_round, rounds * shares_per_round

    def sender(number: int, _age: int) -> str:
        mine = (number - margin) % every == every // 2
        return COUNTED if mine and margin <= number < margin + horizon else OTHERS

    paid = []
    for run in range(n_runs):
        rng = Random(f"{seed}/{run}")
        n_shares = horizon + 2 * margin
        log = share_log(sender, shares_per_round=shares_per_round, n_shares=n_shares, rng=rng)
        paid.append(_paid(scheme, log)[COUNTED])
    mean = _estimate(paid)
    return Income(mean, _estimate([(amount - mean.value) ** 2 for amount in paid]))


def hopping(
    scheme: Scheme,
    age: float,
    *,
    rounds: int,
    shares_per_round: int,
    n_runs: int,
    seed: int,
    margin_rounds: int = 0,
) -> Hopping:
    """
    What a hopper is paid who is as large as the pool and stays until the round has an age.

    `age` is in rounds: shares since the last block over `shares_per_round`. While he is there every
    second share is his. `rounds` and `margin_rounds` as for `income`: in the margins others mine.
    """
    require_non_negative(age=age)
    require_count(rounds=rounds, n_runs=n_runs)
    leaves, margin = round(age * shares_per_round), margin_rounds * shares_per_round
    horizon = rounds * shares_per_round

    def sender(number: int, age: int) -> str:
        if not margin <= number < margin + horizon:
            return OTHERS
        return HOPPER if age < leaves and number % 2 else COUNTED

    paid: dict[str, list[tuple[float, float]]] = {HOPPER: [], COUNTED: []}
    for run in range(n_runs):
        rng = Random(f"{seed}/{run}")
        n_shares = horizon + 2 * margin
        log = share_log(sender, shares_per_round=shares_per_round, n_shares=n_shares, rng=rng)
        for account in replay(scheme, log).miners:
            if account.miner in paid:
                fair = account.work_x96 / ONE_X96
                paid[account.miner].append((account.credited_sat / REWARD_SAT, fair))
    return Hopping(_ratio(paid[HOPPER]), _ratio(paid[COUNTED]))


def lowest_balances(
    scheme: Scheme, *, rounds: int, shares_per_round: int, n_runs: int, seed: int
) -> list[float]:
    """Lowest balance of the operator in each of many logs, in rewards: what reserve he needed."""
    require_count(rounds=rounds, n_runs=n_runs)

    def sender(_number: int, _age: int) -> str:
        return OTHERS

    lowest = []
    for run in range(n_runs):
        rng = Random(f"{seed}/{run}")
        n_shares = rounds * shares_per_round
        log = share_log(sender, shares_per_round=shares_per_round, n_shares=n_shares, rng=rng)
        lowest.append(replay(scheme, log).lowest_sat / REWARD_SAT)
    return lowest


def _paid(scheme: Scheme, log: Iterator[Event]) -> dict[str, float]:
    paid = {COUNTED: 0.0, OTHERS: 0.0}
    for account in replay(scheme, log).miners:
        paid[account.miner] = account.credited_sat / REWARD_SAT
    return paid


def _estimate(values: Sequence[float]) -> Estimate:
    mean = math.fsum(values) / len(values)
    spread = math.fsum((value - mean) ** 2 for value in values)
    return Estimate(mean, math.sqrt(spread / max(len(values) - 1, 1) / len(values)))


def _ratio(pairs: Sequence[tuple[float, float]]) -> Estimate:
    # Of sums, not a mean of ratios: a log with many rounds has more of the hopper's work.
    fair = math.fsum(pair[1] for pair in pairs) / len(pairs)
    ratio = math.fsum(pair[0] for pair in pairs) / len(pairs) / fair
    return Estimate(ratio, _estimate([(got - ratio * due) / fair for got, due in pairs]).se)
