package display

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeTime is a clock that only sleeping and steps move.
type fakeTime struct {
	mu  sync.Mutex
	now time.Time
}

func (f *fakeTime) step(d time.Duration) {
	f.mu.Lock()
	f.now = f.now.Add(d)
	f.mu.Unlock()
}

func (f *fakeTime) time() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// recordBars collects the events of bars on a clock of the test's own.
func recordBars(t *testing.T) (*fakeTime, func() []Event, func() []time.Time) {
	t.Helper()
	clock := &fakeTime{now: time.Unix(1e9, 0)}
	var mu sync.Mutex
	var events []Event
	var times []time.Time
	SetPublisher(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events, times = append(events, e), append(times, clock.time())
	})
	progress.mu.Lock()
	progress.now, progress.next, progress.sent, progress.waiting = nil, time.Time{}, nil, nil
	progressNow, progressSleep = clock.time, clock.step
	progress.mu.Unlock()
	t.Cleanup(func() {
		SetPublisher(nil)
		progress.mu.Lock()
		progressNow, progressSleep = time.Now, time.Sleep
		progress.now, progress.next, progress.sent, progress.waiting = nil, time.Time{}, nil, nil
		progress.mu.Unlock()
	})
	return clock, func() []Event { mu.Lock(); defer mu.Unlock(); return events }, func() []time.Time { mu.Lock(); defer mu.Unlock(); return times }
}

// checkRate wants no more than ten events in any second.
func checkRate(t *testing.T, times []time.Time) {
	t.Helper()
	for i, at := range times[min(perSecond, len(times)):] {
		if d := at.Sub(times[i]); d < time.Second {
			t.Fatalf("events %d to %d come within %v", i, i+perSecond, d)
		}
	}
}

func TestProgressIterator(t *testing.T) {
	clock, events, times := recordBars(t)
	sum := 0
	for i := range Progress(10000, "adding") {
		sum += i
		clock.step(time.Millisecond)
	}
	if sum != 49995000 {
		t.Errorf("the sum is %d", sum)
	}
	list := events()
	if len(list) < 50 || len(list) > 102 {
		t.Errorf("%d events in 10 s, want about 100", len(list))
	}
	checkRate(t, times())
	if list[0].Kind != "display" || list[1].Kind != "update" || list[1].ID != list[0].ID || list[0].ID == "" {
		t.Errorf("events %q %q", list[0].Kind, list[1].Kind)
	}
	mid := list[len(list)/2].Bundle.String()
	for _, want := range []string{"adding", "%", "/10000", "1e+03/s", " s left"} {
		if !strings.Contains(strings.Replace(mid, "1000/s", "1e+03/s", 1), want) {
			t.Errorf("in the middle %q lacks %q", mid, want)
		}
	}
	last := list[len(list)-1]
	if s := last.Bundle.String(); last.Progress != "done" || !strings.Contains(s, "100% ████████████████████ 10000/10000 in 10") {
		t.Errorf("at the end %q, %s", s, last.Progress)
	}
}

func TestProgressBreak(t *testing.T) {
	clock, events, _ := recordBars(t)
	for i := range Progress(10) {
		clock.step(time.Second)
		if i == 4 {
			break
		}
	}
	list := events()
	if s := list[len(list)-1].Bundle.String(); !strings.Contains(s, "4/10, stopped after 5.0 s") {
		t.Errorf("after the break %q", s)
	}
}

func TestProgressNested(t *testing.T) {
	clock, events, _ := recordBars(t)
	for range Progress(3, "outer") {
		for range Progress(20, "inner <b>") {
			clock.step(50 * time.Millisecond)
		}
	}
	ids := map[string]bool{}
	both := 0
	for _, e := range events() {
		ids[e.ID] = true
		if s := e.Bundle.String(); strings.Count(s, "\n") == 1 {
			both++
			if markup := e.Data[mimeHTML].(string); !strings.Contains(markup, "inner &lt;b&gt;") || strings.Contains(markup, "<b>") {
				t.Fatalf("markup %q", markup)
			}
		} else if strings.Count(s, "\n") > 1 {
			t.Errorf("too many bars: %q", s)
		}
	}
	if len(ids) != 1 || both < 10 {
		t.Errorf("%d displays, %d times both bars", len(ids), both)
	}
}

