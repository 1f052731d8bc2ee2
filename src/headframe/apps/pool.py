"""
`headframe pool`: what a pool owes its miners, and which pool a miner should join.

`payouts` replays a share log and a blocks log under a scheme, exactly; `choose` ranks offers by
what their income is worth to a miner. Heavy libraries are imported inside the commands.
"""

import re
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headframe.errors import InputError

if TYPE_CHECKING:
    from headframe.analytics.pool_choice import Market, Miner, Offer
    from headframe.analytics.pool_variance import Scheme as FormulaScheme
    from headframe.exact.pool_shares import Scheme
    from headframe.report.pool import Choice, Payouts

app = typer.Typer(
    name="pool",
    help="Mining pools: pay out a share log exactly, and choose a pool.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DIFFICULTY = 124_932_866_006_548.16
"""Bitcoin's difficulty from height 953,568 on (June 2026), where none is given."""
SUBSIDY_BTC = 3.125
"""Bitcoin's subsidy from height 840,000 to 1,049,999."""
FEES_BTC = 0.1
"""Fees of a block, where none are given: 0.11 was the daily mean of the fourth quarter of 2024."""
BTC_USD = 90_000.0
"""Price of a coin where none is given: an assumption, not a quotation."""
POOL_TH_S = 50e6
"""Size of a pool of which none is told: 50 EH/s, about one twentieth of the network."""
OFFERS = (
    "own node,solo",
    "solo pool,solo,fee=0.01",
    "PPLNS,pplns,fee=0.02,window=5",
    "PPS+,pps+,fee=0.04,window=5",
    "FPPS,fpps,fee=0.04",
)
"""Offers where none is given: list fees of ViaBTC (solo, PPLNS, PPS+) and SpiderPool (FPPS)."""


_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_HASH_RATE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([GTPE]H)(?:/?s)?", re.IGNORECASE)


class SchemeChoice(StrEnum):
    """How a pool pays."""

    solo = "solo"
    pps = "pps"
    fpps = "fpps"
    pps_plus = "pps+"
    proportional = "proportional"
    pplns = "pplns"
    geometric = "geometric"
    double_geometric = "double-geometric"


Json = Annotated[bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")]


@app.command()
def payouts(
    shares: Annotated[Path, typer.Argument(metavar="SHARES", help="Share log, CSV or Parquet.")],
    blocks: Annotated[Path, typer.Argument(metavar="BLOCKS", help="Blocks log, CSV or Parquet.")],
    scheme: Annotated[SchemeChoice, typer.Option("--scheme", help="How the pool pays.")],
    fee: Annotated[str, typer.Option(help="The operator's fee as a fraction: 0.02.")] = "0",
    window: Annotated[
        str | None, typer.Option(help="PPLNS and PPS+: the window, in blocks of work.")
    ] = None,
    variable_fee: Annotated[
        str | None, typer.Option(help="Geometric methods: what the operator keeps on average.")
    ] = None,
    leakage: Annotated[
        str | None, typer.Option(help="Double geometric: part of scores that outlives a block.")
    ] = None,
    network_difficulty: Annotated[
        str | None, typer.Option(help="For a share log without that column.")
    ] = None,
    subsidy_sat: Annotated[
        int | None, typer.Option(min=0, help="A block's subsidy; else by column or height.")
    ] = None,
    fees_sat: Annotated[
        int | None, typer.Option(min=0, help="FPPS: expected fees of a block; else by column.")
    ] = None,
    miners: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The miners there are, one a line.")
    ] = None,
    orphan: Annotated[
        list[str] | None, typer.Option(metavar="BLOCK", help="A block or height to leave unpaid.")
    ] = None,
    max_gap: Annotated[
        str | None, typer.Option(metavar="TIME", help="Longest time without a share: 10min.")
    ] = None,
    paid: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What was paid before: earlier payouts.")
    ] = None,
    minimum_sat: Annotated[int, typer.Option(min=0, help="Smaller amounts wait.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write payouts as CSV.")] = None,
    json: Json = False,
) -> None:
    """
    What does the pool owe whom? Pays out a share log to the satoshi.

    The logs go back to the first share that counts; give what was paid before, and only the rest is
    paid. Nothing is written if any row is wrong.
    """
    from headframe.report.pool import payout_numbers, print_payouts, write_payouts

    exact = _exact_scheme(scheme, fee, window, variable_fee, leakage)
    found = _pay_out(
        shares,
        blocks,
        exact,
        words=_words(scheme, fee, window, variable_fee, leakage),
        rules={
            "network_difficulty": _positive("--network-difficulty", network_difficulty),
            "subsidy_sat": subsidy_sat,
            "fees_sat": fees_sat,
            "max_gap_s": _seconds("--max-gap", max_gap),
            "subsidy_per_share": scheme in ("pps", "fpps", "pps+"),
            "fees_per_share": scheme == "fpps",
        },
        miners=miners,
        orphans=orphan or [],
        paid=paid,
        minimum_sat=minimum_sat,
    )
    if out is not None:
        write_payouts(found, out)
        typer.echo(f"{len(found.payments)} payouts in {out}", err=True)
    if json:
        _print_json(payout_numbers(found))
    else:
        print_payouts(found)


