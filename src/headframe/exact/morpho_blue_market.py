"""
What Morpho Blue stores, and how a market's interest accrues.

One contract holds all markets. A market is five fixed things: a loan token, a collateral token, an
oracle, an interest model and a limit; whoever likes opens one. What an action changes is copied
into a `Draft` and booked in one go at its end, so that a `Revert` leaves everything as it was.

Contract: npm @morpho-org/morpho-blue 1.0.0 (BUSL-1.1), the compiled form of which judges this file;
written from formula notes and that behaviour, the source closed. Paper: "Morpho Blue Whitepaper"
(Morpho Labs, 2023).
Assumptions: tokens are plain ERC-20 (what is sent arrives), and interest models return, as the
adaptive curve does, one rate from the market and one word that they keep for it.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from headframe.exact.checked_math import add, sub
from headframe.exact.fixed import (
    MAX_UINT128,
    PANIC_ARITHMETIC,
    revert_error,
    revert_panic,
)
from headframe.exact.morpho_blue_math import (
    is_healthy,
    to_shares_down,
    to_uint128,
    w_mul_down,
    w_taylor_compounded,
    zero_floor_sub,
)


@dataclass(slots=True)
class Market:
    """Both pots of a market, in the smallest unit and in shares, its fee and its last update."""

    total_supply_assets: int = 0
    total_supply_shares: int = 0
    total_borrow_assets: int = 0
    total_borrow_shares: int = 0
    last_update: int = 0
    fee_wad: int = 0


Irm = Callable[[Market, int, int], tuple[int, int]]
"""
An interest model: the borrow rate per second as a wad, from the market as of its last update, the
word that the model keeps for it, and the time; with it the word to keep from now on.
"""

Callback = Callable[[], None]
"""What the caller does within a call, before he pays: calls of this or other contracts."""


@dataclass(frozen=True, slots=True)
class MarketParams:
    """What makes a market the market it is. Without an interest model nothing accrues."""

    loan_token: Hashable
    collateral_token: Hashable
    oracle: Hashable
    irm: Irm | None
    lltv_wad: int


@dataclass(slots=True)
class Position:
    """What one user has in one market: two kinds of shares, and collateral in its smallest unit."""

    supply_shares: int = 0
    borrow_shares: int = 0
    collateral: int = 0


@dataclass(slots=True)
class Morpho:
    """
    Everything that the contract stores, and the tokens it holds.

    `None` stands for the zero address. `balances` are what the contract holds of each token,
    `irm_words` what interest models keep for each market.
    """

    owner: Hashable
    fee_recipient: Hashable | None = None
    markets: dict[MarketParams, Market] = field(default_factory=dict)
    positions: dict[tuple[MarketParams, Hashable], Position] = field(default_factory=dict)
    enabled_irms: set[Irm | None] = field(default_factory=set)
    enabled_lltvs: set[int] = field(default_factory=set)
    authorized: set[tuple[Hashable, Hashable]] = field(default_factory=set)
    nonces: dict[Hashable, int] = field(default_factory=dict)
    balances: dict[Hashable, int] = field(default_factory=dict)
    irm_words: dict[MarketParams, int] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """One market and positions in it, copied to be changed and booked together, or not at all."""

    morpho: Morpho
    params: MarketParams
    market: Market
    irm_word: int
    positions: dict[Hashable, Position] = field(default_factory=dict)

    def position(self, user: Hashable) -> Position:
        """The draft of a user's position."""
        if user not in self.positions:
            held = self.morpho.positions.get((self.params, user), Position())
            self.positions[user] = replace(held)
        return self.positions[user]

    def book(self) -> None:
        """Make the draft true."""
        self.morpho.markets[self.params] = self.market
        self.morpho.irm_words[self.params] = self.irm_word
        for user, position in self.positions.items():
            self.morpho.positions[self.params, user] = position


def copied(morpho: Morpho) -> Morpho:
    """A copy of everything, to return to if a call fails after its callback."""
    return replace(
        morpho,
        markets={params: replace(market) for params, market in morpho.markets.items()},
        positions={key: replace(position) for key, position in morpho.positions.items()},
        enabled_irms=set(morpho.enabled_irms),
        enabled_lltvs=set(morpho.enabled_lltvs),
        authorized=set(morpho.authorized),
        nonces=dict(morpho.nonces),
        balances=dict(morpho.balances),
        irm_words=dict(morpho.irm_words),
    )


def restore(morpho: Morpho, before: Morpho) -> None:
    """Make everything again as it was in a copy."""
    for name in Morpho.__slots__:
        setattr(morpho, name, getattr(before, name))


def created(morpho: Morpho, params: MarketParams) -> Draft:
    """Draft of a market as it stands. Raises `Revert("market not created")`."""
    if params not in morpho.markets:
        raise revert_error("market not created")
    market = replace(morpho.markets[params])
    return Draft(morpho, params, market, morpho.irm_words.get(params, 0))


