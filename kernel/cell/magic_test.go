package cell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"swingby/kernel/cell/module/moduletest"
)

// TestMagicSplit checks where cells are cut, and what of them is Go.
func TestMagicSplit(t *testing.T) {
	for _, c := range []struct{ src, segments, text string }{
		{"x := 1", "go", "x := 1"},
		{"%who", "%who", "    "},
		{"  %who var \nx", "%who(var)|go", "           \nx"},
		{"x\n%who\r\ny\n", "go|%who|go", "x\n     \ny\n"},
		{"!ls -l\n!pwd", "!(ls -l)|!(pwd)", "      \n    "},
		{"! ls", "!(ls)", "    "},
		{"!a \\\n b\nx", "!(a \\\n b)|go", "    \n  \nx"},
		{"!a \\\\\n!b", "!(a \\\\)|!(b)", "     \n  "},
		{"x %\n%who", "go", "x %\n%who"},
		{"x := !ok", "go", "x := !ok"},
		{"f(\n!ok,\n%who)", "go", "f(\n!ok,\n%who)"},
		{"`\n%who\n`\n%who", "go|%who", "`\n%who\n`\n    "},
		{"/*\n%who\n*/ x\n%who", "go|%who", "/*\n%who\n*/ x\n    "},
		{"/* */ %who", "go", "/* */ %who"},
		{"x; %who", "go", "x; %who"},
		{"if x {\n%who\n}\n%who", "go|%who", "if x {\n%who\n}\n    "},
		{"}\n%who", "go|%who", "}\n    "},
		{"!echo `'\"(\nx", "!(echo `'\"()|go", "          \nx"},
		{"%time f(1)\nx", "%time(f(1))|go", "      f(1)\nx"},
		{"%time f(1,\n\t2)\nx", "%time(f(1,\n\t2))|go", "      f(1,\n\t2)\nx"},
		{"%time `\n%who\n`\nx", "%time(`\n%who\n`)|go", "      `\n%who\n`\nx"},
		{"%time\nx", "%time|go", "     \nx"},
		{"%timeit -n 5 -r2 f(1)\nx", "%timeit(-n 5 -r2 f(1))|go", "                 f(1)\nx"},
		{"%timeit -n", "%timeit(-n)", "          "},
		{"%timeit -x", "%timeit(-x)", "        -x"},
		{"\n %%bash a\nx\n%who", "%%bash(a)", "\n         \n \n    "},
		{"%%time\nx\n%who", "%%time", "      \nx\n    "},
		{"%%timeit s := 1\nx", "%%timeit(s := 1)", "               \nx"},
		{"%%time\n%%time\nx", "%%time", "      \n      \nx"},
		{"x\n%%bash\ny", "go|%%bash|go", "x\n      \ny"},
		{"%", "%", " "},
		{"%%", "%%", "  "},
		{"%größe", "%größe", "       "[:len("%größe")-1] + " "},
		{"!", "!", " "},
		{"?", "?", " "},
		{"x\n?fmt.Println\ny", "go|?(fmt.Println)|go", "x\n fmt.Println\ny"},
		{" x.y?? \r\nz", "?(x.y)|go", " x.y   \r\nz"},
		{"%time?", "?(%time)", "      "},
		{"??%%bash\nx", "?(%%bash)|go", "        \nx"},
		{"%%bash?\nx", "?(%%bash)|go", "       \nx"},
		{"!ls?", "!(ls?)", "    "},
		{"f(\nx?\n)", "go", "f(\nx?\n)"},
		{"x +\ny?", "go", "x +\ny?"},
		{"`\nx?\n`", "go", "`\nx?\n`"},
		{"// x?\nx ?", "go", "// x?\nx ?"},
		{"", "", ""},
	} {
		var list []string
		for _, seg := range splitMagics(c.src) {
			name := "go"
			if in := seg.magic; in != nil {
				name = in.String()
				if in.args != "" {
					name += "(" + in.args + ")"
				}
			}
			list = append(list, name)
		}
		if got := strings.Join(list, "|"); got != c.segments {
			t.Errorf("%q is cut into %q, want %q", c.src, got, c.segments)
		}
		if got := onlyGo(c.src); strings.ReplaceAll(got, "\r", " ") != strings.ReplaceAll(c.text, "\r", " ") && got != c.text {
			t.Errorf("the Go of %q is %q, want %q", c.src, got, c.text)
		}
	}
}

