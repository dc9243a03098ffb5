package numpy

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exp returns e^y to about 200 bits: the Taylor series of y/2^10, squared ten times.
func exp(y float64) *big.Float {
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(256).SetFloat64(v) }
	x := num(y / 1024)
	sum, term := num(1), num(1)
	for k := 1; k < 40; k++ {
		term.Mul(term, x).Quo(term, num(float64(k)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

// With y = log(x), x·e^{−y} − 1 is the error of y to first order: at most half a unit in the last place.
func TestLogIsRoundedToNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for i := range 3000 {
		x := r.Float64()
		switch i % 4 {
		case 0:
			x = 1 - x*x*x/100 // close to one, where the sum cancels
		case 1:
			x = math.Ldexp(1+x, -i/10)
		}
		if x == 0 || x == 1 {
			continue
		}
		y := log(x)
		d := exp(-y)
		d.Mul(d, new(big.Float).SetFloat64(x)).Sub(d, big.NewFloat(1))
		e, _ := d.Float64()
		ulp := math.Abs(y - math.Nextafter(y, 0))
		worst = max(worst, math.Abs(e)/ulp)
		if worst > .5000001 {
			t.Fatalf("log(%v) = %v is off by %.6f units in the last place, want at most ½", x, y, worst)
		}
	}
	if worst < .4 {
		t.Errorf("the largest error of 3000 logarithms is %g units in the last place: the measure is wrong", worst)
	}
	if log(1) != 0 || log(.5) != -math.Ln2 || log(.25) != -2*math.Ln2 {
		t.Errorf("log of 1, ½, ¼: %v, %v, %v", log(1), log(.5), log(.25))
	}
}
