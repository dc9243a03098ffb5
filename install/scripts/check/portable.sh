#!/bin/sh
# The program compiles for the other systems it promises, without a C compiler.
# (For this one, make build does it and links as well.)
for system in darwin/arm64 windows/amd64; do
	echo "$system"
	CGO_ENABLED=0 GOOS=${system%/*} GOARCH=${system#*/} go build ./... || exit 1
done
