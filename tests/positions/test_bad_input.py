"""What cannot be is told in one line: the place, the value, and what is allowed."""

import pytest

from headframe.book_file import book_from_toml
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.scenario import Paths

FARM = """
name = "a farm"
cash = "usdc"
horizon = "10d"

[wallet]
usdc = 10_000
eth = 5

[process.eth_usd]
kind = "constant"
value = 2_000.0

[process.usdc_usd]
kind = "constant"
value = 1.0

[position.farm]
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 10_000 }
leverage = 3.0
borrow0_apr = 0.02
borrow1_apr = 0.08
threshold = 0.8333
"""
V2 = FARM + 'kind = "levered"\n'
V3 = FARM + 'kind = "levered_v3"\nrange = { width = 0.2, snap = "none" }\n'
HEAD = FARM.partition("[position.farm]")[0]
LOAN = (
    HEAD
    + """
[position.farm]
kind = "loan"
collateral_asset = "eth"
debt_asset = "usdc"
deposit = { eth = 5.0 }
ltv = 0.5
threshold = 0.8
borrow_apr = 0.05
"""
)
AAVE = (
    HEAD
    + """
[position.farm]
kind = "aave_v3"
deposit = { eth = 5.0 }
ltv = 0.5
supply = [{ asset = "eth", ltv = 0.8, threshold = 0.83 }]
borrow = [{ asset = "usdc", borrow_apr = 0.05 }]
"""
)
MORPHO = (
    HEAD
    + """
[position.farm]
kind = "morpho_blue"
collateral_asset = "eth"
loan_asset = "usdc"
lltv = 0.86
deposit = { eth = 5.0 }
ltv = 0.5
borrow_apr = 0.05
"""
)
COMET = (
    HEAD
    + """
[position.farm]
kind = "compound_v3"
base_asset = "usdc"
deposit = { eth = 5.0 }
ltv = 0.5
borrow_apr = 0.05
collateral = [{ asset = "eth", borrow_factor = 0.8, threshold = 0.85 }]
"""
)
CREDIT = (
    HEAD
    + """
[position.farm]
kind = "gearbox_v3"
underlying = "usdc"
deposit = { usdc = 5_000.0 }
leverage = 3.0
borrow_apr = 0.05
tokens = [{ asset = "eth", lt = 0.8 }]
"""
)
RANGE = (
    HEAD
    + """
[position.farm]
kind = "uniswap_v3"
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 5_000.0 }
range = { width = 0.2, snap = "none" }
"""
)
SUPPLY = (
    HEAD
    + """
[position.farm]
kind = "lending"
asset = "usdc"
deposit = { usdc = 1_000 }
"""
)
MARKET = (
    SUPPLY
    + """
[venue.pool]
kind = "kinked_market"
asset = "usdc"
supplied = 1e6
utilisation = 0.8
slope1_apr = 0.05
slope2_apr = 0.4
kink = 0.9
"""
)
RESERVE = (
    SUPPLY
    + """
[venue.pool]
kind = "aave_reserve"
asset = "usdc"
supplied = 1e6
borrowed = 8e5
curve = "usdc"
"""
)
GEARBOX = (
    SUPPLY
    + """
[venue.pool]
kind = "gearbox_pool"
asset = "usdc"
supplied = 1e6
utilisation = 0.8
"""
)
GUARDED = (
    V2
    + """
[policy.guard]
kind = "delever"
position = "farm"
trigger = 1.1
target = 1.2
"""
)

