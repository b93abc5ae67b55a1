PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: app test docs setup bench sample check clean notebooks

app: setup ## the main job on the embedded sample: http://localhost:8501
	$(BIN)/gradmap serve --port $(PORT)

test: $(VENV)/.tested ## quick tests first, then those that open the page in a browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy spatial layers papers views app.py
	$(BIN)/python -m pytest -q -n auto -m "not browser"
	$(BIN)/python -m pytest -q -m browser

docs: $(VENV)/.tested ## pages of documentation in build/docs, every warning an error
	$(BIN)/python -m sphinx -q -W -E -b html -d build/doctrees docs build/docs

bench: $(VENV)/.tested ## every speed figure beside its peer, in one run
	$(BIN)/python -m benchmarks

sample: setup ## make the synthetic study again; it must come out with the same hashes
	$(BIN)/python -m spatial.sources.beijing.sample

notebooks: $(VENV)/.tested ## run the notebooks and keep in them what they show, as plain text
	$(BIN)/python -m tests.notebooks

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e .
	touch $@

$(VENV)/.tested: $(VENV)/.ready requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

clean: ## remove what the commands above made
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
