"""
What is advertised and what remains of it, worked out by hand beside what the book says.

Source: the guide's formula (`leverage.farm_apr`); a range's concentration (Uniswap's 5.449490).
"""

import io

import pytest

from headframe.analytics.incentives import YieldParts
from headframe.analytics.leverage import farm_apr
from headframe.book_file import book_from_toml
from headframe.metrics.advertised import Advertised, advertised
from headframe.report.answer import run
from headframe.report.page import write_page
from headframe.report.terminal import print_findings

BOOK = """
name = "farms"
cash = "usdc"
horizon = "10d"
[wallet]
usdc = 40_000
[process.eth_usd]
kind = "gbm"
start = 1500.0
volatility = 0.8
[process.usdc_usd]
kind = "constant"
value = 1.0
[process.cake_usd]
kind = "gbm"
start = 2.0
volatility = 0.8
[venue.purse]
kind = "farm"
reward_asset = "cake"
tokens_per_s = 0.01
tvl_usd = 2_000_000.0
[position.farm]
kind = "levered"
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 10_000 }
leverage = 3
debt0_share = 0.5
borrow0_apr = 0.04
borrow1_apr = 0.08
turnover = 0.1
reward_asset = "cake"
reward_apr = "purse_reward_apr"
[position.range]
kind = "levered_v3"
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 10_000 }
range = { lower = 1000.0, upper = 2250.0, snap = "none" }
leverage = 2
borrow1_apr = 0.08
turnover = 0.1
[position.gauge]
kind = "farm"
asset = "usdc"
reward_asset = "cake"
deposit = { usdc = 10_000 }
reward_apr = 0.12
"""


@pytest.fixture(scope="module")
def answer():
    return run(book_from_toml(BOOK), n_paths=200, seed=1, executor="serial")


def test_a_farm_by_the_guides_formula(answer):
    farm = answer.advertised[0]
    rewards = 0.01 * 31_536_000.0 * 2.0 / 2_000_000.0
    assert farm.fees_apr == pytest.approx(3.0 * 0.003 * 0.1 * 365.0)
    assert farm.emissions_apr == pytest.approx(3.0 * rewards)
    assert farm.borrow_apr == pytest.approx(2.0 * 0.06)
    expected = farm_apr(
        farming_apr=rewards,
        trading_fee_apr=0.003 * 0.1 * 365.0,
        reward_apr=0.0,
        borrow_apr=0.06,
        leverage=3.0,
    )
    assert farm.advertised_apr == pytest.approx(float(expected))
    assert farm.stays_apr == pytest.approx(farm.advertised_apr - farm.emissions_apr)
    # an elasticity of 1 in capital and none in volume: half the logarithm each
    whole = (farm.fees_apr + farm.emissions_apr) / 3.0
    remains = (whole * farm.fees_apr / 3.0) ** 0.5
    assert farm.leaves_apr == pytest.approx(3.0 * remains - farm.borrow_apr)
    assert farm.capital_left == pytest.approx((farm.fees_apr / 3.0 / whole) ** 0.5)


def test_a_range_earns_its_concentration(answer):
    fees = answer.advertised[1].fees_apr
    assert fees == pytest.approx(2.0 * 0.003 * 0.1 * 365.0 * 5.449490, rel=1e-6)
    assert answer.advertised[1].emissions_apr == 0.0


def test_a_stake_has_only_emissions_and_nothing_remains(answer):
    gauge = answer.advertised[2]
    assert (gauge.fees_apr, gauge.emissions_apr, gauge.leverage) == (0.0, 0.12, 1.0)
    assert (gauge.stays_apr, gauge.leaves_apr, gauge.capital_left) == (0.0, 0.0, 0.0)


def test_a_farm_that_exists_is_at_its_own_leverage():
    held = BOOK.replace(
        "deposit = { usdc = 10_000 }\nleverage = 3\ndebt0_share = 0.5",
        "held = { amount0 = 10.0, amount1 = 15_000.0, debt0 = 5.0, debt1 = 7_500.0 }",
    )
    farm = advertised(book_from_toml(held))[0]
    assert farm.leverage == pytest.approx(2.0)
    assert farm.borrow_apr == pytest.approx(0.06)


def test_the_saying_of_a_thousand_at_five_times():
    """Farming 20 %, borrowing at 10 %: 1,000 gross and 600 net on 1,000."""
    one = Advertised.of("farm", YieldParts(0.05, 0.15, 0.10, 5.0))
    assert 1_000.0 * (one.fees_apr + one.emissions_apr) == pytest.approx(1_000.0)
    assert 1_000.0 * one.advertised_apr == pytest.approx(600.0)
    assert 1_000.0 * one.stays_apr == pytest.approx(-150.0)


def test_the_report_shows_it_in_every_form(answer, tmp_path):
    out = io.StringIO()
    print_findings(answer.findings, width=80, file=out)
    text = out.getvalue()
    part = text[text.index("What is advertised") : text.index("Where the money comes")]
    # 3 (10.95 + 31.536) less 12, and without emissions 3 * 10.95 less 12
    for said in (
        "farm, at 3 times",
        "+32.9%",
        "+94.6%",
        "-12.0%",
        "+115%",
        "+20.9%",
        "of TVL gone",
    ):
        assert said in part
    page = write_page(answer.findings, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "What is advertised, and what remains" in page
    told = answer.json()["advertised"]
    assert set(told) == {"farm", "range", "gauge"}
    parts = told["farm"]
    assert parts["advertised_apr"] == pytest.approx(
        parts["fees_apr"] + parts["emissions_apr"] - parts["borrow_apr"]
    )
