# rotelab: `make demo` and `make test` need nothing but Python >= 3.11 and make; the rest follows from them.
.DEFAULT_GOAL := help
# Every module of a work's folder that is an experiment is a target: gradient_splitting/fig1, and fig1 where no other work
# has one called so.
EXPERIMENTS := $(patsubst src/rotelab/experiments/%.py,%,$(shell grep -l '^EXPERIMENT = ' src/rotelab/experiments/*/*.py))
NAMES := $(notdir $(EXPERIMENTS))
SHORT := $(foreach name,$(sort $(NAMES)),$(if $(word 2,$(filter $(name),$(NAMES))),,$(name)))
WORKS := $(sort $(patsubst %/,%,$(dir $(EXPERIMENTS))))
PAPER := $(addprefix gradient_splitting/,fig3 fig1 gradient_norm fig2c fig2a fig2b fig2d figs1a figs1b)
.PHONY: help demo figures paper $(EXPERIMENTS) $(sort $(NAMES)) $(WORKS) claims dashboard docs test test-slow test-all test-lowest lint bench \
	bench-storage bench-gpu gpu-slice bench-audit lock clean

PYTHON ?= python3
SCALE ?= demo
RESULTS ?= $(CURDIR)/multirun
DATA ?=
TITLE ?=
REFERENCE ?=
OUT ?=
ARGS ?=
BENCH ?=

# A variable is written in capitals: of scale=smoke make would take no notice.
KNOWN := PYTHON SCALE RESULTS DATA TITLE REFERENCE OUT ARGS BENCH
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
$(foreach name,$(filter-out $(KNOWN),$(GIVEN)),$(foreach meant,$(filter $(shell echo '$(name)' | tr a-z A-Z),$(KNOWN)),\
	$(error $(name)=$($(name)): variables of make are in capitals, $(meant)=$($(name)))))

BIN := .venv/bin
RUN := $(BIN)/python -m
# Compiled files make every start several seconds faster.
unexport PYTHONDONTWRITEBYTECODE

# Where the images of SCALE=small lie, and any other override: make fig1 SCALE=small DATA=~/cifar10 ARGS="seed=0"
OVERRIDES = 'results="$(RESULTS)"' $(if $(DATA),'data.folder="$(DATA)"') $(ARGS)
# A variable for the shell as it was given, $ and quotes included.
quoted = '$(subst ','\'',$(value $(1)))'
CAPTION = $(if $(DATA),--images "$(DATA)") $(if $(TITLE),--title $(call quoted,TITLE)) $(if $(OUT),--out "$(OUT)") $(if $(REFERENCE),--reference "$(REFERENCE)")
DRY = $(findstring dry_run=true,$(ARGS))
$(if $(filter name=%,$(ARGS)),$(error name= is for sweeps of your own; a figure reads its sweep's folder: RESULTS=<folder> chooses where))

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## /{printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@for work in $(WORKS); do echo; printf "  make %-24s all of:\n" $$work; \
		for name in $(EXPERIMENTS); do case $$name in $$work/*) short=$$name; \
			case " $(SHORT) " in *" $${name#*/} "*) short=$${name#*/};; esac; \
			printf "  make %-24s %s\n" $$short "$$(sed -n '1s/"""//gp' src/rotelab/experiments/$$name.py)";; esac; done; done
	@echo
	@echo "  options: SCALE=smoke|demo|small|paper  DATA=<image folder>  TITLE=\"what it is\"  ARGS=\"key=value ...\""
	@echo "           REFERENCE=<folder with paper_curves.csv>  OUT=<folder for figures and tables>"

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("rotelab needs Python 3.11 to 3.13: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: ## two minutes: a network memorizes digits that it would have generalized
	@$(MAKE) --no-print-directory gradient_splitting/fig1 SCALE=demo
	@echo "next: make fig1 SCALE=small DATA=<folder with train/<class>/*.png and test/<class>/*.png>"
	@echo "      or one run: $(RUN) rotelab.train objective=threshold objective.k=0.2 data/inputs=gaussian_blend"

figures: $(WORKS) ## all experiments at SCALE, and the table of claims

paper: $(PAPER) claims ## the figures of "Why Deep Learning Generalizes"; SCALE=paper is for a GPU

# Sweeps go on where they were left, then the figure is drawn; a dry run draws nothing. A name that two works have is asked about.
$(EXPERIMENTS) $(sort $(NAMES)): .venv/installed
	@sweeps=$$($(RUN) rotelab.experiments $@) && for sweep in $$sweeps; do \
		$(RUN) rotelab.train sweep=$$sweep scale=$(SCALE) $(OVERRIDES) || exit; done
	@$(if $(DRY),:,$(RUN) rotelab.report.draw $@ --results "$(RESULTS)" --scale $(SCALE) $(CAPTION))

define of_work
$(1): $$(filter $(1)/%,$$(EXPERIMENTS)) claims
endef
$(foreach work,$(WORKS),$(eval $(call of_work,$(work))))

claims: .venv/installed ## every claim of the papers with a verdict, from the results there are
	@$(if $(DRY),:,$(RUN) rotelab.report.claims "$(RESULTS)" --scale $(SCALE) $(if $(OUT),--out "$(OUT)") $(if $(TITLE),--title $(call quoted,TITLE)))

dashboard: .venv/installed ## a dashboard of W&B for each work, as code; ARGS="--mode online" saves it
	@$(RUN) rotelab.report.dashboard wandb "$(RESULTS)" $(if $(OUT),--out "$(OUT)") $(ARGS)

test: .venv/installed ## the tests, under five minutes
	@$(RUN) pytest

test-slow: .venv/installed ## the tests that take longer
	@$(RUN) pytest -m slow

test-all: test test-slow ## both

.venv-lowest/installed: pyproject.toml .venv/installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-lowest
	$(BIN)/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --group dev --editable .
	@touch $@

test-lowest: .venv-lowest/installed ## the tests with the lowest versions that are admitted: at every change of them
	@.venv-lowest/bin/python -m pytest

lint: .venv/installed ## style, imports and types
	@$(BIN)/ruff check src tests docs && $(BIN)/ruff format --check src tests docs
	@$(BIN)/ty check --python $(BIN)/python --error-on-warning --quiet src tests

bench: .venv/installed ## what an epoch and coherence cost, against the bare forward and backward passes
	@$(RUN) rotelab.benchmarks.epoch
	@$(RUN) rotelab.benchmarks.coherence

bench-storage: .venv/installed ## 20,000 generated images in memory and streamed: throughput and peak memory
	@$(RUN) rotelab.benchmarks.storage

bench-gpu: .venv/installed ## a step on a GPU against its floors, and stacks; ARGS="--device cpu" for a CPU
	@$(RUN) rotelab.benchmarks.gpu --out $(if $(OUT),"$(OUT)","$(RESULTS)/performance") $(ARGS)

# Each part has its time, and what was cut off goes on in the next slice; none hinders the next. Every run writes as it goes.
# BENCH="--device cpu" ARGS="trainer=cpu" SCALE=smoke tries it without a GPU.
SLICE = timeout --signal=TERM --kill-after=30
gpu-slice: .venv/installed ## fifteen minutes of a GPU, most wanted first: SCALE=paper DATA=<images>
	-$(SLICE) 150 $(RUN) pytest -q -n0 tests/training/test_gpu.py
	-$(SLICE) 120 $(RUN) rotelab.benchmarks.gpu --out "$(RESULTS)/performance" --compile default --stacks --processes --epochs 4 $(BENCH)
	-$(SLICE) 180 $(RUN) rotelab.train sweep=gradient_splitting/collapse_precision scale=$(SCALE) $(OVERRIDES) stop.max_epochs=20
	-$(SLICE) 150 $(RUN) rotelab.train sweep=gradient_splitting/fig1 scale=$(SCALE) $(OVERRIDES) conditioning=good seed=0
	-$(SLICE) 150 $(RUN) rotelab.train sweep=gradient_splitting/fig1 scale=$(SCALE) $(OVERRIDES) conditioning=usual objective=split seed=0

bench-audit: .venv/installed ## wrong labels and copies put among images of DATA; needs the extra audit
	@$(RUN) rotelab.benchmarks.audit $(DATA) --out $(if $(OUT),"$(OUT)","$(RESULTS)/audit-benchmark") $(ARGS)

docs: .venv/installed ## the page of all options, and the site, as they follow from conf and the code
	@$(RUN) rotelab.config.reference
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "the site: site/index.html; with its search: $(BIN)/mkdocs serve"

lock: .venv/installed ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environments; results stay
	rm -rf .venv .venv-lowest
