"""
A pool's payouts and the choice of a pool: on the terminal, as JSON, and as a file of payouts.

The terminal shows what is asked first (who gets what; which offer is best) and that it adds up. The
JSON holds every account in full, amounts in satoshi as whole numbers where they are whole.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from headframe.analytics.pool_choice import Assessment
from headframe.errors import InputError
from headframe.exact.pool_payments import Payment
from headframe.exact.pool_shares import ONE_X96, Statement
from headframe.report.formats import amount, decimals, duration, percent
from headframe.report.shapes import grid, indented, numeric, section, show
from headframe.report.strokes import LOSS, QUIET
from headframe.units import SAT_PER_BTC, TH_PER_EH, TH_PER_PH

FORMAT = 1
"""Version of this JSON; a number is never renamed without raising it."""
MOST_MINERS = 20
"""Miners shown on a terminal; the rest are summed up."""
LONGEST_NAME = 17
"""Characters of a name on a terminal; what is left out of a longer one is in its middle."""
PAYOUT_COLUMNS = (
    "miner", "shares", "work_blocks", "credited_sat", "paid_before_sat", "pay_sat", "paid_sat",
    "carried_sat",
)  # fmt: skip
"""Columns of a file of payouts."""


@dataclass(frozen=True)
class Payouts:
    """A pool's statement and what is paid of it."""

    scheme: str
    """How the pool pays, in words."""
    statement: Statement
    """All accounts."""
    payments: tuple[Payment, ...]
    """What each miner is paid now."""
    n_rejected: int
    """Shares that were not accepted."""
    n_pending: int
    """Blocks that have yet to mature."""
    pending_sat: int
    """What they may pay, as far as the log says."""

    @property
    def pay_sat(self) -> int:
        """Paid now."""
        return sum(payment.pay_sat for payment in self.payments)

    @property
    def paid_before_sat(self) -> int:
        """Paid before."""
        return sum(payment.paid_before_sat for payment in self.payments)

    @property
    def waiting_sat(self) -> int:
        """Whole satoshi that wait for the minimum, less what was paid too much."""
        return self.statement.credited_sat - self.paid_before_sat - self.pay_sat


@dataclass(frozen=True)
class Choice:
    """Offers by what they are worth to a miner, and what it is worth to be rid of luck."""

    ranked: tuple[Assessment, ...]
    """The offers, the best first."""
    horizon_s: float
    """Time over which income counts."""
    fee_worth_paying: dict[str, float]
    """By offer: the largest fee of a pool without luck (FPPS) that is better than it."""
    solo_from_th_s: float
    """Hash rate from which, wealth growing with it, mining alone without fee is best."""
    assumptions: dict[str, float]
    """What was assumed of network, price and miner."""


def write_payouts(payouts: Payouts, file: Path) -> None:
    """Write a CSV of all miners' payments; `InputError` where it cannot be written."""
    try:
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(PAYOUT_COLUMNS)
            writer.writerows(_payout_row(payment) for payment in payouts.payments)
    except OSError as error:
        raise InputError("--out", str(file), error.strerror or str(error)) from None


def _payout_row(payment: Payment) -> tuple[object, ...]:
    account = payment.account
    return (
        account.miner,
        account.n_shares,
        _decimal(account.work_x96, 12),
        account.credited_sat,
        payment.paid_before_sat,
        payment.pay_sat,
        payment.paid_sat,
        _decimal(payment.carried_x96, 6),
    )


