#!/bin/sh
# Writes every generated file anew.
. "$(dirname "$0")/common.sh"
need_go
say "stdlib: symbol tables, type information, documentation"
go run ./stdlib/internal/gen
say "docs/licences.txt"
go run ./install/licences
say "docs/gallery.md: the figures of the notebooks"
go run ./install/notebooks
