//go:build swingbycell

// Package sql has a column's value that may be missing.
package sql

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Null is a value of a column that may be NULL, which is when Valid is false.
type Null[T any] struct {
	V     T
	Valid bool
}

// Scan sets n to a value from a driver, converted to T as Rows.Scan does.
func (n *Null[T]) Scan(value any) error {
	var zero T
	if value == nil {
		n.V, n.Valid = zero, false
		return nil
	}
	n.Valid = true
	return scan(&n.V, value)
}

// Value returns what a driver is to store.
func (n Null[T]) Value() (driver.Value, error) {
	if !n.Valid {
		return nil, nil
	}
	return driver.DefaultParameterConverter.ConvertValue(any(n.V))
}

// scan stores src, which is not nil, in what dest points to.
func scan(dest, src any) error {
	switch d := dest.(type) {
	case *any:
		if b, ok := src.([]byte); ok {
			src = bytes.Clone(b)
		}
		*d = src
		return nil
	case *bool:
		b, err := driver.Bool.ConvertValue(src)
		if err == nil {
			*d = b.(bool)
		}
		return err
	case *string:
		if s, ok := text(src); ok {
			*d = s
			return nil
		}
	case *[]byte:
		if b, ok := src.([]byte); ok {
			*d = bytes.Clone(b)
			return nil
		}
		if s, ok := text(src); ok {
			*d = []byte(s)
			return nil
		}
	case sql.Scanner:
		return d.Scan(src)
	}
	return assign(reflect.ValueOf(dest).Elem(), src)
}

// assign is scan by reflection.
func assign(v reflect.Value, src any) error {
	from := reflect.ValueOf(src)
	if from.Type().AssignableTo(v.Type()) {
		if b, ok := src.([]byte); ok {
			from = reflect.ValueOf(bytes.Clone(b))
		}
		v.Set(from)
		return nil
	}
	if from.Kind() == v.Kind() && from.Type().ConvertibleTo(v.Type()) {
		v.Set(from.Convert(v.Type()))
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return scan(v.Interface(), src)
	}
	s, ok := text(src)
	if _, isTime := src.(time.Time); isTime && v.Kind() != reflect.String {
		ok = false
	}
	if !ok {
		return fmt.Errorf("sql: a %T cannot be stored in a %s", src, v.Type())
	}
	var err error
	bits := 0
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		bits = v.Type().Bits()
		var x int64
		if x, err = strconv.ParseInt(s, 10, bits); err == nil {
			v.SetInt(x)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		bits = v.Type().Bits()
		var x uint64
		if x, err = strconv.ParseUint(s, 10, bits); err == nil {
			v.SetUint(x)
		}
	case reflect.Float32, reflect.Float64:
		bits = v.Type().Bits()
		var x float64
		if x, err = strconv.ParseFloat(s, bits); err == nil {
			v.SetFloat(x)
		}
	case reflect.String:
		switch src.(type) {
		case string, []byte:
			v.SetString(s)
		default:
			bits = -1
		}
	default:
		bits = -1
	}
	if bits < 0 {
		return fmt.Errorf("sql: a %T cannot be stored in a %s", src, v.Type())
	}
	if err != nil {
		return fmt.Errorf("sql: a %T (%q) cannot be stored in a %s: %w", src, s, v.Type(), err)
	}
	return nil
}

// text spells a value of a driver, if it has a spelling.
func text(src any) (string, bool) {
	switch x := src.(type) {
	case string:
		return x, true
	case []byte:
		return string(x), true
	case time.Time:
		return x.Format(time.RFC3339Nano), true
	}
	v := reflect.ValueOf(src)
	switch v.Kind() {
	case reflect.String:
		return v.String(), true
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), true
	}
	return "", false
}
