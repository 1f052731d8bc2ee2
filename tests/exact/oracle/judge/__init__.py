"""
The judge: deployed bytecode in an EVM, beside our own integers.

`artifacts` finds the compiled contracts, `abi` encodes calls, `chain` runs them, `actor` is a
contract of our own that pays in callbacks, `duel` lets the two texts play the same sequences and
writes down where they part.

To bring another protocol before it:

1. pin its package in `artifacts.toml` and run `python tools/fetch_artifacts.py`;
2. write `duels/<protocol>.py`: a class with `name`, `judge`, `chain`, whose constructor deploys the
   contracts and draws a start, whose `draw` makes a `Move` (our call, the contract's call, the
   words that both may touch), and whose `everything` is our state as storage words;
3. write the test: `duel.run(...)`, no mismatches, and one planted wei for every kind of rounding.

    python -m pytest -m oracle tests/exact/oracle                  # thousands of moves, a minute
    HEADFRAME_ORACLE_ACTIONS=1000000 HEADFRAME_ORACLE_REPORT=<folder> python -m pytest -m oracle ...

`HEADFRAME_ORACLE_SEED` moves on to other sequences, `HEADFRAME_ORACLE_REQUIRED=1` makes a missing
contract a failure instead of a skip, `HEADFRAME_ARTIFACTS` is where the contracts are kept.
"""
