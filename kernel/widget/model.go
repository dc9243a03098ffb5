package widget

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"swingby/kernel/comm"
)

// Target is the comm target of widgets, and ProtocolVersion the version of their messages.
const (
	Target          = "jupyter.widget"
	ProtocolVersion = "2.1.0"
)

// Widget is anything with a [Model]: all types of this package.
type Widget interface{ WidgetModel() *Model }

// Model is the state of a widget: traits by name, which the session and the page keep the
// same. The types of this package embed one. Its methods may be called from any goroutine.
//
// A trait holds what encoding/json can marshal, []byte (sent as a binary buffer), a
// [Widget], or slices and maps of these.
type Model struct {
	id string

	// sending is held from a change of the state until the page has been told, so that it is told of changes in the
	// order in which they were made. It is taken before mu.
	sending sync.Mutex

	mu       sync.Mutex
	state    map[string]any
	comm     *comm.Comm // nil until the page has to know
	opening  bool
	closed   bool
	changed  []string // by the page; observers not told yet
	observer map[string][]func(any)
	custom   []func(map[string]any, [][]byte)
	unechoed map[string]bool                      // traits that the page need not have confirmed
	accept   func(name string, v any) (any, bool) // makes a trait's value of JSON; nil keeps it
	fit      func(values map[string]any)          // makes what a cell sets fit; nil keeps it
}

// opened are the models the page knows, by identity.
var opened = struct {
	sync.Mutex
	models map[string]*Model
}{models: map[string]*Model{}}

func newModel(state map[string]any) *Model {
	var b [16]byte
	rand.Read(b[:]) // never fails, says its documentation
	return &Model{id: hex.EncodeToString(b[:]), state: state, observer: map[string][]func(any){}}
}

// WidgetModel returns m; it makes every type that embeds a Model a [Widget].
func (m *Model) WidgetModel() *Model { return m }

// ID is the identity of the model, and of its comm.
func (m *Model) ID() string { return m.id }

// Get returns the value of a trait, nil if there is none.
func (m *Model) Get(name string) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state[name]
}

// Traits returns the names of all traits, sorted.
func (m *Model) Traits() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.state))
}

// Set sets a trait, here and in the page, and calls what observes it if the value is another one. It panics if the value cannot
// be sent, and the trait keeps the one it has.
func (m *Model) Set(name string, value any) { m.set(map[string]any{name: value}) }

// set is Set for several traits that change together.
func (m *Model) set(values map[string]any) {
	names, err := m.change(maps.Clone(values))
	if err != nil {
		panic(fmt.Sprintf("widget: %s: %s cannot be sent to the page, want what encoding/json can marshal: %v",
			trimModel(m.name()), strings.Join(slices.Sorted(maps.Keys(values)), ", "), err))
	}
	m.tell(names)
}

// change changes traits here and in the page, and returns which have another value now.
func (m *Model) change(values map[string]any) (names []string, err error) {
	m.sending.Lock()
	defer m.sending.Unlock()
	names, before := m.put(values)
	if err := m.sync(comm.Message{}, "update", values); unsendable(err) {
		m.mu.Lock()
		m.state = before
		m.mu.Unlock()
		return nil, err
	}
	return names, nil
}

// put is change without the page. It returns the state that was there before, too.
func (m *Model) put(values map[string]any) (names []string, before map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fit != nil {
		m.fit(values)
	}
	before = maps.Clone(m.state)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !same(m.state[name], values[name]) {
			names = append(names, name)
		}
		m.state[name] = values[name]
	}
	return names, before
}

// unsendable reports whether an error is that of a value. What the page no longer knows, or nobody listens to, keeps its
// state here, and that is no error.
func unsendable(err error) bool {
	var value *json.UnsupportedValueError
	var typ *json.UnsupportedTypeError
	var marshaler *json.MarshalerError
	return errors.As(err, &value) || errors.As(err, &typ) || errors.As(err, &marshaler)
}

