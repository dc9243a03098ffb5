#!/bin/sh
# Generated files are what their generator writes now; make generate renews them.
go run ./stdlib/internal/gen -check
