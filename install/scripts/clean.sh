#!/bin/sh
# Removes what make made; the go command's caches stay.
. "$(dirname "$0")/common.sh"
rm -rf bin dist .venv .e2e install/e2e/node_modules
