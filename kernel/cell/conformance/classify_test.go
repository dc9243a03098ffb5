package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, test := range []struct {
		name   string
		o      outcome
		want   string // of the program
		class  class
		kind   string
		line   string
		reason string
	}{
		{name: "passed", class: passed},
		{name: "with output", o: outcome{output: []byte("a\r\n")}, want: "a\n", class: passed},
		{name: "unexpected output", o: outcome{output: []byte("BUG\n")}, class: wrong, kind: kindSilent, line: "prints BUG", reason: kindSilent},
		{name: "other output", o: outcome{output: []byte("a\nc\n")}, want: "a\nb\n", class: wrong, kind: kindSilent, line: `line 2 is "c", must be "b"`, reason: kindSilent},
		{name: "more output", o: outcome{output: []byte("a\nb")}, want: "a", class: wrong, kind: kindSilent, line: `line 2 is too many: "b"`, reason: kindSilent},
		{name: "less output", o: outcome{output: []byte("a")}, want: "a\nb", class: wrong, kind: kindSilent, line: `line 2 is missing: "b"`, reason: kindSilent},
		{
			name: "refused", o: outcome{status: 1, output: []byte("/d/x.go:2:3: generic function f is not supported in cells: write\n  f\n")},
			class: refused, kind: kindSentence, line: "x.go:2:3: generic function f is not supported in cells: write", reason: "generic function … is not supported in cells: write",
		},
		{
			name: "stopped at a limit", o: outcome{status: 2, output: []byte("stack overflow: the recursion of f is too deep for the stack\n")},
			class: refused, kind: kindLimit, line: "stack overflow: the recursion of f is too deep for the stack",
			reason: "stack overflow: the recursion of … is too deep for the stack",
		},
		{
			name: "refused by the interpreter", o: outcome{status: 1, output: []byte("/d/x.go:2:3: not supported by the interpreter: undefined: y\n")},
			class: refused, kind: kindInterpreter, line: "x.go:2:3: not supported by the interpreter: undefined: y", reason: "not supported by the interpreter: undefined: …",
		},
		{
			name: "rejected", o: outcome{status: 1, output: []byte("/d/x.go:2:3: undefined: y\n")},
			class: wrong, kind: kindRejected, line: "x.go:2:3: undefined: y", reason: "undefined: …",
		},
		{
			name: "rejected nowhere", o: outcome{status: 1, output: []byte("invalid operation: cannot call f\n")},
			class: wrong, kind: kindRejected, line: "invalid operation: cannot call f", reason: "invalid operation: cannot call f",
		},
		{name: "exit", o: outcome{status: 1, output: []byte("bad\n")}, class: wrong, kind: kindSilent, line: "exit status 1: bad", reason: kindSilent},
		{name: "exit with expected output", o: outcome{status: 3, output: []byte("a")}, want: "a", class: wrong, kind: kindSilent, line: "the output is right, the exit status is not 0", reason: kindSilent},
		{
			name: "panic", o: outcome{status: 2, output: []byte("text\npanic: runtime error: index out of range [5] with length 3\n")},
			class: wrong, kind: kindPanic, line: "panic: runtime error: index out of range [5] with length 3", reason: "panic: runtime error: index out of range [N] with length N",
		},
		{name: "the program's panic", o: outcome{status: 2, output: []byte("panic: fail\n")}, class: wrong, kind: kindSilent, line: "panic: fail", reason: kindSilent},
		{name: "death", o: outcome{status: 2, output: []byte("fatal error: stack overflow\n")}, class: wrong, kind: kindDeath, line: "fatal error: stack overflow", reason: "fatal error: stack overflow"},
		{name: "hang", o: outcome{status: -1, timedOut: true, output: []byte("a\n")}, class: wrong, kind: kindTime, line: "a", reason: kindTime},
	} {
		p := &program{name: "test/x.go", path: "/d/x.go", want: []byte(test.want)}
		r := classify(p, test.o)
		if r.class != test.class || r.kind != test.kind || r.line != test.line || r.reason != test.reason {
			t.Errorf("%s: %s, kind %q, line %q, reason %q; want %s, %q, %q, %q", test.name, r.class, r.kind, r.line, r.reason, test.class, test.kind, test.line, test.reason)
		}
	}
}

func TestReport(t *testing.T) {
	made := func(name, dir string, c class, kind, reason, line string) *result {
		return &result{program: &program{name: name, dir: dir}, class: c, kind: kind, reason: reason, line: line, output: []byte("l1\nl2\n")}
	}
	rep := report{results: []*result{
		made("test/a.go", "test", passed, "", "", ""),
		made("test/b.go", "test", wrong, kindPanic, "panic: N", "panic: 1"),
		made("test/c.go", "test", wrong, kindSilent, kindSilent, "prints *1*"),
		made("test/d.go", "test", excluded, "", "cgo", ""),
		made("test/t/e.go", "test/t", refused, kindSentence, "y is not supported", "e.go:1:1: y is not supported"),
		made("test/t/f.go", "test/t", wrong, kindPanic, "panic: N", "panic: 2"),
	}}
	var b bytes.Buffer
	rep.table(&b)
	rep.groups(&b, wrong)
	want := `                  programs  passed  refused  wrong  excluded    share
test                     4       1        0      2         1   33.3 %
test/t                   2       0        1      1         0    0.0 %
all                      6       1        1      3         1   20.0 %

share: passed, of all but the excluded

WRONG: 3

  computes something else: 1
       test/c.go                          prints *1*

  panics: 2

    2  panic: N
       test/b.go                          panic: 1
       test/t/f.go                        panic: 2
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Reset()
	rep.verbose = true
	rep.list(&b, excluded)
	if got, want := b.String(), "test/d.go                          cgo\n    | l1\n    | l2\n"; got != want {
		t.Errorf("list %q, want %q", got, want)
	}
	doc := string(rep.markdown())
	for _, want := range []string{
		"| all | 6 | 1 | 1 | 3 | 1 | 20.0 % |\n",
		"## Refused\n\nEach of these",
		"## Known differences\n\n- A floating-point",
		"- y is not supported (1): test/t/e.go\n",
		"- test/c.go: prints \\*1\\*\n",
		"- panic: N (2): test/b.go, test/t/f.go\n",
		"`test`: a\n",
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document lacks %q:\n%s", want, doc)
		}
	}
}
