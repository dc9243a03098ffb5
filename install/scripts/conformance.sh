#!/bin/sh
# The Go distribution's own test programs as cells. Arguments go to the command,
# for example ARGS='-run typeparam -v'; ARGS=-write renews docs/language.md.
. "$(dirname "$0")/common.sh"
need_go
exec go run ./kernel/cell/conformance -swingby "$program" "$@"
