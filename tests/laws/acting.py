"""Books in which the policies act that change leverage, debts and farms, and the options."""

from typing import Any

import defi

from headframe.policies.alert import Alert
from headframe.policies.follow_volatility import FollowVolatility
from headframe.policies.ramp_down import RampDown
from headframe.policies.rotate import Rotate
from headframe.positions.option import Option
from headframe.processes.ou import ExpOU


def option(**changes: Any) -> Option:
    """Puts that expire twice within a sample."""
    usual: dict[str, Any] = {
        "name": "floor",
        "asset": "eth",
        "settle_asset": "usdc",
        "size": 3.0,
        "moneyness": 0.95,
        "tenor_s": "7d",
        "volatility": "eth_implied_vol_level",
        "rate_apr": 0.03,
    }
    return Option(**(usual | changes))


def implied() -> ExpOU:
    """An implied volatility that moves."""
    return ExpOU(
        name="eth_implied_vol_level", start=1.2, median=1.0, half_life_s="5d", volatility=2.0
    )


def farms() -> tuple[Any, ...]:
    """Two farms, the second of them with a deposit of little."""
    return (
        defi.farm(name="steady", reward_apr=0.1),
        defi.farm(name="degen", reward_apr="degen_reward_apr", deposit={"usdc": 1.0}),
    )


def degen_yield() -> ExpOU:
    """A yield that is now above the steady one, now below."""
    return ExpOU(name="degen_reward_apr", start=0.1, median=1.0, half_life_s="2d", volatility=25.0)


def rotate(**changes: Any) -> Rotate:
    """Always in the better of two farms."""
    usual: dict[str, Any] = {
        "name": "chase",
        "yields": {"steady": 0.1, "degen": "degen_reward_apr"},
        "gas_usd": 2.0,
        "cooldown_s": "3d",
    }
    return Rotate(**(usual | changes))


def follow_volatility(**changes: Any) -> FollowVolatility:
    """Leverage that falls as soon as the market moves."""
    usual: dict[str, Any] = {
        "name": "calm",
        "position": "farm",
        "price": "eth_usd",
        "budget": 3.0,
        "start_volatility": 1.0,
        "most": 3.0,
        "memory_s": "5d",
    }
    return FollowVolatility(**(usual | changes))


def ramp_down(**changes: Any) -> RampDown:
    """Parts of a ramp ahead of the twelfth day."""
    usual: dict[str, Any] = {
        "name": "notice",
        "position": "farm",
        "at_s": "12d",
        "before_s": "6d",
        "parts": 3,
        "target": 1.3,
    }
    return RampDown(**(usual | changes))


def alert(**changes: Any) -> Alert:
    """Three bands."""
    usual: dict[str, Any] = {"name": "phone", "position": "farm", "bands": (1.5, 1.2, 1.05)}
    return Alert(**(usual | changes))


CHANGES: Any = ({"at_s": "12d", "to": 0.75, "over_s": "2d"},)
"""A threshold that falls in the middle of a sample."""
