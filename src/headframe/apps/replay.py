"""
`headframe replay`: a pool's log played again, and what a position would have earned.

Heavy libraries are imported inside the command, so that help is instant.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headframe.exact.uniswap_v3 import Pool
    from headframe.studies.watched_position import Wanted

Whole = int | None


def replay(
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="Decoded log: CSV, Parquet.")],
    fee: Annotated[
        Whole, typer.Option("--fee", help="The pool's fee in pips: 100, 500, 3000, 10000.")
    ] = None,
    tick_spacing: Annotated[
        Whole, typer.Option("--tick-spacing", help="Of an unusual fee tier.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="Begin with this pool.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write the pool at the end.")
    ] = None,
    lower: Annotated[Whole, typer.Option("--lower", help="A position's lower tick.")] = None,
    upper: Annotated[Whole, typer.Option("--upper", help="Its upper tick.")] = None,
    liquidity: Annotated[str | None, typer.Option("--liquidity", help="Its liquidity.")] = None,
    amount0: Annotated[
        str | None, typer.Option("--amount0", help="Or its token0, in smallest units.")
    ] = None,
    amount1: Annotated[
        str | None, typer.Option("--amount1", help="And its token1, in smallest units.")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="WHEN", help="In: block, block:log index, date or time."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="WHEN", help="Out, after this: in the same forms.")
    ] = None,
    insert: Annotated[
        bool, typer.Option("--insert", help="Also put it truly into a second pool.")
    ] = False,
    decimals0: Annotated[int, typer.Option(min=0, max=36, help="Token0's, for the report.")] = 0,
    decimals1: Annotated[int, typer.Option(min=0, max=36, help="Token1's, for the report.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON only.")] = False,
) -> None:
    """
    Play a Uniswap v3 pool's log again, to the wei; exit code 1 where log and pool differ.

    With a position, also what it would have earned.
    """
    from headframe.report.replay import print_replay, replay_numbers
    from headframe.sources.uniswap_v3_events import read_events
    from headframe.sources.uniswap_v3_state import write_state
    from headframe.studies.pool_replay import replay as play

    wanted = _wanted(lower, upper, liquidity, amount0, amount1, from_, to, insert)
    pool = _pool(fee, tick_spacing, state)
    log = read_events(events, priced=pool.sqrt_price_x96 != 0)
    found = play(log, pool, wanted=wanted)
    if save is not None and found.difference is None:
        write_state(found.pool, save)
        typer.echo(f"pool in {save}", err=True)
    if json:
        _print_json(replay_numbers(found))
    else:
        print_replay(found, events.name, decimals=(decimals0, decimals1))
    if not found.agrees:
        raise typer.Exit(1)


def _pool(fee: int | None, tick_spacing: int | None, state: Path | None) -> "Pool":
    from headframe.errors import InputError
    from headframe.exact.uniswap_v3 import create_pool, enable_fee_amount, factory_fee_tiers
    from headframe.exact.uniswap_v3_pool import MAX_TICK_SPACING
    from headframe.sources.uniswap_v3_state import read_state

    if state is not None:
        if fee is not None or tick_spacing is not None:
            raise InputError("--fee, --tick-spacing", fee, "neither with --state, which has them")
        return read_state(state)
    tiers = factory_fee_tiers()
    enable_fee_amount(tiers, 100, 1)
    if fee is None:
        raise InputError("--fee", None, "the pool's fee in pips: 100, 500, 3000, 10000")
    if not 0 <= fee < 1_000_000:
        raise InputError("--fee", fee, "0 to 999999 pips")
    spacing = tick_spacing if tick_spacing is not None else tiers.get(fee)
    if spacing is None:
        raise InputError("--fee", fee, "one of 100, 500, 3000, 10000, or give --tick-spacing")
    if not 0 < spacing < MAX_TICK_SPACING:
        raise InputError("--tick-spacing", spacing, f"1 to {MAX_TICK_SPACING - 1}")
    return create_pool(fee, spacing)


def _wanted(
    lower: int | None,
    upper: int | None,
    liquidity: str | None,
    amount0: str | None,
    amount1: str | None,
    from_: str | None,
    to: str | None,
    insert: bool,
) -> "Wanted | None":
    from headframe.errors import InputError
    from headframe.studies.watched_position import FIRST, LAST, Wanted

    if lower is None and upper is None:
        told = {"--liquidity": liquidity, "--amount0": amount0, "--amount1": amount1,
                "--from": from_, "--to": to, "--insert": insert or None}  # fmt: skip
        for flag, text in told.items():
            if text is not None:
                raise InputError(flag, None, "belongs to a position: give --lower and --upper")
        return None
    if lower is None or upper is None:
        raise InputError("--lower, --upper", None, "both ticks of the position")
    since, since_log = (FIRST, None) if from_ is None else _instant("--from", from_)
    until, until_log = (LAST, None) if to is None else _instant("--to", to)
    return Wanted(
        tick_lower=lower,
        tick_upper=upper,
        liquidity=None if liquidity is None else _whole("--liquidity", liquidity),
        amount0=0 if amount0 is None else _whole("--amount0", amount0),
        amount1=0 if amount1 is None else _whole("--amount1", amount1),
        since=since,
        since_log=FIRST if since_log is None else since_log,
        until=until,
        until_log=LAST if until_log is None else until_log,
        insert=insert,
    )


def _whole(flag: str, text: str) -> int:
    from headframe.errors import InputError

    plain = text.replace("_", "").replace(",", "")
    if not (plain.isascii() and plain.isdigit()) or int(plain) >= 1 << 128:
        raise InputError(flag, text, "a whole number below 2^128, in smallest units")
    return int(plain)


def _instant(flag: str, text: str) -> tuple[int, int | None]:
    """A block number and perhaps a log index in it, or unix seconds."""
    from headframe.errors import InputError
    from headframe.sources.pool_cells import NS_PER_S, time_ns

    block_and_log = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", text)
    if block_and_log:
        return int(block_and_log[1]), int(block_and_log[2])
    if re.fullmatch(r"[0-9]{1,12}", text):
        return int(text), None
    try:
        return time_ns(text) // NS_PER_S, None
    except ValueError:
        said = "a block, block:log index, unix seconds, or a time such as 2021-05-05T12:00:00"
        raise InputError(flag, text, said) from None


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, allow_nan=False))
