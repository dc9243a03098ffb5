package layers

import (
	"math"
	"math/bits"
	"slices"

	"swingby/simlib/internal/kernel"
)

// kinks computes the loss of one layer of ReLU units over samples with y = x·Map, again and again while the units
// change a little.
//
// Write x̃ = (x, 1) and w̃ for the weights and bias of a unit, so that its output is w̃·x̃ for the samples on one side of its kink, a
// line through the space of x, and 0 for the others. With z the outputs of all units and x̃ below them, the error of a sample is
// Kz for one matrix K, and
//
//	Σ ‖Kz‖² = Σ_ij (KᵀK)_ij Z_ij,  Z = Σ z zᵀ,  Z_ij = w̃_iᵀ S_ij w̃_j,  S_ij = Σ x̃ x̃ᵀ
//
// where S_ij sums over the samples that both units i and j are on for. S changes only by samples that a kink passes. They are found among
// those near it: a unit's list holds all samples within a distance, and until the unit has moved by that distance
// no other can have been passed.
//
// The sums are kept in double precision, for the loss is a small difference of large numbers.
type kinks struct {
	n, in, out, units int
	x                 []float64 // x̃ of each sample
	across            []float64 // x of each, a coordinate to a row
	v                 []float64 // room: outputs of a unit
	follows           []float64 // y = x·follows
	corners           []float64 // x̃ of points of which the samples are mixtures
	on                []uint64  // which units are on, words of them for each sample
	words             int
	s                 []float64 // S of each pair of units, triangle numbers each
	triangle          int
	moment            []float64 // Σ x̃ x̃ᵀ over all samples, a triangle too
	unit              []kink
	w                 []float64 // room: w̃ of each unit
	k, kt, kk         []float64 // room: K by rows of its columns, transposed, and KᵀK
	ld, ldOut         int
}

// kink is where a unit was when its list was made.
type kink struct {
	w    []float64
	far  float64 // |w̃·x̃| of samples not in the list is larger
	near []int32
	x    []float64 // x of those near, a coordinate to a row
	was  []bool    // whether the unit is on for them
	age  int       // updates since
}

// Most units and coordinates that pairs of units, and lists of samples, pay for.
const (
	mostKinks       = 128
	mostCoordinates = 4
)

// kinked reports whether the network's loss over samples can be had from its kinks.
func (n *Net[T]) kinked(s *Samples) bool {
	return n.Act == ReLU && n.Depth() == 2 && !n.Tied && !n.lanes && s.linear() != nil && s.In <= mostCoordinates && n.Dims[1] <= mostKinks
}

func newKinks(s *Samples, units int) *kinks {
	k := &kinks{n: s.N, in: s.In, out: s.Out, units: units, follows: s.linear(), words: (units + 63) / 64}
	r := k.in + 1
	tilde := func(x []float64) []float64 {
		var t []float64
		for i := 0; i < len(x); i += k.in {
			t = append(append(t, x[i:i+k.in]...), 1)
		}
		return t
	}
	k.x, k.corners = tilde(s.X[:s.N*s.In]), tilde(corners(s))
	ld := kernel.Padded[float64](k.n)
	k.across, k.v = make([]float64, k.in*ld), make([]float64, ld)
	kernel.Transpose(k.n, k.in, s.X, k.in, k.across, ld)
	k.on = make([]uint64, k.n*k.words)
	k.triangle = r * (r + 1) / 2
	k.s = make([]float64, units*units*k.triangle)
	k.moment = make([]float64, k.triangle)
	for i := range k.n {
		k.add(k.moment, k.sample(i), 1)
	}
	k.unit = make([]kink, units)
	k.w = make([]float64, units*r)
	k.ld, k.ldOut = kernel.Padded[float64](units+r), kernel.Padded[float64](k.out)
	k.k, k.kt, k.kk = make([]float64, (units+r)*k.ldOut), make([]float64, k.out*k.ld), make([]float64, (units+r)*k.ld)
	return k
}

func (k *kinks) sample(i int) []float64 { return k.x[i*(k.in+1) : (i+1)*(k.in+1)] }

// add adds sign·x̃x̃ᵀ to a triangle.
func (k *kinks) add(to, x []float64, sign float64) {
	at := 0
	for i, a := range x {
		a *= sign
		for _, b := range x[i:] {
			to[at] += a * b
			at++
		}
	}
}

