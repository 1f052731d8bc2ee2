"""
The calls of Morpho Blue that are not about money: the owner's, new markets, and permissions.
"""

import random
from typing import TYPE_CHECKING

from judge.abi import call, encode, keccak
from judge.chain import OWNER

from headframe.exact import morpho_blue as mb

from .morpho_blue_moves import PARAMS, WAD, Act, Draws, address_of

if TYPE_CHECKING:
    from .morpho_blue import MorphoBlueDuel

STRANGER = "0x" + "5e" * 20
COLLECTOR = "0x" + "fe" * 20


class Permissions:
    """Draws of calls, from the state of a duel."""

    def __init__(self, duel: "MorphoBlueDuel", money: Draws) -> None:
        self.duel, self.money = duel, money

    def draw(self, rng: random.Random) -> Act:
        """Draw a call."""
        kinds = (self.owner_call, self.authorization, self.signature)
        return rng.choices(kinds, (5, 4, 1))[0](rng)

    def owner_call(self, rng: random.Random) -> Act:
        sender = self.duel.ours.owner if rng.random() < 0.9 else STRANGER
        kind = rng.choice(("fee", "fee", "fee", "recipient", "lltv", "irm", "create", "owner"))
        if kind == "lltv":
            lltv = rng.choice((0, WAD, WAD - 1, 385 * 10**15, rng.randint(0, WAD)))
            return self.enable_lltv(lltv, str(sender))
        if kind == "irm":
            return self.enable_irm(rng.choice(list(self.duel.irms)), str(sender))
        if kind == "create":
            return self.create(self.money.new_params(rng))
        if kind == "owner":
            return self._set_owner(rng, str(sender))
        if kind == "recipient":
            return self._set_recipient(rng, str(sender))
        return self._set_fee(rng, str(sender))

    def create(self, params: mb.MarketParams) -> Act:
        def ours() -> bytes:
            mb.create_market(self.duel.ours, params, now_ts=self.duel.stage.now_ts)
            self.duel.markets = list(self.duel.ours.markets)
            return b""

        return self.money.act("create()", ours, STRANGER, f"createMarket({PARAMS})", params, ())

    def enable_irm(self, irm: mb.Irm | None, sender: str = OWNER) -> Act:
        def ours() -> bytes:
            mb.enable_irm(self.duel.ours, irm, sender=sender)
            return b""

        return Act("enable_irm()", ours, sender, call("enableIrm(address)", self.duel.irms[irm]))

    def enable_lltv(self, lltv: int, sender: str = OWNER) -> Act:
        def ours() -> bytes:
            mb.enable_lltv(self.duel.ours, lltv, sender=sender)
            return b""

        return Act(f"enable_lltv({lltv})", ours, sender, call("enableLltv(uint256)", lltv))

    def _set_fee(self, rng: random.Random, sender: str) -> Act:
        params, market = self.money.market(rng)
        fee = rng.choice((0, market.fee_wad, 25 * 10**16, 25 * 10**16 + 1, rng.randint(0, 10**17)))

        def ours() -> bytes:
            mb.set_fee(self.duel.ours, params, fee, sender=sender, now_ts=self.duel.stage.now_ts)
            return b""

        signature = f"setFee({PARAMS},uint256)"
        return self.money.act(f"set_fee({fee})", ours, sender, signature, params, (fee,))

    def _set_recipient(self, rng: random.Random, sender: str) -> Act:
        to = rng.choice((None, COLLECTOR, rng.choice(self.duel.people)))

        def ours() -> bytes:
            mb.set_fee_recipient(self.duel.ours, to, sender=sender)
            return b""

        data = call("setFeeRecipient(address)", address_of(to))
        return Act("set_fee_recipient()", ours, sender, data)

    def _set_owner(self, rng: random.Random, sender: str) -> Act:
        to = rng.choice((OWNER, "0x" + "ab" * 20))

        def ours() -> bytes:
            mb.set_owner(self.duel.ours, to, sender=sender)
            return b""

        return Act("set_owner()", ours, sender, call("setOwner(address)", to))

    def authorization(self, rng: random.Random) -> Act:
        sender, other = rng.choice(self.duel.stage.users), rng.choice(self.duel.people)
        allowed = rng.random() < 0.7

        def ours() -> bytes:
            mb.set_authorization(self.duel.ours, other, allowed, sender=sender)
            return b""

        data = call("setAuthorization(address,bool)", other, int(allowed))
        return Act("set_authorization()", ours, sender, data)

    def signature(self, rng: random.Random) -> Act:
        signer = rng.choice(self.duel.stage.signers)
        claimed = signer.address if rng.random() < 0.9 else rng.choice(self.duel.people)
        other, allowed = rng.choice(self.duel.people), rng.random() < 0.8
        nonce = self.duel.ours.nonces.get(claimed, 0) + (rng.random() < 0.1)
        deadline = self.duel.stage.now_ts + rng.choice((0, 0, 100, -1))
        typed = "Authorization(address authorizer,address authorized,bool isAuthorized,"
        kind = keccak((typed + "uint256 nonce,uint256 deadline)").encode())
        fields = (claimed, other, int(allowed), nonce, deadline)
        inner = keccak(kind + encode(*fields))
        digest = keccak(b"\x19\x01" + self.duel.domain + inner)
        v, r, s = signer.sign(digest, rng.randrange(1, 1 << 255))
        signatory: str | None = signer.address
        if rng.random() < 0.1:
            v, signatory = 0, None

        def ours() -> bytes:
            mb.set_authorization_with_sig(
                self.duel.ours, authorizer=claimed, authorized=other, is_authorized=allowed,
                nonce=nonce, deadline_ts=deadline, signatory=signatory,
                now_ts=self.duel.stage.now_ts,
            )  # fmt: skip
            return b""

        types = "((address,address,bool,uint256,uint256),(uint8,bytes32,bytes32))"
        data = call(f"setAuthorizationWithSig{types}", *fields, v, r, s)
        return Act("set_authorization_with_sig()", ours, STRANGER, data)
