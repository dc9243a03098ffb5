package reflect

import (
	"iter"
	"reflect"
)

func (v Value) Send(x Value) {
	if v.Kind() != reflect.Chan {
		v.in("Send").Send(x.v) // panics
	}
	v.may("Send")
	v.in("Send").Send(x.given(v.t.elem(), "Send"))
}

func (v Value) TrySend(x Value) bool {
	if v.Kind() != reflect.Chan {
		v.in("TrySend").TrySend(x.v) // panics
	}
	v.may("TrySend")
	return v.in("TrySend").TrySend(x.given(v.t.elem(), "TrySend"))
}

func (v Value) Recv() (Value, bool) {
	v.may("Recv")
	x, ok := v.in("Recv").Recv()
	return v.received(x), ok
}

func (v Value) TryRecv() (Value, bool) {
	v.may("TryRecv")
	x, ok := v.in("TryRecv").TryRecv()
	return v.received(x), ok
}

func (v Value) received(x reflect.Value) Value {
	if !x.IsValid() {
		return Value{}
	}
	return Value{v: x, t: v.t.elem()}
}

// SelectCase is reflect.SelectCase.
type SelectCase struct {
	Dir  SelectDir
	Chan Value
	Send Value
}

// choose is Select.
func choose(cases []SelectCase) (int, Value, bool) {
	list := make([]reflect.SelectCase, len(cases))
	for i, c := range cases {
		list[i] = reflect.SelectCase{Dir: c.Dir, Chan: c.Chan.v}
		if c.Dir == reflect.SelectSend && c.Chan.t != nil && c.Send.t != nil {
			list[i].Send = c.Send.given(c.Chan.t.elem(), "Send")
		} else {
			list[i].Send = c.Send.v
		}
	}
	chosen, x, ok := reflect.Select(list)
	if !x.IsValid() {
		return chosen, Value{}, ok
	}
	return chosen, cases[chosen].Chan.received(x), ok
}

func (v Value) Fields() iter.Seq2[StructField, Value] {
	return func(yield func(StructField, Value) bool) {
		for i := range v.NumField() {
			if !yield(v.t.Field(i), v.Field(i)) {
				return
			}
		}
	}
}

func (v Value) Seq() iter.Seq[Value] {
	seq := v.in("Seq").Seq()
	return func(yield func(Value) bool) {
		for x := range seq {
			if !yield(v.ranged(x, 0)) {
				return
			}
		}
	}
}

func (v Value) Seq2() iter.Seq2[Value, Value] {
	seq := v.in("Seq2").Seq2()
	return func(yield func(Value, Value) bool) {
		for x, y := range seq {
			if !yield(v.ranged(x, 0), v.ranged(y, 1)) {
				return
			}
		}
	}
}

// ranged is x, the first or second thing that a loop over v gives.
func (v Value) ranged(x reflect.Value, place int) Value {
	t := v.t
	switch v.Kind() {
	case reflect.Func:
		t = t.in(0).in(place)
	case reflect.Map:
		if t = t.elem(); place == 0 {
			t = v.t.key()
		}
	case reflect.Chan:
		t = t.elem()
	case reflect.Slice, reflect.Array:
		if t = t.elem(); place == 0 {
			t = t.space.ofReflect(x.Type())
		}
	case reflect.Pointer:
		if t = t.elem().elem(); place == 0 {
			t = t.space.ofReflect(x.Type())
		}
	case reflect.String:
		t = t.space.ofReflect(x.Type())
	}
	return Value{v: x, t: t, ro: v.ro.sticky()}
}
