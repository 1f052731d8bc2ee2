"""
What a majority attack costs: hash rate rented, machines powered, machines bought.

Whoever outpaces the honest miners can rewrite the chain at will; the question is the bill. Hash
rate can be rented by the hour where a market for it is deep enough, run on machines one already
has for their electricity, or bought as machines. Against the bill stand the rewards of the
attacker's own blocks, which the winning chain pays him; and, if the attack hurts the coin, what he
loses at the exit: his rewards and machines are worth less.

E. Budish's argument in three lines: free entry makes the cost of a block's hash rate equal to its
reward p; an attack must cost more than it brings in, V; so alpha * p > V, where alpha counts the
blocks for which the attack lasts. A *flow*, what miners are paid in hours, has to outweigh a
*stock*, what an attack can take. The comparison turns into stock against stock where machines serve
no other purpose and the attack ruins the coin: then the attacker also loses what his machines cost.

Sources: E. Budish, "The economic limits of Bitcoin and the blockchain" (NBER 24717, 2018) eqs. 1-3
and on sabotage; "Trust at scale" (QJE 140, 2025) for the attack's length. Rent by the hour for as
much hash rate as the network has is the convention of the public lists.

>>> hashrate = attacker_hashrate_th_s(50_000.0, share=0.51, outsider=False)
>>> round(electricity_usd(hashrate, seconds=3_600.0, efficiency_j_per_th=30.0, usd_per_kwh=0.10), 2)
76.5
"""

from dataclasses import dataclass

import numpy as np

from headframe.analytics.domain import (
    require_at_least,
    require_count,
    require_inner_share,
    require_non_negative,
    require_positive,
    require_share,
)
from headframe.errors import InputError
from headframe.units import DAY_S, J_PER_KWH, YEAR_S


@dataclass(frozen=True)
class AttackCost:
    """The bill of one attack, all in USD; a negative net cost is a profit before any theft."""

    outlay_usd: float
    """Rent, or electricity, or the machines' price with their electricity."""
    resale_usd: float
    """What the machines still fetch afterwards."""
    rewards_usd: float
    """What the attacker's own blocks pay, at the price after the attack."""

    @property
    def net_usd(self) -> float:
        """Outlay less resale less rewards."""
        return self.outlay_usd - self.resale_usd - self.rewards_usd


def attacker_hashrate_th_s(network_th_s: float, *, share: float, outsider: bool = True) -> float:
    """
    Hash rate that makes up a share of the total during the attack.

        outsider: H s / (1-s), added to the honest hash rate H;   insider: H s, taken away from it
    """
    require_non_negative(network_th_s=network_th_s)
    require_inner_share(share=share)
    return network_th_s * share / (1.0 - share) if outsider else network_th_s * share


def attack_intervals(*, power_ratio: float, confirmations: int) -> float:
    """
    Mean length of a majority attack, in honest block intervals.

        E[T] = z + E[(z + 1 - M)^+] / (A - 1),    M ~ negative binomial(z, A / (1 + A))

    The honest miners first find the z blocks for which the victim waits; if the attacker, with `A`
    times their hash rate, is then not one block ahead, he closes the gap at A - 1 blocks an
    interval. Multiplied by `A` it is Budish's alpha (2025): the attacker's work in honest
    block rewards.
    """
    from scipy.special import betainc

    require_positive(power_ratio=power_ratio)
    require_count(confirmations=confirmations)
    if power_ratio <= 1.0:
        raise InputError("power_ratio", power_ratio, "must be above 1: a majority")
    z, faster = confirmations, power_ratio / (1.0 + power_ratio)
    lengths = np.arange(z + 1.0)
    # P(M <= m) of the attacker's blocks while the honest miners find z; sum over m <= z is E[gap].
    expected_gap = float(np.sum(betainc(float(z), lengths + 1.0, 1.0 - faster)))
    return z + expected_gap / (power_ratio - 1.0)


def rent_usd(attack_th_s: float, *, seconds: float, rental_usd_per_th_day: float) -> float:
    """Rent of a hash rate for a time: `rental_usd_per_th_day` per TH/s and day."""
    require_non_negative(
        attack_th_s=attack_th_s, seconds=seconds, rental_usd_per_th_day=rental_usd_per_th_day
    )
    return attack_th_s * rental_usd_per_th_day * seconds / DAY_S


def electricity_usd(
    attack_th_s: float,
    *,
    seconds: float,
    efficiency_j_per_th: float,
    usd_per_kwh: float,
    pue: float = 1.0,
) -> float:
    """Electricity of a hash rate for a time; `pue` is the site's power per machine's power."""
    require_non_negative(attack_th_s=attack_th_s, seconds=seconds, usd_per_kwh=usd_per_kwh)
    require_positive(efficiency_j_per_th=efficiency_j_per_th)
    require_at_least(1.0, pue=pue)
    return attack_th_s * efficiency_j_per_th * pue * seconds / J_PER_KWH * usd_per_kwh


