package notebook

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"swingby/kernel/notebook/texmath"
)

// markdown turns Markdown cells into HTML: GitHub's flavour, mathematics between
// dollar signs, Go code in colours. HTML that the author wrote passes as it is,
// as in JupyterLab and nbconvert: who publishes a notebook trusts its author.
type markdown struct {
	md  goldmark.Markdown
	ids *headingIDs
	// image returns what to put in place of an image's address.
	image func(url string, c *Cell) string
}

func newMarkdown(image func(string, *Cell) string) *markdown {
	return &markdown{
		ids:   &headingIDs{used: map[string]bool{}},
		image: image,
		md: goldmark.New(
			goldmark.WithExtensions(extension.GFM),
			goldmark.WithParserOptions(
				parser.WithAutoHeadingID(),
				parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 90)),
				parser.WithInlineParsers(util.Prioritized(mathInlineParser{}, 90)),
			),
			goldmark.WithRendererOptions(
				gmhtml.WithUnsafe(),
				renderer.WithNodeRenderers(util.Prioritized(nodeRenderer{}, 90)),
			),
		),
	}
}

// html converts the source of one cell (nil for a Markdown output).
func (m *markdown) html(source string, c *Cell) (string, error) {
	src := []byte(source)
	doc := m.md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(m.ids))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if img, ok := n.(*ast.Image); ok && entering {
			img.Destination = []byte(m.image(string(img.Destination), c))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := m.md.Renderer().Render(&b, src, doc); err != nil {
		return "", err
	}
	return imgTag.ReplaceAllStringFunc(b.String(), func(tag string) string {
		p := imgTag.FindStringSubmatch(tag)
		if strings.HasPrefix(p[2], "data:") {
			return tag
		}
		return p[1] + html.EscapeString(m.image(html.UnescapeString(p[2]), c)) + p[3]
	}), nil
}

// imgTag finds the address in an img element that the author wrote as HTML.
var imgTag = regexp.MustCompile(`(<img\b[^>]*?\bsrc=")([^"]*)(")`)

// headingIDs gives headings the ids that JupyterLab gives them, so that links
// between cells work: the text with dashes for spaces, made unique in the page.
type headingIDs struct{ used map[string]bool }

