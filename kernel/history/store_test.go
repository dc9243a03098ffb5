package history

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// notices collects what a store logs.
type notices struct {
	mu    sync.Mutex
	lines []string
}

func (n *notices) logf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notices) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.lines)
}

func open(t testing.TB, path string) (*Store, *notices) {
	t.Helper()
	n := &notices{}
	s := Open(path, n.logf)
	t.Cleanup(s.Close)
	return s, n
}

func text(s string) *string { return &s }

// show writes entries as session/line:input[=output].
func show(entries []Entry) string {
	var out []string
	for _, e := range entries {
		line := fmt.Sprintf("%d/%d:%s", e.Session, e.Line, e.Input)
		if e.Output != nil {
			line += "=" + *e.Output
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

func check(t *testing.T, what string, got []Entry, want string) {
	t.Helper()
	if show(got) != want {
		t.Errorf("%s: %q, want %q", what, show(got), want)
	}
}

// Queries are answered alike by a history in memory and by one in a file, and by the file after a restart.
func TestQueries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "on", "the", "way", "history")
	for _, path := range []string{"", path} {
		s, n := open(t, path)
		s.Add(Entry{Line: 1, Input: "x := 1", Output: text("1")})
		s.Add(Entry{Line: 2, Input: "y"})
		s.Add(Entry{Line: 3, Input: "x := 1"})
		s.Add(Entry{Line: 4, Input: "für\nzwei"})
		check(t, "tail", s.Tail(2), "1/3:x := 1 1/4:für\nzwei")
		check(t, "whole tail", s.Tail(-1), "1/1:x := 1=1 1/2:y 1/3:x := 1 1/4:für\nzwei")
		check(t, "range", s.Range(0, 2, 4), "1/2:y 1/3:x := 1")
		check(t, "range to the end", s.Range(1, 4, 0), "1/4:für\nzwei")
		check(t, "range of the session before", s.Range(-1, 1, 0), "")
		check(t, "search", s.Search("x*", -1, false), "1/1:x := 1=1 1/3:x := 1")
		check(t, "search, unique", s.Search("x*", -1, true), "1/3:x := 1")
		check(t, "search for one", s.Search("?*", 1, false), "1/4:für\nzwei")
		check(t, "search in lines", s.Search("f*zwei", -1, false), "1/4:für\nzwei")
		if l := n.all(); len(l) > 0 {
			t.Errorf("notices %q", l)
		}
		s.Close()
		check(t, "after Close", s.Tail(1), "1/4:für\nzwei")
	}
	found, err := Find(path, "x*", 1, false)
	if err != nil {
		t.Error(err)
	}
	check(t, "Find", found, "1/3:x := 1")
	if found, err := Find(path+"not", "*", -1, false); len(found) > 0 || err != nil {
		t.Errorf("Find without a file: %v, %v", found, err)
	}
	if _, err := Find(filepath.Dir(path), "*", -1, false); err == nil {
		t.Error("Find in a folder: no error")
	}
	s, _ := open(t, path)
	s.Add(Entry{Line: 1, Input: "again"})
	check(t, "the session before", s.Range(-1, 1, 3), "1/1:x := 1=1 1/2:y")
	check(t, "tail over sessions", s.Tail(2), "1/4:für\nzwei 2/1:again")
	check(t, "unique over sessions", s.Search("*", -1, true), "1/2:y 1/3:x := 1 1/4:für\nzwei 2/1:again")
	if runtime.GOOS != "windows" {
		for _, p := range []string{path, path + ".lock"} {
			if fi, err := os.Stat(p); err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", p, fi.Mode(), err)
			}
		}
		if fi, err := os.Stat(filepath.Dir(path)); err != nil || fi.Mode().Perm() != 0o700 {
			t.Errorf("folder: %v %v", fi.Mode(), err)
		}
	}
}

// Kernels that run at once see each other's cells, and each its own last.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	a, _ := open(t, path)
	if n := a.Session(); n != 1 {
		t.Errorf("session %d", n)
	}
	b, _ := open(t, path)
	if n := b.Session(); n != 2 {
		t.Errorf("session %d", n)
	}
	b.Add(Entry{Line: 1, Input: "b1"})
	b.Session() // waits until it is written
	a.Add(Entry{Line: 1, Input: "a1"})
	check(t, "a", a.Tail(5), "2/1:b1 1/1:a1")
	check(t, "b", b.Tail(5), "1/1:a1 2/1:b1")
}

