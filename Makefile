# Two commands on a fresh machine: make run, make test. Each sets itself up; nothing is compiled.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PORT ?= 8000

# Each process would compile all of Huoju anew, and the suite begins a hundred.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test suite check bench mutants faults wheel image licences lock clean
.DEFAULT_GOAL := run

run: .venv/.run-ready
	@exec $(BIN)/huoju run --playground --demo examples/demo --port $(PORT)

# Three on two cores: a tenth of the time a test waits for a process or a database.
test: .venv/.test-ready
	@$(MAKE) --no-print-directory -j2 check suite

suite: .venv/.test-ready
	$(BIN)/pytest -n 3 --dist loadgroup

check: .venv/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.test-ready
	$(BIN)/python -m benchmarks

# Every fault of a list at every point of a turn, a tick, a send and a receipt; the suite plays one share.
faults: .venv/.test-ready
	$(BIN)/pytest -n 2 --dist loadgroup --every-fault tests/engine/test_blame.py tests/engine/test_unfinished.py tests/huoju/test_readiness.py

# ONLY: parts of the names of some.
mutants: .venv/.test-ready
	$(BIN)/python -m tests.mutants $(ONLY)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Huoju needs Python 3.11, 3.12 or 3.13; install one, or say make PYTHON=/path/to/it"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run-ready: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.test-ready: requirements-dev.lock .venv/.run-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# What pipx installs.
wheel: .venv/.run-ready
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# Names, versions and licences of all that Huoju stands on: a table, and CycloneDX.
licences: .venv/.test-ready
	$(BIN)/python -m tests.licences dist

# Needs docker; TAG: the name of the image.
TAG ?= huoju:latest
image:
	docker build --file deploy/Dockerfile --tag $(TAG) .

# Needs uv. The locks hold versions and hashes, and name no index.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(LOCK) --extra build pyproject.toml -o requirements.lock
	$(LOCK) --extra build --extra dev --extra bench pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
