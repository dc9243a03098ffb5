#!/bin/sh
# Go tests under the race detector, which needs a C compiler; nothing else does.
# make race ARGS=./kernel/wire for some packages only.
. "$(dirname "$0")/common.sh"
need_go
command -v "$(CGO_ENABLED=1 go env CC)" >/dev/null || die "make: the race detector needs a C compiler; on Debian and Ubuntu: apt-get install gcc libc6-dev"
[ $# -gt 0 ] || set -- ./cmd/... ./kernel/... ./simlib/... ./stdlib/... ./install/...
# Ten times slower than without, so more time than go allows.
CGO_ENABLED=1 go test -race -timeout 60m "$@"
