#!/bin/sh
# Cells beside the interpreter alone, the simulation library beside PyTorch, then Swingby beside
# ipykernel, in a page and without, each in the same run. Arguments go to bench.py.
. "$(dirname "$0")/common.sh"
need_go
say "cells beside the interpreter alone"
go run ./kernel/cell/speed
say "the simulation library beside PyTorch"
# PyTorch for processors alone is 200 MB and lies on a server of its own. Where that is out of reach, PyPI
# has one that brings libraries for graphics cards along, ten times as large and as fast on a processor.
# PYTORCH names a Python that has one already.
torch=${PYTORCH:-$venv/torch/bin/python}
if [ -z "${PYTORCH:-}" ] && ! "$torch" -c 'import torch' 2>/dev/null; then
	python=$(find_python)
	"$python" -m venv "$venv/torch" || true
	fetch() { "$torch" -m pip install --quiet --disable-pip-version-check --timeout 20 "$@" torch >>"$venv/torch/pip.log" 2>&1; }
	say "fetching PyTorch into .venv/torch (200 MB, once)"
	fetch --retries 0 --index-url https://download.pytorch.org/whl/cpu || {
		say "not from download.pytorch.org; from PyPI instead (2 GB or more, once)"
		fetch
	} || say "no PyTorch (.venv/torch/pip.log says why); set PYTORCH=/path/to/python to use another"
	[ -x "$torch" ] || torch=$(find_python)
fi
# A wrong value, which some machines set, makes the matrix products of Python several times slower.
unset OPENBLAS_CORETYPE || true
go build -o "$venv/speed" ./simlib/train/speed
"$torch" install/bench/simlib.py "$venv/speed"
say "the diffusion model's networks beside PyTorch"
go build -o "$venv/speed" ./simlib/internal/nn/speed
"$torch" install/bench/diffusion.py "$venv/speed"
if command -v node >/dev/null && command -v npm >/dev/null; then
	say "a plot that follows a slider, beside ipykernel with ipywidgets"
	(cd install/e2e && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
	node install/e2e/plots.mjs
else
	say "plots in a page are not measured: no Node.js"
fi
say "Swingby beside ipykernel"
exec "$(venv_bin)/python" install/bench/bench.py "$@"
