# One command each: set-up happens by itself and only once.
PYTHON ?= python3
BIN := .venv/bin
# PyTorch's CPU index is tried once; where it is out of reach the plain index serves.
TORCH := --retries 0 --timeout 5 --extra-index-url https://download.pytorch.org/whl/cpu

.PHONY: demo telegram test lint audit prompts prompts-baseline setup clean
setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --upgrade pip
	$(BIN)/pip install -q $(TORCH) -c constraints.txt torch || $(BIN)/pip install -q -c constraints.txt torch
	$(BIN)/pip install -q -c constraints.txt -e . --group dev
	touch $@

demo: setup
	$(BIN)/sanad demo

# The bot in a local page that looks like a chat: no token, no internet.
telegram: setup
	$(BIN)/sanad dev telegram

# Many tests wait for processes that they started: two at a time for each processor.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, 2 * (os.cpu_count() or 1)))")
test: setup
	$(BIN)/pytest -n $(WORKERS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The sample cases, without a model; fails on what became worse since the baseline was made.
CASES := samples/cases
prompts: setup
	$(BIN)/sanad prompts test --cases $(CASES) --model extractive --baseline $(CASES)/baseline.json --no-details

prompts-baseline: setup
	-$(BIN)/sanad prompts test --cases $(CASES) --model extractive --json $(CASES)/baseline.json --no-details

# Known vulnerabilities of all that is pinned; what cannot be looked up fails too. Needs the network.
audit: setup
	$(BIN)/python -m security.audit

clean:
	rm -rf .venv data build dist *.egg-info
