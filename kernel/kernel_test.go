package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"swingby/kernel/wire"
)

func TestKernelInfo(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
			id := c.send(ch, "kernel_info_request", object{})
			m := c.reply(ch, id)
			if m.Header.MsgType != "kernel_info_reply" || status(t, m) != "ok" || field[string](t, m, "protocol_version") != "5.5" ||
				field[string](t, m, "implementation_version") != "1.2.3" || m.Header.Session == c.codec.Session {
				t.Errorf("%s: %+v %s", ch, m.Header, m.Content)
			}
			info := field[map[string]any](t, m, "language_info")
			if info["name"] != "go" || info["mimetype"] != "text/x-go" || info["file_extension"] != ".go" {
				t.Errorf("language_info %v", info)
			}
			if f := field[[]any](t, m, "supported_features"); !slices.Equal(f, []any{"kernel subshells"}) {
				t.Errorf("claims %v", f)
			}
			if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
				t.Errorf("%s: %q", ch, out)
			}
		}
	})
}

func TestHeartbeat(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		c.send(wire.Shell, "execute_request", object{"code": "loop"})
		hb := zmq4.NewReq(context.Background(), quiet())
		if err := hb.Dial(endpoint(k.conn, wire.Heartbeat)); err != nil {
			t.Fatal(err)
		}
		defer hb.Close()
		for range 3 {
			if err := hb.Send(zmq4.NewMsgString("ping")); err != nil {
				t.Fatal(err)
			}
			if m, err := hb.Recv(); err != nil || string(m.Frames[0]) != "ping" {
				t.Fatal(m, err)
			}
		}
	})
}

func TestCodeRequests(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for _, test := range []struct {
		typ     string
		content object
		want    string
	}{
		{"complete_request", object{"code": "ü.Pr", "cursor_pos": 3},
			`{"cursor_end":3,"cursor_start":0,"matches":["Println"],"metadata":{"_jupyter_types_experimental":[{"end":3,"signature":"func(a ...any)","start":0,"text":"Println","type":"function"}]},"status":"ok"}`},
		{"inspect_request", object{"code": "x", "cursor_pos": 1, "detail_level": 1},
			`{"data":{"text/markdown":"**x**","text/plain":"x1 1"},"found":true,"metadata":{},"status":"ok"}`},
		{"inspect_request", object{"code": "üü", "cursor_pos": 99}, // beyond the end: the end
			`{"data":{"text/markdown":"**üü**","text/plain":"üü2 0"},"found":true,"metadata":{},"status":"ok"}`},
		{"inspect_request", object{"code": "nothing"}, `{"data":{},"found":false,"metadata":{},"status":"ok"}`},
		{"is_complete_request", object{"code": "for {"}, `{"indent":"\t","status":"incomplete"}`},
		{"is_complete_request", object{"code": "x"}, `{"status":"complete"}`},
		{"comm_info_request", object{"target_name": "jupyter.widget"}, `{"comms":{},"status":"ok"}`},
		{"connect_request", object{}, fmt.Sprintf(`{"control_port":%d,"hb_port":%d,"iopub_port":%d,"shell_port":%d,"status":"ok","stdin_port":%d}`,
			k.conn.ControlPort, k.conn.HBPort, k.conn.IOPubPort, k.conn.ShellPort, k.conn.StdinPort)},
	} {
		id := c.send(wire.Shell, test.typ, test.content)
		m := c.reply(wire.Shell, id)
		if m.Header.MsgType != replyType(test.typ) || string(m.Content) != test.want {
			t.Errorf("%s %v:\n got %s\nwant %s", test.typ, test.content, m.Content, test.want)
		}
		if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
			t.Errorf("%s: %q", test.typ, out)
		}
	}
}

func TestCommOpenIsRefused(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	id := c.send(wire.Shell, "comm_open", object{"comm_id": "c1", "target_name": "nothing", "data": object{}})
	want := []string{"status: busy", `comm_close: {"comm_id":"c1","data":{}}`, "status: idle"}
	if out := c.outputs(id); !slices.Equal(out, want) {
		t.Errorf("%q", out)
	}
	id = c.send(wire.Shell, "comm_msg", object{"comm_id": "c1", "data": object{}})
	if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
		t.Errorf("%q", out)
	}
}

// Fields of a wrong type give an error reply, and the kernel lives.
func TestWrongTypes(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for _, test := range []struct{ typ, content, want string }{
		{"execute_request", `{"code":5}`, `field "code" of execute_request is a number, want string`},
		{"execute_request", `{"code":"","silent":"yes"}`, `field "silent" of execute_request is a string, want bool`},
		{"execute_request", `{"code":"","user_expressions":[1]}`, `field "user_expressions" of execute_request is an array, want object`},
		{"execute_request", `{"code":"","user_expressions":{"a":1}}`, `user_expressions`},
		{"complete_request", `{"code":"","cursor_pos":"end"}`, `"end" is no whole number`},
		{"inspect_request", `{"code":[]}`, `field "code"`},
		{"history_request", `{"hist_access_type":"tail","n":1.5}`, `1.5 is no whole number`},
		{"history_request", `{"hist_access_type":"all"}`, `hist_access_type "all" is unknown`},
		{"shutdown_request", `{"restart":1}`, `field "restart"`},
	} {
		id := c.send(wire.Shell, test.typ, json.RawMessage(test.content))
		m := c.reply(wire.Shell, id)
		if status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), test.want) || len(field[[]any](t, m, "traceback")) == 0 {
			t.Errorf("%s %s: %s", test.typ, test.content, m.Content)
		}
	}
	if m, _ := c.run("print fine"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}

