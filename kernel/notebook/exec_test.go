package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"swingby/kernel/display"
	"swingby/kernel/worker"
)

// fake is a session whose cells are little scripts, one command a line.
type fake struct {
	output func(worker.Event)
	closed bool
	ran    []string
}

func (f *fake) Close() error { f.closed = true; return nil }

func (f *fake) Execute(ctx context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error) {
	f.ran = append(f.ran, req.Code)
	for _, l := range strings.Split(req.Code, "\n") {
		verb, arg, _ := strings.Cut(l, " ")
		switch verb {
		case "out":
			f.output(worker.Event{Stream: "stdout", Text: arg + "\n", Count: req.Count})
		case "err":
			f.output(worker.Event{Stream: "stderr", Text: arg + "\n", Count: req.Count})
		case "show":
			f.output(worker.Event{Display: &display.Event{Kind: "display", Bundle: display.Bundle{Data: map[string]any{
				"text/plain": arg, "application/json": json.RawMessage(`{"n": 1.50}`)}}}, Count: req.Count})
		case "page":
			return &worker.ExecuteReply{Status: "ok", Payloads: []worker.Payload{{NextInput: "code", Replace: true}, {Page: map[string]string{"text/plain": arg}}}}, nil
		case "result":
			return &worker.ExecuteReply{Status: "ok", Result: &display.Bundle{Data: map[string]any{"text/plain": arg}}}, nil
		case "fail":
			return &worker.ExecuteReply{Status: "error", Error: &worker.Error{Name: "panic", Value: arg, Traceback: []string{"panic: " + arg, "In[1]"}}}, nil
		case "die":
			return nil, &worker.Death{Reason: "fatal error: " + arg, Detail: "goroutine 1"}
		case "hang":
			<-ctx.Done()
			return &worker.ExecuteReply{Status: "error", Error: &worker.Error{Name: "interrupted"}}, nil
		}
	}
	return &worker.ExecuteReply{Status: "ok"}, nil
}

// sessions starts fakes and remembers them.
type sessions struct{ all []*fake }

func (s *sessions) start(output func(worker.Event)) (Runner, error) {
	f := &fake{output: output}
	s.all = append(s.all, f)
	return f, nil
}

