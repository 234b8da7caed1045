# make run is the product in a minute; make test proves it. README.md has more.

export CGO_ENABLED := 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
RESULTS := .cache/tests.tsv
# Two packages at a time: those with a lab have QEMU guests beside them.
GOTEST  := go run ./build/tools/gotest $(RESULTS) -p 2 -vet=off -timeout 60m

# The user interface is built where there is npm; without, the program says so.
NPM := $(shell command -v npm)
UI  := app/server/dist/index.html
UI_FROM := $(shell find frontend -type d \( -name node_modules -o -name e2e -o -name test-results \) -prune -o -type f -print)

.PHONY: run test test-ui test-full bench build ui desktop generate screenshots capabilities fuzz install packages check clean

run: packages build $(if $(DISPLAY)$(WAYLAND_DISPLAY),desktop) ## a lab of two real hosts, a VM on one of them, the window
	./limiquantix lab try

build: ui ## the program, static, as ./limiquantix
	go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o limiquantix .

ui: $(if $(NPM),$(UI)) ## the user interface, into app/server/dist
	@$(if $(NPM),,echo "make: there is no npm: this build has no user interface" >&2)

$(UI): frontend/node_modules/.package-lock.json $(UI_FROM)
	cd frontend && npm run --silent build

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error

desktop: ui ## the program with the window, as ./limiquantix-desktop
	build/tools/packages.sh gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev
	CGO_ENABLED=1 go build -tags desktop,production,webkit2_41 -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o limiquantix-desktop .

test: packages check ui test-ui ## everything that must hold, on real parts
	$(GOTEST) ./...
	go run ./build/tools/capability -ran $(RESULTS)

test-full: test ## test, and what takes too long for every change
	build/tools/fuzz.sh 5s
	build/tools/packages.sh gcc libc6-dev
	CGO_ENABLED=1 go test -race -p 2 -timeout 60m ./core/... ./transport/sim/... ./app/server/... ./app/cli/...

test-ui: frontend/node_modules/.package-lock.json ## the page's own checks and tests; those in a browser are in e2e/browser
	cd frontend && npx --no-install eslint . && npm test --silent

check: ## formatting and vet
	@unformatted=$$(find . -name '*.go' -not -path './.*' -not -path '*/node_modules/*' -exec gofmt -l {} +); [ -z "$$unformatted" ] || { echo "run gofmt -w on:" $$unformatted >&2; exit 1; }
	go vet ./...

bench: packages build ## measurements beside virsh, in one run; ARGS='-o docs/benchmarks.md' keeps them
	go build -o .cache/bench ./bench
	.cache/bench $(ARGS)

fuzz: ## every fuzz target, 30 s each
	build/tools/fuzz.sh 30s

screenshots: packages ui ## docs/screenshots, of every page
	LIMIQUANTIX_PICTURES=$(CURDIR)/docs/screenshots go test ./e2e/browser -count=1 -timeout 30m -run 'TestDemo$$|TestMainPath$$'

capabilities: ## how much of docs/capabilities.csv is done
	@go run ./build/tools/capability $(if $(wildcard $(RESULTS)),-ran $(RESULTS))

generate: packages frontend/node_modules/.package-lock.json ## the code of core/api/v1, for Go and for the page
	build/tools/generate.sh
	frontend/generate.sh

packages: ## install the Debian packages that are missing
	@build/tools/packages.sh

install: build ## into /usr/local, with the short name lqx; the window too, when make desktop has built it
	build/tools/install.sh . '$(DESTDIR)'

clean: ## remove what was built; the lab's guests stay cached
	rm -rf limiquantix limiquantix-desktop .cache bin
	find app/server/dist -mindepth 1 ! -name .keep -delete
