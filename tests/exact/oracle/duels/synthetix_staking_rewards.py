"""
Synthetix's staking contract: random sequences on mainnet's bytecode.

Moves: stake, withdraw, claim, exit, new sums of rewards during and after a period, too large ones,
other periods, periods ended early or extended, pauses, reads, time.
Starts: before any reward, or within a period, with stakes from one wei up.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge import artifacts
from judge.abi import call, encode
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage

from headframe.exact import synthetix_staking_rewards as snx

from .farm_stage import USERS, set_farm_stage
from .stage import PURSE, log_uniform

DEPLOYMENT = "package/publish/deployed/mainnet/deployment.json"
WEEK = snx.DEFAULT_DURATION_S


class SynthetixStakingRewardsDuel:
    """The farm's two texts."""

    name: ClassVar[str] = "synthetix_staking_rewards"
    judge: ClassVar[str] = "release artifact: synthetix 2.102.1, StakingRewards of mainnet"

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_farm_stage(rng, tokens=2)
        self.chain = self.stage.chain
        self.reward_token, self.stake_token = self.stage.tokens
        bytecode = artifacts.load("synthetix", DEPLOYMENT)["sources"]["StakingRewards"]["bytecode"]
        code = bytes.fromhex(bytecode.removeprefix("0x"))
        self.address = self.chain.deploy(code, OWNER, OWNER, *self.stage.tokens)
        self.stage.approve(self.stake_token, self.address)
        self.ours = snx.StakingRewards()
        self.wallets = dict.fromkeys(USERS, PURSE)
        self.constants = {slot: self.chain.slot(self.address, slot) for slot in (0, 2, 6)}
        self.token_word = self.chain.slot(self.address, 5)

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        passed = rng.choice((0, 0, 1, 12, rng.randint(0, 4_000), rng.randint(0, WEEK)))
        self.stage.now_ts += passed
        self.chain.at(self.stage.now_ts)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_stake: 28,
            self._draw_withdraw: 20,
            self._draw_claim: 20,
            self._draw_notify: 12,
            self._draw_duration: 3,
            self._draw_finish: 1,
            self._draw_pause: 20 if self.ours.paused else 1,
            self._draw_read: 10,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _draw_stake(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        amount = rng.choices((log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 100), 0), (8, 2, 1))
        return self._call(
            f"stake({user}, {amount[0]})",
            lambda: snx.stake(self.ours, user, amount[0], now_ts=self.stage.now_ts),
            user,
            call("stake(uint256)", amount[0]),
        )

    def _draw_withdraw(self, rng: random.Random) -> Move:
        stakers = [user for user in USERS if self.ours.balances.get(user)]
        user = rng.choice(stakers if stakers and rng.random() < 0.9 else USERS)
        staked = self.ours.balances.get(user, 0)
        amount = rng.choice((staked, rng.randint(0, staked), staked + (rng.random() < 0.1)))
        return self._call(
            f"withdraw({user}, {amount})",
            lambda: snx.withdraw(self.ours, user, amount, now_ts=self.stage.now_ts),
            user,
            call("withdraw(uint256)", amount),
        )

    def _draw_claim(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        name, action = rng.choice((("getReward", snx.get_reward), ("exit", snx.exit_)))

        def ours() -> None:
            self.wallets[user] += action(self.ours, user, now_ts=self.stage.now_ts)

        return self._call(f"{name}({user})", ours, user, call(f"{name}()"))

    def _draw_notify(self, rng: random.Random) -> Move:
        reward = log_uniform(rng, 1, 1 << rng.choice((30, 80, 90)))
        if rng.random() < 0.9:
            sent = reward if rng.random() < 0.8 else rng.randint(0, reward)
            self.chain.must(
                OWNER, self.reward_token, "transfer(address,uint256)", self.address, sent
            )
            snx.send_rewards(self.ours, sent)
        if rng.random() < 0.05:
            reward = rng.choice((0, 1 << 254, (1 << 256) - 1))
        return self._call(
            f"notify({reward})",
            lambda: snx.notify_reward_amount(self.ours, reward, now_ts=self.stage.now_ts),
            OWNER,
            call("notifyRewardAmount(uint256)", reward),
        )

    def _draw_duration(self, rng: random.Random) -> Move:
        duration = rng.choice((0, 1, 86_400, WEEK, log_uniform(rng, 1, 10**8)))
        return self._call(
            f"set_duration({duration})",
            lambda: snx.set_rewards_duration(self.ours, duration, now_ts=self.stage.now_ts),
            OWNER,
            call("setRewardsDuration(uint256)", duration),
        )

    def _draw_finish(self, rng: random.Random) -> Move:
        finish = self.stage.now_ts + rng.choice((0, 1, 100_000, rng.randint(0, 10**7), -1))
        return self._call(
            f"update_period_finish({finish})",
            lambda: snx.update_period_finish(self.ours, finish, now_ts=self.stage.now_ts),
            OWNER,
            call("updatePeriodFinish(uint256)", finish),
        )

    def _draw_pause(self, rng: random.Random) -> Move:
        paused = not self.ours.paused if rng.random() < 0.8 else self.ours.paused
        return self._call(
            f"set_paused({paused})",
            lambda: snx.set_paused(self.ours, paused, now_ts=self.stage.now_ts),
            OWNER,
            call("setPaused(bool)", paused),
        )

    def _draw_read(self, rng: random.Random) -> Move:
        user, now_ts, farm = rng.choice(USERS), self.stage.now_ts, self.ours
        signature, ours, arguments = rng.choice((
            ("earned(address)", lambda: snx.earned(farm, user, now_ts=now_ts), [user]),
            ("rewardPerToken()", lambda: snx.reward_per_token(farm, now_ts=now_ts), []),
            ("getRewardForDuration()", lambda: snx.get_reward_for_duration(farm), []),
            (
                "lastTimeRewardApplicable()",
                lambda: snx.last_time_reward_applicable(farm, now_ts=now_ts),
                [],
            ),
        ))  # fmt: skip
        data = call(signature, *arguments)
        return self._move(signature, lambda: encode(ours()), OWNER, data)

    def _call(self, label: str, ours: Callable[[], None], sender: str, data: bytes) -> Move:
        def nothing() -> bytes:
            ours()
            return b""

        return self._move(label, nothing, sender, data)

    def _move(self, label: str, ours: Callable[[], bytes], sender: str, data: bytes) -> Move:
        def theirs() -> Answer:
            return self.chain.send(sender, self.address, data)

        return Move(label, ours, theirs, self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the farm, but the count of its lock (slot 3), which no result depends on."""
        farm = self.ours
        words = self.constants | {
            3: self.chain.slot(self.address, 3),
            4: farm.last_pause_time,
            5: self.token_word | int(farm.paused),
            7: farm.period_finish,
            8: farm.reward_rate,
            9: farm.rewards_duration,
            10: farm.last_update_time,
            11: farm.reward_per_token_stored,
            14: farm.total_supply,
        }
        mappings = ((farm.user_reward_per_token_paid, 12), (farm.rewards, 13), (farm.balances, 15))
        for values, slot in mappings:
            words |= self.stage.words_of(self.address, values, slot)  # type: ignore[arg-type]
        return {self.address: words}

    def _touched(self) -> Storage:
        storage = self.everything()
        held = {self.address: self.ours.reward_balance, **self.wallets}
        storage[self.reward_token] = self.stage.words_of(self.reward_token, held, 1)
        staked = {self.address: self.ours.total_supply}
        storage[self.stake_token] = self.stage.words_of(self.stake_token, staked, 1)
        return storage
