package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"swingby/kernel/display"
	"swingby/kernel/wire"
	"swingby/kernel/worker"
)

// fuzzed is every message that a client may send, but shutdown_request, and one that nobody knows.
var fuzzed = []string{
	"execute_request", "inspect_request", "complete_request", "history_request", "is_complete_request", "comm_info_request",
	"kernel_info_request", "connect_request", "comm_open", "comm_msg", "comm_close", "interrupt_request", "debug_request",
	"create_subshell_request", "delete_subshell_request", "list_subshell_request", "input_reply", "unheard_of",
}

// plainWorker is a worker that always answers at once.
type plainWorker struct{ *fakeWorker }

func (w plainWorker) Execute(_ context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error) {
	w.opts.Output(worker.Event{Stream: "stdout", Text: "x"})
	return &worker.ExecuteReply{Status: "ok", Result: &display.Bundle{Data: map[string]any{"text/plain": req.Code}}}, nil
}

func (w plainWorker) Complete(_ context.Context, code string, cursor int) (*worker.CompleteReply, error) {
	return &worker.CompleteReply{Start: 0, End: cursor}, nil
}

func (w plainWorker) Comms(_ context.Context, req worker.CommsRequest) error {
	messages := req.Messages
	for _, m := range messages {
		m.Kind = "msg"
		w.opts.Output(worker.Event{Comm: &m})
	}
	return nil
}

// FuzzRequest: whatever a signed message holds, it is answered once, between busy and idle, by valid JSON, or logged and
// dropped; and the kernel goes on.
func FuzzRequest(f *testing.F) {
	for i, content := range []string{
		`{"code":"1","silent":false,"store_history":true,"user_expressions":{"a":"b"},"allow_stdin":true,"stop_on_error":true}`,
		`{"code":"x","cursor_pos":1,"detail_level":1}`, `{"code":"é","cursor_pos":-5}`,
		`{"hist_access_type":"range","session":-1,"start":1,"stop":null,"output":true,"raw":true}`,
		`{"code":null}`, `{"target_name":"x"}`, `{}`, `{}`, `{"comm_id":"a","target_name":"known","data":{"x":[1e999]}}`,
		`{"comm_id":"a","data":{"do":"echo"}}`, `{"comm_id":""}`, `{}`, `{"seq":1}`, `{}`, `{"subshell_id":"x"}`, `{}`, `{"value":7}`, `{"a":{"b":[]}}`,
	} {
		f.Add(uint8(i), false, []byte(content), "")
		f.Add(uint8(i), true, []byte(content), "s")
	}
	f.Add(uint8(3), false, []byte(`{"hist_access_type":"search","pattern":"[*?","n":-1,"unique":true}`), "")
	f.Add(uint8(3), false, []byte(`{"hist_access_type":"tail","n":9223372036854775807}`), "")
	k := startKernelWith(f, connection(f, "tcp"), Options{Start: func(opts worker.Options) (Worker, error) {
		return plainWorker{&fakeWorker{opts: opts, kind: &fakeKind{}, done: make(chan struct{})}}, nil
	}})
	c := connect(f, k.conn)
	f.Fuzz(func(t *testing.T, kind uint8, control bool, content []byte, subshell string) {
		content = bytes.TrimSpace(content)
		if !json.Valid(content) || content[0] != '{' {
			return // which does not get as far as this; see package wire
		}
		c.t = t
		typ := fuzzed[int(kind)%len(fuzzed)]
		ch := wire.Shell
		switch {
		case typ == "input_reply":
			ch = wire.Stdin
		case control:
			ch = wire.Control
		}
		id := c.sendWith(ch, wire.Header{MsgType: typ, SubshellID: subshell}, json.RawMessage(content))
		// What is asked next on the same channel is answered after it.
		last := c.send(wire.Shell, "kernel_info_request", object{})
		replies := 0
		var created struct {
			ID string `json:"subshell_id"`
		}
		if ch == wire.Control {
			last = c.send(wire.Control, "kernel_info_request", object{})
			c.recv(wire.Shell)
		}
		if ch == wire.Stdin {
			ch = wire.Shell
		}
		for {
			r := c.recv(ch)
			var fields struct{ Status string }
			if err := json.Unmarshal(r.Content, &fields); err != nil || fields.Status == "" {
				t.Fatalf("%s %s is answered by %s", typ, content, r.Content)
			}
			if parentOf(r) == last {
				break
			}
			if parentOf(r) != id || r.Header.MsgType != replyType(typ) {
				t.Fatalf("%s is answered by %s to %s", typ, r.Header.MsgType, parentOf(r))
			}
			replies++
			json.Unmarshal(r.Content, &created)
		}
		if replies > 1 {
			t.Errorf("%s is answered %d times", typ, replies)
		}
		busy, idle := 0, 0
		for done := false; !done; {
			out := c.next()
			switch parentOf(out) {
			case id:
				switch summary(t, out) {
				case "status: busy":
					busy++
				case "status: idle":
					idle++
				default:
					if busy != 1 || idle != 0 {
						t.Errorf("%s publishes %s outside of busy and idle", typ, out.Header.MsgType)
					}
				}
			case last:
				done = summary(t, out) == "status: idle"
			}
		}
		if busy != idle || busy > 1 || replies > busy {
			t.Errorf("%s %s: %d times busy, %d times idle, %d replies", typ, content, busy, idle, replies)
		}
		if log := k.log.String(); strings.Contains(log, "panic") && strings.Contains(log, "goroutine ") {
			t.Error(log)
		}
		k.log.mu.Lock()
		k.log.b.Reset()
		k.log.mu.Unlock()
		if typ == "create_subshell_request" && created.ID != "" { // there is no room for more than a few
			c.reply(wire.Control, c.send(wire.Control, "delete_subshell_request", object{"subshell_id": created.ID}))
		}
	})
}
