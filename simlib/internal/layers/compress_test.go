package layers

import (
	"math"
	"math/rand/v2"
	"testing"

	"swingby/simlib/internal/kernel"
)

// sums returns ZᵀZ for the rows (x, one, y) of a batch.
func sums(n *Net[float64], b *Batch[float64]) []float64 {
	in, out := n.Dims[0], n.Dims[1]
	width := in + 1 + out
	s := make([]float64, width*width)
	for i := range b.Rows {
		var z []float64
		for k := range width {
			switch {
			case k == in:
				z = append(z, b.One[i])
			case k < in && n.lanes:
				z = append(z, b.X[k*b.ld+i])
			case k < in:
				z = append(z, b.X[i*n.LD[0]+k])
			case n.lanes:
				z = append(z, b.Y[(k-in-1)*b.ld+i])
			default:
				z = append(z, b.Y[i*n.LD[1]+k-in-1])
			}
		}
		for j, v := range z {
			for k, w := range z {
				s[j*width+k] += v * w
			}
		}
	}
	return s
}

func TestFewerRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, tt := range []struct {
		n, in, rank int
		same        bool
		rows        int // most that are needed
	}{
		{100, 3, 3, true, 4},
		{100, 20, 2, true, 3}, // two coordinates and the bias
		{100, 3, 3, false, 7}, // targets of their own
		{5, 20, 20, true, 5},  // fewer samples than dimensions: nothing to save
		{40, 5, 0, true, 1},   // only the bias
		{1, 2, 2, true, 1},
	} {
		s := &Samples{N: tt.n, In: tt.in, Out: tt.in, X: make([]float64, tt.n*tt.in)}
		for i := range tt.n {
			for j := range tt.rank {
				s.X[i*tt.in+j] = rng.NormFloat64() + float64(j)
			}
		}
		s.Y = s.X
		if !tt.same {
			s.Y = make([]float64, len(s.X))
			for i := range s.Y {
				s.Y[i] = rng.NormFloat64()
			}
		}
		n := New[float64](Config{Dims: []int{tt.in, tt.in}}, 1)
		few, all := n.Batch(s, nil, true), n.Batch(s, nil, false)
		if few.Rows != tt.rows || few.Count != tt.n || all.Rows != tt.n {
			t.Errorf("%+v: %d rows for %d samples", tt, few.Rows, few.Count)
		}
		got, want := sums(n, few), sums(n, all)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-11 {
				t.Fatalf("%+v: a sum of products is %g, want %g", tt, got[i], want[i])
			}
		}
	}
}

// Rows of chosen samples are those samples, in either layout.
func TestRowsOfOrder(t *testing.T) {
	s := &Samples{N: 4, In: 1, Out: 1, X: []float64{10, 11, 12, 13}}
	s.Y = s.X
	for _, width := range []int{1, mostNarrow + 1} {
		n := New[float32](Config{Dims: []int{1, width, 1}, Bias: true}, 1)
		next := kernel.Padded[float32](1)
		if n.lanes {
			next = 1
		}
		b := n.Batch(s, []int{3, 1}, false)
		if b.Rows != 2 || b.X[0] != 13 || b.X[next] != 11 || b.Y[next] != 11 || b.One[1] != 1 {
			t.Errorf("width %d: rows of samples 3 and 1: %+v", width, b)
		}
		n.Fill(b, s, func(i int) int { return i })
		if b.X[0] != 10 || b.X[next] != 11 {
			t.Errorf("width %d: refilled with samples 0 and 1: %+v", width, b)
		}
	}
}
