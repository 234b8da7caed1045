#!/bin/sh
# Generates the Go code of core/api/v1 from its .proto files into the folder
# given as $1 (default: this checkout). Needs protobuf-compiler and libprotobuf-dev; the
# plugins are built at the versions that go.mod pins.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$root}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
cd "$root"
go build -o "$bin" google.golang.org/protobuf/cmd/protoc-gen-go connectrpc.com/connect/cmd/protoc-gen-connect-go
cd core/api/v1
PATH="$bin:$PATH" protoc -I limiquantix/v1=. -I /usr/include \
	--go_out="$out" --go_opt=module=github.com/limiquantix/limiquantix \
	--connect-go_out="$out" --connect-go_opt=module=github.com/limiquantix/limiquantix,simple=true \
	./*.proto