// Damage costs the lines it is in and one notice, and neither the cells beside it nor the next writer.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	s, _ := open(t, path)
	for i := range 5 {
		s.Add(Entry{Line: i + 1, Input: fmt.Sprint("cell", i+1)})
	}
	s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		damage func([]byte) []byte
		want   string
	}{
		"a bit":      {func(b []byte) []byte { return bytes.Replace(b, []byte("cell3"), []byte("cell7"), 1) }, "1/1:cell1 1/2:cell2 1/4:cell4 1/5:cell5"},
		"torn end":   {func(b []byte) []byte { return b[:len(b)-7] }, "1/1:cell1 1/2:cell2 1/3:cell3 1/4:cell4"},
		"header":     {func(b []byte) []byte { return bytes.Replace(b, []byte(`"history":1`), []byte(`"history":7`), 1) }, "1/1:cell1 1/2:cell2 1/3:cell3 1/4:cell4 1/5:cell5"},
		"zero bytes": {func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, "1/1:cell1 1/2:cell2 1/3:cell3 1/4:cell4 1/5:cell5"},
		"a blob": {func(b []byte) []byte { return append(b, "\n\xff\xfe{\"session\":\n00000000 {}\n"...) },
			"1/1:cell1 1/2:cell2 1/3:cell3 1/4:cell4 1/5:cell5"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, test.damage(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			s, n := open(t, path)
			s.Add(Entry{Line: 1, Input: "next"})
			s.Session()
			s.Add(Entry{Line: 2, Input: "last"})
			check(t, "tail", s.Tail(-1), test.want+" 2/1:next 2/2:last")
			s.Close()
			if l := n.all(); len(l) != 1 || !strings.Contains(l[0], "damaged") {
				t.Errorf("notices %q", l)
			}
			again, _ := open(t, path)
			check(t, "reopened", again.Tail(-1), test.want+" 2/1:next 2/2:last")
		})
	}
}

