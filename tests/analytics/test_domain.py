import inspect
from collections.abc import Iterator

import numpy as np
import pytest

from headframe.analytics import (
    domain,
    first_passage,
    harvest,
    hashprice,
    impermanent_loss,
    kelly,
    leverage,
    liquidation_price,
    lvr,
)
from headframe.errors import InputError

GUARDED = (
    first_passage,
    harvest,
    hashprice,
    impermanent_loss,
    kelly,
    leverage,
    liquidation_price,
    lvr,
)
INSIDE = {
    "amounts": impermanent_loss.Amounts(1.0, 1.0),
    "dates": 3,
    "efficiency_j_per_th": 20.0,
    "harvests_per_year": 12.0,
    "leverage": 2.0,
    "max_leverage": 3.0,
    "price_ratio": 1.1,
    "price_entry": 1.1,
    "price_upper": 2.0,
    "price": 1.1,
    "supplied_usd": 4.0,
    "upper_ratio": 1.5,
}
"""An argument inside the domain of every function that takes it; any other is 0.5."""


def doors() -> Iterator[object]:
    """Every public function of the guarded modules, and each of its numbers."""
    for module in GUARDED:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            given = {key: INSIDE.get(key, 0.5) for key in inspect.signature(function).parameters}
            if module is kelly and "equity_usd" in given:
                given["borrow_rate"] = lambda utilisation: 0.1
            yield pytest.param(function, given, id=f"{module.__name__.split('.')[-1]}.{name}")


@pytest.mark.parametrize(("function", "given"), list(doors()))
def test_every_argument_of_every_closed_form_is_guarded_by_name(function, given):
    assert not np.isnan(np.asarray(function(**given), dtype=float)).any()
    numbers = [name for name, value in given.items() if isinstance(value, float | int)]
    assert numbers or "amounts" in given
    for name in numbers:
        for impossible in (np.nan, np.inf):
            with pytest.raises(InputError) as refusal:
                function(**{**given, name: impossible})
            assert refusal.value.place == name


@pytest.mark.parametrize(
    ("require", "good", "bad"),
    [
        (domain.require_finite, [-1.0, 0.0, 1e300], [np.nan, np.inf, -np.inf]),
        (domain.require_positive, [1e-300, 1], [0.0, -1e-300, np.nan, np.inf]),
        (domain.require_non_negative, [0.0, 2], [-1e-300, np.nan, np.inf]),
        (domain.require_share, [0.0, 0.5, 1.0], [-1e-9, 1.0 + 1e-9, np.nan]),
        (domain.require_proper_share, [0.0, 0.999], [-1e-9, 1.0, np.nan]),
        (domain.require_inner_share, [1e-9, 0.999], [0.0, 1.0, np.nan]),
        (domain.require_threshold, [1e-9, 1.0], [0.0, 1.0 + 1e-9, np.nan]),
        (domain.require_count, [1, 7, np.int64(3)], [0, -1, 1.5, True]),
    ],
)
def test_each_domain_takes_its_inside_and_refuses_its_outside(require, good, bad):
    for value in good:
        require(quantity=value)
    for value in bad:
        with pytest.raises(InputError) as refusal:
            require(quantity=value)
        assert refusal.value.place == "quantity"
        assert "must" in refusal.value.allowed


def test_at_least_names_its_bound():
    domain.require_at_least(2.0, leverage=2.0)
    with pytest.raises(InputError, match=r"leverage: 1\.5 is not allowed; .*at least 2"):
        domain.require_at_least(2.0, leverage=1.5)


def test_of_an_array_the_first_refused_element_is_named():
    with pytest.raises(InputError) as refusal:
        domain.require_positive(price=np.array([3.0, -2.0, -1.0]))
    assert refusal.value.value == -2.0


def test_what_is_no_number_is_refused_by_name():
    with pytest.raises(InputError, match="price: 'high' is not allowed"):
        domain.require_positive(price="high")


def test_a_range_must_be_ordered():
    domain.require_range(price_lower=1.0, price_upper=np.array([2.0, 3.0]))
    for lower, upper in [(2.0, 2.0), (3.0, 2.0), (0.0, 1.0), (np.array([1.0, 4.0]), 3.0)]:
        with pytest.raises(InputError, match="price_lower"):
            domain.require_range(price_lower=lower, price_upper=upper)
