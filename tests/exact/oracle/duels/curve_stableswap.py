"""
Curve's stableswap pool: random sequences on an independent implementation, curvesim's.

Not bytecode: two texts written from the same contract by different hands. Moves: trades, deposits,
withdrawals in proportion, in one coin, of given amounts, views, and time within a ramp of A.
Starts: two to four coins of 6 to 18 decimals, A from 1 to 5,000, any fee and share of fee.

Two kinds of move are drawn again. Curvesim checks nothing, so a move must be one that the pool
allows. And its searches have no last step, where the contract stops after 255: rounding makes them
go in circles in some pools far out of balance, which is why balances stay within a hundred to one
and a move whose searches do not settle is left out. `left_out` counts both.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from fractions import Fraction
from typing import Any, ClassVar

from judge.abi import WORD, encode
from judge.chain import Answer
from judge.curvesim_pool import pool_class
from judge.duel import Move, Storage, set_up

from headframe.errors import Revert
from headframe.exact import curve_stableswap as curve
from headframe.exact import curve_stableswap_math as math

from .stage import log_uniform

POOL = "pool"
RAMP_S = 7 * 86_400
MOST_LOPSIDED = 100
"""The largest balance over the smallest."""


class CurvesimChain:
    """What curvesim's pool holds, as words: balances, what was set aside, shares."""

    def __init__(self) -> None:
        self.pool: Any = None

    def storage(self, _contract: str) -> dict[int, int]:
        pool = self.pool
        return dict(enumerate([*pool.balances, *pool.admin_balances, pool.tokens]))

    def slot(self, contract: str, slot: int) -> int:
        return self.storage(contract)[slot]


