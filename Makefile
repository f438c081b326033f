# Every target works from nothing: it makes .venv when it needs it.
PYTHON ?= python3
BIN := .venv/bin
RULES := docs/rules

.PHONY: demo test lint types docs docs-site bench check clean

demo: .venv/installed
	$(BIN)/mldebt scan fixtures/repos/churn --exit-zero

test: .venv/dev
	$(BIN)/python -m pytest -n auto

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: .venv/dev
	$(BIN)/mypy

docs: .venv/installed
	mkdir -p $(RULES)
	rm -f $(RULES)/*.md
	for slug in $$($(BIN)/mldebt rules --output-format names); do \
	  $(BIN)/mldebt explain $$slug -o $(RULES)/$$slug.md || exit 1; \
	done
	$(BIN)/mldebt config schema -o mldebt/schemas/config.schema.json
	$(BIN)/python docs/walk.py

docs-site: .venv/docs
	$(BIN)/mkdocs build --quiet --strict

bench: .venv/dev
	$(BIN)/python benchmarks/run.py

check: lint types test

clean:
	rm -rf .venv build dist site *.egg-info

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/dev: pyproject.toml .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

.venv/docs: pyproject.toml .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]'
	touch $@
