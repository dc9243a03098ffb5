package cell

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// routines knows the goroutines that go statements of cells have started.
type routines struct {
	mu   sync.Mutex
	next int
	runs map[int]routine
}

// routine is a goroutine that runs.
type routine struct {
	count int // of its cell
	mark  int // where it was started
	since time.Time
}

func (r *routines) add(count, mark int) (id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs == nil {
		r.runs = map[int]routine{}
	}
	r.next++
	r.runs[r.next] = routine{count, mark, time.Now()}
	return r.next
}

func (r *routines) remove(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.runs, id)
}

// some reports whether there are any.
func (r *routines) some() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.runs) > 0
}

// list gives the goroutines of a cell, or of all when count is negative, in
// the order of the lines that started them.
func (r *routines) list(count int) []routine {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []routine
	for _, g := range r.runs {
		if count < 0 || g.count == count {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b routine) int {
		return cmp.Or(a.count-b.count, a.mark-b.mark, a.since.Compare(b.since))
	})
	return list
}

// startGoroutine is a go statement.
func (s *Session) startGoroutine(count, mark int, f func()) {
	id := s.routines.add(count, mark)
	go func() {
		defer s.routines.remove(id)
		s.guard(count, f)
	}()
}

// guarded is f for compiled code that calls it on a goroutine of its own.
func (s *Session) guarded(count, mark int, f func()) func() {
	return func() {
		id := s.routines.add(count, mark)
		defer s.routines.remove(id)
		s.guard(count, f)
	}
}

// guard runs a goroutine of a cell. A panic that ends it must not end the
// session: it is reported, and ends the program if the cell is one.
func (s *Session) guard(count int, f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.goPanic(count, r)
		}
	}()
	f()
}

func (s *Session) goPanic(count int, v any) {
	e := s.panicError(v, s.trace.take(), count)
	if exitOf(v) != nil || s.runsProgram(count) {
		if s.failWith(e, false) {
			return
		}
	}
	e.Traceback[0] = fmt.Sprintf("%s in a goroutine started by In[%d]: %s", e.Name, count, e.Message)
	fmt.Fprintln(os.Stderr, strings.Join(e.Traceback, "\n"))
}

// runsProgram reports whether a cell with a package clause runs.
func (e *engine) runsProgram(count int) bool {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	return e.current != nil && e.current.program && e.current.count == count
}

// strayGrace is how long a cell waits for goroutines that are about to end
// before it says that they go on.
const strayGrace = 20 * time.Millisecond

// nameStrays says which goroutines a cell has left behind.
func (s *Session) nameStrays(x *execution) {
	if x.program {
		return
	}
	list := s.routines.list(x.count)
	for end := time.Now().Add(strayGrace); len(list) > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
		list = s.routines.list(x.count)
	}
	if len(list) == 0 {
		return
	}
	var lines []string
	for _, g := range list {
		lines = append(lines, fmt.Sprint(g.mark/markColumns))
	}
	lines = slices.Compact(lines)
	if len(list) == 1 {
		s.notice(fmt.Sprintf("1 goroutine that %s started in line %s goes on", cellName(x.count), lines[0]))
		return
	}
	in := "line "
	if len(lines) > 1 {
		in = "lines "
	}
	s.notice(fmt.Sprintf("%d goroutines that %s started in %s%s go on", len(list), cellName(x.count), in, strings.Join(lines, ", ")))
}

var goroutinesMagic = &magic{
	name: "goroutines", line: true,
	usage:   []string{"%goroutines"},
	doc:     "List the goroutines that cells have started and that still run, with the lines that started them and for how long. An interrupt ends them all.",
	example: "go func() { time.Sleep(time.Minute) }()\n%goroutines",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		list := r.s.routines.list(-1)
		if len(list) == 0 {
			fmt.Fprintln(os.Stdout, "no goroutines")
		}
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].count == list[0].count && list[n].mark == list[0].mark {
				n++
			}
			fmt.Fprintln(os.Stdout, r.s.describeRoutines(list[:n]))
			list = list[n:]
		}
		return nil, nil
	},
}

// describeRoutines is a line on goroutines that the same statement has started.
func (s *Session) describeRoutines(list []routine) string {
	g := list[0]
	if g.count == callback {
		return fmt.Sprintf("a function of a widget or comm, beside the cell, for %v", time.Since(g.since).Truncate(time.Second))
	}
	s.mu.Lock()
	src := strings.TrimSpace(sourceLine(s.sources[cellName(g.count)], g.mark/markColumns))
	s.mu.Unlock()
	times := ""
	if len(list) > 1 {
		times = fmt.Sprintf("%d × ", len(list))
	}
	return fmt.Sprintf("%s%s:%d:%d for %v: %s", times, cellName(g.count), g.mark/markColumns, g.mark%markColumns, time.Since(g.since).Truncate(time.Second), src)
}
