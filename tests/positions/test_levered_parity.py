"""
The leveraged farm against the exact texts of Alpha Homora v1 and Alpaca: open, accrue, kill.

Each bound stands with its test. Ether is the unit; one token of the pool is ether, the other's
price is what the pool says.
"""

import random

import pytest
from scripted import entry, gauges, opened, played, scripted, told

from headframe.errors import Revert
from headframe.exact import alpaca, alpaca_rates, levered_bank, lp_worker, uniswap_v2
from headframe.exact import alpha_homora_v1 as homora
from headframe.exact import levered_vault as vaults
from headframe.exact import levered_vault_state as vault_state
from headframe.exact.lp_worker import Worker
from headframe.exact.synthetix_staking_rewards import StakingRewards
from headframe.exact.uniswap_v2_router import PANCAKE, UNISWAP, Pool, give
from headframe.positions.levered import Levered
from headframe.units import DAY_S
from headframe.venues.bank_market import BankMarket

ETH = 10**18
NOW = 1_600_000_000
KILL = 0.8
restricted = alpaca.restricted_strategies


def new_world(kind, eth, token, lent):
    """A vault with one worker on one pool, a lender, and a farmer with money."""
    if kind == "homora":
        vault, plans, dex = homora.new_bank("v", now_ts=NOW), homora.goblin_strategies(), UNISWAP
        vault.min_debt_size = 0
    else:
        vault, plans, dex = (
            alpaca.new_vault("v", "eth", now_ts=NOW),
            alpaca.restricted_strategies(),
            PANCAKE,
        )
        vault.liquidators = {"bob"}
    pair = uniswap_v2.Pair()
    uniswap_v2.send(pair, token, eth)
    uniswap_v2.mint(pair, "provider", now_ts=NOW)
    add = plans["AddETHOnly" if kind == "homora" else "AddBaseTokenOnly"]
    vault.workers["w"] = Worker(
        name="w", pool=Pool(pair, "token", "eth", dex), base="eth", farm="token", reward="r",
        stake=StakingRewards(), add_strategy=add, liquidate_strategy=plans["Liquidate"],
        ok_strategies={plan.name: plan for plan in plans.values()},
    )  # fmt: skip
    vault.configs["w"] = vault_state.WorkerConfig(True, 7_000, 8_000, 10**6)
    for user in ("lender", "alice"):
        give(vault.purse, "eth", user, 10**12 * ETH)
    reprice(vault)
    vaults.deposit(vault, "lender", lent, now_ts=NOW)
    return vault, add


