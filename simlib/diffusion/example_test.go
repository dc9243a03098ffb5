package diffusion_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/diffusion"
	"swingby/simlib/sim"
)

func ExampleClass() {
	c := diffusion.Class{Blue: true}
	fmt.Println(c, c.Code(), c.Bits())
	c, err := diffusion.ParseClass("small blue triangle")
	fmt.Println(c == diffusion.Class{Blue: true, Small: true, Triangle: true}, err)
	// Output:
	// big blue circle 10 [1 0 0]
	// true <nil>
}

func ExampleDiscs() {
	d := diffusion.Discs{Size: 16, Signal: .689, PerClass: 100, Seed: 1}
	images, err := d.Draw()
	if err != nil {
		panic(err)
	}
	fmt.Println(images.Len(), "images to train on:", d.Train())
	fmt.Println("held out:", d.Test())
	fmt.Printf("%.4f\n", d.Mean(diffusion.SmallBlue))
	// Output:
	// 300 images to train on: [big red circle small red circle big blue circle]
	// held out: [small blue circle]
	// [0.1555 0.1555 0.8445 0.2500]
}

func ExampleImages() {
	images, err := diffusion.Discs{Size: 16, Signal: .8, PerClass: 2}.DrawClasses(diffusion.Class{}, diffusion.SmallBlue)
	if err != nil {
		panic(err)
	}
	for i, p := range images.Pictures(4) {
		fmt.Println(p.Bounds().Size(), images.Class[i])
	}
	// Output:
	// (16,16) big red circle
	// (16,16) big red circle
	// (16,16) small blue circle
	// (16,16) small blue circle
}

func ExampleConditioning() {
	// The same model, told in numbers and in words.
	numbers := diffusion.Model{Net: diffusion.UNet(16, 16, 32), Conditioning: diffusion.Vectors(4)}
	text := diffusion.Model{Net: diffusion.UNet(16, 16, 32), Conditioning: diffusion.Text(4)}
	fmt.Println(text.NumParams()-numbers.NumParams(), "more parameters: the embeddings of six words")
	// Output: 24 more parameters: the embeddings of six words
}

func ExampleCondition() {
	d := diffusion.Discs{Signal: .5}
	c := d.Condition(diffusion.Class{Blue: true})
	fmt.Println(c.Vector, c.Prompt)
	fmt.Println(diffusion.Prompt("small blue circle").Prompt)
	// Output:
	// [0.25 0.25 0.75 0.65] big blue circle
	// small blue circle
}

func ExampleNet() {
	n := diffusion.UNet(32, 64, 128, 256)
	n.Blocks, n.Heads, n.Dropout = 2, 4, .1 // the paper's
	fmt.Println(n.Len(), "numbers in an image;", n.Check())
	fmt.Println(diffusion.UNet(18, 16, 32, 64).Check())
	// Output:
	// 3072 numbers in an image; <nil>
	// diffusion: Net.Size is 18; want a multiple of 4, for 3 levels
}

func ExampleSchedule() {
	for _, s := range []diffusion.Schedule{{}, {Kind: "cosine"}} {
		for _, t := range []float64{0, .5, 1} {
			gamma, slope := s.Gamma(t)
			alpha, sigma := diffusion.AlphaSigma(gamma)
			fmt.Printf("γ(%.1f) = %5.2f, γ′ = %6.2f, α = %.3f, σ = %.3f\n", t, gamma, slope, alpha, sigma)
		}
	}
	// Output:
	// γ(0.0) = -5.00, γ′ =  15.00, α = 0.997, σ = 0.082
	// γ(0.5) =  2.50, γ′ =  15.00, α = 0.275, σ = 0.961
	// γ(1.0) = 10.00, γ′ =  15.00, α = 0.007, σ = 1.000
	// γ(0.0) = -5.00, γ′ =  36.36, α = 0.997, σ = 0.082
	// γ(0.5) =  0.15, γ′ =   5.95, α = 0.680, σ = 0.733
	// γ(1.0) = 10.00, γ′ = 439.96, α = 0.007, σ = 1.000
}

// circle is a training of two clusters in the plane, told apart by a word.
func circle(steps int) diffusion.Training {
	data := diffusion.Data{}
	for i := range 256 {
		s, c := math.Sincos(float64(i))
		prompt, at := "red", -1.
		if i%2 == 1 {
			prompt, at = "blue", 1
		}
		data.X = append(data.X, float32(at+.1*c), float32(.1*s))
		data.Conditions = append(data.Conditions, diffusion.Prompt(prompt))
	}
	return diffusion.Training{
		Model: diffusion.Model{Net: diffusion.MLP(2, 32, 2), Conditioning: diffusion.Text(8)},
		Data:  data, Batch: 64, Steps: steps, LR: 3e-3, EMA: .98, Seed: 1,
	}
}

