package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/train"
)

func small(t testing.TB) train.Training {
	n := train.MLP(3, 5, 2)
	return train.Training{Net: n, W0: weights(t, n, 1), X: normal(2, 20, 3), Optimizer: train.SGD(.1), Batch: 8, Epochs: 4,
		Record: train.Record{Probes: []sim.Centroid{{Label: "x̂", X: []float64{1, 1, 1}}}}}
}

func TestRecordTimes(t *testing.T) {
	for _, tt := range []struct {
		record train.Record
		want   string
	}{
		{train.Record{}, "[0 3 6 9 12]"},
		{train.Record{Epochs: 2}, "[0 6 12]"},
		{train.Record{Epochs: 3}, "[0 9 12]"},
		{train.Record{Epochs: 1 << 62}, "[0 12]"},
		{train.Record{Every: 5}, "[0 5 10 12]"},
		{train.Record{PerDecade: 2}, "[0 1 3 10 12]"},
		{train.Record{At: []int{7, 0, 7}, Every: 6}, "[0 6 7 12]"},
	} {
		tr := small(t)
		tr.Record = tt.record
		run, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(run.Times()); got != tt.want {
			t.Errorf("%+v records at %s, want %s", tt.record, got, tt.want)
		}
		if run.PerEpoch() != 3 {
			t.Errorf("%d updates in an epoch, want 3", run.PerEpoch())
		}
	}
}

