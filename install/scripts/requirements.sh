#!/bin/sh
# Renews install/requirements.txt from requirements.in: every package JupyterLab
# needs, for every system and Python from 3.10 on, with hashes.
. "$(dirname "$0")/common.sh"
command -v uv >/dev/null || die "make: needs uv: https://docs.astral.sh/uv/"
uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade --no-header \
	--no-emit-find-links install/requirements.in -o install/requirements.txt
