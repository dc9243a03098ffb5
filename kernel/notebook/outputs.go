package notebook

import (
	"maps"

	"swingby/kernel/display"
)

// outputs builds the outputs of one run of a notebook from what its cells do, by
// the rules of a Jupyter client: displays with an id are replaced wherever they
// stand, also in earlier cells; a clear with wait takes effect at the next output.
type outputs struct {
	cell       *Cell
	clearFirst bool
	shown      map[string][]*Output // by display id
	owner      map[*Output]*Cell    // of the outputs in shown
}

// begin starts a cell: its old outputs go.
func (b *outputs) begin(c *Cell) {
	b.cell = c
	c.Outputs = nil
	b.clearFirst = false
}

// stream adds text to stdout or stderr. Between two other outputs each of the
// two streams is one output and stdout comes first, whatever the timing was.
func (b *outputs) stream(name, text string) {
	if text == "" {
		return
	}
	b.clearIfDue()
	b.cell.Outputs = addStream(b.cell.Outputs, name, text)
}

func addStream(outs []*Output, name, text string) []*Output {
	at := len(outs)
	for at > 0 && outs[at-1].Type == Stream {
		at--
		if outs[at].Name == name {
			outs[at].Text += text
			return outs
		}
	}
	o := &Output{Type: Stream, Name: name, Text: text}
	if name == "stdout" {
		outs = append(outs, nil)
		copy(outs[at+1:], outs[at:])
		outs[at] = o
		return outs
	}
	return append(outs, o)
}

// mergeStreams returns outs with streams in the form that addStream gives them.
func mergeStreams(outs []*Output) []*Output {
	var merged []*Output
	for _, o := range outs {
		if o.Type != Stream {
			merged = append(merged, o)
		} else if o.Text != "" {
			merged = addStream(merged, o.Name, o.Text)
		}
	}
	return merged
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

func (b *outputs) result(r display.Bundle, count int) {
	o := &Output{Type: ExecuteResult, ExecutionCount: &count}
	o.Data, o.Metadata = bundle(r)
	b.add(o)
}

func (b *outputs) error(name, value string, traceback []string) {
	b.add(&Output{Type: ErrorOutput, EName: name, EValue: value, Traceback: traceback})
}

func (b *outputs) add(o *Output) {
	b.clearIfDue()
	b.cell.Outputs = append(b.cell.Outputs, o)
}

func (b *outputs) clearIfDue() {
	if b.clearFirst {
		b.clear()
	}
}

func (b *outputs) clear() {
	b.clearFirst = false
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
