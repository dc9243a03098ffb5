package diffusion_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/diffusion"
)

// Everything that is wrong is told by its name, its value and what would be right.
func TestBadInput(t *testing.T) {
	discs := func(change func(*diffusion.Discs)) func() error {
		return func() error {
			d := diffusion.Discs{Signal: .5}
			change(&d)
			_, err := d.Draw()
			return err
		}
	}
	model := func(m diffusion.Model) func() error { return m.Check }
	good := diffusion.Training{
		Model: diffusion.Model{Net: diffusion.MLP(2, 8, 1), Conditioning: diffusion.Vectors(3)},
		Data:  diffusion.Data{X: make([]float32, 8), Conditions: make([]diffusion.Condition, 4)},
		Batch: 2, Steps: 1,
	}
	training := func(change func(*diffusion.Training)) func() error {
		return func() error {
			tr := good
			change(&tr)
			_, err := tr.Run(context.Background())
			return err
		}
	}
	run, err := good.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sampling := func(s diffusion.Sampling) func() error {
		return func() error {
			_, err := run.Generator.Sample(context.Background(), s)
			return err
		}
	}
	experiment := func(change func(*diffusion.Experiment)) func() error {
		return func() error {
			e := diffusion.Laptop()
			change(&e)
			return e.Check()
		}
	}
	for _, c := range []struct {
		do   func() error
		want string
	}{
		{discs(func(d *diffusion.Discs) { d.Signal = 0 }), "diffusion: Discs.Signal is 0; want a colour signal above 0, at most .8"},
		{discs(func(d *diffusion.Discs) { d.Signal = math.NaN() }), "diffusion: Discs.Signal is NaN; want a colour signal above 0, at most .8"},
		{discs(func(d *diffusion.Discs) { d.Size = 3 }), "diffusion: Discs.Size is 3; want 4 to 256 pixels, or 0 for 32"},
		{discs(func(d *diffusion.Discs) { d.Big = -1 }), "diffusion: Discs.Big is -1; want a radius up to 2"},
		{discs(func(d *diffusion.Discs) { d.PerClass = -2 }), "diffusion: Discs.PerClass is -2; want 1 to 10922, or 0 for 2048"},
		{discs(func(d *diffusion.Discs) { d.Pad = 2 }), "diffusion: Discs.Pad is 2; want 4 to 1024, or 0 for 4"},
		{discs(func(d *diffusion.Discs) { d.HeldOut = []diffusion.Class{{Triangle: true}} }), "diffusion: Discs.HeldOut[0] is big red triangle; want no triangle without Shapes"},
		{discs(func(d *diffusion.Discs) { d.HeldOut = d.Classes() }), "diffusion: len(Discs.HeldOut) is 4; want fewer: a class at least to train on"},

		{model(diffusion.Model{Net: diffusion.UNet(18, 16, 32, 64)}), "diffusion: Net.Size is 18; want a multiple of 4, for 3 levels"},
		{model(diffusion.Model{Net: diffusion.UNet(16, 12)}), "diffusion: Net.Widths[0] is 12; want a multiple of Groups, 8"},
		{model(diffusion.Model{Net: diffusion.UNet(16)}), "diffusion: len(Net.Widths) is 0; want 1 to 16"},
		{model(diffusion.Model{}), `diffusion: Net.Kind is ""; want "unet" or "mlp", as UNet and MLP make them`},
		{model(diffusion.Model{Net: diffusion.Net{Kind: "unet", Size: 8, Widths: []int{8, 16}, Heads: 3}}), "diffusion: Net.Heads is 3; want a divisor of the last width, 16, or 0 for no attention"},
		{model(diffusion.Model{Net: diffusion.Net{Kind: "unet", Size: 8, Widths: []int{8}, Time: 7}}), "diffusion: Net.Time is 7; want an even number from 2 to 4096, or 0 for 64"},
		{model(diffusion.Model{Net: diffusion.Net{Kind: "unet", Size: 8, Widths: []int{8}, Dropout: 1}}), "diffusion: Net.Dropout is 1; want a probability from 0 to below 1"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Schedule: diffusion.Schedule{Kind: "exotic"}}), `diffusion: Model.Schedule.Kind is "exotic"; want "learned", "linear" or "cosine"`},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Schedule: diffusion.Schedule{Min: 5, Max: -5}}), "diffusion: Model.Schedule.Min is 5 with Max -5; want −30 to 30, Min below Max"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Conditioning: diffusion.Text(4, "blue", "Red")}), `diffusion: Model.Conditioning.Words[1] is "Red"; want a word in lower case, without spaces, once`},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Conditioning: diffusion.Vectors(0)}), "diffusion: Model.Conditioning.Len is 0; want 1 to 4096"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Preconditioning: diffusion.Preconditioning{Std: -1}}), "diffusion: Model.Preconditioning.Std is -1; want above 0, at most 1e6, or 0 for no preconditioning"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Preconditioning: diffusion.Preconditioning{Within: 1}}), "diffusion: Model.Preconditioning.Std is 0; want above 0 with a Mean or Within"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Preconditioning: diffusion.Preconditioning{Std: 1, Within: 1}}), "diffusion: Model.Preconditioning.Within is 1; want 0 to below Std, 1"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Preconditioning: diffusion.Preconditioning{Std: 1, Mean: []float64{1}}}), "diffusion: len(Model.Preconditioning.Mean) is 1; want 2, the numbers of a sample, or nil"},
		{model(diffusion.Model{Net: diffusion.MLP(2, 8, 2), Preconditioning: diffusion.Preconditioning{Std: 1, Mean: []float64{1, math.NaN()}}}), "diffusion: Model.Preconditioning.Mean[1] is NaN; want a finite number"},
		{model(diffusion.Model{Net: diffusion.Net{Kind: "mlp", Size: 2, Widths: []int{8}, TimeScale: -1}}), "diffusion: Net.TimeScale is -1; want above 0, at most 1e6, or 0"},

		{training(func(tr *diffusion.Training) { tr.Antithetic = true }), "diffusion: Training.Batch is 2; want a multiple of 4, twice the Lanes, with Antithetic"},
		{training(func(tr *diffusion.Training) { tr.Weighting = "even" }), `diffusion: Training.Weighting is "even"; want "" or "balanced"`},
		{training(func(tr *diffusion.Training) { tr.Weighting = "balanced" }), `diffusion: Training.Weighting is "balanced"; want "" for a model without Preconditioning or with a learned schedule`},
		{training(func(tr *diffusion.Training) { tr.Data.X = make([]float32, 7) }), "diffusion: len(Training.Data.X) is 7; want a multiple of 2, the numbers of a sample of the model"},
		{training(func(tr *diffusion.Training) { tr.Data.Conditions = nil }), "diffusion: len(Training.Data.Conditions) is 0; want 4, the number of samples"},
		{training(func(tr *diffusion.Training) {
			tr.Data.Conditions = []diffusion.Condition{{}, {Vector: []float64{1, 2}}, {}, {}}
		}), "diffusion: the vector of condition 1 has 2 numbers; want 3, as the model's Conditioning says"},
		{training(func(tr *diffusion.Training) {
			tr.Model.Conditioning = diffusion.Text(4)
			tr.Data.Conditions = []diffusion.Condition{{}, {}, diffusion.Prompt("huge red circle"), {}}
		}), `diffusion: the word "huge" of prompt "huge red circle" is unknown; want words of red, blue, big, small, circle, triangle`},
		{training(func(tr *diffusion.Training) { tr.Data.X = []float32{0, 0, 0, float32(math.Inf(1)), 0, 0, 0, 0} }), "diffusion: Training.Data.X[3] is +Inf; want a finite number"},
		{training(func(tr *diffusion.Training) { tr.Steps = 0 }), "diffusion: Training.Steps is 0; want 1 to 2147483648"},
		{training(func(tr *diffusion.Training) { tr.LR = -1 }), "diffusion: Training.LR is -1; want above 0, at most 1, or 0 for .001"},
		{training(func(tr *diffusion.Training) { tr.EMA = 1 }), "diffusion: Training.EMA is 1; want 0 to below 1"},
		{training(func(tr *diffusion.Training) { tr.Lanes = 3 }), "diffusion: Training.Lanes is 3; want 1 to 2, or 0"},
		{training(func(tr *diffusion.Training) { tr.At = []int{1} }), "diffusion: Training.Evaluate is nil; want a function, to call after the updates of At"},
		{training(func(tr *diffusion.Training) {
			tr.At = []int{2}
			tr.Evaluate = func(int, *diffusion.Generator) error { return nil }
		}), "diffusion: Training.At[0] is 2; want 0 to 1, the number of updates"},

		{sampling(diffusion.Sampling{N: -1}), "diffusion: Sampling.N is -1; want 1 or more, or 0 for 1"},
		{sampling(diffusion.Sampling{Low: 1}), "diffusion: Sampling.Low is 1 with High 0; want Low below High, or both 0 for no bounds"},
		{sampling(diffusion.Sampling{Method: 7}), "diffusion: Sampling.Method is 7; want diffusion.Ancestral or diffusion.Deterministic"},
		{sampling(diffusion.Sampling{Conditions: []diffusion.Condition{{Vector: []float64{1}}}}), "diffusion: the vector of condition 0 has 1 numbers; want 3, as the model's Conditioning says"},
		{func() error { _, err := run.Generator.Noise(mat.NewDense(1, 3, nil), .5); return err }, "diffusion: the columns of z is 3; want 2, the numbers of a sample"},
		{func() error { _, err := run.Generator.Noise(mat.NewDense(1, 2, nil), 2); return err }, "diffusion: t is 2; want a time from 0 to 1"},

		{experiment(func(e *diffusion.Experiment) { e.Signals = nil }), "diffusion: len(Experiment.Signals) is 0; want a colour signal at least"},
		{experiment(func(e *diffusion.Experiment) { e.Discs.Size = 12 }), "diffusion: Experiment.Model.Net.Size is 16; want 12, the size of the images"},
		{experiment(func(e *diffusion.Experiment) { e.Discs.HeldOut = []diffusion.Class{} }), "diffusion: len(Discs.HeldOut) is 0; want a class held out, to ask for"},
		{func() error {
			_, err := diffusion.JudgeTraining{Discs: diffusion.Discs{Signal: .5}, Test: -1}.Run(context.Background())
			return err
		}, "diffusion: JudgeTraining.Test is -1; want 1 to 65536, or 0 for 256"},
	} {
		if err := c.do(); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := diffusion.Open("nowhere"); err == nil || !strings.HasPrefix(err.Error(), "diffusion: open nowhere") {
		t.Errorf("a file that is not there gives %v", err)
	}
}