def accrue(draft: Draft, *, now_ts: int) -> None:
    """
    Let a drafted market's interest accrue: the debt and the supply grow by the same.

        interest = floor(borrowed * (e^(rate dt) - 1)),   the series of three terms
        fee      = floor(interest * fee), paid in shares: floor(fee * shares / (supply - fee))

    The suppliers' price of a share falls to no one's gain when the fee's shares are rounded down.
    Source: Morpho._accrueInterest. Raises `Revert`: a time before the last update, or what does
    not fit.
    """
    market, params = draft.market, draft.params
    elapsed_s = sub(now_ts, market.last_update)
    if elapsed_s == 0:
        return
    if params.irm is not None:
        rate_wad, draft.irm_word = params.irm(market, draft.irm_word, now_ts)
        grown = w_taylor_compounded(rate_wad, elapsed_s)
        interest = w_mul_down(market.total_borrow_assets, grown)
        market.total_borrow_assets = add128(market.total_borrow_assets, to_uint128(interest))
        market.total_supply_assets = add128(market.total_supply_assets, to_uint128(interest))
        if market.fee_wad != 0:
            _pay_fee(draft, w_mul_down(interest, market.fee_wad))
    market.last_update = now_ts


def add128(a: int, b: int) -> int:
    """Sum of two words of 128 bits. Raises `Revert` (panic 0x11) beyond 128 bits."""
    if a + b > MAX_UINT128:
        raise revert_panic(PANIC_ARITHMETIC, a=a, b=b)
    return a + b


def take_in(morpho: Morpho, token: Hashable, amount: int) -> None:
    """Receive tokens from the caller, who is taken to have them."""
    morpho.balances[token] = morpho.balances.get(token, 0) + amount


def pay_out(morpho: Morpho, token: Hashable, amount: int) -> None:
    """Pay tokens that `check_payable` has found there."""
    morpho.balances[token] = morpho.balances.get(token, 0) - amount


def check_payable(morpho: Morpho, token: Hashable, amount: int) -> None:
    """Raise `Revert("transfer reverted")` where the contract does not hold so much of a token."""
    held = morpho.balances.get(token, 0)
    if amount > held:
        raise revert_error("transfer reverted", amount=amount, held=held)


def _pay_fee(draft: Draft, fee: int) -> None:
    market, recipient = draft.market, draft.position(draft.morpho.fee_recipient)
    rest = sub(market.total_supply_assets, fee)
    shares = to_shares_down(fee, rest, market.total_supply_shares)
    recipient.supply_shares = add(recipient.supply_shares, shares)
    market.total_supply_shares = add128(market.total_supply_shares, to_uint128(shares))


# ---- what calls have in common -------------------------------------------------------------


def check_amounts(assets: int, shares: int) -> None:
    """Raise `Revert("inconsistent input")` unless one of assets and shares was given."""
    if (assets == 0) == (shares == 0):
        raise revert_error("inconsistent input", assets=assets, shares=shares)


def check_some(assets: int) -> None:
    """Raise `Revert("zero assets")` for nothing."""
    if assets == 0:
        raise revert_error("zero assets")


def check_named(user: Hashable | None) -> None:
    """Raise `Revert("zero address")` where nobody is named."""
    if user is None:
        raise revert_error("zero address")


def check_authorized(morpho: Morpho, sender: Hashable, on_behalf: Hashable) -> None:
    """Raise `Revert("unauthorized")` unless one acts for oneself or was allowed to."""
    if sender != on_behalf and (on_behalf, sender) not in morpho.authorized:
        raise revert_error("unauthorized")


def check_liquidity(market: Market) -> None:
    """Raise `Revert("insufficient liquidity")` where more is lent than supplied."""
    if market.total_borrow_assets > market.total_supply_assets:
        raise revert_error(
            "insufficient liquidity",
            supplied=market.total_supply_assets,
            borrowed=market.total_borrow_assets,
        )


def check_collateral(draft: Draft, position: Position, price_e36: int) -> None:
    """Raise `Revert("insufficient collateral")` for a debt beyond its limit."""
    if not within_limit(draft, position, price_e36):
        raise revert_error("insufficient collateral", collateral=position.collateral)


def within_limit(draft: Draft, position: Position, price_e36: int) -> bool:
    """Say whether a drafted debt is within its limit."""
    return is_healthy(
        position.collateral,
        position.borrow_shares,
        price_e36=price_e36,
        lltv_wad=draft.params.lltv_wad,
        total_borrow_assets=draft.market.total_borrow_assets,
        total_borrow_shares=draft.market.total_borrow_shares,
    )


def pay_back(market: Market, assets: int, shares: int) -> None:
    """Take a repayment off the pot of debts."""
    market.total_borrow_shares = sub(market.total_borrow_shares, to_uint128(shares))
    # Rounded up, the last payment may exceed the pot by a unit: the contract keeps it.
    market.total_borrow_assets = zero_floor_sub(market.total_borrow_assets, assets)


def settle(
    draft: Draft,
    callback: Callback | None,
    *,
    taken: tuple[Hashable, int],
    paid: tuple[Hashable, int] | None = None,
) -> None:
    """Book, pay the caller, let him act, and take in what he owes; all of it or nothing."""
    morpho = draft.morpho
    before = None if callback is None else copied(morpho)
    draft.book()
    if paid is not None:
        pay_out(morpho, *paid)
    if callback is not None and before is not None:
        call_back(morpho, callback, before)
    take_in(morpho, *taken)


def call_back(morpho: Morpho, callback: Callback, before: Morpho) -> None:
    """Let the caller act; where he fails, nothing has happened."""
    try:
        callback()
    except BaseException:
        restore(morpho, before)
        raise
