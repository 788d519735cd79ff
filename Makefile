# `make` tells what there is. Python 3.11 to 3.13; another one than python3: make run PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "uv pip compile"

# With it set, every process would compile its imports anew: seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run up secrets test properties gold check bench requirements clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-14s%s\n", $$1, $$2}' Makefile

run: $(VENV)/runtime ## the DAGs end to end on seeds/, then what came out and where to look
	@$(BIN)/python -m newslake.airflow_run run

up: $(VENV)/runtime ## Airflow with its pages on 127.0.0.1:8080 (NEWSLAKE_PORT), until Ctrl-C
	@$(BIN)/python -m newslake.airflow_run up

secrets: ## new secrets for docker-compose.yaml, into .env; PROFILES=celery,s3 for workers and an object store
	@PYTHONPATH=include $(PYTHON) -m newslake.deploy secrets --profiles "$(PROFILES)"

test: $(VENV)/development ## all tests, the fast ones first
	$(BIN)/python -m pytest -n auto -m "not airflow and not lake"
	$(BIN)/python -m pytest -n auto --dist loadgroup --durations 30 -m "airflow or lake"

properties: $(VENV)/development ## what holds for any text, on 10,000 texts each (minutes; EXAMPLES=2000 for fewer)
	NEWSLAKE_EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/python -m pytest -n auto tests/test_map.py tests/test_parse_anything.py

gold: $(VENV)/development ## scores of the annotations on tests/gold; MISSES=person (or all) lists what is wrong
	$(BIN)/python -m tests.gold $(if $(MISSES),--misses $(MISSES))

check: $(VENV)/development ## lint, format, types, layers, known vulnerabilities, and whether the DAGs can be read
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if $(BIN)/python -c "import socket; socket.create_connection(('api.osv.dev', 443), 5).close()" 2>/dev/null; then \
		$(BIN)/pip-audit --strict --vulnerability-service osv --progress-spinner off --disable-pip --require-hashes -r requirements.txt; \
	else echo "api.osv.dev cannot be reached: known vulnerabilities of the requirements were not looked for"; fi
	$(BIN)/python -m newslake.contract check
	$(BIN)/python -m newslake.airflow_run check

bench: $(VENV)/runtime ## speed and memory on generated articles
	$(BIN)/python bench/run.py

requirements: $(VENV)/runtime ## pin what requirements*.in name, with hashes; UPGRADE=--upgrade takes newer versions
	$(UV_COMPILE) $(UPGRADE) requirements.in -o requirements.txt
	$(UV_COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment, Airflow's own files and caches; data/ stays
	rm -rf $(VENV) .airflow .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis include/*.egg-info
	find bench dags include plugins tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "newslake needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is not one: make run PYTHON=/path/to/python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make an environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; }

# uv is ten times faster than pip and may not reach an index that pip is configured for: then pip does it.
$(VENV)/runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what newslake needs into $(VENV) (once, about a minute) ..."
	@awk '/^[^ #]/ {keep = /^uv==/} keep' requirements.txt > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r $(VENV)/uv.txt || true
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt || \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt || \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
