"""`--set KEY=VALUE`: a dotted key and a TOML value; what is not TOML is taken as text."""

import tomllib
from collections.abc import Sequence
from typing import Any

from headframe.errors import InputError


def overrides(settings: Sequence[str]) -> dict[str, Any]:
    """
    Keys and values of `--set` options, in order.

    >>> overrides(["position.farm.leverage=2.5", "horizon=30d"])
    {'position.farm.leverage': 2.5, 'horizon': '30d'}
    """
    return dict(_one(setting) for setting in settings)


def _one(setting: str) -> tuple[str, Any]:
    key, equals, text = setting.partition("=")
    key = key.strip()
    if not equals or not key or any(not part for part in key.split(".")):
        raise InputError("--set", setting, "KEY=VALUE, such as position.farm.leverage=2")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    return key, value
