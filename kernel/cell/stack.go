package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The interpreter prints a line for each frame a panic unwinds, but names the
// first operation of the right kind in the function, not the one that failed.
// What it prints says which functions were running; their marks (marks.go) say
// where.

// unit is a function, method, function literal or cell body as the stack shows it.
type unit struct {
	name     string // as its author knows it
	cell     string
	key      string // the same in every version of it
	inner    int    // counts the function literals inside
	mark     string // the variable that holds the position; "" if there is none
	from, to token.Position
}

// units knows the functions that have been lowered.
type units struct {
	named    map[string]*unit   // by the interpreter's name
	literals map[string][]*unit // by cell
	bodies   map[string]*unit   // the statements of a cell, by cell
	marks    map[string]string  // by the key of the unit
	free     []string           // variables that can become marks
}

func newUnits() units {
	return units{map[string]*unit{}, map[string][]*unit{}, map[string]*unit{}, map[string]string{}, nil}
}

// addLiteral adds a function literal, or replaces what it was when the function
// around it was lowered before.
func (us *units) addLiteral(u *unit) {
	list := us.literals[u.cell]
	if i := slices.IndexFunc(list, func(old *unit) bool { return old.key == u.key && old.from == u.from }); i >= 0 {
		list[i] = u
		return
	}
	us.literals[u.cell] = append(list, u)
}

// recurses reports whether u is a function that can call itself by name.
func (us *units) recurses(u *unit) bool {
	return !slices.Contains(us.literals[u.cell], u) && us.bodies[u.cell] != u
}

// enter starts the body of a function, and returns what ends it.
func (l *lowerer) enter(name, key string, n ast.Node) (u *unit, leave func()) {
	u = &unit{name: name, key: key, from: l.s.position(n.Pos()), to: l.s.position(n.End())}
	u.cell = u.from.Filename
	outer, loops, flows, steady := l.unit, l.loops, l.flows, l.steady
	l.unit, l.loops, l.flows, l.steady = u, nil, nil, false
	return u, func() { l.unit, l.loops, l.flows, l.steady = outer, loops, flows, steady }
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
