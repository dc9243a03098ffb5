package train

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/layers"
)

// Weights are the parameters of a [Net], or a gradient with respect to them.
type Weights struct {
	// W holds each layer's matrix, outputs × inputs; of a tied network U alone, d×h.
	W []*mat.Dense
	// B holds each layer's bias, one number for each output; empty without biases.
	B [][]float64
}

// Clone returns a copy that shares nothing with w.
func (w *Weights) Clone() *Weights {
	c := &Weights{}
	for _, m := range w.W {
		c.W = append(c.W, mat.DenseCopyOf(m))
	}
	for _, b := range w.B {
		c.B = append(c.B, slices.Clone(b))
	}
	return c
}

// Scale multiplies every parameter by c, to start smaller or larger, and returns w.
func (w *Weights) Scale(c float64) *Weights {
	for _, m := range w.W {
		m.Scale(c, m)
	}
	for _, b := range w.B {
		for i := range b {
			b[i] *= c
		}
	}
	return w
}

// Count returns the number of parameters.
func (w *Weights) Count() int {
	n := 0
	for _, m := range w.W {
		r, c := m.Dims()
		n += r * c
	}
	for _, b := range w.B {
		n += len(b)
	}
	return n
}

// String names the shapes.
func (w *Weights) String() string {
	s := ""
	for l, m := range w.W {
		r, c := m.Dims()
		if l > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%d×%d", r, c)
		if len(w.B) > 0 {
			s += fmt.Sprintf(" + %d", len(w.B[l]))
		}
	}
	return fmt.Sprintf("%s: %d parameters", s, w.Count())
}

// zero returns weights of the network's shapes; [Net.Check] comes first.
func (n Net) zero() *Weights {
	w := &Weights{}
	for _, s := range n.shapes() {
		w.W = append(w.W, mat.NewDense(s[0], s[1], nil))
		if n.Bias {
			w.B = append(w.B, make([]float64, s[0]))
		}
	}
	return w
}

// checkWeights returns an error unless w has the network's shapes and finite numbers.
func (n Net) checkWeights(field string, w *Weights) error {
	if w == nil {
		return check.Bad(field, "nil", "weights such as Net.Init makes")
	}
	shapes := n.shapes()
	if len(w.W) != len(shapes) {
		return check.Bad(fmt.Sprintf("%s: the number of matrices", field), len(w.W), fmt.Sprint(len(shapes)))
	}
	biases := 0
	if n.Bias {
		biases = len(shapes)
	}
	if len(w.B) != biases {
		return check.Bad(fmt.Sprintf("%s: the number of biases", field), len(w.B), fmt.Sprint(biases))
	}
	for l, s := range shapes {
		name := fmt.Sprintf("%s.W[%d]", field, l)
		if err := checkMatrix(name, w.W[l], s[0], s[1]); err != nil {
			return err
		}
		if n.Bias {
			name := fmt.Sprintf("%s.B[%d]", field, l)
			if err := check.Len(name, w.B[l], s[0], "the layer's outputs"); err != nil {
				return err
			}
			if err := check.Finite(name, w.B[l]); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMatrix returns an error unless m has that size, any number of rows for 0, and finite numbers.
func checkMatrix(field string, m *mat.Dense, rows, cols int) error {
	if m == nil || m.IsEmpty() {
		return check.Bad(field, "empty", "a matrix with numbers")
	}
	r, c := m.Dims()
	if c != cols || rows > 0 && r != rows {
		want := fmt.Sprintf("%d×%d", rows, cols)
		if rows == 0 {
			want = fmt.Sprintf("%d columns, the dimension of the network", cols)
		}
		return check.Bad(field+"'s size", fmt.Sprintf("%d×%d", r, c), want)
	}
	for i := range r {
		for _, v := range m.RawRowView(i) {
			if v-v != 0 { // infinite or not a number
				return check.Finite(fmt.Sprintf("%s[%d]", field, i), m.RawRowView(i))
			}
		}
	}
	return nil
}

// load writes weights into a network.
func load[T kernel.Float](n *layers.Net[T], w *Weights) {
	for l, m := range w.W {
		rows, cols := m.Dims()
		for i := range rows {
			for j, v := range m.RawRowView(i)[:cols] {
				if n.Tied {
					n.W[l][i*n.LD[l+1]+j] = T(v)
				} else {
					n.W[l][j*n.LD[l+1]+i] = T(v)
				}
			}
		}
	}
	for l, b := range w.B {
		for i, v := range b {
			n.B[l][i] = T(v)
		}
	}
}

// unload reads matrices and biases laid out as a network's, its parameters or their gradients, into weights of their shapes.
func unload[T kernel.Float](out *Weights, tied bool, ld []int, w, b [][]T) *Weights {
	for l, m := range out.W {
		rows, cols := m.Dims()
		for i := range rows {
			for j := range cols {
				if tied {
					m.Set(i, j, float64(w[l][i*ld[l+1]+j]))
				} else {
					m.Set(i, j, float64(w[l][j*ld[l+1]+i]))
				}
			}
		}
	}
	for l := range out.B {
		for i := range out.B[l] {
			out.B[l][i] = float64(b[l][i])
		}
	}
	return out
}
