"""
Unsigned integers of 64 to 512 bits for kernels, exact to the last bit.

A contract computes in words of 256 bits and multiplies into 512. Inside a kernel such a number is a
`Wide`: one integer of the compiler's own, of as many 64-bit limbs as its type says, with `+ - * <`
and shifts as for any other number. Sums and differences wrap at the wider of the two widths, a
product is as wide as both factors together, so nothing that matters is cut without a `u256(...)`
in the text that says so. Outside a kernel it is a row of uint64 limbs, the lowest first.

Division is by estimate and remainder, the way of long division with digits of 48 bits: the quotient
of two doubles, taken a little too low, times the divisor comes off the rest, until the rest is less
than the divisor. It needs no table and no normalising, and every step keeps
`numerator = quotient * divisor + rest` in integers, so the doubles can cost a step but not a bit.

Judge: Python's integers (`tests/kernels/test_wide_int.py`).
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from headframe.errors import InputError
from headframe.kernels.compiled import called, inline
from headframe.kernels.elementary import bits

LIMB_BITS = 64
"""Bits of a limb."""
BELOW_ONE = 1.0 - 2.0**-48
"""Makes an estimated quotient too low: its nine roundings are 2^-49 together at most."""

Limbs = NDArray[np.uint64]
"""Rows of limbs, the lowest first."""
_WORD = ir.IntType(64)
_TWO_WORDS = ir.IntType(128)
_LAST_SMALL = 2.0**62  # a double below it converts to an int64


class Wide(types.Type):
    """The compiler's type of an unsigned integer of so many bits."""

    def __init__(self, n_bits: int) -> None:
        self.n_bits = n_bits
        super().__init__(name=f"Wide({n_bits})")


class _WideModel(models.PrimitiveModel):
    """One machine integer of that width."""

    def __init__(self, manager: Any, wide: Wide) -> None:
        cast(Any, super()).__init__(manager, wide, ir.IntType(wide.n_bits))


register_model(Wide)(_WideModel)

# What the compiler's own modules offer without types.
_unliteral, _signature = cast(Any, types.unliteral), cast(Any, signature)
_infer_global, _lower_builtin = cast(Any, infer_global), cast(Any, lower_builtin)


# ---- arithmetic ----------------------------------------------------------------------------


def _fit(builder: Any, value: Any, n_bits: int) -> Any:
    # The same number in another width: zeros above, or cut.
    if value.type.width < n_bits:
        return builder.zext(value, ir.IntType(n_bits))
    return builder.trunc(value, ir.IntType(n_bits)) if value.type.width > n_bits else value


def _limbs_of(builder: Any, value: Any) -> list[Any]:
    width = value.type.width
    moved = (builder.lshr(value, ir.Constant(value.type, k)) for k in range(0, width, LIMB_BITS))
    return [_fit(builder, limb, LIMB_BITS) for limb in moved]


def _product(builder: Any, a: Any, b: Any) -> Any:
    # Schoolbook: each product of two limbs, plus two limbs, just fits two limbs.
    n_bits = a.type.width + b.type.width
    left, right = _limbs_of(builder, a), _limbs_of(builder, b)
    rows: list[Any] = [ir.Constant(_TWO_WORDS, 0)] * (len(left) + len(right))
    for i, x in enumerate(left):
        carry = ir.Constant(_TWO_WORDS, 0)
        for j, y in enumerate(right):
            both = builder.mul(builder.zext(x, _TWO_WORDS), builder.zext(y, _TWO_WORDS))
            total = builder.add(builder.add(both, rows[i + j]), carry)
            rows[i + j] = builder.zext(builder.trunc(total, _WORD), _TWO_WORDS)
            carry = builder.lshr(total, ir.Constant(_TWO_WORDS, LIMB_BITS))
        rows[i + len(right)] = carry
    return _joined(builder, rows, n_bits)


def _joined(builder: Any, rows: Sequence[Any], n_bits: int) -> Any:
    result = ir.Constant(ir.IntType(n_bits), 0)
    for k, row in enumerate(rows):
        place = ir.Constant(result.type, LIMB_BITS * k)
        result = builder.or_(result, builder.shl(_fit(builder, row, n_bits), place))
    return result


