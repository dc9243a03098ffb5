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
	// A race detector is not to wait at the end, nor to report what happens inside the interpreter.
	gorace := "GORACE=atexit_sleep_ms=0"
	if kind == "real" {
		gorace += " report_bugs=0"
	}
	env := append(os.Environ(), gorace, envChild+"="+kind)
	opts.Env = append(env, opts.Env...)
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
		if strings.Contains(rec.text("stderr"), "DATA RACE") {
			t.Error(rec.text("stderr"))
		}
	})
	return w, rec
}

// hangs is when a test gives up: long after the slowest machine is done, since it says that something never ends.
const hangs = 2 * time.Minute

// execute runs a cell that must come to an end.
func execute(t testing.TB, w *Worker, code string) (*ExecuteReply, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
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

func TestResults(t *testing.T) {
	w, _ := start(t, "script", Options{})
	if r := executeOK(t, w, "out"); r.Result != nil {
		t.Errorf("a cell without a value has the result %v", r.Result)
	}
	r := executeOK(t, w, "html <b>&</b>")
	if got := r.Result.Data["text/html"]; got != "<b>&</b>" {
		t.Errorf("HTML is %q", got)
	}
	r = executeOK(t, w, "number")
	if got := fmt.Sprintf("%s", r.Result.Data["application/json"]); got != "4611686018427387905" {
		t.Errorf("a large number in JSON became %s", got)
	}
	silent, err := w.Execute(context.Background(), ExecuteRequest{Code: "value 1", Silent: true})
	if err != nil || silent.Status != "ok" || silent.Result != nil {
		t.Errorf("silent: %+v, %v", silent, err)
	}
	for _, n := range []int{1 << 10, 2 << 20} {
		r = executeOK(t, w, fmt.Sprintf("large %d", n))
		if s, _ := r.Result.Data["text/html"].(string); len(s) != n || strings.Trim(s, "é") != "" {
			t.Errorf("a result of %d bytes arrives as %d", n, len(s))
		}
	}
}

func TestErrors(t *testing.T) {
	w, _ := start(t, "script", Options{})
	for _, test := range []struct{ code, name, value string }{
		{"fail because", "compile error", "because"},
		{"panic out of it", "panic", "out of it"},
		{"unknown", "error", `no script "unknown"`},
	} {
		r, err := execute(t, w, test.code)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != "error" || r.Error == nil || r.Error.Name != test.name || r.Error.Value != test.value || len(r.Error.Traceback) == 0 {
			t.Errorf("%q: %s %+v", test.code, r.Status, r.Error)
		}
	}
	if r, err := execute(t, w, "bad"); err != nil {
		t.Errorf("a String method that panics: %v", err)
	} else if r.Status == "ok" && !strings.Contains(plain(r), "no text today") {
		t.Errorf("a String method that panics shows as %q", plain(r))
	}
}

func TestUserExpressions(t *testing.T) {
	w, _ := start(t, "script", Options{})
	r, err := w.Execute(context.Background(), ExecuteRequest{Code: "value 1", UserExpressions: map[string]string{
		"good": "html <i>", "none": "out", "bad": "fail so", "worse": "panic p",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"good":  {`"status":"ok"`, `"text/html":"<i>"`, `"metadata":{`},
		"none":  {`"status":"ok"`, `"data":{}`, `"metadata":{}`},
		"bad":   {`"status":"error"`, `"ename":"compile error"`, `"evalue":"so"`, `"traceback":["line","so"]`},
		"worse": {`"status":"error"`, `"ename":"panic"`, `"evalue":"p"`},
	} {
		for _, part := range want {
			if !strings.Contains(string(r.UserExpressions[name]), part) {
				t.Errorf("%s: %s lacks %s", name, r.UserExpressions[name], part)
			}
		}
	}
}

func TestOrder(t *testing.T) {
	w, rec := start(t, "script", Options{})
	for _, stream := range []string{"stdout", "stderr"} {
		rec.events = nil
		if r := executeOK(t, w, "order"); !strings.Contains(plain(r), "done") {
			t.Errorf("result %q", plain(r))
		}
		var want strings.Builder
		for i := range 50 {
			if stream == "stdout" {
				fmt.Fprintf(&want, "out %d\n[first %d][second %d]", i, i, i)
			} else {
				fmt.Fprintf(&want, "[first %d]err %d\n[second %d]", i, i, i)
			}
		}
		if stream == "stdout" {
			want.WriteString("end")
		}
		if got := rec.story(stream); got != want.String() {
			t.Errorf("%s and displays: got\n%s\nwant\n%s", stream, got, want.String())
		}
	}
}

func TestCompiledOutput(t *testing.T) {
	w, rec := start(t, "script", Options{})
	executeOK(t, w, "compiled")
	if got, want := rec.text("stdout"), "write\nraw\n"; got != want {
		t.Errorf("stdout is %q, want %q", got, want)
	}
	if got, want := rec.text("stderr"), "println\nraw\n"; got != want {
		t.Errorf("stderr is %q, want %q", got, want)
	}
}

func TestFlood(t *testing.T) {
	w, rec := start(t, "script", Options{})
	executeOK(t, w, "flood")
	displays := 0
	for _, ev := range rec.events {
		if ev.Display != nil {
			if got := ev.Display.Data["text/markdown"]; got != fmt.Sprint(displays) {
				t.Fatalf("display %d is %v", displays, got)
			}
			displays++
		}
	}
	if displays != 100 {
		t.Errorf("%d displays of 100", displays)
	}
	line := strings.Repeat("äöü…😀", 3000) + "\n"
	text := rec.text("stdout")
	if strings.ReplaceAll(text, line, "") != "" {
		t.Error("text among displays has been damaged")
	}
	if len(text) == 0 {
		t.Error("no text")
	}
}

func TestBackground(t *testing.T) {
	w, rec := start(t, "script", Options{})
	executeOK(t, w, "background")
	deadline := time.Now().Add(hangs)
	for !strings.Contains(rec.story("stdout"), "[later 19]") && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	var want strings.Builder
	for i := range 20 {
		fmt.Fprintf(&want, "later %d\n[later %d]", i, i)
	}
	if got := rec.story("stdout"); got != want.String() {
		t.Errorf("got %q", got)
	}
	for _, ev := range rec.events {
		if ev.Count != 1 {
			t.Errorf("event belongs to cell %d", ev.Count)
		}
	}
}

// An interrupt that overtakes its request stops it all the same.
func TestInterruptBeforeItsRequest(t *testing.T) {
	s := &server{work: make(chan *execution, 3), arriving: make(chan struct{}, 1), cancels: map[uint64]context.CancelFunc{}}
	for _, f := range []*frame{
		{Type: "execute", ID: 1, Body: []byte("{}")},
		{Type: "interrupt", ID: 2},
		{Type: "execute", ID: 2, Body: []byte("{}")},
		{Type: "execute", ID: 3, Body: []byte("{}")},
		{Type: "interrupt", ID: 4},
		{Type: "comms", ID: 4, Body: []byte("{}")},
		{Type: "comms", ID: 5, Body: []byte("{}")},
	} {
		if err := s.handle(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []bool{false, true, false} {
		x := <-s.work
		if got := x.ctx.Err() != nil; got != want {
			t.Errorf("cell %d: interrupted is %v", x.id, got)
		}
	}
	for i, want := range []bool{true, false} {
		if got := s.arrived[i].ctx.Err() != nil; got != want {
			t.Errorf("comms %d: interrupted is %v", s.arrived[i].id, got)
		}
	}
}

func TestUnshowable(t *testing.T) {
	w, rec := start(t, "script", Options{})
	executeOK(t, w, "badjson")
	if got := rec.text("stderr"); !strings.Contains(got, "a display could not be shown") {
		t.Errorf("stderr is %q", got)
	}
}

// A cell that closes its outputs does not keep later ones waiting for marks.
func TestClosedOutputs(t *testing.T) {
	before := markWithin
	t.Cleanup(func() { markWithin = before }) // when the worker has been closed
	markWithin = time.Hour
	w, rec := start(t, "script", Options{})
	executeOK(t, w, "close")
	if got := rec.story("stdout"); got != "before\n[shown]" {
		t.Errorf("got %q", got)
	}
	executeOK(t, w, "value still there")
}

func TestQueries(t *testing.T) {
	w, _ := start(t, "script", Options{})
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	running := make(chan error, 1)
	go func() {
		_, err := w.Execute(ctx, ExecuteRequest{Code: "wait"})
		running <- err
	}()
	// "é😀 naïv" is 7 code points and 13 bytes; the cursor stands behind "naï".
	c, err := w.Complete(ctx, "é😀 naïv", 6)
	if err != nil || c.Start != 3 || c.End != 6 || len(c.Matches) != 1 || c.Matches[0] != (Match{"naï!", "function", "func()"}) {
		t.Errorf("complete: %+v, %v", c, err)
	}
	if c, err := w.Complete(ctx, "panic", 2); err != nil || len(c.Matches) != 0 || c.Start != 2 || c.End != 2 {
		t.Errorf("complete that panics: %+v, %v", c, err)
	}
	for _, cursor := range []int{-5, 1000} {
		if _, err := w.Complete(ctx, "é", cursor); err != nil {
			t.Errorf("complete at %d: %v", cursor, err)
		}
	}
	i, err := w.Inspect(ctx, "é😀x", 2, 1)
	if err != nil || !i.Found || i.Plain != "é😀" || i.Markdown != "**1**" {
		t.Errorf("inspect: %+v, %v", i, err)
	}
	s, err := w.IsComplete(ctx, "for {")
	if err != nil || s.Status != "incomplete" || s.Indent != "\t" {
		t.Errorf("is_complete: %+v, %v", s, err)
	}
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			code := strings.Repeat("é", n) + " x"
			if c, err := w.Complete(ctx, code, n+2); err != nil || c.Start != n+1 {
				t.Errorf("complete at once: %+v, %v", c, err)
			}
		})
	}
	wg.Wait()
	if err := w.Interrupt(); err != nil {
		t.Error(err)
	}
	if err := <-running; err != nil {
		t.Error(err)
	}
}

func TestExecutesTakeTurns(t *testing.T) {
	w, rec := start(t, "script", Options{})
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			_, err := w.Execute(context.Background(), ExecuteRequest{Code: fmt.Sprintf("out %d\n", n), Count: n})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, ev := range rec.events {
		n++
		if got := fmt.Sprintln(ev.Count); got != ev.Text {
			t.Errorf("text of cell %d given as cell %s", ev.Count, ev.Text)
		}
	}
	if n != 20 {
		t.Errorf("%d events of 20", n)
	}
}

func TestInterrupt(t *testing.T) {
	w, _ := start(t, "script", Options{})
	if err := w.Interrupt(); err != nil { // nothing runs
		t.Error(err)
	}
	<-w.Ready()
	for _, code := range []string{"wait", "slow"} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		r, err := w.Execute(ctx, ExecuteRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != "error" || r.Error.Name != "interrupted" {
			t.Errorf("%s: %s %v", code, r.Status, r.Error)
		}
	}
	// One that waits for its turn leaves the running one alone.
	running := make(chan error, 1)
	go func() {
		_, err := w.Execute(context.Background(), ExecuteRequest{Code: "wait"})
		running <- err
	}()
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.Execute(ctx, ExecuteRequest{Code: "value 1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a turn: %v", err)
	}
	w.Interrupt()
	w.Interrupt() // the same key pressed twice
	if err := <-running; err != nil {
		t.Error(err)
	}
	executeOK(t, w, "value alive")
}

func TestStuck(t *testing.T) {
	w, rec := start(t, "script", Options{})
	running := make(chan error, 1)
	go func() {
		_, err := w.Execute(context.Background(), ExecuteRequest{Code: "stuck"})
		running <- err
	}()
	<-w.Ready()
	time.Sleep(50 * time.Millisecond)
	w.Interrupt()
	deadline := time.Now().Add(hangs)
	for rec.text("stderr") == "" && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if got := rec.text("stderr"); !strings.Contains(got, "could not be stopped") {
		t.Errorf("notice is %q", got)
	}
	w.Interrupt()
	d := death(t, <-running)
	if !d.Requested || !strings.Contains(d.Reason, "interrupted a second time") {
		t.Errorf("death: %+v", d)
	}
}

func TestInput(t *testing.T) {
	lines := []string{"Ada", "two words", "secret"}
	asked := ""
	rec := new(recorder)
	w, _ := start(t, "script", Options{Output: rec.take, Input: func(prompt string, password bool) (string, error) {
		if len(lines) == 0 {
			return "", errors.New("enough")
		}
		asked += fmt.Sprintf("%s(%q %v)", rec.text("stdout"), prompt, password)
		line := lines[0]
		lines = lines[1:]
		return line, nil
	}})
	for _, test := range []struct{ code, want string }{
		{"read", "Ada\\n"}, {"scan", "two"}, {"password", "secret"},
	} {
		if got := plain(executeOK(t, w, test.code)); !strings.Contains(got, test.want) && !strings.Contains(fmt.Sprintf("%q", got), test.want) {
			t.Errorf("%s: %q", test.code, got)
		}
	}
	// The text printed before is seen before the question.
	if want := `name? ("" false)name? ("" false)name? ("Password: " true)`; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	for _, code := range []string{"read", "scan", "password"} {
		r, err := execute(t, w, code)
		if err != nil || r.Status != "error" || !strings.Contains(r.Error.Value, "input refused: enough") {
			t.Errorf("%s refused: %+v, %v", code, r, err)
		}
	}
}

func TestInputRefusedAndInterrupted(t *testing.T) {
	w, _ := start(t, "script", Options{})
	r, err := execute(t, w, "read")
	if err != nil || r.Status != "error" || !strings.Contains(r.Error.Value, "input is not available here") {
		t.Errorf("without Input: %+v, %v", r, err)
	}
	release := make(chan bool)
	w, _ = start(t, "script", Options{Input: func(string, bool) (string, error) { <-release; return "late", nil }})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	r, err = w.Execute(ctx, ExecuteRequest{Code: "read"})
	if err != nil || r.Status != "error" || !strings.Contains(r.Error.Value, "interrupted") {
		t.Errorf("interrupted: %+v, %v", r, err)
	}
	close(release)
	executeOK(t, w, "value alive")
}

func TestDirAndEnv(t *testing.T) {
	dir := t.TempDir()
	w, _ := start(t, "script", Options{Dir: dir, Env: []string{"SWINGBY_X=yes"}})
	if got := plain(executeOK(t, w, "dir")); !strings.Contains(got, strings.TrimPrefix(dir, "/private")) {
		t.Errorf("directory %q, want %q", got, dir)
	}
	if got := plain(executeOK(t, w, "env SWINGBY_X")); !strings.Contains(got, "yes") {
		t.Errorf("environment: %q", got)
	}
	for _, name := range []string{envSocket, "GOTRACEBACK"} {
		if got := strings.Trim(plain(executeOK(t, w, "env "+name)), `"`); got != os.Getenv(name) {
			t.Errorf("user code sees %s=%q", name, got)
		}
	}
}

func TestTCP(t *testing.T) {
	w, rec := start(t, "script", Options{connect: startTCP})
	executeOK(t, w, "order")
	if got := rec.text("stdout"); !strings.HasSuffix(got, "out 49\nend") {
		t.Errorf("stdout is %q", got)
	}
	_, err := execute(t, w, "unlock")
	if d := death(t, err); d.Reason != "fatal error: sync: unlock of unlocked mutex" {
		t.Errorf("death: %+v", d)
	}
}

func TestBroken(t *testing.T) {
	w, _ := start(t, "broken", Options{})
	r, err := execute(t, w, "value 1")
	if err != nil || r.Status != "error" || !strings.Contains(r.Error.Value, "no interpreter today") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := w.Complete(context.Background(), "x", 1); err != nil {
		t.Error(err)
	}
	if _, err := Start(Options{Command: []string{"./does-not-exist"}}); err == nil || !strings.HasPrefix(err.Error(), "worker: cannot start ") {
		t.Errorf("a command that does not exist: %v", err)
	}
	// Without a parent there is nothing to serve.
	if err := Serve(); err == nil || !strings.Contains(err.Error(), envSocket+" is not set") {
		t.Errorf("Serve by hand: %v", err)
	}
}
