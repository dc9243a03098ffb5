package diffusion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// small is a training of a moment: prompts, guidance and a learned schedule in it.
func small(steps int) Training {
	data := Data{}
	for i := range 60 {
		blue := i%2 == 1
		v := float32(-1)
		c := Class{Blue: blue}
		if blue {
			v = 1
		}
		data.X = append(data.X, v+.01*float32(i%7), .5)
		data.Conditions = append(data.Conditions, Prompt(c.String()))
	}
	return Training{
		Model: Model{Net: MLP(2, 16, 2), Conditioning: Text(4)},
		Data:  data, Batch: 12, Steps: steps, EMA: .9, DropCondition: .2, Seed: 5, Lanes: 3,
	}
}

// numbers are all that a state consists of.
func numbers(t *testing.T, s *State) []float64 {
	t.Helper()
	var all []float64
	add := func(list ...[]float32) {
		for _, x := range list {
			for _, v := range x {
				all = append(all, float64(v))
			}
		}
	}
	tr, ok := s.s.(*trainer[float32])
	if !ok {
		t.Fatal("not a float32 state")
	}
	add(tr.w, tr.ema, tr.opt.M, tr.opt.V)
	return append(all, float64(tr.step), float64(tr.opt.Steps))
}

func start(t *testing.T, tr Training) *State {
	t.Helper()
	s, err := tr.Start()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResumeEqualsUninterrupted(t *testing.T) {
	ctx := context.Background()
	whole := start(t, small(40))
	if err := whole.Run(ctx, 40); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "state")
	part := small(40)
	part.Checkpoint, part.CheckpointEvery = file, 7
	var seen []int
	part.At = []int{0, 23, 40}
	part.Evaluate = func(step int, _ *Generator) error { seen = append(seen, step); return nil }
	if err := start(t, part).Run(ctx, 23); err != nil {
		t.Fatal(err)
	}
	run, err := part.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if run.First != 23 || run.Step != 40 || len(run.Loss) != 17 {
		t.Errorf("the second part went from %d to %d with %d losses, want 23 to 40 with 17", run.First, run.Step, len(run.Loss))
	}
	if want := []int{0, 23, 40}; !slices.Equal(seen, want) {
		t.Errorf("evaluated at %v, want %v", seen, want)
	}
	again := start(t, part) // from the file of the end
	if a, b := numbers(t, whole), numbers(t, again); !slices.Equal(a, b) {
		t.Error("a run in two parts ends with other numbers than one without a break")
	}
	if a, b := whole.Losses()[23:], run.Loss; !slices.Equal(a, b) {
		t.Errorf("losses after the break are %v, want %v", b[:3], a[:3])
	}
}

func TestStopsAndGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	tr := small(30)
	tr.Checkpoint = filepath.Join(t.TempDir(), "state")
	tr.At = []int{11}
	tr.Evaluate = func(int, *Generator) error { cancel(); return nil }
	run, err := tr.Run(ctx)
	if !errors.Is(err, context.Canceled) || run.Step != 11 {
		t.Fatalf("stopped at %d with %v, want at 11 with the context's error", run.Step, err)
	}
	if want := "diffusion: stopped after 11 of 30 updates: context canceled"; err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
	run, err = tr.Run(context.Background())
	if err != nil || run.First != 11 {
		t.Errorf("went on from %d with %v, want from 11", run.First, err)
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	var want []float64
	var wantX []float32
	for _, workers := range []int{1, 2, 5} {
		tr := small(20)
		tr.Workers = workers
		s := start(t, tr)
		if err := s.Run(context.Background(), 20); err != nil {
			t.Fatal(err)
		}
		x, err := s.Generator().Sample(context.Background(), Sampling{N: 37, Steps: 4, Conditions: []Condition{Prompt("blue circle"), {}}, Guidance: 2, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, wantX = numbers(t, s), x.X
		}
		if !slices.Equal(numbers(t, s), want) || !slices.Equal(x.X, wantX) {
			t.Errorf("%d workers give other numbers than 1", workers)
		}
	}
}

func TestSteadyStepDoesNotAllocate(t *testing.T) {
	tr := small(1000)
	s := start(t, tr).s
	for _, workers := range []int{1, 2} {
		s.begin(workers)
		s.advance()
		if n := testing.AllocsPerRun(50, func() { s.advance() }); n != 0 {
			t.Errorf("an update allocates %v times with %d workers, want 0", n, workers)
		}
		s.end()
	}
}

// With preconditioning, noise and its negative, and a balanced weighting a run keeps to the same rules.
func TestPreconditionedTraining(t *testing.T) {
	tr := small(40)
	tr.Model.Schedule = Schedule{Kind: "cosine"}
	tr.Model.Preconditioning = Preconditioning{Mean: []float64{0, .5}, Std: .8, Within: .1}
	tr.Antithetic, tr.Weighting = true, "balanced"
	whole := start(t, tr)
	if err := whole.Run(context.Background(), 40); err != nil {
		t.Fatal(err)
	}
	s, ok := whole.s.(*trainer[float32])
	if !ok {
		t.Fatal("not a float32 state")
	}
	for _, l := range s.lanes {
		for i := 0; i < l.hi-l.lo; i += 2 {
			for k := range 2 {
				if a, b := l.eps[2*i+k], l.eps[2*i+2+k]; a == 0 || a != -b {
					t.Fatalf("a pair of samples has noise %v and %v, want a number and its negative", a, b)
				}
			}
			if a, b := s.pick[l.lo+i], s.pick[l.lo+i+1]; a != b || s.times[l.lo+i] != s.times[l.lo+i+1] {
				t.Fatalf("a pair are samples %d and %d, want the same at the same time", a, b)
			}
		}
	}
	tr.Checkpoint, tr.Workers = filepath.Join(t.TempDir(), "state"), 1
	if err := start(t, tr).Run(context.Background(), 17); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(numbers(t, whole), numbers(t, start(t, tr))) {
		t.Error("a run in two parts ends with other numbers than one without a break")
	}
	// An opened generator predicts and samples the same.
	g, err := Open(tr.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	sampling := Sampling{N: 20, Steps: 5, Conditions: []Condition{Prompt("blue")}, Guidance: 2}
	got, err1 := g.Sample(context.Background(), sampling)
	want, err2 := whole.Generator().Sample(context.Background(), sampling)
	if err1 != nil || err2 != nil || !slices.Equal(got.X, want.X) {
		t.Errorf("an opened generator draws other samples: %v, %v", err1, err2)
	}
	whole.s.begin(1)
	defer whole.s.end()
	if n := testing.AllocsPerRun(50, func() { whole.s.advance() }); n != 0 {
		t.Errorf("an update allocates %v times, want 0", n)
	}
}

func TestDivergence(t *testing.T) {
	tr := small(200)
	tr.LR = 1
	tr.Data.X[4] = 1e30
	run, err := tr.Run(context.Background())
	var d *DivergedError
	if !errors.As(err, &d) || d.LR != 1 || d.Step != run.Step-1 {
		t.Fatalf("got %v after %d updates, want a DivergedError of the last", err, run.Step)
	}
	if want := fmt.Sprintf("diffusion: the loss is not finite at step %d; want a learning rate smaller than 1", d.Step); d.Error() != want {
		t.Errorf("error is %q, want %q", d, want)
	}
}

func TestCheckpointErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "state")
	s := start(t, small(9))
	if err := s.Run(context.Background(), 5); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*Training)) Training {
		tr := small(9)
		change(&tr)
		return tr
	}
	damaged := bytes.Clone(good)
	damaged[len(damaged)-100]++
	for _, c := range []struct {
		name string
		file []byte
		tr   Training
		want string
	}{
		{"another width", good, other(func(tr *Training) { tr.Model.Net = MLP(2, 24, 2) }), "was saved with Model.Net.Widths [16 16], and the training has [24 24]; want the same"},
		{"another seed", good, other(func(tr *Training) { tr.Seed = 6 }), "was saved with Training.Seed 5, and the training has 6; want the same"},
		{"other data", good, other(func(tr *Training) { tr.Data.X[0] = 3 }), "was saved with other data; want the same samples and conditions"},
		{"cut off in the numbers", good[:len(good)/2], small(9), "is cut off or damaged"},
		{"cut off at the end", good[:len(good)-1], small(9), "is cut off or damaged"},
		{"cut off in the header", good[:80], small(9), "is cut off in its header"},
		{"cut off at once", good[:5], small(9), "is no file of this package"},
		{"a flipped bit", damaged, small(9), "is damaged: its checksum does not match"},
		{"something else", []byte("a picture, perhaps"), small(9), "is no file of this package"},
		{"a later version", append([]byte("swingby\x00\x02\x00\x00\x00"), good[12:]...), small(9), "has version 2 of the format; want 1"},
	} {
		path := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
		if err := os.WriteFile(path, c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		s := start(t, c.tr)
		before := numbers(t, s)
		err := s.Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "diffusion: "+path) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
		if !slices.Equal(before, numbers(t, s)) {
			t.Errorf("%s: the state changed", c.name)
		}
		// A training that finds such a file ends with its error, and leaves the file.
		c.tr.Checkpoint = path
		if _, err := c.tr.Run(context.Background()); err == nil {
			t.Errorf("%s: the training ran", c.name)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(after, c.file) {
			t.Errorf("%s: the file changed", c.name)
		}
	}
	if _, err := Open(filepath.Join(dir, "a-flipped-bit")); err == nil {
		t.Error("a damaged file opens")
	}
	if err := s.Save(filepath.Join(dir, "none", "state")); err == nil || !strings.Contains(err.Error(), "diffusion: cannot save") {
		t.Errorf("saving in a folder that is not there gives %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("files are left behind: %v", left)
	}
	// A state opens as its generator, and a generator as itself.
	g, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Save(file + ".g"); err != nil {
		t.Fatal(err)
	}
	h, err := Open(file + ".g")
	if err != nil {
		t.Fatal(err)
	}
	z := mat.NewDense(1, 2, []float64{.3, -.2})
	for _, o := range []*Generator{g, h} {
		got, err1 := o.Noise(z, .4, Prompt("big red"))
		want, err2 := s.Generator().Noise(z, .4, Prompt("red big"))
		if err1 != nil || err2 != nil || !mat.Equal(got, want) {
			t.Errorf("an opened generator predicts %v, %v; want %v, %v", got, err1, want, err2)
		}
	}
	if err := start(t, small(9)).Load(file + ".g"); err == nil || !strings.Contains(err.Error(), "holds a generator; want the state of a training") {
		t.Errorf("a generator loads as a state: %v", err)
	}
}

// TestGradient compares the gradient of a whole update by every parameter, those of schedule and words among them, with differences of the loss.
func TestGradient(t *testing.T) {
	for _, m := range []Model{
		{Net: MLP(2, 8, 2), Conditioning: Text(4), Float64: true},
		{Net: MLP(2, 8, 2), Conditioning: Vectors(3), Schedule: Schedule{Kind: "cosine"}, Float64: true},
		{Net: MLP(2, 8, 2), Conditioning: Text(4), Float64: true, Preconditioning: Preconditioning{Mean: []float64{.3, -.2}, Std: .8, Within: .3}},
		{Net: MLP(2, 8, 2), Conditioning: Text(4), Float64: true, Preconditioning: Preconditioning{Std: 1.2}},
	} {
		tr := small(1)
		tr.Model, tr.Lanes, tr.EMA, tr.DropCondition = m, 2, 0, .3
		if m.Conditioning.Kind == "vector" {
			for i := range tr.Data.Conditions {
				tr.Data.Conditions[i] = Condition{Vector: []float64{float64(i % 3), 1, -.5}}
			}
		}
		s := start(t, tr).s.(*trainer[float64])
		// Away from the zeros that the initialisation has.
		for i := range s.w {
			if i < s.a.schedule {
				s.w[i] += .1 * math.Sin(float64(i))
			}
		}
		s.weights.Changed()
		w := slices.Clone(s.w)
		loss := func() float64 {
			s.step = 0
			s.weights.Changed()
			for i := range s.pick {
				s.pick[i], s.times[i] = i, (float64(i)+.37)/float64(len(s.pick))
			}
			sum := 0.0
			for _, l := range s.lanes {
				s.compute(l)
				sum += l.loss.Total()
			}
			return sum
		}
		loss()
		grad := make([]float64, len(w))
		for _, l := range s.lanes {
			for i, g := range l.grad {
				grad[i] += g
			}
		}
		for i := range w {
			const h = 1e-5
			s.w[i] = w[i] + h
			up := loss()
			s.w[i] = w[i] - h
			down := loss()
			s.w[i] = w[i]
			want := (up - down) / (2 * h)
			// The reconstruction's share of the loss is large, and so is its rounding.
			if math.Abs(grad[i]-want) > 1e-5*math.Max(1, math.Abs(want))+1e-10*math.Abs(up)/h {
				t.Errorf("%s: gradient by parameter %d of %d is %v, by differences %v", m.Conditioning.Kind, i, len(w), grad[i], want)
			}
		}
	}
}

// A U-Net with dropout and attention keeps to the same rules as the network of the tests above.
func TestUNetResumesAndDoesNotAllocate(t *testing.T) {
	images, err := Discs{Size: 8, Signal: .5, PerClass: 8}.Draw()
	if err != nil {
		t.Fatal(err)
	}
	net := UNet(8, 8, 16)
	net.Dropout, net.Heads = .2, 4
	training := Training{
		Model: Model{Net: net, Conditioning: Vectors(4)}, Data: images.Data(),
		Batch: 6, Steps: 8, EMA: .9, Seed: 3, Lanes: 3, Workers: 1,
	}
	whole := start(t, training)
	if err := whole.Run(context.Background(), 8); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "state")
	part := start(t, training)
	if err := part.Run(context.Background(), 5); err != nil {
		t.Fatal(err)
	}
	if err := part.Save(file); err != nil {
		t.Fatal(err)
	}
	training.Workers = 3
	rest := start(t, training)
	if err := rest.Load(file); err != nil {
		t.Fatal(err)
	}
	if err := rest.Run(context.Background(), 8); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(numbers(t, whole), numbers(t, rest)) {
		t.Error("a run in two parts, with 1 and 3 workers, ends with other numbers than one without a break")
	}
	rest.s.begin(2)
	defer rest.s.end()
	if n := testing.AllocsPerRun(20, func() { rest.s.advance() }); n != 0 {
		t.Errorf("an update allocates %v times, want 0", n)
	}
}
