// Package document reads the documentation of a package from its source, name by name.
package document

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/printer"
	"go/token"
	"go/types"
	"strings"
)

// documenter walks one package.
type documenter struct {
	fset  *token.FileSet
	doc   *doc.Package
	scope *types.Scope
	put   func(name, decl, text string)
}

// Each calls put for what a package documents: the package itself under the name "",
// then each exported name, "Type.Method" and "Type.Field", with its declaration and
// its documentation. pkg may be nil; then values come without their types, and names
// in lower case too. The syntax is left as it is.
func Each(fset *token.FileSet, files []*ast.File, path string, pkg *types.Package, put func(name, decl, text string)) error {
	mode := doc.PreserveAST
	if pkg == nil {
		mode |= doc.AllDecls
	}
	p, err := doc.NewFromFiles(fset, files, path, mode)
	if err != nil {
		return err
	}
	d := &documenter{fset: fset, doc: p, put: put}
	if pkg != nil {
		d.scope = pkg.Scope()
	}
	d.walk()
	return nil
}

func (d *documenter) add(name, decl, text string) { d.put(name, decl, strings.TrimSpace(text)) }

func (d *documenter) walk() {
	d.add("", "package "+d.doc.Name, d.doc.Doc)
	d.values(d.doc.Consts)
	d.values(d.doc.Vars)
	for _, f := range d.doc.Funcs {
		d.function(f, f.Name)
	}
	for _, t := range d.doc.Types {
		d.typ(t)
	}
}

func (d *documenter) function(f *doc.Func, name string) {
	decl := *f.Decl
	decl.Doc, decl.Body = nil, nil
	d.add(name, d.print(&decl), f.Doc)
}

func (d *documenter) typ(t *doc.Type) {
	for _, spec := range t.Decl.Specs {
		spec, ok := spec.(*ast.TypeSpec)
		if !ok || spec.Name.Name != t.Name {
			continue
		}
		only := *spec
		only.Doc = nil
		d.add(t.Name, d.print(&ast.GenDecl{Tok: token.TYPE, TokPos: t.Decl.TokPos, Specs: []ast.Spec{&only}}), t.Doc)
		switch x := spec.Type.(type) {
		case *ast.StructType:
			d.fields(t.Name, x.Fields)
		case *ast.InterfaceType:
			d.fields(t.Name, x.Methods)
		}
	}
	d.values(t.Consts)
	d.values(t.Vars)
	for _, f := range t.Funcs {
		d.function(f, f.Name)
	}
	for _, m := range t.Methods {
		d.function(m, t.Name+"."+m.Name)
	}
}

// fields records the fields of a struct or the methods of an interface.
func (d *documenter) fields(typ string, list *ast.FieldList) {
	for _, f := range list.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, name := range f.Names {
			if !name.IsExported() {
				continue
			}
			var decl string
			if sig, ok := f.Type.(*ast.FuncType); ok && sig.Func == token.NoPos {
				decl = name.Name + strings.TrimPrefix(d.print(sig), "func")
			} else {
				decl = name.Name + " " + d.print(f.Type)
			}
			d.add(typ+"."+name.Name, decl, text)
		}
	}
}

// values records each name of groups of constants or variables by itself: its own
// line, and its own comment followed by that of the group.
func (d *documenter) values(groups []*doc.Value) {
	for _, v := range groups {
		for _, spec := range v.Decl.Specs {
			spec, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			text := spec.Doc.Text()
			if text == "" {
				text = spec.Comment.Text()
			}
			if v.Doc != "" && v.Doc != text {
				text = strings.TrimSpace(strings.TrimSpace(text) + "\n\n" + v.Doc)
			}
			for i, name := range spec.Names {
				if name.IsExported() || d.scope == nil {
					d.add(name.Name, d.value(v.Decl.Tok, spec, i), text)
				}
			}
		}
	}
}

// longest is how much of a declaration of a value is worth showing, in bytes.
const longest = 160

// value declares one name of a spec: as it is written when that is short and
// says it all, otherwise with its type and, for constants, its value.
func (d *documenter) value(tok token.Token, spec *ast.ValueSpec, i int) string {
	if len(spec.Names) == 1 && len(spec.Values) == 1 && !mentionsIota(spec.Values[0]) {
		only := *spec
		only.Doc, only.Comment = nil, nil
		if s := d.print(&ast.GenDecl{Tok: tok, TokPos: spec.Pos(), Specs: []ast.Spec{&only}}); len(s) <= longest && !strings.Contains(s, "\n") {
			return s
		}
	}
	s := tok.String() + " " + spec.Names[i].Name
	if d.scope == nil {
		return s
	}
	obj := d.scope.Lookup(spec.Names[i].Name)
	if obj == nil {
		return s
	}
	if basic, ok := obj.Type().(*types.Basic); !ok || basic.Info()&types.IsUntyped == 0 {
		s += " " + types.TypeString(obj.Type(), func(p *types.Package) string {
			if p == obj.Pkg() {
				return ""
			}
			return p.Name()
		})
	}
	if c, ok := obj.(*types.Const); ok {
		s += " = " + c.Val().String()
	}
	return s
}

func mentionsIota(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == "iota"
		return !found
	})
	return found
}

func (d *documenter) print(node ast.Node) string {
	var b bytes.Buffer
	conf := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := conf.Fprint(&b, d.fset, node); err != nil {
		return ""
	}
	return b.String()
}