func ExampleTraining() {
	run, err := circle(400).Run(context.Background())
	if err != nil {
		panic(err)
	}
	s, err := run.Generator.Sample(context.Background(), diffusion.Sampling{
		Conditions: []diffusion.Condition{diffusion.Prompt("red"), diffusion.Prompt("blue")}, N: 200, Seed: 1,
	})
	if err != nil {
		panic(err)
	}
	var mean [2]float64
	for i := range s.N() {
		mean[i/200] += float64(s.X[2*i]) / 200
	}
	fmt.Printf("red around %.0f, blue around %.0f\n", mean[0], mean[1])
	// Output: red around -1, blue around 1
}

func ExampleProgress() {
	var last diffusion.Progress
	t := circle(3)
	t.Progress = func(p diffusion.Progress) { last = p }
	if _, err := t.Run(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(last.Step, "of", last.Steps)
	// Output: 3 of 3
}

func ExampleDivergedError() {
	err := fmt.Errorf("seed 3: %w", &diffusion.DivergedError{Step: 11, LR: .5})
	var d *diffusion.DivergedError
	if errors.As(err, &d) {
		fmt.Printf("try a rate below %g, which went wrong at update %d\n", d.LR, d.Step)
	}
	// Output: try a rate below 0.5, which went wrong at update 11
}

func ExampleSamples() {
	run, err := circle(3).Run(context.Background())
	if err != nil {
		panic(err)
	}
	s, err := run.Generator.Sample(context.Background(), diffusion.Sampling{N: 5, Method: diffusion.Deterministic, Steps: 10})
	if err != nil {
		panic(err)
	}
	rows, columns := s.Rows().Dims()
	fmt.Println(s.N(), "samples as a matrix of", rows, "×", columns)
	// Output: 5 samples as a matrix of 5 × 2
}

func ExampleMethod() {
	fmt.Println(diffusion.Ancestral, diffusion.Deterministic)
	// Output: ancestral deterministic
}

func ExampleState() {
	s, err := circle(100).Start()
	if err != nil {
		panic(err)
	}
	for _, until := range []int{10, 100} {
		if err := s.Run(context.Background(), until); err != nil {
			panic(err)
		}
		fmt.Println(s.Step(), len(s.Losses()))
	}
	// Output:
	// 10 10
	// 100 100
}

func ExampleState_Save() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	tr := circle(50)
	tr.Checkpoint = filepath.Join(dir, "state")
	ctx, cancel := context.WithCancel(context.Background())
	tr.At = []int{20}
	tr.Evaluate = func(int, *diffusion.Generator) error { cancel(); return nil } // the user presses stop
	_, err = tr.Run(ctx)
	fmt.Println(err)
	run, err := tr.Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println("went on from", run.First, "to", run.Step)
	// Output:
	// diffusion: stopped after 20 of 50 updates: context canceled
	// went on from 20 to 50
}

func ExampleGenerator_Score() {
	run, err := circle(400).Run(context.Background())
	if err != nil {
		panic(err)
	}
	// Left of the blue cluster its density rises to the right, and to its right to the left.
	z := mat.NewDense(2, 2, []float64{0, 0, 2, 0})
	score, err := run.Generator.Score(z, .3, diffusion.Prompt("blue"))
	if err != nil {
		panic(err)
	}
	fmt.Println(score.At(0, 0) > 0, score.At(1, 0) < 0)
	// Output: true true
}

func ExampleMixture() {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}})
	if err != nil {
		panic(err)
	}
	m, err := diffusion.NewMixture(task)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Mean())
	fmt.Printf("%.2f\n", mat.Formatted(m.Covariance()))
	score, err := m.Score(mat.NewDense(1, 2, []float64{1, 0}), 1, .1) // in the middle of a cluster
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", mat.Norm(score, 2))
	// Output:
	// [0.5 1]
	// ⎡ 0.26  -0.50⎤
	// ⎣-0.50   1.01⎦
	// 0.000
}

// The score of a task's samples, learned at all noises alike.
func ExamplePreconditioning() {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.4, .4}, N: 4096})
	if err != nil {
		panic(err)
	}
	samples, err := task.Sample(sim.Sampling{Seed: 1})
	if err != nil {
		panic(err)
	}
	mixture, err := diffusion.NewMixture(task)
	if err != nil {
		panic(err)
	}
	p := mixture.Preconditioning()
	fmt.Printf("around %.1f, %.2f wide, clusters %.2f wide\n", p.Mean, p.Std, p.Within)
	net := diffusion.MLP(2, 32, 3)
	net.Time, net.TimeScale = 4, 3
	run, err := diffusion.Training{
		Model: diffusion.Model{Net: net, Schedule: diffusion.Schedule{Kind: "linear", Min: -6, Max: 6}, Preconditioning: p},
		Data:  diffusion.Rows(samples.Inputs()), Antithetic: true, Weighting: "balanced",
		Batch: 256, Steps: 400, LR: .01, Decay: .9, WeightDecay: -1, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	const t = .2
	alpha, sigma := diffusion.AlphaSigma(run.Generator.Gamma(t))
	z := mat.NewDense(3, 2, []float64{alpha, .3, .4, 2 * alpha, alpha, -.5})
	learned, err := run.Generator.Score(z, t)
	if err != nil {
		panic(err)
	}
	exact, err := mixture.Score(z, alpha, sigma)
	if err != nil {
		panic(err)
	}
	learned.Sub(learned, exact)
	fmt.Println("within a fifth:", mat.Norm(learned, 2) < .2*mat.Norm(exact, 2))
	// Output:
	// around [0.5 1.0], 0.89 wide, clusters 0.40 wide
	// within a fifth: true
}