// TestProgressEnd: whenever a bar ends, its end is shown at once, and still no more than ten events are in a second.
func TestProgressEnd(t *testing.T) {
	for _, face := range []Face{nil, func(bars []BarState) int { return 2 * len(bars) }} {
		clock, events, times := recordBars(t)
		var shown []time.Time
		counted := face
		if face != nil {
			counted = func(bars []BarState) int {
				for range face(bars) {
					shown = append(shown, clock.time())
				}
				return face(bars)
			}
		}
		for n := range 200 { // bars of 0 to 2 s
			b := NewBarWith(counted, 1000, "b")
			for i := range 10 * n {
				b.Set(float64(i))
				clock.step(time.Millisecond)
			}
			end := clock.time()
			b.Stop()
			if waited := clock.time().Sub(end); waited > 0 {
				t.Fatalf("the end of a bar of %d ms waits for %v", 10*n, waited)
			}
		}
		progress.mu.Lock() // which a timer may hold
		counts := slices.Clone(shown)
		progress.mu.Unlock()
		if face == nil {
			counts = times()
			if last := events()[len(events())-1]; last.Progress != "done" {
				t.Errorf("at the end %v", last)
			}
		}
		checkRate(t, counts)
		if len(counts) < 1000 {
			t.Errorf("%d messages in 199 s", len(counts))
		}
	}
}

// TestBarOfNoNumber: what is no number shows as it is, and harms neither the bar nor the rate.
func TestBarOfNoNumber(t *testing.T) {
	clock, events, _ := recordBars(t)
	b := NewBar(10, "odd")
	for _, done := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5, 20, 5} {
		clock.step(time.Second)
		b.Set(done)
	}
	b.Report(math.NaN(), math.NaN(), "")
	clock.step(time.Second)
	b.Report(5, 10, "")
	b.Stop()
	var got []string
	for _, e := range events() {
		text := e.Bundle.String()
		got = append(got, text[:strings.IndexAny(text, "█░/")])
		if markup := e.Data[mimeHTML].(string); strings.Contains(markup, `value="N`) || strings.Contains(markup, "NaN/s") {
			t.Errorf("markup %q", markup)
		}
	}
	if want := []string{"odd   0% ", "odd 100% ", "odd   0% ", "odd   0% ", "odd 100% ", "odd  50% ", "odd  50% ", "odd  50% "}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProgressShort: loops that are over at once show nothing, or next to it.
func TestProgressShort(t *testing.T) {
	_, events, _ := recordBars(t)
	for range 1000 {
		for range Progress(3) {
		}
	}
	if n := len(events()); n > 1 {
		t.Errorf("%d events", n)
	}
}

func TestBar(t *testing.T) {
	clock, events, _ := recordBars(t)
	b := NewBar(0, "reading")
	clock.step(time.Second)
	b.Add(500)
	clock.step(time.Second)
	b.Report(1500, 6000, "loss 0.25")
	clock.step(time.Second)
	b.Note("last")
	b.Stop()
	b.Stop()
	var got []string
	for _, e := range events() {
		got = append(got, e.Bundle.String())
	}
	want := []string{
		"reading 500, 500/s",
		"reading  25% █████░░░░░░░░░░░░░░░ 1500/6000, 816/s, 5.5 s left, loss 0.25",
	}
	if len(got) < 3 || got[0] != want[0] || got[1] != want[1] || !strings.Contains(got[len(got)-1], "1500/6000, stopped after 3.0 s, 500/s, last") {
		t.Errorf("got %q, want %q and the end", got, want)
	}
}

func TestNewCell(t *testing.T) {
	clock, events, _ := recordBars(t)
	NewBar(10, "left behind")
	NewCell()
	b := NewBar(10, "new")
	clock.step(time.Second)
	b.Set(10)
	b.Stop()
	for _, e := range events() {
		if s := e.Bundle.String(); strings.Contains(s, "left behind") && strings.Contains(s, "new") {
			t.Errorf("bars of two cells in one display: %q", s)
		}
	}
}

