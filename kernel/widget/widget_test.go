package widget

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"swingby/kernel/comm"
)

// page is a front end: it keeps what is sent, and sends.
type page struct {
	t       *testing.T
	mu      sync.Mutex // of sent, while something is shown live
	sent    []comm.Frame
	later   []func()
	reports []any
}

func newPage(t *testing.T) *page {
	t.Helper()
	p := &page{t: t}
	comm.Connect(comm.Link{
		Send: func(f comm.Frame) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.sent = append(p.sent, f)
			return nil
		},
		Report: func(v any) { p.reports = append(p.reports, v) },
	})
	comm.SetParent("cell")
	t.Cleanup(func() {
		comm.Connect(comm.Link{})
		comm.SetParent("")
		clear(opened.models)
	})
	return p
}

// send delivers a message and leaves what is for the time between cells in later.
func (p *page) send(m *Model, data map[string]any, buffers ...[]byte) {
	p.t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		p.t.Fatal(err)
	}
	p.later = append(p.later, comm.Deliver([]comm.Frame{{Kind: "msg", ID: m.ID(), Data: raw, Buffers: buffers, Cause: "cause"}})...)
}

func (p *page) run() {
	list := p.later
	p.later = nil
	for _, f := range list {
		f()
	}
}

func (p *page) update(m *Model, name string, value any) {
	p.t.Helper()
	p.send(m, map[string]any{"method": "update", "state": map[string]any{name: value}, "buffer_paths": []any{}})
}

// take returns the frames sent so far in short, and forgets them.
func (p *page) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, f := range p.sent {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Kind, f.Data, f.Cause)))
	}
	p.sent = nil
	return list
}

func show(w interface{ MIMEBundle() map[string]any }) { w.MIMEBundle() }

