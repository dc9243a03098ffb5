package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The interpreter prints a line for each frame a panic unwinds, but names the
// first operation of the right kind in the function, not the one that failed.
// So lowered code keeps its own account: each function has a variable, its
// mark, that is set to the position of every statement that could panic before
// the statement runs. What the interpreter prints says which functions were
// running; their marks say where.

// unit is a function, method, function literal or cell body as the stack shows it.
type unit struct {
	name     string // as its author knows it
	cell     string
	mark     string // the variable that holds the position
	from, to token.Position
}

// units knows the functions that have been lowered.
type units struct {
	named    map[string]*unit   // by the interpreter's name
	literals map[string][]*unit // by cell
	bodies   map[string]*unit   // the statements of a cell, by cell
}

func newUnits() units {
	return units{map[string]*unit{}, map[string][]*unit{}, map[string]*unit{}}
}

// recurses reports whether u is a function that can call itself by name.
func (us *units) recurses(u *unit) bool {
	return !slices.Contains(us.literals[u.cell], u) && us.bodies[u.cell] != u
}

// enter starts the body of a function, and returns what ends it.
func (l *lowerer) enter(name string, n ast.Node) (u *unit, leave func()) {
	u = &unit{name: name, mark: l.s.slots.next("mark"), from: l.s.position(n.Pos()), to: l.s.position(n.End())}
	u.cell = u.from.Filename
	pos := l.s.anchor
	spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(u.mark, pos)}, Type: identAt("int", pos)}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
	outer, loops, flows := l.unit, l.loops, l.flows
	l.unit, l.loops, l.flows = u, nil, nil
	return u, func() { l.unit, l.loops, l.flows = outer, loops, flows }
}

// marked sets the function's mark before a statement that may panic.
func (l *lowerer) marked(s ast.Stmt) []ast.Stmt {
	if l.unit == nil || !l.mayPanic(s) {
		return nil
	}
	p := l.s.position(s.Pos())
	if p.Line == 0 {
		return nil
	}
	return []ast.Stmt{assignAt(s.Pos(), []ast.Expr{identAt(l.unit.mark, s.Pos())}, []ast.Expr{intOf(encodeMark(p), s.Pos())})}
}

const markColumns = 1 << 12

func encodeMark(p token.Position) int { return p.Line*markColumns + min(p.Column, markColumns-1) }

// mayPanic reports whether running a statement, its nested blocks and function
// literals apart, could panic or call something that does.
func (l *lowerer) mayPanic(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.FuncLit:
			return false
		case *ast.CaseClause, *ast.CommClause:
			return false
		case *ast.SendStmt, *ast.StarExpr, *ast.SliceExpr, *ast.TypeAssertExpr:
			found = true
		case *ast.IndexExpr:
			tv := l.info.Types[n]
			found = !tv.IsType()
		case *ast.SelectorExpr:
			if sel := l.info.Selections[n]; sel != nil && sel.Kind() == types.FieldVal {
				found = sel.Indirect()
			}
		case *ast.BinaryExpr:
			if n.Op == token.QUO || n.Op == token.REM || n.Op == token.SHL || n.Op == token.SHR {
				found = l.info.Types[n].Value == nil
			}
			if n.Op == token.EQL || n.Op == token.NEQ {
				found = types.IsInterface(l.typeOf(n.X)) // may compare what cannot be
			}
		case *ast.CallExpr:
			if l.info.Types[n].Value != nil {
				return false
			}
			found = true
		}
		return !found
	})
	if a, ok := s.(*ast.AssignStmt); ok && (a.Tok == token.QUO_ASSIGN || a.Tok == token.REM_ASSIGN) {
		found = true
	}
	return found
}

// tracer collects the lines the interpreter prints.
type tracer struct {
	mu   sync.Mutex
	text strings.Builder
}

const maxTrace = 1 << 20

func (t *tracer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() < maxTrace {
		t.text.Write(p)
	}
	return len(p), nil
}

// take returns the text so far and forgets it.
func (t *tracer) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.text.String()
	t.text.Reset()
	return s
}

// maxFrames is how much of a deep stack is worth reading.
const maxFrames = 50

// frames turns the interpreter's lines into the stack of the cell's own
// functions, innermost first, with source lines.
func (s *Session) frames(text string, count int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := s.interp.Globals()
	seen := map[*unit]bool{}
	var out []string
	var last *unit
	repeats, shown := 0, 0
	flush := func() {
		if repeats > 0 {
			out = append(out, fmt.Sprintf("    … %s called itself %d times more", last.name, repeats))
		}
		repeats = 0
	}
	for line := range strings.Lines(text) {
		u := s.unitOf(strings.TrimSpace(line), count)
		if u == nil {
			continue
		}
		if u == last {
			if s.units.recurses(u) { // a literal shows twice when it is lowered to two
				repeats++
			}
			continue
		}
		flush()
		last = u
		if shown++; shown > maxFrames {
			out = append(out, "    …")
			break
		}
		where := u.cell
		var src string
		if !seen[u] { // the mark is that of the innermost call
			if v, ok := values[u.mark]; ok && v.CanInt() && v.Int() > 0 {
				n := int(v.Int())
				where = fmt.Sprintf("%s:%d:%d", u.cell, n/markColumns, n%markColumns)
				src = strings.TrimSpace(sourceLine(s.sources[u.cell], n/markColumns))
			}
		}
		seen[u] = true
		if u.name != "" {
			where += " in " + u.name
		}
		out = append(out, "    "+where)
		if src != "" {
			out = append(out, "        "+src)
		}
	}
	flush()
	return out
}

// unitOf finds the function a line like "In[3]/cell:2:5: panic: main.area·7(...)" speaks of.
func (s *Session) unitOf(line string, count int) *unit {
	pos, fn, ok := strings.Cut(line, ": panic: ")
	if !ok {
		return nil
	}
	fn = strings.TrimSuffix(strings.TrimPrefix(fn, "main."), "(...)")
	base, rest, nested := strings.Cut(fn, ".func")
	if !nested {
		if base == "init" {
			return s.units.bodies[cellName(count)]
		}
		return s.units.named[base]
	}
	_ = rest
	file, at, ok := strings.Cut(pos, fileBase+":")
	if !ok {
		return nil
	}
	l, c, _ := strings.Cut(at, ":")
	lineNo, _ := strconv.Atoi(l)
	col, _ := strconv.Atoi(c)
	p := token.Position{Line: lineNo, Column: col}
	var best *unit
	for _, u := range s.units.literals[file] {
		if within(p, u) && (best == nil || before(best.from, u.from)) {
			best = u
		}
	}
	return best
}

func before(a, b token.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

func within(p token.Position, u *unit) bool { return !before(p, u.from) && before(p, u.to) }
