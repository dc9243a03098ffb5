package program

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"sort"
	"strconv"
	"strings"

	"swingby/kernel/notebook"
	"swingby/stdlib"
)

// Export returns the Go program that a notebook is, formatted. name is the
// notebook's file name, for the comment at its top. Cells that are not run
// (skip-execution) are left out; one tagged raises-exception may panic.
// Errors name the cell, and say what Go cannot say.
func Export(nb *notebook.Notebook, name string) ([]byte, error) {
	fset := token.NewFileSet()
	x := &exporter{
		fset:     fset,
		importer: stdlib.NewImporter(fset),
		imports:  map[string]string{},
		bound:    map[string]string{},
		vars:     map[string]string{},
		fixed:    map[string]int{},
	}
	for i, c := range nb.Cells {
		switch {
		case c.Type == notebook.Markdown:
			x.text(c.Source)
		case c.Type != notebook.Code || strings.TrimSpace(c.Source) == "" || c.HasTag("skip-execution"):
		default:
			if err := x.cell(i+1, c); err != nil {
				return nil, fmt.Errorf("program: %s: cell %d: %w", name, i+1, err)
			}
		}
	}
	return x.program(name)
}

type exporter struct {
	fset     *token.FileSet
	importer types.Importer

	imports map[string]string // name in the program → import path
	decls   strings.Builder   // functions, types, constants and the cells so far
	varDecl strings.Builder   // the variables' lines
	calls   []string          // statements of main
	pending string            // comment for the next cell

	bound map[string]string // name in cells → name in the program, of what has been declared
	vars  map[string]string // name in the program → type, of variables
	fixed map[string]int    // name of function, type or constant → cell that declared it
	ctx   bool
	cells int
}

// text keeps a Markdown cell as a comment.
func (x *exporter) text(source string) {
	var b strings.Builder
	for _, l := range strings.Split(strings.TrimSpace(source), "\n") {
		b.WriteString(strings.TrimRight("// "+l, " ") + "\n")
	}
	if x.pending != "" {
		x.pending += "//\n"
	}
	x.pending += b.String()
}

// A segment is a part of a text that is checked: a range of the cell's source, or words of ours.
type segment struct {
	text   string
	source int // offset in the cell's source, -1 for ours
}

// candidate is the program so far with one cell as it was written.
type candidate struct {
	segments []segment
	base     int // length of the text before the segments
	text     string
}

func (c *candidate) add(text string, source int) {
	c.segments = append(c.segments, segment{text, source})
}

// source maps an offset in the text to one in the cell's source, -1 for none.
func (c *candidate) source(offset int) int {
	at := c.base
	for _, s := range c.segments {
		if offset >= at && offset < at+len(s.text) {
			if s.source < 0 {
				return -1
			}
			return s.source + offset - at
		}
		at += len(s.text)
	}
	return -1
}

const cellFunc = "swingbyCell"

// cell adds a cell to the program.
func (x *exporter) cell(number int, c *notebook.Cell) error {
	src := strings.ReplaceAll(c.Source, "\r\n", "\n")
	pieces, err := split(src)
	if err != nil {
		return err
	}
	if err := x.importsOf(src, pieces); err != nil {
		return err
	}
	last := lastExpression(src, pieces)
	checked, err := x.check(src, pieces, last)
	if err != nil && last != nil {
		// A call without a result is no result.
		if again, err2 := x.check(src, pieces, nil); err2 == nil {
			checked, err, last = again, nil, nil
		}
	}
	if err != nil {
		return err
	}
	return x.emit(number, c, src, pieces, last, checked)
}

