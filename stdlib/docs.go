package stdlib

import (
	_ "embed"
	"strings"
	"sync"

	"swingby/stdlib/internal/archive"
)

//go:embed data/std.docs
var stdDocs string

//go:embed data/gonum.docs
var gonumDocs string

//go:embed data/swingby.docs
var swingbyDocs string

var docArchives = sync.OnceValue(func() []*archive.Archive {
	return openArchives(swingbyDocs, gonumDocs, stdDocs)
})

// documentation keeps the records of the packages asked for: import path → name → record.
var documentation struct {
	sync.Mutex
	packages map[string]map[string]record
}

type record struct{ decl, doc string }

// Doc returns the declaration and the documentation of one thing in a package, as
// written in the source: the doc text is what package go/doc/comment parses. The name is
// that of a function, type, variable or constant, "Type.Method" or "Type.Field", or
// "" for the package itself. Generic functions and types have documentation too, and
// so have packages "builtin" and "unsafe".
//
// A constant or variable declared in a group comes alone, its own comment before that
// of the group. Methods are found at the type that declares them.
func Doc(path, name string) (decl, doc string, ok bool) {
	documentation.Lock()
	defer documentation.Unlock()
	records, seen := documentation.packages[path]
	if !seen {
		records = readDocs(path)
		if documentation.packages == nil {
			documentation.packages = map[string]map[string]record{}
		}
		documentation.packages[path] = records
	}
	r, ok := records[name]
	return r.decl, r.doc, ok
}

// readDocs reads the records of a package; nil if there are none.
func readDocs(path string) map[string]record {
	data, err := readEntry(docArchives(), path)
	if err != nil || data == nil {
		return nil
	}
	records := map[string]record{}
	parts := strings.Split(string(data), "\x00")
	for i := 0; i+2 < len(parts); i += 3 {
		records[parts[i]] = record{parts[i+1], parts[i+2]}
	}
	return records
}
