"""
Where an Aave v3 market keeps what a duel compares: the same words in every version
but those of a reserve.
"""

import random
from typing import Any

from judge.abi import mapping_slot, pack
from judge.duel import Storage, set_up

from headframe.exact.aave_v3_books import TREASURY as OUR_TREASURY
from headframe.exact.aave_v3_books import ScaledBalanceToken

from .aave_moves import AaveMoves
from .aave_stage import TREASURY

NAMES = {OUR_TREASURY: TREASURY}


class AaveStorage(AaveMoves):
    """A duel's words; `_reserve` and `_held` are the version's."""

    constants: dict[str, dict[int, int]]

    def _begin(self, rng: random.Random) -> None:
        """Note what never changes, then let users supply and borrow."""
        tokens = (token for tokens in self.market.tokens.values() for token in tokens)
        contracts = (self.market.pool, *tokens)
        self.constants = {contract: self.chain.storage(contract) for contract in contracts}
        for _ in range(rng.randint(4, 12)):
            set_up(self._draw_supply(rng))
        for _ in range(rng.randint(0, 6)):
            set_up(self._draw_borrow(rng))

    def everything(self) -> Storage:
        """All words of the pool and of every token, constants included."""
        words = self._touched()
        return {contract: self.constants[contract] | words.get(contract, {})
                for contract in self.constants}  # fmt: skip

    def _touched(self) -> Storage:
        pool = self.market.pool
        storage: Storage = {pool: self._users()}
        for asset, reserve in self.ours.reserves.items():
            a_token, *_, variable = self.market.tokens[str(asset)]
            storage[pool] |= self._reserve(str(asset), reserve)
            storage[a_token] = _scaled(reserve.a_token, 52)
            storage[variable] = _scaled(reserve.variable_debt_token, 56)
            for (delegator, delegatee), allowed in reserve.borrow_allowance.items():
                inner = mapping_slot(int(str(delegator), 16), 54)
                storage[variable][mapping_slot(int(str(delegatee), 16), inner)] = allowed
            held = {mapping_slot(int(a_token, 16), 0): self._held(str(asset))}
            storage[str(asset)] = held
        return storage

    def _users(self) -> dict[int, int]:
        words = {mapping_slot(int(str(user), 16), 53): data
                 for user, data in self.ours.users_config.items()}  # fmt: skip
        for user, number in self.ours.users_e_mode_category.items():
            words[mapping_slot(int(str(user), 16), 56)] = number
        return words

    def _reserve(self, asset: str, reserve: Any) -> dict[int, int]:
        raise NotImplementedError

    def _held(self, asset: str) -> int:
        """What the aToken's contract holds of the asset."""
        raise NotImplementedError


def _scaled(token: ScaledBalanceToken, first: int) -> dict[int, int]:
    words = {first + 2: token.scaled_total_supply}
    for user in token.previous_index.keys() | token.scaled_balance_of.keys():
        address = int(NAMES.get(user, str(user)), 16)
        words[mapping_slot(address, first)] = pack(
            (token.scaled_balance_of.get(user, 0), 128), (token.previous_index.get(user, 0), 128)
        )
    return words
