"""
One small book for every registered tenant: what the laws are tried on.

Add a line here with each new process, venue, position or policy: a kind without a sample fails the
laws with its name. A sample is a function that makes a `Book` of a few assets and some twenty
steps; `book` below starts from a world in which the usual prices move, so most samples name only
their tenant. Beside the book stand the arguments that the tenant's verbs are tried with, and, where
writing zeros into its amounts is not enough, the same tenant of no size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import acting
import auctions
import banks
import chains
import comets
import credit
import defi
import defi_v3
import governance
import loans
import mining
import risks
import stable
import staked
import synths
import vaults

from headframe.book import Book
from headframe.place import Place
from headframe.policies.avoid_peaks import AvoidPeaks
from headframe.policies.compound import Compound
from headframe.policies.curtail import Curtail
from headframe.policies.delever import Delever
from headframe.policies.dispatch import Dispatch
from headframe.policies.sell_mined import SellMined
from headframe.policies.stop_loss import StopLoss
from headframe.policies.take_profit import TakeProfit
from headframe.positions.mine import Mine
from headframe.processes.coincident_peak import CoincidentPeaks
from headframe.processes.constant import Constant
from headframe.processes.emissions import Emissions, Tvl
from headframe.processes.event import Event
from headframe.processes.gas import Gas
from headframe.processes.gbm import GBM
from headframe.processes.heston import Heston
from headframe.processes.informed_flow import InformedFlow
from headframe.processes.jumps import Jumps
from headframe.processes.machine_price import MachinePrice
from headframe.processes.mining_race import MiningRace
from headframe.processes.network import Chain, Hashprice, HashRate
from headframe.processes.oracle import Oracle
from headframe.processes.ou import OU, ExpOU, Utilisation
from headframe.processes.power import Power
from headframe.processes.rates import AdaptiveRate, KinkedRate
from headframe.scenarios.model import Model
from headframe.units import DAY_S

MIDSUMMER_TS = 1_784_246_400.0
"""The 17th of July 2026: a hot day in the north."""
N_STEPS = 20
"""Steps of a sample book, of a day each."""


@dataclass(frozen=True)
class Sample:
    """
    A small book with the tenant in it, and how to try the tenant out.

    `amounts` gives the argument of a verb, 1.0 where it is not named; `nothing` makes the same book
    with the position at zero size, where putting zeros into `deposit` and `held` does not do it;
    `fixed` names the kinds of entry that are due whatever the size. A policy's sample has a second
    book, `idle`, in which its occasion never comes.
    """

    book: Callable[[], Book]
    amounts: Mapping[str, float] = field(default_factory=dict)
    nothing: Callable[[], Book] | None = None
    fixed: tuple[str, ...] = ("gas",)
    idle: Callable[[], Book] | None = None


def world() -> tuple[Any, ...]:
    """Prices that move enough within a sample to liquidate what is leveraged."""
    return (
        GBM(name="eth_usd", start=2_000.0, volatility=1.5),
        GBM(name="btc_usd", start=60_000.0, volatility=1.2),
        GBM(name="comp_usd", start=40.0, volatility=2.0),
        Constant(name="usdc_usd", value=1.0),
    )


def book(
    *positions: Any,
    processes: tuple[Any, ...] = (),
    wallet: Mapping[str, float] | None = None,
    **rest: Any,
) -> Book:
    """A book in the usual world, with more processes where they are named."""
    usual = {"usd": 5_000.0, "usdc": 20_000.0, "eth": 10.0, "btc": 1.0}
    return Book(
        name="sample",
        scenario=Model(processes=(*world(), *processes)),
        wallet=usual if wallet is None else wallet,
        positions=positions,
        horizon_s=N_STEPS * DAY_S,
        **rest,
    )


def synths_sample(fees: str) -> Sample:
    """A debt pool with three minters."""
    return Sample(
        lambda: book(
            *synths.minters(),
            venues=(synths.debt_pool(fees=fees),),
            processes=(synths.dollar(),),
        ),
        amounts=synths.SYNTH_AMOUNTS,
    )


def grid() -> Any:
    """A power price that rises above what mining earns, and falls again."""
    return GBM(name="grid_usd_per_mwh", start=70.0, volatility=3.0)


def mine(**changes: Any) -> Mine:
    """A mine with all that it can have: bought, lucky, breaking down, billed every five days."""
    machines: dict[str, Any] = {
        "model": "s21",
        "count": 2,
        "hashrate_th_s": 200.0,
        "efficiency_j_per_th": 17.5,
        "uptime": 0.95,
        "degradation_per_year": 0.05,
        "failures_per_year": 10.0,
        "repair_s": "3d",
        "repair_usd": 20.0,
        "losses_per_year": 2.0,
        "price_usd": 1_500.0,
        "resale_cost": 0.1,
    } | changes.pop("machines", {})
    usual: dict[str, Any] = {
        "name": "mine",
        "fleet": {"machines": [machines], "pue": 1.05},
        "pool": {"kind": "pplns", "fee": 0.01, "others_eh_s": 10.0},
        "power": {"kind": "indexed", "spot_usd_per_mwh": "grid_usd_per_mwh"},
        "difficulty": 1.2e14,
        "subsidy": 3.125,
        "fees": 0.05,
        "billing_s": "5d",
        "grace_s": "4d",
    }
    return Mine(**(usual | changes))


def menu() -> dict[str, Any]:
    """Machines with three presets, each further watt earning less."""
    presets = ((100.0, 1_400.0), (150.0, 2_400.0), (200.0, 3_800.0))
    return {
        "model": "rig",
        "count": 2,
        "preset": "p2",
        "presets": [
            {"name": f"p{k}", "hashrate_th_s": th_s, "power_w": watts}
            for k, (th_s, watts) in enumerate(presets)
        ],
        "degradation_per_year": 0.05,
        "failures_per_year": 10.0,
        "losses_per_year": 2.0,
    }


def network() -> tuple[Any, ...]:
    """Bitcoin's network on top of the usual world, a week before a retarget."""
    return (
        ExpOU(
            name="btc_fees_btc_per_block", start=0.2, median=0.1, half_life_s="5d", volatility=8.0
        ),
        HashRate(name="btc_network_eh_s", start_eh_s=900.0, lag_s="90d", volatility=0.3),
        Chain(name="btc_chain", start_height=840_671 - 1_000),
        Hashprice(name="btc_hashprice"),
    )