WRONG = [
    # leverage beyond what the factors allow, a threshold below the opening ratio
    (V2, "position.farm.leverage", 7.0, "below 5.9988"),
    (V3, "position.farm.leverage", 7.0, "below 5.99"),
    (V2, "position.farm.threshold", 0.6, "debt ratio of 0.6667"),
    (V3, "position.farm.threshold", 0.6, "allowed is below 2.5"),
    (LOAN, "position.farm.ltv", 0.85, "not below the liquidation threshold 0.8"),
    (AAVE, "position.farm.ltv", 0.82, "at most 5"),
    (
        AAVE,
        "position.farm.supply",
        [{"asset": "eth", "ltv": 0.8, "threshold": 0.7}],
        "above the threshold 0.7",
    ),
    (MORPHO, "position.farm.ltv", 0.9, "0.86"),
    # a range that excludes nothing or everything
    (V3, "position.farm.range.width", 1e-7, "excludes every price"),
    (V3, "position.farm.range.width", 1e300, "excludes no price"),
    (RANGE, "position.farm.range.width", 1e-7, "excludes every price"),
    (RANGE, "position.farm.range.width", 1e300, "excludes no price"),
    # shares and rates that are none
    (SUPPLY, "position.farm.utilisation", -0.1, "allowed is 0 to 1"),
    (SUPPLY, "position.farm.utilisation", 1.1, "allowed is 0 to 1"),
    (MARKET, "venue.pool.utilisation", -0.1, "allowed is 0 to 1"),
    (V2, "position.farm.own_share", 1.5, "allowed is 0 to 1"),
    (V2, "position.farm.borrow1_apr", -0.05, "allowed is 0 or more"),
    (V2, "position.farm.turnover", -1.0, "allowed is 0 or more"),
    (V2, "position.farm.pool_usd", -1.0, "allowed is 0 or more"),
    (V3, "position.farm.gas_usd", -1.0, "allowed is 0 or more"),
    (LOAN, "position.farm.borrow_apr", -0.05, "allowed is 0 or more"),
    (COMET, "position.farm.borrow_apr", -0.05, "allowed is 0 or more"),
    (CREDIT, "position.farm.borrow_apr", -0.05, "allowed is 0 or more"),
    (MORPHO, "position.farm.borrow_apr", -0.05, "allowed is 0 or more"),
    (COMET, "position.farm.ltv", 0.9, "above the borrow_factor 0.8"),
    (CREDIT, "position.farm.leverage", 6.0, "not below the 0.8000"),
    (RESERVE, "venue.pool.borrowed", -3.0, "allowed is 0 or more"),
    (RESERVE, "venue.pool.borrowed", 2e6, "more than supplied"),
    (GEARBOX, "venue.pool.utilisation", -0.1, "allowed is 0 to 1"),
    (GEARBOX, "venue.pool.utilisation", 1.1, "allowed is 0 to 1"),
    (GUARDED, "policy.guard.target", 1.0, "target 1 is not allowed; at least trigger, 1.1"),
    # an observable that nobody publishes, with the key that asks for it
    (V2, "position.farm.borrow1_apr", "no_apr", "position.farm.borrow1_apr: 'no_apr'"),
    (V2, "position.farm.gas_usd", {"other": "no_gas"}, "farm.gas_usd.other: 'no_gas'"),
    (V2, "position.farm.kept", "no_risk", "position.farm.kept: 'no_risk'"),
    (RESERVE, "venue.pool.supplied", "no_size", "venue.pool.supplied: 'no_size'"),
    # one of the types that a value may have is told by what is wrong in it
    (
        RESERVE,
        "venue.pool.curve",
        {"slope1_apr": -0.1},
        "venue.pool.curve.slope1_apr: -0.1 is not allowed; a number at least 0",
    ),
    (RESERVE, "venue.pool.curve", "usd", "venue.pool.curve: 'usd' is not allowed; one of usdc"),
    (V2, "position.farm.gas_usd", {"open": -1.0, "other": 1.0}, "position.farm.gas_usd.open: -1.0"),
    # a key that a table within a table does not have
    (V2, "position.farm.liquidation", {"close_facter": 1.0}, "did you mean 'close_factor'"),
    (COMET, "position.farm.collateral", [{"asset": "eth", "lt": 0.8}], "known are asset, borrow"),
]


def one_line(error, said):
    text = str(error.value)
    assert said in text, text
    assert "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    "text",
    [V2, V3, LOAN, AAVE, MORPHO, COMET, CREDIT, RANGE, SUPPLY, MARKET, RESERVE, GEARBOX, GUARDED],
)
def test_the_books_are_right_as_they_stand(text):
    assert book_from_toml(text).positions[0].name == "farm"


@pytest.mark.parametrize(
    ("text", "key", "value", "said"), WRONG, ids=lambda x: str(x) if len(str(x)) < 40 else ""
)
def test_what_cannot_be_is_named(text, key, value, said):
    with pytest.raises(InputError) as caught:
        book_from_toml(text, overrides={key: value})
    one_line(caught, said)
    assert any(
        place in str(caught.value) for place in ("position.farm", "venue.pool", "policy.guard")
    )


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (V2, "borrow1_apr = 0.08", "position.farm.borrow1_apr"),
        (V3, "borrow1_apr = 0.08", "position.farm.borrow1_apr"),
        (LOAN, "borrow_apr = 0.05", "position.farm.borrow_apr"),
        (AAVE, ", borrow_apr = 0.05", "position.farm.borrow.0.borrow_apr"),
        (MORPHO, "borrow_apr = 0.05", "position.farm.borrow_apr"),
        (COMET, "borrow_apr = 0.05", "position.farm.borrow_apr"),
        (CREDIT, "borrow_apr = 0.05", "position.farm.borrow_apr"),
    ],
)
def test_a_debt_without_a_rate_is_named(text, line, key):
    assert line in text
    with pytest.raises(InputError, match="what the debt costs a year") as caught:
        book_from_toml(text.replace(line, ""))
    assert key in str(caught.value)


def test_what_is_not_owed_needs_no_rate():
    assert book_from_toml(V2.replace("borrow0_apr = 0.02\n", "")).positions
    half = V2.replace("borrow0_apr = 0.02\n", "") + "debt0_share = 0.5\n"
    with pytest.raises(InputError, match="borrow0_apr"):
        book_from_toml(half)
    assert book_from_toml(V2.replace("borrow1_apr = 0.08\n", "").replace("3.0", "1.0")).positions


@pytest.mark.parametrize("text", [V2, V3])
def test_a_deposit_larger_than_the_pool_is_named_when_it_is_opened(text):
    """30,000 are bought with three times 10,000."""
    for pool, fits in ((29_999.0, False), (30_001.0, True)):
        book = book_from_toml(text, overrides={"position.farm.pool_usd": pool})
        if fits:
            Chunk(book, book.plan(), Paths(first=0, n_paths=2, seed=1))
            continue
        with pytest.raises(InputError, match=r"position\.farm\.deposit") as caught:
            Chunk(book, book.plan(), Paths(first=0, n_paths=2, seed=1))
        one_line(caught, "at most the pool's 29,999")
