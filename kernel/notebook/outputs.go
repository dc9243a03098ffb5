package notebook

import (
	"maps"
	"strings"

	"swingby/kernel/display"
)

// outputs builds the outputs of one run of a notebook from what its cells do, by
// the rules of a Jupyter client: displays with an id are replaced wherever they
// stand, also in earlier cells; a clear with wait takes effect at the next output.
// Controls in the page (views of widgets) are left out: they live as long as their
// session, and a file that outlives it would show a control that cannot be moved.
type outputs struct {
	cell       *Cell
	clearFirst bool
	// Text since the last other output, gathered so that long output costs no copying.
	stdout, stderr strings.Builder
	shown          map[string][]*Output // by display id
	owner          map[*Output]*Cell    // of the outputs in shown
}

// begin starts a cell: its old outputs go.
func (b *outputs) begin(c *Cell) {
	b.cell = c
	c.Outputs = nil
	b.clearFirst = false
	b.stdout.Reset()
	b.stderr.Reset()
}

// end completes the cell's outputs.
func (b *outputs) end() { b.flush() }

// flush makes outputs of the text gathered.
func (b *outputs) flush() {
	for _, s := range []struct {
		name string
		text *strings.Builder
	}{{"stdout", &b.stdout}, {"stderr", &b.stderr}} {
		if s.text.Len() > 0 {
			b.cell.Outputs = append(b.cell.Outputs, &Output{Type: Stream, Name: s.name, Text: s.text.String()})
			s.text.Reset()
		}
	}
}

// stream adds text to stdout or stderr. Between two other outputs each of the
// two streams is one output and stdout comes first, whatever the timing was.
func (b *outputs) stream(name, text string) {
	if text == "" {
		return
	}
	b.clearIfDue()
	if name == "stderr" {
		b.stderr.WriteString(text)
	} else {
		b.stdout.WriteString(text)
	}
}

// mergeStreams returns outs in the form that outputs gives them: streams merged, controls left out.
func mergeStreams(outs []*Output) []*Output {
	cell := &Cell{}
	b := outputs{cell: cell}
	for _, o := range outs {
		if o.Type == Stream {
			b.stream(o.Name, o.Text)
		} else {
			b.add(o)
		}
	}
	b.end()
	return cell.Outputs
}

// display applies a display event.
func (b *outputs) display(e display.Event) {
	if e.Kind == "clear" {
		if e.Wait {
			b.clearFirst = true
		} else {
			b.clear()
		}
		return
	}
	if e.Kind == "error" { // of a function that a control calls
		name, _ := e.Data["ename"].(string)
		value, _ := e.Data["evalue"].(string)
		b.error(name, value, lines(e.Data["traceback"]))
		return
	}
	o := &Output{Type: DisplayData}
	o.Data, o.Metadata = bundle(e.Bundle)
	if e.ID != "" {
		for _, old := range b.shown[e.ID] {
			old.Data, old.Metadata = maps.Clone(o.Data), maps.Clone(o.Metadata)
		}
	}
	if e.Kind == "update" {
		return
	}
	b.add(o)
	if e.ID != "" {
		if b.shown == nil {
			b.shown, b.owner = map[string][]*Output{}, map[*Output]*Cell{}
		}
		b.shown[e.ID] = append(b.shown[e.ID], o)
		b.owner[o] = b.cell
	}
}

// page shows what a front end would show in a pager, as JupyterLab does.
func (b *outputs) page(formats map[string]string) {
	data := make(map[string]any, len(formats))
	for format, text := range formats {
		data[format] = text
	}
	b.display(display.Event{Kind: "display", Bundle: display.Bundle{Data: data}})
}

func (b *outputs) result(r display.Bundle, count int) {
	o := &Output{Type: ExecuteResult, ExecutionCount: &count}
	o.Data, o.Metadata = bundle(r)
	b.add(o)
}

// lines is a list of texts, however it came.
func lines(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		list := make([]string, len(v))
		for i, s := range v {
			list[i], _ = s.(string)
		}
		return list
	}
	return nil
}

func (b *outputs) error(name, value string, traceback []string) {
	b.add(&Output{Type: ErrorOutput, EName: name, EValue: value, Traceback: traceback})
}

// mimeView is the format of a widget's view.
const mimeView = "application/vnd.jupyter.widget-view+json"

func (b *outputs) add(o *Output) {
	b.clearIfDue()
	if _, view := o.Data[mimeView]; view {
		return
	}
	b.flush()
	b.cell.Outputs = append(b.cell.Outputs, o)
}

func (b *outputs) clearIfDue() {
	if b.clearFirst {
		b.clear()
	}
}

func (b *outputs) clear() {
	b.clearFirst = false
	b.stdout.Reset()
	b.stderr.Reset()
	b.cell.Outputs = nil
	for id, list := range b.shown {
		var keep []*Output
		for _, o := range list {
			if b.owner[o] == b.cell {
				delete(b.owner, o)
			} else {
				keep = append(keep, o)
			}
		}
		b.shown[id] = keep
	}
}

// bundle turns a display into the values the notebook model holds.
func bundle(b display.Bundle) (data, metadata map[string]any) {
	data, metadata = map[string]any{}, map[string]any{}
	for mime, v := range b.Data {
		if p, err := plain(v); err == nil {
			data[mime] = p
		}
	}
	for key, v := range b.Metadata {
		if p, err := plain(v); err == nil {
			metadata[key] = p
		}
	}
	joinBundle(data)
	return data, metadata
}
