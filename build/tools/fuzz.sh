#!/bin/sh
# Runs every fuzz target of the tree, each for the time given as $1 (30s).
set -eu
cd "$(dirname "$0")/../.."
time=${1:-30s}
grep -rn --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' core transport app lab | sort | while IFS=: read -r file _ func; do
	target=${func#func }
	echo "== $(dirname "$file") $target"
	# Minimizing an interesting input may otherwise take all the time there is.
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 5x "./$(dirname "$file")" </dev/null
done
