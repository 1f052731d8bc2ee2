"""
exp, log, sine and cosine of a turn, and the normal quantile, without a branch or a table.

The library versions are calls, and a loop that calls cannot be vectorised: these are polynomials
that LLVM turns into eight lanes at a time. Each states its measured error over its domain; the
tests hold them to it. Arguments must be finite; domains are stated, and nothing is checked here.
"""

import math
from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from headframe.kernels.compiled import inline

ROUND = 6755399441055744.0
"""1.5 * 2^52: adding it rounds a double of moderate size to an integer in the low mantissa bits."""
LOG2_E = 1.4426950408889634
"""log2(e)."""
LN2_HIGH = 6.93147180369123816490e-01
"""The upper part of ln 2, short enough that small multiples of it are exact."""
LN2_LOW = 1.90821492927058770002e-10
"""ln 2 less its upper part."""
HALF_PI = 1.5707963267948966
"""A quarter turn in radians."""
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
"""The bit pattern of sqrt(1/2)."""
ROUND_BITS = 0x4338000000000000
"""The bit pattern of `ROUND`."""
EXP_LIMIT = 708.0
"""`exp` holds its argument within plus-minus this, where the result is a normal double."""


@intrinsic
def _bits(_context: Any, _x: Any) -> Any:
    """The 64 bits of a double as an integer."""

    def generate(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(_context: Any, _x: Any) -> Any:
    """The double that has these 64 bits."""

    def generate(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


bits = cast(Callable[[float], int], _bits)
"""The 64 bits of a double as an integer."""
from_bits = cast(Callable[[int], float], _from_bits)
"""The double that has these 64 bits."""


@inline
def exp(x: float) -> float:
    """
    Natural exponential; relative error below 3e-16 for -708 <= x <= 708, held there beyond.

        exp(x) = 2^n * exp(r),  n = round(x / ln 2),  r = x - n ln 2 in two steps (Cody and Waite)
    """
    x = min(max(x, -EXP_LIMIT), EXP_LIMIT)
    shifted = x * LOG2_E + ROUND
    n = shifted - ROUND
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 1.984126984126984e-04
    p = p * r + 1.388888888888889e-03
    p = p * r + 8.333333333333333e-03
    p = p * r + 4.1666666666666664e-02
    p = p * r + 1.6666666666666666e-01
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return from_bits(bits(p) + (bits(shifted) << 52))


@inline
def log(x: float) -> float:
    """
    Natural logarithm of a positive normal double; relative error below 3e-16.

        log(x) = k ln 2 + log(1 + f),  1 + f in [sqrt(1/2), sqrt(2)),  by the series in f / (2 + f)
    """
    pattern = bits(x)
    k = (pattern - SQRT_HALF_BITS) >> 52
    f = from_bits(pattern - (k << 52)) - 1.0
    kd = from_bits(k + ROUND_BITS) - ROUND
    s = f / (2.0 + f)
    z = s * s
    r = 1.479819860511658591e-01
    r = r * z + 1.531383769920937332e-01
    r = r * z + 1.818357216161805012e-01
    r = r * z + 2.222219843214978396e-01
    r = r * z + 2.857142874366239149e-01
    r = r * z + 3.999999999940941908e-01
    r = r * z + 6.666666666666735130e-01
    r = r * z
    half = 0.5 * f * f
    return kd * LN2_HIGH - ((half - (s * (half + r) + kd * LN2_LOW)) - f)


@inline
def sincos_turn(u: float) -> tuple[float, float]:
    """Sine and cosine of 2 pi u for u in [0, 1); absolute error below 1e-15."""
    quarter = u * 4.0
    shifted = quarter + ROUND
    q = bits(shifted)
    a = (quarter - (shifted - ROUND)) * HALF_PI
    z = a * a
    s = -7.647163731819816e-13
    s = s * z + 1.605904383682161e-10
    s = s * z - 2.505210838544172e-08
    s = s * z + 2.755731922398589e-06
    s = s * z - 1.984126984126984e-04
    s = s * z + 8.333333333333333e-03
    s = s * z - 1.6666666666666666e-01
    s = a + a * z * s
    c = 4.779477332387385e-14
    c = c * z - 1.1470745597729725e-11
    c = c * z + 2.08767569878681e-09
    c = c * z - 2.755731922398589e-07
    c = c * z + 2.48015873015873e-05
    c = c * z - 1.388888888888889e-03
    c = c * z + 4.1666666666666664e-02
    c = c * z - 0.5
    c = 1.0 + z * c
    odd = (q & 1) != 0
    sine = c if odd else s
    cosine = s if odd else c
    return (
        from_bits(bits(sine) ^ ((q & 2) << 62)),
        from_bits(bits(cosine) ^ (((q + 1) & 2) << 62)),
    )


@inline
def normal_quantile(p: float) -> float:
    """
    The standard normal quantile for p in (0, 1); relative error below 1e-14.

    Three rationals, for the middle, the near and the far tail: algorithm AS 241, PPND16
    (M. J. Wichura, Applied Statistics 37, 1988).
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _central(r)
    r = math.sqrt(-log(min(p, 1.0 - p)))
    tail = _near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -tail if q < 0.0 else tail


@inline
def _central(r: float) -> float:
    top = 2.5090809287301226727e3
    top = top * r + 3.3430575583588128105e4
    top = top * r + 6.7265770927008700853e4
    top = top * r + 4.5921953931549871457e4
    top = top * r + 1.3731693765509461125e4
    top = top * r + 1.9715909503065514427e3
    top = top * r + 1.3314166789178437745e2
    top = top * r + 3.3871328727963666080e0
    low = 5.2264952788528545610e3
    low = low * r + 2.8729085735721942674e4
    low = low * r + 3.9307895800092710610e4
    low = low * r + 2.1213794301586595867e4
    low = low * r + 5.3941960214247511077e3
    low = low * r + 6.8718700749205790830e2
    low = low * r + 4.2313330701600911252e1
    low = low * r + 1.0
    return top / low


@inline
def _near_tail(r: float) -> float:
    top = 7.74545014278341407640e-4
    top = top * r + 2.27238449892691845833e-2
    top = top * r + 2.41780725177450611770e-1
    top = top * r + 1.27045825245236838258e0
    top = top * r + 3.64784832476320460504e0
    top = top * r + 5.76949722146069140550e0
    top = top * r + 4.63033784615654529590e0
    top = top * r + 1.42343711074968357734e0
    low = 1.05075007164441684324e-9
    low = low * r + 5.47593808499534494600e-4
    low = low * r + 1.51986665636164571966e-2
    low = low * r + 1.48103976427480074590e-1
    low = low * r + 6.89767334985100004550e-1
    low = low * r + 1.67638483018380384940e0
    low = low * r + 2.05319162663775882187e0
    low = low * r + 1.0
    return top / low


@inline
def _far_tail(r: float) -> float:
    top = 2.01033439929228813265e-7
    top = top * r + 2.71155556874348757815e-5
    top = top * r + 1.24266094738807843860e-3
    top = top * r + 2.65321895265761230930e-2
    top = top * r + 2.96560571828504891230e-1
    top = top * r + 1.78482653991729133580e0
    top = top * r + 5.46378491116411436990e0
    top = top * r + 6.65790464350110377720e0
    low = 2.04426310338993978564e-15
    low = low * r + 1.42151175831644588870e-7
    low = low * r + 1.84631831751005468180e-5
    low = low * r + 7.86869131145613259100e-4
    low = low * r + 1.48753612908506148525e-2
    low = low * r + 1.36929880922735805310e-1
    low = low * r + 5.99832206555887937690e-1
    low = low * r + 1.0
    return top / low