class CurveStableswapDuel:
    """The pool's two texts."""

    name: ClassVar[str] = "curve_stableswap"
    judge: ClassVar[str] = "independent implementation: curvesim 0.5.0, CurvePool"
    left_out: ClassVar[Counter[str]] = Counter()

    def __init__(self, rng: random.Random) -> None:
        n = rng.choice((2, 2, 3, 4))
        decimals = [rng.choice((6, 8, 18, 18)) for _ in range(n)]
        a = log_uniform(rng, 1, 5_000)
        self.ramp = rng.random() < 0.5
        self.ours = curve.new_pool(
            decimals,
            a=a,
            fee=rng.choice((0, 4_000_000, 30_000_000, log_uniform(rng, 1, 10**9))),
            admin_fee=rng.choice((0, 5 * 10**9, 10**10, rng.randint(0, 10**10))),
            a_precision=1 if self.ramp else rng.choice((1, 100)),
        )
        self.begun = self.now_ts = 1_600_000_000
        self.a0 = self.a1 = a
        if self.ramp:
            self.a1 = rng.randint(max(a // 10 + 1, 1), min(a * 10, 10**6 - 1))
            curve.ramp_a(self.ours, self.a1, self.begun + RAMP_S, now_ts=self.begun)
        whole = log_uniform(rng, 10, 10**9)
        first = [10**d * whole // 100 * log_uniform(rng, 1, 100) for d in decimals]
        self.chain = CurvesimChain()
        set_up(self._move("first", lambda: self._first(first), lambda: self._their_first(first)))

    def _first(self, amounts: list[int]) -> int:
        return curve.add_liquidity(self.ours, amounts, now_ts=self.now_ts)

    def _their_first(self, amounts: list[int]) -> int:
        ours = self.ours
        self.chain.pool = pool_class()(
            self.a0, list(amounts), len(amounts), rates=list(ours.rates), fee=ours.fee,
            admin_fee=ours.admin_fee,
        )  # fmt: skip
        shares: int = self.chain.pool.tokens
        return shares

    def draw(self, rng: random.Random) -> Move:
        """Draw a move, after some time."""
        self.now_ts += rng.choice((0, 12, rng.randint(0, 20_000)))
        passed = Fraction(min(self.now_ts - self.begun, RAMP_S), RAMP_S)
        moved = (self.a1 - self.a0) * passed
        self.chain.pool.A = self.a0 + int(moved)
        for _ in range(200):
            move = self._any(rng)
            if self._playable(move):
                return move
        raise AssertionError("no move is left to play")

    def _any(self, rng: random.Random) -> Move:
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._exchange: 40,
            self._add: 15,
            self._remove: 8,
            self._remove_one: 12,
            self._remove_imbalance: 10,
            self._read: 15,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _playable(self, move: Move) -> bool:
        """Whether the pool allows a move and every search of it settles; tried on a copy."""
        kept, self.ours = self.ours, deepcopy(self.ours)
        try:
            with _settling():
                move.ours()
                curve.invariant(self.ours, now_ts=self.now_ts)
                curve.invariant(self.ours, now_ts=self.begun + RAMP_S)
            balances = curve.xp(self.ours)
            if max(balances) <= MOST_LOPSIDED * min(balances):
                return True
            self.left_out["out of balance"] += 1
        except UnsettledError:
            self.left_out["a search does not settle"] += 1
        except Revert:
            self.left_out["the pool refuses"] += 1
        finally:
            self.ours = kept
        return False

    def _exchange(self, rng: random.Random) -> Move:
        i, j = rng.sample(range(len(self.ours.balances)), 2)
        dx = self._amount(rng, i, Fraction(2))
        return self._move(
            f"exchange({i}, {j}, {dx})",
            lambda: curve.exchange(self.ours, i, j, dx, now_ts=self.now_ts)[0],
            lambda: self.chain.pool.exchange(i, j, dx)[0],
        )

    def _add(self, rng: random.Random) -> Move:
        n = len(self.ours.balances)
        some = rng.sample(range(n), rng.randint(1, n))
        amounts = [self._amount(rng, k, Fraction(1)) if k in some else 0 for k in range(n)]
        return self._move(
            f"add({amounts})",
            lambda: curve.add_liquidity(self.ours, amounts, now_ts=self.now_ts),
            lambda: self.chain.pool.add_liquidity(amounts),
        )

    def _remove(self, rng: random.Random) -> Move:
        shares = self._shares(rng)

        def theirs() -> list[int]:
            before = list(self.chain.pool.balances)
            self.chain.pool.remove_liquidity(shares)
            return [b - x for b, x in zip(before, self.chain.pool.balances, strict=True)]

        return self._move(
            f"remove({shares})", lambda: curve.remove_liquidity(self.ours, shares), theirs
        )

    def _remove_one(self, rng: random.Random) -> Move:
        shares, i = self._shares(rng), rng.randrange(len(self.ours.balances))
        return self._move(
            f"remove_one({shares}, {i})",
            lambda: curve.remove_liquidity_one_coin(self.ours, shares, i, now_ts=self.now_ts),
            lambda: list(self.chain.pool.remove_liquidity_one_coin(shares, i)),
        )

    def _remove_imbalance(self, rng: random.Random) -> Move:
        n = len(self.ours.balances)
        some = rng.sample(range(n), rng.randint(1, n))
        amounts = [self._amount(rng, k, Fraction(1, 4)) if k in some else 0 for k in range(n)]
        return self._move(
            f"remove_imbalance({amounts})",
            lambda: curve.remove_liquidity_imbalance(self.ours, amounts, now_ts=self.now_ts),
            lambda: self.chain.pool.remove_liquidity_imbalance(amounts)[0],
        )

    def _read(self, rng: random.Random) -> Move:
        now_ts, theirs = self.now_ts, self.chain.pool
        n, shares = len(self.ours.balances), self._shares(rng)
        amounts = [self._amount(rng, k, Fraction(1, 4)) for k in range(n)]
        i = rng.randrange(n)
        views: tuple[tuple[str, Callable[[], int], Callable[[], int]], ...] = (
            (
                "get_virtual_price()",
                lambda: curve.get_virtual_price(self.ours, now_ts=now_ts),
                theirs.get_virtual_price,
            ),
            ("D()", lambda: curve.invariant(self.ours, now_ts=now_ts), theirs.D),
            (
                f"calc_token_amount({amounts})",
                lambda: curve.calc_token_amount(self.ours, amounts, True, now_ts=now_ts),
                lambda: theirs.calc_token_amount(amounts),
            ),
            (
                f"calc_withdraw_one_coin({shares}, {i})",
                lambda: curve.calc_withdraw_one_coin(self.ours, shares, i, now_ts=now_ts),
                lambda: theirs.calc_withdraw_one_coin(shares, i)[0],
            ),
        )
        return self._move(*rng.choice(views))

    def _amount(self, rng: random.Random, coin: int, most: Fraction) -> int:
        limit = max(int(self.ours.balances[coin] * most), 2)
        return rng.choice((log_uniform(rng, 1, limit), rng.randint(1, limit)))

    def _shares(self, rng: random.Random) -> int:
        return log_uniform(
            rng, max(self.ours.total_supply // 10**9, 1), self.ours.total_supply // 5
        )

    def _move(self, label: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> Move:
        return Move(label, lambda: _told(ours()), lambda: Answer(_told(theirs())), self.everything)

    def everything(self) -> Storage:
        """All that the pool stores."""
        pool = self.ours
        words = [*pool.balances, *pool.admin_balances, pool.total_supply]
        return {POOL: {slot: value % WORD for slot, value in enumerate(words)}}


class UnsettledError(Exception):
    """A search was still moving when its steps were over."""


@contextmanager
def _settling() -> Iterator[None]:
    """Ask each search twice, with a step more: one that settled gives the same."""

    def asked(search: Callable[..., int]) -> Callable[..., int]:
        def twice(*arguments: Any) -> int:
            found = search(*arguments)
            math.MAX_STEPS += 1
            try:
                if search(*arguments) != found:
                    raise UnsettledError
            finally:
                math.MAX_STEPS -= 1
            return found

        return twice

    places = [(module, name) for module in (math, curve) for name in ("get_d", "get_y_d")]
    before = [getattr(*place) for place in places]
    try:
        for (module, name), search in zip(places, before, strict=True):
            setattr(module, name, asked(search))
        yield
    finally:
        for (module, name), search in zip(places, before, strict=True):
            setattr(module, name, search)


def _told(result: Any) -> bytes:
    """The bytes of a number, or of several."""
    return encode(*(result if isinstance(result, list | tuple) else [result]))
