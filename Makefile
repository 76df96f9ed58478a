# make report    sets up, then writes the example report     (make report RUNS=path ARGS="-f json")
# make test      sets up, then runs every check

RUNS ?= examples/runs
ARGS ?=
SECONDS_OF_FUZZING ?= 60
# The first Python on this machine that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock" pyproject.toml
READY := .venv/.ready
READY_TO_TEST := .venv/.ready-to-test

.PHONY: report test suite golden bench fuzz lock audit clean

report: $(READY)
	@$(BIN)/finalrank report "$(RUNS)" $(ARGS)

# The fuzzer tries for a minute, however busy its core is: beside the rest it costs half a one.
test: $(READY_TO_TEST)
	@$(MAKE) --no-print-directory --jobs=2 fuzz suite

suite: $(READY_TO_TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto --dist worksteal --cov --cov-report=term

fuzz: $(READY_TO_TEST)
	$(BIN)/python checks/fuzz_reader.py --seconds $(SECONDS_OF_FUZZING)

golden: $(READY_TO_TEST)
	$(BIN)/pytest --update-golden tests/whole/test_golden.py tests/whole/test_surface.py

bench: $(READY)
	@$(BIN)/pip install --quiet -e '.[bench]' >&2
	$(BIN)/python benchmarks/bench.py $(ARGS)

# What is installed, to the hash, for every platform and Python; to be run after a change of pyproject.toml.
lock: $(READY)
	@$(BIN)/pip install --quiet uv >&2
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --output-file requirements-dev.lock

# Asks a database of known vulnerabilities, on the network.
audit: $(READY)
	@$(BIN)/pip install --quiet pip-audit >&2
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements-dev.lock

clean:
	rm -rf .venv build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Standard output is the report's alone: the set-up speaks on standard error. The locks are complete, so pip has
# nothing to resolve; where it does, an older one takes an extra (coverage[toml]) for a requirement without a pin.
$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer: install one, or give PYTHON=path" >&2; exit 1; }
	@echo "Setting up .venv with $(PYTHON), once" >&2
	@$(PYTHON) -m venv .venv >&2 || { echo "make: no venv module: install it (Debian: apt install python3-venv)" >&2; exit 1; }
	@$(PIP) --no-deps --require-hashes -r requirements.lock >&2
	@$(PIP) --no-deps -e . >&2
	@touch $@

$(READY_TO_TEST): $(READY) requirements-dev.lock
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock >&2
	@touch $@
