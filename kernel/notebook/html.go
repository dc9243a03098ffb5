package notebook

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"mime"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed style.css
var styleCSS string

// mathFont is a part of STIX Two Math: formulas need a font with the measures of
// mathematics, and not every system has one. See font/subset.py.
//
//go:embed font/math.woff2
var mathFont []byte

// HTMLOptions say how to publish a notebook; the zero value is ready to use.
type HTMLOptions struct {
	// Name is the notebook's file name, shown at the foot of the page.
	Name string
	// Dir is the notebook's folder, from which pictures in Markdown are taken
	// into the page; "" leaves them out.
	Dir string
}

// HTML returns the notebook as one self-contained page, as it stands: nothing is
// run. Pictures, colours and mathematics (MathML) are inside, and the page's own
// policy forbids the browser any request, so that it looks the same offline,
// by mail and in ten years. It follows the reader's light or dark setting and
// can be printed.
//
// HTML in Markdown cells and in outputs passes as the author wrote it, scripts
// included, as in nbconvert: publish notebooks whose authors you trust.
//
// A code cell whose metadata hides its source or outputs (jupyter.source_hidden,
// or the tags hide-input, hide-output, hide-cell) is folded; the tags
// remove-input, remove-output and remove-cell leave parts out.
func HTML(nb *Notebook, opts HTMLOptions) ([]byte, error) {
	p := &page{nb: nb, opts: opts}
	p.md = newMarkdown(p.image)
	for i, c := range nb.Cells {
		if err := p.cell(c); err != nil {
			return nil, fmt.Errorf("notebook: cell %d: %w", i+1, err)
		}
	}
	var b bytes.Buffer
	// default-src 'none' refuses every kind of request that is not named after it.
	b.WriteString(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Swingby">
<title>` + html.EscapeString(p.title()) + `</title>
<style>
`)
	if bytes.Contains(p.body.Bytes(), []byte("<math")) {
		b.WriteString(`@font-face { font-family: "Swingby Math"; src: url(data:font/woff2;base64,` +
			base64.StdEncoding.EncodeToString(mathFont) + ") format(\"woff2\"); }\n")
	}
	b.WriteString(styleCSS + `</style>
</head>
<body>
<main>
`)
	b.Write(p.body.Bytes())
	b.WriteString("</main>\n<footer>")
	if opts.Name != "" {
		b.WriteString("<code>" + html.EscapeString(opts.Name) + "</code>, e")
	} else {
		b.WriteString("E")
	}
	b.WriteString("xecuted and typeset by Swingby.</footer>\n</body>\n</html>\n")
	return b.Bytes(), nil
}

type page struct {
	nb       *Notebook
	opts     HTMLOptions
	md       *markdown
	body     bytes.Buffer
	pictures int
}

var firstHeading = regexp.MustCompile(`(?m)^#[ \t]+(.+?)[ \t]*#*$`)

// title is the notebook's metadata title, its first heading or its file name.
func (p *page) title() string {
	if t, ok := p.nb.Metadata["title"].(string); ok && t != "" {
		return t
	}
	for _, c := range p.nb.Cells {
		if c.Type != Markdown {
			continue
		}
		if m := firstHeading.FindStringSubmatch(c.Source); m != nil {
			return strings.NewReplacer("`", "", "*", "", "$", "").Replace(m[1])
		}
	}
	if p.opts.Name != "" {
		return strings.TrimSuffix(p.opts.Name, ".ipynb")
	}
	return "Notebook"
}

func (p *page) cell(c *Cell) error {
	if c.HasTag("remove-cell") {
		return nil
	}
	switch c.Type {
	case Markdown:
		s, err := p.md.html(c.Source, c)
		if err != nil {
			return err
		}
		p.body.WriteString(`<section class="md">` + "\n" + s + "</section>\n")
	case Raw:
		// Raw cells are for other formats unless they say that they are HTML.
		for _, key := range []string{"format", "raw_mimetype"} {
			if c.Metadata[key] == "text/html" {
				p.body.WriteString(c.Source + "\n")
				break
			}
		}
	case Code:
		return p.code(c)
	}
	return nil
}

func (c *Cell) hidden(what string) bool {
	j, _ := c.Metadata["jupyter"].(map[string]any)
	return j[map[string]string{"input": "source_hidden", "output": "outputs_hidden"}[what]] == true ||
		c.HasTag("hide-"+what) || c.HasTag("hide-cell") || what == "output" && c.Metadata["collapsed"] == true
}

func (p *page) code(c *Cell) error {
	p.body.WriteString(`<section class="cell">` + "\n")
	if src := strings.Trim(c.Source, "\n"); src != "" && !c.HasTag("remove-input") {
		count := ""
		if c.ExecutionCount != nil {
			count = fmt.Sprintf(`<div class="count">%d</div>`, *c.ExecutionCount)
		}
		shown := html.EscapeString(src)
		if lang := p.nb.Language(); lang == "" || lang == "go" {
			shown = highlightGo(src)
		}
		code := count + `<pre class="code"><code>` + shown + "</code></pre>"
		if c.hidden("input") {
			code = "<details><summary>Code</summary>" + code + "</details>"
		}
		p.body.WriteString(code + "\n")
	}
	if !c.HasTag("remove-output") && len(c.Outputs) > 0 {
		var b strings.Builder
		for _, o := range joinPieces(c.Outputs) {
			s, err := p.output(o)
			if err != nil {
				return err
			}
			b.WriteString(s)
		}
		if c.hidden("output") {
			p.body.WriteString("<details><summary>Output</summary>" + b.String() + "</details>\n")
		} else {
			p.body.WriteString(b.String())
		}
	}
	p.body.WriteString("</section>\n")
	return nil
}

// joinPieces joins the pieces in which a client stored one stream, so that none
// begins a paragraph of its own. The order is the stored one.
func joinPieces(outs []*Output) []*Output {
	var joined []*Output
	for _, o := range outs {
		n := len(joined)
		if o.Type == Stream && n > 0 && joined[n-1].Type == Stream && joined[n-1].Name == o.Name {
			joined[n-1] = &Output{Type: Stream, Name: o.Name, Text: joined[n-1].Text + o.Text}
			continue
		}
		joined = append(joined, o)
	}
	return joined
}

func (p *page) output(o *Output) (string, error) {
	switch o.Type {
	case Stream:
		class := "out"
		if o.Name == "stderr" {
			class = "out err"
		}
		return `<pre class="` + class + `">` + ansiHTML(strings.TrimRight(o.Text, "\n")) + "</pre>\n", nil
	case ErrorOutput:
		text := strings.Join(o.Traceback, "\n")
		if strings.TrimSpace(text) == "" {
			text = o.EName + ": " + o.EValue
		}
		return `<pre class="out fail">` + ansiHTML(strings.TrimRight(text, "\n")) + "</pre>\n", nil
	case DisplayData, ExecuteResult:
		s, err := p.richest(o)
		if s != "" {
			s = `<div class="rich">` + s + "</div>\n"
		}
		return s, err
	}
	return "", nil
}

// richest shows the first format of a display that a page without a network can hold.
func (p *page) richest(o *Output) (string, error) {
	label := "figure"
	if t, ok := o.Data["text/plain"].(string); ok && len(t) < 200 && !strings.Contains(t, "\n") && t != "" {
		label = t
	}
	label = html.EscapeString(label)
	for _, m := range []string{"text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg",
		"image/gif", "image/webp", "application/json", "text/plain"} {
		v, ok := o.Data[m]
		if !ok {
			continue
		}
		s, isText := v.(string)
		switch {
		case m == "application/json":
			if _, better := o.Data["text/plain"]; better {
				continue // the author's text says it better than indented JSON
			}
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(v); err != nil {
				return "", err
			}
			return `<pre class="out">` + html.EscapeString(strings.TrimSpace(b.String())) + "</pre>", nil
		case !isText:
			continue
		case m == "text/html":
			return s, nil
		case m == "text/markdown":
			return p.md.html(s, nil)
		case m == "image/svg+xml":
			p.pictures++
			return `<figure>` + svgHTML(s, p.pictures, label) + "</figure>", nil
		case m == "text/latex":
			return latexHTML(s), nil
		case strings.HasPrefix(m, "image/"):
			return `<figure><img alt="` + label + `"` + size(o, m) + ` src="data:` + m + ";base64," +
				html.EscapeString(strings.Join(strings.Fields(s), "")) + `"></figure>`, nil
		}
		return `<pre class="out">` + ansiHTML(strings.TrimRight(s, "\n")) + "</pre>", nil
	}
	return "", nil
}

// size returns the width that the display's metadata asks for.
func size(o *Output, mime string) string {
	m, _ := o.Metadata[mime].(map[string]any)
	s := ""
	for _, key := range []string{"width", "height"} {
		if n, ok := m[key].(json.Number); ok {
			s += fmt.Sprintf(` %s="%s"`, key, html.EscapeString(n.String()))
		}
	}
	return s
}

// image takes a picture of a Markdown cell into the page: an attachment of the
// cell or a file beside the notebook. An address elsewhere stays, and the page's
// policy keeps the browser from asking for it.
func (p *page) image(address string, c *Cell) string {
	if name, ok := strings.CutPrefix(address, "attachment:"); ok {
		if c == nil {
			return address
		}
		if n, err := url.PathUnescape(name); err == nil {
			name = n
		}
		atts, _ := c.Extra["attachments"].(map[string]any)
		bundle, _ := atts[name].(map[string]any)
		for _, m := range sortedKeys(bundle) {
			if s, ok := bundle[m].(string); ok && strings.HasPrefix(m, "image/") {
				if m == "image/svg+xml" && strings.Contains(s, "<") {
					s = base64.StdEncoding.EncodeToString([]byte(s))
				}
				return "data:" + m + ";base64," + strings.Join(strings.Fields(s), "")
			}
		}
		return address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || p.opts.Dir == "" || path.IsAbs(u.Path) {
		return address
	}
	kind := mime.TypeByExtension(path.Ext(u.Path))
	if k, _, ok := strings.Cut(kind, ";"); ok {
		kind = k
	}
	if !strings.HasPrefix(kind, "image/") {
		return address
	}
	data, err := os.ReadFile(filepath.Join(p.opts.Dir, filepath.FromSlash(u.Path)))
	if err != nil {
		return address
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}
