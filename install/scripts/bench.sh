#!/bin/sh
# Cells beside the interpreter alone, then Swingby beside ipykernel, each in the
# same run. Arguments go to bench.py.
. "$(dirname "$0")/common.sh"
need_go
say "cells beside the interpreter alone"
go run ./kernel/cell/speed
say "Swingby beside ipykernel"
exec "$(venv_bin)/python" install/bench/bench.py "$@"
