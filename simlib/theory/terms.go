package theory

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// Terms holds the three parts of Ẇ = G − S − N (Equation 4.3), each a symmetric d×d matrix.
type Terms struct {
	// G is growth: w_ij (a_i + a_j).
	G *mat.SymDense
	// S is suppression by the diagonal entries of the same row and column:
	// ½ w_ij [w_ii (3a_i + a_j) + 1{i≠j} w_jj (3a_j + a_i)].
	S *mat.SymDense
	// N is the interaction with the other entries of row and column:
	// ½ Σ_{k∉{i,j}} w_ki w_kj (a_i + a_j + 2a_k).
	N *mat.SymDense
}

// Decompose returns the terms at W with the given rates, one for each axis. Pass
// the squares of a to follow the published code; see [RateA2].
func Decompose(w *mat.SymDense, rates []float64) (Terms, error) {
	if w == nil || w.IsEmpty() {
		return Terms{}, check.Bad("theory: W", "empty", "a symmetric matrix")
	}
	d := w.SymmetricDim()
	if err := check.Len("theory: rates", rates, d, "the size of W"); err != nil {
		return Terms{}, err
	}
	t := Terms{G: mat.NewSymDense(d, nil), S: mat.NewSymDense(d, nil), N: mat.NewSymDense(d, nil)}
	flat := flatten(w)
	for i := range d {
		for j := i; j < d; j++ {
			g, s, n := entryTerms(flat, rates, i, j)
			t.G.SetSym(i, j, g)
			t.S.SetSym(i, j, s)
			t.N.SetSym(i, j, n)
		}
	}
	return t, nil
}

// Sum returns G − S − N, the velocity Ẇ.
func (t Terms) Sum() *mat.SymDense {
	d := t.G.SymmetricDim()
	sum := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			sum.SetSym(i, j, t.G.At(i, j)-t.S.At(i, j)-t.N.At(i, j))
		}
	}
	return sum
}

// entryTerms computes the three terms of one entry of a symmetric matrix stored by rows.
func entryTerms(w, a []float64, i, j int) (g, s, n float64) {
	d := len(a)
	wij := w[i*d+j]
	g = wij * (a[i] + a[j])
	s = wij * w[i*d+i] * (3*a[i] + a[j]) / 2
	if i != j {
		s += wij * w[j*d+j] * (3*a[j] + a[i]) / 2
	}
	for k := range d {
		if k != i && k != j {
			n += w[i*d+k] * w[j*d+k] * (a[i] + a[j] + 2*a[k]) / 2
		}
	}
	return g, s, n
}

// Terms returns the curves of G_ij, S_ij and N_ij over a run of the symmetric model, i and j = 1 … d. They
// belong to a second moment that is diagonal: ask [Run.InModes] where it is not.
func (r *Run) Terms(i, j int) (g, s, n Curve, err error) {
	if !r.symmetric {
		return g, s, n, fmt.Errorf("theory: the growth, suppression and interaction terms belong to the symmetric two-layer model; this run is of one layer")
	}
	if err := r.along(); err != nil {
		return g, s, n, err
	}
	if err := r.checkEntry(i, j); err != nil {
		return g, s, n, err
	}
	t := r.Times()
	at := func(letter string) Curve {
		return Curve{Name: letter + subscript(i) + subscript(j), T: t, Y: make([]float64, len(t))}
	}
	g, s, n = at("G"), at("S"), at("N")
	for k := range t {
		g.Y[k], s.Y[k], n.Y[k] = entryTerms(r.weights(k), r.rates, i-1, j-1)
	}
	return g, s, n, nil
}
