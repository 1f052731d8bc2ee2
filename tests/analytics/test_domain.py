import numpy as np
import pytest

from headframe.analytics import domain
from headframe.errors import InputError


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
