"""Logs that the deployed pool writes, over random sequences, replayed on the readable text."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from headframe.exact import uniswap_v3
from headframe.sources.uniswap_v3_events import read_events
from headframe.studies.pool_replay import replay

V2_CORE = "@uniswap/v2-core"
CORE = "@uniswap/v3-core"
FIXTURE = Path(__file__).parents[2] / "studies" / "data" / "uniswap_v3_log.csv"


@pytest.mark.oracle(V2_CORE, CORE)
def test_random_sequences_replay_from_their_log(tmp_path):
    from duels.uniswap_v3_log import play, write

    counts, named = Counter(), Counter()
    for seed in range(12):
        duel, rows = play(seed, 150)
        write(rows, tmp_path / "log.csv")
        pool = uniswap_v3.create_pool(duel.ours.fee_pips, duel.ours.tick_spacing)
        found = replay(read_events(tmp_path / "log.csv"), pool)
        assert found.difference is None
        assert found.suspect == ()
        assert found.n_events == len(rows)
        for part in dataclasses.fields(uniswap_v3.Pool):
            if not part.name.startswith("balance"):  # what was paid too much is not in the log
                assert getattr(pool, part.name) == getattr(duel.ours, part.name), part.name
        counts.update(found.counts)
        named.update(found.named)
    assert len(counts) == 9
    assert counts["Swap"] > 500
    assert min(named.values()) > 50


@pytest.mark.oracle(V2_CORE, CORE)
def test_the_recorded_log_is_what_the_deployed_pool_writes(tmp_path):
    from duels.uniswap_v3_log import CalmDuel, play, write

    _, rows = play(1, 320, CalmDuel)
    write(rows, tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text() == FIXTURE.read_text()
