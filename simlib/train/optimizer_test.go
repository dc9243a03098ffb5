package train

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

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

// follow applies an optimizer to given gradients and compares the parameters after each.
func follow(t *testing.T, o Optimizer, p0 []float64, grads, want [][]float64) {
	t.Helper()
	if err := o.check("train: o"); err != nil {
		t.Fatal(err)
	}
	p, grad := slices.Clone(p0), make([]float64, len(p0))
	u := newUpdater(o, [][]float64{p}, [][]float64{grad})
	if len(want) < 5 {
		t.Fatalf("%d updates, want at least 5", len(want))
	}
	for k := range want {
		copy(grad, grads[k])
		u.update()
		for i, w := range want[k] {
			if !(math.Abs(p[i]-w) <= 1e-14) {
				t.Errorf("%v: parameter %d after update %d is %.17g, want %.17g", o, i, k+1, p[i], w)
			}
		}
	}
}

func TestAdamWMatchesGolden(t *testing.T) {
	var g struct {
		LR, Beta1, Beta2, Eps float64
		WeightDecay           float64 `json:"weight_decay"`
		P0                    []float64
		Grads, P              [][]float64
	}
	readJSON(t, "adamw.json", &g)
	o := AdamW(g.LR)
	if o.Beta1 != g.Beta1 || o.Beta2 != g.Beta2 || o.Eps != g.Eps || o.WeightDecay != g.WeightDecay {
		t.Fatalf("defaults %+v differ from PyTorch's %+v", o, g)
	}
	follow(t, o, g.P0, g.Grads, g.P)
}

func TestOptimizersMatchGolden(t *testing.T) {
	var all []struct {
		Rule     string
		Settings struct {
			LR, Momentum, Dampening, Beta1, Beta2, Eps float64
			WeightDecay                                float64 `json:"weight_decay"`
			Nesterov                                   bool
		}
		P0       []float64
		Grads, P [][]float64
	}
	readJSON(t, "optimizers.json", &all)
	if len(all) != 8 {
		t.Fatalf("%d optimizers, want 8", len(all))
	}
	for _, g := range all {
		s := g.Settings
		o := map[string]Optimizer{"SGD": SGD(s.LR), "Adam": Adam(s.LR), "AdamW": AdamW(s.LR)}[g.Rule]
		o.Momentum, o.Dampening, o.Nesterov, o.WeightDecay = s.Momentum, s.Dampening, s.Nesterov, s.WeightDecay
		if s.Beta1 != 0 {
			o.Beta1, o.Beta2 = s.Beta1, s.Beta2
		}
		if s.Eps != 0 {
			o.Eps = s.Eps
		}
		follow(t, o, g.P0, g.Grads, g.P)
	}
}

// The layers' weights are PyTorch's to the last bit.
func TestInitMatchesGolden(t *testing.T) {
	var want []struct {
		W [][]float64
		B []float64
	}
	readJSON(t, "init.json", &want)
	w, err := MLP(3, 5, 3).Init(2333)
	if err != nil {
		t.Fatal(err)
	}
	for l, g := range want {
		for i, row := range g.W {
			for j, v := range row {
				if got := w.W[l].At(i, j); float32(got) != float32(v) {
					t.Errorf("layer %d: w(%d, %d) is %v, want %v", l+1, i, j, got, v)
				}
			}
		}
		for i, v := range g.B {
			if got := w.B[l][i]; float32(got) != float32(v) {
				t.Errorf("layer %d: b(%d) is %v, want %v", l+1, i, got, v)
			}
		}
	}
}
