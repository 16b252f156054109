# The two that matter: make demo, make test. All of them set up .venv first.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
PEERS := .bench/peers-venv/installed

.PHONY: help install demo test soak soak-readers lint format types docs bench memory bench-marts bench-nights bench-changed bench-peers bench-queries bench-profile bench-startup test-bi bundle superset-requirements wheel constraints clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(INSTALLED) ## Set up .venv with everything, versions and hashes as in constraints.txt

$(INSTALLED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(INSTALLED)

demo: $(INSTALLED) ## Make a sample export, load it, ask three questions, write the report
	$(BIN)/labelhouse demo

test: $(INSTALLED) ## Run all tests, those with a Prefect server too
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-bi: $(INSTALLED) ## Try the dashboards in the real Superset and in a browser (needs Chromium)
	@for name in $$CHROMIUM chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name > /dev/null && exit; done; \
		echo "Chromium is needed: apt-get install chromium, or set CHROMIUM to where it is"; exit 1
	$(BIN)/python -m pytest -m bi

soak: $(INSTALLED) ## Run the long versions: 200 kills and one at each call, 500 flipped bits, 20,000 mutations
	LABELHOUSE_SOAK=1 LABELHOUSE_WEEKS=10 LABELHOUSE_KILLS=200 LABELHOUSE_FLIPS=500 LABELHOUSE_STEPS=150 \
	LABELHOUSE_MUTATIONS=20000 LABELHOUSE_EXPORTS=300 LABELHOUSE_EXAMPLES=300 LABELHOUSE_TEXTS=2000 \
		$(BIN)/python -m pytest tests/ingestion/test_crash.py tests/ingestion/test_faults.py tests/maintenance/test_verify.py tests/attack/test_catalog_loss.py tests/ingestion/test_model.py \
		tests/ingestion/test_fuzz.py tests/exporting/test_export.py tests/commit/test_label_identity.py tests/readers/test_readers_agree.py \
		tests/readers/test_reader_contract.py tests/parallel/test_sharing.py tests/commit/test_label_history.py \
		tests/readers/test_structural_index.py

soak-readers: $(INSTALLED) ## Ten minutes of readers of every kind beside four ingesters, then 500 exports beside them
	LABELHOUSE_SOAK_SECONDS=$(or $(SECONDS),600) LABELHOUSE_SOAK_EXPORTS=$(or $(EXPORTS),500) \
		$(BIN)/python -m pytest -s tests/attack/test_soak.py

lint: $(INSTALLED) ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED) ## Write docs/data-model.md and docs/questions.md from the schema and the headers of sql/
	$(BIN)/python docs/generate.py

bundle: $(INSTALLED) ## Write the dashboards' bundle for Superset from what `labelhouse publish` writes
	$(BIN)/python deployments/superset/build_bundle.py

superset-requirements: $(INSTALLED) ## Resolve deployments/superset/requirements.txt anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile deployments/superset/requirements.in --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make superset-requirements" --quiet \
		-o deployments/superset/requirements.txt

bench: $(INSTALLED) $(PEERS) ## Compare with peers, five runs each (hours; needs the corpus)
	$(BIN)/python benchmarks/compare.py

bench-peers: $(PEERS) ## Install the peers of the comparison into .bench/peers-venv

$(PEERS): benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .bench/peers-venv
	.bench/peers-venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	@touch $(PEERS)

bench-queries: $(INSTALLED) ## Time 20 questions on 10 million annotations (needs the corpus)
	$(BIN)/python benchmarks/queries.py

bench-profile: $(INSTALLED) $(PEERS) ## Show where the time of an ingest goes, and the limit
	$(BIN)/python benchmarks/ingest_profile.py encord-154
	.bench/peers-venv/bin/python benchmarks/inflate.py encord-154

bench-startup: $(INSTALLED) ## Time a small ingest from start to exit, and its imports
	$(BIN)/python benchmarks/startup.py

memory: $(INSTALLED) ## Show that memory does not grow with the export (needs the corpus)
	$(BIN)/python benchmarks/memory.py

bench-marts: $(INSTALLED) ## Measure the marts on 10 million labels: first refresh, after a night, memory
	$(BIN)/python benchmarks/marts.py

bench-nights: $(INSTALLED) ## Load every night for a year, maintain every week: nothing may grow
	$(BIN)/python benchmarks/nights.py

bench-changed: $(INSTALLED) ## Change 1 % of 10,000 documents and show what the second load writes
	$(BIN)/python benchmarks/changed_share.py

wheel: $(INSTALLED) ## Build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

constraints: $(INSTALLED) ## Resolve constraints.txt anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra flows --extra report --extra dev --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make constraints" --quiet -o constraints.txt

clean: ## Remove what the targets made
	rm -rf .venv .bench build dist demo
