"""Statistics by hand; the report on a price made of known parts; ERCOT's hours, unseen ones."""

import json

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.report.power_fit import power_fit_text
from headframe.studies.power_fit import power_fit, remarks, statistics

HOUR_S = 3_600.0


def test_statistics_by_hand():
    ts = HOUR_S * np.arange(48)
    prices = np.where(np.arange(48) % 2 == 0, 10.0, -2.0)
    told = statistics(ts, prices, HOUR_S)
    assert (told["mean"], told["sd"], told["negative_share"]) == (4.0, 6.0, 0.5)
    assert told["autocorrelation_1h"] == pytest.approx(-1.0)
    assert told["autocorrelation_24h"] == pytest.approx(1.0)


def test_what_a_file_cannot_tell_is_said():
    january = HOUR_S * np.r_[0:700, 8_760:9_400]
    assert "only months 1:" in remarks(january, HOUR_S)[0]
    assert remarks(january, HOUR_S)[1].startswith("1 holes")
    daily = 86_400.0 * np.arange(400)
    assert remarks(daily, 86_400.0)[0].startswith("daily means")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(5)
    x, rows = 0.0, ["date,usd"]
    for day in np.datetime64("2019-01-01") + np.arange(1_200):
        x = 0.7 * x + 5.0 * rng.standard_normal()
        rows.append(f"{day},{40.0 + x}")
    path = tmp_path_factory.mktemp("power") / "power.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_price_of_the_models_own_kind_lies_in_its_bands(table):
    told = power_fit(table, column="usd", split="2021-01-01", n_paths=20)
    inside = [low <= later <= high for _, later, _, low, high in told.statistics.values()]
    # nine in ten, of statistics that hang together: most
    assert sum(inside) >= len(inside) - 5
    text = power_fit_text(told)
    assert all(len(line) <= 80 for line in text.splitlines() if line.startswith("#"))
    assert json.loads(json.dumps(told.json()))["split"] == "2021-01-01"


def test_a_split_that_leaves_too_little_is_refused(table):
    with pytest.raises(InputError, match="split"):
        power_fit(table, column="usd", split="2019-02-01")
    with pytest.raises(InputError, match="split"):
        power_fit(table, column="usd", split="soon")
