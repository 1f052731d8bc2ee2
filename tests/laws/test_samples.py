"""Every registered tenant has a sample, and every sample is a book that runs."""

import pytest
from tenants import TABLES, every, opened, sample_of, stormy, walked

from headframe.loop import Chunk, play
from headframe.registry import kinds
from headframe.scenario import Paths


@pytest.mark.parametrize("noun", TABLES)
def test_every_registered_kind_has_a_sample(noun):
    missing = sorted(set(kinds(noun)) - set(TABLES[noun]))
    assert not missing, f"add {noun} {', '.join(missing)} to tests/laws/samples.py"


@pytest.mark.parametrize(
    ("noun", "kind"), [(noun, kind) for noun, table in TABLES.items() for kind in table]
)
def test_every_sample_runs_and_holds_its_tenant(noun, kind):
    book = TABLES[noun][kind].book()
    members = {
        "process": getattr(book.scenario, "processes", ()),
        "venue": book.venues,
        "position": book.positions,
        "policy": book.policies,
    }[noun]
    assert kind in {member.kind for member in members}
    play(Chunk(book, book.plan(), Paths(first=0, n_paths=16, seed=1)), book.n_steps)


@every("position")
def test_the_storm_gives_every_verb_on_some_paths_and_not_on_all(noun, kind):
    """The laws are no better than the orders that they are tried with."""
    book = stormy(sample_of(noun, kind))
    storm, given = book.policies[-1], {}

    def look(chunk):
        if chunk.now.step == 0:
            return  # at the opening all paths are one
        for order in storm.decide(None, None, chunk.now):
            given.setdefault((order.position, order.verb), []).append(order.mask.mean())

    walked(opened(book), book.n_steps, look)
    wanted = {(p.name, verb) for p in book.positions for verb in p.verbs}
    assert given.keys() == wanted
    assert all(0.0 < max(shares) < 1.0 for shares in given.values())