func notebookOf(cells ...string) *Notebook {
	nb := &Notebook{Minor: 5}
	for i, src := range cells {
		c := &Cell{Type: Code, ID: fmt.Sprintf("c%d", i), Source: src}
		if tag, rest, ok := strings.Cut(src, ": "); ok && strings.HasPrefix(tag, "#") {
			c.Metadata = map[string]any{"tags": []any{tag[1:]}}
			c.Source = rest
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

// show writes a notebook's outputs for comparison, one line a cell.
func show(nb *Notebook) string {
	var b strings.Builder
	for _, c := range nb.Cells {
		fmt.Fprintf(&b, "[%s]", countText(c.ExecutionCount))
		for _, o := range c.Outputs {
			switch o.Type {
			case Stream:
				fmt.Fprintf(&b, " %s %q", o.Name, o.Text)
			case ErrorOutput:
				fmt.Fprintf(&b, " error %s: %s %q", o.EName, o.EValue, o.Traceback)
			default:
				fmt.Fprintf(&b, " %s %v", o.Type, o.Data["text/plain"])
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestExec(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		opts  ExecOptions
		want  string
		err   string
		runs  int // sessions started
	}{
		{"streams are one output each between others, stdout first",
			[]string{"err e1\nout a\nerr e2\nout b\nshow d\nout c"}, ExecOptions{},
			`[1] stdout "a\nb\n" stderr "e1\ne2\n" display_data d stdout "c\n"` + "\n", "", 1},
		{"counts run over the cells that run; others stay as they are",
			[]string{"result 1", " \n", "#skip-execution: out no", "result 2"}, ExecOptions{},
			"[1] execute_result 1\n[none]\n[none]\n[2] execute_result 2\n", "", 1},
		{"a page is an output; text for an input has no place",
			[]string{"out a\npage text"}, ExecOptions{},
			"[1] stdout \"a\\n\" display_data text\n", "", 1},
		{"the first failure stops",
			[]string{"out a", "out b\nfail no\nmore", "out c"}, ExecOptions{},
			"[1] stdout \"a\\n\"\n[2] stdout \"b\\n\" error panic: no [\"panic: no\" \"In[1]\"]\n[none]\n",
			"notebook: cell 2 (In[2]) failed: panic: no", 1},
		{"a failure that is expected does not",
			[]string{"#raises-exception: fail no", "out c"}, ExecOptions{},
			"[1] error panic: no [\"panic: no\" \"In[1]\"]\n[2] stdout \"c\\n\"\n", "", 1},
		{"nor does any with KeepGoing, but the first is told",
			[]string{"fail one", "fail two", "out c"}, ExecOptions{KeepGoing: true},
			"[1] error panic: one [\"panic: one\" \"In[1]\"]\n[2] error panic: two [\"panic: two\" \"In[1]\"]\n[3] stdout \"c\\n\"\n",
			"notebook: cell 1 (In[1]) failed: panic: one", 1},
		{"death is an error output",
			[]string{"out a\ndie stack overflow", "out b"}, ExecOptions{},
			"[1] stdout \"a\\n\" error fatal error: stack overflow [\"fatal error: stack overflow\" \"goroutine 1\" \"" +
				"The process that ran the cells has ended and a new one has started; no earlier cell needs to run again.\"]\n[none]\n",
			"notebook: cell 1 (In[1]) failed: fatal error: stack overflow", 1},
		{"after death a new session goes on",
			[]string{"x", "#raises-exception: die x", "out b"}, ExecOptions{},
			"[1]\n[2] error fatal error: x [\"fatal error: x\" \"goroutine 1\" \"The process that ran the cells has ended and a new one has started, " +
				"without their variables, functions and types: run In[1] again.\"]\n[3] stdout \"b\\n\"\n", "", 2},
		{"a cell out of time is interrupted",
			[]string{"out a\nhang", "out b"}, ExecOptions{CellTimeout: 20 * time.Millisecond, KeepGoing: true},
			"[1] stdout \"a\\n\" error timeout: the cell ran longer than 20ms [\"timeout: the cell ran longer than 20ms\"]\n[2] stdout \"b\\n\"\n",
			"notebook: cell 1 (In[1]) failed: timeout: the cell ran longer than 20ms", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s sessions
			c.opts.Start = s.start
			nb := notebookOf(c.cells...)
			old := 7
			nb.Cells[0].ExecutionCount, nb.Cells[0].Outputs = &old, []*Output{{Type: Stream, Name: "stdout", Text: "old"}}
			err := Exec(context.Background(), nb, c.opts)
			if got := show(nb); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if got := fmt.Sprint(err); got != c.err && !(err == nil && c.err == "") {
				t.Errorf("error %q, want %q", got, c.err)
			}
			if len(s.all) != c.runs {
				t.Errorf("%d sessions, want %d", len(s.all), c.runs)
			}
			for _, f := range s.all {
				if !f.closed {
					t.Error("a session was not closed")
				}
			}
		})
	}
}

func TestExecStops(t *testing.T) {
	var s sessions
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("interrupted by the user")) })
	err := Exec(ctx, notebookOf("hang", "out b"), ExecOptions{Start: s.start, KeepGoing: true})
	if err == nil || err.Error() != "interrupted by the user" {
		t.Errorf("error %v", err)
	}
	if len(s.all[0].ran) != 1 || !s.all[0].closed {
		t.Errorf("ran %q, closed %t", s.all[0].ran, s.all[0].closed)
	}
	refuse := func(func(worker.Event)) (Runner, error) { return nil, errors.New("no worker") }
	if err := Exec(context.Background(), notebookOf("out a"), ExecOptions{Start: refuse}); err == nil || err.Error() != "no worker" {
		t.Errorf("error %v", err)
	}
}

// TestLateOutput: what a goroutine prints between cells is in no cell.
func TestLateOutput(t *testing.T) {
	var s sessions
	nb := notebookOf("out a", "out b")
	err := Exec(context.Background(), nb, ExecOptions{Start: s.start, Done: func(int, *Cell, time.Duration) {
		s.all[0].output(worker.Event{Stream: "stdout", Text: "late"})
	}})
	if want := "[1] stdout \"a\\n\"\n[2] stdout \"b\\n\"\n"; err != nil || show(nb) != want {
		t.Errorf("%v, got\n%s", err, show(nb))
	}
}

// TestLikeNbclient plays the messages of testdata/outputs.json and compares with
// what nbclient stored.
func TestLikeNbclient(t *testing.T) {
	var golden struct {
		Cells   [][][2]json.RawMessage
		Outputs []json.RawMessage
	}
	if err := json.Unmarshal(read(t, "testdata/outputs.json"), &golden); err != nil {
		t.Fatal(err)
	}
	want := Notebook{}
	got := Notebook{}
	var b outputs
	for i, messages := range golden.Cells {
		var r reader
		var m map[string]any
		v, err := decode([]byte(`{"cell_type":"code","outputs":` + string(golden.Outputs[i]) + `}`))
		if err != nil {
			t.Fatal(err)
		}
		m = v.(map[string]any)
		c := r.cell(m, "")
		if r.err != nil {
			t.Fatal(r.err)
		}
		c.Outputs = mergeStreams(c.Outputs)
		want.Cells = append(want.Cells, c)
		mine := &Cell{Type: Code}
		got.Cells = append(got.Cells, mine)
		b.begin(mine)
		for _, msg := range messages {
			var kind string
			var content struct {
				Name, Text     string
				Data, Metadata map[string]any
				Transient      struct {
					ID string `json:"display_id"`
				}
				Wait      bool
				EName     string `json:"ename"`
				EValue    string `json:"evalue"`
				Traceback []string
				Count     int `json:"execution_count"`
			}
			if err := errors.Join(json.Unmarshal(msg[0], &kind), json.Unmarshal(msg[1], &content)); err != nil {
				t.Fatal(err)
			}
			event := display.Event{Bundle: display.Bundle{Data: content.Data, Metadata: content.Metadata}, ID: content.Transient.ID, Wait: content.Wait}
			switch kind {
			case "stream":
				b.stream(content.Name, content.Text)
			case "error":
				b.error(content.EName, content.EValue, content.Traceback)
			case "execute_result":
				b.result(event.Bundle, content.Count)
			default:
				event.Kind = map[string]string{"display_data": "display", "update_display_data": "update", "clear_output": "clear"}[kind]
				b.display(event)
			}
		}
		b.end()
	}
	if len(want.Cells) == 0 {
		t.Fatal("no cells")
	}
	for _, d := range Diff(&want, &got) {
		t.Error(d)
	}
	sameBytes(t, "notebook", got.Bytes(), want.Bytes())
}

func TestExecFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	write := func(cells ...string) []byte {
		t.Helper()
		if err := notebookOf(cells...).WriteFile(path); err != nil {
			t.Fatal(err)
		}
		return read(t, path)
	}
	var s sessions
	var progress bytes.Buffer
	opts := ExecFileOptions{Start: s.start, Progress: &progress, LanguageInfo: map[string]any{"name": "go"}}

	write("out a\nshow b", "result 2")
	if err := ExecFile(context.Background(), path, opts); err != nil {
		t.Fatal(err)
	}
	first := read(t, path)
	nb, err := Parse(first)
	if err != nil || show(nb) != "[1] stdout \"a\\n\" display_data b\n[2] execute_result 2\n" || nb.Language() != "go" {
		t.Errorf("%v\n%s", err, first)
	}
	if !strings.Contains(string(first), "\"n\": 1.5\n") {
		t.Errorf("a number is not as Python writes it:\n%s", first)
	}
	if l := strings.Split(progress.String(), "\n"); len(l) != 3 || !strings.HasPrefix(l[1], "n.ipynb: cell 2 of 2, In[2], 0.") {
		t.Errorf("progress %q", l)
	}

	// Again: the same bytes, and the file is not even touched.
	before, _ := os.Stat(path)
	if err := ExecFile(context.Background(), path, opts); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) || !bytes.Equal(read(t, path), first) {
		t.Error("a second run changed the file")
	}

	// To other files: the notebook itself stays.
	src := write("out c")
	opts.Output, opts.HTML = filepath.Join(dir, "o.ipynb"), filepath.Join(dir, "o.html")
	if err := ExecFile(context.Background(), path, opts); err != nil {
		t.Fatal(err)
	}
	sameBytes(t, "source", read(t, path), src)
	if !bytes.Contains(read(t, opts.HTML), []byte(`<pre class="out">c</pre>`)) {
		t.Error("no output in the page")
	}

	// A run that stops writes nothing.
	onlyFiles(t, dir, "n.ipynb", "o.ipynb", "o.html")
	src = write("out d", "fail no")
	old, oldPage := read(t, opts.Output), read(t, opts.HTML)
	progress.Reset()
	if err := ExecFile(context.Background(), path, opts); err == nil || err.Error() != "notebook: "+path+": cell 2 (In[2]) failed: panic: no" ||
		!strings.Contains(progress.String(), "panic: no\nIn[1]\n") {
		t.Errorf("error %v, progress %q", err, &progress)
	}
	sameBytes(t, "source", read(t, path), src)
	sameBytes(t, "output", read(t, opts.Output), old)
	sameBytes(t, "page", read(t, opts.HTML), oldPage)

	// With KeepGoing it writes, and still says so.
	opts.KeepGoing = true
	if err := ExecFile(context.Background(), path, opts); err == nil || !bytes.Contains(read(t, opts.HTML), []byte("panic: no")) {
		t.Errorf("error %v", err)
	}
	opts.KeepGoing = false

	src = write("hang")
	opts.Timeout = 20 * time.Millisecond
	opts.Output, opts.HTML = "", ""
	if err := ExecFile(context.Background(), path, opts); err == nil || !strings.Contains(err.Error(), "n.ipynb: stopped, nothing was written: the run took longer than 20ms") {
		t.Errorf("error %v", err)
	}
	sameBytes(t, "source", read(t, path), src)
	onlyFiles(t, dir, "n.ipynb", "o.ipynb", "o.html")
}

func TestExecFileRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	nb := notebookOf("out a")
	nb.Metadata = map[string]any{"kernelspec": map[string]any{"language": "Python", "name": "python3"}}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	var s sessions
	if err := ExecFile(context.Background(), path, ExecFileOptions{Start: s.start}); err == nil || !strings.Contains(err.Error(), "is a notebook in python, must be in Go") {
		t.Errorf("error %v", err)
	}
	nb.Metadata = nil
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{dir: "is a folder", filepath.Join(dir, "no", "o.ipynb"): "does not exist, make it first", filepath.Join(path, "o"): "is not a folder"} {
		if err := ExecFile(context.Background(), path, ExecFileOptions{Start: s.start, Output: out}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("output %s: error %v, want %s", out, err, want)
		}
	}
	if len(s.all) != 0 {
		t.Error("cells ran although the result could not be written")
	}
}

func TestDiff(t *testing.T) {
	a, err := ReadFile("testdata/example.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadFile("testdata/example.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if d := Diff(a, b); d != nil {
		t.Errorf("a notebook differs from itself: %v", d)
	}
	var code []*Cell
	for _, c := range b.Cells {
		if c.Type == Code {
			code = append(code, c)
		}
	}
	b.Metadata["kernelspec"] = nil
	code[0].Outputs[0].Text = "loss at the start: 1.62482\n"
	code[0].Source += "\n// more"
	code[1].Outputs[0].Data["image/svg+xml"] = strings.Replace(code[1].Outputs[0].Data["image/svg+xml"].(string), "<path", "<path id='x'", 1)
	code[2].Outputs = nil
	code[6].Outputs[1].Data["image/png"] = "AAAA"
	var got []string
	for _, d := range Diff(a, b) {
		got = append(got, d.What)
	}
	want := []string{"source", "outputs[0] text", "outputs[0] image/svg+xml", "list of outputs", "outputs[1] image/png"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("differences %q, want %q", got, want)
	}
	if s := Diff(a, b)[1].String(); s != "cell 3 (In[1]): outputs[0] text differs\n    - loss at the start: 1.62481\n    + loss at the start: 1.62482\n      " {
		t.Errorf("difference reads %q", s)
	}
}
