package layers

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// Samples is a data set in double precision, before it is cut into batches.
type Samples struct {
	// N is the number of samples, In and Out are the dimensions.
	N, In, Out int
	// X and Y hold a sample to a row, without padding. Y may be X itself.
	X, Y []float64
}

// Rows packs the samples with the given numbers, all of them for nil. For a
// linear network they may be compressed to fewer rows.
func Rows[T kernel.Float](s *Samples, order []int, compress bool) *Batch[T] {
	count := s.N
	if order != nil {
		count = len(order)
	}
	at := func(i int) int {
		if order != nil {
			return order[i]
		}
		return i
	}
	if compress {
		if r := factor(s, count, at); r != nil {
			rows, width := len(r), s.In+1+s.Out
			flat := make([]float64, 0, rows*width)
			for _, row := range r {
				flat = append(flat, row...)
			}
			b := &Batch[T]{Rows: rows, Count: count, One: make([]T, rows)}
			for i, row := range r {
				b.One[i] = T(row[s.In])
			}
			b.X = Pack[T](rows, s.In, flat, width)
			b.Y = Pack[T](rows, s.Out, flat[s.In+1:], width)
			return b
		}
	}
	b := &Batch[T]{Rows: count, Count: count, One: make([]T, count)}
	ldx, ldy := kernel.Padded[T](s.In), kernel.Padded[T](s.Out)
	b.X, b.Y = make([]T, count*ldx), make([]T, count*ldy)
	b.Fill(s, at)
	return b
}

// Fill writes other samples into a batch of the same size.
func (b *Batch[T]) Fill(s *Samples, at func(i int) int) {
	ldx, ldy := kernel.Padded[T](s.In), kernel.Padded[T](s.Out)
	for i := range b.Rows {
		k := at(i)
		b.One[i] = 1
		for j, v := range s.X[k*s.In : (k+1)*s.In] {
			b.X[i*ldx+j] = T(v)
		}
		for j, v := range s.Y[k*s.Out : (k+1)*s.Out] {
			b.Y[i*ldy+j] = T(v)
		}
	}
}

// mostWork bounds the products for the rows of one batch to about a second's, for they
// cannot be interrupted.
const mostWork = 1 << 30

// factor returns rows R with RᵀR = ZᵀZ for the rows z = (x, 1, y) of a batch, or
// nil where that would not save anything. Each row of Z is orthogonalised
// against those before by modified Gram–Schmidt on columns, pivoted: the
// direction with the most left over comes next, until rounding is all that is left. It gives up at mostWork.
func factor(s *Samples, count int, at func(i int) int) [][]float64 {
	width := s.In + 1 + s.Out
	same := len(s.X) > 0 && s.In == s.Out && &s.X[0] == &s.Y[0]
	if same {
		width = s.In + 1 // y repeats x
	}
	// Columns of Z, of length count.
	z := make([][]float64, width)
	all := make([]float64, width*count)
	for j := range z {
		z[j] = all[j*count : (j+1)*count]
	}
	for i := range count {
		k := at(i)
		for j := range s.In {
			z[j][i] = s.X[k*s.In+j]
		}
		z[s.In][i] = 1
		if !same {
			for j := range s.Out {
				z[s.In+1+j][i] = s.Y[k*s.Out+j]
			}
		}
	}
	norm2 := func(c []float64) float64 {
		sum := 0.0
		for _, v := range c {
			sum += v * v
		}
		return sum
	}
	left := make([]float64, width)
	total := 0.0
	for j := range z {
		left[j] = norm2(z[j])
		total += left[j]
	}
	if math.IsInf(total, 0) || math.IsNaN(total) {
		return nil
	}
	var r [][]float64
	for len(r) < width {
		p := 0
		for j := range left {
			if left[j] > left[p] {
				p = j
			}
		}
		// 10⁻³⁰ is the square of what rounding leaves of a column's norm.
		if left[p] <= 1e-30*total*float64(width) {
			break
		}
		if len(r)+1 >= count || (len(r)+1)*width*count > mostWork {
			return nil
		}
		row := make([]float64, width)
		q, length := append([]float64(nil), z[p]...), math.Sqrt(left[p])
		for i := range q {
			q[i] /= length
		}
		for j := range z {
			if left[j] == 0 {
				continue
			}
			dot := 0.0
			for i, v := range z[j] {
				dot += q[i] * v
			}
			row[j] = dot
			if j == p {
				left[j] = 0
				clear(z[j])
				continue
			}
			for i := range z[j] {
				z[j][i] -= dot * q[i]
			}
			left[j] = norm2(z[j])
		}
		r = append(r, row)
	}
	if same {
		for i, row := range r {
			full := make([]float64, s.In+1+s.Out)
			copy(full, row)
			copy(full[s.In+1:], row[:s.In])
			r[i] = full
		}
	}
	return r
}
