package torch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// smallSVD is the size up to which LAPACK's gesdd iterates (QR) instead of dividing and conquering.
const smallSVD = 25

// Rotation returns torch.svd(torch.randn(d, d))[0], a d×d random orthogonal matrix. d is 1 to 1024.
//
// The numbers drawn are PyTorch's to the last bit. Their singular vectors are computed in float64, where
// PyTorch has LAPACK's float32; the two agree to about 1e-5 for d = 64 and 1e-7 for d = 2, up to the sign
// of each column. A singular value problem leaves those signs open, and no two
// LAPACKs agree on all of them. For d > 25 the sign here is the one that LAPACK's divide and
// conquer arrives at: the component along the row where the bidiagonal matrix is split,
// the row d/2, is negative. Where that component vanishes to float32's precision, for three to five columns of 64,
// the sign in PyTorch depends on the CPU; here the largest entry is positive then. For d ≤ 25, QR iteration
// fixes the sign by the number of its steps, and PyTorch's differs in one column of 25.
func (g *Generator) Rotation(d int) (*mat.Dense, error) {
	if d < 1 || d > maxDim {
		return nil, check.Bad("torch: d", d, fmt.Sprintf("1 to %d", maxDim))
	}
	a := mat.NewDense(d, d, widen(g.Randn(make([]float32, d*d))))
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDFull) {
		return nil, fmt.Errorf("torch: no singular value decomposition of a %d×%d matrix of normal numbers", d, d)
	}
	u := mat.NewDense(d, d, nil)
	svd.UTo(u)
	if d <= smallSVD {
		return u, nil
	}
	q := splitVector(a)
	for j := range d {
		col := u.ColView(j)
		away := mat.Dot(col, q)
		if math.Abs(away) < 1e-7 {
			for i := range d {
				if v := col.AtVec(i); math.Abs(v) > math.Abs(away) {
					away = -v
				}
			}
		}
		if away > 0 {
			for i := range d {
				u.Set(i, j, -u.At(i, j))
			}
		}
	}
	return u, nil
}

// splitVector returns column d/2 of Q in the bidiagonalisation a = Q B Pᵀ by Householder's reflections.
func splitVector(a *mat.Dense) mat.Vector {
	d, _ := a.Dims()
	q := mat.DenseCopyOf(a).RawMatrix()
	diag, off := make([]float64, d), make([]float64, d)
	tauQ, tauP := make([]float64, d), make([]float64, d)
	work := make([]float64, 64*d)
	var l lapackgo.Implementation
	l.Dgebrd(d, d, q.Data, q.Stride, diag, off, tauQ, tauP, work, len(work))
	l.Dorgbr(lapack.GenerateQ, d, d, d, q.Data, q.Stride, tauQ, work, len(work))
	return mat.NewDense(d, d, q.Data).ColView(d / 2)
}
