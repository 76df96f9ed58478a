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

# What stands in the way of the set-up, in words; nothing where nothing does. `$(error)` says it in one line.
READ_ONLY = $(shell { test -w . && { test ! -e .venv || test -w .venv; }; } \
	|| echo ".venv is to be set up here, and you may not write here: clone into a folder of your own")
NO_PYTHON = $(if $(PYTHON),$(shell found=`"$(PYTHON)" -c 'import sys; v = sys.version_info; \
	sys.stdout.write("new enough" if v >= (3, 11) else "Python %d.%d" % v[:2])' 2>/dev/null`; \
	if test -z "$$found"; then echo "$(PYTHON) cannot be run as a Python: give PYTHON=path"; \
	elif test "$$found" != "new enough"; then echo "$(PYTHON) is $$found, not 3.11 or newer: give PYTHON=path"; \
	elif ! "$(PYTHON)" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	echo "$(PYTHON) has no venv module: install it (Debian: apt install python3-venv)"; fi),\
	there is no Python 3.11 or newer on the PATH: install one, or give PYTHON=path)
stop_for = $(if $(strip $(1)),$(error $(strip $(1))))

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
# The path to src/ is made relative: in the locale C, a Python before 3.13 cannot even start with one that is not ASCII.
$(READY): pyproject.toml requirements.lock
	$(call stop_for,$(READ_ONLY))
	$(call stop_for,$(NO_PYTHON))
	@echo "Setting up .venv with $(PYTHON) (a minute or two, once)" >&2
	@"$(PYTHON)" -m venv .venv >&2
	@$(PIP) --no-deps --require-hashes -r requirements.lock >&2
	@$(PIP) --no-deps -e . >&2
	@for pth in .venv/lib/python*/site-packages/*finalrank*.pth; do echo ../../../../src >"$$pth"; done
	@touch $@

$(READY_TO_TEST): $(READY) requirements-dev.lock
	$(call stop_for,$(READ_ONLY))
	@echo "Setting up what the tests need in .venv (a minute or two, once)" >&2
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock >&2
	@touch $@
