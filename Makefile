# Every target sets up what it needs in .venv; a second call finds it there and is quick.
PYTHON ?= python3
BIN := .venv/bin
UV := uv
# pip sees every wheel named with its hash, so it needs no resolver.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps

export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: help demo demo-google serve test test-all test-postgres lint format generate pictures docs bench release licences audit lock clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':[^#]*## ' '/^[a-z%-]+:[^#]*## / { sub("%", "NAME", $$1); printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: .venv/run.stamp ## Do the daily run on the sample network, as a Prefect flow run
	@$(BIN)/touchbase demo --flow

demo-google: .venv/run.stamp ## Try Google without an account, against a stand-in on this machine
	@$(BIN)/python -m tests.support.google_demo $(ARGS)
demo-google: ARGS =

serve: .venv/run.stamp ## Start Prefect's server and UI, the schedules and a worker; CONFIG=FILE or the demo
	@exec $(BIN)/touchbase serve $(if $(CONFIG),--config $(CONFIG),$(if $(wildcard touchbase.toml),,--demo))

test: .venv/dev.stamp ## Run all tests that need no server and no browser; ARGS="FILE -x" for some
	@$(BIN)/python -m pytest -m "$(WITHOUT_SERVERS)" $(ARGS)
ARGS ?= -n auto --dist loadfile
WITHOUT_SERVERS := not prefect and not postgres and not dav and not mail and not browser

test-all: .venv/dev.stamp ## Run all tests; those in a browser need Chromium
	@$(BIN)/python -m pytest $(ARGS)

test-postgres: export TOUCHBASE_TEST_STORE := postgres
test-postgres: test-all ## Run all tests with the store of every network on Postgres

lint: .venv/dev.stamp ## Check style, types, layers and dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .
	@$(BIN)/python -m pip check

format: .venv/dev.stamp ## Put the code in its usual form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

generate: .venv/dev.stamp ## Write all that is generated: schemas, references, the code map
	@$(BIN)/python -m tests.support.generate

pictures: .venv/dev.stamp ## Renew the pictures in docs/ (needs Chromium)
	@$(BIN)/python -m tests.support.pictures
	@$(BIN)/python -m tests.support.prefect_pictures

docs: .venv/dev.stamp ## Build the documentation into build/docs; a warning is an error
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky -q -b html docs build/docs
	@echo "build/docs/index.html"

bench: bench-vcards bench-calendars bench-rules bench-judge bench-google bench-mail bench-dav bench-groups bench-identity bench-overhead bench-scale bench-month ## Measure speed beside other tools, and write docs/performance.md
	@$(BIN)/python -m benchmarks.performance

bench-%: .venv/dev.stamp ## Run one benchmark, as in bench-scale; ARGS="--help" shows its sizes
	@$(BIN)/python -m benchmarks.$* $(ARGS)
bench bench-%: ARGS =

release: .venv/dev.stamp ## Build the wheel, the sdist, the SBOM and their checksums into dist/
	@$(BIN)/python -m tests.support.release

licences: .venv/dev.stamp ## Write docs/licences.md from the packages of the lock
	@$(BIN)/python -m tests.support.licences

audit: .venv/dev.stamp ## Look for known vulnerabilities of the lock; DB=FOLDER, a clone of pypa/advisory-database
	@$(BIN)/python -m tests.support.audit "$(DB)"

lock: ## Renew requirements/*.txt from pyproject.toml (needs uv)
	$(UV) pip compile pyproject.toml --extra all --extra install -o requirements/run.txt $(LOCK_FLAGS)
	$(UV) pip compile pyproject.toml --extra all --extra install --extra dev -c requirements/run.txt -o requirements/dev.txt $(LOCK_FLAGS)
LOCK_FLAGS := --generate-hashes --no-emit-index-url --universal --python-version 3.11 --quiet --no-header

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Touchbase needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv (a minute, once) ..." >&2
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip uninstall -qq --yes touchbase 2>/dev/null # what the distribution was called before 0.3
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

clean: ## Remove .venv and everything that tools left behind
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
