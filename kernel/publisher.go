package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"swingby/kernel/wire"
)

const (
	// coalesce is how long printed text is collected into one message.
	coalesce = 20 * time.Millisecond
	// maxStream is the most text one message holds.
	maxStream = 1 << 20
	// A message of more than largeMessage bytes takes several times its size on its way. An idle process would keep
	// that for minutes, so it is returned when nothing as large has been sent for tidyAfter.
	largeMessage = 8 << 20
	tidyAfter    = 2 * time.Second
)

// iopub is what a publisher needs of a socket.
type iopub interface {
	Send(frames [][]byte) error
	Wait(ctx context.Context) error
}

// publisher sends everything that goes out on iopub, in the order of the calls of its methods.
type publisher struct {
	ctx   context.Context
	sock  iopub
	codec *wire.Codec
	logf  func(string, ...any)

	mu     sync.Mutex
	parent *request // of text
	name   string   // stream of text
	text   []byte   // collected, not yet sent
	armed  bool     // a timer will flush text

	tidy *time.Timer // gives memory back to the system

	losses sync.Mutex // never held while anything is sent
	unread int        // bytes that dropped subscribers have not read, and nobody has been told
	loser  *request   // whose output was lost last
}

func newPublisher(ctx context.Context, sock iopub, codec *wire.Codec, logf func(string, ...any)) *publisher {
	p := &publisher{ctx: ctx, sock: sock, codec: codec, logf: logf, tidy: time.AfterFunc(time.Hour, freeMemory)}
	p.tidy.Stop()
	return p
}

// freeMemory returns memory to the system, that of encoders too, which are kept through one collection.
func freeMemory() {
	runtime.GC()
	debug.FreeOSMemory()
}

// welcome tells a new subscriber that it is one (Jupyter enhancement proposal 65).
func (p *publisher) welcome(topic string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
	p.sendLocked("iopub_welcome", p.encode(topic, nil, "iopub_welcome", object{"subscription": topic}, nil, nil))
	p.losses.Lock()
	unread, loser := p.unread, p.loser
	p.unread = 0
	p.losses.Unlock()
	if unread > 0 && loser != nil {
		// Subscribers that were dropped connect again when they read again, so this one may be meant.
		p.parent, p.name = loser, "stderr"
		p.text = append(p.text, fmt.Sprintf("swingby: a client stopped reading and has missed %.1f MB of output before this line\n", float64(unread)/1e6)...)
		p.flushLocked()
	}
}

// lost notes that a subscriber was dropped with so much unread, while e was the cell that ran or had run last.
func (p *publisher) lost(e *execution, unread int) {
	p.losses.Lock()
	defer p.losses.Unlock()
	p.unread += unread
	if e != nil {
		p.loser = e.request
	}
}

// status publishes "busy", "idle" or "starting".
func (p *publisher) status(r *request, state string) {
	p.publish(r, "status", object{"execution_state": state})
}

// publish sends a message caused by r, after all text so far. It does not wait for readers.
func (p *publisher) publish(r *request, typ string, content any) {
	p.attach(r, typ, content, nil, nil)
}

// attach is publish for a message that has metadata and buffers. Others do not wait while it is encoded, however large it is.
func (p *publisher) attach(r *request, typ string, content any, metadata json.RawMessage, buffers [][]byte) {
	frames := p.encode("kernel."+p.codec.Session+"."+typ, r, typ, content, metadata, buffers)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
	p.sendLocked(typ, frames)
}

// show is publish for output of a cell: it waits while readers are slow.
func (p *publisher) show(r *request, typ string, content any) {
	p.sock.Wait(p.ctx)
	p.publish(r, typ, content)
}

// stream adds printed text. It waits while readers are slow.
func (p *publisher) stream(r *request, name, text string) {
	p.sock.Wait(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parent != r || p.name != name {
		p.flushLocked()
		p.parent, p.name = r, name
	}
	p.text = append(p.text, text...)
	if len(p.text) >= maxStream {
		p.flushLocked()
		return
	}
	if !p.armed {
		p.armed = true
		time.AfterFunc(coalesce, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.armed = false
			p.flushLocked()
		})
	}
}

// flush sends the text collected so far.
func (p *publisher) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
}

func (p *publisher) flushLocked() {
	if len(p.text) == 0 {
		return
	}
	p.sendLocked("stream", p.encode("stream."+p.name, p.parent, "stream", struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}{p.name, string(p.text)}, nil, nil))
	if cap(p.text) > 64<<10 {
		p.text = nil
	}
	p.text = p.text[:0]
	p.parent = nil
}

// encode returns the frames of a message caused by r, nil if it cannot be encoded.
func (p *publisher) encode(topic string, r *request, typ string, content any, metadata json.RawMessage, buffers [][]byte) [][]byte {
	m := &wire.Message{Identities: [][]byte{[]byte(topic)}, Header: wire.Header{MsgType: typ}, Metadata: metadata, Buffers: buffers}
	if r != nil {
		m.ParentHeader = r.RawHeader
	}
	var err error
	if m.Content, err = wire.Marshal(content); err == nil {
		var frames [][]byte
		if frames, err = p.codec.Encode(m); err == nil {
			return frames
		}
	}
	p.logf("iopub: cannot send %s: %v", typ, err)
	return nil
}

// sendLocked sends the frames of a message, in the order of its calls.
func (p *publisher) sendLocked(typ string, frames [][]byte) {
	if frames == nil {
		return
	}
	if err := p.sock.Send(frames); err != nil && p.ctx.Err() == nil {
		p.logf("iopub: cannot send %s: %v", typ, err)
	}
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	if size > largeMessage {
		p.tidy.Reset(tidyAfter)
	}
}