// FuzzMagic looks for cells whose parts are not the cell, or whose Go moves.
func FuzzMagic(f *testing.F) {
	for _, s := range []string{"", "x\n%who\ny", "%%bash\nx", "!ls \\\n-l", "%time f(\n", "`\n%", "%timeit -n 3 x", "\r\n%\r\n", "%%time\n%%timeit -r\n%a", "/*%\n*/%b", "}%\n)!\n!", "\x00\xff%\xff\n%\xff"} {
		f.Add(s)
	}
	s := &Session{}
	f.Fuzz(func(t *testing.T, src string) {
		end := 0
		for _, seg := range splitMagics(src) {
			if seg.start != end || seg.end <= seg.start || seg.end > len(src) {
				t.Fatalf("%q: segment [%d:%d] after %d", src, seg.start, seg.end, end)
			}
			end = seg.end
			if in := seg.magic; in != nil {
				if in.argsAt+len(in.args) > seg.end || src[in.argsAt:in.argsAt+len(in.args)] != in.args || in.name != "?" && !strings.HasPrefix(src[in.at:], in.String()) {
					t.Fatalf("%q: %+v", src, in)
				}
				if p := padded(src, in.at, seg.end); strings.Count(p, "\n") != strings.Count(src[:seg.end], "\n") {
					t.Fatalf("%q: padded to %q", src, p)
				}
			}
		}
		if end != len(src) {
			t.Fatalf("%q: segments end at %d", src, end)
		}
		text := onlyGo(src)
		if len(text) != len(src) {
			t.Fatalf("%q became %q", src, text)
		}
		for i := range len(src) {
			if text[i] != src[i] && text[i] != ' ' || src[i] == '\n' && text[i] != '\n' {
				t.Fatalf("%q became %q", src, text)
			}
		}
		for cursor := range len(src) + 1 {
			if c, ok := completeMagic(src, cursor); ok && (c.Start > cursor || c.End < c.Start || c.End > len(src)) {
				t.Fatalf("%q at %d: replaces [%d:%d]", src, cursor, c.Start, c.End)
			}
			inspectMagic(src, cursor)
		}
		s.IsComplete(src)
		parseTimeit(src)
		words(src)
		unused(src)
	})
}

