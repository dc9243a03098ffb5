package wire

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// gauge is a subscriber inside the process that takes everything and throws it away. zmq4 keeps what is
// published in a queue without bound or length; comparing what was published with what came
// through here tells how much it holds.
type gauge struct {
	net.Conn  // nil: zmq4 only reads, writes and closes
	in        []byte
	own       ownHandshake
	seen      atomic.Int64
	ready     chan struct{} // closed when zmq4 knows the subscription
	readyOnce sync.Once
	done      chan struct{}
	doneOnce  sync.Once
}

func newGauge() *gauge {
	ready := appendProperty([]byte("\x05READY"), "Socket-Type", "SUB")
	ready = appendProperty(ready, "Identity", "gauge")
	in := appendFrame(append([]byte(nil), greeting...), flagCommand, ready)
	in = appendFrame(in, 0, []byte{1}) // subscribe to everything
	return &gauge{in: in, ready: make(chan struct{}), done: make(chan struct{})}
}

func (g *gauge) Read(b []byte) (int, error) {
	if len(g.in) == 0 {
		g.readyOnce.Do(func() { close(g.ready) })
		<-g.done
		return 0, io.EOF
	}
	n := copy(b, g.in)
	g.in = g.in[n:]
	return n, nil
}

// Write is called by one goroutine at a time: first the one that opens the connection, then the publishing one.
func (g *gauge) Write(b []byte) (int, error) {
	g.seen.Add(int64(len(g.own.swallow(b))))
	return len(b), nil
}

func (g *gauge) Close() error {
	g.doneOnce.Do(func() { close(g.done) })
	return nil
}
