"""
Synthetix as it stands on mainnet, put up anew: nineteen kinds of its contracts, wired together.

Real: Synthetix, Issuer, SynthetixDebtShare, DebtCache, Liquidator, LiquidatorRewards, Exchanger
with its library and state, ExchangeRates, DirectIntegrationManager, FeePool and RewardEscrowV2 with
their storage, two MultiCollateralSynths, the aggregators of total debt and debt ratio,
SystemStatus, FlexibleStorage, AddressResolver, proxies and token states. Ours
(`harness/SynthetixWorld.sol`): feeds, and the answers of parts that are left out.
"""

import re
from dataclasses import dataclass, field

from judge import artifacts
from judge.abi import Argument, keccak
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain

DEPLOYMENT = "package/publish/deployed/mainnet/deployment.json"
WORLD = "synthetix-world"
KEYS = ("sUSD", "sETH")
"""The synths, in the order in which they were added."""
REST = (
    "CircuitBreaker", "DelegateApprovals", "SynthRedeemer", "CollateralManager",
    "EtherWrapper", "WrapperFactory", "TradingRewards", "SynthetixBridgeToOptimism",
    "VirtualSynthMastercopy", "FuturesMarketManager", "DynamicSynthRedeemer", "RewardEscrow",
    "SupplySchedule",
)  # fmt: skip
"""Names that the world of ours answers to, if it is asked at all."""


def word(text: str) -> int:
    """A name as the contracts keep it: 32 bytes, filled up with zeros."""
    return int.from_bytes(text.encode().ljust(32, b"\0"), "big")


@dataclass
class SynthetixStage:
    """The chain, and where everything is."""

    chain: Chain
    at: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)

    def deploy(self, name: str, *arguments: Argument, label: str | None = None) -> str:
        """Deploy a contract of mainnet with its libraries."""
        code = artifacts.load("synthetix", DEPLOYMENT)["sources"][name]["bytecode"]
        found = re.findall(r"__\$[0-9a-f]+\$__", code)
        often = sorted(set(found), key=found.count)
        # the settlement library is called from more places than the one for decimals
        for mark, library in zip(often, ("SafeDecimalMath", "ExchangeSettlementLib"), strict=False):
            code = code.replace(mark, self.at[library].removeprefix("0x"))
        address = self.chain.deploy(bytes.fromhex(code.removeprefix("0x")), *arguments)
        self.at[label or name] = address
        return address

    def ours(self, name: str, label: str) -> str:
        """Deploy a contract of the world of ours."""
        self.at[label] = self.chain.deploy(creation_code(WORLD, f"{name}.json"))
        return self.at[label]

    def owner(self, to: str, signature: str, *arguments: Argument) -> list[int]:
        """Let the owner call something that must succeed."""
        return self.chain.must(OWNER, self.at[to], signature, *arguments)

    def set(self, setting: str, value: int) -> None:
        """Change a setting of the system, as its owner."""
        self.owner(
            "FlexibleStorage", "setUIntValue(bytes32,bytes32,uint256)",
            word("SystemSettings"), word(setting), value,
        )  # fmt: skip

    def set_fee_rate(self, key: str, value: int) -> None:
        """Change the base fee of a synth."""
        record = keccak(word("exchangeFeeRate").to_bytes(32, "big") + word(key).to_bytes(32, "big"))
        self.owner(
            "FlexibleStorage", "setUIntValue(bytes32,bytes32,uint256)",
            word("SystemSettings"), int.from_bytes(record, "big"), value,
        )  # fmt: skip


def set_synthetix_stage(now_ts: int, snx: dict[str, int], prices: dict[str, int]) -> SynthetixStage:
    """Put the system up, with balances of SNX and first prices."""
    chain = Chain()
    chain.at(now_ts)
    stage = SynthetixStage(chain)
    _deploy(stage)
    for key, price in prices.items():
        stage.feeds[key] = stage.ours("SynthetixFeed", f"feed {key}")
        chain.must(OWNER, stage.feeds[key], "push(int256,uint256)", price, now_ts)
    _wire(stage)
    _hand_out(stage, snx)
    for key in prices:
        stage.owner("ExchangeRates", "addAggregator(bytes32,address)", word(key), stage.feeds[key])
    for key in KEYS:
        stage.owner("Issuer", "addSynth(address)", stage.at[f"Synth{key}"])
    return stage


