# `make demo` and `make test` set up all they need: a virtual environment in .venv and what the project depends on.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
STAMP := $(VENV)/.installed

.PHONY: demo test lint check axe clean

demo: $(STAMP)
	@$(BIN)/pagemill publish fixtures/folders/handbook
	@echo
	@$(BIN)/pagemill pages fixtures/folders/handbook
	@echo
	@echo "Look at the pages:  $(BIN)/pagemill serve fixtures/folders/handbook --open"

test: $(STAMP)
	$(BIN)/python -m pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: test lint

# Accessibility of the embedded workspace's pages; needs npm and Chromium, and leaves node_modules (not in git).
axe: $(STAMP)
	npm install --no-save --no-package-lock --no-audit --no-fund axe-core@4
	$(BIN)/python -m pytest -n0 tests/test_emulator_site_axe.py

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@$(BIN)/python -c "open('$(STAMP)', 'w').close()"

clean:
	rm -rf $(VENV) node_modules .pagemill .mypy_cache .ruff_cache .pytest_cache
