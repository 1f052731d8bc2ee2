"""
What an observable may be called.

`base_quote`, with exactly one underscore, is the price of an asset and nothing else: the layout
builds its chains of prices from such names. A rate called `usdc_utilisation` would be taken for the
price of usdc in a currency called utilisation; so whatever is no price has no underscore or more
than one.
"""

from typing import Annotated

from pydantic import AfterValidator

from headframe.types import Name, Rows


def is_price(name: str) -> bool:
    """Whether a name reads as the price of an asset."""
    return name.count("_") == 1


def _price(name: str) -> str:
    if not is_price(name):
        raise ValueError("a price is named <asset>_<currency>, such as eth_usd")
    return name


def _no_price(name: str) -> str:
    if is_price(name):
        raise ValueError(
            "one underscore would make it the price of an asset; name it with two or more, such as "
            "usdc_pool_utilisation"
        )
    return name


def _power(name: str) -> str:
    if not name.endswith("_per_mwh") or name.count("_") < 3:
        raise ValueError("a price of power is named <place>_<currency>_per_mwh")
    return name


def _hash_rate(name: str) -> str:
    if not name.endswith("_eh_s"):
        raise ValueError("a hash rate is named for its unit, <coin>_network_eh_s")
    return name


PriceName = Annotated[Name, AfterValidator(_price)]
"""The price of an asset: exactly one underscore."""
QuantityName = Annotated[Name, AfterValidator(_no_price)]
"""Anything that is not the price of an asset."""
PowerName = Annotated[Name, AfterValidator(_power)]
"""The price of power per megawatt-hour."""
HashRateName = Annotated[Name, AfterValidator(_hash_rate)]
"""A hash rate in exahashes per second."""


def quantities(stem: str, *leaves: str) -> Rows:
    """Names of several observables under one stem, none of which may read as a price."""
    names = tuple(f"{stem}_{leaf}" for leaf in leaves)
    for name in names:
        _no_price(name)
    return names
