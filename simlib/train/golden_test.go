package train_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/train"
)

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// gunzip returns the contents of a compressed file.
func gunzip(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	text, err = io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// worst returns the largest difference of two lists.
func worst(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	w := 0.0
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= w) {
			w = d
		}
	}
	return w
}

type goldenMLP struct {
	Layers, D, H, Batch, Epochs int
	ReLU                        bool
	LR                          float64
	X                           [][]float64
	Probe                       []float64
	Weights                     [][][]float64
	Biases                      [][]float64
	ProbeOutput                 [][]float64   `json:"probe_output"`
	BatchLoss                   []float64     `json:"batch_loss"`
	FinalWeights                [][][]float64 `json:"final_weights"`
	FinalBiases                 [][]float64   `json:"final_biases"`
}

func (g goldenMLP) training() train.Training {
	net := train.MLP(g.D, g.H, g.Layers)
	if !g.ReLU {
		net.Activation = train.Activation{}
	}
	w := &train.Weights{B: g.Biases}
	for _, m := range g.Weights {
		w.W = append(w.W, dense(m))
	}
	return train.Training{
		Net: net, W0: w, X: dense(g.X), Optimizer: train.SGD(g.LR), Batch: g.Batch, Epochs: g.Epochs,
		Record: train.Record{Probes: []sim.Centroid{{Label: "x̂", X: g.Probe}}, BatchLoss: true},
	}
}

func TestSGDMatchesGolden(t *testing.T) {
	var all []goldenMLP
	readJSON(t, "sgd_mlp.json", &all)
	if len(all) != 7 {
		t.Fatalf("%d golden trainings, want 7", len(all))
	}
	const tol = 1e-10
	for _, g := range all {
		for _, every := range []bool{false, true} {
			tr := g.training()
			tr.EverySample = every
			run, err := tr.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%v, every sample %v", tr.Net, every)
			out := run.Trajectory(0).X
			if len(out) != len(g.ProbeOutput) {
				t.Fatalf("%s: %d checkpoints, want %d", name, len(out), len(g.ProbeOutput))
			}
			for k := range out {
				if w := worst(out[k], g.ProbeOutput[k]); w > tol {
					t.Errorf("%s: checkpoint %d is off by %g", name, k, w)
				}
			}
			if w := worst(run.BatchLoss().Y, g.BatchLoss); w > tol {
				t.Errorf("%s: batch losses are off by %g", name, w)
			}
			for l, m := range run.Final().W {
				var d mat.Dense
				d.Sub(m, dense(g.FinalWeights[l]))
				if w := mat.Norm(&d, math.Inf(1)); w > tol {
					t.Errorf("%s: the last weights of layer %d are off by %g", name, l+1, w)
				}
				if w := worst(run.Final().B[l], g.FinalBiases[l]); w > tol {
					t.Errorf("%s: the last bias of layer %d is off by %g", name, l+1, w)
				}
			}
		}
	}
}

type released struct {
	Config struct {
		Mu                          []float64
		Layers, D, H, Epochs, Batch int
		ReLU                        bool
		LR                          float64
		Samples                     int `json:"samples_per_cluster"`
	}
	U          [][]float64
	Init       [][2]json.RawMessage
	Trajectory [][]float64
	ProbeLoss  []float64 `json:"probe_loss"`
}