// importsOf takes a cell's import declarations.
func (x *exporter) importsOf(src string, pieces []piece) error {
	for _, p := range pieces {
		if p.kind != imports {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+src[p.start:p.end], parser.ImportsOnly)
		if err != nil {
			return plainError(err)
		}
		for _, spec := range f.Imports {
			ipath, _ := strconv.Unquote(spec.Path.Value)
			pkg, err := x.importer.Import(ipath)
			if err != nil {
				return fmt.Errorf("import %q: %w", ipath, err)
			}
			alias := pkg.Name()
			if spec.Name != nil {
				alias = spec.Name.Name
			}
			if alias == "_" || alias == "." {
				return fmt.Errorf("import %s %q: name the package", alias, ipath)
			}
			if old, ok := x.imports[alias]; ok && old != ipath {
				return fmt.Errorf("%s is package %q here and %q above; give one of them another name", alias, ipath, old)
			}
			x.imports[alias] = ipath
		}
	}
	return nil
}

// A result is the expression whose value a cell shows, or would but for a semicolon.
type result struct {
	piece
	before, after string // what makes a statement of it
}

// lastExpression finds a cell's result; nil for none.
func lastExpression(src string, pieces []piece) *result {
	if len(pieces) == 0 {
		return nil
	}
	p := pieces[len(pieces)-1]
	text := strings.TrimSpace(src[p.start:p.end])
	if p.kind != stmts {
		return nil
	}
	fset := token.NewFileSet()
	const head = "package p; func _() {\n"
	f, err := parser.ParseFile(fset, "", head+src[p.start:p.end]+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	list := f.Decls[0].(*ast.FuncDecl).Body.List
	if len(list) != 1 {
		return nil
	}
	e, ok := list[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	silent := strings.HasSuffix(text, ";")
	if call, ok := e.X.(*ast.CallExpr); ok {
		if silent {
			return nil
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && (id.Name == "fmt" && strings.Contains(sel.Sel.Name, "rint") || id.Name == "display") {
				return nil // prints or shows by itself
			}
		}
	}
	at := func(pos token.Pos) int { return p.start + fset.Position(pos).Offset - len(head) }
	r := &result{piece{stmts, at(e.Pos()), at(e.End())}, "display.Show(", ")"}
	if silent {
		r.before, r.after = "_ = ", ""
	}
	return r
}

// checked is a cell that Go's checker has seen.
type checked struct {
	candidate
	file *ast.File
	info *types.Info
	pkg  *types.Package
	body *ast.BlockStmt // the cell's statements
}

// check type-checks the program so far with the cell. last is shown when it is not nil.
func (x *exporter) check(src string, pieces []piece, last *result) (*checked, error) {
	c := &checked{}
	for _, p := range pieces {
		if p.kind == decls {
			c.add(src[p.start:p.end], p.start)
			c.add("\n", -1)
		}
	}
	c.add("func "+cellFunc+"() {\n", -1)
	for _, name := range sorted(x.bound) {
		if now := x.bound[name]; now != name {
			c.add(name+" := "+now+"; _ = "+name+"\n", -1) // as the cell knows it
		}
	}
	c.add("{\n", -1)
	for _, p := range pieces {
		if p.kind != stmts {
			continue
		}
		if last != nil && p.start <= last.start && last.end <= p.end {
			c.add(src[p.start:last.start], p.start)
			c.add(last.before, -1)
			c.add(src[last.start:last.end], last.start)
			c.add(last.after, -1)
			c.add(src[last.end:p.end], last.end)
		} else {
			c.add(src[p.start:p.end], p.start)
		}
		c.add("\n", -1)
	}
	c.add("}\n}\n", -1)
	var text strings.Builder
	for _, s := range c.segments {
		text.WriteString(s.text)
	}
	body := text.String()
	if err := x.preload(body); err != nil {
		return nil, err
	}
	head := x.head(true) + x.decls.String()
	c.base, c.text = len(head), head+body
	var err error
	c.file, err = parser.ParseFile(x.fset, "", c.text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, plainError(err)
	}
	for _, d := range c.file.Decls {
		if c.source(x.fset.Position(d.Pos()).Offset) < 0 {
			continue
		}
		for _, n := range declaredNames(d) {
			if old := x.fixed[n]; old != 0 {
				return nil, fmt.Errorf("%s is declared anew, and cell %d has declared it: a Go program can hold one of them; give it another name", n, old)
			}
		}
	}
	var hard error
	conf := types.Config{Importer: x.importer, Error: func(err error) {
		te := err.(types.Error)
		if !te.Soft && hard == nil {
			hard = errors.New(te.Msg)
			if at := c.source(x.fset.Position(te.Pos).Offset); at >= 0 {
				hard = fmt.Errorf("line %d: %s", 1+strings.Count(src[:at], "\n"), te.Msg)
			}
		}
	}}
	c.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	c.pkg, _ = conf.Check("main", x.fset, []*ast.File{c.file}, c.info)
	if hard != nil {
		return nil, hard
	}
	for _, d := range c.file.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Name == cellFunc {
			c.body = fd.Body.List[len(fd.Body.List)-1].(*ast.BlockStmt)
		}
	}
	return c, nil
}

// preload imports the packages that a cell names without importing them.
func (x *exporter) preload(body string) error {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body, parser.SkipObjectResolution)
	if err != nil {
		return plainError(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				x.importNamed(id.Name)
			}
		case *ast.Ident:
			if n.Name == "ctx" && x.bound["ctx"] == "" {
				x.ctx = true
				x.importNamed("context")
				x.importNamed("os")
				x.importNamed("signal")
			}
		}
		return true
	})
	return nil
}

