package sim

import (
	"fmt"
	"strconv"
	"strings"

	"swingby/simlib/internal/check"
)

// Points returns the layout of points that follow no rule, trained on or probes, all of the same length. They are
// labelled 1, 2, …, the probes x̂₁, x̂₂, …; the first probe is the task's target. What is wrong with them
// [NewTask] tells.
func Points(train, probes [][]float64) Layout {
	var l Layout
	for i, x := range train {
		l.D = max(l.D, len(x))
		l.Centroids = append(l.Centroids, Centroid{Label: fmt.Sprint(i + 1), X: x})
	}
	for i, x := range probes {
		l.D = max(l.D, len(x))
		l.Centroids = append(l.Centroids, Centroid{Label: "x̂" + Subscript(i+1), X: x, Role: Probe})
	}
	return l
}

// With returns the structure whose layout is s's after a change: it adds what a structure has no field for.
//
//	sim.With(sim.Axes{Mu: []float64{1, 2}}, func(l *sim.Layout) {
//		l.Cov = [][]float64{{.1, .05}, {.05, .1}}
//	})
func With(s Structure, change func(*Layout)) Structure { return with{s, change} }

type with struct {
	s      Structure
	change func(*Layout)
}

func (w with) Layout() (Layout, error) {
	if w.s == nil {
		return Layout{}, check.Bad("sim: the structure given to With", nil, "a structure such as sim.Axes")
	}
	l, err := w.s.Layout()
	if err == nil && w.change != nil {
		w.change(&l)
	}
	return l, err
}

// ParseTable reads a layout from a table: a line for each point, under a line that names the columns.
//
//	label   x    y   role    weight
//	A       1    0   train
//	B       0    2   train   2
//	A+B     1    2   probe
//	noise   .1   .1  sigma
//
// The columns label, role and weight may be left out and stand anywhere; every other column is a coordinate. Fields are
// separated by commas, or else by tabs or spaces; a dash or nothing leaves a field empty. The role is train (also
// where it is empty), probe, concept for a concept's vector, or sigma for the standard deviation along each
// axis. A # starts a comment. Errors give the line.
func ParseTable(text string) (Layout, error) {
	var l Layout
	var columns []string
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		fields := strings.Fields(line)
		if strings.Contains(line, ",") {
			fields = strings.Split(line, ",")
			for i := range fields {
				fields[i] = strings.TrimSpace(fields[i])
			}
		}
		if columns == nil {
			columns = fields
			for _, c := range columns {
				if !isWord(c) {
					l.D++
				}
			}
			if l.D == 0 {
				return l, check.Bad(fmt.Sprintf("sim: the number of coordinates in line %d", n+1), 0,
					"at least 1 column besides label, role and weight")
			}
			continue
		}
		if len(fields) > len(columns) {
			return l, check.Bad(fmt.Sprintf("sim: the number of fields in line %d", n+1), len(fields),
				fmt.Sprintf("at most %d, as the first line has", len(columns)))
		}
		if err := l.row(columns, fields, n+1); err != nil {
			return l, err
		}
	}
	if columns == nil {
		return l, check.Bad("sim: the table", "empty", "a line that names the columns, then a line for each point")
	}
	return l, nil
}

// isWord reports whether a column is none of coordinates.
func isWord(column string) bool {
	switch strings.ToLower(column) {
	case "label", "role", "weight":
		return true
	}
	return false
}

// row adds a line of a table.
func (l *Layout) row(columns, fields []string, line int) error {
	c := Centroid{Label: fmt.Sprint(len(l.Centroids) + 1)}
	role := "train"
	for i, column := range columns {
		field := ""
		if i < len(fields) && fields[i] != "-" {
			field = fields[i]
		}
		var v float64
		at := fmt.Sprintf("sim: %s in line %d", column, line)
		if !isWord(column) || strings.EqualFold(column, "weight") && field != "" {
			var err error
			if v, err = strconv.ParseFloat(field, 64); err != nil {
				return check.Bad(at, strconv.Quote(field), "a number")
			}
		}
		switch strings.ToLower(column) {
		case "label":
			if field != "" {
				c.Label = field
			}
		case "role":
			if field != "" {
				role = strings.ToLower(field)
			}
		case "weight":
			c.Weight = v
		default:
			c.X = append(c.X, v)
		}
	}
	switch role {
	case "train":
	case "probe":
		c.Role = Probe
	case "concept":
		l.Concepts = append(l.Concepts, c.X)
		return nil
	case "sigma":
		l.Sigma = c.X
		return nil
	default:
		return check.Bad(fmt.Sprintf("sim: role in line %d", line), strconv.Quote(role), "train, probe, concept or sigma")
	}
	l.Centroids = append(l.Centroids, c)
	return nil
}
