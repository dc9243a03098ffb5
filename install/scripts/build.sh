#!/bin/sh
# Builds bin/swingby: static, the same bytes from every folder.
. "$(dirname "$0")/common.sh"
need_go

# The version comes from git where there is git, since -buildvcs fails the
# whole build in a checkout that belongs to another user.
version=$(git describe --tags --always --dirty 2>/dev/null || echo devel)
revision=$(git rev-parse HEAD 2>/dev/null || true)
time=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || true)

CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version -X main.revision=$revision -X main.revisionTime=$time" -o "$program" ./cmd/swingby
say "built $program, $version"
