# Everything from Python >= 3.11 and make. `make PYTHON=python3.13 test` uses another interpreter.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# The storefront drop-in needs Node. Without it everything else runs, and /storefront/ says what is missing.
STOREFRONT = saleor_amazonpay/_built/storefront/amazonpay.js
STOREFRONT_SOURCES = $(wildcard storefront/src/*.ts storefront/src/*/*.ts) storefront/build.mjs storefront/package.json
BUILT = $(if $(shell command -v npm),built)

.PHONY: demo test faults lint bench serve format clean help storefront built check-storefront

help:
	@echo "make demo    play a whole sale on this machine, then keep serving it"
	@echo "make test    all tests (SQLite, and PostgreSQL where its binaries are installed)"
	@echo "make faults  kill the app at every step of every flow and compare the books (about a quarter of an hour)"
	@echo "make lint    ruff, mypy --strict, import rules"
	@echo "make storefront  build the drop-in for shops (needs Node 20 or newer)"
	@echo "make bench   what a payment webhook costs, as ratios to a bare endpoint"

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; set PYTHON=")'
	@echo "setting up $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

storefront/node_modules/.installed: storefront/package-lock.json storefront/package.json
	@cd storefront && npm ci --silent --no-audit --no-fund
	@touch $@

$(STOREFRONT): $(STOREFRONT_SOURCES) storefront/node_modules/.installed
	@cd storefront && npm run --silent build

storefront: $(STOREFRONT)

# Without a registry, too, everything else has to run.
built:
	@$(MAKE) --no-print-directory storefront || echo "the storefront drop-in was not built; /storefront/ says so"

demo: $(STAMP) $(BUILT)
	@$(BIN)/saleor-amazonpay demo $(ARGS)

test: $(STAMP) $(BUILT)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

faults: $(STAMP)
	@$(BIN)/python -m tests.faults $(if $(PLAN),--plan "$(PLAN)") $(ARGS)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(if $(BUILT),$(MAKE) --no-print-directory check-storefront)

check-storefront:
	@$(MAKE) --no-print-directory storefront/node_modules/.installed || true
	@if [ -x storefront/node_modules/.bin/tsc ]; then cd storefront && npm run --silent check; \
	else echo "the storefront drop-in was not checked: its tools could not be installed"; fi

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist storefront/dist storefront/node_modules saleor_amazonpay/_built
