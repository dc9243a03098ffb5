package stdlib

import (
	_ "embed"
	"reflect"
	"strings"
	"sync"

	"swingby/stdlib/internal/symbols"
)

// Package describes a package that cells can import.
type Package struct {
	// Path is the import path, Name the name of its package clause.
	Path, Name string
	// Synopsis is the first sentence of its documentation.
	Synopsis string
	// Preloaded says that Name alone means this package in a cell without an import.
	Preloaded bool
}

//go:embed data/packages.txt
var packagesText string

// packageList is the parsed packages.txt, less what this platform lacks.
var packageList = sync.OnceValue(func() []Package {
	var list []Package
	for line := range strings.Lines(packagesText) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		if len(fields) == 3 && symbols.Has(fields[0]) {
			list = append(list, Package{Path: fields[0], Name: fields[1], Synopsis: fields[2]})
		}
	}
	bare := preload(list)
	for i := range list {
		list[i].Preloaded = bare[list[i].Name] == list[i].Path
	}
	return list
})

// Packages lists everything a cell can import, sorted by path, except unsafe. The
// caller must not change the slice.
func Packages() []Package { return packageList() }

// Symbols returns what yaegi's Use takes for one package: its functions, constants,
// variables, types, and interface wrappers (named with a leading underscore).
// Generic functions and types cannot be in it; the importer knows them.
// The map is built at the call and belongs to the caller.
func Symbols(path string) (map[string]reflect.Value, bool) {
	if path == "unsafe" {
		return unsafeSymbols(), true
	}
	_, syms, ok := symbols.Lookup(path)
	return syms, ok
}

// Exit is what a cell panics with where a program would end: calls of os.Exit,
// syscall.Exit and log.Fatal, log.Fatalf, log.Fatalln. (Fatal of a *log.Logger is
// compiled code and does end the process.)
type Exit = symbols.Exit
