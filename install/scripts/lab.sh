#!/bin/sh
# Opens JupyterLab on notebooks/, with what .venv holds and nothing else.
# Arguments go to JupyterLab: make lab ARGS=--no-browser
. "$(dirname "$0")/common.sh"
cd notebooks
# The environment's own kernelspec wins over an older one of the user's.
export JUPYTER_PREFER_ENV_PATH=1
exec "$(venv_bin)/jupyter-lab" --ServerApp.root_dir="$root/notebooks" "$@"
