"""
Uniswap v2: random sequences on the deployed pair.

Moves: mint, burn, swap both ways and flash swaps, exact to the wei of the curve and one wei beside,
sync, skim, donations, transfers of shares, the protocol's fee switched on and off, time.
Starts: nothing, a first deposit of any size, up to 1,000 providers, reserves close to 112 bits.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge import actor
from judge.abi import call, encode, mapping_slot, pack
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.exact import uniswap_v2 as v2

from .stage import V2_CORE, log_uniform, set_stage

ZERO = "0x" + "00" * 20
COLLECTOR = "0x" + "fe" * 20
"""Who receives the protocol's fee."""
FULL = (1 << 112) - 1


class UniswapV2Duel:
    """The pair's two texts."""

    name: ClassVar[str] = "uniswap_v2"
    judge: ClassVar[str] = "release artifact: @uniswap/v2-core 1.0.1, UniswapV2Pair"

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_stage(rng)
        self.chain = self.stage.chain
        code = creation_code(V2_CORE, "package/build/UniswapV2Factory.json")
        self.factory = self.chain.deploy(code, OWNER)
        tokens = self.stage.tokens
        self.chain.must(OWNER, self.factory, "createPair(address,address)", *tokens)
        self.pair = self.chain.address_of(self.factory, "getPair(address,address)", *tokens)
        self.ours = v2.Pair()
        self.constants = {slot: self.chain.slot(self.pair, slot) for slot in (3, 5, 6, 7)}
        self._draw_start(rng)

    def _draw_start(self, rng: random.Random) -> None:
        if rng.random() < 0.1:
            return
        if rng.random() < 0.5:
            self._set_fee_to(COLLECTOR)
        providers, bits = log_uniform(rng, 1, 1_000), 100
        if rng.random() < 0.1:
            providers, bits = 1, 112
        first = [log_uniform(rng, 1 << 11, 1 << bits) - 1 for _ in range(2)]
        for number in range(providers):
            later = rng.randint(0, 2_000)
            self._give(*(amount * later // 1_000 if number else amount for amount in first))
            set_up(self._mint(rng.choice(self.stage.actors)))

    # ---- moves -----------------------------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self.stage.let_time_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_swap: 50,
            self._draw_mint: 15,
            self._draw_burn: 12,
            self._draw_transfer: 6,
            self._draw_skim: 4,
            self._draw_sync: 4,
            self._draw_donation: 4,
            self._draw_fee_to: 3,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _draw_swap(self, rng: random.Random) -> Move:
        zero_for_one = rng.random() < 0.5
        reserves = (self.ours.reserve0, self.ours.reserve1)
        reserve_in, reserve_out = reserves if zero_for_one else reserves[::-1]
        amount_in = log_uniform(rng, 1, max(2 * reserve_in, 2))
        out = amount_in * 997 * reserve_out // max(reserve_in * 1000 + amount_in * 997, 1)
        if rng.random() < 0.2:
            out = log_uniform(rng, 1, max(reserve_out + 1, 2))
        out += rng.choices((0, 1, -1), (70, 15, 15))[0]
        outs = [max(out, 0), rng.randint(0, 2) if rng.random() < 0.1 else 0]
        ins = [amount_in, rng.randint(0, 3) if rng.random() < 0.1 else 0]
        if zero_for_one:
            outs.reverse()
        else:
            ins.reverse()
        if rng.random() < 0.25:
            return self._swap(rng, outs, ins, flash=True)
        if rng.random() < 0.97:
            self._give(*ins)
        return self._swap(rng, outs, [0, 0], flash=False)

    def _swap(self, rng: random.Random, outs: list[int], ins: list[int], flash: bool) -> Move:
        player = rng.choice(self.stage.actors)
        orders = actor.payment(*self.stage.tokens, False, *ins) if flash else b""
        data = call("swap(uint256,uint256,address,bytes)", *outs, player, orders)

        def ours() -> bytes:
            now_ts = self.stage.now_ts
            v2.swap(self.ours, outs[0], outs[1], now_ts=now_ts, paid0=ins[0], paid1=ins[1])
            return b""

        return self._move(f"swap({outs}, {ins})", ours, player, data)

    def _draw_mint(self, rng: random.Random) -> Move:
        if rng.random() < 0.9:
            part = log_uniform(rng, 1, 1 << 40)
            amount0 = self.ours.reserve0 * part >> rng.randint(36, 60)
            amount1 = self.ours.reserve1 * part >> rng.randint(36, 60)
            if rng.random() < 0.3 or not self.ours.reserve0:
                amount0, amount1 = log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 1 << 90)
            if rng.random() < 0.02:
                amount0 = log_uniform(rng, FULL, 1 << 200)
            self._give(amount0, amount1)
        return self._mint(rng.choice(self.stage.actors))

    def _mint(self, to: str) -> Move:
        def ours() -> bytes:
            return encode(v2.mint(self.ours, to, now_ts=self.stage.now_ts))

        return self._move("mint()", ours, OWNER, call("mint(address)", to))

    def _draw_burn(self, rng: random.Random) -> Move:
        player = rng.choice(self.stage.actors)
        held = self.ours.balance_of.get(player, 0)
        if rng.random() < 0.95:
            value = rng.choice((held, rng.randint(0, held), log_uniform(rng, 1, max(held, 1))))
            self._transfer(player, self.pair, min(value, held)).theirs()
            v2.transfer(self.ours, player, v2.PAIR, min(value, held))

        def ours() -> bytes:
            return encode(*v2.burn(self.ours, now_ts=self.stage.now_ts))

        return self._move("burn()", ours, OWNER, call("burn(address)", player))

    def _draw_transfer(self, rng: random.Random) -> Move:
        owner = rng.choice(self.stage.actors)
        to = rng.choice([*self.stage.actors, self.pair])
        held = self.ours.balance_of.get(owner, 0)
        return self._transfer(owner, to, rng.randint(0, held + max(held // 10, 1)))

    def _transfer(self, owner: str, to: str, value: int) -> Move:
        def ours() -> bytes:
            v2.transfer(self.ours, owner, v2.PAIR if to == self.pair else to, value)
            return encode(True)

        data = call("transfer(address,uint256)", to, value)
        return self._move(f"transfer({value})", ours, owner, data)

    def _draw_skim(self, rng: random.Random) -> Move:
        def ours() -> bytes:
            v2.skim(self.ours)
            return b""

        return self._move(
            "skim()", ours, OWNER, call("skim(address)", rng.choice(self.stage.actors))
        )

    def _draw_sync(self, rng: random.Random) -> Move:
        def ours() -> bytes:
            v2.sync(self.ours, now_ts=self.stage.now_ts)
            return b""

        return self._move("sync()", ours, OWNER, call("sync()"))

    def _draw_donation(self, rng: random.Random) -> Move:
        amounts = [log_uniform(rng, 1, 1 << 100), log_uniform(rng, 1, 1 << 100)]
        if rng.random() < 0.05:
            amounts[rng.randrange(2)] = log_uniform(rng, 1 << 111, 1 << 240)
        if rng.random() < 0.5:
            amounts[rng.randrange(2)] = 0
        self._give(*amounts)
        return self._draw_skim(rng) if max(amounts) > FULL else self._draw_sync(rng)

    def _draw_fee_to(self, rng: random.Random) -> Move:
        self._set_fee_to(COLLECTOR if self.ours.fee_to is None else ZERO)
        return self._draw_sync(rng)

    def _set_fee_to(self, receiver: str) -> None:
        self.chain.must(OWNER, self.factory, "setFeeTo(address)", receiver)
        self.ours.fee_to = None if receiver == ZERO else receiver

    def _give(self, amount0: int, amount1: int) -> None:
        for token, amount in zip(self.stage.tokens, (amount0, amount1), strict=True):
            data = actor.forward(token, call("transfer(address,uint256)", self.pair, amount))
            assert not self.chain.send(OWNER, self.stage.actors[0], data).failed
        v2.send(self.ours, amount0, amount1)

    def _move(self, label: str, ours: Callable[[], bytes], sender: str, data: bytes) -> Move:
        def theirs() -> Answer:
            if sender == OWNER:
                return self.chain.send(OWNER, self.pair, data)
            return self.chain.send(OWNER, sender, actor.forward(self.pair, data))

        return Move(label, ours, theirs, self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the pair, and what it holds of both tokens."""
        pair = self.ours
        reserves = pack((pair.reserve0, 112), (pair.reserve1, 112), (pair.block_timestamp_last, 32))
        words = self.constants | {
            0: pair.total_supply,
            8: reserves,
            9: pair.price0_cumulative_last,
            10: pair.price1_cumulative_last,
            11: pair.k_last,
            12: 1,
        }
        addresses = {v2.BURNT: ZERO, v2.PAIR: self.pair}
        for owner, shares in pair.balance_of.items():
            words[mapping_slot(int(addresses.get(owner, owner), 16), 1)] = shares
        return {self.pair: words}

    def _touched(self) -> Storage:
        storage = self.everything()
        for token, amount in enumerate((self.ours.balance0, self.ours.balance1)):
            contract, slot = self.stage.balance(token, self.pair)
            storage[contract] = {slot: amount}
        return storage
