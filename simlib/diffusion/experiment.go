package diffusion

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"swingby/simlib/internal/check"
	"swingby/simlib/theory"
)

// An Experiment is the paper's: train a model on all classes but one, ask it for that one as it learns, and let a judge say
// where in concept space the answers are. [Paper] and [Laptop] are two.
type Experiment struct {
	// Name is that of the preset.
	Name string
	// Discs are the images. Their Signal is set by the run.
	Discs Discs
	// Model, with a size of image that is Discs'.
	Model Model
	// Batch, Steps, LR, EMA and Lanes are those of the [Training].
	Batch, Steps int
	LR, EMA      float64
	Lanes        int
	// Judge is trained on the same images; its Discs are set by the run.
	Judge JudgeTraining
	// First is the first evaluation, and Evaluations their number: at steps from First to Steps spaced as squares.
	First, Evaluations int
	// Sampling says how to draw the samples for a point; its Conditions are set by the run.
	Sampling Sampling
	// SeenN is the number of samples of each class trained on that are drawn beside them; 0 is none.
	SeenN int
	// Signals are the colour signals of a sweep, and Seeds the number of runs for each.
	Signals []float64
	Seeds   int
}

// Paper returns the experiment as published: 32×32 images, U-Net 64/128/256, 20000 steps of 128 images, five
// seeds. A run takes about 2·10¹⁶ floating-point operations.
func Paper() Experiment {
	return Experiment{
		Name:  "paper",
		Discs: Discs{Size: 32},
		Model: Model{Net: Net{Kind: "unet", Size: 32, Widths: []int{64, 128, 256}, Blocks: 2, Heads: 4, Dropout: .1}, Conditioning: Vectors(4)},
		Batch: 128, Steps: 20000, LR: 1e-3,
		Judge: JudgeTraining{Widths: []int{32, 64, 128}, Steps: 2000},
		First: 500, Evaluations: 60,
		Sampling: Sampling{N: 32, Steps: 100}, SeenN: 32,
		Signals: figure6(), Seeds: 5,
	}
}

// Laptop returns an experiment of minutes that shows the same: small images, a small network and, against the noise of a
// small sample, a moving average and samples from the same noise throughout. docs/diffusion.md says how it was found.
func Laptop() Experiment {
	return Experiment{
		Name:  "laptop",
		Discs: Discs{Size: 16},
		Model: Model{Net: UNet(16, 16, 32), Conditioning: Conditioning{Kind: "vector", Len: 4, Gain: 5}, Schedule: Schedule{Kind: "linear"}},
		Batch: 16, Steps: 5000, LR: 1e-3, EMA: .99, Lanes: 4,
		Judge: JudgeTraining{Widths: []int{8, 16}, Steps: 200, Batch: 32},
		First: 40, Evaluations: 25,
		Sampling: Sampling{N: 64, Steps: 15, Method: Deterministic, High: 1, Seed: 1}, SeenN: 32,
		Signals: figure6(), Seeds: 3,
	}
}

func figure6() []float64 { return []float64{.137, .247, .358, .468, .579, .689} }

// Check returns an error that names a field, its value and the values accepted.
func (e Experiment) Check() error {
	const field = "diffusion: Experiment."
	switch {
	case len(e.Signals) == 0:
		return check.Bad("diffusion: len(Experiment.Signals)", 0, "a colour signal at least")
	case e.Seeds < 1 || e.Seeds > 1000:
		return check.Bad(field+"Seeds", e.Seeds, "1 to 1000")
	case e.First < 0 || e.First > e.Steps:
		return check.Bad(field+"First", e.First, fmt.Sprintf("0 to %d, the number of steps", e.Steps))
	case e.SeenN < 0 || e.SeenN > maxSamples:
		return check.Bad(field+"SeenN", e.SeenN, "at least 1, or 0 for none")
	case e.Evaluations < 1 || e.Evaluations > 10000:
		return check.Bad(field+"Evaluations", e.Evaluations, "1 to 10000")
	}
	if s := e.Discs.filled().Size; e.Model.Net.Size != s {
		return check.Bad(field+"Model.Net.Size", e.Model.Net.Size, fmt.Sprintf("%d, the size of the images", s))
	}
	for _, c := range e.Signals {
		d := e.Discs
		d.Signal = c
		if err := d.Check(); err != nil {
			return err
		}
		if len(d.Test()) == 0 {
			return check.Bad("diffusion: len(Discs.HeldOut)", 0, "a class held out, to ask for")
		}
	}
	if err := e.Sampling.Check(); err != nil {
		return err
	}
	return e.Model.Check()
}

