"""
What the duel over Alpaca deploys: tokens, Pancake's exchange and farm, and the whole of a vault.

Real are the exchange (factory, pairs, router of version 2), the farm (MasterChef with CAKE and
SYRUP), the price oracle, all of the vault's contracts, and the debt token. Alpaca's own FairLaunch,
where debt tokens are staked, is a contract of ours that accepts everything.
"""

import random
from dataclasses import dataclass

from judge.abi import call, encode, selector
from judge.artifacts import creation_code
from judge.chain import OWNER, Chain
from judge.told import Told

from .stage import PURSE, V2_CORE

ALPACA_PACKAGE = "@alpaca-finance/alpaca-contract"
USERS = tuple(f"0x{digit * 40}" for digit in "1234")
"""Lenders, farmers, killers; the last has no money and no rights."""
TREASURY, DEV, NATIVE = ("0x" + digits * 20 for digits in ("7e", "de", "bb"))
FOREVER = (1 << 256) - 1
_PATHS = {
    "PancakeFactory": "@pancakeswap-libs/pancake-swap-core/contracts/PancakeFactory.sol",
    "Vault": "contracts/6/protocol/Vault.sol",
    "DebtToken": "contracts/6/protocol/DebtToken.sol",
    "ConfigurableInterestVaultConfig": "contracts/6/protocol/ConfigurableInterestVaultConfig.sol",
    "TripleSlopeModel": "contracts/6/protocol/interest-models/TripleSlopeModel.sol",
    "SimplePriceOracle": "contracts/6/protocol/price-oracle/SimplePriceOracle.sol",
    "WorkerConfig": "contracts/6/protocol/workers/WorkerConfig.sol",
    "PancakeswapV2Worker02": "contracts/6/protocol/workers/pcs/PancakeswapV2Worker02.sol",
    "PancakeMasterChef": "contracts/6/protocol/apis/pancake/PancakeMasterChef.sol",
    "CakeToken": "contracts/6/protocol/apis/pancake/PancakeMasterChef.sol",
    "SyrupBar": "contracts/6/protocol/apis/pancake/PancakeMasterChef.sol",
    "PancakeRouterV2": "contracts/6/protocol/apis/pancakeV2/PancakeRouterV2.sol",
}
_RESTRICTED = "contracts/6/protocol/strategies/pancakeswapV2-restricted"
_STRATEGY_FILES = {
    "AddBaseTokenOnly": "AddBaseTokenOnly",
    "AddTwoSidesOptimal": "AddTwosidesOptimal",
    "Liquidate": "Liquidate",
    "WithdrawMinimizeTrading": "WithdrawMinimizeTrading",
    "PartialCloseLiquidate": "PartialCloseLiquidate",
    "PartialCloseMinimizeTrading": "PartialCloseMinimizeTrading",
}


@dataclass(frozen=True)
class Terms:
    """What the owner of a vault decided, drawn."""

    bounty_bps: int
    treasury: str
    threshold: int
    buyback_bps: int
    buyback_own: bool
    min_debt: int
    reserve_bps: int
    kill_bps: int
    kill_treasury_bps: int
    cake_per_block: int


def draw_terms(rng: random.Random) -> Terms:
    """Draw the owner's decisions."""
    return Terms(
        bounty_bps=rng.choice((0, 100, 300, 500)),
        treasury=rng.choice((TREASURY, "0x" + "00" * 20)),
        threshold=rng.choice((0, 10**15, 10**20)),
        buyback_bps=rng.choice((0, 0, 1_000, 10_000)),
        buyback_own=rng.random() < 0.5,
        min_debt=rng.choice((0, 10**15)),
        reserve_bps=rng.choice((0, 1_000, 1_900)),
        kill_bps=rng.choice((0, 100, 500)),
        kill_treasury_bps=rng.choice((0, 400, 499)),
        cake_per_block=rng.choice((0, 10**15, 40 * 10**18)),
    )


