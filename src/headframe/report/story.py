"""
The answer in words: what is said first, in the same sentences on a terminal and on a page.

Sentences are plain text without markup; whoever shows them escapes them. They never claim more than
the simulation knows: a mean within two standard errors of zero is said to be undecided, and an
event that never happened is given with the most that its probability may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headframe.layout import WALLET
from headframe.metric import Estimate
from headframe.metrics.attribution import Share
from headframe.metrics.breakeven import Profile
from headframe.metrics.chains import ChainShare
from headframe.metrics.events import Event
from headframe.metrics.tail import Chance
from headframe.report.earnings import CLEAR, Earnings, earnings
from headframe.report.findings import Findings
from headframe.report.formats import (
    amount,
    chance_interval,
    decimals,
    duration,
    moment,
    percent,
    percent_with_error,
    points_with_error,
    probability,
    unit,
    with_error,
    words,
)
from headframe.studies.compare import Alternative

LIQUIDATED = "liquidated"
"""The event that the headline tells of."""
NAMED = 3
"""Positions whose liquidation the headline tells one by one."""
NOTHING = 1e-9
"""Flows below this share of the largest are left out: they only move value, or never happened."""
CELLS = 3
"""Final prices at least that a break-even is told of: a stable coin has fewer."""

NO_CHAIN = "on no chain, wallet"
"""What stands on no chain."""
KIND_WORDS = {
    "market": "price moves",
    "fee": "fees",
    "reward": "rewards",
    "slippage": "slippage, swap costs",
    "penalty": "penalties",
    "forgiven": "debt forgiven",
    "premium": "premiums",
    "payout": "payouts",
    "breach": "lost to broken contracts",
    "principal": "principal moved",
    "trade": "traded",
    "settlement": "dues settled",
}
"""Entry kinds in words, where the kind's own name is not one."""


@dataclass(frozen=True)
class Flow:
    """A part of an account's mean result: what came in (positive) or went out for one reason."""

    kind: str
    label: str
    value: Estimate


@dataclass(frozen=True)
class Flows:
    """One account's flows, gains first; they add up to `total`."""

    account: str
    label: str
    flows: tuple[Flow, ...]

    @property
    def total(self) -> float:
        """The account's part of the mean result."""
        return sum(flow.value.value for flow in self.flows)


def horizon_s(answer: Findings) -> float:
    """How far the run looked, in seconds."""
    return answer.kept.saved_s[-1]


def single(answer: Findings) -> bool:
    """Whether there is one path only: a backtest, of which no error can be told."""
    return answer.kept.n_paths == 1


def certain(answer: Findings) -> bool:
    """Whether all of several paths end alike."""
    ends = answer.wealth.quantiles
    low, high = ends[min(ends)].value, ends[max(ends)].value
    return not single(answer) and high - low <= NOTHING * abs(high)


def earned(answer: Findings) -> Earnings:
    """The better mean and its rates."""
    return earnings(answer.wealth, answer.rates, horizon_s(answer))


def plain_result(answer: Findings) -> Estimate:
    """The plain mean result: what the flows add up to."""
    mean = answer.wealth.mean
    return Estimate(mean.value - answer.wealth.open, mean.se)


# the headline ------------------------------------------------------------------------------------


def headline(answer: Findings) -> str:
    """What it earns, in one sentence."""
    e, length = earned(answer), duration(horizon_s(answer))
    middle = answer.wealth.quantiles[0.5].value - e.open
    if e.open <= 0.0:
        size = f"{with_error(e.result, signed=True)} {unit(answer.book.numeraire)}"
        return f"The result after {length} is {size} on average."
    if single(answer) or certain(answer):
        where = "on this one path" if single(answer) else "on every path alike"
        return f"It {_does(middle / e.open)} in {length}, {where}."
    median = f"{_does(middle / e.open)} in the median"
    if not e.clear:
        error = f"within the error of the simulation (± {percent(e.share.se)})"
        return f"On average it breaks even in {length}, {error}; it {median}."
    if middle * e.share.value > 0.0:  # one verb for both
        median = median.partition(" ")[2]
    return f"It {_does(e.share.value)} on average in {length}, and {median}."


