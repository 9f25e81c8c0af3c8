# Every target sets up what it needs in .venv; a second call finds it there and is quick.
PYTHON ?= python3
BIN := .venv/bin
UV := uv
# pip sees every wheel named with its hash, so it needs no resolver.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps

export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: demo demo-google test test-postgres lint format serve bench lock clean

demo: .venv/run.stamp ## The daily run on the sample network
	@$(BIN)/touchbase demo

demo-google: .venv/run.stamp ## The daily run against a stand-in for Google, without an account
	@$(BIN)/python -m tests.support.google_demo $(ARGS)
demo-google: ARGS =

serve: .venv/run.stamp ## Prefect server, UI, schedules and a worker: CONFIG=FILE, touchbase.toml, or the demo
	@exec $(BIN)/touchbase serve $(if $(CONFIG),--config $(CONFIG),$(if $(wildcard touchbase.toml),,--demo))

test: .venv/dev.stamp ## All tests; ARGS for one: make test ARGS="tests/people/test_store.py -x"
	@$(BIN)/python -m pytest $(ARGS)
ARGS ?= -n auto --dist loadfile

test-postgres: export TOUCHBASE_TEST_STORE := postgres
test-postgres: test ## The same with every network's store on Postgres

bench: bench-vcards bench-rules bench-judge bench-google bench-groups bench-identity bench-overhead bench-scale ## Measurements beside their peers, then docs/performance.md
	@$(BIN)/python -m benchmarks.performance

bench-%: .venv/dev.stamp ## One of benchmarks/*.py; ARGS for its sizes; bench-year takes five minutes
	@$(BIN)/python -m benchmarks.$* $(ARGS)
bench bench-%: ARGS =

lint: .venv/dev.stamp ## Style, types, layers, dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .

format: .venv/dev.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## Renew requirements/*.txt from pyproject.toml (needs uv)
	$(UV) pip compile pyproject.toml --extra install -o requirements/run.txt $(LOCK_FLAGS)
	$(UV) pip compile pyproject.toml --extra install --extra dev -c requirements/run.txt -o requirements/dev.txt $(LOCK_FLAGS)
LOCK_FLAGS := --generate-hashes --no-emit-index-url --universal --python-version 3.11 --quiet --no-header

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Touchbase needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv (a minute, once) ..." >&2
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
