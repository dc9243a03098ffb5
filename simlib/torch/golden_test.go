package torch_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"swingby/simlib/torch"
)

// Every draw of testdata, in order, from one generator for each seed: float32 to the last bit.
func TestDrawsMatchPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/draws.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Streams []struct {
			Seed  uint64
			Draws []struct {
				Op   string
				N    []int
				Want []float64
			}
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Streams) < 5 {
		t.Fatalf("%d streams, want 5", len(golden.Streams))
	}
	single := func(x []float32) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = float64(v)
		}
		return y
	}
	for _, s := range golden.Streams {
		g := torch.NewGenerator(s.Seed)
		for k, d := range s.Draws {
			n, tol := d.N[0], 0.0
			var got []float64
			switch d.Op {
			case "rand":
				got = single(g.Rand(make([]float32, n)))
			case "randn":
				got = single(g.Randn(make([]float32, n)))
			case "uniform":
				got = single(g.Uniform(make([]float32, n), -0.125, 0.75))
			case "rand64":
				for range n {
					got = append(got, g.Float64())
				}
			case "randn64":
				got, tol = g.Randn64(make([]float64, n)), 1e-15
			case "randperm":
				for _, i := range g.Perm(n) {
					got = append(got, float64(i))
				}
			case "linear":
				l, err := g.Linear(n, d.N[1], len(d.N) == 2)
				if err != nil {
					t.Fatal(err)
				}
				got = append(append(got, l.W.RawMatrix().Data...), l.B...)
			default:
				t.Fatalf("unknown draw %q", d.Op)
			}
			if len(got) != len(d.Want) {
				t.Fatalf("seed %d, draw %d, %s%v: %d numbers, want %d", s.Seed, k, d.Op, d.N, len(got), len(d.Want))
			}
			for i, want := range d.Want {
				if !(math.Abs(got[i]-want) <= tol*max(1, math.Abs(want))) {
					t.Errorf("seed %d, draw %d, %s%v, number %d: %v, want %v", s.Seed, k, d.Op, d.N, i, got[i], want)
					break
				}
			}
		}
	}
}
