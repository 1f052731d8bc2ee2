"""Gas on mainnet and on two layers 2: levels, costs by their formulas, congestion, bad input."""

import numpy as np
import pytest

from headframe.exact import arbitrum_gas as arbitrum
from headframe.exact import optimism_l1_fee as optimism
from headframe.processes.arbitrum_gas import ArbitrumGas
from headframe.processes.constant import Constant
from headframe.processes.ethereum_gas import EthereumGas
from headframe.processes.gbm import GBM
from headframe.processes.optimism_gas import OptimismGas
from headframe.scenarios.stress import Shock

ETH = GBM(name="eth_usd", start=2_000.0, volatility=0.7)
CALM = Constant(name="eth_usd", value=2_000.0)
L1 = {"l1_base_fee_gwei": "mainnet_gas_base_fee_gwei", "l1_blob_gwei": "mainnet_gas_blob_gwei"}
HOUR_S = 3_600.0


def mainnet(**changes):
    usual = {"median_gwei": 10.0, "units": {"harvest": 350_000, "exit": 600_000}}
    return EthereumGas(name="mainnet_gas", **(usual | changes))


def op(**changes):
    usual = {"units": {"harvest": 350_000}, "bytes": {"harvest": 345.0}}
    return OptimismGas(name="op_gas", **(L1 | usual | changes))


def one(**changes):
    usual = {"units": {"harvest": 350_000}, "bytes": {"harvest": 400.0}}
    return ArbitrumGas(name="arbitrum_gas", **(L1 | usual | changes))


def test_costs_are_gas_times_price(walk):
    for now in walk([mainnet(), ETH], 5, n_paths=100):
        expected = now["mainnet_gas_gwei"] * 1e-9 * 350_000 * now["eth_usd"]
        assert np.allclose(now["mainnet_gas_usd_per_harvest"], expected, rtol=1e-13)


def test_the_median_base_fee_is_the_median(end):
    quiet = mainnet(response=0.0, fill_sd=0.0, open_gwei=40.0)
    fee = end([quiet, CALM], 60)["mainnet_gas_base_fee_gwei"]
    assert (fee < 10.0).mean() == pytest.approx(0.5, abs=4.0 * 0.5 / np.sqrt(fee.size))


def test_fills_spread_the_base_fee_as_blocks_do(end):
    """Block by block: b' = b (1 + (fill - 1) / 8), fills about w / b, uneven by a quarter."""
    still = mainnet(volatility=0.0, response=0.0, fill_sd=0.25)
    found = end([still, CALM], 3, step_s=HOUR_S)["mainnet_gas_base_fee_gwei"]
    rng, fee = np.random.default_rng(5), np.full(20_000, 10.0)
    for _ in range(200):
        uneven = np.exp(0.2462 * rng.standard_normal(fee.size) - 0.2462**2 / 2)  # sd 0.25
        fee += fee * (np.minimum(10.0 / fee * uneven, 2.0) - 1.0) / 8.0
    assert np.log(found).std() == pytest.approx(np.log(fee).std(), rel=0.05)


def crash(start="1d"):
    return Shock(name="crash", observable="eth_usd", at_s=start, multiply=0.6)


def test_gas_is_dear_when_the_coin_falls(walk):
    """A gap of 40 % makes users pay 1 + 50 (ln(1/0.6) - 0.03) = 25.0 times; then that decays."""
    quiet = mainnet(volatility=0.0, fill_sd=0.0, tip_gwei=0.0)
    steps = walk([quiet, CALM], 12, step_s=HOUR_S, n_paths=4, shocks=(crash("3h"),))
    fees = np.array([now["mainnet_gas_base_fee_gwei"][0] for now in steps])
    dear = 10.0 * (1.0 + 50.0 * (-np.log(0.6) - 0.03))
    assert fees[2] == pytest.approx(10.0)
    assert fees[3] == pytest.approx(dear, rel=1e-6)
    # the squared move halves in 3 hours, the move in 6
    assert fees[9] == pytest.approx(10.0 * (1.0 + 50.0 * (-np.log(0.6) / 2.0 - 0.03)), rel=1e-6)


def test_keepers_are_priced_out_when_it_matters(walk):
    quiet = mainnet(volatility=0.0, keepers_bid_gwei=50.0)
    steps = walk([quiet, CALM], 5, step_s=HOUR_S, n_paths=4, shocks=(crash("3h"),))
    there = [now["mainnet_gas_keepers"][0] for now in steps]
    assert there == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_tips_clear_full_blocks(walk):
    """A minute after demand is 25 times the target's, blocks are full: what is paid is w / 2."""
    quiet = mainnet(volatility=0.0, fill_sd=0.0)
    steps = walk([quiet, CALM], 3, step_s=60.0, n_paths=2, shocks=(crash("2min"),))
    for now in steps:
        base, paid = now["mainnet_gas_base_fee_gwei"][0], now["mainnet_gas_gwei"][0]
        if now.t_s == 120.0:
            break
    assert base == pytest.approx(10.0 * 1.125**5, rel=1e-9)
    assert paid == pytest.approx(10.0 * (1.0 + 50.0 * (-np.log(0.6) - 0.03)) / 2, rel=1e-3)


