package widget

import (
	"encoding/json"
	"testing"

	"swingby/kernel/comm"
)

// FuzzArrive: whatever a page sends, a widget keeps a value of its kind, and its functions can be called.
func FuzzArrive(f *testing.F) {
	for _, seed := range []string{
		`{"method":"update","state":{"value":3},"buffer_paths":[]}`,
		`{"method":"update","state":{"value":{"a":[null]}},"buffer_paths":[["value","a",0]]}`,
		`{"method":"update","state":{"index":[0,1],"_options_labels":["a"]},"buffer_paths":[["index",7],[],["x"]]}`,
		`{"method":"update","state":{"index":1e300}}`,
		`{"method":"update","state":null,"buffer_paths":{}}`,
		`{"method":"update","state":{"layout":"IPY_MODEL_none","children":["IPY_MODEL_"],"selected_index":"x"}}`,
		`{"method":"request_state"}`,
		`{"method":"custom","content":{"event":"click"}}`,
		`{"method":"custom","content":3}`,
		`{"method":[]}`,
		`[]`,
	} {
		f.Add([]byte(seed), []byte{1})
	}
	f.Fuzz(func(t *testing.T, data, buffer []byte) {
		if !json.Valid(data) {
			return
		}
		comm.Connect(comm.Link{Send: func(frame comm.Frame) error {
			if !json.Valid(frame.Data) {
				t.Errorf("sent %q", frame.Data)
			}
			return nil
		}})
		defer func() {
			comm.Connect(comm.Link{})
			clear(opened.models)
		}()
		n, x, on, s := NewIntSlider(0, 9, 5), NewFloatSlider(0, 9, 5), NewCheckbox("c", true), NewText("t")
		one, some, box, b := NewDropdown([]string{"a", "b"}), NewSelectMultiple([]string{"a", "b"}), NewTab(nil, n), NewButton("b")
		n.OnChange(func(int) {})
		x.OnChange(func(float64) {})
		on.OnChange(func(bool) {})
		s.OnSubmit(func(string) {})
		one.OnChange(func(string) {})
		some.OnChange(func([]string) {})
		box.OnSelect(func(int) {})
		b.OnClick(func() {})
		for _, w := range []Widget{n, x, on, s, one, some, box, b} {
			m := w.WidgetModel()
			m.MIMEBundle()
			for _, later := range comm.Deliver([]comm.Frame{{Kind: "msg", ID: m.ID(), Data: data, Buffers: [][]byte{buffer, nil}}}) {
				later()
			}
			m.MIMEBundle()
		}
		if _, ok := n.Get("value").(int); !ok {
			t.Errorf("the slider's value is %v", n.Get("value"))
		}
		if _, ok := s.Get("value").(string); !ok {
			t.Errorf("the text is %v", s.Get("value"))
		}
		if i := one.Index(); i < -1 || i > 1 && len(one.Options()) == 2 {
			t.Errorf("the place chosen is %d of %q", i, one.Options())
		}
		for _, w := range []*Model{n.Model, some.Model} {
			w.Close()
		}
	})
}
