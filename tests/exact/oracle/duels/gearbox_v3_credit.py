"""
Gearbox v3's credit accounts: random sequences on facade, manager, pool, quotas and oracle at once.

Moves: accounts opened, levered, repaid and closed by several calls at once; collateral in and out;
quotas; liquidations whole and in part by anybody; new prices, thresholds and ramps, limits, epochs,
loss policies; time, and calls within one block.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode, selector
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.exact import gearbox_v3 as gb
from headframe.exact import gearbox_v3_liquidation as gl
from headframe.exact import gearbox_v3_pool as gp
from headframe.exact import gearbox_v3_quotas as gq
from headframe.exact import gearbox_v3_rates as gr

from .gearbox_v3_credit_stage import FULL, USERS, CreditStage, calls_tail
from .stage import log_uniform

UNIT = 10**18
Act = tuple[str, gb.Call, bytes]
"""One call within several: its name, ours, and theirs."""


class GearboxV3CreditDuel:
    """The credit suite's two texts."""

    name: ClassVar[str] = "gearbox_v3_credit"
    judge: ClassVar[str] = (
        "official source, compiled by us: @gearbox-protocol/core-v3 1.52.1, CreditFacadeV3, "
        "CreditManagerV3, CreditAccountV3, PriceOracleV3, with the pool"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = CreditStage(rng)
        self.chain, self.credit = self.stage.chain, self.stage.credit
        self.epoch = 0
        self.chain.must(OWNER, self.stage.gauge, "setFrozenEpoch(bool)", 0)
        self.stage.frozen = False
        for draw in (self._debt_limits, self._manager_limit, self._deposit):
            set_up(draw(rng))
        for token in self.stage.tokens:
            self._add_token(rng, token)
        set_up(self.new_epoch(rng))
        for _ in range(rng.randint(1, 4)):
            self._pass(rng)
            set_up(self.open(rng))

    def _pass(self, rng: random.Random) -> None:
        spans = (0, 12, 3_600, 86_400, 30 * 86_400)
        self.stage.now_ts += rng.randint(0, rng.choices(spans, (10, 20, 20, 20, 5))[0])
        self.stage.block += rng.choices((0, 1), (1, 12))[0]
        self.chain.at(self.stage.now_ts, self.stage.block)

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self._pass(rng)
        if rng.random() < 0.4:
            self._turn_a_price(rng)
        if rng.random() < 0.03:
            self._turn_a_threshold(rng)
        if self.credit.max_debt_per_block_multiplier == 0 and rng.random() < 0.5:
            return self._debt_limits(rng)
        if rng.random() < 0.02:
            self.loss_allowed = rng.random() < 0.5
            word = int(self.loss_allowed)
            self.chain.must(OWNER, self.stage.around, "setLossAllowed(uint256)", word)
        kinds = list(WEIGHTS)
        return rng.choices(kinds, [WEIGHTS[k] for k in kinds])[0](self, rng)

    loss_allowed = True

    def everything(self) -> Storage:
        """All words of pool, quota keeper and gauge."""
        return self.stage.storage()

    def _touched(self) -> Storage:
        return self.stage.storage() | self.stage.credit_words()

    def _turn_a_price(self, rng: random.Random) -> None:
        stage = self.stage
        token = rng.choice((stage.underlying, *stage.tokens, *stage.tokens))
        price = stage.prices.main[token]
        price = price * rng.randint(800, 1_200) // 1_000
        if rng.random() < 0.1:
            price = rng.choice((10**8, log_uniform(rng, 10**4, 10**12)))
        price = max(price, 10**3)
        stage.set_price(token, price, safe=False)
        safe = price * rng.choice((1_000, 1_000, 990, 1_010)) // 1_000
        stage.set_price(token, safe, safe=True)

    def _set_both(self, token: str, price: int) -> None:
        for safe in (False, True):
            self.stage.set_price(token, price, safe=safe)

    def _turn_a_threshold(self, rng: random.Random) -> None:
        token = rng.choice(self.stage.tokens)
        first, last = rng.randint(5_000, 9_400), rng.randint(0, 9_400)
        start = self.stage.now_ts + rng.randint(-86_400, 86_400)
        ramp = gb.Threshold(first, last, start, rng.randint(1, 30 * 86_400))
        self.stage.set_threshold(token, rng.choice((ramp, ramp, gb.Threshold(first))))

    # ---- the borrower ----------------------------------------------------------------------

    def open(self, rng: random.Random) -> Move:
        user, stage, credit = rng.choice(USERS), self.stage, self.credit
        if not stage.free:
            return self.adjust(rng)
        account = stage.free[-1]
        debt = self._loan(rng)
        token = rng.choice(stage.tokens)
        worth = stage.prices.convert(debt, stage.underlying, token)
        acts = [
            self._add(stage.underlying, debt // rng.randint(1, 20)),
            self._borrow(debt),
            self._add(token, worth * rng.randint(90, 250) // 100),
            self._quota(token, debt * rng.randint(90, 200) // 100, 0),
        ]
        if rng.random() < 0.85:
            acts.append(self._withdraw(stage.underlying, debt, user))
        if rng.random() < 0.05:
            rng.shuffle(acts)
        if rng.random() < 0.05:
            acts = acts[: rng.randint(0, 3)]

        def ours() -> bytes:
            gb.open_credit_account(
                credit, account, sender=user, calls=[act[1] for act in acts], now=stage.now()
            )
            stage.free.pop()
            return encode(account)

        head = selector("openCreditAccount(address,(address,bytes)[],uint256)")
        data = head + encode(user, 96, 0) + self._tail(acts)
        return self._move("open", acts, user, ours, data)

    def adjust(self, rng: random.Random) -> Move:
        if not self.credit.accounts and rng.random() < 0.9:
            return self.open(rng)
        account, own = self._account(rng)
        user = self._owner(rng, own)
        acts = [self._act(rng, account, user) for _ in range(rng.choice((1, 1, 2, 3)))]
        stage = self.stage

        def ours() -> bytes:
            gb.multicall(
                self.credit, account, sender=user, calls=[act[1] for act in acts], now=stage.now()
            )
            return b""

        data = selector("multicall(address,(address,bytes)[])")
        data += encode(account, 64) + self._tail(acts)
        return self._move("multicall", acts, user, ours, data)

    def close(self, rng: random.Random) -> Move:
        if not self.credit.accounts and rng.random() < 0.9:
            return self.open(rng)
        account, own = self._account(rng)
        user, stage = self._owner(rng, own), self.stage
        acts = [self._quota(str(token), gq.ALL_OF_IT, 0) for token in own.quoted]
        acts.append(self._add(stage.underlying, own.debt * 2 + 10))
        acts.append(self._repay(FULL))
        acts += [
            self._withdraw(token, FULL, user)
            for token in (stage.underlying, *stage.tokens)
            if self.credit.balances.get((account, token), 0) > 1 or rng.random() < 0.02
        ]
        if rng.random() < 0.1:
            acts.pop(rng.randrange(len(acts)))

        def ours() -> bytes:
            gb.close_credit_account(
                self.credit, account, sender=user, calls=[act[1] for act in acts], now=stage.now()
            )
            stage.free.append(account)
            return b""

        data = selector("closeCreditAccount(address,(address,bytes)[])")
        data += encode(account, 64) + self._tail(acts)
        return self._move("close", acts, user, ours, data)

    def _act(self, rng: random.Random, account: str, user: str) -> Act:
        stage, credit = self.stage, self.credit
        own = credit.accounts.get(account, gb.CreditAccount(user))
        token = rng.choice((stage.underlying, *stage.tokens))
        held = credit.balances.get((account, token), 0)
        kind = rng.choices(range(7), (20, 15, 20, 20, 15, 3, 1))[0]
        if kind == 0:
            worth = stage.prices.convert(max(own.debt, UNIT), stage.underlying, token)
            return self._add(token, log_uniform(rng, 1, max(worth, 2)))
        if kind == 1:
            part = rng.choice((held, rng.randint(0, held), rng.randint(0, held) >> 4, FULL))
            return self._withdraw(token, part + (rng.random() < 0.05 and part < FULL), user)
        if kind == 2:
            return self._borrow(self._loan(rng) // rng.choice((1, 10, 100)))
        if kind == 3:
            return self._repay(self._repayment(rng, account, own))
        if kind == 4:
            quoted = rng.choice(stage.tokens)
            quota = self.stage.quotas.accounts.get((account, quoted), gq.AccountQuota()).quota
            change = rng.choice(
                (self._loan(rng), self._loan(rng), -rng.randint(0, quota), gq.ALL_OF_IT, 9_999)
            )
            least = rng.choices((0, quota + 1), (20, 1))[0]
            return self._quota(quoted, change, min(least, (1 << 96) - 1))
        if kind == 5:
            return self._health(rng.choice((9_999, 10_000, 10_500, 20_000)))
        return self._add("0x" + "99" * 20, 1)

    def _repayment(self, rng: random.Random, account: str, own: gb.CreditAccount) -> int:
        if account not in self.credit.accounts:
            return 1
        owed = gb.calc_debt(self.credit, account, now_ts=self.stage.now_ts)
        fees = owed.accrued_fees
        steps = (
            own.quota_fees, own.quota_fees + owed.quota_interest, owed.accrued_interest,
            owed.accrued_interest + fees, owed.total_debt // 2, owed.total_debt,
        )  # fmt: skip
        return max(rng.choice(steps) + rng.choice((-1, 0, 0, 1)), 0)

    # ---- calls within ----------------------------------------------------------------------

    def _add(self, token: str, amount: int) -> Act:
        data = call("addCollateral(address,uint256)", token, amount)
        return "add", lambda session: gb.add_collateral(session, token, amount), data

    def _withdraw(self, token: str, amount: int, to: str) -> Act:
        data = call("withdrawCollateral(address,uint256,address)", token, amount, to)
        return "withdraw", lambda s: gb.withdraw_collateral(s, token, amount, to), data

    def _borrow(self, amount: int) -> Act:
        data = call("increaseDebt(uint256)", amount)
        return "borrow", lambda session: gb.increase_debt(session, amount), data

    def _repay(self, amount: int) -> Act:
        data = call("decreaseDebt(uint256)", amount)
        return "repay", lambda session: gb.decrease_debt(session, amount), data

    def _quota(self, token: str, change: int, least: int) -> Act:
        data = call("updateQuota(address,int96,uint96)", token, change, least)
        return "quota", lambda session: gb.change_quota(session, token, change, least), data

    def _health(self, bps: int) -> Act:
        data = selector("setFullCheckParams(uint256[],uint16)") + encode(64, bps, 0)
        return "health", lambda session: gb.set_min_health(session, bps), data

    def _tail(self, acts: list[Act]) -> bytes:
        return calls_tail(self.stage.facade, [act[2] for act in acts])

    # ---- liquidators -----------------------------------------------------------------------

    def liquidate(self, rng: random.Random) -> Move:
        if not self.credit.accounts and rng.random() < 0.9:
            return self.open(rng)
        account, own = self._sunk(rng)
        user, stage, credit = rng.choice(USERS), self.stage, self.credit
        needed = 0
        if account in credit.accounts:
            found = gb.calc_debt_and_collateral(credit, account, now_ts=stage.now_ts)
            needed = found.total_value * credit.liquidation_discount_bps // 10_000
            held = credit.balances.get((account, stage.underlying), 0)
            needed = max(needed - held, 0)
        needed += rng.choice((0, 0, 1, -1, 1_000))
        acts = [self._add(stage.underlying, needed)] if needed > 0 else []
        held = [str(t) for t in own.quoted if credit.balances.get((account, t), 0) > 1]
        acts += [self._withdraw(token, FULL, user) for token in held]
        if rng.random() < 0.05:
            acts.append(self._add(rng.choice(stage.tokens), 5))
        allowed = self.loss_allowed

        def ours() -> bytes:
            gl.liquidate_credit_account(
                credit, account, sender=user, to=user, calls=[act[1] for act in acts],
                now=stage.now(), loss_is_allowed=allowed,
            )  # fmt: skip
            return b""

        tail = self._tail(acts)
        data = selector("liquidateCreditAccount(address,address,(address,bytes)[],bytes)")
        data += encode(account, user, 128, 128 + len(tail)) + tail + encode(0)
        return self._move("liquidate", acts, user, ours, data)

    def liquidate_in_part(self, rng: random.Random) -> Move:
        if not self.credit.accounts and rng.random() < 0.9:
            return self.open(rng)
        account, own = self._sunk(rng)
        user, stage, credit = rng.choice(USERS), self.stage, self.credit
        token = rng.choice([str(t) for t in own.quoted] or stage.tokens)
        if rng.random() < 0.03:
            token = stage.underlying
        held = credit.balances.get((account, token), 0)
        worth = stage.prices.convert(held, token, stage.underlying)
        most = worth * credit.liquidation_discount_bps // 10_000
        repaid = rng.choice((most, rng.randint(0, most), own.debt // 2, own.debt // 5, own.debt))
        if account in credit.accounts and rng.random() < 0.8:
            repaid = self._enough(account, token) * rng.choice((1_000, 1_001, 1_100, 999)) // 1_000
        least = rng.choice((0, 0, 0, held))

        def ours() -> bytes:
            return encode(gl.partially_liquidate_credit_account(
                credit, account, sender=user, token=token, repaid=repaid, min_seized=least,
                to=user, now=stage.now(),
            ))  # fmt: skip

        signature = (
            "partiallyLiquidateCreditAccount(address,address,uint256,uint256,address,"
            "(address,bytes)[])"
        )
        data = selector(signature) + encode(account, token, repaid, least, user, 192, 0)
        return self._move("liquidate_in_part", [], user, ours, data)

    def _enough(self, account: str, token: str) -> int:
        """About what brings health back to 1, where the token alone counts."""
        credit, now_ts = self.credit, self.stage.now_ts
        found = gb.calc_debt_and_collateral(credit, account, now_ts=now_ts)
        lt = gb.threshold_of(credit, token, now_ts=now_ts)
        slope = 10_000 - credit.fee_liquidation_bps
        slope -= lt * 10_000 // credit.liquidation_discount_bps
        short = max(found.total_debt_usd - found.twv_usd, 0)
        return credit.oracle.from_usd(short * 10_000 // max(slope, 1) + 1, self.stage.underlying)

    def _sunk(self, rng: random.Random) -> tuple[str, gb.CreditAccount]:
        """An account, its main token's price turned so that it is near or below health 1."""
        account, own = self._account(rng)
        if own.debt and own.quoted and rng.random() < 0.9:
            wanted, stage = rng.choice((1_000, 999, 995, 990, 980, 950, 700)), self.stage
            for _ in range(4):
                found = gb.calc_debt_and_collateral(self.credit, account, now_ts=stage.now_ts)
                if found.twv_usd * 1_000 <= wanted * found.total_debt_usd:
                    break
                # What is short of the target falls on a token, or the underlying rises instead.
                token = str(rng.choice(own.quoted))
                price = stage.prices.main[token] * wanted * found.total_debt_usd
                price //= 1_000 * found.twv_usd
                self._set_both(token, min(max(price, 10), 10**15))
        return account, own

    # ---- the rest of the world -------------------------------------------------------------

    def settings(self, rng: random.Random) -> Move:
        return rng.choice(
            (self._debt_limits, self._manager_limit, self._token_limit, self._deposit)
        )(rng)

    def new_epoch(self, rng: random.Random) -> Move:
        stage = self.stage
        self.epoch += 1
        self.chain.must(OWNER, stage.staking, "setEpoch(uint16)", self.epoch)

        def ours() -> bytes:
            stage.epoch = self.epoch
            if not stage.frozen:
                rates = lambda tokens: gr.get_rates(stage.votes, tokens)  # noqa: E731
                gq.update_rates(stage.quotas, rates, now_ts=stage.now_ts)
            return b""

        return self._plain("epoch", OWNER, stage.gauge, ours, call("updateEpoch()"))

    def _add_token(self, rng: random.Random, token: str) -> None:
        stage = self.stage
        words = (token, rng.randint(1, 500), 2_000)

        def ours() -> bytes:
            gr.add_quota_token(stage.votes, *words)
            gq.add_quota_token(stage.quotas, token)
            return b""

        data = call("addQuotaToken(address,uint16,uint16)", *words)
        set_up(self._plain("token", OWNER, stage.gauge, ours, data))
        set_up(self._token_limit(rng, token))
        fee = rng.choice((0, 10, 100))

        def fees() -> bytes:
            gq.set_token_quota_increase_fee(stage.quotas, token, fee)
            return b""

        data = call("setTokenQuotaIncreaseFee(address,uint16)", token, fee)
        set_up(self._plain("fee", OWNER, stage.keeper, fees, data))

    def _token_limit(self, rng: random.Random, token: str | None = None) -> Move:
        token = token or rng.choice(self.stage.tokens)
        limit = log_uniform(rng, 10**20, 10**24)

        def ours() -> bytes:
            gq.set_token_limit(self.stage.quotas, token, limit)
            return b""

        data = call("setTokenLimit(address,uint96)", token, limit)
        return self._plain("token_limit", OWNER, self.stage.keeper, ours, data)

    def _debt_limits(self, rng: random.Random) -> Move:
        least = log_uniform(rng, 1 if rng.random() < 0.05 else 10**16, 10**20)
        most = least * rng.randint(2, 100)
        multiplier = rng.choice((255, 255, 2, 10, 0) if self.credit.accounts else (255,))

        def ours() -> bytes:
            gb.set_debt_limits(self.credit, least, most, multiplier, now=self.stage.now())
            return b""

        data = call("setDebtLimits(uint128,uint128,uint8)", least, most, multiplier)
        return self._plain("debt_limits", OWNER, self.stage.facade, ours, data)

    def _manager_limit(self, rng: random.Random) -> Move:
        limit = rng.choice((log_uniform(rng, 10**20, 10**25), FULL))

        def ours() -> bytes:
            gp.set_credit_manager_debt_limit(self.stage.ours, self.stage.manager, limit)
            return b""

        data = call("setCreditManagerDebtLimit(address,uint256)", self.stage.manager, limit)
        return self._plain("manager_limit", OWNER, self.stage.pool, ours, data)

    def _deposit(self, rng: random.Random) -> Move:
        assets = log_uniform(rng, 10**22, 10**24)
        receiver = rng.choice((USERS[0], USERS[0], gp_treasury()))

        def ours() -> bytes:
            return encode(gp.deposit(
                self.stage.ours, receiver=receiver, assets=assets, now_ts=self.stage.now_ts
            ))  # fmt: skip

        data = call("deposit(uint256,address)", assets, receiver)
        return self._plain("deposit", OWNER, self.stage.pool, ours, data)

    # ---- what draws have in common ---------------------------------------------------------

    def _loan(self, rng: random.Random) -> int:
        low, high = max(self.credit.min_debt, 1), max(self.credit.max_debt, 2)
        some = (log_uniform(rng, low, high), low, high, low - 1, high + 1)
        return max(rng.choices(some, (30, 2, 2, 1, 1))[0], 1)

    def _account(self, rng: random.Random) -> tuple[str, gb.CreditAccount]:
        known = list(self.credit.accounts)
        if rng.random() < 0.8:
            known = [who for who in known if self.credit.accounts[who].debt] or known
        if not known or rng.random() < 0.02:
            return self.stage.tokens[0], gb.CreditAccount(USERS[0])
        account = str(rng.choice(known))
        return account, self.credit.accounts[account]

    def _owner(self, rng: random.Random, own: gb.CreditAccount) -> str:
        return str(own.borrower) if rng.random() < 0.97 else rng.choice(USERS)

    def _move(
        self, label: str, acts: list[Act], sender: str, ours: Callable[[], bytes], data: bytes
    ) -> Move:
        told = f"{label}({', '.join(act[0] for act in acts)})"
        return self._plain(told, sender, self.stage.facade, ours, data)

    def _plain(
        self, label: str, sender: str, target: str, ours: Callable[[], bytes], data: bytes
    ) -> Move:
        def theirs() -> Answer:
            return self.chain.send(sender, target, data)

        return Move(label, ours, theirs, self._touched)


def gp_treasury() -> str:
    """Who gets the pool's profits."""
    return "0x" + "77" * 20


D = GearboxV3CreditDuel
WEIGHTS = {
    D.open: 20, D.adjust: 40, D.close: 5, D.liquidate: 12, D.liquidate_in_part: 16,
    D.settings: 4, D.new_epoch: 3,
}  # fmt: skip
