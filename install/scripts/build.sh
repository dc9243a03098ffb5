#!/bin/sh
# Builds bin/swingby: static, the same bytes from every folder.
. "$(dirname "$0")/common.sh"
need_go

# The version comes from git where there is git, since -buildvcs fails the
# whole build in a checkout that belongs to another user.
version=$(git describe --tags --always --dirty 2>/dev/null || echo devel)

CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$program" ./cmd/swingby
say "built $program, $version"