// TrainJudge trains the judge for a colour signal.
func (e Experiment) TrainJudge(ctx context.Context, signal float64) (*Judge, error) {
	j := e.Judge
	j.Discs = e.Discs
	j.Discs.Signal = signal
	return j.Run(ctx)
}

// Run trains a model for a colour signal and a seed and follows what it makes of the first class held out. Judge
// is one from [Experiment.TrainJudge] for the signal. A progress that is not nil is called as training goes on. Workers is the
// number of goroutines, 0 for the number of cores; the outcome does not depend on it.
func (e Experiment) Run(ctx context.Context, signal float64, seed uint64, judge *Judge, workers int, progress func(Progress)) (*Course, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	if judge == nil {
		return nil, check.Bad("diffusion: the judge", "nil", "one from Experiment.TrainJudge")
	}
	d := e.Discs
	d.Signal, d.Seed = signal, seed
	images, err := d.Draw()
	if err != nil {
		return nil, err
	}
	asked := d.Test()[0]
	c := &Course{Experiment: e.Name, Signal: signal, Seed: seed, Asked: asked.String(), Target: asked.Bits()[:d.Concepts()], Accuracy: rounded(judge.Accuracy())}
	if e.SeenN > 0 {
		for _, class := range d.Train() {
			c.Seen = append(c.Seen, Seen{Class: class.String(), Target: class.Bits()[:d.Concepts()]})
		}
	}
	sampling := e.Sampling
	sampling.Conditions, sampling.Workers = []Condition{d.Condition(asked)}, workers
	t := Training{
		Model: e.Model, Data: images.Data(), Batch: e.Batch, Steps: e.Steps, LR: e.LR, EMA: e.EMA, Lanes: e.Lanes, Seed: seed, Workers: workers,
		At: Squares(e.First, e.Steps, e.Evaluations), Progress: progress,
	}
	var state *State
	t.Evaluate = func(step int, g *Generator) error {
		s, err := g.Sample(ctx, sampling)
		if err != nil {
			return err
		}
		made, err := s.Images()
		if err != nil {
			return err
		}
		point, stderr, err := judge.Point(made)
		if err != nil {
			return err
		}
		c.Step = append(c.Step, step)
		c.Point, c.Error = append(c.Point, rounded(point)), append(c.Error, rounded(stderr))
		for i, class := range d.Train() {
			if e.SeenN == 0 {
				break
			}
			seen := sampling
			seen.Conditions, seen.N = []Condition{d.Condition(class)}, e.SeenN
			s, err := g.Sample(ctx, seen)
			if err != nil {
				return err
			}
			made, err := s.Images()
			if err != nil {
				return err
			}
			point, _, err := judge.Point(made)
			if err != nil {
				return err
			}
			c.Seen[i].Point = append(c.Seen[i].Point, rounded(point))
		}
		var mean Loss
		recent := state.losses[min(len(state.losses), c.seen):]
		for _, l := range recent {
			mean.add(l, 1/float64(len(recent)))
		}
		c.seen = len(state.losses)
		c.Loss = append(c.Loss, rounded([]float64{mean.Diffusion})[0])
		return nil
	}
	if state, err = t.Start(); err != nil {
		return nil, err
	}
	if err := state.Run(ctx, t.Steps); err != nil {
		return c, err
	}
	return c, nil
}

// rounded keeps six decimals: what a file of results has.
func rounded(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Round(v*1e6) / 1e6
	}
	return y
}

// A Course is what a model made of a class that it never saw, as it learned: the result of a run, and what is
// kept of it in a file.
type Course struct {
	// Experiment, Signal and Seed say which run.
	Experiment string  `json:"experiment"`
	Signal     float64 `json:"signal"`
	Seed       uint64  `json:"seed"`
	// Asked is the prompt for the class, and Target its point of concept space.
	Asked  string    `json:"asked"`
	Target []float64 `json:"target"`
	// Accuracy is the judge's on images that it was not trained on, for each concept.
	Accuracy []float64 `json:"judge_accuracy"`
	// Step lists the updates done at each evaluation.
	Step []int `json:"step"`
	// Point is the mean of what the judge says of the samples then, a probability for each concept, and Error
	// its standard error.
	Point [][]float64 `json:"point"`
	Error [][]float64 `json:"standard_error"`
	// Loss is the diffusion loss in bits per dimension, the mean over the updates since the evaluation before.
	Loss []float64 `json:"diffusion_loss"`

	// Seen has the same of the classes trained on.
	Seen []Seen `json:"seen,omitempty"`

	seen int // updates that Loss has taken in
}

