package widget

import (
	"fmt"
	"math"
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
		if trait != "value" && trait != "min" && trait != "max" && trait != "step" {
			return v, true
		}
		x, ok := v.(float64)
		if !ok || math.Abs(x) > 1<<53 {
			return nil, false
		}
		return int(math.Round(x)), true
	}
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
		return x, ok
	}
	for _, o := range opts {
		o(w.Model)
	}
	return w
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

// SetValue moves the control.
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

// SetValue moves the control.
func (w *Float) SetValue(x float64) { w.Set("value", x) }

// OnChange has f called whenever the number changes.
func (w *Float) OnChange(f func(x float64)) {
	w.Observe("value", func(any) { f(w.Value()) })
}
