package widget

import (
	"reflect"
	"strings"
)

// refPrefix begins the text that stands for a model in the state of another.
const refPrefix = "IPY_MODEL_"

func trimModel(name string) string { return strings.TrimSuffix(name, "Model") }

// encodeState makes traits ready to be sent: models become references, and are opened; []byte become
// buffers, each with the path to where it belongs.
func encodeState(values map[string]any) (state map[string]any, paths [][]any, buffers [][]byte) {
	e := &encoder{paths: [][]any{}}
	state = map[string]any{}
	for name, v := range values {
		if v, ok := e.value(v, []any{name}); ok {
			state[name] = v
		}
	}
	return state, e.paths, e.buffers
}

type encoder struct {
	paths   [][]any
	buffers [][]byte
}

// value encodes v, which stands at path; ok is false if a buffer takes its place.
func (e *encoder) value(v any, path []any) (out any, ok bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case *Model:
		if v == nil {
			return nil, true
		}
		v.open()
		return refPrefix + v.id, true
	case Widget:
		return e.value(v.WidgetModel(), path)
	case []byte:
		e.paths = append(e.paths, append([]any{}, path...))
		e.buffers = append(e.buffers, v)
		return nil, false
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, x := range v {
			if x, ok := e.value(x, append(path[:len(path):len(path)], key)); ok {
				m[key] = x
			}
		}
		return m, true
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice && !plainElem(rv.Type().Elem()) {
		list := make([]any, rv.Len())
		for i := range list { // a buffer leaves null in a list
			list[i], _ = e.value(rv.Index(i).Interface(), append(path[:len(path):len(path)], i))
		}
		return list, true
	}
	return v, true
}

// plainElem reports whether values of a type hold no models or buffers.
func plainElem(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Struct:
		return false
	}
	return true
}

// putBuffers puts buffers to their places in a state.
func putBuffers(state map[string]any, paths []any, buffers [][]byte) {
	for i, p := range paths {
		path, _ := p.([]any)
		if i >= len(buffers) || len(path) == 0 {
			continue
		}
		var at any = state
		for _, step := range path[:len(path)-1] {
			at = child(at, step)
		}
		switch last := path[len(path)-1]; c := at.(type) {
		case map[string]any:
			if key, ok := last.(string); ok {
				c[key] = buffers[i]
			}
		case []any:
			if n, ok := last.(float64); ok && n >= 0 && int(n) < len(c) {
				c[int(n)] = buffers[i]
			}
		}
	}
}

func child(at, step any) any {
	switch c := at.(type) {
	case map[string]any:
		key, _ := step.(string)
		return c[key]
	case []any:
		if n, ok := step.(float64); ok && n >= 0 && int(n) < len(c) {
			return c[int(n)]
		}
	}
	return nil
}

// decodeValue puts models in the place of references to them.
func decodeValue(v any) any {
	switch v := v.(type) {
	case string:
		if id, ok := strings.CutPrefix(v, refPrefix); ok {
			opened.Lock()
			m := opened.models[id]
			opened.Unlock()
			if m != nil {
				return m
			}
		}
	case []any:
		for i := range v {
			v[i] = decodeValue(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = decodeValue(v[key])
		}
	}
	return v
}
