# Everything from Python >= 3.11 and make. `make PYTHON=python3.13 test` uses another interpreter.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# What browsers run needs Node. Without it everything else runs, and /storefront/ and /dashboard say what is missing.
STOREFRONT = saleor_amazonpay/_built/storefront/amazonpay.js
STOREFRONT_SOURCES = $(wildcard storefront/src/*.ts storefront/src/*/*.ts) storefront/build.mjs storefront/package.json
DASHBOARD = saleor_amazonpay/_built/dashboard/page.html
DASHBOARD_SOURCES = $(wildcard dashboard/src/* dashboard/src/*/*) dashboard/build.mjs dashboard/package.json
BUILT = $(if $(shell command -v npm),built)

.PHONY: demo test faults lint bench serve format clean help storefront dashboard built check-built weigh

help:
	@echo "make demo    play a whole sale on this machine, then keep serving it"
	@echo "make test    all tests (SQLite, and PostgreSQL where its binaries are installed)"
	@echo "make faults  kill the app at every step of every flow and compare the books (half an hour or more)"
	@echo "make lint    ruff, mypy --strict, import rules"
	@echo "make storefront  build the drop-in for shops (needs Node 20 or newer)"
	@echo "make dashboard   build the pages for Saleor's Dashboard (needs Node 20 or newer)"
	@echo "make weigh   what the drop-in and the pages weigh, and when they can be used (needs Chromium)"
	@echo "make bench   what a payment webhook costs, as ratios to a bare endpoint"

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; set PYTHON=")'
	@echo "setting up $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

%/node_modules/.installed: %/package-lock.json %/package.json
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

$(STOREFRONT): $(STOREFRONT_SOURCES) storefront/node_modules/.installed
	@cd storefront && npm run --silent build

storefront: $(STOREFRONT)

$(DASHBOARD): $(DASHBOARD_SOURCES) dashboard/node_modules/.installed
	@cd dashboard && npm run --silent build

dashboard: $(DASHBOARD)

# Without a registry, too, everything else has to run.
built:
	@$(MAKE) --no-print-directory storefront || echo "the storefront drop-in was not built; /storefront/ says so"
	@$(MAKE) --no-print-directory dashboard || echo "the Dashboard's pages were not built; /dashboard says so"

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
	@$(if $(BUILT),$(MAKE) --no-print-directory check-built)

check-built:
	@for part in storefront dashboard; do \
	$(MAKE) --no-print-directory $$part/node_modules/.installed || true; \
	if [ -x $$part/node_modules/.bin/tsc ]; then (cd $$part && npm run --silent check) || exit 1; \
	else echo "$$part/ was not checked: its tools could not be installed"; fi; done

weigh: $(STAMP) $(BUILT)
	@$(BIN)/python -m tests.browser.weigh
	@$(BIN)/python -m tests.browser.dashboard.weigh

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist storefront/dist storefront/node_modules dashboard/node_modules saleor_amazonpay/_built
