package sweep

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"swingby/simlib/table"
)

// errorColumn is the column of the messages of points that failed; only a table with such points has it.
const errorColumn = "error"

// Tabulate makes the table of results, by number of the point. It has a row for each point that has one, in order; the
// columns are the parameters and then the results, as they appear first. A result that a
// point lacks is NaN in a column of numbers and "" in one of text; whole numbers are then floats, truth values text.
func (g Grid) Tabulate(results map[int]Result) (*table.Table, error) {
	t := &table.Table{}
	var points []int
	for i := range g.Len() {
		if _, ok := results[i]; ok {
			points = append(points, i)
		}
	}
	for _, p := range g {
		texts := make([]string, len(points))
		for row, i := range points {
			texts[row] = g.Point(i).Text(p.Name)
		}
		if err := t.Add(p.Name, parameterColumn(p.Type, texts)); err != nil {
			return nil, err
		}
	}
	var names []string
	columns := map[string][]any{}
	errs := make([]string, len(points))
	failed := false
	for row, i := range points {
		r := results[i]
		errs[row], failed = r.Error, failed || r.Failed()
		for _, f := range r.Fields {
			if columns[f.Name] == nil {
				names = append(names, f.Name)
				columns[f.Name] = make([]any, len(points))
			}
			columns[f.Name][row] = f.Value
		}
	}
	for _, name := range names {
		if err := t.Add(name, resultColumn(columns[name])); err != nil {
			return nil, err
		}
	}
	if failed {
		if err := t.Add(errorColumn, errs); err != nil {
			return nil, err
		}
	}
	if len(t.Names()) == 0 {
		return nil, fmt.Errorf("sweep: the table has no column: there is neither a parameter nor a result")
	}
	return t, nil
}

// parameterColumn gives the values of a parameter the type of their column.
func parameterColumn(typ string, texts []string) any {
	switch {
	case strings.HasPrefix(typ, "int"), strings.HasPrefix(typ, "uint"), typ == "byte", typ == "rune":
		out := make([]int64, len(texts))
		for i, s := range texts {
			n, ok := wholeNumber(s)
			if !ok {
				return texts
			}
			out[i] = n
		}
		return out
	case strings.HasPrefix(typ, "float"):
		out := make([]float64, len(texts))
		for i, s := range texts {
			f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(s), "_", ""), 64)
			if err != nil {
				return texts
			}
			out[i] = f
		}
		return out
	case typ == "bool":
		out := make([]bool, len(texts))
		for i, s := range texts {
			b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(s)))
			if err != nil {
				return texts
			}
			out[i] = b
		}
		return out
	}
	return texts
}

func wholeNumber(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// resultColumn gives the results of a name, nil where there is none, the type of their column.
func resultColumn(values []any) any {
	missing, floats, ints, bools := false, false, false, false
	mixed := false
	for _, v := range values {
		switch v.(type) {
		case nil:
			missing = true
		case float64:
			floats = true
		case int64:
			ints = true
		case bool:
			bools = true
		default:
			mixed = true
		}
	}
	mixed = mixed || bools && (floats || ints || missing)
	switch {
	case mixed:
		out := make([]string, len(values))
		for i, v := range values {
			if v != nil {
				_, out[i] = encode(v)
			}
		}
		return out
	case bools:
		out := make([]bool, len(values))
		for i, v := range values {
			out[i] = v.(bool)
		}
		return out
	case ints && !floats && !missing:
		out := make([]int64, len(values))
		for i, v := range values {
			out[i] = v.(int64)
		}
		return out
	}
	out := make([]float64, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			out[i] = math.NaN()
		case float64:
			out[i] = v
		case int64:
			out[i] = float64(v)
		}
	}
	return out
}
