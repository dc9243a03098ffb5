package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"swingby/kernel/wire"
)

const testKey = "6f1c2b"

// connection makes up a connection with free addresses.
func connection(t testing.TB, transport string) *wire.Connection {
	t.Helper()
	c := &wire.Connection{Transport: transport, IP: "127.0.0.1", Key: testKey, SignatureScheme: "hmac-sha256", KernelName: "swingby"}
	if transport == "ipc" {
		dir, err := os.MkdirTemp("", "kernel") // t.TempDir is too long for a socket path on some systems
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		c.IP = filepath.Join(dir, "k")
		c.ShellPort, c.IOPubPort, c.StdinPort, c.ControlPort, c.HBPort = 1, 2, 3, 4, 5
		return c
	}
	for _, p := range []*int{&c.ShellPort, &c.IOPubPort, &c.StdinPort, &c.ControlPort, &c.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
	return c
}

func writeConnection(t testing.TB, c *wire.Connection) string {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kernel.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// logBuffer collects what the kernel logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// testKernel is a kernel that runs in this process.
type testKernel struct {
	conn   *wire.Connection
	kind   *fakeKind
	log    *logBuffer
	cancel context.CancelFunc
	ended  chan struct{}
	err    error
}

func startKernel(t testing.TB, transport string, kind *fakeKind) *testKernel {
	t.Helper()
	if kind == nil {
		kind = newFakeKind()
	}
	k := startKernelWith(t, connection(t, transport), Options{Start: kind.start})
	k.kind = kind
	return k
}

// startKernelWith starts a kernel at a connection; without a Start of opts its worker is a fake one.
func startKernelWith(t testing.TB, conn *wire.Connection, opts Options) *testKernel {
	t.Helper()
	k := &testKernel{conn: conn, log: &logBuffer{}, ended: make(chan struct{})}
	if opts.Start == nil {
		k.kind = newFakeKind()
		opts.Start = k.kind.start
	}
	file := writeConnection(t, k.conn)
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	ready := make(chan struct{})
	go func() {
		defer close(k.ended)
		opts.Version, opts.Ready = "1.2.3", func() { close(ready) }
		if opts.Log == nil {
			opts.Log = k.log
		}
		k.err = Run(ctx, file, opts)
	}()
	select {
	case <-ready:
	case <-k.ended:
		t.Fatal(k.err)
	}
	t.Cleanup(func() {
		cancel()
		k.wait(t)
		if t.Failed() {
			t.Logf("log of the kernel:\n%s", k.log)
		}
	})
	return k
}

// wait waits for the kernel to end.
func (k *testKernel) wait(t testing.TB) {
	t.Helper()
	select {
	case <-k.ended:
		if k.err != nil {
			t.Errorf("Run: %v", k.err)
		}
	case <-time.After(patience):
		t.Error("the kernel does not end")
	}
}

// networks runs a test with a kernel on each transport.
func networks(t *testing.T, f func(t *testing.T, k *testKernel)) {
	for _, transport := range []string{"tcp", "ipc"} {
		if transport == "ipc" && runtime.GOOS == "windows" {
			continue
		}
		t.Run(transport, func(t *testing.T) { f(t, startKernel(t, transport, nil)) })
	}
}

// client is a Jupyter client.
type client struct {
	t                     testing.TB
	codec                 *wire.Codec
	shell, control, stdin zmq4.Socket
	iopub                 chan *wire.Message
	conn                  *wire.Connection
}

func endpoint(c *wire.Connection, ch wire.Channel) string {
	network, address := c.Address(ch)
	if network == "unix" {
		return "ipc://" + address
	}
	return "tcp://" + address
}

func quiet() zmq4.Option { return zmq4.WithLogger(log.New(io.Discard, "", 0)) }

// connect connects a client and waits until it is welcome on iopub.
func connect(t testing.TB, c *wire.Connection) *client {
	t.Helper()
	cl := &client{t: t, codec: wire.NewCodec(c.Key), iopub: make(chan *wire.Message, 1<<16), conn: c}
	cl.codec.Username = "tester"
	dial := func(z zmq4.Socket, ch wire.Channel) zmq4.Socket {
		if err := z.Dial(endpoint(c, ch)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { z.Close() })
		return z
	}
	id := zmq4.WithID(zmq4.SocketIdentity(cl.codec.Session))
	cl.shell = dial(zmq4.NewDealer(context.Background(), quiet(), id), wire.Shell)
	cl.control = dial(zmq4.NewDealer(context.Background(), quiet(), id), wire.Control)
	cl.stdin = dial(zmq4.NewDealer(context.Background(), quiet(), id), wire.Stdin)
	sub := dial(zmq4.NewSub(context.Background(), quiet()), wire.IOPub)
	if err := sub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			raw, err := sub.Recv()
			if err != nil {
				return
			}
			m, err := cl.codec.Decode(raw.Frames)
			if err != nil {
				t.Errorf("iopub: %v", err)
				return
			}
			cl.iopub <- m
		}
	}()
	if m := cl.next(); m.Header.MsgType != "iopub_welcome" || field[string](t, m, "subscription") != "" || string(m.ParentHeader) != "{}" {
		t.Fatalf("first on iopub: %s %s, parent %s", m.Header.MsgType, m.Content, m.ParentHeader)
	}
	return cl
}

