"""
Synthetix's debt pool: random sequences on nineteen kinds of mainnet's contracts, wired together.

Moves: mint, mint all, burn, burn to target, trade synths, send SNX, flag, unflag, liquidate,
liquidate oneself, claim, snapshots of the debt, fee periods closed, rewards brought and claimed,
escrow vested, shares moved by a broker, reads. Between them prices move, go stale or to zero, and
time passes. Starts: settings and balances drawn.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode, keccak, mapping_slot
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage

from headframe.errors import Revert
from headframe.exact import synthetix_debt as snx
from headframe.exact import synthetix_debt_pool as pool_of
from headframe.exact import synthetix_debt_share as debt_share
from headframe.exact import synthetix_exchange as trading
from headframe.exact import synthetix_fee_pool as fee_pool
from headframe.exact import synthetix_liquidation as liquidation
from headframe.exact.fixed import WAD, revert_error

from .farm_stage import USERS
from .stage import log_uniform
from .synthetix_stage import set_synthetix_stage, word

NEVER_STALE_S = 10**9
"""Seconds after which a price is stale: only those that are dated back on purpose."""
FEES = "0xfeefeefeefeefeefeefeefeefeefeefeefeefeef"
COMPARED = ("SynthetixDebtShare", "DebtCache", "LiquidatorRewards", "TokenStateSNX",
            "TokenStatesUSD", "TokenStatesETH", "FlexibleStorage", "FeePool",
            "FeePoolEternalStorage", "RewardEscrowV2Storage")  # fmt: skip
"""Contracts every word of whose storage is compared."""


def drawn_settings(rng: random.Random) -> snx.Settings:
    """Governance's numbers, around those of mainnet."""
    issuance = rng.randint(WAD // 20, WAD // 3)
    return snx.Settings(
        issuance_ratio=issuance,
        liquidation_ratio=min(issuance * rng.randint(11, 30) // 10, WAD * 9 // 10),
        snx_liquidation_penalty=rng.randint(0, WAD // 2),
        self_liquidation_penalty=rng.randint(0, WAD // 4),
        flag_reward=log_uniform(rng, 1, 1 << 62),
        liquidate_reward=log_uniform(rng, 1, 1 << 62),
        liquidation_delay_s=rng.choice((0, 1, 3_600, 28_800, 28_800, 28_800)),
        minimum_stake_time_s=rng.choice((0, 0, 60, 86_400)),
        liquidation_escrow_duration_s=rng.choice((0, 1, 86_400, 31_536_000, 62_899_200)),
        fee_period_duration_s=rng.choice((0, 3_600, 3_600, 86_400, 604_800)),
        target_threshold=rng.choice((0, WAD // 100, WAD)),
        exchange_fee_rates={"sUSD": 0, "sETH": rng.choice((0, 25 * 10**14, 10**17))},
        dynamic_fee_threshold=rng.choice((0, 25 * 10**14, 10**16)),
        dynamic_fee_weight_decay=rng.choice((0, 9 * WAD // 10, 95 * 10**16)),
        dynamic_fee_rounds=rng.choice((0, 1, 2, 6, 10)),
        max_dynamic_fee=rng.choice((5 * 10**16, WAD, 10 * WAD)),
    )


class SynthetixDebtDuel:
    """The pool's two texts."""

    name: ClassVar[str] = "synthetix_debt"
    judge: ClassVar[str] = (
        "release artifact: synthetix 2.102.1, mainnet's Issuer, SynthetixDebtShare, DebtCache, "
        "Liquidator, LiquidatorRewards, Exchanger, ExchangeRates, FeePool, RewardEscrowV2, others"
    )

    def __init__(self, rng: random.Random) -> None:
        self.now_ts = rng.randint(1_600_000_000, 1_900_000_000)
        held = {user: log_uniform(rng, 1 << 60, 1 << 90) for user in (*USERS, OWNER)}
        prices = {"SNX": log_uniform(rng, 10**15, 10**21), "sETH": log_uniform(rng, WAD, 10**22)}
        self.stage = set_synthetix_stage(self.now_ts, held, prices)
        self.chain, self.at = self.stage.chain, self.stage.at
        self.ours = snx.DebtPool(
            settings=drawn_settings(rng),
            prices={key: [price] for key, price in prices.items()},
            synths={"sUSD": snx.Synth(), "sETH": snx.Synth()},
            snx=dict(held),
        )
        self.ours.fee_periods[0].start_time = self.now_ts
        self._govern()
        self.stage.owner("DebtCache", "takeDebtSnapshot()")
        pool_of.take_debt_snapshot(self.ours, now_ts=self.now_ts)
        self.constants = {name: self.chain.storage(self.at[name]) for name in COMPARED}

    def _govern(self) -> None:
        names = {
            "issuanceRatio": "issuance_ratio",
            "liquidationRatio": "liquidation_ratio",
            "snxLiquidationPenalty": "snx_liquidation_penalty",
            "selfLiquidationPenalty": "self_liquidation_penalty",
            "flagReward": "flag_reward",
            "liquidateReward": "liquidate_reward",
            "liquidationDelay": "liquidation_delay_s",
            "minimumStakeTime": "minimum_stake_time_s",
            "liquidationEscrowDuration": "liquidation_escrow_duration_s",
            "feePeriodDuration": "fee_period_duration_s",
            "targetThreshold": "target_threshold",
            "exchangeDynamicFeeThreshold": "dynamic_fee_threshold",
            "exchangeDynamicFeeWeightDecay": "dynamic_fee_weight_decay",
            "exchangeDynamicFeeRounds": "dynamic_fee_rounds",
            "exchangeMaxDynamicFee": "max_dynamic_fee",
        }
        for setting, ours in names.items():
            self.stage.set(setting, getattr(self.ours.settings, ours))
        for key, fee in self.ours.settings.exchange_fee_rates.items():
            self.stage.set_fee_rate(key, fee)
        self.stage.set("rateStalePeriod", NEVER_STALE_S)
        self.stage.set("debtSnapshotStaleTime", NEVER_STALE_S)
        for right in ("addAuthorizedToSnapshot", "addAuthorizedBroker"):
            self.stage.owner("SynthetixDebtShare", f"{right}(address)", OWNER)

    # ---- the world between the moves -------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Let time pass and prices move, then draw a move."""
        self.now_ts += rng.choice((0, 0, 12, rng.randint(0, 4_000), rng.randint(0, 90_000)))
        self.chain.at(self.now_ts)
        if rng.random() < 0.5:
            self._move_price(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_issue: 20,
            self._draw_burn: 14,
            self._draw_exchange: 16,
            self._draw_transfer: 5,
            self._draw_flag: 14,
            self._draw_liquidate: 14,
            self._draw_snapshot: 5,
            self._draw_shares: 3,
            self._draw_fee_pool: 12,
            self._draw_read: 14,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _move_price(self, rng: random.Random) -> None:
        key = rng.choice(("SNX", "sETH"))
        rounds = self.ours.prices[key]
        factor = rng.choice((rng.uniform(0.99, 1.01), rng.uniform(0.5, 1.6)))
        price = min(max(int(rounds[-1] * factor), 10**13), 10**24)
        if rng.random() < 0.02:
            price = rng.choice((0, 1, 10**30))
        rounds.append(price)
        feed = self.stage.feeds[key]
        self.chain.must(OWNER, feed, "push(int256,uint256)", price, self.now_ts)
        self.ours.stale.discard(key)
        if rng.random() < 0.03:
            self.ours.stale.add(key)
            self.chain.must(OWNER, feed, "date(uint256)", 1)

    # ---- moves -----------------------------------------------------------------------------

    def _draw_issue(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        if rng.random() < 0.4:
            return self._act(
                f"issue_max({user})",
                lambda: snx.issue_max_synths(self.ours, user, now_ts=self.now_ts),
                user, "Synthetix", call("issueMaxSynths()"), nothing=True,
            )  # fmt: skip
        most = self._or_zero(lambda: snx.remaining_issuable_synths(self.ours, user))
        amount = rng.choice((most, most // 2, rng.randint(0, most), most + rng.randint(0, 1)))
        return self._act(
            f"issue({user}, {amount})",
            lambda: snx.issue_synths(self.ours, user, amount, now_ts=self.now_ts),
            user, "Synthetix", call("issueSynths(uint256)", amount), nothing=True,
        )  # fmt: skip

    def _draw_burn(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        if rng.random() < 0.4:
            return self._act(
                f"burn_to_target({user})",
                lambda: snx.burn_synths_to_target(self.ours, user),
                user, "Synthetix", call("burnSynthsToTarget()"), nothing=True,
            )  # fmt: skip
        held = self.ours.synths["sUSD"].balances.get(user, 0)
        amount = rng.choice((held, rng.randint(0, held), held // 3, held + 1, 1))
        return self._act(
            f"burn({user}, {amount})",
            lambda: snx.burn_synths(self.ours, user, amount, now_ts=self.now_ts),
            user, "Synthetix", call("burnSynths(uint256)", amount), nothing=True,
        )  # fmt: skip

    def _draw_exchange(self, rng: random.Random) -> Move:
        source, destination = rng.choice((("sUSD", "sETH"), ("sETH", "sUSD")))
        if rng.random() < 0.02:
            destination = source
        holders = [u for u in USERS if self.ours.synths[source].balances.get(u)]
        user = rng.choice(holders or USERS)
        held = self.ours.synths[source].balances.get(user, 0)
        amount = rng.choice((held, rng.randint(0, held), held // 2, held + 1, 1))
        data = call("exchange(bytes32,uint256,bytes32)", word(source), amount, word(destination))
        return self._act(
            f"exchange({user}, {amount} {source} to {destination})",
            lambda: snx.exchange(self.ours, user, source, amount, destination),
            user, "Synthetix", data,
        )  # fmt: skip

    def _draw_transfer(self, rng: random.Random) -> Move:
        user, to = rng.choice(USERS), rng.choice(USERS)
        free = self._or_zero(lambda: snx.transferable_synthetix(self.ours, user))
        amount = rng.choice((free, free + 1, rng.randint(0, free), free // 10))

        def ours() -> int:
            snx.transfer(self.ours, user, to, amount)
            return 1

        data = call("transfer(address,uint256)", to, amount)
        return self._act(f"transfer({user}, {to}, {amount})", ours, user, "ProxySNX", data)

    def _draw_flag(self, rng: random.Random) -> Move:
        user, flagger = rng.choice(USERS), rng.choice(USERS)
        if rng.random() < 0.25:
            return self._act(
                f"unflag({user})",
                lambda: liquidation.check_and_remove_account_in_liquidation(self.ours, user),
                flagger, "Liquidator", call("checkAndRemoveAccountInLiquidation(address)", user),
                nothing=True,
            )  # fmt: skip
        return self._act(
            f"flag({user})",
            lambda: liquidation.flag_account_for_liquidation(
                self.ours, user, flagger=flagger, now_ts=self.now_ts
            ),
            flagger, "Liquidator", call("flagAccountForLiquidation(address)", user), nothing=True,
        )  # fmt: skip

    def _draw_liquidate(self, rng: random.Random) -> Move:
        flagged = [user for user, deadline in self.ours.deadlines.items() if deadline]
        user = rng.choice(flagged or USERS) if rng.random() < 0.7 else rng.choice(USERS)
        caller = rng.choice(USERS)
        deadline = self.ours.deadlines.get(user, 0)
        if deadline and rng.random() < 0.7:
            self.now_ts = max(self.now_ts, deadline + rng.randint(0, 1))
            self.chain.at(self.now_ts)
        if rng.random() < 0.25:
            return self._act(
                f"get_reward({user})", lambda: snx.get_reward(self.ours, user, now_ts=self.now_ts),
                caller, "LiquidatorRewards", call("getReward(address)", user), nothing=True,
            )  # fmt: skip
        if rng.random() < 0.3:

            def by_self() -> int:
                liquidation.liquidate_self(self.ours, user, now_ts=self.now_ts)
                return 1

            data = call("liquidateSelf()")
            return self._act(f"liquidate_self({user})", by_self, user, "Synthetix", data)

        def by_force() -> int:
            liquidation.liquidate_delinquent_account(
                self.ours, user, liquidator=caller, now_ts=self.now_ts
            )
            return 1

        data = call("liquidateDelinquentAccount(address)", user)
        return self._act(f"liquidate({user})", by_force, caller, "Synthetix", data)

    def _draw_snapshot(self, rng: random.Random) -> Move:
        return self._act(
            "take_debt_snapshot()",
            lambda: pool_of.take_debt_snapshot(self.ours, now_ts=self.now_ts),
            rng.choice(USERS), "DebtCache", call("takeDebtSnapshot()"), nothing=True,
        )  # fmt: skip

    def _draw_shares(self, rng: random.Random) -> Move:
        shares = self.ours.shares
        if rng.random() < 0.7:
            period = shares.current_period_id + rng.choice((1, 1, 1, 2, 0))
            return self._act(
                f"period({period})", lambda: debt_share.take_snapshot(shares, period),
                OWNER, "SynthetixDebtShare", call("takeSnapshot(uint128)", period), nothing=True,
            )  # fmt: skip
        user, to = rng.choice(USERS), rng.choice(USERS)
        held = debt_share.balance_of(shares, user)
        amount = rng.choice((0, held // 100, held + 1))

        def ours() -> int:
            debt_share.transfer_from(shares, user, to, amount)
            return 1

        data = call("transferFrom(address,address,uint256)", user, to, amount)
        return self._act(f"broker({user}, {to}, {amount})", ours, OWNER, "SynthetixDebtShare", data)

    def _draw_fee_pool(self, rng: random.Random) -> Move:
        user, roll = rng.choice(USERS), rng.random()
        if roll < 0.3:
            if rng.random() < 0.6:
                self.now_ts += self.ours.settings.fee_period_duration_s
                self.chain.at(self.now_ts)
            return self._act(
                "close_period()",
                lambda: fee_pool.close_current_fee_period(self.ours, now_ts=self.now_ts),
                user, "FeePool", call("closeCurrentFeePeriod()"), nothing=True,
            )  # fmt: skip
        if roll < 0.6:
            return self._draw_claim(rng)
        if roll < 0.8:
            numbers = list(self.ours.escrow.entry_ids.get(user, ()))
            if numbers and rng.random() < 0.6:
                self.now_ts += rng.choice((86_400, 31_536_000))
                self.chain.at(self.now_ts)
            numbers += rng.choices((1, 2, 99), k=rng.randint(0, 1))
            return self._act(
                f"vest({user}, {numbers})",
                lambda: snx.vest(self.ours, user, numbers, now_ts=self.now_ts),
                user, "RewardEscrowV2", call("vest(uint256[])", numbers), nothing=True,
            )  # fmt: skip
        return self._draw_rewards(rng)

    def _draw_claim(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)

        def claimed() -> int:
            fee_pool.claim_fees(self.ours, user, now_ts=self.now_ts)
            return 1

        return self._act(f"claim_fees({user})", claimed, user, "FeePool", call("claimFees()"))

    def _draw_rewards(self, rng: random.Random) -> Move:
        amount = log_uniform(rng, 1, 1 << 70)
        sent = min(amount if rng.random() < 0.9 else amount // 2, self.ours.snx[OWNER])
        self.chain.must(
            OWNER, self.at["ProxySNX"], "transfer(address,uint256)", self.at["RewardEscrowV2"], sent
        )
        self.ours.snx[OWNER] -= sent
        self.ours.escrow.held += sent
        return self._act(
            f"rewards({amount})",
            lambda: fee_pool.set_rewards_to_distribute(self.ours, amount),
            OWNER, "FeePool", call("setRewardsToDistribute(uint256)", amount), nothing=True,
        )  # fmt: skip

    # ---- reads -----------------------------------------------------------------------------

    def _draw_read(self, rng: random.Random) -> Move:
        user, pool, now_ts = rng.choice(USERS), self.ours, self.now_ts
        by_self, period = rng.random() < 0.5, rng.randint(0, pool.shares.current_period_id)
        source, destination = rng.choice((("sUSD", "sETH"), ("sETH", "sUSD")))
        amount = log_uniform(rng, 1, 1 << 100)

        def amounts() -> bytes:
            got = liquidation.liquidation_amounts(pool, user, is_self=by_self)
            return encode(
                got.total_redeemed, got.debt_to_remove, got.escrow_to_liquidate, got.debt_balance
            )

        def dynamic() -> bytes:
            rate, over = trading.dynamic_fee_rate_for_exchange(pool, source, destination)
            return encode(rate, int(over))

        reads: list[tuple[str, str, list[int | str], Callable[[], bytes]]] = [
            ("Issuer", "collateralisationRatio(address)", [user],
             lambda: encode(snx.collateralisation_ratio(pool, user))),
            ("Issuer", "maxIssuableSynths(address)", [user],
             lambda: encode(snx.max_issuable_synths(pool, user))),
            ("Issuer", "debtBalanceOf(address,bytes32)", [user, word("SNX")],
             lambda: encode(snx.debt_balance_of(pool, user, "SNX"))),
            ("Issuer", "liquidationAmounts(address,bool)", [user, int(by_self)], amounts),
            ("Issuer", "lastIssueEvent(address)", [user],
             lambda: encode(pool.last_issue_ts.get(user, 0))),
            ("Synthetix", "transferableSynthetix(address)", [user],
             lambda: encode(snx.transferable_synthetix(pool, user))),
            ("Liquidator", "isLiquidationOpen(address,bool)", [user, int(by_self)],
             lambda: encode(int(liquidation.is_liquidation_open(
                 pool, user, is_self=by_self, now_ts=now_ts)))),
            ("Exchanger", "dynamicFeeRateForExchange(bytes32,bytes32)",
             [word(source), word(destination)], dynamic),
            ("Exchanger", "getAmountsForExchange(uint256,bytes32,bytes32)",
             [amount, word(source), word(destination)],
             lambda: self._amounts_for_exchange(source, amount, destination)),
            ("SynthetixDebtShare", "sharePercentOnPeriod(address,uint256)", [user, period],
             lambda: encode(debt_share.share_percent_on_period(pool.shares, user, period))),
            ("LiquidatorRewards", "earned(address)", [user],
             lambda: encode(pool_of.earned(pool, user))),
            ("FeePool", "feesByPeriod(address)", [user],
             lambda: encode(*sum(fee_pool.fees_by_period(pool, user), ()))),
            ("FeePool", "isFeesClaimable(address)", [user],
             lambda: encode(int(fee_pool.is_fees_claimable(pool, user)))),
        ]  # fmt: skip
        contract, signature, arguments, ours = rng.choice(reads)
        return self._move(signature, ours, OWNER, contract, call(signature, *arguments))

    def _amounts_for_exchange(self, source: str, amount: int, destination: str) -> bytes:
        pool = self.ours
        if source in pool.stale:
            raise revert_error("src synth rate invalid")
        if destination in pool.stale:
            raise revert_error("dest synth rate invalid")
        received, fee, too_volatile = trading.amounts_for_exchange(
            pool, source, amount, destination
        )
        if too_volatile:
            raise revert_error("exchange rates too volatile")
        return encode(received, fee, trading.fee_rate_for_exchange(pool, source, destination)[0])

    # ---- how a move is played --------------------------------------------------------------

    def _or_zero(self, figure: Callable[[], int]) -> int:
        try:
            return figure()
        except Revert:
            return 0

    def _act(
        self, label: str, ours: Callable[[], object], sender: str, contract: str, data: bytes,
        *, nothing: bool = False,
    ) -> Move:  # fmt: skip
        def answered() -> bytes:
            value = ours()
            return b"" if nothing else encode(int(value))  # type: ignore[call-overload]

        return self._move(label, answered, sender, contract, data)

    def _move(
        self, label: str, ours: Callable[[], bytes], sender: str, contract: str, data: bytes
    ) -> Move:
        def theirs() -> Answer:
            return self.chain.send(sender, self.at[contract], data)

        return Move(label, ours, theirs, self.touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the contracts that hold the pool's state."""
        found = self.touched()
        return {
            self.at[name]: self.constants[name] | found.get(self.at[name], {})
            for name in COMPARED
        }  # fmt: skip

    def touched(self) -> Storage:
        """Every word that we know of."""
        found = {
            "SynthetixDebtShare": self._share_words(),
            "DebtCache": self._cache_words(),
            "LiquidatorRewards": self._reward_words(),
            "TokenStateSNX": _balances(self._snx()),
            "TokenStatesUSD": _balances(self._named("sUSD")),
            "TokenStatesETH": _balances(self._named("sETH")),
            "FlexibleStorage": self._record_words(),
            "SynthsUSD": {7: self.ours.synths["sUSD"].total_supply},
            "SynthsETH": {7: self.ours.synths["sETH"].total_supply},
            "FeePool": self._period_words(),
            "FeePoolEternalStorage": {
                mapping_slot(_record(word("last_fee_withdrawal"), str(who)), 3): period
                for who, period in self.ours.last_fee_withdrawal.items()
            },
            "RewardEscrowV2Storage": self._escrow_words(),
        }
        return {self.at[name]: words for name, words in found.items()}

    def _snx(self) -> dict[str, int]:
        held = dict(self.ours.snx)
        held[self.at["RewardEscrowV2"]] = self.ours.escrow.held
        held[self.at["LiquidatorRewards"]] = self.ours.rewards.balance
        return held  # type: ignore[return-value]

    def _named(self, key: str) -> dict[str, int]:
        balances = self.ours.synths[key].balances
        return {FEES if who == snx.FEE_ADDRESS else str(who): n for who, n in balances.items()}

    def _share_words(self) -> dict[int, int]:
        shares = self.ours.shares
        words = {10: 18 | shares.current_period_id << 8}
        for period, supply in shares.total_supply_on_period.items():
            words[mapping_slot(period, 7)] = supply
        for who, entries in shares.balances.items():
            place = mapping_slot(int(str(who), 16), 6)
            words[place] = len(entries)
            first = int.from_bytes(keccak(place.to_bytes(32, "big")), "big")
            for i, (period, amount) in enumerate(entries):
                words[(first + i) % (1 << 256)] = amount | period << 128
        return words

    def _cache_words(self) -> dict[int, int]:
        pool = self.ours
        words = {4: pool.cached_debt, 7: pool.cache_ts, 8: int(pool.cache_invalid)}
        for key, debt in pool.cached_synth_debt.items():
            words[mapping_slot(word(key), 5)] = debt
        return words

    def _reward_words(self) -> dict[int, int]:
        rewards = self.ours.rewards
        guard = self.chain.slot(self.at["LiquidatorRewards"], 4)
        words = {4: guard, 5: rewards.accumulated_per_share}
        for who, entry in rewards.entry_accumulated.items():
            key = int(str(who), 16)
            words[mapping_slot(key, 6)] = rewards.claimable[who] | entry << 128
            words[mapping_slot(key, 7)] = 1
        return words

    def _period_words(self) -> dict[int, int]:
        current = self.chain.slot(self.at["FeePool"], 22)
        # the address that last called, which no result depends on
        words = {3: self.chain.slot(self.at["FeePool"], 3), 22: current}
        for k, period in enumerate(self.ours.fee_periods):
            first = 8 + 7 * ((current + k) % 2)
            figures = (
                period.fee_period_id | period.start_time << 64, period.debt, period.shares,
                period.fees_to_distribute, period.fees_claimed,
                period.rewards_to_distribute, period.rewards_claimed,
            )  # fmt: skip
            words |= {first + i: figure for i, figure in enumerate(figures)}
        return words

    def _escrow_words(self) -> dict[int, int]:
        escrow = self.ours.escrow
        words = {8: escrow.total_escrowed, 9: escrow.next_entry_id}
        for (who, number), (end_ts, amount) in escrow.entries.items():
            place = mapping_slot(number, mapping_slot(int(str(who), 16), 3))
            words[place] = end_ts | amount << 32
        for who, numbers in escrow.entry_ids.items():
            key = int(str(who), 16)
            place = mapping_slot(key, 4)
            words[place] = len(numbers)
            first = int.from_bytes(keccak(place.to_bytes(32, "big")), "big")
            words |= {(first + i) % (1 << 256): number for i, number in enumerate(numbers)}
            # set to -1 the first time that something is taken before its end
            counted = mapping_slot(key, 5)
            words[counted] = self.chain.slot(self.at["RewardEscrowV2Storage"], counted)
        for slot, values in ((6, escrow.escrowed), (7, escrow.vested)):
            for who, amount in values.items():
                words[mapping_slot(int(str(who), 16), slot)] = amount or (1 << 256) - 1
        return words

    def _record_words(self) -> dict[int, int]:
        pool = self.ours
        words = {
            self._record("Issuer", "lastIssueEvent", str(who), 2): at
            for who, at in pool.last_issue_ts.items()
        }
        for who, flagger in pool.flaggers.items():
            deadline = pool.deadlines.get(who, 0)
            words[self._record("Liquidator", "LiquidationDeadline", str(who), 2)] = deadline
            place = self._record("Liquidator", "LiquidationCaller", str(who), 4)
            words[place] = int(str(flagger), 16)
        for name in ("Issuer", "Liquidator"):
            place = mapping_slot(word(name), 1)
            words[place] = self.chain.slot(self.at["FlexibleStorage"], place)
        return words

    def _record(self, contract: str, scope: str, who: str, slot: int) -> int:
        memo = self.chain.slot(self.at["FlexibleStorage"], mapping_slot(word(contract), 1))
        return mapping_slot(_record(word(scope), who), mapping_slot(memo, slot))


def _record(scope: int, who: str) -> bytes:
    return keccak(scope.to_bytes(32, "big") + bytes.fromhex(who.removeprefix("0x")))


def _balances(held: dict[str, int]) -> dict[int, int]:
    return {mapping_slot(int(who, 16), 3): amount for who, amount in held.items()}
