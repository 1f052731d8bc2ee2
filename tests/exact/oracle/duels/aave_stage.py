"""
What the duel of Aave 3.0 sets up: the whole market, deployed and linked, and assets in it.

The owner stands in for the pool's configurator, so that any configuration can be set.
"""

import random
from dataclasses import dataclass
from functools import cache

from judge.abi import WORD, encode, keccak, pack, selector
from judge.artifacts import creation_code, linked_creation_code
from judge.chain import OWNER, Chain

from headframe.exact import aave_v3_0 as aave

CORE = "@aave/core-v3"
USERS = tuple(f"0x{digit * 40}" for digit in "12345")
"""Accounts that supply, borrow and liquidate."""
TREASURY = "0x" + "fe" * 20
PURSE = 1 << 200
"""What every user owns of every asset, in its smallest unit: never the limit of a move."""
RESERVE_WORDS = 10
ROLE = int.from_bytes(keccak(b"ISOLATED_COLLATERAL_SUPPLIER"), "big")
CONFIGURATOR = int.from_bytes(b"POOL_CONFIGURATOR".ljust(32, b"\0"), "big")
PROTOCOL = {
    "Pool": "pool/Pool",
    "ACLManager": "configuration/ACLManager",
    "PoolAddressesProvider": "configuration/PoolAddressesProvider",
    "DefaultReserveInterestRateStrategy": "pool/DefaultReserveInterestRateStrategy",
    **{name: f"tokenization/{name}" for name in ("AToken", "VariableDebtToken", "StableDebtToken")},
}
"""Where the package keeps its contracts, below `protocol`."""


@cache
def _path(name: str) -> str:
    if name.endswith("Logic"):
        place = f"protocol/libraries/logic/{name}"
    elif name in PROTOCOL:
        place = f"protocol/{PROTOCOL[name]}"
    else:
        place = f"mocks/{'oracle' if name == 'PriceOracle' else 'tokens'}/{name}"
    return f"package/artifacts/contracts/{place}.sol/{name}.json"


@dataclass
class Market:
    """A deployed pool with its oracle, and the contracts of each asset by its address."""

    chain: Chain
    pool: str
    provider: str
    oracle: str
    acl: str
    tokens: dict[str, tuple[str, ...]]
    """By asset: the aToken first, the variable debt token last."""
    now_ts: int
    strategy: str = ""
    """The rate strategy, where all assets share one."""

    def let_time_pass(self, rng: random.Random) -> None:
        """Move on by nothing, a block, hours, or months."""
        most = rng.choice((0, 0, 1, 12, 3_600, 86_400, 86_400 * 30, 86_400 * 400))
        self.now_ts += rng.randint(0, most)
        self.chain.at(self.now_ts)

    def configure(self, asset: str, word: int) -> None:
        """Set an asset's parameters, packed."""
        self.chain.must(OWNER, self.pool, "setConfiguration(address,(uint256))", asset, word)

    def set_price(self, asset: str, price: int) -> None:
        """Let the oracle say another price."""
        self.chain.must(OWNER, self.oracle, "setAssetPrice(address,uint256)", asset, price)

    def let_supply_isolated(self, user: str) -> None:
        """Give a user the role whose supplies of isolated assets become collateral."""
        self.chain.must(OWNER, self.acl, "grantRole(bytes32,address)", ROLE, user)


def hand_out(market: Market, asset: str) -> None:
    """Give an asset to all users, who let the pool take it."""
    for user in USERS:
        market.chain.must(OWNER, asset, "mint(address,uint256)", user, PURSE)
        market.chain.must(user, asset, "approve(address,uint256)", market.pool, WORD - 1)