def race() -> tuple[Any, ...]:
    """The same network, its hash rate made by miners who compete."""
    return (
        Constant(name="btc_fees_btc_per_block", value=0.1),
        MiningRace(
            name="btc_network_eh_s", start_eh_s=900.0, start_j_per_th=22.0, ordered_eh_s=100.0
        ),
        Chain(name="btc_chain", start_height=840_671 - 1_000),
    )


def lending() -> tuple[Any, ...]:
    """A pool's utilisation with the rates that two protocols make of it."""
    return (
        Utilisation(
            name="usdc_pool_utilisation", start=0.85, median=0.9, half_life_s="5d", volatility=9.0
        ),
        KinkedRate(
            name="usdc",
            utilisation="usdc_pool_utilisation",
            slope1_apr=0.055,
            slope2_apr=0.4,
            kink=0.92,
            reserve_factor=0.1,
        ),
        AdaptiveRate(name="morpho_usdc", utilisation="usdc_pool_utilisation"),
    )


def farming() -> tuple[Any, ...]:
    """Rewards that fall week by week and are diluted by capital that chases them."""
    return (
        Emissions(
            name="farm",
            price="comp_usd",
            tokens_per_s=0.002,
            tvl="farm_tvl_usd",
            kept=0.9,
            period_s="7d",
        ),
        Tvl(
            name="farm_tvl_usd",
            start=5e6,
            yields="farm_reward_apr",
            required_apr=0.3,
            lag_s="10d",
            volatility=0.5,
        ),
    )


def peaky_book(above: float) -> Book:
    """A mine in June that stands still where a coincident peak is likely."""
    chance = "ercot_system_peak_chance"
    return book(
        mine(),
        processes=(grid(), CoincidentPeaks(name="ercot_system_peak")),
        policies=(AvoidPeaks(name="peaks", position="mine", chance=chance, above=above),),
        start_ts=1_780_272_000.0,
    )


def fleet_book(policy: Any) -> Book:
    """A mine of two generations of machines, and what is done with them."""
    return book(
        mine(fleet=mining.two_generations()),
        processes=(grid(),),
        policies=(policy,),
        start_ts=MIDSUMMER_TS,
    )


