# One definition of every routine job. `make demo` and `make test` set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETTLE := $(BIN)/python -m pip install --quiet
PROJECT := $(SETTLE) --no-deps --no-build-isolation --editable .

.PHONY: demo test check format coverage bench docs lock clean

# The demo study is written anew each time, so what the folder shows is what this version does.
demo: $(VENV)/.run
	rm -rf demo
	$(BIN)/whatworked demo demo
	@echo "The report: $(CURDIR)/demo/run/release/report.html"

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

coverage: $(VENV)/.dev
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do $(BIN)/python "$$script" || exit 1; done

# Writes the pages of docs/reference that are read out of the code; a test fails where they are stale.
docs: $(VENV)/.run
	$(BIN)/python docs/generate.py

# Needs uv on the path. Neither a host nor a path of this machine is written; --upgrade takes the newest versions.
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --upgrade --quiet
lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock:
	$(LOCK) --group build --output-file requirements/run.txt
	$(LOCK) --group dev --constraints requirements/run.txt --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) demo

# A stamp is younger than what was installed by it, so a changed lock file or project file installs again.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("whatworked needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(SETTLE) --require-hashes --requirement requirements/run.txt
	$(PROJECT)
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(SETTLE) --require-hashes --requirement requirements/dev.txt
	$(PROJECT)
	touch $(VENV)/.run $@
