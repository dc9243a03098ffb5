package widget

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestInteract(t *testing.T) {
	p := newPage(t)
	var got []string
	choices := NewSelectMultiple([]string{"p", "q"})
	x := Interact(func(a float64, n int, on bool, s, m string, list []string, i int) {
		got = append(got, fmt.Sprintf("%v %v %v %v %v %v %v", a, n, on, s, m, list, i))
	}, []float64{0, 2}, 3, true, "t", []string{"u", "v"}, choices, NewDropdown([]string{"k", "l"}))
	show(x)
	show(x)
	if want := []string{"1 3 true t u [] 0"}; !slices.Equal(got, want) {
		t.Errorf("at first %q, want %q", got, want)
	}
	got = nil
	c := x.Controls()
	p.update(c[0].WidgetModel(), "value", 1.5)
	p.update(c[0].WidgetModel(), "value", 2)
	p.update(c[6].WidgetModel(), "index", 1)
	p.update(choices.Model, "index", []int{1})
	p.run()
	if last := got[len(got)-1]; last != "2 3 true t u [q] 1" || len(got) != 1 {
		t.Errorf("then %q", got)
	}
}

func TestInteractPanics(t *testing.T) {
	p := newPage(t)
	x := Interact(func(n int) { panic(n) }, []int{0, 4})
	show(x)
	if !reflect.DeepEqual(p.reports, []any{2}) {
		t.Errorf("reported %v", p.reports)
	}
	if last := p.sent[len(p.sent)-1]; !strings.Contains(string(last.Data), `"outputs":[]`) {
		t.Errorf("the output is %s", last.Data)
	}
	for _, test := range []struct {
		f        any
		controls []any
		want     string
	}{
		{3, nil, "want a function"},
		{func(int) {}, nil, "give one for each argument"},
		{func(int) {}, []any{"text"}, "argument 1 is a int"},
		{func(int) {}, []any{[]int{1}}, "control 1 is [1]"},
		{func(int) {}, []any{NewButton("b")}, "which has no value"},
		{func(float64) {}, []any{NewFloatSlider(0, 1, 0.5)}, ""},
	} {
		func() {
			defer func() {
				if v := recover(); v == nil && test.want != "" || v != nil && !strings.Contains(fmt.Sprint(v), test.want) {
					t.Errorf("%T %v: %v, want %q", test.f, test.controls, v, test.want)
				}
			}()
			Interact(test.f, test.controls...)
		}()
	}
}