class AlpacaStage:
    """Every contract, by its address."""

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        self.now_ts, self.now_height = rng.randint(1_600_000_000, 1_900_000_000), 1_000
        self.chain.at(self.now_ts, self.now_height)
        self.terms = draw_terms(rng)
        self._deploy_exchange(rng)
        self._deploy_farm()
        self._deploy_vault()
        self._deploy_worker()
        self._approve()

    def must(self, to: str, signature: str, *arguments: object) -> list[int]:
        """Call as the owner what is known to succeed."""
        return self.chain.must(OWNER, to, signature, *arguments)  # type: ignore[arg-type]

    def send(self, to: str, data: bytes) -> None:
        """The same with data made elsewhere."""
        answer = self.chain.send(OWNER, to, data)
        assert not answer.failed, answer.data

    def let_time_pass(self, rng: random.Random) -> None:
        """Move on by nothing, seconds, days, or a year; a block every three seconds."""
        spans = (0, 3, 60, 3_600, 86_400, 30 * 86_400, 31_536_000)
        dt_s = rng.randint(0, rng.choices(spans, (50, 20, 20, 20, 10, 3, 1))[0])
        self.now_ts += dt_s
        self.now_height += (dt_s + 2) // 3
        self.chain.at(self.now_ts, self.now_height)

    def _deploy(self, name: str, *arguments: object) -> str:
        code = creation_code(ALPACA_PACKAGE, f"package/artifacts/{_PATHS[name]}/{name}.json")
        return self.chain.deploy(code, *arguments)  # type: ignore[arg-type]

    def _deploy_exchange(self, rng: random.Random) -> None:
        code = creation_code(V2_CORE, "package/build/ERC20.json")
        tokens = [self.chain.deploy(code, FOREVER) for _ in range(2)]
        rng.shuffle(tokens)
        self.base, self.farm = tokens
        self.cake = self._deploy("CakeToken")
        self.must(self.cake, "mint(address,uint256)", OWNER, 1 << 200)
        self.factory = self._deploy("PancakeFactory", OWNER)
        self.router = self._deploy("PancakeRouterV2", self.factory, NATIVE)
        for one, other in ((self.base, self.farm), (self.cake, self.base)):
            self.must(self.factory, "createPair(address,address)", one, other)
        self.lp = self._pair(self.base, self.farm)
        self.cake_lp = self._pair(self.cake, self.base)

    def _pair(self, one: str, other: str) -> str:
        return self.chain.address_of(self.factory, "getPair(address,address)", one, other)

    def _deploy_farm(self) -> None:
        self.syrup = self._deploy("SyrupBar", self.cake)
        self.chef = self._deploy(
            "PancakeMasterChef", self.cake, self.syrup, DEV, self.terms.cake_per_block, 0
        )
        for token in (self.cake, self.syrup):
            self.must(token, "transferOwnership(address)", self.chef)
        self.must(self.chef, "add(uint256,address,bool)", 3_000, self.lp, False)

    def _deploy_vault(self) -> None:
        terms = self.terms
        self.fair_launch = Told(self.chain).address
        self.model = self._deploy("TripleSlopeModel")
        self.config = self._deploy("ConfigurableInterestVaultConfig")
        self.must(
            self.config,
            "initialize(uint256,uint256,uint256,address,address,address,address,uint256,address)",
            terms.min_debt, terms.reserve_bps, 0, self.model, NATIVE, NATIVE, self.fair_launch,
            0, TREASURY,
        )  # fmt: skip
        self.must(self.config, "setMaxKillBps(uint256)", 999)
        self.must(
            self.config,
            "setParams(uint256,uint256,uint256,address,address,address,address,uint256,address)",
            terms.min_debt, terms.reserve_bps, terms.kill_bps, self.model, NATIVE, NATIVE,
            self.fair_launch, terms.kill_treasury_bps, TREASURY,
        )  # fmt: skip
        self.debt_token = self._deploy("DebtToken")
        self.must(self.debt_token, "initialize(string,string,address)", b"d", b"d", OWNER)
        self.vault = self._deploy("Vault")
        holders = [int(self.vault, 16), int(self.fair_launch, 16)]
        self.must(self.debt_token, "setOkHolders(address[],bool)", holders, True)
        self.must(self.debt_token, "transferOwnership(address)", self.vault)
        self.must(
            self.vault, "initialize(address,address,string,string,uint8,address)",
            self.config, self.base, b"ib", b"ib", 18, self.debt_token,
        )  # fmt: skip
        self.must(self.vault, "setFairLaunchPoolId(uint256)", 0)

    def _deploy_worker(self) -> None:
        terms = self.terms
        self.oracle = self._deploy("SimplePriceOracle")
        self.must(self.oracle, "initialize(address)", OWNER)
        self.worker_config = self._deploy("WorkerConfig")
        self.must(self.worker_config, "initialize(address)", self.oracle)
        self.strategies = {kind: self._deploy_strategy(kind) for kind in _STRATEGY_FILES}
        self.worker = self._deploy("PancakeswapV2Worker02")
        path = [int(self.cake, 16), int(self.base, 16)]
        self.must(
            self.worker,
            "initialize(address,address,address,address,uint256,address,address,uint256,address,"
            "address[],uint256)",
            self.vault, self.base, self.chef, self.router, 1, self.strategies["AddBaseTokenOnly"],
            self.strategies["Liquidate"], terms.bounty_bps, terms.treasury, path, terms.threshold,
        )  # fmt: skip
        self._allow()
        if terms.buyback_bps:
            self._set_buyback(path)

    def _set_buyback(self, path: list[int]) -> None:
        self.beneficial = self.vault
        if not self.terms.buyback_own:
            told = Told(self.chain)
            told.tell(self.farm, "token()")
            self.beneficial, path = told.address, [*path, int(self.farm, 16)]
        self.must(
            self.worker, "setBeneficialVaultConfig(uint256,address,address[])",
            self.terms.buyback_bps, self.beneficial, path,
        )  # fmt: skip

    def _deploy_strategy(self, kind: str) -> str:
        name = f"PancakeswapV2RestrictedStrategy{_STRATEGY_FILES[kind]}"
        inner = f"PancakeswapV2RestrictedStrategy{kind}"
        path = f"package/artifacts/{_RESTRICTED}/{name}.sol/{inner}.json"
        deployed = self.chain.deploy(creation_code(ALPACA_PACKAGE, path))
        if "Minimize" in kind:
            self.must(deployed, "initialize(address,address,address)", self.router, NATIVE, NATIVE)
        elif "TwoSides" in kind:
            self.must(deployed, "initialize(address,address)", self.router, self.vault)
        else:
            self.must(deployed, "initialize(address)", self.router)
        return deployed

    def _allow(self) -> None:
        worker, all_of_them = [int(self.worker, 16)], [int(s, 16) for s in self.strategies.values()]
        for strategy in self.strategies.values():
            self.must(strategy, "setWorkersOk(address[],bool)", worker, True)
        self.must(self.worker, "setStrategyOk(address[],bool)", all_of_them, True)
        self.must(self.worker, "setReinvestorOk(address[],bool)", [int(USERS[0], 16)], True)
        self.must(
            self.config, "setWorkers(address[],address[])", worker, [int(self.worker_config, 16)]
        )
        killers = [int(user, 16) for user in USERS[:2]]
        self.must(self.config, "setWhitelistedLiquidators(address[],bool)", killers, True)
        adders = [int(self.strategies[k], 16) for k in ("AddBaseTokenOnly", "AddTwoSidesOptimal")]
        self.must(self.config, "setApprovedAddStrategy(address[],bool)", adders, True)

    def _approve(self) -> None:
        for token in (self.base, self.farm):
            for user in USERS[:3]:
                self.must(token, "transfer(address,uint256)", user, PURSE)
            for user in USERS:
                self.chain.must(user, token, "approve(address,uint256)", self.vault, FOREVER)
        for token in (self.base, self.farm, self.cake):
            self.must(token, "approve(address,uint256)", self.router, FOREVER)
        self.must(self.lp, "approve(address,uint256)", self.chef, FOREVER)


def configs_data(worker: str, accept: bool, work: int, kill: int, diff: int) -> bytes:
    """Data of WorkerConfig.setConfigs for one worker: a list of structures."""
    signature = "setConfigs(address[],(bool,uint64,uint64,uint64)[])"
    return selector(signature) + encode(0x40, 0x80, 1, worker, 1, accept, work, kill, diff)


def prices_data(token0: str, token1: str, price: int) -> bytes:
    """Data of SimplePriceOracle.setPrices for one pair of tokens."""
    ones = ([int(token0, 16)], [int(token1, 16)], [price])
    return call("setPrices(address[],address[],uint256[])", *ones)
