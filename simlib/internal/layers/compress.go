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
	// Map, if not nil, is the In×Out matrix with y = x·Map for every sample. Where Y is X, it may be nil.
	Map []float64
}

// linear returns the matrix with y = x·Map, nil where there is none.
func (s *Samples) linear() []float64 {
	if s.Map == nil && len(s.X) > 0 && s.In == s.Out && &s.X[0] == &s.Y[0] {
		one := make([]float64, s.In*s.In)
		for i := range s.In {
			one[i*s.In+i] = 1
		}
		return one
	}
	return s.Map
}

// Batch packs the samples with the given numbers, all of them for nil. For a
// linear network they may be compressed to fewer rows.
func (n *Net[T]) Batch(s *Samples, order []int, compress bool) *Batch[T] {
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
			b := n.room(len(r), count)
			for i, row := range r {
				n.set(b, i, row[:s.In], row[s.In], row[s.In+1:])
			}
			return b
		}
	}
	b := n.room(count, count)
	n.Fill(b, s, at)
	return b
}

// room returns a batch of zeros.
func (n *Net[T]) room(rows, count int) *Batch[T] {
	in, out := 0, n.Depth()
	b := &Batch[T]{Rows: rows, Count: count}
	if !n.lanes {
		b.X, b.Y, b.One = make([]T, rows*n.LD[in]), make([]T, rows*n.LD[out]), make([]T, rows)
		return b
	}
	b.ld = kernel.Padded[T](rows)
	size := n.Dims[in] * b.ld
	b.X, b.Y = make([]T, size+b.ld), make([]T, n.Dims[out]*b.ld)
	b.One = b.X[size:]
	return b
}

// set writes row i of a batch.
func (n *Net[T]) set(b *Batch[T], i int, x []float64, one float64, y []float64) {
	b.One[i] = T(one)
	if !n.lanes {
		to := b.X[i*n.LD[0]:]
		for k, v := range x {
			to[k] = T(v)
		}
		to = b.Y[i*n.LD[n.Depth()]:]
		for k, v := range y {
			to[k] = T(v)
		}
		return
	}
	for k, v := range x {
		b.X[k*b.ld+i] = T(v)
	}
	for k, v := range y {
		b.Y[k*b.ld+i] = T(v)
	}
}

// Fill writes other samples into a batch of the same size.
func (n *Net[T]) Fill(b *Batch[T], s *Samples, at func(i int) int) {
	for i := range b.Rows {
		k := at(i)
		n.set(b, i, s.X[k*s.In:(k+1)*s.In], 1, s.Y[k*s.Out:(k+1)*s.Out])
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
	follows := s.linear()
	if follows != nil {
		width = s.In + 1 // y says nothing that x does not
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
		if follows == nil {
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
	if follows != nil {
		for i, row := range r {
			full := make([]float64, s.In+1+s.Out)
			copy(full, row)
			y := full[s.In+1:]
			for k, x := range row[:s.In] {
				for j, m := range follows[k*s.Out : (k+1)*s.Out] {
					y[j] += x * m
				}
			}
			r[i] = full
		}
	}
	return r
}