def _same_width(generate: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    def fitted(builder: Any, a: Any, b: Any) -> Any:
        n_bits = max(a.type.width, b.type.width)
        return generate(builder, _fit(builder, a, n_bits), _fit(builder, b, n_bits))

    return fitted


def _comparison(sign: str) -> Callable[[Any, Any, Any], Any]:
    return _same_width(lambda builder, a, b: builder.icmp_unsigned(sign, a, b))


def _shift(name: str) -> Callable[[Any, Any, Any], Any]:
    def shifted(builder: Any, a: Any, places: Any) -> Any:
        return getattr(builder, name)(a, _fit(builder, places, a.type.width))

    return shifted


def _wider(a: Any, b: Any) -> Any:
    return Wide(max(_bits_of(a), _bits_of(b)))


def _bits_of(kind: Any) -> int:
    return int(kind.n_bits if isinstance(kind, Wide) else kind.bitwidth)


def _define(operation: Any, result: Callable[[Any, Any], Any], generate: Any) -> None:
    # Tells the compiler an operator's type and text; the other operand may be a plain integer,
    # which is read as unsigned.
    def generic(_self: Any, arguments: Any, _keywords: Any) -> Any:
        kinds = tuple(_unliteral(kind) for kind in arguments)
        if not any(isinstance(kind, Wide) for kind in kinds):
            return None
        if not all(isinstance(kind, Wide | types.Integer) for kind in kinds):
            return None
        return _signature(result(*kinds), *kinds)

    _infer_global(operation)(type(f"_Wide_{operation}", (AbstractTemplate,), {"generic": generic}))

    def lower(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return generate(builder, *arguments)

    for pair in ((Wide, Wide), (Wide, types.Integer), (types.Integer, Wide)):
        _lower_builtin(operation, *pair)(lower)


_define(operator.add, _wider, _same_width(lambda builder, a, b: builder.add(a, b)))
_define(operator.sub, _wider, _same_width(lambda builder, a, b: builder.sub(a, b)))
_define(operator.or_, _wider, _same_width(lambda builder, a, b: builder.or_(a, b)))
_define(operator.mul, lambda a, b: Wide(_bits_of(a) + _bits_of(b)), _product)
_define(operator.lshift, lambda a, _: a, _shift("shl"))
_define(operator.rshift, lambda a, _: a, _shift("lshr"))
for _operation, _sign in (
    (operator.eq, "=="), (operator.ne, "!="), (operator.lt, "<"),
    (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="),
):  # fmt: skip
    _define(_operation, lambda _a, _b: types.boolean, _comparison(_sign))


# ---- from and to other numbers -------------------------------------------------------------


def _cast(n_bits: int) -> Any:
    @intrinsic
    def wide(_context: Any, value: Any) -> Any:
        def generate(_ctx: Any, builder: Any, _sig: Any, arguments: Any) -> Any:
            return _fit(builder, arguments[0], n_bits)

        return Wide(n_bits)(_unliteral(value)), generate

    return wide


u128, u192, u256, u320, u384 = (cast(Callable[[Any], Any], _cast(64 * k)) for k in range(2, 7))


@intrinsic
def _limb(_context: Any, value: Any, index: Any) -> Any:
    """Limb of a number, by index from the lowest; zero above the highest."""

    def generate(_ctx: Any, builder: Any, _sig: Any, arguments: Any) -> Any:
        wide, place = arguments[0], _fit(builder, arguments[1], arguments[0].type.width)
        places = builder.mul(place, ir.Constant(wide.type, LIMB_BITS))
        # A shift by the whole width or more has no meaning to the compiler.
        inside = builder.icmp_unsigned("<", places, ir.Constant(wide.type, wide.type.width))
        moved = builder.lshr(wide, builder.select(inside, places, ir.Constant(wide.type, 0)))
        return builder.select(inside, builder.trunc(moved, _WORD), ir.Constant(_WORD, 0))

    return types.uint64(value, _unliteral(index)), generate


@intrinsic
def _wide_double(_context: Any, value: Any) -> Any:
    """The nearest doubles of the limbs, added up from the lowest."""

    def generate(_ctx: Any, builder: Any, _sig: Any, arguments: Any) -> Any:
        total = ir.Constant(ir.DoubleType(), 0.0)
        for k, one in enumerate(_limbs_of(builder, arguments[0])):
            scale = ir.Constant(ir.DoubleType(), 2.0 ** (LIMB_BITS * k))
            part = builder.uitofp(one, ir.DoubleType())
            total = builder.fadd(total, builder.fmul(part, scale))
        return total

    return types.float64(value), generate


@intrinsic
def _as_wide_as(_context: Any, value: Any, other: Any) -> Any:
    """The number in the width of another one."""

    def generate(_ctx: Any, builder: Any, _sig: Any, arguments: Any) -> Any:
        return _fit(builder, arguments[0], arguments[1].type.width)

    return other(_unliteral(value), other), generate


limb = cast(Callable[[Any, int], int], _limb)
"""Limb of a number, by index from the lowest, as uint64; zero above the highest."""
to_double = cast(Callable[[Any], float], _wide_double)
"""A number as a double, within 6 roundings (up to 512 bits)."""
as_wide_as = cast(Callable[[Any, Any], Any], _as_wide_as)
"""The number in the width of another one, cut or with zeros above."""


@inline
def load128(row: Any) -> Any:
    """The first two limbs of a row."""
    return u128(row[0]) | (u128(row[1]) << 64)


@inline
def load192(row: Any) -> Any:
    """The first three limbs of a row."""
    return u192(load128(row)) | (u192(row[2]) << 128)


@inline
def load256(row: Any) -> Any:
    """The first four limbs of a row."""
    return u256(load192(row)) | (u256(row[3]) << 192)


@inline
def store(row: Any, value: Any) -> None:
    """Write a number into a row, as many limbs as the row has, zeros above the number's own."""
    for k in range(row.shape[0]):
        row[k] = limb(value, k)


# ---- division ------------------------------------------------------------------------------


@called
def divide(numerator: Any, divisor: Any) -> tuple[Any, Any]:
    """
    Quotient rounded down (256 bits) and remainder; the divisor is not zero, the quotient fits.

        while rest >= divisor:  part = floor(low estimate of rest / divisor), at least 1

    A part leaves at most 2^-47 of the rest, or less than two divisors where it is a whole number
    below 2^47: a quotient of n bits takes about n / 47 + 1 steps.
    """
    reciprocal = BELOW_ONE / to_double(divisor)
    quotient, rest = u256(0), numerator
    while rest >= divisor:
        estimate = to_double(rest) * reciprocal
        if estimate < _LAST_SMALL:
            part, places = max(int(estimate), 1), 0
        else:
            pattern = bits(estimate)
            part, places = (pattern & 0xF_FFFF_FFFF_FFFF) | (1 << 52), (pattern >> 52) - 1075
        rest = rest - (as_wide_as(divisor * part, rest) << places)
        quotient = quotient + (u256(part) << places)
    return quotient, rest


@called
def divide_up(numerator: Any, divisor: Any) -> Any:
    """Quotient rounded up; the divisor is not zero, the quotient fits 256 bits."""
    quotient, rest = divide(numerator, divisor)
    return quotient + u256(rest != 0)


# ---- outside kernels -----------------------------------------------------------------------


def to_limbs(numbers: Sequence[int], n_limbs: int, *, place: str, signed: bool = False) -> Limbs:
    """
    Rows of limbs of Python's integers, (n, n_limbs); a signed one as its two's complement.

    Raises `InputError` naming the place of a number that does not fit.

    >>> to_limbs([1, -1], 2, place="x", signed=True).tolist()
    [[1, 0], [18446744073709551615, 18446744073709551615]]
    """
    size = n_limbs * 8
    try:
        raw = b"".join([int(x).to_bytes(size, "little", signed=signed) for x in numbers])
    except OverflowError:
        n_bits = 8 * size - signed
        low, high = (-(1 << n_bits) if signed else 0), 1 << n_bits
        at = next(i for i, x in enumerate(numbers) if not low <= x < high)
        allowed = f"{'-2^' + str(n_bits) if signed else '0'} to below 2^{n_bits}"
        raise InputError(f"{place}[{at}]", numbers[at], allowed) from None
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64).reshape(len(numbers), n_limbs)


def from_limbs(rows: Limbs, *, signed: bool = False) -> list[int]:
    """
    Python's integers of rows of limbs.

    >>> from_limbs(np.array([[1, 2]], dtype=np.uint64)) == [1 + (2 << 64)]
    True
    """
    raw, size = np.ascontiguousarray(rows).astype("<u8").tobytes(), rows.shape[1] * 8
    starts = range(0, len(raw), size)
    return [int.from_bytes(raw[k : k + size], "little", signed=signed) for k in starts]
