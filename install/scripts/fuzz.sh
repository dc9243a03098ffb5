#!/bin/sh
# Each fuzz target for a short while: make fuzz TIME=10m for longer. What a
# target finds is kept by go in its package's testdata/fuzz and committed.
. "$(dirname "$0")/common.sh"
need_go
time=${1:-20s}
failed=
for file in $(grep -rl --include='*_test.go' '^func Fuzz' --exclude-dir=node_modules --exclude-dir=.venv .); do
	package=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		say "$package $target for $time"
		# go fuzzes one target at a time.
		go test -run='^$' -fuzz="^$target\$" -fuzztime="$time" "$package" || failed="$failed $target"
	done
done
[ -z "$failed" ] || die "make: fuzzing found something:$failed"
