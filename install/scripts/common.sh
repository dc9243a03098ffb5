# Sourced by the other scripts: where things are, and what each needs.

set -eu
cd "$(dirname "$0")/../.."
root=$PWD
venv=$root/.venv
program=$root/bin/swingby$(go env GOEXE 2>/dev/null || true)

say() { printf '%s\n' "== $*"; }

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# This Jupyter is private: the user's own kernels, settings and history are
# neither seen nor changed.
unset JUPYTER_PATH JUPYTER_PLATFORM_DIRS JUPYTER_RUNTIME_DIR JUPYTERLAB_DIR || true
export JUPYTER_PREFER_ENV_PATH=1
export JUPYTER_CONFIG_DIR="$venv/jupyter/config" JUPYTER_DATA_DIR="$venv/jupyter/data" IPYTHONDIR="$venv/jupyter/ipython"
export SWINGBY_HISTORY="$venv/jupyter/history"
export PYTHONDONTWRITEBYTECODE=1

# On Windows a virtual environment keeps its programs elsewhere.
venv_bin() {
	if [ -d "$venv/Scripts" ]; then echo "$venv/Scripts"; else echo "$venv/bin"; fi
}

need_go() {
	command -v go >/dev/null || die "make: there is no go on PATH; install Go 1.26 or newer: https://go.dev/dl/"
	# An older go reads go.mod, says itself which version it wants, and from 1.21 on fetches it.
	go version >/dev/null || die "make: this go is too old; install Go 1.26 or newer: https://go.dev/dl/"
}

# find_python prints a Python that is new enough.
find_python() {
	for p in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
		if command -v "$p" >/dev/null && "$p" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
			echo "$p"
			return
		fi
	done
	die "make: there is no Python 3.10 or newer on PATH; install one, or name it: make PYTHON=/path/to/python3 ..."
}
