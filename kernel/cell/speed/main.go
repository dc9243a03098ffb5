// Command speed measures cells beside the same code in the interpreter alone,
// and what a long session keeps. One line for each figure:
//
//	name  ours  peer  ratio  goal  ok|short
//
// The ratio is larger the better cells do.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/traefik/yaegi/interp"

	"swingby/kernel/cell"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	only, err := regexp.Compile(strings.Join(args, "|"))
	if err != nil {
		return err
	}
	r := &report{only: only}
	fmt.Printf("%-22s%10s%10s%8s%6s\n", "name", "ours", "peer", "ratio", "goal")
	for _, p := range programs {
		r.program(p)
	}
	r.trivial("trivial_expression_ms", "1 + 1")
	r.trivial("trivial_statement_ms", "x = x + 1")
	r.long()
	if r.err == nil && len(r.short) > 0 {
		fmt.Printf("short of the goal: %s\n", strings.Join(r.short, ", "))
	} else if r.err == nil {
		fmt.Println("every goal is met")
	}
	return r.err
}

type report struct {
	only  *regexp.Regexp
	short []string
	err   error
}

func (r *report) line(name string, ours, peer, goal float64) {
	verdict := "ok"
	if peer/ours < goal {
		verdict = "short"
		r.short = append(r.short, name)
	}
	fmt.Printf("%-22s%10.3f%10.3f%8.2f%6.2g %s\n", name, ours, peer, peer/ours, goal, verdict)
}

func (r *report) wanted(name string) bool { return r.err == nil && r.only.MatchString(name) }

// pair is a session and an interpreter that have run the same.
type pair struct {
	session *cell.Session
	count   int
	peer    *interp.Interpreter
}

func (r *report) pair(decl string) *pair {
	s, err := cell.New(cell.Config{})
	if err != nil {
		r.err = err
		return nil
	}
	p := &pair{session: s, peer: interp.New(interp.Options{Stdout: io.Discard, Stderr: io.Discard})}
	p.both(r, decl)
	return p
}

// both runs code in each and returns what it took.
func (p *pair) both(r *report, code string) (ours, peer time.Duration) {
	start := time.Now()
	p.count++
	if _, err := p.session.Execute(context.Background(), p.count, code); err != nil {
		r.err = fmt.Errorf("%s: %w", code, err)
	}
	middle := time.Now()
	if _, err := p.peer.EvalWithContext(context.Background(), code); err != nil {
		r.err = fmt.Errorf("%s, in the interpreter alone: %w", code, err)
	}
	return middle.Sub(start), time.Since(middle)
}

// program times a program. What else the machine does makes a run longer, never
// shorter: the shortest of several, taken in turn, is the one to compare.
func (r *report) program(p program) {
	if !r.wanted(p.name) {
		return
	}
	const turns, most, enough = 7, 25, 4 * time.Second
	both := r.pair(p.decl)
	var ours, peer []time.Duration
	start := time.Now()
	for i := 0; i < most && r.err == nil && (i < turns || time.Since(start) < enough); i++ {
		o, q := both.both(r, p.cell)
		ours, peer = append(ours, o), append(peer, q)
	}
	if r.err == nil {
		r.line(p.name, slices.Min(ours).Seconds(), slices.Min(peer).Seconds(), p.goal)
	}
}

// trivialGoal is honest, not high: the interpreter alone neither knows types
// nor lowers, which is most of what a cell of one line takes, and no one waits
// for the tenth of a millisecond it is.
const trivialGoal = 0.2

func (r *report) trivial(name, code string) {
	if !r.wanted(name) {
		return
	}
	const turns = 2000
	both := r.pair("x := 1")
	var ours, peer []time.Duration
	for i := 0; i < turns && r.err == nil; i++ {
		o, q := both.both(r, code)
		ours, peer = append(ours, o), append(peer, q)
	}
	if r.err == nil {
		slices.Sort(ours)
		slices.Sort(peer)
		r.line(name, ours[turns/2].Seconds()*1e3, peer[turns/2].Seconds()*1e3, trivialGoal)
	}
}

// long runs a session of ten thousand cells, and compares the time of the last
// cells with that of the first, and what is kept for a cell with what may be.
func (r *report) long() {
	const cells, window, mayKeep = 10_000, 500, 20.0
	if !r.wanted("cells_10k_ms cells_10k_kib") {
		return
	}
	s, err := cell.New(cell.Config{})
	if err != nil {
		r.err = err
		return
	}
	execute := func(i int, code string) {
		if _, err := s.Execute(context.Background(), i, code); err != nil && r.err == nil {
			r.err = fmt.Errorf("cell %d: %w", i, err)
		}
	}
	execute(1, "x := 1\nfunc f() int { return x }\nfunc g() int { return f() + 1 }")
	var took []float64
	var before uint64
	for i := 2; i < cells && r.err == nil; i++ {
		if i == 100 {
			before = heap()
		}
		start := time.Now()
		execute(i, longCell(i))
		took = append(took, time.Since(start).Seconds()*1e3)
	}
	if r.err != nil {
		return
	}
	kept := float64(heap()-before) / 1024 / (cells - 100)
	first, last := took[100:100+window], took[len(took)-window:]
	slices.Sort(first)
	slices.Sort(last)
	r.line("cells_10k_ms", last[window/2], first[window/2], 0.8)
	r.line("cells_10k_kib", kept, mayKeep, 1)
	runtime.KeepAlive(s)
}

// longCell is what the i-th cell of a long session does.
func longCell(i int) string {
	switch i % 5 {
	case 0:
		return "g() + x"
	case 1:
		return fmt.Sprintf("x = x%%1000 + %d", i)
	case 2:
		return fmt.Sprintf("v%d := []int{x, %d}", i, i)
	case 3:
		return fmt.Sprintf("func f() int { return x + %d }", i)
	}
	return fmt.Sprintf("func h%d(n int) (s int) {\n\tfor i := range n {\n\t\ts += i * %d\n\t}\n\treturn s + f()\n}", i, i)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