def list_asset(
    market: Market, configuration: aave.ReserveConfiguration, strategy: aave.InterestRateStrategy
) -> str:
    """Deploy an asset with its tokens and its curve, list it, hand it to the users."""
    deploy, must = market.chain.deploy, market.chain.must
    decimals = configuration.decimals
    asset = deploy(creation_code(CORE, _path("MintableERC20")), b"Asset", b"A", decimals)
    a_token, stable, variable = (
        deploy(creation_code(CORE, _path(name)), market.pool)
        for name in ("AToken", "StableDebtToken", "VariableDebtToken")
    )
    names = (b"name", b"symbol", b"")
    signature = "initialize(address,address,address,address,uint8,string,string,bytes)"
    must(OWNER, a_token, signature, market.pool, TREASURY, asset, 0, decimals, *names)
    signature = "initialize(address,address,address,uint8,string,string,bytes)"
    for token in (stable, variable):
        must(OWNER, token, signature, market.pool, asset, 0, decimals, *names)
    curve = deploy(
        creation_code(CORE, _path("DefaultReserveInterestRateStrategy")),
        market.provider,
        strategy.optimal_usage_ratio_ray,
        strategy.base_variable_borrow_rate_ray,
        strategy.variable_rate_slope1_ray,
        strategy.variable_rate_slope2_ray,
        strategy.stable_rate_slope1_ray,
        strategy.stable_rate_slope2_ray,
        strategy.base_stable_rate_offset_ray,
        10**25,
        2 * 10**26,
    )
    signature = "initReserve(address,address,address,address,address)"
    must(OWNER, market.pool, signature, asset, a_token, stable, variable, curve)
    market.configure(asset, configuration_word(configuration))
    market.tokens[asset] = (a_token, stable, variable)
    hand_out(market, asset)
    return asset


def set_e_mode(market: Market, number: int, mode: aave.EModeCategory) -> None:
    """Make an efficiency mode."""
    terms = (mode.ltv_bps, mode.liquidation_threshold_bps, mode.liquidation_bonus_bps)
    source = str(mode.price_source or "0x0")
    signature = "configureEModeCategory(uint8,(uint16,uint16,uint16,address,string))"
    data = selector(signature) + encode(number, 64) + encode(*terms, source, b"mode")
    assert not market.chain.send(OWNER, market.pool, data).failed


def set_market(rng: random.Random) -> Market:
    """Deploy everything that does not belong to one asset."""
    chain = Chain()
    now_ts = rng.randint(1_650_000_000, 2_000_000_000)
    chain.at(now_ts)
    provider = chain.deploy(creation_code(CORE, _path("PoolAddressesProvider")), b"market", OWNER)
    chain.must(OWNER, provider, "setACLAdmin(address)", OWNER)
    acl = chain.deploy(creation_code(CORE, _path("ACLManager")), provider)
    oracle = chain.deploy(creation_code(CORE, _path("PriceOracle")))
    chain.must(OWNER, provider, "setACLManager(address)", acl)
    chain.must(OWNER, provider, "setPriceOracle(address)", oracle)
    chain.must(OWNER, provider, "setAddress(bytes32,address)", CONFIGURATOR, OWNER)
    libraries: dict[str, str] = {}
    for name in ("Borrow", "Bridge", "EMode", "Liquidation", "Pool", "Supply", "FlashLoan"):
        code = linked_creation_code(CORE, _path(f"{name}Logic"), libraries)
        libraries[f"{name}Logic"] = chain.deploy(code)
    pool = chain.deploy(linked_creation_code(CORE, _path("Pool"), libraries), provider)
    chain.must(OWNER, pool, "initialize(address)", provider)
    return Market(chain, pool, provider, oracle, acl, {}, now_ts)


def configuration_word(c: aave.ReserveConfiguration) -> int:
    """A reserve's parameters as the pool packs them. Source: DataTypes.ReserveConfigurationMap."""
    return pack(
        (c.ltv_bps, 16),
        (c.liquidation_threshold_bps, 16),
        (c.liquidation_bonus_bps, 16),
        (c.decimals, 8),
        (c.active, 1),
        (c.frozen, 1),
        (c.borrowing_enabled, 1),
        (0, 1),
        (c.paused, 1),
        (c.borrowable_in_isolation, 1),
        (c.siloed_borrowing, 1),
        (0, 1),
        (c.reserve_factor_bps, 16),
        (c.borrow_cap, 36),
        (c.supply_cap, 36),
        (c.liquidation_protocol_fee_bps, 16),
        (c.e_mode_category, 8),
        (0, 36),
        (c.debt_ceiling, 40),
    )
