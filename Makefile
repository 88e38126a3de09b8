# rotelab: `make demo` and `make test` need nothing but Python >= 3.11 and make; the rest follows from them.
.DEFAULT_GOAL := help
PAPER := fig1 gradient_norm fig2c fig2a fig2b fig2d figs1a figs1b
SWEEPS := fig1 gradient_norm stability gap recover fig2a fig2b fig2c fig2d figs1a figs1b figs1_ablation
ZHANG := zhang_fig1a zhang_fig1b zhang_fig1c zhang_table1 zhang_early_stopping
COHERENCE := coherence_fig3 coherence_fig4 coherence_objectives coherence_order
EXACT := expressivity minimum_norm complexity
.PHONY: help demo figures paper zhang coherence $(SWEEPS) $(ZHANG) $(COHERENCE) $(EXACT) fig3 claims test test-slow lint bench bench-storage bench-gpu lock clean

PYTHON ?= python3
SCALE ?= demo
RESULTS ?= $(CURDIR)/multirun
DATA ?=
TITLE ?=
REFERENCE ?=
OUT ?=
ARGS ?=

BIN := .venv/bin
RUN := $(BIN)/python -m
# Compiled files make every start several seconds faster.
unexport PYTHONDONTWRITEBYTECODE

# Where the images of SCALE=small lie, and any other override: make fig1 SCALE=small DATA=~/cifar10 ARGS="seed=0"
OVERRIDES = 'results="$(RESULTS)"' $(if $(DATA),'data.folder="$(DATA)"') $(ARGS)
# A variable for the shell as it was given, $ and quotes included.
quoted = '$(subst ','\'',$(value $(1)))'
CAPTION = $(if $(TITLE),--data $(call quoted,TITLE)) $(if $(OUT),--out "$(OUT)") $(if $(REFERENCE),--reference "$(REFERENCE)")
DRY = $(findstring dry_run=true,$(ARGS))
$(if $(filter name=%,$(ARGS)),$(error name= is for sweeps of your own; a figure reads its sweep's folder: RESULTS=<folder> chooses where))

# A sweep goes on where it was left, then its figure is drawn; a dry run draws nothing.
define sweep
@$(RUN) rotelab.train sweep=$(1) scale=$(SCALE) $(OVERRIDES)
endef
define draw
@$(if $(DRY),:,$(RUN) rotelab.figures.$(1) $(2) $(CAPTION))
endef
define exact
@$(if $(DRY),:,$(RUN) rotelab.figures.$@ --scale $(SCALE) --out $(if $(OUT),"$(OUT)","$(RESULTS)/$@-$(SCALE)") \
	$(if $(DATA),--folder "$(DATA)") $(if $(TITLE),--data $(call quoted,TITLE)))
endef
define figure
$(call sweep,$@)
$(call draw,$@,"$(RESULTS)/$@-$(SCALE)")
endef

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## /{printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  options: SCALE=demo|small|paper  DATA=<image folder>  TITLE=\"what it is\"  ARGS=\"key=value ...\""
	@echo "           REFERENCE=<folder with paper_curves.csv>  OUT=<folder for figures and tables>"

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

figures: fig3 $(SWEEPS) claims ## all of them at SCALE, and the table of claims

paper: fig3 $(PAPER) claims ## the figures of "Why Deep Learning Generalizes" alone: make paper SCALE=paper ARGS="trainer=gpu"

fig1: .venv/installed ## Figure 1: plain training against gradient splitting
	$(figure)

gradient_norm: .venv/installed ## section 4: the gradient's norm, in the runs of fig1
	$(figure)

stability: .venv/installed ## Theorem 1: how far parameters and inputs can be moved, in the runs of fig1
	$(figure)

gap: .venv/installed ## section 5: epochs of Eq. (1) over epochs of Eq. (3), images and noise
	$(figure)

recover: .venv/installed ## from memorizing to generalizing and back
	$(figure)

fig2a: .venv/installed ## Figure 2a: images against noise under Eq. (4)
	$(figure)

fig2b: .venv/installed ## Figure 2b: images blended with more and more noise
	$(figure)

fig2c: .venv/installed ## Figure 2c: size of the set, in epochs and in steps
	$(figure)

fig2d: .venv/installed ## Figure 2d: Eq. (5) with several targets, plain training beside it
	$(call sweep,fig2d)
	$(call sweep,fig2_plain)
	$(call draw,fig2d,"$(RESULTS)/fig2d-$(SCALE)" "$(RESULTS)/fig2_plain-$(SCALE)")

figs1a: .venv/installed ## Figure S1a: ResNet18 on noise by size
	$(figure)

figs1b: .venv/installed ## Figure S1b: ResNet18 on images by size
	$(figure)

figs1_ablation: .venv/installed ## why a softmax slows ResNet18 down on noise
	$(figure)

fig3: .venv/installed ## Figure 3: basins of attraction in many dimensions, no training
	@$(if $(DRY),:,$(RUN) rotelab.figures.fig3 --scale $(SCALE) --out $(if $(OUT),"$(OUT)","$(RESULTS)/fig3-$(SCALE)"))

zhang: $(ZHANG) $(EXACT) claims ## all of "Understanding deep learning requires rethinking generalization" at SCALE

zhang_fig1a: .venv/installed ## Zhang, Figure 1a: true and random labels, shuffled and random pixels, noise
	$(figure)

zhang_fig1b: .venv/installed ## Zhang, Figure 1b: steps to fit against the fraction of corrupted labels
	$(figure)

zhang_fig1c: .venv/installed ## Zhang, Figure 1c: test error against the fraction of corrupted labels, same runs
	$(figure)

zhang_table1: .venv/installed ## Zhang, Tables 1 and 4: regularizers and networks, true and random labels
	$(figure)

zhang_early_stopping: .venv/installed ## Zhang, Figure 2: test accuracy long after the fit, with and without batch norm
	$(figure)

expressivity: .venv/installed ## Zhang, Theorem 1: 2n + d weights that represent any labels, no training
	$(exact)

minimum_norm: .venv/installed ## Zhang, section 5: minimum-norm interpolation, kernels and SGD
	$(exact)

complexity: .venv/installed ## Zhang, section 2.2: Rademacher complexity and shattering, measured
	$(exact)

coherence: $(COHERENCE) claims ## all of coherent gradients at SCALE

coherence_fig3: .venv/installed ## Coherent gradients, Figure 3: how many examples does one help, on real and random labels
	$(figure)

coherence_fig4: .venv/installed ## Coherent gradients, Figure 4: half of the labels wrong, SGD against medians of gradients
	$(figure)

coherence_objectives: .venv/installed ## is memorizing by gradient splitting less coherent than learning?
	$(figure)

coherence_order: .venv/installed ## which examples are learned first, and do their gradients agree more?
	$(figure)

claims: .venv/installed ## every claim of the papers with a verdict, from the results there are
	@$(if $(DRY),:,$(RUN) rotelab.claims "$(RESULTS)" --scale $(SCALE) $(if $(OUT),--out "$(OUT)") $(if $(TITLE),--about $(call quoted,TITLE)))

test: .venv/installed ## the tests, under five minutes
	@$(RUN) pytest

test-slow: .venv/installed ## the tests that take longer
	@$(RUN) pytest -m slow

lint: .venv/installed ## style and imports
	@$(BIN)/ruff check src tests && $(BIN)/ruff format --check src tests

bench: .venv/installed ## what an epoch, and what coherence, costs here, against the bare forward+backward
	@$(RUN) rotelab.bench
	@$(RUN) rotelab.bench_coherence

bench-storage: .venv/installed ## 20,000 generated images in memory and streamed: throughput and peak memory
	@$(RUN) rotelab.bench_storage

bench-gpu: .venv/installed ## a step on a GPU against its floors, and stacks of runs; ARGS="--device cpu" for a CPU
	@$(RUN) rotelab.bench_gpu --out $(if $(OUT),"$(OUT)","$(RESULTS)/performance") $(ARGS)

lock: .venv/installed ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environment; results stay
	rm -rf .venv
