#!/bin/sh
# Every Go file as gofmt writes it. Test data may be wrong on purpose.
bad=$(find . \( -name node_modules -o -name testdata -o -name '.?*' \) -prune -o -name '*.go' -print | xargs gofmt -l)
[ -z "$bad" ] || {
	echo "not formatted; run gofmt -w on:"
	echo "$bad"
	exit 1
}
