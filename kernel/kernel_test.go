package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
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
			if f := field[[]any](t, m, "supported_features"); len(f) != 0 {
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

// Outputs come between busy and idle, in the order the cell made them, and text as few messages.
func TestExecuteOrder(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		before := time.Now()
		id := c.send(wire.Shell, "execute_request", object{"code": "print a\nprint b\nerr e\nshow 7\nprint c\nupdate 7\nclear\nresult r"})
		m := c.reply(wire.Shell, id)
		want := []string{
			"status: busy",
			"input 1: print a\nprint b\nerr e\nshow 7\nprint c\nupdate 7\nclear\nresult r",
			"stdout: a\nb\n",
			"stderr: e\n",
			`display_data: {"data":{"text/html":"<b>7</b>"},"metadata":{},"transient":{"display_id":"7"}}`,
			"stdout: c\n",
			`update_display_data: {"data":{"text/html":"<b>7</b>"},"metadata":{},"transient":{"display_id":"7"}}`,
			`clear_output: {"wait":true}`,
			"result 1: r",
			"status: idle",
		}
		if got := c.outputs(id); !slices.Equal(got, want) {
			t.Errorf("got\n%q\nwant\n%q", got, want)
		}
		if status(t, m) != "ok" || field[float64](t, m, "execution_count") != 1 || len(field[[]any](t, m, "payload")) != 0 {
			t.Errorf("reply %s", m.Content)
		}
		var meta struct{ Started time.Time }
		if err := json.Unmarshal(m.Metadata, &meta); err != nil || meta.Started.Before(before.Truncate(time.Microsecond)) || meta.Started.After(time.Now()) {
			t.Errorf("metadata %s", m.Metadata)
		}
	})
}

func TestLinesAreComplete(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	const n = 10000
	m, out := c.run(fmt.Sprint("lines ", n))
	if status(t, m) != "ok" {
		t.Fatalf("%s", m.Content)
	}
	var want, got strings.Builder
	for i := range n {
		fmt.Fprintln(&want, i)
	}
	for _, o := range out {
		text, ok := strings.CutPrefix(o, "stdout: ")
		if !ok {
			t.Fatalf("output %.50q", o)
		}
		got.WriteString(text)
	}
	if got.String() != want.String() {
		t.Errorf("%d bytes, want %d, or in another order", got.Len(), want.Len())
	}
	if len(out) > 20 {
		t.Errorf("%d messages for %d lines", len(out), n)
	}
}

// Text of a long cell arrives while it runs.
func TestOutputArrivesEarly(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	start := time.Now()
	c.send(wire.Shell, "execute_request", object{"code": "print now\nsleep 600ms"})
	for summary(t, c.next()) != "stdout: now\n" {
	}
	if d := time.Since(start); d > 300*time.Millisecond {
		t.Errorf("text came after %v", d)
	}
}

func TestCounts(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for _, test := range []struct {
		content object
		count   float64
		outputs []string
	}{
		{object{"code": "print 1"}, 1, []string{"stdout: 1\n"}},
		{object{"code": "print 2", "store_history": false}, 2, []string{"stdout: 2\n"}},
		{object{"code": "print 3\nresult 3", "silent": true}, 1, nil},
		{object{"code": "print 4\nfail", "silent": true}, 1, nil},
		{object{"code": "  \n"}, 2, nil},
		{object{"code": "fail"}, 2, []string{"error: panic: as asked"}},
		{object{"code": "result 6", "user_expressions": nil}, 3, []string{"result 3: 6"}},
	} {
		m, out := c.runWith(test.content)
		if got := field[float64](t, m, "execution_count"); got != test.count {
			t.Errorf("%v: count %v, want %v", test.content, got, test.count)
		}
		if !slices.Equal(out, test.outputs) {
			t.Errorf("%v: outputs %q, want %q", test.content, out, test.outputs)
		}
	}
}

