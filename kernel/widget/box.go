package widget

import (
	"fmt"
	"reflect"
	"slices"
)

// Box holds other widgets.
type Box struct{ *Model }

func newBox(name string, children []Widget, more traits, opts []Option) *Box {
	checkChildren(name, children)
	t := domTraits(controlsModule, moduleVersion, name, traits{"children": slices.Clone(children), "box_style": ""})
	for k, v := range more {
		t[k] = v
	}
	return &Box{build(t, opts)}
}

// checkChildren panics if a page could not show one of them.
func checkChildren(name string, children []Widget) {
	for i, w := range children {
		if v := reflect.ValueOf(w); w == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			panic(fmt.Sprintf("widget: %s: child %d of %d is nil, want a widget", name, i+1, len(children)))
		}
	}
}

// NewHBox puts widgets side by side.
func NewHBox(children ...Widget) *Box { return newBox("HBox", children, nil, nil) }

// NewVBox puts widgets one below the other.
func NewVBox(children ...Widget) *Box { return newBox("VBox", children, nil, nil) }

// NewGridBox puts widgets on a grid whose columns are given as for the CSS property
// grid-template-columns, for example "1fr 2fr" or "repeat(3, 12em)".
func NewGridBox(columns string, children ...Widget) *Box {
	return newBox("GridBox", children, nil, []Option{Layout("grid_template_columns", columns)})
}

func newPages(name string, titles []string, children []Widget, selected any) *Box {
	return newBox(name, children, traits{"titles": texts(titles), "selected_index": selected}, nil)
}

// NewTab shows one widget at a time, with a tab for each.
func NewTab(titles []string, children ...Widget) *Box {
	var selected any
	if len(children) > 0 {
		selected = 0
	}
	return newPages("Tab", titles, children, selected)
}

// NewAccordion shows widgets below titles that open and close; at first all are closed.
func NewAccordion(titles []string, children ...Widget) *Box {
	return newPages("Accordion", titles, children, nil)
}

// Children are the widgets in the box.
func (w *Box) Children() []Widget {
	list, _ := w.Get("children").([]Widget)
	return slices.Clone(list)
}

// SetChildren puts other widgets into the box.
func (w *Box) SetChildren(children ...Widget) {
	checkChildren("SetChildren", children)
	w.Set("children", slices.Clone(children))
}

// Selected is the place of the page that a tab or accordion shows, -1 for none.
func (w *Box) Selected() int {
	switch i := w.Get("selected_index").(type) {
	case int:
		return i
	case float64: // from the page
		if n := len(w.Children()); i >= 0 && i < float64(n) {
			return int(i)
		}
	}
	return -1
}

// Select shows the page at a place, -1 for none.
func (w *Box) Select(i int) {
	if i < 0 {
		w.Set("selected_index", nil)
		return
	}
	w.Set("selected_index", i)
}

// OnSelect has f called with the place of the page that the user turns to.
func (w *Box) OnSelect(f func(i int)) {
	w.Observe("selected_index", func(any) { f(w.Selected()) })
}

// NewLink keeps two traits equal in the page, without the session, as in NewLink(a, "value", b, "value").
// Changing either changes the other. Close ends it.
func NewLink(a Widget, trait string, b Widget, other string) *Model {
	return newLink("Link", a, trait, b, other)
}

// NewDirectionalLink is [NewLink] for changes of the first trait only.
func NewDirectionalLink(from Widget, trait string, to Widget, other string) *Model {
	return newLink("DirectionalLink", from, trait, to, other)
}

func newLink(name string, a Widget, trait string, b Widget, other string) *Model {
	t := modelTraits(controlsModule, moduleVersion, name, nil)
	t["source"] = []any{a, trait}
	t["target"] = []any{b, other}
	m := newModel(t)
	m.open()
	return m
}
