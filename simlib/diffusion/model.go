package diffusion

import (
	"fmt"
	"math/rand/v2"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/nn"
)

// A Net is the network that predicts the noise. [UNet] makes one for images and [MLP] one for vectors;
// the fields beyond their arguments may be changed.
type Net struct {
	// Kind is "unet" or "mlp".
	Kind string
	// Size is the height and width of an image, a multiple of 2^(levels−1); or the length of a vector.
	Size int
	// Channels is the number of numbers in a pixel, 3 for colours; 0 stands for 3, and means nothing for an MLP.
	Channels int
	// Widths is the number of channels of each level of a U-Net from the finest on, each a multiple of Groups; or of an MLP's
	// hidden layers.
	Widths []int
	// Blocks is the number of residual blocks of a level, on the way down and up; 0 stands for 1.
	Blocks int
	// Groups is that of the GroupNorm; 0 stands for 8.
	Groups int
	// Heads is that of the attention in the middle; 0 stands for no attention.
	Heads int
	// Time is the length of the time's embedding, even; 0 stands for 64.
	Time int
	// TimeScale is the highest angular frequency of that embedding, over a time that runs from 0 to 1; 0 stands for 1000, or 100 for
	// an MLP. The lower, the smoother is what the network makes of the time: about 3 suits vectors.
	TimeScale float64
	// Dropout is the probability of leaving out a number in training, 0 to below 1.
	Dropout float64
}

// UNet returns a U-Net for colour images of size×size pixels with so many channels at each level. The paper's is
//
//	diffusion.Net{Kind: "unet", Size: 32, Widths: []int{64, 128, 256}, Blocks: 2, Heads: 4, Dropout: .1}
func UNet(size int, widths ...int) Net { return Net{Kind: "unet", Size: size, Widths: widths} }

// MLP returns a network for vectors of length d, with hidden layers of a width.
func MLP(d, width, layers int) Net {
	n := Net{Kind: "mlp", Size: d}
	for range max(0, min(layers, 64)) {
		n.Widths = append(n.Widths, width)
	}
	return n
}

func (n Net) filled() Net {
	set := func(x *int, v int) {
		if *x == 0 {
			*x = v
		}
	}
	set(&n.Time, 64)
	if n.Kind == "unet" {
		set(&n.Channels, 3)
		set(&n.Blocks, 1)
		set(&n.Groups, 8)
	}
	return n
}

// Len returns the numbers of a sample.
func (n Net) Len() int {
	n = n.filled()
	if n.Kind == "unet" {
		return n.Size * n.Size * n.Channels
	}
	return n.Size
}

// Check returns an error that names a field, its value and the values accepted.
func (n Net) Check() error {
	_, err := newNet[float32](n, 0)
	return err
}

func (n Net) check() error {
	const field = "diffusion: Net."
	f := n.filled()
	switch {
	case n.Kind != "unet" && n.Kind != "mlp":
		return check.Bad(field+"Kind", fmt.Sprintf("%q", n.Kind), `"unet" or "mlp", as UNet and MLP make them`)
	case !(n.Dropout >= 0 && n.Dropout < 1):
		return check.Bad(field+"Dropout", n.Dropout, "a probability from 0 to below 1")
	case f.Time < 2 || f.Time > 4096 || f.Time%2 != 0:
		return check.Bad(field+"Time", n.Time, "an even number from 2 to 4096, or 0 for 64")
	case !(n.TimeScale >= 0 && n.TimeScale <= 1e6):
		return check.Bad(field+"TimeScale", n.TimeScale, "above 0, at most 1e6, or 0")
	case len(n.Widths) < 1 || len(n.Widths) > 16:
		return check.Bad("diffusion: len(Net.Widths)", len(n.Widths), "1 to 16")
	}
	for i, w := range n.Widths {
		if w < 1 || w > 8192 {
			return check.Bad(fmt.Sprintf(field+"Widths[%d]", i), w, "1 to 8192")
		}
	}
	if n.Kind == "mlp" {
		switch {
		case n.Size < 1 || n.Size > 8192:
			return check.Bad(field+"Size", n.Size, "the length of a vector, 1 to 8192")
		case n.Blocks != 0 || n.Groups != 0 || n.Heads != 0 || n.Channels != 0:
			return check.Bad(field+"Blocks, Groups, Heads or Channels", "set", "all 0: an MLP has none")
		}
		return nil
	}
	unit := 1 << (len(n.Widths) - 1)
	switch {
	case n.Size < 1 || n.Size > 1024 || n.Size%unit != 0:
		return check.Bad(field+"Size", n.Size, fmt.Sprintf("a multiple of %d, for %d levels", unit, len(n.Widths)))
	case f.Channels < 1 || f.Channels > 64:
		return check.Bad(field+"Channels", n.Channels, "1 to 64, or 0 for 3")
	case f.Blocks < 1 || f.Blocks > 64:
		return check.Bad(field+"Blocks", n.Blocks, "1 to 64, or 0 for 1")
	case f.Groups < 1:
		return check.Bad(field+"Groups", n.Groups, "at least 1, or 0 for 8")
	}
	for i, w := range n.Widths {
		if w%f.Groups != 0 {
			return check.Bad(fmt.Sprintf(field+"Widths[%d]", i), w, fmt.Sprintf("a multiple of Groups, %d", f.Groups))
		}
	}
	if last := n.Widths[len(n.Widths)-1]; n.Heads < 0 || n.Heads > 0 && last%n.Heads != 0 {
		return check.Bad(field+"Heads", n.Heads, fmt.Sprintf("a divisor of the last width, %d, or 0 for no attention", last))
	}
	return nil
}

