package sweep

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A Row is what a point gave: numbers, truth values and text, by the names of their columns.
// Columns of rows are in alphabetical order.
type Row map[string]any

// fields returns a row in order, with values of the four types that a table has.
func (r Row) fields() ([]Field, error) {
	fields := make([]Field, 0, len(r))
	for _, name := range slices.Sorted(maps.Keys(r)) {
		v, err := plain(r[name])
		if err != nil {
			return nil, fmt.Errorf("the result %q is %w", name, err)
		}
		fields = append(fields, Field{name, v})
	}
	return fields, nil
}

// plain turns a value into a float64, int64, bool or string.
func plain(value any) (any, error) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.CanFloat() && v.Kind() == reflect.Float32:
		// The shortest decimal that is this float32, not all digits of its float64.
		f, _ := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
		return f, nil
	case v.CanFloat():
		return v.Float(), nil
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return int64(v.Uint()), nil
	case v.CanUint():
		return float64(v.Uint()), nil
	case v.Kind() == reflect.Bool:
		return v.Bool(), nil
	case v.Kind() == reflect.String:
		return v.String(), nil
	}
	return nil, fmt.Errorf("a %T, must be a number, true or false, or text", value)
}

// A Field is one result of a point: a float64, int64, bool or string with the name of its column.
type Field struct {
	Name  string
	Value any
}

// encode writes a value as text, with the letter of its type; a float in the digits that give it back.
func encode(value any) (letter, text string) {
	switch v := value.(type) {
	case float64:
		return "f", strconv.FormatFloat(v, 'g', -1, 64)
	case int64:
		return "i", strconv.FormatInt(v, 10)
	case bool:
		return "b", strconv.FormatBool(v)
	}
	return "s", value.(string)
}

// MarshalJSON writes the field as a list of its name, the letter f, i, b or s of its type, and its value as text.
func (f Field) MarshalJSON() ([]byte, error) {
	v, err := plain(f.Value)
	if err != nil {
		return nil, fmt.Errorf("sweep: the result %q is %w", f.Name, err)
	}
	letter, text := encode(v)
	return json.Marshal([3]string{f.Name, letter, text})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Field) UnmarshalJSON(data []byte) error {
	var parts []string
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) != 3 || parts[0] == "" {
		return fmt.Errorf("sweep: %s is no result, which is a list of a name, a type and a value", data)
	}
	f.Name = parts[0]
	var err error
	switch parts[1] {
	case "f":
		f.Value, err = strconv.ParseFloat(parts[2], 64)
	case "i":
		f.Value, err = strconv.ParseInt(parts[2], 10, 64)
	case "b":
		f.Value, err = strconv.ParseBool(parts[2])
	case "s":
		f.Value = parts[2]
	default:
		err = fmt.Errorf("there is no type %q", parts[1])
	}
	if err != nil {
		return fmt.Errorf("sweep: the result %q: %w", f.Name, err)
	}
	return nil
}

// A Result is what is kept of a point: its results, or the reason why it has none.
type Result struct {
	Point  int     `json:"point"`
	Fields []Field `json:"fields,omitempty"`
	// Error is the message of a point that failed, on one line; Detail may say more.
	Error  string `json:"error,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Run numbers the runs of a sweep in its folder, from 1: a later one tries again what failed in one before.
	Run int `json:"run,omitempty"`
	// Seconds and Host say how long the point took, and where; they are not part of the table.
	Seconds float64 `json:"seconds"`
	Host    string  `json:"host,omitempty"`
}

// Failed reports whether the point has an error instead of results.
func (r Result) Failed() bool { return r.Error != "" }

// check sees to it that the results can be columns of the table; what cannot is an error of the point.
func (g Grid) check(fields []Field) error {
	seen := map[string]bool{}
	for _, n := range g.names() {
		seen[n] = true
	}
	for _, f := range fields {
		switch {
		case f.Name == "":
			return fmt.Errorf("a result has no name")
		case f.Name == errorColumn:
			return fmt.Errorf("no result can have the name %s, which is that of a column of the table", errorColumn)
		case seen[f.Name]:
			return fmt.Errorf("the result %s has the name of a parameter or of another result", f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// NewResult is the result of a point: its fields, or its error if there is one or if they cannot be columns.
func (g Grid) NewResult(point int, fields []Field, err error) Result {
	if err == nil {
		err = g.check(fields)
	}
	if err != nil {
		text := strings.TrimSpace(strings.TrimPrefix(err.Error(), "sweep: "))
		head, rest, _ := strings.Cut(text, "\n")
		if head == "" {
			head = "failed without a message"
		}
		return Result{Point: point, Error: head, Detail: rest}
	}
	return Result{Point: point, Fields: fields}
}
