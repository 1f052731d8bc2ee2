"""
Curve's gauge: random sequences on Balancer's fork of it, whose creation code Balancer publishes.

The fork keeps Curve's arithmetic and lets votes be lent: a user's votes come from another contract.
What it asks of others (emission, weights by week, votes, locks) is answered by a contract that is
told. Moves: stakes in and out, checkpoints, kicks, claims, time from seconds to months, changes of
emission, weights and votes. Everything that can be read of every staker is compared after each.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode
from judge.artifacts import load
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage
from judge.told import Told

from headframe.exact import curve_gauge as gauges

from .farm_stage import USERS, set_farm_stage
from .stage import log_uniform

PACKAGE = "@balancer-labs/v2-deployments"
CODE = "package/dist/tasks/20220325-mainnet-gauge-factory/bytecode/LiquidityGaugeV5.json"
READS = (
    "totalSupply()",
    "working_supply()",
    "inflation_rate()",
    "integrate_inv_supply(uint256)",
    "period_timestamp(uint256)",
)
"""What can be read of the gauge; the last two of its latest period."""
OF_USER = (
    "balanceOf",
    "working_balances",
    "integrate_inv_supply_of",
    "integrate_fraction",
    "integrate_checkpoint_of",
)
"""What can be read of each staker."""


def clone_code(target: str) -> bytes:
    """Code that deploys a proxy to a contract (EIP-1167)."""
    return bytes.fromhex(
        "3d602d80600a3d3981f3363d3d373d3d3d363d73" + target[2:] + "5af43d82803e903d91602b57fd5bf3"
    )


class GaugeChain:
    """What can be read of the gauge, under one number each."""

    def __init__(self, chain: Chain, gauge: str) -> None:
        self.chain, self.gauge = chain, gauge

    def storage(self, contract: str) -> dict[int, int]:
        return {slot: self.slot(contract, slot) for slot in range(len(READS) + 5 * len(USERS))}

    def slot(self, _contract: str, slot: int) -> int:
        if slot < len(READS):
            arguments = () if slot < 3 else (self._read("period()"),)
            return self._read(READS[slot], *arguments)
        user, name = divmod(slot - len(READS), len(OF_USER))
        return self._read(f"{OF_USER[name]}(address)", USERS[user])

    def _read(self, signature: str, *arguments: int | str) -> int:
        return self.chain.must(OWNER, self.gauge, signature, *arguments)[0]


class CurveGaugeDuel:
    """The gauge's two texts."""

    name: ClassVar[str] = "curve_gauge"
    judge: ClassVar[str] = (
        "release artifact: @balancer-labs/v2-deployments 3.2.0, LiquidityGaugeV5 (Balancer's fork)"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_farm_stage(rng, tokens=1)
        self.evm = self.stage.chain
        self.told = told = Told(self.evm)
        asked = ("getGaugeController", "getBalancerTokenAdmin", "getVault", "voting_escrow")
        for name in asked:
            told.tell(told.address, f"{name}()")
        self.rate, self.change = 0, 0
        self.weights: dict[int, int] = {}
        self.votes: dict[str, int] = dict.fromkeys(USERS, 0)
        self.lock_changed = dict.fromkeys(USERS, 0)
        self.ve_total = 0
        self._emit(rng)
        code = bytes.fromhex(load(PACKAGE, CODE)["creationCode"].removeprefix("0x"))
        whole = self.evm.deploy(code, told.address, told.address, told.address)
        self.address = self.evm.deploy(clone_code(whole))
        self.evm.must(OWNER, self.address, "initialize(address)", self.stage.tokens[0])
        self.stage.approve(self.stage.tokens[0], self.address)
        self.chain = GaugeChain(self.evm, self.address)
        self.ours = gauges.new_gauge(self._outside())
        self._vote(rng)

    # ---- the world ---------------------------------------------------------------------------

    def _emit(self, rng: random.Random) -> None:
        """A new emission, until some time from now."""
        self.rate = rng.choice((0, log_uniform(rng, 1, 10**20)))
        self.change = self.stage.now_ts + rng.choice((1, 10**9, rng.randint(0, 60 * 86_400)))
        self.told.tell(self.rate, "rate()")
        self.told.tell(self.change, "future_epoch_time_write()")

    def _vote(self, rng: random.Random) -> None:
        """Votes change: of some users, of all, or of nobody."""
        for user in rng.sample(USERS, rng.randint(0, len(USERS))):
            self.votes[user] = rng.choice((0, log_uniform(rng, 1, 10**26)))
            self.told.tell(self.votes[user], "adjusted_balance_of(address)", user)
            self.told.tell(self.votes[user], "balanceOf(address)", user)
            if rng.random() < 0.5:
                self.lock_changed[user] = self.stage.now_ts
                self.told.tell(1, "user_point_epoch(address)", user)
                self.told.tell(
                    self.stage.now_ts, "user_point_history__ts(address,uint256)", user, 1
                )
        self.ve_total = rng.choice((0, sum(self.votes.values()), log_uniform(rng, 1, 10**27)))
        self.told.tell(self.ve_total, "totalSupply()")

    def _pass(self, rng: random.Random) -> None:
        """Time goes on; each week that begins has its weight."""
        week, day = gauges.WEEK_S, 86_400
        first = self.stage.now_ts // week * week
        some = (0, 12, rng.randint(0, day), rng.randint(0, 10 * day), rng.randint(0, 70 * day))
        self.stage.now_ts += rng.choices(some, (4, 6, 6, 3, 1))[0]
        self.evm.at(self.stage.now_ts)
        for start in range(first, self.stage.now_ts + 1, week):
            if start not in self.weights:
                self.weights[start] = rng.choice((0, 10**18, rng.randint(0, 10**18)))
                signature = "gauge_relative_weight(address,uint256)"
                self.told.tell(self.weights[start], signature, self.address, start)
        if self.stage.now_ts > self.change and rng.random() < 0.7:
            self._emit(rng)
        if rng.random() < 0.2:
            self._vote(rng)

    def _outside(self) -> gauges.Outside:
        return gauges.Outside(
            now_ts=self.stage.now_ts,
            rate=self.rate,
            future_epoch_time=self.change,
            relative_weight_wad=lambda week: self.weights.get(week, 0),
            ve_balances=self.votes,
            ve_total=self.ve_total,
        )

    # ---- moves -------------------------------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Draw a move, after some time."""
        self._pass(rng)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._deposit: 30,
            self._withdraw: 20,
            self._checkpoint: 15,
            self._kick: 25,
            self._claimable: 10,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _deposit(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        amount = rng.choice((0, log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 1 << 90), 1))

        def ours() -> None:
            gauges.deposit(self.ours, user, amount, self._outside())

        return self._move(f"deposit({amount})", ours, user, call("deposit(uint256)", amount))

    def _withdraw(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        held = self.ours.stakers.get(user, gauges.Staker()).balance
        amount = rng.choice((held, rng.randint(0, held), rng.randint(0, held), held + 1))

        def ours() -> None:
            gauges.withdraw(self.ours, user, amount, self._outside())

        return self._move(f"withdraw({amount})", ours, user, call("withdraw(uint256)", amount))

    def _checkpoint(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)

        def ours() -> int:
            gauges.user_checkpoint(self.ours, user, self._outside())
            return 1

        return self._move("checkpoint()", ours, user, call("user_checkpoint(address)", user))

    def _kick(self, rng: random.Random) -> Move:
        user, by = rng.choice(USERS), rng.choice(USERS)

        def ours() -> None:
            changed = self.lock_changed[user]
            gauges.kick(self.ours, user, self._outside(), lock_changed_ts=changed)

        return self._move("kick()", ours, by, call("kick(address)", user))

    def _claimable(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)

        def ours() -> int:
            return gauges.claimable_tokens(self.ours, user, self._outside())

        return self._move("claimable()", ours, user, call("claimable_tokens(address)", user))

    def _move(self, label: str, ours: Callable[[], int | None], sender: str, data: bytes) -> Move:
        def told() -> bytes:
            answer = ours()
            return b"" if answer is None else encode(answer)

        def theirs() -> Answer:
            return self.evm.send(sender, self.address, data)

        return Move(label, told, theirs, self.everything)

    def everything(self) -> Storage:
        """All that can be read of the gauge."""
        gauge = self.ours
        words = [
            gauge.total_supply, gauge.working_supply, gauge.inflation_rate,
            gauge.integrate_inv_supply, gauge.period_ts,
        ]  # fmt: skip
        for user in USERS:
            held = gauge.stakers.get(user, gauges.Staker())
            words += [held.balance, held.working_balance, held.integrate_inv_supply,
                      held.integrate_fraction, held.checkpoint_ts]  # fmt: skip
        return {self.address: dict(enumerate(words))}
