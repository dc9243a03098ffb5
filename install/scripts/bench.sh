#!/bin/sh
# Swingby beside ipykernel, in the same run. Arguments go to bench.py.
. "$(dirname "$0")/common.sh"
export JUPYTER_PREFER_ENV_PATH=1 PYTHONDONTWRITEBYTECODE=1
exec "$(venv_bin)/python" install/bench/bench.py "$@"
