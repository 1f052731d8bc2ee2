"""
Gearbox v3 whole: the pool's stage, with a price oracle, a credit manager and its facade.
"""

import random

from judge.abi import call, encode, mapping_slot, pack, selector
from judge.chain import OWNER
from judge.duel import Storage

from headframe.exact import gearbox_v3 as gb

from .gearbox_v3_stage import PURSE, TREASURY, USERS, GearboxStage

FULL = (1 << 256) - 1
N_ACCOUNTS = 6


def calls_tail(target: str, calls: list[bytes]) -> bytes:
    """A list of (target, data) as the contract ABI has it, without its offset."""
    bodies = [
        encode(target, 64, len(data)) + data + bytes(-len(data) % 32) for data in calls
    ]  # fmt: skip
    offsets, at = [], 32 * len(bodies)
    for body in bodies:
        offsets.append(at)
        at += len(body)
    return encode(len(calls), *offsets) + b"".join(bodies)


class CreditStage(GearboxStage):
    """The contracts of credit, and ours beside them."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.block = 1
        self.admitted = []
        chain = self.chain
        self.around = self._ours("Surroundings")
        self.factory = self._ours("Accounts")
        self.decimals = {self.underlying: 18, **dict.fromkeys(self.tokens, 18)}
        self._deploy_oracle()
        self._deploy_manager(rng)
        self.free = [self._ours("CreditAccountV3", self.manager) for _ in range(N_ACCOUNTS)]
        for account in self.free:
            chain.must(OWNER, self.factory, "put(address)", account)
        for token in (self.underlying, *self.tokens):
            for user in USERS:
                chain.must(OWNER, token, "set(address,uint256)", user, PURSE)
                chain.must(user, token, "approve(address,uint256)", self.manager, FULL)
                self.credit.balances[user, token] = PURSE
        chain.must(OWNER, self.underlying, "approve(address,uint256)", self.pool, FULL)

    def _deploy_oracle(self) -> None:
        chain, prices = self.chain, gb.Oracle()
        self.oracle = self._ours("PriceOracleV3", self.acl)
        self.feeds: dict[tuple[str, bool], str] = {}
        for token in (self.underlying, *self.tokens):
            prices.decimals[token] = self.decimals[token]
            for safe, setter in ((False, "setPriceFeed"), (True, "setReservePriceFeed")):
                feed = self._ours("Feed")
                period = (1 << 32) - 1
                words = (token, feed, period)
                chain.must(OWNER, self.oracle, f"{setter}(address,address,uint32)", *words)
                self.feeds[token, safe] = feed
                (prices.reserve if safe else prices.main)[token] = 10**8
        self.prices = prices

    def _deploy_manager(self, rng: random.Random) -> None:
        chain = self.chain
        fee_interest = rng.choice((0, 1_000, 2_500, 5_000))
        fee, premium = rng.choice((0, 100, 150)), rng.choice((200, 400))
        self.manager = self._ours(
            "CreditManagerV3", self.pool, self.factory, self.oracle, 2, fee_interest, fee, premium,
            fee, premium, b"manager",
        )  # fmt: skip
        thresholds = {self.underlying: gb.Threshold(10_000 - premium - fee)}
        self.credit = gb.CreditManager(
            name=self.manager, pool=self.ours, keeper=self.quotas, oracle=self.prices,
            underlying=self.underlying, thresholds=thresholds, fee_interest_bps=fee_interest,
            fee_liquidation_bps=fee, liquidation_discount_bps=10_000 - premium,
            max_enabled_tokens=2,
        )  # fmt: skip
        for token in self.tokens:
            chain.must(OWNER, self.manager, "addToken(address)", token)
            self.set_threshold(token, gb.Threshold(rng.randint(5_000, 9_400)))
        chain.must(OWNER, self.register, "addCreditManager(address)", self.manager)
        chain.must(OWNER, self.keeper, "addCreditManager(address)", self.manager)
        self.admitted.append(self.manager)
        zero = "0x" + "00" * 20
        self.facade = self._ours(
            "CreditFacadeV3", self.around, self.manager, self.around, self.around, self.around,
            zero, 0,
        )  # fmt: skip
        chain.must(OWNER, self.manager, "setCreditFacade(address)", self.facade)

    def set_threshold(self, token: str, threshold: gb.Threshold) -> None:
        """Set a token's threshold, or its ramp, on both sides."""
        t = threshold
        words = (token, t.initial_bps, t.final_bps, t.ramp_start_ts, t.ramp_duration_s)
        signature = "setCollateralTokenData(address,uint16,uint16,uint40,uint24)"
        self.chain.must(OWNER, self.manager, signature, *words)
        self.credit.thresholds[token] = threshold

    def set_price(self, token: str, price: int, *, safe: bool) -> None:
        """Set a feed's price on both sides."""
        self.chain.must(OWNER, self.feeds[token, safe], "set(int256)", price)
        (self.prices.reserve if safe else self.prices.main)[token] = price

    def now(self) -> gb.Now:
        """The block that the next call is in."""
        return gb.Now(self.now_ts, self.block)

    # ---- storage ---------------------------------------------------------------------------

    def credit_words(self) -> Storage:
        """What accounts owe and hold, and the facade's limits."""
        credit, manager = self.credit, {}
        bits = {token: 1 << k for k, token in enumerate(credit.thresholds)}
        for account, own in credit.accounts.items():
            slot = mapping_slot(int(str(account), 16), 8)
            mask = 1 + sum(bits[str(token)] for token in own.quoted)
            last = pack((0, 16), (own.last_debt_block, 64), (int(str(own.borrower), 16), 160))
            # The contract keeps the interest of quotas with one more, so that it is never 0.
            owed = pack((own.quota_interest + 1, 128), (own.quota_fees, 128))
            words = (own.debt, own.index_lu_ray, owed, mask, last)
            manager |= {slot + k: word for k, word in enumerate(words)}
        facade = {1: pack((credit.min_debt, 128), (credit.max_debt, 128))}
        facade[0] = pack(
            (0, 8), (1, 8), (0, 40), (credit.max_debt_per_block_multiplier, 8),
            (credit.last_block_borrowed, 64), (credit.borrowed_in_block, 128),
        )  # fmt: skip
        tokens: Storage = {token: {} for token in (self.underlying, *self.tokens)}
        for (who, token), held in credit.balances.items():
            tokens[str(token)][mapping_slot(int(str(who), 16), 3)] = held
        tokens[self.underlying][mapping_slot(int(self.pool, 16), 3)] = self.ours.available_liquidity
        return {self.manager: manager, self.facade: facade, **tokens}


__all__ = ["FULL", "TREASURY", "USERS", "CreditStage", "call", "calls_tail", "selector"]
