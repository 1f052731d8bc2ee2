"""
How much gas the usual transactions take, and how large they are: what a gas process is told.

Gas is the same on mainnet and on a layer 2; what differs is its price, and that a layer 2 charges
for the bytes. Figures are of the protocols' own test runs, or of bytecode run by us where these
were not found; a token behind a proxy (USDC) adds some 10,000 a transfer, an aggregator more.

    units = { delever = 305_000 }        bytes = { delever = 540 }

What takes several calls is one transaction of a wallet's or a protocol's contract: the sum of its
parts, with the 21,000 of a transaction counted once. Book-keeping of that contract is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TRANSACTION_GAS = 21_000
"""Gas of a transaction that does nothing."""
SIGNED_BYTES = 112
"""Bytes of a signed transaction beside its calldata: nonce, fees, addresses, signature."""
V2 = (
    "Router02 and pair of npm's releases, run by us: plain tokens, some storage warm; a lower bound"
)
"""Source of the figures of adding and removing constant-product liquidity."""
ROUTER = "Uniswap/smart-order-router, heuristic gas model of v2: base cost of a swap"
"""Source of the constant-product swap."""
CHEF = "SushiSwap's MasterChef, run by us: some storage warm; a lower bound; deposits also harvest"
"""Source of the farms' figures."""
V3 = "Uniswap/v3-periphery, gas snapshots of its tests (NonfungiblePositionManager, SwapRouter)"
"""Source of the concentrated-liquidity figures."""
AAVE = "aave-dao/aave-v3-origin, snapshots/Pool.Operations.json"
"""Source of Aave's figures."""


@dataclass(frozen=True)
class Action:
    """A transaction: gas, calldata in bytes, and who says so."""

    gas: int
    calldata: int
    source: str

    @property
    def bytes(self) -> int:
        """The size of the signed transaction."""
        return self.calldata + SIGNED_BYTES


def together(*parts: Action) -> Action:
    """
    Several calls as one transaction.

    >>> together(Action(121_000, 100, "a"), Action(71_000, 200, "b"))
    Action(gas=171000, calldata=300, source='sum of its parts')
    """
    gas = sum(part.gas for part in parts) - TRANSACTION_GAS * (len(parts) - 1)
    return Action(gas, sum(part.calldata for part in parts), "sum of its parts")


V2_ADD = Action(107_000, 260, V2)
"""addLiquidity into a pair that exists."""
V2_REMOVE = Action(111_000, 228, V2)
"""removeLiquidity."""
V2_SWAP = Action(135_000, 260, ROUTER)
"""swapExactTokensForTokens over one pair."""
V3_MINT = Action(369_000, 356, V3)
"""mint of a range whose ticks are in use; 435,000 where they are not."""
V3_INCREASE = Action(189_000, 196, V3)
"""increaseLiquidity."""
V3_EXIT = Action(178_000, 516, V3)
"""decreaseLiquidity, collect and burn in one multicall."""
V3_DECREASE = Action(163_000, 164, V3)
"""decreaseLiquidity of a part."""
V3_COLLECT = Action(73_000, 132, V3)
"""collect."""
V3_SWAP = Action(111_000, 260, V3)
"""exactInput over one pool."""
STAKE = Action(54_000, 68, CHEF)
"""deposit."""
UNSTAKE = Action(46_000, 68, CHEF)
"""withdraw; of nothing it harvests."""
SUPPLY = Action(147_000, 132, AAVE)
"""supply to a reserve that is collateral."""
BORROW = Action(250_000, 164, AAVE)
"""borrow again."""
REPAY = Action(190_000, 132, AAVE)
"""repay a part."""
WITHDRAW = Action(240_000, 100, AAVE)
"""withdraw a part while something is borrowed."""
LIQUIDATE = Action(384_000, 164, AAVE)
"""liquidationCall of a part."""

GAS_UNITS: Mapping[str, Mapping[str, Action]] = MappingProxyType(
    {
        "uniswap_v2": {
            "open": together(V2_SWAP, V2_ADD),
            "close": together(V2_REMOVE, V2_SWAP),
            "swap": V2_SWAP,
        },
        "uniswap_v3": {
            "open": together(V3_SWAP, V3_MINT),
            "close": together(V3_EXIT, V3_SWAP),
            "collect": V3_COLLECT,
            "compound": together(V3_COLLECT, V3_SWAP, V3_INCREASE),
            "rerange": together(V3_EXIT, V3_SWAP, V3_MINT),
        },
        "farm": {
            "open": STAKE,
            "close": UNSTAKE,
            "harvest": UNSTAKE,
            "compound": together(UNSTAKE, V2_SWAP, STAKE),
        },
        "aave_v3": {
            "supply": SUPPLY,
            "borrow": BORROW,
            "repay": REPAY,
            "withdraw": WITHDRAW,
            "open": together(SUPPLY, BORROW),
            "close": together(REPAY, WITHDRAW),
            "delever": together(WITHDRAW, V2_SWAP, REPAY),
            "liquidate": LIQUIDATE,
        },
        "levered": {
            "open": together(BORROW, V2_SWAP, V2_ADD, STAKE),
            "close": together(UNSTAKE, V2_REMOVE, V2_SWAP, REPAY),
            "delever": together(UNSTAKE, V2_REMOVE, REPAY),
            "compound": together(UNSTAKE, V2_SWAP, V2_ADD, STAKE),
            "liquidate": together(UNSTAKE, V2_REMOVE, V2_SWAP, REPAY),
        },
        "levered_v3": {
            "open": together(BORROW, V3_SWAP, V3_MINT),
            "close": together(V3_EXIT, V3_SWAP, REPAY),
            "delever": together(V3_DECREASE, V3_COLLECT, REPAY),
            "rerange": together(V3_EXIT, V3_SWAP, V3_MINT),
        },
    }
)
"""Transactions by kind of position and action."""
