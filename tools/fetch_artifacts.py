"""
Fetch the compiled contracts that judge `headframe.exact`, at pinned versions with checksums.

    python tools/fetch_artifacts.py            # what is missing
    python tools/fetch_artifacts.py --check    # only say whether all is there (exit code 1 if not)

Packages and checksums stand in `tests/exact/oracle/artifacts.toml`. The archives are downloaded by
npm and pip, with whatever registry they are set up for, and unpacked under `HEADFRAME_ARTIFACTS`
(by default `~/.cache/headframe-artifacts`), outside the repository: their licences are their own.
Where only sources are published, `tools/compile_artifacts.py` then compiles them there.
"""

import argparse
import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import compile_artifacts as compiling

ORACLE = Path(__file__).parents[1] / "tests" / "exact" / "oracle"
"""Where the judges live."""
PINS = ORACLE / "artifacts.toml"
"""The list of packages and builds."""
HARNESS = ORACLE / "harness"
"""Our own contracts around those of others."""
STAMP = "COMPLETE"
"""Name of the file that is written last into a package's folder; it holds the checksum."""


def cache_folder() -> Path:
    """Where compiled contracts are kept."""
    chosen = os.environ.get("HEADFRAME_ARTIFACTS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "headframe-artifacts"


def main() -> int:
    """Fetch what is missing, or say what is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--check", action="store_true", help="download nothing")
    check_only = parser.parse_args().check
    pins = tomllib.loads(PINS.read_text())
    missing = [p for p in pins["package"] if not is_complete(p)]
    for package in missing:
        label = f"{package['name']} {package['version']}"
        if check_only:
            print(f"missing: {label}")
            continue
        count = fetch(package)
        print(f"fetched: {label}, {count} files ({package['licence']})")
    unbuilt = [b for b in pins.get("build", ()) if not is_built(b, pins["package"])]
    for build in unbuilt:
        if check_only:
            print(f"not compiled: {build['name']}")
            continue
        print(f"compiled: {build['name']}, {compiled(build, pins['package'])} contracts")
    print(f"artifacts in {cache_folder()}")
    return 1 if check_only and (missing or unbuilt) else 0


def is_built(build: dict[str, Any], pins: list[dict[str, Any]]) -> bool:
    """Say whether a build was compiled from the sources and settings that are pinned today."""
    stamp = compiling.build_folder(cache_folder(), build) / STAMP
    return stamp.is_file() and stamp.read_text() == compiling.fingerprint(build, HARNESS, pins)


def compiled(build: dict[str, Any], pins: list[dict[str, Any]]) -> int:
    """Compile a build from the packages in the cache; return the number of contracts."""
    folders = {pin["name"]: folder_of(pin) for pin in pins}
    folders |= {f"{pin['name']} {pin['version']}": folder_of(pin) for pin in pins}
    return compiling.compile_build(
        build,
        cache=cache_folder(),
        harness=HARNESS,
        folders=folders,
        stamp=compiling.fingerprint(build, HARNESS, pins),
    )


def folder_of(package: dict[str, Any]) -> Path:
    """Where a package's files are unpacked."""
    return cache_folder() / f"{package['name'].replace('/', '+')}-{package['version']}"


def is_complete(package: dict[str, Any]) -> bool:
    """Say whether a package was unpacked whole, from the archive that is pinned today."""
    stamp = folder_of(package) / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(package)


def fingerprint(package: dict[str, Any]) -> str:
    """Pinned checksum and list of files: a change of either fetches the package anew."""
    return f"{package.get('sha512') or package['sha256']} {package['keep']}"


def fetch(package: dict[str, Any]) -> int:
    """Download a package, check it, unpack what is kept; return the number of files."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = download(package, Path(scratch))
        check(package, archive)
        unpacked = Path(scratch) / "unpacked"
        names = [unpack(name, data, unpacked) for name, data in members(archive, package["keep"])]
        if not names:
            sys.exit(f"{package['name']}: nothing in the archive matches {package['keep']}")
        (unpacked / STAMP).write_text(fingerprint(package))
        target = folder_of(package)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked, target)
    return len(names)


def download(package: dict[str, Any], folder: Path) -> Path:
    """Have the registry's own client fetch one archive, and nothing that it depends on."""
    if package["registry"] == "npm":
        spec = f"{package['name']}@{package['version']}"
        command = ["npm", "pack", "--silent", "--ignore-scripts", spec]
        pattern = "*.tgz"
    else:
        spec = f"{package['name']}=={package['version']}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", spec]
        pattern = "*.whl"
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not installed; it is needed to fetch {spec}")
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    found = list(folder.glob(pattern))
    if done.returncode or len(found) != 1:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return found[0]


def check(package: dict[str, Any], archive: Path) -> None:
    """Stop unless the archive is byte for byte the one that was pinned."""
    kind = "sha512" if "sha512" in package else "sha256"
    actual = hashlib.new(kind, archive.read_bytes()).hexdigest()
    if actual != package[kind]:
        sys.exit(f"{package['name']}: {kind} is {actual}, pinned is {package[kind]}")


def members(archive: Path, patterns: list[str]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of an archive that match one of the patterns."""

    def kept(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)

    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in filter(kept, wheel.namelist()):
                yield name, wheel.read(name)
        return
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member) if member.isfile() and kept(member.name) else None
            if content is not None:
                yield member.name, content.read()


def unpack(name: str, data: bytes, folder: Path) -> str:
    """Write one file below a folder, and never beside it."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        sys.exit(f"an archive wants to write outside its folder: {name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return name


if __name__ == "__main__":
    sys.exit(main())
