"""
What a call costs in gas as a transaction of its own.

In a duel all calls share one journal, so storage that was touched before is warm and cheap. Here
the state is carried into a new EVM first: the call pays what it would pay at the head of a block,
the 21,000 of a transaction and its calldata included, refunds taken off.
"""

from pyrevm import EVM, AccountInfo, BlockEnv

from .abi import Argument, call
from .chain import Chain


def gas_of(
    chain: Chain, now_ts: int, sender: str, to: str, signature: str, *arguments: Argument
) -> int:
    """Gas that a call would use, at the state that a chain is in; the chain is left as it is."""
    fresh = EVM()
    fresh.set_block_env(BlockEnv(timestamp=now_ts, number=1))
    for address, account in chain.evm.journal_state.items():
        code = bytes(chain.evm.get_code(address) or b"")
        info = AccountInfo(balance=account.balance, nonce=account.nonce, code=code or None)
        fresh.insert_account_info(address, info)
        if code:
            for slot, value in chain.storage(address.lower()).items():
                fresh.insert_account_storage(address, slot, value)
    fresh.message_call(sender, to, calldata=call(signature, *arguments))
    used: int = fresh.result.gas_used
    return used
