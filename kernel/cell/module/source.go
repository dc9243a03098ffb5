package module

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Package is the source of a package in the cache.
type Package struct {
	// Path is its import path.
	Path string
	// Module is the module it is in.
	Module Version
	// Dir is its folder.
	Dir string
	// Language is the Go version its module asks for, such as "1.21".
	Language string
}

// tags are the build tags by which packages offer code without assembly, cgo and
// unsafe. Old ones know only the name of the first platform that wanted that.
var tags = []string{"purego", "noasm", "safe", "nounsafe", "appengine"}

// Files lists the files that belong to the package here, tests left out.
func (p *Package) Files() ([]string, error) {
	ctxt := build.Default
	ctxt.CgoEnabled = false
	ctxt.BuildTags = tags
	var list []string
	cgo := "" // a file that is left out
	for _, name := range goFiles(p.Dir) {
		ok, err := ctxt.MatchFile(p.Dir, name)
		if err != nil {
			return nil, fmt.Errorf("package %q: %w", p.Path, err)
		}
		if !ok {
			continue
		}
		if f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly); err == nil && slices.Contains(importsOf(f), "C") {
			cgo = name
			continue
		}
		list = append(list, name)
	}
	switch {
	case len(list) > 0:
		return list, nil
	case cgo != "":
		return nil, fmt.Errorf("package %q needs cgo, in %s, and kernels are built without it", p.Path, cgo)
	}
	return nil, fmt.Errorf("package %q has no Go files for %s/%s", p.Path, build.Default.GOOS, build.Default.GOARCH)
}

// Imports lists what the files of the package import.
func (p *Package) Imports() ([]string, error) {
	names, err := p.Files()
	if err != nil {
		return nil, nil // which importing it will say
	}
	var list []string
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		list = append(list, importsOf(f)...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// name is the name in the package clause; "" if no file belongs to the package here.
func (p *Package) name() string {
	names, err := p.Files()
	if err != nil {
		return ""
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, names[0]), nil, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return f.Name.Name
}

func importsOf(f *ast.File) []string {
	var list []string
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, path)
		}
	}
	return list
}

// goFiles lists the Go files in a folder but tests and those that the go command ignores.
func goFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		if e.Type().IsRegular() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '_' && name[0] != '.' {
			list = append(list, name)
		}
	}
	return list
}

// folders lists the folders below dir, relative and with slashes, that can hold packages for others.
func folders(dir string) []string {
	var list []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		base := d.Name()
		if name != dir && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "internal" || base == "vendor") {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if rel == "." {
			rel = ""
		}
		list = append(list, filepath.ToSlash(rel))
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return list
}
