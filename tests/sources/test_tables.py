"""Reading tables: what is understood, and what is refused by line, column and text."""

import builtins
from datetime import UTC, datetime

import numpy as np
import pytest

from headframe.errors import DataError, InputError
from headframe.sources.tables import read_table, write_parquet

MIDNIGHT = datetime(2024, 3, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def csv(tmp_path):
    def write(text, name="prices.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_dates_numbers_and_holes(csv):
    table = read_table(
        csv("date,price_usd,note\n2024-03-01,1.5,a\n2024-03-02,,b\n2024-03-03,-2e3,c\n")
    )
    assert table.source == "prices.csv"
    assert table.names == ("price_usd", "note")
    assert list(table.ts - MIDNIGHT) == [0.0, 86_400.0, 172_800.0]
    price = table.column("price_usd")
    assert price[[0, 2]].tolist() == [1.5, -2000.0]
    assert np.isnan(price[1])


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-01",
        "2024-03-01 00:00:00",
        "2024-03-01T00:00",
        "2024-03-01T00:00:00Z",
        "2024-03-01T02:00:00+02:00",
        "1709251200",
        "1709251200.0",
        "1709251200000",
        "20240301",
    ],
)
def test_times_in_their_usual_spellings(csv, cell):
    table = read_table(csv(f"time,x\n{cell},1\n"))
    assert table.ts[0] == MIDNIGHT


def test_a_local_clock_is_brought_to_utc_where_times_do_not_say(csv):
    path = csv("timestamp_local,x\n2024-03-01 00:00,1\n2024-03-01T03:00+00:00,2\n")
    assert list(read_table(path, utc_offset_h=-2).ts - MIDNIGHT) == [7_200.0, 10_800.0]


def test_a_newest_first_file_is_turned_round(csv):
    table = read_table(csv("date,x\n2024-03-03,3\n2024-03-02,2\n2024-03-01,1\n"))
    assert table.column("x").tolist() == [1.0, 2.0, 3.0]
    assert table.lines == (4, 3, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,x\n2024-03-01,1\n2024-03-02,abc\n", "prices.csv, x: line 3: 'abc' is not a number"),
        ("date,x\n2024-03-01,inf\n", "line 2: infinity"),
        ("date,x\n2024-03-01,1\n2024-13-02,2\n", "date: line 3: '2024-13-02' is not a date"),
        ("date,x\n2024-03-01,1\n2024-03-02\n", "line 3: 1 cells under 2 names"),
        ("date,x\n2024-03-01,1\n2024-03-01,2\n", "2024-03-01.*line 3: the time comes twice"),
        ("date,x\n2024-03-01,1\n2024-03-05,2\n2024-03-03,3\n", "line 4: the time goes back"),
        ("date,x,x\n2024-03-01,1,1\n", "a column's name comes twice"),
        ("date,x\n", "has no rows"),
        ('date,x\n"2024-03-01\n",1\n2024-03-02,y\n', "line 4: 'y' is not a number"),
    ],
)
def test_bad_rows_are_named(csv, text, said):
    with pytest.raises(DataError, match=said):
        read_table(csv(text)).column("x")


def test_a_bad_cell_in_a_column_that_nobody_asks_for_disturbs_nobody(csv):
    table = read_table(csv("date,x,model\n2024-03-01,1,S21\n"))
    assert table.column("x").tolist() == [1.0]


def test_what_is_not_there_is_named_with_what_is(csv, tmp_path):
    path = csv("day_of_trade,x\n2024-03-01,1\n")
    with pytest.raises(InputError, match="name the column of times: day_of_trade, x"):
        read_table(path)
    with pytest.raises(InputError, match="one of day_of_trade, x"):
        read_table(path, time="date")
    with pytest.raises(InputError, match="'y' is not allowed; one of x"):
        read_table(path, time="day_of_trade").column("y")
    with pytest.raises(InputError, match="No such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="a file that ends in"):
        read_table(tmp_path / "prices.xlsx")


def test_text_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"date,x\n\xff\xfe,1\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_table(path)


def test_parquet_comes_back_as_it_was_written(tmp_path):
    pytest.importorskip("duckdb")
    path = tmp_path / "it's.parquet"
    columns = {
        "date": ["2024-03-01", "2024-03-02"],
        'price "usd"': [0.1, -1.0 / 3.0],
        "n": [1, 2**40],
        "note": ["a, b", "c"],
    }
    write_parquet(path, columns)
    table = read_table(path)
    assert list(table.ts - MIDNIGHT) == [0.0, 86_400.0]
    assert table.column('price "usd"').tolist() == [0.1, -1.0 / 3.0]
    assert table.column("n").tolist() == [1.0, 2.0**40]
    with pytest.raises(DataError, match="'a, b' is not a number"):
        table.column("note")


def test_parquet_times_and_nulls(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "times.parquet"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            "COPY (SELECT TIMESTAMP '2024-03-01' + INTERVAL (i) HOUR AS naive, "
            "TIMESTAMPTZ '2024-03-01 00:00:00+00' + INTERVAL (i) HOUR AS aware, "
            "1709251200 + 3600 * i AS unix_ts, "
            "CASE WHEN i <> 1 THEN i / 2.0 END AS x FROM range(3) t(i)) "
            f"TO '{path}' (FORMAT parquet)"
        )
    expected = [0.0, 3_600.0, 7_200.0]
    for time in ("aware", "unix_ts"):
        # an instant is an instant, whatever the clock on the wall
        assert list(read_table(path, time=time, utc_offset_h=-6).ts - MIDNIGHT) == expected
    assert list(read_table(path, time="naive").ts - MIDNIGHT) == expected
    local = read_table(path, time="naive", utc_offset_h=-6)
    assert list(local.ts - MIDNIGHT - 21_600.0) == expected
    x = read_table(path).column("x")
    assert x[[0, 2]].tolist() == [0.0, 1.0]
    assert np.isnan(x[1])


def test_without_the_extra_the_error_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'headframe\[parquet\]'"):
        read_table(tmp_path / "x.parquet")


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    pytest.importorskip("duckdb")
    path = tmp_path / "x.parquet"
    path.write_text("date,x\n")
    with pytest.raises(DataError, match=r"x\.parquet"):
        read_table(path)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "column", "first"),
    [
        ("eth_usd_daily.csv", 2957, "price_usd", 2.83162),
        ("btc_daily.csv", 5479, "block_count", 131.0),
        ("ercot_rt_hub_hourly_january.csv", 11_884, "HB_HUBAVG_usd_mwh", 23.58),
        ("europe_dayahead_daily_eur_mwh.csv", 3653, "DEU", 22.34),
    ],
)
def test_the_research_data_reads(data_folder, name, rows, column, first):
    table = read_table(data_folder / name)
    assert table.ts.size == rows
    assert table.column(column)[0] == first


def test_remarks_above_the_names_are_passed_over(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("# from the operator\n\ntime,usd_per_mwh\n2025-01-01,30\n2025-01-02,40\n")
    table = read_table(path)
    assert table.column("usd_per_mwh").tolist() == [30.0, 40.0]
    assert table.lines == (4, 5)
