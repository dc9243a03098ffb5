package kernel

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"swingby/kernel/wire"
)

const (
	// coalesce is how long printed text is collected into one message.
	coalesce = 20 * time.Millisecond
	// maxStream is the most text one message holds.
	maxStream = 1 << 20
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
}

func newPublisher(ctx context.Context, sock iopub, codec *wire.Codec, logf func(string, ...any)) *publisher {
	return &publisher{ctx: ctx, sock: sock, codec: codec, logf: logf}
}

// welcome tells a new subscriber that it is one (Jupyter enhancement proposal 65).
func (p *publisher) welcome(topic string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
	p.sendLocked(topic, nil, "iopub_welcome", object{"subscription": topic})
}

// status publishes "busy", "idle" or "starting".
func (p *publisher) status(r *request, state string) {
	p.publish(r, "status", object{"execution_state": state})
}

// publish sends a message caused by r, after all text so far. It does not wait for readers.
func (p *publisher) publish(r *request, typ string, content any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
	p.sendLocked("kernel."+p.codec.Session+"."+typ, r, typ, content)
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
	p.sendLocked("stream."+p.name, p.parent, "stream", struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}{p.name, string(p.text)})
	if cap(p.text) > 64<<10 {
		p.text = nil
	}
	p.text = p.text[:0]
	p.parent = nil
}

func (p *publisher) sendLocked(topic string, r *request, typ string, content any) {
	var parent json.RawMessage
	if r != nil {
		parent = r.RawHeader
	}
	m := &wire.Message{Identities: [][]byte{[]byte(topic)}, Header: wire.Header{MsgType: typ}, ParentHeader: parent}
	var err error
	if m.Content, err = wire.Marshal(content); err == nil {
		var frames [][]byte
		if frames, err = p.codec.Encode(m); err == nil {
			err = p.sock.Send(frames)
		}
	}
	if err != nil && p.ctx.Err() == nil {
		p.logf("iopub: cannot send %s: %v", typ, err)
	}
}
