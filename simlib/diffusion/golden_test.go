package diffusion

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// testdata/vdm_loss.json: the three parts of the loss and the gradients of their mean total for three images
// 3×4×4, made with PyTorch 1.13.1 in float64.
func TestLossGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/vdm_loss.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Slope          float64         `json:"gamma_slope"`
		Intercept      float64         `json:"gamma_intercept"`
		DataNoise      float64         `json:"data_noise"`
		X              [][][][]float64 `json:"x"`
		T              []float64       `json:"t"`
		Eps            [][][][]float64 `json:"eps"`
		Eps0           [][][][]float64 `json:"eps0"`
		Z              [][][][]float64 `json:"z"`
		Pred           [][][][]float64 `json:"pred"`
		Diffusion      []float64       `json:"diffusion"`
		Prior          []float64       `json:"prior"`
		Reconstruction []float64       `json:"reconstruction"`
		GradSlope      float64         `json:"grad_slope"`
		GradIntercept  float64         `json:"grad_intercept"`
		GradPred       [][][][]float64 `json:"grad_pred"`
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	flat := func(x [][][]float64) (y []float64) {
		for _, a := range x {
			for _, b := range a {
				y = append(y, b...)
			}
		}
		return y
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-10*math.Max(1, math.Abs(want))) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	var slope, intercept float64
	share := 1 / float64(len(g.X))
	for i := range g.X {
		x, eps, pred := flat(g.X[i]), flat(g.Eps[i]), flat(g.Pred[i])
		gamma, dt := Schedule{Kind: "learned"}.gamma(g.T[i], g.Slope, g.Intercept)
		z := make([]float64, len(x))
		noised(z, x, eps, gamma)
		for k, want := range flat(g.Z[i]) {
			near("z", z[k], want)
		}
		sum0 := 0.0
		for _, e := range flat(g.Eps0[i]) {
			sum0 += e * e
		}
		dpred := make([]float64, len(x))
		l, dslope, d0, d1 := lossOf(x, eps, pred, dt, g.Intercept, g.Intercept+g.Slope, g.DataNoise, sum0, share, dpred)
		near("diffusion", l.Diffusion, g.Diffusion[i])
		near("prior", l.Prior, g.Prior[i])
		if rel := math.Abs(l.Prior/g.Prior[i] - 1); rel > 1e-10 {
			t.Errorf("prior is %v, want %v: off by %g of it", l.Prior, g.Prior[i], rel)
		}
		near("reconstruction", l.Reconstruction, g.Reconstruction[i])
		for k, want := range flat(g.GradPred[i]) {
			near("gradient by the prediction", dpred[k], want)
		}
		slope += dslope + d1
		intercept += d0 + d1
	}
	near("gradient by the slope", slope, g.GradSlope)
	near("gradient by the intercept", intercept, g.GradIntercept)
}
