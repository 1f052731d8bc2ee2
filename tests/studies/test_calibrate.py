"""From a table to TOML: the fragment is a process again; figures from the research data."""

import tomllib

import numpy as np
import pytest

from headframe.book_file import parse
from headframe.errors import DataError, InputError
from headframe.sources.tables import read_table, write_parquet
from headframe.studies.calibrate import FITTED, calibrate


@pytest.fixture
def prices(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "prices.csv"
    days = np.datetime64("2022-01-01") + np.arange(800)
    price = 100.0 * np.exp(np.cumsum(0.04 * rng.standard_normal(800)))
    wave = np.empty(800)
    wave[0] = 0.0
    for i in range(799):
        wave[i + 1] = 0.8 * wave[i] + 0.3 * rng.standard_normal()
    lent = 1.0 / (1.0 + np.exp(-1.5 - wave))
    lines = [
        f"{day},{p},{w},{np.exp(w)},{u},{np.exp(w) * p}"
        for day, p, w, u in zip(days, price, wave, lent, strict=True)
    ]
    path.write_text("\n".join(["date,price,wave,level,lent,product", *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("process", "column", "name"),
    [
        ("gbm", "price", "eth_usd"),
        ("jumps", "price", "eth_usd"),
        ("ou", "wave", "sea_wave_height"),
        ("exp_ou", "level", "sea_wave_level"),
        ("utilisation", "lent", "usdc_pool_utilisation"),
    ],
)
def test_the_fragment_is_the_process(prices, process, column, name):
    fitted = calibrate(prices, column=column, process=process, name=name)
    text = fitted.toml()
    assert text.startswith(f"# fitted to prices.csv, column {column}\n# 2022-01-01 to 2024-03-10")
    again = parse(tomllib.loads('name = "x"\n' + text)).tenants["process"][0]
    assert type(again) is type(fitted.process)
    for field in fitted.standard_errors:
        assert getattr(again, field) == pytest.approx(getattr(fitted.process, field), rel=1e-3)
        assert f"{field} = " in text
    assert text.count("# se") == len(fitted.standard_errors)


def test_the_median_of_a_transformed_value_is_the_transformed_mean(prices):
    plain = calibrate(prices, column="wave", process="ou", name="x")
    level = calibrate(prices, column="level", process="exp_ou", name="x")
    assert level.process.median == pytest.approx(np.exp(plain.process.mean))
    assert level.process.half_life_s == pytest.approx(plain.process.half_life_s)
    se = level.process.median * plain.standard_errors["mean"]
    assert level.standard_errors["median"] == pytest.approx(se, rel=1e-4)


def test_a_ratio_of_columns_can_be_fitted(prices):
    level = calibrate(prices, column="level", process="exp_ou")
    ratio = calibrate(prices, column="product/price", process="exp_ou")
    assert ratio.process.median == pytest.approx(level.process.median)


def test_parquet_is_fitted_like_csv(prices, tmp_path):
    pytest.importorskip("duckdb")
    table = read_table(prices)
    days = (table.ts.astype("datetime64[s]").astype("datetime64[D]")).astype(str).tolist()
    file = tmp_path / "prices.parquet"
    write_parquet(file, {"date": days, "price": table.column("price").tolist()})
    from_csv, from_parquet = (calibrate(path, column="price") for path in (prices, file))
    assert from_parquet.process == from_csv.process
    assert from_parquet.standard_errors == from_csv.standard_errors


def test_a_hole_costs_a_pair_and_not_the_fit(prices, tmp_path):
    lines = prices.read_text().splitlines()
    holed = tmp_path / "holed.csv"
    holed.write_text("\n".join(lines[:400] + lines[430:]) + "\n")
    assert calibrate(prices, column="price", process="gbm").n == 799
    assert calibrate(holed, column="price", process="gbm").n == 799 - 31


def test_dates_narrow_the_sample(prices):
    fitted = calibrate(prices, column="price", since="2022-06-01", until="2022-12-31")
    assert (str(fitted.first), str(fitted.last), fitted.n) == ("2022-06-01", "2022-12-31", 213)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"column": "price", "process": "magic"}, ", ".join(FITTED)),
        ({"column": "none"}, "one of price, wave"),
        ({"column": "price", "since": "last week"}, "a date such as"),
        ({"column": "price", "since": "2024-03-01"}, "at least 30 rows"),
    ],
)
def test_what_cannot_be_fitted_is_said(prices, given, said):
    with pytest.raises(InputError, match=said):
        calibrate(prices, **given)


@pytest.mark.parametrize(("process", "column"), [("gbm", "wave"), ("utilisation", "price")])
def test_values_outside_the_processes_range_are_named(prices, process, column):
    with pytest.raises(DataError, match=r"no logarithm|is not a share"):
        calibrate(prices, column=column, process=process)


# the research data: figures for the examples, with their own standard errors --------------------


def close(fitted, **expected):
    for name, value in expected.items():
        assert getattr(fitted.process, name) == pytest.approx(value, rel=2e-3), name


@pytest.mark.data
def test_ether_since_2018(data_folder):
    """Volatility against numpy's own: 0.9306 a year, with a fat-tailed error of 0.037."""
    path = data_folder / "eth_usd_daily.csv"
    fitted = calibrate(path, column="price_usd", process="gbm", since="2018-01-01")
    close(fitted, volatility=0.930624, drift=0.561961)
    jumps = calibrate(path, column="price_usd", process="jumps", since="2018-01-01")
    assert jumps.log_likelihood - fitted.log_likelihood == pytest.approx(206.5, abs=0.5)
    # the same variance a day, told apart: sigma^2 dt + p (m^2 + d^2) - (p m)^2
    one = jumps.process
    chance = -np.expm1(-one.jumps_per_year / 365.0)
    apart = chance * (one.jump_mean**2 + one.jump_sd**2) - (chance * one.jump_mean) ** 2
    total = one.volatility**2 + 365.0 * apart
    assert total == pytest.approx(fitted.process.volatility**2, rel=0.02)


@pytest.mark.data
def test_bitcoins_hash_rate_since_2017(data_folder):
    fitted = calibrate(
        data_folder / "btc_daily.csv", column="difficulty", process="hash_rate", since="2017-01-01"
    )
    close(fitted, start_eh_s=762.822, elasticity=0.8965, progress=0.5991, volatility=0.27266)
    assert fitted.standard_errors["elasticity"] == pytest.approx(0.66, abs=0.01)


@pytest.mark.data
def test_power_of_the_texas_hubs(data_folder):
    fitted = calibrate(
        data_folder / "ercot_rt_hub_hourly_january.csv",
        column="HB_HUBAVG_usd_mwh",
        process="power",
        name="ercot_usd_per_mwh",
        utc_offset_h=-6.0,
    )
    # a deviation of some 6 USD whose upper tail is longer than the lower, and few large spikes
    assert fitted.process.mean == pytest.approx(22.15, abs=0.2)
    assert 4.0 < fitted.process.spread() < 9.0
    assert 0.0 < fitted.process.tail_down < fitted.process.tail_up < 2.5
    assert 2.0 < fitted.process.spikes_per_year < 60.0
    assert max(fitted.process.by_hour) == fitted.process.by_hour[18]
