"""
Compiled contracts from the cache that `tools/fetch_artifacts.py` fills.

Nothing here downloads: where the cache or the EVM is missing, `unavailable` says so in a sentence
with the command that changes it, and the tests skip with it.
"""

import importlib.util
import json
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PINS = Path(__file__).parents[1] / "artifacts.toml"
COMMAND = "python tools/fetch_artifacts.py"
MODULES = ("pyrevm", "Crypto")
"""What the judge imports."""
INSTALL = "pip install pyrevm pycryptodome"


def cache_folder() -> Path:
    chosen = os.environ.get("HEADFRAME_ARTIFACTS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "headframe-artifacts"


@cache
def unavailable(*packages: str) -> str:
    """Why the judge cannot sit over contracts of these packages, or an empty string if it can."""
    for module in MODULES:
        if importlib.util.find_spec(module) is None:
            return f"{module} is missing; run: {INSTALL}"
    for name in packages:
        if not (folder(name) / "COMPLETE").is_file():
            return f"compiled contracts of {name} are missing; run: {COMMAND}"
    return ""


def folder(package: str) -> Path:
    """Where a package was unpacked, or a build (by its name) was compiled."""
    pins = tomllib.loads(PINS.read_text())
    if any(build["name"] == package for build in pins.get("build", ())):
        return cache_folder() / f"build+{package}"
    version = next(pin["version"] for pin in pins["package"] if pin["name"] == package)
    return cache_folder() / f"{package.replace('/', '+')}-{version}"


@cache
def load(package: str, path: str) -> dict[str, Any]:
    """Read one file of a package."""
    loaded: dict[str, Any] = json.loads((folder(package) / path).read_text())
    return loaded


def creation_code(package: str, path: str) -> bytes:
    """Code that deploys a contract, before its constructor's arguments."""
    bytecode: str = load(package, path)["bytecode"]
    return bytes.fromhex(bytecode.removeprefix("0x"))


def linked_creation_code(package: str, path: str, libraries: dict[str, str]) -> bytes:
    """Code that deploys a contract, with the addresses of its libraries written into it."""
    artifact = load(package, path)
    code: str = artifact["bytecode"].removeprefix("0x")
    for wanted in artifact["linkReferences"].values():
        for name, places in wanted.items():
            for place in places:
                start = 2 * place["start"]
                code = code[:start] + libraries[name].removeprefix("0x") + code[start + 40 :]
    return bytes.fromhex(code)
