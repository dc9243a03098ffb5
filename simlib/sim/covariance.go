package sim

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// A spread is the noise of a cluster: x = centre + noise, of either independent coordinates or
// coordinates with a covariance. Exactly one of its fields is set.
type spread struct {
	sigma []float64     // standard deviations, one for each axis
	lower *mat.TriDense // L of the covariance LLᵀ
}

// newSpread checks standard deviations or a covariance in d dimensions. With neither it returns nil.
func newSpread(field string, sigma []float64, cov [][]float64, d int) (*spread, error) {
	switch {
	case len(cov) > 0 && slices.ContainsFunc(sigma, func(v float64) bool { return v != 0 }):
		return nil, check.Bad("sim: len("+field+"Sigma)", len(sigma), "0 where "+field+"Cov is set, or zeros, for one of the two says all")
	case len(cov) > 0:
		lower, err := factor("sim: "+field+"Cov", cov, d)
		return &spread{lower: lower}, err
	case len(sigma) > 0:
		name := "sim: " + field + "Sigma"
		if err := check.Len(name, sigma, d, "one for each axis"); err != nil {
			return nil, err
		}
		if err := check.NonNegative(name, sigma); err != nil {
			return nil, err
		}
		return &spread{sigma: slices.Clone(sigma)}, nil
	}
	return nil, nil
}

// factor returns the lower triangle L of cov = LLᵀ by Cholesky's method. A pivot of zero is fine as long as
// its column is zero too: the noise may leave directions out.
func factor(field string, cov [][]float64, d int) (*mat.TriDense, error) {
	if len(cov) != d {
		return nil, check.Bad("sim: len("+field[len("sim: "):]+")", len(cov), fmt.Sprintf("%d rows, one for each axis", d))
	}
	largest := 0.0
	for i, row := range cov {
		if err := check.Len(fmt.Sprintf("%s[%d]", field, i), row, d, "one for each axis"); err != nil {
			return nil, err
		}
		if err := check.Finite(fmt.Sprintf("%s[%d]", field, i), row); err != nil {
			return nil, err
		}
		largest = max(largest, row[i])
	}
	for i, row := range cov {
		for j := range i {
			if math.Abs(row[j]-cov[j][i]) > 1e-12*largest {
				return nil, check.Bad(fmt.Sprintf("%s[%d][%d]", field, i, j), row[j],
					fmt.Sprintf("%v, what is at [%d][%d], for a covariance is symmetric", cov[j][i], j, i))
			}
		}
	}
	lower := mat.NewTriDense(d, mat.Lower, nil)
	raw := lower.RawTriangular()
	for j := range d {
		rowJ := raw.Data[j*raw.Stride:]
		pivot := cov[j][j]
		for k := range j {
			pivot -= float64(rowJ[k] * rowJ[k])
		}
		if pivot < -1e-10*largest || cov[j][j] < 0 {
			return nil, check.Bad(field, fmt.Sprintf("no covariance (its variance is %.4g along a direction of axes 1 to %d)", pivot, j+1),
				"a positive semidefinite matrix")
		}
		zero := pivot <= 1e-13*largest
		if !zero {
			rowJ[j] = math.Sqrt(pivot)
		}
		for i := j + 1; i < d; i++ {
			rowI := raw.Data[i*raw.Stride:]
			v := cov[i][j]
			for k := range j {
				v -= float64(rowI[k] * rowJ[k])
			}
			if !zero {
				rowI[j] = v / rowJ[j]
			} else if math.Abs(v) > 1e-6*largest {
				return nil, check.Bad(fmt.Sprintf("%s[%d][%d]", field, i, j), cov[i][j],
					fmt.Sprintf("a number that differs by %.3g, for the noise of axis %d follows from that of the axes before", -v, j+1))
			}
		}
	}
	return lower, nil
}

// addTo adds weight times the covariance to a.
func (s *spread) addTo(a *mat.SymDense, weight float64) {
	if s.lower == nil {
		for i, v := range s.sigma {
			a.SetSym(i, i, a.At(i, i)+weight*v*v)
		}
		return
	}
	raw := s.lower.RawTriangular()
	for i := range raw.N {
		for j := i; j < raw.N; j++ {
			sum := 0.0
			for k := range i + 1 {
				sum += float64(raw.Data[i*raw.Stride+k] * raw.Data[j*raw.Stride+k])
			}
			a.SetSym(i, j, a.At(i, j)+weight*sum)
		}
	}
}

// variances returns the variance along each axis.
func (s *spread) variances() []float64 {
	if s.lower == nil {
		v := slices.Clone(s.sigma)
		for i := range v {
			v[i] *= v[i]
		}
		return v
	}
	raw := s.lower.RawTriangular()
	v := make([]float64, raw.N)
	for i := range v {
		for _, l := range raw.Data[i*raw.Stride : i*raw.Stride+i+1] {
			v[i] += float64(l * l)
		}
	}
	return v
}

// crossed reports whether two coordinates depend on each other.
func (s *spread) crossed() bool {
	if s.lower == nil {
		return false
	}
	raw := s.lower.RawTriangular()
	for i := range raw.N {
		for _, v := range raw.Data[i*raw.Stride : i*raw.Stride+i] {
			if v != 0 {
				return true
			}
		}
	}
	return false
}

// add adds noise to x, from as many standard normal numbers.
func (s *spread) add(x, z []float64) {
	if s.lower == nil {
		for i, v := range s.sigma {
			x[i] += float64(v * z[i])
		}
		return
	}
	raw := s.lower.RawTriangular()
	for i := range x {
		sum := 0.0
		for k, l := range raw.Data[i*raw.Stride : i*raw.Stride+i+1] {
			sum += float64(l * z[k])
		}
		x[i] += sum
	}
}
