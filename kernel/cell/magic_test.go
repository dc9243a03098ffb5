package cell

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

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
