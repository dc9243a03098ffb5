// Package symbols holds the generated tables of what cells can use of each
// package: one file per import path, plus a file per operating system for what
// only exists there.
//
// A table is static data. The compiler lays it out as it is written, so that
// neither starting the program nor importing this package runs any code for it,
// and the memory of a package that no cell uses is never touched. Lookup turns
// one table into the map of reflect.Values that yaegi wants.
//
// The files named after import paths are written by the generator in
// ../gen; the others by hand.
package symbols

import (
	"go/constant"
	"go/token"
	"reflect"
	"sort"
)

// A table lists the exported, non-generic symbols of one package.
type table struct {
	path, name string
	values     []val     // functions and typed constants
	untyped    []untyped // untyped constants
	vars       []val     // pointers to variables
	types      []val     // nil pointers to types
	wraps      []val     // nil pointers to interface wrappers
}

type val struct {
	name string
	v    any
}

type untyped struct {
	name string
	v    any // num, lit or str
}

// The three ways a table spells an untyped constant.
type (
	num int64  // an integer or rune
	lit string // a number that needs more than an int64, as a Go literal
	str string // a string
)

func (u untyped) value() constant.Value {
	switch v := u.v.(type) {
	case num:
		return constant.MakeInt64(int64(v))
	case str:
		return constant.MakeString(string(v))
	case lit:
		for _, c := range v {
			if c == '.' || c == 'e' {
				return constant.MakeFromLiteral(string(v), token.FLOAT, 0)
			}
		}
		if v[0] == '-' {
			return constant.UnaryOp(token.SUB, constant.MakeFromLiteral(string(v[1:]), token.INT, 0), 0)
		}
		return constant.MakeFromLiteral(string(v), token.INT, 0)
	}
	return constant.MakeUnknown()
}

// find returns the table of a path in a list sorted by path, or nil.
func find(list []*table, path string) *table {
	i := sort.Search(len(list), func(i int) bool { return list[i].path >= path })
	if i < len(list) && list[i].path == path {
		return list[i]
	}
	return nil
}

// Lookup builds the symbols of a package: functions and typed constants as
// themselves, untyped constants as go/constant values, variables addressable, types
// and interface wrappers as nil pointers to them. It gives the package's name too.
func Lookup(path string) (name string, syms map[string]reflect.Value, ok bool) {
	common, here := find(tables, path), find(platformTables, path)
	if common == nil && here == nil {
		return "", nil, false
	}
	n := 0
	for _, t := range []*table{common, here} {
		if t != nil {
			n += len(t.values) + len(t.untyped) + len(t.vars) + len(t.types) + len(t.wraps)
			name = t.name
		}
	}
	syms = make(map[string]reflect.Value, n)
	for _, t := range []*table{common, here} {
		if t == nil {
			continue
		}
		for _, e := range t.values {
			syms[e.name] = reflect.ValueOf(e.v)
		}
		for _, e := range t.untyped {
			syms[e.name] = reflect.ValueOf(e.value())
		}
		for _, e := range t.vars {
			syms[e.name] = reflect.ValueOf(e.v).Elem()
		}
		for _, e := range t.types {
			syms[e.name] = reflect.ValueOf(e.v)
		}
		for _, e := range t.wraps {
			syms[e.name] = reflect.ValueOf(e.v)
		}
	}
	return name, syms, true
}

// Has reports whether there is a table of that path on this platform.
func Has(path string) bool {
	return find(tables, path) != nil || find(platformTables, path) != nil
}
