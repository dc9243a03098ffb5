#!/bin/sh
# Pinned, so that a newer one cannot fail a commit that passed. What it looks
# for stands in staticcheck.conf. It is built for this machine, whatever GOFLAGS say.
GOFLAGS=-buildvcs=false go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
