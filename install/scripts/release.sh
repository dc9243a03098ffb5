#!/bin/sh
# Makes the archives of a release in dist/, then does with the one for this
# system what a person would: checks the sums, unpacks it, runs the program.
# make release ARGS=linux/amd64 for one system only; ARGS=-clean as for the public.
. "$(dirname "$0")/common.sh"
need_go
command -v git >/dev/null || die "make: a release is made from a git checkout, and there is no git on PATH"
dist=${DIST:-$root/dist}
rm -rf "$dist"
go run ./install/release -o "$dist" "$@"

say "checking the archives"
if command -v sha256sum >/dev/null; then sum="sha256sum -c"; else sum="shasum -a 256 -c"; fi
(cd "$dist" && $sum SHA256SUMS)
archive=$(ls "$dist"/swingby-*-"$(go env GOOS)-$(go env GOARCH)".tar.gz 2>/dev/null || true)
if [ -n "$archive" ]; then
	there=$(mktemp -d)
	trap 'rm -rf "$there"' EXIT
	tar -xzf "$archive" -C "$there"
	cd "$there"/swingby-*
	revision=$(git -C "$root" rev-parse HEAD)
	./swingby version | grep -q "vcs.revision $revision" || die "release: the program in $archive does not say that it is of commit $revision"
	[ "$(echo 'mat.Det(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))' | ./swingby repl)" = -2 ] ||
		die "release: the program in $archive does not run cells"
	./swingby export -o "$there/page.html" notebooks/00-index.ipynb
	say "the program of $(basename "$archive") runs"
fi
say "the release is in $dist"
