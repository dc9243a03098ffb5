package cell

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"
)

// interrupts are cells that would never end, or not for long.
var interrupts = map[string]string{
	"loop":               "for {}",
	"counting":           "for i := 0; ; i++ { n = i }",
	"empty condition":    "for n >= 0 {}",
	"nested":             "for { for i := 0; i < 10; i++ {} }",
	"range over int":     "for i := range 1 << 60 { n = i }",
	"range over func":    "for range func(yield func() bool) { for yield() {} } {}",
	"goto":               "func() { again: goto again }()",
	"function":           "func spin() { for { n++ } }\nspin()",
	"recursion":          "func down(n int) int { if n == 0 { return 0 }; return down(n-1) + down(n-1) }\ndown(60)",
	"mutual recursion":   "func a(n int) int { if n == 0 { return 0 }; return b(n-1) + b(n-1) }\nfunc b(n int) int { return a(n) }\na(60)",
	"generic":            "func spin[T any](x T) { for { n++ } }\nspin(1)",
	"method":             "type spinner struct{}\nfunc (spinner) spin() { for { n++ } }\nvar s interface{ spin() } = spinner{}\ns.spin()",
	"recover":            "for { func() { defer func() { recover() }(); panic(1) }() }",
	"deferred":           "func() { defer func() { for {} }() }()",
	"receive":            "<-make(chan int)",
	"receive two":        "v, ok := <-make(chan int)\n_, _ = v, ok",
	"send":               "make(chan int) <- 1",
	"nil channel":        "var c chan int\n<-c",
	"range over channel": "for range make(chan int) {}",
	"select":             "select {}",
	"select cases":       "a, b := make(chan int), make(chan int)\nselect { case <-a: case v := <-b: n = v; case a <- 1: }",
	"select loop":        "for { select { default: } }",
	"earlier function":   "blocked()",
	"expression":         "fmt.Println(1 + <-make(chan int))",
	"sleep":              "time.Sleep(time.Hour)",
	"after":              "<-time.After(time.Hour)",
	"ticker":             "for range time.Tick(time.Hour) {}",
	"context":            "<-ctx.Done()\nfor {}",
	"mutex":              "var mu sync.Mutex\nmu.Lock()\nmu.Lock()",
	"rwmutex":            "var rw sync.RWMutex\nrw.Lock()\nrw.RLock()",
	"rwmutex write":      "var rw sync.RWMutex\nrw.RLock()\nrw.Lock()",
	"locker":             "var mu sync.Mutex\nvar l sync.Locker = &mu\nl.Lock()\nl.Lock()",
	"read locker":        "var rw sync.RWMutex\nrw.Lock()\nrw.RLocker().Lock()",
	"method value":       "var mu sync.Mutex\nlock := mu.Lock\nlock()\nlock()",
	"embedded":           "type box struct { sync.Mutex; v int }\nb := &box{}\nb.Lock()\nb.Lock()",
	"deferred lock":      "func() { var mu sync.Mutex; mu.Lock(); defer mu.Lock() }()",
	"waitgroup":          "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()",
	"waitgroup go":       "var wg sync.WaitGroup\nwg.Go(func() { for {} })\nwg.Wait()",
	"cond":               "var mu sync.Mutex\nc := sync.NewCond(&mu)\nmu.Lock()\nc.Wait()",
	"once":               "var o sync.Once\no.Do(func() { for {} })",
	"once func":          "f := sync.OnceFunc(func() { <-make(chan int) })\nf()",
	"once value":         "f := sync.OnceValue(func() int { for {} })\nf()",
	"sort":               "xs := make([]int, 1000)\nsort.Slice(xs, func(i, j int) bool { time.Sleep(10 * time.Millisecond); return i < j })",
	"sort loop":          "xs := make([]int, 1000)\nsort.Slice(xs, func(i, j int) bool { for {}; return false })",
	"slices":             "xs := make([]int, 1000)\nslices.SortFunc(xs, func(a, b int) int { time.Sleep(10 * time.Millisecond); return a - b })",
	"callback channel":   "strings.Map(func(r rune) rune { <-make(chan int); return r }, \"abc\")",
	"goroutines":         "for range 10 { go func() { for {} }() }\nselect {}",
	"join":               "done := make(chan int)\ngo func() { defer close(done); for {} }()\n<-done",
	"pool":               "jobs := make(chan int)\nvar wg sync.WaitGroup\nfor range 4 { wg.Add(1); go func() { defer wg.Done(); for j := range jobs { n = j } }() }\nwg.Wait()",
	"stringer":           "type loud struct{}\nfunc (loud) String() string { for {} }\nfmt.Println(loud{})",
}

