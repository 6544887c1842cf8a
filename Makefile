# Needs make, Python 3.11 or newer, and the network for the first start.
# Arguments go through ARGS:  make run ARGS="--port 9000"

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3 python3.14,\
  $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
PY := .venv/bin/python
STAMPS := .venv/.stamps
DIARIZATION := .venv-diarization
ARGS ?=

.PHONY: run test test-diarization faults lint lock audit demo bench clean

run: $(STAMPS)/run
	@exec $(PY) manage.py serve $(ARGS)

demo: $(STAMPS)/run
	@exec $(PY) manage.py demo $(ARGS)

test: $(STAMPS)/dev
	@exec $(PY) -m pytest $(ARGS)

faults: $(STAMPS)/dev
	@exec $(PY) -m pytest tests/faults -m faults -q -n 2 --dist loadfile $(ARGS)

# The tests that load a real pyannote pipeline, in an environment of their own: 2 GB.
test-diarization: $(DIARIZATION)/.stamp
	@exec $(DIARIZATION)/bin/python -m pytest -m diarization tests/transcription/diarization \
	  tests/meetings/test_diarizing.py $(ARGS)

bench: $(STAMPS)/dev
	@exec $(PY) -m bench $(ARGS)

# Known holes in what requirements.txt names: asks the advisory database, so it needs the network.
audit: .venv/.audit/bin/pip-audit
	@exec $< -r requirements.txt --no-deps --disable-pip $(ARGS)

# Writes requirements.lock anew; versions that are in it stay. For newer ones: make lock ARGS=--upgrade
lock: .venv/.lock/bin/uv
	@sed -n '/^#/!q;p' requirements.lock > .venv/.lock/header
	@$< pip compile requirements.txt requirements-s3.txt requirements-otel.txt --universal \
	  --python-version 3.11 --generate-hashes --no-header --quiet --output-file requirements.lock $(ARGS)
	@cat .venv/.lock/header requirements.lock > .venv/.lock/whole
	@cp .venv/.lock/whole requirements.lock

lint: $(STAMPS)/dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) manage.py makemigrations --check --dry-run

clean:
	rm -rf .venv $(DIARIZATION) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/run: requirements.txt | $(STAMPS)
	@echo "Installing requirements.txt (only when it changed) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(STAMPS)/dev: requirements-dev.txt requirements.txt | $(STAMPS)
	@echo "Installing requirements-dev.txt (only when it changed) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(STAMPS)/run

.venv/.audit/bin/pip-audit: | $(STAMPS)
	@$(PY) -m venv .venv/.audit
	@.venv/.audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1

.venv/.lock/bin/uv: | $(STAMPS)
	@$(PY) -m venv .venv/.lock
	@.venv/.lock/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

$(DIARIZATION)/.stamp: requirements-diarization.txt requirements-dev.txt requirements.txt
	@echo "Installing requirements-diarization.txt (only when it changed) ..."
	@$(DIARIZATION)/bin/python -m pip --version >/dev/null 2>&1 || \
	  $(PYTHON) -m venv --clear $(DIARIZATION)
	@$(DIARIZATION)/bin/python -m pip install --quiet --disable-pip-version-check \
	  -r requirements-diarization.txt -r requirements-dev.txt
	@touch $@

# A .venv without pip is one that an interrupted or incomplete start left: made again.
$(STAMPS):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with" \
	  "make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { \
	  rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu:" \
	  "apt-get install python3-venv (or python3.11-venv)" >&2; exit 1; }
	@mkdir -p $@