// same reports whether a trait keeps its value. What cannot be compared is a new one.
func same(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.DeepEqual(a, b)
}

// sync sends traits to the page, if it knows the model. The caller holds m.sending.
func (m *Model) sync(to comm.Message, method string, values map[string]any) error {
	m.mu.Lock()
	c := m.comm
	m.mu.Unlock()
	if c == nil {
		return nil
	}
	state, paths, buffers := encodeState(values)
	return c.Reply(to, map[string]any{"method": method, "state": state, "buffer_paths": paths}, buffers...)
}

func (m *Model) name() string {
	name, _ := m.Get("_model_name").(string)
	return name
}

// Observe has f called with the new value whenever a trait changes: by Set at once, by the
// page when its message is handled, which may be while a cell runs.
func (m *Model) Observe(name string, f func(value any)) {
	m.mu.Lock()
	m.observer[name] = append(m.observer[name], f)
	m.mu.Unlock()
}

// tell calls the observers of traits.
func (m *Model) tell(names []string) {
	for _, name := range names {
		m.mu.Lock()
		list, value := slices.Clone(m.observer[name]), m.state[name]
		m.mu.Unlock()
		for _, f := range list {
			f(value)
		}
	}
}

// Send sends a custom message to the page: a JSON object, and buffers.
func (m *Model) Send(content map[string]any, buffers ...[]byte) {
	m.mu.Lock()
	c := m.comm
	m.mu.Unlock()
	if c != nil {
		_ = c.Send(map[string]any{"method": "custom", "content": content}, buffers...)
	}
}

// OnMessage has f called with every custom message from the page.
func (m *Model) OnMessage(f func(content map[string]any, buffers [][]byte)) {
	m.mu.Lock()
	m.custom = append(m.custom, f)
	m.mu.Unlock()
}

// Close removes the widget from the page, with its layout and style.
func (m *Model) Close() {
	m.mu.Lock()
	c := m.comm
	m.comm, m.closed = nil, true
	parts := []any{m.state["layout"], m.state["style"]}
	m.mu.Unlock()
	opened.Lock()
	delete(opened.models, m.id)
	opened.Unlock()
	if c != nil {
		_ = c.Close(nil)
	}
	for _, part := range parts {
		if w, ok := part.(*Model); ok {
			w.Close()
		}
	}
}

// Layout is the model of the widget's place in the page: traits such as "width", "height", "margin",
// "border_top", "flex", "grid_template_columns", with the values of the CSS properties of
// these names. It is nil for a model that has no layout, as layouts themselves.
func (m *Model) Layout() *Model {
	l, _ := m.Get("layout").(*Model)
	return l
}

// Style is the model of the widget's colours and widths, such as "description_width",
// "handle_color", "bar_color", "button_color"; nil if it has none.
func (m *Model) Style() *Model {
	s, _ := m.Get("style").(*Model)
	return s
}

// open makes the model known to the page, if there is one and it does not know it yet. It panics if the state cannot be sent.
func (m *Model) open() bool {
	m.mu.Lock()
	if m.comm != nil || m.opening || m.closed {
		defer m.mu.Unlock()
		return m.comm != nil || m.opening
	}
	if !comm.Connected() {
		m.mu.Unlock()
		return false
	}
	m.opening = true // which ends the search when models mention each other
	m.mu.Unlock()
	m.sending.Lock()
	defer m.sending.Unlock()
	defer func() {
		m.mu.Lock()
		m.opening = false
		m.mu.Unlock()
	}()
	m.mu.Lock()
	values := maps.Clone(m.state)
	m.mu.Unlock()
	state, paths, buffers := encodeState(values) // opens the models it mentions
	opened.Lock()
	opened.models[m.id] = m
	opened.Unlock()
	// A module of a page may change the state as soon as it has it.
	c, err := comm.OpenReady(func(c *comm.Comm) {
		c.OnArrival(m.arrive)
		c.OnClose(func(comm.Message) { m.Close() })
	}, m.id, Target, map[string]any{"state": state, "buffer_paths": paths}, map[string]any{"version": ProtocolVersion}, buffers...)
	if err != nil {
		opened.Lock()
		delete(opened.models, m.id)
		opened.Unlock()
		if unsendable(err) {
			panic(fmt.Sprintf("widget: %s cannot be sent to the page, want traits that encoding/json can marshal: %v", trimModel(m.name()), err))
		}
		return false
	}
	m.mu.Lock()
	closed := m.closed // meanwhile
	if !closed {
		m.comm = c
	}
	m.mu.Unlock()
	if closed {
		_ = c.Close(nil)
	}
	return !closed
}

