#!/bin/sh
# Pinned, so that a newer one cannot fail a commit that passed. What it looks
# for stands in staticcheck.conf. The generated symbol tables are left out: they
# name every symbol of a package, the deprecated ones too.
packages=$(go list ./... | grep -v '/stdlib/internal/symbols$')
# shellcheck disable=SC2086 # a list of words
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 $packages
