#!/bin/sh
# What needs a browser: the notebooks in JupyterLab in headless Chromium.
# Arguments go to the test: --update makes docs/screenshot.png anew.
. "$(dirname "$0")/common.sh"

command -v node >/dev/null && command -v npm >/dev/null ||
	die "make: e2e needs Node.js 18 or newer with npm; on Debian and Ubuntu: apt-get install nodejs npm; elsewhere: https://nodejs.org/"
found=${CHROMIUM:-}
for c in chromium chromium-browser google-chrome google-chrome-stable \
	"/Applications/Chromium.app/Contents/MacOS/Chromium" \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"/c/Program Files/Google/Chrome/Application/chrome.exe" \
	"/c/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"; do
	[ -n "$found" ] || found=$(command -v "$c" || true)
done
[ -n "$found" ] ||
	die "make: e2e needs Chromium; on Debian: apt-get install chromium; on macOS: brew install --cask chromium; elsewhere any Chrome or Chromium, named by CHROMIUM=/path/to/it"

sh install/scripts/build.sh
sh install/scripts/venv.sh

# --ignore-scripts: playwright-core must not fetch a browser of its own.
(cd install/e2e && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
export CHROMIUM="$found"
say "the first notebook, in JupyterLab, in $found"
node install/e2e/01-swing-by.mjs "$@"
say "all other notebooks"
node install/e2e/notebooks.mjs
say "a session"
node install/e2e/session.mjs
say "widgets"
node install/e2e/widgets.mjs
say "figures under the mouse"
node install/e2e/figures.mjs
say "a page without a network"
node install/e2e/page.mjs