def result_sentence(answer: Findings) -> str:
    """The same in amounts, with the yearly rates."""
    e, code = earned(answer), unit(answer.book.numeraire)
    opened = amount(e.open, decimals(e.open))
    rates = f"APR {percent_with_error(e.apr)}, APY {percent_with_error(e.apy)}"
    if single(answer) or certain(answer):
        return f"{opened} {code} become {with_error(e.mean)}: {rates}."
    middle = with_error(answer.wealth.quantiles[0.5])
    become = f"{opened} {code} become {with_error(e.mean)} on average, {middle} in the median"
    return f"{become}: {rates}."


def odds_sentences(answer: Findings) -> list[str]:
    """How likely a loss, a liquidation and a default are."""
    if single(answer):
        return _one_path(answer)
    loss = answer.tail.loss
    said = [f"It ends with a loss on {_paths(loss, answer)}."]
    found = [event for event in answer.events if event.name == LIQUIDATED]
    said += [_liquidation(event, answer) for event in sorted(found, key=_unlikely)[:NAMED]]
    if not answer.tail.causes:
        return [*said, "Nothing that it owes has a deadline: it cannot default."]
    if answer.tail.default.probability <= 0.0:
        return [*said, f"It defaults on {_paths(answer.tail.default, answer)}."]
    cause, chance = max(answer.tail.causes.items(), key=lambda item: item[1].probability)
    why = f"most often over {cause_words(cause)} ({probability(chance.probability)})"
    return [*said, f"It defaults on {_paths(answer.tail.default, answer)}, {why}."]


def held_sentences(answer: Findings) -> list[str]:
    """What was held already, with what came before this run: both bases, each by its name."""
    code, said = unit(answer.book.numeraire), []
    for basis in answer.bases:
        worth = f"{words(basis.position)} was held already, worth {with_error(basis.value)} {code}"
        if basis.so_far is None or basis.entry_value is None:
            said.append(f"{worth} at the opening.")
            continue
        when = f" on {basis.entry_date}" if basis.entry_date else ""
        places = decimals(basis.entry_value, basis.so_far)
        paid, before = amount(basis.entry_value, places), amount(basis.so_far, places, signed=True)
        said.append(f"{worth} at the opening; {paid} was paid{when}: {before} before this run.")
    return [sentence[0].upper() + sentence[1:] for sentence in said]


def _one_path(answer: Findings) -> list[str]:
    said = [f"The deepest fall on the way was {percent(answer.tail.drawdown.value)}."]
    for event in answer.events:
        if event.chance.probability > 0.0:
            when = moment(event.when_s[0.5], horizon_s(answer))
            said.append(f"{event_words(event).capitalize()} on {when}.")
    said += ["It defaulted."] if answer.tail.default.probability > 0.0 else []
    return [*said, "One path is one history: it says nothing of the odds."]


def _liquidation(event: Event, answer: Findings) -> str:
    name = words(event.position)
    who = "It" if len(answer.book.positions) == 1 else f"{name[:1].upper()}{name[1:]}"
    said = f"{who} is liquidated on {_paths(event.chance, answer)}"
    if not event.when_s:
        return f"{said}."
    return f"{said}, typically on {moment(event.when_s[0.5], horizon_s(answer))}."


def _unlikely(event: Event) -> float:
    return -event.chance.probability


def _paths(chance: Chance, answer: Findings) -> str:
    """A probability as a share of the paths, with its interval."""
    interval = f"(95% interval: {chance_interval(chance)})"
    if chance.probability <= 0.0:
        return f"none of {answer.kept.n_paths:,} paths {interval}"
    if chance.probability >= 1.0:
        return f"all of {answer.kept.n_paths:,} paths {interval}"
    return f"{probability(chance.probability)} of paths {interval}"


def _does(share: float) -> str:
    if abs(share) < 1e-9:
        return "keeps its value"
    return f"{'earns' if share > 0.0 else 'loses'} {percent(abs(share))}"


# names -------------------------------------------------------------------------------------------


def kind_words(kind: str) -> str:
    """An entry kind in words."""
    return KIND_WORDS.get(kind, words(kind))


EVENT_WORDS = {"shutdown": "first switched off", "uneconomic": "first uneconomic"}
"""Events that sound like the end and are not, in better words."""


def event_words(event: Event) -> str:
    """An event with its position: `farm liquidated`."""
    return f"{words(event.position)} {EVENT_WORDS.get(event.name, words(event.name))}"


def cause_words(cause: str) -> str:
    """A cause of default, `mine/power_bill`, in words: `power bill of mine`."""
    position, _, due = cause.partition("/")
    return f"{words(due)} of {words(position)}" if due else words(position)


