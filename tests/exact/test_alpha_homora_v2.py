"""
Sources of expected values: Alpha Homora v2's documentation (Bob's credits, factors), its
post-mortem of 13 February 2021, a manipulated pool worked by hand, Balancer's value in closed form.
No bytecode was found: what no document says is held by invariants.
"""

import random
from fractions import Fraction

import pytest

from headframe.errors import Revert
from headframe.exact import alpha_homora_v2 as homora
from headframe.exact import alpha_homora_v2_oracle as oracle
from headframe.exact.fixed import Q112, WAD

ETH = oracle.TokenFactors(13_000, 8_000, 10_250)
DAI = oracle.TokenFactors(10_500, 9_500, 10_250)
LP = oracle.TokenFactors(50_000, 7_900, 10_250)


def a_bank(**changes):
    bank = homora.HomoraBank(**changes)
    bank.banks |= {"dai": homora.Bank(), "eth": homora.Bank(), "susd": homora.Bank()}
    bank.factors |= {"dai": DAI, "eth": ETH, "susd": DAI, "lp": LP}
    bank.pxs_q112 |= {"dai": Q112 // 2_000, "eth": Q112, "susd": Q112 // 2_000, "lp": Q112 // 100}
    bank.positions |= {1: homora.Position(), 2: homora.Position()}
    return bank


def test_bobs_credits_are_650_and_630():
    """$100 of ETH and $600 of DAI: 80 + 570 against 600 * 1.05."""
    dollar = Q112
    collateral = oracle.as_eth_collateral(dollar, ETH, 100 * WAD)
    collateral += oracle.as_eth_collateral(dollar, DAI, 600 * WAD)
    assert collateral == 650 * WAD
    assert oracle.as_eth_borrow(dollar, DAI, 600 * WAD) == 630 * WAD


def after_the_first_steps(rounding):
    """The post-mortem: borrow 1,000e18, repay all but one unit, let the reserve add to the debt."""
    bank = a_bank(rounding=rounding, fee_bps=1_000)
    homora.borrow(bank, 1, "susd", 1_000 * WAD)
    homora.accrue(bank, "susd", 1_000 * WAD + 197 * WAD)
    owed = homora.borrow_balance_stored(bank, 1, "susd")
    while bank.banks["susd"].total_share > 1:
        book = bank.banks["susd"]
        leaving = -(-book.total_debt // book.total_share)
        homora.repay(bank, 1, "susd", owed - leaving)
        owed = homora.borrow_balance_stored(bank, 1, "susd")
    homora.resolve_reserve(bank, "susd")
    return bank


def test_until_february_2021_a_doubling_debt_cost_no_share():
    """One share behind D: D - 1 more costs floor((D - 1) / D) = 0 shares, sixteen times over."""
    bank = after_the_first_steps(homora.Rounding.UNTIL_FEBRUARY_2021)
    book = bank.banks["susd"]
    assert book.total_share == 1
    assert book.total_debt > 19 * WAD
    first = book.total_debt
    for k in range(1, 17):
        taken = book.total_debt - 1
        assert homora.borrow(bank, 2, "susd", taken) == 0
        assert abs(book.total_debt - 2**k * first) <= 2**k
    assert homora.borrow_balance_stored(bank, 2, "susd") == 0
    assert book.total_debt > 1_000_000 * WAD
    assert homora.get_borrow_eth_value(bank, 2) == 0


def test_since_then_it_costs_a_share_and_what_was_borrowed_is_owed():
    bank = after_the_first_steps(homora.Rounding.SINCE_FEBRUARY_2021)
    book = bank.banks["susd"]
    assert book.total_share == 1
    for _ in range(16):
        taken, before = book.total_debt - 1, homora.borrow_balance_stored(bank, 2, "susd")
        assert homora.borrow(bank, 2, "susd", taken) >= 1
        assert homora.borrow_balance_stored(bank, 2, "susd") >= before + taken


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_leaves_a_debt_that_nobody_owes(seed):
    """Rounded up, shares never fall behind: all debts together are at least the bank's."""
    rng = random.Random(seed)
    bank = a_bank(fee_bps=2_000)
    bank.positions |= {k: homora.Position() for k in range(3, 6)}
    book = bank.banks["dai"]
    for _ in range(300):
        who, size = rng.randint(1, 5), 1 << rng.randint(0, 80)
        before = homora.borrow_balance_stored(bank, who, "dai")
        match rng.randint(0, 3):
            case 0:
                homora.borrow(bank, who, "dai", rng.randint(0, size))
            case 1 if before:
                paid, _ = homora.repay(bank, who, "dai", rng.randint(0, before))
                assert homora.borrow_balance_stored(bank, who, "dai") >= before - paid
            case 2:
                homora.accrue(bank, "dai", book.total_debt + rng.randint(0, size >> 3))
            case 3:
                homora.resolve_reserve(bank, "dai")
        owed = [homora.borrow_balance_stored(bank, k, "dai") for k in bank.positions]
        shares = sum(p.debt_share_of.get("dai", 0) for p in bank.positions.values())
        assert shares == book.total_share
        if shares:
            assert book.total_debt <= sum(owed)
            assert sum(owed) < book.total_debt + len(owed)


def test_more_than_the_debt_cannot_be_paid_and_all_takes_all_shares():
    bank = a_bank()
    homora.borrow(bank, 1, "dai", 1_000)
    homora.accrue(bank, "dai", 1_001)
    with pytest.raises(Revert, match="paid exceeds debt"):
        homora.repay(bank, 1, "dai", 1_002)
    assert homora.repay(bank, 1, "dai", homora.ALL) == (1_001, 1_000)
    assert bank.banks["dai"] == homora.Bank()


def test_fees_are_a_part_of_the_interest_and_add_debt_without_a_share():
    bank = a_bank(fee_bps=2_000)
    homora.borrow(bank, 1, "dai", 1_000 * WAD)
    homora.accrue(bank, "dai", 1_100 * WAD)
    assert bank.banks["dai"].pending_reserve == 20 * WAD
    assert homora.resolve_reserve(bank, "dai") == 20 * WAD
    assert homora.borrow_balance_stored(bank, 1, "dai") == 1_120 * WAD


def levered(dai):
    bank = a_bank()
    homora.put_collateral(bank, 1, "lp", 100 * WAD)  # worth 1 ETH
    homora.borrow(bank, 1, "dai", dai * WAD)
    return bank


def test_solvency_is_checked_by_credits():
    """0.79 ETH of credit pays for 0.79 * 2000 / 1.05 = 1,504.76 DAI."""
    homora.check_solvent(levered(1_504), 1)
    with pytest.raises(Revert, match="insufficient collateral"):
        homora.check_solvent(levered(1_505), 1)


def test_liquidation_in_part_takes_both_incentives():
    """500 DAI are a quarter of an ether, 25 shares; 1.025 twice: 26.265625."""
    bank = levered(1_505)
    with pytest.raises(Revert, match="still healthy"):
        homora.liquidate(levered(1_504), 1, "dai", 1)
    paid, taken = homora.liquidate(bank, 1, "dai", 500 * WAD)
    assert paid == 500 * WAD
    assert abs(taken - 26_265_625 * 10**12) < 1_000
    bank.pxs_q112["lp"] = Q112 // 1_000
    assert homora.liquidate(bank, 1, "dai", homora.ALL)[1] == 100 * WAD - taken


def test_a_trade_does_not_move_the_fair_price():
    """4,000 ETH and 8 million DAI; doubling the ether side: fair unchanged, naive 1.25 times."""
    pxs = (Q112, Q112 // 2_000)
    supply = 178_885 * WAD
    before = (4_000 * WAD, 8_000_000 * WAD)
    after = (8_000 * WAD, 4_000_000 * WAD)
    fair = [oracle.uniswap_v2_px(*r, supply, *pxs) for r in (before, after)]
    naive = [oracle.naive_uniswap_v2_px(*r, supply, *pxs) for r in (before, after)]
    assert fair[0] == fair[1]
    assert fair[0] == pytest.approx(naive[0], rel=1e-12)
    assert Fraction(naive[1], naive[0]) == pytest.approx(1.25, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_fair_price_never_exceeds_twice_the_geometric_mean(seed):
    """Rounded down: against exact arithmetic on fractions, by no more than 1e-14 of it."""
    rng = random.Random(seed)
    r0, r1, supply = (rng.randint(1 << 70, 1 << 100) for _ in range(3))
    px0, px1 = (rng.randint(1 << 96, 1 << 128) for _ in range(2))
    found = oracle.uniswap_v2_px(r0, r1, supply, px0, px1)
    square = Fraction(4 * r0 * r1 * px0 * px1, supply**2)
    assert found**2 <= square
    assert square < Fraction(found**2) * Fraction(10**13 + 1, 10**13)


@pytest.mark.parametrize(
    ("shift", "bound"), [(0.25, 3e-5), (0.8, 1e-9), (1.0, 1e-12), (1.5, 1e-8), (4.0, 3e-5)]
)
def test_fair_reserves_of_a_weighted_pool(shift, bound):
    """
    80/20: whatever was traded, the reserves come back to those of the oracle's prices.

    A fourfold move of A is a thousandfold one of the ratio, where Balancer's series ends early.
    """
    w = 0.8
    balanced = (1_000.0, 500_000.0)  # at 2,000: 2 million of token A, half a million of B
    moved = (balanced[0] * shift, balanced[1] * shift ** (-w / (1 - w)))
    reserves = tuple(int(r * 10**6) * 10**12 for r in moved)
    pxs = (2_000 * Q112, Q112)
    fair = oracle.compute_fair_reserves(reserves, (8 * WAD // 10, 2 * WAD // 10), pxs)
    assert fair[0] / WAD == pytest.approx(balanced[0], rel=bound)
    assert fair[1] / WAD == pytest.approx(balanced[1], rel=bound)


@pytest.mark.parametrize("base", [0.05, 0.3, 0.9, 1.0, 1.3, 1.9])
@pytest.mark.parametrize("exponent", [0.2, 0.5, 0.8, 1.0, 1.5, 3.25])
def test_balancers_power_is_a_power(base, exponent):
    """The series stops at 1e-10; near 0 and 2 it converges slowly, and the error grows with it."""
    found = oracle.bpow(int(base * WAD), int(exponent * WAD)) / WAD
    assert found == pytest.approx(base**exponent, rel=5e-8)


def test_the_cheapest_coin_prices_a_stable_pools_share():
    cheap = 99 * Q112 // 100
    assert oracle.curve_px((Q112, cheap), 102 * WAD // 100) == cheap * 102 // 100


@pytest.mark.parametrize(
    ("pxs", "expected"),
    [
        ((100,), 100),
        ((100, 104), 102),
        ((104, 100, 0), 102),
        ((100, 106), None),
        ((100, 103, 106), 103),
        ((100, 103, 120), 101),
        ((80, 100, 103), 101),
        ((80, 100, 120), None),
        ((), None),
    ],
)
def test_sources_must_agree(pxs, expected):
    limit = 105 * WAD // 100
    if expected is None:
        with pytest.raises(Revert, match=r"deviation|no valid source"):
            oracle.aggregate_px(pxs, limit)
    else:
        assert oracle.aggregate_px(pxs, limit) == expected


def test_rewards_are_rounded_against_whoever_leaves():
    assert homora.w_masterchef_reward(3, 10**12 // 3, 10**12) == 2
    assert homora.w_masterchef_reward(3, 10**12 // 3, 10**12 // 3) == 0
    assert homora.w_masterchef_reward(1, 1, 2 * 10**12) == 1


@pytest.mark.parametrize(
    ("factors", "said"),
    [((9_999, 0, 10_000), "borrow"), ((10_000, 10_001, 10_000), "collateral"),
     ((10_000, 0, 20_001), "incentive")],
)  # fmt: skip
def test_factors_have_bounds(factors, said):
    with pytest.raises(Revert, match=said):
        oracle.TokenFactors(*factors)