func TestUserExpressions(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	m, _ := c.runWith(object{"code": "", "user_expressions": object{"a": "1+1", "b": "bad"}})
	e := field[map[string]any](t, m, "user_expressions")
	a, b := e["a"].(map[string]any), e["b"].(map[string]any)
	if a["status"] != "ok" || b["status"] != "error" || b["ename"] != "compile error" {
		t.Errorf("%v", e)
	}
}

func TestControlWhileBusy(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		c.run("set kept")
		cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\nloop"})
		for summary(t, c.next()) != "stdout: begun\n" {
		}
		start := time.Now()
		id := c.send(wire.Control, "kernel_info_request", object{})
		if m := c.reply(wire.Control, id); m.Header.MsgType != "kernel_info_reply" {
			t.Errorf("%s", m.Header.MsgType)
		}
		id = c.send(wire.Control, "interrupt_request", object{})
		if m := c.reply(wire.Control, id); m.Header.MsgType != "interrupt_reply" || status(t, m) != "ok" {
			t.Errorf("%s %s", m.Header.MsgType, m.Content)
		}
		m := c.reply(wire.Shell, cell)
		if d := time.Since(start); d > 500*time.Millisecond {
			t.Errorf("interrupt took %v", d)
		}
		if status(t, m) != "error" || field[string](t, m, "ename") != "interrupted" {
			t.Errorf("%s", m.Content)
		}
		if _, out := c.run("get"); !slices.Equal(out, []string{"stdout: kept\n"}) {
			t.Errorf("after the interrupt: %q", out)
		}
		if n := k.kind.count(); n != 1 {
			t.Errorf("%d workers were started", n)
		}
	})
}

// An interrupt that comes at once, before the worker has the cell or even exists, is not lost.
func TestEarlyInterrupt(t *testing.T) {
	for _, delay := range []time.Duration{0, 300 * time.Millisecond} {
		k := startKernel(t, "tcp", &fakeKind{delay: delay})
		c := connect(t, k.conn)
		cell := c.send(wire.Shell, "execute_request", object{"code": "loop"})
		for !strings.HasPrefix(summary(t, c.next()), "input ") {
		}
		c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
		if m := c.reply(wire.Shell, cell); field[string](t, m, "ename") != "interrupted" {
			t.Errorf("delay %v: %s", delay, m.Content)
		}
	}
}

func TestInterruptWhileIdle(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
	if m, out := c.run("print fine"); status(t, m) != "ok" || out[0] != "stdout: fine\n" {
		t.Errorf("%s %q", m.Content, out)
	}
}

func TestSecondInterruptReplacesWorker(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("set lost")
	cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\ndeaf"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	for range 2 {
		c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
		time.Sleep(550 * time.Millisecond)
	}
	m := c.reply(wire.Shell, cell)
	if status(t, m) != "error" || field[string](t, m, "ename") != "killed" {
		t.Errorf("%s", m.Content)
	}
	if m, out := c.run("get"); status(t, m) != "ok" || out[0] != "stdout: \n" {
		t.Errorf("afterwards: %s %q", m.Content, out)
	}
}

func TestWorkerDeath(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		for _, code := range []string{"set x", "print y", "fail", "result 4", "set z"} {
			c.run(code)
		}
		m, out := c.run("print last words\ndie fatal error: concurrent map writes")
		want := []string{"stdout: last words\n", "error: fatal error: concurrent map writes"}
		if !slices.Equal(out, want) {
			t.Errorf("outputs %q, want %q", out, want)
		}
		if status(t, m) != "error" || field[string](t, m, "ename") != "fatal error" || field[string](t, m, "evalue") != "concurrent map writes" {
			t.Errorf("reply %s", m.Content)
		}
		lines := field[[]any](t, m, "traceback")
		if last := lines[len(lines)-1].(string); !strings.Contains(last, "run In[1], In[2], In[4], In[5] again") || strings.Contains(last, "\n") {
			t.Errorf("last line %q", last)
		}
		if m, out := c.run("print alive"); status(t, m) != "ok" || out[0] != "stdout: alive\n" {
			t.Errorf("afterwards: %s %q", m.Content, out)
		}
		if n := k.kind.count(); n != 2 {
			t.Errorf("%d workers, want 2", n)
		}
		// What the first worker had is not asked for twice.
		m, _ = c.run("die exit status 3")
		lines = field[[]any](t, m, "traceback")
		if last := lines[len(lines)-1].(string); field[string](t, m, "ename") != "worker ended" || !strings.Contains(last, "run In[7] again") {
			t.Errorf("second death: %s", m.Content)
		}
	})
}

