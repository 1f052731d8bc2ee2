"""
Morpho Blue: random sequences on the compiled contract.

Moves: every call of the contract, amounts in assets and in shares, at the edge and beside it; by
owners, by those allowed, by strangers, by signature; calls within callbacks; new prices and rates,
time, fees.
Starts: three markets over two tokens, one without an interest model, with or without money in them.
"""

import random
from typing import ClassVar

from judge.abi import encode, keccak, mapping_slot, pack
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.exact import morpho_blue as mb

from .morpho_blue_moves import ZERO, Act, Draws, address_of
from .morpho_blue_permissions import Permissions
from .morpho_blue_stage import Dial, set_morpho_stage
from .stage import log_uniform

WAD = 10**18
LLTVS = (0, 385 * 10**15, 86 * 10**16, 98 * 10**16, WAD - 1)
BUILD = "morpho-blue"


class MorphoBlueDuel:
    """The contract's two texts."""

    name: ClassVar[str] = "morpho_blue"
    judge: ClassVar[str] = (
        "official source, compiled by us: @morpho-org/morpho-blue 1.0.0, Morpho (viaIR)"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_morpho_stage(rng)
        self.chain = self.stage.chain
        self.contract = self.chain.deploy(creation_code(BUILD, "Morpho.json"), OWNER)
        self.stage.approve(self.contract)
        self.ours = mb.Morpho(owner=OWNER)
        self.rate = Dial(self.chain, rng.randint(0, 10**11))
        self.oracles = {d.address: d for d in (Dial(self.chain, 10**36) for _ in range(2))}
        self.people = [*self.stage.users, *(s.address for s in self.stage.signers)]
        self.irms = {None: ZERO, self.rate.rate: self.rate.address}
        words = self.chain.must(OWNER, self.contract, "DOMAIN_SEPARATOR()")
        self.domain = words[0].to_bytes(32, "big")
        self.money = Draws(self)
        self.permissions = Permissions(self, self.money)
        self._draw_start(rng)

    def _draw_start(self, rng: random.Random) -> None:
        for act in self._first_acts(rng):
            set_up(self._move(act))
        self.markets = list(self.ours.markets)
        if rng.random() < 0.85:
            for _ in range(rng.randint(1, 6)):
                for draw in (self.money.supply, self.money.supply_collateral, self.money.borrow):
                    set_up(self._move(draw(rng)))

    def _first_acts(self, rng: random.Random) -> list[Act]:
        lltvs = rng.sample(LLTVS, 3)
        acts = [self.permissions.enable_irm(irm) for irm in self.irms]
        acts += [self.permissions.enable_lltv(lltv) for lltv in lltvs]
        oracles = list(self.oracles)
        a, b = self.stage.tokens
        for tokens, oracle, irm, lltv in (
            ((a, b), oracles[0], self.rate.rate, lltvs[0]),
            ((b, a), oracles[1], self.rate.rate, lltvs[1]),
            ((a, b), oracles[1], None, lltvs[2]),
        ):
            acts.append(self.permissions.create(mb.MarketParams(*tokens, oracle, irm, lltv)))
        return acts

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        self.stage.let_time_pass(rng)
        if rng.random() < 0.1:
            rates = (0, 1, rng.randint(0, 10**11), log_uniform(rng, 1, 1 << 90))
            self.rate.turn(rng.choices(rates, (2, 2, 15, 1))[0])
        if rng.random() < 0.15:
            dial = self.oracles[rng.choice(list(self.oracles))]
            dial.turn(rng.choice((0, 10**36, log_uniform(rng, 1, 1 << 200))))
            if rng.random() < 0.8:
                dial.turn(10**36 * log_uniform(rng, 1, 1 << 40) >> 20)
        return self._move((self.money if rng.random() < 0.9 else self.permissions).draw(rng))

    def _move(self, act: Act) -> Move:
        def theirs() -> Answer:
            if act.sender in self.stage.users:
                return self.chain.send(OWNER, act.sender, encode(self.contract) + act.data)
            return self.chain.send(act.sender, self.contract, act.data)

        return Move(act.label, act.ours, theirs, self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def id_of(self, params: mb.MarketParams) -> bytes:
        """Name of a market: digest of its five words."""
        return keccak(encode(*self.money.words(params)))

    def everything(self) -> Storage:
        """All words of the contract."""
        ours = self.ours
        words = {0: int(address_of(ours.owner), 16), 1: int(address_of(ours.fee_recipient), 16)}
        for params, market in ours.markets.items():
            words |= self._market_words(self.id_of(params), params, market)
        for (params, user), held in ours.positions.items():
            inner = mapping_slot(self.id_of(params), 2)
            slot = mapping_slot(int(address_of(user), 16), inner)
            words[slot] = held.supply_shares
            words[slot + 1] = pack((held.borrow_shares, 128), (held.collateral, 128))
        for irm in ours.enabled_irms:
            words[mapping_slot(int(self.irms[irm], 16), 4)] = 1
        for lltv in ours.enabled_lltvs:
            words[mapping_slot(lltv, 5)] = 1
        for user, other in ours.authorized:
            inner = mapping_slot(int(address_of(user), 16), 6)
            words[mapping_slot(int(address_of(other), 16), inner)] = 1
        for user, nonce in ours.nonces.items():
            words[mapping_slot(int(address_of(user), 16), 7)] = nonce
        return {self.contract: words}

    def _market_words(
        self, name: bytes, params: mb.MarketParams, market: mb.Market
    ) -> dict[int, int]:
        slot, fixed = mapping_slot(name, 3), mapping_slot(name, 8)
        words = {
            slot: pack((market.total_supply_assets, 128), (market.total_supply_shares, 128)),
            slot + 1: pack((market.total_borrow_assets, 128), (market.total_borrow_shares, 128)),
            slot + 2: pack((market.last_update, 128), (market.fee_wad, 128)),
        }
        for place, word in enumerate(self.money.words(params)):
            words[fixed + place] = word if isinstance(word, int) else int(word, 16)
        return words

    def _touched(self) -> Storage:
        storage = self.everything()
        for token, held in self.ours.balances.items():
            storage[str(token)] = {mapping_slot(int(self.contract, 16), 1): held}
        return storage