func (c *client) socket(ch wire.Channel) zmq4.Socket {
	switch ch {
	case wire.Control:
		return c.control
	case wire.Stdin:
		return c.stdin
	}
	return c.shell
}

// send sends a request and returns its identifier.
func (c *client) send(ch wire.Channel, typ string, content any) string {
	c.t.Helper()
	return c.sendWith(ch, wire.Header{MsgType: typ}, content)
}

func (c *client) sendWith(ch wire.Channel, h wire.Header, content any) string {
	c.t.Helper()
	raw, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	h.MsgID = wire.NewID()
	m := &wire.Message{Header: h, Content: raw}
	frames, err := c.codec.Encode(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.socket(ch).SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
	return m.Header.MsgID
}

const patience = 30 * time.Second

// recv waits for a message on shell, control or stdin.
func (c *client) recv(ch wire.Channel) *wire.Message {
	c.t.Helper()
	type result struct {
		m   *wire.Message
		err error
	}
	got := make(chan result, 1)
	go func() {
		raw, err := c.socket(ch).Recv()
		if err != nil {
			got <- result{nil, err}
			return
		}
		m, err := c.codec.Decode(raw.Frames)
		got <- result{m, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			c.t.Fatal(r.err)
		}
		return r.m
	case <-time.After(patience):
		c.t.Fatalf("nothing on %s within %v", ch, patience)
		return nil
	}
}

// reply waits for the reply to a request.
func (c *client) reply(ch wire.Channel, id string) *wire.Message {
	c.t.Helper()
	m := c.recv(ch)
	if got := parentOf(m); got != id {
		c.t.Fatalf("%s answers %s, want %s", m.Header.MsgType, got, id)
	}
	return m
}

func parentOf(m *wire.Message) string {
	var h wire.Header
	json.Unmarshal(m.ParentHeader, &h)
	return h.MsgID
}

// next waits for a message on iopub.
func (c *client) next() *wire.Message {
	c.t.Helper()
	select {
	case m := <-c.iopub:
		return m
	case <-time.After(patience):
		c.t.Fatalf("nothing on iopub within %v", patience)
		return nil
	}
}

// outputs collects what a request publishes, from busy to idle, as lines "type: content in short".
func (c *client) outputs(id string) []string {
	c.t.Helper()
	var out []string
	for {
		m := c.next()
		if parentOf(m) != id {
			continue
		}
		s := summary(c.t, m)
		out = append(out, s)
		if s == "status: idle" {
			return out
		}
	}
}

func summary(t testing.TB, m *wire.Message) string {
	switch m.Header.MsgType {
	case "status":
		return "status: " + field[string](t, m, "execution_state")
	case "stream":
		return field[string](t, m, "name") + ": " + field[string](t, m, "text")
	case "execute_input":
		return fmt.Sprintf("input %v: %s", field[float64](t, m, "execution_count"), field[string](t, m, "code"))
	case "execute_result":
		return fmt.Sprintf("result %v: %v", field[float64](t, m, "execution_count"), field[map[string]any](t, m, "data")["text/plain"])
	case "error":
		return "error: " + field[string](t, m, "ename") + ": " + field[string](t, m, "evalue")
	}
	return m.Header.MsgType + ": " + string(m.Content)
}

// field returns a field of the content of a message.
func field[T any](t testing.TB, m *wire.Message, name string) T {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(m.Content, &content); err != nil {
		t.Fatal(err)
	}
	v, ok := content[name].(T)
	if !ok {
		t.Fatalf("%s: field %s is %#v, want %T; content %s", m.Header.MsgType, name, content[name], v, m.Content)
	}
	return v
}

// run executes a cell and returns its reply and what it published between busy and idle, without the input.
func (c *client) run(code string) (*wire.Message, []string) {
	c.t.Helper()
	return c.runWith(map[string]any{"code": code})
}

func (c *client) runWith(content map[string]any) (*wire.Message, []string) {
	c.t.Helper()
	id := c.send(wire.Shell, "execute_request", content)
	r := c.reply(wire.Shell, id)
	out := c.outputs(id)
	if out[0] != "status: busy" || out[len(out)-1] != "status: idle" {
		c.t.Errorf("outputs of %v: %q", content, out)
	}
	out = out[1 : len(out)-1]
	if len(out) > 0 && strings.HasPrefix(out[0], "input ") {
		out = out[1:]
	}
	return r, out
}

// status returns the status of a reply.
func status(t testing.TB, m *wire.Message) string {
	t.Helper()
	return field[string](t, m, "status")
}
