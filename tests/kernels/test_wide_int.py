"""Wide integers in kernels: every operation equals Python's."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headframe.errors import InputError
from headframe.kernels.compiled import kernel
from headframe.kernels.wide_int import (
    divide,
    divide_up,
    from_limbs,
    load128,
    load192,
    load256,
    store,
    to_double,
    to_limbs,
    u128,
    u320,
    u384,
)

M256 = (1 << 256) - 1


@kernel
def arithmetic(a, b, places, out, flags):
    """A row of `out` an operation, and a comparison a flag."""
    x, y = load256(a), load192(b)
    store(out[0], x + y)
    store(out[1], x - y)
    store(out[2], x * y)
    store(out[3], x << places[0])
    store(out[4], x >> places[0])
    store(out[5], x | y)
    store(out[6], u128(x))
    store(out[7], x * np.int64(3_000))
    flags[0], flags[1], flags[2] = x == y, x != y, x < y
    flags[3], flags[4], flags[5] = x <= y, x > y, x >= y
    flags[6] = x == 7


@kernel
def division(numerator, divisor, out):
    """Quotient, rest, quotient rounded up."""
    n = u384(load256(numerator)) | (u384(load128(numerator[4:])) << 256)
    d = u320(load256(divisor)) | (u320(divisor[4]) << 256)
    quotient, rest = divide(n, d)
    store(out[0], quotient)
    store(out[1], rest)
    store(out[2], divide_up(n, d))


@kernel
def doubles(rows, out):
    """Each row of four limbs as a double."""
    for i in range(rows.shape[0]):
        out[i] = to_double(load256(rows[i]))


def whole(n_bits):
    """Numbers of so many bits, of every length, and those beside a power of two."""
    shift = st.integers(0, n_bits - 1)
    short = st.builds(lambda x, k: x >> k, st.integers(0, (1 << n_bits) - 1), shift)
    beside = st.builds(lambda k, d: min(max((1 << k) + d, 0), (1 << n_bits) - 1), shift,
                       st.integers(-2, 2))  # fmt: skip
    return short | beside


def row(number, n_limbs):
    return to_limbs([number], n_limbs, place="x")[0]


@given(whole(256), whole(192), st.integers(0, 255))
@example(7, 7, 64)
@example(M256, (1 << 192) - 1, 0)
@settings(max_examples=500, deadline=None)
def test_operations_are_pythons(a, b, places):
    out, flags = np.zeros((8, 8), dtype=np.uint64), np.zeros(7, dtype=np.bool_)
    arithmetic(row(a, 4), row(b, 3), np.array([places]), out, flags)
    assert from_limbs(out) == [
        (a + b) & M256, (a - b) & M256, a * b, (a << places) & M256, a >> places, a | b,
        a & ((1 << 128) - 1), a * 3_000,
    ]  # fmt: skip
    assert flags.tolist() == [a == b, a != b, a < b, a <= b, a > b, a >= b, a == 7]


@given(whole(384), whole(320))
@example(M256 << 128, 1 << 319)
@example((1 << 384) - 1, (1 << 128) + 1)
@settings(max_examples=1_000, deadline=None)
def test_division_is_pythons(numerator, divisor):
    divisor = max(divisor, 1)
    numerator = min(numerator, (divisor << 256) - divisor)  # the quotient must fit
    out = np.zeros((3, 6), dtype=np.uint64)
    division(row(numerator, 6), row(divisor, 5), out)
    quotient, rest = divmod(numerator, divisor)
    assert from_limbs(out) == [quotient, rest, quotient + (rest > 0)]


@given(st.integers(1, (1 << 320) - 1), whole(256), st.integers(-2, 2))
@settings(max_examples=1_000, deadline=None)
def test_division_beside_a_multiple(divisor, quotient, beside):
    limit = min((1 << 384) - 1, divisor * M256)
    numerator = min(max(divisor * quotient + beside, 0), limit)
    out = np.zeros((3, 6), dtype=np.uint64)
    division(row(numerator, 6), row(divisor, 5), out)
    assert from_limbs(out)[:2] == [*divmod(numerator, divisor)]


def test_a_double_is_within_six_roundings():
    rng = np.random.default_rng(7)
    numbers = [
        int.from_bytes(rng.bytes(32), "little") >> int(k) for k in rng.integers(0, 256, 5_000)
    ]
    out = np.zeros(len(numbers))
    doubles(to_limbs(numbers, 4, place="x"), out)
    for number, double in zip(numbers, out.tolist(), strict=True):
        assert abs(int(double) - number) << 53 <= 6 * number


def test_rows_and_integers_there_and_back():
    numbers = [0, 1, -1, (1 << 127) - 1, -(1 << 127)]
    rows = to_limbs(numbers, 2, place="x", signed=True)
    assert from_limbs(rows, signed=True) == numbers
    assert from_limbs(rows)[2] == (1 << 128) - 1


@pytest.mark.parametrize("number", [1 << 127, -(1 << 127) - 1])
def test_a_number_that_does_not_fit_is_refused(number):
    with pytest.raises(InputError, match=r"amounts\[1\].*-2\^127 to below 2\^127"):
        to_limbs([5, number], 2, place="amounts", signed=True)