def lease_book(policy: Any) -> Book:
    """A mine whose old machines may give way to a tenant of compute."""
    return book(
        mine(fleet=mining.two_generations()),
        mining.lease(),
        processes=(grid(), mining.flow()),
        policies=(policy,),
        start_ts=MIDSUMMER_TS,
    )


PROCESSES: dict[str, Sample] = {
    "climate": Sample(
        lambda: book(
            mine(fleet=mining.warm_fleet()),
            processes=(grid(), mining.climate()),
            start_ts=MIDSUMMER_TS,
        )
    ),
    "coincident_peak": Sample(
        lambda: book(
            processes=(CoincidentPeaks(name="ercot_system_peak", first_month=3, last_month=12),),
            start_ts=1_780_272_000.0,
        )
    ),
    "constant": Sample(lambda: book(processes=(Constant(name="power_usd_per_mwh", value=50.0),))),
    "gbm": Sample(lambda: book(processes=(GBM(name="sol_usd", start=150.0, volatility=0.9),))),
    "jumps": Sample(
        lambda: book(
            processes=(
                Jumps(
                    name="sol_usd", start=150.0, volatility=0.9, jumps_per_year=50.0, jump_sd=0.2
                ),
            )
        )
    ),
    "heston": Sample(
        lambda: book(
            processes=(
                Heston(
                    name="sol_usd",
                    start=150.0,
                    start_variance=0.5,
                    long_variance=0.8,
                    reversion=5.0,
                    variance_volatility=2.0,
                    rho=-0.4,
                ),
            )
        )
    ),
    "oracle": Sample(
        lambda: book(
            defi.levered_late(),
            processes=(
                Oracle(name="eth_feed", price="eth_usd", deviation=0.05, lag_s="2d", every_s="1d"),
            ),
        )
    ),
    "ou": Sample(
        lambda: book(
            processes=(
                OU(name="eth_funding_apr", start=0.1, mean=0.05, half_life_s="3d", volatility=1.0),
            )
        )
    ),
    "event": Sample(
        lambda: book(
            mine(
                law={
                    "taxes": [{"rate": 0.2, "year_s": "4d"}, {"rate": 0.1, "on": "power"}],
                    "closure": {"closed": "a_mining_ban", "export_s": "2d"},
                }
            ),
            processes=(grid(), Event(name="a_mining_ban", per_year=20.0)),
        )
    ),
    "contract_risk": Sample(
        lambda: book(
            vaults.vault(),
            risks.cover(),
            processes=(risks.contracts(),),
            places={"vault": Place(protocol="bank", kept="contracts_bank_kept")},
        )
    ),
    "exp_ou": Sample(
        lambda: book(
            processes=(
                ExpOU(
                    name="eth_usdc_turnover",
                    start=0.2,
                    median=0.3,
                    half_life_s="4d",
                    volatility=5.0,
                ),
            )
        )
    ),
    "intermittent": Sample(
        lambda: book(mine(power=mining.flared()), processes=(grid(), mining.flow()))
    ),
    "informed_flow": Sample(
        lambda: book(
            defi.levered(
                turnover="pool_noise_turnover",
                arbitrage_kept="pool_arbitrage_kept",
                vesting=defi.vesting(),
            ),
            processes=(InformedFlow(name="pool", turnover=0.4, volatility=1.5),),
        )
    ),
    "utilisation": Sample(lambda: book(processes=lending())),
    "kinked_rate": Sample(lambda: book(processes=lending())),
    "adaptive_rate": Sample(lambda: book(processes=lending())),
    "emissions": Sample(lambda: book(processes=farming())),
    "tvl": Sample(lambda: book(processes=farming())),
    "gas": Sample(
        lambda: book(
            processes=(
                Gas(
                    name="mainnet_gas",
                    start_gwei=8.0,
                    median_gwei=12.0,
                    half_life_s="2d",
                    volatility=9.0,
                    units={"harvest": 350_000},
                ),
            )
        )
    ),
    "ethereum_gas": Sample(lambda: book(processes=(chains.ethereum_gas(),))),
    "optimism_gas": Sample(lambda: book(processes=(chains.ethereum_gas(), chains.optimism_gas()))),
    "arbitrum_gas": Sample(lambda: book(processes=(chains.ethereum_gas(), chains.arbitrum_gas()))),
    "power": Sample(
        lambda: book(
            processes=(
                Power(
                    name="ercot_usd_per_mwh",
                    mean=27.0,
                    by_hour=tuple(5.0 * (h > 16) for h in range(24)),
                    weekend=-3.0,
                    yearly=6.0,
                    yearly_peak_day=210.0,
                    utc_offset_h=-6.0,
                    half_life_s="1d",
                    volatility=200.0,
                    spikes_per_year=60.0,
                    spike_median=80.0,
                    spike_sd=0.8,
                    spike_up_share=0.9,
                    floor=-250.0,
                ),
            )
        )
    ),
    "staked_token": Sample(
        lambda: book(staked.loop(), processes=staked.token()), amounts=staked.AMOUNTS
    ),
    "hash_rate": Sample(lambda: book(processes=network())),
    "mining_race": Sample(lambda: book(processes=race())),
    "chain": Sample(lambda: book(processes=network())),
    "hashprice": Sample(lambda: book(processes=network())),
    "machine_price": Sample(
        lambda: book(
            processes=(
                MachinePrice(
                    name="s21_usd",
                    start=2_699.0,
                    obsolescence=0.3,
                    fees=0.05,
                    subsidy=3.125,
                    difficulty=1.2e14,
                ),
            )
        )
    ),
}
"""A book for every process."""

