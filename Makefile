# make demo      see it work: simulated camera, shoot, develop, film (installs what it needs first)
# make test      everything a machine without a camera can check, with the real tools
# make coverage  which lines the tests reach
# make check     the inner loop: about a minute, no darktable, no slow tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# What builds the package is pinned too: pip takes the first for its builds until 25.2, the second from 25.3 on.
PINNED := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage check lint benchmark benchmark-deflicker reference constraints clean

help:
	@sed -n 's/^# make/make/p' Makefile

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@scripts/system-packages --for setup
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dayspool needs Python 3.11 or later; this is " + sys.version.split()[0])'
	@$(PIP) --version >/dev/null 2>&1 || { echo "Creating the Python environment $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing dayspool and $$(grep -c == constraints.txt) packages, versions as in constraints.txt, into $(VENV)"
	@$(PINNED) $(PIP) install --quiet --progress-bar off --editable '.[all,dev]'
	@touch $(STAMP)

demo: setup
	@scripts/system-packages --for demo
	@$(BIN)/dayspool demo

# A worker for each processor; those that answer searches hear each other and run by themselves.
WORKERS := -n auto

test: setup
	@scripts/system-packages --for test
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not slow and not alone" $(WORKERS)
	$(BIN)/python -m pytest -m "not slow and alone"
	$(BIN)/python -m pytest -m slow $(WORKERS)

# Which lines the tests reach; half as slow again, so not a part of every run.
coverage: setup
	@scripts/system-packages --for test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not slow and not alone" $(WORKERS)
	$(BIN)/coverage run -m pytest -m "not slow and alone"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: setup
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -q -m "not slow and not tools and not alone" $(WORKERS)
	$(BIN)/python -m pytest -q -m "not slow and not tools and alone"

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

benchmark: setup
	@scripts/system-packages --for benchmark
	$(BIN)/python -m benchmarks

# FFmpeg with VMAF comes in a wheel; without it the benchmark says what it leaves out.
benchmark-deflicker: setup
	@scripts/system-packages --for benchmark
	@$(PINNED) $(PIP) install --quiet --progress-bar off --editable '.[bench]' || echo "extra bench was not installed; VMAF is left out"
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.deflicker

reference: setup
	@for page in commands api cameras; do \
		$(BIN)/python scripts/$$page-reference > docs/$$page.md.part && mv docs/$$page.md.part docs/$$page.md || exit 1; \
	done

# The newest versions that fit pyproject.toml, resolved in an environment of their own; and of what builds the package.
constraints:
	@scripts/system-packages --for setup
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && \
	$(PYTHON) -m venv "$$fresh" && \
	"$$fresh/bin/python" -m pip install --disable-pip-version-check --quiet --progress-bar off --editable '.[all,dev]' hatchling editables && \
	"$$fresh/bin/python" -m pip freeze --exclude-editable > constraints.txt.part && \
	mv constraints.txt.part constraints.txt && \
	echo "constraints.txt holds $$(grep -c == constraints.txt) versions; run make test with them"

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist
