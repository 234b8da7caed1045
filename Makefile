# make run is the product in a minute; make test proves it. README.md has more.

export CGO_ENABLED := 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
RESULTS := .cache/tests.tsv
# Two packages at a time: those with a lab have QEMU guests beside them.
GOTEST  := go run ./build/tools/gotest $(RESULTS) -p 2 -vet=off -timeout 60m

.PHONY: run test test-full bench build generate capabilities fuzz install packages check clean

run: packages build ## a lab of two real hosts, a VM on one of them, SSH into it
	./limiquantix lab try

build: ## the program, static, as ./limiquantix
	go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o limiquantix .

test: packages check ## everything that must hold, on real parts
	$(GOTEST) ./...
	go run ./build/tools/capability -ran $(RESULTS)

test-full: test ## test, and what takes too long for every change
	build/tools/fuzz.sh 5s
	build/tools/packages.sh gcc libc6-dev
	CGO_ENABLED=1 go test -race -p 2 -timeout 60m ./core/... ./transport/sim/... ./app/server/... ./app/cli/...

check: ## formatting and vet
	@unformatted=$$(find . -name '*.go' -not -path './.*' -not -path '*/node_modules/*' -exec gofmt -l {} +); [ -z "$$unformatted" ] || { echo "run gofmt -w on:" $$unformatted >&2; exit 1; }
	go vet ./...

bench: packages build ## measurements beside virsh, in one run; ARGS='-o docs/benchmarks.md' keeps them
	go build -o .cache/bench ./bench
	.cache/bench $(ARGS)

fuzz: ## every fuzz target, 30 s each
	build/tools/fuzz.sh 30s

capabilities: ## how much of docs/capabilities.csv is done
	@go run ./build/tools/capability $(if $(wildcard $(RESULTS)),-ran $(RESULTS))

generate: packages ## the Go code of core/api/v1
	build/tools/generate.sh

packages: ## install the Debian packages that are missing
	@build/tools/packages.sh

install: build ## into /usr/local, with the short name lqx
	install -D -m 0755 limiquantix $(DESTDIR)/usr/local/bin/limiquantix
	ln -sf limiquantix $(DESTDIR)/usr/local/bin/lqx

clean: ## remove what was built; the lab's guests stay cached
	rm -rf limiquantix .cache bin
