package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"image/png"
	"strings"
)

// Text shows s as it is, without the quotes a string result has.
func Text(s string) Bundle { return bundle(s) }

// HTML shows s as HTML. It is passed on as it is: text from data must be escaped
// by the caller (html.EscapeString). Notebook clients remove scripts and styles
// from HTML in notebooks the reader has not run or trusted.
func HTML(s string) Bundle {
	b := bundle(stripTags(s))
	b.Data[mimeHTML] = s
	return b
}

// Markdown shows s as Markdown, with math between $…$ and $$…$$.
func Markdown(s string) Bundle {
	b := bundle(s)
	b.Data[mimeMarkdown] = s
	return b
}

// LaTeX shows s as LaTeX: what a notebook's math renderer understands. Without a
// delimiter of its own ($, \[, \( or \begin) s is taken as displayed math.
func LaTeX(s string) Bundle {
	trimmed := strings.TrimSpace(s)
	delimited := false
	for _, d := range []string{"$", `\[`, `\(`, `\begin`} {
		delimited = delimited || strings.HasPrefix(trimmed, d)
	}
	if !delimited {
		s = `$$` + trimmed + `$$`
	}
	b := bundle(s)
	b.Data[mimeLaTeX] = s
	return b
}

// SVG shows an SVG document. The ids in it are made unique, so that several
// drawings can stand in one page.
func SVG(s string) Bundle {
	b := bundle(fmt.Sprintf("<SVG image, %s>", byteSize(len(s))))
	b.Data[mimeSVG] = scopeSVG(s)
	return b
}

// PNG shows a PNG image, given as the bytes of the file. Bytes that are not PNG
// show as a message saying so.
func PNG(data []byte) Bundle {
	cfg, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return bundle(fmt.Sprintf("display: PNG was given %d bytes that are not a PNG file: %v", len(data), err))
	}
	b := bundle(fmt.Sprintf("<PNG image, %d×%d pixels>", cfg.Width, cfg.Height))
	b.Data[mimePNG] = base64.StdEncoding.EncodeToString(data)
	return b
}

// JPEG shows a JPEG image, given as the bytes of the file. Bytes that are not
// JPEG show as a message saying so.
func JPEG(data []byte) Bundle {
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return bundle(fmt.Sprintf("display: JPEG was given %d bytes that are not a JPEG file: %v", len(data), err))
	}
	b := bundle(fmt.Sprintf("<JPEG image, %d×%d pixels>", cfg.Width, cfg.Height))
	b.Data[mimeJPEG] = base64.StdEncoding.EncodeToString(data)
	return b
}

// JSON shows v as JSON, in JupyterLab as a tree that opens and closes. v is
// whatever encoding/json can marshal, or text that is JSON already as a
// json.RawMessage. A value that cannot be marshalled shows as a message saying why.
func JSON(v any) Bundle {
	raw, err := json.Marshal(v)
	if err != nil {
		return bundle(fmt.Sprintf("display: JSON was given a %T that is not JSON: %v", v, err))
	}
	// A snapshot: the client marshals it later, when v may have changed.
	var pretty bytes.Buffer
	json.Indent(&pretty, raw, "", "  ") // cannot fail on what Marshal wrote
	b := bundle(cutText(pretty.String(), maxText))
	b.Data[mimeJSON] = json.RawMessage(raw)
	return b
}

// JavaScript runs s in the reader's browser when the cell is run, in clients
// that allow it; it has no other form than its source.
func JavaScript(s string) Bundle {
	b := bundle("<JavaScript, " + byteSize(len(s)) + ">")
	b.Data[mimeJavaScript] = s
	return b
}

// byteSize spells a size for people: 512 bytes, 3.4 kB, 1.2 MB.
func byteSize(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
