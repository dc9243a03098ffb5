package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// conn is a connection with a peer after the handshake, as zmq4 sees it. zmq4 performs its own handshake
// on it, against a recording.
//
// Read is called by one goroutine of zmq4, Write by any, one at a time per message.
type conn struct {
	net.Conn
	l    *listener
	r    *bufio.Reader
	name string // see recipients

	taken atomic.Bool // zmq4 is done with the handshake, and sends to this connection

	// Read side, touched by the reading goroutine only.
	in         []byte // bytes zmq4 has not yet taken: first the recorded handshake, then one packet at a time
	reuse      []byte // memory for the next packet
	subscribed *string
	topics     int // subscribed to, those counted twice that were subscribed to twice

	mu     sync.Mutex
	wake   sync.Cond
	own    ownHandshake // swallows zmq4's half of the handshake
	out    frameTracker
	later  []byte // commands to send when a message in the middle of being queued is whole
	muted  bool   // a subscriber that has not been welcomed
	held   []byte // the message being queued, while muted
	heldAt frameTracker
	queue  []byte
	queued int // bytes in queue and in the hands of drain
	before int // queued when the message that is being queued began
	excess int // bytes of the message that has taken queued over its bound
	moved  int64
	closed bool

	// Progress of a queue above the high-water mark, see waiting.
	markMoved int64
	markTime  time.Time
	stalled   bool
}

func newConn(l *listener, c net.Conn, r *bufio.Reader, recorded []byte) *conn {
	qc := &conn{Conn: c, l: l, r: r, in: recorded, muted: l.cfg.kind() == zmq4.XPub && l.cfg.Subscribed != nil}
	qc.wake.L = &qc.mu
	return qc
}

// Read gives zmq4 whole messages only. It deals with commands itself, which zmq4 would take for messages.
func (c *conn) Read(b []byte) (int, error) {
	for len(c.in) == 0 {
		c.taken.Store(true)
		if t := c.subscribed; t != nil {
			// zmq4 asks for more, so it has dealt with the subscription.
			c.subscribed = nil
			if f := c.l.cfg.Subscribed; f != nil {
				f(*t)
			}
		}
		if err := c.next(); err != nil {
			if errors.Is(err, errPeer) { // and not that it went away, as peers do
				c.l.logf("%s: dropped a peer: %v", c.l.cfg.Channel, err)
			}
			c.Close()
			return 0, io.EOF // of all errors this is the one after which zmq4 forgets a connection
		}
	}
	n := copy(b, c.in)
	c.in = c.in[n:]
	return n, nil
}

const (
	// maxKept is the largest buffer kept for the next message.
	maxKept = 64 << 10
	// maxTopics bounds the topics that a subscriber has, which zmq4 keeps. Clients of Jupyter have one: all there is.
	maxTopics = 1000
)

// next reads until it has something for zmq4.
func (c *conn) next() error {
	p, err := readPacket(c.r, c.reuse, c.l.cfg.maxMessage())
	if err != nil {
		return err
	}
	if cap(p.raw) <= maxKept {
		c.reuse = p.raw
	} else {
		c.reuse = nil
	}
	xpub := c.l.cfg.kind() == zmq4.XPub
	if p.command {
		name, body, err := command(p.first)
		if err != nil {
			return err
		}
		switch name {
		case "PING": // ZMTP 3.1: two bytes of time to live, then a context to send back
			if len(body) < 2 || len(body) > 18 {
				return fmt.Errorf("%w: PING of %d bytes", errPeer, len(body))
			}
			c.sendCommand(append([]byte("\x04PONG"), body[2:]...))
			return nil
		case "SUBSCRIBE", "CANCEL": // ZMTP 3.1; in 3.0 these are messages
			op := byte(1)
			if name == "CANCEL" {
				op = 0
			}
			p.first = append([]byte{op}, body...)
			p.raw = appendFrame(nil, 0, p.first)
			p.frames = 1
		case "ERROR":
			return fmt.Errorf("%w: peer reports error %.100q", errPeer, body)
		default:
			return nil
		}
	}
	if xpub {
		// Only subscriptions are of interest; zmq4 would queue anything else for nobody to read.
		if p.frames != 1 || len(p.first) == 0 || p.first[0] > 1 {
			return nil
		}
		if p.first[0] == 0 {
			c.topics = max(0, c.topics-1)
		} else {
			if c.topics++; c.topics > maxTopics {
				return fmt.Errorf("%w: more than %d subscriptions", errPeer, maxTopics)
			}
			topic := string(p.first[1:])
			c.subscribed = &topic
		}
	} else if p.command {
		return nil
	}
	c.in = p.raw
	return nil
}

