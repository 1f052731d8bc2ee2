"""A wrong book is one line that names file, key, value and what is allowed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headframe.book_file import book_from_toml, load_book
from headframe.errors import InputError

WRONG = {
    "position.farm.leverage": (0.5, "at least 1"),
    "position.farm.threshold": (1.5, "at most 1"),
    "process.eth_usd.volatility": (-0.1, "at least 0"),
    "process.eth_usd.start": ("two", "above 0"),
    "process.eth_usd.drift": (float("nan"), "number"),
    "horizon": ("1h", "at least one step"),
    "step": ("soon", "duration"),
    "paths": (0, "at least 1"),
    "seed": (-1, "at least 0"),
    "trade_cost": (1.0, "below 1"),
    "wallet.usdc": (10, "at most what the wallet holds"),
    "position.farm.token0": ("doge", "doge_usd"),
    "position.farm.kind": ("leverd", "one of"),
    "position.farm.levrage": (2, "did you mean 'leverage'"),
    "position.farm.borrow1_apr": ("no_such_apr", "known observables are"),
    "position.farm.deposit": ({"usdc": -1}, "position.farm.deposit"),
    "policy.guard.position": ("frm", "one of farm"),
    "policy.guard.target": (1.0, "target 1 is not allowed; at least trigger"),
    "numeraire": ("USD", "lower-case"),
    "colour": ("red", "not a key"),
    "wallet": ("all", "wallet"),
}


def test_the_book_is_read(farm):
    assert farm.name == "a farm"
    assert farm.positions[0].leverage == 3.0
    assert farm.n_steps == 30


@pytest.mark.parametrize("key", WRONG)
def test_errors_name_key_value_and_range(farm_toml, key):
    value, said = WRONG[key]
    with pytest.raises(InputError) as caught:
        book_from_toml(farm_toml, source="my.toml", overrides={key: value})
    text = str(caught.value)
    assert text.startswith("my.toml: ")
    assert said in text
    assert "\n" not in text
    assert len(text) < 400


def test_two_correlations_that_contradict_are_named(farm_toml):
    text = farm_toml.replace(
        "[process.usdc_usd]",
        '[process.btc_usd]\nkind = "gbm"\nstart = 1.0\nvolatility = 0.5\n'
        '[process.sol_usd]\nkind = "gbm"\nstart = 1.0\nvolatility = 0.5\n[process.usdc_usd]',
    )
    text = (
        'correlation = [ { between = ["eth_usd", "btc_usd"], value = 0.9 },'
        ' { between = ["btc_usd", "sol_usd"], value = 0.9 },'
        ' { between = ["eth_usd", "sol_usd"], value = -0.9 } ]\n' + text
    )
    with pytest.raises(InputError, match="positive semi-definite") as caught:
        book_from_toml(text)
    assert "eth_usd with sol_usd = -0.9" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_book(tmp_path / "no.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "b.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_book(path)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_mangled_book_is_either_a_book_or_one_line(farm_toml, data):
    text = farm_toml
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[at + cut :]
    try:
        book_from_toml(text)
    except InputError as error:
        assert "\n" not in str(error)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=3),
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(key=st.sampled_from(sorted(WRONG)), value=values)
def test_any_value_for_any_key_is_either_a_book_or_one_line(farm_toml, key, value):
    try:
        book_from_toml(farm_toml, overrides={key: value})
    except InputError as error:
        assert "\n" not in str(error)
