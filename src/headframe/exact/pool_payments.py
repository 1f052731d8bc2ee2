"""
Payments of a mining pool: what of a miner's account is paid out now, and what is carried.

Accounts are stated over a whole log (`pool_shares`), so what is due is what a miner has earned in
all, in whole satoshi, less all that he has been paid; nothing can be paid twice, and a fraction of
a satoshi that was dust comes out when it has grown to a whole one. Amounts below the pool's minimum
wait.

Source: own; it is how accounts are kept. Assumptions: what was paid before was paid on the same log
and scheme, the log of today being that of yesterday and more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from headframe.errors import InputError
from headframe.exact.pool_shares import BITS, MinerAccount, Statement


@dataclass(frozen=True)
class Payment:
    """What a miner is paid now."""

    account: MinerAccount
    """His account."""
    paid_before_sat: int
    """What he had been paid so far."""
    pay_sat: int
    """What he is paid now."""

    @property
    def paid_sat(self) -> int:
        """What he will have been paid in all."""
        return self.paid_before_sat + self.pay_sat

    @property
    def carried_x96(self) -> int:
        """
        What stays on his account, in satoshi times 2^96.

        Dust, and what is below the minimum; below 0 if he was paid too much, as happens where a
        block that had paid was orphaned later.
        """
        return self.account.credited_x96 - (self.paid_sat << BITS)


def payments(
    statement: Statement, *, paid_before_sat: Mapping[str, int], minimum_sat: int = 0
) -> tuple[Payment, ...]:
    """
    What each miner is paid now: all that is due and at least the minimum, in order of their names.

        due = credited in whole satoshi - paid before

    Raises `InputError` for a miner who was paid and is not in the log, for negative amounts.

    >>> from headframe.exact.pool_shares import ONE_X96
    >>> account = MinerAccount("a", 1, ONE_X96, credited_x96=7 * ONE_X96 // 2)
    >>> stated = Statement((account,), 1, 1, 0, 4, 0, 0, ONE_X96 // 2, 0, 0)
    >>> [payment.pay_sat for payment in payments(stated, paid_before_sat={"a": 1})]
    [2]
    """
    if minimum_sat < 0:
        raise InputError("minimum_sat", minimum_sat, "must be 0 or more")
    known = {account.miner for account in statement.miners}
    for miner, paid_sat in paid_before_sat.items():
        if paid_sat < 0:
            raise InputError(f"paid before, {miner}", paid_sat, "must be 0 or more")
        if paid_sat and miner not in known:
            said = "must have shares in the log; it goes back to the first share ever paid"
            raise InputError("paid before", miner, said)
    made = []
    for account in statement.miners:
        before_sat = paid_before_sat.get(account.miner, 0)
        due_sat = account.credited_sat - before_sat
        pays = due_sat > 0 and due_sat >= minimum_sat
        made.append(Payment(account, before_sat, due_sat if pays else 0))
    return tuple(made)
