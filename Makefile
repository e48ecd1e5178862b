# Everything a fresh machine needs: git, make and Python 3.11 or newer with venv.
#
#   make run       the service with everything it needs, on this machine
#   make test      all tests                make bench     the benchmarks
#   make lint      the checkers alone       make snapshot  migrations/snapshot.sql anew
#   make release   a database with contests in it, to keep in tests/operation/releases
#   make texts     the pages' texts anew, for translation
#   make pictures  the pictures of docs/pages.md anew
#   make prove     all verifiers on 16,000 contests, whole and spoilt, and 1,200 with a log
#   make lock      both lock files anew     make clean     the environment away
#
# PYTHON chooses the interpreter, CONTEST_DATA the folder of the data (default: .data here).

.DEFAULT_GOAL := run
.PHONY: run test prove bench lint texts pictures lock snapshot release clean
.DELETE_ON_ERROR:

UV_VERSION := 0.13.9
BIN := .venv/bin

# The first interpreter that is new enough and can make an environment.
FIND_PYTHON := for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    2>/dev/null; then break; fi; python=; done; \
	if [ -z "$$python" ]; then \
	  echo 'Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv), or its path in PYTHON.' >&2; \
	  exit 1; fi

# A usable environment is kept; half of one, or one whose interpreter is gone, is made anew.
MAKE_VENV := if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	$(FIND_PYTHON); "$$python" -m venv --clear .venv; fi

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet $(if $(HOME),,--no-cache-dir)
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

export PYTHON

# What runs in browsers is made while the project is installed.
BROWSER := hatch_build.py $(shell find contest_service/proof/browser contest_service/web/browser -type f)

.venv/runtime.stamp: requirements.lock pyproject.toml $(BROWSER)
	@echo 'Making the environment in .venv, once: about a minute.'
	@$(MAKE_VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(INSTALL_SELF)
	@touch $@

# The lock names everything; pip's own resolver does not know of the override in pyproject.toml.
.venv/development.stamp: requirements-dev.lock pyproject.toml $(BROWSER)
	@echo 'Making the environment for tests in .venv, once: about a minute.'
	@$(MAKE_VENV)
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@$(INSTALL_SELF)
	@touch $@ .venv/runtime.stamp

run: export CONTEST_DATA ?= $(CURDIR)/.data
run: .venv/runtime.stamp
	@exec $(BIN)/python -m contest_service.cli up

# Three of them on two cores: many tests wait for clocks and servers.
test: .venv/development.stamp
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadgroup $(ARGS)

prove: export PROVE ?= 50
prove: .venv/development.stamp
	@$(BIN)/python -m pytest --numprocesses 2 tests/proof/test_verify_agrees.py \
	  tests/proof/test_verify_agrees_log.py $(ARGS)

bench: .venv/development.stamp
	@$(BIN)/python -m benchmarks $(ARGS)

lint: .venv/development.stamp
	@$(BIN)/python -m pytest -q tests/test_structure.py

snapshot: .venv/development.stamp
	@$(BIN)/python tests/operation/snapshot.py > migrations/snapshot.sql.new
	@mv migrations/snapshot.sql.new migrations/snapshot.sql

# Texts that are new or changed stand there empty or fuzzy; a test names them until they are said.
texts: .venv/development.stamp
	@PYTHONPATH=tests $(BIN)/python -m web.texts

# A walk through a whole installation, in Chromium.
pictures: export CONTEST_SCREENSHOTS ?= $(CURDIR)/.cache/screenshots
pictures: .venv/development.stamp
	@$(BIN)/python -m pytest -q tests/web/test_walks.py
	@PYTHONPATH=tests $(BIN)/python -m web.pictures

release: .venv/development.stamp
	@$(BIN)/python tests/operation/release.py

# Versions that are locked already stay, as far as pyproject.toml allows; UPGRADE=--upgrade moves them.
lock:
	@mkdir -p .cache
	@$(FIND_PYTHON); [ -x .cache/uv/bin/uv ] || "$$python" -m venv --clear .cache/uv
	@.cache/uv/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	@compile() { .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-header "$$@" pyproject.toml; }; \
	compile $(UPGRADE) --group dev --output-file requirements-dev.lock; \
	cp requirements-dev.lock requirements.lock; \
	compile --group build --output-file requirements.lock

clean:
	@rm -rf .venv .cache
