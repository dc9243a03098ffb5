package notebook

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// A File is a file that belongs to an exported notebook.
type File struct {
	Name string // with slashes, relative to the exported text
	Data []byte
}

// MarkdownFiles returns the notebook as Markdown, as it stands, and the pictures
// that go into files beside it. name is the notebook's file name; the pictures of
// n.ipynb are n_files/n_3_0.svg and so on: cell 3, output 0, counted from 0.
//
// Code stands in fences, text that cells printed below it. Of a display the first
// of these forms is taken: Markdown, SVG, PNG, JPEG, GIF, WebP, LaTeX, plain text,
// HTML. Attachments of Markdown cells become files too. The tags remove-cell,
// remove-input and remove-output leave parts out.
func MarkdownFiles(nb *Notebook, name string) (text []byte, files []File) {
	m := &markdownExport{base: strings.TrimSuffix(filepath.Base(name), ".ipynb")}
	lang := nb.Language()
	if lang == "" {
		lang = "go"
	}
	for i, c := range nb.Cells {
		if c.HasTag("remove-cell") {
			continue
		}
		switch c.Type {
		case Markdown:
			m.paragraph(m.attachments(i, c))
		case Raw:
			if c.Metadata["format"] == "text/markdown" || c.Metadata["raw_mimetype"] == "text/markdown" {
				m.paragraph(c.Source)
			}
		case Code:
			if strings.TrimSpace(c.Source) != "" && !c.HasTag("remove-input") {
				m.fence(lang, c.Source)
			}
			if c.HasTag("remove-output") {
				continue
			}
			for k, o := range joinPieces(c.Outputs) {
				m.output(i, k, o)
			}
		}
	}
	return []byte(m.text.String()), m.files
}

type markdownExport struct {
	base  string
	text  strings.Builder
	files []File
}

func (m *markdownExport) paragraph(s string) {
	s = strings.Trim(s, "\n")
	if s == "" {
		return
	}
	if m.text.Len() > 0 {
		m.text.WriteString("\n")
	}
	m.text.WriteString(s + "\n")
}

// fence puts text into a fence that is longer than any in it.
func (m *markdownExport) fence(lang, s string) {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	m.paragraph(fence + lang + "\n" + strings.Trim(s, "\n") + "\n" + fence)
}

// file keeps a file and returns its address for a link.
func (m *markdownExport) file(name string, data []byte) string {
	dir := m.base + "_files"
	m.files = append(m.files, File{dir + "/" + name, data})
	return (&url.URL{Path: dir + "/" + name}).EscapedPath()
}

func (m *markdownExport) output(cell, n int, o *Output) {
	switch o.Type {
	case Stream:
		m.fence("text", terminal(stripANSI(o.Text)))
	case ErrorOutput:
		text := strings.Join(o.Traceback, "\n")
		if strings.TrimSpace(text) == "" {
			text = o.EName + ": " + o.EValue
		}
		m.fence("text", stripANSI(text))
	case DisplayData, ExecuteResult:
		m.display(cell, n, o)
	}
}

var pictureFiles = []struct{ mime, extension string }{
	{"image/svg+xml", ".svg"}, {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"},
}

// extensionOf is how the name of a picture's file ends.
func extensionOf(mime string) string {
	for _, p := range pictureFiles {
		if p.mime == mime {
			return p.extension
		}
	}
	return "." + strings.TrimPrefix(strings.TrimPrefix(mime, "image/"), "application/")
}

func (m *markdownExport) display(cell, n int, o *Output) {
	get := func(mime string) string { s, _ := o.Data[mime].(string); return s }
	if s := get("text/markdown"); s != "" {
		m.paragraph(s)
		return
	}
	for _, p := range pictureFiles {
		s := get(p.mime)
		data := []byte(s)
		if p.mime != "image/svg+xml" {
			var err error
			if data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), "")); err != nil {
				continue
			}
		}
		if len(data) == 0 {
			continue
		}
		address := m.file(fmt.Sprintf("%s_%d_%d%s", m.base, cell, n, p.extension), data)
		label, _, _ := strings.Cut(strings.TrimSpace(get("text/plain")), "\n")
		if label == "" {
			label = "figure"
		}
		m.paragraph("![" + strings.NewReplacer("[", "(", "]", ")", `\`, "").Replace(label) + "](" + address + ")")
		return
	}
	switch latex, plain, html := get("text/latex"), get("text/plain"), get("text/html"); {
	case latex != "":
		t := strings.TrimSpace(latex)
		if !strings.HasPrefix(t, "$") && !strings.HasPrefix(t, `\[`) {
			t = "$$\n" + t + "\n$$"
		}
		m.paragraph(t)
	case plain != "":
		m.fence("text", stripANSI(plain))
	case html != "":
		m.paragraph(html)
	}
}

var attachmentLink = regexp.MustCompile(`attachment:([^)\s"'>]+)`)

// attachments makes files of the pictures attached to a cell and returns its text with links to them.
func (m *markdownExport) attachments(cell int, c *Cell) string {
	atts, _ := c.Extra["attachments"].(map[string]any)
	made := map[string]string{}
	return attachmentLink.ReplaceAllStringFunc(c.Source, func(link string) string {
		name := strings.TrimPrefix(link, "attachment:")
		if n, err := url.PathUnescape(name); err == nil {
			name = n
		}
		if made[name] != "" {
			return made[name]
		}
		bundle, _ := atts[name].(map[string]any)
		for _, p := range pictureFiles {
			s, ok := bundle[p.mime].(string)
			if !ok {
				continue
			}
			data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
			if err != nil {
				if p.mime != "image/svg+xml" {
					continue
				}
				data = []byte(s)
			}
			made[name] = m.file(fmt.Sprintf("%s_%d_%d%s", m.base, cell, len(made), p.extension), data)
			return made[name]
		}
		return link
	})
}
