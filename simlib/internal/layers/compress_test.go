package layers

import (
	"math"
	"math/rand/v2"
	"testing"

	"swingby/simlib/internal/kernel"
)

// sums returns ZᵀZ for the rows (x, one, y) of a batch.
func sums(b *Batch[float64], in, out int) []float64 {
	width := in + 1 + out
	s := make([]float64, width*width)
	ldx, ldy := kernel.Padded[float64](in), kernel.Padded[float64](out)
	for i := range b.Rows {
		z := append(append(append([]float64(nil), b.X[i*ldx:i*ldx+in]...), b.One[i]), b.Y[i*ldy:i*ldy+out]...)
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
		few, all := Rows[float64](s, nil, true), Rows[float64](s, nil, false)
		if few.Rows != tt.rows || few.Count != tt.n || all.Rows != tt.n {
			t.Errorf("%+v: %d rows for %d samples", tt, few.Rows, few.Count)
		}
		got, want := sums(few, tt.in, tt.in), sums(all, tt.in, tt.in)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-11 {
				t.Fatalf("%+v: a sum of products is %g, want %g", tt, got[i], want[i])
			}
		}
	}
}

// Rows of chosen samples are those samples.
func TestRowsOfOrder(t *testing.T) {
	s := &Samples{N: 4, In: 1, Out: 1, X: []float64{10, 11, 12, 13}}
	s.Y = s.X
	ld := kernel.Padded[float32](1)
	b := Rows[float32](s, []int{3, 1}, false)
	if b.Rows != 2 || b.X[0] != 13 || b.X[ld] != 11 || b.Y[ld] != 11 || b.One[1] != 1 {
		t.Errorf("rows of samples 3 and 1: %+v", b)
	}
	b.Fill(s, func(i int) int { return i })
	if b.X[0] != 10 || b.X[ld] != 11 {
		t.Errorf("refilled with samples 0 and 1: %+v", b)
	}
}
