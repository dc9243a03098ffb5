package cell

import (
	"context"
	"fmt"
	"go/token"
	"runtime"
	"testing"
)

// TestMemory bounds what a session keeps for each cell. Of a cell that leaves nothing behind it keeps the text alone.
func TestMemory(t *testing.T) {
	const cells, bound = 300, 20 << 10
	for _, kind := range []struct {
		name, first string
		cell        func(i int) string
	}{
		{"expression", "x := 1", func(int) string { return "x + 1" }},
		{"assignment", "x := 1", func(int) string { return "x = x + 1" }},
		{"same variable", "", func(i int) string { return fmt.Sprintf("x := %d", i) }},
		{"new variable", "", func(i int) string { return fmt.Sprintf("v%d := %d", i, i) }},
		{"new function", "", func(i int) string { return fmt.Sprintf("func f%d(n int) int { return n + 1 }", i) }},
		{"same function", "", func(i int) string {
			return fmt.Sprintf("func f(xs []int) (s int) { each := func(x int) { s += xs[x] }; each(%d); return }", i)
		}},
		{"function that is called", "func f() int { return 0 }\nfunc g() int { return f() }\nfunc h() int { return g() }", func(i int) string {
			return fmt.Sprintf("func f() int { return %d }", i)
		}},
		{"printing", "x := 1", func(int) string { return "for i := range 3 { if x > i+9 { fmt.Println(x) } }" }},
		{"error", "x := 1", func(int) string { return "x + y" }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			s := newSession(t)
			run := func(count int, src string) {
				if _, err := s.Execute(context.Background(), count, src); err != nil && kind.name != "error" {
					t.Fatal(err)
				}
			}
			run(1, kind.first)
			run(2, kind.cell(2))
			before, filesBefore := heap(), files(s)
			for i := range cells {
				run(i+3, kind.cell(i+3))
			}
			if kept := (heap() - before) / cells; kept > bound {
				t.Errorf("a cell keeps %d bytes; it may keep %d", kept, bound)
			} else {
				t.Logf("a cell keeps %d bytes", kept)
			}
			switch kind.name {
			case "expression", "assignment", "printing", "error":
				if n := files(s) - filesBefore; n > 0 {
					t.Errorf("the positions in %d files are kept, after %d cells", n, cells)
				}
				if n := len(s.units.bodies); n > 2 {
					t.Errorf("%d cells are kept", n)
				}
			}
			runtime.KeepAlive(s)
		})
	}
}

// files counts the files whose positions a session knows.
func files(s *Session) (n int) {
	s.fset.Iterate(func(*token.File) bool { n++; return true })
	return n
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
