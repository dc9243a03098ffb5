package widget

import (
	"fmt"
	"slices"
)

// Choice is a control with one of several options.
type Choice struct{ *Model }

// Choices is a control with any number of several options.
type Choices struct{ *Model }

func newChoice(name, style string, options []string, more traits, opts []Option) *Choice {
	t := controlTraits(name, style, traits{"_options_labels": texts(options), "index": nil, "disabled": false})
	if len(options) > 0 {
		t["index"] = 0
	}
	for k, v := range more {
		t[k] = v
	}
	w := &Choice{newModel(t)}
	w.accept = func(trait string, v any) (any, bool) {
		if trait != "index" {
			return v, trait != "_options_labels" // which are the session's alone
		}
		if v == nil {
			return nil, true
		}
		return placeIn(v, w.state)
	}
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

// NewDropdown returns a menu that opens; the first option is chosen.
func NewDropdown(options []string, opts ...Option) *Choice {
	return newChoice("Dropdown", "Description", options, nil, opts)
}

// NewSelect returns a list of which one option is chosen.
func NewSelect(options []string, opts ...Option) *Choice {
	return newChoice("Select", "Description", options, traits{"rows": 5}, opts)
}

// NewRadioButtons returns a button for each option.
func NewRadioButtons(options []string, opts ...Option) *Choice {
	return newChoice("RadioButtons", "Description", options, traits{"orientation": "vertical"}, opts)
}

// NewToggleButtons returns a row of buttons, of which one is down.
func NewToggleButtons(options []string, opts ...Option) *Choice {
	return newChoice("ToggleButtons", "ToggleButtons", options, traits{"button_style": "", "icons": []string{}, "tooltips": []string{}}, opts)
}

// NewSelectionSlider returns a slider over the options.
func NewSelectionSlider(options []string, opts ...Option) *Choice {
	return newChoice("SelectionSlider", "Slider", options, traits{
		"behavior": "drag-tap", "continuous_update": true, "orientation": "horizontal", "readout": true,
	}, opts)
}

// placeIn reads the place of an option that the page names.
func placeIn(v any, state map[string]any) (any, bool) {
	x, ok := v.(float64)
	labels, _ := state["_options_labels"].([]string)
	if !ok || !(0 <= x && x < float64(len(labels))) {
		return nil, false
	}
	return int(x), true
}

// texts is a list of its own, which the page gets as an array also if it is empty.
func texts(list []string) []string { return append([]string{}, list...) }

func labelsOf(m *Model) []string {
	labels, _ := m.Get("_options_labels").([]string)
	return labels
}

// Options are the texts to choose from.
func (w *Choice) Options() []string { return slices.Clone(labelsOf(w.Model)) }

// SetOptions changes what there is to choose from; the first is chosen.
func (w *Choice) SetOptions(options []string) {
	var index any
	if len(options) > 0 {
		index = 0
	}
	w.set(map[string]any{"_options_labels": texts(options), "index": index})
}

// Index is the place of the option chosen, -1 for none.
func (w *Choice) Index() int {
	if i, ok := w.Get("index").(int); ok {
		return i
	}
	return -1
}

// SetIndex chooses the option at a place; -1 chooses none. It panics if there is no such place.
func (w *Choice) SetIndex(i int) {
	if n := len(labelsOf(w.Model)); i < -1 || i >= n {
		panic(fmt.Sprintf("widget: SetIndex(%d): there are %d options", i, n))
	}
	if i < 0 {
		w.Set("index", nil)
		return
	}
	w.Set("index", i)
}

// Value is the text of the option chosen, "" for none.
func (w *Choice) Value() string {
	if i, labels := w.Index(), labelsOf(w.Model); i >= 0 && i < len(labels) {
		return labels[i]
	}
	return ""
}

// SetValue chooses the option with a text. It panics if there is none.
func (w *Choice) SetValue(text string) {
	i := slices.Index(labelsOf(w.Model), text)
	if i < 0 {
		panic(fmt.Sprintf("widget: SetValue(%q): the options are %q", text, labelsOf(w.Model)))
	}
	w.SetIndex(i)
}

// OnChange has f called with the text of the option whenever another is chosen.
func (w *Choice) OnChange(f func(text string)) {
	w.Observe("index", func(any) { f(w.Value()) })
}

// NewSelectMultiple returns a list of which any number of options can be chosen, at first none.
func NewSelectMultiple(options []string, opts ...Option) *Choices {
	w := &Choices{newModel(controlTraits("SelectMultiple", "Description", traits{
		"_options_labels": texts(options), "index": []int{}, "disabled": false, "rows": 5,
	}))}
	w.accept = func(trait string, v any) (any, bool) {
		if trait != "index" {
			return v, trait != "_options_labels"
		}
		list, ok := v.([]any)
		index := make([]int, 0, len(list))
		for _, x := range list {
			i, there := placeIn(x, w.state)
			if !there {
				return nil, false
			}
			index = append(index, i.(int))
		}
		return index, ok
	}
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

// Options are the texts to choose from.
func (w *Choices) Options() []string { return slices.Clone(labelsOf(w.Model)) }

// Indexes are the places of the options chosen.
func (w *Choices) Indexes() []int {
	list, _ := w.Get("index").([]int)
	return slices.Clone(list)
}

// SetIndexes chooses the options at these places. It panics if there is no such place.
func (w *Choices) SetIndexes(list []int) {
	n := len(labelsOf(w.Model))
	for _, i := range list {
		if i < 0 || i >= n {
			panic(fmt.Sprintf("widget: SetIndexes(%v): there are %d options", list, n))
		}
	}
	w.Set("index", append([]int{}, list...))
}

// Values are the texts of the options chosen.
func (w *Choices) Values() []string {
	labels := labelsOf(w.Model)
	values := []string{}
	for _, i := range w.Indexes() {
		if i < len(labels) {
			values = append(values, labels[i])
		}
	}
	return values
}

// OnChange has f called with the texts of the options whenever others are chosen.
func (w *Choices) OnChange(f func(texts []string)) {
	w.Observe("index", func(any) { f(w.Values()) })
}
