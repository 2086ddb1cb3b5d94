# Needs Node 18 or newer with npm, and make; no root. Everything else comes from package-lock.json.
.DEFAULT_GOAL := help
.PHONY: run test build release-local dev bench faults conformance clean help setup

# The tools of this tree come first; setup alone runs with the machine's own Node.
TREE := PATH="$(CURDIR)/.cache/node/bin:$(CURDIR)/node_modules/.bin:$$PATH"

run: build ## Start the platform in a throw-away home, run one workflow and one agent, show results and addresses
	@$(TREE) node tools/demo.ts

test: setup ## Check, build and test everything that must hold on every change
	@$(TREE) node tools/test.ts

build: setup ## Build the executable for this machine into dist/stigmer (RELEASE=1 packs it smaller, slowly)
	@$(TREE) node packaging/src/build.ts

release-local: ## Build the executable as for a release and install it to ~/bin/stigmer
	@$(MAKE) --no-print-directory build RELEASE=1
	@$(TREE) node packaging/src/install-local.ts

dev: setup ## Run the platform from source in the foreground (home: .cache/dev-home, or STIGMER_HOME)
	@$(TREE) packaging/dev/stigmer up --foreground

bench: build ## Measure the figures of the README beside their peers and print a table
	@$(TREE) node tests/bench/main.ts

faults: build ## Kill, corrupt and starve the platform at length and print a table
	@$(TREE) node tests/faults/main.ts

conformance: build ## Run the conformance documents of the workflow language and write docs/conformance.md
	@$(TREE) node tests/conformance/write-report.ts

clean: ## Remove everything that was built or downloaded
	@rm -rf dist .cache node_modules

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

setup:
	@node tools/setup.mjs
