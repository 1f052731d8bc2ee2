"""Whole-number arithmetic: against fractions, and return data against the ABI's own examples."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import fixed

word = st.integers(0, fixed.MAX_UINT256)
signed = st.integers(-(1 << 255), (1 << 255) - 1)


@given(word, word, st.integers(1, fixed.MAX_UINT256))
def test_mul_div_is_the_rounded_fraction_or_a_bare_revert(a, b, denominator):
    exact = Fraction(a * b, denominator)
    for function, rounded in (
        (fixed.mul_div_down, floor(exact)),
        (fixed.mul_div_up, ceil(exact)),
    ):
        if rounded > fixed.MAX_UINT256:
            with pytest.raises(Revert) as refusal:
                function(a, b, denominator)
            assert refusal.value.data == b""
        else:
            assert function(a, b, denominator) == rounded


@pytest.mark.parametrize("function", [fixed.mul_div_down, fixed.mul_div_up])
def test_mul_div_by_zero_reverts_bare(function):
    with pytest.raises(Revert) as refusal:
        function(1, 1, 0)
    assert refusal.value.data == b""


@given(signed, signed.filter(bool))
def test_signed_division_truncates(a, b):
    exact = Fraction(a, b)
    assert fixed.div_trunc(a, b) == (floor(exact) if exact >= 0 else ceil(exact))


def test_signed_division_differs_from_pythons():
    assert (fixed.div_trunc(-7, 2), -7 // 2) == (-3, -4)
    assert fixed.div_up(7, 2) == 4


@given(st.integers(-(1 << 300), 1 << 300), st.sampled_from([8, 24, 56, 128, 160, 256]))
def test_widths_wrap_and_check(value, bits):
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    wrapped = fixed.wrap_int(value, bits)
    assert low <= wrapped <= high
    assert (wrapped - value) % (1 << bits) == 0
    assert fixed.wrap_uint(value, bits) == value % (1 << bits)
    for check, fits in (
        (fixed.to_int, low <= value <= high),
        (fixed.to_uint, 0 <= value < 1 << bits),
    ):
        if fits:
            assert check(value, bits) == value
        else:
            with pytest.raises(Revert) as refusal:
                check(value, bits)
            assert refusal.value.data == b""


def test_error_data_is_the_example_of_the_solidity_documentation():
    # Solidity documentation, "Panic via assert and Error via require".
    assert fixed.revert_error("Not enough Ether provided.").data.hex() == (
        "08c379a0"
        "0000000000000000000000000000000000000000000000000000000000000020"
        "000000000000000000000000000000000000000000000000000000000000001a"
        "4e6f7420656e6f7567682045746865722070726f76696465642e000000000000"
    )


def test_panic_data_names_its_code():
    refusal = fixed.revert_panic(fixed.PANIC_ARITHMETIC, left=1)
    assert refusal.data.hex() == "4e487b71" + f"{0x11:064x}"
    assert refusal.numbers == {"left": 1}


def test_an_empty_reason_has_no_padding():
    assert fixed.error_data("").hex() == "08c379a0" + f"{32:064x}" + f"{0:064x}"
    assert len(fixed.error_data("x" * 32)) == 4 + 3 * 32
