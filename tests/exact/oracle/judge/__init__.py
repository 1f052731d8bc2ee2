"""
The judge: deployed bytecode in an EVM, beside our own integers.

`artifacts` finds the compiled contracts, `abi` encodes calls, `chain` runs them, `actor` is a
contract of our own that pays in callbacks, `duel` lets the two texts play the same sequences and
writes down where they part.
"""
