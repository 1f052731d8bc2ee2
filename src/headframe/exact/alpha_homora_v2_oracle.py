"""
Alpha Homora v2's prices: fair values of pool shares, credits by factors, and a bounty.

Prices are in ETH for one smallest unit of a token, with 112 binary places. A pool's share is worth
what its reserves would be at the oracle's prices, not what they are: a trade can move reserves, not
the product that they keep. Collateral counts by its collateral factor, debt by its borrow factor:
a position is solvent while its collateral credit is not below its borrow credit.

Source: notes on AlphaFinanceLab/alpha-homora-v2-contract (ProxyOracle, UniswapV2Oracle,
BalancerPairOracle, CurveOracle, AggregatorOracle), the project's documentation; Balancer's
fixed-point power as its whitepaper and documentation have it. No licence stands in the files.
Judge: none was found; documented examples, closed forms and invariants hold it, and the page says
so. Assumption: prices are those of the sources, never stale.
"""

from dataclasses import dataclass

from headframe.exact.fixed import Q112, WAD, isqrt, revert_error
from headframe.exact.safe_math import add, div_down, mul, sub

BPS = 10_000
"""One, in factors."""
Q56 = 1 << 56
"""One with 56 binary places: what the root of a price is in."""
BONE = 10**18
"""One in Balancer's numbers."""
BPOW_PRECISION = BONE // 10**10
"""Where the series of Balancer's power stops."""


@dataclass(frozen=True, slots=True)
class TokenFactors:
    """
    How a token counts, in basis points.

    A borrow factor is at least 10,000, a collateral factor at most; the incentive of liquidation
    lies between 10,000 and 20,000. Raises `Revert` beyond these.
    """

    borrow_factor: int
    collateral_factor: int
    liq_incentive: int

    def __post_init__(self) -> None:
        if self.borrow_factor < BPS:
            raise revert_error("borrow factor must be at least 100%", factor=self.borrow_factor)
        if self.collateral_factor > BPS:
            raise revert_error(
                "collateral factor must be at most 100%", factor=self.collateral_factor
            )
        if not BPS <= self.liq_incentive <= 2 * BPS:
            raise revert_error("incentive must be 100% to 200%", incentive=self.liq_incentive)


# ---- credits -------------------------------------------------------------------------------


