package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A platform is one GOOS/GOARCH pair that the tables must compile for.
type platform struct{ os, arch string }

// platforms are those Swingby is released for; the first is the reference, whose
// documentation and type information serve all others where they do not differ.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

// patterns are what cells may import, as the go command understands them.
var patterns = []string{
	"std",
	"gonum.org/v1/gonum/...",
	"gonum.org/v1/plot/...",
	"swingby/simlib/...",
	"swingby/kernel/display/...",
	"swingby/kernel/comm/...",
	"swingby/kernel/widget/...",
}

// A listed package is what we ask of go list.
type listed struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	ImportMap  map[string]string
	Standard   bool
	DepOnly    bool
	Module     *struct{ Path, Version string }
	Error      *struct{ Err string }
}

// A loaded package has been type-checked for one platform.
type loaded struct {
	listed
	files []*ast.File
	types *types.Package
}

// public reports whether cells may import the package.
func (p *listed) public() bool {
	switch {
	case p.DepOnly, p.Name == "main", p.ImportPath == "unsafe":
		return false
	case p.ImportPath == "plugin", p.ImportPath == "runtime/cgo", p.ImportPath == "runtime/race", p.ImportPath == "runtime/coverage":
		return false // bound to how the program was built
	}
	for _, elem := range strings.Split(p.ImportPath, "/") {
		if elem == "internal" || elem == "vendor" || elem == "cmd" || elem == "testdata" {
			return false
		}
	}
	// gonum's testblas, testlapack, testgraph and testquad are suites for implementers.
	return p.Standard || !strings.HasPrefix(path.Base(p.ImportPath), "test")
}

// A loader type-checks packages from source, without function bodies, for any
// platform. Files are parsed once for all platforms.
type loader struct {
	fset *token.FileSet
	mu   sync.Mutex
	file map[string]*parsed
}

type parsed struct {
	once sync.Once
	ast  *ast.File
	err  error
}

func newLoader() *loader {
	return &loader{fset: token.NewFileSet(), file: map[string]*parsed{}}
}

func (l *loader) parse(name string) (*ast.File, error) {
	l.mu.Lock()
	p := l.file[name]
	if p == nil {
		p = new(parsed)
		l.file[name] = p
	}
	l.mu.Unlock()
	p.once.Do(func() {
		src, err := os.ReadFile(name)
		if err != nil {
			p.err = err
			return
		}
		p.ast, p.err = parser.ParseFile(l.fset, name, src, parser.ParseComments)
	})
	return p.ast, p.err
}

// list asks the go command which packages there are on a platform, dependencies first.
func list(pl platform) ([]listed, error) {
	args := append([]string{"list", "-deps", "-json=ImportPath,Name,Dir,GoFiles,ImportMap,Standard,DepOnly,Module,Error"}, patterns...)
	if skip != "" {
		args = slices.DeleteFunc(args, func(arg string) bool { return strings.HasPrefix(arg, skip) })
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS="+pl.os, "GOARCH="+pl.arch, "CGO_ENABLED=0", "GOWORK=off", "GOEXPERIMENT=")
	flags := "GOFLAGS=-mod=readonly"
	if extra.modfile != "" {
		flags += " -modfile=" + extra.modfile
	}
	cmd.Env = append(cmd.Env, flags)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list for %s/%s: %v\n%s", pl.os, pl.arch, err, stderr.Bytes())
	}
	var pkgs []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list: %v", err)
		}
		if p.Error != nil {
			return nil, fmt.Errorf("go list: %s: %s", p.ImportPath, p.Error.Err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

// load type-checks the listed packages of a platform and returns them by import path.
func (l *loader) load(pl platform, pkgs []listed) (map[string]*loaded, error) {
	all := map[string]*loaded{}
	sizes := types.SizesFor("gc", pl.arch)
	for _, lp := range pkgs {
		p := &loaded{listed: lp}
		if lp.ImportPath == "unsafe" {
			p.types = types.Unsafe
			all[lp.ImportPath] = p
			continue
		}
		for _, name := range lp.GoFiles {
			f, err := l.parse(filepath.Join(lp.Dir, name))
			if err != nil {
				return nil, err
			}
			p.files = append(p.files, f)
		}
		conf := types.Config{
			IgnoreFuncBodies: true,
			Sizes:            sizes,
			Importer: importerFunc(func(path string) (*types.Package, error) {
				if real, ok := lp.ImportMap[path]; ok {
					path = real
				}
				if dep := all[path]; dep != nil {
					return dep.types, nil
				}
				return nil, fmt.Errorf("package %q was not listed", path)
			}),
		}
		var err error
		if p.types, err = conf.Check(lp.ImportPath, l.fset, p.files, nil); err != nil {
			return nil, fmt.Errorf("%s/%s: type-checking %s: %v", pl.os, pl.arch, lp.ImportPath, err)
		}
		all[lp.ImportPath] = p
	}
	return all, nil
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
