package widget

import (
	"html"
	"strings"
	"sync"

	"swingby/kernel/display"
)

// Live is a place in the page for what changes often, such as a figure that follows a slider:
//
//	view := widget.NewLive()
//	freq.OnChange(func(f float64) { view.Show(wave(f)) })
//	widget.NewVBox(freq, view)
//
// It shows the same as an [Output]. Figures, and text printed beside them, are changed in place, which costs the page a fraction
// of what it costs to make an output anew: one message a change, and no element of the page but the drawing's own.
// Everything else, such as tables, charts of Vega-Lite, or errors, goes to an output, and so does what is too much
// to be drawn many times a second.
type Live struct {
	*Box
	picture *String
	output  *Output

	mu      sync.Mutex
	inPlace bool // the picture shows, and the output is empty
	drawn   string
}

// NewLive returns an empty place.
func NewLive(opts ...Option) *Live {
	w := &Live{picture: NewHTML("", Layout("display", "none")), output: NewOutput()}
	w.Box = newBox("VBox", []Widget{w.picture, w.output}, nil, append([]Option{func(m *Model) {
		m.Set("_dom_classes", []string{"swingby-live"})
	}}, opts...))
	return w
}

// Show replaces what w holds by values, each as it would show as the result of a cell.
func (w *Live) Show(v ...any) {
	w.Replace(func() { display.Show(v...) })
}

// Replace is [Output.Replace].
func (w *Live) Replace(f func()) { collect(w, f) }

// Clear empties w.
func (w *Live) Clear() { w.Replace(func() {}) }

// begin is what [Output.begin] is, with nothing else in w.
func (w *Live) begin(parent string) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leave()
	return w.output.begin(parent)
}

// put shows what a function has shown.
func (w *Live) put(items []display.Event) {
	page, drawn := inPlace(items)
	w.mu.Lock()
	defer w.mu.Unlock()
	if drawn == "" {
		w.output.put(items)
		w.leave()
		return
	}
	w.picture.SetValue(page)
	w.drawn = drawn
	if !w.inPlace {
		w.inPlace = true
		w.picture.Layout().Set("display", nil)
		w.output.put(nil)
	}
}

// leave takes the picture away.
func (w *Live) leave() {
	if w.inPlace {
		w.inPlace = false
		w.picture.Layout().Set("display", "none")
		w.picture.SetValue("")
	}
}

// Drawing is the SVG of the figure that was shown last in place, "" if there was none yet.
func (w *Live) Drawing() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn
}

const (
	// The most of a drawing and of a text that are parsed anew at each change.
	maxInPlace     = 1 << 20
	maxInPlaceText = 20_000

	textStyleCSS = "margin:0;white-space:pre-wrap;font-family:var(--jp-code-font-family,monospace);" +
		"font-size:var(--jp-code-font-size,inherit);line-height:var(--jp-code-line-height,normal)"
)

// inPlace is the markup of what a function has shown, and the last drawing in it; drawn is empty if it is not for an element
// of the page to show.
func inPlace(items []display.Event) (page, drawn string) {
	var b strings.Builder
	for _, e := range items {
		switch e.Kind {
		case "text":
			// Codes of terminals are for the output to read.
			if len(e.Text) > maxInPlaceText || strings.ContainsAny(e.Text, "\x1b\b\r") {
				return "", ""
			}
			b.WriteString(`<pre style="` + textStyleCSS + `">` + html.EscapeString(e.Text) + "</pre>")
		case "display":
			svg, _ := e.Data["image/svg+xml"].(string)
			if len(svg) > maxInPlace || e.Data["text/html"] != nil || !plainSVG(svg) {
				return "", ""
			}
			// What is read aloud is what shows where there are no pictures.
			name := strings.Trim(e.Bundle.String(), "<>")
			b.WriteString(`<div role="img" aria-label="` + html.EscapeString(name) + `">` + svg + "</div>")
			drawn = svg
		default:
			return "", ""
		}
	}
	return b.String(), drawn
}