func ExampleTaskData() {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}, N: 100})
	if err != nil {
		panic(err)
	}
	samples, err := task.Sample(sim.Sampling{InOrder: true})
	if err != nil {
		panic(err)
	}
	data, err := diffusion.TaskData(task, samples)
	if err != nil {
		panic(err)
	}
	// A model trained on them may be asked for {1, 1}, which shows both concepts.
	fmt.Println(data.Conditions[0].Vector, data.Conditions[150].Vector)
	// Output: [1 0] [0 1]
}

func ExampleSquares() {
	fmt.Println(diffusion.Squares(100, 10000, 10))
	// Output: [100 400 900 1600 2500 3600 4900 6400 8100 10000]
}

func ExampleLoss() {
	l := diffusion.Loss{Diffusion: 3.5, Prior: .00002, Reconstruction: .25}
	fmt.Println(l)
	// Output: 3.75 bits per dimension (diffusion 3.5, prior 2e-05, reconstruction 0.25)
}

func ExampleJudgeTraining() {
	judge, err := diffusion.JudgeTraining{
		Discs:  diffusion.Discs{Size: 8, Signal: .8, Blur: .5, PerClass: 256},
		Widths: []int{8, 16}, Steps: 150, Batch: 32, LR: 3e-3, Test: 100, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	for _, a := range judge.Accuracy() {
		fmt.Println("right about more than 9 in 10:", a > .9)
	}
	// Output:
	// right about more than 9 in 10: true
	// right about more than 9 in 10: true
}

func ExamplePaper() {
	e := diffusion.Paper()
	fmt.Println(e.Check(), e.Steps, "updates of", e.Batch, "images;", e.Model.NumParams(), "parameters")
	// Output: <nil> 20000 updates of 128 images; 5293257 parameters
}

func ExampleExperiment() {
	e := diffusion.Laptop()
	fmt.Println(e.Name, e.Signals, e.Seeds, "seeds;", e.Check())
	// An experiment of seconds: the numbers say nothing, but everything runs.
	e.Discs = diffusion.Discs{Size: 8, PerClass: 64}
	e.Model.Net = diffusion.UNet(8, 8)
	e.Batch, e.Steps, e.First, e.Evaluations, e.Lanes = 8, 20, 5, 3, 2
	e.Judge = diffusion.JudgeTraining{Widths: []int{8}, Steps: 5, Batch: 8, Test: 8}
	e.Sampling.N, e.Sampling.Steps, e.SeenN = 8, 3, 2
	judge, err := e.TrainJudge(context.Background(), .5)
	if err != nil {
		panic(err)
	}
	course, err := e.Run(context.Background(), .5, 1, judge, 0, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("asked for a", course.Asked, "after", course.Step, "updates; target", course.Target)
	for _, s := range course.Seen {
		fmt.Println("and for a", s.Class)
	}
	// Output:
	// laptop [0.137 0.247 0.358 0.468 0.579 0.689] 3 seeds; <nil>
	// asked for a small blue circle after [5 11 20] updates; target [1 1]
	// and for a big red circle
	// and for a small red circle
	// and for a big blue circle
}

func ExampleSummarise() {
	course := func(seed uint64, dip float64) *diffusion.Course {
		return &diffusion.Course{
			Signal: .137, Seed: seed, Target: []float64{1, 1}, Step: []int{100, 200, 300, 400},
			Point: [][]float64{{.5, .5}, {.2 + dip, .9}, {.1 + dip, .95}, {1, 1}},
			Error: make([][]float64, 4), Loss: make([]float64, 4),
			Seen: []diffusion.Seen{
				{Class: "big red circle", Target: []float64{0, 0}, Point: [][]float64{{.5, .5}, {.5, .2}, {.3, 0}, {0, 0}}},
				{Class: "small red circle", Target: []float64{0, 1}, Point: [][]float64{{.5, .5}, {.4, .9}, {.2, 1}, {0, 1}}},
				{Class: "big blue circle", Target: []float64{1, 0}, Point: [][]float64{{.5, .5}, {.5, .1}, {.8, 0}, {1, 0}}},
			},
		}
	}
	s, err := diffusion.Summarise(.95, course(1, 0), course(2, .02))
	if err != nil {
		panic(err)
	}
	fmt.Println("order:", s.Order, "swings by:", s.Nearest)
	fmt.Println(s)
	// Output:
	// order: [2 1] swings by: 0.12 from the small red circle at t = 300
	// signal 0.137, 2 seeds: concepts told apart after [300 171] updates; 0.12 from the small red circle at t = 300; MSE rises by 0.147 from t = 100 to 300 and ends at 0.000
}
