// Package stdlib is everything a cell can import: the standard library, gonum,
// gonum/plot, and Swingby's own simlib and display, without a Go installation.
//
// It answers four questions about an import path:
//
//	Symbols, Use   what is there to run: the tables yaegi works with
//	NewImporter    what the type checker has to know
//	Doc            what the documentation says
//	Packages       which paths there are
//
// # Nothing happens before it is asked for
//
// The kernel starts in milliseconds, so this package does nothing at start. Tables
// are static data that Symbols turns into maps, one package at a time; type information and
// documentation are embedded compressed, one entry a package, and decoded
// when first asked for. What remains is the initialisation of the packages
// themselves, which are all linked in.
//
// # An interpreter
//
// Packages are given to an interpreter as cells import them:
//
//	i := interp.New(interp.Options{})
//	stdlib.Use(i, "fmt", "gonum.org/v1/gonum/mat")
//
// Wrappers lists what gives a value of an interpreted type the methods of a compiled
// interface, and others it has: a plotter keeps its DataRange, a reader its Close, an
// error its Unwrap, Is and As. Functions that end the process panic with an *Exit.
//
// # Names without an import
//
// A cell may use a package it has not imported by its name alone. Preloaded says
// which package that is. Swingby's own come first; a name that only one package has
// means that one; the others were chosen for what a scientist is likely to mean:
//
//	name        means                                  rather than
//	ast         go/ast                                 the syntax trees of graph/formats/dot
//	constant    gonum.org/v1/gonum/unit/constant       go/constant
//	dot         gonum.org/v1/gonum/graph/encoding/dot  the parser of graph/formats/dot
//	draw        gonum.org/v1/plot/vg/draw              image/draw: plotters take a draw.Canvas
//	encoding    encoding                               gonum's graph/encoding
//	gob         encoding/gob                           plot/gob, which only registers types
//	palette     gonum.org/v1/plot/palette              image/color/palette
//	path        path                                   gonum's graph/path
//	pprof       runtime/pprof                          net/http/pprof
//	rand        math/rand/v2                           math/rand, crypto/rand
//	scanner     text/scanner                           go/scanner
//	template    text/template                          html/template
//	transform   gonum.org/v1/gonum/dsp/transform       spatial/transform
//
// gonum alone means none of the three packages of that name. Whatever a bare name
// means, an import spec in the cell overrides it.
//
// # What is left out
//
// Packages internal, vendored, main, plugin, and those bound to how a program was built
// (runtime/cgo, runtime/race, runtime/coverage); gonum's suites for implementers of its
// interfaces (testblas, testlapack, testgraph, testquad). Generic functions and
// types have type information and documentation, but no entry in a symbol table, since
// a reflect.Value must be of one type.
//
// # Generation
//
// All tables are written by stdlib/internal/gen, from the source of the packages as the
// installed toolchain and go.mod give them, checked for Linux, macOS and Windows on amd64
// and arm64. What exists on some of them only is in files of that system:
//
//	go generate ./stdlib                  after any change of simlib, display or go.mod
//	go run ./stdlib/internal/gen -check   fails when that was forgotten
//
// The tables name every exported symbol of simlib and display, so removing one breaks the
// build of this package until the tables are generated again; the generator itself does
// not depend on them.
package stdlib

//go:generate go run ./internal/gen
