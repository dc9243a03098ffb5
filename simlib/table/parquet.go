package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/parquet-go/parquet-go"

	"swingby/simlib/provenance"
)

// metadataKey is the key of the manifest in a Parquet file's metadata.
const metadataKey = "swingby"

// ordered is a group of columns in an order of its own; parquet.Group sorts them by name.
type ordered struct {
	parquet.Group
	names []string
}

func (o ordered) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range o.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(o.names))
	for i, n := range o.names {
		fields[i] = byName[n]
	}
	return fields
}

func saveParquet(t *Table, path string) error {
	group := parquet.Group{}
	for j, name := range t.names {
		switch t.columns[j].(type) {
		case []float64:
			group[name] = parquet.Leaf(parquet.DoubleType)
		case []int64:
			group[name] = parquet.Int(64)
		case []bool:
			group[name] = parquet.Leaf(parquet.BooleanType)
		default:
			group[name] = parquet.String()
		}
	}
	if len(group) == 0 {
		return fmt.Errorf("table: %s: a Parquet file needs a column", path)
	}
	run, err := json.Marshal(provenance.Current())
	if err != nil {
		return fmt.Errorf("table: %s: %w", path, err)
	}
	var b bytes.Buffer
	w := parquet.NewWriter(&b, parquet.NewSchema("table", ordered{group, t.names}),
		parquet.Compression(&parquet.Zstd), parquet.KeyValueMetadata(metadataKey, string(run)), parquet.CreatedBy("Swingby", "", ""))
	row := make(parquet.Row, len(t.names))
	for i := range t.Rows() {
		for j, c := range t.columns {
			var v parquet.Value
			switch c := c.(type) {
			case []float64:
				v = parquet.DoubleValue(c[i])
			case []int64:
				v = parquet.Int64Value(c[i])
			case []bool:
				v = parquet.BooleanValue(c[i])
			case []string:
				v = parquet.ByteArrayValue([]byte(c[i]))
			}
			row[j] = v.Level(0, 0, j)
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			return fmt.Errorf("table: %s: %w", path, err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("table: %s: %w", path, err)
	}
	if err := write(path, b.Bytes()); err != nil {
		return err
	}
	provenance.Output(path, provenance.Hash(b.Bytes()))
	return nil
}

func loadParquet(path string) (t *Table, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer file.Close()
	defer func() {
		if r := recover(); r != nil { // what the library makes of some broken files
			t, err = nil, fmt.Errorf("table: %s cannot be read as Parquet: %v", path, r)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, fileError(path, err)
	}
	f, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("table: %s cannot be read as Parquet: %w", path, err)
	}
	fields := f.Schema().Fields()
	columns := make([][]parquet.Value, len(fields))
	for _, c := range fields {
		if !c.Leaf() || c.Repeated() {
			return nil, fmt.Errorf("table: %s: column %q holds lists or records; a table holds numbers, truth values and text", path, c.Name())
		}
	}
	rows := f.NumRows()
	r := parquet.NewReader(f)
	defer r.Close()
	buffer := make([]parquet.Row, 256)
	for {
		n, err := r.ReadRows(buffer)
		for _, row := range buffer[:n] {
			for _, v := range row {
				columns[v.Column()] = append(columns[v.Column()], v.Clone())
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("table: %s cannot be read as Parquet: %w", path, err)
		}
	}
	t = &Table{}
	for j, c := range fields {
		if int64(len(columns[j])) != rows {
			return nil, fmt.Errorf("table: %s: column %q has %d values of %d rows", path, c.Name(), len(columns[j]), rows)
		}
		values, err := plainColumn(c, columns[j])
		if err == nil {
			err = t.Add(c.Name(), values)
		}
		if err != nil {
			return nil, fmt.Errorf("table: %s: column %q: %w", path, c.Name(), err)
		}
	}
	if text, ok := f.Lookup(metadataKey); ok {
		var run provenance.Run
		if json.Unmarshal([]byte(text), &run) == nil {
			t.run = &run
		}
	}
	return t, nil
}

// plainColumn turns a column of a file into one of a table.
func plainColumn(c parquet.Field, values []parquet.Value) (any, error) {
	missing := false
	for _, v := range values {
		missing = missing || v.IsNull()
	}
	kind := c.Type().Kind()
	switch {
	case kind == parquet.Boolean && !missing:
		out := make([]bool, len(values))
		for i, v := range values {
			out[i] = v.Boolean()
		}
		return out, nil
	case (kind == parquet.Int32 || kind == parquet.Int64) && !missing:
		out := make([]int64, len(values))
		for i, v := range values {
			out[i] = whole(kind, v)
		}
		return out, nil
	case kind == parquet.Float, kind == parquet.Double, kind == parquet.Int32, kind == parquet.Int64:
		out := make([]float64, len(values))
		for i, v := range values {
			switch {
			case v.IsNull():
				out[i] = math.NaN()
			case kind == parquet.Float:
				out[i] = float64(v.Float())
			case kind == parquet.Double:
				out[i] = v.Double()
			default:
				out[i] = float64(whole(kind, v))
			}
		}
		return out, nil
	case kind == parquet.ByteArray, kind == parquet.Boolean:
		out := make([]string, len(values))
		for i, v := range values {
			if !v.IsNull() {
				out[i] = v.String()
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("holds %s, which a table does not", c.Type())
}

func whole(kind parquet.Kind, v parquet.Value) int64 {
	if kind == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}
