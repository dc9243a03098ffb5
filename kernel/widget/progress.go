package widget

import (
	"iter"

	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// Progress is [display.Progress] as a widget:
//
//	for i := range widget.Progress(1000, "training") { … }
//
// A widget is drawn by the page's own theme and leaves no output in the notebook's file. Bars begun inside show
// below it. At most ten messages a second are sent, which two for each bar share. Without a page it is what
// display.Progress is there.
func Progress(n int, label ...string) iter.Seq[int] {
	return display.ProgressWith(newFace, n, label...)
}

// NewBar is [display.NewBar] as a widget.
func NewBar(total float64, label string) *display.Bar {
	return display.NewBarWith(newFace(), total, label)
}

// progressFace is a widget that shows progress bars.
type progressFace struct {
	box  *Box
	rows []progressRow
}

type progressRow struct {
	row  *Box
	bar  *Float
	text *String
}

func newFace() display.Face {
	if comm.Parent() == "" { // a program, which has no page
		return nil
	}
	return (&progressFace{box: NewVBox()}).show
}

// show is the [display.Face].
func (f *progressFace) show(bars []display.BarState) (messages int) {
	for len(f.rows) < len(bars) {
		r := progressRow{bar: NewFloatProgress(0, 1, 0, Style("description_width", "initial")), text: NewLabel("")}
		r.row = NewHBox(r.bar, r.text)
		f.rows = append(f.rows, r)
	}
	for i, b := range bars {
		r := f.rows[i]
		state := map[string]any{"value": max(0, b.Share), "description": b.Label, "bar_style": ""}
		switch {
		case b.Ended && b.Share == 1:
			state["bar_style"] = "success"
		case b.Ended && b.Share >= 0:
			state["bar_style"] = "danger"
		case b.Share < 0: // a full bar of another colour: it goes on, and nobody knows how long
			state["value"], state["bar_style"] = 1.0, "info"
		}
		for name, v := range state {
			if !same(r.bar.Get(name), v) {
				r.bar.set(state)
				messages++
				break
			}
		}
		if r.text.Value() != b.Numbers {
			r.text.SetValue(b.Numbers)
			messages++
		}
	}
	if n := len(bars); len(f.box.Children()) != n {
		var rows []Widget
		for _, r := range f.rows[:n] {
			rows = append(rows, r.row)
		}
		first := len(f.box.Children()) == 0
		f.box.SetChildren(rows...)
		messages++
		if first {
			display.Show(f.box)
		}
	}
	return messages
}
