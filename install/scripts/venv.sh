#!/bin/sh
# Makes .venv, the private Python environment with JupyterLab and its test
# tools, and installs the kernelspec into it. Nothing outside this folder changes.
. "$(dirname "$0")/common.sh"

# The stamp holds the requirements that are installed; a change makes all anew,
# since pip leaves behind what is no longer asked for.
stamp=$venv/requirements.txt
if ! cmp -s install/requirements.txt "$stamp"; then
	python=$(find_python)
	say "making .venv with $("$python" --version) (a minute or two, once)"
	rm -rf "$venv"
	"$python" -m venv "$venv" || die "make: $python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"
	# --require-hashes: what is installed is what was tried, byte for byte.
	"$(venv_bin)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r install/requirements.txt ||
		die "make: the Python packages could not be installed (see above); is there a network?"
	# And what papermill needs for parameters in Go, which is ours.
	"$(venv_bin)/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps install/papermill ||
		die "make: install/papermill could not be installed (see above)"
	mkdir -p "$IPYTHONDIR"
	# JupyterLab asks its makers for news and updates unless told not to.
	mkdir -p "$venv/share/jupyter/lab/settings"
	cp install/overrides.json "$venv/share/jupyter/lab/settings/overrides.json"
	cp install/requirements.txt "$stamp"
fi

# What JupyterLab's server says to the page, it says at once.
mkdir -p "$venv/etc/jupyter"
cp install/jupyter_server_config.py "$venv/etc/jupyter/jupyter_server_config.py"

if [ -x "$program" ]; then
	"$program" install --prefix "$venv" >/dev/null
	say "kernelspec installed into .venv"
fi
