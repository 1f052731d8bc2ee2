"""
Gearbox v3's libraries: random operands on the compiled code.

The libraries are internal; `harness/GearboxV3Logic.sol` opens them to calls from outside. Three
kinds of operands: ordinary ones, any that fit their words, and ones at the edge.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain
from judge.duel import Move, Storage
from judge.told import Told

from headframe.exact import gearbox_v3_math as math
from headframe.exact.fixed import RAY

from .stage import log_uniform

BUILD = "gearbox-v3"
FULL = (1 << 256) - 1
Arguments = tuple[int | str | list[int], ...]


class GearboxV3MathDuel:
    """The libraries' two texts."""

    name: ClassVar[str] = "gearbox_v3_math"
    judge: ClassVar[str] = (
        "official source, compiled by us: @gearbox-protocol/core-v3 1.52.1, its libraries"
    )

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        self.now_ts = rng.randint(1_600_000_000, 2_000_000_000)
        self.chain.at(self.now_ts)
        self.harness = self.chain.deploy(creation_code(BUILD, "GearboxV3Logic.json"))
        self.tokens = [Told(self.chain) for _ in range(4)]
        self.oracle = Told(self.chain)

    def draw(self, rng: random.Random) -> Move:
        """Draw a function and its operands."""
        self.now_ts += rng.choice((0, 1, 12, rng.randint(0, 10**6)))
        self.chain.at(self.now_ts)
        return rng.choice(DRAWS)(self, rng)

    def everything(self) -> Storage:
        """Nothing is stored."""
        return {}

    def move(self, signature: str, arguments: Arguments, ours: Callable[[], bytes]) -> Move:
        """A call of the harness beside ours."""
        data = call(signature, *arguments)
        label = f"{signature.split('(')[0]}({', '.join(map(str, arguments))})"
        return Move(label, ours, lambda: self.chain.send(OWNER, self.harness, data), dict)

    # ---- debt ------------------------------------------------------------------------------

    def growth(self, rng: random.Random) -> Move:
        value = amount(rng, 256)
        since = self.now_ts + rng.choice((0, 1, -1, -rng.randint(0, 10**9)))
        return self.move(
            "calcLinearGrowth(uint256,uint256)",
            (value, since),
            lambda: encode(math.calc_linear_growth(value, since, now_ts=self.now_ts)),
        )

    def interest(self, rng: random.Random) -> Move:
        owed, (now, then) = amount(rng, 256), indices(rng)
        return self.move(
            "calcAccruedInterest(uint256,uint256,uint256)",
            (owed, then, now),
            lambda: encode(math.calc_accrued_interest(owed, then, now)),
        )

    def total(self, rng: random.Random) -> Move:
        parts = (amount(rng, 256), amount(rng, 256), amount(rng, 256))
        return self.move(
            "calcTotalDebt(uint256,uint256,uint256)",
            parts,
            lambda: encode(math.calc_total_debt(*parts)),
        )

    def increase(self, rng: random.Random) -> Move:
        more, debt, (now, then) = amount(rng, 200), amount(rng, 200), indices(rng)
        return self.move(
            "calcIncrease(uint256,uint256,uint256,uint256)",
            (more, debt, now, then),
            lambda: encode(*math.calc_increase(more, debt, now, then)),
        )

    def decrease(self, rng: random.Random) -> Move:
        debt, (now, then) = amount(rng, 128), indices(rng)
        quota, fees = small(rng, amount(rng, 128)), small(rng, amount(rng, 128))
        fee_bps = rng.choice((0, 1, 1_000, 2_500, 5_000, rng.randint(0, 65_535)))
        interest = debt * now // max(then, 1) - debt
        steps = [fees, quota + quota * fee_bps // 10_000, interest + interest * fee_bps // 10_000]
        steps = [max(step, 0) for step in (*steps, debt)]
        upto = sum(steps[: rng.randint(0, 4)])
        most = max(upto, 1)
        paid = rng.choice((upto, upto + 1, max(upto - 1, 0), rng.randint(0, most), sum(steps)))
        terms = (debt, now, then, quota, fees, fee_bps)
        words = "uint256,uint256,uint256,uint256,uint128,uint128,uint16"
        return self.move(
            f"calcDecrease({words})",
            (paid, *terms),
            lambda: encode(*math.calc_decrease(
                paid, debt=debt, index_now_ray=now, index_then_ray=then, quota_interest=quota,
                quota_fees=fees, fee_interest_bps=fee_bps,
            )),
        )  # fmt: skip

    # ---- quotas ----------------------------------------------------------------------------

    def quota_index(self, rng: random.Random) -> Move:
        index = rng.choice((0, 1, log_uniform(rng, 1, 1 << 100), log_uniform(rng, 1, 1 << 192) - 1))
        index = min(index, (1 << 192) - 1)
        rate = rng.choice((0, 1, rng.randint(0, 1_000), 65_535))
        since = self.now_ts + rng.choice((0, 1, -1, -rng.randint(0, 10**9)))
        return self.move(
            "cumulativeIndexSince(uint192,uint16,uint256)",
            (index, rate, since),
            lambda: encode(math.cumulative_index_since(index, rate, since, now_ts=self.now_ts)),
        )

    def quota_interest(self, rng: random.Random) -> Move:
        quoted = amount(rng, 96)
        then = log_uniform(rng, 1, rng.choice((1 << 95, 1 << 192))) - 1
        now = min(then + rng.choice((0, 1, -1, log_uniform(rng, 1, 1 << 190))), (1 << 192) - 1)
        now = max(now, 0)
        return self.move(
            "calcAccruedQuotaInterest(uint96,uint192,uint192)",
            (quoted, now, then),
            lambda: encode(math.calc_accrued_quota_interest(quoted, now, then)),
        )

    def revenue(self, rng: random.Random) -> Move:
        rate = rng.choice((0, 1, rng.randint(0, 1_000), 65_535))
        change = rng.choice((-1, 1)) * log_uniform(rng, 1, 1 << rng.choice((95, 95, 255)))
        change = min(change, (1 << 255) - 1)
        return self.move(
            "calcQuotaRevenueChange(uint16,int256)",
            (rate, change),
            lambda: encode(math.calc_quota_revenue_change(rate, change)),
        )

    def quota_change(self, rng: random.Random) -> Move:
        total = min(amount(rng, 96), (1 << 96) - 1)
        limit = max(min(total + rng.choice((0, 1, -1, amount(rng, 96))), (1 << 96) - 1), 0)
        room = max(limit - total, 0)
        wanted = rng.choice((room, room + 1, room // 2, amount(rng, 95), -amount(rng, 90)))
        wanted = min(wanted, (1 << 95) - 1)
        return self.move(
            "calcActualQuotaChange(uint96,uint96,int96)",
            (total, limit, wanted),
            lambda: encode(math.calc_actual_quota_change(total, limit, wanted)),
        )

    # ---- collateral and liquidation --------------------------------------------------------

    def threshold(self, rng: random.Random) -> Move:
        first, last = (rng.choice((0, 9_000, 10_000, rng.randint(0, 10_000))) for _ in "ab")
        duration = rng.choice((0, 1, 20 * 86_400, rng.randint(0, (1 << 24) - 1)))
        start = self.now_ts - rng.choice((-1, 0, 1, duration, duration + 1, duration - 1,
                                          rng.randint(0, max(duration, 1))))  # fmt: skip
        start = rng.choice((start, start, start, (1 << 40) - 1))
        arguments = (first, last, start, duration)
        return self.move(
            "getLiquidationThreshold(uint16,uint16,uint40,uint24)",
            arguments,
            lambda: encode(math.get_liquidation_threshold(*arguments, now_ts=self.now_ts)),
        )

    def collateral(self, rng: random.Random) -> Move:
        tokens, *_ = self.tokens, None
        account, price = "0x" + "cc" * 20, log_uniform(rng, 1, 10**14)
        drawn = []
        for token in tokens:
            balance = rng.choice((0, 1, 2, log_uniform(rng, 1, 10**24)))
            value, quota = log_uniform(rng, 1, 10**16), amount(rng, 96)
            if rng.random() < 0.5:
                quota = min(value * RAY // max(price * 10**9, 1) + rng.randint(-1, 1), 1 << 95)
            token.tell(balance, "balanceOf(address)", account)
            self.oracle.tell(value, "convertToUSD(uint256,address)", balance, token.address)
            drawn.append((token, value if balance else 0, max(quota, 0), lt(rng)))
        ray = price * 10**9
        underlying = drawn[0]
        self.oracle.tell(ray, "convertToUSD(uint256,address)", RAY, underlying[0].address)
        quoted = drawn[1 : rng.randint(1, 4)]
        target = rng.choice((FULL, FULL, 0, log_uniform(rng, 1, 10**17)))
        arguments: Arguments = (
            [int(token.address, 16) for token, *_ in quoted],
            [math.pack_quota(quota, bps) for _, _, quota, bps in quoted],
            account, underlying[0].address, underlying[3], target, self.oracle.address,
        )  # fmt: skip
        signature = "calcCollateral(address[],uint256[],address,address,uint16,uint256,address)"
        return self.move(signature, arguments, lambda: encode(*math.calc_collateral(
            [(value, quota, bps) for _, value, quota, bps in quoted],
            underlying_usd=underlying[1], lt_underlying_bps=underlying[3],
            underlying_price_ray=ray, target_usd=target,
        )))  # fmt: skip

    def payments(self, rng: random.Random) -> Move:
        debt, value = amount(rng, 128), amount(rng, 128)
        interest, fees = small(rng, amount(rng, 128)), small(rng, amount(rng, 128))
        if rng.random() < 0.7:
            value = debt * rng.randint(8_000, 13_000) // 10_000
        fee = rng.choice((0, 100, 150, rng.randint(0, 10_000)))
        discount = rng.choice((0, 9_600, 9_800, 10_000, rng.randint(8_000, 10_000)))
        words = (debt, interest, fees, value, fee, discount)
        return self.move(
            "calcLiquidationPayments(uint256,uint256,uint256,uint256,uint16,uint16)",
            words,
            lambda: encode(*math.calc_liquidation_payments(
                debt=debt, accrued_interest=interest, accrued_fees=fees, total_value=value,
                fee_liquidation_bps=fee, liquidation_discount_bps=discount,
            )),
        )  # fmt: skip


D = GearboxV3MathDuel
DRAWS = (
    D.growth, D.interest, D.total, D.increase, D.decrease, D.decrease, D.decrease, D.quota_index,
    D.quota_interest, D.revenue, D.quota_change, D.threshold, D.collateral, D.payments, D.payments,
)  # fmt: skip


def amount(rng: random.Random, bits: int) -> int:
    """An amount: mostly ordinary, sometimes any, sometimes 0 or the most that fits."""
    most = (1 << bits) - 1
    some = (0, most, log_uniform(rng, 1, most), log_uniform(rng, 1, min(10**30, most)))
    return rng.choices(some, (1, 1, 2, 12))[0]


def small(rng: random.Random, limit: int) -> int:
    """An amount below another, often nothing."""
    return rng.choice((0, limit // max(log_uniform(rng, 1, 10**6), 1)))


def indices(rng: random.Random) -> tuple[int, int]:
    """An index of now and an earlier one, now and then impossible."""
    then = rng.choice((RAY, RAY + log_uniform(rng, 1, RAY), log_uniform(rng, 1, 1 << 128)))
    now = then + rng.choice((0, 1, log_uniform(rng, 1, RAY), then // 20))
    odd = rng.random()
    if odd < 0.02:
        return now, 0
    if odd < 0.04:
        return then, now
    return now, then


def lt(rng: random.Random) -> int:
    """A threshold in basis points."""
    return rng.choice((0, 9_000, 9_400, 10_000, rng.randint(0, 10_000)))
