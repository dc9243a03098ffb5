package train_test

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/train"
)

// corners are training points on the axes; the point that shows both is the probe.
func corners() (x *mat.Dense, probes []sim.Centroid) {
	x = mat.NewDense(4, 2, []float64{
		1.1, 0,
		0.9, 0,
		0, 2.1,
		0, 1.9,
	})
	return x, []sim.Centroid{{Label: "x̂", X: []float64{1, 2}, Role: sim.Probe}}
}

func Example() {
	x, probes := corners()
	net := train.MLP(2, 16, 2)
	w0, err := net.Init(2333)
	if err != nil {
		panic(err)
	}
	run, err := train.Training{
		Net: net, W0: w0, X: x,
		Optimizer: train.SGD(0.1), Batch: 2, Epochs: 100,
		Record: train.Record{Probes: probes, PerDecade: 1},
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	tr := run.Trajectory(0)
	for k, t := range tr.T {
		fmt.Printf("%3g updates: %.2f\n", t, tr.X[k])
	}
	// Output:
	// 0 updates: [-0.21 -0.46]
	//   1 updates: [0.06 -0.47]
	//  10 updates: [0.01 1.70]
	// 100 updates: [0.01 1.67]
	// 200 updates: [0.02 1.68]
}

func ExampleTraining() {
	x, probes := corners()
	net := train.OneLayer(2)
	run, err := train.Training{
		Net: net, W0: &train.Weights{W: []*mat.Dense{mat.NewDense(2, 2, nil)}}, X: x,
		Loss: train.HalfSquare, Optimizer: train.SGD(0.5), Updates: 20,
		Record: train.Record{Probes: probes, Every: 10},
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(run.TestLoss())
	// Output:
	// test loss: 2.5 at t = 0 … 4.4e-06 at t = 20
}

// The network UUᵀ under gradient flow.
func ExampleFlow() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}})
	x, _ := train.Population(task)
	w0 := &train.Weights{W: []*mat.Dense{mat.NewDense(2, 2, []float64{.1, .05, .05, .1})}}
	run, err := train.Flow{
		Net: train.Symmetric(2, 2), W0: w0, X: x, Loss: train.HalfSquare,
		Times: []float64{1, 2, 4, 8}, Record: train.Record{Probes: task.Probes()},
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	for k, t := range run.Times() {
		fmt.Printf("t = %g: %.3f\n", t, run.Trajectory(0).X[k])
	}
	// Output:
	// t = 0: [0.033 0.035]
	// t = 1: [0.187 2.011]
	// t = 2: [0.241 2.011]
	// t = 4: [0.943 2.000]
	// t = 8: [1.000 2.000]
}

func ExamplePopulation() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}})
	x, _ := train.Population(task)
	var a mat.Dense
	a.Mul(x.T(), x)
	a.Scale(.5, &a)
	fmt.Printf("%.2f %.2f %.2f\n", a.At(0, 0), a.At(1, 1), task.Rates())
	// Output:
	// 0.51 2.01 [0.51 2.01]
}

func ExampleNet() {
	fmt.Println(train.OneLayer(64))
	fmt.Println(train.Symmetric(3, 5))
	fmt.Println(train.DeepLinear(64, 64, 4))
	fmt.Println(train.MLP(2, 64, 3))
	fmt.Println(train.Net{D: 2, Width: 4, Layers: 2, Bias: true, Activation: train.Tanh})
	// Output:
	// 64→64, linear
	// UUᵀx with U of 3×5
	// 64→64→64→64→64, linear
	// 2→64→64→2, ReLU, biases
	// 2→4→2, tanh, biases
}

func ExampleNet_Jacobian() {
	net := train.Symmetric(2, 1)
	w := &train.Weights{W: []*mat.Dense{mat.NewDense(2, 1, []float64{1, 2})}}
	j, _ := net.Jacobian(w, []float64{0, 0})
	fmt.Println(j.RawMatrix().Data)
	// Output:
	// [1 2 2 4]
}

func ExampleActivation() {
	softplus := train.Activation{
		Name:  "softplus",
		F:     func(x float64) float64 { return math.Log1p(math.Exp(x)) },
		Slope: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	}
	net := train.MLP(2, 8, 2)
	net.Activation = softplus
	w, _ := net.Init(1)
	x, _ := corners()
	loss, _ := net.Loss(w, x, nil, train.MeanSquare)
	fmt.Printf("%v: %.4f\n", net, loss)
	// Output:
	// 2→8→2, softplus, biases: 2.6789
}

func ExampleWeights() {
	w, _ := train.MLP(2, 4, 2).Init(2333)
	fmt.Println(w)
	fmt.Printf("%.4f\n", w.W[0].At(0, 0))
	fmt.Printf("%.4f\n", w.Clone().Scale(.5).W[0].At(0, 0))
	// Output:
	// 4×2 + 4, 2×4 + 2: 22 parameters
	// 0.1740
	// 0.0870
}

func ExampleLoss() {
	net := train.OneLayer(2)
	w := &train.Weights{W: []*mat.Dense{mat.NewDense(2, 2, nil)}}
	x := mat.NewDense(1, 2, []float64{1, 2})
	for _, l := range []train.Loss{train.MeanSquare, train.HalfSquare} {
		v, _ := net.Loss(w, x, nil, l)
		fmt.Println(l, v)
	}
	// Output:
	// mean square 2.5
	// half square 2.5
}