def extreme_words(name: str) -> str:
    """`min_health` is `least health`, `max_ltv` is `highest ltv`."""
    first, _, rest = name.partition("_")
    known = {"min": "least", "max": "highest"}
    return f"{known[first]} {words(rest)}" if first in known and rest else words(name)


def partial_words(answer: Findings) -> str:
    """What is said of a run that was interrupted."""
    done, asked = answer.kept.n_paths, answer.kept.settings.n_paths
    return f"PARTIAL: interrupted after {done:,} of {asked:,} paths; every number is of these."


# where the money comes from ----------------------------------------------------------------------


def flows(answer: Findings) -> list[Flows]:
    """Accounts with what happened to them, the wallet last; what only moves value is left out."""
    every = [e for share in answer.shares for e in share.kinds.values()]
    scale = max((max(abs(e.value), e.se) for e in every), default=0.0)
    shares = sorted(answer.shares, key=lambda share: share.account == WALLET)
    found = [_account(share, NOTHING * scale) for share in shares]
    return [account for account in found if account.flows]


def _account(share: Share, least: float) -> Flows:
    some = [
        Flow(kind, kind_words(kind), estimate)
        for kind, estimate in share.kinds.items()
        if max(abs(estimate.value), estimate.se) > least
    ]
    ordered = sorted(some, key=lambda flow: -flow.value.value)
    label = "wallet, outside positions" if share.account == WALLET else words(share.account)
    return Flows(share.account, label, tuple(ordered))


def chain_rows(answer: Findings) -> list[tuple[str, Estimate, Estimate, Estimate]]:
    """Chains with what they earned before gas, their gas, and what is left; all add up."""
    return [
        (NO_CHAIN if share.chain is None else words(share.chain), *_of(share))
        for share in answer.chains
        if share.chain is not None or max(abs(share.net.value), share.net.se) > 0.0
    ]


def chain_sentences(answer: Findings) -> list[str]:
    """How much of what a chain earns its gas takes, where that can be told."""
    said = []
    for share in answer.chains:
        if share.chain is None or share.gas.value == 0.0:
            continue
        name, gas = words(share.chain), -share.gas.value
        if told(share.before_gas) and share.before_gas.value > 0.0:
            part = percent(gas / share.before_gas.value)
            said.append(f"On {name} gas takes {part} of what the positions earn before it.")
        else:
            took = with_error(Estimate(gas, share.gas.se))
            said.append(f"On {name} gas takes {took} {unit(answer.book.numeraire)}.")
    return said


def liquidity_sentences(answer: Findings) -> list[str]:
    """How much of the end is locked, and what can be spent on bad paths."""
    found = answer.liquidity
    if not found.locked.value > 0.0:
        return []
    code, held = unit(answer.book.numeraire), found.locked.value + found.liquid.value
    share = percent(found.locked.value / held) if held > 0.0 else "all"
    said = f"At the end {share} of the wealth is locked, {with_error(found.locked)} {code}"
    if single(answer):
        return [f"{said}."]
    least = found.liquid_quantiles[0.05]
    low = amount(least, decimals(least))
    return [f"{said} on average; on one path in twenty less than {low} {code} can be spent."]


def insurance_sentences(answer: Findings) -> list[str]:
    """What each cover cost, and what its losses would make a fair premium."""
    code = unit(answer.book.numeraire)
    return [
        f"{words(one.position).capitalize()} cost {with_error(one.premium)} {code} and paid "
        f"{with_error(one.fair_premium)} on average, which would be its fair premium."
        for one in answer.insurance
        if one.premium.value > 0.0 or one.fair_premium.value > 0.0
    ]


def _of(share: ChainShare) -> tuple[Estimate, Estimate, Estimate]:
    return share.before_gas, share.gas, share.net


# where it breaks even ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """Final prices, as ratios to the opening, between which the mean result has one sign."""

    low: float
    high: float
    sign: int


def stretches(profile: Profile) -> list[Stretch]:
    """
    Neighbouring final prices joined by the sign of their mean result.

    Cells within two standard errors of zero have no say, so that noise makes no break-even.
    """
    out: list[Stretch] = []
    for ratio, mean, se in zip(profile.ratios, profile.means, profile.ses, strict=True):
        sign = 0 if abs(mean) <= CLEAR * se else 1 if mean > 0.0 else -1
        if sign == 0:
            continue
        if out and out[-1].sign == sign:
            out[-1] = Stretch(out[-1].low, ratio, sign)
            continue
        edge = _crossing(profile, out[-1].high, ratio) if out else ratio
        if out:
            out[-1] = Stretch(out[-1].low, edge, out[-1].sign)
        out.append(Stretch(edge, ratio, sign))
    return out