func (x *exporter) importNamed(name string) {
	if _, ok := x.imports[name]; ok || x.bound[name] != "" {
		return
	}
	if p, ok := stdlib.Preloaded(name); ok {
		x.imports[name] = p
	}
}

// head is the text before the declarations.
func (x *exporter) head(all bool) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	for _, name := range sorted(x.imports) {
		b.WriteString("\t" + importLine(name, x.imports[name]) + "\n")
	}
	b.WriteString(")\n")
	if x.ctx {
		b.WriteString("\n// ctx ends when the program is interrupted.\nvar ctx, _ = signal.NotifyContext(context.Background(), os.Interrupt)\n")
	}
	if x.varDecl.Len() > 0 {
		b.WriteString("\n// What the cells declare.\nvar (\n" + x.varDecl.String() + ")\n")
	}
	return b.String() + "\n"
}

func importLine(name, ipath string) string {
	base := path.Base(ipath)
	if base == name {
		return strconv.Quote(ipath)
	}
	return name + " " + strconv.Quote(ipath)
}

// program puts everything together.
func (x *exporter) program(name string) ([]byte, error) {
	used := x.decls.String()
	f, err := parser.ParseFile(token.NewFileSet(), "", x.head(false)+used, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("program: %s: %w", name, plainError(err))
	}
	mentioned := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				mentioned[id.Name] = true
			}
		}
		return true
	})
	for alias := range x.imports {
		if !mentioned[alias] {
			delete(x.imports, alias)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// This program does what the cells of %s do, in their order. Made by swingby export.\n//\n", name)
	b.WriteString("// It compiles where Swingby's packages can be imported: in Swingby's own source, or in a\n// module whose go.mod has a replace directive for module swingby.\n")
	b.WriteString(x.head(false))
	b.WriteString("func main() {\n" + strings.Join(x.calls, "\n") + "\n}\n")
	b.WriteString(used + "\n")
	if x.pending != "" {
		b.WriteString("\n" + x.comment())
	}
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("program: %s: %w", name, plainError(err))
	}
	// What is written is checked as a whole, as the compiler will.
	file, err := parser.ParseFile(x.fset, "", out, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("program: %s: %w", name, plainError(err))
	}
	conf := types.Config{Importer: x.importer}
	if _, err := conf.Check("main", x.fset, []*ast.File{file}, nil); err != nil {
		var te types.Error
		if errors.As(err, &te) {
			return nil, fmt.Errorf("program: %s: the program would not compile: line %d: %s", name, x.fset.Position(te.Pos).Line, te.Msg)
		}
		return nil, fmt.Errorf("program: %s: the program would not compile: %w", name, err)
	}
	return out, nil
}

// plainError is a parser's error without positions in a text that nobody has seen.
func plainError(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.Index(text, ": "); i >= 0 && strings.Trim(text[:i], "0123456789:") == "" {
		text = text[i+2:]
	}
	return errors.New(text)
}

func sorted(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
