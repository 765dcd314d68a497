# Two commands do everything on a fresh machine with Python 3.11+, pip and make:
#   make run     the main job on the embedded synthetic market (ARGS="--market BTC" for your data)
#   make test    every gate and every test
# and `make check` runs the fast gates alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?= --synthetic

.PHONY: setup run test check bench pictures clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("leadfollow needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

run: setup
	$(BIN)/leadfollow run $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check
	$(BIN)/pytest $(PYTEST_ARGS)

ENGINE_CASES := 7d-2000 30d-2000 1y-360 1y-100k 1y-100k-single 1y-3.2M reversion-1y-8000 pandas-loop growth peers
DATA_CASES := year kills faults corpus frames
LIVE_CASES := parity speed fuzz faults
FELT_CASES := run week grid30 grid-disk grid-view first waits

bench: setup
	for case in $(ENGINE_CASES); do $(BIN)/python tests/benchmarks/bench_engine.py --case $$case --json || exit 1; done
	for case in $(DATA_CASES); do $(BIN)/python tests/benchmarks/bench_data.py --case $$case --json || exit 1; done
	$(BIN)/python tests/benchmarks/bench_halts.py --json
	for case in $(LIVE_CASES); do $(BIN)/python tests/benchmarks/bench_live.py --case $$case --json || exit 1; done
	for case in $(FELT_CASES); do $(BIN)/python tests/benchmarks/bench_felt.py --case $$case --json || exit 1; done
	for case in 1k 100k 1M; do $(BIN)/python tests/benchmarks/bench_page.py --case $$case --json || exit 1; done

pictures: setup
	$(BIN)/python tests/readme/pictures.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