// TestBarLanes: bars of a function that runs beside a cell are displays of their own, shown on its behalf, also by a timer.
func TestBarLanes(t *testing.T) {
	clock, events, _ := recordBars(t)
	var lane int64
	var carried atomic.Int64 // how often something was shown in lane 7
	SetLanes(func() (int64, func(func())) {
		mine := lane
		return mine, func(f func()) {
			if mine == 7 {
				carried.Add(1)
			}
			f()
		}
	})
	defer SetLanes(nil)
	clock.step(time.Second)
	cell := NewBar(10, "of the cell")
	lane = 7
	beside := NewBar(10, "beside")
	inside := NewBar(10, "inside")
	if beside.group == cell.group || inside.group != beside.group {
		t.Fatal("bars of two lanes are in one group, or those of one are not")
	}
	called := false
	if beside.group.carry(func() { called = true }); !called || carried.Load() == 0 {
		t.Error("a timer would not show the bars of a lane in it")
	}
	clock.step(time.Second)
	for _, b := range []*Bar{inside, beside, cell} {
		b.Stop()
	}
	for _, e := range events() {
		if s := e.Bundle.String(); strings.Contains(s, "cell") && strings.Contains(s, "side") {
			t.Errorf("bars of two lanes in one display: %q", s)
		}
	}
	if len(progress.now) != 0 {
		t.Errorf("%d groups are left", len(progress.now))
	}
}

// TestBarsShare: bars of several lanes that move at once are all seen to move, and together no more often than one.
func TestBarsShare(t *testing.T) {
	clock, _, times := recordBars(t)
	var lane int64
	SetLanes(func() (int64, func(func())) { return lane, func(f func()) { f() } })
	defer SetLanes(nil)
	plain := NewBar(1e4, "plain")
	var shown []time.Time
	face := func(bars []BarState) int {
		for range 2 * len(bars) {
			shown = append(shown, clock.time())
		}
		return 2 * len(bars)
	}
	lane = 1
	outer, inner := NewBarWith(face, 1e4, "outer"), NewBar(1e4, "inner")
	for i := range 10_000 {
		for _, b := range []*Bar{plain, outer, inner} {
			b.Set(float64(i))
		}
		clock.step(time.Millisecond)
	}
	for _, b := range []*Bar{inner, outer, plain} {
		b.Stop()
	}
	progress.mu.Lock() // which a timer may hold
	defer progress.mu.Unlock()
	if p, f := len(times()), len(shown); p < 20 || f < 20 {
		t.Errorf("%d messages of one, %d of the other in 10 s", p, f)
	}
	all := append(shown, times()...)
	slices.SortFunc(all, time.Time.Compare)
	checkRate(t, all)
}

func TestProgressWriter(t *testing.T) {
	event := func(state, text string) Event { return Event{Kind: "update", Progress: state, Bundle: bundle(text)} }
	var b bytes.Buffer
	p := NewProgressWriter(&b)
	clock := &fakeTime{now: time.Unix(1e9, 0)}
	p.now, p.last = clock.time, clock.time()
	for i := range 25 {
		clock.step(time.Second)
		p.Event(event("running", fmt.Sprint(i)))
	}
	p.Event(event("done", "end"))
	if got, want := b.String(), "9\n19\nend\n"; got != want {
		t.Errorf("in a log %q, want %q", got, want)
	}
	b.Reset()
	p.terminal = true
	t.Setenv("COLUMNS", "20")
	p.Event(event("running", strings.Repeat("x", 30)))
	if got, want := b.String(), "\r"+strings.Repeat("x", 18)+"…\x1b[K"; got != want {
		t.Errorf("a long line is %q, want %q", got, want)
	}
	b.Reset()
	p.Event(event("running", "a\nb"))
	p.Erase()
	p.Erase()
	p.Event(event("done", "c"))
	if got, want := b.String(), "\ra › b\x1b[K\r\x1b[K\rc\x1b[K\n"; got != want {
		t.Errorf("in a terminal %q, want %q", got, want)
	}
	if p.Event(Event{Kind: "display", Bundle: bundle("x")}) {
		t.Error("a display was taken for a bar")
	}
}

func ExampleBar() {
	bar := NewBar(3, "steps")
	defer bar.Stop()
	for range 3 {
		bar.Add(1)
	}
	fmt.Println("done")
	// Output: done
}
