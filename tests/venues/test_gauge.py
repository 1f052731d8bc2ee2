"""The boost of a gauge, against the published example and the exact text's formula."""

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.positions.farm import YieldFarm
from headframe.positions.vote_escrow import VoteEscrow
from headframe.processes.constant import Constant
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.units import DAY_S, WEEK_S, YEAR_S
from headframe.venues.gauge import Gauge

PUBLISHED = {0.0: 1.0, 10.0: 1.3, 25.0: 1.75, 50.0: 2.5, 100.0: 2.5}
"""Boost by votes of somebody with 10,000 dollars of 500 million, of 2.5 million votes in all."""


def desk(votes):
    gauge = Gauge(
        name="gauge",
        reward_asset="crv",
        tokens_per_week=1e6,
        weight=0.02,
        staked_asset="usd",
        others_staked=5e8 - 1e4,
        others_votes=2.5e6 - votes,
        others_boost=1.0,
    )
    farm = YieldFarm(
        name="farm",
        asset="usd",
        deposit={"usd": 1e4},
        reward_asset="crv",
        reward_apr="gauge_reward_apr",
        venue="gauge",
    )
    lock = VoteEscrow(
        name="lock",
        asset="crv",
        deposit={"crv": votes},
        relocks=True,
        period_s="1d",
        others_votes=1.0,
        venue="gauge",
    )
    return Book(
        name="boost",
        scenario=Model(processes=(Constant(name="crv_usd", value=0.5),)),
        wallet={"usd": 2e4, "crv": 1e3},
        positions=(farm, lock) if votes else (farm,),
        venues=(gauge,),
        horizon_s=2 * DAY_S,
    )


@pytest.mark.parametrize("votes", PUBLISHED)
def test_the_published_boosts(votes):
    book = desk(votes)
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=2, seed=1))
    play(chunk, book.n_steps)
    boost = PUBLISHED[votes]
    assert np.allclose(chunk.now["gauge_boost"], boost, rtol=1e-4)
    working = 0.4 * 1e4 * boost
    yearly = 1e6 * 0.02 * 0.5 * YEAR_S / WEEK_S
    expected = yearly * working / (working + 0.4 * (5e8 - 1e4)) / 1e4
    assert np.allclose(chunk.now["gauge_reward_apr"], expected, rtol=1e-4)
