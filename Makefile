# One word a chore; .ci/run uses the same words.
PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))

.PHONY: help setup test fmt lint types floors docs bench bench-smoke demo

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

bench-smoke:  ## A short run of each benchmark, to see that they work
	$(PYTHON) -m benchmarks.farm --smoke
	$(PYTHON) -m benchmarks.start --smoke
