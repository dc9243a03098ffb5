package notebook

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return files
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRoundTrip: what nbformat wrote comes back byte for byte.
func TestRoundTrip(t *testing.T) {
	for _, path := range append(glob(t, "testdata/nbformat/*.ipynb"), "testdata/example.ipynb") {
		nb, err := ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		sameBytes(t, path, nb.Bytes(), read(t, path))
	}
}

// TestForeign: what other tools wrote becomes what nbformat makes of it.
func TestForeign(t *testing.T) {
	for _, path := range glob(t, "testdata/foreign/*.ipynb") {
		nb, err := ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		sameBytes(t, path, nb.Bytes(), read(t, strings.TrimSuffix(path, ".ipynb")+".want"))
	}
}

func sameBytes(t *testing.T, name string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n%s", name, lineDiff(string(want), string(got)))
	}
}

func TestModel(t *testing.T) {
	nb, err := ReadFile("testdata/nbformat/v4.5.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	c := nb.Cells[1]
	if c.ID != "cell-1" || c.Source != "x := 1\nx" || *c.ExecutionCount != 3 || !c.HasTag("a") || c.HasTag("c") {
		t.Errorf("cell %+v", c)
	}
	if nb.Language() != "go" || nb.Minor != 5 || nb.Cells[2].ExecutionCount != nil {
		t.Errorf("language %q, minor %d", nb.Language(), nb.Minor)
	}
	if got := c.Outputs[2].Data["text/html"]; got != "<b>\n</b>" {
		t.Errorf("text/html is %q", got)
	}
	if got := c.Outputs[1].Text; got != "log: \x1b[31mred\x1b[0m\n" {
		t.Errorf("stderr is %q", got)
	}
}

// TestBadInput: every error is one line that names the file and what is wrong.
func TestBadInput(t *testing.T) {
	const cell = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[%]}`
	const output = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","source":"","metadata":{},"outputs":[%]}]}`
	in := func(frame, s string) string { return strings.Replace(frame, "%", s, 1) }
	for _, c := range []struct{ data, want string }{
		{"", "is empty, must be a notebook (JSON)"},
		{" \n", "is empty"},
		{"\xef\xbb\xbf{}", "starts with a byte order mark"},
		{"\xff\xfe{", "is not UTF-8 text"},
		{"package main\n", "is not a notebook: line 1: not JSON"},
		{"{\n\"cells\": [\n}", "line 3: not JSON"},
		{"{\n\"cells\": [\n", "ends early, at line 3"},
		{"{\n<<<<<<< HEAD\n", "unresolved merge conflict at line 2"},
		{"{} {}", "text after the end"},
		{`{"nbformat":NaN}`, "not JSON"},
		{"[]", "is JSON, but not a notebook: it is a list, must be an object"},
		{"{}", `it has no field "nbformat"`},
		{`{"nbformat":"4"}`, "nbformat is a string, must be the integer 4"},
		{`{"nbformat":4.5}`, "nbformat is a number, must be the integer 4"},
		{`{"nbformat":3,"worksheets":[]}`, "is in notebook format 3, must be 4: open it in JupyterLab and save it"},
		{`{"nbformat":5}`, "is in notebook format 5, newer"},
		{`{"nbformat":4}`, `it has no field "cells"`},
		{`{"nbformat":4,"nbformat_minor":"x","cells":[]}`, "nbformat_minor is a string"},
		{`{"nbformat":4,"cells":{}}`, "cells is an object, must be a list"},
		{`{"nbformat":4,"metadata":[],"cells":[]}`, "metadata is a list, must be an object"},
		{in(cell, `1`), "cells[0] is a number, must be an object"},
		{in(cell, `{}`), "cells[0].cell_type is missing"},
		{in(cell, `{"cell_type":1}`), "cells[0].cell_type is a number, must be a string"},
		{in(cell, `{"cell_type":"code","source":3}`), "cells[0].source is a number, must be text or a list of lines"},
		{in(cell, `{"cell_type":"code","source":["a",null]}`), "cells[0].source is a list, must be text or a list of lines"},
		{in(cell, `{"cell_type":"code","execution_count":"1"}`), "cells[0].execution_count is a string, must be null or an integer from 0"},
		{in(cell, `{"cell_type":"code","execution_count":-1}`), "cells[0].execution_count"},
		{in(cell, `{"cell_type":"code","metadata":null}`), "cells[0].metadata is null, must be an object"},
		{in(cell, `{"cell_type":"code","id":7}`), "cells[0].id is a number"},
		{in(cell, `{"cell_type":"code","outputs":{}}`), "cells[0].outputs is an object, must be a list"},
		{in(output, `[]`), "cells[0].outputs[0] is a list, must be an object"},
		{in(output, `{}`), "cells[0].outputs[0].output_type is missing"},
		{in(output, `{"output_type":"stream","text":{}}`), "cells[0].outputs[0].text is an object"},
		{in(output, `{"output_type":"display_data","data":[]}`), "cells[0].outputs[0].data is a list"},
		{in(output, `{"output_type":"error","traceback":"x"}`), "cells[0].outputs[0].traceback is a string, must be a list"},
		{in(output, `{"output_type":"error","traceback":[1]}`), "cells[0].outputs[0].traceback[0] is a number"},
		{strings.Repeat("[", 100000), "not"},
	} {
		path := filepath.Join(t.TempDir(), "n.ipynb")
		if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadFile(path)
		if err == nil {
			t.Errorf("%.60q: no error", c.data)
			continue
		}
		msg := err.Error()
		if !strings.HasPrefix(msg, "notebook: "+path+" ") || !strings.Contains(msg, c.want) || strings.Contains(msg, "\n") {
			t.Errorf("%.60q:\n got %q\nwant %q in it", c.data, msg, c.want)
		}
	}
	dir := t.TempDir()
	for path, want := range map[string]string{filepath.Join(dir, "none.ipynb"): "no such file", dir: "is a directory"} {
		if _, err := ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), "notebook: "+path+": ") {
			t.Errorf("%s: error %v, want %s", path, err, want)
		}
	}
}