// A worker that dies between cells, as a goroutine's panic has it, says so in the last cell.
func TestIdleDeath(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("set x")
	k.kind.last().die("panic: in a goroutine")
	m := c.next()
	if s := summary(t, m); !strings.HasPrefix(s, "stderr: panic: in a goroutine\n") || !strings.Contains(s, "run In[1] again") {
		t.Errorf("%q", s)
	}
	if _, out := c.run("get"); out[0] != "stdout: \n" {
		t.Errorf("%q", out)
	}
}

func TestNoWorker(t *testing.T) {
	kind := &fakeKind{fail: errors.New("worker: no such file")}
	k := startKernel(t, "tcp", kind)
	c := connect(t, k.conn)
	if m, _ := c.run("print x"); status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), "no such file") {
		t.Errorf("%s", m.Content)
	}
	id := c.send(wire.Shell, "is_complete_request", object{"code": "x"})
	if m := c.reply(wire.Shell, id); status(t, m) != "unknown" {
		t.Errorf("%s", m.Content)
	}
	kind.mu.Lock()
	kind.fail = nil
	kind.mu.Unlock()
	if m, _ := c.run("print x"); status(t, m) != "ok" {
		t.Errorf("once there is a worker: %s", m.Content)
	}
}

// Workers that die at once are not started without end.
func TestDyingWorkers(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for range 10 {
		k.kind.last().die("exit status 1")
		time.Sleep(5 * time.Millisecond)
	}
	if n := k.kind.count(); n > maxEarly {
		t.Errorf("%d workers were started", n)
	}
	if m, _ := c.run("print x"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}

func TestAbort(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c, other := connect(t, k.conn), connect(t, k.conn)
		bad := c.send(wire.Shell, "execute_request", object{"code": "sleep 50ms\nfail"})
		time.Sleep(10 * time.Millisecond)
		mine := []string{
			c.send(wire.Shell, "execute_request", object{"code": "print 1"}),
			c.send(wire.Shell, "execute_request", object{"code": "print 2"}),
		}
		info := c.send(wire.Shell, "kernel_info_request", object{})
		theirs := other.send(wire.Shell, "execute_request", object{"code": "print theirs"})
		if m := c.reply(wire.Shell, bad); status(t, m) != "error" {
			t.Errorf("%s", m.Content)
		}
		for _, id := range mine {
			if m := c.reply(wire.Shell, id); m.Header.MsgType != "execute_reply" || status(t, m) != "aborted" {
				t.Errorf("%s", m.Content)
			}
			if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
				t.Errorf("aborted request published %q", out)
			}
		}
		if m := c.reply(wire.Shell, info); status(t, m) != "ok" {
			t.Errorf("kernel_info: %s", m.Content)
		}
		if m := other.reply(wire.Shell, theirs); status(t, m) != "ok" {
			t.Errorf("other client: %s", m.Content)
		}
		if m, _ := c.run("print again"); status(t, m) != "ok" {
			t.Errorf("afterwards: %s", m.Content)
		}
	})
}

