package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"swingby/kernel/worker"
	"swingby/simlib/sweep"
)

// recordFormat is the MIME type of the display by which a session tells results. No front end knows it.
const recordFormat = "text/x-swingby-sweep"

// recorder is the cell that declares how values become results: as text, by reflection, since
// types of cells exist nowhere else. Its names are not such as people choose.
const recorder = `import (
	swingbyDisplay "swingby/kernel/display"
	swingbyFmt "fmt"
	swingbyJSON "encoding/json"
	swingbyReflect "reflect"
	swingbySort "sort"
	swingbyStrconv "strconv"
)

var swingbyFields [][3]string

func swingbyValue(name string, r swingbyReflect.Value, depth int) error {
	for r.Kind() == swingbyReflect.Pointer || r.Kind() == swingbyReflect.Interface {
		if r.IsNil() {
			return swingbyFmt.Errorf("the result %s is nil", name)
		}
		r = r.Elem()
	}
	join := func(field string) string {
		if name == "" {
			return field
		}
		return name + "." + field
	}
	add := func(letter, text string) error {
		swingbyFields = append(swingbyFields, [3]string{name, letter, text})
		return nil
	}
	switch k := r.Kind(); {
	case k == swingbyReflect.Float64:
		return add("f", swingbyStrconv.FormatFloat(r.Float(), 'g', -1, 64))
	case k == swingbyReflect.Float32:
		return add("f", swingbyStrconv.FormatFloat(r.Float(), 'g', -1, 32))
	case k >= swingbyReflect.Int && k <= swingbyReflect.Int64:
		return add("i", swingbyStrconv.FormatInt(r.Int(), 10))
	case k >= swingbyReflect.Uint && k <= swingbyReflect.Uintptr:
		if r.Uint() > 1<<63-1 {
			return add("f", swingbyStrconv.FormatFloat(float64(r.Uint()), 'g', -1, 64))
		}
		return add("i", swingbyStrconv.FormatUint(r.Uint(), 10))
	case k == swingbyReflect.Bool:
		return add("b", swingbyStrconv.FormatBool(r.Bool()))
	case k == swingbyReflect.String:
		return add("s", r.String())
	case k == swingbyReflect.Struct && depth < 8:
		for i := 0; i < r.NumField(); i++ {
			if f := r.Type().Field(i); f.IsExported() {
				if err := swingbyValue(join(f.Name), r.Field(i), depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	case k == swingbyReflect.Map && depth < 8 && r.Type().Key().Kind() == swingbyReflect.String:
		var keys []string
		values := map[string]swingbyReflect.Value{}
		for _, key := range r.MapKeys() {
			keys = append(keys, key.String())
			values[key.String()] = r.MapIndex(key)
		}
		swingbySort.Strings(keys)
		for _, key := range keys {
			if err := swingbyValue(join(key), values[key], depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	what := "the result " + name
	if name == "" {
		what = "the result"
	}
	return swingbyFmt.Errorf("%s is a %s, must be a number, true or false, text, or a struct or map of them", what, r.Type())
}

func swingbyRecord(names []string, values []any) {
	swingbyFields = nil
	for i, v := range values {
		err := swingbyFmt.Errorf("the result %s is nil", names[i])
		if v != nil {
			err = swingbyValue(names[i], swingbyReflect.ValueOf(v), 0)
		}
		if err != nil {
			swingbyFail(err)
			return
		}
	}
	text, _ := swingbyJSON.Marshal(map[string]any{"fields": swingbyFields})
	swingbySend(string(text))
}

func swingbyFail(err error) {
	text, _ := swingbyJSON.Marshal(map[string]any{"error": err.Error()})
	swingbySend(string(text))
}

func swingbySend(text string) {
	swingbyDisplay.Publish(swingbyDisplay.Event{Kind: "display", Bundle: swingbyDisplay.Bundle{Data: map[string]any{"` + recordFormat + `": text}}})
}
`

// recordCall is the statement that records variables.
func recordCall(names, expressions []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return fmt.Sprintf("swingbyRecord([]string{%s}, []any{%s})", strings.Join(quoted, ", "), strings.Join(expressions, ", "))
}

// call is the cell that calls the function with arguments in Go source and records what it returns.
func (f *Function) call(args []string) string {
	if f.Context {
		args = append([]string{"ctx"}, args...)
	}
	values := make([]string, len(f.Results))
	for i := range values {
		values[i] = fmt.Sprintf("swingby%d", i)
	}
	left, names := values, f.Results
	if f.Error {
		left = append(left[:len(left):len(left)], "swingbyErr")
	}
	if len(names) == 1 && names[0] == "result" {
		names = []string{""} // a struct or map gives its own names
	}
	var b strings.Builder
	fmt.Fprintf(&b, "func() {\n\t%s := %s(%s)\n", strings.Join(left, ", "), f.Name, strings.Join(args, ", "))
	if f.Error {
		b.WriteString("\tif swingbyErr != nil {\n\t\tswingbyFail(swingbyErr)\n\t\treturn\n\t}\n")
	}
	fmt.Fprintf(&b, "\t%s\n}()", recordCall(names, values))
	return b.String()
}

// A catcher takes results out of a session's output.
type catcher struct {
	mu     sync.Mutex
	fields []sweep.Field
	err    error
	got    bool
}

func (c *catcher) reset() {
	c.mu.Lock()
	c.fields, c.err, c.got = nil, nil, false
	c.mu.Unlock()
}

// take looks at an event; it reports whether it was results.
func (c *catcher) take(e worker.Event) bool {
	if e.Display == nil {
		return false
	}
	text, ok := e.Display.Data[recordFormat].(string)
	if !ok {
		return false
	}
	var r struct {
		Fields []rawField `json:"fields"`
		Error  *string    `json:"error"`
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = true
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		c.err = fmt.Errorf("its results cannot be read: %w", err)
		return true
	}
	if r.Error != nil {
		c.err = errors.New(*r.Error)
		return true
	}
	c.fields, c.err = nil, nil
	for _, raw := range r.Fields {
		if raw[0] == "" {
			raw[0] = "result"
		}
		f, err := raw.field()
		if err != nil {
			c.err = err
			return true
		}
		c.fields = append(c.fields, f)
	}
	return true
}

func (c *catcher) result() ([]sweep.Field, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.got {
		return nil, errors.New("it ended without results")
	}
	return c.fields, c.err
}

type rawField [3]string

func (r rawField) field() (f sweep.Field, err error) {
	data, err := json.Marshal(r)
	if err == nil {
		err = f.UnmarshalJSON(data)
	}
	return f, err
}
