"""
A pool's logs as files: what is read of good ones, and that every bad row is named.

The good ones are a small log of our own and one in the shape of Miningcore's tables; the bad ones
are the good one with one thing wrong, and files made of noise.
"""

import csv
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headframe.errors import GapError, HeadframeError, InputError
from headframe.exact.pool_schemes import Proportional
from headframe.exact.pool_shares import ONE_X96, replay
from headframe.sources.pool_logs import PoolLog, read_miners, read_paid
from headframe.sources.pool_share_rows import ShareRules

SHARES = """time,miner,difficulty,network_difficulty,share,sequence,accepted
1700000000,ann,1,8,s1,1,true
1700000000,bob,2,8,s2,2,true
1700000010.5,ann,1,8,s3,3,false
1700000011,bob,1,4,s4,4,true
1700000020,ann,4,8,s5,5,true
"""
BLOCKS = """block,height,share,subsidy_sat,fees_sat,status
aa,840000,s2,312500000,1000,confirmed
bb,840001,s5,312500000,2000,confirmed
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shares.csv").write_text(SHARES)
    (tmp_path / "blocks.csv").write_text(BLOCKS)
    return tmp_path


def walk(folder, rules=None, **options):
    shares = next(folder.glob("shares.*"))
    log = PoolLog(shares, folder / "blocks.csv", rules or ShareRules(), **options)
    return log, list(log.events())


def edit(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def refusal(folder, rules=None, kind=InputError, **options):
    with pytest.raises(kind) as refused:
        walk(folder, rules, **options)
    return str(refused.value)


def test_a_good_log(folder):
    log, events = walk(folder)
    assert [share.miner for share, _ in events] == ["ann", "bob", "bob", "ann"]
    assert [share.work_x96 * 8 // ONE_X96 for share, _ in events] == [1, 2, 2, 4]
    assert [block.name if block else "" for _, block in events] == ["", "aa", "", "bb"]
    assert events[1][1].fees_sat == 1000
    assert (log.n_rejected, log.pending) == (1, [])


def test_the_same_log_as_parquet(folder):
    duckdb = pytest.importorskip("duckdb")
    _, told = walk(folder)
    source = f"read_csv('{folder}/shares.csv', all_varchar=true)"
    typed = (
        "to_timestamp(time::DOUBLE) AS time, miner, difficulty::DOUBLE AS difficulty,"
        "network_difficulty::DECIMAL(20,2) AS network_difficulty, share,"
        "sequence::BIGINT AS sequence, accepted::BOOLEAN AS accepted"
    )
    target = f"'{folder}/shares.parquet' (FORMAT parquet)"
    duckdb.sql(f"COPY (SELECT {typed} FROM {source}) TO {target}")
    (folder / "shares.csv").unlink()
    log, events = walk(folder)
    assert events == told
    assert log.n_rejected == 1
    edit(folder, "blocks.csv", "s5", "s9")
    assert "blocks.csv line 3" in refusal(folder)


def test_a_bad_row_of_a_parquet_file_is_named(folder):
    duckdb = pytest.importorskip("duckdb")
    edit(folder, "shares.csv", "bob,1,4", "bob,-1,4")
    source = f"read_csv('{folder}/shares.csv')"
    duckdb.sql(f"COPY (SELECT * FROM {source}) TO '{folder}/shares.parquet'")
    (folder / "shares.csv").unlink()
    assert refusal(folder).startswith("shares.parquet row 4, difficulty: '-1' is not allowed")


def test_a_parquet_file_that_is_none(folder):
    pytest.importorskip("duckdb")
    (folder / "shares.csv").rename(folder / "shares.parquet")
    assert "shares.parquet: cannot be read" in refusal(folder)


MINING_CORE_SHARES = """poolid,blockheight,difficulty,networkdifficulty,miner,worker,created
btc1,840000,4096,8192.5,ann,rig1,2024-05-01 10:00:00.123456
btc1,840000,2048,8192.5,bob,,2024-05-01 10:00:01.5
btc1,840000,4096,8192.5,ann,rig2,2024-05-01 10:00:02
"""
MINING_CORE_BLOCKS = """id,poolid,blockheight,networkdifficulty,status,miner,reward,hash,created
7,btc1,840000,8192.5,confirmed,bob,3.125010000000,00ab,2024-05-01 10:00:01.5
8,btc1,840001,8192.5,pending,ann,,00cd,2024-05-01 10:00:02
"""


def test_miningcores_tables(folder):
    (folder / "shares.csv").write_text(MINING_CORE_SHARES)
    (folder / "blocks.csv").write_text(MINING_CORE_BLOCKS)
    log, events = walk(folder, ShareRules(subsidy_per_share=True))
    assert [share.subsidy_sat for share, _ in events] == [312_500_000] * 3
    exact = Fraction(2048 * 10, 81925)
    assert events[1][0].work_x96 == exact.numerator * ONE_X96 // exact.denominator
    assert events[1][1][:3] == ("00ab", 312_500_000, 1_000)
    assert events[2][1] is None
    assert [row.block.name for row in log.pending] == ["00cd"]
    edit(folder, "shares.csv", "btc1,840000,2048", "ltc1,840000,2048")
    assert "shares.csv line 3, pool" in refusal(folder)


def test_without_ids_a_block_is_found_by_time_and_miner(folder):
    (folder / "shares.csv").write_text(MINING_CORE_SHARES)
    (folder / "blocks.csv").write_text(MINING_CORE_BLOCKS.replace("10:00:02", "10:00:03"))
    said = refusal(folder)
    assert said == "blocks.csv line 3: needs its share: none accepted has its time and miner"


BAD_SHARES = {
    "time back": (
        "1700000011",
        "1700000009",
        "line 5, time: '1700000009' is not allowed; time must",
    ),
    "no time": ("1700000011", "noon", "line 5, time: 'noon'"),
    "negative": ("bob,1,4", "bob,-1,4", "line 5, difficulty: '-1'"),
    "zero": ("bob,1,4", "bob,0,4", "line 5, difficulty: '0'"),
    "network negative": ("bob,1,4", "bob,1,-4", "line 5, network_difficulty: '-4'"),
    "network zero": ("bob,1,4", "bob,1,0.0", "line 5, network_difficulty: '0.0'"),
    "network nan": ("bob,1,4", "bob,1,nan", "line 5, network_difficulty: 'nan'"),
    "above network": ("bob,1,4", "bob,9,4", "line 5: difficulty: '9'"),
    "twice": (
        "s4",
        "s2",
        "line 5, share: 's2' is not allowed; must be there once; shares.csv line 3",
    ),
    "no id": ("s4", "", "line 5, share: ''"),
    "no miner": ("bob,1,4", ",1,4", "line 5, miner: ''"),
    "control": ("bob,1,4", "b\x1bb,1,4", "line 5, miner"),
    "row repeated": (",s4,4,", ",s4,3,", "line 5, sequence: 3 is not allowed; must be 4"),
    "not accepted or so": ("s4,4,true", "s4,4,perhaps", "line 5, accepted: 'perhaps'"),
    "cut": ("s4,4,true", "s4", "line 5: 5 is not allowed; must have 7 cells"),
    "quote": ("bob,1,4", '"bob,1,4', "shares.csv line"),
    "no column": ("miner,", "minor,", "shares.csv: needs a column miner"),
    "column twice": ("sequence,accepted", "time,accepted", "columns time and time"),
}


@pytest.mark.parametrize("case", BAD_SHARES)
def test_each_bad_share_is_named(folder, case):
    old, new, said = BAD_SHARES[case]
    edit(folder, "shares.csv", old, new)
    assert said in refusal(folder)


def test_gaps_are_named(folder):
    assert "line 5, sequence" not in str(walk(folder))
    edit(folder, "shares.csv", ",s4,4,", ",s4,5,")
    assert "shares.csv line 5, sequence: 5 follows 3" in refusal(folder, kind=GapError)


def test_a_long_silence_is_a_gap_where_it_is_asked_for(folder):
    walk(folder, ShareRules(max_gap_s=10.5))
    said = refusal(folder, ShareRules(max_gap_s=9.0), kind=GapError)
    assert said == "shares.csv line 4, time: 10 s without a share before this row"


def test_unknown_miners_are_allowed_or_named(folder):
    walk(folder, ShareRules(miners=frozenset({"ann", "bob", "cid"})))
    said = refusal(folder, ShareRules(miners=frozenset({"ann"})))
    assert said.startswith("shares.csv line 3, miner: 'bob' is not allowed")


BAD_BLOCKS = {
    "no share": ("s5", "s9", "line 3: needs its share: none accepted has its share"),
    "empty share": ("s5", "", "line 3, share: ''"),
    "rejected share": ("s5", "s3", "line 3: needs its share"),
    "same share": ("s5", "s2", "line 3: must have its own share; blocks.csv line 2"),
    "same block": ("bb", "aa", "line 3, block: 'aa'"),
    "same height": ("840001", "840000", "line 3, height: '840000'"),
    "status": ("2000,confirmed", "2000,paid", "line 3, status: 'paid'"),
    "negative": ("2000,confirmed", "-2000,confirmed", "line 3, fees_sat: '-2000'"),
    "no amount": ("2000,confirmed", ",confirmed", "line 3: needs fees_sat or a reward"),
    "out of order": (
        "1000,confirmed",
        "1000,pending",
        "line 3: cannot be confirmed before blocks.csv",
    ),
    "no column": ("share", "chair", "blocks.csv: needs a column share"),
}


@pytest.mark.parametrize("case", BAD_BLOCKS)
def test_each_bad_block_is_named(folder, case):
    old, new, said = BAD_BLOCKS[case]
    edit(folder, "blocks.csv", old, new)
    assert said in refusal(folder)


def test_a_miner_that_is_not_the_shares(folder):
    edit(folder, "blocks.csv", "status\n", "status,miner\n")
    edit(folder, "blocks.csv", "1000,confirmed", "1000,confirmed,ann")
    edit(folder, "blocks.csv", "2000,confirmed", "2000,confirmed,ann")
    said = "blocks.csv line 2, miner: 'ann' is not allowed; must be as in shares.csv line 3, miner"
    assert refusal(folder) == said


def test_orphans_by_status_name_or_height(folder):
    by_status = BLOCKS.replace("2000,confirmed", ",Orphaned")
    (folder / "blocks.csv").write_text(by_status)
    assert walk(folder)[1][3][1].orphaned
    (folder / "blocks.csv").write_text(BLOCKS)
    assert not walk(folder)[1][3][1].orphaned
    for name in ("bb", "840001"):
        assert walk(folder, orphans=(name,))[1][3][1].orphaned
    said = refusal(folder, orphans=("bb", "cc"))
    assert said == "orphan: 'cc' is not allowed; must be a block or a height of blocks.csv"


def test_two_blocks_at_a_height_if_one_is_orphaned(folder):
    edit(folder, "blocks.csv", "bb,840001", "bb,840000")
    walk(folder, orphans=("bb",))
    said = refusal(folder, orphans=("840000",))
    assert "must be one block; blocks.csv line 2 and blocks.csv line 3 have it" in said


def test_a_reward_is_split_by_height_or_by_the_told_subsidy(folder):
    text = "height,share,reward_sat\n839999,s2,625000500\n840001,s5,312500700\n"
    (folder / "blocks.csv").write_text(text)
    blocks = [block for _, block in walk(folder)[1] if block]
    assert [block[1:3] for block in blocks] == [(625_000_000, 500), (312_500_000, 700)]
    blocks = [block for _, block in walk(folder, ShareRules(subsidy_sat=10**8))[1] if block]
    assert [block.fees_sat for block in blocks] == [525_000_500, 212_500_700]
    edit(folder, "blocks.csv", "312500700", "312499999")
    assert "line 3, reward: 312499999 is not allowed; must be at least the subsidy" in refusal(
        folder
    )


def test_amounts_must_agree(folder):
    edit(folder, "blocks.csv", "fees_sat,", "fees_sat,reward_sat,")
    edit(folder, "blocks.csv", "1000,", "1000,312501000,")
    edit(folder, "blocks.csv", "2000,", "2000,312501000,")
    assert "line 3, reward: 312501000 is not allowed; must be subsidy and fees" in refusal(folder)


def test_one_value_for_all_rows_stands_in_for_a_column(folder):
    (folder / "shares.csv").write_text("time,miner,difficulty,share\n5,ann,1,s2\n6,bob,2,s5\n")
    rules = ShareRules(
        network_difficulty=Fraction(16),
        subsidy_sat=7,
        fees_sat=3,
        subsidy_per_share=True,
        fees_per_share=True,
    )
    _, events = walk(folder, rules)
    assert [tuple(share[1:]) for share, _ in events] == [
        (ONE_X96 // 16, 7, 3),
        (ONE_X96 // 8, 7, 3),
    ]


@pytest.mark.parametrize(
    ("rules", "column"),
    [
        (ShareRules(), "network_difficulty"),
        (
            ShareRules(network_difficulty=Fraction(9), subsidy_per_share=True),
            "subsidy_sat or height",
        ),
        (
            ShareRules(
                network_difficulty=Fraction(9),
                subsidy_sat=1,
                subsidy_per_share=True,
                fees_per_share=True,
            ),
            "fees_sat",
        ),
    ],
)
def test_what_a_scheme_needs_must_be_there(folder, rules, column):
    (folder / "shares.csv").write_text("time,miner,difficulty,share\n5,ann,1,s2\n6,bob,2,s5\n")
    assert f"needs a column {column}" in refusal(folder, rules)


def test_fees_per_share_are_read_from_their_columns(folder):
    edit(folder, "shares.csv", "accepted\n", "accepted,fees_sat,subsidy_sat\n")
    edit(folder, "shares.csv", "true\n", "true,17,50\n")
    edit(folder, "shares.csv", "false\n", "false,17,50\n")
    rules = ShareRules(subsidy_per_share=True, fees_per_share=True)
    assert {share[2:] for share, _ in walk(folder, rules)[1]} == {(50, 17)}
    edit(folder, "shares.csv", "s4,4,true,17", "s4,4,true,1.7")
    assert "line 5, fees_sat: '1.7'" in refusal(folder, rules)


def test_files_that_are_none(folder):
    for name, said in (("no.csv", "no such file"), ("shares.txt", ".csv, .parquet or .pq")):
        (folder / "shares.txt").write_text(SHARES)
        with pytest.raises(InputError, match=said):
            PoolLog(folder / name, folder / "blocks.csv", ShareRules())
    (folder / "shares.txt").unlink()
    (folder / "shares.csv").write_text("")
    assert refusal(folder) == "shares.csv: is empty; the first line names the columns"
    (folder / "shares.csv").write_text(SHARES.split("\n")[0] + "\n")
    (folder / "blocks.csv").write_text(BLOCKS.split("\n")[0] + "\n")
    assert refusal(folder) == "shares.csv: has no accepted share"
    (folder / "shares.csv").write_bytes(b"time,miner\n\xff\xfe,x\n")
    assert "no UTF-8" in refusal(folder)


def test_a_log_of_another_spelling(folder):
    """A byte-order mark, capitals and blanks in the header, blank lines, columns we do not know."""
    lines = [f"{line},x" if line else "" for line in SHARES.split("\n")]
    lines[0] = "\ufeffTIME , Miner,difficulty,Network_Difficulty,share,sequence,accepted,note"
    (folder / "shares.csv").write_text("\r\n".join(lines) + "\r\n\r\n")
    assert len(walk(folder)[1]) == 4


def test_miners_and_payments_made(folder):
    (folder / "miners.txt").write_text("# ours\nann\n\nbob # the other\n")
    assert read_miners(folder / "miners.txt") == {"ann", "bob"}
    for text, said in (("#\n", "names no miner"), ("a\x07b\n", "line 1")):
        (folder / "miners.txt").write_text(text)
        with pytest.raises(InputError, match=said):
            read_miners(folder / "miners.txt")
    with pytest.raises(InputError, match="No such file"):
        read_miners(folder / "none.txt")
    (folder / "paid.csv").write_text("miner,pay_sat,paid_sat\nann,1,5\nbob,0,7\n")
    assert read_paid(folder / "paid.csv") == {"ann": 5, "bob": 7}
    for text, said in (
        ("miner,paid_sat\nann,5\nann,6\n", "paid.csv line 3, miner: 'ann'"),
        ("miner,paid_sat\nann,-5\n", "paid.csv line 2, paid_sat: '-5'"),
        ("miner,amount\nann,5\n", "paid.csv: needs a column paid_sat"),
    ):
        (folder / "paid.csv").write_text(text)
        with pytest.raises(InputError) as refused:
            read_paid(folder / "paid.csv")
        assert str(refused.value).startswith(said)


cells = st.one_of(
    st.sampled_from(["1", "0", "-1", "", "1700000000", "ann", "true", "1e-5", "nan", "s1", "\x00"]),
    st.text(max_size=6),
)
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(rows=st.lists(st.lists(cells, min_size=7, max_size=7), max_size=5), seed=st.integers(0, 4))
def test_noise_is_refused_and_never_crashes(folder, rows, seed):
    good = [line.split(",") for line in SHARES.strip().split("\n")]
    good[seed + 1 : seed + 1] = rows
    with (folder / "shares.csv").open("w", newline="", encoding="utf-8", errors="ignore") as out:
        csv.writer(out).writerows(good)
    try:
        _, events = walk(folder)
    except HeadframeError as error:
        assert "csv" in str(error)
    else:
        stated = replay(Proportional(), events)
        assert stated.reward_sat == 2 * 312_500_000 + 3000


@FUZZ
@given(noise=st.binary(max_size=80), which=st.sampled_from(["shares.csv", "blocks.csv"]))
def test_any_bytes_are_refused_and_never_crash(folder, noise, which):
    (folder / "shares.csv").write_text(SHARES)
    (folder / "blocks.csv").write_text(BLOCKS)
    header = (folder / which).read_bytes().split(b"\n")[0]
    (folder / which).write_bytes(header + b"\n" + noise)
    try:
        _, events = walk(folder)
    except HeadframeError as error:
        assert "csv" in str(error)
    else:  # nothing but blank lines below the names of columns
        assert which == "blocks.csv"
        assert not noise.strip()
        assert not any(block for _, block in events)
