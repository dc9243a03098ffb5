package comm

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// ErrNoFrontEnd is the error of sending where nobody can receive: in a program that
// is not the session of a kernel.
var ErrNoFrontEnd = errors.New("comm: there is no front end to talk to here")

// ErrClosed is the error of sending by a comm that has been closed, by either side.
var ErrClosed = errors.New("comm: the comm is closed")

// Message is what the front end sent by a comm.
type Message struct {
	// Data is the JSON object; numbers in it are float64. Never nil.
	Data map[string]any
	// Metadata accompanies Data; seldom used. It may be nil.
	Metadata map[string]any
	// Buffers are the binary attachments.
	Buffers [][]byte

	cause string
}

// Comm is one end of a comm. Its methods may be called from any goroutine.
type Comm struct {
	id, target string

	mu      sync.Mutex
	closed  bool
	message func(Message)
	closing func(Message)
	arrival func(Message) func()
}

var registry = struct {
	mu      sync.Mutex
	comms   map[string]*Comm
	targets map[string]func(*Comm, Message)
}{comms: map[string]*Comm{}, targets: map[string]func(*Comm, Message){}}

// ID is the identity of the comm, unique in the world.
func (c *Comm) ID() string { return c.id }

// Target is the name that the comm was opened with.
func (c *Comm) Target() string { return c.target }

// newID returns 32 hexadecimal digits, as front ends make them.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}

// Open opens a comm to the front end's target of a name. A front end that does not
// know the target closes the comm again.
func Open(target string, data map[string]any, buffers ...[]byte) (*Comm, error) {
	return OpenWith(newID(), target, data, nil, buffers...)
}

// OpenWith is [Open] with an identity of the caller's, which must be new, and metadata.
func OpenWith(id, target string, data, metadata map[string]any, buffers ...[]byte) (*Comm, error) {
	return OpenReady(func(*Comm) {}, id, target, data, metadata, buffers...)
}

// OpenReady is [OpenWith] for a comm whose front end may answer at once: prepare is called before it can, to set what is called.
func OpenReady(prepare func(*Comm), id, target string, data, metadata map[string]any, buffers ...[]byte) (*Comm, error) {
	c := &Comm{id: id, target: target}
	prepare(c)
	registry.mu.Lock()
	if registry.comms[id] != nil {
		registry.mu.Unlock()
		return nil, fmt.Errorf("comm: there is a comm with the identity %q already", id)
	}
	registry.comms[id] = c // before the front end can answer
	registry.mu.Unlock()
	if err := emit(Frame{Kind: "open", ID: id, Target: target, Buffers: buffers}, data, metadata); err != nil {
		c.forget()
		return nil, err
	}
	return c, nil
}

// Send sends a message.
func (c *Comm) Send(data map[string]any, buffers ...[]byte) error {
	return c.Reply(Message{}, data, buffers...)
}

// Reply is [Comm.Send] for what answers a message: the front end sees which.
func (c *Comm) Reply(to Message, data map[string]any, buffers ...[]byte) error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return ErrClosed
	}
	return emit(Frame{Kind: "msg", ID: c.id, Buffers: buffers, Cause: to.cause}, data, nil)
}

// Close closes the comm on both sides. Closing it again does nothing.
func (c *Comm) Close(data map[string]any) error {
	if !c.forget() {
		return nil
	}
	return emit(Frame{Kind: "close", ID: c.id}, data, nil)
}

// forget ends the comm on this side; false if it was closed before.
func (c *Comm) forget() bool {
	c.mu.Lock()
	was := c.closed
	c.closed = true
	c.mu.Unlock()
	registry.mu.Lock()
	delete(registry.comms, c.id)
	registry.mu.Unlock()
	return !was
}

// OnMessage has f called with every message that the front end sends.
// It takes the place of the function given before; nil for none.
func (c *Comm) OnMessage(f func(Message)) {
	c.mu.Lock()
	c.message = f
	c.mu.Unlock()
}

// OnClose has f called when the front end closes the comm.
func (c *Comm) OnClose(f func(Message)) {
	c.mu.Lock()
	c.closing = f
	c.mu.Unlock()
}

// OnArrival has f called as soon as a message arrives, whatever runs. f must be
// compiled code and quick. The function that it returns, if any, is called
// before what OnMessage was given.
func (c *Comm) OnArrival(f func(Message) func()) {
	c.mu.Lock()
	c.arrival = f
	c.mu.Unlock()
}

// Handle has f called for each comm that the front end opens by the name of a target.
// It takes the place of the function given before; nil for none: then front ends are
// refused. f should call OnMessage at once.
func Handle(target string, f func(c *Comm, open Message)) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if f == nil {
		delete(registry.targets, target)
		return
	}
	registry.targets[target] = f
}

// Comms returns the targets of all comms that are open, by identity.
func Comms() map[string]string {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	out := make(map[string]string, len(registry.comms))
	for id, c := range registry.comms {
		out[id] = c.target
	}
	return out
}

func object(v map[string]any) (json.RawMessage, error) {
	if v == nil {
		return json.RawMessage("{}"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // figures are full of what it would write in six bytes
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("comm: the data cannot be sent: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
