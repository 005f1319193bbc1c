# `make demo` and `make test` need only Python (with venv) and make: each sets up .venv by itself.
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c $(CONSTRAINTS)

.PHONY: demo test lint pytest clean

demo: $(VENV)/demo.stamp
	$(BIN)/python -m torchsmote demo

test: lint pytest

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# One run for tests, doctests and the README's blocks, so that coverage counts them all. Its worker processes
# have one thread of torch each: most tests are too small for more, and busy pools of threads would compete.
pytest: $(VENV)/dev.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal \
		--doctest-modules --cov --cov-report=term torchsmote tests

# torch comes first and alone: its CPU build has an index of its own, and with it in place the second step
# has no reason to fetch the CUDA build and its libraries. If that index is out of reach, pip goes on with
# what it finds elsewhere; the constraints accept nothing but the CPU build on Linux.
$(VENV)/torch.stamp: $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --no-deps --retries 1 --timeout 10 --extra-index-url $(TORCH_INDEX) torch
	touch $@

$(VENV)/%.stamp: pyproject.toml $(VENV)/torch.stamp
	$(INSTALL) --editable '.[$*]'
	touch $@

.PRECIOUS: $(VENV)/torch.stamp $(VENV)/demo.stamp $(VENV)/dev.stamp

clean:
	rm -rf $(VENV)
