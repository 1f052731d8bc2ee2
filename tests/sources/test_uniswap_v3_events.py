"""A pool's decoded log as a table: names of exporters, every bad row named, noise."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headframe.errors import InputError
from headframe.exact.uniswap_v3_events import EVENTS, Initialize, Mint
from headframe.sources.uniswap_v3_events import COLUMNS, read_events

HEAD = "block_number,block_timestamp,log_index,event,owner,tick_lower,tick_upper,amount,"
HEAD += "amount0,amount1,sqrt_price_x96,liquidity,tick"
GOOD = [
    HEAD,
    "100,1700000000,0,Initialize,,,,,,,79228162514264337593543950336,,0",
    "100,1700000000,3,Mint,0xAb,-60,60,1000000,2996,2996,,,",
    "101,1700000012,1,Swap,,,,,10,-9,79228162514264337593543950335,1000000,-1",
]


def read(path, lines, **options):
    path.write_text("\n".join(lines) + "\n")
    return list(read_events(path, **options))


def test_good_rows(tmp_path):
    one, two, _ = read(tmp_path / "log.csv", GOOD)
    assert one.event == Initialize(1 << 96, 0)
    assert two.event == Mint("0xab", -60, 60, 1_000_000, 2_996, 2_996)
    assert (two.block_number, two.log_index, two.block_timestamp) == (100, 3, 1_700_000_000)


def test_names_of_other_exporters_and_iso_times(tmp_path):
    lines = [
        "evt_block_time,evt_block_number,evt_index,event_name,sqrtPriceX96,tick",
        "2023-11-14 22:13:20+00,100,0,initialize,79228162514264337593543950336,0",
    ]
    (only,) = read(tmp_path / "log.csv", lines)
    assert only.event == Initialize(1 << 96, 0)
    assert only.block_timestamp == 1_700_000_000


def test_parquet_is_read_as_csv(tmp_path):
    duckdb = pytest.importorskip("duckdb", reason="the extra parquet is missing")
    csv, parquet = tmp_path / "log.csv", tmp_path / "log.parquet"
    found = read(csv, GOOD)
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{csv}', all_varchar = true)) TO '{parquet}'")
    assert [row.event for row in read_events(parquet)] == [row.event for row in found]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([GOOD[0]], "holds no events"),
        ([GOOD[0].replace("event,", "x,"), *GOOD[1:]], "needs a column event"),
        ([GOOD[0].replace("tick_lower", "x"), *GOOD[1:]], "line 3: Mint needs a column tick_lower"),
        ([GOOD[0], *GOOD[2:]], "line 2: Mint comes before Initialize"),
        ([*GOOD, GOOD[3]], "line 5: block 101, log index 1 comes twice"),
        ([*GOOD[:2], GOOD[3], GOOD[2]], "line 4: goes back"),
        ([*GOOD, GOOD[3].replace("101,1700000012", "102,1600000000")], "line 5: .*time goes back"),
        (
            [*GOOD, GOOD[1].replace("100,1700000000", "102,1700000012")],
            "line 5: 'Initialize'.*price already",
        ),
        ([*GOOD, GOOD[3].replace(",1,Swap", ",2,Transfer")], "line 5, event: 'Transfer'"),
        ([*GOOD[:3], GOOD[3].replace("-9", "-9.0")], "line 4, amount1: '-9.0'"),
        ([*GOOD[:3], GOOD[3].replace("-9", "1e18")], "line 4, amount1: '1e18'"),
        ([*GOOD[:3], GOOD[3].replace("1000000", str(1 << 128))], "line 4, liquidity: .*128 bits"),
        ([*GOOD[:3], GOOD[3].replace("1000000", "-5")], "line 4, liquidity: '-5'"),
        ([*GOOD[:2], GOOD[2].replace("2996", "-2996")], "line 3, amount0: '-2996'"),
        ([*GOOD[:2], GOOD[2] + ",7"], "line 3: 14 .*must have 13 cells"),
        ([*GOOD[:2], GOOD[2].replace("0xAb", "")], "line 3, owner"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, lines, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path / "log.csv", lines)


def test_a_suffix_and_a_file_that_are_not_there(tmp_path):
    for name in ("log.txt", "none.csv"):
        with pytest.raises(InputError, match=name):
            list(read_events(tmp_path / name))


CELL = st.sampled_from(["", "0", "1", "-1", "7.5", "Swap", "Mint", "Initialize", str(1 << 96), "x"])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_table_is_read_or_refused_in_one_line(tmp_path, data):
    names = data.draw(st.lists(st.sampled_from([*COLUMNS, "other"]), max_size=20))
    rows = data.draw(st.lists(st.lists(CELL | st.text(max_size=8), max_size=20), max_size=5))
    path = tmp_path / "noise.csv"
    text = "\n".join(",".join(row) for row in [names, *rows])
    path.write_bytes(text.encode("utf-8", "surrogatepass") + data.draw(st.binary(max_size=3)))
    try:
        found = list(read_events(path))
    except InputError as error:
        assert "noise.csv" in str(error)
        assert "\n" not in str(error)
    else:
        assert all(type(row.event).__name__ in EVENTS for row in found)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_good_table_with_one_cell_changed(tmp_path, data):
    rows = [line.split(",") for line in GOOD]
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELL | st.text(max_size=8))
    path = tmp_path / "changed.csv"
    text = "\n".join(",".join(cells) for cells in rows)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        list(read_events(path))
    except InputError as error:
        assert "changed.csv" in str(error)
        assert "\n" not in str(error)