def _decimal(value_x96: int, places: int) -> str:
    # To the nearest digit, exactly: a float would lose some.
    digits = (abs(value_x96) * 10**places + ONE_X96 // 2) // ONE_X96
    whole, rest = divmod(digits, 10**places)
    return f"{'-' if value_x96 < 0 < digits else ''}{whole}.{rest:0{places}d}"


def payout_numbers(payouts: Payouts) -> dict[str, Any]:
    """Everything about payouts as plain numbers."""
    stated = payouts.statement
    return {
        "format": FORMAT,
        "scheme": payouts.scheme,
        "n_shares": stated.n_shares,
        "n_shares_rejected": payouts.n_rejected,
        "n_blocks": stated.n_blocks,
        "n_blocks_orphaned": stated.n_orphaned,
        "n_blocks_pending": payouts.n_pending,
        "reward_sat": stated.reward_sat,
        "orphaned_sat": stated.orphaned_sat,
        "pending_sat": payouts.pending_sat,
        "credited_sat": stated.credited_sat,
        "paid_before_sat": payouts.paid_before_sat,
        "pay_sat": payouts.pay_sat,
        "waiting_sat": payouts.waiting_sat,
        "fee_sat": stated.fee_sat,
        "own_sat": stated.own_sat,
        "dust_sat": stated.dust_sat,
        "lowest_balance_sat": stated.lowest_sat,
        "work_since_block_blocks": stated.open_work_x96 / ONE_X96,
        "miners": [
            {
                "miner": payment.account.miner,
                "n_shares": payment.account.n_shares,
                "work_blocks": payment.account.work_x96 / ONE_X96,
                "credited_sat": payment.account.credited_sat,
                "paid_before_sat": payment.paid_before_sat,
                "pay_sat": payment.pay_sat,
                "paid_sat": payment.paid_sat,
                "carried_sat": payment.carried_x96 / ONE_X96,
            }
            for payment in payouts.payments
        ],
    }


def print_payouts(payouts: Payouts, width: int | None = None, file: IO[str] | None = None) -> None:
    """Print payouts for people."""
    show(payout_parts(payouts), width, file)


def payout_parts(payouts: Payouts) -> Iterator[RenderableType]:
    """Who is paid, and that it adds up."""
    stated = payouts.statement
    yield Text()
    yield section("Payouts", "satoshi")
    yield indented(_payout_table(payouts))
    yield Text()
    yield section("It adds up", f"{payouts.scheme}")
    yield indented(_balance(payouts))
    yield Text()
    shares = f"{stated.n_shares:,} shares accepted, {payouts.n_rejected:,} rejected"
    blocks = f"{stated.n_blocks:,} paid, {stated.n_orphaned:,} orphaned"
    yield indented(Text(f"{shares}; blocks: {blocks}, {payouts.n_pending:,} pending.", QUIET))
    if stated.lowest_x96 < 0:
        yield indented(Text(_reserve_words(stated), LOSS if stated.own_x96 < 0 else ""))
    yield Text()


def _payout_table(payouts: Payouts) -> Table:
    table = grid("left", *numeric(4))
    heads = ("miner", "shares", "work, blocks", "credited", "pays now")
    table.add_row(*(Text(head, QUIET) for head in heads))
    order = sorted(payouts.payments, key=lambda p: (-p.account.credited_x96, p.account.miner))
    for payment in order[:MOST_MINERS]:
        account = payment.account
        table.add_row(
            Text(_short(account.miner), no_wrap=True),
            f"{account.n_shares:,}",
            f"{account.work_x96 / ONE_X96:,.4f}",
            f"{account.credited_sat:,}",
            f"{payment.pay_sat:,}",
        )
    rest = order[MOST_MINERS:]
    if rest:
        table.add_row(
            Text(f"{len(rest):,} more", QUIET),
            f"{sum(p.account.n_shares for p in rest):,}",
            f"{sum(p.account.work_x96 for p in rest) / ONE_X96:,.4f}",
            f"{sum(p.account.credited_sat for p in rest):,}",
            f"{sum(p.pay_sat for p in rest):,}",
        )
    return table


def _balance(payouts: Payouts) -> Table:
    stated = payouts.statement
    table = grid("left", "right", "left")
    waits = "whole satoshi that wait for the minimum" if payouts.waiting_sat >= 0 else "overpaid"
    lines = (
        ("paid before", payouts.paid_before_sat, ""),
        ("paid now", payouts.pay_sat, ""),
        ("waiting", payouts.waiting_sat, waits),
        ("fee", stated.fee_sat, "the operator's"),
        ("own account", stated.own_sat, "the operator's luck, and what nobody earned"),
        ("dust", stated.dust_sat, "fractions of satoshi, held for their owners"),
    )
    for name, value, words in lines:
        table.add_row(name, f"{value:,}", Text(words, QUIET))
    words = "subsidy and fees of the blocks that count"
    table.add_row(
        Text("= reward", "bold"), Text(f"{stated.reward_sat:,}", "bold"), Text(words, QUIET)
    )
    return table


def _reserve_words(stated: Statement) -> str:
    lowest = f"{-stated.lowest_sat / SAT_PER_BTC:,.8f}"
    return f"The operator needed a reserve of {lowest} BTC: this is how low he once stood."


def choice_numbers(choice: Choice) -> dict[str, Any]:
    """The choice of a pool as plain numbers."""
    return {
        "format": FORMAT,
        "best": choice.ranked[0].offer.name,
        "horizon_s": choice.horizon_s,
        "assumptions": choice.assumptions,
        "solo_is_best_from_th_s": (
            choice.solo_from_th_s if math.isfinite(choice.solo_from_th_s) else None
        ),
        "offers": [
            {
                "name": entry.offer.name,
                "scheme": type(entry.offer.scheme).__name__,
                "fee": entry.offer.scheme.fee,
                "pool_th_s": entry.offer.pool_th_s,
                "mean_usd": entry.mean_usd,
                "sd_usd": entry.sd_usd,
                "certainty_equivalent_usd": entry.certainty_equivalent_usd,
                "cost_of_luck_usd": entry.cost_of_luck_usd,
                "fee_worth_paying_to_be_rid_of_luck": choice.fee_worth_paying[entry.offer.name],
            }
            for entry in choice.ranked
        ],
    }


def print_choice(choice: Choice, width: int | None = None, file: IO[str] | None = None) -> None:
    """Print the choice of a pool for people."""
    show(choice_parts(choice), width, file)


def choice_parts(choice: Choice) -> Iterator[RenderableType]:
    """The offers, what is best, and what was assumed."""
    yield Text()
    yield section("Which pool", f"USD over {duration(choice.horizon_s)}")
    yield indented(_offers(choice.ranked, choice.fee_worth_paying))
    yield indented(Text("worth: the sure income that is as good to this miner", QUIET))
    yield indented(Text("up to: the fee at which pay without luck (FPPS) is as good", QUIET))
    yield Text()
    yield indented(Text(_advice(choice)))
    yield Text()
    told = ", ".join(f"{name} {value:,.12g}" for name, value in choice.assumptions.items())
    yield indented(Text(f"Assumed: {told}.", QUIET))
    yield Text()


def _offers(ranked: Sequence[Assessment], worth: dict[str, float]) -> Table:
    places = decimals(*(entry.mean_usd for entry in ranked))
    table = grid("left", *numeric(6))
    heads = ("offer", "fee", "mean", "sd", "luck costs", "worth", "up to")
    table.add_row(*(Text(head, QUIET) for head in heads))
    for place, entry in enumerate(ranked):
        values = (
            entry.mean_usd,
            entry.sd_usd,
            entry.cost_of_luck_usd,
            entry.certainty_equivalent_usd,
        )
        table.add_row(
            Text(_short(entry.offer.name), "bold" if place == 0 else "", no_wrap=True),
            percent(entry.offer.scheme.fee),
            *(amount(value, places) for value in values),
            percent(worth[entry.offer.name]),
        )
    return table


def _advice(choice: Choice) -> str:
    best = choice.ranked[0]
    said = f"{best.offer.name} is worth most to this miner."
    if len(choice.ranked) > 1:
        second = choice.ranked[1]
        lead = best.certainty_equivalent_usd - second.certainty_equivalent_usd
        said = f"{said[:-1]}, {amount(lead, decimals(lead, digits=3))} USD more than the next."
    if math.isinf(choice.solo_from_th_s):
        return f"{said} Mining alone is never worth more, however large he is."
    return f"{said} Mining alone is worth more from {hash_rate(choice.solo_from_th_s)} on."


def hash_rate(th_s: float) -> str:
    """
    A hash rate as people write it.

    >>> hash_rate(200.0), hash_rate(3_500.0), hash_rate(1.2e6)
    ('200 TH/s', '3.5 PH/s', '1.2 EH/s')
    """
    for size_th_s, word in ((TH_PER_EH, "EH/s"), (TH_PER_PH, "PH/s")):
        if th_s >= size_th_s:
            return f"{th_s / size_th_s:,.3g} {word}"
    return f"{th_s:,.3g} TH/s"


def _short(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
