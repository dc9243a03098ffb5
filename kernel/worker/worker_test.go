package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// A recorder keeps the events of a worker.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) take(ev Event) {
	r.mu.Lock()
	r.events = append(r.events, ev)
	r.mu.Unlock()
}

// text returns all text of a stream, or of both when name is empty.
func (r *recorder) text(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var sb strings.Builder
	for _, ev := range r.events {
		if ev.Stream != "" && (name == "" || ev.Stream == name) {
			sb.WriteString(ev.Text)
		}
	}
	return sb.String()
}

// story returns stdout and displays as one text in the order of their arrival.
func (r *recorder) story(stream string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var sb strings.Builder
	for _, ev := range r.events {
		switch {
		case ev.Stream == stream:
			sb.WriteString(ev.Text)
		case ev.Display != nil:
			fmt.Fprintf(&sb, "[%v]", ev.Display.Data["text/markdown"])
		}
	}
	return sb.String()
}

// start starts a worker that serves what kind says, and closes it at the end of the test.
func start(t testing.TB, kind string, opts Options) (*Worker, *recorder) {
	t.Helper()
	rec := new(recorder)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if opts.Command == nil {
		opts.Command = []string{self}
	}
	opts.Env = append(os.Environ(), append(opts.Env, envChild+"="+kind)...)
	if opts.Output == nil {
		opts.Output = rec.take
	}
	w, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, rec
}

// execute runs a cell that must be answered within a time.
func execute(t testing.TB, w *Worker, code string) (*ExecuteReply, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	reply, err := w.Execute(ctx, ExecuteRequest{Code: code, Count: 1})
	if ctx.Err() != nil {
		t.Errorf("%q has not come to an end", code)
	}
	return reply, err
}

func executeOK(t testing.TB, w *Worker, code string) *ExecuteReply {
	t.Helper()
	reply, err := execute(t, w, code)
	if err != nil {
		t.Fatalf("%q: %v", code, err)
	}
	if reply.Status != "ok" {
		t.Fatalf("%q: %v", code, reply.Error)
	}
	return reply
}

// plain is the text of a result.
func plain(r *ExecuteReply) string {
	if r.Result == nil {
		return ""
	}
	s, _ := r.Result.Data["text/plain"].(string)
	return s
}

func death(t testing.TB, err error) *Death {
	t.Helper()
	var d *Death
	if !errors.As(err, &d) {
		t.Fatalf("error is %v, not a Death", err)
	}
	return d
}

func TestExecute(t *testing.T) {
	w, rec := start(t, "script", Options{})
	if got := plain(executeOK(t, w, "value x")); got != `"x"` && got != "x" {
		t.Errorf("result is %q", got)
	}
	executeOK(t, w, "out hello")
	if got := rec.text("stdout"); got != "hello" {
		t.Errorf("stdout is %q", got)
	}
}