def reprice(vault):
    pair = vault.workers["w"].pool.pair
    vault.prices["token", "eth"] = (pair.reserve1 * ETH // pair.reserve0, NOW)


def move_to(vault, price):
    """Somebody trades without a fee until the pool says a price (ether for a token)."""
    pair = vault.workers["w"].pool.pair
    product = pair.reserve0 * pair.reserve1
    pair.balance0 = int((product / price) ** 0.5)
    pair.balance1 = product // pair.balance0
    uniswap_v2.sync(pair, now_ts=NOW)
    reprice(vault)


def share_of_pool(vault, id_):
    worker = vault.workers["w"]
    balance = lp_worker.share_to_balance(worker, worker.shares[id_])
    return balance / worker.pool.pair.total_supply


def amounts(vault, id_):
    pair, share = vault.workers["w"].pool.pair, share_of_pool(vault, id_)
    return share * pair.reserve0 / ETH, share * pair.reserve1 / ETH


def held_farm(vault, id_, **changes):
    """The twin of a position that exists."""
    amount0, amount1 = amounts(vault, id_)
    _, debt = vault_state.position_info(vault, id_)
    fee = 0.003 if vault.dialect is homora.HOMORA else 0.0025
    usual = {
        "name": "farm", "token0": "token", "token1": "eth", "threshold": KILL, "fee": fee,
        "held": {"amount0": amount0, "amount1": amount1, "debt1": debt / ETH},
        "own_share": share_of_pool(vault, id_), "health_sells": True, "penalty": 0.05,
    }  # fmt: skip
    return Levered(**(usual | changes))


def price_of(vault):
    pair = vault.workers["w"].pool.pair
    return pair.reserve1 / pair.reserve0


def work(vault, add, principal, loan):
    reprice(vault)
    return vaults.work(vault, "alice", 0, "w", principal, loan, 0, add.name, (0,), now_ts=NOW)


CASES = [(kind, seed) for kind in ("homora", "alpaca") for seed in range(12)]


def drawn(kind, seed):
    """A pool, a farm of up to a fifth of it, and the generator for what comes next."""
    rng = random.Random(f"{kind} {seed}")
    eth = rng.randint(100 * ETH, 10**5 * ETH)
    vault, add = new_world(kind, eth, rng.randint(ETH, 10**6 * ETH), 10 * eth)
    size = eth * rng.randint(1, 100) // 500
    loan = size * rng.randint(10, 60) // 100
    return vault, add, rng, size - loan, loan


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_health_is_the_exact_one(kind, seed):
    """The exact health rounds four quotients down, units of 1e-18 ether: 1e-12 is floats' own."""
    vault, add, _, principal, loan = drawn(kind, seed)
    id_ = work(vault, add, principal, loan)
    health, debt = vault_state.position_info(vault, id_)
    values = {"token_usd": 3.0 * price_of(vault), "eth_usd": 3.0}
    found = gauges(opened(scripted(held_farm(vault, id_), values=values)), "farm")["health"]
    assert found == pytest.approx(KILL * health / debt, rel=1e-12)


def test_health_is_that_of_homoras_own_test():
    """A pool of 1 ether and 0.1 token, 2 ether in: 1997459271062521105 (UniswapBank.test.js)."""
    vault, add = new_world("homora", ETH, ETH // 10, 3 * ETH)
    vault.configs["w"] = vault_state.WorkerConfig(True, 10**6, 8_000, 10**6)
    id_ = work(vault, add, ETH, ETH)
    values = {"token_usd": price_of(vault), "eth_usd": 1.0}
    farm = held_farm(vault, id_, threshold=1.0)
    found = gauges(opened(scripted(farm, values=values)), "farm")["health"]
    assert found == pytest.approx(1.997459271062521105, rel=1e-14)


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_opening_buys_the_exact_liquidity(kind, seed):
    """
    The two-sided optimal deposit, its fee left in the pool: the exact swap and shares are rounded
    down in units of 1e-18, the least reserve here is an ether: 1e-15, and floats' own.
    """
    vault, add, _, principal, loan = drawn(kind, seed)
    pair, price = vault.workers["w"].pool.pair, price_of(vault)
    eth = pair.reserve1
    id_ = work(vault, add, principal, loan)
    exact = share_of_pool(vault, id_) * (pair.reserve0 * pair.reserve1) ** 0.5 / ETH
    fee = 0.003 if kind == "homora" else 0.0025
    farm = Levered(
        name="farm", token0="token", token1="eth", deposit={"eth": principal / ETH},
        leverage=1.0 + loan / principal, threshold=KILL, fee=fee, swap_cost=fee,
        pool_usd=2.0 * eth / ETH,
    )  # fmt: skip
    values = {"token_usd": price, "eth_usd": 1.0, "usd_usd": 1.0}
    book = scripted(farm, values=values, wallet={"eth": principal / ETH})
    found = gauges(opened(book), "farm")["liquidity"]
    assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_interest_of_a_month_is_the_exact_one(kind, seed):
    """
    Thirty days, each day a call: rates per second are whole units of 1e-18 (3e-11 a year), Homora's
    utilisation is in whole basis points on both sides. Our own debt moves the rate by a quarter.
    """
    vault, add, rng, principal, loan = drawn(kind, seed)
    if kind == "alpaca":
        slope = alpaca_rates.TRIPLE_SLOPES[seed]
        vault.rate = lambda debt, floating: alpaca_rates.get_interest_rate(debt, floating, slope)
    others = rng.randint(20, 90) * vault_state.floating(vault) // 100
    borrower = vault.bank.positions[99] = levered_bank.Position("w", "others")
    levered_bank.add_debt(vault.bank, borrower, others)
    give(vault.purse, "eth", "v", -others)
    id_ = work(vault, add, principal, loan)
    farm = held_farm(vault, id_, borrow1_apr="bank_borrow_apr", venue="bank")
    supplied, utilisation = [], []

    def look():
        whole = vault_state.floating(vault) + vault.bank.debt_val
        supplied.append(whole / ETH)
        utilisation.append((vault.bank.debt_val - vault_state.position_info(vault, id_)[1]) / whole)

    look()
    for day in range(1, 31):
        look()
        vaults.deposit(vault, "lender", 0, now_ts=NOW + day * int(DAY_S))
    curve = "alpha_homora_v1" if kind == "homora" else f"alpaca_{seed + 1}"
    venue = BankMarket(name="bank", asset="eth", supplied="pot", utilisation="lent", curve=curve)
    values = {"token_usd": price_of(vault), "eth_usd": 1.0, "pot": supplied, "lent": utilisation}
    book = scripted(farm, values=values, venues=(venue,))
    _, debt = vault_state.position_info(vault, id_)
    owed = debt / ETH
    chunk = played(book)
    assert book.n_steps == 30
    assert -entry(chunk, "farm", "interest")[0] == pytest.approx(owed - loan / ETH, rel=1e-8)


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_a_killed_farm_is_shared_out_as_exactly(kind, seed):
    """
    The price falls until health is below 1, in one step that pays the pool no fee: bounty (Alpaca:
    killer and treasury), what lenders lose, what is left. The kill sells in the pool as health
    says; its roundings are units of 1e-18 ether: 1e-9 of the proceeds, with `move_to`'s root.
    """
    vault, add, rng, principal, loan = drawn(kind, seed)
    id_ = work(vault, add, principal, loan)
    before = price_of(vault)
    _, debt = vault_state.position_info(vault, id_)
    value = 2.0 * amounts(vault, id_)[1]
    ratio = debt / ETH / (KILL * value)
    fall = ratio**2 * rng.uniform(0.4, 0.9)
    farm = held_farm(vault, id_, arbitrage_kept=0.0)
    move_to(vault, before * fall)
    proceeds = vault_state.position_info(vault, id_)[0]
    owned = vault_state.total_token(vault)
    paid = vaults.kill(vault, "bob", id_, now_ts=NOW)
    lost = owned - vault_state.total_token(vault)
    values = {"token_usd": [before, before * fall], "eth_usd": [1.0, 1.0]}
    chunk = played(scripted(farm, values=values))
    bound = 1e-9 * proceeds / ETH
    assert -entry(chunk, "farm", "penalty")[0] == pytest.approx(
        (paid.prize + paid.treasury) / ETH, abs=bound
    )
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(lost / ETH, abs=bound)
    assert chunk.books["wallet/usd"][0] == pytest.approx(paid.left / ETH, abs=bound)
    assert (paid.left > 0) == (lost <= 0)


def test_an_oracle_that_is_wrong_changes_no_health_but_freezes_the_kill():
    """As in the contracts: health is taken in the pool, the guard compares it with the oracle."""
    vault, add = new_world("homora", 1_000 * ETH, 1_000 * ETH, 5_000 * ETH)
    vault.configs["w"] = vault_state.WorkerConfig(True, 7_000, 8_000, 11_000)
    id_ = work(vault, add, 10 * ETH, 20 * ETH)
    farm = {"liquidation": {"guard": 1.1}, "oracle0": "reported"}
    values = {"token_usd": [1.0, 0.6, 0.6], "eth_usd": 1.0, "reported": [1.0, 1.0 / 0.6, 1.0]}
    before = price_of(vault)
    values["token_usd"] = [before, before * 0.6, before * 0.6]
    twin = held_farm(vault, id_, arbitrage_kept=0.0, **farm)
    move_to(vault, before * 0.6)
    vault.prices["token", "eth"] = (int(before * ETH), NOW)
    health, debt = vault_state.position_info(vault, id_)
    with pytest.raises(Revert, match="price too low"):
        vaults.kill(vault, "bob", id_, now_ts=NOW)
    chunk = played(scripted(twin, values=values, n_steps=1))
    assert gauges(chunk, "farm")["health"] == pytest.approx(KILL * health / debt, rel=1e-9)
    assert entry(chunk, "farm", "penalty")[0] == 0.0
    reprice(vault)
    paid = vaults.kill(vault, "bob", id_, now_ts=NOW)
    later = played(scripted(twin, values=values, n_steps=2))
    assert -entry(later, "farm", "penalty")[0] == pytest.approx(paid.prize / ETH, rel=1e-9)


@pytest.mark.parametrize("target", [1.05, 1.2, 1.6])
def test_deleveraging_reaches_its_target_where_health_sells(target):
    vault, add = new_world("homora", 1_000 * ETH, 1_000 * ETH, 5_000 * ETH)
    id_ = work(vault, add, 50 * ETH, 100 * ETH)
    values = {"token_usd": price_of(vault), "eth_usd": 1.0, "usd_usd": 1.0}
    chunk = opened(scripted(held_farm(vault, id_, own_share=0.06), values=values))
    before = gauges(chunk, "farm")["health"]
    told(chunk, "farm", "delever", target)
    assert gauges(chunk, "farm")["health"] == pytest.approx(max(target, before), rel=1e-9)


@pytest.mark.parametrize(("share", "ratio"), [(0.0, 0.696532), (0.1, 0.771440)])
def test_the_price_of_the_kill_with_what_selling_costs(share, ratio):
    """Three times, kill factor 0.8: (2 / (3 * 0.8 h))^2 with h of a share of 0 and of 10 %."""
    terms = {"threshold": KILL, "fee": 0.003, "health_sells": True, "own_share": share}
    farm = Levered(
        name="farm", token0="token", token1="eth", deposit={"eth": 1.0}, leverage=3.0, **terms
    )
    assert farm.liquidation_price_ratios()[0] == pytest.approx(ratio, abs=5e-7)
