package display

import (
	"fmt"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

// complexMatrix is what a matrix of complex numbers shows as: a table of them, cut
// like a real one, each number with four digits a part.
func complexMatrix(m mat.CMatrix) (b Bundle) {
	defer func() {
		if r := recover(); r != nil {
			b = bundle(fmt.Sprintf("display: matrix cannot be read: %v", r))
		}
	}()
	r, c := m.Dims()
	rows, cols := newWindow(r, matrixRows).indices(), newWindow(c, matrixCols/2).indices()
	g := grid{caption: matrixTitle(m, "", r, c), head: []string{}, side: []string{}}
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
			s := strconv.FormatComplex(m.At(i, j), 'g', 4, 128)
			row[k] = s[1 : len(s)-1]
		}
		g.side = append(g.side, indexOr(i, "⋮"))
		g.cells = append(g.cells, row)
	}
	b = bundle(bracketed(g))
	b.Data[mimeHTML] = g.html()
	return b
}
