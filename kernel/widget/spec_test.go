package widget

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"swingby/kernel/comm"
)

// attribute is one of a model, as the specification has it; see testdata/README.md.
type attribute struct {
	Name    string
	Type    any // a name, or several
	Default any
	None    bool `json:"allow_none"`
	Enum    []any
	Items   *attribute
	Widget  string
}

// fits says what is wrong with a value, which came as JSON; models are the names of those that are open, by identity.
func (a *attribute) fits(v any, models map[string]string) error {
	if v == nil {
		if a.None || a.Default == nil {
			return nil
		}
		return fmt.Errorf("null")
	}
	ok := false
	switch a.Type {
	case "string":
		_, ok = v.(string)
	case "bool":
		_, ok = v.(bool)
	case "int":
		x, number := v.(float64)
		ok = number && x == math.Trunc(x)
	case "float":
		_, ok = v.(float64)
	case "bytes":
		_, ok = v.([]byte)
	case "object":
		_, ok = v.(map[string]any)
	case "reference":
		s, _ := v.(string)
		name := models[strings.TrimPrefix(s, refPrefix)]
		ok = strings.HasPrefix(s, refPrefix) && name != "" && (a.Widget == "Widget" || name == a.Widget+"Model" || a.Widget == "DescriptionStyle" && strings.HasSuffix(name, "StyleModel"))
	case "array":
		list, isList := v.([]any)
		ok = isList
		for i, item := range list {
			if a.Items != nil {
				if err := a.Items.fits(item, models); err != nil {
					return fmt.Errorf("item %d: %w", i, err)
				}
			}
		}
	}
	if !ok {
		return fmt.Errorf("%v is no %v %s", v, a.Type, a.Widget)
	}
	if a.Enum != nil && !slices.Contains(a.Enum, v) {
		return fmt.Errorf("%v is none of %v", v, a.Enum)
	}
	return nil
}

