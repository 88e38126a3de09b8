# rotelab: `make demo` and `make test` need nothing but Python >= 3.11 and make; the rest follows from them.
.DEFAULT_GOAL := help
.PHONY: help demo fig1 test lint bench lock clean

PYTHON ?= python3
SCALE ?= demo
RESULTS ?= $(CURDIR)/multirun
DATA ?=
TITLE ?=
ARGS ?=

BIN := .venv/bin
RUN := $(BIN)/python -m
# Compiled files make every start several seconds faster.
unexport PYTHONDONTWRITEBYTECODE

# Where the images of SCALE=small lie, and any other override: make fig1 SCALE=small DATA=~/cifar10 ARGS="seed=0"
OVERRIDES = 'results="$(RESULTS)"' $(if $(DATA),'data.folder="$(DATA)"') $(ARGS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  options: SCALE=demo|small|paper  DATA=<image folder>  TITLE=\"what it is\"  ARGS=\"key=value ...\""

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("rotelab needs Python 3.11 to 3.13: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: ## two minutes of CPU: a network is made to memorize digits that it would have generalized
	@$(MAKE) --no-print-directory fig1 SCALE=demo
	@echo "next: make fig1 SCALE=small DATA=<folder with train/<class>/*.png and test/<class>/*.png>"
	@echo "      or one run: $(RUN) rotelab.train objective=threshold objective.k=0.2 data/inputs=gaussian_blend"

fig1: .venv/installed ## Figure 1 at SCALE: plain training against gradient splitting
	@$(RUN) rotelab.train sweep=fig1 scale=$(SCALE) $(OVERRIDES)
	@$(if $(findstring dry_run=true,$(ARGS)),:,$(RUN) rotelab.figures.fig1 "$(RESULTS)/fig1-$(SCALE)" $(if $(TITLE),--data "$(TITLE)"))

test: .venv/installed ## the tests, under five minutes
	@$(RUN) pytest

lint: .venv/installed ## style and imports
	@$(BIN)/ruff check src tests && $(BIN)/ruff format --check src tests

bench: .venv/installed ## what an epoch costs here, against a hand-written loop and the bare forward+backward
	@$(RUN) rotelab.bench

lock: .venv/installed ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environment; results stay
	rm -rf .venv
