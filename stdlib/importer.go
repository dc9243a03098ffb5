package stdlib

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/token"
	"go/types"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"swingby/stdlib/internal/archive"
)

//go:embed data/std.types
var stdTypes string

//go:embed data/gonum.types
var gonumTypes string

//go:embed data/swingby.types
var swingbyTypes string

// typeArchives are searched in order: what differs on this platform comes first.
var typeArchives = sync.OnceValue(func() []*archive.Archive {
	return openArchives(platformTypes, swingbyTypes, gonumTypes, stdTypes)
})

// openArchives opens embedded archives; an empty string is none. That they can be
// read is a property of the build, which the tests establish.
func openArchives(data ...string) []*archive.Archive {
	var list []*archive.Archive
	for _, d := range data {
		if d == "" {
			continue
		}
		a, err := archive.Open(d)
		if err != nil {
			panic("stdlib: embedded data: " + err.Error())
		}
		list = append(list, a)
	}
	return list
}

// readEntry returns the first entry of that path, or nil.
func readEntry(list []*archive.Archive, path string) ([]byte, error) {
	for _, a := range list {
		if a.Has(path) {
			return a.Read(path)
		}
	}
	return nil, nil
}

// NewImporter returns a types.Importer over the embedded type information. A package
// is decoded when first imported and kept; all packages of one importer share
// their types. The objects carry no positions; fset may be nil. It is safe for
// concurrent use, as long as nobody else modifies the packages it returns.
//
// Importing a package that is not there fails with an error that names the nearest
// one there is.
func NewImporter(fset *token.FileSet) types.Importer {
	if fset == nil {
		fset = token.NewFileSet()
	}
	return &importer{fset: fset, pkgs: map[string]*types.Package{}, here: map[string]*types.Package{}}
}

type importer struct {
	mu   sync.Mutex
	fset *token.FileSet
	pkgs map[string]*types.Package // complete ones and those only referred to
	here map[string]*types.Package // those of perArchitecture as they are here
}

func (m *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.here[path]; p != nil {
		return p, nil
	}
	if p := m.pkgs[path]; p != nil && p.Complete() {
		return p, nil
	}
	data, err := readEntry(typeArchives(), path)
	if err != nil {
		return nil, fmt.Errorf("stdlib: type information of %q: %v", path, err)
	}
	if data == nil {
		return nil, unknown(path)
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), m.fset, m.pkgs, path)
	if err != nil {
		return nil, fmt.Errorf("stdlib: type information of %q: %v", path, err)
	}
	if perArchitecture[path] {
		p = adapt(p)
		m.here[path] = p
	}
	return p, nil
}

// unknown is the error for a package that cells cannot import.
func unknown(path string) error {
	if near := nearest(path); near != "" {
		return fmt.Errorf("stdlib: package %q is not available in this kernel, did you mean %q?", path, near)
	}
	return fmt.Errorf("stdlib: package %q is not available in this kernel", path)
}
