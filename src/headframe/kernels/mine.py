"""
A proof-of-work mine on chunks: machines that work and wear, a pool that pays, a power contract.

Each part has its own rows; what one hands to the next is an array: `run` writes the work (TH) and
the energy (kWh) of the step, the pool turns work into coins, the contract energy into a bill. All
coins go to the wallet at once; dollars owed pile up in `UNBILLED_USD` rows until the bill is sent.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.counts import binomial_quantile, poisson_quantile
from headframe.kernels.elementary import exp
from headframe.kernels.power_contract import (
    BLOCK_MW,
    BLOCK_PRICE,
    BUY,
    EXPORT,
    OWN_MW,
    OWN_PRICE,
    RIDER_USD_PER_MWH,
    SELL,
    site_cost,
)
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    HOUR_S,
    KW_PER_MW,
    TH_PER_PH,
)

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

OPEN, ON, HASHPRICE, BREAK_EVEN, POWER_PRICE, MARGIN, MIN_MARGIN = range(7)
"""Rows of the mine as a whole."""
SHUTDOWN_S, UNECONOMIC_S = 7, 8
"""Rows of the mine that hold when something first happened."""
WORK_TH, ENERGY_KWH, CAPACITY_TH_S, CAPACITY_KW, COSTS_UNBILLED_USD = range(5)
"""Rows of the fleet as a whole; each model's rows stand in a block of their own."""
OWNED, BROKEN, AGE_S, BOOK_USD, ORDERED, ARRIVES_S, ORDER_USD, LEFT, TH_LESS, KW_LESS = range(10)
SET_S = 10
"""
Rows of one batch of machines; four are of an order that has not arrived, then what the preset that
it is set to leaves out of its own hash rate and power, and when it last began to run or to rest.
"""
FIRST_MW = 2.0**-10
"""A load small enough to ask for the price of the first unit."""
SLOPE, TH_SHARE, KW_SHARE = range(3)
"""Rows of a ladder of presets: TH/s that a step adds for each kW, and the shares reached."""
MINED = 0
"""Row of the pool: coins received so far."""


@inline
def struck(machines: float, rate: float, u: float) -> float:
    """
    How many of some machines something happens to that comes at a rate a step, each on its own.

    Binomial with chance 1 - exp(-rate); part of a machine, where a fleet is not whole, is spared.
    """
    if u <= 1.0 - machines * rate:  # below the chance that all are spared, exp(-machines rate)
        return 0.0
    return binomial_quantile(math.floor(machines + 1e-9), 1.0 - exp(-rate), u)


@kernel
def run(fleet: Floats, on: Floats, p: Record) -> None:
    """Work and energy of the step: what the fleet can do, times the share of it that is on."""
    q = p[0]
    seconds, hours = q.seconds, q.seconds / HOUR_S
    work, energy = fleet[WORK_TH], fleet[ENERGY_KWH]
    th_s, kw = fleet[CAPACITY_TH_S], fleet[CAPACITY_KW]
    for i in range(on.size):
        work[i] = on[i] * th_s[i] * seconds
        energy[i] = on[i] * kw[i] * hours


@kernel
def set_load(mine: Floats, mask: Mask, share: Floats, t_s: float) -> None:
    """Run at a share of full load where the mine is open, and note when it first stood still."""
    is_open, on, since_s = mine[OPEN], mine[ON], mine[SHUTDOWN_S]
    for i in range(on.size):
        told = mask[i] and is_open[i] > 0.0
        load = min(max(share[i], 0.0), 1.0)
        on[i] = load if told else on[i]
        since_s[i] = min(since_s[i], t_s) if told and load == 0.0 else since_s[i]


@kernel
def wear(
    group: Floats, fleet: Floats, on: Floats, draws: Floats, now: Floats, books: Floats, p: Record
) -> None:
    """
    Machines that run break down or are lost for good; broken ones are mended: each by chance.

        chance = 1 - exp(-rate dt)

    Repairs are costs; what a lost machine stood in the books for is written off.
    """
    q = p[0]
    for i in range(on.size):
        broken = group[BROKEN, i]
        healthy = group[OWNED, i] - broken
        runs = on[i] if group[KW_LESS, i] < 1.0 else 0.0
        failed = struck(healthy, q.failures * runs, draws[q.u_failures, i])
        lost = struck(healthy - failed, q.losses * runs, draws[q.u_losses, i])
        mended = struck(broken, q.repairs, draws[q.u_repairs, i])
        group[BROKEN, i] += failed - mended
        repair = failed * q.repair_usd
        fleet[COSTS_UNBILLED_USD, i] += repair
        books[q.hosting_quantity, i] -= repair
        books[q.hosting, i] -= repair * now[q.price_usd, i]
        if lost > 0.0:
            share = lost / group[OWNED, i]
            gone = lost if q.marked != 0 else group[BOOK_USD, i] * share
            group[OWNED, i] -= lost
            group[BOOK_USD, i] *= 1.0 - share
            books[q.written_off, i] -= gone
            books[q.depreciation, i] -= gone * now[q.price, i]