VENUES: dict[str, Sample] = {
    "gearbox_pool": Sample(
        lambda: book(
            credit.account(market="gear"),
            credit.lender(),
            processes=(Oracle(name="eth_feed", price="eth_usd", lag_s="1d", every_s="1d"),),
            venues=(credit.pool(),),
        ),
        amounts=credit.AMOUNTS,
    ),
    "adaptive_market": Sample(
        lambda: book(
            defi.loan(borrow_apr="morpho_usdc_borrow_apr"), venues=(defi.adaptive_market(),)
        )
    ),
    "debt_pool": synths_sample("claimed"),
    "farm": Sample(
        lambda: book(defi.farm(reward_apr="rewards_reward_apr"), venues=(defi.shared_farm(),))
    ),
    "aave_reserve": Sample(
        lambda: book(
            loans.aave_v3(market="reserve"),
            loans.supply("reserve"),
            venues=(loans.aave_reserve(),),
        ),
        amounts=loans.AAVE_AMOUNTS,
    ),
    "gauge": Sample(governance.voting),
    "masterchef": Sample(lambda: book(loans.staked("chef"), venues=(loans.masterchef(),))),
    "comet_market": Sample(
        lambda: book(
            comets.account(market="third"),
            comets.supply("third"),
            venues=(comets.market(),),
        ),
        amounts=comets.AMOUNTS,
    ),
    "morpho_market": Sample(
        lambda: book(
            loans.morpho_blue(market="blue"),
            loans.supply("blue"),
            venues=(loans.morpho_market(),),
        ),
        amounts=loans.MORPHO_AMOUNTS,
    ),
    "staking_rewards": Sample(
        lambda: book(loans.staked("synth"), venues=(loans.staking_rewards(),))
    ),
    "bank_market": Sample(
        lambda: book(banks.farm(), banks.lender(), venues=(banks.bank_market(),))
    ),
    "kinked_market": Sample(
        lambda: book(
            defi.levered(borrow1_apr="aave_usdc_borrow_apr"),
            defi.lending(
                supply_apr="aave_usdc_supply_apr",
                utilisation="aave_usdc_market_utilisation",
            ),
            venues=(defi.kinked_market(),),
        )
    ),
    "pool": Sample(
        lambda: book(
            defi.levered(turnover="eth_usdc_daily_turnover", pool_price="eth_usdc_pool_price"),
            defi.uniswap_v2(turnover="eth_usdc_daily_turnover", pool_price="eth_usdc_pool_price"),
            venues=(defi.pool(),),
        )
    ),
}
"""A book for every venue, with a position that uses it."""

LEVERED_AMOUNTS = {"delever": 1.5, "lever": 2.0, "rebalance_debt": 3.0, "open": 0.1}
"""What leveraged farms are told to do."""

