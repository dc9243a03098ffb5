package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"

	"swingby/kernel/notebook"
	"swingby/stdlib"
)

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
