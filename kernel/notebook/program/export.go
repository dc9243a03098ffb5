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
	"slices"
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

// An edit replaces a range of the cell's source.
type edit struct {
	start, end int
	text       string
}

// emit writes the cell into the program.
func (x *exporter) emit(number int, cell *notebook.Cell, src string, pieces []piece, last *result, c *checked) error {
	var edits []edit
	offset := func(pos token.Pos) int { return c.source(x.fset.Position(pos).Offset) }

	// Names that only this cell's declarations may give.
	for _, d := range c.file.Decls {
		if offset(d.Pos()) < 0 {
			continue
		}
		names := declaredNames(d)
		for _, n := range names {
			if n == "main" || n == "init" {
				return fmt.Errorf("a function of the name %s has another meaning in a program; give it another", n)
			}
			if x.bound[n] != "" {
				return fmt.Errorf("%s is a variable of an earlier cell, and here a declaration of another kind; give it another name", n)
			}
		}
		for _, n := range names {
			x.fixed[n], x.bound[n] = number, n
		}
	}

	// Variables that the statements declare at their top become the program's.
	renamed := map[types.Object]string{}
	var failed error
	hoist := func(id *ast.Ident) {
		obj, ok := c.info.Defs[id].(*types.Var)
		if !ok || id.Name == "_" {
			return
		}
		typ := types.TypeString(obj.Type(), x.qualify)
		now := x.bound[id.Name]
		if now == "" || x.vars[now] != typ {
			if now != "" && x.fixed[id.Name] != 0 {
				failed = fmt.Errorf("%s is a variable here, and cell %d has declared it as something else; give it another name", id.Name, x.fixed[id.Name])
				return
			}
			now = x.free(id.Name)
			x.bound[id.Name], x.vars[now] = now, typ
			x.varDecl.WriteString("\t" + now + " " + typ + "\n")
		}
		renamed[obj] = now
	}
	for _, s := range c.body.List {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				continue
			}
			for _, l := range s.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					hoist(id)
				}
			}
			at := offset(s.TokPos)
			edits = append(edits, edit{at, at + 2, "="})
		case *ast.DeclStmt:
			d := s.Decl.(*ast.GenDecl)
			if d.Tok != token.VAR {
				continue
			}
			var lines []string
			for _, sp := range d.Specs {
				v := sp.(*ast.ValueSpec)
				var names, values []string
				for _, id := range v.Names {
					hoist(id)
					name := id.Name
					if obj := c.info.Defs[id]; renamed[obj] != "" {
						name = renamed[obj]
					}
					names = append(names, name)
				}
				for _, e := range v.Values {
					values = append(values, x.rewritten(src, e, c, renamed))
				}
				if len(values) == 0 {
					for i, id := range v.Names {
						if obj := c.info.Defs[id]; obj != nil && renamed[obj] != "" {
							lines = append(lines, names[i]+" = *new("+types.TypeString(obj.Type(), x.qualify)+")")
						}
					}
					continue
				}
				lines = append(lines, strings.Join(names, ", ")+" = "+strings.Join(values, ", "))
			}
			edits = append(edits, edit{offset(d.Pos()), c.source(x.fset.Position(d.End()).Offset-1) + 1, strings.Join(lines, "\n")})
		}
	}
	if failed != nil {
		return failed
	}
	more, err := x.renames(c, renamed, number)
	if err != nil {
		return err
	}
	edits = append(edits, more...)
	if last != nil {
		edits = append(edits, edit{last.start, last.start, last.before}, edit{last.end, last.end, last.after})
	}

	x.decls.WriteString("\n")
	for _, p := range pieces {
		if p.kind == decls {
			x.decls.WriteString(strings.TrimSpace(apply(src, p, edits)) + "\n\n")
		}
	}
	var body strings.Builder
	for _, p := range pieces {
		if p.kind == stmts {
			body.WriteString(strings.Trim(apply(src, p, edits), "\n") + "\n")
		}
	}
	if strings.TrimSpace(body.String()) == "" {
		x.decls.WriteString(x.comment())
		return nil
	}
	x.cells++
	name := fmt.Sprintf("cell%d", x.cells)
	x.bound[name] = name
	if x.pending != "" {
		x.pending += "//\n"
	}
	x.pending += fmt.Sprintf("// %s is cell %d of the notebook.\n", name, number)
	x.decls.WriteString(x.comment() + "func " + name + "() {\n" + body.String() + "}\n")
	if cell.HasTag("raises-exception") {
		x.calls = append(x.calls, "func() {\ndefer func() { _ = recover() }() // the notebook expects a panic here\n"+name+"()\n}()")
	} else {
		x.calls = append(x.calls, name+"()")
	}
	return nil
}

