"""Alerts: rings counted by hand on scripted healths, and the first passage that a ring is."""

import doctest

import numpy as np
import pytest
from scripted import played, scripted

import headframe as hf
from headframe.analytics import first_passage
from headframe.book import Book
from headframe.metrics.alerts import alerts
from headframe.policies import alert as module
from headframe.policies.alert import Alert
from headframe.positions.levered import Levered
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.runs import run
from headframe.scenarios.model import Model
from headframe.units import DAY_S, HOUR_S

START = 2_000.0


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "leverage": 3.0,
        "threshold": 5 / 6,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return Levered(**(usual | changes))


def heard(healths, **changes):
    """What was told on one path of such healths: health is 1.25 sqrt(k)."""
    eth = [START * (h / 1.25) ** 2 for h in healths]
    phone = Alert(**({"name": "phone", "position": "farm", "bands": (1.2, 1.05)} | changes))
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(phone,))
    chunk = played(book)
    numbers, samples = phone.tell(chunk.policies[0].state)
    return {k: float(v[0]) for k, v in numbers.items()}, samples


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_band_rings_once_until_health_is_well_above_it():
    numbers, _ = heard([1.25, 1.19, 1.21, 1.19, 1.23, 1.19, 1.25])
    assert numbers == {
        "liquidated": 0.0,
        "1.2/called": 1.0,
        "1.2/calls": 2.0,  # 1.21 is within 2 % of the band, 1.23 is not
        "1.2/warned": 0.0,
        "1.05/called": 0.0,
        "1.05/calls": 0.0,
        "1.05/warned": 0.0,
    }
    assert heard([1.25, 1.19, 1.21, 1.19], rearm=0.0)[0]["1.2/calls"] == 2.0


def test_how_long_before_the_liquidation():
    """1.2 is passed on days 1 and 4, 1.05 on day 5, and the end comes on day 7."""
    numbers, samples = heard([1.25, 1.1, 1.25, 1.25, 1.15, 1.04, 1.03, 0.99, 0.9])
    assert (numbers["1.2/calls"], numbers["1.2/warned"], numbers["1.05/warned"]) == (2.0, 1.0, 1.0)
    told = {row: lead.tolist() for row, lead in samples.items()}
    assert told == {
        "1.2/first_lead_s": [6 * DAY_S],
        "1.2/last_lead_s": [3 * DAY_S],
        "1.05/first_lead_s": [2 * DAY_S],
        "1.05/last_lead_s": [2 * DAY_S],
    }


def test_a_jump_gives_no_warning():
    numbers, samples = heard([1.25, 1.25, 0.8, 0.8])
    assert numbers["liquidated"] == 1.0
    assert numbers["1.2/called"] == numbers["1.05/called"] == 0.0
    assert all(lead.size == 0 for lead in samples.values())


def moving(phone, n_paths=20_000):
    processes = (
        GBM(name="eth_usd", start=START, volatility=0.8),
        Constant(name="usdc_usd", value=1.0),
    )
    return Book(
        name="watched",
        scenario=Model(processes=processes),
        wallet={"usdc": 1e4},
        positions=(farm(),),
        policies=(phone,),
        horizon_s=30 * DAY_S,
        step_s=2 * HOUR_S,
        n_paths=n_paths,
    )


def test_the_chance_of_a_call_is_that_of_a_first_passage():
    """Health 1.1 is k = (1.1 / 1.25)^2, looked at every two hours; bound: 4 standard errors."""
    phone = Alert(name="phone", position="farm", bands=(1.1,))
    band = alerts(run(moving(phone)))[0]
    expected = first_passage.monitored_down(
        barrier_ratio=(1.1 / 1.25) ** 2,
        volatility=0.8,
        price_drift=0.0,
        years=30.0 / 365.0,
        dates=360,
    )[-1]
    assert abs(band.called.probability - expected) < 4.0 * band.called.se
    assert band.calls.value >= band.called.probability


def test_it_is_told_on_the_terminal_on_the_page_and_as_json(tmp_path, capsys):
    phone = Alert(name="phone", position="farm", bands=(1.2, 1.05))
    answer = hf.run(moving(phone, 2_000), compared=True)
    found = answer.json()["alerts"]
    assert [band["health"] for band in found] == [1.2, 1.05]
    for band in found:
        assert band["called"]["se"] > 0.0
        assert 0.0 < band["warned"] <= 1.0
        first, last = band["first_lead"]["quantiles_s"], band["last_lead"]["quantiles_s"]
        assert first["0.5"] >= last["0.5"] > 0.0
    assert found[0]["called"]["probability"] > found[1]["called"]["probability"]
    answer.report(width=80)
    printed = capsys.readouterr().out
    assert "first, days" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "Calls by health" in answer.html(tmp_path / "page.html").read_text()
    assert not any(o.name == "without the policies" for o in answer.alternatives)


def test_bands_are_checked():
    for bands in ((), (1.1, 1.1)):
        with pytest.raises(ValueError, match="each once"):
            Alert(name="phone", position="farm", bands=bands)
    assert np.isfinite(Alert(name="phone", position="farm", bands=(1.1,)).rearm)