@app.command()
def choose(
    hashrate: Annotated[str, typer.Option(help="Your hash rate: 200TH/s, 1.5PH/s.")],
    horizon: Annotated[str, typer.Option(help="Time over which income counts: 90d.")] = "90d",
    wealth: Annotated[
        float | None, typer.Option(help="Your wealth in USD: what the income is added to.")
    ] = None,
    risk_aversion: Annotated[
        float, typer.Option(help="Relative risk aversion: 2 to 5 for most people.")
    ] = 3.0,
    aversion_per_usd: Annotated[
        float | None, typer.Option(help="Absolute risk aversion, in place of the two.")
    ] = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(help="NAME,SCHEME[,fee=][,window=][,variable-fee=][,pool=50EH/s]"),
    ] = None,
    difficulty: Annotated[float, typer.Option(help="The network's difficulty.")] = DIFFICULTY,
    btc_usd: Annotated[float, typer.Option(help="Price of a coin.")] = BTC_USD,
    subsidy_btc: Annotated[float, typer.Option(help="A block's subsidy.")] = SUBSIDY_BTC,
    fees_btc: Annotated[float, typer.Option(help="Mean fees of a block.")] = FEES_BTC,
    fees_sd_btc: Annotated[float, typer.Option(help="Their standard deviation.")] = 0.0,
    discount_apr: Annotated[float, typer.Option(help="What waiting for pay costs, a year.")] = 0.0,
    json: Json = False,
) -> None:
    """
    Which scheme and fee is best for my size, and how much fee is it worth to be rid of luck?

    Income is valued by exponential utility; see the page on mining pools.
    """
    from headframe.analytics.block_reward import BlockReward
    from headframe.analytics.pool_choice import Market, Miner, absolute_aversion
    from headframe.report.pool import choice_numbers, print_choice

    if aversion_per_usd is None:
        if wealth is None:
            raise InputError("--wealth", None, "your wealth in USD, or give --aversion-per-usd")
        aversion_per_usd = absolute_aversion(relative_aversion=risk_aversion, wealth_usd=wealth)
    horizon_s = _seconds("--horizon", horizon) or 0.0
    miner = Miner(_th_s("--hashrate", hashrate), aversion_per_usd, horizon_s, discount_apr)
    market = Market(difficulty, BlockReward(subsidy_btc, fees_btc, fees_sd_btc), btc_usd)
    choice = _choice(miner, market, [_offer(text) for text in offer or OFFERS])
    if json:
        _print_json(choice_numbers(choice))
    else:
        print_choice(choice)


