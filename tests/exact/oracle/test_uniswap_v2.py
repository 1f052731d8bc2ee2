"""Uniswap v2 against the deployed pair and router, over random sequences."""

import pytest

from headframe.exact import uniswap_v2
from headframe.exact.fixed import div_up, isqrt

CORE = "@uniswap/v2-core"
PERIPHERY = "@uniswap/v2-periphery"


@pytest.mark.oracle(CORE)
def test_random_sequences_agree_with_the_deployed_pair():
    from duels.uniswap_v2 import UniswapV2Duel
    from judge import duel

    actions = duel.actions_wanted(10_000)
    tally = duel.run(UniswapV2Duel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert tally.kinds.keys() >= {"mint", "burn", "swap", "skim", "sync", "transfer"}
    assert len(tally.refusals) >= 9


@pytest.mark.oracle(CORE, PERIPHERY)
def test_quotes_agree_with_the_deployed_router():
    from duels.uniswap_v2_router import UniswapV2RouterDuel
    from judge import duel

    actions = duel.actions_wanted(4_000)
    tally = duel.run(UniswapV2RouterDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert len(tally.refusals) >= 5


@pytest.mark.oracle(CORE)
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("isqrt", lambda n: isqrt(n) + (isqrt(n) ** 2 != n)),
        ("_div", lambda a, b: div_up(a, b) if b else uniswap_v2_div(a, b)),
        ("_protocol_fee", lambda pair: protocol_fee(pair) + (protocol_fee(pair) > 0)),
    ],
)
def test_a_planted_wei_is_caught(monkeypatch, name, wrong):
    from duels.uniswap_v2 import UniswapV2Duel
    from judge import duel

    monkeypatch.setattr(uniswap_v2, name, wrong)
    tally = duel.run(UniswapV2Duel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


@pytest.mark.oracle(CORE, PERIPHERY)
def test_a_planted_wei_in_a_quote_is_caught(monkeypatch):
    from duels.uniswap_v2_router import UniswapV2RouterDuel
    from judge import duel

    monkeypatch.setattr(uniswap_v2, "_div", div_up)
    tally = duel.run(UniswapV2RouterDuel, actions=200, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


uniswap_v2_div = uniswap_v2._div
protocol_fee = uniswap_v2._protocol_fee
