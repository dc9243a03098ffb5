// Package stdgeneric keeps Go source for the generic functions and types of
// the standard library.
//
// The interpreter calls the standard library through tables of compiled
// symbols, and a generic function is none: it is compiled anew for every type.
// A cell that calls slices.SortFunc with a type of its own needs a copy of
// the function for that type, made from source. The source in the standard
// library will not do, for it reaches into the runtime and is written for a
// compiler. What is kept here has the same signatures and does what the
// documentation says, but in plain Go:
//
//   - no unsafe, no linked names, no assembly, and nothing unexported of
//     another package;
//   - every name from elsewhere is one of an imported package, even in the
//     package that has the same path: "reflect" here imports "reflect" for
//     the part of it that is not generic;
//   - no range over functions, no goto, no aliases of imports.
//
// It is also written to be interpreted, where a statement costs as much as a
// hundred compiled ones: loops are spelled out instead of shared, work that
// a compiled function can do for the common types is left to it, and sorting
// is by merging, since calls of a comparison function are what takes the time.
//
// [Source] gives the files of one package. What is left out, and why, is in
// [Missing]. The files have a build tag nobody sets, so that they are never
// packages of this module.
package stdgeneric

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed src
var embedded embed.FS

// index holds the files of every package, by import path and file name.
var index = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	err := fs.WalkDir(embedded, "src", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(path.Dir(name), "src/")
		if all[dir] == nil {
			all[dir] = map[string]string{}
		}
		all[dir][path.Base(name)] = string(text)
		return nil
	})
	if err != nil {
		panic("stdgeneric: embedded files: " + err.Error())
	}
	return all
})

// Source returns the files, by name, that hold the generic functions and types
// of the standard package with the given import path. They type-check together
// as a package of that path. The map is the caller's.
func Source(path string) (files map[string]string, ok bool) {
	files, ok = index()[path]
	return maps.Clone(files), ok
}

// Packages lists the import paths that Source knows, sorted.
func Packages() []string {
	return slices.Sorted(maps.Keys(index()))
}
