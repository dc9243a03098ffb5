package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/train"
)

func golden(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// Every parameter of every command must be the released one.
func TestCommandsAreTheReleasedOnes(t *testing.T) {
	var want map[int]struct {
		Mu                []float64
		Variance          any
		Layers, D, Hidden int
		ReLU, Rotate      bool
		LR                float64
		Samples           int `json:"samples_per_cluster"`
		Batch, Epochs     int
		Seed              uint32
		Task, Figure      string
	}
	golden(t, "commands.json", &want)
	if len(want) != 29 || len(sim.Commands()) != 29 {
		t.Fatalf("%d golden commands and %d, want 29", len(want), len(sim.Commands()))
	}
	for i, got := range sim.Commands() {
		w := want[i+1]
		c := sim.Command{
			ID: i + 1, Figure: w.Figure, Mu: w.Mu, Origin: w.Task == "axes with origin cluster", Samples: w.Samples,
			D: w.D, Hidden: w.Hidden, Layers: w.Layers, ReLU: w.ReLU, Rotate: w.Rotate,
			LearningRate: w.LR, Batch: w.Batch, Epochs: w.Epochs, Seed: w.Seed,
		}
		switch v := w.Variance.(type) {
		case float64: // one for all concepts
			for range w.Mu {
				c.Variance = append(c.Variance, v)
			}
		case []any:
			for _, x := range v {
				c.Variance = append(c.Variance, x.(float64))
			}
		}
		if !reflect.DeepEqual(got, c) {
			t.Errorf("command %d:\n%+v\nwant\n%+v", i+1, got, c)
		}
		if one, err := sim.Released(i + 1); err != nil || !reflect.DeepEqual(one, got) {
			t.Errorf("Released(%d) is %+v, %v", i+1, one, err)
		}
	}
}

// From the seed alone, a float32 run must follow the published trajectory at every checkpoint.
func TestSeedGivesThePublishedTrajectory(t *testing.T) {
	var want map[int][][]float64
	golden(t, "trajectories.json", &want)
	if len(want) != 5 {
		t.Fatalf("%d golden trajectories, want 5", len(want))
	}
	for id, trajectory := range want {
		t.Run(fmt.Sprint(id), func(t *testing.T) {
			c, err := sim.Released(id)
			if err != nil {
				t.Fatal(err)
			}
			draw, err := c.Draw()
			if err != nil {
				t.Fatal(err)
			}
			w0 := &train.Weights{}
			for _, l := range draw.Layers {
				w0.W, w0.B = append(w0.W, l.W), append(w0.B, l.B)
			}
			probe, err := draw.Data.Rotate(mat.NewDense(1, c.D, draw.Task.Target()))
			if err != nil {
				t.Fatal(err)
			}
			run, err := train.Training{
				Net: train.Net{D: c.D, Layers: c.Layers, Width: c.Hidden, Bias: true}, W0: w0,
				X: draw.Data.Inputs(), Optimizer: train.SGD(c.LearningRate), Batch: c.Batch, Epochs: c.Epochs,
				Precision: train.Float32, Record: train.Record{Epochs: 1, Probes: []sim.Centroid{{X: probe.RawRowView(0)}}},
			}.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got := run.Trajectory(0).X
			if len(got) != len(trajectory) {
				t.Fatalf("%d checkpoints, want %d", len(got), len(trajectory))
			}
			worst := 0.0
			for i, p := range got {
				y, err := draw.Data.Back(mat.NewDense(1, c.D, p))
				if err != nil {
					t.Fatal(err)
				}
				for k, v := range trajectory[i] {
					worst = max(worst, math.Abs(y.At(0, k)-v))
				}
			}
			t.Logf("within %.1e", worst)
			if !(worst <= 2e-4) {
				t.Errorf("the trajectory is off by %g, want at most 2e-4", worst)
			}
		})
	}
}
