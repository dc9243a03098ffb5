package stdlib

import (
	"path"

	"github.com/traefik/yaegi/interp"

	"swingby/stdlib/internal/symbols"
)

// Use gives an interpreter the packages of the given import paths. It may be called at
// any time before the code that imports them is compiled, and again; doing so
// restores symbols that were replaced since.
//
// It bypasses what yaegi's own Use does on package fmt: output and input of fmt, log
// and os are those of the process, and yaegi's interpreted copies of slices, maps and cmp
// are not loaded.
func Use(i *interp.Interpreter, paths ...string) error {
	exports := make(interp.Exports, len(paths))
	for _, p := range paths {
		if p == "unsafe" {
			exports["unsafe/unsafe"] = unsafeSymbols()
			continue
		}
		name, syms, ok := symbols.Lookup(p)
		if !ok {
			return unknown(p)
		}
		exports[exportKey(p, name)] = syms
	}
	return i.Use(exports)
}

// exportKey is the key of a package in interp.Exports: its path and its name. Package
// fmt is spelled so that Use does not recognise it as the sign of yaegi's own table.
func exportKey(p, name string) string {
	if p == "fmt" {
		return "./fmt/fmt"
	}
	return path.Join(p, name)
}
