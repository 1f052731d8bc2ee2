"""Every registered tenant has a sample, and every sample is a book that runs."""

import pytest
import samples

from headframe.loop import Chunk, play
from headframe.registry import kinds
from headframe.scenario import Paths

TABLES = {
    "process": samples.PROCESSES,
    "venue": samples.VENUES,
    "position": samples.POSITIONS,
    "policy": samples.POLICIES,
}


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
