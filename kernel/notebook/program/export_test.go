package program

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"swingby/kernel/notebook"
)

// build compiles an exported program in Swingby's module, and runs it.
func build(t *testing.T, nb *notebook.Notebook, name string) (stdout string) {
	t.Helper()
	src, err := Export(nb, name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, program := filepath.Join(dir, "program.go"), filepath.Join(dir, "program.exe")
	if err := os.WriteFile(file, src, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-o", program, file)
	cmd.Dir = "../../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, src)
	}
	cmd = exec.Command(program)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, &errs, src)
	}
	return out.String()
}

// TestNotebook exports the first notebook, compiles and runs the program, and
// finds every number that the notebook stores.
func TestNotebook(t *testing.T) {
	const path = "../../../notebooks/01-swing-by.ipynb"
	nb, err := notebook.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			want.WriteString(o.Text)
			if s, ok := o.Data["text/plain"].(string); ok {
				want.WriteString(strings.TrimSuffix(s, "\n") + "\n")
			}
		}
	}
	if want.Len() < 1000 {
		t.Fatalf("the notebook stores only %d bytes of text", want.Len())
	}
	if got := build(t, nb, "01-swing-by.ipynb"); got != want.String() {
		a, b := strings.Split(want.String(), "\n"), strings.Split(got, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d of the program is\n%s\nthe notebook stores\n%s", i+1, b[i], a[i])
			}
		}
		t.Fatalf("the program prints %d lines, the notebook stores %d", len(b), len(a))
	}
}

func cells(sources ...string) *notebook.Notebook {
	nb := &notebook.Notebook{Minor: 5}
	for _, s := range sources {
		c := &notebook.Cell{Type: notebook.Code, Source: s}
		if text, ok := strings.CutPrefix(s, "markdown: "); ok {
			c.Type, c.Source = notebook.Markdown, text
		}
		if text, ok := strings.CutPrefix(s, "#raises-exception: "); ok {
			c.Source, c.Metadata = text, map[string]any{"tags": []any{"raises-exception"}}
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

// TestExport runs what cells allow and Go does not, or only elsewhere.
func TestExport(t *testing.T) {
	got := build(t, cells(
		"markdown: # Title\n\n*Text* of the notebook.",
		"import (\n\t\"fmt\"\n\tstr \"strings\"\n)\nx, err := 1, error(nil)\n// point is a type.\ntype point struct{ x, y int }\nfunc (p point) sum() int { return p.x + p.y + scale }\nconst scale = 10\nunused := 1",
		"func show(v any) { fmt.Println(\"show\", v, x) }\nshow(str.ToUpper(\"a\"))",
		"p, err := point{x, 2}, fmt.Errorf(\"no\")\np.sum()",
		"x := 5\nshow(p)",
		"err := \"text now\"\nvar a, b = 1, 2.5\nvar list []int\nfor i := range 3 {\n\tx := i\n\tlist = append(list, x)\n}\nfmt.Println(err, a, b, list, len(err))",
		"path := err + \"!\" // shadows a package\npath",
		"err, ok := map[string]int{\"a\": 1}[\"a\"]\nok",
		"func() { fmt.Println(err, path) }()",
		"w, err2 := torch.UUT(2333, 3, 5)\nm := mat.Trace(w)\nfmt.Printf(\"%.6f %v %v\\n\", m, err2, ctx.Err())",
		"#raises-exception: panic(\"expected\")",
		"math.Pi;",
		"1 + 2 // the sum",
	), "cells.ipynb")
	want := "show A 1\n13\nshow {1 2} 5\ntext now 1 2.5 [0 1 2] 8\n\"text now!\"\ntrue\n1 text now!\n"
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " <nil> <nil>\n3\n") {
		t.Errorf("the program prints\n%s\nwant\n%s…", got, want)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		cells []string
		want  string
	}{
		{[]string{"%time 1"}, `program: n.ipynb: cell 1: "%time 1" is no Go, and a Go program cannot hold it`},
		{[]string{"x := 1", "!ls -l"}, `cell 2: "!ls -l" is no Go`},
		{[]string{"func f() {}", "func f() int { return 1 }"}, "cell 2: f is declared anew, and cell 1 has declared it"},
		{[]string{"func main() {}"}, "a function of the name main has another meaning in a program"},
		{[]string{"x := 1", "x := \"a\"", "func f() string { return x }"}, "line 1: cannot use x"},
		{[]string{"x := 1\ny"}, "line 2: undefined: y"},
		{[]string{"x := ("}, "expected"},
	} {
		_, err := Export(cells(c.cells...), "n.ipynb")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.cells, err, c.want)
		}
	}
}
