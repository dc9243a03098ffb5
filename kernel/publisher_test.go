package kernel

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"swingby/kernel/wire"
)

// recorder is an iopub socket that keeps what is sent.
type recorder struct{ sent []string }

func (r *recorder) Wait(context.Context) error { return nil }

func (r *recorder) Send(frames [][]byte) error {
	m, err := wire.NewCodec("").Decode(frames)
	if err == nil {
		var text struct{ Text string }
		json.Unmarshal(m.Content, &text)
		r.sent = append(r.sent, m.Header.MsgType+" "+text.Text)
	}
	return err
}

// A subscriber that comes after one was dropped is told, once, after its welcome.
func TestLoss(t *testing.T) {
	r := &recorder{}
	p := newPublisher(context.Background(), r, wire.NewCodec(""), t.Logf)
	cell := &request{Message: &wire.Message{RawHeader: json.RawMessage("{}")}}
	p.lost(nil, 5) // before the first cell: nobody's output
	p.welcome("")
	p.stream(cell, "stdout", "a")
	p.lost(&execution{request: cell}, 60e6)
	p.lost(nil, 6.5e6)
	p.welcome("")
	p.welcome("")
	want := []string{"iopub_welcome ", "stream a", "iopub_welcome ", "stream swingby: a client stopped reading and has missed 66.5 MB of output before this line\n", "iopub_welcome "}
	if !slices.Equal(r.sent, want) {
		t.Errorf("got %q, want %q", strings.Join(r.sent, "|"), want)
	}
}
