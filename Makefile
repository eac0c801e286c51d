# One word per chore. `make run` and `make test` do all the set-up; everything else is a part of them.
# What each needs and which settings it reads: docs/developer.md, docs/operator.md

.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
READY := .venv/.ready

export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL ?= 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
# Rasa, TensorFlow and torch take half a minute longer at each start when Python may not keep its compiled files.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test train check check-examples lint format evaluate fit ablate stock bench bench-desk bench-widget \
	bench-load soak faults masking test-outgrown check-deploy audit sbom screenshots crash clean test-services

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 24

setup: $(READY) ## Install everything into .venv (some minutes and 8 GB the first time)

$(READY): uv.lock pyproject.toml .python-version scripts/setup.sh
	@sh scripts/setup.sh
	@touch $@

run: setup ## Start Lotsen and print the address of the chat; Ctrl-C stops it
	@exec .venv/bin/lotsen up

test: setup test-services train ## Run all tests (about half an hour on 2 cores)
	@$(PY) -m pytest -n 2 --dist loadgroup

test-services:
	@sh scripts/test-services.sh

train: setup ## Train a model, unless one fits the data
	@.venv/bin/lotsen train

check: setup ## Check the content, first ours, then Rasa's own way
	@.venv/bin/lotsen check
	@.venv/bin/rasa data validate --fail-on-warnings

check-examples: setup ## Check the content, and list examples that a model without them gets wrong (minutes)
	@.venv/bin/lotsen check --cross-validate

lint: setup ## Check style and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format: setup ## Bring the code into the project's format
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

evaluate: setup ## Cross-validate, ask the development set, write a report (about 15 minutes)
	@.venv/bin/lotsen evaluate --report

fit: setup ## The same, and fit decision.yml and write docs/measured (about 20 minutes)
	@.venv/bin/lotsen evaluate --fit

ablate: setup ## Measure what each part of the pipeline brings (about 20 minutes)
	@.venv/bin/lotsen evaluate --ablate

stock: setup ## Measure stock Rasa beside ours (more than an hour)
	@.venv/bin/lotsen evaluate --stock 1

bench: setup bench-widget ## Measure the widget; training, memory and turns beside stock Rasa (about 20 minutes)
	@.venv/bin/lotsen bench

bench-widget: setup test-services train ## Measure the widget's size and speed in a slow browser (about a minute)
	@$(PY) -m tests.bench.widget

screenshots: setup test-services train ## Write the pictures of the chat and the desk in docs/img anew
	@$(PY) -m tests.support.screenshots
	@$(PY) -m tests.support.teams_screenshots
	@$(PY) -m tests.support.desk_screenshots

bench-desk: setup train ## Measure the triage desk with 50,000 cases (about 5 minutes)
	@$(PY) -m tests.bench.desk_cases
	@$(PY) -m tests.bench.desk_pages

bench-load: setup test-services train ## Find the load that Lotsen bears, and hold 1,000 conversations open (about half an hour)
	@$(PY) -m tests.bench.load

soak: setup test-services train ## Live a working day of 8 hours in minutes, and look at memory (about a quarter of an hour)
	@$(PY) -m tests.bench.soak

faults: setup test-services train ## Kill, fill, stop and turn back everything while users talk; write the table (about 10 minutes)
	@$(PY) -m tests.faults.run

masking: setup ## Measure masking on 20,000 made lines, and write the table
	@$(PY) -m tests.privacy.measure

test-outgrown: setup test-services train ## Run the end-to-end tests on PostgreSQL and Redis with two workers
	@LOTSEN_TEST_STORAGE=outgrown $(PY) -m pytest -n 2 --dist loadgroup tests/e2e

check-deploy: setup ## Check the containers' files and Kubernetes' manifests, without an engine or a cluster
	@sh scripts/check-deploy.sh

audit: setup ## Ask about known faults in the packages that are pinned
	@$(PY) scripts/audit.py

sbom: setup ## Write what Lotsen is made of into results/, as CycloneDX
	@sh scripts/sbom.sh results

crash: setup ## Kill the deliverer 500 times while a desk has a bad day, and count what arrived (about 2 minutes)
	@$(PY) -m tests.outbox.crash --kills 500

clean: ## Remove what was built: environment, models, caches (not .lotsen, where cases are)
	rm -rf .venv .tools models results .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
