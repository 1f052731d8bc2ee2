"""
The security budget: what a chain pays its miners, halving after halving, and what that protects.

A chain buys protection against attacks with its rewards. The subsidy halves every four years; what
replaces it, price or fees, decides how much protection is left. Two questions follow, and this
module answers both, each under assumptions that it states.

*When does it become too little?* An attack costs a multiple of the reward of one block: alpha of
them where hash rate can be hired (flow), or the machines' worth where they serve nothing else
(stock; both from `attack_cost`). What an attack could take is the value at risk. `cover` is the one
over the other; the era in which it falls below 1 is where the chain lives on good will.

*When is it too much?* Attacks worth more than S come up at a rate lambda (S / v)^-k a year (a
Pareto tail above v), an attack is carried out if it brings more than it costs, and it destroys
`harm` for each dollar taken. One more dollar a year of rewards raises S by the multiple kappa and
prevents, at the margin,

    harm kappa lambda k (v / S)^k        dollars of damage a year.

Above one, the chain should pay its miners more; below one, the marginal cost of security exceeds
what it protects. The budget at which the two are equal is `efficient_budget_usd`.

Sources: E. Budish (NBER 24717, 2018) for the incentive constraint; J. Chiu and T. Koeppl, "The
economics of cryptocurrencies" (2017) and R. Auer, "Beyond the doomsday economics of proof-of-work"
(BIS WP 765, 2019) for rewards as the price of finality. The marginal condition is derived here.

>>> eras = budget_by_era(range(4, 7), coin_usd=60_000.0, fees_btc=0.1, coins_at_risk_share=0.001)
>>> [round(float(usd) / 1e9, 2) for usd in eras.budget_usd_per_year]
[10.17, 5.24, 2.78]
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_non_negative,
    require_positive,
    require_share,
)
from headframe.analytics.selfish_mining import BLOCK_INTERVAL_S
from headframe.errors import InputError
from headframe.types import Array, Mask
from headframe.units import YEAR_S

HALVING_BLOCKS = 210_000
"""Blocks from one halving of Bitcoin's subsidy to the next."""
FIRST_SUBSIDY_BTC = 50.0
"""Bitcoin's subsidy before the first halving."""


@dataclass(frozen=True)
class Eras:
    """The security budget from one halving to the next; arrays have one entry per era."""

    era: Array
    """Halvings so far; era 4 began in April 2024."""
    start_height: Array
    """Block at which the era begins."""
    subsidy_btc: Array
    """New coins per block."""
    supply_btc: Array
    """Coins in existence when the era ends."""
    reward_usd: Array
    """Subsidy and fees of one block."""
    budget_usd_per_year: Array
    """What all miners together are paid in a year."""
    cost_to_holders: Array
    """That budget as a share of all coins' value, per year."""
    value_at_risk_usd: Array
    """What a successful attack could take."""

    def cover(self, protection_blocks: float) -> Array:
        """
        Cost of an attack over the value at risk; below 1 an attack pays.

        `protection_blocks` is the attack's cost in rewards of one block: Budish's alpha for hired
        hash rate, `stock_security_usd` over the block reward for captive machines.
        """
        require_positive(protection_blocks=protection_blocks)
        return self.reward_usd * protection_blocks / self.value_at_risk_usd

    def first_unprotected(self, protection_blocks: float) -> int | None:
        """First era whose cover is below 1, None if there is none among these."""
        return self._first(self.cover(protection_blocks) < 1.0)

    def first_below(self, budget_usd_per_year: float) -> int | None:
        """
        First era whose budget is below a given one, None if there is none among these.

        With `efficient_budget_usd` it is the turning point: in earlier eras the marginal cost of
        security exceeds what it protects, from this one on the chain pays too little.
        """
        require_positive(budget_usd_per_year=budget_usd_per_year)
        return self._first(self.budget_usd_per_year < budget_usd_per_year)

    def _first(self, holds: Mask) -> int | None:
        return int(self.era[np.argmax(holds)]) if holds.any() else None


def budget_by_era(
    eras: Iterable[int],
    *,
    coin_usd: Real,
    fees_btc: Real,
    coins_at_risk_share: float,
    interval_s: float = BLOCK_INTERVAL_S,
) -> Eras:
    """
    Security budget over halvings.

        subsidy = 50 / 2^era,  reward = (subsidy + fees) price,  budget = reward * year / interval

    `coin_usd` and `fees_btc` (of one block) are constants or arrays with one entry per era: a view
    of the future is an assumption, so the caller makes it. The value at risk is a share of all
    coins' value, `coins_at_risk_share`: what exchanges and bridges would credit within the
    confirmations they wait for. The rounding of the subsidy to whole satoshi (below 1 sat) is
    ignored.
    """
    numbers = np.asarray(list(eras))
    if numbers.dtype.kind not in "iu" or numbers.size == 0 or bool(np.any(numbers < 0)):
        raise InputError("eras", numbers.tolist(), "must be whole numbers of 0 or more")
    require_positive(coin_usd=coin_usd, interval_s=interval_s)
    require_non_negative(fees_btc=fees_btc)
    require_share(coins_at_risk_share=coins_at_risk_share)
    require_positive(coins_at_risk_share=coins_at_risk_share)
    subsidy_btc = FIRST_SUBSIDY_BTC * 0.5**numbers
    supply_btc = HALVING_BLOCKS * (2.0 * FIRST_SUBSIDY_BTC - subsidy_btc)
    reward_usd = (subsidy_btc + fees_btc) * coin_usd
    held_usd = supply_btc * coin_usd
    budget_usd = reward_usd * YEAR_S / interval_s
    return Eras(
        era=numbers.astype(np.float64),
        start_height=numbers * float(HALVING_BLOCKS),
        subsidy_btc=subsidy_btc,
        supply_btc=supply_btc,
        reward_usd=reward_usd,
        budget_usd_per_year=budget_usd,
        cost_to_holders=budget_usd / held_usd,
        value_at_risk_usd=coins_at_risk_share * held_usd,
    )


def required_reward_usd(*, value_at_risk_usd: Real, protection_blocks: Real) -> Real:
    """Reward of a block that just deters an attack: p = V / alpha. Source: Budish 2018 eq. 3."""
    require_non_negative(value_at_risk_usd=value_at_risk_usd)
    require_positive(protection_blocks=protection_blocks)
    return value_at_risk_usd / protection_blocks


@dataclass(frozen=True)
class AttackOpportunities:
    """How often an attack worth more than something comes up, and what it destroys."""

    per_year: float
    """Opportunities a year worth at least `least_usd`."""
    least_usd: float
    """Where the Pareto tail begins."""
    tail: float
    """Pareto index, above 1: the larger, the rarer the large ones."""
    harm: float = 1.0
    """Damage to users and holders per dollar that the attacker takes."""

    def __post_init__(self) -> None:
        require_positive(per_year=self.per_year, least_usd=self.least_usd, harm=self.harm)
        require_at_least(1.0, tail=self.tail)
        if self.tail == 1.0:
            raise InputError("tail", self.tail, "must be above 1: the mean attack must be finite")

    def expected_damage_usd(self, attack_cost_usd: Real) -> Real:
        """
        Damage a year that is not deterred: attacks that bring more than they cost.

            harm lambda k/(k-1) v (v/S)^(k-1)        for S >= v
        """
        self.require_tail(attack_cost_usd)
        k = self.tail
        rare = (self.least_usd / attack_cost_usd) ** (k - 1.0)
        return self.harm * self.per_year * k / (k - 1.0) * self.least_usd * rare

    def require_tail(self, attack_cost_usd: Real) -> None:
        """Refuse a cost of attack below the start of the tail, of which nothing is known."""
        require_at_least(self.least_usd, attack_cost_usd=attack_cost_usd)


def marginal_protection(
    budget_usd_per_year: Real,
    *,
    protection_blocks: float,
    opportunities: AttackOpportunities,
    interval_s: float = BLOCK_INTERVAL_S,
) -> Real:
    """
    Damage that the last dollar of the yearly budget prevents, in dollars.

        kappa harm lambda k (v / S)^k,   S = kappa * budget,   kappa = blocks * interval / year

    Below 1 the marginal cost of security exceeds what it protects. Minus the derivative of
    `expected_damage_usd`; holds where S >= v.
    """
    kappa = _attack_cost_per_budget(protection_blocks, interval_s)
    cost_usd = kappa * budget_usd_per_year
    opportunities.require_tail(cost_usd)
    rate = opportunities.per_year * opportunities.tail
    return (
        kappa
        * opportunities.harm
        * rate
        * (opportunities.least_usd / cost_usd) ** (opportunities.tail)
    )


def efficient_budget_usd(
    *,
    protection_blocks: float,
    opportunities: AttackOpportunities,
    interval_s: float = BLOCK_INTERVAL_S,
) -> float:
    """
    Yearly budget at which a further dollar of security protects exactly a dollar.

        S* = v (kappa harm lambda k)^(1/k),   budget* = max(S*, v) / kappa

    Where even the first dollar above v protects less than itself, v / kappa: the least budget that
    deters the attacks that the tail does not describe.
    """
    kappa = _attack_cost_per_budget(protection_blocks, interval_s)
    rate = opportunities.harm * opportunities.per_year * opportunities.tail
    optimum_usd = opportunities.least_usd * (kappa * rate) ** (1.0 / opportunities.tail)
    return float(max(optimum_usd, opportunities.least_usd) / kappa)


def _attack_cost_per_budget(protection_blocks: float, interval_s: float) -> float:
    require_positive(protection_blocks=protection_blocks, interval_s=interval_s)
    return protection_blocks * interval_s / YEAR_S
