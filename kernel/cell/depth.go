package cell

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
)

// Interpreted functions use the stacks of Go's goroutines, and one that
// outgrows its stack takes the process with it. A check in every function would
// slow them all down. So while a cell runs the memory that stacks use is
// watched instead: a recursion that goes too deep needs some tenths of a second
// to get there. Then everything is stopped, as by an interrupt.

const (
	// maxStacks is how much more memory stacks may use than when the cell began:
	// one of 128 MB and those it has outgrown. Go's limit for one stack, as package
	// worker sets it, leaves time to see that it is passed.
	maxStacks = 288 << 20
	// routineStack is what each goroutine may use on top of that.
	routineStack = 64 << 10
	stackPeriod  = 4 * time.Millisecond
)

// watchStack stops the session when a recursion of x goes too deep.
func (s *Session) watchStack(x *execution) (unwatch func()) {
	end := make(chan struct{})
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
		metrics.Read(sample)
		base := sample[0].Value.Uint64() // stacks of goroutines that have ended may not be free yet
		t := time.NewTicker(stackPeriod)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.C:
			}
			metrics.Read(sample)
			used := sample[0].Value.Uint64()
			base = min(base, used)
			if used > base+maxStacks+routineStack*uint64(runtime.NumGoroutine()) {
				s.failWith(s.tooDeep(x), true)
				return
			}
		}
	}()
	return func() { close(end) }
}

// tooDeep is the error of a recursion that goes on while it is made. The
// functions that call each other are those that set their marks meanwhile.
func (s *Session) tooDeep(x *execution) *Error {
	marks := s.marks()
	caller := 0 // where the cell stands
	for u, v := range marks {
		if u.name == "" && u.cell == cellName(x.count) {
			caller = readMark(v)
		}
		clearMark(v)
	}
	at := map[*unit]int{}
	for range 30_000 { // a minute: the stack may be being copied, which takes seconds on a busy machine
		time.Sleep(2 * time.Millisecond)
		for u, v := range marks {
			if n := readMark(v); n != 0 && u.name != "" {
				at[u] = n
			}
		}
		if len(at) > 0 {
			break
		}
	}
	in := slices.SortedFunc(maps.Keys(at), func(a, b *unit) int { return strings.Compare(a.name, b.name) })
	names := make([]string, len(in))
	for i, u := range in {
		names[i] = u.name
	}
	e := &Error{Name: "stack overflow", Message: fmt.Sprintf("the recursion of %s is too deep for the stack", strings.Join(names, ", "))}
	if len(in) == 0 {
		e.Message = "a recursion is too deep for the stack"
	}
	e.Traceback = []string{e.Name + ": " + e.Message}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range in {
		e.Traceback = append(e.Traceback, s.frame(u, at[u])...)
	}
	e.Traceback = append(e.Traceback, "    …")
	if body := s.units.bodies[cellName(x.count)]; body != nil && caller != 0 {
		e.Traceback = append(e.Traceback, s.frame(body, caller)...)
	}
	return e
}

// marks gives the functions of the session, of each the newest version, and
// where they keep their marks.
func (s *Session) marks() map[*unit]*int {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := map[string]*unit{}
	add := func(u *unit) {
		old := newest[u.mark]
		if old == nil || len(old.cell) < len(u.cell) || len(old.cell) == len(u.cell) && old.cell < u.cell {
			newest[u.mark] = u
		}
	}
	for _, u := range s.units.named {
		add(u)
	}
	for _, u := range s.units.bodies {
		add(u)
	}
	for _, list := range s.units.literals {
		for _, u := range list {
			add(u)
		}
	}
	values := s.interp.Globals()
	marks := map[*unit]*int{}
	for name, u := range newest {
		if v, ok := values[name]; ok && v.Kind() == reflect.Int && v.CanAddr() {
			marks[u] = (*int)(v.Addr().UnsafePointer())
		}
	}
	return marks
}
