# The commands of the project; README.md says what each is for.

PYTHON := .venv/bin/python
PACKAGES := securityinfo accounts methods
# What is the same on every database.
WITHOUT_DATABASE := browser i18n runtime
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" --quiet

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check bench lock messages pictures fresh programs
.DELETE_ON_ERROR:

help:
	@echo "make demo        run it here, with a demo organization; PORT=8001 make demo for another port"
	@echo "make demo-reset  forget what the demo has stored"
	@echo "make test        the whole suite, on SQLite and on PostgreSQL"
	@echo "make check       lint, types, imports, templates, migrations, translations"
	@echo "make bench       the benchmarks"
	@echo "make lock        pin the requirements again; UPGRADE=--upgrade make lock for newer ones"
	@echo "make messages    collect and compile the texts to translate"
	@echo "make pictures    take the README's pictures of the demo again"
	@echo "make fresh       make test and make demo in a fresh clone with a clean environment"

demo: .venv/.installed
	@$(PYTHON) -m securityinfo.demo.start

demo-reset: .venv/.installed
	@$(PYTHON) -m securityinfo.demo.start reset

test: .venv/.installed-dev programs
	$(PYTHON) -m pytest -n 2
	$(PYTHON) -m pytest -n 2 --database=postgresql $(WITHOUT_DATABASE:%=--ignore=tests/%)

check: .venv/.installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy $(PACKAGES)
	.venv/bin/lint-imports
	$(PYTHON) -m djlint templates $(PACKAGES) --lint --quiet
	$(PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml $(PACKAGES)
	$(PYTHON) manage.py makemigrations --settings tests.settings --check --dry-run
	.ci/check-deploy
	$(PYTHON) -m pytest -q tests/i18n

bench: .venv/.installed-dev programs
	@$(PYTHON) -m tests.servers.install wrk
	$(PYTHON) -m tests.bench

pictures: .venv/.installed-dev programs
	$(PYTHON) -m tests.browser.pictures

lock:
	@command -v uv >/dev/null || { echo "uv is missing; install it with: pip install uv"; exit 1; }
	$(LOCK) $(UPGRADE) --extra dev --output-file requirements-dev.txt
	$(LOCK) $(UPGRADE) --constraint requirements-dev.txt --output-file requirements.txt

messages: .venv/.installed-dev
	$(PYTHON) manage.py makemessages --settings tests.settings --locale nl --no-obsolete --no-wrap \
		--add-location file --ignore tests
	$(PYTHON) manage.py compilemessages --settings tests.settings --locale nl --ignore .venv

fresh:
	.ci/fresh-clone

# What pip cannot bring: a browser, a database server, a broker.
programs: .venv/.installed-dev
	@$(PYTHON) -m tests.servers.install

.venv/bin/python:
	@python="$$(.ci/find-python)" && "$$python" -m venv --clear .venv

.venv/.installed: requirements.txt | .venv/bin/python
	@echo "Installing the requirements …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing the requirements of the tests …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes -r requirements-dev.txt
	@touch .venv/.installed $@
