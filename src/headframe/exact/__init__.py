"""
The truth: protocol and consensus arithmetic in plain integers, equal to the wei and to the bit.

One file per rule. Nothing here is a float and nothing divides with `/` (`tools/lint_exact.py`
holds the two named exceptions); where a node or a contract would refuse, a `Revert` says why.
The same rules on float64 arrays stand in `kernels`; only tests introduce the two.
"""
