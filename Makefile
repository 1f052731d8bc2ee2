# One word a chore; .ci/run uses the same words.
PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))
JUDGE := HEADFRAME_ORACLE_REQUIRED=1 HEADFRAME_ORACLE_REPORT=tests/exact/oracle/results

.PHONY: help setup demo test fmt lint types floors docs bench bench-smoke tables artifacts oracle oracle-smoke

help:  ## List the chores
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup:  ## Make a virtual environment with everything for development
	python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'

demo:  ## Three desks in under a minute
	$(BIN)headframe demo

test:  ## Run the tests
	$(PYTHON) -m pytest -q

fmt:  ## Format the code
	$(BIN)ruff format .

lint:  ## Check format, style and the integer-only rule of exact/
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(PYTHON) tools/lint_exact.py

types:  ## Check types
	$(BIN)mypy src

floors:  ## Check that imports run downwards only
	$(BIN)lint-imports

docs:  ## Build the documentation into site/
	$(BIN)zensical build --clean

bench:  ## Run the benchmarks and write benchmarks/results/*.json
	$(PYTHON) -m benchmarks.farm
	$(PYTHON) -m benchmarks.start
	$(PYTHON) -m benchmarks.competitors
	$(PYTHON) -m benchmarks.difficulty
	$(PYTHON) -m benchmarks.headers
	$(PYTHON) -m benchmarks.fee_truth
	$(PYTHON) -m benchmarks.v3_bars
	$(PYTHON) -m benchmarks.v3_swaps
	$(PYTHON) -m benchmarks.sites
	$(PYTHON) -m benchmarks.levered

tables:  ## Write the tables of the documentation anew
	$(PYTHON) tools/book_tables.py
	$(PYTHON) tools/reference_lists.py
	$(PYTHON) tools/bench_tables.py
	$(PYTHON) tools/oracle_table.py
	$(PYTHON) tools/draw_report.py examples/farm_3x.toml docs/images/report.svg

artifacts:  ## Fetch the deployed contracts that judge exact/ (npm and PyPI; kept in the user's cache)
	$(BIN)pip install -q -e '.[oracle]'
	$(PYTHON) tools/fetch_artifacts.py

oracle: artifacts  ## The long run of the contracts against exact/, and its table (about an hour)
	rm -rf tests/exact/oracle/results
	$(JUDGE) HEADFRAME_ORACLE_ACTIONS=1000000 $(PYTHON) -m pytest -q tests/exact/oracle -k "agree and uniswap"
	$(JUDGE) HEADFRAME_ORACLE_ACTIONS=100000 $(PYTHON) -m pytest -q tests/exact/oracle -k "agree and not uniswap"
	$(PYTHON) tools/oracle_table.py

oracle-smoke: artifacts  ## Thousands of actions of each contract against exact/, and planted errors
	HEADFRAME_ORACLE_REQUIRED=1 $(PYTHON) -m pytest -q tests/exact/oracle

bench-smoke:  ## A short run of each benchmark, to see that they work
	$(PYTHON) -m benchmarks.farm --smoke
	$(PYTHON) -m benchmarks.start --smoke
	$(PYTHON) -m benchmarks.difficulty --smoke
	$(PYTHON) -m benchmarks.headers --smoke
	$(PYTHON) -m benchmarks.fee_truth --smoke
	$(PYTHON) -m benchmarks.v3_bars --smoke
	$(PYTHON) -m benchmarks.v3_swaps --smoke
	$(PYTHON) -m benchmarks.sites --smoke
	$(PYTHON) -m benchmarks.levered --smoke