POSITIONS: dict[str, Sample] = {
    "aave_v3": Sample(lambda: book(loans.aave_v3(), loans.looped()), amounts=loans.AAVE_AMOUNTS),
    "compound_v3": Sample(lambda: book(comets.account()), amounts=comets.AMOUNTS),
    "morpho_blue": Sample(lambda: book(loans.morpho_blue()), amounts=loans.MORPHO_AMOUNTS),
    "gearbox_v3": Sample(
        lambda: book(
            credit.account(),
            credit.account_in_part(),
            processes=(Oracle(name="eth_feed", price="eth_usd", lag_s="1d", every_s="1d"),),
        ),
        amounts=credit.AMOUNTS,
    ),
    "btc_loan": Sample(
        lambda: book(defi.btc_loan()), amounts={"open": 0.2, "add": 0.1, "repay": 1_000.0}
    ),
    "farm": Sample(lambda: book(defi.farm(vesting=defi.vesting())), amounts={"open": 0.2}),
    "future": Sample(
        lambda: book(defi.future()), amounts={"open": 0.2, "resize": -3.0, "top_up": 100.0}
    ),
    "option": Sample(
        lambda: book(acting.option(), processes=(acting.implied(),)),
        amounts={"open": 0.2, "resize": 2.0},
        nothing=lambda: book(acting.option(size=0.0), processes=(acting.implied(),)),
    ),
    "held_asset": Sample(lambda: book(defi.held_asset()), amounts={"open": 0.2}),
    "synthetic_debt": synths_sample("burned"),
    "lending": Sample(lambda: book(defi.lending()), amounts={"open": 0.2}),
    "loan": Sample(
        lambda: book(defi.loan()),
        amounts={"open": 0.2, "add": 0.5, "repay": 500.0, "delever": 1.3},
    ),
    "stableswap": Sample(
        lambda: book(stable.stableswap(), processes=stable.peg()),
        amounts={"open": 0.2, "withdraw": 0.5},
    ),
    "staking": Sample(lambda: book(defi.staking()), amounts={"open": 0.2}),
    "vault": Sample(lambda: book(vaults.vault()), amounts={"open": 0.2}),
    "vote_escrow": Sample(lambda: book(governance.lock()), amounts={"open": 0.2}),
    "delegation": Sample(lambda: book(governance.line()), amounts={"open": 0.2}),
    "cover": Sample(
        lambda: book(risks.cover(), processes=(risks.contracts(),)),
        nothing=lambda: book(risks.cover(amount=0.0), processes=(risks.contracts(),)),
    ),
    "il_cover": Sample(
        lambda: book(risks.il_cover()), nothing=lambda: book(risks.il_cover(amount=0.0))
    ),
    "uniswap_v2": Sample(lambda: book(defi.uniswap_v2()), amounts={"open": 0.2, "withdraw": 0.5}),
    "uniswap_v3": Sample(
        lambda: book(defi_v3.uniswap_v3()),
        amounts={"open": 0.2, "withdraw": 0.5, "collect": 0.7, "rerange": 0.2},
    ),
    "levered": Sample(lambda: book(defi.levered(), auctions.sold()), amounts=LEVERED_AMOUNTS),
    "levered_v3": Sample(
        lambda: book(defi_v3.levered_v3(), auctions.sold_range()),
        amounts=LEVERED_AMOUNTS | {"collect": 0.7, "rerange": 0.2},
    ),
    "compute_lease": Sample(
        lambda: book(mining.lease(), processes=(mining.flow(),)),
        amounts={"convert": 0.002},
        nothing=lambda: book(mining.lease(mw=0.0), processes=(mining.flow(),)),
    ),
    "mine": Sample(
        lambda: book(mine(), processes=(grid(),)),
        amounts={"run": 0.5, "open": 0.5},
        nothing=lambda: book(mine(machines={"count": 0}), processes=(grid(),)),
    ),
}
"""A book for every position."""