def _deploy(stage: SynthetixStage) -> None:
    resolver = stage.deploy("AddressResolver", OWNER)
    stage.deploy("SafeDecimalMath")
    stage.deploy("ExchangeSettlementLib")
    stage.deploy("FlexibleStorage", resolver)
    stage.deploy("SystemStatus", OWNER)
    for name in ("SynthetixDebtShare", "Issuer", "Liquidator", "LiquidatorRewards", "DebtCache",
                 "DirectIntegrationManager"):  # fmt: skip
        stage.deploy(name, OWNER, resolver)
    stage.deploy("ExchangeRatesWithDexPricing", OWNER, resolver, label="ExchangeRates")
    exchanger = stage.deploy("ExchangerWithFeeRecAlternatives", OWNER, resolver, label="Exchanger")
    stage.deploy("ExchangeState", OWNER, exchanger)
    for kind in ("IssuedSynths", "DebtRatio"):
        stage.deploy(f"OneNetAggregator{kind}", resolver, label=f"ext:Aggregator{kind}")
    escrow = stage.deploy("RewardEscrowV2", OWNER, resolver)
    stage.deploy("RewardEscrowV2Storage", OWNER, escrow)
    fee_pool = stage.deploy("FeePool", stage.deploy("Proxy", OWNER), OWNER, resolver)
    stage.owner("Proxy", "setTarget(address)", fee_pool)
    stage.deploy("FeePoolEternalStorage", OWNER, fee_pool)
    stage.ours("SynthetixFrozenEscrow", "frozen")
    stage.ours("SynthetixWorld", "world")
    for key in KEYS:
        proxy = stage.deploy("ProxyERC20", OWNER, label=f"Proxy{key}")
        state = stage.deploy("TokenState", OWNER, OWNER, label=f"TokenState{key}")
        name = key.encode()
        synth = stage.deploy(
            "MultiCollateralSynth", proxy, state, name, name, OWNER, word(key), 0, resolver,
            label=f"Synth{key}",
        )  # fmt: skip
        stage.owner(f"Proxy{key}", "setTarget(address)", synth)
        stage.owner(f"TokenState{key}", "setAssociatedContract(address)", synth)
    proxy = stage.deploy("ProxyERC20", OWNER, label="ProxySNX")
    state = stage.deploy("TokenState", OWNER, OWNER, label="TokenStateSNX")
    snx = stage.deploy("Synthetix", proxy, state, OWNER, 0, resolver)
    stage.owner("ProxySNX", "setTarget(address)", snx)


def _wire(stage: SynthetixStage) -> None:
    names = {name: place for name, place in stage.at.items() if not name.startswith("feed")}
    names |= dict.fromkeys(REST, stage.at["world"])
    names |= dict.fromkeys(("SystemSettings", "RewardsDistribution"), OWNER)
    places = [int(place, 16) for place in names.values()]
    resolver = "importAddresses(bytes32[],address[])"
    stage.owner("AddressResolver", resolver, [word(name) for name in names], places)
    for name in ("SynthetixDebtShare", "Issuer", "Liquidator", "LiquidatorRewards", "DebtCache",
                 "DirectIntegrationManager", "ExchangeRates", "Exchanger", "Synthetix",
                 "SynthsUSD", "SynthsETH", "FeePool", "RewardEscrowV2"):  # fmt: skip
        stage.owner(name, "rebuildCache()")
    stage.owner("RewardEscrowV2Storage", "setFallbackRewardEscrow(address)", stage.at["frozen"])
    stage.owner(
        "RewardEscrowV2", "setPermittedEscrowCreator(address,bool)",
        stage.at["LiquidatorRewards"], 1,
    )  # fmt: skip


def _hand_out(stage: SynthetixStage, snx: dict[str, int]) -> None:
    for account, amount in snx.items():
        stage.owner("TokenStateSNX", "setBalanceOf(address,uint256)", account, amount)
    stage.owner("TokenStateSNX", "setAssociatedContract(address)", stage.at["Synthetix"])
