package display

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

const (
	matrixRows      = 20 // rows shown of a matrix
	matrixCols      = 12 // columns shown of a matrix
	matrixPrecision = 5  // significant digits of its largest element
	latexSide       = 10 // rows and columns up to which there is LaTeX
)

// MatrixView is a matrix with the way to write it. Make one with [Matrix].
type MatrixView struct {
	m          mat.Matrix
	caption    string
	precision  int
	rows, cols int
}

// Matrix shows a matrix or vector as a table under its shape, cut in length where
// it is large. A mat.Matrix shows by itself; Matrix is for setting how:
//
//	display.Matrix(w).Precision(3).Caption("W after 100 steps")
//
// Up to 10×10 it has a LaTeX form too, for documents made from the notebook.
func Matrix(m mat.Matrix) *MatrixView {
	return &MatrixView{m: m, precision: matrixPrecision, rows: matrixRows, cols: matrixCols}
}

// Precision sets the number of significant digits, 1 to 17, that the largest
// element is written with, and returns v.
func (v *MatrixView) Precision(digits int) *MatrixView {
	v.precision = digits
	return v
}

// Limit sets how many rows and columns are shown at most, and returns v. Less
// than 2 is taken as 2.
func (v *MatrixView) Limit(rows, cols int) *MatrixView {
	v.rows, v.cols = max(2, rows), max(2, cols)
	return v
}

// Caption sets what stands above the matrix, before its shape, and returns v.
func (v *MatrixView) Caption(s string) *MatrixView {
	v.caption = s
	return v
}

// MIMEBundle renders the matrix.
func (v *MatrixView) MIMEBundle() (data, metadata map[string]any) {
	b := v.bundle()
	return b.Data, b.Metadata
}

func (v *MatrixView) bundle() (b Bundle) {
	defer func() {
		// mat's own Dims and At panic for what is no matrix yet.
		if r := recover(); r != nil {
			b = bundle(fmt.Sprintf("display: matrix cannot be read: %v", r))
		}
	}()
	if v == nil || v.m == nil {
		return bundle("display: Matrix was given nil instead of a matrix")
	}
	r, c := v.m.Dims()
	g := v.grid(r, c)
	b = bundle(bracketed(g))
	b.Data[mimeHTML] = g.html()
	if r <= latexSide && c <= latexSide && r > 0 && c > 0 {
		b.Data[mimeLaTeX] = latexMatrix(g)
	}
	return b
}

// matrixTitle is the caption with kind and shape: "W: mat.Dense 3×4".
func matrixTitle(m any, caption string, r, c int) string {
	t := reflect.TypeOf(m)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s := fmt.Sprintf("%d×%d", r, c)
	if t.PkgPath() != "" && !strings.HasPrefix(t.Name(), "_") {
		s = trimMain(t.String()) + " " + s
	}
	if caption != "" {
		s = caption + ": " + s
	}
	return s
}

// indexOr is the index of a row or column, or the mark that stands for a gap.
func indexOr(i int, gap string) string {
	if i < 0 {
		return gap
	}
	return strconv.Itoa(i)
}

// gapMark stands for the elements left out at row i and column j.
func gapMark(i, j int) string {
	switch {
	case i >= 0:
		return "⋯"
	case j >= 0:
		return "⋮"
	}
	return "⋱"
}

// grid formats the elements that are shown.
func (v *MatrixView) grid(r, c int) grid {
	rw, cw := newWindow(r, v.rows), newWindow(c, v.cols)
	rows, cols := rw.indices(), cw.indices()
	var values []float64
	for _, i := range rows {
		for _, j := range cols {
			if i >= 0 && j >= 0 {
				values = append(values, v.m.At(i, j))
			}
		}
	}
	format := numberFormat(values, v.precision)
	g := grid{caption: matrixTitle(v.m, v.caption, r, c), head: []string{}, side: []string{}}
	for _, j := range cols {
		g.head = append(g.head, indexOr(j, "⋯"))
		g.numeric = append(g.numeric, true)
	}
	for _, i := range rows {
		row := make([]string, len(cols))
		for k, j := range cols {
			if i < 0 || j < 0 {
				row[k] = gapMark(i, j)
				continue
			}
			row[k], values = format(values[0]), values[1:]
		}
		g.side = append(g.side, indexOr(i, "⋮"))
		g.cells = append(g.cells, row)
	}
	return g
}

// bracketed writes the cells of a matrix between brackets under its title.
func bracketed(g grid) string {
	if len(g.cells) == 0 {
		return g.caption
	}
	body, _ := align(g.cells, g.numeric)
	n := len(body)
	for i := range body {
		left, right := "⎢", "⎥"
		switch {
		case n == 1:
			left, right = "[", "]"
		case i == 0:
			left, right = "⎡", "⎤"
		case i == n-1:
			left, right = "⎣", "⎦"
		}
		body[i] = left + body[i] + right
	}
	return g.caption + "\n" + strings.Join(body, "\n")
}

// latexMatrix writes the cells of a grid as displayed math.
func latexMatrix(g grid) string {
	var b strings.Builder
	b.WriteString("$$\\begin{bmatrix}\n")
	for i, row := range g.cells {
		for j, s := range row {
			if j > 0 {
				b.WriteString(" & ")
			}
			b.WriteString(latexNumber(s))
		}
		if i < len(g.cells)-1 {
			b.WriteString(` \\`)
		}
		b.WriteString("\n")
	}
	b.WriteString("\\end{bmatrix}$$")
	return b.String()
}

// latexNumber writes a formatted number as math: 1.2e-05 as 1.2 \cdot 10^{-5}.
func latexNumber(s string) string {
	if x, err := strconv.ParseFloat(s, 64); err == nil && math.IsInf(x, 0) {
		return strings.Replace(strings.TrimPrefix(s, "+"), "Inf", `\infty`, 1)
	} else if math.IsNaN(x) {
		return `\mathrm{NaN}`
	}
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return s
	}
	return fmt.Sprintf(`%s \cdot 10^{%d}`, mantissa, n)
}