def as_eth_collateral(
    px_q112: int, factors: TokenFactors, amount: int, rate_underlying_q112: int = Q112
) -> int:
    """
    Credit of a collateral, rounded down three times.

        floor(px * floor(amount * rate / 2^112) / 2^112) * collateral factor / 1e4

    The rate is of the token within a wrapper for one of the wrapper; 1 where there is none.
    """
    underlying = mul(amount, rate_underlying_q112) // Q112
    return mul(mul(px_q112, underlying) // Q112, factors.collateral_factor) // BPS


def as_eth_borrow(px_q112: int, factors: TokenFactors, amount: int) -> int:
    """Credit that a debt consumes: floor(px * amount / 2^112) * borrow factor / 1e4, down."""
    return mul(mul(px_q112, amount) // Q112, factors.borrow_factor) // BPS


def convert_for_liquidation(
    amount_in: int,
    px_in_q112: int,
    px_out_q112: int,
    factors_in: TokenFactors,
    factors_out: TokenFactors,
    rate_underlying_q112: int = Q112,
) -> int:
    """
    Collateral for a debt repaid, with both tokens' incentives, rounded down at each quotient.

        amount * px_in / px_out * 2^112 / rate * incentive_in * incentive_out / 1e8
    """
    out = div_down(mul(amount_in, px_in_q112), px_out_q112)
    wrapped = div_down(mul(out, Q112), rate_underlying_q112)
    return mul(mul(wrapped, factors_in.liq_incentive), factors_out.liq_incentive) // BPS**2


# ---- prices of pool shares -----------------------------------------------------------------


def uniswap_v2_px(
    reserve0: int, reserve1: int, total_supply: int, px0_q112: int, px1_q112: int
) -> int:
    """
    Fair price of a constant-product pool's share, with 112 binary places, rounded down.

        2 sqrt(r0 r1) / supply * sqrt(px0) * sqrt(px1)

    Only the product of the reserves is in it, which no trade lowers. Source: UniswapV2Oracle.
    """
    sqrt_k_q112 = div_down(mul(isqrt(mul(reserve0, reserve1)), Q112), total_supply)
    half = mul(mul(sqrt_k_q112, 2), isqrt(px0_q112)) // Q56
    return mul(half, isqrt(px1_q112)) // Q56


def naive_uniswap_v2_px(
    reserve0: int, reserve1: int, total_supply: int, px0_q112: int, px1_q112: int
) -> int:
    """What the reserves as they stand are worth: the price that a trade can move. For contrast."""
    return div_down(mul(reserve0, px0_q112) + mul(reserve1, px1_q112), total_supply)


def curve_px(pxs_q112: tuple[int, ...], virtual_price: int) -> int:
    """Price of a stable pool's share: the cheapest coin times the virtual price, rounded down."""
    return mul(min(pxs_q112), virtual_price) // WAD


def balancer_pair_px(
    reserves: tuple[int, int],
    weights: tuple[int, int],
    total_supply: int,
    pxs_q112: tuple[int, int],
) -> int:
    """Price of a weighted pool's share at its fair reserves; weights are wads and add up to 1."""
    fair = compute_fair_reserves(reserves, weights, pxs_q112)
    value = add(mul(fair[0], pxs_q112[0]), mul(fair[1], pxs_q112[1]))
    return div_down(value, total_supply)


def compute_fair_reserves(
    reserves: tuple[int, int], weights: tuple[int, int], pxs: tuple[int, int]
) -> tuple[int, int]:
    """
    Reserves that a weighted pool would have at the oracle's prices.

        r0 = resA / resB,  r1 = (wA pxB) / (wB pxA)
        fair A = resA (r1 / r0)^wB,   fair B = resB (r0 / r1)^wA

    The power is taken of the ratio below 1, since Balancer's is for bases from 0 to 2.
    """
    r0 = bdiv(reserves[0], reserves[1])
    r1 = bdiv(bmul(weights[0], pxs[1]), bmul(weights[1], pxs[0]))
    if r0 > r1:
        ratio = bdiv(r1, r0)
        return (
            bmul(reserves[0], bpow(ratio, weights[1])),
            bdiv(reserves[1], bpow(ratio, weights[0])),
        )
    ratio = bdiv(r0, r1)
    return (
        bdiv(reserves[0], bpow(ratio, weights[1])),
        bmul(reserves[1], bpow(ratio, weights[0])),
    )


def aggregate_px(pxs: tuple[int, ...], max_deviation_wad: int) -> int:
    """
    One price out of one to three sources.

    One is taken as it is; of two the mean, if they are close; of three the middle one if it is
    close to both others, else the mean of the close pair. Close means a ratio of at most
    `max_deviation_wad`. Raises `Revert`: none, or none that are close.
    """
    low_first = sorted(px for px in pxs if px > 0)
    if not low_first:
        raise revert_error("no valid source")
    if len(low_first) == 1:
        return low_first[0]
    if len(low_first) == 2:
        if not _close(low_first[0], low_first[1], max_deviation_wad):
            raise revert_error("too much deviation (2 valid sources)")
        return add(low_first[0], low_first[1]) // 2
    low, middle, high = low_first
    near_low = _close(low, middle, max_deviation_wad)
    near_high = _close(middle, high, max_deviation_wad)
    if near_low and near_high:
        return middle
    if near_low:
        return add(low, middle) // 2
    if near_high:
        return add(middle, high) // 2
    raise revert_error("too much deviation (3 valid sources)")


def _close(low: int, high: int, max_deviation_wad: int) -> bool:
    return div_down(mul(high, WAD), low) <= max_deviation_wad


# ---- Balancer's fixed-point numbers ---------------------------------------------------------


def bmul(a: int, b: int) -> int:
    """Product of two wads, half up."""
    return add(mul(a, b), BONE // 2) // BONE


def bdiv(a: int, b: int) -> int:
    """Quotient of two wads, half up. Raises `Revert` for a zero divisor."""
    if b == 0:
        raise revert_error("ERR_DIV_ZERO")
    return add(mul(a, BONE), b // 2) // b


def bpow(base: int, exponent: int) -> int:
    """A wad to the power of a wad: the whole part by squaring, the rest by the binomial series."""
    if base == 0:
        raise revert_error("ERR_BPOW_BASE_TOO_LOW")
    if base >= 2 * BONE:
        raise revert_error("ERR_BPOW_BASE_TOO_HIGH", base=base)
    whole = exponent // BONE * BONE
    power = _bpowi(base, whole // BONE)
    rest = sub(exponent, whole)
    return power if rest == 0 else bmul(power, _bpow_approx(base, rest))


def _bpowi(base: int, n: int) -> int:
    power = base if n % 2 else BONE
    while n := n // 2:
        base = bmul(base, base)
        if n % 2:
            power = bmul(power, base)
    return power


def _bpow_approx(base: int, exponent: int) -> int:
    x, x_negative = abs(base - BONE), base < BONE
    term = total = BONE
    negative = False
    i = 0
    while term >= BPOW_PRECISION:
        i += 1
        before = (i - 1) * BONE
        c, c_negative = abs(exponent - before), exponent < before
        term = bdiv(bmul(term, bmul(c, x)), i * BONE)
        if term == 0:
            break
        negative ^= x_negative ^ c_negative
        total = sub(total, term) if negative else add(total, term)
    return total