def _exact_scheme(
    scheme: SchemeChoice,
    fee: str,
    window: str | None,
    variable_fee: str | None,
    leakage: str | None,
) -> "Scheme":
    from headframe.exact import pool_schemes as exact

    given = {"window_rounds": window, "variable_fee": variable_fee, "leakage": leakage}
    makes: dict[str, tuple[Any, tuple[str, ...]]] = {
        "solo": (exact.Solo, ()),
        "pps": (exact.Pps, ()),
        "fpps": (exact.Fpps, ()),
        "pps+": (exact.PpsPlus, ("window_rounds",)),
        "proportional": (exact.Proportional, ()),
        "pplns": (exact.Pplns, ("window_rounds",)),
        "geometric": (exact.Geometric, ("variable_fee",)),
        "double-geometric": (exact.DoubleGeometric, ("variable_fee", "leakage")),
    }
    make, wanted = makes[scheme.value]
    numbers: dict[str, Fraction] = {"fee": _number("--fee", fee)}
    for name, text in given.items():
        option = f"--{name.removesuffix('_rounds').replace('_', '-')}"
        if (text is not None) != (name in wanted):
            said = "is needed with this scheme" if text is None else "is not for this scheme"
            raise InputError(option, None, f"{said}, {scheme.value}")
        if text is not None:
            numbers[name] = _number(option, text)
    made: Scheme = make(**numbers)
    return made


def _words(scheme: SchemeChoice, fee: str, *options: str | None) -> str:
    names = ("window", "variable fee", "leakage")
    told = [f"{name} {text}" for name, text in zip(names, options, strict=True) if text is not None]
    return ", ".join([scheme.value, f"fee {fee}", *told])


def _pay_out(
    shares: Path,
    blocks: Path,
    scheme: "Scheme",
    *,
    words: str,
    rules: dict[str, Any],
    miners: Path | None,
    orphans: list[str],
    paid: Path | None,
    minimum_sat: int,
) -> "Payouts":
    from headframe.exact.pool_payments import payments
    from headframe.exact.pool_shares import replay
    from headframe.report.pool import Payouts
    from headframe.sources.pool_logs import PoolLog, read_miners, read_paid
    from headframe.sources.pool_share_rows import ShareRules

    before_sat = {} if paid is None else read_paid(paid)
    known = None if miners is None else read_miners(miners)
    log = PoolLog(shares, blocks, ShareRules(miners=known, **rules), orphans=orphans)
    stated = replay(scheme, log.events())
    return Payouts(
        scheme=words,
        statement=stated,
        payments=payments(stated, paid_before_sat=before_sat, minimum_sat=minimum_sat),
        n_rejected=log.n_rejected,
        n_pending=len(log.pending),
        pending_sat=sum(row.block.subsidy_sat + row.block.fees_sat for row in log.pending),
    )


def _choice(miner: "Miner", market: "Market", offers: "list[Offer]") -> "Choice":
    from headframe.analytics import pool_choice, pool_variance
    from headframe.report.pool import Choice
    from headframe.units import DAY_S

    names = [offer.name for offer in offers]
    if len(set(names)) < len(names):
        raise InputError("--offer", names, "each offer must have its own name")
    ranked = pool_choice.rank(offers, miner=miner, market=market)
    fair = pool_choice.Offer("fair", pool_variance.Fpps(), 0.0)
    fair_usd = pool_choice.assess(fair, miner=miner, market=market).mean_usd
    return Choice(
        ranked=tuple(ranked),
        horizon_s=miner.horizon_s,
        fee_worth_paying={
            entry.offer.name: 1.0 - entry.certainty_equivalent_usd / fair_usd for entry in ranked
        },
        solo_from_th_s=_solo_from_th_s(miner, market, offers),
        assumptions={
            "hashrate_th_s": miner.hashrate_th_s,
            "aversion_per_usd": miner.aversion_per_usd,
            "horizon_days": miner.horizon_s / DAY_S,
            "discount_apr": miner.discount_apr,
            "difficulty": market.difficulty,
            "subsidy_btc": market.reward.subsidy_btc,
            "fees_btc": market.reward.fees_btc,
            "fees_sd_btc": market.reward.fees_sd_btc,
            "btc_usd": market.btc_usd,
        },
    )


