package comm

import (
	"encoding/json"
	"sync"
	"sync/atomic"

	"swingby/kernel/internal/goroutine"
)

// Frame is a comm message on its way between this process and the kernel's.
type Frame struct {
	// Kind is "open", "msg", "close", or "output": what is printed and shown from now on is output of
	// the request called ID, or of the usual one if ID is empty.
	Kind string `json:"kind"`
	ID   string `json:"comm_id"`
	// Target is set for "open".
	Target   string          `json:"target,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Buffers  [][]byte        `json:"buffers,omitempty"`
	// Cause names the request that a frame came with, and that an answer is for; it may be empty.
	Cause string `json:"cause,omitempty"`
	// Beside says that a frame for the parent comes from a function that runs beside a cell.
	Beside bool `json:"beside,omitempty"`
}

// Link is how a process reaches the front end. Cells have no use for it: the
// session's process sets it.
type Link struct {
	// Send takes a frame to the front end, in order. It may block.
	Send func(Frame) error
	// Report tells the user of a panic that a function of a cell ended with. It is called by
	// the deferred function that recovered it.
	Report func(v any)
}

var link = struct {
	sync.Mutex
	Link
	// By goroutine: those that run beside a cell. All others share the entry of 0.
	lanes map[int64]*lane
}{lanes: map[int64]*lane{0: {}}}

// lane is on whose behalf something runs.
type lane struct {
	id     int64
	parent string // the request that output belongs to
	cause  string // the request whose message is handled
}

// besides counts the goroutines that run beside a cell, so that who is none need not ask.
var besides atomic.Int32

// Beside calls f, which calls functions of cells while a cell runs. What these print and show
// is told from the output of the cell by the goroutine that does it, which is the caller's; see [Lane].
func Beside(f func()) {
	id := goroutine.ID()
	enter(id, &lane{id: id}, f)
}

// InLane calls f on behalf of another goroutine, whose [Lane] was n.
func InLane(n int64, f func()) {
	link.Lock()
	l := link.lanes[n]
	link.Unlock()
	if n == 0 || l == nil { // or it has ended
		f()
		return
	}
	enter(goroutine.ID(), l, f)
}

func enter(id int64, l *lane, f func()) {
	link.Lock()
	before := link.lanes[id]
	link.lanes[id] = l
	link.Unlock()
	besides.Add(1)
	defer func() {
		besides.Add(-1)
		link.Lock()
		if link.lanes[id] = before; before == nil {
			delete(link.lanes, id)
		}
		link.Unlock()
	}()
	f()
}

// Lane is 0 in a cell, its goroutines, and functions that have the turn of a cell, and another number
// in a function that runs beside one.
func Lane() int64 {
	if besides.Load() == 0 {
		return 0
	}
	id := goroutine.ID()
	link.Lock()
	defer link.Unlock()
	if l := link.lanes[id]; l != nil {
		return l.id
	}
	return 0
}

// inLane changes the calling goroutine's lane.
func inLane(change func(*lane)) {
	n := Lane()
	link.Lock()
	defer link.Unlock()
	change(link.lanes[n])
}

// Connect sets the link of this process; that of zero value cuts it.
func Connect(l Link) {
	link.Lock()
	link.Link = l
	link.Unlock()
}

// SetParent says which request the output of what runs now in the calling goroutine's lane belongs to.
func SetParent(id string) { inLane(func(l *lane) { l.parent = id }) }

// Parent is the identity of the request that is being handled: a message of a comm, or the cell that
// runs. It is empty without a front end.
func Parent() string {
	n := Lane()
	link.Lock()
	defer link.Unlock()
	if l := link.lanes[n]; l.cause != "" {
		return l.cause
	}
	return link.lanes[n].parent
}

// Redirect makes what is printed and shown from now on the output of the request being handled, which is
// parent; "" ends that. Output of a comm's function otherwise belongs to the cell that
// opened the comm. Front ends let a program intercept the output of a request they still
// listen to.
func Redirect(parent string) {
	_ = emit(Frame{Kind: "output", ID: parent}, nil, nil)
}

// because calls f on behalf of a request.
func because(cause string, f func()) {
	inLane(func(l *lane) { l.cause = cause })
	defer inLane(func(l *lane) { l.cause = "" })
	f()
}

// Connected reports whether there is a link.
func Connected() bool {
	link.Lock()
	defer link.Unlock()
	return link.Send != nil
}

func emit(f Frame, data, metadata map[string]any) (err error) {
	link.Lock()
	send := link.Send
	link.Unlock()
	if send == nil {
		return ErrNoFrontEnd
	}
	f.Beside = Lane() != 0
	if f.Data, err = object(data); err != nil {
		return err
	}
	if metadata != nil {
		if f.Metadata, err = object(metadata); err != nil {
			return err
		}
	}
	return send(f)
}

// Protect calls f, a function of a cell, and reports a panic that it ends with to the user, here and
// now. It says whether f came to its end.
func Protect(f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			link.Lock()
			report := link.Report
			link.Unlock()
			if report == nil {
				panic(v)
			}
			report(v)
		}
	}()
	f()
	return true
}

// Deliver takes frames from the front end, in order. It does at once what must not
// wait, and returns the functions to be called when functions of cells may be.
func Deliver(frames []Frame) (later []func()) {
	for _, f := range frames {
		add := func(g func()) {
			if g != nil {
				later = append(later, func() { because(f.Cause, g) })
			}
		}
		m := Message{Data: map[string]any{}, Buffers: f.Buffers, cause: f.Cause}
		_ = json.Unmarshal(f.Data, &m.Data) // what is no object counts as an empty one
		if m.Data == nil {
			m.Data = map[string]any{}
		}
		if len(f.Metadata) > 0 {
			_ = json.Unmarshal(f.Metadata, &m.Metadata)
		}
		registry.mu.Lock()
		c, target := registry.comms[f.ID], registry.targets[f.Target]
		if f.Kind == "open" && c == nil && target != nil {
			c = &Comm{id: f.ID, target: f.Target}
			registry.comms[f.ID] = c
		}
		registry.mu.Unlock()
		switch f.Kind {
		case "open":
			if target == nil {
				_ = emit(Frame{Kind: "close", ID: f.ID, Cause: f.Cause}, nil, nil)
				continue
			}
			add(func() { target(c, m) })
		case "msg", "close":
			if c == nil {
				continue // closed while this was on its way
			}
			closing := f.Kind == "close"
			if closing {
				c.forget()
			} else {
				c.mu.Lock()
				arrival := c.arrival
				c.mu.Unlock()
				if arrival != nil {
					add(arrival(m))
				}
			}
			add(func() {
				c.mu.Lock()
				f := c.message
				if closing {
					f = c.closing
				}
				c.mu.Unlock()
				if f != nil {
					f(m)
				}
			})
		}
	}
	return later
}
