# Two commands for a newcomer: `make demo` and `make test`. Needs Python 3.11 or newer with venv.
# The image of a build machine may forbid .pyc files; then every process compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
COVER := --cov --cov-report= --cov-fail-under=0

.DEFAULT_GOAL := help
.PHONY: help demo test lint compiled bench constraints clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: .venv/with-all  ## a made-up patient, from scan to report, in ./keyhole-demo
	$(BIN)/keyhole demo --force

test: .venv/with-dev  ## everything that must hold, quick things first
	@scripts/system ensure
	@$(MAKE) --no-print-directory lint compiled
	NUMBA_DISABLE_JIT=1 COVERAGE_FILE=.coverage $(BIN)/pytest -q -m jit_off tests/kernels $(COVER)
	NUMBA_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadgroup --cov --cov-append --cov-report=term-missing:skip-covered

lint: .venv/with-dev  ## style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

compiled: .venv/with-dev  ## the kernels, once, before several processes need them
	scripts/compile-kernels

bench: .venv/with-bench  ## our times beside what one would otherwise use, in one run
	@for file in bench/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

constraints:  ## the versions of constraints.txt, resolved anew
	scripts/resolve $(PYTHON) > constraints.new || { rm -f constraints.new; exit 1; }
	mv constraints.new constraints.txt

clean:  ## away with the environment and all caches
	rm -rf .venv .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The build backend comes first and under the same constraints: no isolated, unpinned build.
.venv/with-all: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Keyhole needs Python 3.11 or newer with venv."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable '.[all]'
	@touch $@

.venv/with-dev: .venv/with-all
	$(PIP) --no-build-isolation --editable '.[all,dev]'
	@touch $@

.venv/with-bench: .venv/with-dev
	$(PIP) --no-build-isolation --editable '.[all,dev,bench]'
	@touch $@
