package sim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/provenance"
)

const (
	// maxNumbers bounds the coordinates of a sample: 2 GiB.
	maxNumbers = 1 << 28
	// maxRotation bounds the dimension of a random rotation, whose work grows with d³.
	maxRotation = 1024
	// maxTries is how many points are drawn for one that truncation lets pass, before it is an error.
	maxTries = 1000
)

// Sampling says how the samples of a task are drawn. The zero value draws those of seed 0 in random order.
type Sampling struct {
	// Seed chooses the numbers. Each cluster has a stream of its own, so that
	// with a larger N a cluster keeps the samples it had and gets more.
	Seed uint64
	// InOrder leaves the samples cluster by cluster instead of in a random order.
	InOrder bool
	// Rotate turns the inputs by a random orthogonal matrix, uniform among all (Haar); d is at most 1024 then.
	Rotate bool
	// Truncate rejects the samples that fall within Radius of the point Around and draws them again: the
	// model has then seen nothing like the probe.
	Truncate bool
	// Radius is the distance truncation keeps; 0 stands for ½·min_p μ_p, the paper's.
	Radius float64
	// Around is the point truncation keeps away from, of length d; nil stands for x̂, the task's target.
	Around []float64
}

// Data is a finite sample of a task, in concept coordinates, with the rotation that the model sees it under.
type Data struct {
	// X holds the samples, n×d, a row each, in the order they are trained on.
	X *mat.Dense
	// Cluster is the index of each sample's centroid in [Task.Centroids].
	Cluster []int
	// U is the rotation, d×d: the model's input for a row x of X is x·U. It is nil for no rotation.
	U *mat.Dense
}

// Sample draws the task's samples: N for each cluster, times its weight. The same task and the same Sampling give the same
// numbers on any number of cores. A task of the whole population, with N = 0, has no
// sample; that, a sample of more than 2^28 coordinates and truncation that leaves too little of a cluster are errors.
func (t *Task) Sample(how Sampling) (*Data, error) {
	d := t.l.D
	if t.l.N == 0 {
		return nil, check.Bad("sim: Layout.N", 0, "a number of samples to draw, at least 1")
	}
	total := 0.0
	for _, c := range t.l.Centroids {
		if c.Role == Train {
			total += samples(c, t.l.N)
		}
	}
	if total > float64(maxNumbers/d) {
		return nil, check.Bad("sim: the number of samples", total,
			fmt.Sprintf("at most %d, for d = %d times that is at most 2^28", maxNumbers/d, d))
	}
	if how.Rotate && d > maxRotation {
		return nil, check.Bad("sim: Layout.D", d, fmt.Sprintf("at most %d with Sampling.Rotate", maxRotation))
	}
	ball, err := t.ball(how)
	if err != nil {
		return nil, err
	}

	n := int(total)
	x, of := mat.NewDense(n, d, nil), make([]int, 0, n)
	z := make([]float64, d)
	for i, c := range t.l.Centroids {
		if c.Role != Train {
			continue
		}
		r := stream(how.Seed, uint64(i))
		count := int(samples(c, t.l.N))
		tries := 0
		for done := range count {
			row := x.RawRowView(len(of))
			for {
				for k := range z {
					z[k] = r.NormFloat64()
				}
				copy(row, c.X)
				t.noise[i].add(row, z)
				if tries++; !ball.holds(row) {
					break
				}
				if tries > maxTries*count {
					return nil, check.Bad("sim: Sampling.Radius", ball.radius, fmt.Sprintf(
						"less, for of %d samples around centroid %q only %d were farther than that from %.4g",
						tries, c.Label, done, ball.centre))
				}
			}
			of = append(of, i)
		}
	}
	data := &Data{X: x, Cluster: of}
	if !how.InOrder {
		r := stream(how.Seed, math.MaxUint64)
		r.Shuffle(n, func(i, j int) {
			if i == j {
				return
			}
			a, b := x.RawRowView(i), x.RawRowView(j)
			for k := range a {
				a[k], b[k] = b[k], a[k]
			}
			of[i], of[j] = of[j], of[i]
		})
	}
	if how.Rotate {
		data.U = orthogonal(stream(how.Seed, math.MaxUint64-1), d)
	}
	return data, nil
}

// stream returns the generator of one purpose of a seed.
func stream(seed, purpose uint64) *rand.Rand {
	provenance.Seed("sim", seed)
	return rand.New(rand.NewPCG(seed, purpose))
}