// TestStates compares the state of each model with what ipywidgets sends for it; see testdata/models.py.
func TestStates(t *testing.T) {
	p := newPage(t)
	data, err := os.ReadFile("testdata/models.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	options := []string{"a", "b", "c"}
	label := func() Widget { return NewLabel("x") }
	a, b := NewIntSlider(0, 1, 0), NewIntSlider(0, 1, 0)
	widgets := map[string]Widget{
		"IntSlider": NewIntSlider(0, 10, 5), "FloatSlider": NewFloatSlider(0, 10, 5),
		"IntProgress": NewIntProgress(0, 10, 5), "FloatProgress": NewFloatProgress(0, 10, 5),
		"IntText": NewIntText(5), "FloatText": NewFloatText(5),
		"Checkbox": NewCheckbox("d", true), "ToggleButton": NewToggleButton("d", true),
		"Text": NewText("t"), "Textarea": NewTextarea("t"), "Label": NewLabel("t"), "HTML": NewHTML("t"), "HTMLMath": NewHTMLMath("t"),
		"Dropdown": NewDropdown(options), "RadioButtons": NewRadioButtons(options), "ToggleButtons": NewToggleButtons(options),
		"Select": NewSelect(options), "SelectMultiple": NewSelectMultiple(options), "SelectionSlider": NewSelectionSlider(options),
		"Button": NewButton("d"), "Image": NewImage([]byte("abc"), "png"), "Output": NewOutput(),
		"HBox": NewHBox(label()), "VBox": NewVBox(label()), "GridBox": NewGridBox("1fr", label()),
		"Tab": NewTab([]string{"one"}, label()), "Accordion": NewAccordion([]string{"one"}, label()),
		"Link": NewLink(a, "value", b, "value"), "DirectionalLink": NewDirectionalLink(a, "value", b, "value"),
		"Layout": newLayout(),
	}
	for name := range styleTraits {
		widgets[name+"StyleModel"] = newStyle(name)
	}
	delete(want, "FloatLogSlider")
	for name, w := range widgets {
		m := w.WidgetModel()
		m.open()
		var got map[string]any
		for _, f := range p.sent {
			if f.ID == m.ID() && f.Kind == "open" {
				var open struct {
					State map[string]any `json:"state"`
					Paths [][]any        `json:"buffer_paths"`
				}
				if err := json.Unmarshal(f.Data, &open); err != nil {
					t.Fatal(err)
				}
				got = open.State
				for i, path := range open.Paths {
					got[path[0].(string)] = map[string]any{"bytes": float64(len(f.Buffers[i]))}
				}
			}
		}
		var anonymous func(v any) any
		anonymous = func(v any) any {
			switch v := v.(type) {
			case string:
				if strings.HasPrefix(v, refPrefix) {
					return refPrefix
				}
			case []any:
				for i := range v {
					v[i] = anonymous(v[i])
				}
			}
			return v
		}
		for k, v := range got {
			got[k] = anonymous(v)
		}
		if want[name] == nil {
			t.Errorf("%s: ipywidgets has no such model", name)
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(merged(got, want[name]))) {
			g, inGot := got[k]
			w, inWant := want[name][k]
			if inGot != inWant || !reflect.DeepEqual(g, w) {
				t.Errorf("%s: trait %s is %v (%v), want %v (%v)", name, k, g, inGot, w, inWant)
			}
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not compared: %v", slices.Sorted(maps.Keys(want)))
	}
}

func TestDisplay(t *testing.T) {
	w := NewFloatSlider(0, 1, 0.5, Description("x"))
	if b := w.MIMEBundle(); len(b) != 1 || b["text/plain"] != `FloatSlider "x": 0.5` {
		t.Errorf("without a page: %v", b)
	}
	p := newPage(t)
	b := w.MIMEBundle()["application/vnd.jupyter.widget-view+json"]
	if want := (map[string]any{"version_major": 2, "version_minor": 0, "model_id": w.ID()}); !reflect.DeepEqual(b, want) {
		t.Errorf("got %v, want %v", b, want)
	}
	w.MIMEBundle()
	var order []string
	for _, f := range p.sent {
		order = append(order, f.Kind+" "+f.Target+" "+string(f.Metadata))
	}
	open := `open jupyter.widget {"version":"2.1.0"}`
	if want := []string{open, open, open}; !slices.Equal(order, want) || p.sent[2].ID != w.ID() {
		t.Errorf("sent %q, want layout and style before the slider", order)
	}
}

func TestUpdates(t *testing.T) {
	p := newPage(t)
	w := NewIntSlider(0, 100, 5)
	var got []int
	w.OnChange(func(n int) { got = append(got, n) })
	show(w)
	p.take()
	w.SetValue(7)
	if sent, want := p.take(), []string{`msg {"buffer_paths":[],"method":"update","state":{"value":7}}`}; !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
	w.SetValue(7) // no change
	if want := []int{7}; !slices.Equal(got, want) {
		t.Errorf("observed %v, want %v", got, want)
	}
	p.take()
	for n := 10; n < 20; n++ {
		p.update(w.Model, "value", n)
	}
	if w.Value() != 19 || len(got) != 1 {
		t.Errorf("before functions run the value is %d, observed %v", w.Value(), got)
	}
	if sent := p.take(); len(sent) != 10 || sent[9] != `msg {"buffer_paths":[],"method":"echo_update","state":{"value":19}} cause` {
		t.Errorf("echoes %q", sent)
	}
	p.run()
	if want := []int{7, 19}; !slices.Equal(got, want) {
		t.Errorf("observed %v, want %v: the newest wins", got, want)
	}
	p.update(w.Model, "value", "nonsense")
	if w.Value() != 19 {
		t.Errorf("nonsense makes the value %d", w.Value())
	}
}

func TestPanicIsReported(t *testing.T) {
	p := newPage(t)
	w := NewText("")
	w.OnChange(func(string) { panic("first") })
	var got string
	w.OnChange(func(s string) { got = s })
	show(w)
	p.update(w.Model, "value", "x")
	p.run()
	if !reflect.DeepEqual(p.reports, []any{"first"}) || got != "x" {
		t.Errorf("reported %v, and the other function got %q", p.reports, got)
	}
}

func TestEvents(t *testing.T) {
	p := newPage(t)
	b, text := NewButton("go"), NewText("t")
	var got []string
	b.OnClick(func() { got = append(got, "click") })
	text.OnSubmit(func(s string) { got = append(got, s) })
	show(b)
	show(text)
	for _, event := range []string{"click", "other"} {
		p.send(b.Model, map[string]any{"method": "custom", "content": map[string]any{"event": event}})
	}
	p.send(text.Model, map[string]any{"method": "custom", "content": map[string]any{"event": "submit"}})
	p.run()
	if want := []string{"click", "t"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChoices(t *testing.T) {
	p := newPage(t)
	c, m := NewDropdown([]string{"a", "b"}), NewSelectMultiple([]string{"a", "b", "c"})
	show(c)
	show(m)
	p.update(c.Model, "index", 1)
	p.update(m.Model, "index", []int{0, 2})
	if c.Value() != "b" || c.Index() != 1 || !slices.Equal(m.Values(), []string{"a", "c"}) {
		t.Errorf("%q %d %q", c.Value(), c.Index(), m.Values())
	}
	p.update(c.Model, "index", 7)
	p.update(m.Model, "index", []int{3})
	if c.Value() != "b" || len(m.Values()) != 2 {
		t.Errorf("places that are not there: %q, %q", c.Value(), m.Values())
	}
	p.update(c.Model, "index", nil)
	if c.Value() != "" || c.Index() != -1 {
		t.Errorf("none: %q %d", c.Value(), c.Index())
	}
	c.SetValue("a")
	if c.Index() != 0 {
		t.Errorf("SetValue chose %d", c.Index())
	}
}

func TestBuffers(t *testing.T) {
	p := newPage(t)
	w := NewAnyWidget("export default {}", "", map[string]any{"data": map[string]any{"x": []byte{1}, "list": []any{[]byte{2}, 3}}})
	show(w)
	open := p.sent[len(p.sent)-1]
	var data struct {
		State map[string]any `json:"state"`
		Paths [][]any        `json:"buffer_paths"`
	}
	if err := json.Unmarshal(open.Data, &data); err != nil {
		t.Fatal(err)
	}
	for i, path := range data.Paths {
		if want := map[bool]byte{true: 1, false: 2}[len(path) == 2]; open.Buffers[i][0] != want {
			t.Errorf("buffer %d at %v is %v", i, path, open.Buffers[i])
		}
	}
	if inner := data.State["data"].(map[string]any); len(data.Paths) != 2 || !reflect.DeepEqual(inner, map[string]any{"list": []any{nil, 3.0}}) {
		t.Errorf("paths %v, rest %v", data.Paths, inner)
	}
	p.send(w.Model, map[string]any{
		"method": "update", "state": map[string]any{"data": map[string]any{"list": []any{nil, 4}}},
		"buffer_paths": []any{[]any{"data", "x"}, []any{"data", "list", 0}, []any{"nowhere", 3}},
	}, []byte{5}, []byte{6}, []byte{7})
	if want := (map[string]any{"x": []byte{5}, "list": []any{[]byte{6}, 4.0}}); !reflect.DeepEqual(w.Get("data"), want) {
		t.Errorf("got %v, want %v", w.Get("data"), want)
	}
}

func TestRequestStates(t *testing.T) {
	p := newPage(t)
	w := NewImage([]byte{1, 2}, "png")
	show(w)
	p.later = append(p.later, comm.Deliver([]comm.Frame{
		{Kind: "open", ID: "control", Target: "jupyter.widget.control"},
		{Kind: "msg", ID: "control", Data: json.RawMessage(`{"method":"request_states"}`), Cause: "c"},
	})...)
	p.sent = nil
	p.run()
	// A comm that is opened and used in one batch has no function yet when its message arrives.
	var reply struct {
		Method string
		States map[string]struct {
			Name  string         `json:"model_name"`
			State map[string]any `json:"state"`
		}
		Paths [][]any `json:"buffer_paths"`
	}
	if len(p.sent) != 1 || json.Unmarshal(p.sent[0].Data, &reply) != nil || p.sent[0].Cause != "c" {
		t.Fatalf("sent %q", p.take())
	}
	if reply.Method != "update_states" || reply.States[w.ID()].Name != "ImageModel" || !reflect.DeepEqual(reply.Paths, [][]any{{w.ID(), "state", "value"}}) {
		t.Errorf("%+v", reply)
	}
	p.send(w.Model, map[string]any{"method": "request_state"})
	if sent := p.take(); len(sent) != 2 || !strings.Contains(sent[1], `"method":"update"`) || !strings.Contains(sent[1], `"format":"png"`) {
		t.Errorf("request_state: %q", sent)
	}
}

func TestCapture(t *testing.T) {
	p := newPage(t)
	a, b := NewOutput(), NewOutput()
	show(a)
	show(b)
	p.take()
	ids := map[string]string{a.ID(): "a", b.ID(): "b"}
	a.Capture(func() {
		b.Capture(func() {})
	})
	var got []string
	for _, f := range p.sent {
		var data struct{ State map[string]any }
		json.Unmarshal(f.Data, &data)
		if f.Kind == "output" {
			got = append(got, "output "+f.ID)
		} else {
			got = append(got, fmt.Sprint(ids[f.ID], " ", data.State["msg_id"]))
		}
	}
	want := []string{"a cell", "output cell", "b cell", "output cell", "output cell", "b ", "output ", "a "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClose(t *testing.T) {
	p := newPage(t)
	w := NewIntText(1)
	show(w)
	p.take()
	w.Close()
	if sent := p.take(); len(sent) != 3 || !strings.HasPrefix(sent[0], "close") {
		t.Errorf("sent %q", sent)
	}
	w.SetValue(2)
	if sent := p.take(); len(sent) != 0 || len(opened.models) != 0 {
		t.Errorf("after the close %q, open %d", sent, len(opened.models))
	}
}

func ExampleFloat() {
	w := NewFloatSlider(0, 10, 2.5, Description("x"))
	w.OnChange(func(x float64) { fmt.Println("now", x) })
	w.SetValue(4)
	fmt.Println(w)
	// Output:
	// now 4
	// FloatSlider "x": 4
}

// panicOf returns what f panics with, as text.
func panicOf(f func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	f()
	return ""
}

// TestRange: a control with a range keeps its value in it, whoever sets what, and the page is told.
func TestRange(t *testing.T) {
	p := newPage(t)
	f, n, free := NewFloatSlider(0, 10, 5), NewIntSlider(0, 10, 5), NewIntText(5)
	show(f)
	show(n)
	p.take()
	for _, step := range []struct {
		do    func()
		f     float64
		n     int
		sends string
	}{
		{func() { f.SetValue(50) }, 10, 5, `{"value":10}`},
		{func() { f.Set("max", 2.5) }, 2.5, 5, `{"max":2.5,"value":2.5}`},
		{func() { f.Set("value", 1) }, 1, 5, `{"value":1}`},
		{func() { n.Set("value", 7.9) }, 1, 7, `{"value":7}`},
		{func() { n.Set("min", int64(8)) }, 1, 8, `{"min":8,"value":8}`},
		{func() { n.SetValue(-1) }, 1, 8, `{"value":8}`},
		{func() { p.update(n.Model, "value", 99) }, 1, 10, `{"value":10}`},
		{func() { p.update(f.Model, "value", -99) }, 0, 10, `{"value":0}`},
		{func() { f.Set("min", 20) }, 0, 10, `{"min":20}`}, // until max follows
		{func() { f.Set("max", 30) }, 20, 10, `{"max":30,"value":20}`},
	} {
		step.do()
		if f.Value() != step.f || n.Value() != step.n {
			t.Errorf("values %v and %v, want %v and %v", f.Value(), n.Value(), step.f, step.n)
		}
		if sent := p.take(); len(sent) != 1 || !strings.Contains(sent[0], `"state":`+step.sends) {
			t.Errorf("sent %q, want the state %s", sent, step.sends)
		}
	}
	if free.SetValue(-1e6); free.Value() != -1e6 {
		t.Errorf("a field for any number has %d", free.Value())
	}
}

// TestUnsendable: what no page can be told is an error that says so, and changes nothing.
func TestUnsendable(t *testing.T) {
	p := newPage(t)
	f, any := NewFloatSlider(0, 10, 5), NewAnyWidget("", "", traits{"x": 1})
	show(f)
	show(any)
	p.take()
	for want, do := range map[string]func(){
		"FloatSlider: value is NaN":       func() { f.SetValue(math.NaN()) },
		"FloatSlider: max is +Inf":        func() { f.Set("max", math.Inf(1)) },
		"FloatText: value is NaN":         func() { NewFloatText(math.NaN()) },
		"Any: x cannot be sent":           func() { any.Set("x", []float64{math.NaN()}) },
		"Any: y cannot be sent":           func() { any.Set("y", func() {}) },
		"Any cannot be sent to the page":  func() { show(NewAnyWidget("", "", traits{"x": math.NaN()})) },
		"HBox: child 2 of 2 is nil":       func() { NewHBox(f, nil) },
		"SetChildren: child 1 of 1 is ni": func() { NewHBox().SetChildren((*Int)(nil)) },
	} {
		if got := panicOf(do); !strings.Contains(got, want) {
			t.Errorf("panics with %q, want %q", got, want)
		}
	}
	if f.Value() != 5 || f.Get("max") != 10.0 || any.Get("x") != 1 || slices.Contains(any.Traits(), "y") {
		t.Errorf("%v %v %v %v", f.Value(), f.Get("max"), any.Get("x"), any.Traits())
	}
	f.SetValue(6) // and nothing is locked
	any.Set("x", 2)
	if sent := p.take(); !strings.Contains(strings.Join(sent, ""), `"value":6`) || !strings.Contains(sent[len(sent)-1], `"x":2`) {
		t.Errorf("sent %q", sent)
	}
	if n := len(opened.models); n != 6 { // the two, their layouts, one style, and the layout of what could not be shown
		t.Errorf("%d models are open", n)
	}
}

// TestOrder: whoever sets traits at once, cells or the page, and while the page is told of the model for the first time: what it hears
// last is what the trait has.
func TestOrder(t *testing.T) {
	newPage(t)
	var mu sync.Mutex
	heard := map[string]float64{}
	comm.Connect(comm.Link{Send: func(f comm.Frame) error {
		runtime.Gosched() // as where others come between
		var data struct{ State map[string]any }
		if err := json.Unmarshal(f.Data, &data); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if v, ok := data.State["value"].(float64); ok {
			heard[f.ID] = v
		}
		return nil
	}})
	for range 300 {
		w := NewIntSlider(0, 1000, 0)
		var all sync.WaitGroup
		all.Go(func() { show(w) })
		for n := range 4 {
			all.Go(func() {
				for i := range 5 {
					w.SetValue(10*n + i)
				}
			})
		}
		all.Go(func() {
			raw := json.RawMessage(`{"method":"update","state":{"value":99},"buffer_paths":[]}`)
			comm.Deliver([]comm.Frame{{Kind: "msg", ID: w.ID(), Data: raw}})
		})
		all.Wait()
		if got := heard[w.ID()]; got != float64(w.Value()) {
			t.Fatalf("the page has %v, the session %d", got, w.Value())
		}
	}
}

// TestAnswerAtOnce: what a page changes as soon as it knows a widget is not lost.
func TestAnswerAtOnce(t *testing.T) {
	newPage(t)
	w := NewIntSlider(0, 10, 0)
	answered := make(chan struct{})
	comm.Connect(comm.Link{Send: func(f comm.Frame) error {
		if f.Kind == "open" && f.ID == w.ID() {
			go func() {
				defer close(answered)
				comm.Deliver([]comm.Frame{{Kind: "msg", ID: f.ID, Data: json.RawMessage(`{"method":"update","state":{"value":7},"buffer_paths":[]}`)}})
			}()
			select { // it is dealt with meanwhile, or waits for the end of this
			case <-answered:
			case <-time.After(50 * time.Millisecond):
			}
		}
		return nil
	}})
	show(w)
	<-answered
	if w.Value() != 7 {
		t.Errorf("the value is %d, the page has 7", w.Value())
	}
}
