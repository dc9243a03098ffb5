package widget

import (
	"strings"
	"sync"
	"time"

	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// liveAfter is how long what a function shows is kept together.
const liveAfter = 100 * time.Millisecond

// place is where what a function shows goes: all of it at once, or as it comes.
type place interface {
	open() bool
	put(items []display.Event) // texts, displays and errors
	begin(parent string) (end func())
}

// Replace calls f and has what it prints by package fmt, shows and reports take the place of what w
// holds. When f is over within a tenth of a second after it has begun to show something, the page gets all of it as one
// state of w, which is what lets a plot follow a slider; otherwise it gets it as it comes, as by [Output.Capture].
// What f writes to os.Stdout itself belongs to the cell until then.
func (w *Output) Replace(f func()) { collect(w, f) }

// put shows what a function has shown.
func (w *Output) put(items []display.Event) {
	outputs := []any{}
	for _, e := range items {
		switch e.Kind {
		case "text":
			outputs = append(outputs, map[string]any{"output_type": "stream", "name": "stdout", "text": e.Text})
		case "error":
			out := map[string]any{"output_type": "error"}
			for name, v := range e.Data {
				out[name] = v
			}
			outputs = append(outputs, out)
		default:
			outputs = append(outputs, displayOutput(e))
		}
	}
	w.Set("outputs", outputs)
}

func collect(w place, f func()) {
	parent := comm.Parent()
	if parent == "" || !w.open() {
		f()
		return
	}
	c := &collection{place: w, parent: parent, lane: comm.Lane(), at: map[string]int{}}
	stop := display.Intercept(c.take)
	defer func() {
		stop()
		c.finish()
	}()
	f()
}

// collection is what is shown while a function runs.
type collection struct {
	place  place
	parent string
	lane   int64

	mu     sync.Mutex
	events []display.Event // as they came, to be passed on
	items  []display.Event // what they come to
	at     map[string]int  // of displays among the items, by identity
	late   *time.Timer
	end    func() // of the capture, once it is live
	over   bool
}

// take is the collection's [display.Taker].
func (c *collection) take(e display.Event) bool {
	if comm.Lane() != c.lane {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil || c.over {
		return false
	}
	switch e.Kind {
	case "text":
		text := e
		text.Text = strings.ToValidUTF8(e.Text, "\uFFFD")
		if n := len(c.items); n > 0 && c.items[n-1].Kind == "text" {
			c.items[n-1].Text += text.Text
			break
		}
		c.items = append(c.items, text)
	case "display":
		if e.ID != "" {
			c.at[e.ID] = len(c.items)
		}
		c.items = append(c.items, e)
	case "update":
		at, ok := c.at[e.ID]
		if !ok {
			return false // of another cell
		}
		c.items[at] = e
		c.items[at].Kind = "display"
	case "error":
		c.items = append(c.items, e)
	case "clear":
		c.events, c.items = nil, nil
		clear(c.at)
	default:
		return false
	}
	c.events = append(c.events, e)
	if c.late == nil {
		c.late = time.AfterFunc(liveAfter, func() { comm.InLane(c.lane, c.goLive) })
	}
	return true
}

func displayOutput(e display.Event) map[string]any {
	metadata := e.Metadata
	if metadata == nil {
		metadata = map[string]any{}
	}
	return map[string]any{"output_type": "display_data", "data": e.Data, "metadata": metadata}
}

// goLive has the page see what there is, and from now on all at once.
func (c *collection) goLive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.end = c.place.begin(c.parent)
	display.Pass(display.Event{Kind: "clear", Wait: true})
	for _, e := range c.events {
		display.Pass(e)
	}
	c.events, c.items = nil, nil
}

// finish shows all if it has not been shown.
func (c *collection) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.late != nil {
		c.late.Stop()
	}
	if c.end != nil {
		c.end()
		return
	}
	c.place.put(c.items)
}