// What is no history file is left as it is.
func TestForeignFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history")
	for _, content := range []string{"#!/bin/sh\nexit 1\n", "no line end", `00000000 {"histories":1}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, n := open(t, path)
		s.Add(Entry{Line: 1, Input: "a"})
		check(t, "in memory", s.Tail(5), "1/1:a")
		s.Add(Entry{Line: 2, Input: "b"})
		s.Close()
		if got, _ := os.ReadFile(path); string(got) != content {
			t.Errorf("%q has become %q", content, got)
		}
		if l := n.all(); len(l) != 1 || !strings.Contains(l[0], "no history file") || !strings.Contains(l[0], "in memory") {
			t.Errorf("notices %q", l)
		}
	}
	// A path that cannot be: its folder is a file.
	s, n := open(t, filepath.Join(path, "history"))
	s.Add(Entry{Line: 1, Input: "a"})
	check(t, "in memory", s.Tail(5), "1/1:a")
	s.Close()
	if l := n.all(); len(l) != 1 || strings.Contains(l[0], "\n") {
		t.Errorf("notices %q", l)
	}
}

// What could not be written is, once it can.
func TestRecovers(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "data")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "history")
	s, n := open(t, path)
	s.Add(Entry{Line: 1, Input: "a"})
	s.Session()
	if l := n.all(); len(l) != 1 {
		t.Errorf("notices %q", l)
	}
	os.Remove(folder)
	s.Add(Entry{Line: 2, Input: "b"})
	s.Close()
	again, _ := open(t, path)
	check(t, "reopened", again.Tail(5), "1/1:a 1/2:b")
}

// A file that grows too long keeps its newer part, and other stores notice.
func TestCompaction(t *testing.T) {
	before := patience
	t.Cleanup(func() { patience = before }) // when the stores have been closed
	patience = 5 * time.Minute              // megabytes are written, and a disk may be slow
	path := filepath.Join(t.TempDir(), "history")
	a, na := open(t, path)
	b, nb := open(t, path)
	b.Add(Entry{Line: 1, Input: "early"})
	b.Session()
	long := strings.Repeat("x", MaxFile/8-200)
	for i := range 20 {
		a.Add(Entry{Line: i + 1, Input: fmt.Sprint(i+1, long)})
		a.Session()
		if fi, err := os.Stat(path); err != nil || fi.Size() > MaxFile+MaxInput {
			t.Fatalf("%v bytes, %v", fi.Size(), err)
		}
	}
	b.Add(Entry{Line: 2, Input: "late"})
	got := b.Tail(2)
	if len(got) != 2 || got[0].Line != 1 || got[1].Input != "late" {
		t.Errorf("b ends with %.50q", show(got))
	}
	if got := b.Range(a.Session(), 20, 0); len(got) != 1 || !strings.HasPrefix(got[0].Input, "20x") {
		t.Errorf("b does not see the newest cell of a: %.50q", show(got))
	}
	a.Close()
	b.Close()
	c, _ := open(t, path)
	if n := c.Session(); n != 3 {
		t.Errorf("session %d after both", n)
	}
	if got := c.Tail(-1); len(got) < 3 || len(got) > 10 {
		t.Errorf("%d cells are left", len(got))
	}
	if l := append(na.all(), nb.all()...); len(l) > 0 {
		t.Errorf("notices %q", l)
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestBounds(t *testing.T) {
	s, _ := open(t, "")
	long := strings.Repeat("ü", MaxInput)
	for i := range 100 {
		s.Add(Entry{Line: i, Input: long, Output: &long})
	}
	if s.size > maxMemory {
		t.Errorf("%d bytes in memory", s.size)
	}
	e := s.Tail(1)[0]
	if e.Line != 99 || len(*e.Output) > MaxOutput+10 || len(e.Input) > MaxInput+10 || !strings.HasSuffix(*e.Output, "ü …") {
		t.Errorf("line %d, input of %d, output of %d bytes", e.Line, len(e.Input), len(*e.Output))
	}
	var u unsent
	for i := range 100 {
		u.add(record{Line: i, Input: long[:maxUnsent/10]})
	}
	if u.size > maxUnsent || len(u.records) > 10 || u.records[len(u.records)-1].Line != 99 {
		t.Errorf("%d records of %d bytes wait to be written", len(u.records), u.size)
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"?", "", false}, {"?", "ü", true}, {"a*c", "a\nc", true}, {"a.c", "abc", false},
		{"[ab]x", "bx", true}, {"[^ab]x", "bx", false}, {"[!ab]x", "cx", true}, {"[]]", "]", true}, {"[", "[", true},
		{"[z-a]", "[z-a]", true}, {"a+(", "a+(", true}, {`[\]`, `\`, true},
	} {
		if got := glob(test.pattern).MatchString(test.text); got != test.want {
			t.Errorf("%q on %q: %v", test.pattern, test.text, got)
		}
	}
}

func TestDataDir(t *testing.T) {
	home := func() (string, error) { return "/home/u", nil }
	for _, test := range []struct {
		goos, variable, value, want string
	}{
		{"linux", "", "", "/home/u/.local/share"},
		{"linux", "XDG_DATA_HOME", "/data", "/data"},
		{"linux", "XDG_DATA_HOME", "relative", "/home/u/.local/share"},
		{"darwin", "XDG_DATA_HOME", "/data", "/home/u/Library/Application Support"},
		{"windows", "LOCALAPPDATA", `C:\Data`, `C:\Data`},
		{"windows", "", "", "/home/u/AppData/Local"},
	} {
		getenv := func(name string) string {
			if name == test.variable {
				return test.value
			}
			return ""
		}
		if got, err := dataDir(test.goos, getenv, home); err != nil || filepath.ToSlash(got) != filepath.ToSlash(test.want) {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
	t.Setenv(Variable, "none")
	if p, err := DefaultPath(); p != "" || err != nil {
		t.Errorf("none: %q, %v", p, err)
	}
}

// FuzzParse feeds lines that are none.
func FuzzParse(f *testing.F) {
	output := "7"
	r := record{Session: 3, Line: 4, At: now(), Input: "a\nb", Output: &output}
	f.Add(r.appendTo(nil))
	h := newHeader(2)
	f.Add(h.appendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines := 0
		used, bad := parseAll(b, func(r *record) {
			lines++
			if again, ok := parse(bytes.TrimSuffix(r.appendTo(nil), []byte("\n"))); !ok || again.Input != r.Input && strings.ToValidUTF8(r.Input, "") == r.Input {
				t.Errorf("%+v is not read back", r)
			}
		})
		if used > len(b) || used > 0 && b[used-1] != '\n' || lines+bad > bytes.Count(b[:used], []byte("\n")) {
			t.Errorf("%d bytes, %d records, %d bad", used, lines, bad)
		}
	})
}

// FuzzGlob: every pattern compiles, and means what the simplest reading of it says.
func FuzzGlob(f *testing.F) {
	for _, seed := range []string{"*", "a?c", "[a-c]*", "[!x]", "[]]", "[z-a]", "[\\", "a[", "é*\n", "\xff"} {
		f.Add(seed, "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		got := glob(pattern).MatchString(text)
		if strings.Contains(pattern, "[") || !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern)*len(text) > 1<<12 {
			return
		}
		// Without sets: matches[j] says whether what has been read of the pattern matches the first j characters.
		r := []rune(text)
		matches := make([]bool, len(r)+1)
		matches[0] = true
		for _, p := range pattern {
			next := make([]bool, len(r)+1)
			for j := range next {
				switch {
				case p == '*':
					next[j] = matches[j] || j > 0 && next[j-1]
				case j > 0 && matches[j-1]:
					next[j] = p == '?' || p == r[j-1]
				}
			}
			matches = next
		}
		if got != matches[len(r)] {
			t.Errorf("%q matches %q: %v", pattern, text, got)
		}
	})
}
