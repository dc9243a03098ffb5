// Package numpy reproduces random numbers of NumPy's legacy generator, the one behind
// np.random.seed and np.random.normal, so that a published seed gives the published data.
//
// np.random.seed(seed) starts the Mersenne Twister MT19937 from a number of 32 bits by Knuth's initialisation.
// A uniform number takes two words, 27 bits of the first and 26 of the second; a normal one
// comes from Marsaglia's polar method, two at a time, the second kept for the next call:
//
//	draw x₁, x₂ uniform in [−1, 1) until 0 < r² = x₁² + x₂² < 1
//	f = √(−2 ln r² / r²);  return f·x₂, keep f·x₁
//
// NumPy froze these streams in version 1.16 (NEP 19), so that what is matched here stays matched. Golden draws of
// NumPy 1.24.2 are in testdata, with the program that wrote them.
package numpy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext/prng"

	"swingby/simlib/internal/check"
	"swingby/simlib/provenance"
)

// A RandomState gives the numbers that np.random gives after np.random.seed. It
// must not be used from several goroutines at once.
type RandomState struct {
	mt *prng.MT19937
	// next is the second number of a pair of normal ones, waiting where hasNext.
	next    float64
	hasNext bool
}

// NewRandomState returns a generator as np.random.seed(seed) leaves it. NumPy takes no larger seeds than 32 bits hold.
func NewRandomState(seed uint32) *RandomState {
	provenance.Seed("numpy.NewRandomState", uint64(seed))
	mt := prng.NewMT19937()
	mt.Seed(uint64(seed))
	return &RandomState{mt: mt}
}

// Float64 returns what np.random.random_sample() would: a uniform number in [0, 1), a multiple of 2^-53.
func (r *RandomState) Float64() float64 {
	hi, lo := r.mt.Uint32()>>5, r.mt.Uint32()>>6
	return (float64(hi)*(1<<26) + float64(lo)) / (1 << 53)
}

// NormFloat64 returns what np.random.standard_normal() would. The logarithm is rounded
// correctly here and almost always in the C library, so that at most one number in
// a hundred differs, in its last bit.
func (r *RandomState) NormFloat64() float64 {
	if r.hasNext {
		r.hasNext = false
		return r.next
	}
	for {
		x1, x2 := 2*r.Float64()-1, 2*r.Float64()-1
		// The conversions keep a compiler from fusing product and sum.
		r2 := float64(x1*x1) + float64(x2*x2)
		if r2 >= 1 || r2 == 0 {
			continue
		}
		f := math.Sqrt(-2 * log(r2) / r2)
		r.next, r.hasNext = f*x1, true
		return f * x2
	}
}

// StandardNormal fills dst with what np.random.standard_normal(len(dst)) would hold, and returns it.
func (r *RandomState) StandardNormal(dst []float64) []float64 {
	for i := range dst {
		dst[i] = r.NormFloat64()
	}
	return dst
}

// maxNumbers bounds a draw: 2 GiB.
const maxNumbers = 1 << 28

// MultivariateNormal returns what np.random.multivariate_normal(mean, cov, n) would: n samples of dimension d = len(mean),
// one in each row. cov is d×d, symmetric and positive semidefinite. The error is for what does not fit or is no covariance.
//
// NumPy multiplies n×d normal numbers by diag(√s) V, where cov = U diag(s) V is
// the singular value decomposition. The variances are thus in descending order: number k of a row is
// for the axis of the k-th largest variance. For a diagonal covariance
// the result is NumPy's as far as [RandomState.NormFloat64] is. Otherwise it agrees to about 1e-15 of the
// largest standard deviation; a direction whose sign LAPACK chooses otherwise would be mirrored, which
// does not change the distribution.
func (r *RandomState) MultivariateNormal(mean []float64, cov mat.Symmetric, n int) (*mat.Dense, error) {
	d := len(mean)
	if d < 1 || d > 4096 {
		return nil, check.Bad("numpy: len(mean)", d, "1 to 4096")
	}
	if err := check.Finite("numpy: mean", mean); err != nil {
		return nil, err
	}
	if n < 1 || n > maxNumbers/d {
		return nil, check.Bad("numpy: n", n, fmt.Sprintf("1 to %d, for n·d is at most 2^28", maxNumbers/d))
	}
	if cov == nil || cov.SymmetricDim() != d {
		size := 0
		if cov != nil {
			size = cov.SymmetricDim()
		}
		return nil, check.Bad("numpy: the size of cov", size, fmt.Sprintf("%d, the length of mean", d))
	}
	factor, err := factor(cov)
	if err != nil {
		return nil, err
	}
	x := mat.NewDense(n, d, nil)
	z := make([]float64, d)
	for i := range n {
		r.StandardNormal(z)
		row := x.RawRowView(i)
		for k, zk := range z {
			for j, v := range factor.RawRowView(k) {
				if v != 0 {
					row[j] += float64(zk * v)
				}
			}
		}
		for j := range row {
			row[j] += mean[j]
		}
	}
	return x, nil
}

// factor returns diag(√s) V of cov's singular value decomposition.
func factor(cov mat.Symmetric) (*mat.Dense, error) {
	d := cov.SymmetricDim()
	a := mat.NewDense(d, d, nil)
	largest := 0.0
	for i := range d {
		for j := range d {
			v := cov.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, check.Bad(fmt.Sprintf("numpy: cov[%d][%d]", i, j), v, "a finite number")
			}
			largest = max(largest, math.Abs(v))
			a.Set(i, j, v)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDFull) {
		return nil, fmt.Errorf("numpy: no singular value decomposition of cov; want a positive semidefinite matrix")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	f := mat.NewDense(d, d, nil)
	for k, s := range svd.Values(nil) {
		dot := 0.0
		for j := range d {
			dot += u.At(j, k) * v.At(j, k)
			f.Set(k, j, math.Sqrt(s)*v.At(j, k))
		}
		// The singular values of a symmetric matrix are its eigenvalues but for their sign,
		// which the two singular vectors' tells.
		if dot < 0 && s > 1e-8*largest {
			return nil, check.Bad("numpy: an eigenvalue of cov", -s, "a number from 0, as a covariance has")
		}
	}
	return f, nil
}
