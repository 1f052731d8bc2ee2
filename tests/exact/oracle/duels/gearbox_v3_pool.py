"""
Gearbox v3's pool with its quota keeper, its gauge and its curves: random sequences on all four.

Moves: every call of lenders and credit managers on the pool, quotas bought, given back and removed,
votes on their rates, epochs, new curves, limits and fees, and what views answer.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import Argument, call, encode
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.exact import gearbox_v3_pool as gp
from headframe.exact import gearbox_v3_quotas as gq
from headframe.exact import gearbox_v3_rates as gr

from .gearbox_v3_stage import ACCOUNTS, TREASURY, USERS, GearboxStage
from .stage import log_uniform

ZERO = "0x" + "00" * 20
FULL = (1 << 256) - 1


class GearboxV3PoolDuel:
    """The pool's two texts, and those of what surrounds it."""

    name: ClassVar[str] = "gearbox_v3_pool"
    judge: ClassVar[str] = (
        "official source, compiled by us: @gearbox-protocol/core-v3 1.52.1, "
        "PoolV3, PoolQuotaKeeperV3, GaugeV3, LinearInterestRateModelV3"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = GearboxStage(rng)
        self.stage.admitted = []
        self.chain = self.stage.chain
        for manager in self.stage.managers:
            set_up(self._manager_limit(rng, manager))
            self.chain.must(OWNER, self.stage.keeper, "addCreditManager(address)", manager)
            self.stage.admitted.append(manager)
        for token in self.stage.tokens[:2]:
            set_up(self._add_token(rng, token))
            set_up(self._token_limit(rng, token))
        for _ in range(rng.randint(0, 6)):
            for draw in (self.deposit, self.lend, self.new_epoch):
                set_up(draw(rng))

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        spans = (0, 1, 12, 3_600, 86_400, 30 * 86_400, 10**8)
        self.stage.now_ts += rng.randint(0, rng.choices(spans, (60, 20, 20, 20, 20, 10, 1))[0])
        self.chain.at(self.stage.now_ts)
        kinds = list(WEIGHTS)
        return rng.choices(kinds, [WEIGHTS[k] for k in kinds])[0](self, rng)

    def everything(self) -> Storage:
        """All words of the contracts."""
        return self.stage.storage()

    @property
    def now(self) -> int:
        return self.stage.now_ts

    def _move(
        self,
        caller: str,
        target: str,
        ours: Callable[[], bytes],
        signature: str,
        *arguments: Argument,
    ) -> Move:
        data = call(signature, *arguments)

        def theirs() -> Answer:
            if caller in (OWNER, *USERS):
                return self.chain.send(caller, target, data)
            return self.stage.act(caller, target, data)

        label = f"{signature.split('(')[0]}({', '.join(map(str, arguments))})"
        return Move(label, ours, theirs, self.stage.touched)

    # ---- lenders ---------------------------------------------------------------------------

    def deposit(self, rng: random.Random) -> Move:
        assets, user, receiver = amount(rng), rng.choice(USERS), self._receiver(rng)
        return self._move(user, self.stage.pool, lambda: encode(gp.deposit(
            self.stage.ours, receiver=receiver, assets=assets, now_ts=self.now,
        )), "deposit(uint256,address)", assets, receiver or ZERO)  # fmt: skip

    def mint(self, rng: random.Random) -> Move:
        shares, user, receiver = amount(rng), rng.choice(USERS), self._receiver(rng)
        return self._move(user, self.stage.pool, lambda: encode(gp.mint(
            self.stage.ours, receiver=receiver, shares=shares, now_ts=self.now,
        )), "mint(uint256,address)", shares, receiver or ZERO)  # fmt: skip

    def withdraw(self, rng: random.Random) -> Move:
        sender, owner, held = self._owner(rng)
        pool = self.stage.ours
        worth = gp.convert_to_assets_down(pool, held, now_ts=self.now) if held < 1 << 200 else held
        kept = worth * (10_000 - pool.withdraw_fee_bps) // 10_000
        assets = rng.choice((kept, kept, rng.randint(0, worth), worth, kept + 1))
        assets = min(assets, max(pool.available_liquidity + rng.choice((0, 0, 1)), 0))
        receiver = self._receiver(rng)
        return self._move(sender, self.stage.pool, lambda: encode(gp.withdraw(
            pool, sender=sender, owner=owner, receiver=receiver, assets=assets, now_ts=self.now,
        )), "withdraw(uint256,address,address)", assets, receiver or ZERO, owner)  # fmt: skip

    def redeem(self, rng: random.Random) -> Move:
        sender, owner, held = self._owner(rng)
        shares = rng.choice((held, rng.randint(0, held), rng.randint(0, held), held + 1))
        receiver = self._receiver(rng)
        return self._move(sender, self.stage.pool, lambda: encode(gp.redeem(
            self.stage.ours, sender=sender, owner=owner, receiver=receiver, shares=shares,
            now_ts=self.now,
        )), "redeem(uint256,address,address)", shares, receiver or ZERO, owner)  # fmt: skip

    def approve(self, rng: random.Random) -> Move:
        owner, spender = rng.sample(USERS, 2)
        shares = rng.choice((0, amount(rng), FULL))

        def ours() -> bytes:
            gp.approve(self.stage.ours, owner=owner, spender=spender, shares=shares)
            return encode(1)

        words = (spender, shares)
        return self._move(owner, self.stage.pool, ours, "approve(address,uint256)", *words)

    def _owner(self, rng: random.Random) -> tuple[str, str, int]:
        held = {str(who): n for who, n in self.stage.ours.shares.items() if n and who != TREASURY}
        owner = rng.choice(list(held) or USERS)
        sender = owner if rng.random() < 0.85 else rng.choice(USERS)
        return sender, owner, held.get(owner, 0)

    def _receiver(self, rng: random.Random) -> str | None:
        return rng.choice(USERS) if rng.random() < 0.98 else None

    # ---- credit managers -------------------------------------------------------------------

    def lend(self, rng: random.Random) -> Move:
        manager, pool = self._manager(rng), self.stage.ours
        free = gp.credit_manager_borrowable(pool, manager, now_ts=self.now)
        free = min(free, max(pool.available_liquidity, 0))
        lent = rng.choice((free, rng.randint(0, free), rng.randint(0, free) >> 4, free + 1))

        def ours() -> bytes:
            gp.lend_credit_account(pool, manager=manager, amount=lent, now_ts=self.now)
            return b""

        words = (lent, rng.choice(ACCOUNTS))
        signature = "lendCreditAccount(uint256,address)"
        return self._move(manager, self.stage.pool, ours, signature, *words)

    def repay(self, rng: random.Random) -> Move:
        manager, pool = self._manager(rng), self.stage.ours
        owed = pool.managers.get(manager, gp.DebtParams()).borrowed
        repaid = rng.choice((owed, rng.randint(0, owed), rng.randint(0, owed) >> 3))
        repaid += rng.choices((0, 1), (30, 1))[0]
        profit = rng.choice((0, 0, 1, repaid // 50, repaid // 3))
        held = gp.convert_to_assets_down(pool, pool.shares.get(TREASURY, 0), now_ts=self.now)
        loss = rng.choice((0, 0, 1, repaid // 40, min(held, repaid), min(held + 1, repaid)))
        arrived = max(repaid + repaid // 100 + profit - loss, 0)

        def ours() -> bytes:
            pool.available_liquidity += arrived
            gp.repay_credit_account(
                pool, manager=manager, repaid=repaid, profit=profit, loss=loss, now_ts=self.now
            )
            return b""

        signature = "repayCreditAccount(uint256,uint256,uint256)"
        move = self._move(manager, self.stage.pool, ours, signature, repaid, profit, loss)

        def theirs() -> Answer:
            transfer = "transfer(address,uint256)"
            self.chain.must(OWNER, self.stage.underlying, transfer, self.stage.pool, arrived)
            return move.theirs()

        return Move(move.label, ours, theirs, move.touched)

    def _manager(self, rng: random.Random) -> str:
        return rng.choice(self.stage.managers)

    # ---- quotas ----------------------------------------------------------------------------

    def quota(self, rng: random.Random) -> Move:
        account, token = rng.choice(ACCOUNTS), self._token(rng)
        quotas = self.stage.quotas
        own = quotas.accounts.get((account, token), gq.AccountQuota()).quota
        change = rng.choice((amount(rng, 91), amount(rng, 91), -own, -rng.randint(0, own), 0,
                             gq.ALL_OF_IT, -own - 1))  # fmt: skip
        least, most = rng.choice(((0, (1 << 96) - 1),) * 8 + ((own + 1, own + 2), (0, own)))
        words = (account, token, change, least, min(most, (1 << 96) - 1))

        def ours() -> bytes:
            return encode(*map(int, gq.update_quota(
                quotas, account=account, token=token, change=change, min_quota=words[3],
                max_quota=words[4], now_ts=self.now,
            )))  # fmt: skip

        signature = "updateQuota(address,address,int96,uint96,uint96)"
        return self._move(self._manager(rng), self.stage.keeper, ours, signature, *words)

    def remove(self, rng: random.Random) -> Move:
        account, tokens, lost = rng.choice(ACCOUNTS), self._tokens(rng), rng.random() < 0.1

        def ours() -> bytes:
            gq.remove_quotas(
                self.stage.quotas, account=account, tokens=tokens, set_limits_to_zero=lost,
                now_ts=self.now,
            )  # fmt: skip
            return b""

        data = self._list_call("removeQuotas(address,address[],bool)", account, tokens, int(lost))
        return self._raw(self._manager(rng), self.stage.keeper, "removeQuotas", ours, data)

    def accrue(self, rng: random.Random) -> Move:
        account, tokens = rng.choice(ACCOUNTS), self._tokens(rng)

        def ours() -> bytes:
            gq.accrue_quota_interest(
                self.stage.quotas, account=account, tokens=tokens, now_ts=self.now
            )
            return b""

        data = self._list_call("accrueQuotaInterest(address,address[])", account, tokens)
        return self._raw(self._manager(rng), self.stage.keeper, "accrueQuotaInterest", ours, data)

    def _list_call(self, signature: str, account: str, tokens: list[str], *more: int) -> bytes:
        return call(signature, account, [int(token, 16) for token in tokens], *more)

    def _raw(
        self, caller: str, target: str, label: str, ours: Callable[[], bytes], data: bytes
    ) -> Move:
        theirs = lambda: self.stage.act(caller, target, data)  # noqa: E731
        return Move(f"{label}()", ours, theirs, self.stage.touched)

    def _token(self, rng: random.Random) -> str:
        return rng.choices(self.stage.tokens, (10, 10, 1))[0]

    def _tokens(self, rng: random.Random) -> list[str]:
        return rng.sample(list(self.stage.quotas.tokens), rng.randint(0, 2))

    # ---- the gauge -------------------------------------------------------------------------

    def vote(self, rng: random.Random) -> Move:
        user, token, lp_side = rng.choice(USERS), self._token(rng), rng.random() < 0.5
        votes, back = amount(rng, 91), rng.random() < 0.4
        given = self.stage.votes.votes.get((user, token, lp_side), 0)
        if back:
            votes = rng.choice((given, rng.randint(0, given), given, given + 1))
        action = gr.unvote if back else gr.vote

        def ours() -> bytes:
            if self.stage.votes.tokens.get(token) is None:
                raise gr.refuse("TokenNotAllowed")
            self._next_epoch()
            action(self.stage.votes, user, token, votes, lp_side=lp_side)
            return b""

        signature = f"{'unvote' if back else 'vote'}(address,uint96,bytes)"
        extra = encode(token, int(lp_side))
        return self._move(self.stage.staking, self.stage.gauge, ours, signature, user, votes, extra)

    def epoch(self, rng: random.Random) -> Move:
        def ours() -> bytes:
            self._next_epoch()
            return b""

        return self._move(rng.choice(USERS), self.stage.gauge, ours, "updateEpoch()")

    def _next_epoch(self) -> None:
        now = self.told_epoch
        if now > self.stage.epoch:
            self.stage.epoch = now
            if not self.stage.frozen:
                gq.update_rates(
                    self.stage.quotas,
                    lambda tokens: gr.get_rates(self.stage.votes, tokens),
                    now_ts=self.now,
                )

    told_epoch: int = 0

    def new_epoch(self, rng: random.Random) -> Move:
        self.told_epoch += rng.choice((1, 1, 2))
        self.chain.must(OWNER, self.stage.staking, "setEpoch(uint16)", self.told_epoch)
        return self.epoch(rng)

    def freeze(self, rng: random.Random) -> Move:
        frozen = rng.random() < 0.3

        def ours() -> bytes:
            self.stage.frozen = frozen
            return b""

        return self._move(OWNER, self.stage.gauge, ours, "setFrozenEpoch(bool)", int(frozen))

    def change_range(self, rng: random.Random) -> Move:
        token, low = self._token(rng), rng.random() < 0.5
        rate = rng.choice((0, rng.randint(1, 3_000)))
        key = "min_rate_bps" if low else "max_rate_bps"

        def ours() -> bytes:
            gr.change_quota_rate_range(self.stage.votes, token, **{key: rate})
            return b""

        name = "changeQuotaMinRate" if low else "changeQuotaMaxRate"
        return self._move(OWNER, self.stage.gauge, ours, f"{name}(address,uint16)", token, rate)

    def _add_token(self, rng: random.Random, token: str) -> Move:
        low = rng.randint(1, 500)
        words = (token, low, low + rng.randint(0, 3_000))

        def ours() -> bytes:
            gr.add_quota_token(self.stage.votes, *words)
            gq.add_quota_token(self.stage.quotas, token)
            return b""

        return self._move(
            OWNER, self.stage.gauge, ours, "addQuotaToken(address,uint16,uint16)", *words
        )

    # ---- settings and views ----------------------------------------------------------------

    def settings(self, rng: random.Random) -> Move:
        return rng.choice((
            self._manager_limit, self._total_limit, self._fee, self._curve, self._token_limit,
            self._increase_fee,
        ))(rng)  # fmt: skip

    def _manager_limit(self, rng: random.Random, manager: str | None = None) -> Move:
        manager = manager or self._manager(rng)
        limit = rng.choice((amount(rng), amount(rng, 120), FULL))

        def ours() -> bytes:
            gp.set_credit_manager_debt_limit(self.stage.ours, manager, limit)
            return b""

        signature = "setCreditManagerDebtLimit(address,uint256)"
        return self._move(OWNER, self.stage.pool, ours, signature, manager, limit)

    def _total_limit(self, rng: random.Random) -> Move:
        limit = rng.choice((amount(rng), amount(rng, 120), FULL, 1 << 128))

        def ours() -> bytes:
            gp.set_total_debt_limit(self.stage.ours, limit)
            return b""

        return self._move(OWNER, self.stage.pool, ours, "setTotalDebtLimit(uint256)", limit)

    def _fee(self, rng: random.Random) -> Move:
        fee = rng.choice((0, 1, 50, 100, 101))

        def ours() -> bytes:
            gp.set_withdraw_fee(self.stage.ours, fee)
            return b""

        return self._move(OWNER, self.stage.pool, ours, "setWithdrawFee(uint256)", fee)

    def _curve(self, rng: random.Random) -> Move:
        curve = rng.choice(self.stage.curves)

        def ours() -> bytes:
            gp.set_interest_rate_model(self.stage.ours, curve.ours, now_ts=self.now)
            return b""

        signature = "setInterestRateModel(address)"
        return self._move(OWNER, self.stage.pool, ours, signature, curve.address)

    def _token_limit(self, rng: random.Random, token: str | None = None) -> Move:
        token = token or self._token(rng)
        limit = amount(rng, 94)

        def ours() -> bytes:
            gq.set_token_limit(self.stage.quotas, token, limit)
            return b""

        signature = "setTokenLimit(address,uint96)"
        return self._move(OWNER, self.stage.keeper, ours, signature, token, limit)

    def _increase_fee(self, rng: random.Random) -> Move:
        token, fee = self._token(rng), rng.choice((0, 1, 100, 10_000, 10_001))

        def ours() -> bytes:
            gq.set_token_quota_increase_fee(self.stage.quotas, token, fee)
            return b""

        signature = "setTokenQuotaIncreaseFee(address,uint16)"
        return self._move(OWNER, self.stage.keeper, ours, signature, token, fee)

    def view(self, rng: random.Random) -> Move:
        pool, now, sum_ = self.stage.ours, {"now_ts": self.now}, amount(rng)
        manager, account = self._manager(rng), rng.choice(ACCOUNTS)
        token = self._token(rng)
        asks: tuple[tuple[str, tuple[Argument, ...], Callable[[], bytes]], ...] = (
            ("baseInterestIndex()", (), lambda: encode(gp.base_interest_index(pool, **now))),
            ("expectedLiquidity()", (), lambda: encode(gp.expected_liquidity(pool, **now))),
            ("supplyRate()", (), lambda: encode(gp.supply_rate(pool, **now))),
            ("convertToShares(uint256)", (sum_,),
             lambda: encode(gp.convert_to_shares_down(pool, sum_, **now))),
            ("convertToAssets(uint256)", (sum_,),
             lambda: encode(gp.convert_to_assets_down(pool, sum_, **now))),
            ("creditManagerBorrowable(address)", (manager,),
             lambda: encode(gp.credit_manager_borrowable(pool, manager, **now))),
        )  # fmt: skip
        if rng.random() < 0.3:
            signature = "getQuotaAndOutstandingInterest(address,address)"
            ours = lambda: encode(*gq.get_quota_and_outstanding_interest(  # noqa: E731
                self.stage.quotas, account, token, **now))  # fmt: skip
            return self._move(OWNER, self.stage.keeper, ours, signature, account, token)
        signature, words, answer = rng.choice(asks)
        return self._move(OWNER, self.stage.pool, answer, signature, *words)


D = GearboxV3PoolDuel
WEIGHTS = {
    D.deposit: 8, D.mint: 5, D.withdraw: 6, D.redeem: 6, D.approve: 2, D.lend: 14, D.repay: 12,
    D.quota: 14, D.remove: 3, D.accrue: 3, D.vote: 8, D.epoch: 2, D.new_epoch: 4, D.freeze: 1,
    D.change_range: 2, D.settings: 8, D.view: 8,
}  # fmt: skip


def amount(rng: random.Random, bits: int = 90) -> int:
    """An amount, now and then 0 or more than a word of 128 bits."""
    if rng.random() < 0.02:
        return 0
    if bits == 90 and rng.random() < 0.003:
        return 1 << rng.choice((127, 128, 140))
    return log_uniform(rng, 1, 1 << bits)