// Requests of a burst that are still on their way when the first fails are aborted; later ones are not.
func TestAbortOfRequestsUnderway(t *testing.T) {
	failed := time.Now()
	for _, test := range []struct {
		name  string
		date  string
		after time.Duration
		want  bool
	}{
		{"queued", wire.Timestamp(failed.Add(-time.Second)), -time.Millisecond, true},
		{"under way", wire.Timestamp(failed.Add(-5 * time.Millisecond)), 10 * time.Millisecond, true},
		{"under way from a browser", failed.Add(-5 * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"), 10 * time.Millisecond, true},
		{"made afterwards", wire.Timestamp(failed.Add(time.Millisecond)), 2 * time.Millisecond, false},
		{"made in the same millisecond", failed.UTC().Format("2006-01-02T15:04:05.000Z"), time.Millisecond, false},
		{"clock is behind", wire.Timestamp(failed.Add(-time.Hour)), time.Second, false},
		{"no date", "yesterday", time.Millisecond, false},
	} {
		k := &kernel{aborts: map[string]time.Time{"s": failed}}
		r := &request{Message: &wire.Message{Header: wire.Header{Session: "s", Date: test.date}}, received: failed.Add(test.after)}
		if got := k.aborted(r); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestNoStopOnError(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	bad := c.send(wire.Shell, "execute_request", object{"code": "sleep 20ms\nfail", "stop_on_error": false})
	next := c.send(wire.Shell, "execute_request", object{"code": "print 1"})
	if m := c.reply(wire.Shell, bad); status(t, m) != "error" {
		t.Errorf("%s", m.Content)
	}
	if m := c.reply(wire.Shell, next); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}

func TestStdin(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		id := c.send(wire.Shell, "execute_request", object{"code": "input name?", "allow_stdin": true})
		m := c.recv(wire.Stdin)
		if m.Header.MsgType != "input_request" || parentOf(m) != id || field[string](t, m, "prompt") != "name?" || field[bool](t, m, "password") {
			t.Errorf("%s %s", m.Header.MsgType, m.Content)
		}
		c.send(wire.Stdin, "input_reply", object{"value": "Gauß"})
		if m := c.reply(wire.Shell, id); status(t, m) != "ok" {
			t.Errorf("%s", m.Content)
		}
		if out := c.outputs(id); !slices.Contains(out, "stdout: got Gauß\n") {
			t.Errorf("%q", out)
		}
		// An answer that nobody waits for is not taken for the next question.
		c.send(wire.Stdin, "input_reply", object{"value": "stray"})
		time.Sleep(20 * time.Millisecond)
		id = c.send(wire.Shell, "execute_request", object{"code": "input again?", "allow_stdin": true})
		c.recv(wire.Stdin)
		c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
		if m := c.reply(wire.Shell, id); status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), "interrupted") {
			t.Errorf("%s", m.Content)
		}
		if m, _ := c.run("input refused"); !strings.Contains(field[string](t, m, "evalue"), "allow_stdin") {
			t.Errorf("%s", m.Content)
		}
		id = c.send(wire.Shell, "execute_request", object{"code": "input end?", "allow_stdin": true})
		c.recv(wire.Stdin)
		c.send(wire.Stdin, "input_reply", object{"value": "\x04"})
		if m := c.reply(wire.Shell, id); !strings.Contains(field[string](t, m, "evalue"), "EOF") {
			t.Errorf("%s", m.Content)
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

func TestHistory(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for _, code := range []string{"result 1", "print a", "fail", "result 1", "print b"} {
		c.run(code)
	}
	c.runWith(object{"code": "print hidden", "store_history": false})
	for _, test := range []struct{ request, want string }{
		{`{"hist_access_type":"tail","n":2,"output":false,"raw":true}`, `[[1,4,"result 1"],[1,5,"print b"]]`},
		{`{"hist_access_type":"tail","n":2,"output":true,"raw":true}`, `[[1,4,["result 1","1"]],[1,5,["print b",null]]]`},
		{`{"hist_access_type":"range","session":0,"start":2,"stop":4}`, `[[1,2,"print a"],[1,3,"fail"]]`},
		{`{"hist_access_type":"range","session":1,"start":5,"stop":null}`, `[[1,5,"print b"]]`},
		{`{"hist_access_type":"range","session":-1,"start":1}`, `[]`},
		{`{"hist_access_type":"search","pattern":"result*"}`, `[[1,1,"result 1"],[1,4,"result 1"]]`},
		{`{"hist_access_type":"search","pattern":"result*","unique":true}`, `[[1,4,"result 1"]]`},
		{`{"hist_access_type":"search","pattern":"print ?","n":1}`, `[[1,5,"print b"]]`},
		{`{"hist_access_type":"search","pattern":"print [^b]"}`, `[[1,2,"print a"]]`},
		{`{"hist_access_type":"search","pattern":"print ["}`, `[]`},
	} {
		id := c.send(wire.Shell, "history_request", json.RawMessage(test.request))
		m := c.reply(wire.Shell, id)
		got, _ := json.Marshal(field[[]any](t, m, "history"))
		if string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.request, got, test.want)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h memoryHistory
	long := strings.Repeat("x", 1<<20)
	for i := range 100 {
		h.add(historyEntry{Line: i, Input: long, Output: &long})
	}
	if h.size > maxHistory {
		t.Errorf("%d bytes", h.size)
	}
	if e := h.tail(1)[0]; e.Line != 99 || len(*e.Output) > maxHistoryOutput+10 {
		t.Errorf("line %d, output of %d bytes", e.Line, len(*e.Output))
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
				frames(c.codec, "debug_request"),
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
		for _, want := range []string{"signature does not match", "received before", "incomplete", `"no_such_message"`, `"debug_request"`} {
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
	start := time.Now()
	c.reply(wire.Control, c.send(wire.Control, "shutdown_request", object{"restart": true}))
	k.wait(t)
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("shutdown took %v", d)
	}
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

// A subscriber that does not read holds up neither other clients nor control, and a flood does not fill memory.
func TestStuckSubscriber(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	stuck := zmq4.NewSub(context.Background(), quiet())
	if err := stuck.Dial(endpoint(k.conn, wire.IOPub)); err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	stuck.SetOption(zmq4.OptionSubscribe, "") // and never Recv
	c := connect(t, k.conn)
	const blocks = 400 // of 64 KiB
	cell := c.send(wire.Shell, "execute_request", object{"code": fmt.Sprint("flood ", blocks)})
	c.reply(wire.Control, c.send(wire.Control, "kernel_info_request", object{}))
	n := 0
	for {
		m := c.next()
		if m.Header.MsgType == "stream" {
			n += len(field[string](t, m, "text"))
		} else if parentOf(m) == cell && summary(t, m) == "status: idle" {
			break
		}
	}
	if n != blocks<<16 {
		t.Errorf("%d bytes, want %d", n, blocks<<16)
	}
	// next has seen to it that no pause was longer than the test's patience.
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

func TestCellNames(t *testing.T) {
	for _, test := range []struct {
		cells []int
		want  string
	}{
		{[]int{1}, "In[1]"},
		{[]int{1, 2}, "In[1], In[2]"},
		{[]int{1, 2, 3, 4, 6, 9, 10}, "In[1]–In[4], In[6], In[9], In[10]"},
	} {
		if got := cellNames(test.cells); got != test.want {
			t.Errorf("%v: %s, want %s", test.cells, got, test.want)
		}
	}
}

func TestMadeAt(t *testing.T) {
	for date, want := range map[string]string{
		"2026-01-02T03:04:05Z":             "2026-01-02T03:04:05.999999999Z",
		"2026-01-02T03:04:05.123Z":         "2026-01-02T03:04:05.123999999Z",
		"2026-01-02T03:04:05.123456+00:00": "2026-01-02T03:04:05.123456999Z",
	} {
		got, ok := madeAt(date)
		w, _ := time.Parse(time.RFC3339Nano, want)
		if !ok || !got.Equal(w) {
			t.Errorf("%s: %v, want %v", date, got, w)
		}
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue()
	ctx, cancel := context.WithCancel(context.Background())
	big := &request{Message: &wire.Message{Buffers: [][]byte{bytes.Repeat([]byte("x"), maxQueuedBytes/2)}}}
	q.push(ctx, big)
	q.push(ctx, big)
	pushed := make(chan struct{})
	go func() {
		q.push(ctx, big)
		close(pushed)
	}()
	select {
	case <-pushed:
		t.Error("a third half fits")
	case <-time.After(20 * time.Millisecond):
	}
	if got := q.pop(ctx); !reflect.DeepEqual(got, big) {
		t.Error("pop gives something else")
	}
	<-pushed
	cancel()
	if q.pop(ctx) != nil {
		t.Error("pop after the end")
	}
}
