"""
`headframe strike`: at which power price each model runs at which preset, and a schedule by it.

Heavy libraries are imported inside the command, so that help is instant.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

FLAGS = {
    "--price": ("btc_usd", "price_usd"),
    "--difficulty": ("difficulty", "difficulty"),
    "--subsidy": ("subsidy_btc", "subsidy"),
    "--fees": ("fees_btc", "fees"),
}
"""Each flag of the network: the name of its number, and of its column in a CSV."""


def strike(
    site: Annotated[Path, typer.Argument(metavar="SITE", help="The site, a TOML file.")],
    price: Annotated[
        float | None, typer.Option("--price", help="Price of a bitcoin in USD.")
    ] = None,
    difficulty: Annotated[
        float | None, typer.Option("--difficulty", help="The network's difficulty.")
    ] = None,
    subsidy: Annotated[
        float | None, typer.Option("--subsidy", help="Subsidy of a block in BTC; 3.125 by default.")
    ] = None,
    fees: Annotated[
        float | None, typer.Option("--fees", help="Fees of a block in BTC; 0 by default.")
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            "--network",
            metavar="FILE",
            help="CSV with price_usd, difficulty and, if known, subsidy and fees: its last row.",
        ),
    ] = None,
    power: Annotated[
        Path | None,
        typer.Option("--power", metavar="FILE", help="CSV of power prices to dispatch against."),
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", help="Its column in USD/MWh; the first by default.")
    ] = None,
    schedule: Annotated[
        Path | None,
        typer.Option("--schedule", metavar="FILE", help="Write the rule's set-points as CSV."),
    ] = None,
    optimum: Annotated[
        bool, typer.Option("--optimum", help="Also solve each day with its prices known.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")
    ] = False,
) -> None:
    """
    The strike table of a fleet now, by model and preset, and a schedule from a power price.

    Strikes follow marginal efficiency, after the pool's fee and the site's overhead.
    """
    from headframe.errors import InputError
    from headframe.report import strike as report
    from headframe.studies.strike import Network, checked, load_site, strike_table

    given = {"--price": price, "--difficulty": difficulty, "--subsidy": subsidy, "--fees": fees}
    values = _network(given, network)
    table = strike_table(load_site(site), checked(Network, values, "network"))
    if power is None and (schedule is not None or optimum):
        raise InputError("--schedule" if schedule else "--optimum", None, "needs --power FILE")
    plans: dict[str, Any] = {}
    if power is not None:
        ts, prices, interval_s = _prices(power, column)
        plans = _played(table, prices, interval_s, int(ts[0] // 3_600) % 24, optimum=optimum)
        if schedule is not None:
            typer.echo(
                f"schedule in {report.write_schedule(plans['rule'], ts, schedule)}", err=True
            )
    if json:
        from json import dumps

        typer.echo(dumps(report.strike_numbers(table, plans), indent=2))
    else:
        report.print_strikes(table, plans)


def _network(given: dict[str, float | None], file: Path | None) -> dict[str, float]:
    """The network's numbers: the flags', else the last row of the file."""
    from headframe.errors import InputError

    values = {FLAGS[flag][0]: value for flag, value in given.items() if value is not None}
    if file is not None:
        from headframe.sources.tables import read_table

        table = read_table(file)
        for flag, (name, column) in FLAGS.items():
            if name in values or (column not in table.names and flag in ("--subsidy", "--fees")):
                continue
            last = float(table.column(column)[-1])
            if last != last:
                raise InputError(f"{file}: {column}", "", "a number in the last row")
            values[name] = last
    for flag in ("--price", "--difficulty"):
        if FLAGS[flag][0] not in values:
            raise InputError(flag, None, "give it, or --network FILE")
    return values


def _prices(file: Path, column: str | None) -> tuple[Any, Any, float]:
    """Times and prices of a table, evenly spaced and whole."""
    import numpy as np

    from headframe.errors import InputError
    from headframe.sources.tables import read_table

    table = read_table(file)
    if not table.names:
        raise InputError(str(file), None, "needs a column of prices beside the times")
    name = column or table.names[0]
    prices, ts = table.column(name), table.ts
    if ts.size < 2:
        raise InputError(str(file), ts.size, "two rows or more")
    gaps = np.diff(ts)
    interval_s = float(np.min(gaps))
    if not np.all(gaps == interval_s):
        row = int(np.argmax(gaps != interval_s)) + 1
        raise InputError(
            f"{file}: line {table.lines[row]}",
            float(gaps[row - 1]),
            f"{interval_s:g} s after the last",
        )
    if not np.all(np.isfinite(prices)):
        row = int(np.argmin(np.isfinite(prices)))
        raise InputError(f"{file}: line {table.lines[row]}: {name}", "", "a price")
    return ts, prices, interval_s


def _played(
    table: Any, prices: Any, interval_s: float, start_h: int, *, optimum: bool
) -> dict[str, Any]:
    from headframe.studies import dispatch

    plans = {"rule": dispatch.by_rule(table, prices, interval_s=interval_s, start_h=start_h)}
    if optimum:
        plans["optimum"] = dispatch.at_optimum(
            table, prices, interval_s=interval_s, start_h=start_h
        )
    return plans