func (h *headingIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Join(strings.Fields(strings.NewReplacer(`"`, "", "<", "", ">", "", "`", "", "$", "", "*", "", `\`, "").Replace(string(value))), "-")
	if id == "" {
		id = "section"
	}
	unique := id
	for i := 2; h.used[unique]; i++ {
		unique = fmt.Sprintf("%s-%d", id, i)
	}
	h.used[unique] = true
	return []byte(unique)
}

func (h *headingIDs) Put(value []byte) { h.used[string(value)] = true }

// mathNode is mathematics, in a line or on lines of its own.
type mathNode struct {
	ast.BaseInline
	tex     string
	display bool
}

var kindMath = ast.NewNodeKind("Math")

func (n *mathNode) Kind() ast.NodeKind            { return kindMath }
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// mathBlock is mathematics that begins a line with $$ or \begin{…}. A block of
// its own, because in a paragraph a line "= b" would make a heading and "- b" a list.
type mathBlock struct {
	ast.BaseBlock
	end  string // what closes it
	done bool
}

var kindMathBlock = ast.NewNodeKind("MathBlock")

func (n *mathBlock) Kind() ast.NodeKind            { return kindMathBlock }
func (n *mathBlock) IsRaw() bool                   { return true }
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type mathBlockParser struct{}

var beginEnv = regexp.MustCompile(`^\\begin\{((?:equation|align|alignat|gather|multline|eqnarray|displaymath)\*?)\}`)

func (mathBlockParser) Trigger() []byte             { return []byte{'$', '\\'} }
func (mathBlockParser) CanInterruptParagraph() bool { return true }
func (mathBlockParser) CanAcceptIndentedLine() bool { return false }

func (mathBlockParser) Open(_ ast.Node, r text.Reader, _ parser.Context) (ast.Node, parser.State) {
	l, seg := r.PeekLine()
	trimmed := strings.TrimLeft(string(l), " ")
	indent := len(l) - len(trimmed)
	n := &mathBlock{}
	rest := ""
	switch {
	case strings.HasPrefix(trimmed, "$$"):
		n.end, rest = "$$", trimmed[2:]
	case beginEnv.MatchString(trimmed):
		n.end = `\end{` + beginEnv.FindStringSubmatch(trimmed)[1] + "}"
		rest = trimmed
	default:
		return nil, parser.NoChildren
	}
	// As in JupyterLab, mathematics ends before the next empty line, or is none.
	tail := string(r.Source()[seg.Stop-len(rest):])
	if i := strings.Index(tail, n.end); i < 0 || strings.Contains(tail[:i], "\n\n") {
		return nil, parser.NoChildren
	}
	if i := strings.Index(rest, n.end); i >= 0 {
		after := strings.TrimSpace(rest[i+len(n.end):])
		if after != "" && after != "." && after != "," {
			return nil, parser.NoChildren // text goes on: it is part of a paragraph
		}
		n.done = true
	}
	n.Lines().Append(text.NewSegment(seg.Start+indent, seg.Stop))
	r.AdvanceToEOL()
	return n, parser.NoChildren
}

func (mathBlockParser) Continue(node ast.Node, r text.Reader, _ parser.Context) parser.State {
	n := node.(*mathBlock)
	if n.done {
		return parser.Close
	}
	l, seg := r.PeekLine()
	if l == nil {
		return parser.Close
	}
	n.done = strings.Contains(string(l), n.end)
	n.Lines().Append(seg)
	r.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}

// mathInlineParser reads $…$ and $$…$$ within text. As in Pandoc, the first $ is
// followed by something and the last one preceded by something and not followed
// by a digit, so that “$5 or $10” is money.
type mathInlineParser struct{}

func (mathInlineParser) Trigger() []byte { return []byte{'$'} }

func (mathInlineParser) Parse(_ ast.Node, r text.Reader, _ parser.Context) ast.Node {
	l, _ := r.PeekLine()
	fence := "$"
	if bytes.HasPrefix(l, []byte("$$")) {
		fence = "$$"
	}
	if fence == "$" && (len(l) < 2 || l[1] == ' ' || l[1] == '\t' || l[1] == '\n') {
		return nil
	}
	line, pos := r.Position()
	r.Advance(len(fence))
	var tex strings.Builder
	for {
		l, _ = r.PeekLine()
		if l == nil {
			r.SetPosition(line, pos)
			return nil
		}
		for i := 0; i < len(l); i++ {
			if l[i] == '\\' {
				i++
				continue
			}
			if !bytes.HasPrefix(l[i:], []byte(fence)) {
				continue
			}
			so := tex.String() + string(l[:i])
			if fence == "$" {
				if i+1 < len(l) && l[i+1] >= '0' && l[i+1] <= '9' || strings.HasSuffix(so, " ") || strings.HasSuffix(so, "\n") {
					r.SetPosition(line, pos)
					return nil
				}
			}
			r.Advance(i + len(fence))
			return &mathNode{tex: so, display: fence == "$$"}
		}
		tex.Write(l)
		r.AdvanceLine()
	}
}

// nodeRenderer writes mathematics and code.
type nodeRenderer struct{}

func (nodeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindMath, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			m := n.(*mathNode)
			w.WriteString(mathHTML(m.tex, m.display))
		}
		return ast.WalkContinue, nil
	})
	reg.Register(kindMathBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			m := n.(*mathBlock)
			tex := string(n.Lines().Value(src))
			after := ""
			if m.end == "$$" {
				tex = strings.TrimPrefix(tex, "$$")
			}
			if i := strings.Index(tex, m.end); i >= 0 {
				rest := i
				if m.end != "$$" {
					rest += len(m.end)
					tex, after = tex[:rest], tex[rest:]
				} else {
					tex, after = tex[:i], tex[i+2:]
				}
			}
			w.WriteString(mathHTML(tex, true) + html.EscapeString(strings.TrimSpace(after)) + "\n")
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			block := n.(*ast.FencedCodeBlock)
			code := string(n.Lines().Value(src))
			shown := html.EscapeString(code)
			if lang := string(block.Language(src)); lang == "go" || lang == "golang" {
				shown = highlightGo(code)
			}
			w.WriteString(`<pre class="code"><code>` + shown + "</code></pre>\n")
		}
		return ast.WalkSkipChildren, nil
	})
}

// mathHTML is MathML where the TeX is understood, else the TeX itself, readable.
func mathHTML(tex string, display bool) string {
	m, err := texmath.MathML(tex, display)
	if err != nil {
		if display {
			return `<pre class="tex" title="` + html.EscapeString(err.Error()) + `">` + html.EscapeString(strings.TrimSpace(tex)) + "</pre>"
		}
		return `<code class="tex" title="` + html.EscapeString(err.Error()) + `">` + html.EscapeString(tex) + "</code>"
	}
	if display {
		return `<span class="math">` + m + "</span>"
	}
	return m
}

// latexHTML shows a text/latex output, which may be text with mathematics in it.
func latexHTML(s string) string {
	t := strings.TrimSpace(s)
	for _, f := range [][2]string{{"$$", "$$"}, {`\[`, `\]`}, {"$", "$"}, {`\(`, `\)`}} {
		if len(t) >= len(f[0])+len(f[1]) && strings.HasPrefix(t, f[0]) && strings.HasSuffix(t, f[1]) {
			return mathHTML(t[len(f[0]):len(t)-len(f[1])], f[0] != `\(`)
		}
	}
	return mathHTML(t, true)
}
