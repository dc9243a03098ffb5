#!/bin/sh
# Opens JupyterLab on notebooks/, with what .venv holds and nothing else.
# Arguments go to JupyterLab: make lab ARGS=--no-browser
. "$(dirname "$0")/common.sh"
case "$(id -u) $*" in
0\ *--allow-root*) ;;
0\ *) die "make: JupyterLab does not run as root unless told to: make lab ARGS=--allow-root" ;;
esac
# They came with the program: trusted, their stored pictures show before they are run.
"$(venv_bin)/jupyter-trust" notebooks/*.ipynb >/dev/null
cd notebooks
exec "$(venv_bin)/jupyter-lab" --ServerApp.root_dir="$root/notebooks" "$@"
