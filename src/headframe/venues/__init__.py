"""What our own size moves: one file a venue. `BUILT_IN` says what a book may name."""

BUILT_IN: dict[str, str] = {
    "adaptive_market": "headframe.venues.lending_market:AdaptiveMarket",
    "farm": "headframe.venues.farm:SharedFarm",
    "kinked_market": "headframe.venues.lending_market:KinkedMarket",
    "pool": "headframe.venues.pool:ConstantProductPool",
}
"""Kinds of venue by the name that a book uses."""
