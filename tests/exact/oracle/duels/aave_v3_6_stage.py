"""
What the duel of Aave 3.6 sets up: the whole market, compiled and linked, and assets in it.

Pool and tokens stand behind proxies, as the protocol deploys them. The owner stands in for the
pool's configurator, so that any configuration can be set.
"""

import random

from judge.abi import encode, pack, selector
from judge.artifacts import creation_code, linked_creation_code
from judge.chain import OWNER, Chain

from headframe.exact import aave_v3_6 as aave

from .aave_stage import CONFIGURATOR, TREASURY, Market, hand_out
from .aave_v3_6_math import BUILD
from .aave_v3_6_rates import SET

PROXY = "InitializableImmutableAdminUpgradeabilityProxy.json"
ADMIN = "0x" + "ad" * 20
"""Who may upgrade the proxies; nobody else sees his functions."""
POOL = int.from_bytes(b"POOL".ljust(32, b"\0"), "big")
BITMAPS = (
    ("Collateral", "collateral_bitmap"),
    ("Borrowable", "borrowable_bitmap"),
    ("Ltvzero", "ltvzero_bitmap"),
)
"""Of an efficiency mode: in the setter's name, and in ours."""


def set_market(rng: random.Random) -> Market:
    """Deploy everything that does not belong to one asset."""
    chain = Chain()
    now_ts = rng.randint(1_650_000_000, 2_000_000_000)
    chain.at(now_ts)
    provider = chain.deploy(_code("PoolAddressesProvider"), b"market", OWNER)
    chain.must(OWNER, provider, "setACLAdmin(address)", OWNER)
    acl = chain.deploy(_code("ACLManager"), provider)
    oracle = chain.deploy(_code("PriceOracle"))
    chain.must(OWNER, provider, "setACLManager(address)", acl)
    chain.must(OWNER, provider, "setPriceOracle(address)", oracle)
    chain.must(OWNER, provider, "setAddress(bytes32,address)", CONFIGURATOR, OWNER)
    strategy = chain.deploy(_code("DefaultReserveInterestRateStrategyV2"), provider)
    libraries: dict[str, str] = {}
    for name in ("BorrowLogic", "FlashLoanLogic", "LiquidationLogic", "PoolLogic", "SupplyLogic"):
        libraries[name] = chain.deploy(linked_creation_code(BUILD, f"{name}.json", libraries))
    code = linked_creation_code(BUILD, "PoolInstance.json", libraries)
    implementation = chain.deploy(code, provider, strategy)
    pool = _behind_proxy(chain, implementation, selector("initialize(address)") + encode(provider))
    chain.must(OWNER, provider, "setAddress(bytes32,address)", POOL, pool)
    return Market(chain, pool, provider, oracle, acl, {}, now_ts, strategy)


def _code(name: str) -> bytes:
    return creation_code(BUILD, f"{name}.json")


def _behind_proxy(chain: Chain, implementation: str, data: bytes) -> str:
    proxy = chain.deploy(creation_code(BUILD, PROXY), ADMIN)
    chain.must(ADMIN, proxy, "initialize(address,bytes)", implementation, data)
    return proxy


def list_asset(
    market: Market, configuration: aave.ReserveConfiguration, strategy: aave.InterestRateStrategy
) -> str:
    """Deploy an asset with its tokens, list it, set its curve, hand it to the users."""
    chain, decimals = market.chain, configuration.decimals
    asset = chain.deploy(_code("MintableERC20"), b"Asset", b"A", decimals)
    names = (b"name", b"symbol", b"")
    data = selector("initialize(address,address,uint8,string,string,bytes)")
    data += encode(market.pool, asset, decimals, *names)
    a_token = chain.deploy(_code("ATokenInstance"), market.pool, 0, TREASURY)
    variable = chain.deploy(_code("VariableDebtTokenInstance"), market.pool, 0)
    tokens = (_behind_proxy(chain, a_token, data), _behind_proxy(chain, variable, data))
    chain.must(OWNER, market.pool, "initReserve(address,address,address)", asset, *tokens)
    curve = (
        strategy.optimal_usage_ratio_bps,
        strategy.base_variable_borrow_rate_bps,
        strategy.variable_rate_slope1_bps,
        strategy.variable_rate_slope2_bps,
    )
    assert not chain.send(OWNER, market.strategy, selector(SET) + encode(asset, *curve)).failed
    market.configure(asset, configuration_word(configuration))
    market.tokens[asset] = tokens
    hand_out(market, asset)
    return asset


def set_e_mode(market: Market, number: int, mode: aave.EModeCategory) -> None:
    """Make an efficiency mode."""
    terms = (mode.ltv_bps, mode.liquidation_threshold_bps, mode.liquidation_bonus_bps)
    signature = "configureEModeCategory(uint8,(uint16,uint16,uint16,string))"
    data = selector(signature) + encode(number, 64) + encode(*terms, b"mode")
    assert not market.chain.send(OWNER, market.pool, data).failed
    for name, ours in BITMAPS:
        signature = f"configureEModeCategory{name}Bitmap(uint8,uint128)"
        market.chain.must(OWNER, market.pool, signature, number, getattr(mode, ours))


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
        (0, 3),
        (c.reserve_factor_bps, 16),
        (c.borrow_cap, 36),
        (c.supply_cap, 36),
        (c.liquidation_protocol_fee_bps, 16),
    )