// TestSpecification: every model has the attributes of the specification and no others, and every value that is sent, in any state that
// the methods and options of this package bring about, is one that the specification allows.
func TestSpecification(t *testing.T) {
	data, err := os.ReadFile("testdata/jupyterwidgetmodels.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Model, View struct{ Name, Module, Version string }
		Attributes  []*attribute
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	spec := map[string]map[string]*attribute{}
	for _, m := range list {
		spec[m.Model.Name] = map[string]*attribute{}
		for _, a := range m.Attributes {
			spec[m.Model.Name][a.Name] = a
		}
		for name, want := range map[string]string{
			"_model_name": m.Model.Name, "_model_module": m.Model.Module, "_model_module_version": m.Model.Version,
			"_view_name": m.View.Name, "_view_module": m.View.Module, "_view_module_version": m.View.Version,
		} {
			if a := spec[m.Model.Name][name]; want != "" {
				a.Enum = []any{want}
			}
		}
	}

	p := newPage(t)
	options := []string{"a", "b", "c"}
	looks := []string{"primary", "success", "info", "warning", "danger", ""}
	bar := []string{"success", "info", "warning", "danger", ""}
	all := []Option{Description("d"), Tooltip("t"), Width("50%"), Height("3em"), Layout("visibility", "hidden"), Layout("align_items", "center"), Disabled()}
	with := func(more ...Option) []Option { return append(slices.Clone(all), more...) }
	slider := with(Step(2), Format("d"), Vertical(), Released(), Style("handle_color", "blue"))
	button := func(name string) []Option { return with(Look(name), Icon("check")) }
	i, f := NewIntSlider(0, 10, 5, slider...), NewFloatSlider(0, 10, 5, slider...)
	ip, fp := NewIntProgress(0, 10, 5, Vertical(), Look("danger"), Style("bar_color", "red")), NewFloatProgress(0, 10, 5, Look("info"))
	it, ft := NewIntText(5, with(Step(2))...), NewFloatText(5, with(Step(.5))...)
	check, toggle := NewCheckbox("d", true, with(Style("background", "red"))...), NewToggleButton("d", true, button("primary")...)
	text, area := NewText("t", with(Placeholder("p"), Released())...), NewTextarea("t", with(Placeholder("p"))...)
	menu, sel, radio := NewDropdown(options, all...), NewSelect(options, all...), NewRadioButtons(options, all...)
	toggles, steps, some := NewToggleButtons(options, with(Look("info"))...), NewSelectionSlider(options, with(Vertical(), Released())...), NewSelectMultiple(options, all...)
	press, image, out := NewButton("d", button("danger")...), NewImage([]byte("abc"), "png", Width("1em")), NewOutput(Width("1em"))
	label, html, math := NewLabel("t", Style("font_weight", "bold")), NewHTML("t", Style("text_color", "red")), NewHTMLMath("t")
	tab, fold := NewTab([]string{"one", "two"}, NewLabel("x"), NewLabel("y")), NewAccordion([]string{"one"}, NewLabel("x"))
	row, column, grid := NewHBox(NewLabel("x")), NewVBox(), NewGridBox("1fr", NewLabel("x"))
	live := NewLive()
	widgets := []Widget{i, f, ip, fp, it, ft, check, toggle, text, area, menu, sel, radio, toggles, steps, some, press, image, out,
		label, html, math, tab, fold, row, column, grid, live, NewLink(i, "value", it, "value"), NewDirectionalLink(f, "value", ft, "value")}
	for _, name := range slices.Sorted(maps.Keys(styleTraits)) {
		widgets = append(widgets, newStyle(name))
	}
	for _, w := range widgets {
		w.WidgetModel().open()
	}
	for _, name := range looks {
		for _, w := range []Widget{toggle, toggles, press} {
			Look(name)(w.WidgetModel())
		}
	}
	for _, name := range bar {
		for _, w := range []Widget{ip, fp, row, tab} {
			Look(name)(w.WidgetModel())
		}
	}
	i.SetValue(7)
	f.SetValue(7.5)
	ip.SetValue(7)
	fp.SetValue(7.5)
	it.SetValue(7)
	ft.SetValue(7.5)
	check.SetValue(false)
	text.SetValue("s")
	menu.SetIndex(-1)
	menu.SetOptions(nil)
	menu.SetOptions([]string{"x"})
	radio.SetValue("b")
	steps.SetIndex(2)
	some.SetIndexes([]int{0, 2})
	image.SetValue([]byte("png"))
	tab.Select(1)
	tab.Select(-1)
	NewTab(nil).open()
	NewDropdown(nil).open()
	NewSelectMultiple(nil).open()
	column.SetChildren(i, f)
	live.Show(wave("w"))
	live.Show(1)
	out.Show("x", 2)
	p.update(i.Model, "value", 3)
	p.update(i.Model, "value", "nonsense")
	p.update(f.Model, "value", nil)
	p.update(menu.Model, "index", 7)
	p.update(some.Model, "index", []int{1})
	p.update(tab.Model, "selected_index", 0)
	p.run()

	models := map[string]string{}
	served := map[string]bool{}
	for _, frame := range p.sent {
		var data struct {
			State map[string]any
			Paths [][]any `json:"buffer_paths"`
		}
		if frame.Kind == "output" {
			continue
		}
		if err := json.Unmarshal(frame.Data, &data); err != nil {
			t.Fatal(err)
		}
		for k, path := range data.Paths {
			data.State[path[0].(string)] = frame.Buffers[k]
		}
		if frame.Kind == "open" {
			name, _ := data.State["_model_name"].(string)
			models[frame.ID] = name
			served[name] = true
			got := slices.Sorted(maps.Keys(data.State))
			want := slices.Sorted(maps.Keys(spec[name]))
			// Widgets have had a count of their views since the specification was written.
			got = slices.DeleteFunc(got, func(s string) bool { return s == "_view_count" })
			if !slices.Equal(got, want) {
				t.Errorf("%s has the attributes %q, want %q", name, got, want)
			}
		}
		for _, trait := range slices.Sorted(maps.Keys(data.State)) {
			a := spec[models[frame.ID]][trait]
			if a == nil {
				continue // told of above
			}
			if err := a.fits(data.State[trait], models); err != nil {
				t.Errorf("%s.%s: %v", models[frame.ID], trait, err)
			}
		}
	}
	if len(served) < 38 {
		t.Errorf("%d models were looked at: %v", len(served), slices.Sorted(maps.Keys(served)))
	}
	// The test itself can fail.
	for _, bad := range []struct {
		model, trait string
		value        any
	}{
		{"IntSliderModel", "value", 1.5}, {"IntSliderModel", "value", nil}, {"CheckboxModel", "value", "true"}, {"ButtonModel", "button_style", "loud"},
		{"ImageModel", "value", "abc"}, {"VBoxModel", "children", []any{"IPY_MODEL_none"}}, {"ButtonModel", "layout", "IPY_MODEL_" + i.ID()},
		{"LayoutModel", "visibility", "dim"}, {"SelectMultipleModel", "index", []any{"a"}}, {"HTMLModel", "_view_name", "HTMLMathView"},
	} {
		if spec[bad.model][bad.trait].fits(bad.value, models) == nil {
			t.Errorf("%s.%s = %v fits", bad.model, bad.trait, bad.value)
		}
	}
}

// TestAnyWidgetModel: what the front end of anywidget needs (its AFM, "Front-End Module"), both ways.
func TestAnyWidgetModel(t *testing.T) {
	p := newPage(t)
	w := NewAnyWidget("export default { render() {} }", "b {}", map[string]any{"n": 1, "bytes": []byte{1}})
	w.open()
	var open comm.Frame
	for _, f := range p.sent {
		if f.ID == w.ID() {
			open = f
		}
	}
	var data struct {
		State map[string]any
		Paths [][]any `json:"buffer_paths"`
	}
	if err := json.Unmarshal(open.Data, &data); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"_model_module": "anywidget", "_model_name": "AnyModel", "_view_module": "anywidget", "_view_name": "AnyView",
		"_model_module_version": anyVersion, "_view_module_version": anyVersion,
		"_esm": "export default { render() {} }", "_css": "b {}", "n": 1.0,
	} {
		if !reflect.DeepEqual(data.State[name], want) {
			t.Errorf("%s is %v, want %v", name, data.State[name], want)
		}
	}
	if id, _ := data.State["_anywidget_id"].(string); id == "" {
		t.Error("_anywidget_id is missing, by which the page knows the style sheet")
	}
	if !reflect.DeepEqual(data.Paths, [][]any{{"bytes"}}) || !reflect.DeepEqual(open.Buffers, [][]byte{{1}}) {
		t.Errorf("buffers %v at %v", open.Buffers, data.Paths)
	}
	p.take()
	// model.set and model.save_changes; model.send with buffers; and a module that is changed while it shows.
	var got []any
	w.Observe("n", func(v any) { got = append(got, v) })
	w.OnMessage(func(content map[string]any, buffers [][]byte) { got = append(got, content["kind"], buffers[0]) })
	p.update(w.Model, "n", 2)
	p.send(w.Model, map[string]any{"method": "custom", "content": map[string]any{"kind": "ping"}}, []byte{9})
	p.run()
	if want := []any{2.0, "ping", []byte{9}}; !reflect.DeepEqual(got, want) {
		t.Errorf("the session gets %v, want %v", got, want)
	}
	p.take()
	w.Send(map[string]any{"kind": "pong"}, []byte{3})
	w.Set("_esm", "export default {}")
	want := []string{
		`msg {"content":{"kind":"pong"},"method":"custom"}`,
		`msg {"buffer_paths":[],"method":"update","state":{"_esm":"export default {}"}}`,
	}
	if sent := p.sent; len(sent) != 2 || !reflect.DeepEqual(sent[0].Buffers, [][]byte{{3}}) {
		t.Errorf("sent %v", sent)
	}
	if sent := p.take(); !slices.Equal(sent, want) {
		t.Errorf("the page gets %q, want %q", sent, want)
	}
}
