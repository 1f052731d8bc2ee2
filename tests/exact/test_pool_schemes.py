"""
Schemes against what their papers say, in fractions: an independent ledger that for each block goes
back over all shares (reference below), the exact expected pay of every share (hop-proof or not),
Rosenfeld's variances, and the moments of `analytics.pool_variance`.
"""

import doctest
import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.analytics import pool_variance
from headframe.analytics.block_reward import BlockReward
from headframe.analytics.pool_variance import Work
from headframe.errors import InputError
from headframe.exact import pool_schemes
from headframe.exact.pool_schemes import (
    DoubleGeometric,
    Fpps,
    Geometric,
    Pplns,
    Pps,
    PpsPlus,
    Proportional,
    Solo,
)
from headframe.exact.pool_shares import (
    ONE_X96,
    FoundBlock,
    Share,
    replay,
    share_work_x96_down,
)

SUBSIDY = 312_500_000
SCHEMES = [
    Solo(fee=Fraction(1, 100)),
    Pps(fee=Fraction(3, 100)),
    Fpps(fee=Fraction(4, 100)),
    PpsPlus(fee=Fraction(2, 100), window_rounds=Fraction(3, 2)),
    Proportional(fee=Fraction(1, 3)),
    Pplns(fee=Fraction(2, 100), window_rounds=Fraction(5, 4)),
    Pplns(window_rounds=Fraction(1, 1000)),
    Geometric(variable_fee=Fraction(1, 10), fee=Fraction(-1, 9)),
    DoubleGeometric(variable_fee=Fraction(1, 20), leakage=Fraction(2, 3), fee=Fraction(1, 50)),
]


def test_the_examples_run():
    outcome = doctest.testmod(pool_schemes)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# ------------------------------------------------------------------- the reference, in fractions


def window_part(i, j, works, window):
    """Part of a block in share j that share i gets, by the integral in `Pplns`, piece by piece."""
    ends = list(itertools.accumulate(works))
    a, b = ends[i] - works[i], ends[i]
    start, stop = ends[j] - works[j], ends[j]

    def covered(u):  # length of (a, b] within (u - window, u]
        return max(Fraction(0), min(b, u) - max(a, u - window))

    # Piecewise linear in u with these corners, so the trapezoid rule is exact between them.
    corners = sorted(
        {start, stop} | {u for u in (a, b, a + window, b + window) if start < u < stop}
    )
    area = sum(
        (covered(u) + covered(v)) / 2 * (v - u) for u, v in itertools.pairwise(corners)
    )  # fmt: skip
    return area / works[j] / window


def reference(scheme, events):
    """Gross pay by share number, in satoshi, from the papers' definitions."""
    works = [Fraction(share.work_x96, ONE_X96) for share, _ in events]
    pay = [Fraction(0)] * len(events)
    blocks = [(j, block) for j, (_, block) in enumerate(events) if block and not block.orphaned]
    if isinstance(scheme, Pps | Fpps | PpsPlus):
        for i, (share, _) in enumerate(events):
            fees = share.fees_sat if isinstance(scheme, Fpps) else 0
            pay[i] += works[i] * (share.subsidy_sat + fees)
    if isinstance(scheme, Solo):
        for j, block in blocks:
            pay[j] += block.subsidy_sat + block.fees_sat
    if isinstance(scheme, Proportional):
        first = 0
        for j, block in blocks:
            for i in range(first, j + 1):
                part = works[i] / sum(works[first : j + 1])
                pay[i] += part * (block.subsidy_sat + block.fees_sat)
            first = j + 1
    if isinstance(scheme, Pplns | PpsPlus):
        window = Fraction(math.floor(scheme.window_rounds * ONE_X96), ONE_X96)
        for j, block in blocks:
            reward = block.fees_sat + (block.subsidy_sat if isinstance(scheme, Pplns) else 0)
            for i in range(j + 1):
                pay[i] += reward * window_part(i, j, works, window)
    if isinstance(scheme, Geometric | DoubleGeometric):
        c, o = scheme.variable_fee, getattr(scheme, "leakage", Fraction(0))
        total, scores = Fraction(1), []
        for i, (_, block) in enumerate(events):
            growth = works[i] * (1 - c) * (1 - o) / c
            scores.append(total * growth)
            total *= 1 + growth
            if block and not block.orphaned:
                for k, score in enumerate(scores):
                    pay[k] += score / total * (block.subsidy_sat + block.fees_sat)
                scores = [score * o for score in scores]
    return pay


