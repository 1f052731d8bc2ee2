"""
Benchmarks that anyone can run: `make bench`, or one by one with `python -m benchmarks.NAME`.

Each file measures one hot path and says in its docstring what it shows. Ratios are taken within one
run, in interleaved rounds, because a machine's speed drifts; results go to `benchmarks/results/` as
JSON with the machine named.
"""
