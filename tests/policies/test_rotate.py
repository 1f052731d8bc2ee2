"""Rotating: the gain that pays for a move, what arrives, and what the house forbids."""

import doctest

import numpy as np
import pytest
from scripted import gauges, played, scripted

from headframe.errors import InputError
from headframe.place import House, Place
from headframe.policies import rotate as module
from headframe.policies.rotate import Rotate
from headframe.positions.farm import YieldFarm
from headframe.units import YEAR_S


def farm(name, deposit, apr):
    return YieldFarm(
        name=name,
        asset="usdc",
        reward_asset="crv",
        deposit={"usdc": deposit},
        reward_apr=apr,
        gas_usd=0.0,
    )


def rule(**changes):
    usual = {
        "name": "chase",
        "yields": {"steady": 0.05, "degen": "degen_apr"},
        "horizon_s": "30d",
        "entry_cost": 0.003,
        "exit_cost": 0.003,
    }
    return Rotate(**(usual | changes))


def stakes(degen, policy, more=(), **rest):
    """What is staked in each farm after each day."""
    farms = (farm("steady", 10_000.0, 0.05), farm("degen", 1.0, "degen_apr"), *more)
    seen = []
    values = {"usdc_usd": 1.0, "crv_usd": 1.0, "degen_apr": degen, "chain_gas_usd": 40.0}
    book = scripted(
        *farms,
        values=values,
        wallet={"usdc": 10_001.0 + len(more)},
        policies=(policy,),
        cash="usdc",
        **rest,
    )
    names = [member.name for member in farms]
    look = lambda c: seen.append([gauges(c, name)["staked"] for name in names])  # noqa: E731
    return np.array(seen), played(book, watchers=(look,)), seen


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_moves_where_the_stay_pays_for_the_way():
    """0.6 % over 30 days are 7.3 % a year: 12.2 % against 5 % do not pay, 12.4 % do."""
    *_, seen = stakes([0.122] * 5, rule())
    assert seen[-1] == pytest.approx([10_000.0, 1.0])
    *_, seen = stakes([0.122, 0.122, 0.124, 0.124, 0.124], rule())
    assert seen[1] == pytest.approx([10_000.0, 1.0])
    assert seen[2] == pytest.approx([0.0, 1.0])
    # at the next step 0.3 % less goes in: the rule keeps back what it expects to have lost
    assert seen[3][0] == 0.0
    assert seen[3][1] == pytest.approx(9_970.0, rel=1e-3)


def test_gas_and_a_margin_raise_the_bar():
    """40 of gas on 10,000 are 4.9 % more."""
    for changes in ({"gas_usd": "chain_gas_usd"}, {"margin": 1.0}):
        *_, seen = stakes([0.13] * 5, rule(**changes))
        assert seen[-1] == pytest.approx([10_000.0, 1.0])
        *_, seen = stakes([0.20] * 5, rule(**changes))
        assert seen[-1][0] == 0.0
    assert rule(margin=1.0).least_gain_apr() == pytest.approx(2.0 * 0.006 * YEAR_S / (30 * 86_400))


def test_a_cool_down_keeps_it_where_it_is():
    yields = [0.0, 0.3, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0]
    *_, quick = stakes(yields, rule(yields={"steady": 0.1, "degen": "degen_apr"}))
    *_, slow = stakes(yields, rule(yields={"steady": 0.1, "degen": "degen_apr"}, cooldown_s="5d"))
    assert [row[0] > 0.0 for row in quick] == [True, False, False, False, True, True, True, True]
    assert [row[0] > 0.0 for row in slow] == [True] + [False] * 6 + [True]


def test_what_the_house_forbids_is_not_entered_and_the_next_best_is():
    """At most half of the desk in one protocol: the best is refused, the second is taken."""
    yields = {"steady": 0.05, "degen": "degen_apr", "middle": 0.3}
    _, chunk, seen = stakes(
        [0.5] * 6,
        rule(yields=yields),
        more=(farm("middle", 1.0, 0.3),),
        places={"degen": Place(protocol="degen")},
        house=House(share_per_protocol=0.5),
    )
    assert seen[-1][1] == pytest.approx(1.0)
    assert seen[-1][2] > 9_900.0
    assert chunk.books["clipped"][0] == 1.0


def test_a_frozen_place_is_not_left():
    _, chunk, seen = stakes([0.5] * 6, rule(), places={"steady": Place(frozen=1.0)})
    assert seen[-1] == pytest.approx([10_000.0, 1.0])
    assert chunk.books["clipped"][0] > 0.0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="two positions or more"):
        rule(yields={"steady": 0.1})
    held = YieldFarm(name="degen", asset="usdc", reward_asset="crv", held={"staked": 1.0})
    values = {"usdc_usd": 1.0, "crv_usd": 1.0, "degen_apr": 0.1}
    farms = (farm("steady", 1.0, 0.1), held)
    book = scripted(*farms, values=values, wallet={"usdc": 1.0}, policies=(rule(),))
    with pytest.raises(InputError, match="a position with a deposit"):
        played(book)