def _crossing(profile: Profile, low: float, high: float) -> float:
    """The break-even between two prices: the middle one, where noise made several."""
    inside = [root for root in profile.break_evens if low <= root <= high]
    return inside[len(inside) // 2] if inside else 0.5 * (low + high)


def break_even_sentence(profile: Profile) -> str:
    """At which final prices it earns and at which it loses."""
    found, asset = stretches(profile), unit(profile.asset)
    if not profile.ratios:
        return f"Too few paths to tell by the final price of {asset}."
    seen = f"{profile.ratios[0]:.3g} to {profile.ratios[-1]:.3g} times its opening price"
    if not found:
        return f"No gain or loss to tell at any final price of {asset} seen, {seen}."
    if len(found) == 1:
        verb = "Earns" if found[0].sign > 0 else "Loses"
        return f"{verb} on average at every final price of {asset} seen, {seen}."
    parts = [f"{_signed(found[0])} below {found[0].high:.3g}"]
    parts += [f"{_signed(s)} from {s.low:.3g} to {s.high:.3g}" for s in found[1:-1]]
    parts.append(f"{_signed(found[-1])} above {found[-1].low:.3g}")
    return f"{asset}: {', '.join(parts)} times its opening price."


def _signed(stretch: Stretch) -> str:
    return "earns" if stretch.sign > 0 else "loses"


# what changes if I act ---------------------------------------------------------------------------


def advice(others: Sequence[Alternative], numeraire: str) -> str:
    """Which alternative earns more than the book, and which is liquidated less."""
    gains = [(o, o.differences["wealth"]) for o in others[1:]]
    better = max((g for g in gains if told(g[1]) and g[1].value > 0.0), key=_gain, default=None)
    if better is None:
        earns = "None of these is seen to earn more."
    else:
        earns = f"Earns most: {better[0].name} ({_plus(better[1], numeraire)})."
    risks = [o for o in others[1:] if told(o.differences["liquidated"])]
    safer = min(risks, key=lambda o: o.differences["liquidated"].value, default=None)
    if safer is None or safer.differences["liquidated"].value > 0.0:
        return earns
    points = points_with_error(safer.differences["liquidated"])
    return f"{earns} Is liquidated least: {safer.name} ({points} points)."


def told(estimate: Estimate) -> bool:
    """Whether a number can be told from zero."""
    return abs(estimate.value) > CLEAR * estimate.se


def _gain(found: tuple[Alternative, Estimate]) -> float:
    return found[1].value


def _plus(estimate: Estimate, numeraire: str) -> str:
    return f"{with_error(estimate, signed=True)} {unit(numeraire)}"


# where the numbers come from ---------------------------------------------------------------------


def made_sentences(answer: Findings) -> str:
    """The provenance as running text."""
    of = dict(provenance(answer))
    closed = f"The books close on every path: largest gap {of['largest gap in the books']}."
    made = f"{of['paths']} of {of['steps']}, seed {of['seed']}, headframe {of['headframe']}."
    clipped = answer.kept.moments.estimate("clipped").value
    cut = (
        f" Orders refused, or cut to what the wallet held: {clipped:.2g} a path."
        if clipped > 0.0
        else ""
    )
    return f"{made} {closed}{cut}"


def provenance(answer: Findings) -> list[tuple[str, str]]:
    """How the numbers were made, so that anyone can make them again."""
    from headframe import __version__

    settings, clipped = answer.kept.settings, answer.kept.moments.estimate("clipped")
    count = f"{answer.kept.n_paths:,} path{'' if single(answer) else 's'}"
    paths = f"{count}{' in antithetic pairs' if settings.antithetic else ''}"
    steps = f"{answer.book.n_steps:,} step{'' if answer.book.n_steps == 1 else 's'}"
    return [
        ("paths", paths),
        ("steps", f"{steps} of {duration(answer.book.clock_s)}"),
        ("seed", str(settings.seed)),
        ("values in", unit(answer.book.numeraire)),
        ("largest gap in the books", f"{answer.kept.worst_gap:.1e} of turnover"),
        ("orders cut to what the wallet held", f"{clipped.value:.2g} a path"),
        ("headframe", __version__),
    ]