@kernel
def depreciate(group: Floats, now: Floats, books: Floats, p: Record) -> None:
    """Straight line: so much a step and machine, down to the salvage value."""
    q = p[0]
    per_step, salvage = q.depreciation_usd, q.salvage_usd
    owned, book, price = group[OWNED], group[BOOK_USD], now[q.price_usd]
    quantity, value = books[q.written_off], books[q.depreciation]
    for i in range(owned.size):
        gone = min(owned[i] * per_step, max(book[i] - owned[i] * salvage, 0.0))
        book[i] -= gone
        quantity[i] -= gone
        value[i] -= gone * price[i]


@kernel
def add_capacity(group: Floats, fleet: Floats, now: Floats, p: Record) -> None:
    """
    What the healthy machines of one batch can do in the weather of now.

        heat  = 1 - per_c (T - from_c) above from_c, 0 above stop_c     of hash rate and power
        PUE   = pue + pue_per_c (T - pue_from_c) above pue_from_c

    Hash rate fades with age, power does not.
    """
    q = p[0]
    th_s, kw, fading = q.th_s, q.kw, q.fading_per_s
    from_c, per_c, stop_c = q.from_c, q.per_c, q.stop_c
    pue, pue_from_c, pue_per_c = q.pue, q.pue_from_c, q.pue_per_c
    owned, broken, age_s, ambient_c = group[OWNED], group[BROKEN], group[AGE_S], now[q.ambient]
    th_less, kw_less = group[TH_LESS], group[KW_LESS]
    all_th_s, all_kw = fleet[CAPACITY_TH_S], fleet[CAPACITY_KW]
    for i in range(owned.size):
        t = ambient_c[i]
        heat = max(1.0 - per_c * max(t - from_c, 0.0), 0.0)
        runs = (owned[i] - broken[i]) * (heat if t <= stop_c else 0.0)
        all_kw[i] += runs * kw * (1.0 - kw_less[i]) * (pue + pue_per_c * max(t - pue_from_c, 0.0))
        if fading == 0.0:  # the same on every path: two loops are compiled, one without exp
            all_th_s[i] += runs * th_s * (1.0 - th_less[i])
        else:
            all_th_s[i] += runs * th_s * exp(-fading * age_s[i]) * (1.0 - th_less[i])


@kernel
def marginal_price(mine: Floats, fleet: Floats, power: Floats, out: Floats) -> None:
    """
    What a megawatt-hour costs the site, or would cost it where nothing runs, in USD.

    The gauge of `watch` where anything can run; else the price of the first unit.
    """
    block, fixed, buy, sell = power[BLOCK_MW], power[BLOCK_PRICE], power[BUY], power[SELL]
    own, own_price, export = power[OWN_MW], power[OWN_PRICE], power[EXPORT]
    riders, cost, kw = power[RIDER_USD_PER_MWH], mine[POWER_PRICE], fleet[CAPACITY_KW]
    for i in range(out.size):
        rest = site_cost(0.0, own[i], own_price[i], export[i], block[i], fixed[i], buy[i], sell[i])
        unit = site_cost(
            FIRST_MW, own[i], own_price[i], export[i], block[i], fixed[i], buy[i], sell[i]
        )
        first = (unit - rest) / FIRST_MW + riders[i]
        out[i] = cost[i] if kw[i] > 0.0 else first


@kernel
def dispatch(
    group: Floats,
    mask: Mask,
    price: Floats,
    hashprice: Floats,
    ladder: Floats,
    now_s: float,
    p: Record,
) -> None:
    """
    Set a batch to the highest preset whose step still pays at a power price in USD per MWh.

        strike of a step = hashprice (1 - fee) added TH/s / (added kW PUE)

    Up below a strike less half the band, down above it and half of it: within it nothing changes.
    A batch that has begun to run less than `min_on_s` ago does not stop (it goes down to its lowest
    step), one that has stopped less than `min_off_s` ago does not start.
    `ladder` holds the steps from standing still upwards, in falling order of their strikes.
    """
    q = p[0]
    half, steps = 0.5 * q.band, ladder.shape[1]
    # USD an hour of a TH/s, over the MW that a kW draws
    scale = q.kept / TH_PER_PH * HOUR_S / DAY_S * KW_PER_MW / q.pue
    for i in range(price.size):
        if mask[i]:
            fresh = exp(-q.fading_per_s * group[AGE_S, i])
            at = 1.0 - group[KW_LESS, i]
            level = 0
            for k in range(steps):
                strike = hashprice[i] * scale * fresh * ladder[SLOPE, k]
                reached = at >= ladder[KW_SHARE, k] * (1.0 - 1e-12)
                if level == k and price[i] < (strike + half if reached else strike - half):
                    level = k + 1
            ran = at > 0.0
            early = now_s - group[SET_S, i] < (q.min_on_s if ran else q.min_off_s)
            if ran != (level > 0):
                if early:
                    level = 1 if ran else 0
                else:
                    group[SET_S, i] = now_s
            group[TH_LESS, i] = 1.0 - ladder[TH_SHARE, level - 1] if level > 0 else 1.0
            group[KW_LESS, i] = 1.0 - ladder[KW_SHARE, level - 1] if level > 0 else 1.0