def test_blobs_cost_a_sixteenth_of_the_base_fee_at_least(walk):
    dear = mainnet(blob_median_gwei=1.0, blob_volatility=30.0)
    for gas in (mainnet(), dear):
        for now in walk([gas, ETH], 5, n_paths=500):
            assert (now["mainnet_gas_blob_gwei"] >= now["mainnet_gas_base_fee_gwei"] / 16).all()
    assert (now["mainnet_gas_blob_gwei"] > now["mainnet_gas_base_fee_gwei"] / 8).any()


def test_optimism_charges_the_exact_fee(walk):
    """Execution at the chain's gas, and data as `exact` has it, to a part in 1e8."""
    gas = op(fastlz_share=202 / 345)
    for now in walk([mainnet(), gas, ETH], 3, n_paths=5):
        for k in range(5):
            base, blob = (
                round(now[f"mainnet_gas_{x}"][k] * 1e9) for x in ("base_fee_gwei", "blob_gwei")
            )
            prices = optimism.L1Prices(base, 5_227, blob, 1_014_213)
            wei = optimism.l1_fee_fjord_down(202, prices) + 350_000 * 1e9 * now["op_gas_gwei"][k]
            usd = wei * 1e-18 * now["eth_usd"][k]
            assert now["op_gas_usd_per_harvest"][k] == pytest.approx(usd, rel=1e-7)


def test_arbitrum_charges_the_exact_fee(walk):
    gas = one(data_half_life_s=1e-3)
    for now in walk([mainnet(), gas, ETH], 3, n_paths=5):
        for k in range(5):
            per_byte = now["arbitrum_gas_data_gwei_per_byte"][k]
            posted = (
                0.3 * now["mainnet_gas_base_fee_gwei"][k] + 1.1 * now["mainnet_gas_blob_gwei"][k]
            )
            assert per_byte == pytest.approx(posted)
            wei = arbitrum.transaction_fee_wei(
                350_000,
                240,
                price_per_unit_wei=round(per_byte * 1e9 / 16),
                base_fee_wei=round(now["arbitrum_gas_gwei"][k] * 1e9),
            )
            usd = wei * 1e-18 * now["eth_usd"][k]
            assert now["arbitrum_gas_usd_per_harvest"][k] == pytest.approx(usd, rel=1e-5)


def test_arbitrum_rests_on_its_floor_and_leaves_it_in_a_crash(walk):
    calm = one(volatility=0.0, fill_sd=0.0)
    steps = walk([mainnet(), calm, CALM], 4, step_s=HOUR_S, n_paths=2, shocks=(crash("3h"),))
    price = [now["arbitrum_gas_gwei"][0] for now in steps]
    assert price[:3] == [0.02] * 3
    assert price[3] == pytest.approx(0.01 * 25.04, rel=0.01)


def test_data_follow_mainnet_with_a_lag(walk):
    still = mainnet(volatility=0.0, fill_sd=0.0)
    slow = one(data_half_life_s="2h")
    steps = walk([still, slow, CALM], 3, step_s=HOUR_S, n_paths=2, shocks=(crash("2h"),))
    names = ("arbitrum_gas_data_gwei_per_byte", "mainnet_gas_base_fee_gwei")
    seen = [[now[name][0] for name in names] for now in steps]
    before, after = seen[1][0], seen[2][1] * (0.3 + 1.1 / 16)
    assert seen[2][0] == pytest.approx(after + (before - after) * 2.0**-0.5, rel=1e-9)


def test_a_layer_2_is_far_cheaper(end):
    now = end([mainnet(median_gwei=1.0), op(), one(), ETH], 30, n_paths=2_000)
    dear = now["mainnet_gas_usd_per_harvest"].mean()
    for cheap in ("op_gas_usd_per_harvest", "arbitrum_gas_usd_per_harvest"):
        assert now[cheap].mean() < dear / 15.0


@pytest.mark.parametrize(
    ("make", "changes", "told"),
    [
        (mainnet, {"median_gwei": 0.0}, "greater than 0"),
        (mainnet, {"blob_floor_share": 1.5}, "less than or equal to 1"),
        (mainnet, {"response": -1.0}, "greater than or equal to 0"),
        (op, {"bytes": {"exit": 300.0}}, "bytes lacks harvest"),
        (op, {"units": {"harvest": 1.0, "exit": 2.0}}, "bytes lacks exit"),
        (one, {"bytes": {"harvest": 1.0, "exit": 2.0}}, "units lacks exit"),
        (op, {"elasticity": 1.0}, "greater than 1"),
        (one, {"fullest": 0.5}, "greater than 1"),
    ],
)
def test_nonsense_is_refused(make, changes, told):
    with pytest.raises(ValueError, match=told):
        make(**changes)
