package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path"
	"runtime"
	"slices"
	"strings"
)

// A report shows results.
type report struct {
	results []*result
	verbose bool
}

// dirs are the folders of the results, in their order.
func (r *report) dirs() []string {
	var dirs []string
	for _, x := range r.results {
		if !slices.Contains(dirs, x.dir) {
			dirs = append(dirs, x.dir)
		}
	}
	return dirs
}

// count counts the results of a class in a folder, "" for all.
func (r *report) count(dir string, c class) int {
	n := 0
	for _, x := range r.results {
		if x.class == c && (dir == "" || x.dir == dir) {
			n++
		}
	}
	return n
}

// A row is one line of the table: a folder, or all of them.
type row struct {
	name                                       string
	programs, passed, refused, wrong, excluded int
}

// share is the percentage passed of what was run.
func (r row) share() string {
	run := r.passed + r.refused + r.wrong
	if run == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(r.passed)/float64(run))
}

func (r *report) rows() []row {
	var rows []row
	make := func(name, dir string) {
		x := row{name: name, passed: r.count(dir, passed), refused: r.count(dir, refused), wrong: r.count(dir, wrong), excluded: r.count(dir, excluded)}
		x.programs = x.passed + x.refused + x.wrong + x.excluded
		rows = append(rows, x)
	}
	for _, d := range r.dirs() {
		make(d, d)
	}
	make("all", "")
	return rows
}

// table prints the numbers.
func (r *report) table(w io.Writer) {
	fmt.Fprintf(w, "%-16s %9s %7s %8s %6s %9s %8s\n", "", "programs", "passed", "refused", "wrong", "excluded", "share")
	for _, x := range r.rows() {
		fmt.Fprintf(w, "%-16s %9d %7d %8d %6d %9d %8s\n", x.name, x.programs, x.passed, x.refused, x.wrong, x.excluded, x.share())
	}
	fmt.Fprintln(w, "\nshare: passed, of all but the excluded")
}

// A group is what one reason has done.
type group struct {
	kind, reason string
	results      []*result
}

// group sorts results by kind, then by how many share a reason.
func (r *report) group(c class) []*group {
	var groups []*group
	byReason := map[[2]string]*group{}
	for _, x := range r.results {
		if x.class != c {
			continue
		}
		key := [2]string{x.kind, x.reason}
		g := byReason[key]
		if g == nil {
			g = &group{kind: x.kind, reason: x.reason}
			byReason[key] = g
			groups = append(groups, g)
		}
		g.results = append(g.results, x)
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(
			slices.Index(kinds, a.kind)-slices.Index(kinds, b.kind),
			len(b.results)-len(a.results),
			strings.Compare(a.reason, b.reason),
		)
	})
	return groups
}

// groups prints the results of a class by reason.
func (r *report) groups(w io.Writer, c class) {
	kind := ""
	for i, g := range r.group(c) {
		if i == 0 {
			fmt.Fprintf(w, "\n%s: %d\n", strings.ToUpper(string(c)), r.count("", c))
		}
		if g.kind != kind {
			kind = g.kind
			n := 0
			for _, x := range r.results {
				if x.class == c && x.kind == kind {
					n++
				}
			}
			fmt.Fprintf(w, "\n  %s: %d\n", kind, n)
		}
		if g.reason != g.kind {
			fmt.Fprintf(w, "\n  %3d  %s\n", len(g.results), g.reason)
		}
		for _, x := range g.results {
			r.line(w, "       ", x)
		}
	}
}

// list prints the programs of a class.
func (r *report) list(w io.Writer, c class) {
	for _, x := range r.results {
		if x.class == c {
			r.line(w, "", x)
		}
	}
}

const (
	lineWidth  = 200
	firstLines = 8
)

func (r *report) line(w io.Writer, indent string, x *result) {
	text := cmp.Or(x.line, x.reason)
	if x.class == passed {
		text = ""
	}
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%s%-34s %s", indent, x.name, cut(text)), " "))
	if !r.verbose || x.class == passed {
		return
	}
	n := 0
	for line := range strings.Lines(string(x.output)) {
		if n++; n > firstLines {
			break
		}
		fmt.Fprintf(w, "%s    | %s\n", indent, cut(strings.TrimRight(line, "\n")))
	}
}

// cut shortens a line to what a terminal shows, without control characters.
func cut(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '·'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > lineWidth {
		return string(runes[:lineWidth-1]) + "…"
	}
	return s
}

