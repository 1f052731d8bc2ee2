"""
OpenZeppelin's ERC-4626 vault: random sequences on the compiled contract.

Moves: deposits, mints, withdrawals and redemptions, at the edge and beside it, for oneself, for
others, by those allowed; shares handed over and allowed; donations; all that can be read; nobody.
Starts: decimals offsets of 0, 1, 3, 6 and 18, empty or in use, some with a donation before the
first deposit.
"""

import random
from collections.abc import Callable
from typing import ClassVar

from judge.abi import call, encode, mapping_slot
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer
from judge.duel import Move, Storage, set_up

from headframe.errors import Revert
from headframe.exact import erc4626 as vaults
from headframe.exact.fixed import revert_error

from .farm_stage import USERS, set_farm_stage
from .stage import PURSE, log_uniform

FOREVER = (1 << 256) - 1
OFFSETS = (0, 0, 1, 3, 6, 18)


class Erc4626Duel:
    """The vault's two texts."""

    name: ClassVar[str] = "erc4626"
    judge: ClassVar[str] = (
        "official source, compiled by us: @openzeppelin/contracts 5.7.0, ERC4626 made concrete"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = set_farm_stage(rng, tokens=1)
        self.chain, (self.asset,) = self.stage.chain, self.stage.tokens
        offset = rng.choice(OFFSETS)
        self.address = self.chain.deploy(creation_code("erc4626", "Vault.json"), self.asset, offset)
        self.stage.approve(self.asset, self.address)
        self.ours = vaults.Vault(decimals_offset=offset, address=self.address)
        self.wallets = dict.fromkeys(USERS, PURSE)
        self.constants = {slot: self.chain.slot(self.address, slot) for slot in (3, 4)}
        if rng.random() < 0.3:
            set_up(self._donate(rng))
        for _ in range(rng.choice((0, 1, 4))):
            set_up(self._enter(rng))

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        kinds: dict[Callable[[random.Random], Move], int] = {
            self._enter: 30,
            self._leave: 35,
            self._donate: 8,
            self._approve: 8,
            self._transfer: 9,
            self._read: 10,
        }
        return rng.choices(list(kinds), list(kinds.values()))[0](rng)

    # ---- in and out ------------------------------------------------------------------------

    def _enter(self, rng: random.Random) -> Move:
        user, receiver = rng.choice(USERS), self._somebody(rng)
        amount = self._amount(rng)
        if rng.random() < 0.6:
            action, name, scale = vaults.deposit, "deposit", 1
        else:
            action, name = vaults.mint, "mint"
            scale = 10**self.ours.decimals_offset
        amount = min(amount * scale, FOREVER)

        def ours() -> bytes:
            preview = vaults.preview_mint if name == "mint" else vaults.preview_deposit
            quoted = preview(self.ours, amount)
            assets = quoted if name == "mint" else amount
            if assets > self.wallets[user]:
                raise revert_error("ds-math-sub-underflow")  # the asset's own refusal
            answer = action(self.ours, amount, receiver=receiver)
            self.wallets[user] -= assets
            return encode(answer)

        return self._move(name, ours, user, call(f"{name}(uint256,address)", amount, receiver))

    def _leave(self, rng: random.Random) -> Move:
        owner = self._owner(rng)
        held = vaults.max_redeem(self.ours, owner)
        some = rng.choice(
            (held, rng.randint(0, held), min(held + 1, FOREVER), rng.randint(0, held))
        )
        sender = owner if rng.random() < 0.75 and owner in USERS else rng.choice(USERS)
        allowed = [who for (of, who), left in self.ours.allowances.items() if of == owner and left]
        if sender != owner and allowed and rng.random() < 0.7:
            sender = rng.choice(sorted(set(allowed) & set(USERS)) or [sender])
        receiver = self._somebody(rng)
        action, name = rng.choice(((vaults.withdraw, "withdraw"), (vaults.redeem, "redeem")))
        if name == "withdraw":
            some = min(self._worth(some) + rng.choice((0, 0, 0, 1)), FOREVER)

        def ours() -> bytes:
            before = self.ours.total_assets
            who = {"sender": sender, "receiver": receiver, "owner": owner}
            answer = encode(action(self.ours, some, **who))
            if receiver in self.wallets:
                self.wallets[receiver] += before - self.ours.total_assets
            return answer

        data = call(f"{name}(uint256,address,address)", some, receiver, owner)
        return self._move(name, ours, sender, data)

    def _donate(self, rng: random.Random) -> Move:
        user, amount = rng.choice(USERS), log_uniform(rng, 1, 1 << rng.choice((10, 90, 90, 200)))
        amount = min(amount, self.wallets[user])

        def ours() -> bytes:
            vaults.donate(self.ours, amount)
            self.wallets[user] -= amount
            return encode(1)

        data = call("transfer(address,uint256)", self.address, amount)

        def theirs() -> Answer:
            return self.chain.send(user, self.asset, data)

        return Move(f"donate({amount})", ours, theirs, self._touched)

    # ---- shares ----------------------------------------------------------------------------

    def _approve(self, rng: random.Random) -> Move:
        sender, spender = rng.choice(USERS), self._somebody(rng)
        held = vaults.max_redeem(self.ours, sender)
        shares = rng.choice((0, held, rng.randint(0, min(2 * held, FOREVER)), FOREVER))

        def ours() -> bytes:
            vaults.approve(self.ours, spender, shares, sender=sender)
            return encode(1)

        return self._move(
            "approve", ours, sender, call("approve(address,uint256)", spender, shares)
        )

    def _transfer(self, rng: random.Random) -> Move:
        owner, to, sender = self._owner(rng), self._somebody(rng), rng.choice(USERS)
        held = vaults.max_redeem(self.ours, owner)
        shares = rng.choice((held, rng.randint(0, held), min(held + 1, FOREVER)))
        if owner in USERS and rng.random() < 0.5:
            signature, arguments, sender = "transfer(address,uint256)", (to, shares), owner
        else:
            signature = "transferFrom(address,address,uint256)"
            arguments = (owner, to, shares)

        def ours() -> bytes:
            if signature.startswith("transferFrom"):
                vaults.transfer_from(self.ours, owner, to, shares, sender=sender)
            else:
                vaults.transfer(self.ours, to, shares, sender=sender)
            return encode(1)

        return self._move(signature.split("(")[0], ours, sender, call(signature, *arguments))

    def _read(self, rng: random.Random) -> Move:
        vault, user, amount = self.ours, self._somebody(rng), self._amount(rng)
        reads: list[tuple[str, Callable[[], int], list[int | str]]] = [
            ("previewDeposit(uint256)", lambda: vaults.preview_deposit(vault, amount), [amount]),
            ("previewMint(uint256)", lambda: vaults.preview_mint(vault, amount), [amount]),
            ("previewWithdraw(uint256)", lambda: vaults.preview_withdraw(vault, amount), [amount]),
            ("previewRedeem(uint256)", lambda: vaults.preview_redeem(vault, amount), [amount]),
            ("convertToShares(uint256)", lambda: vaults.convert_to_shares(vault, amount), [amount]),
            ("convertToAssets(uint256)", lambda: vaults.convert_to_assets(vault, amount), [amount]),
            ("maxWithdraw(address)", lambda: vaults.max_withdraw(vault, user), [user]),
            ("totalAssets()", lambda: vault.total_assets, []),
        ]
        signature, ours, arguments = rng.choice(reads)
        data = call(signature, *arguments)
        return self._move(f"read.{signature}", lambda: encode(ours()), OWNER, data)

    # ---- what draws have in common ---------------------------------------------------------

    def _amount(self, rng: random.Random) -> int:
        sizes = (log_uniform(rng, 1, 1 << 90), rng.randint(0, 20), log_uniform(rng, 1, FOREVER))
        return rng.choices(sizes, (12, 5, 1))[0]

    def _somebody(self, rng: random.Random) -> str:
        return rng.choices((rng.choice(USERS), vaults.NOBODY, self.address), (40, 1, 1))[0]

    def _owner(self, rng: random.Random) -> str:
        holders = sorted(who for who, held in self.ours.balances.items() if held)
        return rng.choice(holders) if holders and rng.random() < 0.9 else self._somebody(rng)

    def _worth(self, shares: int) -> int:
        try:
            return vaults.preview_redeem(self.ours, shares)
        except Revert:
            return shares

    def _move(self, name: str, ours: Callable[[], bytes], sender: str, data: bytes) -> Move:
        def theirs() -> Answer:
            return self.chain.send(sender, self.address, data)

        return Move(f"{name}()" if "(" not in name else name, ours, theirs, self._touched)

    # ---- storage ---------------------------------------------------------------------------

    def everything(self) -> Storage:
        """All words of the vault: balances (0), allowances (1), supply (2), names (3 and 4)."""
        words = self.constants | {2: self.ours.total_supply}
        words |= self.stage.words_of(self.address, self.ours.balances, 0)
        for (owner, spender), shares in self.ours.allowances.items():
            inner = mapping_slot(int(owner, 16), 1)
            words[mapping_slot(int(spender, 16), inner)] = shares
        return {self.address: words}

    def _touched(self) -> Storage:
        held = {self.address: self.ours.total_assets, **self.wallets}
        return self.everything() | {self.asset: self.stage.words_of(self.asset, held, 1)}