// What is recorded are the network's outputs, losses and weights at that time.
func TestRecordContents(t *testing.T) {
	tr := small(t)
	tr.Record.Loss, tr.Record.Jacobian, tr.Record.Weights = true, true, true
	var seen []int
	tr.Record.Measure = func(update int, w *train.Weights) []float64 {
		seen = append(seen, update)
		return []float64{w.W[0].At(0, 0)}
	}
	run, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(seen) != "[0 3 6 9 12]" {
		t.Errorf("measured at %v", seen)
	}
	p := tr.Record.Probes[0].X
	for k := range run.Times() {
		w, err := run.Weights(k)
		if err != nil {
			t.Fatal(err)
		}
		y, err := tr.Net.Forward(w, mat.NewDense(1, 3, p))
		if err != nil {
			t.Fatal(err)
		}
		if d := worst(run.Trajectory(0).X[k], y.RawRowView(0)); d > 1e-14 {
			t.Errorf("record %d: the output is off by %g", k, d)
		}
		loss, err := tr.Net.Loss(w, tr.X, nil, tr.Loss)
		if err != nil {
			t.Fatal(err)
		}
		if d := math.Abs(run.TrainLoss().Y[k] - loss); d > 1e-14 {
			t.Errorf("record %d: the loss is off by %g", k, d)
		}
		j, err := tr.Net.Jacobian(w, p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := run.Jacobian(k); err != nil || !mat.Equal(got, j) {
			t.Errorf("record %d: the Jacobian is %v, %v", k, got, err)
		}
		if run.Measures()[k][0] != w.W[0].At(0, 0) {
			t.Errorf("record %d: measured %v", k, run.Measures()[k])
		}
	}
	if d := apart(run.Final(), tr.W0); d == 0 || d > 10 {
		t.Errorf("training changes the weights by %g", d)
	}
	if _, err := run.Weights(5); err == nil || !strings.Contains(err.Error(), "0 to 4") {
		t.Errorf("record 5 of 5 gives the error %v", err)
	}
}

// Shuffling each epoch takes every sample once an epoch, and differs between epochs and seeds.
func TestShuffle(t *testing.T) {
	// One layer, one sample an update, a learning rate so small that an update tells its sample.
	n := train.OneLayer(1)
	x := mat.NewDense(5, 1, []float64{1, 2, 3, 4, 5})
	order := func(s train.Shuffle, seed uint64) []int {
		tr := train.Training{Net: n, W0: &train.Weights{W: []*mat.Dense{mat.NewDense(1, 1, nil)}}, X: x, Optimizer: train.SGD(1e-9),
			Batch: 1, Epochs: 3, Shuffle: s, Seed: seed, Record: train.Record{BatchLoss: true}}
		run, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var o []int
		for _, l := range run.BatchLoss().Y {
			o = append(o, int(math.Round(math.Sqrt(l))))
		}
		return o
	}
	if got := fmt.Sprint(order(train.InOrder, 1)); got != "[1 2 3 4 5 1 2 3 4 5 1 2 3 4 5]" {
		t.Errorf("in order: %s", got)
	}
	once := order(train.Once, 1)
	if fmt.Sprint(once[:5]) != fmt.Sprint(once[5:10]) || fmt.Sprint(once) == fmt.Sprint(order(train.Once, 2)) {
		t.Errorf("once: %v", once)
	}
	each := order(train.EachEpoch, 1)
	for e := 0; e < 15; e += 5 {
		sum := 0
		for _, s := range each[e : e+5] {
			sum += 1 << s
		}
		if sum != 62 {
			t.Errorf("epoch %d takes %v", e/5, each[e:e+5])
		}
	}
	if fmt.Sprint(each[:5]) == fmt.Sprint(each[5:10]) || fmt.Sprint(each) != fmt.Sprint(order(train.EachEpoch, 1)) {
		t.Errorf("each epoch: %v", each)
	}
}

func TestCancel(t *testing.T) {
	for _, at := range []int{0, 1, 7} {
		ctx, cancel := context.WithCancel(context.Background())
		tr := small(t)
		tr.Record.Every = 1
		tr.Record.Measure = func(update int, w *train.Weights) []float64 {
			if update == at {
				cancel()
			}
			return nil
		}
		run, err := tr.Run(ctx)
		if !errors.Is(err, context.Canceled) || run == nil || len(run.Times()) != at+1 {
			t.Errorf("cancelled at update %d: %v, %v", at, run, err)
		}
		flow := train.Flow{Net: tr.Net, W0: tr.W0, X: tr.X, Times: []float64{1}}
		if run, err := flow.Run(ctx); !errors.Is(err, context.Canceled) || len(run.Times()) != 1 {
			t.Errorf("flow: %v, %v", run, err)
		}
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	run, err := small(t).Run(ctx)
	if !errors.Is(err, context.Canceled) || run.String() != "3→5→3, ReLU, biases: no records" || apart(run.Final(), small(t).W0) != 0 {
		t.Errorf("%v, %v", run, err)
	}
}

func TestProgress(t *testing.T) {
	tr := small(t)
	var last train.Progress
	tr.Progress = func(p train.Progress) { last = p }
	if _, err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if last.Done != 12 || last.Total != 12 || !(last.Loss > 0) {
		t.Errorf("progress ends with %+v", last)
	}
	flow := train.Flow{Net: tr.Net, W0: tr.W0, X: tr.X, Times: []float64{1, 2}, Progress: tr.Progress}
	if _, err := flow.Run(context.Background()); err != nil || last.Done != 2 || last.Total != 2 {
		t.Errorf("the flow's progress ends with %+v, %v", last, err)
	}
}

func TestDivergence(t *testing.T) {
	for _, p := range []train.Precision{train.Float64, train.Float32} {
		tr := small(t)
		tr.Precision, tr.Optimizer, tr.Epochs = p, train.SGD(1000), 1000
		tr.Record.Every = 1
		run, err := tr.Run(context.Background())
		var d *train.DivergedError
		if !errors.As(err, &d) {
			t.Fatalf("%v: a rate of 1000 gives %v", p, err)
		}
		// Records are made before the step that diverged and at its beginning.
		if n := len(run.Times()); n != d.Step+1 || d.What == "" || d.LR != 1000 {
			t.Errorf("%v: %+v after %d records", p, d, n)
		}
		for _, y := range run.Trajectory(0).X {
			for _, v := range y {
				if math.IsNaN(v) {
					t.Errorf("%v: a recorded output is no number", p)
				}
			}
		}
	}
}

// A flow cannot start from where no slope is finite; and it numbers its records.
func TestFlowDivergence(t *testing.T) {
	tr := small(t)
	var seen []int
	f := train.Flow{Net: tr.Net, W0: tr.W0, X: tr.X, Times: []float64{.5, 1}, Record: train.Record{
		Measure: func(record int, w *train.Weights) []float64 { seen = append(seen, record); return nil }}}
	if _, err := f.Run(context.Background()); err != nil || fmt.Sprint(seen) != "[0 1 2]" {
		t.Errorf("measured at records %v, %v", seen, err)
	}
	f.X = mat.DenseCopyOf(tr.X)
	f.X.Scale(1e200, f.X)
	var d *train.DivergedError
	run, err := f.Run(context.Background())
	if !errors.As(err, &d) || len(run.Times()) != 1 || !strings.Contains(err.Error(), "want smaller data") {
		t.Errorf("data of 1e200 gives %v, %v", run, err)
	}
}

// The rate that is warned of is where one layer begins to diverge.
func TestWarnings(t *testing.T) {
	n := train.OneLayer(2)
	x := mat.NewDense(2, 2, []float64{2, 0, 0, 1}) // XᵀX/2 = diag(2, ½)
	for _, tt := range []struct {
		loss  train.Loss
		o     train.Optimizer
		warns bool
	}{
		{train.HalfSquare, train.SGD(.99), false},
		{train.HalfSquare, train.SGD(1.01), true},
		{train.MeanSquare, train.SGD(1.01), true}, // 2/d = 1
		{train.HalfSquare, train.Momentum(1.4, .5), false},
		{train.HalfSquare, train.Momentum(1.6, .5), true},
		{train.HalfSquare, train.Adam(10), false},
	} {
		tr := train.Training{Net: n, W0: weights(t, n, 1), X: x, Loss: tt.loss, Optimizer: tt.o, Updates: 4000, Record: train.Record{Loss: true}}
		warnings := tr.Warnings()
		if len(warnings) > 0 != tt.warns {
			t.Errorf("%v: warnings %q", tt.o, warnings)
		}
		if tt.o.Rule != train.RuleSGD {
			continue
		}
		run, err := tr.Run(context.Background())
		settles := err == nil && run.TrainLoss().Last() < 1e-20
		if settles == tt.warns {
			t.Errorf("%v, %v: settles %v, warns %v", tt.o, tt.loss, settles, tt.warns)
		}
		if fmt.Sprint(run.Warnings()) != fmt.Sprint(warnings) {
			t.Errorf("the run's warnings are %q", run.Warnings())
		}
	}
}

// Above the bound for deep and tied networks no training settles, from wherever it starts.
func TestDeepWarnings(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{2, 0, 0, 1})
	for _, n := range []train.Net{train.DeepLinear(2, 2, 2), train.DeepLinear(2, 3, 3), train.Symmetric(2, 2)} {
		bound := 2. / (2 * float64(n.Layers))
		if n.Tied {
			bound = 2. / (2 * 4)
		}
		tr := train.Training{Net: n, X: x, Loss: train.HalfSquare, Updates: 20000, Record: train.Record{Loss: true}}
		for seed := range uint64(10) {
			tr.W0 = weights(t, n, seed)
			tr.Optimizer = train.SGD(1.05 * bound)
			if w := tr.Warnings(); len(w) != 1 {
				t.Fatalf("%v at 1.05 of the bound: warnings %q", n, w)
			}
			if run, err := tr.Run(context.Background()); err == nil && run.TrainLoss().Last() < 1e-12 {
				t.Errorf("%v, seed %d: settles above the bound", n, seed)
			}
			tr.Optimizer = train.SGD(.95 * bound)
			if w := tr.Warnings(); len(w) != 0 {
				t.Fatalf("%v at .95 of the bound: warnings %q", n, w)
			}
		}
	}
}

// Many trainings give the same on any number of cores.
func TestAllIsDeterministic(t *testing.T) {
	var ts []train.Training
	for seed := range uint64(9) {
		tr := small(t)
		tr.W0, tr.Seed, tr.Shuffle = weights(t, tr.Net, seed), seed, train.EachEpoch
		ts = append(ts, tr)
	}
	var first []*train.Run
	for _, cores := range []int{1, 2, 5} {
		was := runtime.GOMAXPROCS(cores)
		runs, err := train.All(context.Background(), ts)
		runtime.GOMAXPROCS(was)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = runs
		}
		for i := range runs {
			if d := apart(runs[i].Final(), first[i].Final()); d != 0 {
				t.Errorf("%d cores: run %d differs by %g", cores, i, d)
			}
		}
	}
	ts[4].Optimizer.LR = -1
	if runs, err := train.All(context.Background(), ts); runs != nil || err == nil || !strings.Contains(err.Error(), "training 4") {
		t.Errorf("a bad training gives %v, %v", runs, err)
	}
}

