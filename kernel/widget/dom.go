package widget

import "maps"

// The modules of the models and their versions.
const (
	baseModule     = "@jupyter-widgets/base"
	controlsModule = "@jupyter-widgets/controls"
	moduleVersion  = "2.0.0"
	outputModule   = "@jupyter-widgets/output"
	outputVersion  = "1.0.0"
)

type traits = map[string]any

// modelTraits are the traits that every model has.
func modelTraits(module, version, name string, view any) traits {
	viewModule, viewVersion := module, version
	return traits{
		"_model_module": module, "_model_module_version": version, "_model_name": name + "Model",
		"_view_module": viewModule, "_view_module_version": viewVersion, "_view_name": view, "_view_count": nil,
	}
}

// domTraits are the traits of a model that shows in the page, with those of more.
func domTraits(module, version, name string, more traits) traits {
	t := modelTraits(module, version, name, name+"View")
	t["_dom_classes"] = []string{}
	t["tabbable"], t["tooltip"] = nil, nil
	t["layout"] = newLayout()
	maps.Copy(t, more)
	return t
}

// controlTraits are those of a control with a description.
func controlTraits(name, style string, more traits) traits {
	t := domTraits(controlsModule, moduleVersion, name, traits{
		"description": "", "description_allow_html": false, "style": newStyle(style),
	})
	maps.Copy(t, more)
	return t
}

// newLayout returns a layout that leaves everything to the page.
func newLayout() *Model {
	t := modelTraits(baseModule, moduleVersion, "Layout", "LayoutView")
	for _, name := range []string{
		"align_content", "align_items", "align_self", "border_bottom", "border_left", "border_right", "border_top",
		"bottom", "display", "flex", "flex_flow", "grid_area", "grid_auto_columns", "grid_auto_flow",
		"grid_auto_rows", "grid_column", "grid_gap", "grid_row", "grid_template_areas",
		"grid_template_columns", "grid_template_rows", "height", "justify_content", "justify_items",
		"left", "margin", "max_height", "max_width", "min_height", "min_width", "object_fit",
		"object_position", "order", "overflow", "padding", "right", "top", "visibility", "width",
	} {
		t[name] = nil
	}
	return newModel(t)
}

var textStyle = traits{
	"font_family": nil, "font_size": nil, "font_style": nil, "font_variant": nil, "font_weight": nil,
	"text_color": nil, "text_decoration": nil,
}

// styleTraits are the traits that styles have besides those of all models.
var styleTraits = map[string]traits{
	"Description":   {"description_width": ""},
	"Slider":        {"description_width": "", "handle_color": nil},
	"Progress":      {"description_width": "", "bar_color": nil},
	"Checkbox":      {"description_width": "", "background": nil},
	"Text":          {"description_width": "", "background": nil, "font_size": nil, "text_color": nil},
	"HTML":          {"description_width": "", "background": nil, "font_size": nil, "text_color": nil},
	"HTMLMath":      {"description_width": "", "background": nil, "font_size": nil, "text_color": nil},
	"Label":         merged(textStyle, traits{"description_width": "", "background": nil}),
	"Button":        merged(textStyle, traits{"button_color": nil}),
	"ToggleButton":  merged(textStyle, traits{"description_width": ""}),
	"ToggleButtons": {"description_width": "", "button_width": "", "font_weight": ""},
}

func merged(a, b traits) traits {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func newStyle(name string) *Model {
	t := modelTraits(controlsModule, moduleVersion, name+"Style", "StyleView")
	t["_view_module"] = baseModule
	maps.Copy(t, styleTraits[name])
	return newModel(t)
}

// Option sets something of a widget while it is made.
type Option func(m *Model)

func build(t traits, opts []Option) *Model {
	m := newModel(t)
	for _, o := range opts {
		o(m)
	}
	return m
}

// Trait sets a trait by its name.
func Trait(name string, value any) Option { return func(m *Model) { m.Set(name, value) } }

// Layout sets a trait of the layout, for example Layout("margin", "0 1em").
func Layout(name string, value any) Option {
	return func(m *Model) {
		if l := m.Layout(); l != nil {
			l.Set(name, value)
		}
	}
}

// Style sets a trait of the style, for example Style("description_width", "initial").
func Style(name string, value any) Option {
	return func(m *Model) {
		if s := m.Style(); s != nil {
			s.Set(name, value)
		}
	}
}

// Description is the text before a control, and that on a button.
func Description(text string) Option { return Trait("description", text) }

// Tooltip is what shows while the pointer rests on a widget.
func Tooltip(text string) Option { return Trait("tooltip", text) }

// Width is a CSS width, such as "50%" or "20em".
func Width(css string) Option { return Layout("width", css) }

// Height is a CSS height.
func Height(css string) Option { return Layout("height", css) }

// Step is the distance between values of a slider or number field.
func Step(x float64) Option {
	return func(m *Model) {
		if _, ok := m.Get("value").(int); ok {
			m.Set("step", max(1, int(x)))
			return
		}
		m.Set("step", x)
	}
}

// Format is how a slider writes its value, in the notation of d3-format: ".3f", "d", ".2e".
func Format(spec string) Option { return Trait("readout_format", spec) }

// Vertical makes a slider or progress bar stand upright.
func Vertical() Option { return Trait("orientation", "vertical") }

// Disabled makes a control one that cannot be used; Set("disabled", false) changes that.
func Disabled() Option { return Trait("disabled", true) }

// Released has a control report its value only when the user has let go of it, not while it moves.
func Released() Option { return Trait("continuous_update", false) }

// Placeholder is what an empty text field shows.
func Placeholder(text string) Option { return Trait("placeholder", text) }

// Look gives a button or bar one of the styles "primary", "success", "info", "warning" and "danger".
func Look(name string) Option {
	return func(m *Model) {
		for _, trait := range []string{"button_style", "bar_style", "box_style"} {
			if m.Get(trait) != nil {
				m.Set(trait, name)
			}
		}
	}
}

// Icon shows a Font Awesome 4 icon on a button, by its name without "fa-".
func Icon(name string) Option { return Trait("icon", name) }
