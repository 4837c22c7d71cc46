# CNN Studio: `make run` opens it, `make test` checks it. Each sets up what it needs first.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough; if there is none, bootstrap.py says so in one sentence.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$python; exit; fi; done; echo python3)
ifeq ($(shell command -v $(firstword $(PYTHON)) 2>/dev/null),)
ifneq ($(filter-out help clean,$(MAKECMDGOALS)),)
$(error There is no Python here. CNN Studio needs Python 3.11 or later; on Debian and Ubuntu type, as root or after sudo: \
apt-get install python3 python3-venv)
endif
endif
VENV := .venv/bin
DESIGN ?= AlexNet
LAYERS ?= 200
DESIGNS ?= 60
ACTIONS ?= 20000
CASES ?= 40

# Tests start many processes, each of which would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
quick test soak hunt bounds mutants lint bench screenshots: export LANG := C.UTF-8
quick test soak hunt bounds bench screenshots: export QT_QPA_PLATFORM ?= offscreen

.PHONY: help
help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run:  ## open the studio with a built-in design: make run DESIGN=AlexNet
	@$(PYTHON) packaging/bootstrap.py --system display
	@$(VENV)/python -m cnnstudio $(DESIGN)

.PHONY: quick
quick:  ## all tests but those on a real window, with few examples of each
	@$(PYTHON) packaging/bootstrap.py --extra test --system offscreen
	@$(VENV)/python -m pytest -q -n auto --dist worksteal --quick

.PHONY: test
test: lint  ## style, types, import contracts and all tests
	@$(PYTHON) packaging/bootstrap.py --extra test --system kit
	@$(VENV)/python -m pytest -n auto --dist worksteal || { \
		echo "What failed is tried once more, alone: a busy machine can disturb a test that drives a window."; \
		$(VENV)/python -m pytest --second-try; }

.PHONY: soak
soak:  ## do random things to the window, and count afresh after each: make soak ACTIONS=20000
	@$(PYTHON) packaging/bootstrap.py --extra test --system offscreen
	@$(VENV)/python -m pytest -q tests/app/test_soak.py --actions $(ACTIONS)

.PHONY: hunt
hunt:  ## look for what nobody has seen yet: every property with a thousand new examples, for an hour or more
	@$(PYTHON) packaging/bootstrap.py --extra test --system offscreen
	@$(VENV)/python -m pytest -q -n auto --dist worksteal --hypothesis-profile thorough -m hypothesis --timeout 3600

.PHONY: bounds
bounds:  ## put hostile, huge and random designs through every command and the window: make bounds CASES=40
	@$(PYTHON) packaging/bootstrap.py --extra test --system offscreen
	@$(VENV)/python -m pytest -q -n auto tests/bounds --bounds $(CASES)

.PHONY: mutants
mutants:  ## put small faults into the program, one by one, and see that a test notices each
	@$(PYTHON) packaging/bootstrap.py --extra test --system offscreen
	@$(VENV)/python -m tests.mutants

.PHONY: test-frameworks
test-frameworks:  ## run what is exported in PyTorch, Keras and onnxruntime: make test-frameworks LAYERS=1500
	@$(PYTHON) packaging/frameworks.py -- --layers $(LAYERS) --designs $(DESIGNS)

.PHONY: lint
lint:  ## style, types and import contracts only
	@$(PYTHON) packaging/bootstrap.py --extra test
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo

.PHONY: format
format:  ## rewrite the sources in the project's style
	@$(PYTHON) packaging/bootstrap.py --extra test
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

.PHONY: bench
bench:  ## measure the speeds that the README promises
	@$(PYTHON) packaging/bootstrap.py --extra test --extra bench --system offscreen
	@$(VENV)/python -m tests.benchmarks

.PHONY: screenshots
screenshots:  ## draw the pictures of the manual and the README
	@$(PYTHON) packaging/bootstrap.py --system offscreen
	@$(VENV)/python packaging/screenshots.py
	@$(VENV)/python packaging/manual_pictures.py
	@$(VENV)/python -m cnnstudio diagram alexnet -o docs/pictures/alexnet.svg --style volumes

.PHONY: manual
manual:  ## the manual as a web site, in dist/manual
	@$(PYTHON) packaging/bootstrap.py --extra manual --system offscreen
	@$(VENV)/python packaging/make_manual.py

.PHONY: bundle
bundle:  ## the program as one folder that needs no Python, packed for this system
	@$(PYTHON) packaging/bootstrap.py --extra bundle --system offscreen
	@$(VENV)/python packaging/make_bundle.py

.PHONY: wheelhouse
wheelhouse:  ## installers without a network for this system: make wheelhouse SYSTEMS=all QT=6.9.3
	@$(PYTHON) packaging/bootstrap.py --extra bundle --system offscreen
	@$(VENV)/python packaging/make_wheelhouse.py $(if $(filter all,$(SYSTEMS)),--all) $(if $(QT),--qt $(QT))

.PHONY: deb
deb: bundle  ## the bundle as a Debian package, with its entry in the menu
	@$(VENV)/python packaging/make_deb.py

.PHONY: appimage
appimage: bundle  ## the bundle as one file that runs: make appimage RUNTIME=runtime-x86_64
	@RUNTIME="$(RUNTIME)" $(VENV)/python packaging/make_appimage.py

.PHONY: test-packages
test-packages:  ## install what the targets above have made, try it, and remove it: make test-packages PACKAGES=bundle
	@$(PYTHON) packaging/bootstrap.py --system kit
	@$(VENV)/python packaging/try_packages.py $(PACKAGES)

.PHONY: clean
clean:  ## remove what the other targets made, .venv included
	@rm -rf .venv .venv-frameworks build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find cnnstudio tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +
