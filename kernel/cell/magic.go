package cell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"os/exec"
	"strings"
)

// magic is one entry of the table that running, %help, completion, inspection
// and the documentation share.
type magic struct {
	name     string
	line     bool // %name
	cell     bool // %%name
	code     bool // takes Go, which nothing splits into words
	optional bool // a cell magic that can do without a body
	usage    []string
	doc      string // a sentence or several; the first one is the summary
	example  string // a cell
	min, max int    // words after the name; max -1 is any number

	run func(r *runner, in *invocation, args []string) (*Result, error)
}

// magics is the table. It is filled at start-up because %help reads it.
var magics []*magic

func init() {
	magics = []*magic{timeMagic, timeitMagic, whoMagic, whosMagic, goroutinesMagic, resetMagic, runMagic, loadMagic, getMagic, envMagic, cdMagic, pwdMagic,
		historyMagic, helpMagic, aboutMagic, htmlMagic, markdownMagic, javascriptMagic, writefileMagic, bashMagic, shMagic, commandMagic}
}

// findMagic returns the entry of a name, nil if there is none. The command, !,
// has the empty name, a question about a name is called ?.
func findMagic(name string) *magic {
	for _, m := range magics {
		if m.name == name {
			return m
		}
	}
	return nil
}

// codeAt is where the Go in a line magic's arguments starts.
func (m *magic) codeAt(args string) int {
	if m.name == "timeit" {
		o, err := parseTimeit(args)
		if err != nil {
			return len(args)
		}
		return o.code
	}
	return 0
}

// spellings are the ways to write the magic.
func (m *magic) spellings() (list []string) {
	switch m.name {
	case "":
		return []string{"!"}
	case "?":
		return []string{"?"}
	}
	if m.line {
		list = append(list, "%"+m.name)
	}
	if m.cell {
		list = append(list, "%%"+m.name)
	}
	return list
}

func (m *magic) summary() string {
	s, _, _ := strings.Cut(m.doc, ". ")
	return strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ".")
}

// usageError says that a magic was called wrongly.
type usageError string

func (e usageError) Error() string { return string(e) }

// runner runs the parts of one cell.
type runner struct {
	s     *Session
	ctx   context.Context
	count int
	name  string // the cell or file that is running, as messages have it
	src   string
	depth int // of files that run files

	payloads []Payload
}

// maxRunDepth bounds files that run each other.
const maxRunDepth = 20

// executeText runs Go and magics in the order they stand in. Everything that can be known
// to be wrong before the first part runs is an error before it runs.
func (r *runner) executeText(src string) (Result, error) {
	segs := splitMagics(src)
	if e := r.check(src, segs); e != nil {
		return Result{}, e
	}
	var last Result
	for _, seg := range segs {
		if err := r.ctx.Err(); err != nil {
			return Result{}, r.s.runtimeError(&interrupted{err}, r.count)
		}
		if seg.magic == nil {
			if strings.TrimSpace(src[seg.start:seg.end]) == "" {
				continue
			}
			res, err := r.s.executeGo(r.ctx, r.name, r.count, padded(src, seg.start, seg.end))
			if err != nil {
				return Result{}, err
			}
			last = res
			continue
		}
		res, err := r.invoke(src, seg.magic)
		if err != nil {
			return Result{}, err
		}
		if res != nil {
			last = *res
		}
	}
	return last, nil
}

// check finds what is wrong with a cell's magics, and with the syntax of its Go.
func (r *runner) check(src string, segs []segment) *Error {
	var problems, syntax []*Problem
	for _, seg := range segs {
		if seg.magic != nil {
			if _, _, p := r.resolve(src, seg.magic); p != nil {
				problems = append(problems, p)
			}
			continue
		}
		if _, err := parse(token.NewFileSet(), fileName(r.name), padded(src, seg.start, seg.end)); err != nil {
			var list scanner.ErrorList
			if errors.As(err, &list) {
				for _, e := range list {
					e.Pos.Filename = r.name
				}
			}
			syntax = append(syntax, syntaxProblems(err)...)
		}
	}
	switch {
	case len(problems) > 0:
		return r.failed(problems...)
	case len(syntax) > 0:
		return compileError(syntax, func(string) string { return r.src })
	}
	return nil
}

// resolve finds the entry of a magic and its words, or what is wrong with it.
func (r *runner) resolve(src string, in *invocation) (*magic, []string, *Problem) {
	m := findMagic(in.name)
	if in.sigil != "!" && in.name == "" {
		return nil, nil, r.problem(src, in, "no name after "+in.sigil, "%help lists the magics")
	}
	if m == nil {
		p := r.problem(src, in, "unknown magic "+in.String(), "%help lists the magics")
		if near := nearestMagic(in.name); near != nil {
			p.Hint = "did you mean " + near.spellings()[0] + "? " + p.Hint
		} else if _, err := exec.LookPath(in.name); err == nil {
			p.Hint = "the system's command is !" + in.name + "; " + p.Hint
		}
		return nil, nil, p
	}
	var args []string
	var usage string
	switch {
	case in.sigil == "%%" && in.bodyAt == 0:
		usage = "a cell magic must stand on the first line of its cell"
	case in.sigil == "%%" && !m.cell:
		usage = "this is a line magic, which has one %"
	case in.sigil == "%" && !m.line:
		usage = "this is a cell magic, which has two % and stands first in its cell"
	case in.sigil == "%%" && !m.optional && strings.TrimSpace(in.body) == "":
		usage = "there is nothing below the first line"
	case m.code:
		if m.name == "timeit" {
			if _, err := parseTimeit(in.args); err != nil {
				usage = err.Error()
				break
			}
		}
		if in.sigil == "%" && strings.TrimSpace(onlyGo("%"+m.name+" "+in.args)) == "" {
			usage = "there is nothing to time"
		}
		if in.sigil == "%%" && m.name == "time" && in.args != "" {
			usage = "as a cell magic it times the lines below and takes nothing on its own line"
		}
	case in.sigil == "!":
		if in.args == "" {
			usage = "there is no command"
		}
	default:
		var closed bool
		args, closed = words(in.args)
		switch n := len(args); {
		case !closed:
			usage = "a quote is not closed"
		case n < m.min:
			usage = "something is missing after the name"
		case m.max >= 0 && n > m.max:
			usage = fmt.Sprintf("do not know what to do with %q", args[m.max])
		}
	}
	if usage != "" {
		return nil, nil, r.problem(src, in, in.String()+": "+usage, m.usageHint())
	}
	return m, args, nil
}

func (m *magic) usageHint() string {
	return "usage: " + strings.ReplaceAll(strings.Join(m.usage, "  or  "), "\n", " and below it ")
}

// invoke runs one magic.
func (r *runner) invoke(src string, in *invocation) (*Result, error) {
	m, args, p := r.resolve(src, in)
	if p != nil {
		return nil, r.failed(p)
	}
	res, err := m.run(r, in, args)
	var e *Error
	var usage usageError
	switch {
	case err == nil:
		return res, nil
	case errors.As(err, &e):
		return nil, e
	case r.ctx.Err() != nil:
		return nil, r.s.runtimeError(&interrupted{r.ctx.Err()}, r.count)
	}
	p = r.problem(src, in, in.String()+": "+err.Error(), "")
	if errors.As(err, &usage) {
		p.Hint = m.usageHint()
	}
	return nil, r.failed(p)
}

// problem is a message about a magic.
func (r *runner) problem(src string, in *invocation, msg, hint string) *Problem {
	start := strings.LastIndexByte(src[:in.at], '\n') + 1
	pos := token.Position{Filename: r.name, Line: 1 + strings.Count(src[:start], "\n"), Column: 1 + in.at - start}
	return &Problem{Pos: pos, Msg: msg, Hint: hint}
}

func (r *runner) failed(ps ...*Problem) *Error {
	e := compileError(ps, func(string) string { return r.src })
	e.Name = "magic error"
	return e
}

// nearestMagic is the magic whose name is most like a word; nil if none is like it.
func nearestMagic(word string) *magic {
	var best *magic
	least := 0
	for _, m := range magics {
		limit := max(1, min(len(word), len(m.name))/2)
		d := slips([]rune(strings.ToLower(word)), []rune(m.name), limit)
		if m.name != "" && m.name != "?" && d <= limit && (best == nil || d < least) {
			best, least = m, d
		}
	}
	return best
}

// magicAt finds the magic whose line the cursor is in.
func magicAt(src string, cursor int) *invocation {
	if !mayHaveMagic(src) {
		return nil
	}
	for _, seg := range splitMagics(src) {
		if in := seg.magic; in != nil && seg.start <= cursor && cursor <= seg.end && cursor > in.at {
			if cursor > in.at+1 && src[cursor-1] == '\n' && in.sigil != "%%" {
				continue // on the line below
			}
			return in
		}
	}
	return nil
}

// completeMagic completes the name or the arguments of a magic; ok is false
// where the cursor is in Go.
func completeMagic(src string, cursor int) (c Completion, ok bool) {
	in := magicAt(src, cursor)
	if in == nil {
		return c, false
	}
	nameEnd := in.at + len(in.String())
	if in.name == "?" && !strings.HasPrefix(in.args, "%") {
		return c, false
	}
	if in.sigil != "!" && cursor <= nameEnd {
		c = Completion{Start: in.at, End: nameEnd}
		first := strings.TrimSpace(src[:in.at]) == ""
		for _, m := range magics {
			for _, s := range m.spellings() {
				if s[0] == '%' && strings.HasPrefix(s, src[in.at:cursor]) && (first || !strings.HasPrefix(s, "%%")) {
					c.Matches = append(c.Matches, Match{Text: s, Kind: "magic", Signature: m.summary()})
				}
			}
		}
		return c, true
	}
	m := findMagic(in.name)
	if m != nil && m.code && (in.sigil == "%" && cursor >= in.argsAt+m.codeAt(in.args) || in.sigil == "%%" && cursor >= in.bodyAt) {
		return c, false
	}
	c = Completion{Start: cursor, End: cursor}
	if in.sigil == "%%" && cursor >= in.bodyAt {
		return c, true // not Go, and not ours
	}
	start := max(nameEnd, strings.LastIndexAny(src[:cursor], " \t\n'\"=<>|;&")+1)
	word := src[start:cursor]
	switch m {
	case nil:
	case helpMagic:
		c.Start = start
		for _, m := range magics {
			if m.name != "" && strings.HasPrefix(m.name, strings.TrimLeft(word, "%")) {
				c.Matches = append(c.Matches, Match{Text: m.name, Kind: "magic", Signature: m.summary()})
			}
		}
	case envMagic:
		c.Start = start
		c.Matches = envNames(word)
	case cdMagic, runMagic, loadMagic, writefileMagic, commandMagic:
		slash := strings.LastIndexByte(word, '/') + 1
		c.Start = start + slash
		for _, f := range fileNames(expandHome(word[:slash]), word[slash:], false) {
			if !strings.ContainsAny(f.Text, " \t'\"") && (m != cdMagic || strings.HasSuffix(f.Text, "/")) {
				c.Matches = append(c.Matches, f)
			}
		}
	}
	return c, true
}

// inspectMagic describes the magic whose name the cursor is on.
func inspectMagic(src string, cursor int) (plain, markdown string, ok bool) {
	for _, seg := range splitMagics(src) {
		if in := seg.magic; in != nil && in.at <= cursor && cursor <= in.at+cmp.Or(len(in.name)+len(in.sigil), 1) {
			if in.name == "?" && in.at != cursor && in.args != "" {
				break // about the name that is asked for
			}
			if m := findMagic(in.name); m != nil && (in.name != "" || in.sigil == "!") {
				return m.help(), m.helpMarkdown(), true
			}
		}
	}
	return "", "", false
}
