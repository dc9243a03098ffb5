#!/bin/sh
# The first notebook run by Swingby alone, no Python, as one HTML page.
. "$(dirname "$0")/common.sh"
page=$root/bin/01-swing-by.html
"$program" exec --html "$page" notebooks/01-swing-by.ipynb
say "$page"
# Opened where there is somebody to see it.
if [ -z "${CI:-}" ] && [ -t 1 ]; then
	case $(uname -s) in
	Darwin) open "$page" ;;
	MINGW* | MSYS*) start "$page" ;;
	*) if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then xdg-open "$page"; fi ;;
	esac
fi
