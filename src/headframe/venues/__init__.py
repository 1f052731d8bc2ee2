"""What our own size moves: one file a venue. `BUILT_IN` says what a book may name."""

BUILT_IN: dict[str, str] = {
    "aave_reserve": "headframe.venues.aave_reserve:AaveReserve",
    "adaptive_market": "headframe.venues.lending_market:AdaptiveMarket",
    "bank_market": "headframe.venues.bank_market:BankMarket",
    "comet_market": "headframe.venues.comet_market:CometMarket",
    "debt_pool": "headframe.venues.debt_pool:DebtPool",
    "farm": "headframe.venues.farm:SharedFarm",
    "gearbox_pool": "headframe.venues.gearbox_pool:GearboxPool",
    "gauge": "headframe.venues.gauge:Gauge",
    "kinked_market": "headframe.venues.lending_market:KinkedMarket",
    "masterchef": "headframe.venues.masterchef:MasterChefPool",
    "morpho_market": "headframe.venues.morpho_market:MorphoMarket",
    "pool": "headframe.venues.pool:ConstantProductPool",
    "staking_rewards": "headframe.venues.staking_rewards:StakingRewardsFarm",
}
"""Kinds of venue by the name that a book uses."""