// Seen is where in concept space a model draws a class that it was trained on.
type Seen struct {
	// Class is the prompt for it, and Target its point of concept space.
	Class  string    `json:"class"`
	Target []float64 `json:"target"`
	// Point is the mean of what the judge says at each evaluation.
	Point [][]float64 `json:"point"`
}

// Contrast returns how well the model tells the values of concept k, from 1, in the classes that it was trained on: the difference between what
// the judge says of classes that differ in this concept alone, 0 if the model draws both alike and 1 when it has learned to tell
// them. It is empty where no such classes were followed.
func (c *Course) Contrast(k int) theory.Curve {
	curve := theory.Curve{Name: fmt.Sprint(c.Signal)}
	pairs := 0
	for _, a := range c.Seen {
		for _, b := range c.Seen {
			if !differsIn(a.Target, b.Target, k-1) {
				continue
			}
			if pairs++; pairs == 1 {
				curve.Y = make([]float64, len(c.Step))
				for _, s := range c.Step {
					curve.T = append(curve.T, float64(s))
				}
			}
			for i := range curve.Y {
				curve.Y[i] += b.Point[i][k-1] - a.Point[i][k-1]
			}
		}
	}
	for i := range curve.Y {
		curve.Y[i] /= float64(pairs)
	}
	return curve
}

// differsIn reports whether a has 0 and b has 1 in coordinate k, and the same in all others.
func differsIn(a, b []float64, k int) bool {
	if k < 0 || k >= len(a) || a[k] != 0 || b[k] != 1 {
		return false
	}
	for i := range a {
		if i != k && a[i] != b[i] {
			return false
		}
	}
	return true
}

// Trajectory returns the way through concept space; time is counted in updates.
func (c *Course) Trajectory() theory.Trajectory {
	tr := theory.Trajectory{Name: fmt.Sprint(c.Signal), Target: slices.Clone(c.Target)}
	for i, s := range c.Step {
		tr.T, tr.X = append(tr.T, float64(s)), append(tr.X, slices.Clone(c.Point[i]))
	}
	return tr
}

// MSE returns the square of the distance from the target, averaged over the concepts.
func (c *Course) MSE() theory.Curve {
	curve := c.Trajectory().Loss()
	curve.Name = fmt.Sprint(c.Signal)
	for i := range curve.Y {
		curve.Y[i] *= 2 / float64(len(c.Target))
	}
	return curve
}

// Speed returns |dC/dt|, the distance covered between evaluations per update, at the later one.
func (c *Course) Speed() theory.Curve {
	curve := c.Trajectory().Speed()
	curve.Name = fmt.Sprint(c.Signal)
	return curve
}

// Save writes the course to a file of JSON, in the place of one of that name only when it is complete.
func (c *Course) Save(path string) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("diffusion: %w", err)
	}
	return replaceFile(path, func(f io.Writer) error {
		_, err := f.Write(append(text, '\n'))
		return err
	})
}

// OpenCourse reads a file that [Course.Save] wrote.
func OpenCourse(path string) (*Course, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("diffusion: %w", err)
	}
	var c Course
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("diffusion: %s is no course: %w", path, err)
	}
	return &c, c.check(path)
}

func (c *Course) check(path string) error {
	n := len(c.Step)
	if n == 0 || len(c.Point) != n || len(c.Error) != n || len(c.Loss) != n || len(c.Target) == 0 {
		return fmt.Errorf("diffusion: %s has %d steps, %d points, %d errors and %d losses; want as many of each", path, n, len(c.Point), len(c.Error), len(c.Loss))
	}
	for i, p := range c.Point {
		if len(p) != len(c.Target) {
			return fmt.Errorf("diffusion: point %d in %s has %d coordinates; want %d", i, path, len(p), len(c.Target))
		}
	}
	for _, s := range c.Seen {
		if len(s.Point) != n || len(s.Target) != len(c.Target) {
			return fmt.Errorf("diffusion: class %s in %s has %d points; want %d", s.Class, path, len(s.Point), n)
		}
		for i, p := range s.Point {
			if len(p) != len(c.Target) {
				return fmt.Errorf("diffusion: point %d of class %s in %s has %d coordinates; want %d", i, s.Class, path, len(p), len(c.Target))
			}
		}
	}
	return nil
}

