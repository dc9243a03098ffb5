package widget

import (
	"fmt"
	"maps"
	"math"
	"reflect"
)

// Int is a control with a whole number.
type Int struct{ *Model }

// Float is a control with a number.
type Float struct{ *Model }

func numberTraits(value, lo, hi any) traits { return traits{"value": value, "min": lo, "max": hi} }

func sliderTraits(step any, format string) traits {
	return traits{
		"behavior": "drag-tap", "continuous_update": true, "disabled": false, "orientation": "horizontal",
		"readout": true, "readout_format": format, "step": step,
	}
}

func progressTraits() traits { return traits{"bar_style": "", "orientation": "horizontal"} }

func newInt(name, style string, t traits, opts []Option) *Int {
	w := &Int{newModel(controlTraits(name, style, t))}
	w.accept = func(trait string, v any) (any, bool) {
		if !numeric[trait] {
			return v, true
		}
		x, ok := v.(float64)
		if !ok || math.Abs(x) > 1<<53 {
			return nil, false
		}
		fitted := traits{trait: int(math.Round(x))}
		inRange(w.state, fitted)
		return fitted[trait], true
	}
	w.fit = func(values traits) { fitNumbers(w.state, values, reflect.TypeFor[int]()) }
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

func newFloat(name, style string, t traits, opts []Option) *Float {
	w := &Float{newModel(controlTraits(name, style, t))}
	w.accept = func(trait string, v any) (any, bool) {
		if trait != "value" {
			return v, true
		}
		x, ok := v.(float64)
		fitted := traits{trait: x}
		inRange(w.state, fitted)
		return fitted[trait], ok
	}
	w.fit = func(values traits) { fitNumbers(w.state, values, reflect.TypeFor[float64]()) }
	w.fit(maps.Clone(t)) // for its panic
	for _, o := range opts {
		o(w.Model)
	}
	return w
}

// numeric are the traits that hold numbers of the control's kind.
var numeric = map[string]bool{"value": true, "min": true, "max": true, "step": true}

// fitNumbers makes what a cell sets by name the kind of number that a control has, and puts its value into its range, as
// ipywidgets does.
func fitNumbers(state, values traits, kind reflect.Type) {
	for name, v := range values {
		if rv := reflect.ValueOf(v); numeric[name] && v != nil && isNumber(rv.Kind()) {
			if f := rv.Convert(reflect.TypeFor[float64]()).Float(); math.IsNaN(f) || math.IsInf(f, 0) {
				panic(fmt.Sprintf("widget: %s: %s is %v, want a finite number", trimModel(fmt.Sprint(state["_model_name"])), name, v))
			}
			values[name] = rv.Convert(kind).Interface()
		}
	}
	inRange(state, values)
}

// inRange puts the value that a control has, or is about to have, into its range, if it has one.
func inRange(state, values traits) {
	get := func(name string) (x float64, ok bool) {
		switch v := orSet(state, values, name).(type) {
		case int:
			return float64(v), true
		case float64:
			return v, true
		}
		return 0, false
	}
	value, ok := get("value")
	lo, bounded := get("min")
	hi, above := get("max")
	switch {
	case !ok || !bounded || !above || lo > hi:
	case value < lo:
		values["value"] = orSet(state, values, "min")
	case value > hi:
		values["value"] = orSet(state, values, "max")
	}
}

// orSet is what a trait is about to have.
func orSet(state, values traits, name string) any {
	if v, set := values[name]; set {
		return v
	}
	return state[name]
}

func checkRange(name string, lo, hi, value float64) {
	if !(lo <= value && value <= hi) {
		panic(fmt.Sprintf("widget: %s: the value %v is not in [%v, %v]; give min, max, value in this order", name, value, lo, hi))
	}
}

// NewIntSlider returns a slider over the whole numbers in [lo, hi]. It panics if value is none of them.
func NewIntSlider(lo, hi, value int, opts ...Option) *Int {
	checkRange("NewIntSlider", float64(lo), float64(hi), float64(value))
	return newInt("IntSlider", "Slider", merged(numberTraits(value, lo, hi), sliderTraits(1, "d")), opts)
}

// NewFloatSlider returns a slider over [lo, hi], in steps of 0.1 unless [Step] says another. It panics
// if value is outside.
func NewFloatSlider(lo, hi, value float64, opts ...Option) *Float {
	checkRange("NewFloatSlider", lo, hi, value)
	return newFloat("FloatSlider", "Slider", merged(numberTraits(value, lo, hi), sliderTraits(0.1, ".2f")), opts)
}

// NewIntProgress returns a bar that shows how far value has come from lo to hi.
func NewIntProgress(lo, hi, value int, opts ...Option) *Int {
	checkRange("NewIntProgress", float64(lo), float64(hi), float64(value))
	t := merged(numberTraits(value, lo, hi), progressTraits())
	t["_view_name"] = "ProgressView"
	return newInt("IntProgress", "Progress", t, opts)
}

// NewFloatProgress is [NewIntProgress] for any numbers.
func NewFloatProgress(lo, hi, value float64, opts ...Option) *Float {
	checkRange("NewFloatProgress", lo, hi, value)
	t := merged(numberTraits(value, lo, hi), progressTraits())
	t["_view_name"] = "ProgressView"
	return newFloat("FloatProgress", "Progress", t, opts)
}

// NewIntText returns a field for a whole number.
func NewIntText(value int, opts ...Option) *Int {
	return newInt("IntText", "Description", traits{"value": value, "continuous_update": false, "disabled": false, "step": 1}, opts)
}

// NewFloatText returns a field for a number.
func NewFloatText(value float64, opts ...Option) *Float {
	return newFloat("FloatText", "Description", traits{"value": value, "continuous_update": false, "disabled": false, "step": nil}, opts)
}

// Value is the number the control has now.
func (w *Int) Value() int {
	n, _ := w.Get("value").(int)
	return n
}

// SetValue moves the control, of a slider or bar as far as its range goes.
func (w *Int) SetValue(n int) { w.Set("value", n) }

// OnChange has f called whenever the number changes.
func (w *Int) OnChange(f func(n int)) {
	w.Observe("value", func(any) { f(w.Value()) })
}

// Value is the number the control has now.
func (w *Float) Value() float64 {
	x, _ := w.Get("value").(float64)
	return x
}

// SetValue moves the control, of a slider or bar as far as its range goes. It panics if x is no finite number.
func (w *Float) SetValue(x float64) { w.Set("value", x) }

// OnChange has f called whenever the number changes.
func (w *Float) OnChange(f func(x float64)) {
	w.Observe("value", func(any) { f(w.Value()) })
}
