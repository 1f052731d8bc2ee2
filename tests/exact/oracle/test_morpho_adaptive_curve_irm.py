"""
Morpho's interest model against Morpho's own second implementation, the SDK in JavaScript.

An independent implementation, not bytecode, and its source was read while ours was written: what
this shows is that nothing was changed on the way, not that both understood the contract.
"""

import json
import random
import shutil
import subprocess
from collections import Counter

import pytest

from headframe.exact import morpho_adaptive_curve_irm as irm
from headframe.exact.fixed import WAD

BLUE, TS = "@morpho-org/blue-sdk", "@morpho-org/morpho-ts"

_DRIVER = """
const [library, arithmetic] = process.argv.slice(1);
const Module = require('module');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  return name === '@morpho-org/morpho-ts' ? arithmetic : resolve.call(this, name, ...rest);
};
const lib = require(library).AdaptiveCurveIrmLib;
const answers = JSON.parse(require('fs').readFileSync(0)).map(([kind, ...numbers]) => {
  const given = numbers.map(BigInt);
  if (kind === 'w_exp') return [String(lib.wExp(given[0]))];
  const rates = lib.getBorrowRate(...given);
  return [String(rates.avgBorrowRate), String(rates.endRateAtTarget)];
});
process.stdout.write(JSON.stringify(answers));
"""


def drawn(rng: random.Random) -> tuple[str, ...]:
    """A call: of the exponential alone, or of the model, at the edges and between them."""
    if rng.random() < 0.25:
        edges = (0, irm.LN_WEI_WAD, irm.WEXP_UPPER_BOUND_WAD, irm.LN_2_WAD // 2, -irm.LN_2_WAD // 2)
        near = rng.choice(edges) + rng.randint(-2, 2)
        return "w_exp", str(rng.choice((near, rng.randint(-50 * WAD, 100 * WAD))))
    use = rng.choice((0, WAD, 9 * WAD // 10, 9 * WAD // 10 + 1, rng.randint(0, WAD)))
    start = rng.choice((0, irm.MIN_RATE_AT_TARGET_WAD, irm.MAX_RATE_AT_TARGET_WAD,
                        rng.randint(irm.MIN_RATE_AT_TARGET_WAD, irm.MAX_RATE_AT_TARGET_WAD),
                        irm.INITIAL_RATE_AT_TARGET_WAD))  # fmt: skip
    elapsed = rng.choice((0, 1, 12, rng.randint(0, 86_400), rng.randint(0, 2 * irm.YEAR_S)))
    return "borrow_rates", str(use), str(start), str(elapsed)


def ours(kind: str, *numbers: str) -> list[int]:
    """Our answer."""
    given = [int(number) for number in numbers]
    return [irm.w_exp(*given)] if kind == "w_exp" else list(irm.borrow_rates(*given))


def theirs(calls: list[tuple[str, ...]]) -> list[list[int]]:
    """The SDK's answers, of one run of node."""
    from judge.artifacts import folder

    library = folder(BLUE) / "package/lib/cjs/math/AdaptiveCurveIrmLib.js"
    arithmetic = folder(TS) / "package/lib/cjs/index.js"
    done = subprocess.run(
        ["node", "-e", _DRIVER, str(library), str(arithmetic)],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
    )
    return [[int(word) for word in answer] for answer in json.loads(done.stdout)]


def compared(calls: int, seed: int):
    """A tally of so many drawn calls."""
    from judge.duel import Tally

    rng = random.Random(f"morpho_adaptive_curve_irm {seed}")
    asked = [drawn(rng) for _ in range(calls)]
    judge = "independent implementation: @morpho-org/blue-sdk 6.4.0, JavaScript (read by us)"
    tally = Tally("morpho_adaptive_curve_irm", judge, seed, sequences=1, actions=calls)
    tally.kinds = Counter(kind for kind, *_ in asked)
    for call, answer in zip(asked, theirs(asked), strict=True):
        tally.words_compared += len(answer)
        if ours(*call) != answer:
            tally.mismatches.append({"call": call, "ours": ours(*call), "theirs": answer})
    return tally


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@needs_node
@pytest.mark.oracle(BLUE, TS)
def test_the_interest_model_agrees_with_the_sdk():
    from judge import duel

    calls = duel.actions_wanted(4_000)
    tally = compared(calls, duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert len(tally.kinds) == 2
    assert tally.words_compared > 1.5 * calls


PLANTED = [
    ("LN_2_WAD", irm.LN_2_WAD + 1),
    ("MIN_RATE_AT_TARGET_WAD", irm.MIN_RATE_AT_TARGET_WAD + 1),
    ("div_trunc", lambda a, b: a // b),
]


@needs_node
@pytest.mark.oracle(BLUE, TS)
@pytest.mark.parametrize(("name", "wrong"), PLANTED)
def test_a_planted_unit_is_caught(monkeypatch, name, wrong):
    monkeypatch.setattr(irm, name, wrong)
    assert compared(4_000, 0).mismatches