// hangs is when a test gives up: long after the slowest machine is done, since it says that something never ends.
const hangs = 2 * time.Minute

// What is stopped unwinds, however long a busy machine takes over it; make bench says how long that is.
func init() { stopGrace = hangs }

// interruptWhenRunning ends a context once the statements of a cell run.
func interruptWhenRunning(s *Session, count int, cancel func()) {
	go func() {
		defer cancel()
		for begun := time.Now(); time.Since(begun) < hangs; time.Sleep(5 * time.Millisecond) {
			if runs(s, count) {
				time.Sleep(20 * time.Millisecond) // until it is in the middle of them
				return
			}
		}
	}()
}

// runs reports whether the statements of a cell run, or have run last.
func runs(s *Session, count int) bool {
	s.runMu.Lock()
	defer s.runMu.Unlock()
	return s.current != nil && s.current.count == count
}

// TestInterrupt stops cells that would never end, and finds the session as it was.
func TestInterrupt(t *testing.T) {
	for name, src := range interrupts {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			if _, err := s.Execute(context.Background(), 1, "kept := 42\nn := 0\nfunc blocked() { <-make(chan int) }"); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			interruptWhenRunning(s, 2, cancel)
			out := captureOutput(t, func() {
				_, err := s.Execute(ctx, 2, src)
				var e *Error
				if !errors.As(err, &e) || e.Name != "interrupted" || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want an interrupted cell", err)
				}
			})
			if strings.Contains(out, "could not be stopped") {
				t.Errorf("left behind: %s", out)
			}
			res, err := s.Execute(context.Background(), 3, "kept")
			if err != nil || len(res.Values) != 1 || fmt.Sprint(res.Values[0]) != "42" {
				t.Errorf("after the interrupt: %v, %v", res.Values, err)
			}
		})
	}
}

// TestInterruptAtOnce interrupts cells whose statements are about to begin.
func TestInterruptAtOnce(t *testing.T) {
	s := newSession(t)
	for i := range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		if i%2 == 0 {
			cancel()
		} else {
			go func() {
				for !runs(s, i+1) {
					runtime.Gosched()
				}
				cancel()
			}()
		}
		out := captureOutput(t, func() {
			if _, err := s.Execute(ctx, i+1, "for {}"); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an interrupted cell", err)
			}
		})
		if strings.Contains(out, "could not be stopped") {
			t.Fatalf("cell %d is left behind: %s", i+1, out)
		}
	}
}

// TestInterruptKeepsFunctions calls functions that were values when a cell was
// interrupted, and one that the interrupted cell has made.
func TestInterruptKeepsFunctions(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, `type T struct{ n int }
func (t *T) String() string { return "T" }
func counter(n int) func() int { return func() int { n++; return n } }
next, t := counter(5), &T{}
bound := t.String
var stringer fmt.Stringer = t
more := func(i, j int) bool { return i > j }
c := make(chan int)
recv := func() int { return <-c }`)
	ctx, cancel := context.WithCancel(context.Background())
	interruptWhenRunning(s, 2, cancel)
	if _, err := s.Execute(ctx, 2, "late := func() int { return <-c }\nrecv()"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a function of an earlier cell was not interrupted: %v", err)
	}
	got := runCell(t, s, 3, `is := []int{1, 2, 3}
sort.Slice(is, more)
go func() { c <- 1; c <- 2 }()
fmt.Println(next(), bound(), stringer, fmt.Sprint(t), is, recv(), late())`)
	if want := "6 T T T [3 2 1] 1 2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestInterruptEndsGoroutines interrupts a cell while goroutines of another
