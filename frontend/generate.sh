#!/bin/sh
# Generates src/gen from core/api/v1, into the folder given as $1 (default: src/gen).
set -eu
cd "$(dirname "$0")"
out=${1:-src/gen}
mkdir -p "$out"
here=$(pwd)
case $out in /*) ;; *) out=$here/$out ;; esac
cd ../core/api/v1
PATH="$here/node_modules/.bin:$PATH" protoc -I limiquantix/v1=. -I /usr/include \
	--es_out="$out" --es_opt=target=ts,import_extension=none ./*.proto
