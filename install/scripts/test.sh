#!/bin/sh
# Everything that needs neither root nor a browser: Go tests, then the built
# program under real clients, then every notebook with Jupyter and without.
. "$(dirname "$0")/common.sh"
need_go

say "Go tests"
CGO_ENABLED=0 go test ./...
# And what stands in for assembly on other processors.
CGO_ENABLED=0 go test -tags purego ./simlib/internal/kernel ./simlib/internal/layers ./simlib/internal/nn ./simlib/train

sh install/scripts/build.sh
sh install/scripts/venv.sh
python=$(venv_bin)/python
export SWINGBY="$program"

say "installation"
"$python" -m unittest discover -v -s install/clienttest

say "protocol"
"$python" -m unittest discover -v -s kernel/clienttest

say "load"
"$python" kernel/clienttest/soak.py --short

# Every notebook twice: by nbclient on all cores, and by Swingby alone on one. Both must give what is stored.
say "notebooks, by nbclient"
ran=$(mktemp -d)
trap 'rm -rf "$ran"' EXIT
"$python" install/scripts/notebooks.py "$ran" notebooks/*.ipynb
go run ./install/notebooks -ran "$ran"

say "notebooks, by swingby verify"
GOMAXPROCS=1 "$program" verify -q -rtol 1e-12 -pixels 8 notebooks/*.ipynb