// pair returns S of units i ≤ j.
func (k *kinks) pair(i, j int) []float64 {
	at := (i*k.units + j) * k.triangle
	return k.s[at : at+k.triangle]
}

// follow brings S up to where unit u is now.
func (k *kinks) follow(u int, w []float64) {
	q := &k.unit[u]
	moved := math.Inf(1)
	if q.w != nil {
		moved = 0
		for c := 0; c < len(k.corners); c += len(w) {
			d := 0.0
			for i, x := range k.corners[c : c+len(w)] {
				d += x * (w[i] - q.w[i])
			}
			moved = max(moved, math.Abs(d))
		}
	}
	q.age++
	switch {
	case moved == 0:
		return
	case moved < q.far:
		v := k.outputs(w, q.x, len(q.near))
		for m, was := range q.was {
			if was != (v[m] > 0) {
				q.was[m] = !was
				k.pass(int(q.near[m]), u, was)
			}
		}
		return
	}
	// The list was worth its samples where it lasted for as many updates as make up for looking through all of them.
	switch {
	case q.w == nil:
	case q.age*len(q.near) < k.n:
		q.far = max(1.5*q.far, 1.5*moved)
	default:
		q.far /= 1.5
	}
	q.w, q.age, q.near, q.was = append(q.w[:0], w...), 0, q.near[:0], q.was[:0]
	word, bit := u/64, uint64(1)<<(u%64)
	for i, v := range k.outputs(w, k.across, k.n) {
		is := v > 0
		if was := k.on[i*k.words+word]&bit != 0; was != is {
			k.pass(i, u, was)
		}
		if math.Abs(v) <= q.far {
			q.near, q.was = append(q.near, int32(i)), append(q.was, is)
		}
	}
	ld := kernel.Padded[float64](len(q.near))
	if cap(q.x) < ld*k.in {
		q.x = make([]float64, ld*k.in)
	}
	q.x = q.x[:ld*k.in]
	for m, i := range q.near {
		for j, x := range k.sample(int(i))[:k.in] {
			q.x[j*ld+m] = x
		}
	}
}

// outputs returns w̃·x̃ for n samples whose coordinates lie side by side in x.
func (k *kinks) outputs(w, x []float64, n int) []float64 {
	ld := kernel.Padded[float64](n)
	v := k.v[:ld]
	for i := range v {
		v[i] = w[k.in]
	}
	for j, a := range w[:k.in] {
		kernel.AddScaled(v, a, x[j*ld:(j+1)*ld])
	}
	return v[:n]
}

// pass notes that the kink of unit u passes sample i: the sample joins S of the unit with each that is on, itself included, or
// leaves it.
func (k *kinks) pass(i, u int, was bool) {
	x, on := k.sample(i), k.on[i*k.words:(i+1)*k.words]
	sign := 1.0
	if was {
		sign = -1
	}
	k.add(k.pair(u, u), x, sign)
	for word, b := range on {
		for ; b != 0; b &= b - 1 {
			if j := 64*word + bits.TrailingZeros64(b); j != u {
				k.add(k.pair(min(u, j), max(u, j)), x, sign)
			}
		}
	}
	on[u/64] ^= 1 << (u % 64)
}

// times returns the triangle's symmetric matrix times w, in dst.
func (k *kinks) times(dst, t, w []float64) {
	clear(dst)
	at := 0
	for i := range w {
		dst[i] += t[at] * w[i]
		at++
		for j := i + 1; j < len(w); j++ {
			dst[i] += t[at] * w[j]
			dst[j] += t[at] * w[i]
			at++
		}
	}
}

// form returns aᵀSb.
func (k *kinks) form(a, s, b []float64) float64 {
	if len(a) == 3 && len(b) == 3 && len(s) == 6 { // two coordinates, as published
		return a[0]*(s[0]*b[0]+s[1]*b[1]+s[2]*b[2]) + a[1]*(s[1]*b[0]+s[3]*b[1]+s[4]*b[2]) + a[2]*(s[2]*b[0]+s[4]*b[1]+s[5]*b[2])
	}
	z, at := 0.0, 0
	for i := range a {
		z += a[i] * s[at] * b[i]
		at++
		for j := i + 1; j < len(a); j++ {
			z += s[at] * (a[i]*b[j] + a[j]*b[i])
			at++
		}
	}
	return z
}