// markdown is the content of the document that -write keeps. It depends on the results alone, so
// that it changes when they do.
func (r *report) markdown() []byte {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	version := runtime.Version()
	if i := strings.LastIndexByte(version, '.'); strings.Count(version, ".") > 1 {
		version = version[:i]
	}
	p("<!-- Written by: go run ./kernel/cell/conformance -write -->\n\n# The language of cells\n\n")
	p("A cell is Go %s, with imports, declarations and statements in any order. What the compiler accepts means in a cell what it\n", strings.TrimPrefix(version, "go"))
	p("means in a file, and what it rejects is rejected with the same words. Code that is valid and cannot be run is *refused*: a\n")
	p("sentence says so, with its position, before anything runs, or when a limit is reached.\n\n")
	p("How far that holds is measured with the programs that the Go project tests its own compiler with: those marked `// run` in\n")
	p("`test` and `test/typeparam` of the distribution. Each runs as one cell, by `swingby run`. A program *passed* when its output and exit\n")
	p("status are those of the compiled program; it is *wrong* when it ran or was rejected, but not as it should. *Excluded* are\n")
	p("programs that test the compiler, its run-time system or another kind of machine. `make conformance` repeats the measurement.\n\n")
	p("| | programs | passed | refused | wrong | excluded | passed of those run |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, x := range r.rows() {
		p("| %s | %d | %d | %d | %d | %d | %s |\n", x.name, x.programs, x.passed, x.refused, x.wrong, x.excluded, x.share())
	}
	p("\n## Refused\n\n")
	r.section(&b, refused, "Nothing is refused.", "Each of these is answered by a sentence like the one quoted.")
	p("\n## Wrong\n\n")
	r.section(&b, wrong, "Nothing is wrong.", "These are faults. Until they are mended, code like it cannot be relied on in a cell.")
	p("\n## Known differences\n\n%s", differences)
	p("\n## Excluded\n\n")
	r.section(&b, excluded, "Nothing is excluded.", "")
	p("\n## Passed\n")
	for _, d := range r.dirs() {
		var names []string
		for _, x := range r.results {
			if x.class == passed && x.dir == d {
				names = append(names, strings.TrimSuffix(path.Base(x.name), ".go"))
			}
		}
		p("\n%s\n", wrap(fmt.Sprintf("`%s`: %s", d, strings.Join(names, ", ")), ""))
	}
	return b.Bytes()
}

// differences are those that the programs do not show.
const differences = `- A floating-point negative zero that is passed to a function of a cell arrives as zero.
- Messages for indexes and slices out of range lack the numbers: "index out of range" without "[5] with length 3".
- Recursion ends with an error where the stacks of cells, whose frames are larger than compiled ones, are used up, somewhere above 100,000 levels.
- Compiled code that asks a value for one interface and then, on the quiet, for another one finds the second only where the two are a
  known pair, as a reader that is a closer, a plotter with a data range, an edge with ports, or an error that unwraps.
- A map whose keys are a compiled interface, map[error]bool for one, does not take values of cells' types as keys: it panics.
- Variables of a loop are new in each iteration in modules fetched with %get too, whatever Go version they ask for.
- A function value, and a call that is running, keep the code they began with when their function is declared again.
`

// section lists the results of a class by reason.
func (r *report) section(w io.Writer, c class, none, about string) {
	if r.count("", c) == 0 {
		fmt.Fprintln(w, none)
		return
	}
	if about != "" {
		fmt.Fprintln(w, about+"\n")
	}
	kind := ""
	for i, g := range r.group(c) {
		if g.kind != kind {
			kind = g.kind
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%s:\n\n", strings.ToUpper(kind[:1])+kind[1:])
		}
		if g.reason == g.kind { // these have nothing more in common
			for _, x := range g.results {
				fmt.Fprintf(w, "- %s%s\n", x.name, quoted(x.line))
			}
			continue
		}
		var names []string
		for _, x := range g.results {
			names = append(names, x.name)
		}
		item := fmt.Sprintf("- %s (%d): %s", escape(g.reason), len(names), strings.Join(names, ", "))
		fmt.Fprintln(w, wrap(item, "  "))
	}
}

// quoted is a program's own line behind its name.
func quoted(line string) string {
	if line == "" {
		return ""
	}
	return ": " + escape(cut(line))
}

var special = strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "|", `\|`, "[", `\[`)

func escape(s string) string { return special.Replace(s) }

// wrap breaks text at spaces into lines of about 120 bytes; those after the first are indented.
func wrap(text, indent string) string {
	var b strings.Builder
	length := 0
	for i, word := range strings.Split(text, " ") {
		switch {
		case i == 0:
		case length+1+len(word) > 120:
			b.WriteString("\n" + indent)
			length = len(indent)
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}
