"""
SushiSwap's second MasterChef on top of the first: random sequences on both compiled contracts.

Moves: deposit for oneself and for others, withdraw, harvest, both at once, emergency withdraw,
rewards fetched from the first contract, pools opened and given other points, updates of one and of
several, reads, donations; in the first contract stakes come and go and points change.
Starts: one to four pools, the first contract before, during and after its bonus.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode, keccak, mapping_slot, pack
from judge.chain import OWNER
from judge.duel import Move, Storage, set_up

from headframe.exact import sushiswap_masterchef as v1
from headframe.exact import sushiswap_masterchef_v2 as v2

from .farm_stage import USERS, sushi_code
from .stage import log_uniform
from .sushiswap_masterchef import SushiswapMasterchefDuel

POOLS, TOKENS, REWARDERS = (
    int.from_bytes(keccak(slot.to_bytes(32, "big")), "big") for slot in (3, 4, 5)
)
NOBODY = "0x" + "00" * 20


class SushiswapMasterchefV2Duel:
    """The farm's two texts, and the first MasterChef's."""

    name: ClassVar[str] = "sushiswap_masterchef_v2"
    judge: ClassVar[str] = "release artifact: PyPI web3-ethereum-defi 1.2, sushi/MasterChefV2"

    def __init__(self, rng: random.Random) -> None:
        self.first = SushiswapMasterchefDuel(rng)
        self.stage, self.chain, self.sushi = self.first.stage, self.first.chain, self.first.sushi
        master, dummy = self.first.ours, self.stage.tokens[1]
        pid = len(master.pools)
        points = rng.choice((0, log_uniform(rng, 1, 10_000)))
        add = "add(uint256,address,bool)"
        self.chain.must(OWNER, self.first.address, add, points, dummy, False)
        v1.add(master, points, dummy, False, now_height=self.stage.now_height)
        self.address = self.chain.deploy(
            sushi_code("MasterChefV2"), self.first.address, self.sushi, pid
        )
        self.first.names[v2.ITSELF] = self.address
        for token in (*self.stage.tokens, self.sushi):
            self.stage.approve(token, self.address)
        self.ours = v2.MasterChefV2(master_chef=master, master_pid=pid)
        self._init(rng.randint(1, 10**18), dummy)
        for _ in range(rng.randint(1, 4)):
            set_up(self._draw_add(rng))

    def _init(self, amount: int, dummy: str) -> None:
        holder = "0x" + "d0" * 20
        self.chain.must(OWNER, dummy, "transfer(address,uint256)", holder, amount)
        self.chain.must(holder, dummy, "approve(address,uint256)", self.address, amount)
        self.chain.must(holder, self.address, "init(address)", dummy)
        v2.init(self.ours, amount, now_height=self.stage.now_height)

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        if rng.random() < 0.15:
            return self._borrow(self.first.draw(rng))
        self.stage.let_blocks_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_deposit: 28,
            self._draw_withdraw: 14,
            self._draw_harvest: 14,
            self._draw_both: 14,
            self._draw_emergency: 4,
            self._draw_fetch: 8,
            self._draw_update: 8,
            self._draw_set: 4 if self.ours.total_alloc_point else 40,
            self._draw_add: 2 if len(self.ours.pools) < 6 else 0,
            self._draw_read: 6,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _borrow(self, move: Move) -> Move:
        return Move(f"first.{move.label}", move.ours, move.theirs, self._touched)

    def _draw_pid(self, rng: random.Random) -> int:
        return rng.randint(0, len(self.ours.pools) - (0 if rng.random() < 0.02 else 1))

    def _draw_stake(self, rng: random.Random) -> tuple[str, int, int]:
        stakes = [(user, pid) for (pid, user), info in self.ours.users.items() if info.amount]
        user, pid = rng.choice(USERS), self._draw_pid(rng)
        if stakes and rng.random() < 0.8:
            user, pid = rng.choice(stakes)
        info = self.ours.users.get((pid, user))
        return str(user), pid, info.amount if info else 0

    def _draw_deposit(self, rng: random.Random) -> Move:
        user, to, pid = rng.choice(USERS), rng.choice(USERS), self._draw_pid(rng)
        amount = rng.choice((0, log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 1 << 60)))
        sushi = self._is_sushi(pid)
        if sushi:
            amount = rng.randint(0, self.first.wallets[user])

        def ours() -> bytes:
            v2.deposit(self.ours, pid, amount, to, now_height=self.stage.now_height)
            self._pocket(user, -amount if sushi else 0)
            return b""

        data = call("deposit(uint256,uint256,address)", pid, amount, to)
        return self._move(f"deposit({pid}, {user}, {amount}, {to})", ours, user, data)

    def _draw_withdraw(self, rng: random.Random) -> Move:
        user, pid, amount, to = self._draw_part(rng)

        def ours() -> bytes:
            v2.withdraw(self.ours, pid, user, amount, now_height=self.stage.now_height)
            self._pocket(to, amount if self._is_sushi(pid) else 0)
            return b""

        data = call("withdraw(uint256,uint256,address)", pid, amount, to)
        return self._move(f"withdraw({pid}, {user}, {amount})", ours, user, data)

    def _draw_harvest(self, rng: random.Random) -> Move:
        user, pid, _, to = self._draw_part(rng)

        def ours() -> bytes:
            height = self.stage.now_height
            self._pocket(to, v2.harvest(self.ours, pid, user, now_height=height))
            return b""

        data = call("harvest(uint256,address)", pid, to)
        return self._move(f"harvest({pid}, {user})", ours, user, data)

    def _draw_both(self, rng: random.Random) -> Move:
        user, pid, amount, to = self._draw_part(rng)

        def ours() -> bytes:
            height = self.stage.now_height
            paid = v2.withdraw_and_harvest(self.ours, pid, user, amount, now_height=height)
            self._pocket(to, paid + (amount if self._is_sushi(pid) else 0))
            return b""

        data = call("withdrawAndHarvest(uint256,uint256,address)", pid, amount, to)
        return self._move(f"withdraw_and_harvest({pid}, {user}, {amount})", ours, user, data)

    def _draw_emergency(self, rng: random.Random) -> Move:
        user, pid, _, to = self._draw_part(rng)

        def ours() -> bytes:
            staked = v2.emergency_withdraw(self.ours, pid, user)
            self._pocket(to, staked if self._is_sushi(pid) else 0)
            return b""

        data = call("emergencyWithdraw(uint256,address)", pid, to)
        return self._move(f"emergency_withdraw({pid}, {user})", ours, user, data)

    def _draw_part(self, rng: random.Random) -> tuple[str, int, int, str]:
        user, pid, staked = self._draw_stake(rng)
        amount = rng.choice((0, staked, rng.randint(0, staked), staked + (rng.random() < 0.1)))
        return user, pid, amount, rng.choice(USERS)

    def _draw_fetch(self, rng: random.Random) -> Move:
        def ours() -> bytes:
            v2.harvest_from_master_chef(self.ours, now_height=self.stage.now_height)
            return b""

        return self._move("fetch()", ours, OWNER, call("harvestFromMasterChef()"))

    def _draw_update(self, rng: random.Random) -> Move:
        height = self.stage.now_height
        if rng.random() < 0.4:
            pids = [self._draw_pid(rng) for _ in range(rng.randint(0, 4))]

            def several() -> bytes:
                v2.mass_update_pools(self.ours, pids, now_height=height)
                return b""

            return self._move(
                f"mass_update({pids})", several, OWNER, call("massUpdatePools(uint256[])", pids)
            )
        pid = self._draw_pid(rng)

        def ours() -> bytes:
            v2.update_pool(self.ours, pid, now_height=height)
            pool = self.ours.pools[pid]
            return encode(pool.acc_sushi_per_share, pool.last_reward_block, pool.alloc_point)

        return self._move(f"update({pid})", ours, OWNER, call("updatePool(uint256)", pid))

    def _draw_set(self, rng: random.Random) -> Move:
        pid = self._draw_pid(rng)
        points = rng.choice((0, log_uniform(rng, 1, 10_000), log_uniform(rng, 1, 10_000)))
        if rng.random() < 0.05:
            points = rng.choice(((1 << 64) - 1, 1 << 64, (1 << 256) - 1))

        def ours() -> bytes:
            v2.set_(self.ours, pid, points)
            return b""

        data = call("set(uint256,uint256,address,bool)", pid, points, NOBODY, False)
        return self._move(f"set({pid}, {points})", ours, OWNER, data)

    def _draw_add(self, rng: random.Random) -> Move:
        token = rng.choice((*self.stage.tokens, *self.stage.tokens, v1.SUSHI))
        points, height = rng.choice((0, log_uniform(rng, 1, 10_000))), self.stage.now_height

        def ours() -> bytes:
            v2.add(self.ours, points, token, now_height=height)
            return b""

        token_address = self.first.names.get(token, str(token))
        data = call("add(uint256,address,address)", points, token_address, NOBODY)
        return self._move(f"add({points}, {token})", ours, OWNER, data)

    def _draw_read(self, rng: random.Random) -> Move:
        pid, user, height = self._draw_pid(rng), rng.choice(USERS), self.stage.now_height
        if rng.random() < 0.3:
            return self._move(
                "sushi_per_block()",
                lambda: encode(v2.sushi_per_block(self.ours)),
                OWNER,
                call("sushiPerBlock()"),
            )
        return self._move(
            f"pending({pid}, {user})",
            lambda: encode(v2.pending_sushi(self.ours, pid, user, now_height=height)),
            OWNER,
            call("pendingSushi(uint256,address)", pid, user),
        )

    def _is_sushi(self, pid: int) -> bool:
        return pid < len(self.ours.pools) and self.ours.pools[pid].lp_token == v1.SUSHI

    def _pocket(self, user: str, amount: int) -> None:
        self.first.wallets[user] += amount

    def _move(self, label: str, ours: Callable[[], bytes], sender: str, data: bytes) -> Move:
        return Move(label, ours, lambda: self.chain.send(sender, self.address, data), self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of both farms."""
        pools = self.ours.pools
        words = {0: int(OWNER, 16), 3: len(pools), 4: len(pools), 5: len(pools)}
        words[7] = self.ours.total_alloc_point
        for pid, pool in enumerate(pools):
            words[POOLS + pid] = pack(
                (pool.acc_sushi_per_share, 128),
                (pool.last_reward_block, 64),
                (pool.alloc_point, 64),
            )
            token = self.first.names.get(pool.lp_token, str(pool.lp_token))
            words[TOKENS + pid], words[REWARDERS + pid] = int(token, 16), 0
        for (pid, user), info in self.ours.users.items():
            slot = mapping_slot(int(str(user), 16), mapping_slot(pid, 6))
            words[slot], words[slot + 1] = info.amount, info.reward_debt % (1 << 256)
        return self.first.everything() | {self.address: words}

    def _touched(self) -> Storage:
        held = self.ours.token_balance
        self.first.wallets[self.address] = held.get(v1.SUSHI, 0)
        storage = self.first.touched() | {self.address: self.everything()[self.address]}
        for token in self.stage.tokens:
            balance = {self.address: held.get(token, 0)}
            storage[token] |= self.stage.words_of(token, balance, 1)
        return storage
