"""
Curve's vote escrow: random sequences on Balancer's fork of it, whose longest lock is a year.

Moves: locks made, enlarged, prolonged and ended, checkpoints, votes read at later times; time from
seconds to months. All locks, lines, the line of all and where it flattens are compared.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import WORD, call, encode
from judge.artifacts import load
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage

from headframe.exact import curve_voting_escrow as votes

from .curve_gauge import PACKAGE
from .farm_stage import USERS, set_farm_stage
from .stage import log_uniform

CODE = "package/dist/tasks/20220325-gauge-controller/bytecode/VotingEscrow.json"
YEAR_S = 365 * 86_400


class EscrowChain:
    """Locks, lines and votes, as the contract tells them: six words of each user, votes of all."""

    def __init__(self, chain: Chain, escrow: str) -> None:
        self.chain, self.escrow = chain, escrow

    def storage(self, contract: str) -> dict[int, int]:
        return {slot: self.slot(contract, slot) for slot in range(6 * len(USERS) + 1)}

    def slot(self, _contract: str, slot: int) -> int:
        user, k = divmod(slot, 6)
        if user == len(USERS):
            return self._read("totalSupply()")[0]
        who = USERS[user]
        if k < 2:
            return self._read("locked(address)", who)[k]
        if k == 2:
            return self._read("balanceOf(address)", who)[0]
        epoch = self._read("user_point_epoch(address)", who)[0]
        return self._read("user_point_history(address,uint256)", who, epoch)[k - 3]

    def _read(self, signature: str, *arguments: int | str) -> list[int]:
        return self.chain.must(OWNER, self.escrow, signature, *arguments)


class CurveVotingEscrowDuel:
    """The escrow's two texts."""

    name: ClassVar[str] = "curve_voting_escrow"
    judge: ClassVar[str] = (
        "release artifact: @balancer-labs/v2-deployments 3.2.0, VotingEscrow (Balancer's fork)"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_farm_stage(rng, tokens=1)
        self.evm, token = self.stage.chain, self.stage.tokens[0]
        code = bytes.fromhex(load(PACKAGE, CODE)["creationCode"].removeprefix("0x"))
        self.address = self.evm.deploy(code, token, b"votes", b"ve", OWNER)
        self.stage.approve(token, self.address)
        self.chain = EscrowChain(self.evm, self.address)
        self.ours = votes.VotingEscrow(max_time_s=YEAR_S)

    def draw(self, rng: random.Random) -> Move:
        """Draw a move, after some time."""
        day = 86_400
        some = (0, 12, rng.randint(0, day), rng.randint(0, 20 * day), rng.randint(0, 200 * day))
        self.stage.now_ts += rng.choices(some, (3, 6, 6, 4, 1))[0]
        self.evm.at(self.stage.now_ts)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._create: 30,
            self._increase: 25,
            self._prolong: 15,
            self._withdraw: 15,
            self._total: 15,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _create(self, rng: random.Random) -> Move:
        user, amount, until = rng.choice(USERS), self._amount(rng), self._until(rng)

        def ours() -> None:
            votes.create_lock(self.ours, user, amount, until, now_ts=self.stage.now_ts)

        data = call("create_lock(uint256,uint256)", amount, until)
        return self._move("create_lock()", ours, user, data)

    def _increase(self, rng: random.Random) -> Move:
        user, amount = rng.choice(USERS), self._amount(rng)

        def ours() -> None:
            votes.increase_amount(self.ours, user, amount, now_ts=self.stage.now_ts)

        data = call("increase_amount(uint256)", amount)
        return self._move("increase_amount()", ours, user, data)

    def _prolong(self, rng: random.Random) -> Move:
        user, until = rng.choice(USERS), self._until(rng)

        def ours() -> None:
            votes.increase_unlock_time(self.ours, user, until, now_ts=self.stage.now_ts)

        data = call("increase_unlock_time(uint256)", until)
        return self._move("increase_unlock_time()", ours, user, data)

    def _withdraw(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)

        def ours() -> None:
            votes.withdraw(self.ours, user, now_ts=self.stage.now_ts)

        return self._move("withdraw()", ours, user, call("withdraw()"))

    def _total(self, rng: random.Random) -> Move:
        then = self.stage.now_ts + rng.choice((0, rng.randint(0, 60 * votes.WEEK_S)))

        def ours() -> int:
            return votes.total_supply(self.ours, now_ts=then)

        return self._move("total()", ours, OWNER, call("totalSupply(uint256)", then))

    def _amount(self, rng: random.Random) -> int:
        return rng.choices((0, log_uniform(rng, 1, 1 << 90), rng.randint(1, 10**9)), (1, 12, 3))[0]

    def _until(self, rng: random.Random) -> int:
        return self.stage.now_ts + rng.randint(-votes.WEEK_S, YEAR_S + 2 * votes.WEEK_S)

    def _move(self, label: str, ours: Callable[[], int | None], sender: str, data: bytes) -> Move:
        def told() -> bytes:
            answer = ours()
            return b"" if answer is None else encode(answer)

        def theirs() -> Answer:
            return self.evm.send(sender, self.address, data)

        return Move(label, told, theirs, self.everything)

    def everything(self) -> Storage:
        """All that can be read of the escrow."""
        now_ts, words = self.stage.now_ts, []
        for user in USERS:
            lock = self.ours.locks.get(user, votes.Lock())
            point = self.ours.points.get(user, votes.Point())
            held = votes.balance_of(self.ours, user, now_ts=now_ts)
            words += [lock.amount, lock.end, held, point.bias % WORD, point.slope, point.ts]
        words.append(votes.total_supply(self.ours, now_ts=now_ts))
        return {self.address: dict(enumerate(words))}
