package kernel

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"swingby/kernel/wire"
)

// sendComm sends a comm message with buffers.
func (c *client) sendComm(typ string, content any, buffers ...[]byte) string {
	c.t.Helper()
	raw, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	m := &wire.Message{Header: wire.Header{MsgType: typ, MsgID: wire.NewID()}, Content: raw, Buffers: buffers}
	frames, err := c.codec.Encode(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.shell.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
	return m.Header.MsgID
}

// until returns the messages on iopub up to the idle of a request.
func (c *client) until(id string) []*wire.Message {
	c.t.Helper()
	var list []*wire.Message
	for {
		m := c.next()
		if m.Header.MsgType == "status" {
			if parentOf(m) == id && field[string](c.t, m, "execution_state") == "idle" {
				return list
			}
			continue
		}
		list = append(list, m)
	}
}

func (c *client) comms(target string) map[string]any {
	c.t.Helper()
	content := map[string]any{}
	if target != "" {
		content["target_name"] = target
	}
	return field[map[string]any](c.t, c.reply(wire.Shell, c.send(wire.Shell, "comm_info_request", content)), "comms")
}

type m = map[string]any

func TestCommFromFrontEnd(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	got := c.until(c.sendComm("comm_open", m{"comm_id": "u", "target_name": "nobody knows", "data": m{}}))
	if len(got) != 1 || got[0].Header.MsgType != "comm_close" || field[string](t, got[0], "comm_id") != "u" {
		t.Fatalf("an unknown target: %v", got)
	}
	id := c.sendComm("comm_open", m{"comm_id": "f", "target_name": "known", "data": m{"do": "echo", "x": 1}}, []byte{0, 255}, nil)
	got = c.until(id)
	if len(got) != 1 || got[0].Header.MsgType != "comm_msg" || parentOf(got[0]) != id {
		t.Fatalf("an echo: %v", got)
	}
	if want := [][]byte{{0, 255}, {}}; len(got[0].Buffers) != 2 || !bytes.Equal(got[0].Buffers[0], want[0]) || len(got[0].Buffers[1]) != 0 {
		t.Errorf("buffers %v, want %v", got[0].Buffers, want)
	}
	if list := c.comms(""); len(list) != 1 || list["f"].(m)["target_name"] != "known" {
		t.Errorf("comm_info: %v", list)
	}
	if list := c.comms("another"); len(list) != 0 {
		t.Errorf("comm_info of another target: %v", list)
	}
	c.until(c.sendComm("comm_close", m{"comm_id": "f", "data": m{}}))
	if list := c.comms(""); len(list) != 0 {
		t.Errorf("comm_info after the close: %v", list)
	}
	for _, content := range []any{m{"data": m{}}, m{"comm_id": 3}} {
		if got := c.until(c.sendComm("comm_msg", content)); len(got) != 0 {
			t.Errorf("%v: %v", content, got)
		}
	}
}

func TestCommFromCell(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	cell := c.send(wire.Shell, "execute_request", m{"code": "print before\ncomm w jupyter.widget\nprint after"})
	var story []string
	for _, msg := range c.until(cell) {
		story = append(story, msg.Header.MsgType)
		if msg.Header.MsgType == "comm_open" {
			if parentOf(msg) != cell || string(msg.Metadata) != `{"version":"2.1.0"}` || len(msg.Buffers) != 1 || field[string](t, msg, "target_name") != "jupyter.widget" {
				t.Errorf("comm_open: %s %s %v", msg.Metadata, msg.Content, msg.Buffers)
			}
		}
	}
	if got, want := strings.Join(story, " "), "execute_input stream comm_open stream"; got != want {
		t.Errorf("published %q, want %q", got, want)
	}
	c.reply(wire.Shell, cell)
	c.run("print another cell")

	// What a function shows goes to the cell that opened the comm, whatever ran since.
	for do, want := range map[string]string{"print hello": "stdout: hello\n", "fail": "error: panic: as asked"} {
		got := c.until(c.sendComm("comm_msg", m{"comm_id": "w", "data": m{"do": do}}))
		if len(got) != 1 || parentOf(got[0]) != cell || summary(t, got[0]) != want {
			t.Errorf("%s: %v, want %q of the first cell", do, got, want)
		}
	}

	// The death of the worker closes it.
	id := c.send(wire.Shell, "execute_request", m{"code": "die as asked"})
	rest := c.until(id) // the keeper sees the death beside the cell, so its messages come before idle or after it
	next := func() *wire.Message {
		if len(rest) == 0 {
			return c.next()
		}
		msg := rest[0]
		rest = rest[1:]
		return msg
	}
	for {
		if msg := next(); msg.Header.MsgType == "comm_close" {
			if field[string](t, msg, "comm_id") != "w" || parentOf(msg) != cell {
				t.Errorf("%s", msg.Content)
			}
			break
		}
	}
	for !strings.Contains(summary(t, next()), "widgets made before this do not respond") {
	}
}

// TestCommBatch: messages that come while a cell runs wait for its end and are handled in order, those that wait together together.
func TestCommBatch(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("comm w jupyter.widget")
	c.send(wire.Shell, "execute_request", m{"code": "input wait", "allow_stdin": true})
	asked := c.recv(wire.Stdin)
	var last string
	for range 50 {
		last = c.sendComm("comm_msg", m{"comm_id": "w", "data": m{}})
	}
	c.send(wire.Shell, "execute_request", m{"code": "print between"})
	other := c.sendComm("comm_msg", m{"comm_id": "w", "data": m{"do": "print late"}})
	if asked.Header.MsgType != "input_request" {
		t.Fatalf("%s", asked.Header.MsgType)
	}
	c.send(wire.Stdin, "input_reply", m{"value": "x"})
	c.until(last)
	var story []string
	for _, msg := range c.until(other) {
		story = append(story, summary(t, msg))
	}
	if got, want := strings.Join(story, "; "), "input 3: print between; stdout: between\n; stdout: late\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	k.kind.mu.Lock()
	defer k.kind.mu.Unlock()
	n := 0
	for _, b := range k.kind.batches {
		n += b
	}
	if n != 51 {
		t.Errorf("%d messages arrived, want 51; batches %v", n, k.kind.batches)
	}
}

// TestCommBeside: messages of a subshell are handled while a cell of the shell runs, and the kernel is said to be busy all the while.
func TestCommBeside(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("comm w jupyter.widget")
	side := c.createSubshell()
	cell := c.send(wire.Shell, "execute_request", m{"code": "print begun\nloop"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	for range 2 { // and again, when the first is over
		id := c.sendTo(side, "comm_msg", m{"comm_id": "w", "data": m{"do": "echo"}})
		var story []string
		for len(story) < 4 {
			msg := c.next()
			whose := "the cell"
			if parentOf(msg) == id {
				whose = "the message"
			} else if parentOf(msg) != cell {
				t.Fatalf("%s belongs to %s, not to %s or %s", msg.Header.MsgType, parentOf(msg), cell, id)
			}
			text := msg.Header.MsgType
			if text == "status" {
				text = field[string](t, msg, "execution_state")
			}
			story = append(story, text+" of "+whose)
		}
		if want := []string{"busy of the message", "comm_msg of the message", "idle of the message", "busy of the cell"}; !slices.Equal(story, want) {
			t.Errorf("published %q, want %q", story, want)
		}
	}
	c.send(wire.Control, "interrupt_request", m{})
	if s := status(t, c.reply(wire.Shell, cell)); s != "error" {
		t.Errorf("the interrupted cell: %s", s)
	}
	// Without a cell they are handled as those of the shell are.
	c.until(cell)
	if got := c.until(c.sendTo(side, "comm_msg", m{"comm_id": "w", "data": m{"do": "echo"}})); len(got) != 1 || got[0].Header.MsgType != "comm_msg" {
		t.Errorf("between cells: %v", got)
	}
}

// A client that does not follow the states of moving sliders sees a computation that one has begun.
func TestLongCommIsBusyWithItsCell(t *testing.T) {
	kind := newFakeKind()
	k := startKernel(t, "tcp", kind)
	c := connect(t, k.conn)
	cell := c.send(wire.Shell, "execute_request", m{"code": "comm w jupyter.widget"})
	c.until(cell)
	c.reply(wire.Shell, cell)
	c.run("print another cell")
	names := map[string]string{cell: "cell"}
	states := func(id string) string {
		names[id] = "comm"
		var list []string
		for {
			msg := c.next()
			if msg.Header.MsgType != "status" {
				continue
			}
			state := field[string](t, msg, "execution_state")
			list = append(list, names[parentOf(msg)]+" "+state)
			if parentOf(msg) == cell && state == "busy" {
				close(kind.held)
			}
			if parentOf(msg) == id && state == "idle" {
				return strings.Join(list, ", ")
			}
		}
	}
	long := states(c.sendComm("comm_msg", m{"comm_id": "w", "data": m{"do": "hold"}}))
	if want := "comm busy, cell busy, cell idle, comm idle"; long != want {
		t.Errorf("states of a long one: %s; want %s", long, want)
	}
	// A cell that waits is what the kernel is busy with.
	kind.mu.Lock()
	kind.held = make(chan struct{})
	kind.mu.Unlock()
	side := c.createSubshell()
	id := c.sendTo(side, "comm_msg", m{"comm_id": "w", "data": m{"do": "print begun\nhold"}})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	next := c.send(wire.Shell, "execute_request", m{"code": "print next"})
	names[next] = "next"
	time.AfterFunc(2*briefComms, func() { close(kind.held) })
	if got, want := states(id), "next busy, comm idle"; got != want {
		t.Errorf("states while a cell waits: %s; want %s", got, want)
	}
	if got, want := states(next), "comm busy, comm idle"; got != want { // here it is the one that is awaited
		t.Errorf("states of the cell that has waited: %s; want %s", got, want)
	}
}
