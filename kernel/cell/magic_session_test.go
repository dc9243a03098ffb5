package cell

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestMagicReset checks that a reset frees memory and leaves goroutines be.
func TestMagicReset(t *testing.T) {
	s := newSession(t)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	runCell(t, s, 1, "%reset")
	before := heap()
	runCell(t, s, 2, "big := make([]byte, 64<<20)\nfunc f() int { return len(big) }\nf()")
	if grown := heap() - before; grown < 60<<20 {
		t.Fatalf("the slice takes %d bytes", grown)
	}
	if got := runCell(t, s, 3, "%reset\nbig := 2\nbig"); got != "=> int: 2\n" {
		t.Errorf("after the reset: %s", got)
	}
	if grown := heap() - before; grown > 32<<20 {
		t.Errorf("%d bytes are still in use", grown)
	}
	if got := runCell(t, s, 4, "f()"); !strings.Contains(got, "undefined: f") {
		t.Errorf("f is still there: %s", got)
	}
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "go"))
	runCell(t, s, 5, "go func() {\n\tfor {\n\t\tif _, err := os.Stat(`"+file+"`); err == nil { break }\n\t\ttime.Sleep(time.Millisecond)\n\t}\n\tvar l []int\n\tprintln(l[1])\n}()\n%reset\ntype T struct{ A int }\n_ = T{1}")
	if got := runCell(t, s, 6, "%history -n 1"); !strings.HasPrefix(got, "// In[5]\ngo func") {
		t.Errorf("history after a reset: %s", got)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for got := ""; !strings.Contains(got, "in a goroutine started by In[5]"); {
		got += runCell(t, s, 7, "time.Sleep(10 * time.Millisecond)")
	}
}

// TestMagicRunNotebook runs the code cells of a notebook.
func TestMagicRunNotebook(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("a.ipynb", `{"nbformat": 4, "cells": [
		{"cell_type": "markdown", "source": "# Title"},
		{"cell_type": "code", "source": ["x := 20\n", "!echo from the notebook\n", "x"]},
		{"cell_type": "code", "source": "y := x + 1"},
		{"cell_type": "code", "source": ["var l []int\n", "l[y]++"]}
	]}`)
	write("old.ipynb", `{"nbformat": 3, "worksheets": []}`)
	write("bad.ipynb", `{`)
	write("odd.ipynb", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}`)
	write("main.go", "package main\r\n\r\nimport \"fmt\"\r\n\r\nfunc main() { fmt.Println(\"main runs\") }\r\n")
	s := newSession(t)
	got := runCell(t, s, 1, "%run a.ipynb")
	if want := "from the notebook\n!! runtime error: index out of range\n!!     a.ipynb[4]:2:1\n!!         l[y]++\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := runCell(t, s, 2, "y"); got != "=> int: 21\n" {
		t.Errorf("y: %s", got)
	}
	for i, c := range []struct{ src, want string }{
		{"%run old.ipynb", "nbformat 3 is not supported"},
		{"%run bad.ipynb", "not a notebook"},
		{"%run odd.ipynb", "the source of cell 1"},
		{"%run main.go", "main runs\n"},
	} {
		if got := runCell(t, s, i+3, c.src); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.src, got)
		}
	}
}

// TestWhosValues checks that short values are short, whatever they are.
func TestWhosValues(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, `type point struct{ X int; y float64; next *point }
func (p point) String() string { panic("not to be called") }
p := point{1, 2.5, nil}
p.next = &p
long := make([]float64, 1e6)
m := map[string]int{"a": 1}
text := strings.Repeat("long ", 1000)
var e error
var any1 any = 3
err := fmt.Errorf("wrong")
z := complex(1, -2)
bytes3 := []byte("abc")
ch := make(chan int, 3)
f := func() {}
u := uint8(7)
const c = 1 << 3
var nothing []int
when := time.Second`)
	got := runCell(t, s, 2, "%whos")
	for _, want := range []string{
		"p        point           In[1]  {1 2.5 &{1 2.5 &",
		"long     []float64       In[1]  len 1000000: [0 0 0",
		"m        map[string]int  In[1]  len 1\n",
		"text     string          In[1]  \"long long",
		"e        error           In[1]  nil\n",
		"z        complex128      In[1]  (1-2i)\n",
		"bytes3   []byte          In[1]  [97 98 99]\n",
		"ch       chan int        In[1]  len 0\n",
		"f        func()          In[1]  …\n",
		"u        uint8           In[1]  7\n",
		"c        untyped int     In[1]  8\n",
		"nothing  []int           In[1]  nil\n",
		"point    type            In[1]  struct\n",
		"when     time.Duration   In[1]  1000000000\n",
		"any1     any             In[1]  3\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	for line := range strings.Lines(got) {
		if len([]rune(line)) > 120 {
			t.Errorf("a long line: %s", line)
		}
	}
}