// A ball is what truncation keeps clear; without a centre it holds nothing.
type ball struct {
	centre []float64
	radius float64
}

func (b ball) holds(x []float64) bool {
	if b.centre == nil {
		return false
	}
	sum := 0.0
	for k, c := range b.centre {
		sum += float64((x[k] - c) * (x[k] - c))
	}
	return sum <= b.radius*b.radius
}

// ball checks what truncation keeps clear.
func (t *Task) ball(how Sampling) (ball, error) {
	b := ball{how.Around, how.Radius}
	if !how.Truncate {
		if b.radius != 0 || b.centre != nil {
			return b, check.Bad("sim: Sampling.Truncate", false, "true with Radius or Around")
		}
		return b, nil
	}
	if b.centre == nil {
		if b.centre = t.Target(); b.centre == nil {
			return b, check.Bad("sim: Sampling.Around", nil, "a point, for the task has no probe to keep away from")
		}
	} else if err := vector("sim: Sampling.Around", b.centre, t.l.D); err != nil {
		return b, err
	}
	if b.radius == 0 {
		b.radius = math.Inf(1)
		for _, mu := range t.Mu() {
			b.radius = min(b.radius, mu/2)
		}
		if b.radius == 0 || math.IsInf(b.radius, 0) {
			return b, check.Bad("sim: Sampling.Radius", 0,
				"a distance > 0, for ½·min μ is none with a concept of strength 0 or without concepts")
		}
	}
	if !(b.radius > 0) || math.IsInf(b.radius*b.radius, 0) {
		return b, check.Bad("sim: Sampling.Radius", b.radius, "a distance > 0, or 0 for ½·min μ")
	}
	return b, nil
}

// orthogonal returns a random orthogonal matrix: Q of the QR decomposition of a matrix of normal numbers,
// with R's diagonal positive, which makes it uniform (Mezzadri, Notices of the AMS 54, 2007).
func orthogonal(r *rand.Rand, d int) *mat.Dense {
	a := mat.NewDense(d, d, nil)
	for i := range d {
		row := a.RawRowView(i)
		for j := range row {
			row[j] = r.NormFloat64()
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var q, upper mat.Dense
	qr.QTo(&q)
	qr.RTo(&upper)
	for j := range d {
		if upper.At(j, j) < 0 {
			for i := range d {
				q.Set(i, j, -q.At(i, j))
			}
		}
	}
	return &q
}

// Inputs returns what the model sees, n×d: X·U, or a copy of X without a rotation. It is what the model is to return, too.
func (d *Data) Inputs() *mat.Dense {
	y := mat.DenseCopyOf(d.X)
	if d.U != nil {
		y.Mul(d.X, d.U)
	}
	return y
}

// Rotate turns points of concept space, one in each row, as the samples are turned: x·U. It
// is for probes. The error is for rows whose length is not d.
func (d *Data) Rotate(x mat.Matrix) (*mat.Dense, error) {
	return d.turn(x, "x", false)
}

// Back turns the model's outputs, one in each row, back into concept coordinates: y·Uᵀ. The error is
// for rows whose length is not d.
func (d *Data) Back(y mat.Matrix) (*mat.Dense, error) {
	return d.turn(y, "y", true)
}

func (d *Data) turn(x mat.Matrix, name string, back bool) (*mat.Dense, error) {
	_, dim := d.X.Dims()
	if x == nil {
		return nil, check.Bad("sim: "+name, nil, fmt.Sprintf("points in rows of d = %d coordinates", dim))
	}
	if _, c := x.Dims(); c != dim {
		return nil, check.Bad("sim: the length of a row of "+name, c, fmt.Sprintf("d = %d", dim))
	}
	y := mat.DenseCopyOf(x)
	switch {
	case d.U == nil:
	case back:
		y.Mul(x, d.U.T())
	default:
		y.Mul(x, d.U)
	}
	return y, nil
}

// SecondMoment returns XᵀX/n, the sample's counterpart of [Task.SecondMoment], d×d, in concept coordinates.
func (d *Data) SecondMoment() *mat.SymDense {
	n, dim := d.X.Dims()
	a := mat.NewSymDense(dim, nil)
	a.SymOuterK(1/float64(n), d.X.T())
	return a
}