// command splits a ZMTP command into its name and body.
func command(b []byte) (name string, body []byte, err error) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil, fmt.Errorf("%w: command is cut short", errPeer)
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], nil
}

var errSlow = errors.New("wire: peer reads too slowly")

// Write queues b. It never waits, and fails only when the connection is closed.
func (c *conn) Write(b []byte) (int, error) {
	n := len(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	b = c.own.swallow(b)
	if c.muted {
		b = c.mute(b)
	}
	if len(b) == 0 {
		return n, nil
	}
	if err := c.enqueue(b); err != nil {
		return 0, err
	}
	return n, nil
}

// welcomeMark is how a message that welcomes a subscriber is recognised.
var welcomeMark = []byte(`"msg_type":"iopub_welcome"`)

// mute lets nothing through until a welcome, which must be the first that a subscriber gets. What is
// published between zmq4's learning of a subscription and the welcome is as if it came before both.
func (c *conn) mute(b []byte) []byte {
	c.held = append(c.held, b...)
	c.heldAt.feed(b)
	if len(c.held) == 0 || !c.heldAt.boundary() {
		return nil
	}
	message := c.held
	if !bytes.Contains(message, welcomeMark) {
		c.held = c.held[:0]
		return nil
	}
	c.muted, c.held = false, nil
	return message
}

// enqueue queues bytes of messages; c.mu is held.
func (c *conn) enqueue(b []byte) error {
	if c.closed {
		return net.ErrClosed
	}
	// Judged between messages, and without the one that went over the bound, so that a message
	// larger than the bound gets through, with those behind it.
	if c.out.boundary() {
		most := c.l.cfg.maxQueue()
		if c.before <= most && c.queued > most {
			c.excess = c.queued - c.before
		}
		if c.queued > most+c.excess {
			c.l.logf("%s: dropped a peer that left %d bytes unread", c.l.cfg.Channel, c.queued)
			c.l.dropped(c.queued)
			c.abortLocked()
			return net.ErrClosed
		}
		if c.before = c.queued; c.queued <= most {
			c.excess = 0
		}
	}
	c.put(b)
	// zmq4 writes every frame in two pieces; sending them one by one would cost a system call each.
	if c.out.boundary() {
		if len(c.later) > 0 {
			c.put(c.later)
			c.later = nil
		}
		c.wake.Signal()
	} else if len(c.queue) > maxKept {
		c.wake.Signal()
	}
	return nil
}

func (c *conn) put(b []byte) {
	if hw := c.l.cfg.highWater(); c.queued <= hw && c.queued+len(b) > hw {
		c.markMoved, c.markTime, c.stalled = c.moved, time.Now(), false
	}
	c.queued += len(b)
	c.queue = append(c.queue, b...)
	c.out.feed(b)
}

// sendCommand queues a command of our own, which may come between two messages but not inside one.
func (c *conn) sendCommand(body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame := appendFrame(nil, flagCommand, body)
	switch {
	case c.closed:
	case c.out.boundary():
		c.enqueue(frame) // the next read or write notices a failure
	case len(c.later) < maxReady:
		c.later = append(c.later, frame...)
	}
}

// A reader that is slow but alive moves at least leastProgress bytes in every patience.
const leastProgress = 64 << 10

var patience = time.Second

// waiting reports whether a publisher should wait for this peer: its queue is above
// the high-water mark, and it has been moving.
func (c *conn) waiting(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.stalled || c.queued <= c.l.cfg.highWater() {
		return false
	}
	if c.moved-c.markMoved >= leastProgress {
		c.markMoved, c.markTime = c.moved, now
	} else if now.Sub(c.markTime) > patience {
		c.stalled = true
		return false
	}
	return true
}

// drain sends what is queued, in pieces so that progress shows, until the connection is closed and the queue empty.
func (c *conn) drain() {
	const piece = 256 << 10
	var out []byte
	for {
		if cap(out) > maxKept {
			out = nil // now, and not after what may be a long wait
		}
		c.mu.Lock()
		for len(c.queue) == 0 && !c.closed {
			c.wake.Wait()
		}
		if len(c.queue) == 0 {
			c.mu.Unlock()
			return
		}
		out, c.queue = c.queue, out[:0]
		c.mu.Unlock()
		for b := out; len(b) > 0; {
			n := min(len(b), piece)
			c.mu.Lock()
			if !c.closed { // Close has set the deadline of the last bytes
				c.Conn.SetWriteDeadline(time.Now().Add(c.l.cfg.stall()))
			}
			c.mu.Unlock()
			n, err := c.Conn.Write(b[:n])
			c.mu.Lock()
			c.moved += int64(n)
			c.queued -= n
			c.mu.Unlock()
			if err != nil {
				var t net.Error
				if errors.As(err, &t) && t.Timeout() && !c.isClosed() {
					c.l.logf("%s: dropped a peer: %v", c.l.cfg.Channel, errSlow)
					c.mu.Lock()
					unread := c.queued
					c.mu.Unlock()
					c.l.dropped(unread)
				}
				c.abort()
				return
			}
			b = b[n:]
		}
	}
}

func (c *conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// Close ends reading at once and writing when the queue is empty, or after the linger time.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.Conn.SetReadDeadline(time.Unix(1, 0))
		c.Conn.SetWriteDeadline(time.Now().Add(c.l.cfg.linger()))
		c.wake.Signal()
	}
	return nil
}