// arrive takes a message from the page. The function it returns calls functions of cells.
func (m *Model) arrive(msg comm.Message) func() {
	switch msg.Data["method"] {
	case "update":
		state, _ := msg.Data["state"].(map[string]any)
		paths, _ := msg.Data["buffer_paths"].([]any)
		putBuffers(state, paths, msg.Buffers)
		echo := map[string]any{}
		m.sending.Lock()
		defer m.sending.Unlock()
		m.mu.Lock()
		for _, name := range slices.Sorted(maps.Keys(state)) {
			value, ok := decodeValue(state[name]), true
			if m.accept != nil {
				value, ok = m.accept(name, value)
			}
			if !ok {
				value = m.state[name] // of no use: the page gets back what counts
			}
			if old, known := m.state[name]; !same(old, value) || !known {
				m.state[name] = value
				if !slices.Contains(m.changed, name) {
					m.changed = append(m.changed, name)
				}
			}
			if !m.unechoed[name] {
				echo[name] = value
			}
		}
		m.mu.Unlock()
		if len(echo) > 0 || len(state) == 0 {
			_ = m.sync(msg, "echo_update", echo) // which came from JSON
		}
		return m.tellChanged
	case "request_state":
		m.sending.Lock()
		defer m.sending.Unlock()
		m.mu.Lock()
		values := maps.Clone(m.state)
		m.mu.Unlock()
		_ = m.sync(msg, "update", values) // which has been sent before
	case "custom":
		content, _ := msg.Data["content"].(map[string]any)
		return func() {
			m.mu.Lock()
			list := slices.Clone(m.custom)
			m.mu.Unlock()
			for _, f := range list {
				comm.Protect(func() { f(content, msg.Buffers) })
			}
		}
	}
	return nil
}

// tellChanged calls the observers of what the page has changed since they were called last: of
// several changes of a trait only the newest counts.
func (m *Model) tellChanged() {
	m.mu.Lock()
	names := m.changed
	m.changed = nil
	m.mu.Unlock()
	for _, name := range names {
		m.mu.Lock()
		list, value := slices.Clone(m.observer[name]), m.state[name]
		m.mu.Unlock()
		for _, f := range list {
			comm.Protect(func() { f(value) })
		}
	}
}

// MIMEBundle shows the widget in the page, by its identity.
func (m *Model) MIMEBundle() map[string]any {
	b := map[string]any{"text/plain": m.String()}
	if m.Get("_view_name") != nil && m.open() {
		b["application/vnd.jupyter.widget-view+json"] = map[string]any{
			"version_major": 2, "version_minor": 0, "model_id": m.id,
		}
	}
	return b
}

// String is the name and value of the widget, for where it cannot be shown.
func (m *Model) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, _ := m.state["_model_name"].(string)
	text := trimModel(name)
	if d, _ := m.state["description"].(string); d != "" {
		text += fmt.Sprintf(" %q", d)
	}
	if v, ok := m.state["value"]; ok {
		if b, binary := v.([]byte); binary {
			return fmt.Sprintf("%s: %d bytes", text, len(b))
		}
		text += fmt.Sprintf(": %v", v)
	}
	return text
}
