// Package table keeps named columns of numbers and text, and saves them in files
// that other tools read: CSV and Apache Parquet.
//
//	t, err := table.New("mu", mus, "loss", losses)
//	err = t.Save("sweep.parquet")
//	t, err = table.Load("sweep.parquet")
//	losses, err = t.Floats("loss")
//
// With a file goes the manifest of the run that made it (package provenance): in
// Parquet as the file's metadata under the key "swingby", beside a CSV in a file
// whose name ends in ".run.json". A file is written whole or not at all.
//
// Columns are []float64, []int64, []bool or []string; New takes other kinds of
// numbers too. A missing value is NaN in a column of floats and "" in one of text; whole numbers of
// which some are missing are read as floats.
//
// CSV (RFC 4180, with a head) is read and written by the standard library, Parquet
// by github.com/parquet-go/parquet-go. Floats are written with the digits that read back as the same number.
package table

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"swingby/simlib/provenance"
)

// A Table is columns of the same length. The zero value has none.
type Table struct {
	names   []string
	columns []any // []float64, []int64, []bool or []string
	run     *provenance.Run
}

// New makes a table of names and columns in turn. A column is a slice of floats,
// integers, truth values or strings; all have the same length.
func New(namesAndColumns ...any) (*Table, error) {
	if len(namesAndColumns)%2 != 0 {
		return nil, fmt.Errorf("table: New takes names and columns in turn, such as New(\"mu\", mus, \"loss\", losses)")
	}
	t := &Table{}
	for i := 0; i < len(namesAndColumns); i += 2 {
		name, ok := namesAndColumns[i].(string)
		if !ok {
			return nil, fmt.Errorf("table: argument %d is %T, must be the name of a column", i+1, namesAndColumns[i])
		}
		if err := t.Add(name, namesAndColumns[i+1]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Add adds a column, or replaces the one of the same name. The values are copied.
func (t *Table) Add(name string, column any) error {
	values, err := columnOf(column)
	if err != nil {
		return fmt.Errorf("table: column %q: %w", name, err)
	}
	if name == "" {
		return fmt.Errorf("table: a column needs a name")
	}
	at := slices.Index(t.names, name)
	if n := length(values); len(t.names) > 0 && n != t.Rows() && !(at == 0 && len(t.names) == 1) {
		return fmt.Errorf("table: column %q has %d values, the others have %d", name, n, t.Rows())
	}
	if at >= 0 {
		t.columns[at] = values
	} else {
		t.names, t.columns = append(t.names, name), append(t.columns, values)
	}
	return nil
}

func columnOf(column any) (any, error) {
	v := reflect.ValueOf(column)
	if column == nil || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("is %T, must be a slice of numbers, truth values or strings", column)
	}
	n := v.Len()
	switch k := v.Type().Elem().Kind(); {
	case k == reflect.Float64 || k == reflect.Float32:
		out := make([]float64, n)
		for i := range out {
			out[i] = v.Index(i).Float()
		}
		return out, nil
	case k >= reflect.Int && k <= reflect.Int64:
		out := make([]int64, n)
		for i := range out {
			out[i] = v.Index(i).Int()
		}
		return out, nil
	case k >= reflect.Uint && k <= reflect.Uintptr:
		out := make([]int64, n)
		for i := range out {
			u := v.Index(i).Uint()
			if u > 1<<63-1 {
				return nil, fmt.Errorf("value %d, %d, is too large for an int64", i, u)
			}
			out[i] = int64(u)
		}
		return out, nil
	case k == reflect.Bool:
		out := make([]bool, n)
		for i := range out {
			out[i] = v.Index(i).Bool()
		}
		return out, nil
	case k == reflect.String:
		out := make([]string, n)
		for i := range out {
			out[i] = v.Index(i).String()
		}
		return out, nil
	}
	return nil, fmt.Errorf("is %T, must be a slice of numbers, truth values or strings", column)
}

func length(column any) int { return reflect.ValueOf(column).Len() }

// Rows returns the number of rows.
func (t *Table) Rows() int {
	if len(t.columns) == 0 {
		return 0
	}
	return length(t.columns[0])
}

// Names returns the names of the columns, in order.
func (t *Table) Names() []string { return slices.Clone(t.names) }

// Run returns the manifest that the table was loaded with; ok is false when there was none.
func (t *Table) Run() (run provenance.Run, ok bool) {
	if t.run == nil {
		return run, false
	}
	return *t.run, true
}

func (t *Table) column(name string) (any, error) {
	i := slices.Index(t.names, name)
	if i < 0 {
		return nil, fmt.Errorf("table: there is no column %q; there are %s", name, strings.Join(t.names, ", "))
	}
	return t.columns[i], nil
}

// Floats returns a column of numbers, whole ones converted.
func (t *Table) Floats(name string) ([]float64, error) {
	c, err := t.column(name)
	if err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case []float64:
		return slices.Clone(c), nil
	case []int64:
		out := make([]float64, len(c))
		for i, n := range c {
			out[i] = float64(n)
		}
		return out, nil
	}
	return nil, fmt.Errorf("table: column %q is %T, not of numbers", name, c)
}

// Ints returns a column of whole numbers.
func (t *Table) Ints(name string) ([]int64, error) {
	c, err := t.column(name)
	if err != nil {
		return nil, err
	}
	if c, ok := c.([]int64); ok {
		return slices.Clone(c), nil
	}
	return nil, fmt.Errorf("table: column %q is %T, not of whole numbers", name, c)
}

// Strings returns a column as text, numbers as they are written in a CSV.
func (t *Table) Strings(name string) ([]string, error) {
	c, err := t.column(name)
	if err != nil {
		return nil, err
	}
	out := make([]string, length(c))
	for i := range out {
		out[i] = text(c, i)
	}
	return out, nil
}

// Bools returns a column of truth values.
func (t *Table) Bools(name string) ([]bool, error) {
	c, err := t.column(name)
	if err != nil {
		return nil, err
	}
	if c, ok := c.([]bool); ok {
		return slices.Clone(c), nil
	}
	return nil, fmt.Errorf("table: column %q is %T, not of truth values", name, c)
}

// shownRows is how many rows String shows.
const shownRows = 20

// String is the table as text: its size, its head and up to 20 rows.
func (t *Table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows × %d columns\n", t.Rows(), len(t.names))
	rows := min(t.Rows(), shownRows)
	width := make([]int, len(t.names))
	cells := [][]string{t.names}
	for i := range rows {
		row := make([]string, len(t.names))
		for j, c := range t.columns {
			row[j] = text(c, i)
		}
		cells = append(cells, row)
	}
	for _, row := range cells {
		for j, s := range row {
			width[j] = max(width[j], len([]rune(s)))
		}
	}
	for _, row := range cells {
		var line strings.Builder
		for j, s := range row {
			pad := strings.Repeat(" ", width[j]-len([]rune(s)))
			if _, isText := t.columns[j].([]string); isText {
				line.WriteString(s + pad + "  ")
			} else {
				line.WriteString(pad + s + "  ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	if rows < t.Rows() {
		b.WriteString("⋮\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Save writes the table to a file, whole or not at all: as CSV when its name ends
// in .csv, as Parquet when it ends in .parquet. The manifest of this process goes with it.
func (t *Table) Save(path string) error {
	write, err := formatOf(path)
	if err != nil {
		return err
	}
	return write.save(t, path)
}

// Load reads a table from a file that Save, or another tool, has written.
func Load(path string) (*Table, error) {
	read, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	t, err := read.load(path)
	if err != nil {
		return nil, err
	}
	if hash, err := provenance.HashFile(path); err == nil {
		provenance.Input(path, hash)
	}
	return t, nil
}

type format struct {
	save func(t *Table, path string) error
	load func(path string) (*Table, error)
}

func formatOf(path string) (format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return format{saveCSV, loadCSV}, nil
	case ".parquet":
		return format{saveParquet, loadParquet}, nil
	}
	return format{}, fmt.Errorf("table: %s: the name must end in .csv or .parquet", path)
}
