"""
Compile official sources into contracts that judge `headframe.exact`, where nobody publishes them.

Each `[[build]]` in `tests/exact/oracle/artifacts.toml` names a compiler (npm's solc, pinned like
any other package), where its sources come from, the settings, and the contracts wanted. Our own
small contracts around them (a concrete vault, a harness for a library) stand in
`tests/exact/oracle/harness/`. What comes out is kept in the cache beside the packages, as
`build+NAME/CONTRACT.json` with `abi`, `bytecode`, `linkReferences` and `storageLayout`.

`tools/fetch_artifacts.py` calls this; it needs node, which comes with npm.
"""

import hashlib
import json
import posixpath
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

STAMP = "COMPLETE"
"""Name of the file that is written last into a build's folder; it holds the build's fingerprint."""

# The compiler is WebAssembly with a C interface: text goes in through memory that it allocates.
_DRIVER = """
const solc = require(process.argv[1]);
const text = require('fs').readFileSync(0);
const size = text.length + 1;
const place = (solc._solidity_alloc || solc._malloc)(size);
new Uint8Array(solc.HEAPU8.buffer).set(text, place);
new Uint8Array(solc.HEAPU8.buffer)[place + text.length] = 0;
const done = solc.cwrap('solidity_compile', 'string', ['number', 'number', 'number'])(place, 0, 0);
process.stdout.write(done);
"""


def build_folder(cache: Path, build: dict[str, Any]) -> Path:
    """Where a build's contracts are kept."""
    return cache / f"build+{build['name']}"


def fingerprint(build: dict[str, Any], harness: Path, pins: list[dict[str, Any]]) -> str:
    """Digest of all that a build is made from: its settings, our harness, the pinned packages."""
    digest = hashlib.sha256(json.dumps(build, sort_keys=True).encode())
    for name in build.get("harness", ()):
        digest.update((harness / name).read_bytes())
    used = {source["package"] for source in build.get("source", ())}
    for pin in pins:
        named = {pin["name"], f"{pin['name']} {pin['version']}"}
        if used & named or (pin["name"], pin["version"]) == ("solc", build["solc"]):
            digest.update(json.dumps(pin, sort_keys=True).encode())
    return digest.hexdigest()


def compile_build(
    build: dict[str, Any], *, cache: Path, harness: Path, folders: dict[str, Path], stamp: str
) -> int:
    """Compile one build from unpacked packages; return how many contracts came out."""
    answer = run_compiler(folders[f"solc {build['solc']}"], request(build, harness, folders))
    errors = [e["formattedMessage"] for e in answer.get("errors", ()) if e["severity"] == "error"]
    if errors:
        raise SystemExit(f"{build['name']} does not compile:\n{errors[0]}")
    target = build_folder(cache, build)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for wanted in build["contracts"]:
        file, _, contract = wanted.partition(":")
        (target / f"{contract}.json").write_text(json.dumps(artifact(answer, file, contract)))
    (target / STAMP).write_text(stamp)
    return len(build["contracts"])


def request(build: dict[str, Any], harness: Path, folders: dict[str, Path]) -> dict[str, Any]:
    """The compiler's standard input: all sources by the path under which others import them."""
    sources: dict[str, dict[str, str]] = {}
    for source in build.get("source", ()):
        root = folders[source["package"]] / "package"
        for path in sorted(root.rglob("*.sol")):
            under = source.get("at", "") + path.relative_to(root).as_posix()
            sources[under] = {"content": path.read_text(encoding="utf-8")}
    for name in build.get("harness", ()):
        sources[f"harness/{name}"] = {"content": (harness / name).read_text(encoding="utf-8")}
    wanted: dict[str, dict[str, list[str]]] = {}
    for entry in build["contracts"]:
        file, _, contract = entry.partition(":")
        outputs = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "storageLayout"]
        wanted.setdefault(file, {})[contract] = outputs
    settings: dict[str, Any] = {
        "optimizer": {"enabled": True, "runs": build.get("runs", 200)},
        "outputSelection": wanted,
        "remappings": build.get("remappings", []),
    }
    if "evm" in build:
        settings["evmVersion"] = build["evm"]
    if build.get("via_ir"):
        settings["viaIR"] = True
    reached = {name: sources[name] for name in reachable(sources, wanted, settings["remappings"])}
    return {"language": "Solidity", "sources": reached, "settings": settings}


def reachable(
    sources: dict[str, dict[str, str]], wanted: dict[str, Any], remappings: list[str]
) -> set[str]:
    """Names of the files that the wanted ones import, directly or not: tests are left out."""
    pairs = sorted((r.split("=", 1) for r in remappings), key=lambda pair: -len(pair[0]))
    pattern = re.compile(r"""import\s+(?:[^;"']*\sfrom\s+)?["']([^"']+)["']""")
    found: set[str] = set()
    queue = list(wanted)
    while queue:
        name = queue.pop()
        if name in found:
            continue
        if name not in sources:
            raise SystemExit(f"source {name} is not in the packages of this build")
        found.add(name)
        for target in pattern.findall(sources[name]["content"]):
            if target.startswith("."):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            else:
                hit = next((p for p in pairs if target.startswith(p[0])), None)
                path = target if hit is None else hit[1] + target[len(hit[0]) :]
            queue.append(path)
    return found


def run_compiler(compiler: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Let node run the compiler on a request."""
    script = compiler / "package" / "soljson.js"
    done = subprocess.run(
        ["node", "-e", _DRIVER, str(script)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the compiler failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def artifact(answer: dict[str, Any], file: str, contract: str) -> dict[str, Any]:
    """What is kept of one compiled contract."""
    made = answer["contracts"][file][contract]
    code = made["evm"]["bytecode"]
    return {
        "abi": made["abi"],
        "bytecode": code["object"],
        "linkReferences": code["linkReferences"],
        "storageLayout": made.get("storageLayout"),
    }
