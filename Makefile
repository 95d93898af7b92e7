# Run `make` to see what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help

SYSTEM_PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Two more than there are processors: deployments wait most of the time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
CODE := generator tests benchmarks hooks/service_extension.py
# Tests that take seconds altogether; the rest builds, deploys and runs what was generated.
FAST := tests/unit tests/cli tests/wizard tests/golden tests/matrix

.PHONY: help
help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## create .venv with gen and everything that develops it

$(INSTALLED): pyproject.toml requirements-dev.txt
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make SYSTEM_PYTHON=python3.13 install" >&2; exit 2; }
	$(SYSTEM_PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . -r requirements-dev.txt
	@touch $@

# The service runs on Python 3.13: uv fetches one where the machine has none.
WITH_UV = PATH="$(abspath $(BIN)):$$PATH"

# The service is left for a look, in a folder that git ignores.
.PHONY: try
try: $(INSTALLED) ## create a service, run its tests and invoke one of its functions
	rm -rf .cache/try
	$(BIN)/gen new .cache/try/orders --provider aws --trigger http=api --ci none --no-input
	@cd .cache/try/orders && { $(WITH_UV) sh scripts/find_python.sh >/dev/null 2>&1 || \
	  $(WITH_UV) uv python install 3.13; }
	$(WITH_UV) $(MAKE) -C .cache/try/orders install test
	$(MAKE) -C .cache/try/orders invoke FUNCTION=api

.PHONY: lint
lint: $(INSTALLED) ## check style and types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

.PHONY: check
check: lint ## lint, and the tests that take seconds
	$(PYTEST) $(FAST)

.PHONY: test
test: lint ## everything: what `make check` does, real builds, deployments, generated suites
	$(PYTEST)

.PHONY: format
format: $(INSTALLED) ## rewrite the code in the project's style
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

.PHONY: fresh
fresh: $(INSTALLED) ## write anew what is derived from the packs, and the golden trees
	$(BIN)/python tests/fresh.py

.PHONY: bench
bench: $(INSTALLED) ## compare with peers (takes minutes)
	$(BIN)/python -m benchmarks

.PHONY: clean
clean: ## remove caches, but not .venv
	rm -rf .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
