"""
The book that is measured: a leveraged farm with everything on it.

Two correlated prices with jumps, a reward token, volume and utilisation that return to their means,
a kinked borrow rate, fees, rewards, delevering, liquidation and weekly compounding; one step a day
for a year.
"""

from headframe.book import Book
from headframe.policies.compound import Compound
from headframe.policies.delever import Delever
from headframe.positions.levered import Levered
from headframe.processes.gbm import GBM
from headframe.processes.jumps import Jumps
from headframe.processes.ou import ExpOU, Utilisation
from headframe.processes.rates import KinkedRate
from headframe.scenarios.model import Model

PROCESSES = (
    Jumps(
        name="a_usd",
        start=2000.0,
        drift=0.05,
        volatility=0.6,
        jumps_per_year=4.0,
        jump_mean=-0.08,
        jump_sd=0.12,
    ),
    Jumps(
        name="b_usd",
        start=10.0,
        drift=0.05,
        volatility=0.5,
        jumps_per_year=2.0,
        jump_mean=-0.05,
        jump_sd=0.1,
    ),
    GBM(name="cake_usd", start=1.0, drift=-0.4, volatility=0.9),
    ExpOU(name="ab_pool_turnover", start=0.13, median=0.13, half_life_s="8.4d", volatility=3.0),
    Utilisation(
        name="b_market_utilisation", start=0.73, median=0.73, half_life_s="12.6d", volatility=4.0
    ),
    KinkedRate(
        name="b", utilisation="b_market_utilisation", slope1_apr=0.06, slope2_apr=0.8, kink=0.8
    ),
)
"""What moves."""

FARM = Levered(
    name="farm",
    token0="a",
    token1="b",
    deposit={"b": 1_000.0},
    leverage=3.0,
    borrow1_apr="b_borrow_apr",
    threshold=0.85,
    penalty=0.05,
    fee=0.003,
    turnover="ab_pool_turnover",
    reward_asset="cake",
    reward_apr=0.2,
    swap_cost=0.003,
    gas_usd=2.0,
)
"""What is owned."""


def farm_book(n_paths: int = 100_000) -> Book:
    """The book, for a year of days."""
    return Book(
        name="benchmark farm",
        cash="b",
        scenario=Model(processes=PROCESSES, correlations={("a_usd", "b_usd"): 0.5}),
        wallet={"b": 1_000.0},
        positions=(FARM,),
        policies=(
            Delever(name="guard", position="farm", trigger=1.05, target=1.275),
            Compound(name="weekly", position="farm", interval_s="7d"),
        ),
        n_paths=n_paths,
    )
