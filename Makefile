# The two that matter: make demo, make test. All of them set up .venv first.

PYTHON ?= python3
BIN := .venv/bin
PACKAGES := .venv/packages
INSTALLED := .venv/installed
NATIVE := native/pyproject.toml native/build_library.py $(wildcard native/source/*) native/labelhouse_native/__init__.py
PEERS := .bench/peers-venv/installed

.PHONY: help install demo test test-all soak soak-readers lint format types docs docs-site pictures bench memory bench-marts bench-nights bench-changed bench-peers bench-queries bench-profile bench-startup bench-shapes fuzz-native native-wheel test-bi bundle dbt-sources superset-requirements wheel packages constraints clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(INSTALLED) ## Set up .venv with everything, versions and hashes as in constraints.txt

$(PACKAGES): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(PACKAGES)

# The compiled reader needs a C++ compiler. Without one everything works.
$(INSTALLED): $(PACKAGES) $(NATIVE)
	@if $(BIN)/python native/build_library.py && $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --force-reinstall ./native; then \
		echo "Built labelhouse-native: labels are read by the compiled reader."; \
	else \
		echo "Without labelhouse-native (no C++ compiler): reading labels takes about twice the CPU time."; \
	fi
	@touch $(INSTALLED)

demo: $(INSTALLED) ## Load three nights of sample exports through the nightly flow; show what changed and what is wrong
	$(BIN)/python flows/demo.py

test: $(INSTALLED) ## Run the short set of tests: a part of every module
	$(BIN)/python -m pytest -n auto --dist worksteal

test-all: $(INSTALLED) ## Run all tests
	LABELHOUSE_TESTS=all $(BIN)/python -m pytest -n auto --dist worksteal

test-bi: $(INSTALLED) ## Try the dashboards in the real Superset and in a browser, and dbt (needs Chromium)
	@for name in $$CHROMIUM chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name > /dev/null && exit; done; \
		echo "Chromium is needed: apt-get install chromium, or set CHROMIUM to its path"; exit 1
	$(BIN)/python -m pytest -m bi

soak: $(INSTALLED) ## Run the long versions: 200 kills and one at each call, 500 flipped bits, 20,000 mutations
	LABELHOUSE_TESTS=long \
		$(BIN)/python -m pytest tests/ingestion/test_crash.py tests/ingestion/test_faults.py tests/maintenance/test_verify.py tests/attack/test_catalog_loss.py tests/ingestion/test_model.py \
		tests/ingestion/test_fuzz.py tests/ingestion/test_bad_corpus.py tests/exporting/test_export.py tests/commit/test_label_identity.py tests/readers/test_readers_agree.py \
		tests/readers/test_reader_contract.py tests/parallel/test_sharing.py tests/commit/test_label_history.py \
		tests/readers/test_structural_index.py tests/maintenance/test_maintain.py tests/marts/test_marts_crash.py \
		tests/attack/test_query_gate.py tests/attack/test_many_at_once.py tests/attack/test_live_copy.py \
		tests/places/test_shared_faults.py tests/places/test_share.py tests/compiled/test_labels_agree.py

soak-readers: $(INSTALLED) ## Run readers of every kind beside four ingesters for ten minutes, then 500 exports beside them
	LABELHOUSE_TESTS=long LABELHOUSE_SOAK_SECONDS=$(or $(SECONDS),600) LABELHOUSE_SOAK_EXPORTS=$(or $(EXPORTS),500) \
		$(BIN)/python -m pytest -s tests/attack/test_soak.py

fuzz-native: $(INSTALLED) ## Run the compiled reader under the sanitizers for ten minutes, with mutated texts
	LABELHOUSE_TESTS=long $(BIN)/python -m pytest tests/compiled/test_sanitizers.py

lint: $(INSTALLED) ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED) ## Write the pages of docs/ that derive from the schema, the headers of sql/ and the rooms
	$(BIN)/python docs/generate.py

docs-site: $(INSTALLED) ## Build the docs as a site in build/site, and check their links
	$(BIN)/python docs/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

pictures: $(INSTALLED) ## Draw the README's picture of the terminal again
	$(BIN)/python docs/draw_terminal.py

bundle: $(INSTALLED) ## Write the dashboards' bundle for Superset from what `labelhouse publish` writes
	$(BIN)/python deployments/superset/build_bundle.py

dbt-sources: $(INSTALLED) ## Write the dbt project's sources from what `labelhouse publish` writes
	$(BIN)/python deployments/dbt/build_sources.py

superset-requirements: $(INSTALLED) ## Resolve deployments/superset/requirements.txt again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile deployments/superset/requirements.in --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make superset-requirements" --quiet \
		-o deployments/superset/requirements.txt

bench: $(INSTALLED) $(PEERS) ## Compare with peers, five runs each (hours; needs the corpus)
	$(BIN)/python -m benchmarks.compare.run

bench-peers: $(PEERS) ## Install the peers of the comparison into .bench/peers-venv

$(PEERS): benchmarks/compare/peers/requirements.txt
	$(PYTHON) -m venv .bench/peers-venv
	.bench/peers-venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/compare/peers/requirements.txt
	@touch $(PEERS)

bench-queries: $(INSTALLED) ## Time 20 questions on 10 million annotations (needs the corpus)
	$(BIN)/python -m benchmarks.queries.run

bench-profile: $(INSTALLED) $(PEERS) ## Show where an ingest spends its time, and the limit
	$(BIN)/python -m benchmarks.profiling.ingest encord-154
	.bench/peers-venv/bin/python -m benchmarks.profiling.inflate encord-154

bench-startup: $(INSTALLED) ## Time a small ingest from start to exit, and its imports
	$(BIN)/python -m benchmarks.profiling.startup

bench-shapes: $(INSTALLED) ## Show what labels of other shapes cost beside plain ones
	$(BIN)/python -m benchmarks.profiling.shapes

memory: $(INSTALLED) ## Show that memory does not grow with the export (needs the corpus)
	$(BIN)/python -m benchmarks.memory.parsing

bench-marts: $(INSTALLED) ## Measure the marts on 10 million labels: first refresh, after a night, memory
	$(BIN)/python -m benchmarks.outputs.refresh

bench-nights: $(INSTALLED) ## Load every night for a year and maintain every week; nothing may grow
	$(BIN)/python -m benchmarks.nights.year

bench-changed: $(INSTALLED) ## Change 1 % of 10,000 documents and show what the second load writes
	$(BIN)/python -m benchmarks.nights.changed_share

wheel: $(INSTALLED) ## Build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

native-wheel: $(INSTALLED) ## Build the wheel of labelhouse-native for this machine into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist native

packages: $(INSTALLED) ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

constraints: $(INSTALLED) ## Resolve constraints.txt again from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra flows --extra report --extra encord --extra team --extra dev --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make constraints" --quiet -o constraints.txt

clean: ## Remove what the targets made
	rm -rf .venv .bench build dist demo
