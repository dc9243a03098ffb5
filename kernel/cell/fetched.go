package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"swingby/kernel/cell/module"
	"swingby/stdlib"
	"swingby/stdlib/document"
)

// Packages of modules that %get has fetched come as source. Each is checked as
// a package of its own when something first imports it, and lowered, loaded and
// initialised when a cell does (emit_package.go). Their names are the session's in
// the interpreter only: go/types keeps what is not exported to itself.

// library is the modules a session has fetched.
type library struct {
	roots    []module.Version // those asked for, in the order of %get
	list     *module.List     // with what they require; nil if there are none
	packages map[string]*fetched
	own      map[*types.Package]*fetched
}

// fetched is a package as checked from its source.
type fetched struct {
	pkg     *types.Package
	module  module.Version
	info    *types.Info
	files   []*ast.File
	imports []*fetched
	order   []*types.Initializer
	loaded  bool // into the interpreter, and initialised
	err     error

	docs map[string]article // made when first asked for
}

func newLibrary() *library {
	return &library{packages: map[string]*fetched{}, own: map[*types.Package]*fetched{}}
}

// importer finds packages for go/types: compiled ones first.
type importer struct {
	s        *Session
	compiled types.Importer
}

func (m *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" || known(path) {
		return m.compiled.Import(path)
	}
	if m.s.library.list == nil || !strings.Contains(path, ".") {
		return m.compiled.Import(path)
	}
	p := m.s.fetchedPackage(path)
	return p.pkg, p.err
}

// knownPaths are the import paths of compiled packages.
var knownPaths = sync.OnceValue(func() map[string]bool {
	paths := map[string]bool{}
	for _, p := range stdlib.Packages() {
		paths[p.Path] = true
	}
	return paths
})

// known reports whether a package is compiled into the kernel, or can only be:
// a path of the standard library.
func known(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return knownPaths()[path] || !strings.Contains(first, ".")
}

// ours reports whether what a package declares is lowered, as what cells declare is.
func (s *Session) ours(pkg *types.Package) bool { return pkg == s.pkg || s.library.own[pkg] != nil }

// fetchedPackage checks a package of the session's modules.
func (s *Session) fetchedPackage(path string) *fetched {
	lib := s.library
	if p := lib.packages[path]; p != nil {
		if p.pkg == nil && p.err == nil {
			return &fetched{err: fmt.Errorf("package %q imports itself", path)}
		}
		return p
	}
	p := &fetched{}
	lib.packages[path] = p
	if p.err = s.checkFetched(p, path); p.err != nil {
		p.pkg = nil
		delete(lib.packages, path) // the next %get may mend it
		return p
	}
	lib.own[p.pkg] = p
	return p
}

func (s *Session) checkFetched(p *fetched, path string) error {
	src, err := s.library.list.Package(path)
	if err != nil {
		return err
	}
	p.module = src.Module
	names, err := src.Files()
	if err != nil {
		return err // no kernel can have it
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(src.Dir, name))
		if err != nil {
			return err
		}
		// What generated the file is of no help here, and the interpreter goes by file names.
		text := strings.ReplaceAll("\n"+string(data), "\n//line ", "\n//-ine ")[1:]
		at := path + "/" + name
		f, err := parser.ParseFile(s.fset, name, lineDirective(fileName(at))+text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return s.broken(path, err)
		}
		if why := impure(f); why != "" {
			return s.advise(fmt.Errorf("package %q %s, in %s, which cells cannot run", path, why, name), path, p.module)
		}
		s.sources[at] = text
		p.files = append(p.files, f)
	}
	p.info = newInfo()
	var first error
	conf := types.Config{
		GoVersion: "go" + src.Language,
		Importer:  s.importer,
		Error: func(err error) {
			if first == nil {
				first = err
			}
		},
	}
	var imported error
	for _, f := range p.files {
		for _, spec := range f.Imports {
			dep, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if !mayImport(dep, path) && imported == nil {
				imported = fmt.Errorf("package %q imports the internal package %q of others", path, dep)
			}
			if _, err := s.importer.Import(dep); err != nil && imported == nil {
				imported = fmt.Errorf("package %q needs another: %s", path, strings.TrimPrefix(err.Error(), "stdlib: "))
			}
			if d := s.library.packages[dep]; d != nil && !slices.Contains(p.imports, d) {
				p.imports = append(p.imports, d)
			}
		}
	}
	if imported != nil {
		return imported
	}
	p.pkg = types.NewPackage(path, p.files[0].Name.Name)
	checker := types.NewChecker(&conf, s.fset, p.pkg, p.info)
	_ = checker.Files(p.files) // first has the error
	if first != nil {
		return s.broken(path, first)
	}
	p.order = p.info.InitOrder
	return nil
}

// broken says why a package's source is refused.
func (s *Session) broken(path string, err error) error {
	return fmt.Errorf("package %q does not compile: %s", path, strings.ReplaceAll(err.Error(), fileBase+":", ":"))
}

// mayImport reports whether code at importer may import path: a package below a folder
// internal belongs to the tree around that folder.
func mayImport(path, importer string) bool {
	i := strings.LastIndex("/"+path+"/", "/internal/")
	if i < 0 {
		return true
	}
	tree := strings.TrimSuffix(path[:max(i-1, 0)], "/")
	return importer == tree || strings.HasPrefix(importer, tree+"/")
}

// article fills in what the package's documentation has of a name; nil if that is nothing.
func (p *fetched) article(a *article, name string, s *Session) *article {
	if p.pkg == nil {
		return nil
	}
	if p.docs == nil {
		p.docs = map[string]article{}
		_ = document.Each(s.fset, p.files, p.pkg.Path(), p.pkg, func(name, decl, text string) { // which fails for no package that has been checked
			p.docs[name] = article{decl: decl, doc: text}
		})
	}
	d, ok := p.docs[name]
	if !ok {
		return nil
	}
	a.decl, a.doc = d.decl, d.doc
	if name == "" {
		a.decl = fmt.Sprintf("%s // import %q", d.decl, a.path)
	}
	return a
}

// advise adds the way round for what only the compiler can do.
func (s *Session) advise(err error, path string, m module.Version) error {
	return fmt.Errorf("%w: a kernel with it compiled in is made by swingby build --with %s@%s", err, m.Path, m.Version)
}

// impure says what of a file cells cannot run; "" for nothing.
func impure(f *ast.File) string {
	for _, spec := range f.Imports {
		switch spec.Path.Value {
		case `"C"`:
			return "needs cgo"
		case `"unsafe"`:
			return "uses unsafe"
		}
	}
	for _, g := range f.Comments {
		for _, c := range g.List {
			switch {
			case strings.HasPrefix(c.Text, "//go:linkname "):
				return "uses linkname"
			case strings.HasPrefix(c.Text, "//go:embed "):
				return "embeds files"
			}
		}
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Body == nil {
			return "has code in assembly"
		}
	}
	return ""
}

// unloaded lists the packages that imports need and the interpreter has not yet,
// each after those it imports.
func (s *Session) unloaded(paths []string) []*fetched {
	var list []*fetched
	seen := map[*fetched]bool{}
	var visit func(p *fetched)
	visit = func(p *fetched) {
		if p == nil || p.loaded || seen[p] || p.err != nil {
			return
		}
		seen[p] = true
		for _, d := range p.imports {
			visit(d)
		}
		list = append(list, p)
	}
	for _, path := range paths {
		visit(s.library.packages[path])
	}
	return list
}