// compute, sleep and wait.
func TestInterruptEndsGoroutines(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, `n, c := 0, make(chan int)
go func() { for { n++ } }()
go func() { <-c; n = -1 }()
go func() { time.Sleep(time.Hour); n = -2 }()`)
	if got := len(s.routines.list(1)); got != 3 {
		t.Errorf("%d goroutines, want 3", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Execute(ctx, 2, "for {}"); err == nil {
		t.Fatal("an endless cell ended")
	}
	got := runCell(t, s, 3, "%goroutines\nk := n\ntime.Sleep(50 * time.Millisecond)\nselect { case c <- 1: default: }\nn == k")
	if want := "no goroutines\n=> bool: true\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSleepAfterCell lets a goroutine sleep and lock when its cell has ended and
// the context it was run with is gone.
func TestSleepAfterCell(t *testing.T) {
	s := newSession(t)
	ctx, cancel := context.WithCancel(context.Background())
	src := "var mu sync.Mutex\nmu.Lock()\nstart, slept := time.Now(), make(chan time.Duration, 1)\nvar locked atomic.Bool\n" +
		"go func() { time.Sleep(50 * time.Millisecond); slept <- time.Since(start); mu.Lock(); locked.Store(true) }()"
	if _, err := s.Execute(ctx, 1, src); err != nil {
		t.Fatal(err)
	}
	cancel()
	got := runCell(t, s, 2, "d := <-slept\nbefore := locked.Load()\nmu.Unlock()\nfor !locked.Load() { time.Sleep(time.Millisecond) }\nfmt.Println(d >= 50*time.Millisecond, before, locked.Load())")
	if want := "true false true\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestInterruptCond interrupts a wait for a condition, after which the deferred
// Unlock finds the lock held.
func TestInterruptCond(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, "var mu sync.Mutex\ncond := sync.NewCond(&mu)\nfunc wait() { mu.Lock(); defer mu.Unlock(); for { cond.Wait() } }")
	for i := range 20 { // in one or another of its steps
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(5+i)*time.Millisecond)
		if _, err := s.Execute(ctx, 2+2*i, "wait()"); err == nil {
			t.Fatal("an endless wait ended")
		}
		cancel()
		if got, want := runCell(t, s, 3+2*i, "ok := mu.TryLock()\nmu.Unlock()\nok"), "=> bool: true\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestPanicsAtOnce lets many goroutines panic at the same time: the stack of
// each is its own. A line that may be that of another goroutine is left out, and
// none is wrong.
func TestPanicsAtOnce(t *testing.T) {
	s := newSession(t)
	out := runCell(t, s, 1, `func even() { panic("even") }
func odd() { panic("odd") }
func callOdd() { odd() }
var wg sync.WaitGroup
for range 20 {
	wg.Go(func() { even() })
	wg.Go(func() { callOdd() })
}
wg.Wait()`)
	at := map[string]string{
		"even": ":1:15", "odd": ":2:14", "callOdd": ":3:18",
		"a function literal, even": ":6:17", "a function literal, odd": ":7:17",
	}
	stacks := map[string]int{}
	for _, report := range strings.Split(out, "panic in a goroutine started by In[1]: ")[1:] {
		value, lines, _ := strings.Cut(report, "\n")
		stack := value
		for line := range strings.Lines(lines) {
			place, function, ok := strings.Cut(strings.TrimSpace(line), " in ")
			if !ok {
				continue
			}
			stack += " < " + function
			if function == "a function literal" {
				function += ", " + value
			}
			if got := strings.TrimPrefix(place, "In[1]"); got != "" && got != at[function] {
				t.Errorf("%s at %s, want %s", function, got, at[function])
			}
		}
		stacks[stack]++
	}
	want := map[string]int{
		"even < even < a function literal":         20,
		"odd < odd < callOdd < a function literal": 20,
	}
	if !maps.Equal(stacks, want) {
		t.Errorf("got %v, want %v, in\n%s", stacks, want, out)
	}
}
