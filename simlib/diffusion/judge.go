package diffusion

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/nn"
	"swingby/simlib/train"
)

// JudgeTraining trains a [Judge] on images of all classes, those held out from the model too: it must know
// what the model is to compose. There is a network for each concept.
type JudgeTraining struct {
	// Discs are the images; PerClass of each class are trained on.
	Discs Discs
	// Widths are the channels of the network's levels; nil stands for 16, 32.
	Widths []int
	// Steps is the number of updates; 0 stands for 400. Batch is that of an update; 0 stands for 64.
	Steps, Batch int
	// LR is AdamW's learning rate; 0 stands for .001.
	LR float64
	// Grain is the largest noise σ that images are seen under: each under a part of it, drawn uniformly, so that
	// the judge does not stumble over the grain of generated ones. 0 stands for .05, a negative number for none.
	Grain float64
	// Test is the number of images of each class, others than those trained on, that the accuracy is measured
	// with; 0 stands for 256.
	Test int
	// Seed chooses initialisation and order.
	Seed uint64
}

func (j JudgeTraining) filled() JudgeTraining {
	j.Discs = j.Discs.filled()
	if j.Widths == nil {
		j.Widths = []int{16, 32}
	}
	if j.Steps == 0 {
		j.Steps = 400
	}
	if j.Batch == 0 {
		j.Batch = 64
	}
	if j.LR == 0 {
		j.LR = 1e-3
	}
	switch {
	case j.Grain == 0:
		j.Grain = .05
	case j.Grain < 0:
		j.Grain = 0
	}
	if j.Test == 0 {
		j.Test = 256
	}
	return j
}

// Check returns an error that names a field, its value and the values accepted.
func (j JudgeTraining) Check() error {
	if err := j.Discs.Check(); err != nil {
		return err
	}
	const field = "diffusion: JudgeTraining."
	f := j.filled()
	switch {
	case f.Steps < 1 || f.Steps > maxSteps:
		return check.Bad(field+"Steps", j.Steps, fmt.Sprintf("1 to %d, or 0 for 400", maxSteps))
	case f.Batch < 1 || f.Batch > 4096:
		return check.Bad(field+"Batch", j.Batch, "1 to 4096, or 0 for 64")
	case !(f.LR > 0 && f.LR <= 1):
		return check.Bad(field+"LR", j.LR, "above 0, at most 1, or 0 for .001")
	case !(f.Grain <= 1):
		return check.Bad(field+"Grain", j.Grain, "at most 1")
	case f.Test < 1 || f.Test > 1<<16:
		return check.Bad(field+"Test", j.Test, "1 to 65536, or 0 for 256")
	}
	_, err := newClassifier(f.Discs.Size, f.Widths)
	return err
}

// A Judge tells from an image, for each concept, how probable its second value is: blue, small, triangle. It does not change, and
// any number of goroutines may use it.
type Judge struct {
	size     int
	nets     []nn.Net[float32]
	weights  []*nn.Weights[float32]
	accuracy []float64
	pools    []*pool[float32]
}

