package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swingby/kernel/notebook"
	"swingby/kernel/worker"
	"swingby/simlib/sweep"
)

// TestMain lets the test binary be the worker that evaluates points.
func TestMain(m *testing.M) {
	if len(os.Args) >= 2 && os.Args[1] == "worker" {
		if err := worker.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// write writes a file into dir and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// notebookFile writes a notebook of cells "TAG: SOURCE" or ": SOURCE".
func notebookFile(t testing.TB, dir, name string, cells ...string) string {
	t.Helper()
	nb := &notebook.Notebook{Minor: 4, Metadata: map[string]any{}}
	for _, c := range cells {
		tag, source, _ := strings.Cut(c, ": ")
		cell := &notebook.Cell{Type: notebook.Code, Source: source, Metadata: map[string]any{}}
		if tag != "" {
			cell.Metadata["tags"] = []any{tag}
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return write(t, dir, name, string(nb.Bytes()))
}

func begin(t testing.TB, dir, target string, parameters ...string) (*Sweep, error) {
	t.Helper()
	grid, err := sweep.Parse(parameters...)
	if err != nil {
		t.Fatal(err)
	}
	p, grid, err := Load(context.Background(), target, grid)
	if err != nil {
		return nil, err
	}
	return Create(filepath.Join(dir, "s"), p, grid)
}

func mustBegin(t testing.TB, dir, target string, parameters ...string) *Sweep {
	t.Helper()
	s, err := begin(t, dir, target, parameters...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tableOf(t testing.TB, s *Sweep) string {
	t.Helper()
	path, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// counting is a notebook that leaves a line in the file runs.txt of its folder for each run.
var counting = []string{
	"parameters: mu := 1.0\nseed := 0",
	`: f, err := os.OpenFile("runs.txt", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
if err != nil {
	panic(err)
}
fmt.Fprintln(f, seed)
f.Close()`,
	": rng := rand.New(rand.NewPCG(uint64(seed), 1))\ntype pair struct{ X float64; N int }",
	"results: p := pair{mu + rng.NormFloat64(), 3}\nok := p.X > mu\nname := fmt.Sprint(\"a\", seed)",
	`: panic("what comes after the results does not run")`,
}

// runsOf counts the lines of runs.txt.
func runsOf(t testing.TB, dir string) map[string]int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "runs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, l := range strings.Fields(string(data)) {
		n[l]++
	}
	return n
}

// TestNotebook: the table is the same on any number of cores, interrupted or not, and no point that has results runs twice.
func TestNotebook(t *testing.T) {
	dir := t.TempDir()
	path := notebookFile(t, dir, "n.ipynb", counting...)
	s := mustBegin(t, dir, path, "mu=linspace(1,2,2)", "seed=0..4")
	if err := s.Run(context.Background(), RunOptions{Cores: 1}); err != nil {
		t.Fatal(err)
	}
	want := tableOf(t, s)
	if head, _, _ := strings.Cut(want, "\n"); head != "mu,seed,p.X,p.N,ok,name" || strings.Count(want, "\n") != 11 {
		t.Fatalf("the table is\n%s", want)
	}

	other := t.TempDir()
	path = notebookFile(t, other, "n.ipynb", counting...)
	s = mustBegin(t, other, path, "mu=linspace(1,2,2)", "seed=0..4")
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	err := s.Run(ctx, RunOptions{Cores: 3, Progress: func(finished, _ int) {
		if finished == 4 {
			cancel(why)
		}
	}})
	if !errors.Is(err, why) {
		t.Fatalf("the error of a run that was stopped is %v", err)
	}
	done := map[string]int{}
	for i := range s.Results() {
		done[s.Spec().Parameters.Point(i).Text("seed")]++
	}
	// As another process would go on.
	s, err = Open(s.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := s.Count(); n < 4 || n > 7 {
		t.Errorf("%d points are kept, want the 4 that had ended or a few more", n)
	}
	if err := s.CheckUnchanged(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := runsOf(t, other)
	if err := s.Run(context.Background(), RunOptions{Cores: 2}); err != nil {
		t.Fatal(err)
	}
	if got := tableOf(t, s); got != want {
		t.Errorf("interrupted, on other numbers of cores:\n%s\nwant\n%s", got, want)
	}
	after := runsOf(t, other)
	for seed, n := range done {
		if after[seed]-before[seed] != 2-n {
			t.Errorf("seed %s: %d of its 2 points had results, and %d ran later", seed, n, after[seed]-before[seed])
		}
	}

	// The same command again finds all there; other code or values are refused.
	s = mustBegin(t, other, path, "mu=linspace(1,2,2)", "seed=0..4")
	if len(s.Missing()) != 0 {
		t.Errorf("%d points are missing", len(s.Missing()))
	}
	if _, err := begin(t, other, path, "mu=linspace(1,2,2)", "seed=0..5"); err == nil || !strings.Contains(err.Error(), "its parameter seed is 0..4, not 0..5") {
		t.Errorf("other values: %v", err)
	}
	changed := append([]string(nil), counting...)
	changed[2] += "\n// changed"
	notebookFile(t, other, "n.ipynb", changed...)
	if _, err := begin(t, other, path, "mu=linspace(1,2,2)", "seed=0..4"); err == nil || !strings.Contains(err.Error(), "the code of n.ipynb has changed") {
		t.Errorf("a changed notebook: %v", err)
	}
	if err := s.CheckUnchanged(context.Background()); err == nil || !strings.Contains(err.Error(), "the code of n.ipynb has changed (cell 3)") {
		t.Errorf("a changed notebook: %v", err)
	}
	// A cell that does not count may change.
	changed = append(append([]string(nil), counting...), ": 1")
	notebookFile(t, other, "n.ipynb", changed...)
	if err := s.CheckUnchanged(context.Background()); err != nil {
		t.Errorf("a cell behind the results: %v", err)
	}
}

// TestFailures: what goes wrong at a point is told of in its row, and the others go on.
func TestFailures(t *testing.T) {
	dir := t.TempDir()
	path := notebookFile(t, dir, "n.ipynb",
		"parameters: k := 0",
		`: switch k {
case 1:
	var a []int
	a[k] = 1
case 2:
	var mu sync.Mutex
	mu.Unlock() // ends the process
case 3:
	for {
	}
case 4:
	if _, err := os.Stat("tried"); err != nil {
		os.WriteFile("tried", nil, 0o666)
		var mu sync.Mutex
		mu.Unlock()
	}
}`,
		"results: y := any(k)\nif k == 5 {\n\ty = []int{1}\n}")
	s := mustBegin(t, dir, path, "k=0..5")
	err := s.Run(context.Background(), RunOptions{Retries: 1, Timeout: 8 * time.Second})
	if !errors.Is(err, sweep.ErrFailed) {
		t.Fatalf("the error is %v", err)
	}
	want := []string{
		"",
		"cell 2 (In[3]) failed: runtime error: index out of range",
		"cell 2 (In[3]) failed: fatal error: sync: unlock of unlocked mutex",
		"it ran longer than 8s",
		"",
		"the result y is a []int, must be a number, true or false, text, or a struct or map of them",
	}
	for i, w := range want {
		r := s.Results()[i]
		if w == "" && r.Failed() || w != "" && !strings.Contains(r.Error, strings.TrimPrefix(w, "cell 2 (In[3]) failed: ")) {
			t.Errorf("point %d: error %q, want %q", i, r.Error, w)
		}
	}
}

// TestFunctions sweeps functions of a file, of a notebook and of a package.
func TestFunctions(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "m.go", `package main

import (
	"context"
	"errors"
	"time"
)

type Out struct {
	Loss  float64
	Kind  string
	inner int
	Info  map[string]any
}

func Loss(ctx context.Context, mu float64, n int) (Out, error) {
	if n == 2 {
		return Out{}, errors.New("n is two\nindeed")
	}
	if ctx.Err() != nil {
		panic("ended")
	}
	return Out{mu / 3, "k", n, map[string]any{"b": true, "a": uint8(n)}}, nil
}

func Scalar(d time.Duration, list []float64) float64 { return d.Seconds() + list[0] }

func Two(x int8) (sum float32, ok bool) { return float32(x) / 10, x > 1 }

func None(x int) error { return nil }
func Unnamed(int) int  { return 1 }
func Any(x ...int) int { return 1 }

func main() { panic("main has run") }
`)
	nb := notebookFile(t, dir, "f.ipynb", ": scale := 10.0", ": func F(x float64) float64 {\n\treturn scale * x\n}\n", ": panic(1)")
	for _, c := range []struct {
		target     string
		parameters []string
		want       string
	}{
		{file + ":Loss", []string{"mu=1,2", "n=1..2"}, "mu,n,Loss,Kind,Info.a,Info.b,error\n1,1,0.3333333333333333,k,1,true,\n1,2,,,,,n is two\n2,1,0.6666666666666666,k,1,true,\n2,2,,,,,n is two\n"},
		{file + ":Scalar", []string{"d=1.5s,2m", "list=[1,2],[3]"}, "d,list,result\n1.5s,\"[1,2]\",2.5\n1.5s,[3],4.5\n2m,\"[1,2]\",121\n2m,[3],123\n"},
		{file + ":Two", []string{"x=1,2"}, "x,sum,ok\n1,0.1,false\n2,0.2,true\n"},
		{nb + ":F", []string{"x=0.5,1"}, "x,result\n0.5,5\n1,10\n"},
		{"math.Hypot", []string{"p=3", "q=4"}, "p,q,result\n3,4,5\n"},
		{"strings.Repeat", []string{"s=ab,c", "count=2"}, "s,count,result\nab,2,abab\nc,2,cc\n"},
	} {
		s := mustBegin(t, t.TempDir(), c.target, c.parameters...)
		if err := s.Run(context.Background(), RunOptions{Cores: 1}); err != nil && !errors.Is(err, sweep.ErrFailed) {
			t.Errorf("%s: %v", c.target, err)
		} else if got := tableOf(t, s); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.target, got, c.want)
		}
	}
	for _, c := range [][3]string{
		{file + ":Nope", "x=1", "declares no function Nope; it declares Loss, Scalar, Two, None, Unnamed, Any"},
		{file, "x=1", "which function of it?"},
		{file + ":None", "x=1", "returns nothing to be kept"},
		{file + ":Unnamed", "x=1", "have no names"},
		{file + ":Any", "x=1", "takes any number of arguments"},
		{file + ":Two", "y=1", "the function Two has no parameter y; it has x (int8)"},
		{file + ":Two", "x=200", "does not fit into 8 bits"},
		{file + ":Loss", "mu=1", "the parameter n (int) of Loss has no value"},
		{nb + ":G", "x=1", "declares a function G"},
		{nb, "x=1", `no cell is tagged "results"`},
		{"what", "x=1", "can be no target"},
	} {
		_, err := begin(t, t.TempDir(), c[0], c[1])
		var target *TargetError
		if err == nil || !strings.Contains(err.Error(), c[2]) || !errors.As(err, &target) {
			t.Errorf("%s with %s: error %v, want one with %q", c[0], c[1], err, c[2])
		}
	}
}

// TestLock: two processes do not work on the same sweep, and one that is gone does not hold it.
func TestLock(t *testing.T) {
	s := mustBegin(t, t.TempDir(), "math.Sqrt", "x=1")
	unlock, err := s.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background(), RunOptions{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Errorf("a second run: %v", err)
	}
	unlock()
	host, _ := os.Hostname()
	write(t, s.Dir(), "lock", fmt.Sprintf(`{"host":%q,"pid":%d}`, host, 1<<30))
	if err := s.Run(context.Background(), RunOptions{}); err != nil {
		t.Error(err)
	}
}
