package display

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

const (
	tableRows      = 20   // rows shown of a table
	tableCols      = 30   // columns shown of a table
	tableCell      = 300  // bytes shown of a cell
	tablePrecision = 6    // significant digits of a column's largest number
	tableScan      = 1000 // rows of unequal kinds looked at for column names
)

// TableView is a table with the way to write it. Make one with [Table].
type TableView struct {
	head    []string
	n       int                          // rows
	at      func(i, j int) reflect.Value // the zero Value is an empty cell
	side    func(i int) string           // row head; nil for none
	corner  string
	caption string
	limit   int
	format  string
	problem string // why there is no table
}

// Table shows data as a table:
//
//	[]Struct, []*Struct         a row an element, a column a field
//	[][]T, mat.Matrix           a row an element
//	map[K][]T                   a column a key, in sorted order
//	map[K]Struct                a row a key
//	map[K]V                     a row a key, in two columns
//	[]map[string]V              a row an element, a column a key
//	[]T                         one column
//
// headers name the columns, where the data does not do so or otherwise than it
// does. Columns of numbers are aligned, with as many decimals as the largest
// number allows for 6 digits in all. Of more than 20 rows the first and the last
// are shown; Limit changes that. Unexported fields of compiled types are left out.
func Table(data any, headers ...string) *TableView {
	t := newTable(data, "")
	if t == nil {
		return &TableView{problem: fmt.Sprintf("display: Table was given %T, and wants a slice, a map or a matrix", data)}
	}
	for i, h := range headers {
		if i < len(t.head) {
			t.head[i] = h
		}
	}
	return t
}

// Caption sets what stands above the table, before its size, and returns t.
func (t *TableView) Caption(s string) *TableView {
	t.caption = s
	return t
}

// Limit sets how many rows are shown at most, and returns t. Less than 2 is taken
// as 2.
func (t *TableView) Limit(rows int) *TableView {
	t.limit = max(2, rows)
	return t
}

// Format sets the fmt verb that floating-point numbers are written with, such as
// "%.3f", and returns t.
func (t *TableView) Format(verb string) *TableView {
	t.format = verb
	return t
}

// MIMEBundle renders the table.
func (t *TableView) MIMEBundle() (data, metadata map[string]any) {
	b := t.bundle()
	return b.Data, b.Metadata
}

func (t *TableView) bundle() (b Bundle) {
	defer func() {
		if r := recover(); r != nil {
			b = bundle(fmt.Sprintf("display: table cannot be read: %v", r))
		}
	}()
	if t == nil {
		return bundle("display: table is nil")
	}
	if t.problem != "" {
		return bundle(t.problem)
	}
	g := t.grid()
	b = bundle(g.text())
	b.Data[mimeHTML] = g.html()
	return b
}

// grid formats the cells that are shown.
func (t *TableView) grid() grid {
	most := t.limit
	if most == 0 {
		most = tableRows
	}
	cols := min(len(t.head), tableCols)
	g := grid{corner: t.corner, caption: plural(t.n, "row") + " × " + plural(len(t.head), "column")}
	if t.caption != "" {
		g.caption = t.caption + ": " + g.caption
	}
	if cols < len(t.head) {
		g.caption += fmt.Sprintf(", the first %d shown", cols)
	}
	g.head = append([]string{}, t.head[:cols]...)
	rows := newWindow(t.n, most).indices()
	g.cells = make([][]string, len(rows))
	for j := range cols {
		column, numeric := t.column(rows, j)
		g.numeric = append(g.numeric, numeric)
		for k, s := range column {
			g.cells[k] = append(g.cells[k], s)
		}
	}
	if t.side != nil {
		g.side = []string{}
		for _, i := range rows {
			if i < 0 {
				g.side = append(g.side, "⋮")
			} else {
				g.side = append(g.side, t.side(i))
			}
		}
	}
	return g
}

