package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"swingby/kernel/wire"
)

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

func TestPayloads(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for code, want := range map[string]string{
		"page text\nnext code": `[{"data":{"text/plain":"text"},"source":"page","start":0},{"replace":true,"source":"set_next_input","text":"code"}]`,
		"page text\nfail":      `[]`,
	} {
		m, _ := c.run(code)
		if got, _ := json.Marshal(field[[]any](t, m, "payload")); string(got) != want {
			t.Errorf("%q: payload %s, want %s", code, got, want)
		}
	}
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
	if len(out) > n/20 { // a slow machine may need many times 20 ms
		t.Errorf("%d messages for %d lines", len(out), n)
	}
}

// Text of a long cell arrives while it runs.
func TestOutputArrivesEarly(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	cell := c.send(wire.Shell, "execute_request", object{"code": "print now\nloop"})
	for summary(t, c.next()) != "stdout: now\n" { // and the cell runs until it is interrupted
	}
	c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
	c.reply(wire.Shell, cell)
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
		id := c.send(wire.Control, "kernel_info_request", object{})
		if m := c.reply(wire.Control, id); m.Header.MsgType != "kernel_info_reply" {
			t.Errorf("%s", m.Header.MsgType)
		}
		id = c.send(wire.Control, "interrupt_request", object{})
		if m := c.reply(wire.Control, id); m.Header.MsgType != "interrupt_reply" || status(t, m) != "ok" {
			t.Errorf("%s %s", m.Header.MsgType, m.Content)
		}
		m := c.reply(wire.Shell, cell)
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

func TestAbort(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c, other := connect(t, k.conn), connect(t, k.conn)
		// All made at once, as by a client that runs all cells, however late they arrive.
		at := wire.Header{MsgType: "execute_request", Date: wire.Timestamp(time.Now())}
		bad := c.sendWith(wire.Shell, at, object{"code": "hold\nfail"})
		mine := []string{
			c.sendWith(wire.Shell, at, object{"code": "print 1"}),
			c.sendWith(wire.Shell, at, object{"code": "print 2"}),
		}
		info := c.send(wire.Shell, "kernel_info_request", object{})
		theirs := other.send(wire.Shell, "execute_request", object{"code": "print theirs"})
		close(k.kind.held)
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

// Requests of a burst that are still on their way when the first fails are aborted; later ones are not, whatever the clock
// of the client shows, and whatever ours has shown meanwhile.
func TestAbortOfRequestsUnderway(t *testing.T) {
	const browser = "2006-01-02T15:04:05.000Z"
	for _, skew := range []time.Duration{0, time.Hour, -time.Hour, 80000 * time.Hour, -3 * time.Millisecond} {
		begun := time.Now().Add(-100 * time.Millisecond)
		k := &kernel{aborts: map[line]failedCell{}}
		k.abort(&request{Message: &wire.Message{Header: wire.Header{Session: "s", Date: wire.Timestamp(begun.Add(skew))}}, received: begun})
		failed := k.aborts[line{session: "s"}].at
		at := func(d time.Duration) time.Time { return failed.Add(skew + d) } // by the client's clock
		for _, test := range []struct {
			name  string
			date  string
			after time.Duration
			want  bool
		}{
			{"queued", wire.Timestamp(at(-time.Second)), -time.Millisecond, true},
			{"under way", wire.Timestamp(at(-5 * time.Millisecond)), 10 * time.Millisecond, true},
			{"under way from a browser", at(-5 * time.Millisecond).UTC().Format(browser), 10 * time.Millisecond, true},
			{"made afterwards", wire.Timestamp(at(time.Millisecond)), 2 * time.Millisecond, false},
			{"made in the same millisecond", at(0).UTC().Format(browser), time.Millisecond, false},
			{"received later", wire.Timestamp(at(-time.Hour)), time.Second, false},
			{"no date", "yesterday", time.Millisecond, false},
		} {
			k := &kernel{aborts: map[line]failedCell{{session: "s"}: k.aborts[line{session: "s"}]}}
			r := &request{Message: &wire.Message{Header: wire.Header{Session: "s", Date: test.date}}, received: failed.Add(test.after)}
			if got := k.aborted(r); got != test.want {
				t.Errorf("a clock off by %v, %s: %v, want %v", skew, test.name, got, test.want)
			}
		}
	}
	k := &kernel{aborts: map[line]failedCell{}}
	k.abort(&request{Message: &wire.Message{Header: wire.Header{Session: "s"}}, received: time.Now()})
	if k.aborted(&request{Message: &wire.Message{Header: wire.Header{Session: "s", Date: wire.Timestamp(time.Unix(0, 0))}}, received: time.Now()}) {
		t.Error("a client that gave no date at first has made this later")
	}
}

// What jupyter_client sends to a kernel that it kills at once goes to the next one.
func TestInterruptOfPredecessor(t *testing.T) {
	began := time.Now()
	k := &kernel{began: began}
	for _, test := range []struct {
		name           string
		made, received time.Duration // after the start
		want           bool
	}{
		{"before the start", -5 * time.Millisecond, 100 * time.Millisecond, true},
		{"after the start", 90 * time.Millisecond, 100 * time.Millisecond, false},
		{"by a clock that is behind", -time.Hour, 2 * settling, false},
	} {
		r := &request{Message: &wire.Message{Header: wire.Header{Date: wire.Timestamp(began.Add(test.made))}}, received: began.Add(test.received)}
		if got := k.predecessors(r); got != test.want {
			t.Errorf("made %s: %v, want %v", test.name, got, test.want)
		}
	}
	if k.predecessors(&request{Message: &wire.Message{}, received: began}) {
		t.Error("an interrupt without a date is not heard")
	}
}

func TestNoStopOnError(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	bad := c.send(wire.Shell, "execute_request", object{"code": "hold\nfail", "stop_on_error": false})
	next := c.send(wire.Shell, "execute_request", object{"code": "print 1"})
	close(k.kind.held)
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

func TestMadeAt(t *testing.T) {
	for date, want := range map[string]string{
		"2026-01-02T03:04:05Z":             "2026-01-02T03:04:05.999999999Z",
		"2026-01-02T03:04:05.123Z":         "2026-01-02T03:04:05.123999999Z",
		"2026-01-02T03:04:05.123456+00:00": "2026-01-02T03:04:05.123456999Z",
	} {
		first, last, ok := madeAt(date)
		f, _ := time.Parse(time.RFC3339Nano, date)
		l, _ := time.Parse(time.RFC3339Nano, want)
		if !ok || !first.Equal(f) || !last.Equal(l) {
			t.Errorf("%s: from %v to %v, want to %v", date, first, last, l)
		}
	}
}