// Summary is what the courses of several seeds say together.
type Summary struct {
	// Signal is the colour signal and N the number of courses.
	Signal float64
	N      int
	// Path is the mean trajectory with its confidence intervals; MSE and Speed likewise.
	Path       theory.Ensemble
	MSE, Speed theory.Band
	// Contrast tells for each concept how well the model tells its values in the classes trained on (see [Course.Contrast]), and
	// Learned when its mean first reaches ½: +Inf where it never does. Order lists the concepts, from 1, in the order of learning. All
	// are empty where the classes trained on were not followed.
	Contrast []theory.Band
	Learned  []float64
	Order    []int
	// Bend is where the mean trajectory is farthest from the straight way.
	Bend theory.Bend
	// Nearest is the class trained on that the mean trajectory comes nearest to on its way, with the distance and the number of updates
	// there: what it swings by. Class is "" where the classes trained on were not followed.
	Nearest Nearest
	// Rise is the largest rise of the mean MSE, between From and To: the depth of the swing-by.
	Rise, From, To float64
}

// Nearest is where a trajectory comes nearest to a class trained on.
type Nearest struct {
	Class    string
	Distance float64
	T        float64
}

// String says it in words.
func (n Nearest) String() string {
	if n.Class == "" {
		return "no class followed"
	}
	return fmt.Sprintf("%.2f from the %s at t = %g", n.Distance, n.Class, n.T)
}

// Summarise returns what courses of the same signal and evaluations say together, with bands of a confidence such as .95.
func Summarise(confidence float64, courses ...*Course) (*Summary, error) {
	if len(courses) == 0 {
		return nil, check.Bad("diffusion: the number of courses", 0, "at least 1")
	}
	var trs []theory.Trajectory
	var mse, speed []theory.Curve
	for i, c := range courses {
		if c == nil {
			return nil, check.Bad(fmt.Sprintf("diffusion: course %d", i), "nil", "one from Experiment.Run or OpenCourse")
		}
		if err := c.check(fmt.Sprintf("course %d", i)); err != nil {
			return nil, err
		}
		if c.Signal != courses[0].Signal {
			return nil, check.Bad(fmt.Sprintf("diffusion: the signal of course %d", i), c.Signal, fmt.Sprintf("%g, that of course 0", courses[0].Signal))
		}
		trs, mse, speed = append(trs, c.Trajectory()), append(mse, c.MSE()), append(speed, c.Speed())
	}
	s := &Summary{Signal: courses[0].Signal, N: len(courses)}
	var err error
	if s.Path, err = theory.Average(confidence, trs...); err != nil {
		return nil, err
	}
	if s.MSE, err = theory.AverageCurves(confidence, mse...); err != nil {
		return nil, err
	}
	if s.Speed, err = theory.AverageCurves(confidence, speed...); err != nil {
		return nil, err
	}
	for k := range s.Path.Target {
		var told []theory.Curve
		for _, c := range courses {
			if curve := c.Contrast(k + 1); len(curve.T) > 0 {
				told = append(told, curve)
			}
		}
		if len(told) < len(courses) {
			s.Contrast, s.Learned, s.Order = nil, nil, nil
			break
		}
		band, err := theory.AverageCurves(confidence, told...)
		if err != nil {
			return nil, err
		}
		s.Contrast, s.Learned, s.Order = append(s.Contrast, band), append(s.Learned, band.Passes(.5)), append(s.Order, k+1)
	}
	slices.SortStableFunc(s.Order, func(a, b int) int {
		switch x, y := s.Learned[a-1], s.Learned[b-1]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	s.Bend = s.Path.Bend()
	s.Nearest.Distance = math.Inf(1)
	for _, class := range courses[0].Seen {
		for i, x := range s.Path.X {
			square := 0.0
			for k, v := range x {
				square += (v - class.Target[k]) * (v - class.Target[k])
			}
			if d := math.Sqrt(square); d < s.Nearest.Distance {
				s.Nearest = Nearest{Class: class.Class, Distance: d, T: s.Path.T[i]}
			}
		}
	}
	s.Rise, s.From, s.To = largestRise(s.MSE.Curve)
	return s, nil
}

// largestRise returns the rise of [theory.Curve.Rise] with the times that it lies between.
func largestRise(c theory.Curve) (rise, from, to float64) {
	low := 0
	for i, y := range c.Y {
		if y < c.Y[low] {
			low = i
		}
		if r := y - c.Y[low]; r > rise {
			rise, from, to = r, c.T[low], c.T[i]
		}
	}
	return rise, from, to
}

// String tells the summary in one line.
func (s *Summary) String() string {
	return fmt.Sprintf("signal %g, %d seeds: concepts told apart after %.0f updates; %v; MSE rises by %.3f from t = %g to %g and ends at %.3f",
		s.Signal, s.N, s.Learned, s.Nearest, s.Rise, s.From, s.To, s.MSE.Last())
}