difficulties = st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50)


@st.composite
def logs(draw, most=14):
    n = draw(st.integers(1, most))
    events = []
    for number in range(n):
        network = draw(st.sampled_from([Fraction(1), Fraction(7, 3), Fraction(40)]))
        work = share_work_x96_down(difficulty=draw(difficulties), network_difficulty=network)
        share = Share(
            draw(st.sampled_from("abc")),
            work,
            SUBSIDY >> (number // 7),
            draw(st.integers(0, 10**7)),
        )
        block = None
        if draw(st.integers(0, 3)) == 0:
            fees, orphaned = draw(st.integers(0, 10**8)), draw(st.booleans())
            block = FoundBlock(str(number), share.subsidy_sat, fees, orphaned)
        events.append((share, block))
    return events


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: type(scheme).__name__)
@settings(max_examples=60, deadline=None)
@given(events=logs())
def test_every_account_is_the_references_and_every_satoshi_is_there(scheme, events):
    stated = replay(scheme, events)
    pay = reference(scheme, events)
    reward = sum(
        block.subsidy_sat + block.fees_sat for _, block in events if block and not block.orphaned
    )
    assert stated.reward_sat == reward
    # Rounding: some 2^-96 satoshi a block and miner; scores 2^-192 of a reward a share.
    bound = Fraction(20, ONE_X96)
    for account in stated.miners:
        gross = sum(
            part
            for part, (share, _) in zip(pay, events, strict=True)
            if share.miner == account.miner
        )
        credited = Fraction(account.credited_x96, ONE_X96)
        assert 0 <= gross * (1 - scheme.fee) - credited <= bound
        assert account.credited_sat == math.floor(credited + Fraction(1, 2**32))
    own = Fraction(stated.own_x96, ONE_X96)
    assert abs(own - (reward - sum(pay))) <= bound * len(stated.miners)
    fee = Fraction(stated.fee_x96, ONE_X96)
    assert abs(fee - sum(pay) * scheme.fee) <= bound * len(stated.miners)
    parts = stated.credited_sat + stated.fee_sat + stated.own_sat + stated.dust_sat
    assert parts == reward
    assert 0 <= stated.dust_sat < len(stated.miners) + 2