POLICIES: dict[str, Sample] = {
    "alert": Sample(
        lambda: book(defi.levered(), policies=(acting.alert(),)),
        idle=lambda: book(defi.levered(), policies=(acting.alert(bands=(1e-9,)),)),
    ),
    "follow_volatility": Sample(
        lambda: book(defi.levered(), policies=(acting.follow_volatility(),)),
        idle=lambda: book(defi.levered(), policies=(acting.follow_volatility(band=1e9),)),
    ),
    "ramp_down": Sample(
        lambda: book(
            defi.levered(threshold_changes=acting.CHANGES), policies=(acting.ramp_down(),)
        ),
        idle=lambda: book(defi.levered(), policies=(acting.ramp_down(target=1e-9),)),
    ),
    "rotate": Sample(
        lambda: book(
            *acting.farms(), processes=(acting.degen_yield(),), policies=(acting.rotate(),)
        ),
        idle=lambda: book(
            *acting.farms(),
            processes=(acting.degen_yield(),),
            policies=(acting.rotate(margin=1e9),),
        ),
    ),
    "hedge": Sample(
        lambda: book(defi.levered(), defi.future(size=0.0), policies=(defi.hedge(),)),
        idle=lambda: book(
            defi.levered(), defi.future(), policies=(defi.hedge(band=1e9, margin_floor=0.0),)
        ),
    ),
    "rerange": Sample(
        lambda: book(defi_v3.uniswap_v3(), policies=(defi_v3.rerange(),)),
        idle=lambda: book(
            defi_v3.uniswap_v3(range={"width": 1e6, "snap": "none"}),
            policies=(defi_v3.rerange(margin=0.0),),
        ),
    ),
    "stop_loss": Sample(
        lambda: book(
            defi.levered(),
            policies=(StopLoss(name="stop", position="farm", loss=0.2, trailing=True),),
        ),
        idle=lambda: book(
            defi.levered(), policies=(StopLoss(name="stop", position="farm", below=1e-9),)
        ),
    ),
    "take_profit": Sample(
        lambda: book(
            defi.uniswap_v2(),
            policies=(TakeProfit(name="gain", position="lp", price="eth_usd", above=2_200.0),),
        ),
        idle=lambda: book(
            defi.uniswap_v2(), policies=(TakeProfit(name="gain", position="lp", above=1e9),)
        ),
    ),
    "delever": Sample(
        lambda: book(
            defi.levered(),
            policies=(Delever(name="guard", position="farm", trigger=1.1, target=1.3),),
        ),
        idle=lambda: book(
            defi.levered(),
            policies=(Delever(name="guard", position="farm", trigger=1e-9, target=1.3),),
        ),
    ),
    "compound": Sample(
        lambda: book(
            defi.levered(), policies=(Compound(name="weekly", position="farm", interval_s="5d"),)
        ),
        idle=lambda: book(
            defi.levered(), policies=(Compound(name="rich", position="farm", gas_multiple=1e9),)
        ),
    ),
    "avoid_peaks": Sample(
        lambda: peaky_book(above=0.2),
        idle=lambda: peaky_book(above=1.0),
    ),
    "dispatch": Sample(
        lambda: book(
            mine(fleet={"machines": [menu()], "band_usd_per_mwh": 4.0}, held={}),
            processes=(grid(),),
            policies=(Dispatch(name="presets", position="mine"),),
        ),
        idle=lambda: book(
            mine(fleet={"machines": [menu()], "band_usd_per_mwh": 4.0}, held={}),
            processes=(grid(),),
            policies=(Dispatch(name="presets", position="mine", price_usd_per_mwh=-1e6),),
        ),
    ),
    "curtail": Sample(
        lambda: book(
            mine(),
            processes=(grid(),),
            policies=(Curtail(name="strike", position="mine", on_above_usd_per_mwh=5.0),),
        ),
        idle=lambda: book(
            mine(),
            processes=(grid(),),
            policies=(
                Curtail(
                    name="strike",
                    position="mine",
                    off_below_usd_per_mwh=-1e9,
                    on_above_usd_per_mwh=-1e9,
                ),
            ),
        ),
    ),
    "convert": Sample(
        lambda: lease_book(mining.convert()),
        idle=lambda: lease_book(mining.convert(hurdle_usd_per_mw=1e18)),
    ),
    "retire": Sample(
        lambda: fleet_book(mining.retire()),
        idle=lambda: fleet_book(mining.retire(below_usd_per_day=-1e9)),
    ),
    "upgrade": Sample(
        lambda: fleet_book(mining.upgrade()),
        idle=lambda: fleet_book(mining.upgrade(cash_floor_usd=1e9)),
    ),
    "sell_mined": Sample(
        lambda: book(
            mine(),
            processes=(grid(),),
            policies=(SellMined(name="cover", position="mine", sell="share", share=0.5),),
        ),
        idle=lambda: book(
            mine(),
            processes=(grid(),),
            policies=(SellMined(name="cover", position="mine", keep=1e9),),
        ),
    ),
}
"""A book for every policy, in which it acts on some paths."""
