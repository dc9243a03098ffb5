package prince

import (
	"math"
	"testing"
)

// The error of a step falls with its sixth power, and the estimate with its fifth.
func TestOrder(t *testing.T) {
	// A pendulum's y'' = −sin y, against ten thousand steps a hundred times shorter each.
	slope := func(dst, y []float64) { dst[0], dst[1] = y[1], -math.Sin(y[0]) }
	run := func(h float64, n int) (y []float64, estimate float64) {
		var k Slopes
		k.Make(2)
		y = []float64{1, .5}
		next := make([]float64, 2)
		slope(k[0], y)
		for range n {
			k.Step(y, next, h, slope)
			estimate = math.Hypot(k.Error(0, h), k.Error(1, h))
			y, next = next, y
			k.Accept()
		}
		return y, estimate
	}
	exact := func(h float64) []float64 { y, _ := run(h/1000, 1000); return y }
	var before [2]float64
	for i, h := range []float64{.4, .2} {
		y, estimate := run(h, 1)
		want := exact(h)
		err := math.Hypot(y[0]-want[0], y[1]-want[1])
		if i > 0 {
			if p := math.Log2(before[0] / err); math.Abs(p-6) > .5 {
				t.Errorf("the error falls with power %.2f, want 6", p)
			}
			if p := math.Log2(before[1] / estimate); math.Abs(p-5) > .5 {
				t.Errorf("the estimate falls with power %.2f, want 5", p)
			}
		}
		before = [2]float64{err, estimate}
	}
}
