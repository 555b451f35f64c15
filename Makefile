# Two commands matter: `make run` and `make test`. Each sets up everything that it needs.
PYTHON ?= python3
BIN := .venv/bin
# Compiled modules make every start twice as fast; some machines switch them off for all.
unexport PYTHONDONTWRITEBYTECODE


.PHONY: run test check shots lock format reference environment developer-environment browser

run: environment
	@$(BIN)/python -m tidings run

test: developer-environment browser
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

check: developer-environment
	@$(BIN)/python bin/check

shots: developer-environment browser
	@$(BIN)/python -m tests.shots

format: developer-environment
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

reference: developer-environment
	@$(BIN)/python bin/reference

lock: developer-environment
	@$(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --no-header --no-emit-index-url --custom-compile-command "make lock" --quiet --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev --group bench --generate-hashes --universal --no-header --no-emit-index-url --custom-compile-command "make lock" --quiet --output-file requirements-dev.lock

environment:
	@$(PYTHON) bin/environment requirements.lock

developer-environment:
	@$(PYTHON) bin/environment requirements-dev.lock

browser:
	@$(PYTHON) bin/browser
