#!/bin/sh
# Each fuzz target for a short while: make fuzz TIME=10m for longer. What a
# target finds is kept by go in its package's testdata/fuzz and committed.
. "$(dirname "$0")/common.sh"
need_go
time=${1:-20s}
failed=
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for file in $(grep -rl --include='*_test.go' '^func Fuzz' --exclude-dir=node_modules --exclude-dir=.venv .); do
	package=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		say "$package $target for $time"
		# go fuzzes one target at a time.
		go test -run='^$' -fuzz="^$target\$" -fuzztime="$time" "$package" >"$log" 2>&1 && status=0 || status=$?
		# All that go says, but for its line every three seconds.
		grep -v '^fuzz: elapsed:' "$log" || true
		grep '^fuzz: elapsed:' "$log" | tail -n 1
		# Before 1.27 go may take its own end of time for a failure (https://go.dev/issue/75804).
		# A finding has an input, or output of its own.
		if [ $status != 0 ] && ! { grep -q '^    context deadline exceeded$' "$log" && ! grep -q -e 'Failing input' -e panic -e '_test.go:' "$log"; }; then
			failed="$failed $target"
		fi
	done
done
[ -z "$failed" ] || die "make: fuzzing found something:$failed"
