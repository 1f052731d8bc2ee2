"""
Uniswap v3: random sequences on the deployed pool.

Moves: swaps exact in and out with and without a price limit, over many ticks; mint, burn, poke and
collect on old and new ranges, flash, the protocol's share, the price memory grown and read,
snapshots of ranges, payments that are short or too large, calls that must be refused, time.
Starts: no price yet, or one drawn from the whole range of ticks, with 1 to 1,000 positions of three
owners; fee tiers 1, 5, 30 and 100 basis points, now and then an odd one that the factory enables.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge import actor
from judge.abi import call, encode
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.exact import uniswap_v3 as v3

from .stage import log_uniform, set_stage
from .uniswap_v3_storage import Layout

V3_CORE = "@uniswap/v3-core"
FACTORY = "package/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"
HUGE = 1 << 128
EDGE = 850_000
"""Ticks beyond this, up or down, count as the edge."""
PAYABLE = 1 << 200
"""Payments of our own choice stay below what an actor owns."""
RANGE = "(address,int24,int24"


class UniswapV3Duel:
    """The pool's two texts."""

    name: ClassVar[str] = "uniswap_v3"
    judge: ClassVar[str] = "release artifact: @uniswap/v3-core 1.0.1, UniswapV3Pool"

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_stage(rng)
        self.chain = self.stage.chain
        self.factory = self.chain.deploy(creation_code(V3_CORE, FACTORY))
        fee, spacing = self._draw_tier(rng)
        tokens = self.stage.tokens
        create = "createPool(address,address,uint24)"
        self.pool = self.chain.address_of(self.factory, create, *tokens, fee)
        self.ours = v3.create_pool(fee, spacing)
        self.layout = Layout(self.pool, self.ours)
        if rng.random() < 0.9:
            self._start(rng)

    def _draw_tier(self, rng: random.Random) -> tuple[int, int]:
        tiers = v3.factory_fee_tiers()
        v3.enable_fee_amount(tiers, 100, 1)
        enabled = [(100, 1)]
        if rng.random() < 0.1:
            enabled.append((rng.randint(0, 999_999), log_uniform(rng, 1, 16_383)))
        for fee, spacing in enabled:
            self.chain.must(OWNER, self.factory, "enableFeeAmount(uint24,int24)", fee, spacing)
        return enabled[1] if len(enabled) > 1 else rng.choice(sorted(tiers.items()))

    def _start(self, rng: random.Random) -> None:
        set_up(self._initialize(self._draw_price(rng)))
        if rng.random() < 0.4:
            set_up(self._set_fee_protocol(rng.choice((0, 4, 7, 10)), rng.choice((0, 4, 10))))
        if rng.random() < 0.5:
            set_up(self._grow(log_uniform(rng, 1, 300)))
        for _ in range(log_uniform(rng, 1, 1_000)):
            set_up(self._draw_mint(rng, valid=True))

    def _draw_price(self, rng: random.Random) -> int:
        middle = int(rng.gauss(0, 30_000))
        anywhere = rng.randint(v3.MIN_TICK, v3.MAX_TICK - 1)
        edge = rng.choice((v3.MIN_TICK, v3.MAX_TICK - 1)) // 1_000 * 1_000
        tick = rng.choices((middle, anywhere, edge), (75, 20, 5))[0]
        tick = min(max(tick, v3.MIN_TICK), v3.MAX_TICK - 1)
        low, high = v3.get_sqrt_ratio_at_tick(tick), v3.get_sqrt_ratio_at_tick(tick + 1)
        return rng.choice((low, rng.randint(low, high - 1)))

    # ---- drawing moves ---------------------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self.stage.let_time_pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._draw_swap: 46,
            self._draw_mint: 15,
            self._draw_burn: 14,
            self._draw_collect: 8,
            self._draw_flash: 4,
            self._draw_observe: 4,
            self._draw_snapshot: 3,
            self._draw_shares: 4,
            self._draw_grow: 1,
            self._draw_initialize: 1 if self.ours.sqrt_price_x96 else 10,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _draw_swap(self, rng: random.Random) -> Move:
        # At an edge of the tick range most swaps turn back, or they would only be refused.
        fall = 0.95 if self.ours.tick > EDGE else 0.05 if self.ours.tick < -EDGE else 0.5
        zero_for_one = rng.random() < fall
        limit = v3.MIN_SQRT_RATIO + 1 if zero_for_one else v3.MAX_SQRT_RATIO - 1
        if rng.random() < 0.4:
            limit = self._price_away(rng, zero_for_one)
        if rng.random() < 0.02:
            limit = rng.choice((0, v3.MIN_SQRT_RATIO, v3.MAX_SQRT_RATIO, self.ours.sqrt_price_x96))
        amount = self._draw_amount(rng, zero_for_one) * rng.choice((1, -1))
        if rng.random() < 0.03:
            amount = rng.choice((0, 1, -1, (1 << 255) - 1, -(1 << 255), HUGE, -HUGE))
        return self._swap(rng, zero_for_one, amount, limit)

    def _price_away(self, rng: random.Random, down: bool) -> int:
        away = log_uniform(rng, 1, 200 * self.ours.tick_spacing)
        tick = self.ours.tick - away if down else self.ours.tick + away
        tick = min(max(tick, v3.MIN_TICK), v3.MAX_TICK - 1)
        return v3.get_sqrt_ratio_at_tick(tick) + rng.randint(0, 3)

    def _draw_amount(self, rng: random.Random, zero_for_one: bool) -> int:
        if rng.random() < 0.08:
            return log_uniform(rng, 1, HUGE)
        # What it takes to move the price so far at the liquidity of now, roughly.
        there, here = self._price_away(rng, zero_for_one), max(self.ours.sqrt_price_x96, 1)
        liquidity = max(self.ours.liquidity, 1_000)
        amount_of = v3.get_amount0_delta_up if zero_for_one else v3.get_amount1_delta_up
        return max(amount_of(here, there, liquidity), 1)

    def _draw_mint(self, rng: random.Random, *, valid: bool = False) -> Move:
        lower, upper = self._draw_range(rng)
        amount = log_uniform(rng, 1, 1 << rng.choice((64, 80, 100)))
        if not valid and rng.random() < 0.1:
            lower, upper, amount = rng.choice((
                (upper, lower, amount), (lower, lower, amount), (lower, upper, 0),
                (lower, v3.MAX_TICK + rng.randint(0, 2), amount), (lower + 1, upper, amount),
                (v3.MIN_TICK - rng.randint(0, 2), upper, amount), (lower, upper - 1, amount),
                (lower, upper, self.ours.max_liquidity_per_tick + rng.randint(-1, 1)),
                (lower, upper, (1 << 127) - rng.randint(-1, 1)), (lower, upper, HUGE - 1),
            ))  # fmt: skip
        short = (not valid) and rng.random() < 0.05
        return self._mint(rng, lower, upper, amount, short)

    def _draw_range(self, rng: random.Random) -> tuple[int, int]:
        spacing = self.ours.tick_spacing
        lowest, highest = -(v3.MAX_TICK // spacing), v3.MAX_TICK // spacing
        if rng.random() < 0.1:
            return lowest * spacing, highest * spacing
        width = log_uniform(rng, 1, 1_000)
        middle = self.ours.tick // spacing + int(rng.gauss(0, rng.choice((1, 20, 300))))
        lower = min(max(middle - rng.randint(0, width), lowest), highest - 1)
        return lower * spacing, min(max(lower + width, lower + 1), highest) * spacing

    def _draw_key(self, rng: random.Random) -> tuple[str, int, int]:
        if self.ours.positions and rng.random() < 0.95:
            return rng.choice(self.layout.keys())
        return rng.choice(self.stage.actors), *self._draw_range(rng)

    def _draw_burn(self, rng: random.Random) -> Move:
        owner, lower, upper = self._draw_key(rng)
        position = self.ours.positions.get((owner, lower, upper))
        held = position.liquidity if position else 0
        amount = rng.choices(
            (held, rng.randint(0, held), 0, held + rng.randint(1, 9), HUGE - 1), (40, 30, 26, 3, 1)
        )[0]
        if rng.random() < 0.02:
            lower, upper = upper, lower + 1
        return self._burn(owner, lower, upper, amount)

    def _draw_collect(self, rng: random.Random) -> Move:
        most = [rng.choice((HUGE - 1, log_uniform(rng, 1, 1 << 90), 0)) for _ in range(2)]
        return self._collect(*self._draw_key(rng), *most)

    def _draw_flash(self, rng: random.Random) -> Move:
        held = (self.ours.balance0, self.ours.balance1)
        amounts = [rng.randint(0, balance + balance // 50) for balance in held]
        extra = [0, 0]
        if rng.random() < 0.3:
            extra = [rng.randint(-1, 3), rng.randint(-1, 3)]
        if rng.random() < 0.1:
            extra[rng.randrange(2)] = log_uniform(rng, 1, 1 << 150)
        return self._flash(rng, amounts, extra)

    def _draw_observe(self, rng: random.Random) -> Move:
        agos = [log_uniform(rng, 1, 1 << 17) - 1 for _ in range(rng.randint(0, 4))]
        ring = self.ours.observations
        if ring.cardinality and rng.random() < 0.7:
            note = rng.choice([note for note in ring.notes if note.initialized])
            agos.append((self.stage.now_ts - note.block_timestamp) % (1 << 32) + rng.randint(-1, 1))
        return self._observe([max(ago, 0) for ago in agos])

    def _draw_snapshot(self, rng: random.Random) -> Move:
        _, lower, upper = self._draw_key(rng)
        if rng.random() < 0.1:
            lower = rng.choice((upper, lower + 1, v3.MIN_TICK - 1))
        return self._snapshot(lower, upper)

    def _draw_shares(self, rng: random.Random) -> Move:
        if rng.random() < 0.5:
            return self._set_fee_protocol(rng.choice((0, *range(3, 12))), rng.choice((0, 4, 9)))
        most = [rng.choice((HUGE - 1, log_uniform(rng, 1, 1 << 60), 0)) for _ in range(2)]
        return self._collect_protocol(*most)

    def _draw_grow(self, rng: random.Random) -> Move:
        return self._grow(log_uniform(rng, 1, 500) - 1)

    def _draw_initialize(self, rng: random.Random) -> Move:
        price = self._draw_price(rng)
        if rng.random() < 0.5:
            price = rng.choice((0, v3.MIN_SQRT_RATIO - 1, v3.MAX_SQRT_RATIO))
        return self._initialize(price)

    # ---- playing moves on both texts -------------------------------------------------------

    def _initialize(self, price_x96: int) -> Move:
        def ours() -> bytes:
            v3.initialize(self.ours, price_x96, now_ts=self.stage.now_ts)
            return b""

        data = call("initialize(uint160)", price_x96)
        return self._move(f"initialize({price_x96})", ours, OWNER, data)

    def _swap(self, rng: random.Random, down: bool, amount: int, limit_x96: int) -> Move:
        player = rng.choice(self.stage.actors)
        paid, extra = None, [0, 0]
        if rng.random() < 0.03:
            # Pay a sum of our own choice instead of what is owed.
            paid = max(abs(amount) % PAYABLE + rng.randint(-2, 2), 0)
            extra[0 if down else 1] = paid
        orders = actor.payment(*self.stage.tokens, paid is None, *extra)
        data = call(
            "swap(address,bool,int256,uint160,bytes)", player, down, amount, limit_x96, orders
        )
        before = self.ours.tick

        def ours() -> bytes:
            now_ts = self.stage.now_ts
            return encode(*v3.swap(self.ours, down, amount, limit_x96, now_ts=now_ts, paid=paid))

        return self._move(
            f"swap({down}, {amount}, {limit_x96}, paid={paid})", ours, player, data,
            lambda: self.layout.ticks_between(before, self.ours.tick),
        )  # fmt: skip

    def _mint(self, rng: random.Random, lower: int, upper: int, amount: int, short: bool) -> Move:
        player, owner = rng.choice(self.stage.actors), rng.choice(self.stage.actors)
        paid = None
        if short:
            paid = (log_uniform(rng, 1, 1 << 80), log_uniform(rng, 1, 1 << 80))
        orders = actor.payment(*self.stage.tokens, paid is None, *(paid or (0, 0)))
        data = call(f"mint{RANGE},uint128,bytes)", owner, lower, upper, amount, orders)

        def ours() -> bytes:
            now_ts = self.stage.now_ts
            owed = v3.mint(self.ours, owner, lower, upper, amount, now_ts=now_ts, paid=paid)
            return encode(*owed)

        return self._move(
            f"mint({owner}, {lower}, {upper}, {amount}, paid={paid})", ours, player, data,
            lambda: self.layout.range(owner, lower, upper),
        )  # fmt: skip

    def _burn(self, owner: str, lower: int, upper: int, amount: int) -> Move:
        data = call("burn(int24,int24,uint128)", lower, upper, amount)

        def ours() -> bytes:
            now_ts = self.stage.now_ts
            return encode(*v3.burn(self.ours, owner, lower, upper, amount, now_ts=now_ts))

        return self._move(
            f"burn({owner}, {lower}, {upper}, {amount})", ours, owner, data,
            lambda: self.layout.range(owner, lower, upper),
        )  # fmt: skip

    def _collect(self, owner: str, lower: int, upper: int, most0: int, most1: int) -> Move:
        data = call(f"collect{RANGE},uint128,uint128)", owner, lower, upper, most0, most1)

        def ours() -> bytes:
            return encode(*v3.collect(self.ours, owner, lower, upper, most0, most1))

        return self._move(
            f"collect({owner}, {lower}, {upper}, {most0}, {most1})", ours, owner, data,
            lambda: self.layout.range(owner, lower, upper),
        )  # fmt: skip

    def _flash(self, rng: random.Random, amounts: list[int], extra: list[int]) -> Move:
        player, fee = rng.choice(self.stage.actors), self.ours.fee_pips
        fees = [-(-amount * fee // 1_000_000) for amount in amounts]
        back = [max(a + f + e, 0) for a, f, e in zip(amounts, fees, extra, strict=True)]
        orders = actor.payment(*self.stage.tokens, False, *back)
        data = call("flash(address,uint256,uint256,bytes)", player, *amounts, orders)

        def ours() -> bytes:
            v3.flash(self.ours, *amounts, paid=(back[0], back[1]))
            return b""

        return self._move(f"flash({amounts}, {back})", ours, player, data)

    def _observe(self, agos: list[int]) -> Move:
        def ours() -> bytes:
            return encode(*v3.observe(self.ours, agos, now_ts=self.stage.now_ts))

        return self._move(f"observe({agos})", ours, OWNER, call("observe(uint32[])", agos))

    def _snapshot(self, lower: int, upper: int) -> Move:
        def ours() -> bytes:
            now_ts = self.stage.now_ts
            return encode(*v3.snapshot_cumulatives_inside(self.ours, lower, upper, now_ts=now_ts))

        data = call("snapshotCumulativesInside(int24,int24)", lower, upper)
        return self._move(f"snapshot({lower}, {upper})", ours, OWNER, data)

    def _set_fee_protocol(self, part0: int, part1: int) -> Move:
        def ours() -> bytes:
            v3.set_fee_protocol(self.ours, part0, part1)
            return b""

        data = call("setFeeProtocol(uint8,uint8)", part0, part1)
        return self._move(f"set_fee_protocol({part0}, {part1})", ours, OWNER, data)

    def _collect_protocol(self, most0: int, most1: int) -> Move:
        def ours() -> bytes:
            return encode(*v3.collect_protocol(self.ours, most0, most1))

        data = call("collectProtocol(address,uint128,uint128)", OWNER, most0, most1)
        return self._move(f"collect_protocol({most0}, {most1})", ours, OWNER, data)

    def _grow(self, cardinality: int) -> Move:
        def ours() -> bytes:
            v3.increase_observation_cardinality_next(self.ours, cardinality)
            return b""

        data = call("increaseObservationCardinalityNext(uint16)", cardinality)
        return self._move(f"grow({cardinality})", ours, OWNER, data)

    def _move(
        self,
        label: str,
        ours: Callable[[], bytes],
        sender: str,
        data: bytes,
        more: Callable[[], dict[int, int]] = dict,
    ) -> Move:
        def theirs() -> Answer:
            if sender == OWNER:
                return self.chain.send(OWNER, self.pool, data)
            return self.chain.send(OWNER, sender, actor.forward(self.pool, data))

        return Move(label, ours, theirs, lambda: self._touched(more()))

    def _touched(self, more: dict[int, int]) -> Storage:
        storage: Storage = {self.pool: self.layout.globals() | more}
        for token, amount in enumerate((self.ours.balance0, self.ours.balance1)):
            contract, slot = self.stage.balance(token, self.pool)
            storage[contract] = {slot: amount}
        return storage

    def everything(self) -> Storage:
        """All words of the pool."""
        return {self.pool: self.layout.everything()}