def _solo_from_th_s(miner: "Miner", market: "Market", offers: "list[Offer]") -> float:
    # The size from which mining alone without fee beats each of the other offers, for miners whose
    # wealth grows with their size from what it is at this one.
    from headframe.analytics.pool_choice import Offer, size_for_indifference_th_s
    from headframe.analytics.pool_variance import Solo

    if miner.aversion_per_usd == 0.0:
        return 0.0
    wealth_usd_per_th = 1.0 / (miner.aversion_per_usd * miner.hashrate_th_s)
    sizes = [
        size_for_indifference_th_s(
            Offer("alone", Solo(), 0.0),
            other,
            market=market,
            horizon_s=miner.horizon_s,
            discount_apr=miner.discount_apr,
            relative_aversion=1.0,
            wealth_usd_per_th=wealth_usd_per_th,
        )
        for other in offers
        if not isinstance(other.scheme, Solo)
    ]
    return max(sizes, default=0.0)


def _offer(text: str) -> "Offer":
    from headframe.analytics.pool_choice import Offer

    name, *rest = (part.strip() for part in text.split(","))
    if not name or not rest:
        raise InputError(
            "--offer", text, "NAME,SCHEME and then fee=, window=, variable-fee=, pool="
        )
    pool_th_s, numbers = POOL_TH_S, {}
    for part in rest[1:]:
        key, _, value = part.partition("=")
        if key == "pool":
            pool_th_s = _th_s("--offer, pool", value)
        elif key in ("fee", "window", "variable-fee"):
            numbers[key] = float(_number(f"--offer, {key}", value))
        else:
            raise InputError("--offer", part, "fee=, window=, variable-fee= or pool=")
    return Offer(name, _formula_scheme(rest[0], numbers), pool_th_s)


def _formula_scheme(word: str, numbers: dict[str, float]) -> "FormulaScheme":
    from headframe.analytics import pool_variance as formulas

    makes: dict[str, tuple[Any, tuple[str, ...]]] = {
        "solo": (formulas.Solo, ()),
        "pps": (formulas.Pps, ()),
        "fpps": (formulas.Fpps, ()),
        "pps+": (formulas.PpsPlus, ("window",)),
        "proportional": (formulas.Proportional, ()),
        "pplns": (formulas.Pplns, ("window",)),
        "geometric": (formulas.Geometric, ("variable-fee",)),
    }
    if word not in makes:
        raise InputError("--offer", word, f"one of {', '.join(makes)}")
    make, wanted = makes[word]
    for key in wanted:
        if key not in numbers:
            raise InputError("--offer", word, f"needs {key}=")
    for key in numbers:
        if key not in (*wanted, "fee"):
            raise InputError("--offer", word, f"takes no {key}=")
    names = {"window": "window_rounds", "variable-fee": "variable_fee", "fee": "fee"}
    made: FormulaScheme = make(**{names[key]: value for key, value in numbers.items()})
    return made


def _number(option: str, text: str) -> Fraction:
    if not _DECIMAL.fullmatch(text):
        raise InputError(option, text, "a number such as 0.02, no percent")
    return Fraction(text)


def _positive(option: str, text: str | None) -> Fraction | None:
    if text is None:
        return None
    value = _number(option, text)
    if value <= 0:
        raise InputError(option, text, "must be above 0")
    return value


def _seconds(option: str, text: str | None) -> float | None:
    from headframe.types import duration_s

    if text is None:
        return None
    try:
        seconds = duration_s(text)
    except ValueError as error:
        raise InputError(option, text, str(error)) from None
    if seconds <= 0.0:
        raise InputError(option, text, "must be above 0")
    return seconds


def _th_s(option: str, text: str) -> float:
    from headframe.units import GH_PER_TH, TH_PER_EH, TH_PER_PH

    sizes = {"GH": 1.0 / GH_PER_TH, "TH": 1.0, "PH": TH_PER_PH, "EH": TH_PER_EH}
    match = _HASH_RATE.fullmatch(text.strip())
    if match is None:
        raise InputError(option, text, "a hash rate such as 200TH/s, 1.5PH/s or 50EH/s")
    return float(match[1]) * sizes[match[2].upper()]


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, allow_nan=False))
