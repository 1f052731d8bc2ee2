"""Strikes on a terminal, as JSON, and as a schedule that a fleet controller can follow."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from rich.console import RenderableType
from rich.text import Text

from headframe.report.formats import amount, percent
from headframe.report.shapes import grid, indented, numeric, section, show
from headframe.report.strokes import QUIET
from headframe.studies.dispatch import TINY, Plan, presets
from headframe.studies.strike import StrikeTable
from headframe.types import Array

COLUMNS = ("time", "usd_per_mwh", "batch", "preset", "machines", "site_mw")
"""Columns of a schedule: a line for each batch and interval."""


def print_strikes(
    table: StrikeTable,
    plans: dict[str, Plan],
    width: int | None = None,
    file: IO[str] | None = None,
) -> None:
    """Print the strike table, and how the rule does beside the optimum where prices are given."""
    show(parts(table, plans), width, file)


def parts(table: StrikeTable, plans: dict[str, Plan]) -> list[RenderableType]:
    """Everything that is printed."""
    net, site = table.network, table.site
    head = f"{amount(net.usd_per_ph_day, 2)} USD/PH/day"
    body = grid("left", "left", *numeric(6))
    names = ("model", "up to preset", "J/TH", "more", "MW", "USD/h", "site", "market")
    body.add_row(*(Text(name, QUIET) for name in names))
    for s in table.strikes:
        body.add_row(
            s.batch,
            s.step.above.name,
            amount(s.step.average_j_per_th, 1),
            amount(s.step.marginal_j_per_th, 1),
            amount(s.mw, 3),
            amount(s.usd_per_h, 2),
            amount(s.site_usd_per_mwh, 2),
            Text(amount(s.market_usd_per_mwh, 2), "bold"),
        )
    said: list[RenderableType] = [
        Text(),
        section(f"Strikes of {site.name.replace('_', ' ')}", head),
        indented(body),
        indented(
            Text(
                "Run at a preset while the market's price in USD/MWh is below its strike. J/TH: of "
                "all hash rate at the preset; more: of what the step adds, which sets the strike.",
                QUIET,
            )
        ),
    ]
    if table.never:
        listed = ", ".join(f"{batch} {name}" for batch, name in table.never)
        said.append(indented(Text(f"Never worth setting, a mixture does better: {listed}")))
    if plans:
        said += _plans(plans)
    return [*said, Text()]


def _plans(plans: dict[str, Plan]) -> list[RenderableType]:
    body = grid("left", *numeric(4))
    heads = ("", "USD", "energy used", "mean price paid", "short of reserve")
    body.add_row(*(Text(head, QUIET) for head in heads))
    for name, plan in plans.items():
        energy = plan.load_mw.sum()
        paid = float(plan.prices @ plan.load_mw / energy) if energy > TINY else 0.0
        short = float((plan.short_mw > TINY).mean())
        cells = (amount(plan.total_usd, 0), percent(plan.uptime), amount(paid, 2), percent(short))
        body.add_row(name, *cells)
    first = next(iter(plans.values()))
    span = f"{first.prices.size:,} intervals of {first.interval_s / 60:g} minutes"
    lost = loss(plans)
    words = [] if lost is None else [indented(Text(lost))]
    return [Text(), section("Dispatch", span), indented(body), *words]


def loss(plans: dict[str, Plan]) -> str | None:
    """What the rule leaves on the table, in a sentence."""
    if "rule" not in plans or "optimum" not in plans:
        return None
    rule, best = plans["rule"].total_usd, plans["optimum"].total_usd
    share = (best - rule) / abs(best) if best else 0.0
    return (
        f"The rule, which sees one price at a time, earns {amount(best - rule, 2)} USD "
        f"({percent(share)}) less than the optimum, which knows each day's prices."
    )


def strike_numbers(table: StrikeTable, plans: dict[str, Plan]) -> dict[str, Any]:
    """The table and the plans as plain numbers for JSON."""
    net = table.network
    return {
        "site": table.site.name,
        "hashprice_usd_per_ph_day": net.usd_per_ph_day,
        "btc_usd": net.btc_usd,
        "difficulty": net.difficulty,
        "strikes": [
            {
                "batch": s.batch,
                "machines": s.count,
                "from_preset": s.step.below.name,
                "preset": s.step.above.name,
                "hashrate_th_s": s.step.above.th_s,
                "power_w": s.step.above.watts,
                "average_j_per_th": s.step.average_j_per_th,
                "marginal_j_per_th": s.step.marginal_j_per_th,
                "added_mw": s.mw,
                "site_strike_usd_per_mwh": s.site_usd_per_mwh,
                "market_strike_usd_per_mwh": s.market_usd_per_mwh,
            }
            for s in table.strikes
        ],
        "never": [{"batch": batch, "preset": name} for batch, name in table.never],
        "plans": {
            name: {
                "profit_usd": plan.total_usd,
                "energy_share": plan.uptime,
                "short_of_reserve": float((plan.short_mw > TINY).mean()),
            }
            for name, plan in plans.items()
        },
    }


def write_schedule(plan: Plan, times_ts: Array, path: Path) -> Path:
    """Write set-points as CSV: for each interval and batch the preset and how many machines."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(COLUMNS)
        for t, ts in enumerate(times_ts):
            moment = datetime.fromtimestamp(float(ts), UTC).isoformat().replace("+00:00", "Z")
            for batch, (name, count) in presets(plan.table, plan.mw[:, t]).items():
                load = f"{plan.load_mw[t]:.6f}"
                out.writerow((moment, f"{plan.prices[t]:.4f}", batch, name, f"{count:g}", load))
    return path
