"""
SushiSwap's first MasterChef: random sequences on the compiled contract.

Moves: deposit, withdraw, harvest (withdraw nothing), emergency withdraw, pools opened and given
other points with and without an update, updates of one and of all, donations, the reward token
staked itself, pools that are not there, reads, blocks.
Starts: one to six pools of two tokens and the reward, before, during and after the bonus; points
may all be zero.
"""

import random
from collections.abc import Callable, Hashable
from typing import ClassVar

from judge.abi import call, encode, keccak, mapping_slot
from judge.chain import OWNER
from judge.duel import Move, Storage, set_up

from headframe.exact import sushiswap_masterchef as v1

from .farm_stage import DEV, USERS, set_farm_stage, sushi_code
from .stage import log_uniform

POOLS = int.from_bytes(keccak((6).to_bytes(32, "big")), "big")


class SushiswapMasterchefDuel:
    """The farm's two texts."""

    name: ClassVar[str] = "sushiswap_masterchef"
    judge: ClassVar[str] = "release artifact: PyPI web3-ethereum-defi 1.2, sushi/MasterChef"

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_farm_stage(rng, tokens=2)
        self.chain = self.stage.chain
        self.sushi = self.chain.deploy(sushi_code("SushiToken"))
        start = max(self.stage.now_height + rng.randint(-5, 50), 0)
        end = start + rng.choice((0, rng.randint(1, 300), 10**6))
        per_block = rng.choice((100 * 10**18, log_uniform(rng, 1, 1 << 100)))
        self.address = self.chain.deploy(
            sushi_code("MasterChef"), self.sushi, DEV, per_block, start, end
        )
        self.chain.must(OWNER, self.sushi, "transferOwnership(address)", self.address)
        self.names: dict[Hashable, str] = {v1.SUSHI: self.sushi}
        for token in (self.sushi, *self.stage.tokens):
            self.stage.approve(token, self.address)
        self.ours = v1.MasterChef(sushi_per_block=per_block, start_block=start, bonus_end_block=end)
        self.wallets = dict.fromkeys(USERS, 0)
        self.constants = {slot: self.chain.slot(self.address, slot) for slot in (0, 1, 2, 3, 4, 9)}
        for _ in range(rng.randint(1, 4)):
            set_up(self._draw_add(rng))

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self.stage.let_blocks_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_deposit: 32,
            self._draw_withdraw: 32,
            self._draw_emergency: 5,
            self._draw_update: 12,
            self._draw_set: 5 if self.ours.total_alloc_point else 40,
            self._draw_add: 2 if len(self.ours.pools) < 6 else 0,
            self._draw_read: 8,
            self._draw_donation: 4,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _draw_pid(self, rng: random.Random) -> int:
        return rng.randint(0, len(self.ours.pools) - (0 if rng.random() < 0.02 else 1))

    def _draw_stake(self, rng: random.Random) -> tuple[str, int, int]:
        user, pid = rng.choice(USERS), self._draw_pid(rng)
        info = self.ours.users.get((pid, user))
        return user, pid, info.amount if info else 0

    def _draw_deposit(self, rng: random.Random) -> Move:
        user, pid, _ = self._draw_stake(rng)
        amount = rng.choice((0, log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 1 << 60)))
        if pid < len(self.ours.pools) and self.ours.pools[pid].lp_token == v1.SUSHI:
            amount = rng.randint(0, self.wallets[user])
        if pid < len(self.ours.pools) and rng.random() < 0.01:
            amount = log_uniform(rng, 1, 1 << 200) if self._is_plain(pid) else amount

        def ours() -> bytes:
            paid = v1.deposit(self.ours, pid, user, amount, now_height=self.stage.now_height)
            self._pocket(user, paid - (0 if self._is_plain(pid) else amount))
            return b""

        data = call("deposit(uint256,uint256)", pid, amount)
        return self._move(f"deposit({pid}, {user}, {amount})", ours, user, data)

    def _is_plain(self, pid: int) -> bool:
        return self.ours.pools[pid].lp_token != v1.SUSHI

    def _draw_withdraw(self, rng: random.Random) -> Move:
        user, pid, staked = self._draw_stake(rng)
        amount = rng.choice((0, staked, rng.randint(0, staked), staked + (rng.random() < 0.1)))

        def ours() -> bytes:
            paid = v1.withdraw(self.ours, pid, user, amount, now_height=self.stage.now_height)
            self._pocket(user, paid + (0 if self._is_plain(pid) else amount))
            return b""

        data = call("withdraw(uint256,uint256)", pid, amount)
        return self._move(f"withdraw({pid}, {user}, {amount})", ours, user, data)

    def _draw_emergency(self, rng: random.Random) -> Move:
        user, pid, _ = self._draw_stake(rng)

        def ours() -> bytes:
            staked = v1.emergency_withdraw(self.ours, pid, user)
            self._pocket(user, 0 if self._is_plain(pid) else staked)
            return b""

        data = call("emergencyWithdraw(uint256)", pid)
        return self._move(f"emergency_withdraw({pid}, {user})", ours, user, data)

    def _draw_update(self, rng: random.Random) -> Move:
        pid, height = self._draw_pid(rng), self.stage.now_height
        if rng.random() < 0.3:

            def all_of_them() -> bytes:
                v1.mass_update_pools(self.ours, now_height=height)
                return b""

            return self._move("mass_update()", all_of_them, OWNER, call("massUpdatePools()"))

        def ours() -> bytes:
            v1.update_pool(self.ours, pid, now_height=height)
            return b""

        return self._move(f"update({pid})", ours, OWNER, call("updatePool(uint256)", pid))

    def _draw_set(self, rng: random.Random) -> Move:
        pid, update, height = self._draw_pid(rng), rng.random() < 0.5, self.stage.now_height
        points = rng.choice((0, log_uniform(rng, 1, 10_000), log_uniform(rng, 1, (1 << 256) - 1)))
        if points >= 1 << 60 and rng.random() < 0.8:
            points = 1

        def ours() -> bytes:
            v1.set_(self.ours, pid, points, update, now_height=height)
            return b""

        data = call("set(uint256,uint256,bool)", pid, points, update)
        return self._move(f"set({pid}, {points}, {update})", ours, OWNER, data)

    def _draw_add(self, rng: random.Random) -> Move:
        token = rng.choice((*self.stage.tokens, *self.stage.tokens, v1.SUSHI))
        points = rng.choice((0, log_uniform(rng, 1, 10_000)))
        update, height = rng.random() < 0.5, self.stage.now_height

        def ours() -> bytes:
            v1.add(self.ours, points, token, update, now_height=height)
            return b""

        data = call("add(uint256,address,bool)", points, self.names.get(token, token), update)
        return self._move(f"add({points}, {token}, {update})", ours, OWNER, data)

    def _draw_read(self, rng: random.Random) -> Move:
        pid, user, height = self._draw_pid(rng), rng.choice(USERS), self.stage.now_height
        if rng.random() < 0.3:
            blocks = [height + rng.randint(-400, 400), height + rng.randint(-400, 400)]
            blocks = [max(block, 0) for block in blocks]
            return self._move(
                f"get_multiplier({blocks})",
                lambda: encode(v1.get_multiplier(self.ours, *blocks)),
                OWNER,
                call("getMultiplier(uint256,uint256)", *blocks),
            )
        return self._move(
            f"pending({pid}, {user})",
            lambda: encode(v1.pending_sushi(self.ours, pid, user, now_height=height)),
            OWNER,
            call("pendingSushi(uint256,address)", pid, user),
        )

    def _draw_donation(self, rng: random.Random) -> Move:
        token, amount = rng.choice(self.stage.tokens), log_uniform(rng, 1, 1 << 90)
        self.chain.must(OWNER, token, "transfer(address,uint256)", self.address, amount)
        self.ours.token_balance[token] = self.ours.token_balance.get(token, 0) + amount
        return self._draw_update(rng)

    def _pocket(self, user: str, amount: int) -> None:
        self.wallets[user] += amount

    def _move(self, label: str, ours: Callable[[], bytes], sender: str, data: bytes) -> Move:
        return Move(label, ours, lambda: self.chain.send(sender, self.address, data), self.touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the farm."""
        words = self.constants | {6: len(self.ours.pools), 8: self.ours.total_alloc_point}
        for pid, pool in enumerate(self.ours.pools):
            words[POOLS + 4 * pid] = int(self.names.get(pool.lp_token, str(pool.lp_token)), 16)
            words[POOLS + 4 * pid + 1] = pool.alloc_point
            words[POOLS + 4 * pid + 2] = pool.last_reward_block
            words[POOLS + 4 * pid + 3] = pool.acc_sushi_per_share
        for (pid, user), info in self.ours.users.items():
            account = self.names.get(user, str(user))
            slot = mapping_slot(int(account, 16), mapping_slot(pid, 7))
            words[slot], words[slot + 1] = info.amount, info.reward_debt
        return {self.address: words}

    def touched(self) -> Storage:
        """All words of the farm, of the reward token, and what the farm holds of the others."""
        storage, held = self.everything(), self.ours.token_balance
        for token in self.stage.tokens:
            storage[token] = self.stage.words_of(token, {self.address: held.get(token, 0)}, 1)
        rewards = {self.address: held.get(v1.SUSHI, 0), DEV: self.ours.dev_minted, **self.wallets}
        storage[self.sushi] = self.stage.words_of(self.sushi, rewards, 0)
        storage[self.sushi][2] = sum(rewards.values())
        return storage
