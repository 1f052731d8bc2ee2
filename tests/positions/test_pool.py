"""
Sources of expected values: variances of the payout schemes in `analytics/pool_variance`, and the
law that a step's work earns its share of the network's blocks.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics.pool_variance import BlockReward, Pplns, Work
from headframe.analytics.pool_variance import Solo as SoloForm
from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.positions import pool as module
from headframe.positions.mine import Mine
from headframe.processes.constant import Constant
from headframe.processes.network import Chain, HashRate
from headframe.scenario import Paths
from headframe.scenarios.model import Model

DAY_S = 86_400.0
OURS_TH_S = 2e6
SUBSIDY, FEES = 3.125, 0.1


def play_mine(pool, *, days, n_paths, processes=(), **chain):
    machines = {
        "model": "s21",
        "count": OURS_TH_S / 200,
        "hashrate_th_s": 200,
        "efficiency_j_per_th": 17.5,
    }
    mine = Mine(
        name="mine",
        fleet={"machines": [machines]},
        held={},
        pool=pool,
        power={"kind": "fixed", "usd_per_mwh": 0.0},
        fees=FEES,
        **chain,
    )
    btc = Constant(name="btc_usd", value=60_000.0)
    book = Book(
        name="test",
        scenario=Model(processes=(btc, *processes)),
        positions=(mine,),
        horizon_s=days * DAY_S,
    )
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=3))
    play(chunk, book.n_steps)
    return chunk


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("scheme", ["solo", "pplns"])
def test_mean_and_variance_are_those_of_the_closed_forms(scheme):
    days, n, difficulty, others_eh_s = 30, 8_000, 1e14, 6.0
    pool = {"kind": scheme, "fee": 0.02}
    share = 1.0
    if scheme == "pplns":
        pool["others_eh_s"] = others_eh_s
        share = 2.0 / (2.0 + others_eh_s)
    chunk = play_mine(pool, days=days, n_paths=n, difficulty=difficulty, subsidy=SUBSIDY)
    found = chunk.books["wallet/btc"]
    blocks = OURS_TH_S * 1e12 * days * DAY_S / (difficulty * 2**32)
    work, reward = Work(blocks, share), BlockReward(SUBSIDY, FEES)
    # Without a window: what is left of the closed form is the horizon's own variance.
    form = SoloForm(0.02) if scheme == "solo" else Pplns(0.02, window_rounds=1e-9)
    mean, variance = form.mean_btc(work, reward), form.variance_btc2(work, reward)
    assert abs(found.mean() - mean) < 4 * np.sqrt(variance / n)
    assert abs(found.var() / variance - 1) < 4 * np.sqrt((2 + 1 / work.rounds) / n)


def test_work_earns_its_share_of_the_networks_blocks():
    # Blocks less their rate is a martingale, so E[coins] = our share of E[blocks] x reward, exactly
    # if the work of a step is paid by the mean difficulty of that step.
    network = (
        HashRate(name="btc_network_eh_s", start_eh_s=900.0, lag_s="60d", elasticity=0.0, fees=FEES),
        Chain(name="btc_chain", start_height=850_000, start_difficulty=1e14),
    )
    chunk = play_mine(
        {"kind": "fpps", "fee": 0.0},
        days=120,
        n_paths=2_000,
        processes=network,
        mean_difficulty="btc_chain_mean_difficulty",
    )
    blocks = chunk.now.world["btc_chain_height"] - 850_000
    due = OURS_TH_S / 900e6 * blocks * (SUBSIDY + FEES)
    apart = chunk.books["wallet/btc"] - due
    assert due.mean() > 100.0
    assert abs(apart.mean()) < 4 * apart.std() / np.sqrt(apart.size)
    assert apart.std() / np.sqrt(apart.size) < 1e-3 * due.mean()