// Run trains the judge and measures its accuracy. When ctx is done it stops with ctx's error.
func (j JudgeTraining) Run(ctx context.Context) (*Judge, error) {
	if err := j.Check(); err != nil {
		return nil, err
	}
	j = j.filled()
	images, err := j.Discs.DrawClasses(j.Discs.Classes()...)
	if err != nil {
		return nil, err
	}
	d := j.Discs
	d.PerClass, d.Seed = j.Test, scramble(d.Seed+0x74657374)
	test, err := d.DrawClasses(d.Classes()...)
	if err != nil {
		return nil, err
	}
	k := d.Concepts()
	judge := &Judge{size: d.Size, nets: make([]nn.Net[float32], k), weights: make([]*nn.Weights[float32], k), accuracy: make([]float64, k), pools: make([]*pool[float32], k)}
	err = train.Each(ctx, k, func(c int) error {
		judge.pools[c] = &pool[float32]{}
		var err error
		if judge.nets[c], judge.weights[c], err = j.concept(ctx, images, c); err != nil {
			return err
		}
		for i, p := range judge.probabilities(c, test) {
			if (p > .5) == test.Class[i].bit(c) {
				judge.accuracy[c] += 1 / float64(test.Len())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return judge, nil
}

// concept trains the network of one concept.
func (j JudgeTraining) concept(ctx context.Context, images *Images, c int) (nn.Net[float32], *nn.Weights[float32], error) {
	net, err := newClassifier(images.Size, j.Widths)
	if err != nil {
		return nil, nil, err
	}
	w := net.NewWeights()
	net.Init(w.W, rand.New(newStream(j.Seed, streamJudge, c, 0)))
	w.Changed()
	opt := nn.NewAdamW[float32](j.LR)
	lane, per := net.NewLane(j.Batch), 3*images.Size*images.Size
	x, t := make([]float32, j.Batch*per), make([]float32, j.Batch)
	dout, grad := make([]float32, j.Batch*net.OutLen()), make([]float32, net.NumParams())
	pick := make([]int, j.Batch)
	order, rng := newOrderer(images.Len(), j.Seed), rand.New(newStream(j.Seed, streamJudge, c, 1))
	for step := range j.Steps {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("diffusion: the judge's training stopped after %d of %d updates: %w", step, j.Steps, err)
		}
		for i := range pick {
			pick[i] = order.at(step*j.Batch + i)
			grain := float32(j.Grain * rng.Float64())
			for k, v := range images.X[pick[i]*per : (pick[i]+1)*per] {
				x[i*per+k] = v
				if j.Grain > 0 {
					x[i*per+k] += grain * float32(rng.NormFloat64())
				}
			}
		}
		out := lane.Forward(w, j.Batch, x, t, nil, nil)
		for i, p := range pick {
			y := 0.0
			if images.Class[p].bit(c) {
				y = 1
			}
			// The cross entropy of two logits.
			g := float32((sigmoid(float64(out[2*i+1]-out[2*i])) - y) / float64(j.Batch))
			if g-g != 0 {
				return nil, nil, &DivergedError{Step: step, LR: j.LR}
			}
			dout[2*i], dout[2*i+1] = -g, g
		}
		clear(grad)
		lane.Backward(w, dout, grad)
		opt.Step(w.W, grad)
		w.Changed()
	}
	return net, w, nil
}

// Concepts returns the number of concepts.
func (j *Judge) Concepts() int { return len(j.nets) }

// Accuracy returns for each concept the share of images, not trained on, that the judge is right about.
func (j *Judge) Accuracy() []float64 { return append([]float64(nil), j.accuracy...) }

// probabilities returns the probability of concept c's second value in each image.
func (j *Judge) probabilities(c int, m *Images) []float64 {
	g := generator[float32]{pool: j.pools[c], a: &arch[float32]{net: j.nets[c]}}
	lane := g.lane()
	defer g.giveBack(lane)
	per := 3 * m.Size * m.Size
	t := make([]float32, chunk)
	var list []float64
	for lo := 0; lo < m.Len(); lo += chunk {
		n := min(chunk, m.Len()-lo)
		out := lane.Forward(j.weights[c], n, m.X[lo*per:(lo+n)*per], t, nil, nil)
		for i := range n {
			list = append(list, sigmoid(float64(out[2*i+1]-out[2*i])))
		}
	}
	return list
}

// Probabilities returns for each image the probability of every concept's second value.
func (j *Judge) Probabilities(m *Images) ([][]float64, error) {
	if m == nil || m.Size != j.size {
		size := 0
		if m != nil {
			size = m.Size
		}
		return nil, check.Bad("diffusion: the size of the images to judge", size, fmt.Sprintf("%d, that the judge knows", j.size))
	}
	list := make([][]float64, m.Len())
	var wait sync.WaitGroup
	columns := make([][]float64, len(j.nets))
	for c := range j.nets {
		wait.Add(1)
		go func() {
			defer wait.Done()
			columns[c] = j.probabilities(c, m)
		}()
	}
	wait.Wait()
	for i := range list {
		for c := range columns {
			list[i] = append(list[i], columns[c][i])
		}
	}
	return list, nil
}

// Point returns the images' point of concept space, the mean of their probabilities, and the standard error of that mean.
func (j *Judge) Point(m *Images) (point, stderr []float64, err error) {
	list, err := j.Probabilities(m)
	if err != nil {
		return nil, nil, err
	}
	point, stderr = make([]float64, len(j.nets)), make([]float64, len(j.nets))
	n := float64(len(list))
	for c := range point {
		square := 0.0
		for _, p := range list {
			point[c] += p[c] / n
			square += p[c] * p[c] / n
		}
		stderr[c] = math.Sqrt(math.Max(0, square-point[c]*point[c]) / math.Max(1, n-1))
	}
	return point, stderr, nil
}
