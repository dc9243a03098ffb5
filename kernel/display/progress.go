package display

import (
	"fmt"
	"html"
	"iter"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// All bars together send at most perSecond messages within any second. What a bar shows at its end counts, and is kept room for: who
// has interrupted a loop, or come to its end, does not wait until it may be sent.
const (
	perSecond = 10
	// showAfter is how long a bar must last to be shown.
	showAfter = time.Second / perSecond
)

// The time, replaced in tests.
var (
	progressNow   = time.Now
	progressSleep = time.Sleep
)

// Progress counts from 0 to n-1 and shows how far it has come, how fast, and how long the rest will take:
//
//	for i := range display.Progress(1000, "training") { … }
//
// In a notebook that is a bar, in a terminal a line that is written over, in a log a line every ten seconds. A
// Progress inside another shows below it for as long as it lasts. At most ten updates a second are
// sent, however short the steps are. label may be left out.
func Progress(n int, label ...string) iter.Seq[int] {
	return ProgressWith(func() Face { return nil }, n, label...)
}

// ProgressWith is [Progress] with a face, which is made when the loop begins.
func ProgressWith(face func() Face, n int, label ...string) iter.Seq[int] {
	return func(yield func(int) bool) {
		b := NewBarWith(face(), float64(n), strings.Join(label, " "))
		defer b.Stop()
		for i := range n {
			if !yield(i) {
				return
			}
			b.Set(float64(i + 1))
		}
	}
}

// Bar is a progress bar that a cell moves by itself. Its methods may be called from any goroutine.
//
//	bar := display.NewBar(total, "reading")
//	defer bar.Stop()
//	for … { bar.Add(n) }
type Bar struct {
	group *barGroup

	// Guarded by progress.mu.
	label, note string
	done, total float64
	begun       time.Time
	rated       time.Time // when rate was last brought up to date
	at          float64   // done at that time
	rate        float64   // a second
	ended       time.Time
}

// barGroup is the bars that share one display: one and those begun while it goes on.
type barGroup struct {
	lane   int64
	carry  func(func()) // calls a function in that lane
	bars   []*Bar
	face   Face   // shows the bars; nil for a display of their own
	handle string // identity of the display, empty before it is shown
	cost   int    // messages that it took when it was last sent
	dirty  bool   // something has changed since it was sent
	closed bool
	next   time.Time // when it may be sent again
	sent   []sending // of it, within the last second
}

var progress struct {
	mu      sync.Mutex
	now     map[int64]*barGroup // take new bars, by lane
	next    time.Time           // when a bar that is over already may be shown
	sent    []sending           // within the last second, the oldest first
	waiting map[*barGroup]bool  // a timer will send them
}

// sending is messages that were sent at once.
type sending struct {
	at       time.Time
	messages int
}

// fits returns when so many messages more than were sent are at most so many in a second. The caller holds progress.mu.
func fits(sent *[]sending, now time.Time, messages, most int) time.Time {
	for len(*sent) > 0 && now.Sub((*sent)[0].at) >= time.Second {
		*sent = (*sent)[1:]
	}
	total := min(messages, most)
	for i := len(*sent) - 1; i >= 0; i-- {
		s := (*sent)[i]
		if total += s.messages; total > most {
			return s.at.Add(time.Second)
		}
	}
	return now
}

// share is how many of the messages in a second are for g, while other groups wait for their turn too.
func (g *barGroup) share() int {
	n := len(progress.waiting)
	if !progress.waiting[g] {
		n++
	}
	return max(1, perSecond/n)
}

// BarState is a bar as it stands.
type BarState struct {
	Label   string
	Share   float64 // done, from 0 to 1; -1 if the total is not known
	Numbers string  // how much, how fast, how long the rest takes
	Ended   bool
}

// A Face shows bars in its own way: the outermost first, each inside the one before. It returns how many messages
// that took, two for a bar and one for a change of their number at most; the more, the later it is called again.
type Face func(bars []BarState) (messages int)

// NewBar shows a bar for work of an amount of total, in any unit; 0 if that is not known. Stop must
// be called at its end.
func NewBar(total float64, label string) *Bar { return NewBarWith(nil, total, label) }

// NewBarWith is [NewBar] with a face, which also shows the bars inside this one; it does not count if this one is
// inside another itself.
func NewBarWith(face Face, total float64, label string) *Bar {
	progress.mu.Lock()
	defer progress.mu.Unlock()
	now := progressNow()
	b := &Bar{label: label, total: total, begun: now, rated: now}
	lane, carry := laneNow()
	if b.group = progress.now[lane]; b.group == nil {
		b.group = &barGroup{face: face, lane: lane, carry: carry}
		if progress.now == nil {
			progress.now = map[int64]*barGroup{}
		}
		progress.now[lane] = b.group
	}
	b.group.bars = append(b.group.bars, b)
	b.group.touch(now)
	return b
}

// NewCell says that a cell begins: its bars are not part of those before. A session's process calls it.
func NewCell() {
	progress.mu.Lock()
	clear(progress.now)
	progress.mu.Unlock()
}

// lanes is what SetLanes was given.
var lanes atomic.Pointer[func() (int64, func(func()))]

// SetLanes has f say on whose behalf the calling goroutine shows something, as a number, and how to call a function on that behalf
// later, from another goroutine; nil restores that all is the same. Bars of one lane are not part of those of another. A
// session's process calls it.
func SetLanes(f func() (lane int64, call func(func()))) {
	if f == nil {
		lanes.Store(nil)
		return
	}
	lanes.Store(&f)
}

func laneNow() (lane int64, call func(func())) {
	if f := lanes.Load(); f != nil {
		return (*f)()
	}
	return 0, func(f func()) { f() }
}

// Set says how much of the total is done.
func (b *Bar) Set(done float64) { b.change(func() { b.done = done }) }

// Add says how much more is done.
func (b *Bar) Add(amount float64) { b.change(func() { b.done += amount }) }

// Note sets a text behind the numbers, for example a loss.
func (b *Bar) Note(text string) { b.change(func() { b.note = text }) }

// Report sets all at once, as hooks of long computations tell it:
//
//	training.Progress = func(p train.Progress) { bar.Report(p.Done, p.Total, fmt.Sprint("loss ", p.Loss)) }
func (b *Bar) Report(done, total float64, note string) {
	b.change(func() { b.done, b.total, b.note = done, total, note })
}

func (b *Bar) change(f func()) {
	progress.mu.Lock()
	defer progress.mu.Unlock()
	f()
	if b.ended.IsZero() {
		b.group.touch(progressNow())
	}
}

// Stop ends the bar. It stays on the page as it is; one inside another goes. A bar that lasted less than a
// tenth of a second may never be seen. Stopping again does nothing.
func (b *Bar) Stop() {
	progress.mu.Lock()
	defer progress.mu.Unlock()
	if !b.ended.IsZero() {
		return
	}
	now := progressNow()
	b.ended = now
	g := b.group
	for _, other := range g.bars {
		if other.ended.IsZero() {
			// The bar inside ends at once, that around it goes on.
			if g.bars[0] != b {
				g.remove(b)
			}
			g.touch(now)
			return
		}
	}
	g.bars = g.bars[:1]
	g.closed = true
	delete(progress.waiting, g)
	if progress.now[g.lane] == g {
		delete(progress.now, g.lane)
	}
	if g.handle == "" && later(progress.next, fits(&progress.sent, now, g.last(), perSecond)).After(now) {
		return // too short to be worth waiting for
	}
	for { // bars of other groups may have used the room
		wait := fits(&progress.sent, now, g.last(), perSecond).Sub(now)
		if wait <= 0 {
			break
		}
		progress.mu.Unlock()
		progressSleep(wait)
		progress.mu.Lock()
		now = progressNow()
	}
	g.send(now)
}

// last is how many messages the end takes.
func (g *barGroup) last() int {
	switch {
	case g.face == nil:
		return 1
	case len(g.bars) == 1:
		return 2
	}
	return 3 // the bars inside go
}

func (g *barGroup) remove(b *Bar) {
	for i, x := range g.bars {
		if x == b {
			g.bars = append(g.bars[:i:i], g.bars[i+1:]...)
			return
		}
	}
}

// touch sends what the bars are now, if it is time, or sees to it that it is sent then. The caller holds progress.mu.
func (g *barGroup) touch(now time.Time) {
	if g.closed {
		return
	}
	g.dirty = true
	share := g.share()
	messages := min(max(1, g.cost)+g.last(), share)
	due := later(g.next, fits(&progress.sent, now, messages, perSecond))
	due = later(due, fits(&g.sent, now, messages, share))
	if g.handle == "" {
		due = later(due, g.bars[0].begun.Add(showAfter)) // what is over by then need not be shown
	}
	if wait := due.Sub(now); wait > 0 {
		if progress.waiting[g] {
			return
		}
		if progress.waiting == nil {
			progress.waiting = map[*barGroup]bool{}
		}
		progress.waiting[g] = true
		time.AfterFunc(wait, func() {
			g.carry(func() {
				progress.mu.Lock()
				defer progress.mu.Unlock()
				delete(progress.waiting, g)
				if g.dirty && !g.closed {
					g.touch(progressNow())
				}
			})
		})
		return
	}
	g.send(now)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (g *barGroup) send(now time.Time) {
	g.dirty, g.cost = false, 1
	defer func() {
		progress.sent = append(progress.sent, sending{now, g.cost})
		g.sent = append(g.sent, sending{now, g.cost})
		g.next = now.Add(time.Duration(max(1, g.cost)) * time.Second / time.Duration(perSecond-g.last()))
		progress.next = g.next
	}()
	if g.face != nil {
		g.handle = "face"
		states := make([]BarState, len(g.bars))
		for i, b := range g.bars {
			b.measure(now)
			states[i] = BarState{b.label, b.share(), b.numbers(now), !b.ended.IsZero()}
			if !(b.total > 0) {
				states[i].Share = -1
			}
		}
		g.cost = g.face(states)
		return
	}
	ev := Event{Kind: "update", ID: g.handle, Bundle: g.bundle(now), Progress: "running"}
	if g.handle == "" {
		g.handle = newID()
		ev.Kind, ev.ID = "display", g.handle
	}
	if g.closed {
		ev.Progress = "done"
	}
	publish(ev)
}

func (g *barGroup) bundle(now time.Time) Bundle {
	var text, markup []string
	for i, b := range g.bars {
		b.measure(now)
		text = append(text, b.text(now))
		markup = append(markup, b.html(now, i))
	}
	out := bundle(strings.Join(text, "\n"))
	out.Data[mimeHTML] = strings.Join(markup, "\n")
	return out
}

// measure brings the rate up to date: that of the last seconds counts most.
func (b *Bar) measure(now time.Time) {
	if !b.ended.IsZero() {
		if all := b.ended.Sub(b.begun).Seconds(); all > 0 {
			b.rate = b.done / all
		}
		return
	}
	dt := now.Sub(b.rated).Seconds()
	elapsed := now.Sub(b.begun).Seconds()
	if dt <= 0 || elapsed <= 0 {
		return
	}
	span := math.Max(1, elapsed/5)
	weight := 1 - math.Exp(-dt/span)
	if b.rated.Equal(b.begun) {
		weight = 1
	}
	rate := (b.done - b.at) / dt
	if math.IsNaN(rate) || math.IsInf(rate, 0) { // of an amount that is no number
		return
	}
	b.rate += weight * (rate - b.rate)
	b.rated, b.at = now, b.done
}

// numbers is what stands behind a bar.
func (b *Bar) numbers(now time.Time) string {
	var parts []string
	amount := quantity(b.done)
	if b.total > 0 {
		amount += "/" + quantity(b.total)
	}
	if b.ended.IsZero() {
		parts = append(parts, amount)
	} else {
		how := " in "
		if b.total > 0 && b.done < b.total {
			how = ", stopped after "
		}
		parts = append(parts, amount+how+duration(b.ended.Sub(b.begun)))
	}
	if b.rate > 0 {
		parts = append(parts, quantity(b.rate)+"/s")
		if b.ended.IsZero() && b.total > b.done {
			if left := (b.total - b.done) / b.rate; left < 1e8 {
				parts = append(parts, duration(time.Duration(left*float64(time.Second)))+" left")
			}
		}
	}
	if b.note != "" {
		parts = append(parts, b.note)
	}
	return strings.Join(parts, ", ")
}

// share is from 0 to 1, whatever a cell has set.
func (b *Bar) share() float64 {
	share := b.done / b.total
	if !(b.total > 0 && share > 0) { // nor is NaN
		return 0
	}
	return min(share, 1)
}

// text is the bar in a line of text.
func (b *Bar) text(now time.Time) string {
	var line strings.Builder
	if b.label != "" {
		line.WriteString(strings.ReplaceAll(b.label, "\n", " ") + " ")
	}
	if b.total > 0 {
		const width = 20
		full := int(b.share() * width)
		fmt.Fprintf(&line, "%3.0f%% %s%s ", math.Floor(100*b.share()), strings.Repeat("█", full), strings.Repeat("░", width-full))
	}
	line.WriteString(strings.ReplaceAll(b.numbers(now), "\n", " "))
	return line.String()
}

// html is the bar as HTML; depth is how many others it is inside of.
func (b *Bar) html(now time.Time, depth int) string {
	value := ""
	if b.total > 0 {
		value = fmt.Sprintf(` value="%.4g" max="1"`, b.share())
	} else if !b.ended.IsZero() {
		value = ` value="1" max="1"`
	}
	label := ""
	if b.label != "" {
		label = html.EscapeString(b.label) + " "
	}
	return fmt.Sprintf(`<div style="margin-left: %dem; font-variant-numeric: tabular-nums">%s<progress%s style="width: 16em; vertical-align: middle"></progress> %s</div>`,
		depth, label, value, html.EscapeString(b.numbers(now)))
}

// quantity writes an amount or a rate in few digits.
func quantity(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1e5 || a > 0 && a < 1e-3:
		return fmt.Sprintf("%.3g", x)
	case x == math.Trunc(x):
		return fmt.Sprintf("%.0f", x)
	default:
		return fmt.Sprintf("%.3g", x)
	}
}

// duration writes a time as people say it.
func duration(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 120:
		return fmt.Sprintf("%.0f s", s)
	case s < 7200:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	default:
		return fmt.Sprintf("%d h %02d min", int(s)/3600, int(s)/60%60)
	}
}
