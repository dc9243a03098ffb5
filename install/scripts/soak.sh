#!/bin/sh
# The load that a kernel must bear: ten thousand requests, a million lines, a
# day's cells and more, some minutes; writes the figures to docs/reliability.md.
# make soak ARGS=--short for a hundredth of it, in a minute, and no figures written.
. "$(dirname "$0")/common.sh"
need_go
sh install/scripts/build.sh
sh install/scripts/venv.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The same program with a wall clock that jumps. A static program asks nobody
# for the time who could lie to it, so the standard library is made to: the go
# command takes another file for time.go. The first time all is compiled anew.
say "building the program whose clock jumps"
clock=$(go env GOROOT)/src/time/time.go
awk '
	{ print }
	/^\tsec, nsec, mono := runtimeNow\(\)$/ { print "\tsec += jump(mono)"; n++ }
	END {
		print "\nfunc jump(mono int64) int64 {"
		print "\treturn [...]int64{0, 3600, -3600, 315360000, -315360000, 60, -86400, 1}[uint64(mono)/200_000_000%8]"
		print "}"
		exit n != 1
	}' "$clock" >"$work/time.go" || die "make: this Go's time.Now is not what it was; install/scripts/soak.sh must follow it"
printf '{"Replace": {"%s": "%s"}}\n' "$clock" "$work/time.go" >"$work/overlay.json"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -overlay "$work/overlay.json" -ldflags "-s -w" -o "$work/swingby" ./cmd/swingby

SWINGBY_CLOCKS="$work/swingby" "$(venv_bin)/python" kernel/clienttest/soak.py --write docs/reliability.md "$@"