// TestLenient: fields that nbformat's schema asks for but tools forget are supplied,
// cells and outputs of a kind to come are kept.
func TestLenient(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat":4,"future":{"b":1,"a":2},"cells":[
		{"cell_type":"code"},{"cell_type":"sql","source":"kept","query":[1]},
		{"cell_type":"code","outputs":[{"output_type":"hologram","data":["x"],"execution_count":"?"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "metadata": {},
   "outputs": [],
   "source": []
  },
  {
   "cell_type": "sql",
   "metadata": {},
   "query": [
    1
   ],
   "source": "kept"
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "metadata": {},
   "outputs": [
    {
     "data": [
      "x"
     ],
     "execution_count": "?",
     "output_type": "hologram"
    }
   ],
   "source": []
  }
 ],
 "future": {
  "a": 2,
  "b": 1
 },
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 0
}
`
	sameBytes(t, "lenient", nb.Bytes(), []byte(want))
}

func TestPythonNumber(t *testing.T) {
	// Right: Python's json.dumps(json.loads(left)).
	for in, want := range map[string]string{
		"1": "1", "-0": "0", "1.0": "1.0", "1E5": "100000.0", "1.10": "1.1", "1e16": "1e+16", "1e15": "1000000000000000.0",
		"0.0001": "0.0001", "0.00001": "1e-05", "-0.0": "-0.0", "12345678901234567890.0": "1.2345678901234567e+19",
		"123456789012345678901234567890": "123456789012345678901234567890", "0.1e1": "1.0", "5e-324": "5e-324", "1e400": "1e400",
	} {
		if got := pythonNumber(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	nb := &Notebook{Minor: 5}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// The same content: the file is not touched.
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) || after.ModTime() != before.ModTime() {
		t.Errorf("an unchanged file was rewritten (%v)", err)
	}
	// Other content, through a link: the mode and the link stay.
	link := filepath.Join(dir, "link.ipynb")
	if err := os.Symlink("n.ipynb", link); err != nil {
		link = path // a system without links
	}
	nb.Cells = []*Cell{{Type: Markdown, ID: "a", Source: "hello"}}
	if err := nb.WriteFile(link); err != nil {
		t.Fatal(err)
	}
	after, err := os.Lstat(path)
	if err != nil || after.Mode() != before.Mode() {
		t.Errorf("mode %v, want %v (%v)", after.Mode(), before.Mode(), err)
	}
	sameBytes(t, path, read(t, path), nb.Bytes())
	if info, err := os.Lstat(link); err != nil || link != path && info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced by a file (%v)", err)
	}
	if err := nb.WriteFile(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("writing to a folder: %v", err)
	}
	if err := nb.WriteFile(filepath.Join(dir, "none", "n.ipynb")); err == nil {
		t.Error("writing into a folder that is not there: no error")
	}
	onlyFiles(t, dir, "link.ipynb", "n.ipynb")
}

// onlyFiles checks that nothing else, no temporary file, was left in a folder.
func onlyFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := " " + strings.Join(names, " ") + " "
	for _, e := range entries {
		if !strings.Contains(want, " "+e.Name()+" ") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// FuzzParse: no input panics, an error is one line, and what was read and written
// is read and written the same.
func FuzzParse(f *testing.F) {
	for _, path := range append(glob(f, "testdata/nbformat/v4.[05].ipynb"), glob(f, "testdata/foreign/*.ipynb")...) {
		f.Add(read(f, path))
	}
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{"output_type":"stream","name":"x","text":["\r","\n"]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Parse(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			return
		}
		first := nb.Bytes()
		again, err := Parse(first)
		if err != nil {
			t.Fatalf("written notebook cannot be read: %v\n%s", err, first)
		}
		sameBytes(t, "second writing", again.Bytes(), first)
		if d := Diff(nb, again); d != nil {
			t.Errorf("differences after writing and reading: %v", d)
		}
		if _, err := HTML(nb, HTMLOptions{}); err != nil {
			t.Errorf("HTML: %v", err)
		}
	})
}
