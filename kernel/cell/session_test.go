package cell

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestInterruptUnlocks checks that a lock held by an interrupted cell is free again.
func TestInterruptUnlocks(t *testing.T) {
	s := newSession(t)
	must := func(count int, src string) {
		t.Helper()
		if _, err := s.Execute(context.Background(), count, src); err != nil {
			t.Fatal(err)
		}
	}
	must(1, "var mu sync.Mutex\nfunc hold() { mu.Lock(); defer mu.Unlock(); for {} }")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Execute(ctx, 2, "hold()"); err == nil {
		t.Fatal("an endless cell ended")
	}
	res, err := s.Execute(context.Background(), 3, "mu.TryLock()")
	if err != nil || fmt.Sprint(res.Values...) != "true" {
		t.Errorf("TryLock: %v, %v", res.Values, err)
	}
}

// TestFailedCellChangesNothing runs cells that do not compile, each of which
// also holds declarations that would.
func TestFailedCellChangesNothing(t *testing.T) {
	s := newSession(t)
	run := func(count int, src string) error {
		_, err := s.Execute(context.Background(), count, src)
		return err
	}
	if err := run(1, "x := 1\nfunc f() int { return x }\ntype T struct{ A int }\nconst c = 3"); err != nil {
		t.Fatal(err)
	}
	for i, src := range []string{
		"x := 2\nfunc f() int { return 7 }\nundefined1()",
		"const c = 4\ntype T struct{ B string }\n)",
		"func (t T) M() int { return 1 }\ny := nope",
		"import \"strings\"\nfunc g() { return 1 }\nx = 5",
	} {
		if err := run(i+2, src); err == nil {
			t.Errorf("compiled: %s", src)
		}
	}
	res, err := s.Execute(context.Background(), 10, "fmt.Sprint(x, f(), T{A: 1}.A, c)")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(res.Values[0]); got != "1 1 1 3" {
		t.Errorf("got %s, want 1 1 1 3", got)
	}
	if err := run(11, "T{}.M()"); err == nil {
		t.Error("a method of a failed cell is there")
	}
}

// TestManyCells checks that a long session stays small.
func TestManyCells(t *testing.T) {
	s := newSession(t)
	run := func(from, to int) {
		for i := from; i < to; i++ {
			src := fmt.Sprintf("v%d := %d\nfunc f(n int) int { return n + v%d }\nf(1)", i%50, i, i%50)
			if _, err := s.Execute(context.Background(), i, src); err != nil {
				t.Fatal(err)
			}
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	run(1, 200)
	before := heap()
	const cells = 1000
	run(200, 200+cells)
	if grown := int64(heap()-before) / cells; grown > 64<<10 {
		t.Errorf("%d bytes a cell", grown)
	} else {
		t.Logf("%d bytes a cell", grown)
	}
}

// TestGoroutineOutlivesCell runs a goroutine across cells.
func TestGoroutineOutlivesCell(t *testing.T) {
	s := newSession(t)
	for i, src := range []string{
		"ch := make(chan int)\ngo func() { for i := 0; i < 3; i++ { ch <- i } ; close(ch) }()",
		"a := <-ch",
		"b := <-ch",
	} {
		if _, err := s.Execute(context.Background(), i+1, src); err != nil {
			t.Fatal(err)
		}
	}
	res, err := s.Execute(context.Background(), 4, "fmt.Sprint(a, b, <-ch)")
	if err != nil || res.Values[0] != "0 1 2" {
		t.Errorf("%v, %v", res.Values, err)
	}
}

// FuzzExecute feeds texts to parsing, checking and lowering: whatever they
// are, the session answers with an error or runs them.
func FuzzExecute(f *testing.F) {
	for _, src := range []string{"", "1 + 1", "func f(", "type T struct{", "x := `", "import \"", "for i := range 3 {}", "func (t T) M() {}", "a, b := 1", "\x00", "defer recover()", "goto x", "switch x := y.(type) {}", "package main\nfunc main() {}"} {
		f.Add(src)
	}
	for _, src := range testCells(f) {
		f.Add(src)
	}
	s, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	n := 0
	f.Fuzz(func(t *testing.T, src string) {
		n++
		s.mu.Lock()
		defer s.mu.Unlock()
		p, err := parse(s.fset, fileName(cellName(n)), src)
		if err != nil {
			return
		}
		c, problems := s.check(p)
		if len(problems) > 0 {
			return
		}
		s.emit(c, n)
		s.fail()
		c.undo()
	})
}

func BenchmarkTrivialCell(b *testing.B) {
	s := newSession(b)
	for i := 0; b.Loop(); i++ {
		if _, err := s.Execute(context.Background(), i+1, "1 + 1"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSourceOfProblem(t *testing.T) {
	s := newSession(t)
	_, err := s.Execute(context.Background(), 7, "x := 1\n\ty := nope + x")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := "In[7]:2:7: undefined: nope\n    \ty := nope + x\n    \t     ^"
	if got := strings.Join(e.Traceback, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
