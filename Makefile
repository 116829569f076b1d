# Everything a stranger needs: make run, make test. `make` alone lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check lock bench bench-report torture clean
.DELETE_ON_ERROR:

V := .venv
BIN := $(V)/bin
PYTHON ?= python3

help: ## Show this list
	@grep -E '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

run: $(V)/.run ## Install what is needed, then start Hark (HARK_PORT, HARK_DATA choose port and folder)
	@exec $(BIN)/hark up

test: $(V)/.dev ## Run the tests (ARGS="-k story -x" goes to pytest)
	@$(BIN)/pytest $(ARGS)

check: $(V)/.dev ## Style, types, import contracts, missing migrations, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy hark
	$(BIN)/lint-imports
	$(BIN)/python -m hark.ops.checks

lock: $(V)/.dev ## Write both lock files anew from the .in files (hashes, no addresses)
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements-dev.in -o requirements-dev.lock

bench: $(V)/.dev ## Measure; bench/results/, then docs/performance.md (make bench-F1 for one figure)
	@$(BIN)/python -m bench $(ARGS)

bench-report: $(V)/.dev ## Write the tables and pictures of docs/performance.md anew from bench/results/
	@$(BIN)/python -m bench.report

bench-coach: $(V)/.dev ## How often the coach is right, and how quick (needs ../shared/data)
	@$(BIN)/python -m bench.coach

bench-%: $(V)/.dev
	@$(BIN)/python -m bench $* $(ARGS)

torture: $(V)/.dev ## Break what can break, at full length: some hours, as root (docs/durability.md, docs/security.md)
	@HARK_TORTURE_KILLS=$${HARK_TORTURE_KILLS:-1000} HARK_TORTURE_BODIES=$${HARK_TORTURE_BODIES:-100000} \
		HARK_TORTURE_EVENTS=$${HARK_TORTURE_EVENTS:-100000} HARK_TORTURE_SENDER_KILLS=$${HARK_TORTURE_SENDER_KILLS:-500} \
		HARK_TORTURE_SENDER_FAULTS=$${HARK_TORTURE_SENDER_FAULTS:-500} HARK_TORTURE_FAULTS=$${HARK_TORTURE_FAULTS:-100} \
		HARK_TORTURE_STOP_SECONDS=$${HARK_TORTURE_STOP_SECONDS:-60} HARK_TORTURE_RESTORES=$${HARK_TORTURE_RESTORES:-25} \
		HARK_TORTURE_FORGED=$${HARK_TORTURE_FORGED:-20000} HARK_TORTURE_ROTATION=$${HARK_TORTURE_ROTATION:-1000} \
		HARK_TORTURE_PROBES=$${HARK_TORTURE_PROBES:-50000} HARK_TORTURE_MARKUP=$${HARK_TORTURE_MARKUP:-1000} \
		HARK_TORTURE_FILES=$${HARK_TORTURE_FILES:-200} HARK_TORTURE_URLS=$${HARK_TORTURE_URLS:-500} \
		$(BIN)/pytest -m torture $(ARGS)

clean: ## Remove the virtual environment and caches; never data
	rm -rf $(V) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# install.py compares the hash of the lock with the stamp, so a `git checkout` that only touches files installs nothing.
$(V)/.run: requirements.lock hark/ops/install.py
	@$(FIND_PYTHON)
	@$(PYTHON) hark/ops/install.py $(V) requirements.lock run

$(V)/.dev: requirements-dev.lock hark/ops/install.py
	@$(FIND_PYTHON)
	@$(PYTHON) hark/ops/install.py $(V) requirements-dev.lock dev

FIND_PYTHON = command -v $(PYTHON) >/dev/null || { echo "Hark needs Python 3.11 or newer, and $(PYTHON) is not here (Debian: apt install python3 python3-venv)." >&2; exit 1; }
