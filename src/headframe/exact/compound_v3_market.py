"""
What Comet (Compound III) stores, and its arithmetic: one base asset, collateral that earns nothing.

A market lends one asset, its base. An account's base balance is one signed number: supply above
zero, debt below. It is kept as a *principal*, the balance of the market's beginning; two indices
turn it into what it is worth now. What an action changes is copied into a `Draft` and booked in one
go at its end, so that a `Revert` leaves everything as it was.

Source: Compound III documentation (docs.compound.finance) and formula notes. The contract,
compound-finance/comet (BUSL-1.1), stayed closed. Judge: published numbers of its own tests and
invariants; no package with its code or its sources was found, so no bytecode has judged this file.
Assumptions: tokens are plain ERC-20, whoever pays has the money and has allowed it; prices have
eight decimals and are arguments.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from headframe.exact.checked_math import add, div_down, mul, sub
from headframe.exact.compound_v3_errors import (
    refuse,
    safe64,
    safe104,
    signed104,
    signed256,
)
from headframe.exact.fixed import PANIC_ARITHMETIC, WAD, div_trunc, revert_panic

BASE_INDEX_SCALE = 10**15
"""One in the indices."""
SECONDS_PER_YEAR = 31_536_000
"""A year of the rates."""
BASE_ACCRUAL_SCALE = 10**6
"""One in the rewards that an account has accrued."""
MAX_ASSETS = 15
"""Most kinds of collateral of the deployed version of 2022."""
Prices = Mapping[Hashable, int]
"""What the feeds answer, eight decimals, by token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetConfig:
    """One collateral: its unit, three factors and how much of it may be supplied."""

    asset: Hashable
    scale: int
    borrow_collateral_factor_wad: int
    liquidate_collateral_factor_wad: int
    liquidation_factor_wad: int
    supply_cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Rates of one side a year, as wads: straight up to the kink, straight and steeper beyond."""

    kink_wad: int
    base_per_year_wad: int
    slope_low_per_year_wad: int
    slope_high_per_year_wad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """
    What governance sets. Checked when it is made.

    Raises `Revert`: a discount above one, no least amount for rewards, too many assets, a borrow
    factor not below the liquidation's, or that one above one.
    """

    base_token: Hashable
    base_scale: int
    supply: Curve
    borrow: Curve
    store_front_price_factor_wad: int
    base_borrow_min: int
    target_reserves: int
    assets: tuple[AssetConfig, ...]
    tracking_index_scale: int = 10**15
    base_tracking_supply_speed: int = 0
    base_tracking_borrow_speed: int = 0
    base_min_for_rewards: int = 1

    def __post_init__(self) -> None:
        if self.store_front_price_factor_wad > WAD:
            raise refuse("BadDiscount", factor_wad=self.store_front_price_factor_wad)
        if len(self.assets) > MAX_ASSETS:
            raise refuse("TooManyAssets", number=len(self.assets))
        if self.base_min_for_rewards == 0:
            raise refuse("BadMinimum")
        for info in self.assets:
            if info.borrow_collateral_factor_wad >= info.liquidate_collateral_factor_wad:
                raise refuse("BorrowCFTooLarge")
            if info.liquidate_collateral_factor_wad > WAD:
                raise refuse("LiquidateCFTooLarge")

    def asset_info(self, asset: Hashable) -> AssetConfig:
        """Terms of a collateral. Raises `Revert("BadAsset")` for any other token."""
        for info in self.assets:
            if info.asset == asset:
                return info
        raise refuse("BadAsset")


@dataclass(slots=True)
class Totals:
    """Both indices, the reward's indices, both sums of principals, and the last accrual."""

    base_supply_index: int = BASE_INDEX_SCALE
    base_borrow_index: int = BASE_INDEX_SCALE
    tracking_supply_index: int = 0
    tracking_borrow_index: int = 0
    total_supply_base: int = 0
    total_borrow_base: int = 0
    last_accrual_time: int = 0


@dataclass(slots=True)
class UserBasic:
    """An account's principal (below zero: debt), and where its rewards stand."""

    principal: int = 0
    base_tracking_index: int = 0
    base_tracking_accrued: int = 0


