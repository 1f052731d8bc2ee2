"""The fair premium of a run is the closed form's."""

from headframe.analytics.cover import fair_breach_premium
from headframe.book import Book
from headframe.metrics.insurance import insurance
from headframe.positions.cover import Cover
from headframe.processes.constant import Constant
from headframe.processes.contract_risk import ContractRisk
from headframe.report.answer import run as answer_of
from headframe.runs import run
from headframe.scenarios.model import Model
from headframe.units import DAY_S


def desk():
    risk = ContractRisk(name="contracts", protocols={"gmx": {"per_year": 0.3, "recovery": 0.5}})
    cover = Cover(
        name="cover",
        asset="usd",
        amount=1_000.0,
        insures="contracts_gmx_kept",
        price=0.2,
        renews=False,
    )
    return Book(
        name="insured",
        scenario=Model(processes=(risk, Constant(name="eur_usd", value=1.0))),
        wallet={"usd": 1_000.0},
        positions=(cover,),
        horizon_s=365 * DAY_S,
        step_s=5 * DAY_S,
    )


def test_premium_and_fair_premium():
    (found,) = insurance(run(desk(), n_paths=20_000))
    assert found.position == "cover"
    assert abs(found.premium.value - 200.0) < 1e-9
    fair = fair_breach_premium(1_000.0, 0.3, 1.0, kept=0.5)
    assert abs(found.fair_premium.value - fair) < 4 * found.fair_premium.se


def test_the_report_says_it(capsys):
    answer = answer_of(desk(), n_paths=2_000)
    answer.report()
    assert "would be its fair premium" in " ".join(capsys.readouterr().out.split())
    assert answer.json()["insurance"][0]["position"] == "cover"
