#!/bin/sh
# Cells beside the interpreter alone, the simulation library beside PyTorch, then Swingby beside
# ipykernel, each in the same run. Arguments go to bench.py.
. "$(dirname "$0")/common.sh"
need_go
say "cells beside the interpreter alone"
go run ./kernel/cell/speed
say "the simulation library beside PyTorch"
# PyTorch for processors alone is 200 MB and lies on a server of its own; PyPI's is
# for graphics cards and ten times that. PYTORCH names a Python that has one already.
torch=${PYTORCH:-$venv/torch/bin/python}
if [ -z "${PYTORCH:-}" ] && ! "$torch" -c 'import torch' 2>/dev/null; then
	say "fetching PyTorch into .venv/torch (200 MB, once)"
	python=$(find_python)
	"$python" -m venv "$venv/torch" &&
		"$torch" -m pip install --quiet --disable-pip-version-check --timeout 20 --retries 0 \
			--index-url https://download.pytorch.org/whl/cpu torch >"$venv/torch/pip.log" 2>&1 ||
		say "no PyTorch from download.pytorch.org (.venv/torch/pip.log says why); set PYTORCH=/path/to/python to use another"
	[ -x "$torch" ] || torch=$(find_python)
fi
go build -o "$venv/speed" ./simlib/train/speed
"$torch" install/bench/simlib.py "$venv/speed"
say "Swingby beside ipykernel"
exec "$(venv_bin)/python" install/bench/bench.py "$@"
