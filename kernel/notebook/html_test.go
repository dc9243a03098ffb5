package notebook

import (
	"bytes"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected pages anew; read the diff before you commit it")

// TestHTML compares the page of the example, without its head, with the stored one.
func TestHTML(t *testing.T) {
	nb, err := ReadFile("testdata/example.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	page, err := HTML(nb, HTMLOptions{Name: "example.ipynb"})
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(page), "<body>\n")
	const golden = "testdata/example.body.html"
	if *update {
		if err := os.WriteFile(golden, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sameBytes(t, golden, []byte(body), read(t, golden))
	for _, want := range []string{"<title>Swing-by dynamics, an example</title>", "Content-Security-Policy", "default-src 'none'", "font/woff2", "prefers-color-scheme: dark", "@media print"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %s in the head", want)
		}
	}
	// Nothing is fetched: every address is inside the page.
	for _, m := range regexp.MustCompile(`(?:src|href|url)\s*[=(]\s*["']?([^"')>\s]+)`).FindAllStringSubmatch(string(page), -1) {
		if !strings.HasPrefix(m[1], "data:") && !strings.HasPrefix(m[1], "#") {
			t.Errorf("the page asks for %.60s", m[1])
		}
	}
	again, err := HTML(nb, HTMLOptions{Name: "example.ipynb"})
	if err != nil || string(again) != string(page) {
		t.Errorf("the second page differs (%v)", err)
	}
}

// pageOf returns the main part of the page of some cells.
func pageOf(t *testing.T, dir string, cells ...*Cell) string {
	t.Helper()
	page, err := HTML(&Notebook{Cells: cells}, HTMLOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(page), "<main>\n")
	body, _, _ = strings.Cut(body, "</main>")
	return body
}

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"$x$ costs $5 or $10", `<mi>x</mi></math> costs $5 or $10`},
		{"`$x$` and \\$y\\$", `<code>$x$</code> and $y$`},
		{"$a_b$ and $c_d$", `<msub><mi>a</mi><mi>b</mi></msub></math> and <math`},
		{"$a\n= b$", `<mo>=</mo>`},
		{"text\n$$\n= b\n- c\n$$\nmore", `<p>more</p>`},
		{"inline $$x$$ display", `<p>inline <span class="math">`},
		{"$$ never closed\n\n# Head", `<h1 id="Head">`},
		{"\\begin{equation*}\nx\n\\end{equation*}", `<math display="block"`},
		{"| a |\n|---|\n| $x$ |", `<td><math`},
		{"# A b\n\n# A b", `<h1 id="A-b-2">`},
		{"<b class=\"author\">own HTML</b>", `<b class="author">own HTML</b>`},
		{"```go\nfunc f() {}\n```", `<span class="k">func</span> <span class="f">f</span>()`},
		{"```\na < b\n```", `<pre class="code"><code>a &lt; b`},
		{"$\\nope$", `<code class="tex" title="texmath: the unknown command \nope in &#34;\\nope&#34;">\nope</code>`},
	} {
		if got := pageOf(t, "", &Cell{Type: Markdown, Source: c.source}); !strings.Contains(got, c.want) {
			t.Errorf("%q: no %s in\n%s", c.source, c.want, got)
		}
	}
}

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "my plot.png"), []byte("PNG"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &Cell{Type: Markdown, Source: "![a](my%20plot.png) ![b](attachment:x.png) ![c](https://example.org/c.png) ![d](none.png) <img alt=\"e\" src=\"my%20plot.png\">",
		Extra: map[string]any{"attachments": map[string]any{"x.png": map[string]any{"image/png": "QUJD\n"}}}}
	got := pageOf(t, dir, c)
	for _, want := range []string{`<img src="data:image/png;base64,UE5H" alt="a"`, `<img src="data:image/png;base64,QUJD" alt="b"`,
		`src="https://example.org/c.png"`, `src="none.png"`, `<img alt="e" src="data:image/png;base64,UE5H"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func displayOf(data map[string]any) *Cell {
	return &Cell{Type: Code, Source: "x", Outputs: []*Output{{Type: DisplayData, Data: data}}}
}

func TestRichest(t *testing.T) {
	for _, c := range []struct {
		data map[string]any
		want string
	}{
		{map[string]any{"text/html": "<b>h</b>", "text/plain": "p"}, "<b>h</b>"},
		{map[string]any{"text/markdown": "*m*", "text/plain": "p"}, "<em>m</em>"},
		{map[string]any{"image/svg+xml": "<svg></svg>", "image/png": "QUJD"}, "<svg role="},
		{map[string]any{"image/png": "QU\nJD", "text/plain": "a \"fig\""}, `<img alt="a &#34;fig&#34;" src="data:image/png;base64,QUJD">`},
		{map[string]any{"text/latex": "$$x$$"}, `<math display="block"`},
		{map[string]any{"application/json": map[string]any{"a": "<"}}, "&#34;a&#34;: &#34;&lt;&#34;"},
		{map[string]any{"application/json": 1, "text/plain": "better"}, "better"},
		{map[string]any{"application/javascript": "alert(1)", "text/plain": "a < b"}, "a &lt; b"},
		{map[string]any{"application/x-unknown": "x"}, `</pre>`},
	} {
		if got := pageOf(t, "", displayOf(c.data)); !strings.Contains(got, c.want) || strings.Contains(got, "alert") {
			t.Errorf("%v: no %s in\n%s", c.data, c.want, got)
		}
	}
}

// TestSVG: two pictures with the same ids do not meet, and one with a style of its own is shut in.
func TestSVG(t *testing.T) {
	const svg = `<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- made by hand -->
<svg width="10" height="20" xmlns="http://www.w3.org/2000/svg"><clipPath id="c"/><g id='g' clip-path="url(#c)"/><use xlink:href="#g" width="1"/></svg>`
	got := pageOf(t, "", displayOf(map[string]any{"image/svg+xml": svg}), displayOf(map[string]any{"image/svg+xml": svg}))
	for _, want := range []string{`<figure><svg role="img" aria-label="figure" viewBox="0 0 10 20" width`, `id="s1-c"`, `id='s1-g' clip-path="url(#s1-c)"`,
		`xlink:href="#s1-g"`, `url(#s2-c)`, `xlink:href="#s2-g" width="1"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "DOCTYPE") || strings.Contains(got, "<?xml") {
		t.Errorf("a prolog within the page:\n%s", got)
	}
	got = pageOf(t, "", displayOf(map[string]any{"image/svg+xml": `<svg><style>p{color:red}</style></svg>`}))
	if strings.Contains(got, "<style>") || !strings.Contains(got, "data:image/svg+xml;base64,") {
		t.Errorf("a picture's style reaches the page:\n%s", got)
	}
}

// TestStreams: pieces are joined, the stored order stays.
func TestStreams(t *testing.T) {
	c := &Cell{Type: Code}
	for _, s := range []string{"err one", "err  two\n", "out three\n"} {
		name, text, _ := strings.Cut(s, " ")
		c.Outputs = append(c.Outputs, &Output{Type: Stream, Name: "std" + name, Text: text})
	}
	want := "<section class=\"cell\">\n<pre class=\"out err\">one two</pre>\n<pre class=\"out\">three</pre>\n</section>\n"
	if got := pageOf(t, "", c); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestHidden(t *testing.T) {
	cell := func(tag string) *Cell {
		return &Cell{Type: Code, Source: "source", Metadata: map[string]any{"tags": []any{tag}},
			Outputs: []*Output{{Type: Stream, Name: "stdout", Text: "shown\n"}}}
	}
	for tag, want := range map[string][3]bool{ // source, output, folded
		"none": {true, true, false}, "hide-input": {true, true, true}, "hide-output": {true, true, true}, "hide-cell": {true, true, true},
		"remove-input": {false, true, false}, "remove-output": {true, false, false}, "remove-cell": {false, false, false},
	} {
		got := pageOf(t, "", cell(tag))
		if has := [3]bool{strings.Contains(got, "source"), strings.Contains(got, "shown"), strings.Contains(got, "<details>")}; has != want {
			t.Errorf("%s: source, output, folded = %v, want %v", tag, has, want)
		}
	}
}

func TestANSI(t *testing.T) {
	for in, want := range map[string]string{
		"a<b":                             "a&lt;b",
		"\x1b[31mred\x1b[0m.":             `<span class="a1">red</span>.`,
		"\x1b[1;92;44mx\x1b[22;39my":      `<span class="a10 b4 ab">x</span><span class="b4">y</span>`,
		"\x1b[38;5;196mx\x1b[m":           `<span style="color:#ff0000">x</span>`,
		"\x1b[38;5;3mx":                   `<span class="a3">x</span>`,
		"\x1b[48;2;1;2;3mx":               `<span style="background-color:#010203">x</span>`,
		"\x1b[38;5;244mx":                 `<span style="color:#808080">x</span>`,
		"\x1b[7mx":                        `<span class="ai">x</span>`,
		"\x1b[38mx\x1b[99999999999999mz":  "xz",
		"\x1b[2K\x1b[1Ax\x1b]0;title\x07": "x",
		"10%\r20%\rdone":                  "done",
		"1000\r20":                        "2000",
		"ab\b\bc":                         "cb",
		"a\r\nb":                          "a\nb",
		"\x1b[31mab\rc\x1b[0m":            `cb`, // the colour was written over together with its character
		"\x1b":                            "\x1b",
	} {
		if got := ansiHTML(in); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// sameText checks that colours do not change what is read.
func sameText(t *testing.T, src string) {
	t.Helper()
	if got := html.UnescapeString(tags.ReplaceAllString(highlightGo(src), "")); got != html.UnescapeString(html.EscapeString(src)) {
		t.Errorf("%q reads %q in colour", src, got)
	}
}

func TestHighlight(t *testing.T) {
	got := highlightGo("// note\nx := f(`a<b`, 1.5, nil) // end")
	want := `<span class="c">// note</span>` + "\n" + `x := <span class="f">f</span>(<span class="s">` + "`a&lt;b`" +
		`</span>, <span class="n">1.5</span>, <span class="p">nil</span>) <span class="c">// end</span>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, src := range []string{"", "%time x", "!ls -l 'it", "a := \"open", "`raw\r\nlines\r\n` + x", "/* open", "\xff", "'", "0x", "\ufeffx", "a\x00b"} {
		sameText(t, src)
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("package p\nfunc f(a int) { return `x\r\n` + 'y' /* z */ }")
	f.Fuzz(func(t *testing.T, src string) { sameText(t, src); ansiHTML(src) })
}

// FuzzTerminal: colours do not change what is read, and nothing that is printed becomes a tag.
func FuzzTerminal(f *testing.F) {
	for _, seed := range []string{"\x1b[31mred\x1b[0m", "a\rb\b\bc", "\x1b[38;5;200;48;2;1;2;3mx", "<b>\x1b]8;;http://x\x07l\x1b\\", "\x1b[", "é\b\xff\r", "\x1b[1;7;99999999999999999999m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page := ansiHTML(text)
		want := stripANSI(terminal(text))
		if got := html.UnescapeString(tags.ReplaceAllString(page, "")); got != html.UnescapeString(html.EscapeString(want)) {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
		for _, tag := range tags.FindAllString(page, -1) {
			if tag != "</span>" && !strings.HasPrefix(tag, "<span ") {
				t.Errorf("%q brings the tag %s", text, tag)
			}
		}
	})
}

// FuzzHTML: every notebook that can be read can be shown, and is the same each time.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"# T\n$x_1$ and $$\\frac{1}{2}$$\n\n```go\nx := 1\n```\n![](a.png) <img src=\"b\">", "\\begin{align}x\\end{align} tail", "$`$[^1]: |a|\n|-|", "- $\n$$\n\\[",
	} {
		f.Add(seed, `<svg width="3" height="4px"><g id='a'/></svg>`)
	}
	f.Fuzz(func(t *testing.T, markdown, svg string) {
		nb := &Notebook{Cells: []*Cell{{Type: Markdown, Source: markdown}, {Type: Code, Source: markdown, Outputs: []*Output{
			{Type: DisplayData, Data: map[string]any{"image/svg+xml": svg, "text/plain": markdown}},
			{Type: DisplayData, Data: map[string]any{"text/latex": markdown}},
			{Type: DisplayData, Data: map[string]any{"text/markdown": markdown}},
			{Type: Stream, Name: "stderr", Text: markdown},
		}}}}
		a, err := HTML(nb, HTMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := HTML(nb, HTMLOptions{}); err != nil || !bytes.Equal(a, b) {
			t.Errorf("a second time it is another page, %v", err)
		}
	})
}