// TestMagicsRun runs the example of every magic.
func TestMagicsRun(t *testing.T) {
	moduletest.Setup(t, "module/testdata")
	t.Chdir(t.TempDir())
	t.Setenv("STAGE", "")
	if err := os.WriteFile("step.go", []byte("package main\n\nfunc step(x float64) float64 { return x / 2 }\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, m := range magics {
		if m.doc == "" || m.example == "" || len(m.usage) == 0 || !m.line && !m.cell && m.name != "" && m.name != "?" {
			t.Errorf("%q is not documented", m.name)
		}
		used := false
		for _, sp := range m.spellings() {
			used = used || strings.Contains(m.example, sp)
		}
		if !used {
			t.Errorf("%s: the example does not show it: %s", m.name, m.example)
		}
		s := newSession(t)
		runCell(t, s, 1, "before := 1")
		for _, line := range strings.Split(runCell(t, s, 2, m.example), "\n") {
			if strings.HasPrefix(line, "!!") {
				t.Errorf("%s: %s", m.example, line)
			}
		}
		plain, markdown, ok := s.Inspect(m.spellings()[0], 1, 0)
		if !ok || !strings.Contains(plain, m.usage[0]) || !strings.Contains(markdown, m.example) {
			t.Errorf("inspecting %s: %q", m.name, plain)
		}
		if out := runCell(t, s, 3, "%help "+m.spellings()[0]); out != "page:\n"+plain {
			t.Errorf("%%help %s: %q, want what inspection says", m.name, out)
		}
	}
	list := runCell(t, newSession(t), 1, "%help")
	for _, m := range magics {
		if !strings.Contains(list, m.summary()) || !strings.Contains(list, strings.Join(m.spellings(), " ")) {
			t.Errorf("%%help does not list %q", m.name)
		}
	}
}

// TestMagicsDoc compares the page about magics with the table; -update writes it.
func TestMagicsDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<!-- Written by: go test ./kernel/cell -run TestMagicsDoc -update -->

# Magics and shell commands

A line of a cell that starts with ` + "`%` or `!`" + ` where a statement could start is not Go: ` + "`%name`" + ` is a magic and ` + "`!command`" + `
a command of the system's shell. They may stand between lines of Go, and everything runs in order; a compile error in Go below
a magic shows when the lines above have run, but unknown magics, wrong calls and syntax errors show before anything runs. What is
inside brackets, strings and comments, or continues the line before, is Go. The parts of Go between magics are like cells one after
the other: each sees what stands above it, and its deferred calls run at its end. ` + "`%%name`" + ` must be a cell's first line and takes
all of the cell. ` + "`%help`" + ` and the inspection of a name say what stands here. A line that is a name
with a question mark before or behind it shows what inspection says of the name, and two question marks all there is.

| | |
|---|---|
`)
	for _, m := range magics {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(m.spellings(), "` `"), m.summary())
	}
	for _, m := range magics {
		title := m.name
		if title == "" {
			title = "shell commands"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s", title, strings.Replace(m.helpMarkdown(), m.doc, wrap(m.doc, 110), 1))
	}
	const page = "../../docs/magics.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is not what the table says; run the test with -update", page)
	}
}

func TestMagicTime(t *testing.T) {
	s := newSession(t)
	const (
		amount = `[0-9.]+ (ns|µs|ms|s)\n`
		times  = `CPU times: user [^,]*s, sys: [^,]*s, total: ` + amount + `Wall time: ` + amount
	)
	for i, c := range []struct{ src, want string }{
		{"%time x := 41", times},
		{"%time x + 1", times + `=> int: 42\n`},
		{"%time func() int {\n\treturn x\n}()", times + `=> int: 41\n`},
		{"x\n%time x = 5;", times},
		{"%%time\nx += 1\n!echo between\nx", `between\n` + times + `=> int: 6\n`},
		{"%time panic(1)", times + `!! panic: 1\n!!     In\[6\]:1:7\n!!         %time panic\(1\)\n`},
		{"x", `=> int: 6\n`},
		{"%time time.Sleep(20 * time.Millisecond)", `(?s).*Wall time: (2[0-9]|[3-9][0-9]|[0-9]{3})(\.[0-9])? ms\n`},
	} {
		if got := runCell(t, s, i+1, c.src); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
			t.Errorf("%s\nshows\n%s\nwant\n%s", c.src, got, c.want)
		}
	}
}

func TestMagicTimeit(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, "n := 0\nfunc bump() (int, error) { n++; return n, nil }\nl := []int{1, 2}")
	const result = `^[0-9.]+ (ns|µs|ms|s) ± [0-9.]+ (ns|µs|ms|s) per loop \(mean ± std\. dev\. of %s each\), best [0-9.]+ (ns|µs|ms|s)\n$`
	for i, c := range []struct{ src, runs string }{
		{"%timeit -n 10 -r 2 n += 1", "2 runs, 10 loops"},
		{"%timeit -n10 -r1 bump()", "1 run, 10 loops"},
		{"%timeit -n 1 -r 3 len(l) // a value", "3 runs, 1 loop"},
		{"%timeit -n 1 -r 1 n + 1", "1 run, 1 loop"},
		{"%timeit -r 1 time.Sleep(200 * time.Millisecond)", "1 run, 1 loop"},
		{"%%timeit -n 5 -r 2 m := n; n += 1000\nk := m\nvar j = k * 2", "2 runs, 5 loops"},
		{"%%timeit -n 5 -r 2\nfor i := range 3 {\n\tn += i - 1\n}", "2 runs, 5 loops"},
	} {
		want := fmt.Sprintf(result, c.runs)
		if got := runCell(t, s, i+2, c.src); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s\nshows\n%s\nwant\n%s", c.src, got, want)
		}
	}
	if got, want := runCell(t, s, 20, "n"), "=> int: 2030\n"; got != want {
		t.Errorf("the measured code left %s, want %s", got, want)
	}
	if got := runCell(t, s, 21, "%who"); got != "bump  l  n\n" {
		t.Errorf("the names are %q", got)
	}
	for i, src := range []string{"%%timeit -n 1 -r 1\nl[0]++\nl[7]++", "%%timeit -n 1 -r 1\nl[0]++\nnope"} {
		if got := runCell(t, s, 30+i, src); !strings.Contains(got, fmt.Sprintf("In[%d]:3:1", 30+i)) {
			t.Errorf("%s\nshows\n%s", src, got)
		}
	}
	if got := runCell(t, s, 40, "ctx := 3\n%timeit -n 1 -r 1 ctx + 1"); !strings.Contains(got, "per loop") {
		t.Errorf("with a ctx of the cell's own: %s", got)
	}
}

func TestSpell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                           "0 s",
		1:                           "1 ns",
		123456:                      "123 µs",
		1500 * time.Microsecond:     "1.5 ms",
		12345 * time.Microsecond:    "12.3 ms",
		999999:                      "1 ms",
		2 * time.Second:             "2 s",
		90 * time.Second:            "1m30s",
		59 * time.Second:            "59 s",
		1234567 * time.Nanosecond:   "1.23 ms",
		100 * time.Millisecond:      "100 ms",
		99999 * time.Microsecond:    "100 ms",
		3 * time.Hour:               "3h0m0s",
		20 * time.Millisecond:       "20 ms",
		1999 * time.Millisecond:     "2 s",
		time.Second + time.Second/4: "1.25 s",
	} {
		if got := spell(d); got != want {
			t.Errorf("%d ns is spelt %q, want %q", d, got, want)
		}
	}
	if got := spellSeconds(2.5e-10); got != "0.25 ns" {
		t.Errorf("a quarter of a nanosecond is spelt %q", got)
	}
}

// TestMagicInterrupt stops magics that would go on.
func TestMagicInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // the commands are those of unix
	}
	for name, src := range map[string]string{
		"command":    "!sleep 60",
		"stubborn":   "!trap '' TERM INT; sleep 60; sleep 60",
		"background": "%%bash\nsleep 60 &\nwait",
		"loop":       "!true\nfor {}",
		"time":       "%time time.Sleep(time.Hour)",
		"timeit":     "%timeit time.Sleep(50 * time.Millisecond)",
		"endless":    "%timeit func() { for {} }()",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			runCell(t, s, 1, "kept := 42")
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(100*time.Millisecond, cancel)
			start := time.Now()
			captureOutput(t, func() {
				_, err := s.Execute(ctx, 2, src)
				var e *Error
				if !errors.As(err, &e) || e.Name != "interrupted" || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want an interrupted cell", err)
				}
			})
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("interrupt took %v", d)
			}
			if got := runCell(t, s, 3, "kept"); got != "=> int: 42\n" {
				t.Errorf("after the interrupt: %s", got)
			}
		})
	}
}

// TestInterruptKillsGroup checks that what a command started is gone as well.
func TestInterruptKillsGroup(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	file := filepath.Join(t.TempDir(), "late")
	s := newSession(t)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	captureOutput(t, func() {
		if _, err := s.Execute(ctx, 1, "%%bash\n(sleep 0.5; touch "+file+") &\nwait"); err == nil {
			t.Error("the script was not stopped")
		}
	})
	time.Sleep(700 * time.Millisecond)
	if _, err := os.Stat(file); err == nil {
		t.Error("a process of the script lived on")
	}
}

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
	got := runCell(t, s, 5, "go func() {\n\ttime.Sleep(50 * time.Millisecond)\n\tvar l []int\n\tprintln(l[1])\n}()\n%reset\ntype T struct{ A int }\n_ = T{1}\ntime.Sleep(300 * time.Millisecond)")
	if !strings.Contains(got, "in a goroutine started by In[5]") {
		t.Errorf("the goroutine's panic shows as %q", got)
	}
	if got := runCell(t, s, 7, "%history -n 1"); !strings.HasPrefix(got, "// In[5]\ngo func") {
		t.Errorf("history after a reset: %s", got)
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

func TestMagicEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("SWINGBY_API_KEY", "very secret")
	t.Setenv("SWINGBY_PLAIN", "seen")
	t.Setenv("SWINGBY_TOKEN", "")
	t.Setenv("HOME", dir)
	s := newSession(t)
	got := runCell(t, s, 1, "%env")
	if strings.Contains(got, "very secret") || !strings.Contains(got, "SWINGBY_API_KEY=<hidden>\n") || !strings.Contains(got, "SWINGBY_PLAIN=seen\n") {
		t.Errorf("%%env shows %s", got)
	}
	if got := runCell(t, s, 10, "%env SWINGBY_TOKEN=abc\nos.Getenv(\"SWINGBY_TOKEN\")"); got != "SWINGBY_TOKEN=<hidden>\n=> string: \"abc\"\n" {
		t.Errorf("setting a secret shows %s", got)
	}
	if err := os.Mkdir("sub dir", 0o777); err != nil {
		t.Fatal(err)
	}
	got = runCell(t, s, 2, "%cd \"sub dir\"\n%pwd\n%cd\n%cd -q -\n%pwd\n%cd ~\nos.WriteFile(\"here\", nil, 0o666);")
	here, _ := os.Getwd()
	sub := filepath.Join(here, "sub dir")
	if want := strings.Join([]string{sub, sub, here, sub, here, ""}, "\n"); got != want {
		t.Errorf("directories:\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "here")); err != nil {
		t.Error(err)
	}
}

func TestMagicComplete(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"step.go", "other.txt", "with space.go"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("dir", 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SWINGBY_PLAIN", "1")
	s := newSession(t)
	runCell(t, s, 1, "orbit := 1")
	for _, c := range []struct{ src, start, want string }{
		{"%wh¦", "%wh", "%who %whos"},
		{"x := 1\n%wh¦\ny", "%wh", "%who %whos"},
		{"%%ti¦", "%%ti", "%%time %%timeit"},
		{"%ti¦", "%ti", "%time %timeit"},
		{"x\n%%ti¦", "%%ti", ""},
		{"%%w¦ a", "%%w", "%%writefile"},
		{"%time orb¦", "orb", "orbit"},
		{"%timeit -n 3 orb¦", "orb", "orbit"},
		{"%%time\norb¦", "orb", "orbit"},
		{"%who\norb¦", "orb", "orbit"},
		{"!ls\nmath.Sqr¦", "Sqr", "Sqrt Sqrt2 SqrtE SqrtPhi SqrtPi"},
		{"%%bash\norb¦", "", ""},
		{"%run st¦", "st", "step.go"},
		{"%run ¦", "", "dir/ other.txt step.go"},
		{"%cd ¦", "", "dir/"},
		{"!cat ot¦", "ot", "other.txt"},
		{"%help whos¦", "whos", "whos"},
		{"%env SWINGBY_PL¦", "SWINGBY_PL", "SWINGBY_PLAIN"},
		{"x := 7 %orb¦", "orb", "orbit"},
	} {
		src, rest, _ := strings.Cut(c.src, "¦")
		got := s.Complete(src+rest, len(src))
		var list []string
		for _, m := range got.Matches {
			list = append(list, m.Text)
		}
		if strings.Join(list, " ") != c.want || src[got.Start:] != c.start {
			t.Errorf("%s: %q replace %q, want %s", c.src, list, src[got.Start:], c.want)
		}
	}
	plain, _, _ := s.Inspect("!ls\norbit", 5, 0)
	if !strings.Contains(plain, "var orbit int") {
		t.Errorf("inspection below a command: %q", plain)
	}
	runCell(t, s, 2, "!echo \"it's\"\n\n// area is a size.\nfunc area() int { return 1 }")
	plain, _, _ = s.Inspect("area", 1, 1)
	if !strings.Contains(plain, "area is a size") || !strings.Contains(plain, "return 1") {
		t.Errorf("inspection of a function below a command: %q", plain)
	}
}

func TestMagicIsComplete(t *testing.T) {
	s := &Session{}
	for src, want := range map[string]string{
		"%who":              "complete",
		"x := 1\n%who":      "complete",
		"%who\nif x {":      "incomplete",
		"%%bash":            "incomplete",
		"%%bash\n":          "incomplete",
		"%%bash\necho 'it'": "complete",
		"%%writefile a":     "complete",
		"%%time":            "incomplete",
		"%%time\nf(":        "incomplete",
		"%%time\nf()":       "complete",
		"%time f(":          "incomplete",
		"%time f()":         "complete",
		"!ls":               "complete",
		"!ls \\":            "incomplete",
		"!ls \\\n-l":        "complete",
		"!echo (":           "complete",
		"%who\n)":           "invalid",
		"%nosuch":           "complete",
	} {
		if got, _ := s.IsComplete(src); got != want {
			t.Errorf("%q is %s, want %s", src, got, want)
		}
	}
}

func TestMagicNames(t *testing.T) {
	for word, want := range map[string]string{"tiem": "time", "histroy": "history", "WHO": "who", "markdwn": "markdown", "lod": "load", "xyzzy": "", "": ""} {
		got := ""
		if m := nearestMagic(word); m != nil {
			got = m.name
		}
		if got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := runCell(t, newSession(t), 1, "%go version"); !strings.Contains(got, "the system's command is !go") {
		t.Errorf("a command as a magic: %s", got)
	}
	for args, want := range map[string][]string{
		"":              nil,
		" a  b ":        {"a", "b"},
		`"a b" c'd e'f`: {"a b", "cd ef"},
		`""`:            {""},
		"a\tb":          {"a", "b"},
	} {
		if got, ok := words(args); !ok || !slices.Equal(got, want) {
			t.Errorf("words of %q are %q, want %q", args, got, want)
		}
	}
	if _, ok := words(`a "b`); ok {
		t.Error("an open quote is accepted")
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
