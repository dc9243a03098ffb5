#!/bin/sh
# Packages import only what docs/architecture.md lets them.
go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}
{{end}}' ./... | awk '
	$2 !~ /^swingby(\/|$)/ { next }                       # only imports of our own
	{ sub(/^swingby\//, "", $1); sub(/^swingby\//, "", $2) }
	$1 ~ /^kernel\//          && $2 ~ /^kernel\/internal\//  { next }
	$1 ~ /^cmd\//                                        { next } # everything
	$1 ~ /^simlib\//          && $2 ~ /^simlib\//          { next }
	$1 ~ /^stdlib(\/|$)/      && $2 ~ /^(stdlib|simlib|kernel\/(display|comm|widget))(\/|$)/ { next }
	$1 == "kernel"            && $2 ~ /^kernel\/(wire|worker|comm|display|history)$/ { next }
	$1 == "kernel/worker"     && $2 ~ /^kernel\/(cell|comm|display)$/ { next }
	$1 == "kernel/widget/centroids" && $2 ~ /^(kernel\/(widget|display)|simlib\/.*)$/ { next }
	$1 == "kernel/widget"     && $2 ~ /^kernel\/(comm|display)$/ { next }
	$1 ~ /^kernel\/cell/      && $2 ~ /^(stdlib|stdlib\/document|kernel\/display|kernel\/history|kernel\/cell\/.*)$/ { next }
	$1 == "kernel/cell/speed" && $2 ~ /^(stdlib|kernel\/cell)$/ { next }
	$1 == "install/notebooks" && $2 == "kernel/notebook"   { next }
	$1 ~ /^kernel\/(worker|notebook)$/ && $2 == "simlib/provenance" { next }
	$1 == "kernel/batch"      && $2 ~ /^(kernel\/(worker|notebook|display)|simlib\/(sweep|table|provenance))$/ { next }
	$1 == "kernel/repl"       && $2 ~ /^kernel\/(worker|display|history)$/ { next }
	$1 == "kernel/notebook/program" && $2 ~ /^(stdlib|kernel\/notebook)$/ { next }
	$1 ~ /^kernel\/notebook/  && $2 ~ /^kernel\/(worker|display|notebook\/.*)$/ { next }
	{ print $1 " must not import " $2; bad = 1 }
	END { exit bad }'
