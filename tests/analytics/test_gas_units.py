"""The table of gas: published snapshots as they are, sums of parts worked by hand."""

from pathlib import Path

from headframe.analytics.gas_units import AAVE, GAS_UNITS, V3, Action, together

# snapshots of the protocols' own repositories, to the thousand
AAVE_SAYS = {"supply": 146_755, "borrow": 249_844, "repay": 189_949, "withdraw": 240_296}
V3_SAYS = {"collect": 73_322}


def test_published_figures():
    for kind, says, source in (("aave_v3", AAVE_SAYS, AAVE), ("uniswap_v3", V3_SAYS, V3)):
        for action, gas in says.items():
            found = GAS_UNITS[kind][action]
            assert (found.gas, found.source) == (round(gas, -3), source)


def test_one_transaction_is_counted_once():
    # borrow 250, swap 135, add 107, stake 54: 546, less three times 21
    assert GAS_UNITS["levered"]["open"].gas == 483_000
    # unstake 46, swap 135, add 107, stake 54: 342, less three times 21
    assert GAS_UNITS["levered"]["compound"].gas == 279_000
    assert together(Action(30_000, 4, "x")).gas == 30_000


def test_sizes_are_calldata_and_a_signature():
    # selector and eight words, and 112 bytes around them
    assert GAS_UNITS["uniswap_v2"]["swap"].bytes == 4 + 8 * 32 + 112


def test_the_documentation_has_the_same_figures():
    page = (Path(__file__).parents[2] / "docs" / "protocols" / "chains.md").read_text()
    rows = {
        ("levered", ("open", "close")),
        ("levered", ("delever", "compound")),
        ("uniswap_v2", ("open", "close")),
        ("uniswap_v3", ("open", "close", "rerange")),
        ("aave_v3", ("supply", "borrow", "repay", "withdraw")),
        ("aave_v3", ("liquidate",)),
    }
    for kind, names in rows:
        found = [GAS_UNITS[kind][name] for name in names]
        gas = ", ".join(f"{action.gas:,}" for action in found)
        size = ", ".join(f"{action.bytes:,}" for action in found)
        assert f"| `{kind}`: {', '.join(names)} | {gas} | {size} |" in page
