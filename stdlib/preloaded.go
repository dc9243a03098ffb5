package stdlib

import (
	"strings"
	"sync"
)

// choices decides which package a bare name means when several packages have it.
// See the table in the package comment for the reasons.
var choices = map[string]string{
	"ast":       "go/ast",
	"constant":  "gonum.org/v1/gonum/unit/constant",
	"dot":       "gonum.org/v1/gonum/graph/encoding/dot",
	"draw":      "gonum.org/v1/plot/vg/draw",
	"encoding":  "encoding",
	"gob":       "encoding/gob",
	"gonum":     "", // an empty package, and the implementations of blas and lapack
	"palette":   "gonum.org/v1/plot/palette",
	"path":      "path",
	"pprof":     "runtime/pprof",
	"rand":      "math/rand/v2",
	"scanner":   "text/scanner",
	"template":  "text/template",
	"transform": "gonum.org/v1/gonum/dsp/transform",
}

// preload computes the table of bare names for a list of packages.
func preload(list []Package) map[string]string {
	bare := map[string]string{}
	rank := map[string]int{}
	for _, p := range list {
		r := 1
		if first, _, _ := strings.Cut(p.Path, "/"); strings.Contains(first, ".") && first != "gonum.org" {
			continue // compiled in by swingby build, which must not take a name away
		}
		if strings.HasPrefix(p.Path, "swingby/") {
			r = 2
		}
		switch {
		case r > rank[p.Name]:
			bare[p.Name], rank[p.Name] = p.Path, r
		case r == rank[p.Name]:
			// Two of the same rank: a choice below decides, or nobody has the name.
			bare[p.Name] = ""
		}
	}
	for name, path := range choices {
		if rank[name] == 1 {
			bare[name] = path
		}
	}
	for name, path := range bare {
		if path == "" {
			delete(bare, name)
		}
	}
	return bare
}

var preloaded = sync.OnceValue(func() map[string]string {
	bare := map[string]string{}
	for _, p := range Packages() {
		if p.Preloaded {
			bare[p.Name] = p.Path
		}
	}
	return bare
})

// Preloaded returns the import path that a bare package name means in a cell without
// an import, for example "math/rand/v2" for rand.
func Preloaded(name string) (path string, ok bool) {
	path, ok = preloaded()[name]
	return path, ok
}
