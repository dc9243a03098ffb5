package widget

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// MaxRate is how often in a second [Interact] calls its function at most. What the user
// does meanwhile is not queued: the next call gets the newest values.
const MaxRate = 60

// Interaction is a function with its controls and the place where its output shows. It shows
// as a box of them.
type Interaction struct {
	*Box
	controls []Widget
	output   *Live
	call     func([]reflect.Value) []reflect.Value
	args     []func() reflect.Value

	mu     sync.Mutex
	shown  bool
	last   time.Time // when the function was last called
	values []any     // and with what
}

// Interact makes a control for each argument of f and calls f again whenever one changes. What f
// returns and shows takes the place of what it showed before. A panic in f is shown there as well.
//
// A control is given as one of this package's, or as what one is made for:
//
//	[]float64{0, 10}, []float64{0, 10, 0.5}      slider from, to, and its step
//	[]int{1, 20}, []int{1, 20, 2}                the same of whole numbers
//	3, 2.5                                       slider from -3 to 9, -2.5 to 7.5
//	true                                         checkbox
//	"text"                                       field for text
//	[]string{"a", "b"}                           menu
//
// Numbers and texts fit arguments of any type of their kind. A slice of texts as argument
// wants [NewSelectMultiple]. Interact panics if controls and arguments do not fit. In a program without
// a page it calls f once.
func Interact(f any, controls ...any) *Interaction {
	fv := reflect.ValueOf(f)
	if fv.Kind() != reflect.Func {
		panic(fmt.Sprintf("widget: Interact: the first argument is %T, want a function", f))
	}
	t := fv.Type()
	if t.IsVariadic() || t.NumIn() != len(controls) {
		panic(fmt.Sprintf("widget: Interact: the function is a %v, but there are %d controls: give one for each argument", t, len(controls)))
	}
	x := &Interaction{output: NewLive(), call: fv.Call}
	for i, spec := range controls {
		w := controlFor(spec, i, t.In(i))
		x.controls = append(x.controls, w)
		x.args = append(x.args, argument(w, i, t.In(i)))
	}
	x.Box = newBox("VBox", append(append([]Widget{}, x.controls...), x.output), nil, []Option{func(m *Model) {
		m.Set("_dom_classes", []string{"widget-interact"})
	}})
	for _, w := range x.controls {
		name := "value"
		switch w.(type) {
		case *Choice, *Choices:
			name = "index"
		}
		w.WidgetModel().Observe(name, func(any) { x.changed() })
	}
	return x
}

// Controls are the controls, in the order of the function's arguments.
func (x *Interaction) Controls() []Widget { return append([]Widget{}, x.controls...) }

// Output is where the function's output shows.
func (x *Interaction) Output() *Live { return x.output }

// MIMEBundle shows the controls and the output, and calls the function for the first time. The figure that it has drawn
// is what shows where there are no widgets, as in a notebook's file on a web site.
func (x *Interaction) MIMEBundle() map[string]any {
	b := x.Box.MIMEBundle()
	x.mu.Lock()
	first := !x.shown
	x.shown = true
	x.mu.Unlock()
	if first {
		x.Run()
	}
	if drawn := x.output.Drawing(); drawn != "" {
		b["image/svg+xml"] = drawn
	}
	return b
}

// changed calls the function because a control has changed, not too soon after the last time: waiting
// keeps the page waiting, which sends the newest state when it is answered. When several controls
// have changed, one call is for all.
func (x *Interaction) changed() {
	x.mu.Lock()
	shown, wait := x.shown, time.Until(x.last.Add(time.Second/MaxRate))
	x.mu.Unlock()
	if !shown {
		return
	}
	if wait > 0 {
		time.Sleep(wait)
	}
	_, values := x.read()
	x.mu.Lock()
	done := reflect.DeepEqual(values, x.values)
	x.mu.Unlock()
	if !done {
		x.Run()
	}
}

// read returns what the controls have now, as arguments and as values.
func (x *Interaction) read() (args []reflect.Value, values []any) {
	for _, arg := range x.args {
		v := arg()
		args, values = append(args, v), append(values, v.Interface())
	}
	return args, values
}