// comment takes the Markdown that waits for a declaration to stand above.
func (x *exporter) comment() string {
	s := x.pending
	x.pending = ""
	return s
}

// renames finds where the cell names variables that have another name in the program.
func (x *exporter) renames(c *checked, renamed map[types.Object]string, number int) ([]edit, error) {
	var edits []edit
	var failed error
	var inside *ast.FuncDecl // a declaration of the cell's own
	visit := func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		at := c.source(x.fset.Position(id.Pos()).Offset)
		obj := c.info.Uses[id]
		if obj == nil {
			obj = c.info.Defs[id]
		}
		if at < 0 || obj == nil {
			return true
		}
		now := renamed[obj]
		if now == "" {
			if _, isVar := obj.(*types.Var); !isVar || x.bound[id.Name] == id.Name || x.bound[id.Name] == "" {
				return true
			}
			// One of the names that check has declared for the cell, or in a function the program's own.
			if pos := x.fset.Position(obj.Pos()).Offset; pos >= c.base && c.source(pos) < 0 {
				now = x.bound[id.Name]
			} else if obj.Parent() == c.pkg.Scope() && inside != nil {
				failed = fmt.Errorf("%s uses %s, which cells declare with different types; give one of the variables another name", inside.Name.Name, id.Name)
			}
		}
		if now != "" && now != id.Name {
			edits = append(edits, edit{at, at + len(id.Name), now})
		}
		return true
	}
	for _, d := range c.file.Decls {
		inside = nil
		fd, ok := d.(*ast.FuncDecl)
		if ok && fd.Name.Name != cellFunc && c.source(x.fset.Position(d.Pos()).Offset) >= 0 {
			inside = fd
		}
		ast.Inspect(d, visit)
	}
	return edits, failed
}

// rewritten is the source of an expression with the program's names.
func (x *exporter) rewritten(src string, e ast.Expr, c *checked, renamed map[types.Object]string) string {
	start := c.source(x.fset.Position(e.Pos()).Offset)
	end := c.source(x.fset.Position(e.End()).Offset-1) + 1
	var edits []edit
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if now := renamed[c.info.Uses[id]]; now != "" && now != id.Name {
				at := c.source(x.fset.Position(id.Pos()).Offset)
				edits = append(edits, edit{at, at + len(id.Name), now})
			}
		}
		return true
	})
	return apply(src, piece{stmts, start, end}, edits)
}

// apply returns a piece of the source with the edits inside it; of two that overlap the outer one counts.
func apply(src string, p piece, edits []edit) string {
	sorted := slices.Clone(edits)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.start != b.start {
			return a.start < b.start
		}
		return a.end == a.start && b.end != b.start || a.end > b.end && b.end != b.start
	})
	var b strings.Builder
	at := p.start
	for _, e := range sorted {
		if e.start < at || e.end > p.end || e.start == p.end && e.text != ")" || e.text == ")" && e.end == p.start {
			continue // of another piece, or inside an edit
		}
		b.WriteString(src[at:e.start] + e.text)
		at = e.end
	}
	b.WriteString(src[at:p.end])
	return b.String()
}

// free is a name for a variable that nothing else in the program has.
func (x *exporter) free(name string) string {
	taken := func(n string) bool {
		_, pkg := stdlib.Preloaded(n) // a later cell may mean the package
		_, isVar := x.vars[n]
		_, imported := x.imports[n]
		return pkg || isVar || imported || x.fixed[n] != 0 || n == "main" || n == "init" || n == "ctx" && x.ctx || strings.HasPrefix(n, cellFunc)
	}
	for i := 1; ; i++ {
		n := name
		if i > 1 {
			n = fmt.Sprintf("%s%d", name, i)
		}
		if !taken(n) {
			return n
		}
	}
}

// qualify names a package in a type, importing it.
func (x *exporter) qualify(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	for _, name := range sorted(x.imports) {
		if x.imports[name] == p.Path() {
			return name
		}
	}
	name := p.Name()
	for x.imports[name] != "" || x.bound[name] != "" {
		name += "pkg"
	}
	x.imports[name] = p.Path()
	return name
}

func declaredNames(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "_" {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					if id.Name != "_" {
						names = append(names, id.Name)
					}
				}
			}
		}
		return names
	}
	return nil
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
