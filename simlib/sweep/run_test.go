package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"swingby/simlib/table"
)

func grid(t testing.TB, parameters ...string) Grid {
	t.Helper()
	g, err := Parse(parameters...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func csvOf(t testing.TB, tab *table.Table) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := tab.Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func loss(p Point) (Row, error) {
	x := p.Float("mu")
	for range p.Int("seed") {
		x = math.Sin(x) + 1/(x+3)
	}
	return Row{"loss": x, "steps": p.Int("seed") * 2, "done": x > 0.5, "name": "n" + p.Text("seed")}, nil
}

// TestCores: the table is the same to the last bit on any number of cores, with and without a folder.
func TestCores(t *testing.T) {
	g := grid(t, "mu=linspace(1,3,9)", "seed=0..20")
	want := ""
	for _, cores := range []int{1, 2, 7, 200} {
		for _, dir := range []string{"", filepath.Join(t.TempDir(), "s")} {
			tab, err := Options{Cores: cores, Folder: dir}.Run(context.Background(), g, loss)
			if err != nil {
				t.Fatal(err)
			}
			got := csvOf(t, tab)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("%d cores, folder %q: got\n%s\nwant\n%s", cores, dir, got, want)
			}
		}
	}
	if head, _, _ := strings.Cut(want, "\n"); head != "mu,seed,done,loss,name,steps" {
		t.Errorf("the columns are %s", head)
	}
	if n := strings.Count(want, "\n"); n != 190 {
		t.Errorf("%d lines, want 190", n)
	}
}

// TestFailures: errors and panics are those of their points, and such a point gets another try.
func TestFailures(t *testing.T) {
	g := grid(t, "mu=0..9")
	dir := filepath.Join(t.TempDir(), "s")
	var calls [10]atomic.Int32
	bad := true
	f := func(p Point) (Row, error) {
		calls[p.Index()].Add(1)
		switch {
		case bad && p.Int("mu") == 3:
			return nil, errors.New("no\nluck")
		case bad && p.Int("mu") == 7:
			return Row{"y": p.Float("nu")}, nil
		case bad && p.Int("mu") == 8:
			return Row{"mu": 1}, nil
		case bad && p.Int("mu") == 9:
			return Row{"y": []int{1}}, nil
		}
		return Row{"y": p.Int("mu") * 2}, nil
	}
	tab, err := Options{Folder: dir, Target: "f"}.Run(context.Background(), g, f)
	var failure *Failure
	if !errors.As(err, &failure) || !errors.Is(err, ErrFailed) || failure.Failed != 4 || err.Error() != "sweep: 4 of 10 points failed; the first is mu=3: no" {
		t.Fatalf("the error is %v", err)
	}
	want := "mu,y,error\n0,0,\n1,2,\n2,4,\n3,,no\n4,8,\n5,10,\n6,12,\n7,,\"panic: sweep: there is no parameter \"\"nu\"\"; there are mu\"\n" +
		"8,,the result mu has the name of a parameter or of another result\n9,,\"the result \"\"y\"\" is a []int, must be a number, true or false, or text\"\n"
	if got := csvOf(t, tab); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	bad = false
	if tab, err = (Options{Folder: dir, Target: "f"}).Run(context.Background(), g, f); err != nil {
		t.Fatal(err)
	}
	if got := csvOf(t, tab); strings.Contains(got, "error") || !strings.HasPrefix(got, "mu,y\n0,0\n") {
		t.Errorf("after the second run:\n%s", got)
	}
	for i := range calls {
		want := int32(1)
		if i == 3 || i > 6 {
			want = 2
		}
		if n := calls[i].Load(); n != want {
			t.Errorf("point %d was called %d times, want %d", i, n, want)
		}
	}
	if _, err := (Options{Folder: dir, Target: "f", Source: "2"}).Run(context.Background(), g, f); err == nil || !strings.Contains(err.Error(), "the code of f has changed") {
		t.Errorf("another source: %v", err)
	}
	if _, err := (Options{Folder: dir, Target: "f"}).Run(context.Background(), grid(t, "mu=0..8"), f); err == nil || !strings.Contains(err.Error(), "its parameter mu is 0..9, not 0..8") {
		t.Errorf("other values: %v", err)
	}
	if _, err := (Options{Folder: dir}).Run(context.Background(), grid(t, "nu=0..8"), f); err == nil || !strings.Contains(err.Error(), "it is a sweep of f, not of nothing; it has a parameter mu; it has no parameter nu") {
		t.Errorf("others: %v", err)
	}
	if _, err := (Options{Folder: t.TempDir() + "/.."}).Run(context.Background(), g, f); err == nil || !strings.Contains(err.Error(), "not the folder of a sweep") {
		t.Errorf("a folder of something else: %v", err)
	}
}

// TestStop: after an interrupt the sweep goes on where it was, and no point that had ended runs again.
func TestStop(t *testing.T) {
	g := grid(t, "mu=0..99")
	dir := filepath.Join(t.TempDir(), "s")
	var calls [100]atomic.Int32
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("enough")
	var once sync.Once
	f := func(p Point) (Row, error) {
		calls[p.Index()].Add(1)
		return Row{"y": p.Index()}, nil
	}
	o := Options{Folder: dir, Cores: 3, Progress: func(finished, failed, total int) {
		if finished >= 30 {
			once.Do(func() { cancel(why) })
		}
	}}
	tab, err := o.Run(ctx, g, f)
	if !errors.Is(err, why) || tab.Rows() < 30 || tab.Rows() > 40 {
		t.Fatalf("%v, %d rows", err, tab.Rows())
	}
	folder, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := folder.Count(); n != tab.Rows() || len(folder.Missing()) != 100-n {
		t.Errorf("the folder holds %d results, the table %d", n, tab.Rows())
	}
	o.Progress = nil
	if tab, err = o.Run(context.Background(), g, f); err != nil || tab.Rows() != 100 {
		t.Fatal(err)
	}
	for i := range calls {
		if n := calls[i].Load(); n != 1 {
			t.Errorf("point %d was called %d times", i, n)
		}
	}
}

func TestMaxFailures(t *testing.T) {
	calls := 0
	_, err := Options{Cores: 1, MaxFailures: 3}.Run(context.Background(), grid(t, "mu=0..99"), func(p Point) (Row, error) {
		calls++
		return nil, errors.New("bad")
	})
	if !errors.Is(err, ErrFailed) || calls > 5 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestValues(t *testing.T) {
	p, err := Values("x", []float32{0.1, 2})
	if err != nil || p.Type != "float64" || fmt.Sprint(p.Values) != "[0.1 2]" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []any{nil, 3, []int{}, []int{1, 1}, [][]int{{1}}} {
		if _, err := Values("x", bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	if _, err := Values("a b", []int{1}); err == nil {
		t.Error("the name a b is accepted")
	}
}
