package widget

// Bool is a control that is on or off.
type Bool struct{ *Model }

// String is a widget with a text: a field that the user fills, or a text that the cell shows.
type String struct{ *Model }

func newBool(name, style string, value bool, text string, more traits, opts []Option) *Bool {
	t := controlTraits(name, style, traits{"value": value, "description": text, "disabled": false})
	for k, v := range more {
		t[k] = v
	}
	w := &Bool{newModel(t)}
	w.accept = func(trait string, v any) (any, bool) {
		if trait != "value" {
			return v, true
		}
		b, ok := v.(bool)
		return b, ok
	}
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

// NewCheckbox returns a box to tick, with a text behind it.
func NewCheckbox(text string, value bool, opts ...Option) *Bool {
	return newBool("Checkbox", "Checkbox", value, text, traits{"indent": true}, opts)
}

// NewToggleButton returns a button that stays down until it is pressed again.
func NewToggleButton(text string, value bool, opts ...Option) *Bool {
	return newBool("ToggleButton", "ToggleButton", value, text, traits{"button_style": "", "icon": ""}, opts)
}

// Value reports whether the control is on.
func (w *Bool) Value() bool {
	b, _ := w.Get("value").(bool)
	return b
}

// SetValue turns the control on or off.
func (w *Bool) SetValue(on bool) { w.Set("value", on) }

// OnChange has f called whenever the control is turned on or off.
func (w *Bool) OnChange(f func(on bool)) {
	w.Observe("value", func(any) { f(w.Value()) })
}

// noPlaceholder is a zero-width space, which is what the models have for none.
const noPlaceholder = "\u200b"

func newString(name, style, value string, more traits, opts []Option) *String {
	t := controlTraits(name, style, traits{"value": value, "placeholder": noPlaceholder})
	for k, v := range more {
		t[k] = v
	}
	w := &String{newModel(t)}
	w.accept = func(trait string, v any) (any, bool) {
		if trait != "value" {
			return v, true
		}
		s, ok := v.(string)
		return s, ok
	}
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

// NewText returns a field for a line of text.
func NewText(value string, opts ...Option) *String {
	return newString("Text", "Text", value, traits{"continuous_update": true, "disabled": false}, opts)
}

// NewTextarea returns a field for several lines of text.
func NewTextarea(value string, opts ...Option) *String {
	return newString("Textarea", "Text", value, traits{"continuous_update": true, "disabled": false, "rows": nil}, opts)
}

// NewLabel returns a text; math in it stands between dollar signs.
func NewLabel(value string, opts ...Option) *String {
	return newString("Label", "Label", value, nil, opts)
}

// NewHTML returns a piece of HTML. The value is taken as markup: escape what comes from data with
// html.EscapeString.
func NewHTML(value string, opts ...Option) *String {
	return newString("HTML", "HTML", value, nil, opts)
}

// NewHTMLMath is [NewHTML] with math between dollar signs.
func NewHTMLMath(value string, opts ...Option) *String {
	return newString("HTMLMath", "HTMLMath", value, nil, opts)
}

// Value is the text.
func (w *String) Value() string {
	s, _ := w.Get("value").(string)
	return s
}

// SetValue changes the text.
func (w *String) SetValue(s string) { w.Set("value", s) }

// OnChange has f called whenever the text changes.
func (w *String) OnChange(f func(s string)) {
	w.Observe("value", func(any) { f(w.Value()) })
}

// OnSubmit has f called when the user presses Enter in a field for a line of text.
func (w *String) OnSubmit(f func(s string)) {
	w.OnMessage(func(content map[string]any, _ [][]byte) {
		if content["event"] == "submit" {
			f(w.Value())
		}
	})
}

// Button is a button.
type Button struct{ *Model }

// NewButton returns a button with a text on it.
func NewButton(text string, opts ...Option) *Button {
	return &Button{build(domTraits(controlsModule, moduleVersion, "Button", traits{
		"description": text, "disabled": false, "button_style": "", "icon": "", "style": newStyle("Button"),
	}), opts)}
}

// OnClick has f called when the button is pressed.
func (w *Button) OnClick(f func()) {
	w.OnMessage(func(content map[string]any, _ [][]byte) {
		if content["event"] == "click" {
			f()
		}
	})
}

// Picture is an image.
type Picture struct{ *Model }

// NewImage returns an image of the bytes of a file; format is "png", "jpeg", "gif" or "svg+xml".
func NewImage(data []byte, format string, opts ...Option) *Picture {
	return &Picture{build(domTraits(controlsModule, moduleVersion, "Image", traits{
		"value": data, "format": format, "width": "", "height": "",
	}), opts)}
}

// SetValue shows another image of the same format.
func (w *Picture) SetValue(data []byte) { w.Set("value", data) }
