#!/bin/sh
# Runs each script in check/ and names those that failed, all of them, so that
# one run tells everything.
. "$(dirname "$0")/common.sh"
need_go
failed=
for script in install/scripts/check/*.sh; do
	name=$(basename "$script" .sh)
	say "$name"
	sh "$script" || failed="$failed $name"
done
[ -z "$failed" ] || die "make: check failed:$failed"
say "all checks passed"
