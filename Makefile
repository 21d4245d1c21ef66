# Only Python 3.11+ and make are needed: every target that needs the environment makes it first.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
EXECUTORS := .venv-executors
# What looks at the dependencies is no part of the environment that it looks at.
TOOLS  := $(VENV)-tools
SITE    = $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
OUT    ?= out
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test executors test-executors lint format typecheck fuzz fuzz-readers mutants bench bench-large check lock sbom audit schema docs wheel clean

help: ## Show what can be made
	@echo "usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the locked environment in .venv (done by the others when needed)

# Everything comes from the lock, with hashes; the project itself is installed without a second download.
$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12")'
	@echo "setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Rates of the shipped sample for 2025, by race
	$(BIN)/vbpmeasure run w30 wcv lsc dev --data sample --year 2025 --by race

test: $(STAMP) ## All tests; the test decks are among them
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Engines are heavy (Spark alone is 400 MB) and not in the lock: an environment of their own. Spark needs Java 17, and is
# built from source by tools of its own, which the locked environment does not have.
executors: $(EXECUTORS)/.installed
$(EXECUTORS)/.installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -m venv $(EXECUTORS)
	@$(EXECUTORS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(EXECUTORS)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[spark,ray,dask]'
	@touch $@

test-executors: executors ## Runs by the workers of Spark, Ray and Dask (installs them, once)
	$(EXECUTORS)/bin/python -m pytest tests/executors

lint: $(STAMP) ## Ruff: rules and format
	$(BIN)/ruff check src tests tools
	$(BIN)/ruff format --check src tests tools

format: $(STAMP) ## Mend what ruff can mend
	$(BIN)/ruff check --fix src tests tools
	$(BIN)/ruff format src tests tools

typecheck: $(STAMP) ## Mypy, strict
	$(BIN)/mypy

# The engines are compared by a run of its own, which says how far it is; one thread, for small queries only wait for more.
fuzz: $(STAMP) ## Generated definitions on both engines, for long (EXAMPLES=20000 SEED=1)
	cd tests && POLARS_MAX_THREADS=1 ../$(BIN)/python -m generative.fuzz --examples $(or $(EXAMPLES),20000) --seed $(or $(SEED),1)
	VBPMEASURE_FUZZ_EXAMPLES=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -n $(WORKERS) tests/generative -k "not engines_agree"

# Guided by coverage where atheris is (Linux): `.venv/bin/python -m pip install atheris` puts it there.
fuzz-readers: $(STAMP) ## Hostile files for every reader, for long (SECONDS=60 for each, TARGETS="fhir toml", ROUNDS=1)
	cd tests && ../$(BIN)/python -m fuzz.run $(TARGETS) --seconds $(or $(SECONDS),60) --rounds $(or $(ROUNDS),1) --findings ../fuzz-findings

# mutmut stands beside the locked environment, pinned with hashes in a lock of its own: only this target needs it.
MUTMUT := $(VENV)/mutation
$(MUTMUT): tests/mutation/requirements.lock $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $@ -r $<
	@touch $@

mutants: $(MUTMUT) ## Small changes of plan, engines and results: do the tests see them (SAMPLE=700 SEED=1)
	cd tests && PYTHONPATH=$(abspath $(MUTMUT)) ../$(BIN)/python -m mutation --sample $(or $(SAMPLE),700) --seed $(or $(SEED),1) --workers $(WORKERS) \
		--out $(abspath $(OUT))/mutants-$(or $(SEED),1).jsonl

bench: $(STAMP) ## Time and memory against the bare scan and DuckDB (PEOPLE=100000)
	$(BIN)/python -m tests.bench.bench --people $(or $(PEOPLE),100000)

# Not for CI: 32 million claim lines are made first, which takes ten minutes and 0.7 GB.
bench-large: $(STAMP) ## The same for a million children, and whole commands (ROUNDS=3)
	$(BIN)/python -m tests.bench.bench --people $(or $(PEOPLE),1000000) --rounds $(or $(ROUNDS),3)
	$(BIN)/python -m tests.bench.commands --people $(or $(PEOPLE),1000000) --rounds $(or $(ROUNDS),3)

check: $(STAMP) ## Every gate, reporting all failures and not the first alone
	@failed=""; for gate in lint typecheck test; do $(MAKE) --no-print-directory $$gate || failed="$$failed $$gate"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

# Only a change of the dependencies needs this, and uv. One version for all Pythons: the sample is the same bytes everywhere.
LOCK := uv pip compile pyproject.toml --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-config --no-annotate \
	--no-header --no-emit-index-url --no-emit-find-links --quiet
lock: ## Renew the locks (needs uv)
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock
	$(subst pyproject.toml,--group tools,$(LOCK)) -o requirements-tools.lock

$(TOOLS)/.installed: requirements-tools.lock
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

sbom: $(STAMP) $(TOOLS)/.installed ## Write sbom.cdx.json and docs/licenses.md from the locks
	$(TOOLS)/bin/python -m tools.supply_chain.sbom --site "$(SITE)"

audit: $(STAMP) $(TOOLS)/.installed ## Locks, environment, known vulnerabilities (ADVISORIES=FILE without network)
	$(TOOLS)/bin/python -m tools.supply_chain.audit --site "$(SITE)" $(if $(ADVISORIES),--advisories "$(ADVISORIES)")

schema: $(STAMP) ## Renew measures/schema from the models
	$(BIN)/vbpmeasure schema --write

docs: $(STAMP) ## Write docs/measures and renew the command output that the documentation prints
	$(BIN)/python -m vbpmeasure.measure_pages docs/measures
	cd tests && ../$(BIN)/python -m support.pages

wheel: $(STAMP) ## Build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(EXECUTORS) $(TOOLS) $(OUT) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
