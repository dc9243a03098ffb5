package numpy_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/numpy"
)

func symmetric(rows [][]float64) *mat.SymDense {
	s := mat.NewSymDense(len(rows), nil)
	for i, r := range rows {
		for j := i; j < len(rows); j++ {
			s.SetSym(i, j, r[j])
		}
	}
	return s
}

// Every draw of testdata, in order, from one generator for each seed.
func TestDrawsMatchNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/draws.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Streams []struct {
			Seed  uint32
			Draws []struct {
				Op   string
				N    int
				Mean []float64
				Cov  [][]float64
				Want []float64
			}
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	normals, off := 0, 0
	for _, s := range golden.Streams {
		r := numpy.NewRandomState(s.Seed)
		for k, d := range s.Draws {
			var got []float64
			tol := 0.0
			switch d.Op {
			case "random_sample":
				for range d.N {
					got = append(got, r.Float64())
				}
			case "standard_normal":
				got, tol = r.StandardNormal(make([]float64, d.N)), 4e-16
			case "multivariate_normal":
				x, err := r.MultivariateNormal(d.Mean, symmetric(d.Cov), d.N)
				if err != nil {
					t.Fatal(err)
				}
				got, tol = x.RawMatrix().Data, 4e-15
			default:
				t.Fatalf("unknown draw %q", d.Op)
			}
			if len(got) != len(d.Want) {
				t.Fatalf("seed %d, draw %d, %s: %d numbers, want %d", s.Seed, k, d.Op, len(got), len(d.Want))
			}
			for i, want := range d.Want {
				if !(math.Abs(got[i]-want) <= tol*max(1, math.Abs(want))) {
					t.Errorf("seed %d, draw %d, %s%v, number %d: %v, want %v", s.Seed, k, d.Op, d.Cov, i, got[i], want)
					break
				}
				if d.Op == "standard_normal" {
					normals++
					if got[i] != want {
						off++
					}
				}
			}
		}
	}
	t.Logf("%d of %d normal numbers differ in the last bit", off, normals)
	if normals < 2000 || off > normals/100 {
		t.Errorf("%d of %d normal numbers differ in the last bit, want at most one in a hundred of 2000", off, normals)
	}
}

func TestMultivariateNormalHasTheCovariance(t *testing.T) {
	cov := symmetric([][]float64{{2, .3, -.4}, {0, 1, .2}, {0, 0, .7}})
	mean := []float64{3, -2, 1}
	const n = 40000
	x, err := numpy.NewRandomState(1).MultivariateNormal(mean, cov, n)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		for j := range 3 {
			sum := 0.0
			for k := range n {
				sum += (x.At(k, i) - mean[i]) * (x.At(k, j) - mean[j])
			}
			if got := sum / n; math.Abs(got-cov.At(i, j)) > .05 {
				t.Errorf("covariance %d,%d of %d samples: %g, want about %g", i, j, n, got, cov.At(i, j))
			}
		}
	}
}

func TestBadInputIsNamed(t *testing.T) {
	one := symmetric([][]float64{{1}})
	for _, tt := range []struct {
		mean []float64
		cov  mat.Symmetric
		n    int
		want string
	}{
		{nil, one, 1, "numpy: len(mean) is 0; want 1 to 4096"},
		{[]float64{1}, one, 0, "numpy: n is 0; want 1 to"},
		{[]float64{1}, one, 1 << 40, "numpy: n is 1099511627776; want 1 to"},
		{[]float64{math.NaN()}, one, 1, "numpy: mean[0] is NaN; want a finite"},
		{[]float64{1, 2}, one, 1, "numpy: the size of cov is 1; want 2"},
		{[]float64{1, 2}, nil, 1, "numpy: the size of cov is 0; want 2"},
		{[]float64{1}, symmetric([][]float64{{math.Inf(1)}}), 1, "numpy: cov[0][0] is +Inf"},
		{[]float64{1, 2}, symmetric([][]float64{{1, 2}, {0, 1}}), 1, "numpy: an eigenvalue of cov is -"},
		{[]float64{1}, symmetric([][]float64{{-3}}), 1, "numpy: an eigenvalue of cov is -3; want a number from 0"},
	} {
		_, err := numpy.NewRandomState(1).MultivariateNormal(tt.mean, tt.cov, tt.n)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// The first numbers after np.random.seed(0), which many a tutorial prints.
func ExampleRandomState() {
	r := numpy.NewRandomState(0)
	fmt.Printf("%.8f\n", r.StandardNormal(make([]float64, 3)))
	// Output: [1.76405235 0.40015721 0.97873798]
}
