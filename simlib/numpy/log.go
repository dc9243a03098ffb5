package numpy

import (
	"math"
	"math/big"
	"sync"
)

// A pair is the unevaluated sum of two float64, some 106 bits.
type pair struct{ hi, lo float64 }

// steps is the number of table entries in an octave.
const steps = 64

// A logTable holds ln 2 and, at k from steps/√2 to steps·√2, ln(k/steps).
type logTable struct {
	ln2   pair
	table [2 * steps]pair
}

// logs is the table, made from the series when first asked for.
var logs = sync.OnceValue(func() *logTable {
	t := new(logTable)
	const prec = 160
	// artanh returns 2·artanh(num/den) = ln((den+num)/(den−num)).
	artanh := func(num, den int64) pair {
		x := new(big.Float).SetPrec(prec).Quo(big.NewFloat(float64(num)).SetPrec(prec), big.NewFloat(float64(den)))
		x2 := new(big.Float).SetPrec(prec).Mul(x, x)
		sum, power := new(big.Float).SetPrec(prec), new(big.Float).SetPrec(prec).Set(x)
		for k := int64(1); k < 80; k += 2 {
			term := new(big.Float).SetPrec(prec).Quo(power, big.NewFloat(float64(k)))
			sum.Add(sum, term)
			power.Mul(power, x2)
		}
		sum.Mul(sum, big.NewFloat(2))
		hi, _ := sum.Float64()
		lo, _ := sum.Sub(sum, big.NewFloat(hi)).Float64()
		return pair{hi, lo}
	}
	t.ln2 = artanh(1, 3)
	for k := int64(steps * 7 / 10); k <= steps*3/2; k++ {
		t.table[k] = artanh(k-steps, k+steps)
	}
	return t
})

// log returns ln x for a normal x > 0, rounded to nearest: its error before the
// last rounding is below 2^-70 of the result. The library's math.Log is off by a unit in the last
// place now and then, and by another one on another kind of CPU.
//
// With x = 2^e·m and c the table's point next to m, ln x = e ln 2 + ln c + 2 artanh s, s = (m−c)/(m+c).
func log(x float64) float64 {
	t := logs()
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	k := math.Round(m * steps)
	c := k / steps
	num := m - c // exact: the two are close
	den := m + c
	denLo := c - (den - m) // what the sum lost; exact for c and m are of similar size
	if c > m {
		denLo = m - (den - c)
	}
	s := num / den
	sLo := (math.FMA(-s, den, num) - float64(s*denLo)) / den
	s2 := float64(s * s)
	// |s| < 0.006: the series beyond its first term may be rounded.
	tail := float64(s2*s) * (2.0/3 + float64(s2*(2.0/5+float64(s2*(2.0/7+float64(s2*(2.0/9)))))))
	// Nothing cancels for e ≠ 0; for e = 0 the sum may be small, but then k = steps, or the sum is at least 1/128.
	r := pair{2 * s, 2*sLo + tail}
	r = add(r, t.table[int(k)])
	hi := float64(float64(e) * t.ln2.hi)
	r = add(r, pair{hi, math.FMA(float64(e), t.ln2.hi, -hi) + float64(float64(e)*t.ln2.lo)})
	return r.hi + r.lo
}

// add returns a + b.
func add(a, b pair) pair {
	hi := a.hi + b.hi
	bb := hi - a.hi
	lo := float64((a.hi - (hi - bb)) + (b.hi - bb))
	lo += a.lo + b.lo
	s := hi + lo
	return pair{s, lo - (s - hi)}
}