def attack_rewards_usd(
    *, intervals: float, power_ratio: float, block_reward_usd: float, exit_drop: float
) -> float:
    """
    What the attacker's blocks pay, after a price drop: intervals * A * p * (1 - drop).

    No retarget is assumed within the attack. With `exit_drop` 0 and rent at the zero-profit price
    it cancels the bill: an attack that leaves the price unharmed is free (Budish 2025).
    """
    require_non_negative(intervals=intervals, block_reward_usd=block_reward_usd)
    require_positive(power_ratio=power_ratio)
    require_share(exit_drop=exit_drop)
    return intervals * power_ratio * block_reward_usd * (1.0 - exit_drop)


def attack_by_rent(
    *,
    network_th_s: float,
    power_ratio: float,
    intervals: float,
    interval_s: float,
    rental_usd_per_th_day: float,
    block_reward_usd: float,
    exit_drop: float = 0.0,
) -> AttackCost:
    """Bill of an attack with rented hash rate, `power_ratio` times the honest one."""
    outlay_usd = rent_usd(
        network_th_s * power_ratio,
        seconds=intervals * interval_s,
        rental_usd_per_th_day=rental_usd_per_th_day,
    )
    rewards_usd = attack_rewards_usd(
        intervals=intervals,
        power_ratio=power_ratio,
        block_reward_usd=block_reward_usd,
        exit_drop=exit_drop,
    )
    return AttackCost(outlay_usd, 0.0, rewards_usd)


def attack_by_capital(
    *,
    network_th_s: float,
    power_ratio: float,
    intervals: float,
    interval_s: float,
    machine_usd_per_th: float,
    efficiency_j_per_th: float,
    usd_per_kwh: float,
    block_reward_usd: float,
    exit_drop: float,
    machine_drop: float,
) -> AttackCost:
    """
    Bill of an attack with bought machines: price and electricity, less resale and rewards.

        resale = capital (1 - machine_drop)

    `exit_drop` is the coin's fall, `machine_drop` the machines': 0 for machines with another use,
    about `exit_drop` or more where they can only mine this coin (Budish 2018 on sabotage).
    A machine price of 0 gives the bill of one who has the machines already.
    """
    require_non_negative(machine_usd_per_th=machine_usd_per_th)
    require_share(machine_drop=machine_drop)
    attack_th_s = network_th_s * power_ratio
    capital_usd = attack_th_s * machine_usd_per_th
    power_usd = electricity_usd(
        attack_th_s,
        seconds=intervals * interval_s,
        efficiency_j_per_th=efficiency_j_per_th,
        usd_per_kwh=usd_per_kwh,
    )
    rewards_usd = attack_rewards_usd(
        intervals=intervals,
        power_ratio=power_ratio,
        block_reward_usd=block_reward_usd,
        exit_drop=exit_drop,
    )
    return AttackCost(capital_usd + power_usd, capital_usd * (1.0 - machine_drop), rewards_usd)


def flow_security_usd(*, block_reward_usd: float, alpha_blocks: float) -> float:
    """
    Largest theft that the flow of rewards deters: V = alpha p. Source: Budish 2018 eq. 3.

    `alpha_blocks` is the attack's length in block rewards of work, `power_ratio` times
    `attack_intervals`. Turned round: to deter V, every block must pay p = V / alpha, for ever.
    """
    require_non_negative(block_reward_usd=block_reward_usd, alpha_blocks=alpha_blocks)
    return block_reward_usd * alpha_blocks


def stock_security_usd(
    *,
    block_reward_usd: float,
    interval_s: float,
    capital_share: float,
    capital_cost_per_year: float,
    power_ratio: float,
    machine_drop: float,
) -> float:
    """
    Largest theft that the machines' loss of value deters, where they serve nothing else.

        capital K = p * (year / interval) * capital_share / capital_cost,   V = A K machine_drop

    Free entry pays capital its yearly cost (interest and wear, `capital_cost_per_year`) out of the
    share of the reward that is not power. Source: Budish 2018: N C in place of N c.
    """
    require_non_negative(block_reward_usd=block_reward_usd)
    require_positive(
        interval_s=interval_s, capital_cost_per_year=capital_cost_per_year, power_ratio=power_ratio
    )
    require_share(capital_share=capital_share, machine_drop=machine_drop)
    yearly_usd = block_reward_usd * YEAR_S / interval_s
    capital_usd = yearly_usd * capital_share / capital_cost_per_year
    return power_ratio * capital_usd * machine_drop
