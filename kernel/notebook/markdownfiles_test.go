package notebook

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestMarkdownFiles(t *testing.T) {
	png := base64.StdEncoding.EncodeToString([]byte("\x89PNG…"))
	nb := notebookOf("markdown", "x := \"```\"", "#remove-input: hidden", "#remove-cell: gone", "plot", "math", "fail")
	nb.Cells[0] = &Cell{Type: Markdown, Source: "# Title\n\n![a](attachment:my%20a.png) and ![a](attachment:my%20a.png)\n",
		Extra: map[string]any{"attachments": map[string]any{"my a.png": map[string]any{"image/png": png}}}}
	nb.Cells[1].Outputs = []*Output{{Type: Stream, Name: "stdout", Text: "a\rb\n\x1b[31mred\x1b[0m"}}
	nb.Cells[2].Outputs = []*Output{{Type: ExecuteResult, Data: map[string]any{"text/plain": "3", "text/html": "<b>3</b>"}}}
	nb.Cells[4].Outputs = []*Output{{Type: DisplayData, Data: map[string]any{"image/svg+xml": "<svg/>", "image/png": png, "text/plain": "figure [1]\nmore"}},
		{Type: DisplayData, Data: map[string]any{"image/png": png}}}
	nb.Cells[5].Outputs = []*Output{{Type: DisplayData, Data: map[string]any{"text/latex": `\alpha`, "application/json": json.Number("1")}}}
	nb.Cells[6].Outputs = []*Output{{Type: ErrorOutput, EName: "panic", EValue: "no"}}
	text, files := MarkdownFiles(nb, "dir/my n.ipynb")
	const want = "# Title\n\n![a](my%20n_files/my%20n_0_0.png) and ![a](my%20n_files/my%20n_0_0.png)\n\n" +
		"````go\nx := \"```\"\n````\n\n```text\nb\nred\n```\n\n```text\n3\n```\n\n" +
		"```go\nplot\n```\n\n![figure (1)](my%20n_files/my%20n_4_0.svg)\n\n![figure](my%20n_files/my%20n_4_1.png)\n\n" +
		"```go\nmath\n```\n\n$$\n\\alpha\n$$\n\n```go\nfail\n```\n\n```text\npanic: no\n```\n"
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name+"="+string(f.Data))
	}
	if got, want := strings.Join(names, " "), "my n_files/my n_0_0.png=\x89PNG… my n_files/my n_4_0.svg=<svg/> my n_files/my n_4_1.png=\x89PNG…"; got != want {
		t.Errorf("files %q, want %q", got, want)
	}
}