func TestEach(t *testing.T) {
	ctx := context.Background()
	var calls atomic.Int32
	if err := train.Each(ctx, 100, func(i int) error { calls.Add(1); return nil }); err != nil || calls.Load() != 100 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
	bad := errors.New("bad")
	if err := train.Each(ctx, 10, func(i int) error {
		if i == 3 {
			return bad
		}
		return nil
	}); err != bad {
		t.Errorf("the error is %v", err)
	}
	if err := train.Each(ctx, 3, func(i int) error { panic("boom") }); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("a panic gives %v", err)
	}
	if err := train.Each(ctx, 3, nil); err == nil {
		t.Error("no function is accepted")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := train.Each(cancelled, 3, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// The Jacobian of a linear network is its matrix, so that its entries are those of the theory.
func TestEntries(t *testing.T) {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := train.Population(task)
	if err != nil {
		t.Fatal(err)
	}
	w0 := mat.NewDense(2, 2, []float64{.1, -.2, .3, .2})
	tr := train.Training{
		Net: train.OneLayer(2), W0: &train.Weights{W: []*mat.Dense{w0}}, X: x, Loss: train.HalfSquare,
		Optimizer: train.SGD(.01), Updates: 50, Record: train.Record{Probes: task.Probes(), Every: 10},
	}
	run, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Entries(); err == nil {
		t.Error("entries without Jacobians give no error")
	}
	tr.Record.Jacobian = true
	if run, err = tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	entries, err := run.Entries()
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries (%v); want 4", len(entries), err)
	}
	exact, err := theory.OneLayer{Task: task, W0: w0, Eta: .01, Steps: 50}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range []string{"w₁₁", "w₁₂", "w₂₁", "w₂₂"} {
		want, err := exact.Entry(k/2+1, k%2+1)
		if err != nil {
			t.Fatal(err)
		}
		c := entries[k]
		if c.Name != name || len(c.T) != 6 || math.Abs(c.At(30)-want.At(30)) > 1e-12 {
			t.Errorf("entry %d: %v, %.6f after 30 updates; want %s, %.6f", k, c, c.At(30), name, want.At(30))
		}
	}
}