// column formats one column, and says whether it holds numbers.
func (t *TableView) column(rows []int, j int) (text []string, numeric bool) {
	values := make([]reflect.Value, len(rows))
	var floats []float64
	numeric = true
	filled := false
	for k, i := range rows {
		if i < 0 {
			continue
		}
		v := plainValue(t.at(i, j))
		values[k] = v
		if !v.IsValid() {
			continue
		}
		filled = true
		if x, ok := plainFloat(v); ok {
			floats = append(floats, x)
		} else if !(v.CanInt() || v.CanUint()) || speaks(v) {
			numeric = false
		}
	}
	format := numberFormat(floats, tablePrecision)
	if t.format != "" {
		format = func(x float64) string { return fmt.Sprintf(t.format, x) }
	}
	for k, i := range rows {
		switch x, ok := plainFloat(values[k]); {
		case i < 0:
			text = append(text, "⋮")
		case ok:
			text = append(text, cutText(format(x), tableCell))
		default:
			text = append(text, cellText(values[k]))
		}
	}
	return text, numeric && filled
}

// plainValue takes a value out of interfaces and the interpreter's boxes.
func plainValue(v reflect.Value) reflect.Value {
	for v.IsValid() {
		if v.Kind() == reflect.Struct {
			in, ok := boxed(v)
			if !ok {
				return v
			}
			v = in
		} else if v.Kind() == reflect.Interface {
			v = v.Elem()
		} else {
			return v
		}
	}
	return v
}

// speaks says whether a value writes itself.
func speaks(v reflect.Value) bool {
	if !v.CanInterface() || v.Type().NumMethod() == 0 {
		return false
	}
	_, faces := reveal(v.Interface())
	return slices.ContainsFunc(faces, func(x any) bool {
		_, ok := speak(x)
		return ok
	})
}

// plainFloat is the number in a floating-point value that does not write itself.
func plainFloat(v reflect.Value) (float64, bool) {
	if !v.IsValid() || !v.CanFloat() || speaks(v) {
		return 0, false
	}
	return v.Float(), true
}

// cellText is a value in a table: strings without quotes, the rest as Go.
func cellText(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	p := printer{nodes: 100}
	if s, ok := p.method(v); ok {
		return cutText(s, tableCell)
	}
	if v.Kind() == reflect.String {
		return cutText(v.String(), tableCell)
	}
	return cutText(p.value(v, nil, 1, true).flat(), tableCell)
}

// structTable is the table a slice of two or more structs shows as by itself, nil
// for any other value and where the structs have nothing to put in columns.
func structTable(v any, typ string) *TableView {
	rv := reflect.ValueOf(v)
	if k := rv.Kind(); k != reflect.Slice && k != reflect.Array || rv.Len() == 0 {
		return nil
	}
	e := rv.Type().Elem()
	if e.Kind() == reflect.Pointer {
		e = e.Elem()
	}
	if e.Kind() != reflect.Struct || isBox(e) || speaksType(e) {
		return nil
	}
	t := newTable(v, typ)
	if t == nil || len(t.head) == 0 {
		return nil
	}
	return t
}

// speaksType says whether values of a type, or pointers to them, write themselves.
func speaksType(t reflect.Type) bool { return speaks(reflect.New(t)) }

// newTable reads data, nil if it is not tabular.
func newTable(data any, typ string) *TableView {
	typ = staticType(data, typ)
	data, faces := reveal(data)
	for _, x := range faces {
		if m, ok := x.(mat.Matrix); ok {
			return matrixTable(m)
		}
	}
	v := reflect.ValueOf(data)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	t := parseType(typ)
	switch v.Kind() {
	case reflect.Map:
		return mapTable(v)
	case reflect.Slice, reflect.Array:
	default:
		return nil
	}
	elem := v.Type().Elem()
	if elem.Kind() == reflect.Pointer && elem.Elem().Kind() == reflect.Struct && !speaksType(elem.Elem()) {
		tab := structColumns(elem.Elem(), t.elem().elem(), func(i int) reflect.Value {
			if v.Index(i).IsNil() {
				return reflect.Value{}
			}
			return v.Index(i).Elem()
		})
		tab.n = v.Len()
		return tab
	}
	switch {
	case elem.Kind() == reflect.Struct && !isBox(elem) && !speaksType(elem):
		tab := structColumns(elem, t.elem(), v.Index)
		tab.n = v.Len()
		return tab
	case (elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array) && !speaksType(elem):
		return rowTable(v)
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		return recordTable(v)
	}
	return &TableView{head: []string{"value"}, n: v.Len(), at: func(i, _ int) reflect.Value { return v.Index(i) }, side: strconv.Itoa}
}

