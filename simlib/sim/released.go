package sim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/numpy"
	"swingby/simlib/torch"
)

// A Command is a training run of the code that was released with the paper: what its command line
// sets. [Released] gives the 29 published ones; change a field for a run that was not published.
type Command struct {
	// ID is the number in the authors' list, 1 to 29, and Figure the paper's figure it is for.
	ID     int
	Figure string
	// Mu is the signal strength of each concept.
	Mu []float64
	// Variance is σ² along each concept's axis. (The command line
	// calls it a standard deviation; the code takes it for the variance.)
	Variance []float64
	// Origin adds a cluster at the origin.
	Origin bool
	// Samples is the number of samples per cluster, and of those around x̂ to test on.
	Samples int
	// D is the dimension of input and output, Hidden that of the layers between.
	D, Hidden int
	// Layers is the number of linear layers, with biases; ReLU puts a ReLU between each two.
	Layers int
	ReLU   bool
	// Rotate turns the data by a random orthogonal matrix.
	Rotate bool
	// LearningRate, Batch and Epochs are those of plain stochastic gradient descent on the mean squared
	// error over batch and coordinates; the batches are taken in the same order each epoch.
	LearningRate  float64
	Batch, Epochs int
	// Seed starts the generators of NumPy and PyTorch.
	Seed uint32
}

// Commands returns the 29 released commands in order.
func Commands() []Command {
	var cs []Command
	add := func(figure string, change func(*Command)) {
		c := Command{
			ID: len(cs) + 1, Figure: figure,
			Mu: []float64{1, 2}, Variance: []float64{.05, .05}, Origin: true, Samples: 5000,
			D: 64, Hidden: 64, Layers: 1, Rotate: true,
			LearningRate: .1, Batch: 128, Epochs: 40, Seed: 2333,
		}
		change(&c)
		cs = append(cs, c)
	}
	diversity := func(figure string, layers int, relu bool) {
		for _, v := range []float64{.05, .1, .5, 1, 2} {
			add(figure, func(c *Command) { c.Variance[0], c.Layers, c.ReLU = v, layers, relu })
		}
	}
	signal := func(figure string, layers int, relu bool) {
		for _, mu := range []float64{1, 2, 3} {
			add(figure, func(c *Command) { c.Mu[0], c.Layers, c.ReLU = mu, layers, relu })
		}
	}
	add("7", func(c *Command) {
		c.Mu, c.Variance, c.Origin = []float64{1, 2, 3, 4}, []float64{.5, .5, .5, .5}, false
	})
	diversity("2b", 1, false)
	diversity("11 (diversity)", 2, false)
	diversity("12 (diversity)", 2, true)
	signal("2a", 1, false)
	signal("12 (signal)", 2, true)
	signal("11 (signal)", 2, false)
	for _, mu := range [][]float64{{1, 2}, {2, 4}} {
		add("13, 14", func(c *Command) {
			c.Mu, c.D, c.Hidden, c.Layers, c.Rotate, c.LearningRate = mu, 3, 3, 3, false, .01
		})
	}
	add("2c, 3 (high dimension)", func(c *Command) { c.Mu, c.Layers = []float64{2, 4}, 4 })
	add("2c, 3 (low dimension)", func(c *Command) {
		c.Mu, c.D, c.Hidden, c.Layers, c.LearningRate = []float64{2, 4}, 2, 4, 4, .01
	})
	return cs
}

// Released returns the released command with a number of the authors' list, 1 to 29.
func Released(id int) (Command, error) {
	cs := Commands()
	if id < 1 || id > len(cs) {
		return Command{}, check.Bad("sim: the number of the command", id, fmt.Sprintf("1 to %d", len(cs)))
	}
	return cs[id-1], nil
}

// Task returns the command's task.
func (c Command) Task() (*Task, error) {
	if len(c.Variance) != len(c.Mu) {
		return nil, check.Bad("sim: len(Command.Variance)", len(c.Variance),
			fmt.Sprintf("s = len(Mu) = %d, one for each concept", len(c.Mu)))
	}
	if err := check.NonNegative("sim: Command.Variance", c.Variance); err != nil {
		return nil, err
	}
	sigma := make([]float64, len(c.Variance))
	for p, v := range c.Variance {
		sigma[p] = math.Sqrt(v)
	}
	if c.Samples < 1 {
		return nil, check.Bad("sim: Command.Samples", c.Samples, "a number of samples, at least 1")
	}
	return NewTask(Axes{Mu: c.Mu, Sigma: sigma, D: c.D, N: c.Samples, Origin: c.Origin})
}

// A Draw is what a command starts from. Its numbers are float32 ones, as they are in the code.
type Draw struct {
	Task *Task
	// Data has the training samples in the order of the batches, and the rotation. (Its Inputs are float64 products;
	// the code multiplies in float32, which is off by some 1e-7.)
	Data *Data
	// Test has the samples around x̂, n×d, in concept coordinates.
	Test *mat.Dense
	// Layers has the initial parameters, from input to output.
	Layers []torch.Linear
}

