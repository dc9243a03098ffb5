package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"swingby/kernel/notebook"
)

func parse(t *testing.T, cells string) file {
	t.Helper()
	nb, err := notebook.Parse(fmt.Appendf(nil, `{"cells": [%s], "metadata": {"kernelspec": {"name": "swingby", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`, cells))
	if err != nil {
		t.Fatal(err)
	}
	return file{"01-a.ipynb", nb}
}

func code(id string, count int, source, outputs string) string {
	return fmt.Sprintf(`{"cell_type": "code", "id": %q, "metadata": {}, "execution_count": %d, "source": %q, "outputs": [%s]}`, id, count, source, outputs)
}

func markdown(id, source string) string {
	return fmt.Sprintf(`{"cell_type": "markdown", "id": %q, "metadata": {}, "source": %q}`, id, source)
}

const svg = `{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"image/svg+xml": "<svg/>", "image/png": "AA==", "text/plain": "<figure>"}}`

func TestInspect(t *testing.T) {
	long := strings.Repeat("x\n", 26)
	for _, tt := range []struct{ name, cells, want string }{
		{"good", markdown("a", "# T\n[b](02-b.ipynb)") + "," + code("b", 1, "x", svg), ""},
		{"long cell", code("a", 1, long, svg), "has 26 lines"},
		{"long line", code("a", 1, strings.Repeat("x", 117), svg), "a line of 117 characters"},
		{"wide figure", code("a", 1, "x", strings.Replace(svg, "<figure>", "<figure, 1043×375>", 1)), "1043 pixels wide"},
		{"machine path", code("a", 1, `os.Open("/home/me/data.csv")`, svg), "names a place on one machine"},
		{"machine path shown", code("a", 1, "x", `{"output_type": "stream", "name": "stdout", "text": "wrote /tmp/x"}`), "prints a place on one machine"},
		{"order", code("a", 2, "x", svg), "not stored as run 1"},
		{"error", code("a", 1, "x", `{"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}`), "stored with an error"},
		{"claim", code("a", 1, "x", `{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "a  1  2  ✗ differs"}}`), "claim that does not hold"},
		{"no outputs", code("a", 1, "x", ""), "without outputs"},
		{"same id", code("a", 1, "x", svg) + "," + code("a", 2, "x", ""), "want one of its own"},
		{"link", markdown("a", "[c](03-c.ipynb)"), "links to 03-c.ipynb"},
		{"SVG alone", code("a", 1, "x", `{"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg/>"}}`), "as SVG alone"},
	} {
		f := parse(t, tt.cells)
		got := strings.Join(inspect(f, []file{f, {name: "02-b.ipynb"}}), "; ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

// TestCompareRuns: what a client ran is held against what is stored, but for pictures that controls draw.
func TestCompareRuns(t *testing.T) {
	const view = `{"output_type": "display_data", "metadata": {}, "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}}`
	out := func(text string) string {
		return fmt.Sprintf(`{"output_type": "stream", "name": "stdout", "text": %q}`, text)
	}
	stored := parse(t, code("a", 1, "x", out("loss 0.25\n"))+","+code("b", 2, "y", svg))
	for _, tt := range []struct{ name, cells, want string }{
		{"the same, in two pieces", code("a", 4, "x", out("loss ")+","+out("0.25\n")) + "," + code("b", 5, "y", svg), ""},
		{"a control", code("a", 1, "x", out("loss 0.25\n")) + "," + code("b", 2, "y", view), ""},
		{"a digit", code("a", 1, "x", out("loss 0.26\n")) + "," + code("b", 2, "y", svg), "outputs[0] text differs"},
		{"a picture", code("a", 1, "x", out("loss 0.25\n")) + "," + code("b", 2, "y", strings.Replace(svg, "<svg/>", "<svg></svg>", 1)), "image/svg+xml differs"},
		{"a cell", code("a", 1, "x", out("loss 0.25\n")), "number of cells differs"},
		{"a source", code("a", 1, "z", out("loss 0.25\n")) + "," + code("b", 2, "y", svg), "source differs"},
	} {
		dir := t.TempDir()
		if err := parse(t, tt.cells).WriteFile(filepath.Join(dir, stored.name)); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(compareRuns([]file{stored}, dir))
		if tt.want == "" && got != "<nil>" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s; want %q", tt.name, got, tt.want)
		}
	}
}

func TestGallery(t *testing.T) {
	f := parse(t, strings.Join([]string{
		markdown("a", "# The title"), code("b", 1, "x", svg),
		markdown("c", "**What to see.** A line.\n\nMore.\n\n## 2. Figures 11 and 12: two"), code("d", 2, "y", svg+","+svg),
	}, ","))
	g := newGallery([]file{f})
	for _, want := range []string{
		"| 11 | [The title](../notebooks/01-a.ipynb) |\n| 12 |",
		"## [The title](../notebooks/01-a.ipynb)\n\n![The title](gallery/01-a-1.svg)\n\nA line.\n",
		"### Figures 11 and 12: two\n\n![Figures 11 and 12: two](gallery/01-a-2.svg)",
		"gallery/01-a-3.svg",
	} {
		if !strings.Contains(g.page, want) {
			t.Errorf("the page lacks %q:\n%s", want, g.page)
		}
	}
	if len(g.pictures) != 3 || string(g.pictures["01-a-1.svg"]) != "<svg/>" {
		t.Errorf("pictures %v; want three", g.pictures)
	}
}