// abort closes without sending what is queued.
func (c *conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abortLocked()
}

func (c *conn) abortLocked() {
	c.closed = true
	c.queue = nil
	c.wake.Signal()
	c.Conn.Close()
}

// ownHandshake removes a greeting and one command from the start of a stream of bytes: the half of
// the handshake that zmq4 writes, which the transport has already performed.
type ownHandshake struct {
	got  []byte
	done bool
}

func (o *ownHandshake) swallow(b []byte) []byte {
	if o.done {
		return b
	}
	o.got = append(o.got, b...)
	n := greetingSize + 2
	if len(o.got) < n {
		return nil
	}
	if o.got[greetingSize]&flagLong != 0 {
		if n += 7; len(o.got) < n {
			return nil
		}
		n += int(binary.BigEndian.Uint64(o.got[greetingSize+1:]))
	} else {
		n += int(o.got[greetingSize+1])
	}
	if len(o.got) < n {
		return nil
	}
	rest := bytes.Clone(o.got[n:])
	o.got, o.done = nil, true
	return rest
}

// frameTracker follows a stream of ZMTP frames to know where messages end.
type frameTracker struct {
	header [9]byte
	have   int    // bytes of header
	body   uint64 // bytes of the body still to come
	more   bool
}

// boundary reports whether the stream stands between two messages.
func (t *frameTracker) boundary() bool { return t.have == 0 && t.body == 0 && !t.more }

func (t *frameTracker) feed(b []byte) {
	for len(b) > 0 {
		if t.body > 0 {
			n := min(t.body, uint64(len(b)))
			t.body -= n
			b = b[n:]
			continue
		}
		t.header[t.have] = b[0]
		t.have++
		b = b[1:]
		size := uint64(t.header[1])
		switch {
		case t.have == 9:
			size = binary.BigEndian.Uint64(t.header[1:])
		case t.have < 2 || t.header[0]&flagLong != 0:
			continue
		}
		t.more = t.header[0]&flagMore != 0
		t.have, t.body = 0, size
	}
}
