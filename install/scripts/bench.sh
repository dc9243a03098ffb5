#!/bin/sh
# Swingby beside ipykernel, in the same run. Arguments go to bench.py.
. "$(dirname "$0")/common.sh"
exec "$(venv_bin)/python" install/bench/bench.py "$@"