func matrixTable(m mat.Matrix) *TableView {
	r, c := m.Dims()
	return &TableView{head: numbered(c), n: r, side: strconv.Itoa,
		at: func(i, j int) reflect.Value { return reflect.ValueOf(m.At(i, j)) }}
}

// numbered are the names of columns that have none.
func numbered(n int) []string {
	head := make([]string, n)
	for j := range head {
		head[j] = strconv.Itoa(j)
	}
	return head
}

// structColumns makes a column of each field of a struct type; row(i) is a struct
// or the zero Value.
func structColumns(rt reflect.Type, t *goType, row func(i int) reflect.Value) *TableView {
	var index []int
	tab := &TableView{side: strconv.Itoa}
	for i, f := range structFields(rt, t) {
		if rt.Field(i).IsExported() {
			index = append(index, i)
			tab.head = append(tab.head, f.name)
		}
	}
	tab.at = func(i, j int) reflect.Value {
		s := row(i)
		if !s.IsValid() {
			return s
		}
		return s.Field(index[j])
	}
	return tab
}

// rowTable is for slices of slices, which may be of unequal length.
func rowTable(v reflect.Value) *TableView {
	cols := 0
	for i := range v.Len() {
		cols = max(cols, v.Index(i).Len())
	}
	return &TableView{head: numbered(cols), n: v.Len(), side: strconv.Itoa,
		at: func(i, j int) reflect.Value {
			if row := v.Index(i); j < row.Len() {
				return row.Index(j)
			}
			return reflect.Value{}
		}}
}

// recordTable is for slices of maps with string keys.
func recordTable(v reflect.Value) *TableView {
	seen := map[string]bool{}
	var head []string
	var keys []reflect.Value
	for i := range min(v.Len(), tableScan) {
		for _, e := range smallest(v.Index(i), tableScan) {
			k := e.key
			if !seen[k.String()] {
				seen[k.String()] = true
				head = append(head, k.String())
				keys = append(keys, k)
			}
		}
	}
	return &TableView{head: head, n: v.Len(), side: strconv.Itoa,
		at: func(i, j int) reflect.Value { return v.Index(i).MapIndex(keys[j]) }}
}

// mapTable is for maps: of slices, of structs, of anything else.
func mapTable(v reflect.Value) *TableView {
	elem := v.Type().Elem()
	list := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		list = append(list, entry{it.Key(), it.Value()})
	}
	slices.SortStableFunc(list, func(a, b entry) int { return compareKeys(a.key, b.key) })
	name := func(i int) string { return cellText(plainValue(list[i].key)) }
	switch {
	case elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array:
		tab := &TableView{side: strconv.Itoa, at: func(i, j int) reflect.Value {
			if col := list[j].value; i < col.Len() {
				return col.Index(i)
			}
			return reflect.Value{}
		}}
		for j, e := range list {
			tab.head = append(tab.head, name(j))
			tab.n = max(tab.n, e.value.Len())
		}
		return tab
	case elem.Kind() == reflect.Struct && !isBox(elem) && !speaksType(elem):
		tab := structColumns(elem, nil, func(i int) reflect.Value { return list[i].value })
		tab.n, tab.side, tab.corner = len(list), name, "key"
		return tab
	}
	return &TableView{head: []string{"key", "value"}, n: len(list), at: func(i, j int) reflect.Value {
		if j == 0 {
			return list[i].key
		}
		return list[i].value
	}}
}