// releasedRun reads a released command, its data rotated into place.
func releasedRun(t testing.TB, id int) (released, train.Training) {
	t.Helper()
	var r released
	if err := json.Unmarshal(gunzip(t, fmt.Sprintf("run-%d.json.gz", id)), &r); err != nil {
		t.Fatal(err)
	}
	raw := gunzip(t, fmt.Sprintf("run-%d.X.f32.gz", id))
	z := make([]float64, len(raw)/4)
	for i := range z {
		z[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	u := dense(r.U)
	var x, probe mat.Dense
	x.Mul(mat.NewDense(len(z)/2, 2, z), u)
	probe.Mul(mat.NewDense(1, 2, r.Config.Mu), u)
	c := r.Config
	net := train.Net{D: c.D, Width: c.H, Layers: c.Layers, Bias: true}
	if c.ReLU {
		net.Activation = train.ReLU
	}
	w := &train.Weights{}
	for _, l := range r.Init {
		var m [][]float64
		var b []float64
		if err := json.Unmarshal(l[0], &m); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(l[1], &b); err != nil {
			t.Fatal(err)
		}
		w.W, w.B = append(w.W, dense(m)), append(w.B, b)
	}
	return r, train.Training{
		Net: net, W0: w, X: &x, Optimizer: train.SGD(c.LR), Batch: c.Batch, Epochs: c.Epochs, Precision: train.Float32,
		Record: train.Record{Probes: []sim.Centroid{{Label: "x̂", X: probe.RawRowView(0)}}},
	}
}

// From their data and initialisation the released runs follow every point of the published trajectory.
func TestReleasedRuns(t *testing.T) {
	for _, id := range []int{2, 19, 26, 27, 29} {
		r, tr := releasedRun(t, id)
		run, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		out := run.Trajectory(0)
		if len(out.X) != len(r.Trajectory) || len(out.X) != 41 {
			t.Fatalf("run %d: %d checkpoints, want %d", id, len(out.X), len(r.Trajectory))
		}
		most := 0.0
		for k, y := range out.X {
			for p, u := range r.U {
				c := 0.0
				for j := range u {
					c += y[j] * u[j]
				}
				most = max(most, math.Abs(c-r.Trajectory[k][p]))
			}
		}
		if !(most <= 2e-4) {
			t.Errorf("run %d: the trajectory is off by %g", id, most)
		}
		if w := worst(run.TestLoss().Y, r.ProbeLoss); !(w <= 1e-3) {
			t.Errorf("run %d: the probe's loss is off by %g", id, w)
		}
		t.Logf("run %d: %g", id, most)
	}
}

// From the seed alone, data, rotation and initialisation drawn here, they do so too.
func TestReleasedRunsFromSeed(t *testing.T) {
	for _, id := range []int{2, 19, 26, 27, 29} {
		command, err := sim.Released(id)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.Released(command)
		if err != nil {
			t.Fatal(err)
		}
		run, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var want released
		if err := json.Unmarshal(gunzip(t, fmt.Sprintf("run-%d.json.gz", id)), &want); err != nil {
			t.Fatal(err)
		}
		out, most := run.Trajectory(0).X, 0.0
		if len(out) != 41 {
			t.Fatalf("run %d: %d checkpoints, want 41", id, len(out))
		}
		for k, y := range out {
			most = max(most, worst(y[:2], want.Trajectory[k]))
		}
		if !(most <= 2e-4) {
			t.Errorf("run %d: the trajectory is off by %g", id, most)
		}
		t.Logf("run %d: %g", id, most)
	}
}

// Training under a rotation is training on rotated data, looked at from the concepts' side.
func TestRotation(t *testing.T) {
	command, err := sim.Released(29)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.Released(command)
	if err != nil {
		t.Fatal(err)
	}
	tr.Epochs, tr.Precision, tr.Record.Jacobian = 2, train.Float64, true
	got, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var x, p, back, j mat.Dense
	x.Mul(tr.X, tr.U)
	p.Mul(mat.NewDense(1, 2, tr.Record.Probes[0].X), tr.U)
	u := tr.U
	tr.X, tr.U, tr.Record.Probes = &x, nil, []sim.Centroid{{X: p.RawRowView(0)}}
	want, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, y := range want.Trajectory(0).X {
		back.Mul(mat.NewDense(1, 2, y), u.T())
		if w := worst(got.Trajectory(0).X[k], back.RawRowView(0)); w > 1e-12 {
			t.Errorf("checkpoint %d is off by %g", k, w)
		}
		raw, err := want.Jacobian(k)
		if err != nil {
			t.Fatal(err)
		}
		j.Product(u, raw, u.T())
		if g, err := got.Jacobian(k); err != nil || !mat.EqualApprox(g, &j, 1e-12) {
			t.Errorf("the Jacobian at checkpoint %d is %v, %v", k, g, err)
		}
	}
}
