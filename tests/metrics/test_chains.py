"""The result by chain: what a position comes to alone is what its chain comes to beside others."""

import pytest

from headframe.book_file import book_from_toml
from headframe.metrics.attribution import attribution
from headframe.metrics.chains import chains
from headframe.place import Place
from headframe.report.answer import run as answer
from headframe.report.numbers import numbers
from headframe.report.terminal import print_findings
from headframe.runs import run
from headframe.studies.compare import alternatives

WORLD = """
name = "the same farm on two chains"
cash = "usdc"
horizon = "30d"
paths = 3000
[wallet]
usdc = 20_000
eth = {ether}
[process.eth_usd]
kind = "gbm"
start = 2000.0
volatility = 0.8
[process.usdc_usd]
kind = "constant"
value = 1.0
[process.sushi_usd]
kind = "gbm"
start = 1.0
volatility = 0.8
[process.mainnet_gas]
kind = "ethereum_gas"
median_gwei = 5.0
units = {{ compound = 600_000 }}
[process.arbitrum_gas]
kind = "arbitrum_gas"
l1_base_fee_gwei = "mainnet_gas_base_fee_gwei"
l1_blob_gwei = "mainnet_gas_blob_gwei"
units = {{ compound = 600_000 }}
bytes = {{ compound = 700 }}
"""
FARM = """
[position.{name}]
kind = "levered"
borrow1_apr = 0.0
{where}
token0 = "eth"
token1 = "usdc"
deposit = {{ usdc = 10_000 }}
leverage = 2.5
threshold = 0.83
turnover = 0.1
reward_asset = "sushi"
reward_apr = 0.4
gas_usd = "{gas}_gas_usd_per_compound"
[policy.harvest_{name}]
kind = "compound"
position = "{name}"
interval_s = "1d"
"""
MAIN = FARM.format(name="main", where='chain = "ethereum"', gas="mainnet")
LAYER2 = FARM.format(name="second", where='chain = "arbitrum"', gas="arbitrum")


def book(*positions, ether=0.0):
    return book_from_toml(WORLD.format(ether=ether) + "".join(positions))


@pytest.fixture(scope="module")
def both():
    return book(MAIN, LAYER2)


@pytest.fixture(scope="module")
def found(both):
    kept = run(both)
    return kept, {share.chain: share for share in chains(kept, both)}


@pytest.mark.parametrize(("chain", "alone"), [("ethereum", MAIN), ("arbitrum", LAYER2)])
def test_a_chain_is_what_its_position_comes_to_alone(found, chain, alone):
    """With its standard error: the draws are the same, and the wallet's dollars stand still."""
    expected = run(book(alone)).moments.estimate("pnl")
    net = found[1][chain].net
    assert net.value == pytest.approx(expected.value, rel=1e-9)
    assert net.se == pytest.approx(expected.se, rel=1e-9)


def test_chains_add_up_to_the_result(found):
    kept, shares = found
    total = sum(share.net.value for share in shares.values())
    assert total == pytest.approx(kept.moments.estimate("pnl").value, rel=1e-9)


def test_gas_is_the_entries_of_gas_with_their_error(found):
    kept, shares = found
    for share in attribution(kept):
        if share.account != "wallet":
            chain = {"main": "ethereum", "second": "arbitrum"}[share.account]
            assert shares[chain].gas.value == pytest.approx(share.kinds["gas"].value, rel=1e-12)
            assert shares[chain].gas.se == pytest.approx(share.kinds["gas"].se, rel=1e-9)
            before = shares[chain].before_gas
            assert before.value + shares[chain].gas.value == pytest.approx(shares[chain].net.value)


def test_what_stands_on_no_chain_is_told_last():
    loose = LAYER2.replace('chain = "arbitrum"\n', "").replace("arbitrum_gas", "mainnet_gas")
    mixed = book(loose, MAIN, ether=1.0)
    shares = chains(run(mixed, n_paths=500), mixed)
    assert [(share.chain, share.positions) for share in shares] == [
        ("ethereum", ("main",)),
        (None, ("second", "wallet")),
    ]


def test_without_chains_nothing_is_told():
    plain = book(MAIN.replace('chain = "ethereum"\n', ""))
    told = answer(plain, n_paths=50, compared=False)
    assert told.chains == ()
    assert told.json()["chains"] == []


def test_the_reports_tell_them(both, capsys):
    told = answer(both, n_paths=2_000, compared=False)
    print_findings(told.findings, width=80)
    out = capsys.readouterr().out
    assert "Net result by chain" in out
    assert "On ethereum gas takes" in out
    rows = {row["chain"]: row for row in numbers(told.findings)["chains"]}
    assert set(rows) == {"ethereum", "arbitrum", None}
    assert rows["ethereum"]["gas"] < rows["arbitrum"]["gas"] < 0.0
    from headframe.report.page import page

    assert "Net result by chain" in page([told.findings], "x")


def test_alternatives_stand_where_the_position_did(both):
    """Coins held instead of a farm are on its chain, and no contract can lose them."""
    risky = both.with_(places=both.places | {"main": Place(chain="ethereum", kept=0.9)})
    held = next(other for other in alternatives(risky) if "main_eth" in other.places)
    assert held.places["main_eth"].chain == "ethereum"
    assert held.places["main_eth"].kept == 1.0
    assert "main" not in held.places