func ExamplePrecision() {
	fmt.Println(train.Float64, train.Float32)
	// Output:
	// float64 float32
}

func ExampleShuffle() {
	fmt.Println(train.InOrder, train.Once, train.EachEpoch)
	// Output:
	// in order once each epoch
}

func ExampleRule() {
	fmt.Println(train.RuleSGD, train.RuleAdam, train.RuleAdamW)
	// Output:
	// SGD Adam AdamW
}

func ExampleOptimizer() {
	o := train.AdamW(.001)
	o.WeightDecay = .1
	fmt.Println(train.SGD(.1), "|", train.Momentum(.1, .9), "|", o)
	// Output:
	// SGD, η = 0.1 | SGD, η = 0.1, momentum 0.9 | AdamW, η = 0.001
}

func ExampleRecord() {
	x, _ := corners()
	net := train.OneLayer(2)
	w0, _ := net.Init(1)
	run, _ := train.Training{
		Net: net, W0: w0, X: x, Optimizer: train.SGD(.1), Updates: 1000,
		Record: train.Record{
			PerDecade: 1, At: []int{500},
			Measure: func(update int, w *train.Weights) []float64 {
				return []float64{mat.Trace(w.W[0])}
			},
		},
	}.Run(context.Background())
	for k, t := range run.Times() {
		fmt.Printf("%g: %.3f\n", t, run.Measures()[k])
	}
	// Output:
	// 0: [0.696]
	// 1: [0.862]
	// 10: [1.550]
	// 100: [1.996]
	// 500: [2.000]
	// 1000: [2.000]
}

func ExampleRun() {
	x, probes := corners()
	net := train.OneLayer(2)
	w0, _ := net.Init(1)
	run, _ := train.Training{
		Net: net, W0: w0, X: x, Optimizer: train.SGD(.1), Batch: 2, Epochs: 50,
		Record: train.Record{Probes: probes, Loss: true},
	}.Run(context.Background())
	fmt.Println(run)
	fmt.Println(run.TrainLoss())
	// Output:
	// 2→2, linear: 100 updates, 51 records, final test loss 5.025e-06
	// training loss: 0.6519 at t = 0 … 2.538e-06 at t = 100
}

func ExampleProgress() {
	x, _ := corners()
	net := train.OneLayer(2)
	w0, _ := net.Init(1)
	_, _ = train.Training{
		Net: net, W0: w0, X: x, Optimizer: train.SGD(.1), Updates: 100,
		Progress: func(p train.Progress) { fmt.Println(p) },
	}.Run(context.Background())
	// Output:
	// 100 of 100, loss 3.736e-06
}

func ExampleDivergedError() {
	x, _ := corners()
	net := train.OneLayer(2)
	w0, _ := net.Init(1)
	t := train.Training{Net: net, W0: w0, X: x, Optimizer: train.SGD(10), Updates: 1000}
	fmt.Println(t.Warnings()[0])
	_, err := t.Run(context.Background())
	fmt.Println(err)
	// Output:
	// train: Optimizer.LR is 10, at which this training cannot settle; want less than 0.9975
	// train: the loss is not finite at step 121; want a learning rate smaller than 10, or a smaller initialisation
}

// Where a thousand initialisations end, on as many cores as there are.
func ExampleEach() {
	x, probes := corners()
	net := train.DeepLinear(2, 2, 2)
	last := make([]float64, 1000)
	err := train.Each(context.Background(), len(last), func(i int) error {
		w0, err := net.Init(uint64(i))
		if err != nil {
			return err
		}
		run, err := train.Training{
			Net: net, W0: w0, X: x, Optimizer: train.SGD(.1), Updates: 300,
			Record: train.Record{Probes: probes, Every: 300},
		}.Run(context.Background())
		if err != nil {
			return err
		}
		last[i] = run.TestLoss().Last()
		return nil
	})
	learned := 0
	for _, l := range last {
		if l < 1e-6 {
			learned++
		}
	}
	fmt.Println(learned, err)
	// Output:
	// 1000 <nil>
}

func ExampleAll() {
	x, probes := corners()
	var ts []train.Training
	for _, lr := range []float64{.01, .1} {
		net := train.OneLayer(2)
		w0, _ := net.Init(1)
		ts = append(ts, train.Training{Net: net, W0: w0, X: x, Optimizer: train.SGD(lr), Updates: 50,
			Record: train.Record{Probes: probes}})
	}
	runs, _ := train.All(context.Background(), ts)
	for i, r := range runs {
		fmt.Printf("η = %g: %.4f\n", ts[i].Optimizer.LR, r.TestLoss().Last())
	}
	// Output:
	// η = 0.01: 0.4345
	// η = 0.1: 0.0012
}

// Figure 2c, low dimension, as it was published.
func ExampleReleased() {
	command, _ := sim.Released(29)
	training, err := train.Released(command)
	if err != nil {
		panic(err)
	}
	run, err := training.Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(run.Net(), run.PerEpoch())
	for _, e := range run.TestLoss().Extrema() {
		fmt.Printf("%v %.3f after %g updates\n", e.Kind, e.Value, e.T)
	}
	// Output:
	// 2→4→4→4→2, linear, biases 118
	// minimum 1.857 after 118 updates
	// maximum 2.032 after 236 updates
}