def test_scores_survive_long_rounds():
    """A round of 400 expected blocks multiplies scores by e^3600; ratios stay the reference's."""
    works = [ONE_X96] * 200 + [ONE_X96 // 7] * 1400
    events = [(Share("ab"[n % 2], work), None) for n, work in enumerate(works)]
    events.append((Share("c", ONE_X96 // 3), FoundBlock("x", SUBSIDY, 5)))
    scheme = Geometric(variable_fee=Fraction(1, 10))
    stated = replay(scheme, events)
    share_of_last = Fraction(3, 1 + 3)  # the last share's growth is 9/3
    credited = {account.miner: account.credited_x96 for account in stated.miners}
    assert credited["c"] == pytest.approx((SUBSIDY + 5) * share_of_last * ONE_X96, rel=1e-25)
    growth = 1 + Fraction(9, 7)
    # Shares of a and b alternate, so their scores stand as growth to 1; a's come first.
    ratio = Fraction(credited["b"], credited["a"])
    assert ratio == pytest.approx(float(growth), rel=1e-12)


# --------------------------------------------------------------------------- what a share can earn


def changing_difficulty(network_of, n=60):
    """Shares of different sizes while the network's difficulty changes; each its own miner."""
    events, works = [], []
    for number in range(n):
        difficulty = Fraction(1 + number * 7 % 5, 4)
        network = network_of(number)
        work = share_work_x96_down(difficulty=difficulty, network_difficulty=network)
        works.append(Fraction(difficulty, network))
        events.append(Share(str(number), work))
    return events, works


def pay_of_blocks(scheme, shares, found):
    """What each share is paid where the shares in `found` are blocks, in rewards."""
    reward = 10**12
    events = [
        (share, FoundBlock(str(number), reward, 0) if number in found else None)
        for number, share in enumerate(shares)
    ]
    return {
        int(account.miner): Fraction(account.credited_x96, ONE_X96 * reward)
        for account in replay(scheme, events).miners
    }


def expected_pay(scheme, shares, chances):
    """Mean pay of each share under a scheme in which blocks do not touch each other's pay."""
    expected = [Fraction(0)] * len(shares)
    for j, chance in enumerate(chances):
        for i, part in pay_of_blocks(scheme, shares, {j}).items():
            expected[i] += chance * part
    return expected


def difficulty_cycle(number):
    return (Fraction(10), Fraction(20), Fraction(15), Fraction(50))[number // 7 % 4]


def test_pplns_in_work_pays_every_share_its_work_whatever_difficulty_does():
    scheme = Pplns(window_rounds=Fraction(3, 4))
    shares, works = changing_difficulty(difficulty_cycle)
    expected = expected_pay(scheme, shares, works)
    ends = list(itertools.accumulate(works))
    whole = [i for i, end in enumerate(ends) if end + scheme.window_rounds <= ends[-1]]
    assert len(whole) > 15
    assert {difficulty_cycle(i) for i in whole} >= {Fraction(10), Fraction(20), Fraction(15)}
    for i in whole:
        assert abs(expected[i] / works[i] - 1) < Fraction(1, 10**15)


def test_pplns_that_counts_shares_can_be_hopped():
    """
    The naive window, of shares by their own difficulty whatever the network's: the ledger told of
    one difficulty for all. Before a rise a share is underpaid, before a fall overpaid, by the ratio
    of difficulties where the window lies wholly behind the change.
    """
    before, after, n = Fraction(10), Fraction(40), 60
    for rises in (True, False):
        first, second = (before, after) if rises else (after, before)
        shares, works = changing_difficulty(lambda k, f=first, s=second: f if k < 30 else s, n)
        naive = [
            share._replace(
                work_x96=share_work_x96_down(
                    difficulty=Fraction(1 + k * 7 % 5, 4), network_difficulty=Fraction(20)
                )
            )
            for k, share in enumerate(shares)
        ]
        expected = expected_pay(Pplns(window_rounds=Fraction(3, 4)), naive, works)
        value = [float(pay / work) for pay, work in zip(expected, works, strict=True)]
        assert value[2] == pytest.approx(1.0)
        last_before_change = value[29]
        assert last_before_change == pytest.approx(first / second, rel=0.15)
        assert (last_before_change < 0.3) if rises else (last_before_change > 3.6)


def score_value(scheme, chances, shares, i):
    """Mean pay of share i by all patterns of blocks from it on, and the mean part of score left."""
    mean, tail = 0.0, [*range(i, len(shares))]
    for pattern in itertools.product((False, True), repeat=len(tail)):
        found = {j for j, is_block in zip(tail, pattern, strict=True) if is_block}
        probability = math.prod(
            float(chances[j] if j in found else 1 - chances[j]) for j in tail
        )  # fmt: skip
        mean += probability * float(pay_of_blocks(scheme, shares, found)[i])
    return mean


@pytest.mark.parametrize(
    "scheme",
    [
        Geometric(variable_fee=Fraction(1, 10)),
        DoubleGeometric(variable_fee=Fraction(1, 10), leakage=Fraction(2, 5)),
    ],
    ids=("geometric", "double"),
)
@pytest.mark.parametrize("i", [0, 3])
def test_scores_pay_every_share_alike_whatever_difficulty_does(scheme, i):
    """Over all patterns of blocks; what is not yet paid after the last share is below 2e-5."""
    chances = [Fraction(1, k) for k in (2, 3, 2, 4, 2, 2, 3, 2, 2, 3, 2)]
    shares = [Share(str(k), chance.numerator * ONE_X96 // chance.denominator)
              for k, chance in enumerate(chances)]  # fmt: skip
    mean = score_value(scheme, chances, shares, i)
    left = math.prod(
        (1 + 0.9 * (1 - float(getattr(scheme, "leakage", 0))) / 0.1 * float(chance)) ** -1
        for chance in chances[i + 1 :]
    )
    assert left < 2e-3
    fair = 0.9 * float(chances[i])
    assert fair * (1 - 2 * left) < mean <= fair


def test_a_share_of_the_proportional_scheme_is_worth_less_the_later_it_comes():
    """Expected pay of a share at age n of rounds of chance p: sum over ends, p (1-p)^k / (n+k)."""
    chance, scheme = 0.25, Proportional()
    shares = [Share(str(k), ONE_X96 // 4) for k in range(60)]
    for i in (0, 1, 5):
        mean = 0.0
        for j in range(i, len(shares)):
            mean += chance * (1 - chance) ** (j - i) * float(pay_of_blocks(scheme, shares, {j})[i])
        told = sum(chance * (1 - chance) ** k / (i + 1 + k) for k in range(60 - i))
        assert mean == pytest.approx(told, rel=1e-9)
    assert told < chance


# ------------------------------------------------------------------------------ variance


def rosenfeld_double_geometric_variance(p, c, o, f):
    """Variance of one share's pay over B^2. Source: "Double geometric method", 2011."""
    top = (1 - c) ** 4 * (1 - o) * (1 - p) * p**2 * (1 - f) ** 2
    return top / ((2 - c + c * o) * c + (1 - c) ** 2 * (1 - o) * p)


def test_variance_of_a_share_under_the_geometric_method_is_rosenfelds():
    p, c, f = Fraction(1, 20), Fraction(1, 10), Fraction(1, 50)
    shares = [Share(str(k), ONE_X96 // 20) for k in range(260)]
    scheme = Geometric(variable_fee=c, fee=f)
    mean = square = 0.0
    for j in range(len(shares)):
        chance = float(p * (1 - p) ** j)
        part = float(pay_of_blocks(scheme, shares, {j})[0])
        mean, square = mean + chance * part, square + chance * part**2
    assert mean == pytest.approx(float((1 - c) * (1 - f) * p), rel=1e-6)
    assert square - mean**2 == pytest.approx(
        float(rosenfeld_double_geometric_variance(p, c, 0, f)), rel=1e-6
    )


def test_variance_of_a_share_under_the_double_geometric_method_is_rosenfelds():
    """Over all 2^11 patterns of blocks among 11 shares with chance 1/2 each."""
    p, c, o, f = Fraction(1, 2), Fraction(1, 10), Fraction(1, 2), Fraction(1, 50)
    shares = [Share(str(k), ONE_X96 // 2) for k in range(11)]
    scheme = DoubleGeometric(variable_fee=c, leakage=o, fee=f)
    mean = square = 0.0
    for pattern in itertools.product((False, True), repeat=len(shares)):
        found = {j for j, is_block in enumerate(pattern) if is_block}
        part = float(pay_of_blocks(scheme, shares, found)[0])
        mean, square = mean + part / 2**11, square + part**2 / 2**11
    assert mean == pytest.approx(float((1 - c) * (1 - f) * p), rel=1e-4)
    told = float(rosenfeld_double_geometric_variance(p, c, o, f))
    assert square - mean**2 == pytest.approx(told, rel=1e-3)


def moments_by_blocks(scheme, shares, chance, reward_sat, counted):
    """Mean and variance of the counted shares' pay where blocks pay independently, in rewards."""
    mean = variance = 0.0
    for j in range(len(shares)):
        events = [
            (share, FoundBlock("x", *reward_sat) if number == j else None)
            for number, share in enumerate(shares)
        ]
        accounts = {account.miner: account for account in replay(scheme, events).miners}
        part = accounts[counted].credited_x96 / ONE_X96 / sum(reward_sat)
        mean += chance * part
        variance += chance * (1 - chance) * part**2
    return mean, variance


@pytest.mark.parametrize("rounds", [6, 2])
def test_moments_of_pplns_are_the_formulas(rounds):
    """A fifth of the pool, over a horizon longer and one shorter than the window of 3 rounds."""
    per_round, window = 40, 3
    n, margin = rounds * per_round, (window + 1) * per_round
    shares = [
        Share(
            "me" if 0 <= k - margin < n and (k - margin) % 5 == 2 else "others",
            ONE_X96 // per_round,
        )
        for k in range(n + 2 * margin)
    ]
    scheme = Pplns(window_rounds=Fraction(window), fee=Fraction(1, 50))
    mean, variance = moments_by_blocks(scheme, shares, 1 / per_round, (SUBSIDY, 0), "me")
    formula, reward = pool_variance.Pplns(0.02, float(window)), BlockReward(1.0)
    work = Work(expected_blocks=rounds / 5, pool_share=0.2)
    assert mean == pytest.approx(formula.mean_btc(work, reward), rel=1e-9)
    # The limit of many shares: blocks are Poisson, not one a share at most.
    assert variance / (1 - 1 / per_round) == pytest.approx(
        formula.variance_btc2(work, reward), rel=1e-3
    )


def test_moments_of_solo_are_the_formulas():
    shares = [Share("me" if k % 4 == 0 else "others", ONE_X96 // 100) for k in range(80)]
    mean, variance = moments_by_blocks(Solo(fee=Fraction(1, 10)), shares, 0.01, (SUBSIDY, 0), "me")
    formula, work, reward = pool_variance.Solo(0.1), Work(0.2, 0.25), BlockReward(1.0)
    assert mean == pytest.approx(formula.mean_btc(work, reward), rel=1e-9)
    assert variance / 0.99 == pytest.approx(formula.variance_btc2(work, reward), rel=1e-9)


def test_variance_of_one_share_is_rosenfelds():
    """PPLNS: p B^2 / N for a window of N shares, here 50, to O(1/N)."""
    per_round, n = 1000, 50
    shares = [Share("me" if k == 60 else "others", ONE_X96 // per_round) for k in range(180)]
    scheme = Pplns(window_rounds=Fraction(n, per_round))
    _, variance = moments_by_blocks(scheme, shares, 1 / per_round, (SUBSIDY, 0), "me")
    told = pool_variance.share_variance_btc2(
        block_chance=1 / per_round, reward_btc=1.0, window_shares=n
    )
    assert variance == pytest.approx(told, rel=0.02)


def test_pay_per_share_is_sure():
    """1 GH/s for a day at difficulty 1,690,906 and 50 BTC: 0.0118969 blocks, 0.594846 BTC."""
    hashes = Fraction(86_400 * 10**9, 2**32)
    work = share_work_x96_down(difficulty=hashes, network_difficulty=Fraction(1_690_906))
    stated = replay(Pps(), [(Share("me", work, 50 * 10**8, 10**8), None)])
    assert work / ONE_X96 == pytest.approx(0.0118969, abs=5e-8)
    assert stated.credited_sat / 1e8 == pytest.approx(0.594846, abs=5e-7)
    full = replay(Fpps(), [(Share("me", work, 50 * 10**8, 10**8), None)])
    assert full.credited_sat / stated.credited_sat == pytest.approx(51 / 50, rel=1e-7)


def test_pps_plus_divides_only_fees_among_the_window():
    events = [(Share("a", ONE_X96 // 2, SUBSIDY), None),
              (Share("b", ONE_X96 // 2, SUBSIDY), FoundBlock("x", SUBSIDY, 1000))]  # fmt: skip
    stated = replay(PpsPlus(window_rounds=Fraction(1)), events)
    # Of the window of one round a fills 3/8 on average over where in b's share the block lies:
    # b's own half counts half, and a quarter of the window lies before the log.
    shares = {account.miner: account.credited_sat - SUBSIDY // 2 for account in stated.miners}
    assert shares == {"a": 500, "b": 250}
    assert stated.own_sat == 250


# ----------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Solo(fee=Fraction(1)), "fee"),
        (lambda: Pps(fee=Fraction(-1, 100)), "fee"),
        (lambda: Proportional(fee=0.01), "fee"),
        (lambda: Fpps(fee=True), "fee"),
        (lambda: Pplns(window_rounds=Fraction(0)), "window_rounds"),
        (lambda: Pplns(window_rounds=8.0), "window_rounds"),
        (lambda: PpsPlus(window_rounds=Fraction(-1)), "window_rounds"),
        (lambda: Pplns(window_rounds=Fraction(1, 2**100)), "window_rounds"),
        (lambda: Geometric(variable_fee=Fraction(0)), "variable_fee"),
        (lambda: Geometric(variable_fee=Fraction(1)), "variable_fee"),
        (lambda: Geometric(variable_fee=Fraction(1, 2), fee=Fraction(1)), "fee"),
        (lambda: DoubleGeometric(variable_fee=Fraction(1, 2), leakage=Fraction(1)), "leakage"),
        (lambda: DoubleGeometric(variable_fee=Fraction(1, 2), leakage=Fraction(-1, 2)), "leakage"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(make, what):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.place == what
