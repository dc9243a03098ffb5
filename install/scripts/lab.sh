#!/bin/sh
# Opens JupyterLab on notebooks/, with what .venv holds and nothing else.
# Arguments go to JupyterLab: make lab ARGS=--no-browser
. "$(dirname "$0")/common.sh"
cd notebooks
exec "$(venv_bin)/jupyter-lab" --ServerApp.root_dir="$root/notebooks" "$@"