@dataclass(slots=True)
class Comet:
    """Everything that one market stores, and the tokens that it holds."""

    config: Configuration
    governor: Hashable
    pause_guardian: Hashable | None = None
    totals: Totals = field(default_factory=Totals)
    users: dict[Hashable, UserBasic] = field(default_factory=dict)
    collateral: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)
    totals_collateral: dict[Hashable, int] = field(default_factory=dict)
    allowed: set[tuple[Hashable, Hashable]] = field(default_factory=set)
    paused: frozenset[str] = frozenset()
    balances: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """A market and the accounts that a call touches, copied, to be booked together or not."""

    comet: Comet
    totals: Totals
    users: dict[Hashable, UserBasic] = field(default_factory=dict)
    collateral: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)
    totals_collateral: dict[Hashable, int] = field(default_factory=dict)
    balances: dict[Hashable, int] = field(default_factory=dict)

    @property
    def config(self) -> Configuration:
        """The market's terms."""
        return self.comet.config

    def user(self, account: Hashable) -> UserBasic:
        """The draft of an account."""
        if account not in self.users:
            self.users[account] = replace(self.comet.users.get(account, UserBasic()))
        return self.users[account]

    def held(self, account: Hashable, asset: Hashable) -> int:
        """Collateral of an account as drafted."""
        key = (account, asset)
        return self.collateral.get(key, self.comet.collateral.get(key, 0))

    def total(self, asset: Hashable) -> int:
        """All collateral of a kind as drafted."""
        return self.totals_collateral.get(asset, self.comet.totals_collateral.get(asset, 0))

    def balance(self, token: Hashable) -> int:
        """What the market holds of a token as drafted."""
        return self.balances.get(token, self.comet.balances.get(token, 0))

    def take_in(self, token: Hashable, amount: int) -> None:
        """Receive tokens from a caller who has them."""
        self.balances[token] = self.balance(token) + amount

    def pay_out(self, token: Hashable, amount: int) -> None:
        """Pay tokens. Raises `Revert("TransferOutFailed")` where the market lacks them."""
        if amount > self.balance(token):
            raise refuse("TransferOutFailed", amount=amount, held=self.balance(token))
        self.balances[token] = self.balance(token) - amount

    def book(self) -> None:
        """Make the draft true."""
        self.comet.totals = self.totals
        self.comet.users |= self.users
        self.comet.collateral |= self.collateral
        self.comet.totals_collateral |= self.totals_collateral
        self.comet.balances |= self.balances


def drafted(comet: Comet) -> Draft:
    """Begin a call."""
    return Draft(comet, replace(comet.totals))


# ---- fixed point ---------------------------------------------------------------------------


def mul_factor_down(n: int, factor_wad: int) -> int:
    """A number times a wad, rounded down."""
    return mul(n, factor_wad) // WAD


def mul_price_down(n: int, price: int, from_scale: int) -> int:
    """Value of a quantity at a price, rounded down, in the price's decimals."""
    return div_down(mul(n, price), from_scale)


def div_price_down(n: int, price: int, to_scale: int) -> int:
    """Quantity that a value buys at a price, rounded down."""
    return div_down(mul(n, to_scale), price)


