"""What is said, and that it is never more than the simulation knows."""

from dataclasses import replace

import pytest

from headframe.metric import Estimate
from headframe.metrics.attribution import Share
from headframe.metrics.breakeven import Profile
from headframe.report import story
from headframe.report.findings import Findings
from headframe.studies.compare import FIGURES, Alternative


def _with_wealth(answer: Findings, mean: Estimate, median: float) -> Findings:
    quantiles = dict(answer.wealth.quantiles) | {0.5: Estimate(median, mean.se)}
    wealth = replace(answer.wealth, mean=mean, controlled=mean, quantiles=quantiles)
    return replace(answer, wealth=wealth)


def test_headline_of_a_gain_and_of_a_loss(farm: Findings) -> None:
    both = _with_wealth(farm, Estimate(11_000.0, 20.0), 10_500.0)
    assert story.headline(both) == ("It earns 10.0% on average in 60 days, and 5.0% in the median.")
    split = _with_wealth(farm, Estimate(11_000.0, 20.0), 9_500.0)
    assert story.headline(split).endswith("and loses 5.0% in the median.")


def test_headline_of_what_cannot_be_told(farm: Findings) -> None:
    said = story.headline(_with_wealth(farm, Estimate(10_030.0, 20.0), 9_500.0))
    assert said.startswith("On average it breaks even in 60 days, within the error")
    assert "± 0.20%" in said


def test_headlines_of_one_path_and_of_a_still_world(single: Findings, still: Findings) -> None:
    assert story.headline(single).endswith("in 60 days, on this one path.")
    assert story.headline(still).endswith("in 60 days, on every path alike.")
    assert "95%" not in " ".join(story.odds_sentences(single))


def test_odds_name_liquidation_and_default(
    farm: Findings, owing: Findings, empty: Findings
) -> None:
    said = " ".join(story.odds_sentences(farm))
    assert "It is liquidated on" in said
    assert "cannot default" in said
    said = " ".join(story.odds_sentences(owing))
    assert "It defaults on 4.0% of paths" in said
    assert "most often over power bill of mine (3.1%)" in said
    assert "liquidated" not in " ".join(story.odds_sentences(empty))


def test_several_positions_are_named_and_the_likeliest_first(desk: Findings) -> None:
    said = " ".join(story.odds_sentences(desk))
    chances = {event.position: event.chance.probability for event in desk.events}
    assert chances["the_farm_on_ether_with_a_long_name"] > chances["btc_farm"]
    assert said.index("The farm on ether") < said.index("Btc farm is liquidated")


def test_flows_add_up_to_the_mean_result(answer: Findings) -> None:
    total = sum(account.total for account in story.flows(answer))
    result = answer.wealth.mean.value - answer.wealth.open
    assert total == pytest.approx(result, abs=1e-7 * max(answer.wealth.open, 1.0))


def test_what_only_moves_value_is_left_out(farm: Findings) -> None:
    kinds = {flow.kind for account in story.flows(farm) for flow in account.flows}
    assert "principal" not in kinds
    assert {"market", "fee", "interest", "rebalancing", "slippage"} <= kinds
    moved = Share("vault", {"principal": Estimate(12.0, 1.0)}, {})
    told = story.flows(replace(farm, shares=(*farm.shares, moved)))
    assert [flow.kind for flow in told[-1].flows] == ["principal"]  # but not where it is not zero


def test_the_wallet_comes_last(desk: Findings) -> None:
    assert story.flows(desk)[-1].account == "wallet"


def _profile(means: list[float], se: float) -> Profile:
    ratios = [0.5 + 0.1 * k for k in range(len(means))]
    roots = [
        ratios[k] + 0.1 * means[k] / (means[k] - means[k + 1])
        for k in range(len(means) - 1)
        if means[k] * means[k + 1] < 0.0
    ]
    return Profile("eth", tuple(ratios), tuple(means), tuple([se] * len(means)), tuple(roots))


def test_one_break_even() -> None:
    profile = _profile([-4.0, -2.0, 2.0, 4.0], 0.1)
    assert story.break_even_sentence(profile) == (
        "ETH: loses below 0.65, earns above 0.65 times its opening price."
    )


def test_noise_makes_no_break_even() -> None:
    """The sign flips three times within the error around zero; one break-even is told."""
    profile = _profile([-4.0, -2.0, -0.1, 0.1, -0.1, 2.0, 4.0], 0.5)
    assert len(profile.break_evens) == 3
    assert [s.sign for s in story.stretches(profile)] == [-1, 1]


def test_a_gain_in_the_middle_has_two_break_evens() -> None:
    found = story.break_even_sentence(_profile([-2.0, 2.0, 2.0, -2.0], 0.1))
    assert found == (
        "ETH: loses below 0.55, earns from 0.55 to 0.75, loses above 0.75 times its opening price."
    )


def test_no_break_even_and_no_cells() -> None:
    assert story.break_even_sentence(_profile([2.0, 2.0], 0.1)).startswith("Earns on average at")
    assert "No gain or loss to tell" in story.break_even_sentence(_profile([0.1, -0.1], 1.0))
    empty = Profile("eth", (), (), (), ())
    assert story.break_even_sentence(empty).startswith("Too few paths")


def _alternative(name: str, wealth: Estimate, liquidated: Estimate) -> Alternative:
    nothing = dict.fromkeys(FIGURES, Estimate(0.0, 0.0))
    return Alternative(name, nothing, nothing | {"wealth": wealth, "liquidated": liquidated})


def test_advice_tells_only_what_is_clear() -> None:
    book = _alternative("book", Estimate(0.0, 0.0), Estimate(0.0, 0.0))
    noise = _alternative("noise", Estimate(50.0, 40.0), Estimate(-0.01, 0.02))
    better = _alternative("better", Estimate(30.0, 4.0), Estimate(0.1, 0.01))
    safer = _alternative("safer", Estimate(-30.0, 4.0), Estimate(-0.1, 0.01))
    assert story.advice([book, noise], "usd") == "None of these is seen to earn more."
    said = story.advice([book, noise, better, safer], "usd")
    assert said.startswith("Earns most: better (+30.0 ± 4.0 USD).")
    assert "Is liquidated least: safer (-10 ± 1 points)." in said


def test_provenance_says_how_to_do_it_again(farm: Findings) -> None:
    made = dict(story.provenance(farm))
    assert made["paths"] == "4,000 paths"
    assert made["steps"] == "60 steps of 1 day"
    assert made["seed"] == "1"
