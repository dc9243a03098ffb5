package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"swingby/kernel/internal/goroutine"
)

// The interpreter prints a line for each frame a panic unwinds, but names the
// first operation of the right kind in the function, not the one that failed.
// What it prints says which functions were running; their marks (marks.go) say
// where.

// unit is a function, method, function literal or cell body as the stack shows it.
type unit struct {
	name     string // as its author knows it
	cell     string
	key      string        // the same in every version of it
	inner    int           // counts the function literals inside
	mark     string        // the variable that holds the position; "" if there is none
	value    reflect.Value // that variable, once asked for
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

// tracer collects the lines the interpreter prints, by goroutine.
type tracer struct {
	mu    sync.Mutex
	lines map[int64][]traceLine
	at    func(line string) int // the mark of the function a line speaks of
	// many reports whether goroutines of cells run, so that a line need not be
	// the cell's own. Finding out whose it is takes longer the deeper the stack.
	many func() bool
}

// traceLine is a line of the interpreter's and the mark of its function then:
// other goroutines may soon set it anew.
type traceLine struct {
	text string
	mark int
}

const maxTrace = 1 << 14

func (t *tracer) Write(p []byte) (int, error) {
	id := t.goroutine()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[int64][]traceLine{}
	}
	for line := range strings.Lines(string(p)) {
		if list := t.lines[id]; len(list) < maxTrace {
			line = strings.TrimSpace(line)
			mark := 0
			if len(list) <= maxFrames {
				mark = t.at(line)
			}
			t.lines[id] = append(list, traceLine{line, mark})
		}
	}
	return len(p), nil
}

// goroutine is the number of the goroutine that calls; 0 while there is only the cell's.
func (t *tracer) goroutine() int64 {
	if t.many() {
		return goroutine.ID()
	}
	return 0
}

// begin forgets what recovered panics have left, as a cell starts.
func (t *tracer) begin() {
	if !t.many() {
		t.mu.Lock()
		defer t.mu.Unlock()
		clear(t.lines)
	}
}

// take returns the lines of the goroutine that calls and forgets them.
func (t *tracer) take() []traceLine { return t.takeOf(t.goroutine()) }

// takeOf returns the lines of a goroutine, and those written while there was no other.
func (t *tracer) takeOf(id int64) []traceLine {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.lines[id]
	delete(t.lines, id)
	if id != 0 {
		list = append(list, t.lines[0]...)
		delete(t.lines, 0)
	}
	return list
}

// maxFrames is how much of a deep stack is worth reading.
const maxFrames = 50

// frames turns the interpreter's lines into the stack of the cell's own
// functions, innermost first, with source lines.
func (s *Session) frames(trace []traceLine, count int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	for _, line := range trace {
		u := s.unitOf(line.text, count)
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
		mark := 0
		if !seen[u] { // the mark is that of the innermost call
			mark = line.mark
		}
		seen[u] = true
		out = append(out, s.frame(u, mark)...)
	}
	flush()
	return out
}

// frame shows a function that was running, and where it was if mark is not 0.
func (s *Session) frame(u *unit, mark int) []string {
	where, src := u.cell, ""
	if mark > 0 {
		where = fmt.Sprintf("%s:%d:%d", u.cell, mark/markColumns, mark%markColumns)
		src = strings.TrimSpace(sourceLine(s.sources[u.cell], mark/markColumns))
	}
	if u.name != "" {
		where += " in " + u.name
	}
	out := []string{"    " + where}
	if src != "" {
		out = append(out, "        "+src)
	}
	return out
}

// markOf is the mark of the function that a line of the interpreter's speaks of.
func (s *Session) markOf(line string) int {
	if !s.mu.TryLock() { // a cell is being compiled, and its names are not there yet
		return 0
	}
	defer s.mu.Unlock()
	count := 0
	s.runMu.Lock()
	if s.current != nil {
		count = s.current.count
	}
	s.runMu.Unlock()
	u := s.unitOf(line, count)
	if u == nil {
		return 0
	}
	if !u.value.IsValid() {
		v, ok := s.interp.Globals()[u.mark]
		if !ok || !v.CanInt() || !v.CanAddr() {
			return 0
		}
		u.value = v
	}
	return readMark((*int)(u.value.Addr().UnsafePointer()))
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
