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

// Replace calls f and has what it prints by package fmt, shows and reports take the place of what w
// holds. When f is over within a tenth of a second the page gets all of it as one state of w, which is what
// lets a plot follow a slider; otherwise it gets it as it comes, as by [Output.Capture]. What f writes
// to os.Stdout itself belongs to the cell until then.
func (w *Output) Replace(f func()) {
	parent := comm.Parent()
	if parent == "" || !w.open() {
		f()
		return
	}
	c := &collection{output: w, parent: parent, lane: comm.Lane(), places: map[string]int{}}
	stop := display.Intercept(c.take)
	late := time.AfterFunc(liveAfter, func() { comm.InLane(c.lane, c.goLive) })
	defer func() {
		late.Stop()
		stop()
		c.finish()
	}()
	f()
}

// collection is what is shown while a function runs, as messages of a notebook.
type collection struct {
	output *Output
	parent string
	lane   int64

	mu      sync.Mutex
	events  []display.Event
	outputs []any
	places  map[string]int // of displays among the outputs, by identity
	end     func()         // of the capture, once it is live
	over    bool
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
		if n := len(c.outputs); n > 0 {
			if last, ok := c.outputs[n-1].(map[string]any); ok && last["output_type"] == "stream" {
				last["text"] = last["text"].(string) + strings.ToValidUTF8(e.Text, "\uFFFD")
				break
			}
		}
		c.outputs = append(c.outputs, map[string]any{"output_type": "stream", "name": "stdout", "text": strings.ToValidUTF8(e.Text, "\uFFFD")})
	case "display":
		if e.ID != "" {
			c.places[e.ID] = len(c.outputs)
		}
		c.outputs = append(c.outputs, displayOutput(e))
	case "update":
		at, ok := c.places[e.ID]
		if !ok {
			return false // of another cell
		}
		c.outputs[at] = displayOutput(e)
	case "error":
		out := map[string]any{"output_type": "error"}
		for name, v := range e.Data {
			out[name] = v
		}
		c.outputs = append(c.outputs, out)
	case "clear":
		c.events, c.outputs = nil, nil
		clear(c.places)
	default:
		return false
	}
	c.events = append(c.events, e)
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
	c.end = c.output.begin(c.parent)
	display.Pass(display.Event{Kind: "clear", Wait: true})
	for _, e := range c.events {
		display.Pass(e)
	}
	c.events, c.outputs = nil, nil
}

// finish shows all if it has not been shown.
func (c *collection) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.end != nil {
		c.end()
		return
	}
	if c.outputs == nil {
		c.outputs = []any{}
	}
	c.output.Set("outputs", c.outputs)
}
