"""
Maker's liquidation 2.0: random sequences on the contracts of its own test chain.

Moves: vaults opened, filled and emptied, the stability fee charged, prices that jump, vaults put up
for auction with and without room, purchases of every size and price, auctions that need a reset,
auctions cancelled, parameters that change. Compared after each: everything that can be read of
vaults, coins, limits, auctions, a view a word (answers of several words by their hash).
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import encode, keccak
from judge.chain import OWNER, Answer, Chain
from judge.duel import Move, Storage
from judge.told import Told

from headframe.exact import maker_clip as clipping
from headframe.exact import maker_math as curves
from headframe.exact import maker_vat as vats
from headframe.exact.fixed import RAY, WAD

from .farm_stage import USERS
from .maker_stage import ILK_WORD, MakerStage, set_maker_stage
from .stage import log_uniform

RAD = RAY * WAD
FOREVER = (1 << 256) - 1
ERROR = bytes.fromhex("08c379a0")
"""The first bytes of a refusal with a reason."""


class MakerChain:
    """What can be read of the contracts, under one number each."""

    def __init__(self, stage: MakerStage) -> None:
        self.stage = stage
        vat, dog, clip, jug = (stage.at[name] for name in ("vat", "dog", "clip", "jug"))
        holders = (*USERS, OWNER, clip)
        self.reads: list[tuple[str, str, tuple[int | str, ...]]] = [
            (vat, "ilks(bytes32)", (ILK_WORD,)),
            (vat, "debt()", ()),
            (vat, "vice()", ()),
            (dog, "Dirt()", ()),
            (dog, "ilks(bytes32)", (ILK_WORD,)),
            (jug, "ilks(bytes32)", (ILK_WORD,)),
            (clip, "kicks()", ()),
            (clip, "chost()", ()),
            (clip, "list()", ()),
        ]
        self.reads += [(vat, "urns(bytes32,address)", (ILK_WORD, user)) for user in USERS]
        self.reads += [(vat, "gem(bytes32,address)", (ILK_WORD, user)) for user in holders]
        self.reads += [(vat, "dai(address)", (user,)) for user in (*holders, stage.at["vow"])]
        self.reads += [(vat, "sin(address)", (stage.at["vow"],))]

    def sales(self, number: int) -> tuple[str, str, tuple[int | str, ...]]:
        """How an auction is read."""
        return (self.stage.at["clip"], "sales(uint256)", (number,))

    def storage(self, _contract: str) -> dict[int, int]:
        """All of it; auctions from a thousand on."""
        kicks = self.stage.must("clip", "kicks()")[0]
        slots = [*range(len(self.reads)), *range(1_001, 1_001 + kicks)]
        return {slot: self.slot("", slot) for slot in slots}

    def slot(self, _contract: str, slot: int) -> int:
        """One view, by its hash where it answers more than a word."""
        to, signature, arguments = self.reads[slot] if slot < 1_000 else self.sales(slot - 1_000)
        return digest(self.stage.chain.call(OWNER, to, signature, *arguments).data)


def digest(data: bytes) -> int:
    """An answer as one number."""
    return int.from_bytes(data if len(data) == 32 else keccak(data), "big")


def without_rest(answer: Answer) -> Answer:
    """
    A refusal with zeros as the padding of its reason.

    The compiler of 2021 leaves there what stood in memory, if the reason is longer than a word.
    """
    if not answer.failed or answer.data[:4] != ERROR:
        return answer
    end = 68 + int.from_bytes(answer.data[36:68], "big")
    return Answer(answer.data[:end] + bytes(len(answer.data) - end), failed=True)


class MakerClipDuel:
    """Both texts of Maker's liquidation."""

    name: ClassVar[str] = "maker_clip"
    judge: ClassVar[str] = (
        "release artifact: @makerdao/testchain 1.1.33-beta5, "
        "Vat, Jug, Spotter, Dog, Clipper, curves"
    )
    chain: Chain

    def __init__(self, rng: random.Random) -> None:
        self.stage = stage = set_maker_stage(rng)
        stage.at["vow"] = Told(stage.chain).address
        self.chain = MakerChain(stage)  # type: ignore[assignment]
        self.vat = vats.Vat()
        self.vat.ilks[ILK_WORD] = vats.Ilk(rate_ray=RAY)
        self.jug = vats.Jug(stage.at["vow"], duty_ray={ILK_WORD: RAY})
        self.jug.rho_ts[ILK_WORD] = stage.now_ts
        self.dog = clipping.Dog(chop_wad=0)
        self.clip = clipping.Clipper(
            ILK_WORD, curves.linear_decrease(1), account=stage.at["clip"], vow=stage.at["vow"]
        )
        self.price: int | None = None
        self.mat = RAY
        self._set_up(rng)
        for user in USERS:
            wad = log_uniform(rng, WAD, 10**6 * WAD)
            stage.must("vat", "slip(bytes32,address,int256)", ILK_WORD, user, wad)
            vats.slip(self.vat, ILK_WORD, user, wad)
            if rng.random() < 0.9:
                stage.chain.must(user, stage.at["vat"], "hope(address)", stage.at["clip"])
                vats.hope(self.vat, stage.at["clip"], sender=user)

    # ---- parameters --------------------------------------------------------------------------

    def _set_up(self, rng: random.Random) -> None:
        stage = self.stage
        for name in ("jug", "dog", "clip"):
            stage.file(name, "vow", stage.at["vow"])
        self.mat = rng.randint(RAY, 2 * RAY)
        stage.file_ilk("spot", "mat", self.mat)
        self._limits(rng)
        self._terms(rng)
        self._quote(rng, log_uniform(rng, 10 * WAD, 10_000 * WAD))
        duty, base = RAY + rng.randint(0, 10**21), rng.choice((0, rng.randint(0, 10**20)))
        stage.file_ilk("jug", "duty", duty)
        stage.file("jug", "base", base)
        self.jug.duty_ray[ILK_WORD], self.jug.base_ray = duty, base

    def _limits(self, rng: random.Random) -> None:
        """Ceilings, least debt and how much may be in auctions."""
        line, dust = log_uniform(rng, 10**7 * RAD, 10**11 * RAD), rng.randint(0, 5_000 * RAD)
        whole = rng.choice((line, 10**12 * RAD))
        self.stage.file_ilk("vat", "line", line)
        self.stage.file_ilk("vat", "dust", dust)
        self.stage.file("vat", "Line", whole)
        kind = self.vat.ilks[ILK_WORD]
        self.vat.ilks[ILK_WORD] = clipping.replace(kind, line_rad=line, dust_rad=dust)
        self.vat.Line = whole
        for name, owner in (("Hole", self.stage.file), ("hole", self.stage.file_ilk)):
            value = log_uniform(rng, 1_000 * RAD, 10**12 * RAD)
            owner("dog", name, value)
            setattr(self.dog, name, value)
        chop = rng.choice((WAD, WAD * 113 // 100, rng.randint(WAD, 2 * WAD)))
        self.stage.file_ilk("dog", "chop", chop)
        self.dog.chop_wad = chop

    def _terms(self, rng: random.Random) -> None:
        """How auctions run from now on."""
        terms = {
            "buf": rng.randint(RAY, 2 * RAY),
            "tail": log_uniform(rng, 3_000, 400_000),
            "cusp": rng.randint(0, RAY * 6 // 10),
            "chip": rng.choice((0, rng.randint(0, WAD // 10))),
            "tip": rng.choice((0, log_uniform(rng, 1, 300 * RAD))),
        }
        names = {"buf": "buf_ray", "tail": "tail_s", "cusp": "cusp_ray", "chip": "chip_wad",
                 "tip": "tip_rad"}  # fmt: skip
        for key, value in terms.items():
            self.stage.file("clip", key, value)
            setattr(self.clip, names[key], value)
        if rng.random() < 0.5:
            tau = log_uniform(rng, 1_000, 500_000)
            self.stage.file("linear", "tau", tau)
            self.stage.file("clip", "calc", self.stage.at["linear"])
            self.clip.calc = curves.linear_decrease(tau)
            return
        step, cut = log_uniform(rng, 1, 600), rng.randint(RAY * 8 // 10, RAY)
        self.stage.file("stairs", "step", step)
        self.stage.file("stairs", "cut", cut)
        self.stage.file("clip", "calc", self.stage.at["stairs"])
        self.clip.calc = curves.stairstep_exponential_decrease(step, cut)

    def _quote(self, rng: random.Random, price: int | None) -> None:
        """The feed says a price; the spotter passes it on."""
        self.price = price
        self.stage.tell_price(price)
        self.stage.must("spot", "poke(bytes32)", ILK_WORD)
        vats.poke(self.vat, ILK_WORD, price, mat_ray=self.mat)

    # ---- moves -------------------------------------------------------------------------------

    def draw(self, rng: random.Random) -> Move:
        """Draw a move, after some time and news."""
        stage = self.stage
        stage.now_ts += rng.choice((0, 0, 1, 12, rng.randint(0, 300), rng.randint(0, 20_000)))
        stage.chain.at(stage.now_ts)
        if rng.random() < 0.4:
            old = self.price or 1_000 * WAD
            moved = max(old * rng.randint(60, 160) // 100, 1)
            self._quote(rng, moved if rng.random() < 0.97 else None)
        if rng.random() < 0.05:
            self._terms(rng)
        if rng.random() < 0.05:
            self._limits(rng)
        unsafe, running = bool(self._unsafe()), bool(self.clip.active)
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._frob: 30,
            self._drip: 6,
            self._bark: 40 if unsafe else 3,
            self._take: 60 if running else 2,
            self._redo: 16 if running else 1,
            self._upchost: 3,
            self._yank: 2 if running else 1,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    def _frob(self, rng: random.Random) -> Move:
        user = rng.choice(USERS)
        w = rng.choice(USERS) if rng.random() < 0.05 else user
        urn = self.vat.urns.get((ILK_WORD, user), vats.Urn())
        kind = self.vat.ilks[ILK_WORD]
        gem = self.vat.gem.get((ILK_WORD, user), 0)
        dink = rng.choice((0, rng.randint(0, gem // 4 + 1), gem + 1, -rng.randint(0, urn.ink // 2)))
        room = (urn.ink + dink) * kind.spot_ray // kind.rate_ray - urn.art
        some = (room, room - 1, room + 1, rng.randint(min(room, 0), max(room, 0)))
        least = -(-kind.dust_rad // kind.rate_ray)
        some = (*some, room, room - 1, least - urn.art, least - urn.art + 1)
        dart = rng.choice((*some, 0, -rng.randint(0, urn.art), -urn.art))

        def ours() -> None:
            vats.frob(self.vat, ILK_WORD, user, user, w, dink, dart, sender=user)

        signature = "frob(bytes32,address,address,address,int256,int256)"
        sent = (ILK_WORD, user, user, w, dink, dart)
        return self._move(f"frob({dink},{dart})", ours, user, "vat", signature, *sent)

    def _drip(self, rng: random.Random) -> Move:
        def ours() -> int:
            return vats.drip(self.jug, self.vat, ILK_WORD, now_ts=self.stage.now_ts)

        return self._move("drip()", ours, USERS[0], "jug", "drip(bytes32)", ILK_WORD)

    def _unsafe(self) -> list[str]:
        """Whose vault may be put up for auction."""
        kind = self.vat.ilks[ILK_WORD]
        urns = {user: self.vat.urns.get((ILK_WORD, user), vats.Urn()) for user in USERS}
        return [u for u, x in urns.items() if x.ink * kind.spot_ray < x.art * kind.rate_ray]

    def _bark(self, rng: random.Random) -> Move:
        urn = rng.choice(self._unsafe() or USERS) if rng.random() < 0.9 else rng.choice(USERS)
        kpr = rng.choice(USERS)

        def ours() -> int:
            return clipping.bark(
                self.dog, self.clip, self.vat, urn, kpr,
                price_wad=self.price, now_ts=self.stage.now_ts,
            )  # fmt: skip

        signature = "bark(bytes32,address,address)"
        return self._move("bark()", ours, kpr, "dog", signature, ILK_WORD, urn, kpr)

    def _number(self, rng: random.Random) -> int:
        known = self.clip.active if rng.random() < 0.95 else []
        return rng.choice(known) if known else rng.randint(0, self.clip.kicks + 1)

    def _take(self, rng: random.Random) -> Move:
        number, user, who = self._number(rng), rng.choice(USERS), rng.choice(USERS)
        sale = self.clip.sales.get(number)
        lot, price, tab = 1, RAY, 1
        if sale is not None:
            lot, tab = sale.lot, sale.tab
            price = self.clip.calc(sale.top_ray, self.stage.now_ts - sale.tic)
        enough = tab // price if price else lot
        least = max(tab - self.clip.chost, 0) // price if price else 0
        some = (lot, FOREVER, lot // 2, lot - 1, rng.randint(0, lot))
        amt = rng.choice((*some, enough, enough + 1, least, least + 1, least + 2))
        most = rng.choice((price, FOREVER, FOREVER, max(price - 1, 0)))

        def ours() -> None:
            clipping.take(
                self.clip, self.dog, self.vat, number, amt=amt, max_ray=most, who=who,
                sender=user, now_ts=self.stage.now_ts,
            )  # fmt: skip

        signature = "take(uint256,uint256,uint256,address,bytes)"
        sent = (number, amt, most, who, b"")
        return self._move(f"take({number},{amt})", ours, user, "clip", signature, *sent)

    def _redo(self, rng: random.Random) -> Move:
        number, kpr = self._number(rng), rng.choice(USERS)

        def ours() -> None:
            clipping.redo(
                self.clip, self.vat, number, kpr, price_wad=self.price, now_ts=self.stage.now_ts
            )

        return self._move(
            f"redo({number})", ours, kpr, "clip", "redo(uint256,address)", number, kpr
        )

    def _upchost(self, rng: random.Random) -> Move:
        def ours() -> None:
            clipping.upchost(self.clip, self.dog, self.vat)

        return self._move("upchost()", ours, USERS[0], "clip", "upchost()")

    def _yank(self, rng: random.Random) -> Move:
        number = self._number(rng)

        def ours() -> None:
            clipping.yank(self.clip, self.dog, self.vat, number, sender=OWNER)

        return self._move(f"yank({number})", ours, OWNER, "clip", "yank(uint256)", number)

    def _move(self, label, ours, sender, name, signature, *arguments) -> Move:
        def told() -> bytes:
            answer = ours()
            return b"" if answer is None else encode(answer)

        def theirs() -> Answer:
            return without_rest(self.stage.send(sender, name, signature, *arguments))

        return Move(label, told, theirs, self.everything)

    def everything(self) -> Storage:
        """All that can be read, as `MakerChain` reads it."""
        vat, dog, clip, at = self.vat, self.dog, self.clip, self.stage.at
        kind = vat.ilks[ILK_WORD]
        answers = [
            encode(kind.Art, kind.rate_ray, kind.spot_ray, kind.line_rad, kind.dust_rad),
            encode(vat.debt),
            encode(vat.vice),
            encode(dog.Dirt),
            encode(at["clip"], dog.chop_wad, dog.hole, dog.dirt),
            encode(self.jug.duty_ray[ILK_WORD], self.jug.rho_ts[ILK_WORD]),
            encode(clip.kicks),
            encode(clip.chost),
            encode(clip.active),
        ]
        for user in USERS:
            urn = vat.urns.get((ILK_WORD, user), vats.Urn())
            answers.append(encode(urn.ink, urn.art))
        holders = (*USERS, OWNER, at["clip"])
        answers += [encode(vat.gem.get((ILK_WORD, user), 0)) for user in holders]
        answers += [encode(vat.dai.get(user, 0)) for user in (*holders, at["vow"])]
        answers.append(encode(vat.sin.get(at["vow"], 0)))
        slots = {k: digest(answer) for k, answer in enumerate(answers)}
        for number in range(1, clip.kicks + 1):
            sale = clip.sales.get(number)
            words = [0] * 6
            if sale is not None:
                words = [sale.pos, sale.tab, sale.lot, sale.usr, sale.tic, sale.top_ray]
            slots[1_000 + number] = digest(encode(*words))
        return {at["clip"]: slots}
