package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"swingby/simlib/internal/kernel"
)

// near fails unless got and want agree to tol, relatively where they are large.
func near[T kernel.Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tol*(1+math.Abs(v))) {
			t.Fatalf("%s[%d] is %v, want %v", what, i, got[i], v)
		}
	}
}

// tolerance of golden numbers.
func tolerance[T kernel.Float]() float64 {
	if kernel.Tile[T]() == 16 {
		return 1e-5
	}
	return 1e-10
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func convert[T kernel.Float](x []float64) []T {
	r := make([]T, len(x))
	for i, v := range x {
		r[i] = T(v)
	}
	return r
}

func goldenAdamW[T kernel.Float](t *testing.T) {
	var g struct {
		LR                float64 `json:"lr"`
		WeightDecay       float64 `json:"weight_decay"`
		Beta1, Beta2, Eps float64
		P0                []float64
		Grads             [][]float64
		P                 [][]float64
	}
	read(t, "adamw.json", &g)
	a := AdamW[T]{LR: g.LR, Beta1: g.Beta1, Beta2: g.Beta2, Eps: g.Eps, WeightDecay: g.WeightDecay}
	if b := NewAdamW[T](g.LR); b.Beta1 != a.Beta1 || b.Beta2 != a.Beta2 || b.Eps != a.Eps || b.WeightDecay != a.WeightDecay {
		t.Errorf("usual constants are %+v", b)
	}
	w := convert[T](g.P0)
	for i, grad := range g.Grads {
		a.Step(w, convert[T](grad))
		near(t, "weight", w, g.P[i], tolerance[T]())
	}
}

func TestGoldenAdamW(t *testing.T) {
	t.Run("float32", goldenAdamW[float32])
	t.Run("float64", goldenAdamW[float64])
}
