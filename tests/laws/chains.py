"""Samples of chains' gas: mainnet, and two layers 2 that read what it charges."""

from headframe.processes.arbitrum_gas import ArbitrumGas
from headframe.processes.ethereum_gas import EthereumGas
from headframe.processes.optimism_gas import OptimismGas

L1 = {"l1_base_fee_gwei": "mainnet_gas_base_fee_gwei", "l1_blob_gwei": "mainnet_gas_blob_gwei"}


def ethereum_gas(**changes):
    """Mainnet, with blobs in demand and keepers who stop bidding."""
    usual = {
        "name": "mainnet_gas",
        "median_gwei": 10.0,
        "open_gwei": 30.0,
        "blob_median_gwei": 1.0,
        "blob_volatility": 20.0,
        "keepers_bid_gwei": 25.0,
        "units": {"harvest": 350_000},
    }
    return EthereumGas(**(usual | changes))


def optimism_gas(**changes):
    """An OP Stack chain over mainnet."""
    usual = {"name": "op_gas", "units": {"harvest": 350_000}, "bytes": {"harvest": 500}}
    return OptimismGas(**(usual | L1 | changes))


def arbitrum_gas(**changes):
    """An Arbitrum chain over mainnet, sometimes above its floor."""
    usual = {"name": "arbitrum_gas", "units": {"harvest": 350_000}, "bytes": {"harvest": 500}}
    return ArbitrumGas(**(usual | L1 | {"median_gwei": 0.02} | changes))