// A Model is what is trained: a network, how it is told what to show, and how the noise rises.
type Model struct {
	Net          Net
	Conditioning Conditioning
	Schedule     Schedule
	// Preconditioning says how the samples lie, so that the network has less to learn; the zero value is none.
	Preconditioning Preconditioning
	// DataNoise is the standard deviation that the reconstruction allows; 0 stands for .001.
	DataNoise float64
	// Float64 computes in double precision instead of single.
	Float64 bool
}

func (m Model) filled() Model {
	m.Net, m.Schedule = m.Net.filled(), m.Schedule.filled()
	if m.DataNoise == 0 {
		m.DataNoise = 1e-3
	}
	return m
}

// Check returns an error that names a field, its value and the values accepted.
func (m Model) Check() error {
	if err := m.Conditioning.check("diffusion: Model.Conditioning"); err != nil {
		return err
	}
	if err := m.Schedule.check("diffusion: Model.Schedule"); err != nil {
		return err
	}
	if d := m.filled().DataNoise; !(d > 0 && d <= 10) {
		return check.Bad("diffusion: Model.DataNoise", m.DataNoise, "above 0, at most 10")
	}
	if _, err := newNet[float32](m.Net, m.Conditioning.Len); err != nil {
		return err
	}
	return m.Preconditioning.check("diffusion: Model.Preconditioning", m.Net.Len())
}

// NumParams returns the number of parameters, 0 for a model with an error: those of the network, the embeddings and the schedule.
func (m Model) NumParams() int {
	a, err := newArch[float32](m)
	if err != nil {
		return 0
	}
	return a.size
}

// arch is a model with the layout of its flat parameters: the network's; an embedding for no condition and one
// for each word; slope and intercept of a learned schedule.
type arch[T kernel.Float] struct {
	m        Model
	net      nn.Net[T]
	len      int // of a sample
	cond     int // length of a condition
	embed    int // where the embeddings begin
	schedule int // where the schedule is; size if it is not learned
	size     int
}

func newArch[T kernel.Float](m Model) (*arch[T], error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	m = m.filled()
	net, err := newNet[T](m.Net, m.Conditioning.Len)
	if err != nil {
		return nil, err
	}
	a := &arch[T]{m: m, net: net, len: net.InLen(), cond: m.Conditioning.Len}
	a.embed = net.NumParams()
	a.schedule = a.embed + m.Conditioning.tokens()*a.cond
	a.size = a.schedule
	if m.Schedule.Kind == "learned" {
		a.size += 2
	}
	return a, nil
}

// init fills the parameters from a seed.
func (a *arch[T]) init(w []T, seed uint64) {
	rng := rand.New(newStream(seed, streamInit, 0, 0))
	a.net.Init(w[:a.embed], rng)
	for i := a.embed; i < a.schedule; i++ {
		w[i] = 0
		if i >= a.embed+a.cond { // words; as PyTorch's nn.Embedding
			w[i] = T(rng.NormFloat64())
		}
	}
	if a.size > a.schedule {
		w[a.schedule], w[a.schedule+1] = T(a.m.Schedule.Max-a.m.Schedule.Min), T(a.m.Schedule.Min)
	}
}

// gamma returns the schedule at t with parameters w.
func (a *arch[T]) gamma(w []T, t float64) (gamma, dt float64) {
	if a.size == a.schedule {
		return a.m.Schedule.gamma(t, 0, 0)
	}
	return a.m.Schedule.gamma(t, float64(w[a.schedule]), float64(w[a.schedule+1]))
}

// clock turns γ into the time that the network is told: 0 … 1 over the schedule's first span, so that it sees how much
// noise there is even while a learned schedule changes.
func (a *arch[T]) clock(gamma float64) float64 {
	s := a.m.Schedule
	return (gamma - s.Min) / (s.Max - s.Min)
}

// condition fills cond with what the network is told of sample i of conditions; none overrides it.
func (a *arch[T]) condition(w []T, c *conditions, i int, none bool, cond []T) {
	if a.cond == 0 {
		return
	}
	row := func(k int) []T { return w[a.embed+k*a.cond : a.embed+(k+1)*a.cond] }
	switch {
	case none || c.none[i]:
		copy(cond, row(0))
	case c.kind == "vector":
		for k := range cond {
			cond[k] = T(c.vectors[i*a.cond+k])
		}
	default:
		clear(cond)
		for _, word := range c.words[c.start[i]:c.start[i+1]] {
			for k, v := range row(1 + word) {
				cond[k] += v
			}
		}
	}
}

// conditionGrad adds the gradient by what condition filled in to grad.
func (a *arch[T]) conditionGrad(grad []T, c *conditions, i int, none bool, dcond []T) {
	if a.cond == 0 {
		return
	}
	add := func(k int) {
		g := grad[a.embed+k*a.cond : a.embed+(k+1)*a.cond]
		for j, v := range dcond {
			g[j] += v
		}
	}
	switch {
	case none || c.none[i]:
		add(0)
	case c.kind == "text":
		for _, word := range c.words[c.start[i]:c.start[i+1]] {
			add(1 + word)
		}
	}
}
