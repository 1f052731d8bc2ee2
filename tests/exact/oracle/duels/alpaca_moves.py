"""
The calls of the duel over Alpaca: each with what ours does and the data of theirs.

Lenders come and go; farmers open, add, borrow more, close whole or in part, with and without
trading; anybody kills, reinvests, trades in the pool until the guard holds or the farm dies, or
leaves tokens with the pair; the oracle follows, or does not; the owner changes factors and takes
from the reserve. Some calls are not allowed.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from judge.abi import call, encode
from judge.chain import OWNER
from judge.duel import Move

from headframe.exact import alpaca
from headframe.exact import levered_vault_state as vaults
from headframe.exact import uniswap_v2 as v2
from headframe.exact import uniswap_v2_router as router
from headframe.exact.levered_bank import Position

from .alpaca_stage import USERS, configs_data, prices_data
from .stage import log_uniform

if TYPE_CHECKING:
    from .alpaca import AlpacaDuel

WAD = 10**18
HUGE = 1 << 200
ADDING = ("AddBaseTokenOnly", "AddTwoSidesOptimal")
CLOSING = ("Liquidate", "WithdrawMinimizeTrading")
PARTLY = ("PartialCloseLiquidate", "PartialCloseMinimizeTrading")


class Draws:
    """Draws of calls, from the state of a duel."""

    def __init__(self, duel: "AlpacaDuel") -> None:
        self.duel = duel
        self.stage = duel.stage
        self.following = True

    def draw(self, rng: random.Random) -> Move:
        """Draw a call; most of the time the oracle knows the pool's price before."""
        self.stage.let_time_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self.deposit: 7, self.withdraw: 7, self.open: 18, self.change: 14, self.close: 14,
            self.add_collateral: 7, self.kill: 14, self.reinvest: 4, self.trade: 10,
            self.leave_tokens: 1, self.price: 3, self.configure: 2, self.reserve: 2, self.read: 6,
        }  # fmt: skip
        drawn = rng.choices(list(kinds), list(kinds.values()))[0]
        if rng.random() < 0.85:
            self._follow(rng)
        if not self._open_ids() and drawn in (self.change, self.close, self.kill):
            drawn = self.open if rng.random() < 0.9 else drawn
        return drawn(rng)

    # ---- lenders ---------------------------------------------------------------------------

    def deposit(self, rng: random.Random, amount: int | None = None) -> Move:
        user = rng.choice(USERS if amount is None else USERS[:1])
        if amount is None:
            amount = rng.choice((0, 1, log_uniform(rng, 1, 10**24), log_uniform(rng, 1, 10**20)))

        def ours() -> bytes:
            alpaca.deposit(self.ours, user, amount, now_ts=self.now_ts)
            return b""

        return self._vault_move(f"deposit({amount})", ours, user, "deposit(uint256)", amount)

    def withdraw(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        held = self.ours.bank.balance_of.get(user, 0)
        share = rng.choice((held // 100, held // 3, rng.randint(0, held), held + 1, held))

        def ours() -> bytes:
            alpaca.withdraw(self.ours, user, share, now_ts=self.now_ts)
            return b""

        return self._vault_move(f"withdraw({share})", ours, user, "withdraw(uint256)", share)

    def reserve(self, rng: random.Random) -> Move:
        held = self.ours.bank.reserve_pool
        value = rng.choice((0, held, held // 2, held + 1))
        if rng.random() < 0.5:

            def ours() -> bytes:
                alpaca.reduce_reserve(self.ours, value)
                return b""

            return self._vault_move(
                f"reduce_reserve({value})", ours, OWNER, "reduceReserve(uint256)", value
            )

        def pay() -> bytes:
            alpaca.withdraw_reserve(self.ours, USERS[0], value)
            return b""

        return self._vault_move(
            f"withdraw_reserve({value})", pay, OWNER, "withdrawReserve(address,uint256)",
            USERS[0], value,
        )  # fmt: skip

    # ---- farmers ---------------------------------------------------------------------------

    def open(self, rng: random.Random) -> Move:
        user = rng.choice(USERS[:3] if rng.random() < 0.98 else USERS)
        base = router.reserves(self.duel.worker.pool, self.stage.base)[0]
        most = max(min(base // rng.choice((3, 100, 10_000)), 10**24), 2)
        principal = log_uniform(rng, max(most // 10_000, 1), most)
        loan = principal * rng.choice((0, 50, 100, 150, 180, 200, 230, 300)) // 100
        if rng.random() < 0.9:
            loan = min(loan, vaults.floating(self.ours))
        return self._work("open", rng, user, 0, principal, loan, rng.choice(ADDING))

    def change(self, rng: random.Random) -> Move:
        id_, position, debt = self._position(rng)
        principal = rng.choice((0, debt // 10, debt, log_uniform(rng, 1, 10**20)))
        loan = rng.choice((0, 0, debt // 20, debt // 2))
        return self._work("change", rng, position.owner, id_, principal, loan, rng.choice(ADDING))

    def close(self, rng: random.Random) -> Move:
        id_, position, debt = self._position(rng)
        principal = rng.choice((0, 0, 0, debt // 7))
        kind = rng.choice((*CLOSING, *CLOSING, *PARTLY))
        return self._work("close", rng, position.owner, id_, principal, 0, kind)

    def _work(
        self, label: str, rng: random.Random, user: str, id_: int, principal: int, loan: int,
        kind: str,
    ) -> Move:  # fmt: skip
        stage = self.stage
        strategy, worker = stage.strategies[kind], stage.worker
        if rng.random() < 0.02:
            user = rng.choice(USERS)
        if rng.random() < 0.01:
            strategy, id_ = rng.choice(((stage.chef, id_), (strategy, id_ + 1)))
        if rng.random() < 0.01:
            worker = stage.chef
        most_back = rng.choices((HUGE, 0, rng.randint(0, 10**20), loan), (12, 3, 2, 1))[0]
        said = self._said(rng, kind, id_)

        def ours() -> bytes:
            alpaca.work(
                self.ours, user, id_, worker, principal, loan, most_back, strategy, said,
                now_ts=self.now_ts, now_height=stage.now_height,
            )  # fmt: skip
            return b""

        return self._vault_move(
            f"{label}:{kind}({user}, {id_}, {principal}, {loan})", ours, user,
            "work(uint256,address,uint256,uint256,uint256,bytes)", id_, worker, principal, loan,
            most_back, encode(strategy, encode(*said)),
        )  # fmt: skip

    def _said(self, rng: random.Random, kind: str, id_: int) -> tuple[int, ...]:
        """What the owner tells the strategy: amounts, and the least he wants to see."""
        least = rng.choice((0, 0, 0, 0, 0, 0, 1, log_uniform(rng, 1, 10**20)))
        if kind == "AddTwoSidesOptimal":
            farm = router.reserves(self.duel.worker.pool, self.stage.farm)[0]
            some = log_uniform(rng, 1, max(farm // 10, 1))
            return rng.choice((0, some, some, log_uniform(rng, 1, 10**20))), least
        if kind in PARTLY:
            held = self.duel.worker.shares.get(id_, 0)
            shares = rng.choice((HUGE, held // 2, rng.randint(0, held), 0))
            debt = self._debt(self.ours.bank.positions.get(id_))
            repay = rng.choice((0, debt // 3, debt // 10, HUGE))
            return shares, repay, least
        return (least,)

    def add_collateral(self, rng: random.Random) -> Move:
        id_, position, debt = self._position(rng)
        user = position.owner if rng.random() < 0.95 else rng.choice(USERS)
        kind = rng.choices((*ADDING, "Liquidate"), (10, 6, 1))[0]
        amount, rogue = rng.choice((0, debt // 20, debt // 3, 10**18)), rng.random() < 0.5
        strategy, said = self.stage.strategies[kind], self._said(rng, kind, id_)

        def ours() -> bytes:
            alpaca.add_collateral(
                self.ours, user, id_, amount, rogue, strategy, said,
                now_ts=self.now_ts, now_height=self.stage.now_height,
            )  # fmt: skip
            return b""

        return self._vault_move(
            f"add_collateral({id_}, {amount})", ours, user,
            "addCollateral(uint256,uint256,bool,bytes)", id_, amount, rogue,
            encode(strategy, encode(*said)),
        )  # fmt: skip

    # ---- killers, keepers, traders ---------------------------------------------------------

    def kill(self, rng: random.Random) -> Move:
        id_, _, debt = self._position(rng)
        killer = rng.choice(USERS[:2] if rng.random() < 0.97 else USERS)
        if debt and rng.random() < 0.7:
            self._sink(rng, id_, debt)

        def ours() -> bytes:
            alpaca.kill(
                self.ours, killer, id_, now_ts=self.now_ts, now_height=self.stage.now_height
            )
            return b""

        return self._vault_move(f"kill({id_})", ours, killer, "kill(uint256)", id_)

    def _sink(self, rng: random.Random, id_: int, debt: int) -> None:
        """Others sell farming tokens until a position is near the kill factor, or beyond it."""
        factor = vaults.raw_kill_factor(self.ours, self.stage.worker)
        health, _ = alpaca.position_info(self.ours, id_)
        wanted = debt * 10_000 // max(factor, 1)
        if wanted >= health or wanted == 0:
            return
        # Health goes with the root of the price: reserves by the ratio make it about so.
        ratio = health * 1_000 // wanted + rng.randint(-5, 300)
        farm = router.reserves(self.duel.worker.pool, self.stage.farm)[0]
        amount = farm * (ratio - 1_000) // 1_000
        if 0 < amount < 10**30:
            self._swap(self.stage.farm, amount)
        if rng.random() < 0.9:
            self._follow(rng)

    def reinvest(self, rng: random.Random) -> Move:
        caller = rng.choice(USERS[:1] if rng.random() < 0.9 else USERS)

        def ours() -> bytes:
            alpaca.reinvest(
                self.ours, self.stage.worker, caller, now_ts=self.now_ts,
                now_height=self.stage.now_height,
            )  # fmt: skip
            return b""

        return self._move("reinvest()", ours, caller, self.stage.worker, call("reinvest()"))

    def trade(self, rng: random.Random) -> Move:
        token = rng.choice((self.stage.base, self.stage.farm))
        reserve = router.reserves(self.duel.worker.pool, token)[0]
        amount = log_uniform(rng, max(reserve // 10**6, 1), max(reserve // 4, 1))
        return self._swapping(token, amount)

    def _swapping(self, token: str, amount: int) -> Move:
        pool = self.duel.worker.pool

        def ours() -> bytes:
            out = router.swap_exact_tokens_for_tokens(
                self.ours.purse, (pool,), token, amount, OWNER, now_ts=self.now_ts
            )
            return encode([amount, out])

        path = [int(token, 16), int(str(router.other(pool, token)), 16)]
        data = call(
            "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)",
            amount, 0, path, OWNER, 1 << 64,
        )  # fmt: skip
        return self._move(f"trade({amount})", ours, OWNER, self.stage.router, data)

    def _swap(self, token: str, amount: int) -> None:
        move = self._swapping(token, amount)
        assert move.ours() == move.theirs().data

    def leave_tokens(self, rng: random.Random) -> Move:
        """Leave tokens with the pair, beyond its reserves; or have it take note of them."""
        pool, stage = self.duel.worker.pool, self.stage
        if rng.random() < 0.5:

            def sync() -> bytes:
                v2.sync(pool.pair, now_ts=self.now_ts)
                return b""

            return self._move("sync()", sync, OWNER, stage.lp, call("sync()"))
        token = rng.choice((stage.base, stage.farm))
        amount = router.reserves(pool, token)[0] * rng.choice((1, 9_999, 10_000, 20_000)) // 10**6

        def ours() -> bytes:
            router.give(self.ours.purse, token, OWNER, -amount)
            v2.send(pool.pair, *((amount, 0) if token == pool.token0 else (0, amount)))
            return encode(1)

        data = call("transfer(address,uint256)", stage.lp, amount)
        return self._move(f"leave({amount})", ours, OWNER, token, data)

    # ---- oracle, owner, reader -------------------------------------------------------------

    def price(self, rng: random.Random, off_bps: int | None = None) -> Move:
        """Report a price: the pool's, or one beside it."""
        pool = self.duel.worker.pool
        spot = pool.pair.reserve1 * WAD // pool.pair.reserve0
        if off_bps is None:
            off_bps = rng.choice((10_000, 10_000, 9_000, 11_000, rng.randint(5_000, 20_000)))
        price = max(spot * off_bps // 10_000, 1) % (1 << 192)

        def ours() -> bytes:
            self.ours.prices[pool.token0, pool.token1] = (price, self.now_ts)
            return b""

        data = prices_data(str(pool.token0), str(pool.token1), price)
        return self._move(f"price({price})", ours, OWNER, self.stage.oracle, data)

    def _follow(self, rng: random.Random) -> None:
        move = self.price(rng, 10_000 if rng.random() < 0.8 else None)
        move.ours()
        assert not move.theirs().failed

    def configure(self, rng: random.Random, *, usual: bool = False) -> Move:
        work, kill = rng.choice(((7_000, 8_333), (7_800, 9_000), (6_240, 8_000), (5_200, 7_000)))
        accept, diff = usual or rng.random() < 0.8, rng.choice((10_500, 11_000, 15_000))

        def ours() -> bytes:
            self.ours.configs[self.stage.worker] = alpaca.WorkerConfig(accept, work, kill, diff)
            return b""

        data = configs_data(self.stage.worker, accept, work, kill, diff)
        return self._move(f"configure({work})", ours, OWNER, self.stage.worker_config, data)

    def read(self, rng: random.Random) -> Move:
        id_, _, _ = self._position(rng)
        value = rng.choice((0, vaults.floating(self.ours) // 2))
        stage = self.stage
        reads: list[tuple[str, Callable[[], bytes], str, bytes]] = [
            ("total_token", lambda: encode(alpaca.total_token(self.ours)), stage.vault,
             call("totalToken()")),
            ("pending_interest",
             lambda: encode(alpaca.pending_interest(self.ours, value, now_ts=self.now_ts)),
             stage.vault, call("pendingInterest(uint256)", value)),
            ("position_info", lambda: encode(*alpaca.position_info(self.ours, id_)), stage.vault,
             call("positionInfo(uint256)", id_)),
            ("is_stable",
             lambda: encode(alpaca.is_stable(self.ours, stage.worker, now_ts=self.now_ts)),
             stage.worker_config, call("isStable(address)", stage.worker)),
            ("kill_factor",
             lambda: encode(alpaca.kill_factor(self.ours, stage.worker, now_ts=self.now_ts)),
             stage.worker_config, call("killFactor(address,uint256)", stage.worker, 0)),
        ]  # fmt: skip
        debt, floating = log_uniform(rng, 1, 10**26), log_uniform(rng, 1, 10**26)
        if rng.random() < 0.4:
            debt = floating * rng.randint(0, 30)
        reads.append(
            ("interest_rate", lambda: encode(self.ours.rate(debt, floating)), stage.model,
             call("getInterestRate(uint256,uint256)", debt, floating))
        )  # fmt: skip
        label, ours, to, data = rng.choice(reads)
        return self._move(f"{label}()", ours, USERS[0], to, data)

    # ---- what draws have in common ---------------------------------------------------------

    @property
    def ours(self) -> alpaca.Vault:
        return self.duel.ours

    @property
    def now_ts(self) -> int:
        return self.stage.now_ts

    def _open_ids(self) -> list[int]:
        return [i for i, p in self.ours.bank.positions.items() if p.debt_share]

    def _debt(self, position: Position | None) -> int:
        bank = self.ours.bank
        if position is None or bank.debt_share == 0:
            return 0
        return position.debt_share * bank.debt_val // bank.debt_share

    def _position(self, rng: random.Random) -> tuple[int, Position, int]:
        ids = self._open_ids()
        if not ids or rng.random() < 0.05:
            ids = [*self.ours.bank.positions, self.ours.bank.next_position_id]
        id_ = rng.choice(ids)
        position = self.ours.bank.positions.get(id_) or Position(self.stage.worker, USERS[0])
        return id_, position, self._debt(position)

    def _vault_move(
        self, label: str, ours: Callable[[], bytes], sender: str, signature: str,
        *arguments: int | str | bytes,
    ) -> Move:  # fmt: skip
        return self._move(label, ours, sender, self.stage.vault, call(signature, *arguments))

    def _move(
        self, label: str, ours: Callable[[], bytes], sender: str, to: str, data: bytes
    ) -> Move:
        return Move(
            label, ours, lambda: self.duel.chain.send(sender, to, data), self.duel.touched
        )  # fmt: skip