@kernel
def pay_share(pool: Floats, work_th: Floats, now: Floats, books: Floats, p: Record) -> None:
    """
    Full pay per share: the expected coins of the work, less the pool's fee.

        coins = hashes / (D 2^32) (subsidy + fees)
    """
    q = p[0]
    fee = q.fee
    difficulty, subsidy, fees, price = now[q.difficulty], now[q.subsidy], now[q.fees], now[q.price]
    mined, wallet = pool[MINED], books[q.wallet]
    rewards, reward = books[q.reward_quantity], books[q.reward]
    charges, charge = books[q.fee_quantity], books[q.fee_value]
    for i in range(work_th.size):
        blocks = work_th[i] * HASHES_PER_TH / (difficulty[i] * HASHES_PER_DIFFICULTY)
        coins = blocks * (subsidy[i] + fees[i])
        kept = coins * fee
        rewards[i] += coins
        reward[i] += coins * price[i]
        charges[i] -= kept
        charge[i] -= kept * price[i]
        wallet[i] += coins - kept
        mined[i] += coins - kept


@kernel
def pay_luck(
    pool: Floats, work_th: Floats, draws: Floats, now: Floats, books: Floats, p: Record
) -> None:
    """
    The blocks that a pool really finds, shared by work; a pool of one is mining alone.

        N ~ Poisson(all work / (D 2^32)),   coins = N (our work / all work) (subsidy + fees)
    """
    q = p[0]
    for i in range(work_th.size):
        ours = work_th[i]
        if ours > 0.0:
            everyone = ours + now[q.others_eh_s, i] * q.th_per_eh_step
            mean = everyone * HASHES_PER_TH / (now[q.difficulty, i] * HASHES_PER_DIFFICULTY)
            found = poisson_quantile(mean, draws[q.u_luck, i])
            coins = found * (ours / everyone) * (now[q.subsidy, i] + now[q.fees, i])
            kept = coins * q.fee
            price = now[q.price, i]
            books[q.reward_quantity, i] += coins
            books[q.reward, i] += coins * price
            books[q.fee_quantity, i] -= kept
            books[q.fee_value, i] -= kept * price
            books[q.wallet, i] += coins - kept
            pool[MINED, i] += coins - kept


@kernel
def watch(mine: Floats, fleet: Floats, power: Floats, now: Floats, t_s: float, p: Record) -> None:
    """
    Hashprice, break-even power price, marginal power price, and the margin between the two.

        hashprice  = 10^15 86400 (subsidy + fees) P / (D 2^32)                 USD per PH/s and day
        break-even = coins an hour at full load (1 - f) P / MW                        USD per MWh
        power      = (bill at full load - bill at rest) / MWh at full load + riders   USD per MWh

    All three are those of the fleet at full load, so that they say whether to run even while it
    stands still; a site without a grid cannot use more than it makes. Where no machine is whole,
    or nothing is made, power is 0.
    """
    q = p[0]
    kept, off_grid = 1.0 - q.fee, q.off_grid
    difficulty, subsidy, fees = now[q.difficulty], now[q.subsidy], now[q.fees]
    coin, usd = now[q.price], now[q.price_usd]
    block, fixed, buy, sell = power[BLOCK_MW], power[BLOCK_PRICE], power[BUY], power[SELL]
    own, own_price, export = power[OWN_MW], power[OWN_PRICE], power[EXPORT]
    riders = power[RIDER_USD_PER_MWH]
    th_s, kw = fleet[CAPACITY_TH_S], fleet[CAPACITY_KW]
    hashprice, even, cost = mine[HASHPRICE], mine[BREAK_EVEN], mine[POWER_PRICE]
    margin, lowest, since_s = mine[MARGIN], mine[MIN_MARGIN], mine[UNECONOMIC_S]
    for i in range(kw.size):
        coins_per_th = HASHES_PER_TH / (difficulty[i] * HASHES_PER_DIFFICULTY)
        usd_per_th = coins_per_th * (subsidy[i] + fees[i]) * coin[i] / usd[i]
        hashprice[i] = usd_per_th * TH_PER_PH * DAY_S
        mw = kw[i] / KW_PER_MW
        some = mw if mw > 0.0 else 1.0
        drawn = min(mw, own[i]) if off_grid != 0 else mw
        whole = 1.0 if drawn > 0.0 else 0.0
        taken = drawn if drawn > 0.0 else 1.0
        at_rest = site_cost(
            0.0, own[i], own_price[i], export[i], block[i], fixed[i], buy[i], sell[i]
        )
        at_work = site_cost(
            drawn, own[i], own_price[i], export[i], block[i], fixed[i], buy[i], sell[i]
        )
        even[i] = usd_per_th * kept * th_s[i] * HOUR_S / some
        cost[i] = whole * ((at_work - at_rest) / taken + riders[i])
        margin[i] = even[i] - cost[i]
    for i in range(kw.size):
        there = kw[i] > 0.0
        lowest[i] = min(lowest[i], margin[i]) if there else lowest[i]
        since_s[i] = min(since_s[i], t_s) if there and margin[i] < 0.0 else since_s[i]
