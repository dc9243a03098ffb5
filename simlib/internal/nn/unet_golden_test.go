package nn

import (
	"math"
	"strings"
	"testing"

	"swingby/simlib/internal/kernel"
)

// formula gives the numbers that testdata/unet.py uses.
func formula[T kernel.Float](n, seed int, scale, centre float64) []T {
	r := make([]T, n)
	for k := range r {
		r[k] = T(centre + scale*math.Sin(.37*float64(k)*float64(k)+float64(seed)))
	}
	return r
}

// The whole network with the same numbers in PyTorch.
func goldenUNet[T kernel.Float](t *testing.T) {
	var g struct {
		Y, DX, DT, DCond []float64
		Grads            map[string][]float64
	}
	read(t, "unet.json", &g)
	net := unetOf[T](t, UNetConfig{Height: 4, Width: 6, Levels: []int{4, 8}, Blocks: 2, Groups: 2, Cond: 2, Time: 6, TimeScale: 10, Embed: 5, Heads: 2})
	w := net.NewWeights()
	for _, p := range net.Params() {
		scale, centre := .2, 0.0
		if len(p.Shape) > 1 {
			scale = .5
		} else if strings.Contains(p.Name, "norm") && strings.HasSuffix(p.Name, "weight") {
			centre = 1
		}
		copy(w.W[p.Offset:], formula[T](p.Len, len(p.Name), scale, centre))
	}
	w.Changed()
	lane := net.NewLane(2)
	n := net.InLen()
	grad := make([]T, net.NumParams())
	y := lane.Forward(w, 2, formula[T](2*n, 1, 1, 0), []T{.2, .7}, formula[T](4, 2, 1, 0), nil)
	dx, dt, dcond := lane.Backward(w, formula[T](2*n, 3, 1, 0), grad)
	tol := 1e-10
	if kernel.Tile[T]() == 16 {
		tol = 5e-5 // of sums over the pixels, through ten layers
	}
	near(t, "y", y, g.Y, tol)
	near(t, "dx", dx, g.DX, tol)
	near(t, "dt", dt, g.DT, tol)
	near(t, "dcond", dcond, g.DCond, tol)
	if len(g.Grads) != len(net.Params()) {
		t.Errorf("%d parameters, want %d", len(net.Params()), len(g.Grads))
	}
	for _, p := range net.Params() {
		near(t, p.Name, grad[p.Offset:][:p.Len], g.Grads[p.Name], tol)
	}
}

func TestGoldenUNet(t *testing.T) {
	t.Run("float32", goldenUNet[float32])
	t.Run("float64", goldenUNet[float64])
}
