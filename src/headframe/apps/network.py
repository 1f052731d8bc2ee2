"""
`headframe network`: difficulty algorithms compared, a shock to the hash rate, headers verified.

Heavy libraries are imported inside the commands, so that help is instant.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="The network: difficulty algorithms, shocks to the hash rate, chains of headers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a web page too.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all draws.")]


@app.command()
def difficulty(
    algorithms: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ALGORITHM...]", help="Which to compare; all by default."),
    ] = None,
    hash_rate: Annotated[
        list[str] | None,
        typer.Option(
            "--hash-rate",
            metavar="KIND",
            help="constant, growing, oscillating or price; may be repeated; all by default.",
        ),
    ] = None,
    blocks: Annotated[int, typer.Option("--blocks", help="Blocks counted on each chain.")] = 50_000,
    chains: Annotated[int, typer.Option("--chains", help="Chains of each pair.")] = 8,
    seed: Seed = 1,
    growth: Annotated[
        float, typer.Option("--growth", help="Growing: logarithmic growth a year.")
    ] = 0.75,
    hopper_size: Annotated[
        float, typer.Option("--hopper-size", help="Oscillating: hoppers over steady miners.")
    ] = 6.0,
    join: Annotated[
        float, typer.Option("--join", help="Difficulty over the fair one at which they come.")
    ] = 1.30,
    leave: Annotated[
        float, typer.Option("--leave", help="Difficulty over the fair one above which they go.")
    ] = 1.35,
    volatility: Annotated[
        float, typer.Option("--volatility", help="Price: its volatility a year.")
    ] = 0.8,
    lag: Annotated[
        str, typer.Option("--lag", metavar="TIME", help="Price: lag of the hash rate, such as 1d.")
    ] = "1d",
    spacing: Annotated[
        int | None, typer.Option("--spacing", help="Seconds between blocks for all but ethereum.")
    ] = None,
    window: Annotated[
        int | None, typer.Option("--window", help="Blocks averaged by lwma, cw-144 and dash.")
    ] = None,
    half_life: Annotated[
        str | None, typer.Option("--half-life", metavar="TIME", help="ASERT's half-life: 2d, 1h.")
    ] = None,
    factor: Annotated[
        float, typer.Option("--factor", help="What a sudden change leaves of the hash rate.")
    ] = 0.5,
    within: Annotated[
        float, typer.Option("--within", help="Share of the spacing that counts as on time.")
    ] = 0.1,
    html: Html = None,
    json: Json = False,
) -> None:
    """
    Compare difficulty algorithms: block times, delays, what hoppers steal, answer to a halving.

    bitcoin, litecoin, asert, cw-144, lwma, zcash, dash, dogecoin, monero, ethereum.
    """
    from headframe.report.network import comparison_numbers, print_comparison
    from headframe.studies.chain_race import ALGORITHMS, Miners
    from headframe.studies.difficulty import algorithm_named, compare

    half_life_s = None if half_life is None else round(_seconds("--half-life", half_life))
    chosen = [
        algorithm_named(name).tuned(spacing_s=spacing, window=window, half_life_s=half_life_s)
        for name in algorithms or ALGORITHMS
    ]
    lag_s = _seconds("--lag", lag)
    kinds = {
        "constant": Miners(name="constant"),
        "growing": Miners(name="growing", growth=growth),
        "oscillating": Miners(name="oscillating", hopper_size=hopper_size, join=join, leave=leave),
        "price": Miners(name="price", volatility=volatility, lag_s=lag_s),
    }
    found = compare(
        chosen,
        [_chosen("--hash-rate", name, kinds) for name in hash_rate or kinds],
        n_blocks=blocks,
        n_chains=chains,
        seed=seed,
        factor=factor,
        within=within,
    )
    if html is not None:
        from headframe.report.network_page import write_comparison

        _say(f"page in {write_comparison(found, html)}")
    if json:
        _print_json(comparison_numbers(found))
    else:
        print_comparison(found)


@app.command()
def shock(
    share: Annotated[float, typer.Option("--share", help="Of the hash rate, that leaves.")] = 0.53,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="First day.")] = "2021-05-13",
    leave: Annotated[str, typer.Option("--leave", metavar="TIME", help="Until all left.")] = "7w",
    stay: Annotated[str, typer.Option("--stay", metavar="TIME", help="They stay away.")] = "7d",
    return_: Annotated[
        str, typer.Option("--return", metavar="TIME", help="Until all are back, or never.")
    ] = "150d",
    pace: Annotated[
        float, typer.Option("--pace", help="1 leaves in a straight line, above 1 slowly at first.")
    ] = 1.25,
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="As in `network difficulty`.")
    ] = "bitcoin",
    height: Annotated[
        int, typer.Option("--height", help="Of the first block; tells the period's age.")
    ] = 683_424,
    chains: Annotated[int, typer.Option("--chains", help="Chains played.")] = 200,
    seed: Seed = 1,
    daily: Annotated[
        Path | None,
        typer.Option(
            "--daily",
            metavar="TABLE",
            help="What history says: columns date, difficulty, height_end; CSV or Parquet.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day of history.")
    ] = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """
    A jurisdiction leaves with a share of the hash rate, and returns: blocks, difficulty, income.

    Without options: China, May to July 2021.
    """
    from headframe.report.network import print_shock, shock_numbers
    from headframe.studies.difficulty import algorithm_named
    from headframe.studies.network_shock import Shock, play_shock

    start_ts = _unix_ts("--date", date)
    found = play_shock(
        Shock(
            share=share,
            leave_s=_seconds("--leave", leave),
            stay_s=_seconds("--stay", stay),
            return_s=None if return_ == "never" else _seconds("--return", return_),
            pace=pace,
        ),
        algorithm=algorithm_named(algorithm),
        height=height,
        n_chains=chains,
        seed=seed,
    )
    history = () if daily is None else _history(daily, start_ts, until)
    if html is not None:
        from headframe.report.network_page import write_shock

        _say(f"page in {write_shock(found, start_ts, history, html)}")
    if json:
        _print_json(shock_numbers(found, start_ts, history))
    else:
        print_shock(found, start_ts, history)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Raw 80-byte headers in a row.")],
    from_height: Annotated[
        int, typer.Option("--from-height", help="Height of the file's first header.")
    ] = 0,
    context: Annotated[
        Path | None,
        typer.Option(
            "--context",
            metavar="FILE",
            help="The headers right before, back to their period's first (eleven at least).",
        ),
    ] = None,
    chain: Annotated[
        str,
        typer.Option("--chain", help="main, testnet3, testnet4, signet, regtest or private."),
    ] = "main",
    json: Json = False,
) -> None:
    """
    Verify a file of raw block headers: links, work, retargets, times; exit code 2 for a bad one.

    Memory is bounded, however long the file is.
    """
    from headframe.report.network import print_verified, verified_numbers
    from headframe.studies.header_file import CHAINS, verify_file

    rules = _chosen("--chain", chain, CHAINS)
    found = verify_file(file, chain=rules, from_height=from_height, context=context)
    if json:
        _print_json(verified_numbers(found))
    else:
        print_verified(found, file.name)


def _history(table: Path, start_ts: float, until: str | None) -> Any:
    from headframe.sources.tables import read_table
    from headframe.studies.network_shock import daily_retargets

    days = read_table(table)
    end_ts = float("inf") if until is None else _unix_ts("--until", until)
    shown = days.ts <= end_ts
    return daily_retargets(
        days.ts[shown],
        days.column("height_end")[shown],
        days.column("difficulty")[shown],
        first_ts=start_ts,
    )


def _chosen(place: str, name: str, known: dict[str, Any]) -> Any:
    from headframe.errors import InputError

    if name not in known:
        raise InputError(place, name, f"one of {', '.join(known)}")
    return known[name]


def _seconds(place: str, text: str) -> float:
    from headframe.errors import InputError
    from headframe.types import duration_s

    try:
        return duration_s(text)
    except ValueError as error:
        raise InputError(place, text, str(error)) from None


def _unix_ts(place: str, date: str) -> float:
    from headframe.errors import InputError

    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise InputError(place, date, "a date such as 2021-05-13") from None


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, allow_nan=False))


def _say(text: str) -> None:
    typer.echo(text, err=True)