// Messages that are none, or nobody's, are dropped and logged.
func TestStrangeMessages(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		thief := wire.NewCodec("another key")
		frames := func(codec *wire.Codec, typ string) [][]byte {
			f, err := codec.Encode(&wire.Message{Header: wire.Header{MsgType: typ}, Content: json.RawMessage(`{"code":"print stolen"}`)})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		good := frames(c.codec, "execute_request")
		for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
			z := c.socket(ch)
			for _, f := range [][][]byte{
				{[]byte("")},
				{[]byte("<IDS|MSG>")},
				{[]byte("a"), []byte("b"), []byte("c"), []byte("d"), []byte("e"), []byte("f"), []byte("g")},
				frames(thief, "execute_request"),
				frames(thief, "shutdown_request"),
				frames(c.codec, "apply_request"),
				frames(c.codec, "no_such_message"),
			} {
				if err := z.SendMulti(zmq4.NewMsgFrom(f...)); err != nil {
					t.Fatal(err)
				}
			}
		}
		// The same message three times runs once.
		for range 3 {
			c.shell.SendMulti(zmq4.NewMsgFrom(good...))
		}
		if m := c.recv(wire.Shell); m.Header.MsgType != "execute_reply" || field[float64](t, m, "execution_count") != 1 {
			t.Errorf("%s %s", m.Header.MsgType, m.Content)
		}
		if m, _ := c.run("print fine"); field[float64](t, m, "execution_count") != 2 {
			t.Errorf("%s", m.Content)
		}
		for _, want := range []string{"signature does not match", "received before", "incomplete", `"no_such_message"`, `"apply_request"`} {
			if !strings.Contains(k.log.String(), want) {
				t.Errorf("the log does not say %q", want)
			}
		}
	})
}

// A mistake in the kernel's own code costs one request.
func TestPanicIsContained(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	if m, _ := c.run("panic"); status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), "internal error") {
		t.Errorf("%s", m.Content)
	}
	if m, _ := c.run("print fine"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}

func TestShutdown(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Control, wire.Shell} {
		for _, restart := range []bool{false, true} {
			k := startKernel(t, "ipc", nil)
			c := connect(t, k.conn)
			c.run("print x")
			id := c.send(ch, "shutdown_request", object{"restart": restart})
			m := c.reply(ch, id)
			if m.Header.MsgType != "shutdown_reply" || field[bool](t, m, "restart") != restart || status(t, m) != "ok" {
				t.Errorf("%s", m.Content)
			}
			want := []string{"status: busy", fmt.Sprintf(`shutdown_reply: {"restart":%v,"status":"ok"}`, restart), "status: idle"}
			if out := c.outputs(id); !slices.Equal(out, want) {
				t.Errorf("%q", out)
			}
			k.wait(t)
			if !isClosed(k.kind.last().done) {
				t.Error("the worker lives on")
			}
			for _, ch := range wire.Channels {
				if _, path := k.conn.Address(ch); fileExists(path) {
					t.Errorf("%s is left behind", path)
				}
			}
		}
	}
}

func TestShutdownWhileBusy(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.send(wire.Shell, "execute_request", object{"code": "print begun\ndeaf"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	c.reply(wire.Control, c.send(wire.Control, "shutdown_request", object{"restart": true}))
	k.wait(t)
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestRunErrors(t *testing.T) {
	c := connection(t, "tcp")
	file := writeConnection(t, c)
	kind := &fakeKind{}
	if err := Run(context.Background(), file+".not", Options{Start: kind.start}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("no file: %v", err)
	}
	if kind.count() != 0 {
		t.Error("a worker was started for nothing")
	}
	taken, err := wire.Listen(c, wire.Config{Channel: wire.Stdin})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = Run(context.Background(), file, Options{Start: kind.start})
	if err == nil || !strings.Contains(err.Error(), "stdin channel") || !strings.Contains(err.Error(), "already in use") || strings.Contains(err.Error(), "\n") {
		t.Errorf("port in use: %v", err)
	}
	if kind.count() != 0 {
		t.Error("a worker was started for nothing")
	}
	// The other ports are free again.
	again, err := wire.Listen(c, wire.Config{Channel: wire.Shell})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// A thousand clients come and go, politely or not, while others stay; neither goroutines nor descriptors are left.
func TestNothingIsLeftOfClients(t *testing.T) {
	k := startKernel(t, "ipc", nil)
	stays := connect(t, k.conn)
	visit := func(i int) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		z := zmq4.NewDealer(ctx, quiet(), zmq4.WithID(zmq4.SocketIdentity(fmt.Sprint("visitor", i))))
		defer z.Close()
		if err := z.Dial(endpoint(k.conn, wire.Shell)); err != nil {
			t.Fatal(err)
		}
		frames, err := stays.codec.Encode(&wire.Message{Header: wire.Header{MsgType: "kernel_info_request"}})
		if err != nil {
			t.Fatal(err)
		}
		z.SendMulti(zmq4.NewMsgFrom(frames...))
		if i%2 == 0 { // the others go before the answer comes
			if _, err := z.Recv(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 20 {
		visit(i)
	}
	settled := func() (n int) {
		last := time.Now()
		for end := time.Now().Add(patience); time.Since(last) < 200*time.Millisecond && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if now := runtime.NumGoroutine(); now != n {
				n, last = now, time.Now()
			}
		}
		return n
	}
	before := settled()
	for i := range 1000 {
		visit(i)
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	if m, _ := stays.run("print fine"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}