// kinkLoss is Judge.Loss from the kinks.
func kinkLoss[T kernel.Float](k *kinks, net *Net[T]) float64 {
	r, units := k.in+1, k.units
	for u := range units {
		w := k.w[u*r : (u+1)*r]
		for i := range k.in {
			w[i] = float64(net.W[0][i*net.LD[1]+u])
		}
		w[k.in] = 0
		if net.Bias {
			w[k.in] = float64(net.B[0][u])
		}
		for _, v := range w {
			if v-v != 0 {
				return math.NaN() // on no side of anything
			}
		}
		k.follow(u, w)
	}

	// K: what units, coordinates and the bias input add to the error.
	row := func(i int) []float64 { return k.k[i*k.ldOut : i*k.ldOut+k.out] }
	for u := range units {
		for o, v := range net.W[1][u*net.LD[2] : u*net.LD[2]+k.out] {
			row(u)[o] = float64(v)
		}
	}
	for i := range k.in {
		for o, v := range k.follows[i*k.out : (i+1)*k.out] {
			row(units + i)[o] = -v
		}
	}
	if net.Bias {
		for o := range k.out {
			row(units + k.in)[o] = float64(net.B[1][o])
		}
	}
	kernel.Transpose(units+r, k.out, k.k, k.ldOut, k.kt, k.ld)
	const rows, columns = 6, 8 // of a tile; those below the diagonal are left out
	for i := 0; i < units+r; i += rows {
		from := i / columns * columns
		kernel.Mul(min(rows, units+r-i), k.ld-from, k.out, k.k[i*k.ldOut:], k.ldOut, 1, k.kt[from:], k.ld, k.kk[i*k.ld+from:], k.ld, false)
	}

	sum := 0.0
	v := make([]float64, r)
	for i := range units {
		kk, wi := k.kk[i*k.ld:(i+1)*k.ld], k.w[i*r:(i+1)*r]
		for j := i; j < units; j++ {
			z := k.form(wi, k.pair(i, j), k.w[j*r:(j+1)*r])
			if i != j {
				z *= 2
			}
			sum += kk[j] * z
		}
		k.times(v, k.pair(i, i), wi)
		for c, z := range v {
			sum += 2 * kk[units+c] * z
		}
	}
	at := 0
	for i := range r {
		for j := i; j < r; j++ {
			z := k.moment[at]
			if i != j {
				z *= 2
			}
			sum += k.kk[(units+i)*k.ld+units+j] * z
			at++
		}
	}
	return max(sum, 0) // but for rounding it is
}

// corners returns points whose convex hull holds all samples: the hull's own in the plane, and those of
// the box around them in other dimensions.
func corners(s *Samples) []float64 {
	if s.In == 2 {
		return hull(s.X)
	}
	lo, hi := slices.Clone(s.X[:s.In]), slices.Clone(s.X[:s.In])
	for i := range s.N {
		for k, v := range s.X[i*s.In : (i+1)*s.In] {
			lo[k], hi[k] = min(lo[k], v), max(hi[k], v)
		}
	}
	var c []float64
	for n := range 1 << s.In {
		for k := range s.In {
			if n>>k&1 == 0 {
				c = append(c, lo[k])
			} else {
				c = append(c, hi[k])
			}
		}
	}
	return c
}

// hull returns the corners of the convex hull of points in the plane (Andrew's monotone chain: Information Processing Letters 9, 1979).
func hull(x []float64) []float64 {
	points := make([][2]float64, len(x)/2)
	for i := range points {
		points[i] = [2]float64{x[2*i], x[2*i+1]}
	}
	slices.SortFunc(points, func(a, b [2]float64) int {
		if a[0] != b[0] {
			if a[0] < b[0] {
				return -1
			}
			return 1
		}
		switch {
		case a[1] < b[1]:
			return -1
		case a[1] > b[1]:
			return 1
		}
		return 0
	})
	var c []float64
	for range 2 { // lower, then upper chain
		var chain [][2]float64
		for _, q := range points {
			for len(chain) > 1 {
				a, b := chain[len(chain)-2], chain[len(chain)-1]
				if (b[0]-a[0])*(q[1]-a[1])-(b[1]-a[1])*(q[0]-a[0]) > 0 {
					break
				}
				chain = chain[:len(chain)-1]
			}
			chain = append(chain, q)
		}
		for _, q := range chain {
			c = append(c, q[0], q[1])
		}
		slices.Reverse(points)
	}
	return c
}