def present_value(totals: Totals, principal: int) -> int:
    """
    Balance of a principal now, rounded towards zero: against lenders, and in borrowers' favour.

        principal * index / 1e15,   the supply's index above zero, the debt's below
    """
    index = totals.base_supply_index if principal >= 0 else totals.base_borrow_index
    return signed256(mul(abs(principal), index) // BASE_INDEX_SCALE) * (1 if principal >= 0 else -1)


def principal_value(totals: Totals, balance: int) -> int:
    """
    Principal of a balance, rounded down: a supply is a little less, a debt a little more.

    Raises `Revert`: beyond 104 bits (`InvalidUInt104`, `InvalidInt104`).
    """
    if balance >= 0:
        scaled = mul(balance, BASE_INDEX_SCALE) // totals.base_supply_index
        return signed104(safe104(scaled))
    index = totals.base_borrow_index
    scaled = add(mul(-balance, BASE_INDEX_SCALE), index - 1) // index
    return -signed104(safe104(scaled))


def price_of(prices: Prices, asset: Hashable) -> int:
    """What a feed says. Raises `Revert("BadPrice")` for nothing, zero or less."""
    price = prices.get(asset, 0)
    if price <= 0:
        raise refuse("BadPrice", price=price)
    return price


# ---- rates and accrual ---------------------------------------------------------------------


def rate_per_s(curve: Curve, utilization_wad: int) -> int:
    """
    Rate of one side, a second, as a wad of 64 bits.

        base + low * min(u, kink) + high * max(u - kink, 0)

    Yearly numbers are divided by the seconds of a year first, each rounded down; so is each
    product. Utilisation may exceed one. Raises `Revert("InvalidUInt64")`.
    """
    base = curve.base_per_year_wad // SECONDS_PER_YEAR
    low = curve.slope_low_per_year_wad // SECONDS_PER_YEAR
    high = curve.slope_high_per_year_wad // SECONDS_PER_YEAR
    below = min(utilization_wad, curve.kink_wad)
    rate = add(base, mul_factor_down(low, below))
    if utilization_wad > curve.kink_wad:
        rate = add(rate, mul_factor_down(high, utilization_wad - curve.kink_wad))
    return safe64(rate)


def utilization_of(totals: Totals) -> int:
    """Debt over supply at their present values, as a wad rounded down; 0 where none supplied."""
    supplied = present_value(totals, totals.total_supply_base)
    borrowed = -present_value(totals, -totals.total_borrow_base)
    return 0 if supplied == 0 else mul(borrowed, WAD) // supplied


def indices_at(comet: Comet, totals: Totals, now_ts: int) -> tuple[int, int]:
    """
    Both indices at a time: index + index * rate * seconds / 1e18, a line between two accruals.

    Raises `Revert`: a time before the last accrual, or one beyond 40 bits (`TimestampTooLarge`).
    """
    if now_ts >= 1 << 40:
        raise refuse("TimestampTooLarge", now_ts=now_ts)
    elapsed_s = sub(now_ts, totals.last_accrual_time)
    grown = []
    for curve, index in (
        (comet.config.supply, totals.base_supply_index),
        (comet.config.borrow, totals.base_borrow_index),
    ):
        more = 0
        if elapsed_s > 0:
            rate = rate_per_s(curve, utilization_of(totals))
            more = safe64(mul_factor_down(index, mul(rate, elapsed_s)))
        grown.append(_add64(index, more))
    return grown[0], grown[1]


def accrue(draft: Draft, now_ts: int) -> None:
    """
    Bring a drafted market up to date: interest indices, then the rewards' indices.

        tracking += speed * seconds * base unit / total principal,  if that is enough for rewards
    """
    totals, config = draft.totals, draft.config
    supply_index, borrow_index = indices_at(draft.comet, totals, now_ts)
    elapsed_s = now_ts - totals.last_accrual_time
    if elapsed_s == 0:
        return
    totals.base_supply_index, totals.base_borrow_index = supply_index, borrow_index
    if totals.total_supply_base >= config.base_min_for_rewards:
        earned = mul(mul(config.base_tracking_supply_speed, elapsed_s), config.base_scale)
        more = safe64(earned // totals.total_supply_base)
        totals.tracking_supply_index = _add64(totals.tracking_supply_index, more)
    if totals.total_borrow_base >= config.base_min_for_rewards:
        earned = mul(mul(config.base_tracking_borrow_speed, elapsed_s), config.base_scale)
        more = safe64(earned // totals.total_borrow_base)
        totals.tracking_borrow_index = _add64(totals.tracking_borrow_index, more)
    totals.last_accrual_time = now_ts


def move_principal(draft: Draft, account: Hashable, principal: int) -> None:
    """Give an account another principal, its rewards so far booked on the side that it leaves."""
    totals, user, config = draft.totals, draft.user(account), draft.config
    lends = user.principal >= 0
    index = totals.tracking_supply_index if lends else totals.tracking_borrow_index
    earned = mul(abs(user.principal), index - user.base_tracking_index)
    earned = div_down(earned, config.tracking_index_scale)
    earned = div_down(earned, config.base_scale // BASE_ACCRUAL_SCALE)
    user.base_tracking_accrued = _add64(user.base_tracking_accrued, safe64(earned))
    user.principal = principal
    user.base_tracking_index = (
        totals.tracking_supply_index if principal >= 0 else totals.tracking_borrow_index
    )


def _add64(a: int, b: int) -> int:
    if a + b >= 1 << 64:
        raise revert_panic(PANIC_ARITHMETIC, a=a, b=b)
    return a + b


# ---- health --------------------------------------------------------------------------------


def liquidity(draft: Draft, account: Hashable, prices: Prices, *, to_borrow: bool) -> int:
    """
    Collateral times its factor less the debt, in the price's decimals; feeds are asked in order.

    The debt's value is rounded towards zero. As in the contract no further feed is asked once the
    sum is not negative: a missing price of a collateral that is not needed does no harm.
    """
    config, owed = draft.config, present_value(draft.totals, draft.user(account).principal)
    if owed >= 0:
        return owed
    price = signed256(price_of(prices, config.base_token))
    room = div_trunc(owed * price, config.base_scale)
    for info in config.assets:
        held = draft.held(account, info.asset)
        if held == 0:
            continue
        if room >= 0:
            return room
        value = mul_price_down(held, price_of(prices, info.asset), info.scale)
        factor = (
            info.borrow_collateral_factor_wad if to_borrow else info.liquidate_collateral_factor_wad
        )
        room += signed256(mul_factor_down(value, factor))
    return room


def quote(config: Configuration, prices: Prices, asset: Hashable, base_amount: int) -> int:
    """
    Collateral that the storefront gives for base, rounded down.

        base * price of base / (price * (1 - front * (1 - liquidation factor)))

    Raises `Revert`: no such collateral, or a bad price.
    """
    info = config.asset_info(asset)
    price = price_of(prices, asset)
    left_wad = sub(WAD, info.liquidation_factor_wad)
    discount_wad = mul_factor_down(config.store_front_price_factor_wad, left_wad)
    discounted = mul_factor_down(price, sub(WAD, discount_wad))
    base_price = price_of(prices, config.base_token)
    worth = mul(mul(base_price, base_amount), info.scale)
    return div_down(div_down(worth, discounted), config.base_scale)