// Draw returns the data and the initialisation that the command makes from its seed. The error is for
// a value out of range.
//
// The code seeds NumPy and PyTorch alike. NumPy draws the clusters, for two concepts with
// an origin cluster in the order origin, (0,μ₂), x̂, (μ₁,0), otherwise the origin's, concept by concept, then x̂; the
// variances are float32 numbers by then. PyTorch draws the order of training samples,
// the order of test samples, the rotation, and the parameters layer by layer.
//
// For the 29 released commands samples and parameters are the authors' to the last bit, and the rotation
// to 1e-5 or, where d = 2, to 1e-7: its singular vectors are computed in float64 here, in
// float32 there. In other runs some columns of the rotation may have the other sign; see [torch.Generator.Rotation].
func (c Command) Draw() (*Draw, error) {
	task, err := c.Task()
	if err != nil {
		return nil, err
	}
	s, d := len(c.Mu), task.D()
	clusters := len(task.Train())
	if max(clusters, 1)*d > maxNumbers/c.Samples {
		return nil, check.Bad("sim: Command.Samples", c.Samples,
			fmt.Sprintf("at most %d, for d times the samples of %d clusters is at most 2^28", maxNumbers/(clusters*d), clusters))
	}
	switch {
	case c.Layers < 1 || c.Layers > 1000:
		return nil, check.Bad("sim: Command.Layers", c.Layers, "1 to 1000")
	case c.Layers > 1 && (c.Hidden < 1 || c.Hidden > MaxDim):
		return nil, check.Bad("sim: Command.Hidden", c.Hidden, fmt.Sprintf("1 to %d", MaxDim))
	case c.Rotate && d > maxRotation:
		return nil, check.Bad("sim: Command.D", d, fmt.Sprintf("at most %d with Rotate", maxRotation))
	}

	cov := mat.NewSymDense(s, nil)
	for p, v := range c.Variance {
		cov.SetSym(p, p, float64(float32(v)))
	}
	source := numpy.NewRandomState(c.Seed)
	cluster := func(x []float64) (*mat.Dense, error) { return source.MultivariateNormal(x[:s], cov, c.Samples) }
	centroids := task.Centroids()
	order := make([]int, len(centroids))
	for i := range order {
		order[i] = i
	}
	if c.Origin && s == 2 {
		order = []int{0, 2, 3, 1}
	}
	var train []*mat.Dense
	var of []int // the centroid of each
	var test *mat.Dense
	for _, i := range order {
		x, err := cluster(centroids[i].X)
		if err != nil {
			return nil, err
		}
		if centroids[i].Role == Probe {
			test = x
			continue
		}
		train, of = append(train, x), append(of, i)
	}

	g := torch.NewGenerator(uint64(c.Seed))
	draw := &Draw{Task: task, Data: &Data{
		X: mat.NewDense(len(train)*c.Samples, d, nil), Cluster: make([]int, len(train)*c.Samples),
	}}
	for i, from := range g.Perm(len(train) * c.Samples) {
		k := from / c.Samples
		single(draw.Data.X.RawRowView(i), train[k].RawRowView(from%c.Samples))
		draw.Data.Cluster[i] = of[k]
	}
	draw.Test = mat.NewDense(c.Samples, d, nil)
	for i, from := range g.Perm(c.Samples) {
		single(draw.Test.RawRowView(i), test.RawRowView(from))
	}
	if c.Rotate {
		u, err := g.Rotation(d)
		if err != nil {
			return nil, err
		}
		c.settleSigns(u)
		for i := range d {
			single(u.RawRowView(i), u.RawRowView(i))
		}
		draw.Data.U = u
	}
	for l := range c.Layers {
		in, out := c.Hidden, c.Hidden
		if l == 0 {
			in = d
		}
		if l == c.Layers-1 {
			out = d
		}
		layer, err := g.Linear(in, out, true)
		if err != nil {
			return nil, err
		}
		draw.Layers = append(draw.Layers, layer)
	}
	return draw, nil
}

// single stores x rounded to float32.
func single(dst, x []float64) {
	for i, v := range x {
		dst[i] = float64(float32(v))
	}
}

// settleSigns flips the columns of the published rotation in 64 dimensions whose sign was decided by the rounding
// of float32 in the authors' program. Which rotation is drawn depends on how many samples were put in order before.
func (c Command) settleSigns(u *mat.Dense) {
	if c.Seed != 2333 || c.D != 64 || c.Samples != 5000 || len(c.Mu) != 2 || !c.Origin {
		return
	}
	for _, j := range []int{0, 1, 3, 4} {
		for i := range c.D {
			u.Set(i, j, -u.At(i, j))
		}
	}
}