// Run calls the function with what the controls have now.
func (x *Interaction) Run() {
	args, values := x.read()
	x.mu.Lock()
	x.last, x.values = time.Now(), values
	x.mu.Unlock()
	moves := comm.Parent() != "" // there may be a page in which controls are moved
	x.output.Replace(func() {
		comm.Protect(func() {
			var results []any
			for _, r := range x.call(args) {
				if !r.IsValid() || (r.Kind() == reflect.Interface || r.Kind() == reflect.Pointer) && r.IsNil() {
					continue
				}
				v := r.Interface()
				if moves {
					v = quick(v)
				}
				results = append(results, v)
			}
			if len(results) > 0 {
				display.Show(results...)
			}
		})
	})
}

// quick is v in a form that is made sooner.
func quick(v any) any {
	switch v := v.(type) {
	case *display.Figure:
		return v.Vector()
	case display.Drawer:
		return display.Plot(v).Vector()
	}
	return v
}

// controlFor returns the control that a specification of Interact stands for.
func controlFor(spec any, i int, t reflect.Type) Widget {
	name := Description(fmt.Sprintf("#%d", i+1))
	switch s := spec.(type) {
	case Widget:
		return s
	case bool:
		return NewCheckbox(fmt.Sprintf("#%d", i+1), s)
	case string:
		return NewText(s, name)
	case []string:
		return NewDropdown(s, name)
	case int:
		if t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32 {
			return controlFor(float64(s), i, t)
		}
		lo, hi := around(float64(s))
		return NewIntSlider(int(lo), int(hi), s, name)
	case float64:
		lo, hi := around(s)
		return NewFloatSlider(lo, hi, s, name, Step((hi-lo)/100))
	case []int:
		if len(s) == 2 || len(s) == 3 {
			w := NewIntSlider(s[0], s[1], s[0]+(s[1]-s[0])/2, name)
			if len(s) == 3 {
				w.Set("step", s[2])
			}
			return w
		}
	case []float64:
		if len(s) == 2 || len(s) == 3 {
			step := (s[1] - s[0]) / 100
			if len(s) == 3 {
				step = s[2]
			}
			return NewFloatSlider(s[0], s[1], s[0]+(s[1]-s[0])/2, name, Step(step))
		}
	}
	panic(fmt.Sprintf("widget: Interact: control %d is %v (%T): want a widget, a bool, int, float64, string, []string, or a []int or []float64 of two or three", i+1, spec, spec))
}

// around is the range of a slider that begins at x.
func around(x float64) (lo, hi float64) {
	switch {
	case x > 0:
		return -x, 3 * x
	case x < 0:
		return 3 * x, -x
	}
	return 0, 1
}

// argument returns what reads the i-th argument, of type t, from a control.
func argument(w Widget, i int, t reflect.Type) func() reflect.Value {
	var read func() any
	switch w := w.(type) {
	case *Int:
		read = func() any { return w.Value() }
	case *Float:
		read = func() any { return w.Value() }
	case *Bool:
		read = func() any { return w.Value() }
	case *String:
		read = func() any { return w.Value() }
	case *Choice:
		if isNumber(t.Kind()) {
			read = func() any { return w.Index() }
		} else {
			read = func() any { return w.Value() }
		}
	case *Choices:
		read = func() any { return w.Values() }
	default:
		panic(fmt.Sprintf("widget: Interact: control %d is a %T, which has no value", i+1, w))
	}
	have := reflect.TypeOf(read())
	if have != t && !(have.ConvertibleTo(t) && (isNumber(have.Kind()) && isNumber(t.Kind()) || have.Kind() == t.Kind() || t.Kind() == reflect.Interface)) {
		panic(fmt.Sprintf("widget: Interact: argument %d is a %v, but its control %T gives a %v", i+1, t, w, have))
	}
	return func() reflect.Value { return reflect.ValueOf(read()).Convert(t) }
}

func isNumber(k reflect.Kind) bool {
	return reflect.Int <= k && k <= reflect.Uint64 || k == reflect.Float32 || k == reflect.Float64
}
