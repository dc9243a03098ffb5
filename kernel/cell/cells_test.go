package cell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swingby/kernel/cell/module/moduletest"
	"swingby/kernel/display"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// testCells lists the sources of the cells in testdata.
func testCells(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cells in testdata: %v", err)
	}
	var list []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split(string(data), "-- cell --\n")[1:] {
			src, _, _ := strings.Cut(c, "-- out --\n")
			list = append(list, src)
		}
	}
	return list
}

// TestCells runs the notebooks of testdata: text files of cells, each followed
// by what it must show.
//
//	-- cell --
//	x := 20
//	x + 1
//	-- out --
//	=> int: 21
//
// Output is the cell's standard output and error, what it asks of the front
// end, then its result or its error's traceback.
func TestCells(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cells in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			intro, rest, _ := strings.Cut(string(data), "-- cell --\n")
			if filepath.Base(file) == "get.txt" {
				moduletest.Setup(t, "module/testdata")
			}
			s := newSession(t)
			var out strings.Builder
			out.WriteString(intro)
			for i, c := range strings.Split(rest, "-- cell --\n") {
				src, want, _ := strings.Cut(c, "-- out --\n")
				got := runCell(t, s, i+1, src)
				if got != want && !*update {
					t.Errorf("In[%d]:\n%s\ngot:\n%s\nwant:\n%s", i+1, src, got, want)
				}
				fmt.Fprintf(&out, "-- cell --\n%s-- out --\n%s", src, got)
			}
			if *update {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func newSession(t testing.TB) *Session {
	t.Helper()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runCell executes one cell and returns everything it shows.
func runCell(t testing.TB, s *Session, count int, src string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	var res Result
	var err error
	out := captureOutput(t, func() { res, err = s.Execute(ctx, count, src) })
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	for _, p := range res.Payloads {
		if p.Page != nil {
			out += "page:\n" + p.Page["text/plain"]
		} else {
			out += fmt.Sprintf("next input, replace %t:\n%s\n", p.Replace, p.NextInput)
		}
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("Execute returned %T, not *Error: %v", err, err)
		}
		return out + "!! " + strings.Join(e.Traceback, "\n!! ") + "\n"
	}
	if len(res.Values) > 0 {
		text, _ := display.Render(res.Values, res.Types).Data["text/plain"].(string)
		out += fmt.Sprintf("=> %s: %s\n", strings.Join(res.Types, ", "), text)
	}
	return out
}

// captureOutput runs f with standard output and error going to one pipe.
func captureOutput(t testing.TB, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	restore := redirect(t, w)
	var b bytes.Buffer
	done := make(chan struct{})
	go func() { io.Copy(&b, r); close(done) }()
	f()
	restore()
	w.Close()
	<-done
	return b.String()
}
