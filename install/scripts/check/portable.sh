#!/bin/sh
# Archives of a release can be made for this system and others, without a C
# compiler, and this system's works. make release makes those of all six.
dist=$(mktemp -d)
trap 'rm -rf "$dist"' EXIT
DIST=$dist sh install/scripts/release.sh "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" darwin/arm64 windows/amd64
# And all packages compile there, those that are not in the program as well.
for system in darwin/arm64 windows/amd64; do
	CGO_ENABLED=0 GOOS=${system%/*} GOARCH=${system#*/} go build -trimpath ./... || exit 1
done
