# make study: set up, then answer the default question in short.   make test: set up, then check everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPACE ?= kld.yaml --set size=short
SECTIONS ?=
ARGS ?=

.PHONY: study test lint types check bench schema clean
.DEFAULT_GOAL := study

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Python 3.11 or newer is needed, {sys.executable} is {v.major}.{v.minor}: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

study: $(VENV)/installed
	$(BIN)/python -m sim_study.sweep --space $(SPACE) $(ARGS)

test: lint types check

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed
	$(BIN)/mypy

check: $(VENV)/installed
	OMP_NUM_THREADS=1 $(BIN)/pytest -n logical --maxprocesses 4 --dist loadgroup $(ARGS)

bench: $(VENV)/installed
	$(BIN)/python -m benchmarks $(SECTIONS)

schema: $(VENV)/installed
	$(BIN)/python -m sim_study.space.schema > search_spaces/space.schema.json

clean:
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache
