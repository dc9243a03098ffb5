package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"

	"swingby/simlib/internal/durable"
	"swingby/simlib/provenance"
)

// text is a value as a CSV holds it.
func text(column any, i int) string {
	switch c := column.(type) {
	case []float64:
		if math.IsNaN(c[i]) {
			return ""
		}
		return strconv.FormatFloat(c[i], 'g', -1, 64)
	case []int64:
		return strconv.FormatInt(c[i], 10)
	case []bool:
		return strconv.FormatBool(c[i])
	}
	return column.([]string)[i]
}

func saveCSV(t *Table, path string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(t.names) // into memory: cannot fail
	row := make([]string, len(t.names))
	for i := range t.Rows() {
		for j, c := range t.columns {
			row[j] = text(c, i)
		}
		if len(row) == 1 && row[0] == "" {
			w.Flush()
			b.WriteString("\"\"\n") // an empty line would be no row
			continue
		}
		_ = w.Write(row)
	}
	w.Flush()
	if err := write(path, b.Bytes()); err != nil {
		return err
	}
	provenance.Output(path, provenance.Hash(b.Bytes()))
	run, err := json.MarshalIndent(provenance.Current(), "", "  ")
	if err != nil {
		return fmt.Errorf("table: %s: %w", path, err)
	}
	return write(path+".run.json", append(run, '\n'))
}

func loadCSV(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("table: %s is empty, must begin with the names of the columns", path)
	}
	if err != nil {
		return nil, fmt.Errorf("table: %s: %w", path, err)
	}
	columns := make([][]string, len(names))
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("table: %s: %w", path, err)
		}
		for j, s := range row {
			columns[j] = append(columns[j], s)
		}
	}
	t := &Table{}
	for j, name := range names {
		if err := t.Add(name, typed(columns[j])); err != nil {
			return nil, fmt.Errorf("table: %s: %w", path, err)
		}
	}
	if len(t.names) != len(names) {
		return nil, fmt.Errorf("table: %s has two columns of the same name", path)
	}
	if data, err := os.ReadFile(path + ".run.json"); err == nil {
		var run provenance.Run
		if json.Unmarshal(data, &run) == nil {
			t.run = &run
		}
	}
	return t, nil
}

// typed finds the type that all texts of a column have.
func typed(texts []string) any {
	ints, floats, bools := make([]int64, len(texts)), make([]float64, len(texts)), make([]bool, len(texts))
	isInt, isFloat, isBool := len(texts) > 0, len(texts) > 0, len(texts) > 0
	some := false
	for i, s := range texts {
		var err error
		if s == "" {
			isInt, isBool = false, false
			floats[i] = math.NaN()
			continue
		}
		some = true
		if isInt {
			ints[i], err = strconv.ParseInt(s, 10, 64)
			isInt = err == nil
		}
		if isFloat {
			floats[i], err = strconv.ParseFloat(s, 64)
			isFloat = err == nil || errors.Is(err, strconv.ErrRange)
		}
		isBool = isBool && (s == "true" || s == "false")
		bools[i] = s == "true"
	}
	switch {
	case isInt:
		return ints
	case isFloat && some:
		return floats
	case isBool:
		return bools
	}
	if texts == nil {
		return []string{}
	}
	return texts
}

// write puts data into a file whole or not at all.
func write(path string, data []byte) error {
	if err := durable.Write(path, durable.Bytes(data)); err != nil {
		return fileError(path, err)
	}
	return nil
}

// fileError words what the operating system said about a file.
func fileError(path string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("table: %s: %w", path, err)
}
