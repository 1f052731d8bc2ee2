"""
The log that the deployed pool writes while a duel is played, as a decoded table.

Topics and data are read by the event's ABI; a column's name is the argument's in snake case.
"""

import csv
import random
from contextlib import contextmanager

from judge.chain import Chain
from judge.duel import _answers, set_up

from headframe.exact import uniswap_v3 as v3

from .uniswap_v3 import HUGE, UniswapV3Duel

HEAD = ("block_number", "block_timestamp", "transaction_hash", "log_index", "event")
COLUMNS = (
    *HEAD, "sender", "recipient", "owner", "tick_lower", "tick_upper", "amount", "amount0",
    "amount1", "sqrt_price_x96", "liquidity", "tick", "paid0", "paid1", "fee_protocol0_old",
    "fee_protocol1_old", "fee_protocol0_new", "fee_protocol1_new",
    "observation_cardinality_next_old", "observation_cardinality_next_new",
)  # fmt: skip
# First four bytes of keccak256 of each event's signature; indexed arguments, then those in data.
ABI = {
    "98636036": ("Initialize", (), ("sqrt_price_x96", "tick")),
    "7a53080b": (
        "Mint", ("owner", "tick_lower", "tick_upper"), ("sender", "amount", "amount0", "amount1"),
    ),
    "0c396cd9": ("Burn", ("owner", "tick_lower", "tick_upper"), ("amount", "amount0", "amount1")),
    "70935338": (
        "Collect", ("owner", "tick_lower", "tick_upper"), ("recipient", "amount0", "amount1"),
    ),
    "c42079f9": (
        "Swap", ("sender", "recipient"),
        ("amount0", "amount1", "sqrt_price_x96", "liquidity", "tick"),
    ),
    "bdbdb71d": ("Flash", ("sender", "recipient"), ("amount0", "amount1", "paid0", "paid1")),
    "973d8d92": (
        "SetFeeProtocol", (),
        ("fee_protocol0_old", "fee_protocol1_old", "fee_protocol0_new", "fee_protocol1_new"),
    ),
    "596b5739": ("CollectProtocol", ("sender", "recipient"), ("amount0", "amount1")),
    "ac49e518": (
        "IncreaseObservationCardinalityNext", (),
        ("observation_cardinality_next_old", "observation_cardinality_next_new"),
    ),
}  # fmt: skip
ADDRESSES = {"sender", "recipient", "owner"}


def decoded(log):
    """An event's name and arguments."""
    name, topics, data = ABI[log.topics[0][2:10]]
    words = [int(topic, 16) for topic in log.topics[1:]]
    raw = log.data[1]
    words += [int.from_bytes(raw[at : at + 32], "big") for at in range(0, len(raw), 32)]
    told = dict(zip((*topics, *data), words, strict=True))
    for key, word in told.items():
        if key in ADDRESSES:
            told[key] = f"0x{word:040x}"
        elif word >> 255:
            told[key] = word - (1 << 256)
    return {"event": name, **told}


@contextmanager
def recorded(logs):
    """While this lasts, successful calls leave their logs, those of a call in one list."""
    send = Chain.send

    def keep(chain, sender, to, data):
        answer = send(chain, sender, to, data)
        if not answer.failed:
            logs.append(
                [decoded(log) for log in chain.evm.result.logs if log.topics[0][2:10] in ABI]
            )
        return answer

    Chain.send = keep
    try:
        yield
    finally:
        Chain.send = send


class CalmDuel(UniswapV3Duel):
    """A pool of 30 basis points in which people do what people do: no edges, no refusals."""

    def _draw_tier(self, rng):
        return 3_000, 60

    def _start(self, rng):
        self.stage.chances[:] = [12, 60, 600]
        set_up(self._initialize(v3.get_sqrt_ratio_at_tick(-200_311) + 12_345))
        set_up(self._mint(rng, -887_220, 887_220, 10**17, False))
        for _ in range(12):
            set_up(self._provide(rng))

    def draw(self, rng):
        """Draw a move."""
        self.stage.let_time_pass(rng)
        kind = rng.random()
        if kind < 0.70:
            return self._trade(rng)
        if kind < 0.78:
            return self._provide(rng)
        if kind < 0.95:
            owner, lower, upper = rng.choice(self.layout.keys())
            if kind < 0.87:
                held = self.ours.positions[owner, lower, upper].liquidity
                return self._burn(owner, lower, upper, held // rng.choice((1, 2, 3)))
            return self._collect(owner, lower, upper, HUGE - 1, HUGE - 1)
        if kind < 0.97:
            return self._flash(rng, [10**6, 10**15], [0, rng.randint(0, 9)])
        if kind < 0.98:
            return self._grow(rng.randint(2, 9))
        if kind < 0.99:
            return self._set_fee_protocol(rng.choice((0, 4, 6)), rng.choice((0, 5)))
        return self._collect_protocol(10**15, 10**15)

    def _provide(self, rng):
        lower = (self.ours.tick // 60 - rng.randint(1, 20)) * 60
        upper = lower + 60 * rng.randint(4, 40)
        return self._mint(
            rng, lower, upper, 10**15 * rng.randint(1, 900) + rng.randint(0, 9), False
        )

    def _trade(self, rng):
        down = rng.random() < 0.5 + (self.ours.tick + 200_311) / 4_000
        limit = v3.MIN_SQRT_RATIO + 1 if down else v3.MAX_SQRT_RATIO - 1
        away = (-1 if down else 1) * rng.randint(2, 200)
        there = v3.get_sqrt_ratio_at_tick(self.ours.tick + away)
        amount_of = v3.get_amount0_delta_up if down else v3.get_amount1_delta_up
        amount = amount_of(self.ours.sqrt_price_x96, there, self.ours.liquidity)
        if rng.random() < 0.15:
            amount, limit = 1 << 100, there
        elif rng.random() < 0.3:
            amount_of = v3.get_amount1_delta_down if down else v3.get_amount0_delta_down
            amount = -amount_of(self.ours.sqrt_price_x96, there, self.ours.liquidity)
        return self._swap(rng, down, amount, limit)


def play(seed, moves, duel_type=UniswapV3Duel):
    """The duel after so many moves, and the rows of the pool's log."""
    rng, rows, block = random.Random(f"log {seed}"), [], 1_000

    def note(now_ts):
        nonlocal block
        for logs in calls:
            for log in logs:
                if rows and rows[-1]["block_timestamp"] != now_ts:
                    block += 1
                index = (
                    rows[-1]["log_index"] + 1 if rows and rows[-1]["block_number"] == block else 0
                )
                rows.append({
                    "block_number": block, "block_timestamp": now_ts,
                    "transaction_hash": f"0x{rng.getrandbits(256):064x}", "log_index": index, **log,
                })  # fmt: skip
        calls.clear()

    calls = []
    with recorded(calls):
        duel = duel_type(rng)
        note(duel.stage.now_ts)
        for _ in range(moves):
            move = duel.draw(rng)
            ours, theirs = _answers(move)
            assert ours == theirs
            note(duel.stage.now_ts)
    return duel, rows


def write(rows, path):
    """Write the table."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
