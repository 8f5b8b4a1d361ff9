# The project's own commands. `make demo` and `make test` are all a newcomer needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_ARGS ?=
BENCH ?=
KILLS ?= 20
SEED ?= 1
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What is said of one target stands together, where make can (4.0; macOS has 3.81).
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: demo setup setup-dev assets test check check-tests check-types check-imports check-style bench crash soak docs lock clean

demo: setup ## Set up, run the sample company, open the desk
	@$(BIN)/postroom demo $(DEMO_ARGS)

setup: $(VENV)/.base assets ## Install what is needed to run

setup-dev: $(VENV)/.dev assets ## Install what is needed to develop

$(VENV)/bin/python:
	@$(PYTHON) tools/check_python.py
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.lock pyproject.toml hatch_build.py | $(VENV)/bin/python
	@echo "Installing Python packages"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.base
	@echo "Installing development packages"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

assets: $(VENV)/.base ## Build the desk's CSS and scripts and the print fonts
	@$(BIN)/python tools/build_assets.py

test: setup-dev ## The whole suite
	@$(BIN)/python tools/test_servers.py
	@$(BIN)/python -m pytest

check: setup-dev ## Lint, types, imports, fast tests; under two minutes
	@echo "Checking style, types, imports and fast tests, side by side"
	@$(MAKE) --no-print-directory --keep-going --jobs 2 $(TOGETHER) check-tests check-types check-imports check-style

check-tests:
	@$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist worksteal tests/unit tests/architecture

check-types:
	@$(BIN)/mypy

check-imports:
	@$(BIN)/lint-imports

check-style:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

bench: setup-dev ## Figures, one tab-separated row each; BENCH=name for one
	@$(BIN)/python -m benchmarks $(BENCH)

crash: setup-dev ## Kill every role at random moments and at named places, and count: KILLS=n SEED=s
	@$(BIN)/python -m tests.crash.run KILLS=$(KILLS) SEED=$(SEED)

soak: setup-dev ## The full numbers: 200 kills, a million simulated schedules, then every benchmark
	@$(BIN)/python -m tests.crash.run KILLS=200 SEED=1931
	@$(BIN)/python -m tests.simulation SCHEDULES=1000000 SEED=1931
	@BENCH_SCALE_DOCUMENTS=1000000 BENCH_MEMORY_RECORDS=100000 $(BIN)/python -m benchmarks

docs: setup-dev ## Check that every link and command of the docs is real
	@$(BIN)/python -m pytest -q tests/architecture/test_docs.py

lock: ## Renew the lock files
	@for name in base node; do $(BIN)/uv pip compile requirements/$$name.in $(LOCK) -o requirements/$$name.lock; done
	@for name in ldap s3 einvoice peppol html word finishing; do $(BIN)/uv pip compile requirements/$$name.in $(LOCK) -c requirements/base.lock -o requirements/$$name.lock; done
	@$(BIN)/uv pip compile requirements/dev.in $(LOCK) -c requirements/base.lock -o requirements/dev.lock

clean: ## Throw away what can be made again (not the demo's data)
	@rm -rf build dist src/postroom/web/static/dist frontend/node_modules .mypy_cache .ruff_cache .pytest_cache
